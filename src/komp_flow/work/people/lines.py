"""What the use cases about people and units hand to pages and the API: plain, frozen, ready to show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from komp_flow.organisation import ImportReport


@dataclass(frozen=True)
class SubstituteLine:
    """`substitute` acts for `person` from `start` to `end`, both included. `runs`: it has begun."""

    id: int
    person: str
    person_name: str
    substitute: str
    substitute_name: str
    start: date
    end: date
    runs: bool
    may_end: bool


@dataclass(frozen=True)
class Imported:
    """An import, done or looked at: what changes in the organisation, and in words what follows in what runs."""

    report: ImportReport
    consequences: tuple[str, ...] = ()
    staged: UUID | None = None  # the two files as they were looked at, to be imported by this id


@dataclass(frozen=True)
class TalkLine:
    """One talk as the one who steers it may know it: never what is written in it."""

    id: UUID
    person: str
    person_name: str
    unit: str | None
    unit_name: str | None
    cycle: str | None
    cycle_name: str | None
    state: str  # running, resting, ended
    rests_until: date | None = None
    declined_from: date | None = None
    extraordinary: bool = False


@dataclass(frozen=True)
class TransferLine:
    """A plan of one's own, made in a unit that one has left, and what one has answered."""

    id: UUID
    from_unit: str | None
    to_unit: str
    cycle_name: str | None
    asked_at: datetime
    follows: bool | None


@dataclass(frozen=True)
class ClosedUnitLine:
    """A closed unit with work open in it; `people` are those who have a talk there."""

    id: str
    name: str
    since: date
    courses: int
    talks: int
    areas: int
    measures: int


@dataclass(frozen=True)
class VacancyLine:
    """A unit whose manager is not there, why, and who has its tasks meanwhile."""

    unit: str
    unit_name: str
    since: date
    cause: str  # none, left, absent
    acting: tuple[str, ...]
