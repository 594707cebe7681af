"""What is brought to one instance from outside: a message for it alone, another unit, another cycle."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from komp_flow import audit
from komp_flow.engine.many import rescheduling
from komp_flow.engine.memory import actions
from komp_flow.engine.stored import instances, step
from komp_flow.engine.stored.changes import Changes
from komp_flow.engine.stored.plain import require_storable
from komp_flow.engine.stored.world import World
from komp_flow.engine.tables import INSTANCE, OPEN, SUBSCRIPTION, TASK

OF_THE_UNIT = frozenset({"unit"})
OF_THE_CYCLE = frozenset({"cycle", "deadline", "escalation"})


def waits_for(db: Session, instance_id: UUID, message: str) -> bool:
    """Whether the instance waits for a message of this name just now, under whatever key."""
    db.flush()
    wanted = select(SUBSCRIPTION.c.task_id).where(
        SUBSCRIPTION.c.instance_id == instance_id, SUBSCRIPTION.c.kind == "message", SUBSCRIPTION.c.name == message
    )
    return db.connection().execute(wanted.limit(1)).first() is not None


def tell(
    db: Session,
    world: World,
    instance_id: UUID,
    message: str,
    payload: Mapping[str, object],
    *,
    by: str | None,
    now: datetime,
    entry: audit.Entry | None = None,
) -> Changes | None:
    """Give the message to this instance alone, whatever its key, in the caller's transaction. None: it waits for none
    of that name just now; nothing is kept for later.

    NotRunning: it is over, or rests.
    """
    require_storable(payload)
    row = step.lock(db, instance_id)
    made = step.Step(db, world, row, now, by)
    with step.faults(instance_id):
        instance = made.load()
        waits = (w for w in made.before.subscriptions if (w.kind, w.name) == ("message", message))
        wait = next(waits, None)
        if wait is None:
            return None
        actions.deliver(instance, wait.task_id, wait.element, payload)
        return made.save(entries=(entry,) if entry else ())


def move_to_unit(
    db: Session, world: World, instance_id: UUID, unit: str, *, by: str | None, now: datetime, reason: str = ""
) -> None:
    """The instance is about another unit from now on: its open tasks, what it waits for, and dates that read it."""
    before = step.lock(db, instance_id, running=False)
    if before.unit_id == unit:
        return
    detail = {"from": before.unit_id, "to": unit} | ({"reason": reason[: instances.REASON_LIMIT]} if reason else {})
    entry = audit.Entry("unit-changed", instance_id=instance_id, by=by, detail=detail)
    _move(db, world, instance_id, {"unit_id": unit}, OF_THE_UNIT, entry, now)


def move_to_cycle(db: Session, world: World, instance_id: UUID, cycle: str, *, by: str | None, now: datetime) -> None:
    """The instance goes on in another cycle: its open tasks, what it waits for, and dates of that cycle's calendar."""
    before = step.lock(db, instance_id, running=False)
    if before.cycle_id == cycle:
        return
    detail = {"from": before.cycle_id, "to": cycle}
    entry = audit.Entry("carried-over", instance_id=instance_id, by=by, detail=detail)
    _move(db, world, instance_id, {"cycle_id": cycle}, OF_THE_CYCLE, entry, now)


def _move(  # noqa: PLR0917
    db: Session,
    world: World,
    instance_id: UUID,
    subject: Mapping[str, str],
    changed: frozenset[str],
    entry: audit.Entry,
    now: datetime,
) -> None:
    connection = db.connection()
    connection.execute(update(INSTANCE).where(INSTANCE.c.id == instance_id).values(subject))
    mine = TASK.c.instance_id == instance_id
    connection.execute(update(TASK).where(mine, TASK.c.state == OPEN).values(subject))
    row = step.lock(db, instance_id, running=False)
    made = step.Step(db, world, row, now, entry.by)
    with step.faults(instance_id):
        actions.rekey(made.load(), changed)
        made.save(entries=(entry,))
    rescheduling.reschedule(db, world, instances=[instance_id], by=entry.by, now=now, changed=changed)
