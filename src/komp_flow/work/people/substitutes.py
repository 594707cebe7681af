"""Substitutes: who steps in for whom, and when. One's own are one's own choice; HR sets anybody's."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from sqlalchemy.orm import Session

from komp_flow import notifications, organisation
from komp_flow.errors import NotFound
from komp_flow.i18n import _
from komp_flow.organisation import Actor, Directory
from komp_flow.organisation.models import Substitution
from komp_flow.work import policy, rows
from komp_flow.work.people.lines import SubstituteLine
from komp_flow.work.policy import Permission

LARGEST_ID: Final = 2**31 - 1  # what the column holds; a larger one is nobody's


def substitutions(db: Session, actor: Actor, now: datetime, *, person: str | None = None) -> list[SubstituteLine]:
    """Those that run today or are to come: for HR everyone's, or of one person; for others those they are part of."""
    who = policy.require(db, actor, Permission.SUBSTITUTE, now)
    directory = organisation.directory(db, now)
    everyone = policy.can(who, Permission.CHANGE_ORGANISATION, None, actor)
    found: Iterable[Substitution] = organisation.queries.substitutions(db, directory.today)
    if person is not None:
        found = (row for row in found if person in (row.person_id, row.substitute_id))
    if not everyone:
        found = (row for row in found if actor.person_id in (row.person_id, row.substitute_id))
    return [_line(directory, row, actor, everyone=everyone) for row in found]


def substitute(  # noqa: PLR0917
    db: Session, actor: Actor, person: str, to: str, start: date, end: date, now: datetime
) -> SubstituteLine:
    """From `start` to `end`, both included, `to` acts for `person`, who is told where somebody else has set it.

    Raises NotAllowed where it is neither one's own nor HR's, Invalid and NotFound as `organisation.substitute` does.
    """
    everyone = _require(db, actor, person, now)
    row = organisation.substitute(db, person, to, now, start=start, end=end, by=actor.by)
    directory = organisation.directory(db, now)
    told = {person, to} - {actor.person_id}
    names = {"person": rows.person_name(directory, person), "to": rows.person_name(directory, to)}
    days = {"start": start.isoformat(), "end": end.isoformat()}
    notice = notifications.Notice(
        kind="substitute",
        occasion=f"{row.id}:{start}:{end}",
        text=_("%(to)s er vikar for %(person)s fra %(start)s til %(end)s.", **names, **days),
    )
    notifications.queue(db, told, notice, now)
    return _line(directory, row, actor, everyone=everyone)


def end_substitution(db: Session, actor: Actor, substitution_id: int, now: datetime) -> None:
    """Take it away, begun or not. NotFound also for what is neither one's own nor HR's to see."""
    policy.require(db, actor, Permission.SUBSTITUTE, now)
    row = db.get(Substitution, substitution_id) if substitution_id <= LARGEST_ID else None
    known = row is not None and actor.person_id in (row.person_id, row.substitute_id)
    if row is None or not (known or _is_hr(db, actor, now)):
        raise NotFound(_("Vikariatet finnes ikke lenger."))
    _require(db, actor, row.person_id, now)
    organisation.end_substitution(db, substitution_id, now, by=actor.by)


def _is_hr(db: Session, actor: Actor, now: datetime) -> bool:
    return policy.can(policy.holdings(db, actor, now), Permission.CHANGE_ORGANISATION, None, actor)


def _require(db: Session, actor: Actor, person: str, now: datetime) -> bool:
    """Whether the caller may for anybody. Raises NotAllowed where it is not their own and they may not."""
    who = policy.require(db, actor, Permission.SUBSTITUTE, now)
    everyone = policy.can(who, Permission.CHANGE_ORGANISATION, None, actor)
    if not everyone and person != actor.person_id:
        policy.require(db, actor, Permission.CHANGE_ORGANISATION, now)
    return everyone


def _line(directory: Directory, row: Substitution, actor: Actor, *, everyone: bool) -> SubstituteLine:
    return SubstituteLine(
        id=row.id,
        person=row.person_id,
        person_name=rows.person_name(directory, row.person_id) or "",
        substitute=row.substitute_id,
        substitute_name=rows.person_name(directory, row.substitute_id) or "",
        start=row.start,
        end=row.end,
        runs=row.start <= directory.today,
        may_end=everyone or row.person_id == actor.person_id,
    )
