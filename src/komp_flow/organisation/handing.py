"""Giving somebody's talks to another manager than their own, and taking them back (process.md §6 «conflict»)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from komp_flow import audit, vault
from komp_flow.errors import FieldError, Invalid, NotFound
from komp_flow.i18n import _
from komp_flow.organisation.commands import STREAM
from komp_flow.organisation.directory import Directory
from komp_flow.organisation.models import TalkHolder
from komp_flow.organisation.snapshots import bump, directory

LONGEST_REASON: Final = 1_000


def hand_over(db: Session, person_id: str, to: str, reason: str, now: datetime, *, by: str | None = None) -> TalkHolder:
    """`to` has this person's talks from now on, drafts of plans and all, until it is taken back.

    Whoever had them before sees them no longer; what they noted for themselves stays theirs. Raises Invalid, NotFound.
    """
    bump(db)  # whoever else is at it waits here
    found = directory(db, now)
    person = found.person(person_id)
    if person is None or not person.employed:
        raise NotFound(_("Det arbeider ingen med ansattnummer %(person)s her.", person=person_id[:40]))
    _hold(found, person_id, to, reason)
    sealed = vault.seal(db, person_id, reason.strip(), _context(person_id))
    row = db.get(TalkHolder, person_id)
    if row is None:
        row = TalkHolder(person_id=person_id, manager_id=to, by=by, at=now, reason=sealed)
        db.add(row)
    else:
        row.manager_id, row.by, row.at, row.reason = to, by, now, sealed
    db.flush()
    _tell(db, "talks-handed-over", person_id, to, now, by)
    return row


def take_back(db: Session, person_id: str, now: datetime, *, by: str | None = None) -> None:
    """The person's own manager has their talks again. Raises NotFound where nobody else has them."""
    row = db.get(TalkHolder, person_id)
    if row is None:
        raise NotFound(_("Samtalene er ikke gitt til noen andre. Ingenting er endret."))
    to = row.manager_id
    db.delete(row)
    db.flush()
    _tell(db, "talks-taken-back", person_id, to, now, by)


def handed(db: Session, person_id: str) -> TalkHolder | None:
    """Who was given this person's talks, by whom and when; None: their own manager has them."""
    return db.get(TalkHolder, person_id)


def reason(db: Session, row: TalkHolder) -> str:
    """Why, in words; empty when the person's texts are erased."""
    return str(vault.opened_or(db, row.person_id, row.reason, _context(row.person_id), ""))


def _context(person_id: str) -> str:
    return f"talk-holder/{person_id}"


def _hold(found: Directory, person_id: str, to: str, why: str) -> None:
    wrong = []
    whom = found.person(to)
    if whom is None or not whom.employed:
        wrong.append(FieldError("to", _("Velg en som arbeider her.")))
    elif to == person_id:
        wrong.append(FieldError("to", _("Ingen kan ha samtalen med seg selv. Velg en annen.")))
    elif not _leads(found, to):
        wrong.append(FieldError("to", _("Velg en som er leder eller stedfortreder i en enhet.")))
    if not 0 < len(why.strip()) <= LONGEST_REASON:
        wrong.append(FieldError("reason", _("Skriv hvorfor, med høyst %(most)s tegn.", most=LONGEST_REASON)))
    if wrong:
        raise Invalid(_("Samtalen er ikke gitt videre. Rett det som er merket."), wrong)


def _leads(found: Directory, person_id: str) -> bool:
    """Leads a unit, is a deputy there, or is somebody's manager by name."""
    units = (unit for unit in found.units.values() if not unit.closed)
    return any(person_id in (unit.manager_id, unit.deputy_id) for unit in units) or any(
        other.manager_id == person_id for other in found.people.values() if other.employed
    )


def _tell(db: Session, what: str, person_id: str, to: str, now: datetime, by: str | None) -> None:  # noqa: PLR0917
    audit.record(db, STREAM, [audit.Entry(what=what, by=by, detail={"person": person_id, "to": to})], now)
