"""What the editor asks of a drawing and is asked back: questions, answers, the names at a point; all of it JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from flask import g, jsonify
from flask.typing import ResponseReturnValue

from komp_flow.auth.guards import actor, requires
from komp_flow.errors import Invalid
from komp_flow.i18n import _
from komp_flow.requests import db, reads
from komp_flow.revising import questions as asking
from komp_flow.studio import sent
from komp_flow.studio.blueprint import bp
from komp_flow.work.policy import Permission

MOST_ANSWERS: Final = 1_000
MOST_VALUES: Final = 50  # of one answer


@bp.post("/drawings/<uuid:drawing_id>/questions")
@requires(Permission.DRAW)
@reads
def open_questions(drawing_id: UUID) -> ResponseReturnValue:
    """What the drawing does not say yet."""
    found = asking.questions(db(), actor(), drawing_id, sent.text(sent.body()), g.now)
    return jsonify(questions=[asdict(question) for question in found])


@bp.post("/drawings/<uuid:drawing_id>/answers")
@requires(Permission.DRAW)
@reads
def answers(drawing_id: UUID) -> ResponseReturnValue:
    """The text with the answers in it; the editor takes it in and saves it."""
    body = sent.body()
    text = asking.put_in(db(), actor(), drawing_id, sent.text(body), _answers(body), g.now)
    return jsonify(text=text)


@bp.post("/drawings/<uuid:drawing_id>/names")
@requires(Permission.DRAW)
@reads
def names(drawing_id: UUID) -> ResponseReturnValue:
    """The names that exist at an element."""
    body = sent.body()
    element = body.get("element")
    if not isinstance(element, str):
        raise Invalid(_("Elementet mangler i det som ble sendt."))
    found = asking.names(db(), actor(), drawing_id, sent.text(body), element, g.now)
    return jsonify(names=[asdict(name) for name in found])


def _answers(body: dict[str, Any]) -> dict[str, list[str]]:
    found = body.get("answers")
    if not isinstance(found, dict) or len(found) > MOST_ANSWERS:
        raise Invalid(_("Svarene mangler i det som ble sendt. Ingenting er satt inn."))
    for values in found.values():
        if not isinstance(values, list) or len(values) > MOST_VALUES or not all(isinstance(one, str) for one in values):
            raise Invalid(_("Svarene er ikke skrevet slik de skal. Ingenting er satt inn."))
    return found
