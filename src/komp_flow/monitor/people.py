"""HR's pages about people and units: who they are, who steps in, what becomes of their talks; never what is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from komp_flow import organisation, work
from komp_flow.auth.guards import actor, requires
from komp_flow.errors import Invalid, KompFlowError, NotFound
from komp_flow.i18n import _
from komp_flow.monitor import people_words as words
from komp_flow.monitor.typed import LONGEST, day, day_or_none, who
from komp_flow.organisation import Subject, roles
from komp_flow.organisation.csv_files import MAX_BYTES
from komp_flow.requests import carries_files, db
from komp_flow.work.policy import Permission

bp = Blueprint("people", __name__)
MOST_FOUND: Final = 50
Wrong = Mapping[str, str]


@bp.get("/people")
@requires(Permission.SEE_STAFF)
def overview() -> ResponseReturnValue:
    """Search for a person; what HR has to look at in the organisation."""
    directory = organisation.directory(db(), g.now)
    text = request.args.get("q", "").strip()[:LONGEST]
    may_change = Permission.CHANGE_ORGANISATION in g.permissions
    return render_template(
        "monitor/people/overview.html",
        text=text,
        found=organisation.queries.search(directory, text, MOST_FOUND) if text else [],
        most=MOST_FOUND,
        directory=directory,
        vacancies=work.mapping.vacancies(db(), actor(), g.now),
        closed=work.mapping.closed_units(db(), actor(), g.now) if may_change else [],
        substitutes=work.substitutions(db(), actor(), g.now),
        may_change=may_change,
        words=words,
    )


@bp.get("/people/<string:person_id>")
@requires(Permission.SEE_STAFF)
def person(person_id: str) -> ResponseReturnValue:
    """One person: where they are, what they hold, who steps in, and what can be done."""
    return _person(person_id)


def _person(person_id: str, form: str = "", wrong: Wrong | None = None) -> str:
    directory = organisation.directory(db(), g.now)
    found = directory.person(person_id)
    if found is None:
        raise NotFound(_("Personen finnes ikke."))
    managers = directory.holders(roles.MANAGER, Subject(person=found.id)) if found.employed else ()
    steers = Permission.STEER_TALKS in g.permissions
    return render_template(
        "monitor/people/person.html",
        person=found,
        directory=directory,
        managers=managers,
        led=[unit for unit in organisation.queries.units(directory) if found.id in (unit.manager_id, unit.deputy_id)],
        substitutes=work.substitutions(db(), actor(), g.now, person=found.id),
        talks=work.talks.of_person(db(), actor(), found.id, g.now) if steers and found.employed else [],
        handed_to=directory.person(work.handed_over(db(), found.id)),
        steers=steers,
        may_change=Permission.CHANGE_ORGANISATION in g.permissions,
        typed=request.form,
        form=form,
        wrong=wrong or {},
        words=words,
    )


def _do(person_id: str, form: str, act: Callable[[], str]) -> ResponseReturnValue:
    """Do it and come back with what was said; or show the page again with what is wrong, and what was typed."""
    try:
        said = act()
    except KompFlowError as error:
        g.transactions.roll_back()
        return _person(person_id, form, words.wrong(error)), 422
    flash(said, "success")
    return redirect(url_for("people.person", person_id=person_id), 303)


@bp.post("/people/<string:person_id>/substitutes")
@requires(Permission.CHANGE_ORGANISATION)
def substitute(person_id: str) -> ResponseReturnValue:
    """Somebody steps in for the person from one day to another."""

    def act() -> str:
        line = work.substitute(db(), actor(), person_id, who("substitute"), day("start"), day("end"), g.now)
        return _("%(name)s er vikar.", name=line.substitute_name)

    return _do(person_id, "substitute", act)


@bp.post("/people/<string:person_id>/substitutes/<int:substitution_id>/end")
@requires(Permission.CHANGE_ORGANISATION)
def end_substitution(person_id: str, substitution_id: int) -> ResponseReturnValue:
    """Take it away."""

    def act() -> str:
        work.end_substitution(db(), actor(), substitution_id, g.now)
        return _("Vikariatet er avsluttet.")

    return _do(person_id, "substitutes", act)


@bp.post("/people/<string:person_id>/hand-over")
@requires(Permission.STEER_TALKS)
def hand_over(person_id: str) -> ResponseReturnValue:
    """Give the person's talks to another manager."""

    def act() -> str:
        to = who("to")
        work.hand_over(db(), person_id, to, actor(), request.form.get("reason", ""), g.now)
        name = organisation.directory(db(), g.now).people[to].name
        return _("%(name)s har samtalene fra nå. Den som hadde dem før, ser dem ikke lenger.", name=name)

    return _do(person_id, "hand-over", act)


@bp.post("/people/<string:person_id>/take-back")
@requires(Permission.STEER_TALKS)
def take_back(person_id: str) -> ResponseReturnValue:
    """The person's own manager has their talks again."""

    def act() -> str:
        work.take_back(db(), person_id, actor(), g.now)
        return _("Den nærmeste lederen har samtalene igjen.")

    return _do(person_id, "hand-over", act)


@bp.post("/people/<string:person_id>/extraordinary-talk")
@requires(Permission.STEER_TALKS)
def extraordinary(person_id: str) -> ResponseReturnValue:
    """A talk for itself."""

    def act() -> str:
        work.talks.begin_extraordinary(db(), actor(), person_id, None, g.now)
        return _("En ekstra samtale er satt i gang. Lederen avtaler tid.")

    return _do(person_id, "extraordinary", act)


@bp.post("/people/<string:person_id>/talks/<uuid:talk_id>/<string:what>")
@requires(Permission.STEER_TALKS)
def steer_talk(person_id: str, talk_id: UUID, what: str) -> ResponseReturnValue:
    """Postpone, take up, decline, or take a decline back."""

    def act() -> str:
        match what:
            case "postpone":
                line = work.talks.postpone(db(), actor(), talk_id, day_or_none("until"), g.now)
                return words.rests(line)
            case "take-up":
                work.talks.take_up(db(), actor(), talk_id, g.now)
                return _("Samtalen er tatt opp igjen. Den skal avtales innen 20 virkedager.")
            case "decline":
                line = work.talks.decline(db(), actor(), talk_id, day_or_none("after"), g.now)
                return words.declines(line)
            case "withdraw-decline":
                work.talks.withdraw_decline(db(), actor(), talk_id, g.now)
                return _("Samtalen går som før.")
        raise NotFound(_("Fant ikke siden"))

    return _do(person_id, f"{what}-{talk_id}", act)


# The organisation's files.


@bp.get("/people/import")
@requires(Permission.CHANGE_ORGANISATION)
def import_page() -> ResponseReturnValue:
    """Two files to choose."""
    return render_template("monitor/people/import.html", found=None, wrong={})


@bp.post("/people/import")
@requires(Permission.CHANGE_ORGANISATION)
def look_at_import() -> ResponseReturnValue:
    """What the files would change, for running work too. Nothing is changed."""
    try:
        found = work.importing.stage(db(), actor(), _file("units"), _file("people"), g.now)
    except Invalid as error:
        g.transactions.roll_back()
        return render_template("monitor/people/import.html", found=None, wrong=words.wrong(error)), 422
    status = 422 if found.report.errors else 200
    return render_template("monitor/people/import.html", found=found, wrong={}, kinds=words.kinds(found.report)), status


carries_files(look_at_import, each=MAX_BYTES)


@bp.post("/people/import/<uuid:staged>")
@requires(Permission.CHANGE_ORGANISATION)
def do_import(staged: UUID) -> ResponseReturnValue:
    """Import what was looked at."""
    try:
        work.importing.import_staged(db(), actor(), staged, g.now)
    except KompFlowError as error:
        g.transactions.roll_back()
        return render_template("monitor/people/import.html", found=None, wrong={"": error.message}), error_status(error)
    flash(
        _("Organisasjonen er importert. Det som følger for arbeid som er i gang, skjer i løpet av kort tid."), "success"
    )
    return redirect(url_for("people.overview"), 303)


def error_status(error: KompFlowError) -> int:
    """404 for what is gone, 409 for what is another than it was."""
    return 404 if isinstance(error, NotFound) else 409


# Units that were merged, split or closed.


@bp.get("/people/closed-units/<string:unit_id>")
@requires(Permission.CHANGE_ORGANISATION)
def closed_unit(unit_id: str) -> ResponseReturnValue:
    """Where its work goes on."""
    return _closed_unit(unit_id, {})


@bp.post("/people/closed-units/<string:unit_id>")
@requires(Permission.CHANGE_ORGANISATION)
def map_unit(unit_id: str) -> ResponseReturnValue:
    """Say where its work goes on."""
    to = [unit for unit in request.form.getlist("to") if unit]
    try:
        names = work.mapping.map_unit(db(), actor(), unit_id, to, request.form.get("reason", ""), g.now)
    except KompFlowError as error:
        g.transactions.roll_back()
        return _closed_unit(unit_id, words.wrong(error)), 422
    flash(_("Arbeidet går videre i %(units)s.", units=", ".join(names)), "success")
    return redirect(url_for("people.overview"), 303)


def _closed_unit(unit_id: str, wrong: Wrong) -> str:
    lines = {line.id: line for line in work.mapping.closed_units(db(), actor(), g.now)}
    if unit_id not in lines:
        raise NotFound(_("Enheten har ikke arbeid som venter på en ny enhet."))
    directory = organisation.directory(db(), g.now)
    open_units = organisation.queries.units(directory)
    return render_template(
        "monitor/people/closed-unit.html",
        line=lines[unit_id],
        units=open_units,
        likely=words.likely(directory, unit_id),
        chosen=request.form.getlist("to"),
        reason=request.form.get("reason", ""),
        wrong=wrong,
    )


def _file(name: str) -> bytes:
    sent: Any = request.files.get(name)
    content: bytes = sent.stream.read() if sent is not None else b""
    return content
