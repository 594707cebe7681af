"""What people with the right to do so do to an instance: suspend, resume, cancel, retry, move its dates."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from komp_flow import audit, bell
from komp_flow.engine.errors import NotOpen
from komp_flow.engine.memory import actions
from komp_flow.engine.stored import projection, schedule, shelf, step
from komp_flow.engine.stored.changes import Changes
from komp_flow.engine.stored.world import World
from komp_flow.engine.tables import (
    ACTIVE,
    DELIVERY,
    ENDED,
    INCIDENT,
    INCIDENT_TABLE,
    INSTANCE,
    SUSPENDED,
    TASK,
    TASK_ROLE,
    TIMER,
)
from komp_flow.errors import Conflict
from komp_flow.i18n import _

REASON_LIMIT: Final = 1000

_OPEN_INCIDENTS = select(INCIDENT_TABLE).where(
    INCIDENT_TABLE.c.instance_id == bindparam("instance"), INCIDENT_TABLE.c.closed_at.is_(None)
)
_SET_STATE = update(INSTANCE).where(INSTANCE.c.id == bindparam("instance")).values(state=bindparam("to"))
_HOLD_TIMERS = update(TIMER).where(TIMER.c.instance_id == bindparam("instance")).values(held=bindparam("hold"))


def suspend(db: Session, _world: World, instance_id: UUID, reason: str, *, by: str | None, now: datetime) -> Changes:
    """Nothing happens in it until it is resumed: tasks cannot be completed, timers and deliveries are held."""
    row = step.lock(db, instance_id)
    _set_held(db, instance_id, SUSPENDED, hold=True)
    return _told(db, row, SUSPENDED, "suspended", reason=reason, by=by, now=now)


def resume(db: Session, _world: World, instance_id: UUID, reason: str, *, by: str | None, now: datetime) -> Changes:
    """It goes on; what came due meanwhile fires once, with the next tick. Conflict: it is not suspended."""
    row = step.lock(db, instance_id, running=False)
    if row.state != SUSPENDED:
        raise Conflict(_("Saken er ikke satt på pause. Ingenting er endret."))
    wrong = db.connection().execute(_OPEN_INCIDENTS, {"instance": instance_id}).first()
    state = INCIDENT if wrong else ACTIVE
    _set_held(db, instance_id, state, hold=False)
    bell.ring(db, bell.ANY, "resumed", now)
    return _told(db, row, state, "resumed", reason=reason, by=by, now=now)


def cancel(db: Session, world: World, instance_id: UUID, reason: str, *, by: str | None, now: datetime) -> Changes:
    """It ends here: its tasks are closed, its timers and subscriptions are gone."""
    row = step.lock(db, instance_id, running=False)
    entry = audit.Entry("cancel", instance_id=instance_id, by=by, detail=_reason(reason))
    return step.act(db, world, row, actions.cancel, by=by, now=now, entries=(entry,))


def retry(db: Session, world: World, instance_id: UUID, *, by: str | None, now: datetime) -> Changes:
    """Try again everything in it that stopped. What fails again is an incident again. Conflict: nothing has stopped."""
    row = step.lock(db, instance_id)
    open_ = db.connection().execute(_OPEN_INCIDENTS, {"instance": instance_id}).all()
    if not open_:
        raise Conflict(_("Saken har ingen feil å prøve på nytt. Ingenting er endret."))
    made = step.Step(db, world, row, now, by)
    with step.faults(instance_id):
        instance = made.load()
        for incident in made.before.incidents:
            try:
                actions.retry(instance, incident.task_id)
            except NotOpen:  # another retry has taken its token along
                continue
        _mend_tasks(db, made, [row for row in open_ if row.kind == "task"])
        _try_due_again(db, instance_id, now)
        entry = audit.Entry("retried", instance_id=instance_id, by=by, detail={"incidents": len(open_)})
        return made.save(entries=(entry,))


def fault(db: Session, instance_id: UUID, text: str, now: datetime, *, kind: str = "step") -> None:
    """A step failed and was rolled back: write the incident, in a transaction of its own. Nothing if it has ended."""
    connection = db.connection()
    row = connection.execute(
        select(INSTANCE).where(INSTANCE.c.id == instance_id).with_for_update(key_share=True)
    ).first()
    if row is None or row.state in ENDED:
        return
    values = {"instance_id": instance_id, "process": row.process, "kind": kind, "text": text[:2000].replace("\0", " ")}
    connection.execute(
        insert(INCIDENT_TABLE), {"id": uuid4(), **values, "task_id": None, "element": None, "opened_at": now}
    )
    if row.state == ACTIVE:
        connection.execute(_SET_STATE, {"instance": instance_id, "to": INCIDENT})
    entry = audit.Entry("failed", instance_id=instance_id, detail={"kind": kind})
    audit.record(db, step.stream(instance_id), [entry], now)
    step.forget(db)


def raise_escalation(db: Session, instance_id: UUID) -> int:
    """One level up; answers the new level. It falls to 0 when the instance comes to another phase."""
    raised = db.connection().execute(
        update(INSTANCE)
        .where(INSTANCE.c.id == instance_id)
        .values(escalation=INSTANCE.c.escalation + 1)
        .returning(INSTANCE.c.escalation)
    )
    step.forget(db)
    return int(raised.scalar_one())


def _set_held(db: Session, instance_id: UUID, state: str, *, hold: bool) -> None:
    connection = db.connection()
    connection.execute(_SET_STATE, {"instance": instance_id, "to": state})
    connection.execute(_HOLD_TIMERS, {"instance": instance_id, "hold": hold})


def _told(db: Session, row: Any, state: str, what: str, *, reason: str, by: str | None, now: datetime) -> Changes:
    entry = audit.Entry(what, instance_id=row.id, by=by, detail=_reason(reason))
    audit.record(db, step.stream(row.id), [entry], now)
    step.forget(db)
    return Changes(row.id, row.process, state)


def _reason(reason: str) -> dict[str, Any]:
    return {"reason": reason[:REASON_LIMIT]} if reason else {}


def _try_due_again(db: Session, instance_id: UUID, now: datetime) -> None:
    """Timers and deliveries that were given up are due again; incidents that are not the diagram's are over."""
    connection = db.connection()
    again = {"failures": 0, "next_try_at": now}
    for table in (TIMER, DELIVERY):
        connection.execute(
            update(table).where(table.c.instance_id == instance_id, table.c.failures > 0).values(**again)
        )
    bell.ring(db, bell.ANY, "retried", now)
    connection.execute(
        update(INCIDENT_TABLE)
        .where(INCIDENT_TABLE.c.instance_id == instance_id, INCIDENT_TABLE.c.kind.in_(("due", "step")))
        .where(INCIDENT_TABLE.c.closed_at.is_(None))
        .values(closed_at=now)
    )


def _mend_tasks(db: Session, made: step.Step, incidents: list[Any]) -> None:
    """Evaluate again who may do these tasks, and when they are due."""
    open_ = {task.id: task for task in made.before.tasks}
    for incident in incidents:
        task = open_.get(incident.task_id)
        if task is None:
            continue
        drawn = shelf.runnable(db, UUID(task.program)).program.user_tasks[task.element]
        created = db.connection().execute(select(TASK.c.created_at).where(TASK.c.id == task.id)).scalar_one()
        names = actions.names_at(made.instance, task.id)
        given = schedule.assign(drawn, names, made.host.moment, created)
        if given.faults:
            continue
        connection = db.connection()
        connection.execute(
            update(TASK)
            .where(TASK.c.id == task.id)
            .values(assignee=given.assignee, due_at=given.due_at, follow_up_at=given.follow_up_at)
        )
        connection.execute(delete(TASK_ROLE).where(TASK_ROLE.c.task_id == task.id))
        if given.roles:
            connection.execute(insert(TASK_ROLE), [{"task_id": task.id, "role": role} for role in given.roles])
        projection.close_incidents(made.place, [task.id], "task")
