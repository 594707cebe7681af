"""The name of an instance's audit stream, worked out by the database: it can be read before the instance's id is."""

from __future__ import annotations

from typing import Any

from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement


class StreamOf(FunctionElement[str]):
    """The same as `step.stream`, of a column that holds an instance's id."""

    inherit_cache = True
    name = "stream_of"
    type = String()


@compiles(StreamOf)
def _of_hex(element: StreamOf, compiler: Any, **more: Any) -> str:
    """Of an id that is kept in 32 digits, as SQLite does."""
    column = compiler.process(element.clauses, **more)
    parts = (f"substr({column}, {begin}, {length})" for begin, length in ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12)))
    joined = " || '-' || ".join(parts)
    return f"('instance:' || {joined})"


@compiles(StreamOf, "postgresql")
def _of_uuid(element: StreamOf, compiler: Any, **more: Any) -> str:
    return f"('instance:' || CAST({compiler.process(element.clauses, **more)} AS VARCHAR))"
