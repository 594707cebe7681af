"""The administrator's page about mail: does it go out, what could not be sent, and sending it again."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from komp_flow import work
from komp_flow.auth.guards import actor, requires
from komp_flow.i18n import _, ngettext
from komp_flow.pages import moment
from komp_flow.requests import db
from komp_flow.work.policy import Permission

bp = Blueprint("mail", __name__)


@bp.get("/mail")
@requires(Permission.SEE_MAIL)
def overview() -> ResponseReturnValue:
    """How the mail does."""
    return render_template("monitor/mail.html", sheet=work.mail_sheet(db(), actor(), g.now))


@bp.post("/mail/<uuid:mail_id>/again")
@requires(Permission.SEE_MAIL)
def again(mail_id: UUID) -> ResponseReturnValue:
    """Send one mail again."""
    at = work.send_mail_again(db(), actor(), mail_id, g.now)
    return _back(_("E-posten sendes nå.") if at <= g.now else _("E-posten sendes %(when)s.", when=moment(at)))


@bp.post("/mail/again")
@requires(Permission.SEE_MAIL)
def all_again() -> ResponseReturnValue:
    """Send again all that could not be sent."""
    count, at = work.send_all_mail_again(db(), actor(), g.now)
    if not count:
        return _back(_("Det er ingen e-poster å sende på nytt."))
    said = ngettext("%(num)s e-post legges i køen igjen.", "%(num)s e-poster legges i køen igjen.", count)
    return _back(said if at <= g.now else f"{said} " + _("De sendes %(when)s.", when=moment(at)))


@bp.post("/mail/trial")
@requires(Permission.SEE_MAIL)
def trial() -> ResponseReturnValue:
    """Send a mail to oneself, to see that it works."""
    to = work.try_mail(db(), actor(), g.now)
    return _back(_("En prøve er på vei til %(to)s. Kommer den ikke, står grunnen her om litt.", to=to))


def _back(said: str) -> ResponseReturnValue:
    flash(said, "success")
    return redirect(url_for("mail.overview"), 303)
