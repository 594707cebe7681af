"""Tasks: mine and those I may see, one with its form, its draft, and what may be done with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from flask import Response, g, request

from komp_flow import forms, work
from komp_flow.api import schemas
from komp_flow.api.routes import Routes, cut, page
from komp_flow.api.schemas.privacy import AboutMe
from komp_flow.auth.guards import actor
from komp_flow.requests import db
from komp_flow.work import about_me
from komp_flow.work.policy import Permission

bp = Routes("tasks", "What people are to do.")
NO_VERSION: Final = -1  # an If-Match that no draft can have
IF_MATCH: Final = {
    "in": "header",
    "name": "If-Match",
    "required": False,
    "schema": {"type": "string"},
    "description": "The ETag of the draft that was edited. Without it nothing is compared.",
}
TASK: Final = "/tasks/<uuid:task_id>"


@bp.asks("/tasks", Permission.WORK, schemas.page_of(schemas.TaskLine), query=schemas.TaskQuery)
def tasks(asked: dict[str, Any]) -> Any:
    """My tasks, the most urgent first; with any filter, all that I may see.

    Left out of my own: what somebody else has taken, what is not to be begun yet, what rests.
    """
    number, size = asked.pop("page"), asked.pop("page_size")
    filters = work.TaskFilters(**asked, mine=not asked)
    return page(work.tasks(db(), actor(), filters, page=number, page_size=size, now=g.now))


@bp.asks(TASK, Permission.WORK, schemas.Task)
def task(task_id: UUID) -> Any:
    """One task: its form, what the form shows, and what is typed so far. The ETag is the draft's version."""
    sheet = work.task(db(), task_id, actor(), g.now)
    body = {
        **vars(sheet.line),
        "form": sheet.form.document if sheet.form else None,
        "look": _look(sheet, sheet.draft.values) if sheet.may.complete else None,
        "context": sheet.context,
        "names": sheet.names,
        "draft": sheet.draft,
        "answers": sheet.answers,
        "next": sheet.next,
        "guidance": sheet.guidance,
        "holders": sheet.holders,
        "may": sheet.may,
        "privacy": sheet.privacy,
    }
    return body, 200, _tag(sheet.draft)


@bp.does(TASK + "/look", Permission.WORK, schemas.Answers, schemas.Look, writes=False)
def look(body: dict[str, Any], task_id: UUID) -> Any:
    """The form as it looks with these answers: what they open and close, and what may be chosen. Nothing is kept."""
    return _look(work.task(db(), task_id, actor(), g.now), body["values"]) or {"open_fields": [], "values": {}}


@bp.does(TASK + "/draft", Permission.WORK, schemas.DraftValues, schemas.Draft, method="PUT", headers=[IF_MATCH])
def save_draft(body: dict[str, Any], task_id: UUID) -> Any:
    """Keep what is typed so far. With If-Match, 412 and the other version if somebody has saved since."""
    draft = work.save_draft(db(), task_id, actor(), body["values"], _expected(task_id), g.now)
    return draft, 200, _tag(draft)


@bp.does(TASK + "/complete", Permission.WORK, schemas.Answers, schemas.Done)
def complete(body: dict[str, Any], task_id: UUID) -> Any:
    """The task is done: 409 if it is not open any more, 422 with every field's error."""
    return work.complete(db(), task_id, actor(), body["values"], g.now)


@bp.does(TASK + "/claim", Permission.WORK, schemas.Nothing, schemas.TaskLine)
def claim(_body: dict[str, Any], task_id: UUID) -> Any:
    """Take it, so that the others who have it see that."""
    return work.claim(db(), task_id, actor(), g.now)


@bp.does(TASK + "/release", Permission.WORK, schemas.Nothing, schemas.TaskLine)
def release(_body: dict[str, Any], task_id: UUID) -> Any:
    """Let the others have it again."""
    return work.release(db(), task_id, actor(), g.now)


@bp.does(TASK + "/delegate", Permission.WORK, schemas.Delegation, schemas.TaskLine)
def delegate(body: dict[str, Any], task_id: UUID) -> Any:
    """Hand it to somebody who works here, with a reason."""
    return work.delegate(db(), task_id, actor(), body["to"], body["reason"], g.now)


def _look(sheet: work.TaskSheet, values: Mapping[str, object]) -> dict[str, Any] | None:
    if sheet.form is None:
        return None
    told = forms.fields(
        sheet.form,
        forms.draft(sheet.form, values),
        context=sheet.context,
        names=sheet.names,
        moment=work.WORLD.moment(db(), g.now),
    )
    return {"open_fields": told, "values": forms.start(told)}


@bp.does(TASK + "/share", Permission.WORK, schemas.Nothing, schemas.TaskLine)
def share(_body: dict[str, Any], task_id: UUID) -> Any:
    """Let the other of the two read these notes: by their author alone, once they are sent. Again changes nothing."""
    return work.share(db(), task_id, actor(), g.now)


@bp.asks("/me/readings", Permission.WORK, schemas.page_of(schemas.Reading), query=schemas.PageQuery)
def readings(asked: dict[str, Any]) -> Any:
    """Who has read what is written about me in my talks, the latest first; once a day for each who reads."""
    return cut(work.readings(db(), actor().person_id, actor(), g.now), asked)


@bp.asks("/me/export", Permission.WORK, AboutMe)
def export() -> Any:
    """All that komp-flow holds about me, section by section (docs/rest.md); never what is not mine to read."""
    answer = Response(about_me.as_json(about_me.about_me(db(), actor(), g.now)), content_type="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="alt-om-meg.json"'
    return answer


def _tag(draft: work.Draft) -> dict[str, str]:
    return {"ETag": f'"{draft.version}"'}


def _expected(task_id: UUID) -> int | None:
    """The version that If-Match names; None where it does not matter. Of several the one that is there now."""
    given = request.if_match
    if "If-Match" not in request.headers or given.star_tag:
        return None
    tags = [tag for tag in given.as_set(include_weak=True) if tag and tag.isascii() and tag.isdigit()]
    named = {int(tag) for tag in tags if len(tag) < 10}
    if len(named) > 1:
        named &= {work.draft(db(), task_id, actor(), g.now).version}
    return named.pop() if named else NO_VERSION
