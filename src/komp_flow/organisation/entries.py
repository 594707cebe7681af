"""The rows of the two organisation files as units and people, with all that is wrong in them (interface.md)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from komp_flow.i18n import _
from komp_flow.organisation import csv_files
from komp_flow.organisation.cells import Cells
from komp_flow.organisation.csv_files import RowError, Table, shown

T = TypeVar("T")

UNIT_COLUMNS = ("unit_id", "parent_id", "name", "org_number", "manager_id", "deputy_id")
PEOPLE_COLUMNS = (
    "employee_id", "name", "email", "unit_id", "manager_id", "position", "percent", "start", "end",
    "absence_from", "absence_to", "language",
)  # fmt: skip
UNITS, PEOPLE = "units", "people"


@dataclass(frozen=True, slots=True)
class UnitEntry:
    """A row of the units file."""

    line: int
    id: str
    parent_id: str | None
    name: str
    org_number: str | None
    manager_id: str | None
    deputy_id: str | None


@dataclass(frozen=True, slots=True)
class PositionEntry:
    """A row of the people file: one position of a person, with what the row says of the person."""

    line: int
    person_id: str
    name: str
    email: str
    unit_id: str | None
    manager_id: str | None
    title: str
    percent: float
    start: date | None
    end: date | None
    absence_from: date | None
    absence_to: date | None
    language: str
    roles: frozenset[str]


@dataclass
class Entries:
    """Both files as read. Only worth anything when `errors` is empty."""

    units: dict[str, UnitEntry] = field(default_factory=dict)
    people: dict[str, list[PositionEntry]] = field(default_factory=dict)
    errors: list[RowError] = field(default_factory=list)


def read(units_csv: bytes, people_csv: bytes) -> Entries:
    """Read and check both files; every mistake at once."""
    units = csv_files.read(UNITS, units_csv, UNIT_COLUMNS)
    people = csv_files.read(PEOPLE, people_csv, PEOPLE_COLUMNS, ("roles",))
    unit_entries = [_unit(Cells(units, row)) for row in units.rows]
    positions = [_position(Cells(people, row)) for row in people.rows]
    known_units = {entry.id for entry in unit_entries}
    known_people = {entry.person_id for entry in positions}
    _check_units(units, unit_entries, known_people if people.whole else None)
    _check_people(people, positions, known_units if units.whole else None)
    found = Entries(errors=sorted({*units.errors, *people.errors}, key=lambda e: (e.file != UNITS, e.line, e.field)))
    found.units = {entry.id: entry for entry in unit_entries}
    found.people = _grouped(positions, lambda entry: entry.person_id)
    return found


def main_position(positions: Sequence[PositionEntry]) -> PositionEntry:
    """The one with the highest percent; of several, the first in the file."""
    return max(positions, key=lambda entry: entry.percent)


def _unit(cells: Cells) -> UnitEntry:
    return UnitEntry(
        line=cells.row.line,
        id=cells.key("unit_id"),
        parent_id=cells.reference("parent_id"),
        name=cells.name("name"),
        org_number=cells.organisation_number("org_number"),
        manager_id=cells.reference("manager_id"),
        deputy_id=cells.reference("deputy_id"),
    )


def _position(cells: Cells) -> PositionEntry:
    entry = PositionEntry(
        line=cells.row.line,
        person_id=cells.key("employee_id"),
        name=cells.name("name"),
        email=cells.email("email"),
        unit_id=cells.reference("unit_id"),
        manager_id=cells.reference("manager_id"),
        title=cells.name("position", required=False),
        percent=cells.percent("percent"),
        start=cells.day("start"),
        end=cells.day("end"),
        absence_from=cells.day("absence_from"),
        absence_to=cells.day("absence_to"),
        language=cells.language("language"),
        roles=cells.roles("roles"),
    )
    if not cells.row.cells["unit_id"]:
        cells.wrong("unit_id", _("Feltet mangler."))
    if entry.start and entry.end and entry.end < entry.start:
        cells.wrong("end", _("Siste dag er før første dag."))
    if entry.absence_from and entry.absence_to and entry.absence_to < entry.absence_from:
        cells.wrong("absence_to", _("Fraværet slutter før det begynner."))
    if cells.row.cells["absence_to"] and not cells.row.cells["absence_from"]:
        cells.wrong("absence_from", _("Feltet mangler. Når begynner fraværet?"))
    return entry


def _check_units(table: Table, entries: Sequence[UnitEntry], known_people: set[str] | None) -> None:
    known = {entry.id for entry in entries}
    for entry in entries:
        if table.whole and entry.parent_id and entry.parent_id not in known:
            reason = _("Det finnes ingen enhet %(value)s i filen.", value=shown(entry.parent_id))
            table.wrong(entry.line, "parent_id", reason)
        for column, person_id in (("manager_id", entry.manager_id), ("deputy_id", entry.deputy_id)):
            _check_person(table, entry.line, column, person_id, known_people)
    for same in _repeated(entries, lambda entry: entry.id):
        for entry in same:
            table.wrong(entry.line, "unit_id", _("Enheten står på flere linjer: %(lines)s.", lines=_lines(same)))
    parents = {entry.id: entry.parent_id for entry in entries if entry.id}
    rings = _rings(parents)
    for entry in entries:
        if entry.id in rings:
            table.wrong(entry.line, "parent_id", _("Enheten ligger under seg selv. Rett hvilken enhet som er over."))


def _check_people(table: Table, entries: Sequence[PositionEntry], known_units: set[str] | None) -> None:
    known = {entry.person_id for entry in entries} if table.whole else None
    for entry in entries:
        if known_units is not None and entry.unit_id and entry.unit_id not in known_units:
            reason = _("Det finnes ingen enhet %(value)s i filen med enheter.", value=shown(entry.unit_id))
            table.wrong(entry.line, "unit_id", reason)
        _check_person(table, entry.line, "manager_id", entry.manager_id, known)
    by_person = _grouped(entries, lambda entry: entry.person_id)
    for positions in by_person.values():
        for later in positions[1:]:
            _check_same(table, positions[0], later)
    _check_addresses(table, entries)
    mains = {person_id: main_position(positions) for person_id, positions in by_person.items() if person_id}
    rings = _rings({person_id: main.manager_id for person_id, main in mains.items()})
    for entry in entries:
        if entry.manager_id and entry.manager_id == entry.person_id:
            table.wrong(
                entry.line, "manager_id", _("Ingen kan være sin egen leder. La feltet stå tomt, eller rett det.")
            )
        elif entry.person_id in rings and entry is mains[entry.person_id]:
            table.wrong(entry.line, "manager_id", _("Lederne går i ring: denne er også leder for sin egen leder."))


def _check_person(table: Table, line: int, column: str, person_id: str | None, known: set[str] | None) -> None:
    if known is not None and person_id and person_id not in known:
        table.wrong(line, column, _("Det finnes ingen med ansattnummer %(value)s i filen.", value=shown(person_id)))


def _check_same(table: Table, first: PositionEntry, later: PositionEntry) -> None:
    """A second position of the same person says the same of the person."""
    pairs = {
        "name": (first.name, later.name),
        "email": (first.email.casefold(), later.email.casefold()),
        "language": (first.language, later.language),
        "absence_from": (first.absence_from, later.absence_from),
        "absence_to": (first.absence_to, later.absence_to),
    }
    for column, (one, other) in pairs.items():
        if one and other and one != other:
            reason = _("Samme ansattnummer står på linje %(line)s med en annen verdi her.", line=first.line)
            table.wrong(later.line, column, reason)


def _check_addresses(table: Table, entries: Sequence[PositionEntry]) -> None:
    addressed = [entry for entry in entries if entry.email]
    for same in _grouped(addressed, lambda entry: entry.email.casefold()).values():
        if len({entry.person_id for entry in same}) > 1:
            for entry in same:
                reason = _("Flere har den samme e-postadressen: linje %(lines)s.", lines=_lines(same))
                table.wrong(entry.line, "email", reason)


def _rings(above: Mapping[str, str | None]) -> set[str]:
    """The members of every ring in a structure where each has at most one above."""
    found: set[str] = set()
    done: set[str] = set()
    for start in above:
        path: dict[str, int] = {}
        at: str | None = start
        while at is not None and at in above and at not in done and at not in path:
            path[at] = len(path)
            at = above[at]
        if at in path:
            found.update(member for member, place in path.items() if place >= path[at])
        done.update(path)
    return found


def _grouped(entries: Iterable[T], key: Callable[[T], str]) -> dict[str, list[T]]:
    found: dict[str, list[T]] = defaultdict(list)
    for entry in entries:
        found[key(entry)].append(entry)
    return dict(found)


def _repeated(entries: Iterable[T], key: Callable[[T], str]) -> list[list[T]]:
    return [same for value, same in _grouped(entries, key).items() if value and len(same) > 1]


def _lines(entries: Iterable[UnitEntry | PositionEntry]) -> str:
    """The first few line numbers."""
    lines = [entry.line for entry in entries]
    return ", ".join(str(line) for line in lines[:5]) + (" …" if len(lines) > 5 else "")
