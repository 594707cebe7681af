"""Privacy: erasing what is written about a person, and what has been erased."""

from __future__ import annotations

from typing import Any

from flask import g

from komp_flow import work
from komp_flow.api.routes import Routes, cut
from komp_flow.api.schemas import inputs, page_of, privacy
from komp_flow.auth.guards import actor
from komp_flow.requests import db
from komp_flow.work.policy import Permission

bp = Routes("privacy", "Erasing what is written about people.")


@bp.does("/people/<string:person_id>/erase", Permission.ERASE, privacy.EraseInput, privacy.Erasure)
def erase(body: dict[str, Any], person_id: str) -> Any:
    """Erase all that is written about a person, at once and for good; of one who has left, name and account too."""
    return work.erase(db(), actor(), person_id[:64], body["reason"], g.now)


@bp.asks("/erasures", Permission.ERASE, page_of(privacy.Erasure), query=inputs.PageQuery)
def erasures(asked: dict[str, Any]) -> Any:
    """The last two hundred, the newest first."""
    return cut(work.erasures(db(), actor(), g.now), asked)
