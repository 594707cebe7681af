"""Opens the database of a release as this version finds it: the file itself, or its rows in PostgreSQL."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import zstandard
from alembic import command
from alembic.config import Config
from sqlalchemy import insert, inspect, select, text

import komp_flow
from komp_flow.db import Base, Database
from komp_flow.schema import load_tables
from komp_flow.vault import Vault

HERE: Final = Path(__file__).parent / "released"
VERSIONS: Final = sorted(path.stem for path in HERE.glob("*.json"))
MOST: Final = 64 * 1024 * 1024  # bytes of a released database
INFO: Final = {"trail_key": b"a key for tests only"}
WRAPPING: Final = b"wraps the keys of the tests only"  # as in make.py


@dataclass(frozen=True)
class Released:
    """What is known of a released database: when it was left, and which instance waits in which way."""

    now: datetime
    instances: dict[str, str]
    token: str


def unpack(version: str, folder: Path) -> Path:
    """The release's database and, beside it, its keys."""
    for name in ("database", "keys"):
        packed = (HERE / f"{version}.{name}.sqlite.zst").read_bytes()
        (folder / f"{name}.sqlite").write_bytes(zstandard.decompress(packed, MOST))
    return folder / "database.sqlite"


def told(version: str) -> Released:
    """What its maker has written down of it."""
    said = json.loads((HERE / f"{version}.json").read_text())
    return Released(datetime.fromisoformat(said["now"]), said["instances"], said["token"])


def opened(file: Path, zone: Any, postgresql: str | None = None) -> Database:
    """The release's database, not upgraded yet; moved to the empty PostgreSQL where one is given."""
    vault = Vault(f"sqlite:///{file.with_name('keys.sqlite')}", [WRAPPING])
    embedded = Database(f"sqlite:///{file}", info={**INFO, "zone": zone, "vault": vault})
    if postgresql is None:
        return embedded
    moved = Database(postgresql, info=embedded.info)
    _move(embedded, moved)
    embedded.engine.dispose()
    return moved


def _move(embedded: Database, target: Database) -> None:
    """Make the tables as that release made them, and fill them row by row."""
    load_tables()
    with embedded.reading() as source, target.engine.begin() as connection:
        release = source.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        config = Config()
        config.set_main_option("script_location", str(Path(komp_flow.__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, release)
        connection.execute(text("SET LOCAL session_replication_role = replica"))  # in any order
        there = set(inspect(connection).get_table_names())
        for table in (table for table in Base.metadata.tables.values() if table.name in there):
            had = {column["name"] for column in inspect(source.connection()).get_columns(table.name)}
            columns = [column for column in table.columns if column.name in had]
            rows = [dict(row) for row in source.execute(select(*columns)).mappings()]
            if rows:
                connection.execute(insert(table), rows)
            _count_on(connection, table, len(rows))


def _count_on(connection: Any, table: Any, rows: int) -> None:
    """What the database numbers by itself goes on where the release stopped."""
    key = table.autoincrement_column
    if key is None or not rows:
        return
    named = connection.execute(text("SELECT pg_get_serial_sequence(:t, :c)"), {"t": table.name, "c": key.name}).scalar()
    if named:
        connection.execute(text(f"SELECT setval('{named}', (SELECT max({key.name}) FROM {table.name}))"))
