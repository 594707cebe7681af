"""An instance on its diagram: what is done, where it is, what is late, and its trail in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow import engine
from komp_flow.audit import Event
from komp_flow.engine import Incident, Program
from komp_flow.engine.memory.view import View
from komp_flow.engine.tables import OPEN, SUSPENDED, TASK
from komp_flow.organisation import Actor, Directory, Holdings
from komp_flow.work import policy, rows, words
from komp_flow.work.lines import IncidentLine, InstanceSheet, Marks, TaskLine, TimerLine, TrailLine
from komp_flow.work.running import state, steering


def instance(db: Session, actor: Actor, instance_id: UUID, now: datetime) -> InstanceSheet:
    """All of one instance, for one who may see it. NotFound for everybody else."""
    row, who, directory = steering.seen(db, actor, instance_id, now)
    version = db.get_one(engine.ProcessVersion, row.version_id)
    program = engine.runnable(db, row.version_id).program
    waits = state.view(db, instance_id, now)
    found = db.execute(
        rows.tasks()
        .where(TASK.c.instance_id == instance_id, TASK.c.state == OPEN)
        .order_by(TASK.c.created_at, TASK.c.id)
    )
    tasks = tuple(rows.task_line(directory, task, actor.person_id, now) for task in found)
    events = _events(db, instance_id)
    return InstanceSheet(
        line=rows.instance_line(directory, row),
        variables=_variables(db, waits, row, who, actor),
        tasks=tasks,
        timers=_timers(waits, program, resting=row.state == SUSPENDED),
        trail=_trail(db, events, directory),
        incidents=_incidents(db, instance_id),
        marks=_marks(events, waits, tasks, program),
        xml=version.xml,
        may=steering.may(who, actor, row),
    )


def _variables(db: Session, waits: View, row: Any, who: Holdings, actor: Actor) -> dict[str, object]:
    """Of an instance about a person, what was answered is for the two that it is between, choices and numbers too.

    Whoever started it sees what is no answer; others who see that there is one see where it stands and no more.
    """
    if policy.is_close(who, rows.subject(row)) or actor.via in policy.TRUSTED:
        return dict(waits.variables)
    if not actor.person_id or row.started_by != actor.person_id:
        return {}
    bound = engine.runnable(db, row.version_id).forms.values()
    answers = {key for version in bound for key in engine.form(db, version).keys}
    return {name: value for name, value in waits.variables.items() if name not in answers}


def _timers(waits: View, program: Program, *, resting: bool) -> tuple[TimerLine, ...]:
    lines = []
    for timer in waits.timers:
        drawn = program.elements.get(timer.element)
        due = None if resting or timer.paused or not timer.due else timer.due[0]
        lines.append(TimerLine(timer.element, drawn.name if drawn else timer.element, due))
    return tuple(lines)


def _events(db: Session, instance_id: UUID) -> Sequence[Event]:
    """The instance's own stream and what its operations have written, in order."""
    query = select(Event).where(Event.instance_id == instance_id).order_by(Event.at, Event.stream, Event.seq)
    return db.scalars(query).all()


def _trail(db: Session, events: Iterable[Event], directory: Directory) -> tuple[TrailLine, ...]:
    return tuple(
        TrailLine(
            at=event.at,
            what=event.what,
            element=event.element,
            by=event.by,
            on_behalf_of=event.on_behalf_of,
            sentence=words.sentence(event, directory, db.info["zone"]),
        )
        for event in events
    )


def _incidents(db: Session, instance_id: UUID) -> tuple[IncidentLine, ...]:
    found = db.scalars(
        select(Incident)
        .where(Incident.instance_id == instance_id, Incident.closed_at.is_(None))
        .order_by(Incident.opened_at, Incident.id)
    )
    return tuple(IncidentLine(one.id, one.element, one.kind, one.text, one.opened_at) for one in found)


def _marks(events: Iterable[Event], waits: View, tasks: Iterable[TaskLine], program: Program) -> Marks:
    here: set[str] = set()
    for open_ in waits.tasks:
        here.update([open_.element, *open_.path])
    waiting = [(wait.element, wait.program) for wait in waits.subscriptions]
    waiting += [(wait.element, wait.program) for wait in waits.timers]
    waiting += [(stopped.element, stopped.program) for stopped in waits.incidents]
    for element, key in waiting:
        drawn = program.elements.get(element)
        if key == program.key and drawn is not None and drawn.kind != "boundaryEvent":
            here.update([element, *drawn.scope])
    done = _done(events)
    late = {task.element for task in tasks if task.overdue}
    inside = {scope for element in late if (drawn := program.elements.get(element)) for scope in drawn.scope}
    known = program.elements.keys()
    return Marks(
        done=tuple(sorted((done - here) & known)),
        here=tuple(sorted(here & known)),
        late=tuple(sorted((late | inside) & known)),
    )


def _done(events: Iterable[Event]) -> set[str]:
    """What was completed, under the ids that the diagram has now."""
    done: set[str] = set()
    for event in events:
        if event.what == "completed" and event.element:
            done.add(event.element)
        elif event.what == "moved":
            renamed = event.detail.get("renamed") or {}
            done = {renamed.get(element, element) for element in done}
    return done
