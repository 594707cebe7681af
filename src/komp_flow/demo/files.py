"""The two organisation files, written as an organisation would export them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import date


@dataclass
class UnitRow:
    """A row of the units file."""

    unit_id: str
    parent_id: str
    name: str
    org_number: str = ""
    manager_id: str = ""
    deputy_id: str = ""


@dataclass
class PersonRow:
    """A row of the people file."""

    employee_id: str
    name: str
    email: str
    unit_id: str
    manager_id: str = ""
    position: str = ""
    percent: int = 100
    start: date | None = None
    end: date | None = None
    absence_from: date | None = None
    absence_to: date | None = None
    language: str = "nb"
    roles: str = ""


@dataclass(frozen=True, slots=True)
class Files:
    """What `import_files` reads."""

    units: bytes
    people: bytes


def written(units: Sequence[UnitRow], people: Sequence[PersonRow]) -> Files:
    """Both files, UTF-8 with `;`."""
    return Files(
        _csv([f.name for f in fields(UnitRow)], (astuple(row) for row in units)),
        _csv([f.name for f in fields(PersonRow)], (astuple(row) for row in people)),
    )


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(["" if cell is None else str(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")
