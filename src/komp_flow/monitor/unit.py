"""My unit: the page of those who lead, and of those above them who see the units below in numbers."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request
from flask.typing import ResponseReturnValue

from komp_flow import work
from komp_flow.auth.guards import actor, requires
from komp_flow.requests import db
from komp_flow.work.policy import Permission

bp = Blueprint("unit", __name__)


@bp.get("/unit")
@requires(Permission.SEE_UNIT)
def mine() -> ResponseReturnValue:
    """The first of the units that the reader leads; those of others whose talk the reader has; or why there is none."""
    units = work.my_units(db(), actor(), g.now)
    if units:
        return _page(units[0].id)
    return render_template("monitor/no-unit.html", people=work.my_people(db(), actor(), _cycle(), g.now))


@bp.get("/units/<string:unit_id>")
@requires(Permission.SEE_UNIT)
def one(unit_id: str) -> ResponseReturnValue:
    """One unit, for those who lead it or a unit above it, and for those who follow all."""
    return _page(unit_id[:64])


def _page(unit_id: str) -> str:
    sheet = work.unit(db(), actor(), unit_id, _cycle(), g.now)
    return render_template("monitor/unit.html", sheet=sheet)


def _cycle() -> str | None:
    return request.args.get("cycle", "")[:40] or None
