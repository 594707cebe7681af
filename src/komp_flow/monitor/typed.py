"""What one types in the small forms about people: a person by name or number, a date."""

from __future__ import annotations

from datetime import date
from typing import Final

from flask import g, request

from komp_flow import organisation
from komp_flow.errors import FieldError, Invalid
from komp_flow.i18n import _
from komp_flow.requests import db

LONGEST: Final = 200  # letters of what is searched for


def who(field: str) -> str:
    """The person that a name or an employee number stands for. Raises Invalid where it is nobody, or several."""
    text = request.form.get(field, "").strip()[:LONGEST]
    directory = organisation.directory(db(), g.now)
    if text in directory.people:
        return text
    found = organisation.queries.search(directory, text, 6)
    if len(found) == 1:
        return found[0].id
    if not found:
        raise _wrong(field, _("Ingen her heter det. Skriv et navn eller et ansattnummer."))
    names = ", ".join(f"{each.name} ({each.id})" for each in found[:5])
    raise _wrong(field, _("Flere passer: %(names)s. Skriv ansattnummeret.", names=names))


def day(field: str) -> date:
    """A date that must be there."""
    found = day_or_none(field)
    if found is None:
        raise _wrong(field, _("Skriv en dato."))
    return found


def day_or_none(field: str) -> date | None:
    """A date, or nothing."""
    text = request.form.get(field, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise _wrong(field, _("Skriv en dato.")) from None


def _wrong(field: str, said: str) -> Invalid:
    return Invalid(_("Ingenting er endret. Rett det som er merket."), [FieldError(field, said)])
