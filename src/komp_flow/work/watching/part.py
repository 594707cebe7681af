"""My part in a cycle: what it asks of the reader as an employee, how the units they lead stand, what they have done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from komp_flow import organisation
from komp_flow.db.prepared import Prepared
from komp_flow.engine import Instance, Task, TaskRole
from komp_flow.engine.tables import ENDED, SUSPENDED
from komp_flow.organisation import Actor, Directory, roles
from komp_flow.work import policy, rows
from komp_flow.work.lines import BoardCell, BoardPhase, CycleLine
from komp_flow.work.people import leading, standing
from komp_flow.work.people.standing import LAPSED, MATERIAL, READ, STRATEGY, ReadLine, TalkLine
from komp_flow.work.policy import Permission
from komp_flow.work.running.cycles import chosen, cycles
from komp_flow.work.watching.board import (
    DONE,
    LATE,
    NOT_STARTED,
    PROCESS,
    UNDER_WAY,
    phase_cells,
    phase_now,
    promised_phases,
    promised_standings,
)
from komp_flow.work.watching.overview import Kept

NOW, AHEAD, DROPPED = "now", "ahead", "dropped"  # beside DONE
READ_MATERIAL, DISCUSSION, TALKS, READ_STRATEGY, FOLLOW_UP = "material", "discussion", "talk", "strategy", "follow-up"
FOLLOW_UP_FORM: Final = "plan-follow-up"
MOST_DONE: Final = 50


@dataclass(frozen=True)
class Part:
    """One thing that the cycle asks of an employee. `id` is one of the five above; `state`: done, now, ahead, dropped.

    `at`: when it was done; `by`: when it is due, a calendar's date or a task's moment, None until known.
    """

    id: str
    state: str
    by: date | datetime | None = None
    at: date | datetime | None = None
    task: UUID | None = None  # where the reader has something to do now
    task_name: str = ""
    talk: TalkLine | None = None


@dataclass(frozen=True)
class Led:
    """A unit that the reader leads, and the phase it is in; no phase: all is done, or nothing has begun."""

    unit: str
    name: str
    phase: str | None
    status: str
    due: object


@dataclass(frozen=True)
class Did:
    """A task that the reader has completed in the cycle."""

    task: UUID
    name: str
    about: str
    at: datetime


@dataclass(frozen=True)
class MyPart:
    """The reader in one cycle. `unit_name` is where they are an employee; `takes_part`: that unit is in the cycle."""

    cycle: CycleLine | None
    cycles: tuple[CycleLine, ...]
    unit_name: str | None = None
    takes_part: bool = False
    parts: tuple[Part, ...] = ()
    led: tuple[Led, ...] = ()
    did: tuple[Did, ...] = ()


def my_part(db: Session, actor: Actor, cycle_id: str | None, now: datetime, *, whole: bool = True) -> MyPart:
    """What the cycle that is asked for, else the one under way, has asked and will ask of the reader.

    Not `whole`: without the units that they lead and without what they have done, and without the cycles where none
    asks anything of them.
    """
    who = policy.require(db, actor, Permission.SEE_REGISTERS, now)
    directory = organisation.directory(db, now)
    home = _home(directory, actor.person_id)
    if home is None and not whole:  # nobody's employee: no cycle asks anything of them
        return MyPart(None, ())
    drawn = promised_phases(db, PROCESS)
    listed = tuple(cycles(db, actor, now))
    cycle = chosen(listed, cycle_id, organisation.local_date(db, now))
    if cycle is None:
        return MyPart(None, listed)
    led = leading.led(directory, who) if whole else []
    stand = promised_standings(db, PROCESS, cycle.id, {unit.id for unit in led} | ({home} if home else set()))
    own = _promised_own(db, actor.person_id, cycle) if home else None
    units, phases = stand(), drawn()
    listed_units = cycle.settings["units"]
    takes_part = home is not None and (home in units or not listed_units or home in _texts(listed_units))
    about = directory.unit(home)
    return MyPart(
        cycle=cycle,
        cycles=listed,
        unit_name=about.name if about else None,
        takes_part=takes_part,
        parts=tuple(_parts(own(), cycle, phases, units.get(home or ""), now)) if own and takes_part else (),
        led=tuple(_led(unit.id, unit.name, phases, units.get(unit.id), cycle, now) for unit in led),
        did=tuple(_did(db, actor.person_id, cycle, directory)) if whole else (),
    )


def _texts(value: object) -> set[str]:
    return {str(each) for each in value} if isinstance(value, Iterable) else set()


def _home(directory: Directory, person_id: str) -> str | None:
    """The unit in whose round this person is an employee."""
    person = directory.person(person_id)
    if person is None or not person.employed:
        return None
    line = (person.unit_id, *directory.ancestors(person.unit_id))
    return next((unit for unit in line if person_id in directory.reports(unit)), None)


class _Own(NamedTuple):
    """What the reader has been given to read, their talk, and the open tasks of their talk and plan."""

    readings: Mapping[str, ReadLine]
    talk: TalkLine | None
    tasks: Sequence[Any]  # id, name, form and due date


def _promised_own(db: Session, person: str, cycle: CycleLine) -> Callable[[], _Own]:
    """It is sent with what is read next."""
    stand = standing.own(db, person, cycle)
    tasks = _OWN_TASKS.promise_all(db, {"person": person, "cycle": cycle.id})
    return lambda: _Own(*stand(), tasks())


def _parts(
    own: _Own, cycle: CycleLine, phases: Sequence[BoardPhase], unit: Kept | None, now: datetime
) -> Iterable[Part]:
    readings, talk, tasks = own
    over = {cell.phase: cell for cell in phase_cells(phases, unit, now)}
    ended = cycle.state == "closed" or (unit is not None and unit.row.state in ENDED)
    wanted = bool(cycle.settings["reading_wanted"])
    discussion = over.get("discussion")
    held = discussion is not None and discussion.status == DONE
    if MATERIAL in readings or (wanted and not held and not ended):
        yield _reading(READ_MATERIAL, readings.get(MATERIAL), cycle.dates.get("discussion"))
    yield _discussion(discussion, cycle)
    yield _talk(talk, tasks, cycle, ended=ended)
    if STRATEGY in readings or (wanted and cycle.state != "closed"):
        yield _reading(READ_STRATEGY, readings.get(STRATEGY), cycle.dates.get("distribution"))
    follow = next((task for task in tasks if task.form == FOLLOW_UP_FORM), None)
    if follow is not None:
        yield Part(FOLLOW_UP, NOW, follow.due_at, None, follow.id, follow.name)
    elif talk is None or talk.status not in {"declined", "cancelled"}:
        yield Part(FOLLOW_UP, DONE if cycle.state == "closed" else AHEAD)


def _reading(part: str, line: ReadLine | None, by: object) -> Part:
    if line is None:
        return Part(part, AHEAD, by if isinstance(by, date) else None)
    if line.state == READ:
        return Part(part, DONE, None, line.at)
    if line.state == LAPSED:
        return Part(part, DROPPED, None, line.at)
    return Part(part, NOW, line.due_at, None, line.task)


def _discussion(cell: BoardCell | None, cycle: CycleLine) -> Part:
    by = cycle.dates.get("discussion")
    status = cell.status if cell else NOT_STARTED
    state = {DONE: DONE, UNDER_WAY: NOW, LATE: NOW}.get(status, AHEAD)
    return Part(DISCUSSION, state, by if isinstance(by, date) else None)


def _talk(talk: TalkLine | None, tasks: Sequence[Any], cycle: CycleLine, *, ended: bool) -> Part:
    by = cycle.dates.get("talks")
    task = next((each for each in tasks if each.form != FOLLOW_UP_FORM), None)
    due = task.due_at if task else (talk.talk_at if talk else None)
    state = AHEAD
    at: date | datetime | None = None
    if talk is not None and talk.status == "closed":
        state, at = DONE, talk.closed_at
    elif talk is not None and talk.status in {"declined", "cancelled"}:
        state = DROPPED
    elif task is not None or (talk is not None and talk.status in {"invited", "held"}):
        state = NOW
    elif ended:
        state = DROPPED
    until = due or (by if isinstance(by, date) else None)
    return Part(TALKS, state, until, at, task.id if task else None, task.name if task else "", talk)


_OWN_TASKS: Final = Prepared(
    select(Task.id, Task.name, Task.form, Task.due_at)
    .join(Instance, Instance.id == Task.instance_id)
    .where(
        text("task.state = 'open'"),  # in words, as the index of a person's open tasks has it
        Task.person_id == bindparam("person"),
        Task.cycle_id == bindparam("cycle"),
        Task.process == standing.TALK,
        Instance.state != SUSPENDED,
        select(TaskRole.task_id).where(TaskRole.task_id == Task.id, TaskRole.role == roles.EMPLOYEE).exists(),
    )
    .order_by(Task.due_at.is_(None), Task.due_at, Task.created_at),
    planned_once=True,
)


def _led(  # noqa: PLR0917
    unit: str, name: str, phases: Sequence[BoardPhase], found: Kept | None, cycle: CycleLine, now: datetime
) -> Led:
    cells = phase_cells(phases, found, now)
    here = phase_now(cells)
    if here is None or found is None:
        return Led(unit, name, None, DONE if found else NOT_STARTED, None)
    phase = next(phase.name for phase in phases if phase.id == here.phase)
    return Led(unit, name, phase, here.status, cycle.dates.get(here.phase))


def _did(db: Session, person: str, cycle: CycleLine, directory: Directory) -> Iterable[Did]:
    query = (
        select(Task.id, Task.name, Task.unit_id, Task.person_id, Task.closed_at)
        .where(Task.closed_by == person, Task.cycle_id == cycle.id, Task.state == "completed")
        .order_by(Task.closed_at.desc(), Task.id)
        .limit(MOST_DONE)
    )
    for row in db.execute(query):
        about = row.person_id if row.person_id and row.person_id != person else None
        name = rows.person_name(directory, about) or rows.unit_name(directory, row.unit_id) or ""
        yield Did(row.id, row.name, name, row.closed_at)
