"""How people stand in a cycle: what they have read and how far their talk is, in names for their manager, else counts.

Status and dates only (process.md section 5): nothing that anybody has written is read here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, func, select, text, true
from sqlalchemy.orm import Session

from komp_flow.db.ids import within
from komp_flow.db.prepared import Prepared
from komp_flow.engine import Instance, Task, TaskRole
from komp_flow.engine.stored import messages
from komp_flow.engine.tables import OPEN, SUSPENDED
from komp_flow.operations.models import Request
from komp_flow.organisation import Directory, Holdings, Subject, roles
from komp_flow.registers import talks
from komp_flow.registers.talks import Talk
from komp_flow.work import policy
from komp_flow.work.lines import CycleLine
from komp_flow.work.people import leading

READING: Final = "reading"
TALK: Final = "talk"
MATERIAL, STRATEGY = "material", "strategy"  # what there is to read: before the discussion, and what was decided
READ, UNREAD, LAPSED = "read", "unread", "lapsed"
MOST_ASKED_BY_NAME: Final = 5_000  # more people than this are picked from all of the cycle's


@dataclass(frozen=True)
class ReadLine:
    """Whether somebody has read what they were given: `state` is read, unread or lapsed."""

    state: str
    at: datetime | None = None
    due_at: datetime | None = None
    task: UUID | None = None


@dataclass(frozen=True)
class TalkLine:
    """How far somebody's talk is: the register's status and its dates."""

    status: str
    talk_at: datetime | None = None
    held_on: date | None = None
    closed_at: datetime | None = None
    postponed_until: date | None = None
    extraordinary: bool = False
    escalation: int = 0


@dataclass(frozen=True)
class Wait:
    """Something that waits for somebody: one task, or with `number` the same task of so many people."""

    name: str
    holders: tuple[str, ...]  # names; empty where the task is of several people
    roles: tuple[str, ...]
    since: datetime
    due_at: datetime | None
    overdue: int
    number: int = 1
    mine: bool = False
    task: UUID | None = None  # the reader's own, where it is one


@dataclass(frozen=True)
class PersonLine:
    """One person as their manager sees them: dates and status, never a word of what they wrote."""

    id: str
    name: str
    title: str
    absent: bool
    readings: Mapping[str, ReadLine]
    talk: TalkLine | None
    waits: tuple[Wait, ...]


@dataclass(frozen=True)
class Tally:
    """So many of so many."""

    done: int
    of: int

    @property
    def percent(self) -> int:
        """Rounded down: 100 only when everybody has."""
        return self.done * 100 // self.of if self.of else 0


@dataclass(frozen=True)
class Crowd:
    """The employees of a unit: those whose manager the reader is by name, all of them in numbers."""

    size: int = 0
    people: tuple[PersonLine, ...] = ()
    readings: Mapping[str, Tally] = field(default_factory=dict)
    talks: Mapping[str, int] = field(default_factory=dict)  # how many have not started, are under way, are closed
    waits: tuple[Wait, ...] = ()
    too_few: bool = False  # numbers would say who
    escalated: tuple[PersonLine, ...] = ()  # by name for HR, whose manager is somebody else: a talk that has stopped


@dataclass(frozen=True)
class Look:
    """Who looks, at which cycle, when."""

    db: Session
    who: Holdings
    directory: Directory
    cycle: CycleLine
    now: datetime


def crowd(look: Look, unit: str) -> Crowd:
    """The unit's employees as this reader may see them."""
    ids = look.directory.reports(unit)
    mine = look.who.people.get(roles.MANAGER, frozenset())
    return _crowd(look, ids, [each for each in ids if each in mine], too_few=_too_few(look, unit, ids))


def own(db: Session, person: str, cycle: CycleLine) -> Callable[[], tuple[Mapping[str, ReadLine], TalkLine | None]]:
    """How the reader themself stands, read with what is read next."""
    readings, held = _readings(db, [person], cycle), _talks(db, [person], cycle)
    return lambda: (readings().get(person, {}), held().get(person))


def crowd_of(look: Look, ids: Sequence[str]) -> Crowd:
    """These people, by name: the caller has seen to it that the reader is their manager."""
    return _crowd(look, ids, ids, too_few=False)


def _crowd(look: Look, ids: Sequence[str], named: Sequence[str], *, too_few: bool) -> Crowd:
    to_read, all_held = _readings(look.db, ids, look.cycle), _talks(look.db, ids, look.cycle)
    waits = _waits(look, named)
    readings, held = to_read(), all_held()
    lines = []
    for each in named:
        facts = look.directory.people[each]
        read, found = readings.get(each, {}), tuple(waits.get(each, ()))
        lines.append(PersonLine(each, facts.name, facts.title, facts.absent, read, held.get(each), found))
    return Crowd(
        size=len(ids),
        people=tuple(lines),
        readings={} if too_few else _tallies(readings.values()),
        talks={} if too_few else _counted(held.values()),
        waits=tuple(_together(waits.values())),
        too_few=too_few,
        escalated=tuple(_stopped(look, ids, named, held)),
    )


def _stopped(
    look: Look, ids: Sequence[str], named: Sequence[str], held: Mapping[str, TalkLine]
) -> Iterable[PersonLine]:
    """Those whose talk has been escalated, for those who then see its status and its dates (process.md section 5)."""
    if not look.who.roles & policy.STAFF:
        return
    shown = frozenset(named)
    for each in ids:
        if each in held and held[each].escalation and each not in shown:
            facts = look.directory.people[each]
            yield PersonLine(each, facts.name, facts.title, facts.absent, {}, held[each], ())


def crowds(look: Look, units: Collection[str]) -> dict[str, Crowd]:
    """The employees of each of these units, in numbers alone."""
    ids = {unit: look.directory.reports(unit) for unit in units}
    everyone = [each for inside in ids.values() for each in inside]
    to_read, all_held = _readings(look.db, everyone, look.cycle), _talks(look.db, everyone, look.cycle)
    readings, held = to_read(), all_held()
    found = {}
    for unit, inside in ids.items():
        hidden = _too_few(look, unit, inside)
        tallies = {} if hidden else _tallies(readings[each] for each in inside if each in readings)
        counts = {} if hidden else _counted(held[each] for each in inside if each in held)
        found[unit] = Crowd(size=len(inside), readings=tallies, talks=counts, too_few=hidden)
    return found


def _too_few(look: Look, unit: str, ids: Sequence[str]) -> bool:
    """Whether numbers would tell one who does not lead here, or above, who is who."""
    line = (unit, *look.directory.ancestors(unit))
    leads = any(leading.as_leader(look.directory, look.who, each) for each in line)
    return not leads and len(ids) < int(str(look.cycle.settings["smallest_group"]))


def _tallies(readings: Iterable[Mapping[str, ReadLine]]) -> dict[str, Tally]:
    given: Counter[str] = Counter()
    read: Counter[str] = Counter()
    for each in readings:
        for occasion, line in each.items():
            given[occasion] += 1
            read[occasion] += line.state == READ
    return {occasion: Tally(read[occasion], given[occasion]) for occasion in given}


def _counted(lines: Iterable[TalkLine]) -> dict[str, int]:
    """How many have not started, are under way, are closed. An extraordinary talk is no part of the unit's round."""
    return dict(Counter(talks.STAGES[line.status] for line in lines if not line.extraordinary))


class _About:
    """What is read about people in a cycle: by their names, or of very many what there is of all, to be picked from."""

    def __init__(self, query: Any, by_name: ColumnElement[bool], of_all: ColumnElement[bool]) -> None:
        self._by_name = Prepared(query.where(by_name), planned_once=True)
        self._of_all = Prepared(query.where(of_all))

    def promise(self, db: Session, people: frozenset[str], cycle: CycleLine) -> Callable[[], list[Any]]:
        """Their rows, read with what is read next."""
        if len(people) <= MOST_ASKED_BY_NAME:
            return self._by_name.promise_all(db, {"cycle": cycle.id, "people": sorted(people)})
        found = self._of_all.promise_all(db, {"cycle": cycle.id})
        return lambda: [row for row in found() if row.person_id in people]


def _talks(db: Session, people: Collection[str], cycle: CycleLine) -> Callable[[], dict[str, TalkLine]]:
    """The talk of each of them: that of the round, else the last extraordinary one."""
    found = _TALKS.promise(db, frozenset(people), cycle)
    return lambda: {
        row.person_id: TalkLine(
            row.status,
            row.talk_at,
            row.held_on,
            row.closed_at,
            row.postponed_until,
            row.extraordinary,
            row.escalation or 0,
        )
        for row in found()
    }


def _readings(db: Session, people: Collection[str], cycle: CycleLine) -> Callable[[], dict[str, dict[str, ReadLine]]]:
    """What each of them has been given to read, by occasion; the last of each."""
    rows = _READINGS.promise(db, frozenset(people), cycle)

    def kept() -> dict[str, dict[str, ReadLine]]:
        found: dict[str, dict[str, ReadLine]] = defaultdict(dict)
        for row in rows():
            state = {OPEN: UNREAD, "completed": READ}.get(row.state, LAPSED)
            found[row.person_id][_occasion(row, cycle)] = ReadLine(state, row.closed_at, row.due_at, row.id)
        return found

    return kept


def _occasion(row: Any, cycle: CycleLine) -> str:
    """What was given to read: what the one who asked called it; else, once the strategy is out, it is the strategy."""
    kind = messages.unpack(row.variables).get("kind") if row.variables else None
    if kind is not None:
        return STRATEGY if kind == STRATEGY else MATERIAL
    out = cycle.distributed_at
    return STRATEGY if isinstance(out, datetime) and row.created_at >= out else MATERIAL


# Tasks that may be done are found by their instances, for which there is an index. By one condition alone: SQLite,
# which keeps no statistics, would choose among several without knowing.
_READINGS: Final = _About(
    select(Task.id, Task.person_id, Task.state, Task.created_at, Task.closed_at, Task.due_at, Request.variables)
    .join(Instance, Instance.id == Task.instance_id)
    .outerjoin(Request, (Request.instance_id == Task.instance_id) & (Request.kind == "start"))
    .where(Task.process == READING, Task.cycle_id == bindparam("cycle"))
    .order_by(Task.created_at, Task.id),
    within(Instance.person_id, "people"),
    Instance.cycle_id == bindparam("cycle"),
)
_TALKS: Final = _About(
    select(
        Talk.person_id,
        Talk.status,
        Talk.talk_at,
        Talk.held_on,
        Talk.closed_at,
        Talk.postponed_until,
        Talk.extraordinary,
        Instance.escalation,
    )
    .outerjoin(Instance, Instance.id == Talk.instance_id)
    .where(Talk.cycle_id == bindparam("cycle"))
    .order_by(Talk.extraordinary.desc(), Talk.started_at, Talk.id),
    within(Talk.person_id, "people"),
    true(),
)
_ROLES: Final = (
    select(func.aggregate_strings(TaskRole.role, ","))
    .where(TaskRole.task_id == Task.id)
    .correlate(Task)
    .scalar_subquery()
    .label("roles")
)


_OPEN_TASKS: Final = _About(
    select(Task.id, Task.name, Task.person_id, Task.created_at, Task.due_at, _ROLES)
    .join(Instance, Instance.id == Task.instance_id)
    .where(
        text("task.state = 'open'"),  # in words, as the index of a person's open tasks has it
        Task.process != READING,
        Instance.state != SUSPENDED,
        Task.cycle_id == bindparam("cycle"),
    )
    .order_by(Task.due_at.is_(None), Task.due_at, Task.created_at, Task.id),
    within(Task.person_id, "people"),
    true(),
)


def _waits(look: Look, people: Sequence[str]) -> dict[str, list[Wait]]:
    """The open tasks about each of these people, of their talk and the like; readings are told apart."""
    found: dict[str, list[Wait]] = defaultdict(list)
    for row in _OPEN_TASKS.promise(look.db, frozenset(people), look.cycle)():
        named = tuple(sorted(row.roles.split(","))) if row.roles else ()
        about = Subject(person=row.person_id, cycle=look.cycle.id)
        holders = dict.fromkeys(h.person_id for role in named for h in look.directory.holders(role, about))
        names = tuple(look.directory.people[each].name for each in holders)
        mine = look.who.person_id in holders
        late = int(row.due_at is not None and row.due_at < look.now)
        task = row.id if mine else None
        found[row.person_id].append(
            Wait(row.name, names, named, row.created_at, row.due_at, late, mine=mine, task=task)
        )
    return found


def _together(waits: Iterable[Iterable[Wait]]) -> Iterable[Wait]:
    """The same task of many people as one line."""
    same: dict[tuple[str, tuple[str, ...]], list[Wait]] = defaultdict(list)
    for each in waits:
        for wait in each:
            same[wait.name, wait.roles].append(wait)
    for (name, named), found in same.items():
        due = min((wait.due_at for wait in found if wait.due_at is not None), default=None)
        holders = found[0].holders if len({wait.holders for wait in found}) == 1 else ()
        since, overdue = min(wait.since for wait in found), sum(wait.overdue for wait in found)
        mine, task = all(wait.mine for wait in found), found[0].task if len(found) == 1 else None
        yield Wait(name, holders, named, since, due, overdue, len(found), mine, task)
