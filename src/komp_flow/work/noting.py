"""Noting that something was done that any node may do: of two that note it at once, neither fails."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Table, inspect
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from komp_flow.db import Base


def note(db: Session, row: Base) -> None:
    """Write this row of one key column, in place of the one that stands there."""
    table = cast("Table", row.__table__)
    values: dict[str, Any] = {column.key: getattr(row, column.key) for column in inspect(row).mapper.columns}
    key = [column.name for column in table.primary_key]
    make = postgresql_insert if db.get_bind().dialect.name == "postgresql" else sqlite_insert
    rest = {name: value for name, value in values.items() if name not in key}
    db.execute(make(table).values(values).on_conflict_do_update(index_elements=key, set_=rest))
