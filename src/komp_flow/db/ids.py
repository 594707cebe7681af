"""Whether a column is among many ids that are told when the statement runs, as one value: its text is always the same.

`in_` with a list writes a place for each id. Such a text is made anew each time and is new to the driver and to the
database, who then work out again how to run it; of a reader who leads many that takes longer than to run it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import orjson
from sqlalchemy import Boolean, ColumnElement, Dialect, String, TypeDecorator, Uuid, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine


class Ids(TypeDecorator[Collection[Any]]):
    """Texts, numbers or UUIDs as one value: an array of PostgreSQL's, JSON for SQLite to take apart."""

    impl = String
    cache_ok = True

    def __init__(self, of: type[TypeEngine[Any]] = String) -> None:
        super().__init__()
        self.of = of

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """What each has for it."""
        return dialect.type_descriptor(ARRAY(self.of) if dialect.name == "postgresql" else String())

    def process_bind_param(self, value: Collection[Any] | None, dialect: Dialect) -> Any:
        """As the driver takes them."""
        found = [id_.hex for id_ in value or ()] if self.of is Uuid else list(value or ())
        return found if dialect.name == "postgresql" else orjson.dumps(found).decode()


class _Within(FunctionElement[bool]):
    name = "within"
    type = Boolean()
    inherit_cache = True
    _is_implicitly_boolean = True  # a condition as it stands: SQLite would have «= 1» behind it and use no index


def within(column: Any, name: str, of: type[TypeEngine[Any]] = String) -> ColumnElement[bool]:
    """True where the column is one of the ids that the statement is given as `name`; of none where there are none."""
    return _Within(column, bindparam(name, type_=Ids(of)))


@compiles(_Within)
def _in_sqlite(element: _Within, compiler: SQLCompiler, **how: Any) -> str:
    column, ids = (compiler.process(each, **how) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({ids}))"  # noqa: S608 (made of compiled parts)


@compiles(_Within, "postgresql")
def _in_postgresql(element: _Within, compiler: SQLCompiler, **how: Any) -> str:
    column, ids = (compiler.process(each, **how) for each in element.clauses)
    return f"{column} = ANY ({ids})"
