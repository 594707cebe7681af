"""Every migration since the release only adds, so that old and new processes can work side by side on one database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from komp_flow import schema
from komp_flow.db import Database

RELEASED = "0001"


@dataclass(frozen=True)
class Table:
    """What old code counts on."""

    columns: dict[str, tuple[str, bool, bool]]  # type, nullable, with a default
    rules: frozenset[tuple[str, ...]]  # kind, and the columns that it binds


def tables(connection: Connection) -> dict[str, Table]:
    seen = inspect(connection)
    return {
        name: Table(
            {c["name"]: (str(c["type"]), c["nullable"], c["default"] is not None) for c in seen.get_columns(name)},
            frozenset(_rules(seen, name)),
        )
        for name in seen.get_table_names()
    }


def _rules(seen: Any, table: str) -> Iterator[tuple[str, ...]]:
    for index in seen.get_indexes(table):
        if index["unique"]:
            yield ("unique", *index["column_names"])
    for unique in seen.get_unique_constraints(table):
        yield ("unique", *unique["column_names"])
    for foreign in seen.get_foreign_keys(table):
        yield ("foreign", *foreign["constrained_columns"])
    for check in seen.get_check_constraints(table):
        yield ("check", check["sqltext"])


def broken(before: dict[str, Table], after: dict[str, Table]) -> list[str]:
    """What code that knows only `before` would stumble over in `after`."""
    found = [f"{name} is gone" for name in before.keys() - after.keys()]
    for name in before.keys() & after.keys():
        found += [f"{name}.{what}" for what in _columns(before[name], after[name])]
        for kind, *bound in after[name].rules - before[name].rules:
            if any(one in before[name].columns or (kind == "check" and _mentions(one, before[name])) for one in bound):
                found.append(f"{name} has a new {kind} rule for {', '.join(bound)}")
    return found


def _columns(old: Table, new: Table) -> Iterator[str]:
    for column, (kind, nullable, default) in old.columns.items():
        is_now = new.columns.get(column)
        if is_now is None:
            yield f"{column} is gone"
        elif is_now[0] != kind:
            yield f"{column} is {is_now[0]}, was {kind}"
        elif (nullable and not is_now[1]) or (default and not is_now[2]):
            yield f"{column} must be given now"
    for column in new.columns.keys() - old.columns.keys():
        _kind, nullable, default = new.columns[column]
        if not (nullable or default):
            yield f"{column} is new and must be given"


def _mentions(condition: str, old: Table) -> bool:
    return any(column in condition for column in old.columns)


def test_migrations_are_a_chain_and_named_by_their_place() -> None:
    config = Config()
    config.set_main_option("script_location", "src/komp_flow/migrations")
    script = ScriptDirectory.from_config(config)
    chain = [revision.revision for revision in script.walk_revisions()][::-1]
    assert chain == schema.revisions()
    assert script.get_heads() == [chain[-1]]


def test_every_migration_since_the_release_only_adds(bare_postgresql: str) -> None:
    bare = Database(bare_postgresql)
    with bare.engine.begin() as connection:
        schema.migrate(connection, RELEASED)
        before = tables(connection)
        for revision in [one for one in schema.revisions() if one > RELEASED]:
            schema.migrate(connection, revision)
            after = tables(connection)
            assert (revision, broken(before, after)) == (revision, [])
            before = after
    bare.close()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("DROP TABLE daily_run", "daily_run is gone"),
        ("ALTER TABLE daily_run DROP COLUMN on_date", "daily_run.on_date is gone"),
        ("ALTER TABLE daily_run RENAME COLUMN on_date TO day", "daily_run.on_date is gone"),
        ("ALTER TABLE daily_run ALTER COLUMN on_date TYPE text", "daily_run.on_date is TEXT"),
        ("ALTER TABLE daily_run ADD COLUMN more integer NOT NULL", "daily_run.more is new and must be given"),
        ("ALTER TABLE notification ALTER COLUMN text SET NOT NULL", "notification.text must be given now"),
        ("ALTER TABLE daily_run ADD UNIQUE (on_date)", "daily_run has a new unique rule for on_date"),
        ("CREATE UNIQUE INDEX one_a_day ON daily_run (on_date)", "daily_run has a new unique rule for on_date"),
        ("ALTER TABLE daily_run ADD CHECK (on_date > '2020-01-01')", "daily_run has a new check rule"),
    ],
)
def test_a_change_that_old_code_would_stumble_over_is_told(bare_postgresql: str, change: str, says: str) -> None:
    bare = Database(bare_postgresql)
    with bare.engine.begin() as connection:
        for made in (
            "CREATE TABLE daily_run (name text PRIMARY KEY, on_date date NOT NULL)",
            "CREATE TABLE notification (id integer PRIMARY KEY, text text)",
        ):
            connection.execute(text(made))
        before = tables(connection)
        connection.execute(text(change))
        found = broken(before, tables(connection))
    bare.close()
    assert any(one.startswith(says) for one in found), found


def test_who_serves_stays_ready_while_a_later_version_migrates(client: Any, database: Database) -> None:
    with database.transaction() as db:
        db.execute(text("CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)"))
        db.execute(text("INSERT INTO alembic_version VALUES ('9999')"))
    assert client.get("/readyz").status_code == 200
