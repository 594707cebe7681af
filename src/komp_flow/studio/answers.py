"""What the pages of the studio have in common: a look before anything is written, and what is said afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from flask import current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from komp_flow.errors import FieldError, Invalid, NotFound
from komp_flow.i18n import _
from komp_flow.revising.lines import Outcome
from komp_flow.revising.texts import DIAGRAM

LARGEST_NUMBER = 2**31 - 1


def told(done: Outcome, drawing_id: UUID) -> ResponseReturnValue:
    """On to what was published, or to what waits."""
    if done.asked is not None:
        flash(_("Du har bedt om at dette publiseres. En annen prosesseier må bekrefte det på studioets side."), "info")
        return redirect(url_for("studio.proposal", drawing_id=drawing_id), 303)
    first = done.versions[0]
    flash(_("Versjon %(number)s av «%(name)s» er publisert.", number=first.number, name=first.name), "success")
    return redirect(address(first.kind, first.key), 303)


def address(kind: str, key: str) -> str:
    """The page of all versions."""
    if kind == DIAGRAM:
        return url_for("studio.process_versions", process=key)
    return url_for("studio.form_versions", form=key)


@contextmanager
def looking() -> Iterator[Session]:
    """A transaction that only reads: check takes its time, and no writer is to wait for it."""
    with current_app.extensions["database"].reading() as reading:
        yield reading


def wrong(error: Invalid) -> dict[str, str]:
    """The sentences by field; what belongs to no field stands at the top."""
    fields = error.fields or (FieldError("", error.message),)
    return {"": error.message, **{field.field: field.message for field in fields}}


def refused() -> str:
    """What stands above the errors of check."""
    return _("Ingenting er publisert. Rett feilene under først.")


def typed(name: str) -> str:
    """What was typed into a field."""
    return request.form.get(name, "").replace("\0", "")


def known(key: str) -> str:
    """The id of a process or form in an address. NotFound: none is so odd."""
    if "\0" in key or len(key) > 300:
        raise NotFound(_("Det er ikke publisert noe med den id-en."))
    return key


def number_of(number: int) -> int:
    """The number of a version in an address. NotFound: none is so large."""
    if number > LARGEST_NUMBER:
        raise NotFound(_("Versjonen finnes ikke."))
    return number
