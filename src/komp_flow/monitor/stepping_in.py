"""One's own: who steps in while one is away, and whether one's plan follows to the unit where one is now."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from komp_flow import work
from komp_flow.auth.guards import actor, requires
from komp_flow.errors import KompFlowError
from komp_flow.i18n import _
from komp_flow.monitor import people_words as words
from komp_flow.monitor.typed import day, who
from komp_flow.requests import db
from komp_flow.work.policy import Permission

bp = Blueprint("own", __name__)


@bp.get("/substitutes")
@requires(Permission.SUBSTITUTE)
def substitutes() -> ResponseReturnValue:
    """Who steps in for me, and for whom I do."""
    return _substitutes({})


@bp.post("/substitutes")
@requires(Permission.SUBSTITUTE)
def substitute() -> ResponseReturnValue:
    """Somebody steps in for me from one day to another."""
    try:
        me = actor().person_id
        line = work.substitute(db(), actor(), me, who("substitute"), day("start"), day("end"), g.now)
    except KompFlowError as error:
        g.transactions.roll_back()
        return _substitutes(words.wrong(error)), 422
    flash(_("%(name)s er vikar.", name=line.substitute_name), "success")
    return redirect(url_for("own.substitutes"), 303)


@bp.post("/substitutes/<int:substitution_id>/end")
@requires(Permission.SUBSTITUTE)
def end_substitution(substitution_id: int) -> ResponseReturnValue:
    """Take it away."""
    work.end_substitution(db(), actor(), substitution_id, g.now)
    flash(_("Vikariatet er avsluttet."), "success")
    return redirect(url_for("own.substitutes"), 303)


@bp.get("/plan-transfers")
@requires(Permission.WORK)
def transfers() -> ResponseReturnValue:
    """My plans that were made in a unit that I have left."""
    return render_template("monitor/people/transfers.html", transfers=work.talks.transfers(db(), actor(), g.now))


@bp.post("/plan-transfers/<uuid:talk_id>")
@requires(Permission.WORK)
def answer_transfer(talk_id: UUID) -> ResponseReturnValue:
    """Whether it follows."""
    follows = request.form.get("follows") == "yes"
    work.talks.answer_transfer(db(), actor(), talk_id, follows, g.now)
    if follows:
        flash(_("Planen følger deg. Lederen din kan lese den nå."), "success")
    else:
        flash(_("Planen blir hos deg alene."), "success")
    return redirect(url_for("own.transfers"), 303)


def _substitutes(wrong: Mapping[str, str]) -> str:
    me = actor().person_id
    found = work.substitutions(db(), actor(), g.now, person=me)
    return render_template(
        "monitor/people/substitutes.html",
        mine=[line for line in found if line.person == me],
        others=[line for line in found if line.person != me],
        wrong=wrong,
        typed=request.form,
    )
