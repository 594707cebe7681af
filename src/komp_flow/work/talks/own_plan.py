"""Somebody's development plan over the years, for themself and for the one who acts as their manager."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow import organisation, registers
from komp_flow.engine.tables import COMPLETED, SUBMISSION, TASK
from komp_flow.errors import NotFound
from komp_flow.i18n import _
from komp_flow.organisation import Actor, Directory, Holdings
from komp_flow.organisation.staffing import plans
from komp_flow.registers import Cycle, Reader, reconciling
from komp_flow.registers.reading import readable
from komp_flow.registers.talks import Talk
from komp_flow.work import policy, rows
from komp_flow.work.doing.inbox import inbox
from komp_flow.work.lines import ReadingLine, TaskLine
from komp_flow.work.policy import Permission
from komp_flow.work.texts import remarks, written
from komp_flow.work.texts.readings import readings
from komp_flow.work.texts.remarks import Remark
from komp_flow.work.watching import results

MOST: Final = 500  # talks, goals, follow-ups: many years' worth
SAID: Final = frozenset({"career_wish", "reference", "agreed", "agreement", "comment"})

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Note:
    """Notes for a talk that the reader may know of: their own, or what the other has shared."""

    task: UUID
    name: str
    at: datetime
    mine: bool
    shared_at: datetime | None


@dataclass(frozen=True)
class Goal:
    """A goal of the plan, what was decided about its measure, and what each follow-up said."""

    row: Row
    fate: Row | None
    effects: Sequence[Row]


@dataclass(frozen=True)
class TalkPart:
    """One talk with what came of it. `said`: answers beside the goals. `erased`: texts were there, and are gone."""

    talk: Talk
    notes: Sequence[Note]
    said: Row
    remarks: Sequence[Remark]
    commentable: bool
    readable: bool
    erased: bool


@dataclass(frozen=True)
class Year:
    """One cycle of the plan, the newest first; `cycle` is None for what belongs to none."""

    cycle: str | None
    name: str
    talks: Sequence[TalkPart]
    goals: Sequence[Goal]


@dataclass(frozen=True)
class PlanSheet:
    """The whole plan. `mine`: the reader is the person. `tasks`: what the reader has to do in it now."""

    person: str
    name: str
    unit_name: str | None
    mine: bool
    years: Sequence[Year]
    tasks: Sequence[TaskLine]
    readings: Sequence[ReadingLine] = field(default=())


def own_plan(db: Session, actor: Actor, person_id: str | None, now: datetime) -> PlanSheet:
    """The plan of this person, or of the reader. NotFound for whoever is neither the person nor their acting manager.

    What is opened is to be noted by the one who shows it (`work.note_readings`).
    """
    who = policy.require(db, actor, Permission.WORK, now)
    directory = organisation.directory(db, now)
    wanted = person_id or actor.person_id
    person = directory.person(wanted)
    mine = bool(wanted) and wanted == actor.person_id
    if person is None or not (mine or person.id in who.trusted_with):
        raise NotFound(_("Planen finnes ikke, eller den er ikke din å lese."))
    reader = results.reads(directory, who, actor)
    tasks = [line for line in inbox(db, actor, now) if line.person == person.id]
    return PlanSheet(
        person=person.id,
        name=person.name,
        unit_name=rows.unit_name(directory, person.unit_id),
        mine=mine,
        years=_years(db, directory, reader, who, person.id),
        tasks=tasks,
        readings=readings(db, person.id, actor, now) if mine else (),
    )


def _years(db: Session, directory: Directory, reader: Reader, who: Holdings, person: str) -> list[Year]:
    mine = person == who.person_id
    talks = db.scalars(
        select(Talk).where(Talk.person_id == person).order_by(Talk.started_at.desc(), Talk.id).limit(MOST)
    ).all()
    goals = own_rows(db, directory, reader, "goals", person)
    effects: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(own_rows(db, directory, reader, "effects", person), key=lambda each: str(each["created_at"])):
        effects[str(row.get("goal_id"))].append(row)
    parts: dict[str | None, list[TalkPart]] = defaultdict(list)
    for part in _parts(db, who, person, talks, mine=mine):
        parts[part.talk.cycle_id].append(part)
    of_cycle: dict[str | None, list[Goal]] = defaultdict(list)
    fates: dict[str | None, dict[object, Row]] = {}
    for row in goals:
        cycle = row["cycle"]
        if cycle not in fates:
            fates[cycle] = {each["id"]: each for each in reconciling.reconciliation(db, person, cycle)}
        of_cycle[cycle].append(Goal(row, fates[cycle].get(row.get("measure")), effects[str(row["id"])]))
    names = _cycles(db, parts.keys() | of_cycle.keys())
    return [Year(cycle, name, parts[cycle], of_cycle[cycle]) for cycle, name in names]


def own_rows(db: Session, directory: Directory, reader: Reader, name: str, person: str) -> list[dict[str, Any]]:
    """The rows of a register about this person that the reader may read, opened, with names; the newest cycle first."""
    register = registers.REGISTERS[name]
    query = readable(name, reader).where(register.table.person_id == person).limit(MOST)
    found = [
        {**registers.opened_row(db, register, row), "created_at": row.created_at} for row in db.scalars(query).all()
    ]
    return results.named(db, directory, reader, found)


def _cycles(db: Session, ids: Iterable[str | None]) -> list[tuple[str | None, str]]:
    """The cycles by their beginning, the newest first; last what belongs to none."""
    wanted = {each for each in ids if each is not None}
    query = select(Cycle.id, Cycle.name).where(Cycle.id.in_(sorted(wanted))).order_by(Cycle.starts_on.desc(), Cycle.id)
    known = [(cycle, name) for cycle, name in db.execute(query)]
    gone = sorted(wanted - {cycle for cycle, _name in known})
    rest = [(None, _("Utenom syklusene"))] if None in ids else []
    return [*known, *((cycle, cycle) for cycle in gone), *rest]


def _parts(db: Session, who: Holdings, person: str, talks: Sequence[Talk], *, mine: bool) -> list[TalkPart]:
    ids = [talk.instance_id for talk in talks]
    said = written.of_instances(db, ids, SAID, who)
    notes = _notes(db, who, ids)
    beside: dict[UUID, list[Remark]] = defaultdict(list)
    for remark in remarks.of_person(db, person, own=mine):
        beside[remark.instance].append(remark)
    back = set() if mine else _held_back(db, ids)
    agreed = remarks.commentable(db, ids)
    gone = _erased(db, ids)
    return [
        TalkPart(
            talk=talk,
            notes=notes[talk.instance_id],
            said={key: value for key, value in said.get(talk.instance_id, {}).items() if value not in (None, "")},
            remarks=beside[talk.instance_id],
            commentable=mine and talk.instance_id in agreed,
            readable=talk.instance_id not in back,
            erased=talk.instance_id in gone,
        )
        for talk in talks
    ]


def _notes(db: Session, who: Holdings, ids: Sequence[UUID]) -> Mapping[UUID, list[Note]]:
    """The notes in these talks that the reader may read; none of them is opened."""
    query = (
        select(TASK.c.id, TASK.c.name, TASK.c.element, SUBMISSION.c.instance_id, SUBMISSION.c.by, SUBMISSION.c.at,
               SUBMISSION.c.shared_at)
        .join(TASK, TASK.c.id == SUBMISSION.c.task_id)
        .where(SUBMISSION.c.instance_id.in_(ids), SUBMISSION.c.own.is_(True), SUBMISSION.c.sealed.is_not(None),
               policy.readable_texts(who))
        .order_by(SUBMISSION.c.at)
    )  # fmt: skip
    found: dict[UUID, list[Note]] = defaultdict(list)
    for row in db.connection().execute(query) if ids else ():
        note = Note(row.id, row.name or row.element, row.at, row.by == who.person_id, row.shared_at)
        found[row.instance_id].append(note)
    return found


def _held_back(db: Session, ids: Sequence[UUID]) -> set[UUID]:
    query = select(Talk.instance_id).where(Talk.instance_id.in_(ids), plans.held_back(Talk.instance_id))
    return set(db.scalars(query)) if ids else set()


def _erased(db: Session, ids: Sequence[UUID]) -> set[UUID]:
    """The talks in which something that was sent to the other has no text any more: sealed rows are emptied."""
    query = select(SUBMISSION.c.instance_id).join(TASK, TASK.c.id == SUBMISSION.c.task_id).where(
        SUBMISSION.c.instance_id.in_(ids), TASK.c.person_id.is_not(None), TASK.c.form.is_not(None),
        TASK.c.state == COMPLETED, SUBMISSION.c.sealed.is_(None),
    )  # fmt: skip
    return set(db.connection().execute(query.distinct()).scalars()) if ids else set()
