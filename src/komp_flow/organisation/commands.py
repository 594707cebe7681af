"""Changes of the organisation that do not come from its files: roles granted, substitutes, days that are free."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from komp_flow import audit
from komp_flow.errors import Conflict, FieldError, Invalid, NotFound
from komp_flow.i18n import _
from komp_flow.organisation import roles
from komp_flow.organisation.models import (
    NAME,
    ClosingDay,
    OrganisationState,
    Person,
    PersonRole,
    Substitution,
)
from komp_flow.organisation.snapshots import bump

STREAM = "organisation"
FILE, GRANT = "file", "grant"
LONGEST_SUBSTITUTION = 366  # days


def grant(db: Session, person_id: str, role: str, now: datetime, *, by: str | None = None) -> bool:
    """Give a role that imports leave alone. False if the person was granted it before. Raises Invalid, NotFound."""
    _known_role(role)
    _person(db, person_id)
    if db.get(PersonRole, (person_id, role, GRANT)) is not None:
        return False
    db.add(PersonRole(person_id=person_id, role=role, source=GRANT))
    db.flush()
    _tell(db, "role-granted", now, by, person=person_id, role=role)
    return True


def revoke(db: Session, person_id: str, role: str, now: datetime, *, by: str | None = None) -> None:
    """Take a granted role back. Raises Conflict where the file gives the role, NotFound where nobody did."""
    _known_role(role)
    granted = db.get(PersonRole, (person_id, role, GRANT))
    if granted is None and db.get(PersonRole, (person_id, role, FILE)) is not None:
        raise Conflict(
            _("Rollen %(role)s står i organisasjonsfilen. Fjern den der, og importer filen på nytt.", role=role)
        )
    if granted is None:
        raise NotFound(_("%(person)s har ikke fått rollen %(role)s.", person=person_id, role=role))
    db.delete(granted)
    db.flush()
    _tell(db, "role-revoked", now, by, person=person_id, role=role)


def substitute(
    db: Session, person_id: str, substitute_id: str, now: datetime, *, start: date, end: date, by: str | None = None
) -> Substitution:
    """From `start` to `end`, both included, `substitute_id` acts for `person_id`. Raises Invalid, NotFound."""
    _person(db, person_id)
    _person(db, substitute_id)
    wrong = []
    if person_id == substitute_id:
        wrong.append(FieldError("substitute", _("Ingen kan være vikar for seg selv. Velg en annen.")))
    if end < start:
        wrong.append(FieldError("end", _("Siste dag er før første dag. Velg en senere dag.")))
    elif (end - start).days >= LONGEST_SUBSTITUTION:
        wrong.append(FieldError("end", _("Et vikariat kan vare i høyst ett år. Velg en tidligere siste dag.")))
    if wrong:
        raise Invalid(_("Vikariatet er ikke lagret."), wrong)
    row = Substitution(person_id=person_id, substitute_id=substitute_id, start=start, end=end)
    db.add(row)
    db.flush()
    days = {"start": start.isoformat(), "end": end.isoformat()}
    _tell(db, "substitute-set", now, by, person=person_id, substitute=substitute_id, **days)
    return row


def end_substitution(db: Session, substitution_id: int, now: datetime, *, by: str | None = None) -> None:
    """Take a substitution away, begun or not. Raises NotFound."""
    row = db.get(Substitution, substitution_id)
    if row is None:
        raise NotFound(_("Vikariatet finnes ikke lenger."))
    db.delete(row)
    db.flush()
    _tell(db, "substitute-ended", now, by, person=row.person_id, substitute=row.substitute_id)


def close_day(db: Session, day: date, name: str, now: datetime, *, by: str | None = None) -> None:
    """Keep a day free; a day that is free already gets the new name. Raises Invalid without a name."""
    name = name.strip()
    if not name or len(name) > NAME:
        raise Invalid(_("Dagen er ikke lagret."), [FieldError("name", _("Skriv hva dagen heter, på én linje."))])
    row = db.get(ClosingDay, day)
    if row is None:
        db.add(ClosingDay(day=day, name=name))
    else:
        row.name = name
    db.flush()
    _tell(db, "day-closed", now, by, day=day.isoformat())


def open_day(db: Session, day: date, now: datetime, *, by: str | None = None) -> None:
    """Work on a day that was kept free. Raises NotFound."""
    row = db.get(ClosingDay, day)
    if row is None:
        raise NotFound(_("Dagen er ikke en av virksomhetens egne fridager."))
    db.delete(row)
    db.flush()
    _tell(db, "day-opened", now, by, day=day.isoformat())


def set_july_pause(db: Session, on: bool, now: datetime, *, by: str | None = None) -> None:
    """Let July rest, or not."""
    bump(db)
    db.execute(update(OrganisationState).where(OrganisationState.id == 1).values(july_pause=on))
    _tell(db, "july-pause-set", now, by, on=on)


def _known_role(role: str) -> None:
    if role not in roles.GLOBAL:
        raise Invalid(
            _(
                "%(role)s er ikke en rolle som kan gis. Rollene er %(known)s.",
                role=role[:40],
                known=", ".join(sorted(roles.GLOBAL)),
            )
        )


def _person(db: Session, person_id: str) -> None:
    row = db.execute(select(Person.left_at).where(Person.id == person_id)).first()
    if row is None:
        raise NotFound(_("Det finnes ingen med ansattnummer %(person)s.", person=person_id[:40]))
    if row.left_at is not None:
        raise Conflict(_("%(person)s har sluttet. Ingenting er endret.", person=person_id))


def _tell(db: Session, what: str, now: datetime, by: str | None, **detail: Any) -> None:
    audit.record(db, STREAM, [audit.Entry(what=what, by=by, detail=detail)], now)
