"""The pages that move running instances to the newest version: choices, preview, progress, result, and back again."""

from __future__ import annotations

from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from komp_flow.auth.guards import actor, requires
from komp_flow.errors import Conflict, Invalid
from komp_flow.i18n import _
from komp_flow.requests import db
from komp_flow.revising import moves as reading
from komp_flow.revising import moving
from komp_flow.studio.answers import known, typed, wrong
from komp_flow.studio.blueprint import bp
from komp_flow.work.policy import Permission

CHOICE = "choice:"  # before the id of the element that a choice is about


@bp.get("/moves")
@requires(Permission.MOVE_RUNNING)
def moves() -> ResponseReturnValue:
    """What has been moved, and where something runs on an older version."""
    found = reading.moves(db(), actor(), g.now)
    return render_template("studio/moves.html", moves=found, behind=moving.processes(db(), actor(), g.now))


@bp.get("/moves/new")
@requires(Permission.MOVE_RUNNING)
def new_move() -> ResponseReturnValue:
    """What runs on which version, and what to decide before the preview."""
    process = known(request.args.get("process", ""))
    if not process:
        return redirect(url_for("studio.moves"), 303)
    return _new(process, {})


def _new(process: str, said: dict[str, str]) -> str:
    sheet = moving.asked(db(), actor(), process, _choices(), g.now)
    return render_template("studio/moves_new.html", process=process, sheet=sheet, wrong=said, why=typed("why"))


@bp.post("/moves")
@requires(Permission.MOVE_RUNNING)
def begin_move() -> ResponseReturnValue:
    """Begin the preview."""
    process = known(typed("process"))
    try:
        with db().begin_nested():
            made = moving.begin(db(), actor(), process, _choices(), typed("why"), g.now)
    except Invalid as error:
        return _new(process, wrong(error)), 422
    return redirect(url_for("studio.move", move_id=made), 303)


@bp.get("/moves/<uuid:move_id>")
@requires(Permission.MOVE_RUNNING)
def move(move_id: UUID) -> ResponseReturnValue:
    """One move, wherever it is; it is read again by itself while it is on its way."""
    return render_template("studio/moves_one.html", sheet=reading.sheet(db(), actor(), move_id, g.now))


@bp.post("/moves/<uuid:move_id>/count")
@requires(Permission.MOVE_RUNNING)
def count_again(move_id: UUID) -> ResponseReturnValue:
    """Other choices, and the preview again."""
    moving.choose(db(), actor(), move_id, _choices(), g.now)
    return _back(move_id)


@bp.post("/moves/<uuid:move_id>/run")
@requires(Permission.MOVE_RUNNING)
def run_move(move_id: UUID) -> ResponseReturnValue:
    """Do what the preview shows."""
    moving.run(db(), actor(), move_id, g.now)
    return _back(move_id)


@bp.post("/moves/<uuid:move_id>/pause")
@requires(Permission.MOVE_RUNNING)
def pause_move(move_id: UUID) -> ResponseReturnValue:
    """No more for now."""
    moving.pause(db(), actor(), move_id, g.now)
    return _back(move_id)


@bp.post("/moves/<uuid:move_id>/resume")
@requires(Permission.MOVE_RUNNING)
def resume_move(move_id: UUID) -> ResponseReturnValue:
    """Go on."""
    moving.resume(db(), actor(), move_id, g.now)
    return _back(move_id)


@bp.post("/moves/<uuid:move_id>/undo")
@requires(Permission.MOVE_RUNNING)
def undo_move(move_id: UUID) -> ResponseReturnValue:
    """Take all back that have not gone on; or the one that is named."""
    named = typed("instance")
    if not named:
        moving.undo(db(), actor(), move_id, g.now)
        return _back(move_id)
    try:
        instance = UUID(named)
    except ValueError:
        raise Conflict(_("Siden er for gammel. Last den på nytt. Ingenting er endret.")) from None
    if moving.undo_one(db(), actor(), move_id, instance, g.now):
        flash(_("Flyttingen av løpet er angret."), "success")
    else:
        flash(_("Det har skjedd noe i løpet siden det ble flyttet, så det blir der det er."), "info")
    return _back(move_id)


def _back(move_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("studio.move", move_id=move_id), 303)


def _choices() -> dict[str, str]:
    """The answers, by element; those that are none are told apart where the elements are known."""
    return {
        name.removeprefix(CHOICE): value.replace("\0", "")
        for name, value in request.form.items()
        if name.startswith(CHOICE)
    }
