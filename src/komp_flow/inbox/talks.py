"""A manager's talks, many at once: the sheet of them all, inviting everyone from one page, one task after another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from komp_flow import forms, organisation, work
from komp_flow.auth.guards import actor, requires
from komp_flow.errors import Conflict, Invalid, NotAllowed, NotFound, TooLarge
from komp_flow.i18n import _, ngettext
from komp_flow.pages import talk, zone
from komp_flow.requests import db
from komp_flow.work.policy import Permission
from komp_flow.work.running.world import WORLD

bp = Blueprint("talks", __name__)

TIME: Final = "talk_at"  # the field that makes a form an invitation
MOST_ROWS: Final = 200
AHEAD: Final = 7  # working days from today to the first time that is suggested
LONGEST_DAY: Final = 20  # talks on one day
FURTHEST: Final = timedelta(days=3 * 365)


@bp.get("/talks")
@requires(Permission.WORK)
def sheet() -> ResponseReturnValue:
    """All my talks with their status, those first that want something of me."""
    found = work.talk_round(db(), actor(), g.now)
    invitations = _invitations(found)
    return render_template(
        "inbox/talks.html", round=found, invite=[step.element for step, _forms in invitations], said=talk, local=_typed
    )


@bp.post("/talks/<uuid:talk_id>/move")
@requires(Permission.WORK)
def move(talk_id: UUID) -> ResponseReturnValue:
    """The two have agreed on another time."""
    try:
        at = datetime.fromisoformat(request.form.get("at", "")[:40]).replace(tzinfo=zone())
    except ValueError:
        flash(_("Tiden er ikke endret. Skriv dato og klokkeslett."), "danger")
        return redirect(url_for("talks.sheet"), 303)
    return _told(lambda: work.talks.move(db(), actor(), talk_id, at, g.now), _("Samtalen er flyttet."))


@bp.post("/talks/<uuid:talk_id>/begin")
@requires(Permission.WORK)
def begin(talk_id: UUID) -> ResponseReturnValue:
    """The two talk now, before the time they agreed on."""
    said = _("Samtalen er i gang. Skriv ned det dere blir enige om.")
    return _told(lambda: work.talks.begin(db(), actor(), talk_id, g.now), said)


def _told(act: Callable[[], object], said: str) -> ResponseReturnValue:
    """Do it, and say on the sheet how it went."""
    try:
        with db().begin_nested():
            act()
    except (Conflict, Invalid) as error:
        fields = error.fields if isinstance(error, Invalid) else ()
        flash(" ".join([error.message, *(each.message for each in fields)]), "danger")
    else:
        flash(said, "success")
    return redirect(url_for("talks.sheet"), 303)


@bp.get("/talks/next/<string:element>")
@requires(Permission.WORK)
def following(element: str) -> ResponseReturnValue:
    """Of the same tasks of several talks, that with the id `first`, else the first; the sheet when none is left."""
    lines = work.same_tasks(db(), actor(), element, g.now)
    if not lines:
        flash(_("Du har ikke flere av disse nå."), "success")
        return redirect(url_for("talks.sheet"), 303)
    first = request.args.get("first", "")
    line = next((line for line in lines if str(line.id) == first), lines[0])
    return redirect(url_for("inbox.open_task", task_id=line.id, queue=element), 303)


@dataclass
class Row:
    """One invitation as it stands on the page."""

    line: work.TaskLine
    form: forms.Form
    take: bool = True
    at: str = ""  # as a datetime-local input has it
    place: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@dataclass
class Plan:
    """How the times are suggested: from the first, so many a day, this long each."""

    first: str = ""
    minutes: int = 60
    a_day: int = 3
    place: str = ""
    topics: str | None = None  # None: as the form begins
    error: str = ""


@bp.get("/talks/invite")
@requires(Permission.WORK)
def invite() -> ResponseReturnValue:
    """A row for each talk without a time, with times suggested."""
    rows = _rows(work.talk_round(db(), actor(), g.now))
    plan = Plan(first=_first())
    _suggest(plan, rows)
    return _page(rows, plan)


@bp.post("/talks/invite")
@requires(Permission.WORK)
def invite_all() -> ResponseReturnValue:
    """Suggest times anew, keep what is typed, or send: each talk for itself, so that one mistake stops only its own."""
    rows = _rows(work.talk_round(db(), actor(), g.now))
    if len(request.form) > 5 * MOST_ROWS + 20:
        raise TooLarge(_("Det er for mange rader. Del dem opp, og prøv igjen."))
    plan = _posted(rows)
    if "_suggest" in request.form:
        _suggest(plan, rows)
        return _page(rows, plan)
    taken = [row for row in rows if row.take]
    if "_save" in request.form:
        for row in taken:
            _keep(row, plan)
        flash(_("Utkastet er lagret. Ingen andre ser det før du sender inn."), "success")
        return redirect(url_for("talks.invite"), 303)
    sent = sum(_sent(row, plan) for row in taken)
    if sent:
        flash(ngettext("%(num)s invitasjon er sendt.", "%(num)s invitasjoner er sendt.", sent), "success")
    wrong = [row for row in taken if row.errors]
    if wrong:
        left = [row for row in rows if row.errors or not row.take]
        return _page(left, plan), 422
    if not taken and rows:
        plan.error = _("Kryss av for minst én du vil invitere.")
        return _page(rows, plan), 422
    return redirect(url_for("talks.sheet"), 303)


def _invitations(found: work.Round) -> list[tuple[work.Step, dict[UUID, forms.Form]]]:
    """The steps whose form asks for the time of a talk, with the form of each of their tasks."""
    asked = work.forms_of(db(), [line.id for step in found.steps for line in step.tasks])
    invitations = []
    for step in found.steps:
        own = {line.id: form for line in step.tasks if (form := asked.get(line.id)) and TIME in form.keys}
        if own:
            invitations.append((step, own))
    return invitations


def _rows(found: work.Round) -> list[Row]:
    pairs = [(line, own[line.id]) for step, own in _invitations(found) for line in step.tasks if line.id in own]
    rows = []
    for line, form in pairs[:MOST_ROWS]:
        typed = work.draft(db(), line.id, actor(), g.now).values if line.draft_at else {}
        at = _local(typed.get(TIME))
        rows.append(Row(line, form, at=at, place=str(typed.get("place") or "")))
    return rows


def _typed(moment: datetime) -> str:
    """A moment as an input of the page has it."""
    return moment.astimezone(zone()).strftime("%Y-%m-%dT%H:%M")


def _local(value: object) -> str:
    """ISO text as an input of the page has it."""
    if not isinstance(value, str) or not value:
        return ""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return ""
    return _typed(moment if moment.tzinfo else moment.replace(tzinfo=zone()))


def _posted(rows: list[Row]) -> Plan:
    for row in rows:
        name = row.line.id.hex
        row.take = f"{name}.take" in request.form
        row.at = request.form.get(f"{name}.at", "")[:40]
        row.place = request.form.get(f"{name}.place", "")[:500]
    return Plan(
        first=request.form.get("first", "")[:40],
        minutes=min(max(request.form.get("minutes", 60, type=int), 15), 480),
        a_day=min(max(request.form.get("a_day", 3, type=int), 1), LONGEST_DAY),
        place=request.form.get("place", "")[:500],
        topics=request.form.get("topics", "")[:4_000].replace("\r\n", "\n"),
    )


def _first() -> str:
    """Nine o'clock on the first day that gives both time to prepare."""
    calendar = organisation.working_calendar(db(), g.now)
    day, left = g.now.astimezone(zone()).date(), AHEAD
    while left:
        day += timedelta(days=1)
        left -= calendar.is_working_day(day)
    return datetime.combine(day, time(9)).strftime("%Y-%m-%dT%H:%M")


def _suggest(plan: Plan, rows: list[Row]) -> None:
    """Times one after another on working days, for the rows that are taken; where none is typed, a place too."""
    try:
        begin = datetime.fromisoformat(plan.first).replace(tzinfo=None)
    except ValueError:
        plan.error = _("Skriv dato og klokkeslett for den første samtalen.")
        return
    today = g.now.astimezone(zone()).date()
    if not today <= begin.date() <= today + FURTHEST:
        plan.error = _("Den første samtalen må være fra i dag og innen tre år.")
        return
    calendar = organisation.working_calendar(db(), g.now)
    day, number = begin.date(), 0
    asked = "_suggest" in request.form
    for row in rows:
        if not row.take or (row.at and not asked):
            continue
        day, number = _free(calendar, day, number, plan.a_day)
        at = datetime.combine(day, begin.time()) + timedelta(minutes=plan.minutes) * number
        row.at, number = at.strftime("%Y-%m-%dT%H:%M"), number + 1
        if plan.place and not row.place:
            row.place = plan.place


def _free(calendar: organisation.WorkingCalendar, day: date, number: int, a_day: int) -> tuple[date, int]:
    """The day and the number on it that the next talk gets."""
    if number >= a_day:
        day, number = day + timedelta(days=1), 0
    for _try in range(60):
        if calendar.is_working_day(day):
            break
        day += timedelta(days=1)
    return day, number


def _answers(row: Row, plan: Plan) -> dict[str, Any]:
    """What the task's own form would have been sent: fields that it does not have are left out."""
    typed = {TIME: row.at, "place": row.place or plan.place, "topics": plan.topics or ""}
    posted = MultiDict((key, typed.get(key, "")) for key in row.form.keys)
    return forms.decode(row.form, posted)


def _keep(row: Row, plan: Plan) -> None:
    try:
        with db().begin_nested():
            work.save_draft(db(), row.line.id, actor(), _answers(row, plan), None, g.now)
    except (Conflict, Invalid) as error:
        row.errors[""] = error.message


def _sent(row: Row, plan: Plan) -> bool:
    """Complete the task, keeping what was typed where it is refused; whether it is done."""
    answers = _answers(row, plan)
    try:
        with db().begin_nested():
            work.complete(db(), row.line.id, actor(), answers, g.now)
    except Invalid as error:
        row.errors = {each.field: each.message for each in error.fields} or {"": error.message}
        _keep(row, plan)
        return False
    except (Conflict, NotAllowed, NotFound) as error:
        row.errors = {"": error.message}
        return False
    return True


def _page(rows: list[Row], plan: Plan) -> str:
    if plan.topics is None:
        plan.topics = _topics(rows)
    return render_template("inbox/invite.html", rows=rows, plan=plan)


def _topics(rows: list[Row]) -> str:
    """What the form itself begins with."""
    if not rows:
        return ""
    told = forms.fields(rows[0].form, {}, context={}, names={}, moment=WORLD.moment(db(), g.now))
    return str(next((each["value"] for each in told if each["key"] == "topics"), "") or "")
