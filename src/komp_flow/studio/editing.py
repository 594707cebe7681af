"""What the editors ask while somebody draws: save, check, say it in words; all of it JSON."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, g, jsonify, redirect, url_for
from flask.typing import ResponseReturnValue

from komp_flow.auth.guards import actor, requires
from komp_flow.errors import Stale
from komp_flow.i18n import _
from komp_flow.pages import moment
from komp_flow.requests import SEALED_OFF, db, reads
from komp_flow.revising import checking, drawings, saying
from komp_flow.revising.lines import Newer
from komp_flow.revising.texts import DIAGRAM
from komp_flow.studio import sent
from komp_flow.studio.blueprint import bp
from komp_flow.work.policy import Permission


@bp.put("/drawings/<uuid:drawing_id>")
@requires(Permission.DRAW)
def save(drawing_id: UUID) -> ResponseReturnValue:
    """Keep what is drawn; 412 with what is kept where somebody was first."""
    body = sent.body()
    try:
        saved = drawings.save(db(), actor(), drawing_id, sent.revision(body), sent.text(body), g.now)
    except Stale as error:
        return _newer(error), 412
    return jsonify(revision=saved.revision, saved=moment(saved.saved_at), name=saved.name, key=saved.key)


def _newer(error: Stale) -> Response:
    found = error.current
    assert isinstance(found, Newer)  # noqa: S101 (drawings.save gives nothing else)
    return jsonify(
        detail=error.message,
        who=found.who,
        you=found.by == actor().person_id,
        when=moment(found.when),
        changes=list(found.changes),
        mine=list(found.mine),
        revision=found.revision,
        text=found.text,
    )


@bp.post("/drawings/<uuid:drawing_id>/copy")
@requires(Permission.DRAW)
def copy(drawing_id: UUID) -> ResponseReturnValue:
    """What one has drawn, as a drawing of one's own."""
    body = sent.body()
    kind = body.get("kind")
    made = drawings.copy(db(), actor(), drawing_id, sent.text(body), g.now, kind if isinstance(kind, str) else None)
    return jsonify(url=url_for("studio.drawing", drawing_id=made)), 201


@bp.get("/drawings/<uuid:drawing_id>/file")
@requires(Permission.DRAW)
def file(drawing_id: UUID) -> ResponseReturnValue:
    """The drawing as a file to keep."""
    found = drawings.drawing(db(), actor(), drawing_id, g.now)
    return as_file(found.kind, found.key, found.text.encode())


def as_file(kind: str, key: str, data: bytes) -> Response:
    """A diagram or form to be kept, never shown by the browser itself."""
    ending, media = ("bpmn", "application/xml") if kind == DIAGRAM else ("json", "application/json")
    name = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "-" for c in key).strip(".") or "uten-id"
    answer = Response(data, content_type=f"{media}; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}.{ending}")
    answer.headers["Content-Security-Policy"] = SEALED_OFF
    return answer


@bp.post("/drawings/<uuid:drawing_id>/check")
@requires(Permission.DRAW)
@reads
def check(drawing_id: UUID) -> ResponseReturnValue:
    """Every problem of what is drawn just now, by the rules of `komp-flow check`; and why it would not be kept."""
    text = sent.text(sent.body())
    found = checking.problems(db(), actor(), drawing_id, text, g.now)
    columns = ("element", "severity", "rule", "message", "fix")
    return jsonify(
        problems=[{column: getattr(problem, column) for column in columns} for problem in found],
        refused=drawings.refused(db(), actor(), drawing_id, text, g.now),
    )


@bp.post("/drawings/<uuid:drawing_id>/words")
@requires(Permission.DRAW)
@reads
def words(drawing_id: UUID) -> ResponseReturnValue:
    """What is drawn just now, in words."""
    found = saying.sections(db(), actor(), drawing_id, sent.text(sent.body()), g.now)
    return jsonify(
        sections=[
            {
                "heading": section.heading,
                "lines": [{"element": line.element, "text": line.text} for line in section.lines],
            }
            for section in found
        ]
    )


@bp.post("/drawings/<uuid:drawing_id>/discard")
@requires(Permission.DRAW)
def discard(drawing_id: UUID) -> ResponseReturnValue:
    """Throw it away, and back to the front page, where it can be taken back."""
    gone = drawings.discard(db(), actor(), drawing_id, g.now)
    flash(_("Utkastet til «%(name)s» er forkastet. Det ligger nederst på siden i 30 dager.", name=gone.name), "success")
    return redirect(url_for("studio.home"), 303)
