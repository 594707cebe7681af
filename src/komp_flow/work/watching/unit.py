"""My unit: the phase it is in, what waits for whom, how its people stand, what comes next, and the units below."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow import engine, organisation
from komp_flow.engine import Program, Subscription, Task
from komp_flow.engine.tables import ENDED, OPEN
from komp_flow.organisation import Actor, Directory, Holdings, Subject, UnitFacts
from komp_flow.work import policy, rows
from komp_flow.work.lines import BoardCell, BoardPhase, CycleLine
from komp_flow.work.people import leading, standing
from komp_flow.work.people.standing import Crowd, Look, Wait
from komp_flow.work.policy import Permission
from komp_flow.work.running.cycles import chosen, cycles
from komp_flow.work.watching.board import (
    DONE,
    LATE,
    NOT_STARTED,
    PROCESS,
    UNDER_WAY,
    drawn_phases,
    label,
    phase_cells,
    phase_now,
    standings,
)
from komp_flow.work.watching.overview import Kept

NOW, AHEAD, DROPPED = "now", "ahead", "dropped"  # beside DONE


@dataclass(frozen=True)
class StepLine:
    """One step of a phase as it is drawn. `state`: done, now, ahead, dropped (not needed here)."""

    name: str
    state: str
    at: datetime | None = None
    by: str | None = None


@dataclass(frozen=True)
class PhaseLine:
    """A phase of one unit, with its steps in the order of the diagram."""

    id: str
    name: str
    status: str
    label: str
    due: object  # the calendar's date, None until it is known
    steps: tuple[StepLine, ...]


@dataclass(frozen=True)
class Below:
    """A unit right below, in numbers: its own, and how many under it in turn are late."""

    unit: str
    name: str
    manager: str | None
    phase: str | None
    status: str
    label: str
    late_under: int
    units_under: int
    crowd: Crowd


@dataclass(frozen=True)
class UnitSheet:
    """One unit in one cycle, as far as the reader may see it."""

    unit: str
    name: str
    manager: str | None
    why: str  # how the reader comes to lead it, where it is not plainly theirs
    mine: tuple[UnitFacts, ...]  # all units that the reader leads
    leads: bool
    cycle: CycleLine | None
    cycles: tuple[CycleLine, ...]
    instance: UUID | None
    state: str | None
    escalation: int
    phases: tuple[PhaseLine, ...]
    awaited: str  # what happens by itself before the unit goes on, as drawn; empty where somebody has a task
    waits: tuple[Wait, ...]
    crowd: Crowd
    others: Crowd  # those whose talk the reader has, who are of none of their units
    below: tuple[Below, ...]

    @property
    def here(self) -> PhaseLine | None:
        """The phase that the unit is in: the first that is under way or late, else the next that has not begun."""
        started = (phase for phase in self.phases if phase.status in {UNDER_WAY, LATE})
        ahead = (phase for phase in self.phases if phase.status == NOT_STARTED)
        return next(started, None) or next(ahead, None)


def my_units(db: Session, actor: Actor, now: datetime) -> tuple[UnitFacts, ...]:
    """The units that the reader leads, is deputy of or steps in for today."""
    who = policy.require(db, actor, Permission.SEE_UNIT, now)
    return leading.led(organisation.directory(db, now), who)


@dataclass(frozen=True)
class Followed:
    """Those whose manager the reader is though they are of no unit that the reader leads."""

    cycle: CycleLine | None
    crowd: Crowd


def my_people(db: Session, actor: Actor, cycle_id: str | None, now: datetime) -> Followed:
    """By name: their talks were handed to the reader, or the reader leads people and no unit."""
    who = policy.require(db, actor, Permission.SEE_UNIT, now)
    directory = organisation.directory(db, now)
    cycle = chosen(cycles(db, actor, now), cycle_id, organisation.local_date(db, now))
    ids = leading.followed(directory, who)
    if cycle is None:
        return Followed(None, Crowd(size=len(ids)))
    return Followed(cycle, standing.crowd_of(Look(db, who, directory, cycle, now), ids))


def unit(db: Session, actor: Actor, unit_id: str, cycle_id: str | None, now: datetime) -> UnitSheet:
    """The unit in the cycle that is asked for, else in the one that is under way.

    Names of people only where the reader is their manager now; counts else (process.md section 5). NotFound: no such
    unit. NotAllowed: the reader neither leads it, nor one above it, nor follows all units.
    """
    who = policy.require(db, actor, Permission.SEE_UNIT, now)
    directory = organisation.directory(db, now)
    found = leading.require(directory, who, actor, unit_id)
    listed = cycles(db, actor, now)
    cycle = chosen(listed, cycle_id, organisation.local_date(db, now))
    seat = leading.as_leader(directory, who, unit_id)
    why = "" if seat is None or seat[1].via == "manager" else directory.why(*seat, Subject(unit=unit_id))
    seen = _Seen(db, actor, who, directory, found, now)
    return seen.sheet(cycle, tuple(listed), leads=seat is not None, why=why)


@dataclass(frozen=True)
class _Seen:
    """One look at a unit: who looks, and at what."""

    db: Session
    actor: Actor
    who: Holdings
    directory: Directory
    unit: UnitFacts
    now: datetime

    def sheet(self, cycle: CycleLine | None, listed: tuple[CycleLine, ...], *, leads: bool, why: str) -> UnitSheet:
        under = self.directory.subtree(self.unit.id)
        phases = drawn_phases(self.db, PROCESS) if cycle else ()
        units = standings(self.db, PROCESS, cycle.id, under) if cycle else {}
        mine = units.get(self.unit.id)
        tasks = self._tasks(mine.row.id) if mine else []
        cells = phase_cells(phases, mine, self.now)
        crowd = standing.crowd(self._look(cycle), self.unit.id) if cycle else self._uncounted()
        others = leading.followed(self.directory, self.who) if leads else []
        waits = (*self._unit_waits(cycle), *crowd.waits) if cycle else ()
        return UnitSheet(
            unit=self.unit.id,
            name=self.unit.name,
            manager=rows.person_name(self.directory, self.unit.manager_id),
            why=why,
            mine=leading.led(self.directory, self.who),
            leads=leads,
            cycle=cycle,
            cycles=listed,
            instance=mine.row.id if mine else None,
            state=mine.row.state if mine else None,
            escalation=mine.row.escalation if mine else 0,
            phases=tuple(self._phases(phases, cells, mine, tasks, cycle)),
            awaited=self._awaited(mine) if mine and not waits else "",
            waits=waits,
            crowd=crowd,
            others=standing.crowd_of(self._look(cycle), others) if cycle and others else Crowd(size=len(others)),
            below=tuple(self._below(phases, units, cycle)) if cycle else (),
        )

    def _look(self, cycle: CycleLine) -> Look:
        return Look(self.db, self.who, self.directory, cycle, self.now)

    def _uncounted(self) -> Crowd:
        return Crowd(size=len(self.directory.reports(self.unit.id)))

    # What is done, and what waits.

    def _tasks(self, instance_id: UUID) -> Sequence[Any]:
        columns = (Task.element, Task.state, Task.created_at, Task.closed_at, Task.closed_by)
        query = select(*columns).where(Task.instance_id == instance_id).order_by(Task.created_at, Task.id)
        return self.db.execute(query).all()

    def _phases(
        self,
        phases: Sequence[BoardPhase],
        cells: Sequence[BoardCell],
        mine: Kept | None,
        tasks: Sequence[Any],
        cycle: CycleLine | None,
    ) -> Iterable[PhaseLine]:
        if not phases:
            return
        version = mine.row.version_id if mine else engine.newest(self.db, PROCESS).id
        program = engine.runnable(self.db, version).program
        ended = mine is not None and mine.row.state in ENDED
        for phase, cell in zip(phases, cells, strict=True):
            due = cycle.dates.get(phase.id) if cycle else None
            steps = tuple(_steps(program, phase.id, tasks, self.directory, over=ended or cell.status == DONE))
            yield PhaseLine(phase.id, phase.name, cell.status, cell.label, due, steps)

    def _unit_waits(self, cycle: CycleLine | None) -> Iterable[Wait]:
        query = rows.tasks().where(
            Task.state == OPEN,
            Task.unit_id == self.unit.id,
            Task.person_id.is_(None),
            Task.cycle_id == (cycle.id if cycle else None),
        )
        for row in self.db.execute(query.order_by(Task.due_at.is_(None), Task.due_at, Task.created_at, Task.id)):
            line = rows.task_line(self.directory, row, self.actor.person_id, self.now)
            holders = [line.claimed_by] if line.claimed_by else rows.holders(self.directory, row)
            names = tuple(name for each in holders if (name := rows.person_name(self.directory, each)))
            mine = bool(line.why)
            late, task = int(line.overdue), line.id if mine else None
            yield Wait(line.name, names, line.roles, line.created_at, line.due_at, late, mine=mine, task=task)

    def _awaited(self, mine: Kept) -> str:
        """What the unit waits for by itself: a message that is drawn in its way, not one that may break in."""
        query = select(Subscription.element).where(Subscription.instance_id == mine.row.id)
        drawn = engine.runnable(self.db, mine.row.version_id).program.elements
        waits = (drawn[element] for element in self.db.scalars(query) if element in drawn)
        return next((each.name for each in waits if each.kind != "boundaryEvent"), "")

    # The units below.

    def _below(self, phases: Sequence[BoardPhase], units: Mapping[str, Kept], cycle: CycleLine) -> Iterable[Below]:
        children = self.directory.children(self.unit.id)
        crowds = standing.crowds(self._look(cycle), children)
        for child in children:
            cells = phase_cells(phases, units.get(child), self.now)
            here = phase_now(cells)
            status = here.status if here else DONE if cells else NOT_STARTED
            under = self.directory.subtree(child)[1:]
            name = next((phase.name for phase in phases if here and phase.id == here.phase), None)
            yield Below(
                unit=child,
                name=self.directory.units[child].name,
                manager=rows.person_name(self.directory, self.directory.units[child].manager_id),
                phase=name,
                status=status,
                label=label(status),
                late_under=sum(1 for each in under if _late(phases, units.get(each), self.now)),
                units_under=len(under),
                crowd=crowds[child],
            )


def _steps(
    program: Program, phase: str, tasks: Sequence[Any], directory: Directory, *, over: bool
) -> Iterable[StepLine]:
    """The phase's tasks as drawn. What was sent back is still to come, though it was done once."""
    last = {task.element: task for task in tasks}
    drawn = [each for each in program.elements.values() if each.kind == "userTask" and each.phase == phase]
    again = False
    for each in drawn:
        task = last.get(each.id)
        if task is not None and task.state == OPEN:
            again = True
            yield StepLine(each.name, NOW, task.created_at)
        elif task is not None and task.state == "completed" and not again:
            yield StepLine(each.name, DONE, task.closed_at, rows.person_name(directory, task.closed_by))
        else:
            yield StepLine(each.name, DROPPED if over else AHEAD)


def _late(phases: Sequence[BoardPhase], found: Kept | None, now: datetime) -> bool:
    return any(cell.status == LATE for cell in phase_cells(phases, found, now))
