"""Giving somebody's talks to another manager, and taking them back; whoever does it reads nothing by it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from komp_flow import organisation
from komp_flow.errors import NotAllowed, NotFound
from komp_flow.i18n import _
from komp_flow.organisation import Actor, Subject
from komp_flow.work import policy, rows
from komp_flow.work.doing.holding import Held
from komp_flow.work.policy import Permission


def hand_over(db: Session, person_id: str, to: str, actor: Actor, reason: str, now: datetime) -> None:  # noqa: PLR0917
    """`to` has this person's talks from now on, until they are taken back: tasks, plans and drafts of plans.

    By HR, the superior, or who has the talks now. The manager by right, and whoever had them before, see them no
    longer. NotFound, NotAllowed; Invalid with every field's error.
    """
    _require(db, person_id, actor, now)
    organisation.hand_over(db, person_id, to, reason, now, by=actor.by)


def take_back(db: Session, person_id: str, actor: Actor, now: datetime) -> None:
    """The person's own manager has their talks again. By the same who may hand over. NotFound: nobody else has them."""
    _require(db, person_id, actor, now)
    organisation.take_back(db, person_id, now, by=actor.by)


def handed_over(db: Session, person_id: str) -> str | None:
    """Who was given this person's talks; None: their own manager has them."""
    row = organisation.handed(db, person_id)
    return row.manager_id if row is not None else None


def may_hand_over(mine: Held) -> bool:
    """Whether they may give away the talks of the one whom the task is about."""
    if mine.about is None or mine.about == mine.person_id:
        return False
    return policy.can(mine.who, Permission.STEER_TALKS, rows.subject(mine.row), mine.actor)


def _require(db: Session, person_id: str, actor: Actor, now: datetime) -> None:
    if organisation.directory(db, now).person(person_id) is None:
        raise NotFound(_("Personen finnes ikke. Ingenting er endret."))
    if actor.person_id == person_id:
        raise NotAllowed(_("Du kan ikke gi bort din egen samtale. Spør HR om en annen leder. Ingenting er endret."))
    policy.require(db, actor, Permission.STEER_TALKS, now, Subject(person=person_id))
