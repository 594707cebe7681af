"""Rows that are alike, to PostgreSQL in one execution: what all have in common is told once, what differs in arrays."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

_MARKED: Final = re.compile(r"%\((.*?)\)s")
_ROWS: Final = "own"  # what the rows are called; their columns are counted, for names of columns may be words of SQL's
_ESCAPED: Final = str.maketrans({"\\": r"\\", '"': r"\""})


def text(statement: str, types: Mapping[str, str]) -> str:
    """The statement, psycopg's way, with the values of these names (and their types) in arrays, under these names.

    ValueError: it is neither INSERT … VALUES nor UPDATE or DELETE … WHERE.
    """
    columns = {name: f"c{place}" for place, name in enumerate(types)}
    arrays = ", ".join(f"%({name})s::{type_}[]" for name, type_ in types.items())
    rows = f"unnest({arrays}) AS {_ROWS}({', '.join(columns.values())})"
    marked = _MARKED.sub(lambda mark: f"{_ROWS}.{columns[mark[1]]}" if mark[1] in columns else mark[0], statement)
    kind = statement.split(None, 1)[0]
    if kind == "INSERT" and marked.endswith(")"):
        head, values = marked.split(" VALUES (", 1)
        return f"{head} SELECT {values[:-1]} FROM {rows}"  # noqa: S608 (both are our own)
    head, where = marked.split(" WHERE ", 1)
    return f"{head} {'FROM' if kind == 'UPDATE' else 'USING'} {rows} WHERE {where}"


def array(values: Sequence[Any]) -> str:
    """Texts, bytes, numbers or nothing, as PostgreSQL reads an array."""
    return "{" + ",".join(map(_item, values)) + "}"


def _item(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return rf'"\\x{value.hex()}"'
    return f'"{value.translate(_ESCAPED)}"' if isinstance(value, str) else str(value)
