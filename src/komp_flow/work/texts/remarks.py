"""What an employee adds to their own plan afterwards: kept beside what was agreed, sealed with their key."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from komp_flow import vault
from komp_flow.engine.tables import SUBMISSION, TASK
from komp_flow.errors import FieldError, Invalid, NotFound
from komp_flow.i18n import _
from komp_flow.organisation import Actor
from komp_flow.organisation.staffing import plans
from komp_flow.registers import sealing, talks
from komp_flow.registers.models import DevelopmentGoal
from komp_flow.work import policy
from komp_flow.work.models import PlanRemark
from komp_flow.work.policy import Permission

LONGEST: Final = 4_000
MOST: Final = 100  # of one plan
REFERENCE: Final = "plan-reference"  # the form where the plan itself lies in a solution of the organisation's own


@dataclass(frozen=True)
class Remark:
    """A comment, opened; no text where it is erased."""

    instance: UUID
    at: datetime
    text: str | None


def add(db: Session, actor: Actor, instance_id: UUID, text: str, now: datetime) -> None:
    """Keep a comment beside the plan of one's own talk. NotFound: there is no such plan. Invalid: empty, too long."""
    policy.require(db, actor, Permission.WORK, now)
    talk = talks.talk(db, instance_id)
    if talk is None or not actor.person_id or talk.person_id != actor.person_id:
        raise NotFound(_("Planen finnes ikke."))
    beside = _plan_task(db, instance_id)
    if beside is None:
        raise NotFound(_("Det er ikke skrevet noen plan å kommentere ennå."))
    said = text.replace("\r\n", "\n").strip()
    if not said or len(said) > LONGEST:
        wrong = _("Skriv en kommentar på høyst %(most)s tegn.", most=LONGEST)
        raise Invalid(_("Kommentaren er ikke lagret. Rett det som er merket."), [FieldError("comment", wrong)])
    mine = select(func.count()).select_from(PlanRemark).where(PlanRemark.instance_id == instance_id)
    if (db.scalar(mine) or 0) >= MOST:
        full = _("Planen har alt %(most)s kommentarer.", most=MOST)
        raise Invalid(full, [FieldError("comment", full)])
    row = PlanRemark(id=uuid.uuid4(), person_id=actor.person_id, instance_id=instance_id, task_id=beside, at=now)
    row.sealed = vault.seal(db, actor.person_id, said, _context(row.id))
    db.add(row)
    db.flush()


def of_person(db: Session, person_id: str, *, own: bool) -> list[Remark]:
    """The comments of one whose plan the reader may read, the oldest first. It is noted that they were opened.

    `own`: to the person; others do not see what stands beside a plan that has not followed to a new unit.
    """
    query = select(PlanRemark).where(PlanRemark.person_id == person_id)
    if not own:
        query = query.where(~plans.held_back(PlanRemark.instance_id))
    found = []
    for row in db.scalars(query.order_by(PlanRemark.at, PlanRemark.id)):
        text = vault.opened_or(db, person_id, row.sealed, _context(row.id), None)
        if text is not None:
            sealing.note(db, person_id, row.task_id, person_id)
        found.append(Remark(row.instance_id, row.at, text))
    return found


def commentable(db: Session, instances: Collection[UUID]) -> frozenset[UUID]:
    """Of these talks, those in which something has been agreed that a comment can stand beside."""
    query = select(SUBMISSION.c.instance_id).where(*_agreed(), SUBMISSION.c.instance_id.in_(sorted(instances)))
    return frozenset(db.connection().execute(query.distinct()).scalars()) if instances else frozenset()


def _plan_task(db: Session, instance_id: UUID) -> UUID | None:
    """The task of what was last written of the plan by another than the employee: what the comment is beside."""
    query = select(TASK.c.id).join(SUBMISSION, SUBMISSION.c.task_id == TASK.c.id)
    mine = query.where(*_agreed(), SUBMISSION.c.instance_id == instance_id)
    return db.connection().execute(mine.order_by(SUBMISSION.c.at.desc(), TASK.c.id).limit(1)).scalar()


def _agreed() -> tuple[ColumnElement[bool], ...]:
    """What says what was agreed, and is not erased: it wrote the person's goals, or where the plan is kept."""
    wrote_goals = select(DevelopmentGoal.task_id).where(DevelopmentGoal.instance_id == SUBMISSION.c.instance_id)
    elsewhere = select(TASK.c.id).where(TASK.c.form == REFERENCE)
    agreed = or_(SUBMISSION.c.task_id.in_(wrote_goals), SUBMISSION.c.task_id.in_(elsewhere))
    return (SUBMISSION.c.own.is_(False), SUBMISSION.c.sealed.is_not(None), agreed)


def _context(remark: UUID) -> str:
    return f"plan-remark/{remark.hex}"
