"""People: who steps in for whom."""

from __future__ import annotations

from typing import Any

from flask import g

from komp_flow import work
from komp_flow.api.routes import Routes, cut
from komp_flow.api.schemas import inputs, page_of, people
from komp_flow.auth.guards import actor
from komp_flow.requests import db
from komp_flow.work.policy import Permission

bp = Routes("people", "Who steps in, who comes and goes, and what becomes of their talks.")


@bp.asks("/substitutions", Permission.SUBSTITUTE, page_of(people.Substitution), query=people.SubstitutionQuery)
def substitutions(asked: dict[str, Any]) -> Any:
    """Those that run today or are to come: HR sees everyone's, others those they are part of."""
    return cut(work.substitutions(db(), actor(), g.now, person=asked.pop("person", None)), asked)


@bp.does("/substitutions", Permission.SUBSTITUTE, people.SubstitutionInput, people.Substitution, 201)
def substitute(body: dict[str, Any]) -> Any:
    """Let somebody act for a person from one day to another. One's own are one's own choice; HR sets anybody's."""
    person = body["person"] or actor().person_id
    return work.substitute(db(), actor(), person, body["substitute"], body["start"], body["end"], g.now)


@bp.does("/substitutions/<int:substitution_id>", Permission.SUBSTITUTE, inputs.Nothing, people.Ended, method="DELETE")
def end_substitution(_body: dict[str, Any], substitution_id: int) -> Any:
    """Take it away, begun or not."""
    work.end_substitution(db(), actor(), substitution_id, g.now)
    return {"done": True}
