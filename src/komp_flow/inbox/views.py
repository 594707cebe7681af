"""The pages of one's own tasks: the list, the open task, its draft, its receipt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from flask import Blueprint, current_app, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from komp_flow import engine, forms, guidance, organisation, work
from komp_flow.auth.guards import actor, requires
from komp_flow.errors import Conflict, FieldError, Invalid, NotAllowed, Stale
from komp_flow.i18n import _, _l
from komp_flow.inbox import queries, uploads
from komp_flow.pages import moment
from komp_flow.requests import carries_files, db, sent_file
from komp_flow.work.policy import Permission
from komp_flow.work.running.world import WORLD

bp = Blueprint("inbox", __name__)

SEND = forms.Button(_l("Send inn"))


@bp.get("/")
@requires(Permission.WORK)
def front() -> ResponseReturnValue:
    """My tasks, overdue first, and what the cycle asks of the reader."""
    tasks = work.inbox(db(), actor(), g.now)
    mine = work.my_part(db(), actor(), None, g.now, whole=False)
    return render_template("inbox/tasks.html", tasks=tasks, groups=queries.by_urgency(tasks, g.now), mine=mine)


@bp.get("/tasks/<uuid:task_id>")
@requires(Permission.WORK)
def open_task(task_id: UUID) -> ResponseReturnValue:
    """One task: the form with what was typed so far, or what was sent."""
    sheet = work.task(db(), task_id, actor(), g.now)
    return _page(sheet, sheet.draft.values, version=sheet.draft.version)


@bp.post("/tasks/<uuid:task_id>")
@requires(Permission.WORK)
@carries_files
def complete_task(task_id: UUID) -> ResponseReturnValue:
    """Send the form, or keep it as a draft, or only look again with a row more; by the button that was pressed."""
    sheet = work.task(db(), task_id, actor(), g.now)
    if sheet.form is None:
        return _completed(sheet, {})
    try:
        carried = uploads.taken(sheet)
    except Conflict as conflict:
        return _too_late(sheet, forms.decode(sheet.form, request.form), conflict)
    received = forms.receive(sheet.form, carried.posted, **_seen(sheet))
    version = request.form.get("_version", type=int)
    if carried.wrong or received.asked.files:
        return _with_files(sheet, received, carried.wrong, version)
    if received.asked.save:
        return _saved(sheet, received.answers, version)
    if received.again is not None:
        return _page(sheet, received.answers, view=received.again, version=version)
    return _completed(sheet, received.answers)


def _with_files(
    sheet: work.TaskSheet, received: forms.Received, wrong: list[FieldError], version: int | None
) -> ResponseReturnValue:
    """The form again, with the files that came or went. Without a script the draft is kept too: it autosaves."""
    if "part" not in request.args:
        with suppress(Conflict, Invalid), db().begin_nested():
            version = work.save_draft(db(), sheet.line.id, actor(), received.answers, version, g.now).version
    if not wrong:
        return _page(sheet, received.answers, view=received.again, version=version)
    page = _page(sheet, received.answers, errors=wrong, version=version)
    return page, 200 if "part" in request.args else 422  # a script shows only the fields of it


@bp.get("/files/<uuid:file_id>")
@requires(Permission.WORK)
def file(file_id: UUID) -> ResponseReturnValue:
    """A file, for one who may have it, to be kept and not to be shown."""
    return sent_file(work.file(db(), actor(), file_id, g.now))


def _saved(sheet: work.TaskSheet, answers: dict[str, Any], version: int | None) -> ResponseReturnValue:
    quietly = "_auto" in request.form
    try:
        draft = work.save_draft(db(), sheet.line.id, actor(), answers, version, g.now)
    except Stale as stale:
        if quietly:
            raise
        return _page(sheet, answers, other=stale.current, version=_version_of(stale)), 412
    except Conflict as conflict:
        if quietly:
            raise
        return _too_late(sheet, answers, conflict)
    if quietly:
        return jsonify(version=draft.version, said=_("Lagret kl. %(time)s.", time=moment(g.now)[-5:]))
    flash(_("Utkastet er lagret. Ingen andre ser det før du sender inn."), "success")
    return redirect(url_for("inbox.open_task", task_id=sheet.line.id, queue=request.args.get("queue")), 303)


def _version_of(stale: Stale) -> int:
    return stale.current.version if isinstance(stale.current, work.Draft) else 0


def _completed(sheet: work.TaskSheet, answers: dict[str, Any]) -> ResponseReturnValue:
    key = request.form.get("_key", "")[:64]

    def complete() -> work.Answer:
        with db().begin_nested():  # what is refused half-way leaves nothing, while the page below keeps the draft
            done = work.complete(db(), sheet.line.id, actor(), answers, g.now)
        return work.Answer(303, {"next": [str(line.id) for line in done.next]})

    try:
        work.once(db(), actor(), key or None, work.fingerprint(answers), g.now, complete)
    except Conflict as conflict:
        return _too_late(sheet, answers, conflict)
    except Invalid as error:
        return _refused(sheet, answers, error)
    if element := request.args.get("queue"):
        who, name = sheet.line.person_name, sheet.line.name
        flash(_("«%(name)s» er sendt inn for %(person)s.", name=name, person=who), "success")
        return redirect(url_for("talks.following", element=element, first=request.args.get("then")), 303)
    return redirect(url_for("inbox.receipt", task_id=sheet.line.id), 303)


def _refused(sheet: work.TaskSheet, answers: dict[str, Any], error: Invalid) -> ResponseReturnValue:
    version = request.form.get("_version", type=int)
    try:
        with db().begin_nested():
            version = work.save_draft(db(), sheet.line.id, actor(), answers, None, g.now).version
    except (Conflict, Invalid):
        pass  # the page itself still holds what was typed
    fields = error.fields or (FieldError("", error.message),)
    return _page(sheet, answers, errors=fields, version=version), 422


def _too_late(sheet: work.TaskSheet, answers: dict[str, Any], conflict: Conflict) -> ResponseReturnValue:
    """The task is gone from the reader; what they typed is shown, so that it can be taken along."""
    typed = forms.lines(sheet.form, answers, **_seen(sheet)) if sheet.form else []
    with suppress(Conflict, Invalid, NotAllowed), db().begin_nested():
        work.keep_unsent(db(), sheet.line.id, actor(), answers, g.now)  # the page itself holds it too
    return render_template("inbox/too-late.html", sheet=sheet, message=conflict.message, typed=typed), 409


@bp.get("/tasks/<uuid:task_id>/receipt")
@requires(Permission.WORK)
def receipt(task_id: UUID) -> ResponseReturnValue:
    """It is sent: what happens now, and what the reader has next."""
    sheet = work.task(db(), task_id, actor(), g.now)
    mine = work.inbox(db(), actor(), g.now)
    here = [line for line in mine if line.instance == sheet.line.instance]
    others = [line for line in mine if line.instance != sheet.line.instance]
    filters = work.TaskFilters(state="open", instance=sheet.line.instance)
    theirs = [line for line in work.tasks(db(), actor(), filters, now=g.now).items if not line.why]
    return render_template("inbox/receipt.html", sheet=sheet, here=here, others=others, theirs=theirs)


@bp.post("/tasks/<uuid:task_id>/claim")
@requires(Permission.WORK)
def claim(task_id: UUID) -> ResponseReturnValue:
    """Take a task that several have, so that the others see that it is taken."""
    work.claim(db(), task_id, actor(), g.now)
    flash(_("Oppgaven er din. De andre ser at du har tatt den."), "success")
    return redirect(url_for("inbox.open_task", task_id=task_id), 303)


@bp.post("/tasks/<uuid:task_id>/release")
@requires(Permission.WORK)
def release(task_id: UUID) -> ResponseReturnValue:
    """Give it back to those who have it."""
    work.release(db(), task_id, actor(), g.now)
    flash(_("Oppgaven er lagt tilbake. Utkastet ditt følger med."), "success")
    return redirect(url_for("inbox.front"), 303)


@bp.post("/tasks/<uuid:task_id>/delegate")
@requires(Permission.WORK)
def delegate(task_id: UUID) -> ResponseReturnValue:
    """Hand it to somebody, with a reason."""
    to, reason = request.form.get("to", "")[:64], request.form.get("reason", "")
    try:
        with db().begin_nested():
            line = work.delegate(db(), task_id, actor(), to, reason, g.now)
    except Invalid as error:
        sheet = work.task(db(), task_id, actor(), g.now)
        wrong = {field.field: field.message for field in error.fields}
        return _page(sheet, sheet.draft.values, version=sheet.draft.version, handing=Handing(to, reason, wrong)), 422
    flash(_("«%(name)s» er gitt videre.", name=line.name), "success")
    return redirect(url_for("inbox.front"), 303)


@bp.post("/tasks/<uuid:task_id>/share")
@requires(Permission.WORK)
def share(task_id: UUID) -> ResponseReturnValue:
    """Let the other of the two read these notes."""
    work.share(db(), task_id, actor(), g.now)
    flash(_("Notatene er delt."), "success")
    return redirect(url_for("inbox.open_task", task_id=task_id), 303)


@bp.post("/tasks/<uuid:task_id>/hand-over")
@requires(Permission.WORK)
def hand_over(task_id: UUID) -> ResponseReturnValue:
    """Give the talks of the one whom the task is about to another manager, with a reason."""
    sheet = work.task(db(), task_id, actor(), g.now)
    to, reason = request.form.get("to", "")[:64], request.form.get("reason", "")
    try:
        with db().begin_nested():
            work.hand_over(db(), sheet.line.person or "", to, actor(), reason, g.now)
    except Invalid as error:
        wrong = {field.field: field.message for field in error.fields}
        return _page(sheet, sheet.draft.values, version=sheet.draft.version, giving=Handing(to, reason, wrong)), 422
    flash(_("Samtalen med %(name)s er gitt videre.", name=sheet.line.person_name), "success")
    return redirect(url_for("inbox.front"), 303)


@dataclass(frozen=True)
class Handing:
    """A try to hand something on that could not be done as it was typed. `wrong`: field → what to mend."""

    to: str = ""
    reason: str = ""
    wrong: Mapping[str, str] = field(default_factory=dict)


def _seen(sheet: work.TaskSheet) -> dict[str, Any]:
    return {
        "context": sheet.context,
        "names": sheet.names,
        "moment": WORLD.moment(db(), g.now),
        "files": work.attached(db(), sheet.line.id, actor(), g.now) if forms.takes(sheet.form) else {},
    }


def _page(
    sheet: work.TaskSheet,
    values: Any,
    *,
    view: forms.FormView | None = None,
    errors: Any = (),
    version: int | None = None,
    other: object = None,
    handing: Handing | None = None,
    giving: Handing | None = None,
) -> str:
    """The task's page; `other` is what somebody else saved in the meantime, shown beside what is typed here."""
    drawn, theirs, sent, unsent = "", [], [], []
    queue = _queue(sheet)
    on: dict[str, Any] = {"queue": queue.element, "then": queue.then} if queue else {}
    here = url_for("inbox.complete_task", task_id=sheet.line.id, **on)
    refresh = url_for("inbox.complete_task", task_id=sheet.line.id, part="fields", **on)
    if sheet.form is not None and sheet.answers is not None:
        sent = forms.lines(sheet.form, sheet.answers, **_seen(sheet))
    elif sheet.form is not None and sheet.may.complete:
        view = view or forms.view(sheet.form, values, errors, focus=_first(sheet.form) if queue else "", **_seen(sheet))
        hidden = {"csrf_token": generate_csrf(), "_version": str(version or 0), "_key": uuid4().hex}
        drawn = forms.render(
            current_app.jinja_env, view, action_url=here, refresh_url=refresh, hidden=hidden,
            buttons=(SEND, forms.SAVE),
        )  # fmt: skip
    if sheet.form is not None and sheet.line.state != "open" and sheet.draft.values:
        unsent = forms.lines(sheet.form, sheet.draft.values, **_seen(sheet))
    if isinstance(other, work.Draft) and sheet.form is not None:
        theirs = forms.lines(sheet.form, other.values, **_seen(sheet))
    return render_template(
        "inbox/task.html",
        sheet=sheet,
        line=sheet.line,
        form=drawn,
        sent=sent,
        other=other,
        theirs=theirs,
        key=uuid4().hex,
        guidance=guidance.text(sheet.guidance),
        queue=queue,
        unsent=unsent,
        aside=[forms.lines(engine.form(db(), version), typed, **_seen(sheet)) for version, typed in sheet.draft.aside],
        erased=_erased(sheet),
        handing=handing or Handing(),
        giving=giving or Handing(),
        colleagues=_people(queries.colleagues, sheet) if sheet.may.delegate else [],
        leaders=_people(queries.leaders, sheet) if sheet.may.hand_over else [],
    )


@dataclass(frozen=True)
class Queue:
    """The same task of several talks, done one after another: this is number `number` of `left`, then comes `then`."""

    element: str
    number: int
    left: int
    then: UUID | None


def _queue(sheet: work.TaskSheet) -> Queue | None:
    """The queue that the reader came by, if the task is in it."""
    element = request.args.get("queue")
    if not element or sheet.line.state != "open":
        return None
    ids = [line.id for line in work.same_tasks(db(), actor(), element, g.now)]
    if sheet.line.id not in ids:
        return None
    place = ids.index(sheet.line.id)
    then = ids[(place + 1) % len(ids)] if len(ids) > 1 else None
    return Queue(element, place + 1, len(ids), then)


def _first(form: forms.Form) -> str:
    """The field that the cursor begins in when tasks are done one after another."""
    return next((key for key in form.keys), "")


def _erased(sheet: work.TaskSheet) -> bool:
    """One who may read what was sent finds that it is gone."""
    told = sheet.privacy
    done = sheet.line.state == "completed" and sheet.answers is None and sheet.form is not None
    theirs = sheet.line.closed_by == actor().person_id
    return done and told is not None and told.reads and (theirs or not told.own)


def _people(choices: Callable[..., list[queries.Choices]], sheet: work.TaskSheet) -> list[queries.Choices]:
    return choices(organisation.directory(db(), g.now), sheet.line, actor().person_id)
