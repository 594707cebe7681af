"""Privacy: how long texts are kept, what has been erased, and the page that erases all about a person."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from komp_flow import organisation, work
from komp_flow.auth.guards import actor, requires
from komp_flow.errors import KompFlowError
from komp_flow.i18n import _
from komp_flow.requests import db
from komp_flow.work.policy import Permission

bp = Blueprint("privacy", __name__)


@bp.get("/privacy")
@requires(Permission.ERASE)
def overview() -> ResponseReturnValue:
    """What is kept for how long, what has been erased, and a form."""
    return _page({"person": request.args.get("person", "")[:64]})


@bp.post("/privacy/erase")
@requires(Permission.ERASE)
def erase() -> ResponseReturnValue:
    """Erase all that is written about a person, once it is confirmed."""
    typed = {name: request.form.get(name, "").strip() for name in ("person", "reason", "sure")}
    if not typed["sure"]:
        return _page(typed, {"sure": _("Ingenting er slettet. Kryss av for at du vil slette for godt.")}), 422
    try:
        work.erase(db(), actor(), typed["person"][:64], typed["reason"], g.now)
    except KompFlowError as error:
        g.transactions.roll_back()
        wrong = {field.field: field.message for field in getattr(error, "fields", ())} or {"person": error.message}
        return _page(typed, wrong), 422
    flash(_("Det som er skrevet om %(person)s, er slettet.", person=typed["person"]), "success")
    return redirect(url_for("privacy.overview"), 303)


def _page(typed: dict[str, str], wrong: dict[str, str] | None = None) -> str:
    directory = organisation.directory(db(), g.now)
    names = {person.id: person.name for person in directory.people.values()}
    return render_template(
        "monitor/privacy.html",
        retention=work.retention(db()),
        erasures=work.erasures(db(), actor(), g.now),
        names=names,
        typed=typed,
        wrong=wrong or {},
    )
