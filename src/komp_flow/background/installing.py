"""procrastinate's own tables, in a schema of their own: made, and brought along when the library is another.

Its migrations come in two kinds: those before old processes have ended, and those after (`post`). The second kind
waits a day, so that old and new processes may work side by side meanwhile.
"""

from __future__ import annotations

from importlib import resources
from typing import Final

from sqlalchemy import Connection, text

from komp_flow.db import Database, unhurried
from komp_flow.schema import UPGRADE_LOCK

SCHEMA: Final = "komp_flow_queue"  # left out of a dump with --exclude-schema: jobs are doorbells
_LOCK: Final = UPGRADE_LOCK + 2
_SIDE_BY_SIDE: Final = "1 day"
_HERE: Final = f'SET LOCAL search_path TO "{SCHEMA}"'
_APPLIED: Final = "SELECT name FROM komp_flow_applied"
_NOTE: Final = text("INSERT INTO komp_flow_applied (name) VALUES (:name)")
_QUIET: Final = text(f"SELECT max(at) < now() - interval '{_SIDE_BY_SIDE}' FROM komp_flow_applied")  # noqa: S608


def install(database: Database) -> None:
    """Make the tables, or bring them to this version of the library; one process at a time, nothing when they are."""
    with database.engine.begin() as connection, unhurried(connection):
        made = connection.execute(text("SELECT to_regclass(:name)"), {"name": f"{SCHEMA}.komp_flow_applied"}).scalar()
        if made is not None and not missing(connection):
            return
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        connection.exec_driver_sql(f'CREATE SCHEMA IF NOT EXISTS "{SCHEMA}"')
        connection.exec_driver_sql(_HERE)
        connection.exec_driver_sql(
            "CREATE TABLE IF NOT EXISTS komp_flow_applied "
            "(name text PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())"
        )
        if connection.exec_driver_sql(_APPLIED).first() is None:
            _run(connection, resources.files("procrastinate.sql").joinpath("schema.sql").read_text(encoding="utf-8"))
            for name in migrations():
                connection.execute(_NOTE, {"name": name})
            return
        for name in missing(connection):
            _run(connection, migrations()[name])
            connection.execute(_NOTE, {"name": name})


def migrations() -> dict[str, str]:
    """The library's migrations by name, in order."""
    found = resources.files("procrastinate.sql").joinpath("migrations").iterdir()
    return {
        file.name: file.read_text(encoding="utf-8")
        for file in sorted(found, key=lambda file: file.name)
        if file.name.endswith(".sql")
    }


def missing(connection: Connection) -> list[str]:
    """The migrations whose time it is: those after the change of processes wait until nothing was applied for a day."""
    connection.exec_driver_sql(_HERE)
    applied = set(connection.exec_driver_sql(_APPLIED).scalars())
    left = [name for name in migrations() if name not in applied]
    if not left or connection.execute(_QUIET).scalar():
        return left
    return [name for name in left if "_post_" not in name]


def _run(connection: Connection, script: str) -> None:
    # As it is: SQLAlchemy would take percent signs and colons in it for parameters.
    cursor = connection.connection.cursor()
    cursor.execute(script)
    cursor.close()
