"""HR's board: units × phases of one cycle, read from projections alone, in a constant number of statements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from komp_flow import engine, organisation, registers
from komp_flow.db.prepared import Prepared
from komp_flow.engine import ProcessVersion
from komp_flow.engine.tables import ENDED
from komp_flow.i18n import _
from komp_flow.organisation import Actor, Directory, working_calendar
from komp_flow.work import policy, rows
from komp_flow.work.lines import Board, BoardCell, BoardPhase, BoardRow
from komp_flow.work.policy import Permission
from komp_flow.work.watching import overview
from komp_flow.work.watching.overview import Count, Kept, Snapshot

PROCESS: Final = "unit"
NOT_STARTED: Final = "not-started"
UNDER_WAY: Final = "under-way"
DONE: Final = "done"
LATE: Final = "late"
NONE: Final = Count()
MOST_READ_ANEW: Final = 50  # units; how more of them stand is kept


@dataclass(frozen=True)
class Asked:
    """Which of the board's units to show: a page of them, all or those that lag."""

    page: int = 1
    page_size: int = 100
    only_late: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """One unit on the board: enough to count it and to find it; the page's own are told in full (`_row`)."""

    unit: str
    depth: int
    kept: Kept | None
    statuses: tuple[str, ...]
    overdue: int
    escalation: int


def board(
    db: Session, actor: Actor, cycle_id: str, now: datetime, process: str = PROCESS, *, asked: Asked | None = None
) -> Board:
    """The cycle's units in the order of the tree, each phase's status, and sums of all. NotFound: no such cycle."""
    policy.require(db, actor, Permission.SEE_BOARD, now)
    asked = asked or Asked()
    cycle = registers.cycle(db, cycle_id)
    directory = organisation.directory(db, now)
    phases = drawn_phases(db, process)
    all_ = _all(directory, phases, overview.snapshot(db, process, cycle_id), cycle.units, now)
    listed = all_.late if asked.only_late else all_.places
    pages = max(1, -(-len(listed) // asked.page_size))
    page = min(max(1, asked.page), pages)
    shown = listed[(page - 1) * asked.page_size : page * asked.page_size]
    return Board(
        cycle=cycle.id,
        cycle_name=cycle.name,
        phases=phases,
        rows=tuple(_row(directory, phases, place, now) for place in shown),
        deadlines=registers.dates(cycle, working_calendar(db, now).is_working_day),
        totals=all_.totals,
        units=len(all_.places),
        overdue=sum(1 for place in all_.late if place.overdue),
        escalated=sum(1 for place in all_.late if place.escalation),
        page=page,
        pages=pages,
    )


@dataclass(frozen=True)
class _All:
    """Every unit that takes part, with sums: of one snapshot, as one directory has them, until something falls due."""

    directory: Directory
    about: tuple[object, ...]
    since: datetime
    until: datetime
    places: Sequence[_Place]
    late: Sequence[_Place]
    totals: Mapping[str, Mapping[str, int]]


_known: WeakKeyDictionary[Snapshot, _All] = WeakKeyDictionary()


def _all(
    directory: Directory, phases: Sequence[BoardPhase], kept: Snapshot, chosen: Collection[str] | None, now: datetime
) -> _All:
    about = (tuple(phases), frozenset(chosen) if chosen else None)
    found = _known.get(kept)
    if found and found.directory is directory and found.about == about and found.since <= now <= found.until:
        return found
    places = _places(directory, phases, kept, chosen, now)
    late = [place for place in places if place.overdue or place.escalation]
    late.sort(key=lambda place: (-place.escalation, -place.overdue))
    dues = (due for one in kept.units.values() for count in one.phases.values() for due in count.dues if due >= now)
    made = _All(directory, about, now, min(dues, default=rows.LAST), places, late, _totals(phases, places))
    _known[kept] = made
    return made


def _places(
    directory: Directory, phases: Sequence[BoardPhase], kept: Snapshot, chosen: Collection[str] | None, now: datetime
) -> list[_Place]:
    """Every unit that takes part, in the order of the tree."""
    order = tuple(phase.id for phase in phases)
    picked = frozenset(chosen) if chosen else None
    found = []
    for unit, depth in _tree(directory):
        one = kept.units.get(unit)
        if one is not None or picked is None or unit in picked:
            found.append(_Place(unit, depth, one, *_standing(order, one, now)))
    return found


def _standing(order: Sequence[str], one: Kept | None, now: datetime) -> tuple[tuple[str, ...], int, int]:
    """The statuses of the phases, how many tasks are late, how far it has been escalated."""
    if one is None:
        return (NOT_STARTED,) * len(order), 0, 0
    at = order.index(one.row.phase) if one.row.phase in order else -1
    ended = one.row.state in ENDED
    statuses, overdue = [], 0
    for place, phase in enumerate(order):
        count = one.phases.get(phase, NONE)
        late = count.overdue(now) if count.dues else 0
        overdue += late
        statuses.append(_status(count, late, place, at, ended=ended))
    return tuple(statuses), overdue, one.row.escalation


_NEWEST: Final = Prepared(
    select(ProcessVersion.id)
    .where(ProcessVersion.process == bindparam("process"))
    .order_by(ProcessVersion.number.desc())
    .limit(1)
)


def drawn_phases(db: Session, process: str) -> tuple[BoardPhase, ...]:
    """The phases in the order of the newest diagram: its sub-processes with the property `phase`."""
    return promised_phases(db, process)()


def promised_phases(db: Session, process: str) -> Callable[[], tuple[BoardPhase, ...]]:
    """As `drawn_phases`, sent with what is read next."""
    newest = _NEWEST.promise(db, {"process": process})

    def kept() -> tuple[BoardPhase, ...]:
        version = newest()
        return _phases(db, version.id) if version is not None else ()

    return kept


def _phases(db: Session, version: UUID) -> tuple[BoardPhase, ...]:
    drawn = engine.runnable(db, version).program.elements.values()
    named = {element.phase: element.name for element in reversed(list(drawn)) if element.phase and _is_scope(element)}
    return tuple(BoardPhase(phase, named[phase]) for phase in reversed(named))


def _is_scope(element: engine.Element) -> bool:
    return element.kind in {"subProcess", "callActivity"} and "phase" in element.properties


def standings(db: Session, process: str, cycle_id: str, within: Collection[str]) -> dict[str, Kept]:
    """The newest instance of each of these units, with what its tasks say of each phase."""
    return promised_standings(db, process, cycle_id, within)()


def promised_standings(
    db: Session, process: str, cycle_id: str, within: Collection[str]
) -> Callable[[], dict[str, Kept]]:
    """As `standings`, sent with what is read next."""
    if len(within) <= MOST_READ_ANEW:
        return overview.of_units(db, process, cycle_id, within)
    kept = overview.snapshot(db, process, cycle_id).units
    return lambda: {unit: kept[unit] for unit in within if unit in kept}


def _tree(directory: Directory) -> Iterable[tuple[str, int]]:
    """The open units, each before those below it, with how deep it lies."""
    todo: list[tuple[str, int]] = [(unit, 0) for unit in reversed(directory.tops())]
    while todo:
        unit, depth = todo.pop()
        yield unit, depth
        todo += [(child, depth + 1) for child in reversed(directory.children(unit))]


def _row(directory: Directory, phases: Sequence[BoardPhase], place: _Place, now: datetime) -> BoardRow:
    facts = directory.units[place.unit]
    return BoardRow(
        unit=place.unit,
        unit_name=facts.name,
        depth=place.depth,
        manager_name=rows.person_name(directory, facts.manager_id),
        instance=place.kept.row.id if place.kept else None,
        state=place.kept.row.state if place.kept else None,
        cells=phase_cells(phases, place.kept, now),
        overdue=place.overdue,
        escalation=place.escalation,
    )


def phase_cells(phases: Sequence[BoardPhase], found: Kept | None, now: datetime) -> tuple[BoardCell, ...]:
    """How each phase stands for one unit."""
    statuses, _overdue, _escalation = _standing([phase.id for phase in phases], found, now)
    cells = []
    for phase, status in zip(phases, statuses, strict=True):
        count = found.phases.get(phase.id, NONE) if found else NONE
        due = count.dues[0] if count.dues else None
        cells.append(BoardCell(phase.id, status, label(status), due, count.overdue(now), count.open))
    return tuple(cells)


def phase_now(cells: Iterable[BoardCell]) -> BoardCell | None:
    """The phase that the unit is in: the first that is under way or late, else the next that has not begun."""
    listed = list(cells)
    started = (cell for cell in listed if cell.status in {UNDER_WAY, LATE})
    return next(started, None) or next((cell for cell in listed if cell.status == NOT_STARTED), None)


def _status(count: Count, late: int, place: int, at: int, *, ended: bool) -> str:
    if count.open:
        return LATE if late else UNDER_WAY
    if ended:
        return DONE if count.closed else NOT_STARTED
    if count.closed:
        return UNDER_WAY if place == at else DONE
    # A phase without tasks of its own is over when the instance has gone on to a later one.
    return DONE if place < at else UNDER_WAY if place == at else NOT_STARTED


def label(status: str) -> str:
    """The status in words."""
    return {
        NOT_STARTED: _("Ikke startet"),
        UNDER_WAY: _("I gang"),
        DONE: _("Ferdig"),
        LATE: _("Forsinket"),
    }[status]


def _totals(phases: Sequence[BoardPhase], places: Sequence[_Place]) -> Mapping[str, Mapping[str, int]]:
    columns = zip(*(place.statuses for place in places), strict=True) if places else ((),) * len(phases)
    return {phase.id: dict(Counter(column)) for phase, column in zip(phases, columns, strict=True)}
