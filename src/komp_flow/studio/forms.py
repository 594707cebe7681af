"""What only the form editor asks: the form as it will look, drawn by the same hand as a task's."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from flask import Response, current_app, g, render_template
from flask.typing import ResponseReturnValue

from komp_flow import forms
from komp_flow.auth.guards import actor, requires
from komp_flow.requests import SEALED_OFF, db, reads
from komp_flow.revising import previewing
from komp_flow.revising.lines import DrawingSheet
from komp_flow.studio import sent
from komp_flow.studio.blueprint import bp
from komp_flow.work.policy import Permission


@bp.post("/drawings/<uuid:drawing_id>/preview")
@requires(Permission.DRAW)
@reads
def preview(drawing_id: UUID) -> ResponseReturnValue:
    """The form as a piece of a page, or what is in the way, in words. It cannot be sent."""
    body = sent.body()
    view, problems = previewing.preview(db(), actor(), drawing_id, sent.text(body), sent.filled(body), g.now)
    if view is None:
        drawn = render_template("studio/unshown.html", problems=problems)
    else:
        drawn = forms.render(current_app.jinja_env, view, action_url="#", buttons=(forms.COMPLETE, forms.SAVE))
    answer = Response(drawn, content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = SEALED_OFF
    return answer


def around(drawing: DrawingSheet) -> dict[str, list[dict[str, Any]]]:
    """Where a form is used, and the names that are there before it, for its editor."""
    return {
        "uses": [asdict(use) for use in previewing.uses(db(), actor(), drawing.key, g.now)],
        "before": [asdict(name) for name in previewing.names_before(db(), actor(), drawing.key, g.now)],
    }
