"""The cycle for everyone: where we are and my part in it, its strategy, who does what, the words."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request
from flask.sansio.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from komp_flow import guidance, work
from komp_flow.auth.guards import actor, requires
from komp_flow.monitor import asked, phases, queries, told
from komp_flow.pages import zone
from komp_flow.requests import db
from komp_flow.work.policy import Permission

bp = Blueprint("cycle", __name__)


@bp.record_once
def words(state: BlueprintSetupState) -> None:
    """The templates say where a unit and a person stand with these, those of the start page too."""
    state.app.jinja_env.globals.update(told=told, asked=asked)


@bp.get("/cycle")
@requires(Permission.SEE_REGISTERS)
def now() -> ResponseReturnValue:
    """Where the cycle is, what it asks of the reader and what they have done, and all its dates."""
    mine = work.my_part(db(), actor(), _wanted(), g.now)
    dates = queries.calendar(mine.cycle, g.now.astimezone(zone()).date()) if mine.cycle else []
    return render_template(
        "monitor/cycle.html",
        mine=mine,
        dates=dates,
        next=next((entry for entry in dates if entry.day and not entry.past), None),
        may_move=Permission.MOVE_DATES in g.permissions,
        **_common(mine),
    )


@bp.get("/cycle/strategy")
@requires(Permission.SEE_REGISTERS)
def strategy() -> ResponseReturnValue:
    """The documents that the cycle builds on; once it is out, the strategy that was decided, with its measures."""
    sheet = work.strategy(db(), actor(), _wanted(), g.now)
    return render_template(
        "monitor/strategy.html", sheet=sheet, kinds=phases.documents(sheet.documents), **_common(sheet)
    )


@bp.get("/cycle/phases")
@requires(Permission.SEE_REGISTERS)
def process() -> ResponseReturnValue:
    """Who does what in the four phases, as the published diagrams say, with the guidance for each step."""
    sheet = work.duties(db(), actor(), _wanted(), g.now)
    return render_template("monitor/phases.html", sheet=sheet, guidance=guidance, **_common(sheet))


@bp.get("/cycle/glossary")
@requires(Permission.SEE_REGISTERS)
def glossary() -> ResponseReturnValue:
    """The words: the cycle's own, then those of the process itself."""
    sheet = work.strategy(db(), actor(), _wanted(), g.now)
    return render_template("monitor/glossary.html", sheet=sheet, common=guidance.text("glossary"), **_common(sheet))


def _wanted() -> str | None:
    return request.args.get("cycle", "")[:40] or None


def _common(sheet: phases.OfACycle) -> dict[str, object]:
    """What the frame of these pages shows: the cycle, and the others that one may choose."""
    return {"cycle": sheet.cycle, "cycles": sheet.cycles}
