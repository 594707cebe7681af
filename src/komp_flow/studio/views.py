"""The studio's pages: what is published and what is being drawn, and the page that an editor stands on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from komp_flow.auth.guards import actor, requires
from komp_flow.engine.memory.bpmn import MAX_BYTES
from komp_flow.errors import Conflict, Invalid, KompFlowError, NotFound, TooLarge
from komp_flow.i18n import _
from komp_flow.pages import CSP
from komp_flow.requests import carries_files, db
from komp_flow.revising import confirming, drawings, shelf
from komp_flow.revising.surroundings import surroundings
from komp_flow.revising.texts import DIAGRAM, FORM
from komp_flow.studio import forms, known
from komp_flow.studio.blueprint import bp
from komp_flow.work.policy import Permission

# What each editor cannot do without: bpmn-js sets style attributes, form-js style elements too. Never a script.
EDITOR_CSP = {
    DIAGRAM: f"{CSP}; style-src-attr 'unsafe-inline'",
    FORM: CSP.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'"),
}


@bp.get("")
@requires(Permission.DRAW)
def home() -> ResponseReturnValue:
    """What is published, what is being drawn, and ways to begin."""
    return _home()


def _home(*, wrong: str = "", message: str = "") -> str:
    return render_template(
        "studio/home.html",
        shelf=shelf.shelf(db(), actor(), g.now),
        drawings=drawings.drawings(db(), actor(), g.now),
        waiting=confirming.waiting(db(), actor(), g.now),
        discarded=drawings.discarded(db(), actor(), g.now),
        wrong=wrong,
        message=message,
    )


@bp.post("/drawings")
@requires(Permission.DRAW)
def begin() -> ResponseReturnValue:
    """A new drawing: from something published, blank, or from a file of any tool."""
    asked = "file" if "file" in request.files else "blank" if "blank" in request.form else "published"
    try:
        with db().begin_nested():
            made = {"file": _from_file, "blank": _blank, "published": _from_published}[asked]()
    except (Invalid, TooLarge) as error:
        return _home(wrong=asked, message=_said(error)), 413 if isinstance(error, TooLarge) else 422
    came: dict[str, Any] = {name: request.form[name][:200] for name in ("came", "step") if name in request.form}
    return redirect(url_for("studio.drawing", drawing_id=made, **came), 303)


carries_files(begin, each=MAX_BYTES)


def _from_file() -> UUID:
    file = request.files["file"]
    if not file.filename:
        raise Invalid(_("Velg en fil først."))
    return drawings.draw_file(db(), actor(), file.filename, file.stream.read(MAX_BYTES + 1), g.now)


def _blank() -> UUID:
    kind = FORM if request.form["blank"] == FORM else DIAGRAM
    return drawings.draw_new(db(), actor(), kind, request.form.get("name", "").replace("\0", ""), g.now)


def _from_published() -> UUID:
    kind, key = (FORM, request.form.get("form")) if "form" in request.form else (DIAGRAM, request.form.get("process"))
    number = request.form.get("number", type=int)
    number = None if number is None or not 0 < number < 2**31 else number
    if kind == FORM and "came" in request.form:  # from a step that uses it: what is being drawn of it is gone on with
        being_drawn = (
            line.id for line in drawings.drawings(db(), actor(), g.now) if (line.kind, line.key) == (FORM, key)
        )
        if (found := next(being_drawn, None)) is not None:
            return found
    return drawings.draw_published(db(), actor(), kind, (key or "")[:200].replace("\0", ""), number, g.now)


def _said(error: KompFlowError) -> str:
    """All of an error as one text."""
    return " ".join([error.message, *(field.message for field in getattr(error, "fields", ()) if field.message)])


@bp.get("/drawings/<uuid:drawing_id>")
@requires(Permission.DRAW)
def drawing(drawing_id: UUID) -> ResponseReturnValue:
    """The page of one drawing, with everything that its editor must know.

    Where it is a drawing no longer, a page that says so and still offers what this browser has not saved.
    """
    try:
        found = drawings.drawing(db(), actor(), drawing_id, g.now)
    except (Conflict, NotFound) as error:
        status = 409 if isinstance(error, Conflict) else 404
        return render_template("studio/closed.html", message=error.message, drawing_id=drawing_id), status
    data = known.data(found, surroundings(db()))
    if found.kind == FORM:
        data |= forms.around(found)
    page = make_response(render_template("studio/editor.html", drawing=found, data=data, came=_came()))
    page.headers["Content-Security-Policy"] = EDITOR_CSP[found.kind]
    return page


def _came() -> dict[str, str] | None:
    """The drawing that one came from, and the step in it, to go back to; none where it is not open."""
    try:
        found = drawings.drawing(db(), actor(), UUID(request.args["came"]), g.now)
    except (KeyError, ValueError, NotFound, Conflict):
        return None
    step = request.args.get("step", "")[:200].replace("\0", "") or None
    return {"name": found.name, "url": url_for("studio.drawing", drawing_id=found.id, _anchor=step)}


@bp.post("/drawings/<uuid:drawing_id>/take-back")
@requires(Permission.DRAW)
def take_back(drawing_id: UUID) -> ResponseReturnValue:
    """Open one again that was thrown away."""
    drawings.take_back(db(), actor(), drawing_id, g.now)
    flash(_("Utkastet er hentet tilbake."), "success")
    return redirect(url_for("studio.drawing", drawing_id=drawing_id), 303)
