"""Talks, readings and plans as lists: for the two it concerns, for HR once escalated, in numbers for those above.

Status and dates follow process.md section 5 «talk status»; what is written stands only in plans, and only for the
employee and the one who acts as their manager.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, true
from sqlalchemy.orm import Session

from komp_flow import organisation, registers
from komp_flow.engine import Instance, Task
from komp_flow.engine.tables import OPEN
from komp_flow.errors import Invalid, TooLarge
from komp_flow.i18n import _
from komp_flow.organisation import Actor, Directory, Holdings, roles
from komp_flow.organisation.models import Person, Unit
from komp_flow.registers import Cycle, talks
from komp_flow.registers.aggregates import large_enough
from komp_flow.registers.talks import Talk
from komp_flow.work import policy, rows
from komp_flow.work.doing.inbox import page_errors
from komp_flow.work.lines import Page
from komp_flow.work.policy import Permission
from komp_flow.work.texts import written
from komp_flow.work.watching import results

READING: Final = "reading"
STATES: Final = {OPEN: "unread", "completed": "read"}  # anything else has lapsed
WRITTEN: Final = frozenset({"reference", "agreed", "career_wish"})  # of a plan, beside its goals
NOTHING: Final[frozenset[str]] = frozenset()

Row = dict[str, object]


@dataclass(frozen=True)
class Among:
    """What a list of people's talks or readings is narrowed to, and which page; no size: all of it, for a file."""

    cycle: str | None = None
    unit: str | None = None
    page: int = 1
    page_size: int | None = 50


def talk_list(db: Session, actor: Actor, among: Among, now: datetime) -> Page[Row]:
    """The talks whose status I may see: my own, my employees', for HR those that are escalated."""
    who, directory = _who(db, actor, now)
    page = _page(db, _talks(who, actor, among), among)
    return Page(tuple(_talk(directory, row) for row in page.items), page.total, page.page, page.page_size)


def reading_list(db: Session, actor: Actor, among: Among, now: datetime) -> Page[Row]:
    """Whether people have read and confirmed, of those whose talk status I might see."""
    who, directory = _who(db, actor, now)
    query: Any = (
        select(Task.id, Task.instance_id, Task.person_id, Task.unit_id, Task.cycle_id, Task.state, Task.created_at,
               Task.closed_at, Task.due_at, Cycle.distributed_at)
        .join(Instance, Instance.id == Task.instance_id)
        .outerjoin(Cycle, Cycle.id == Task.cycle_id)
        .where(Task.process == READING, _status_of(Task.person_id, who, actor))
    )  # fmt: skip
    page = _page(db, _sorted(query, Task, among, Task.created_at), among)
    lines = tuple(_reading(directory, row) for row in page.items)
    return Page(lines, page.total, page.page, page.page_size)


def plan_list(db: Session, actor: Actor, among: Among, now: datetime) -> Page[Row]:
    """One row for each person whose talk status I may see, for the organisation's own solution (process.md P3.S3).

    Goals, reference and wishes are there only where I am the person or act as their manager.
    """
    who, directory = _who(db, actor, now)
    # An extraordinary talk is no round of its own: it changes the plan that is there.
    query = _talks(who, actor, among).where(Talk.extraordinary.is_(False), Talk.status != talks.CANCELLED)
    page = _page(db, query, among)
    reader = results.reads(directory, who, actor)
    found = [row.Talk for row in page.items]
    goals = _goals(db, directory, reader, found)
    said = written.of_instances(db, [talk.instance_id for talk in found], WRITTEN, who)
    lines = tuple(
        _talk(directory, row)
        | {"readable": row.Talk.person_id in reader.people}
        | dict.fromkeys(sorted(WRITTEN))
        | said.get(row.Talk.instance_id, {})
        | {"goals": goals.get((row.Talk.person_id, row.Talk.cycle_id), [])}
        for row in page.items
    )
    return Page(lines, page.total, page.page, page.page_size)


def talk_counts(db: Session, actor: Actor, cycle_id: str, now: datetime) -> list[Row]:
    """How many talks are not started, under way and closed: of each unit that I lead or am the leader above, for HR of
    every unit and of all together. Numbers are null where a group is too small to hide those in it.
    """
    who, directory = _who(db, actor, now)
    cycle = registers.cycle(db, cycle_id)
    every = actor.via in policy.TRUSTED or policy.can(who, Permission.SEE_ALL_ROWS, None, actor)
    held = NOTHING.union(*(who.units.get(role, NOTHING) for role in policy.LEADERS))
    own = who.units.get(roles.MANAGER, NOTHING)
    query = (
        select(Talk.unit_id, Talk.status, func.count())
        .where(Talk.cycle_id == cycle_id, Talk.extraordinary.is_(False), Talk.unit_id.is_not(None))
        .group_by(Talk.unit_id, Talk.status)
    )
    if not every:
        query = query.where(Talk.unit_id.in_(sorted(held)) if held else false())
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for unit, status, number in db.execute(query):
        counted[str(unit)][talks.STAGES[status]] += number
    sizes = {unit: found.total() for unit, found in counted.items()}
    shown = large_enough(sizes, cycle.smallest_group) | own
    listed = sorted(counted, key=lambda unit: (_unit_key(directory, unit), unit))
    lines = [_count(directory, unit, counted[unit], shown=unit in shown) for unit in listed]
    whole = sum(counted.values(), Counter())
    return [_count(directory, None, whole, shown=whole.total() >= cycle.smallest_group), *lines] if every else lines


def _who(db: Session, actor: Actor, now: datetime) -> tuple[Holdings, Directory]:
    who = policy.require(db, actor, Permission.SEE_REGISTERS, now)
    return who, organisation.directory(db, now)


def _status_of(person: Any, who: Holdings, actor: Actor) -> ColumnElement[bool]:
    """«talk status»: own; the manager's; HR, names only once escalated."""
    if actor.via in policy.TRUSTED:
        return true()
    near = who.people.get(roles.EMPLOYEE, NOTHING) | who.people.get(roles.MANAGER, NOTHING)
    parts: list[ColumnElement[bool]] = [person.in_(sorted(near)) if near else false()]
    if policy.can(who, Permission.SEE_ALL_ROWS, None, actor):
        parts.append(and_(person.is_not(None), Instance.escalation > 0))
    return or_(*parts)


def _talks(who: Holdings, actor: Actor, among: Among) -> Select[Any]:
    query: Any = (
        select(Talk, Instance.escalation)
        .join(Instance, Instance.id == Talk.instance_id)
        .where(_status_of(Talk.person_id, who, actor))
    )
    return _sorted(query, Talk, among, Talk.started_at)


def _sorted(query: Select[Any], table: Any, among: Among, began: Any) -> Select[Any]:
    if among.cycle is not None:
        query = query.where(table.cycle_id == among.cycle)
    if among.unit is not None:
        query = query.where(table.unit_id == among.unit)
    return (
        query.outerjoin(Unit, Unit.id == table.unit_id)
        .outerjoin(Person, Person.id == table.person_id)
        .order_by(table.cycle_id.desc(), Unit.sort_key, Person.sort_key, table.person_id, began, table.id)
    )


def _page(db: Session, query: Select[Any], among: Among) -> Page[Any]:
    most = results.MOST_EXPORTED
    size = among.page_size or most
    if among.page_size is not None and (wrong := page_errors(among.page, size)):
        raise Invalid(_("Lista kan ikke vises slik. Rett det som er merket."), wrong)
    total = db.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    if among.page_size is None and total > most:
        raise TooLarge(
            _("Det er %(total)s rader, og en fil tar høyst %(most)s.", total=total, most=most)
            + " "
            + _("Velg en syklus eller en enhet, og hent dem hver for seg.")
        )
    found = db.execute(query.limit(size).offset((among.page - 1) * size)).all()
    return Page(tuple(found), total, among.page, size)


def _talk(directory: Directory, row: Any) -> Row:
    talk: Talk = row.Talk
    return {
        "id": talk.instance_id,
        "person": talk.person_id,
        "person_name": rows.person_name(directory, talk.person_id),
        "unit": talk.unit_id,
        "unit_name": rows.unit_name(directory, talk.unit_id),
        "cycle": talk.cycle_id,
        "status": talk.status,
        "stage": talk.stage,
        "talk_at": talk.talk_at,
        "invited_at": talk.invited_at,
        "held_on": talk.held_on,
        "closed_at": talk.closed_at,
        "postponed_until": talk.postponed_until,
        "extraordinary": talk.extraordinary,
        "escalation": row.escalation,
    }


def _reading(directory: Directory, row: Any) -> Row:
    state = STATES.get(row.state, "lapsed")
    strategy = row.distributed_at is not None and row.created_at >= row.distributed_at
    return {
        "id": row.id,
        "person": row.person_id,
        "person_name": rows.person_name(directory, row.person_id),
        "unit": row.unit_id,
        "unit_name": rows.unit_name(directory, row.unit_id),
        "cycle": row.cycle_id,
        "what": "strategy" if strategy else "material",
        "status": state,
        "given_at": row.created_at,
        "due": row.due_at,
        "confirmed_at": row.closed_at if state == "read" else None,
    }


def _goals(
    db: Session, directory: Directory, reader: registers.Reader, found: Sequence[Talk]
) -> Mapping[tuple[object, object], list[Row]]:
    """The goals of the plans that the reader may read, by person and cycle."""
    people = {talk.person_id for talk in found if talk.person_id} & reader.people
    goals = registers.of_people(db, "goals", reader, people, {talk.cycle_id for talk in found if talk.cycle_id})
    by_plan: dict[tuple[object, object], list[Row]] = defaultdict(list)
    for each in results.named(db, directory, reader, goals):
        by_plan[each["person"], each["cycle"]].append(each)
    return by_plan


def _unit_key(directory: Directory, unit: str) -> str:
    facts = directory.unit(unit)
    return facts.sort_key if facts else ""


def _count(directory: Directory, unit: str | None, found: Counter[str], *, shown: bool) -> Row:
    stages: Iterable[str] = (talks.NOT_STARTED, talks.UNDER_WAY, talks.CLOSED)
    numbers: Row = {stage: found[stage] if shown else None for stage in stages}
    return {
        "unit": unit,
        "unit_name": rows.unit_name(directory, unit),
        "talks": found.total() if shown else None,
        **numbers,
    }
