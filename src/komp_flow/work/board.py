"""HR's board: units × phases of one cycle, read from projections alone, in a constant number of statements."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from komp_flow import engine, organisation, registers
from komp_flow.engine import Instance, ProcessVersion, Task
from komp_flow.engine.tables import ENDED, OPEN
from komp_flow.i18n import _
from komp_flow.organisation import Actor, Directory, working_calendar
from komp_flow.work import policy, rows
from komp_flow.work.lines import Board, BoardCell, BoardPhase, BoardRow
from komp_flow.work.policy import Permission

PROCESS: Final = "unit"
NOT_STARTED: Final = "not-started"
UNDER_WAY: Final = "under-way"
DONE: Final = "done"
LATE: Final = "late"


@dataclass(frozen=True)
class Tasks:
    """What the tasks of one instance in one phase say."""

    open: int = 0
    overdue: int = 0
    due_at: datetime | None = None
    closed: int = 0


@dataclass
class Standing:
    """One unit's instance and what its tasks say of each phase."""

    row: Any
    phases: dict[str, Tasks] = field(default_factory=dict)


def board(db: Session, actor: Actor, cycle_id: str, now: datetime, process: str = PROCESS) -> Board:
    """Every unit of the cycle in the order of the tree, with each phase's status. NotFound: no such cycle."""
    policy.require(db, actor, Permission.SEE_BOARD, now)
    cycle = registers.cycle(db, cycle_id)
    directory = organisation.directory(db, now)
    phases = drawn_phases(db, process)
    units = standings(db, process, cycle_id, now)
    chosen = set(cycle.units) if cycle.units else None
    listed = [(unit, depth) for unit, depth in _tree(directory) if unit in units or chosen is None or unit in chosen]
    found = tuple(_row(directory, phases, unit, depth, units.get(unit)) for unit, depth in listed)
    return Board(
        cycle=cycle.id,
        cycle_name=cycle.name,
        phases=phases,
        rows=found,
        deadlines=registers.dates(cycle, working_calendar(db, now).is_working_day),
        totals=_totals(phases, found),
    )


def drawn_phases(db: Session, process: str) -> tuple[BoardPhase, ...]:
    """The phases in the order of the newest diagram: its sub-processes with the property `phase`."""
    newest = select(ProcessVersion.id).where(ProcessVersion.process == process)
    version = db.scalar(newest.order_by(ProcessVersion.number.desc()).limit(1))
    if version is None:
        return ()
    drawn = engine.runnable(db, version).program.elements.values()
    named = {element.phase: element.name for element in reversed(list(drawn)) if element.phase and _is_scope(element)}
    return tuple(BoardPhase(phase, named[phase]) for phase in reversed(named))


def _is_scope(element: engine.Element) -> bool:
    return element.kind in {"subProcess", "callActivity"} and "phase" in element.properties


def standings(
    db: Session, process: str, cycle_id: str, now: datetime, within: Collection[str] | None = None
) -> dict[str, Standing]:
    """The newest instance of each unit, or of those `within`, with what its tasks say of each phase: two statements."""
    about = and_(Instance.unit_id.is_not(None), Instance.person_id.is_(None))
    wanted = and_(Instance.process == process, Instance.cycle_id == cycle_id, about)
    if within is not None:
        wanted = and_(wanted, Instance.unit_id.in_(sorted(within)))
    query = select(
        Instance.id,
        Instance.unit_id,
        Instance.version_id,
        Instance.state,
        Instance.phase,
        Instance.escalation,
        Instance.started_at,
        Instance.ended_at,
    ).where(wanted)
    by_id = {}
    units: dict[str, Standing] = {}
    for row in db.execute(query.order_by(Instance.started_at, Instance.id)):
        units[row.unit_id] = by_id[row.id] = Standing(row)
    is_open = Task.state == OPEN
    tasks = (
        select(
            Task.instance_id,
            Task.phase,
            func.sum(case((is_open, 1), else_=0)).label("open"),
            func.sum(case((and_(is_open, Task.due_at < now), 1), else_=0)).label("overdue"),
            func.min(case((is_open, Task.due_at))).label("due_at"),
            func.sum(case((is_open, 0), else_=1)).label("closed"),
        )
        .join(Instance, Instance.id == Task.instance_id)
        .where(wanted, Task.phase.is_not(None))
        .group_by(Task.instance_id, Task.phase)
    )
    for row in db.execute(tasks):
        by_id[row.instance_id].phases[row.phase] = Tasks(row.open, row.overdue, row.due_at, row.closed)
    return units


def _tree(directory: Directory) -> Iterable[tuple[str, int]]:
    """The open units, each before those below it, with how deep it lies."""
    todo: list[tuple[str, int]] = [(unit, 0) for unit in reversed(directory.tops())]
    while todo:
        unit, depth = todo.pop()
        yield unit, depth
        todo += [(child, depth + 1) for child in reversed(directory.children(unit))]


def _row(directory: Directory, phases: Sequence[BoardPhase], unit: str, depth: int, found: Standing | None) -> BoardRow:
    facts = directory.units[unit]
    cells = phase_cells(phases, found)
    return BoardRow(
        unit=unit,
        unit_name=facts.name,
        depth=depth,
        manager_name=rows.person_name(directory, facts.manager_id),
        instance=found.row.id if found else None,
        state=found.row.state if found else None,
        cells=cells,
        overdue=sum(cell.overdue for cell in cells),
        escalation=found.row.escalation if found else 0,
    )


def phase_cells(phases: Sequence[BoardPhase], found: Standing | None) -> tuple[BoardCell, ...]:
    """How each phase stands for one unit."""
    return tuple(_cells(phases, found))


def _cells(phases: Sequence[BoardPhase], found: Standing | None) -> Iterable[BoardCell]:
    order = [phase.id for phase in phases]
    at = order.index(found.row.phase) if found and found.row.phase in order else -1
    for place, phase in enumerate(order):
        tasks = found.phases.get(phase, Tasks()) if found else Tasks()
        status = _status(tasks, found, place, at)
        yield BoardCell(phase, status, label(status), tasks.due_at, tasks.overdue, tasks.open)


def phase_now(cells: Iterable[BoardCell]) -> BoardCell | None:
    """The phase that the unit is in: the first that is under way or late, else the next that has not begun."""
    listed = list(cells)
    started = (cell for cell in listed if cell.status in {UNDER_WAY, LATE})
    return next(started, None) or next((cell for cell in listed if cell.status == NOT_STARTED), None)


def _status(tasks: Tasks, found: Standing | None, place: int, at: int) -> str:
    if found is None:
        return NOT_STARTED
    if tasks.open:
        if tasks.overdue:
            return LATE
        return UNDER_WAY
    if found.row.state in ENDED:
        return DONE if tasks.closed else NOT_STARTED
    if tasks.closed:
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


def _totals(phases: Sequence[BoardPhase], found: Sequence[BoardRow]) -> Mapping[str, Mapping[str, int]]:
    totals: dict[str, Counter[str]] = defaultdict(Counter)
    for row in found:
        for cell in row.cells:
            totals[cell.phase][cell.status] += 1
    return {phase.id: dict(totals[phase.id]) for phase in phases}
