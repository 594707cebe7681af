"""The pages that watch: units by phase, one instance on its diagram with its trail, what is published."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from komp_flow import notifications, organisation, work
from komp_flow.auth.guards import actor, requires
from komp_flow.errors import Invalid
from komp_flow.i18n import _
from komp_flow.monitor import queries
from komp_flow.pages import zone
from komp_flow.requests import db
from komp_flow.work.policy import Permission

bp = Blueprint("monitor", __name__)

STATES = ("active", "incident", "suspended", "completed", "cancelled")


@bp.get("/board")
@requires(Permission.SEE_BOARD)
def board() -> ResponseReturnValue:
    """Units × phases of a cycle: the one asked for, else the newest."""
    cycles = work.cycles(db(), actor(), g.now)
    wanted = request.args.get("cycle", "")
    cycle = next((c for c in cycles if c.id == wanted), cycles[0] if cycles else None)
    late = "late" in request.args
    asked = work.Asked(page=request.args.get("page", 1, type=int), only_late=late)
    shown = work.board(db(), actor(), cycle.id, g.now, asked=asked) if cycle else None
    sums = queries.sums(shown) if shown else []
    return render_template("monitor/board.html", cycles=cycles, cycle=cycle, board=shown, sums=sums, only_late=late)


@bp.get("/instances")
@requires(Permission.SEE_INSTANCES)
def instances() -> ResponseReturnValue:
    """The instances that the reader may see, newest first."""
    state = request.args.get("state", "")
    page = max(1, request.args.get("page", 1, type=int))
    found = work.instances(
        db(),
        actor(),
        now=g.now,
        process=request.args.get("process", "")[:200].replace("\0", "") or None,
        state=state if state in STATES else None,
        page=min(page, 10_000),
    )
    return render_template(
        "monitor/instances.html", page=found, state=state, states=STATES, may_start=queries.may_start(g.permissions)
    )


@bp.get("/instances/<uuid:instance_id>")
@requires(Permission.SEE_INSTANCES)
def instance(instance_id: UUID) -> ResponseReturnValue:
    """One instance: its diagram with what is done, where it is and what is late; its trail in words."""
    return render_template("monitor/instance.html", sheet=work.instance(db(), actor(), instance_id, g.now))


@bp.get("/instances/<uuid:instance_id>/diagram")
@requires(Permission.SEE_INSTANCES)
def diagram(instance_id: UUID) -> ResponseReturnValue:
    """The diagram that the instance runs, as XML for the viewer."""
    sheet = work.instance(db(), actor(), instance_id, g.now)
    return Response(sheet.xml, content_type="application/xml; charset=utf-8")


@bp.post("/instances/<uuid:instance_id>/suspend")
@requires(Permission.STEER)
def suspend(instance_id: UUID) -> ResponseReturnValue:
    """Pause it."""
    work.suspend(db(), actor(), instance_id, _reason(), g.now)
    return _back(instance_id, _("Årsløpet er satt på pause. Frister og varsler hviler til du setter det i gang igjen."))


@bp.post("/instances/<uuid:instance_id>/resume")
@requires(Permission.STEER)
def resume(instance_id: UUID) -> ResponseReturnValue:
    """Go on."""
    work.resume(db(), actor(), instance_id, _reason(), g.now)
    return _back(instance_id, _("Årsløpet går igjen."))


@bp.post("/instances/<uuid:instance_id>/cancel")
@requires(Permission.CANCEL)
def cancel(instance_id: UUID) -> ResponseReturnValue:
    """End it, with a reason on the trail."""
    work.cancel(db(), actor(), instance_id, _reason(), g.now)
    return _back(instance_id, _("Årsløpet er avsluttet. Grunnen står i sporet."))


@bp.post("/instances/<uuid:instance_id>/retry")
@requires(Permission.STEER)
def retry(instance_id: UUID) -> ResponseReturnValue:
    """Try again what could not go on."""
    work.retry(db(), actor(), instance_id, g.now)
    return _back(instance_id, _("Vi prøvde på nytt. Sporet viser hvordan det gikk."))


@bp.get("/calendar")
@requires(Permission.SEE_REGISTERS)
def calendar() -> ResponseReturnValue:
    """The dates of the cycle that is asked for, else of the newest; for those who may, with a way to move each."""
    return _calendar(request.args.get("cycle", "")[:40])


@bp.post("/cycles/<string:cycle_id>/dates/<string:name>")
@requires(Permission.MOVE_DATES)
def move_date(cycle_id: str, name: str) -> ResponseReturnValue:
    """Move one date, with every due date and timer that depends on it, and say how many those were."""
    try:
        to = date.fromisoformat(request.form.get("to", ""))
        with db().begin_nested():
            moved = work.move_date(db(), actor(), cycle_id, name, to, g.now)
    except ValueError:
        return _calendar(cycle_id, wrong=name, message=_("Skriv en dato.")), 422
    except Invalid as error:
        said = error.fields[0].message if error.fields else error.message
        return _calendar(cycle_id, wrong=name, message=said), 422
    flash(queries.moved_sentence(name, moved), "success")
    return redirect(url_for("monitor.calendar", cycle=cycle_id), 303)


def _calendar(wanted: str, *, wrong: str = "", message: str = "") -> str:
    cycles = work.cycles(db(), actor(), g.now)
    cycle = next((c for c in cycles if c.id == wanted), cycles[0] if cycles else None)
    return render_template(
        "monitor/calendar.html",
        cycles=cycles,
        cycle=cycle,
        dates=queries.calendar(cycle, g.now.astimezone(zone()).date()) if cycle else [],
        may_move=Permission.MOVE_DATES in g.permissions,
        wrong=wrong,
        message=message,
    )


@bp.get("/notices")
@requires(Permission.WORK)
def notices() -> ResponseReturnValue:
    """What the reader has been told."""
    told = notifications.about(db(), actor().person_id)
    return render_template("monitor/notices.html", notices=queries.notices(organisation.directory(db(), g.now), told))


@bp.post("/processes/<string:process>/start")
@requires(Permission.START)
def start(process: str) -> ResponseReturnValue:
    """Begin a process that is about nothing yet: a new cycle. Its first step opens for the one who has it."""
    started = work.start(db(), actor(), process[:200], organisation.Subject(), {}, g.now)
    mine = next((line for line in work.inbox(db(), actor(), g.now) if line.instance == started.id), None)
    flash(_("«%(name)s» er satt i gang.", name=started.process_name), "success")
    if mine is not None:
        return redirect(url_for("inbox.open_task", task_id=mine.id), 303)
    return redirect(url_for("monitor.instance", instance_id=started.id), 303)


@bp.get("/processes")
@requires(Permission.PUBLISH)
def processes() -> ResponseReturnValue:
    """What is published, newest version first."""
    return render_template("monitor/processes.html", processes=work.processes(db(), actor(), g.now))


def _reason() -> str:
    return request.form.get("reason", "").strip()


def _back(instance_id: UUID, said: str) -> ResponseReturnValue:
    flash(said, "success")
    return redirect(url_for("monitor.instance", instance_id=instance_id), 303)
