"""The pages of what was published: all versions, any two beside each other, and back to an older one."""

from __future__ import annotations

from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from komp_flow.auth.guards import actor, requires
from komp_flow.errors import Invalid
from komp_flow.i18n import _
from komp_flow.requests import db
from komp_flow.revising import publication, versions
from komp_flow.revising.texts import DIAGRAM, FORM, decoded
from komp_flow.studio.answers import address, known, looking, number_of, refused, told, typed, wrong
from komp_flow.studio.blueprint import bp
from komp_flow.studio.editing import as_file
from komp_flow.work.policy import Permission


@bp.get("/processes/<string:process>")
@requires(Permission.DRAW)
def process_versions(process: str) -> ResponseReturnValue:
    """All versions of a process: who, when, why, how many run on each."""
    return _versions(DIAGRAM, process)


@bp.get("/forms/<string:form>")
@requires(Permission.DRAW)
def form_versions(form: str) -> ResponseReturnValue:
    """All versions of a form."""
    return _versions(FORM, form)


def _versions(kind: str, key: str) -> str:
    found = versions.versions(db(), actor(), kind, known(key), g.now)
    return render_template("studio/versions.html", kind=kind, key=key, versions=found)


@bp.get("/processes/<string:process>/beside")
@requires(Permission.DRAW)
def choose_process_versions(process: str) -> ResponseReturnValue:
    """The two versions that were chosen, under an address of their own."""
    a, b = _chosen()
    return redirect(url_for("studio.process_beside", process=process, a=a, b=b), 303)


@bp.get("/forms/<string:form>/beside")
@requires(Permission.DRAW)
def choose_form_versions(form: str) -> ResponseReturnValue:
    """The two versions that were chosen, under an address of their own."""
    a, b = _chosen()
    return redirect(url_for("studio.form_beside", form=form, a=a, b=b), 303)


def _chosen() -> tuple[int, int]:
    return max(0, request.args.get("a", 0, type=int)), max(0, request.args.get("b", 0, type=int))


@bp.get("/processes/<string:process>/beside/<int:a>/<int:b>")
@requires(Permission.DRAW)
def process_beside(process: str, a: int, b: int) -> ResponseReturnValue:
    """Two versions of a process beside each other."""
    return _beside(DIAGRAM, process, a, b)


@bp.get("/forms/<string:form>/beside/<int:a>/<int:b>")
@requires(Permission.DRAW)
def form_beside(form: str, a: int, b: int) -> ResponseReturnValue:
    """Two versions of a form, in words."""
    return _beside(FORM, form, a, b)


def _beside(kind: str, key: str, a: int, b: int) -> str:
    found = versions.beside(db(), actor(), kind, known(key), (number_of(a), number_of(b)), g.now)
    return render_template("studio/beside.html", kind=kind, key=key, sheet=found)


@bp.get("/processes/<string:process>/versions/<int:number>")
@requires(Permission.DRAW)
def process_file(process: str, number: int) -> ResponseReturnValue:
    """The diagram as it was published, byte for byte."""
    return _file(DIAGRAM, process, number)


@bp.get("/forms/<string:form>/versions/<int:number>")
@requires(Permission.DRAW)
def form_file(form: str, number: int) -> ResponseReturnValue:
    """The form as it was published."""
    return _file(FORM, form, number)


def _file(kind: str, key: str, number: int) -> ResponseReturnValue:
    data = versions.version(db(), actor(), kind, known(key), number_of(number), g.now)[1]
    # What a page draws is read as UTF-8, whatever encoding the file has.
    return as_file(kind, key, decoded(data).encode() if kind == DIAGRAM and "text" in request.args else data)


# ---- back to an older version -------------------------------------------------------------------------------------


@bp.get("/processes/<string:process>/again/<int:number>")
@requires(Permission.PUBLISH)
def process_again(process: str, number: int) -> ResponseReturnValue:
    """What would change by going back, and where to say why."""
    return _again(DIAGRAM, process, number)


@bp.get("/forms/<string:form>/again/<int:number>")
@requires(Permission.PUBLISH)
def form_again(form: str, number: int) -> ResponseReturnValue:
    """The same for a form."""
    return _again(FORM, form, number)


@bp.post("/processes/<string:process>/again/<int:number>")
@requires(Permission.PUBLISH)
def roll_back_process(process: str, number: int) -> ResponseReturnValue:
    """Publish the older file as a new version."""
    return _roll_back(DIAGRAM, process, number)


@bp.post("/forms/<string:form>/again/<int:number>")
@requires(Permission.PUBLISH)
def roll_back_form(form: str, number: int) -> ResponseReturnValue:
    """The same for a form."""
    return _roll_back(FORM, form, number)


def _again(kind: str, key: str, number: int, *, said: dict[str, str] | None = None) -> str:
    with looking() as reading:
        found = publication.roll_back_check(reading, actor(), kind, known(key), number_of(number), g.now)
    return render_template(
        "studio/again.html",
        kind=kind,
        key=key,
        sheet=versions.back(db(), actor(), kind, key, number, g.now),
        checked=found,
        wrong=said or {},
        why=typed("why"),
    )


def _roll_back(kind: str, key: str, number: int) -> ResponseReturnValue:
    with looking() as reading:
        found = publication.roll_back_check(reading, actor(), kind, known(key), number_of(number), g.now)
    try:
        with db().begin_nested():
            done = publication.roll_back(db(), actor(), kind, key, found, typed("why"), g.now)
    except Invalid as error:
        return _again(kind, key, number, said=wrong(error)), 422
    if done.problems and not done.versions:
        return _again(kind, key, number, said={"": refused()}), 422
    if done.unchanged:
        flash(_("Versjonen er lik den som gjelder. Alt er som før."), "info")
        return redirect(address(kind, key), 303)
    return told(done, done.asked.drawing_id if done.asked is not None else UUID(int=0))
