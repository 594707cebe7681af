"""One PostgreSQL database for all tests of a process, emptied after each: to make a new one takes several times longer.

What a test has changed beside rows (tables, indexes, triggers, settings) is seen, and then a new one is made after all.
"""

from __future__ import annotations

import psycopg

# Everything but rows: what there is, and how it is made.
SHAPE = """
SELECT md5(coalesce(string_agg(said, ' ' ORDER BY said), '')) FROM (
    SELECT format('%s.%s %s %s %s', relnamespace::regnamespace, relname, relkind, relpersistence, reloptions) AS said
    FROM pg_class WHERE relnamespace::regnamespace::text !~ '^(pg_|information_schema|komp_flow_keys)'
    UNION ALL SELECT format('%s %s %s %s %s', attrelid::regclass, attname, atttypid::regtype, attnotnull, atthasdef)
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace::regnamespace::text !~ '^(pg_|information_schema|komp_flow_keys)' AND relkind = 'r'
    UNION ALL SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE relnamespace::regnamespace::text !~ '^(pg_|information_schema|komp_flow_keys)'
    UNION ALL SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
    WHERE connamespace::regnamespace::text !~ '^(pg_|information_schema|komp_flow_keys)'
    UNION ALL SELECT format('%s %s', tgrelid::regclass, tgname) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT proname FROM pg_proc WHERE pronamespace::regnamespace::text !~ '^(pg_|information_schema)'
    UNION ALL SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema|komp_flow_keys)'
    UNION ALL SELECT setconfig::text FROM pg_db_role_setting
) AS all_of_it
"""
OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
USED = """
SELECT quote_ident(schemaname) || '.' || quote_ident(sequencename) FROM pg_sequences WHERE last_value IS NOT NULL
"""
TABLES = "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"


def shape(url: str) -> str:
    """What the database is made like, whatever rows it has."""
    with psycopg.connect(url, autocommit=True) as connection:
        return str(connection.execute(SHAPE).fetchone()[0])  # type: ignore[index]


def empty(url: str, made_like: str) -> bool:
    """Leave no row, no connection and no number that was given out; False: it is not made like that any more.

    The store of keys goes as a whole: it is made when it is first used.
    """
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(OTHERS)
        connection.execute("DROP SCHEMA IF EXISTS komp_flow_keys CASCADE")
        if str(connection.execute(SHAPE).fetchone()[0]) != made_like:  # type: ignore[index]
            return False
        tables = [name for (name,) in connection.execute(TABLES)]
        asked = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in tables)
        if filled := [name for (name,) in connection.execute(asked)]:
            connection.execute(f"TRUNCATE {', '.join(filled)} CASCADE")
        for (name,) in connection.execute(USED).fetchall():
            connection.execute(f"ALTER SEQUENCE {name} RESTART")
    return True
