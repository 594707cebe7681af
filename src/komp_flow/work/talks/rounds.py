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
from komp_flow.organisation import Actor, Directory, roles
from komp_flow.registers import talks
from komp_flow.registers.talks import Talk
from komp_flow.work import policy
from komp_flow.work.doing.inbox import inbox
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
    """One person's talk. `shared`: they have shared their preparation; `tasks`: what the reader is to do in it.

    `trusted`: the reader may read their plan, and does not only stand in where nobody else is.
    """

    person: str
    name: str
    title: str
    absent: bool
    talk: Talk | None  # None: no talk has begun in this cycle
    shared: bool
    tasks: tuple[TaskLine, ...]
    trusted: bool


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
    found = sorted(talks.of_people(db, people, cycle.id if cycle else None), key=lambda row: not row.extraordinary)
    held = {row.person_id: row for row in found}  # that of the unit's round, where there is one
    mine = _mine(db, actor, people, now)
    shared = _shared(db, [row.instance_id for row in held.values()])
    rows = []
    for person in people:
        facts, talk = directory.people[person], held.get(person)
        if talk is None and not facts.employed:
            continue
        own = tuple(line for line in mine if line.person == person)
        is_shared = talk is not None and talk.instance_id in shared
        rows.append(
            TalkRow(person, facts.name, facts.title, facts.absent, talk, is_shared, own, person in who.trusted_with)
        )
    rows.sort(key=lambda row: (not row.tasks, _rank(row), directory.people[row.person].sort_key, row.person))
    return Round(cycle.name if cycle else "", tuple(rows), tuple(_steps(mine, directory)))


def same_tasks(db: Session, actor: Actor, element: str, now: datetime) -> tuple[TaskLine, ...]:
    """The reader's open tasks of this one step of the talks, in the order of names."""
    who = policy.require(db, actor, Permission.WORK, now)
    mine = _mine(db, actor, who.people.get(roles.MANAGER, frozenset()), now)
    steps = _steps(mine, organisation.directory(db, now))
    return next((step.tasks for step in steps if step.element == element), ())


def _mine(db: Session, actor: Actor, people: frozenset[str], now: datetime) -> list[TaskLine]:
    return [line for line in inbox(db, actor, now) if line.process == TALK and line.person in people]


def _rank(row: TalkRow) -> int:
    return ORDER.index(row.talk.status) if row.talk else len(ORDER)


def _steps(mine: Iterable[TaskLine], directory: Directory) -> Iterable[Step]:
    found: dict[str, list[TaskLine]] = {}
    for line in mine:
        found.setdefault(line.element, []).append(line)
    for element, lines in found.items():
        ordered = sorted(lines, key=lambda line: (directory.people[line.person or ""].sort_key, str(line.id)))
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
