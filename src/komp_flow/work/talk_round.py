"""A manager's talks side by side: whom they have one with, how far it is, and what waits for the manager in each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow import engine, forms, organisation, registers
from komp_flow.engine.tables import COMPLETED, SUBMISSION, TASK
from komp_flow.organisation import Actor, roles
from komp_flow.registers import talks
from komp_flow.registers.talks import Talk
from komp_flow.work import policy
from komp_flow.work.inbox import inbox
from komp_flow.work.lines import TaskLine
from komp_flow.work.policy import Permission

TALK: Final = "talk"
# Which talks want something first.
ORDER: Final = (
    talks.STARTED,
    talks.HELD,
    talks.INVITED,
    talks.POSTPONED,
    talks.CLOSED,
    talks.DECLINED,
    talks.CANCELLED,
)


@dataclass(frozen=True)
class TalkRow:
    """One person's talk. `shared`: they have shared their preparation; `tasks`: what the reader is to do in it."""

    person: str
    name: str
    title: str
    unit_name: str
    absent: bool
    talk: Talk | None  # None: no talk has begun in this cycle
    shared: bool
    tasks: tuple[TaskLine, ...]


@dataclass(frozen=True)
class Step:
    """The same task of several talks, which can be done one after another."""

    element: str
    name: str
    tasks: tuple[TaskLine, ...]  # in the order of names
    due_at: datetime | None  # the first of them


@dataclass(frozen=True)
class Round:
    """All of a manager's talks in one cycle."""

    cycle: str | None
    cycle_name: str
    rows: tuple[TalkRow, ...]
    steps: tuple[Step, ...]


def talk_round(db: Session, actor: Actor, now: datetime) -> Round:
    """The reader's talks in the newest cycle; those with people whose talks only fall to them are there without texts.

    Status and dates, and whether something is shared: no word of what anybody wrote.
    """
    who = policy.require(db, actor, Permission.WORK, now)
    directory = organisation.directory(db, now)
    people = who.people.get(roles.MANAGER, frozenset())
    cycle = next(iter(registers.cycles(db)), None)
    held = {row.person_id: row for row in talks.of_people(db, people, cycle.id if cycle else None)}
    mine = [line for line in inbox(db, actor, now) if line.process == TALK and line.person in people]
    shared = _shared(db, [row.instance_id for row in held.values()])
    rows = []
    for person in people:
        facts, talk = directory.people[person], held.get(person)
        if talk is None and not facts.employed:
            continue
        unit = directory.unit(facts.unit_id)
        own = tuple(line for line in mine if line.person == person)
        is_shared = talk is not None and talk.instance_id in shared
        rows.append(
            TalkRow(person, facts.name, facts.title, unit.name if unit else "", facts.absent, talk, is_shared, own)
        )
    by_name = {each.id: each.sort_key for each in directory.people.values() if each.id in people}
    rows.sort(key=lambda row: (not row.tasks, _rank(row), by_name[row.person], row.person))
    id_, name = (cycle.id, cycle.name) if cycle else (None, "")
    return Round(id_, name, tuple(rows), tuple(_steps(mine, by_name)))


def _rank(row: TalkRow) -> int:
    return ORDER.index(row.talk.status) if row.talk else len(ORDER)


def _steps(mine: Iterable[TaskLine], by_name: dict[str, str]) -> Iterable[Step]:
    found: dict[str, list[TaskLine]] = {}
    for line in mine:
        found.setdefault(line.element, []).append(line)
    for element, lines in found.items():
        ordered = sorted(lines, key=lambda line: (by_name[line.person or ""], str(line.id)))
        dates = [line.due_at for line in lines if line.due_at]
        yield Step(element, lines[0].name, tuple(ordered), min(dates, default=None))


def _shared(db: Session, instances: Sequence[UUID]) -> frozenset[UUID]:
    """The talks in which the person it is with has shared what they wrote."""
    query = (
        select(SUBMISSION.c.instance_id)
        .join(TASK, TASK.c.id == SUBMISSION.c.task_id)
        .where(
            SUBMISSION.c.instance_id.in_(instances),
            TASK.c.state == COMPLETED,
            SUBMISSION.c.shared_at.is_not(None),
            SUBMISSION.c.by == TASK.c.person_id,
        )
    )
    return frozenset(db.connection().execute(query).scalars())


def forms_of(db: Session, tasks: Sequence[UUID]) -> dict[UUID, forms.Form]:
    """The form of each of these tasks that has one; the caller has seen to it that they are the reader's."""
    query = select(TASK.c.id, TASK.c.form_version_id).where(TASK.c.id.in_(tasks), TASK.c.form_version_id.is_not(None))
    return {row.id: engine.form(db, row.form_version_id) for row in db.connection().execute(query)}
