"""How values of three types go into SQLite and come out: as SQLAlchemy has it, in one call or none instead of three to
eight.

A step binds some thirty ids and instants. PostgreSQL has types of its own for them, and its driver converts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Dialect, LargeBinary, Uuid
from sqlalchemy.types import TypeEngine

from komp_flow.db.database import Instant, stored

Convert = Callable[[Any], Any]


def binds(kind: TypeEngine[Any] | None, dialect: Dialect, stock: Convert | None) -> Convert | None:
    """What a value of this type goes through on its way in; `stock` is SQLAlchemy's own way."""
    return _INTO.get(type(kind), stock) if dialect.name == "sqlite" else stock


def results(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    """What a value of this type goes through on its way out."""
    quick = _OUT_OF.get(type(kind)) if dialect.name == "sqlite" else None
    return quick or kind.dialect_impl(dialect).result_processor(dialect, None)


def _digits(value: UUID | None) -> str | None:
    return None if value is None else f"{value.int:032x}"


def _uuid(digits: str | None) -> UUID | None:
    return None if digits is None else UUID(int=int(digits, 16))


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


_INTO: Final[dict[type, Convert | None]] = {Uuid: _digits, Instant: stored, LargeBinary: None}
_OUT_OF: Final[dict[type, Convert]] = {Uuid: _uuid, Instant: _instant}
