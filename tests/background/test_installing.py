"""procrastinate's tables: made once however many begin at once, and brought along from an older library."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from engine.storing import together
from komp_flow.background import installing
from komp_flow.db import Database

SCHEMA = installing.SCHEMA
LAST = "03.01.00_01_pre_add_heartbeat.sql"  # the last that the older library had


@pytest.fixture
def made(another_postgresql: Callable[[], str]) -> Iterator[Callable[[], Database]]:
    begun: list[Database] = []

    def make() -> Database:
        begun.append(Database(another_postgresql()))
        return begun[-1]

    yield make
    for one in begun:
        one.close()


def shape(database: Database) -> set[tuple[str, str]]:
    """The functions, columns and indexes of the queue."""
    questions = (
        "SELECT proname, md5(prosrc) FROM pg_proc WHERE pronamespace = :schema ::regnamespace",
        "SELECT table_name || column_name, data_type FROM information_schema.columns WHERE table_schema = :schema",
        "SELECT indexname, '' FROM pg_indexes WHERE schemaname = :schema",
    )
    with database.engine.connect() as connection:
        return {(row[0], row[1]) for one in questions for row in connection.execute(text(one), {"schema": SCHEMA})}


def as_an_older_library_left_it(database: Database, *, days: int) -> None:
    with database.engine.begin() as connection:
        for statement in (
            f"CREATE SCHEMA {SCHEMA}",
            f"SET LOCAL search_path TO {SCHEMA}",
            "CREATE TABLE komp_flow_applied (name text PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())",
        ):
            connection.exec_driver_sql(statement)
        for name, script in installing.migrations().items():
            if name > LAST:
                return
            connection.connection.cursor().execute(script)
            connection.execute(
                text("INSERT INTO komp_flow_applied VALUES (:name, now() - make_interval(days => :days))"),
                {"name": name, "days": days},
            )


def test_nodes_that_begin_at_once_install_it_once(made: Callable[[], Database]) -> None:
    database = made()
    assert together(lambda _node: installing.install(database), range(3)) == [None] * 3
    with database.engine.begin() as connection:
        assert installing.missing(connection) == []


def test_an_older_library_s_tables_are_brought_along(made: Callable[[], Database]) -> None:
    fresh, old = made(), made()
    installing.install(fresh)
    as_an_older_library_left_it(old, days=2)
    assert shape(old) != shape(fresh)
    installing.install(old)
    assert shape(old) == shape(fresh)


def test_what_old_processes_still_call_is_left_for_a_day(made: Callable[[], Database]) -> None:
    database = made()
    as_an_older_library_left_it(database, days=0)
    installing.install(database)
    with database.engine.begin() as connection:
        applied = set(connection.exec_driver_sql(f"SELECT name FROM {SCHEMA}.komp_flow_applied").scalars())
        left = installing.migrations().keys() - applied
        assert left
        assert {"_post_" in name for name in left} == {True}
        connection.exec_driver_sql(f"UPDATE {SCHEMA}.komp_flow_applied SET at = now() - interval '25 hours'")
    installing.install(database)
    with database.engine.begin() as connection:
        assert installing.missing(connection) == []
