"""Rows as a CSV file that a Norwegian spreadsheet opens as it is, and that cannot make it do anything."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

BOM: Final = "\ufeff"
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")  # what makes a spreadsheet read a cell as a formula


def csv_file(headings: Mapping[str, str], rows: Iterable[Mapping[str, object]], *, point: str = ".") -> bytes:
    """UTF-8 with a mark, semicolons and headings; `headings` are the columns in order, `point` stands in decimals."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([safe(heading) for heading in headings.values()])
    for row in rows:
        writer.writerow([_cell(row.get(column), point) for column in headings])
    return (BOM + out.getvalue()).encode("utf-8")


def safe(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe goes before what would begin one."""
    return "'" + text if text.lstrip(" ").startswith(FORMULA) else text


def columns(rows: Sequence[Mapping[str, object]], first: Iterable[str], without: frozenset[str]) -> list[str]:
    """The columns of these rows: `first` in their order, then what else they have."""
    known = list(dict.fromkeys(first))
    more = sorted({name for row in rows for name in row} - {*known, *without})
    return [*known, *more]


def _cell(value: object, point: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, Decimal | float | int):
        return str(value).replace(".", point)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return safe("; ".join(f"{name}: {_cell(inner, point)}" for name, inner in value.items()))
    if isinstance(value, list | tuple | set | frozenset):
        return safe(", ".join(_cell(each, point) for each in value))
    return safe(str(value))
