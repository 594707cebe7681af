"""«Min utviklingsplan»: the employee's own page over the years, the same for their manager; all about me as a file."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from komp_flow import work
from komp_flow.auth.guards import actor, requires
from komp_flow.errors import Invalid
from komp_flow.i18n import _, _l
from komp_flow.inbox import export
from komp_flow.pages import talk as said_of_talk
from komp_flow.requests import db
from komp_flow.work import about_me
from komp_flow.work.policy import Permission
from komp_flow.work.talks import own_plan
from komp_flow.work.texts import remarks

bp = Blueprint("plan", __name__)

NAME: Final = "alt-om-meg"
STATUSES: Final = {
    "not_started": _l("Ikke begynt"), "under_way": _l("I gang"), "done": _l("Ferdig"), "stopped": _l("Lagt bort"),
}  # fmt: skip
EFFECTS: Final = {
    1: _l("ingen merkbar"), 2: _l("liten"), 3: _l("noe"), 4: _l("stor"), 5: _l("svært stor"),
}  # fmt: skip


@bp.get("/plan")
@requires(Permission.WORK)
def mine() -> ResponseReturnValue:
    """My plan over the years, what I have shared, who has read, what comes next."""
    return _page(None)


@bp.get("/plan/<string:person_id>")
@requires(Permission.WORK)
def of_person(person_id: str) -> ResponseReturnValue:
    """The plan of one whose manager the reader acts as; what is read is noted, and the person sees it."""
    if person_id == actor().person_id:
        return redirect(url_for("plan.mine"), 303)
    return _page(person_id[:64])


@bp.post("/plan/talks/<uuid:talk_id>/comment")
@requires(Permission.WORK)
def comment(talk_id: UUID) -> ResponseReturnValue:
    """Keep my comment beside the plan of this talk."""
    text = request.form.get("comment", "")
    try:
        with db().begin_nested():
            remarks.add(db(), actor(), talk_id, text, g.now)
    except Invalid as error:
        return _page(None, wrong=(talk_id, text, error.fields[0].message if error.fields else error.message)), 422
    flash(_("Kommentaren er lagret. Lederen din ser den ved siden av planen."), "success")
    return redirect(url_for("plan.mine", _anchor=f"talk-{talk_id}"), 303)


@bp.post("/plan/tasks/<uuid:task_id>/share")
@requires(Permission.WORK)
def share(task_id: UUID) -> ResponseReturnValue:
    """Let my manager read what I wrote to prepare."""
    work.share(db(), task_id, actor(), g.now)
    flash(_("Notatene er delt."), "success")
    return redirect(url_for("plan.mine"), 303)


@bp.get("/plan/export.json")
@requires(Permission.WORK)
def export_json() -> ResponseReturnValue:
    """All about me, for another system."""
    return _file(about_me.as_json(about_me.about_me(db(), actor(), g.now)), "application/json", "json")


@bp.get("/plan/export.pdf")
@requires(Permission.WORK)
def export_pdf() -> ResponseReturnValue:
    """All about me, to be read."""
    found = about_me.about_me(db(), actor(), g.now)
    return _file(export.pdf(db(), found), "application/pdf", "pdf")


def _file(content: bytes, media: str, ending: str) -> Response:
    answer = Response(content, content_type=media)
    answer.headers["Content-Disposition"] = f'attachment; filename="{NAME}.{ending}"'
    return answer


def _page(person_id: str | None, wrong: tuple[UUID, str, str] | None = None) -> str:
    sheet = own_plan.own_plan(db(), actor(), person_id, g.now)
    return render_template(
        "inbox/plan.html", sheet=sheet, said=said_of_talk, statuses=STATUSES, effects=EFFECTS, wrong=wrong,
        longest=remarks.LONGEST,
    )  # fmt: skip
