"""What is due: timers, deliveries, start timers. Each row is run in a transaction of its own, and may be run twice.

The instance is locked before its due row is read, as every step does, so that a tick and a person never wait for
each other in a ring. A row that somebody else is at is passed over.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Select, Table, and_, bindparam, delete, exists, insert, or_, select, update
from sqlalchemy.orm import Session

from komp_flow.db.prepared import Prepared
from komp_flow.engine.errors import NotOpen
from komp_flow.engine.many import starting, starts
from komp_flow.engine.memory import actions
from komp_flow.engine.stored import instances, messages, step
from komp_flow.engine.stored.changes import Changes, Due
from komp_flow.engine.stored.world import World
from komp_flow.engine.tables import (
    DELIVERY,
    ENDED,
    INCIDENT_TABLE,
    INSTANCE,
    MESSAGE,
    RUNNING,
    START_SUBSCRIPTION,
    SUSPENDED,
    TIMER,
)
from komp_flow.errors import Busy, KompFlowError
from komp_flow.organisation.subjects import Subject

log = logging.getLogger(__name__)

BACK_OFF: Final = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
GIVEN_UP: Final = 5  # failures; then an incident that a person retries. A start has no instance: it is tried on
SOON: Final = timedelta(seconds=10)

_DROP_TIMER: Final = Prepared(
    delete(TIMER).where(TIMER.c.task_id == bindparam("task"), TIMER.c.element == bindparam("at"))
)
_DELIVERED: Final = Prepared(
    update(DELIVERY)
    .where(DELIVERY.c.id == bindparam("delivery"))
    .values(done_at=bindparam("at"), outcome=bindparam("how"))
)


def due(db: Session, now: datetime, limit: int = 50) -> list[Due]:
    """What is to be run now, the earliest first, at most one row of timers for each instance."""
    connection = db.connection()
    found = [
        Due("timer", (row.task_id, row.element), row.next_try_at, row.instance_id)
        for row in connection.execute(_timers(now, limit))
    ]
    found += [
        Due("delivery", (row.id,), row.next_try_at, row.instance_id)
        for row in connection.execute(_deliveries(now, limit))
    ]
    found += [
        Due("start", (row.process, row.element), row.next_try_at) for row in connection.execute(_starts(now, limit))
    ]
    once: dict[Any, Due] = {}
    for row in sorted(found, key=lambda row: row.at):  # stable: deliveries of one moment keep their order
        once.setdefault((row.kind, row.instance_id) if row.kind == "timer" else (row.kind, row.key), row)
    return list(once.values())[:limit]


def find(db: Session, kind: str, key: Sequence[Any], now: datetime) -> Due | None:
    """The row with this key (a task's id may be text), if it is there and to be done now. None: it is not."""
    connection, values = db.connection(), tuple(key)
    if kind == "timer":
        values = (UUID(str(values[0])), values[1])
        found = connection.execute(_timers(now, 1).where(_row(Due(kind, values, now))[1])).first()
    elif kind == "delivery":
        found = connection.execute(_deliveries(now, 1).where(DELIVERY.c.id == values[0])).first()
    else:
        found = connection.execute(_starts(now, 1).where(_row(Due(kind, values, now))[1])).first()
    return Due(kind, values, found.next_try_at, getattr(found, "instance_id", None)) if found is not None else None


def run_due(db: Session, world: World, due: Due, now: datetime, *, wait: bool = False) -> Changes | None:
    """Run one row, in the caller's transaction. None: it was done already, or somebody else is at it.

    `wait`: where somebody is at the instance, wait for them rather than passing the row over.
    """
    db.flush()
    return _RUN[due.kind](db, world, due, now, wait)


def fail_due(db: Session, due: Due, error: BaseException, now: datetime) -> None:
    """Running it has failed and was rolled back: try again later; after five times an incident. A database that is
    busy is no failure.
    """
    if due.instance_id is not None:  # the instance first, as everywhere
        lock = select(INSTANCE.c.id).where(INSTANCE.c.id == due.instance_id).with_for_update(key_share=True)
        db.connection().execute(lock)
    table, row = _row(due)
    found = db.connection().execute(select(table).where(row).with_for_update()).first()
    if found is None:
        return
    if isinstance(error, Busy):
        db.connection().execute(update(table).where(row).values(next_try_at=now + SOON))
        return
    failures = found.failures + 1
    later = now + BACK_OFF[min(failures, len(BACK_OFF)) - 1]
    db.connection().execute(update(table).where(row).values(failures=failures, next_try_at=later))
    text = str(error) if isinstance(error, KompFlowError) else f"{type(error).__name__}: {error}"
    text = text.replace("\0", " ")
    log.warning("due %s %s failed %s times: %s", due.kind, due.key, failures, text)
    if failures != GIVEN_UP:
        return
    if due.instance_id is not None:
        instances.fault(db, due.instance_id, text, now, kind="due")
        return
    start = {"id": uuid4(), "instance_id": None, "process": found.process, "task_id": None, "element": found.element}
    db.connection().execute(insert(INCIDENT_TABLE), {**start, "kind": "due", "text": text[:2000], "opened_at": now})


def is_due(table: Table, now: Any) -> ColumnElement[bool]:
    """Of timers or deliveries: those whose time has come, and that are not given up."""
    mine = table.c.held.is_(False) if table is TIMER else table.c.done_at.is_(None)
    return and_(table.c.next_try_at <= now, mine, table.c.failures < GIVEN_UP)


def _timers(now: datetime, limit: int) -> Select[Any]:
    return (
        select(TIMER.c.task_id, TIMER.c.element, TIMER.c.instance_id, TIMER.c.next_try_at)
        .where(is_due(TIMER, now))
        .order_by(TIMER.c.next_try_at, TIMER.c.task_id)
        .limit(limit)
    )


def _deliveries(now: datetime, limit: int) -> Select[Any]:
    of_instance = and_(INSTANCE.c.state != SUSPENDED, DELIVERY.c.failures < GIVEN_UP)
    return (
        select(DELIVERY.c.id, DELIVERY.c.instance_id, DELIVERY.c.next_try_at)
        .join(INSTANCE, INSTANCE.c.id == DELIVERY.c.instance_id, isouter=True)
        .where(DELIVERY.c.done_at.is_(None), DELIVERY.c.next_try_at <= now)
        .where(or_(DELIVERY.c.instance_id.is_(None), of_instance))
        .order_by(DELIVERY.c.next_try_at, DELIVERY.c.id)
        .limit(limit)
    )


def _starts(now: datetime, limit: int) -> Select[Any]:
    table = START_SUBSCRIPTION
    return (
        select(table.c.process, table.c.element, table.c.next_try_at)
        .where(table.c.next_try_at <= now)
        .order_by(table.c.next_try_at)
        .limit(limit)
    )


def _run_timer(db: Session, world: World, due: Due, now: datetime, wait: bool) -> Changes | None:
    """All timers of the instance that are due, in their order."""
    row = _claim(db, due, wait)
    if row is None or row.state not in RUNNING:
        return None
    timer = db.connection().execute(select(TIMER).where(_row(due)[1])).first()
    if timer is None or timer.next_try_at > now or timer.held:
        return None
    return fire(step.Step(db, world, row, now, None), due)


def fire(made: step.Step, due: Due) -> Changes:
    """All timers of the step's instance that are due. `due` is one of them."""
    with step.faults(made.row.id):
        fired = actions.fire_due(made.load(), made.now)
        if not fired:  # nothing in the instance waits for it: a row without a meaning must not come back
            log.error("timer %s of instance %s stood for nothing and was removed", due.key, made.row.id)
            made.pen.write(_DROP_TIMER, [{"task": due.key[0], "at": due.key[1]}])
        return made.save()


def _run_delivery(db: Session, world: World, due: Due, now: datetime, wait: bool) -> Changes | None:
    row = _claim(db, due, wait) if due.instance_id is not None else None
    if due.instance_id is not None and (row is None or row.state == SUSPENDED):
        return None
    connection = db.connection()
    claimed = select(DELIVERY).where(DELIVERY.c.id == due.key[0]).with_for_update(skip_locked=not wait)
    delivery = connection.execute(claimed).first()
    if delivery is None or delivery.done_at is not None or delivery.next_try_at > now:
        return None
    message = connection.execute(select(MESSAGE).where(MESSAGE.c.id == delivery.message_id)).one()
    if row is None:
        return _start_by(db, world, delivery, message, now)
    made = step.Step(db, world, row, now, message.by)
    changes = None if row.state in ENDED else deliver(made, delivery, message)
    if changes is None:
        messages.nobody(db, message, delivery, now)
    return changes


def deliver(made: step.Step, delivery: Any, message: Any) -> Changes | None:
    """A message ends one wait, the oldest; a signal all that wait just now. None: nothing waits for it.

    The row of the instance is locked, and so is that of the delivery.
    """
    with step.faults(made.row.id):
        instance = made.load()
        waits = [
            wait
            for wait in made.before.subscriptions
            if (wait.kind, wait.name, messages.stored_key(wait.key)) == (message.kind, message.name, message.key)
        ]
        if not waits:
            return None
        payload = messages.unpack(message.payload)
        for wait in waits if message.kind == "signal" else waits[:1]:
            try:
                actions.deliver(instance, wait.task_id, wait.element, payload)
            except NotOpen:  # the signal's first catcher has taken this one away
                continue
        made.pen.write(_DELIVERED, [{"delivery": delivery.id, "at": made.now, "how": "applied"}])
        return made.save()


def _start_by(db: Session, world: World, delivery: Any, message: Any, now: datetime) -> Changes | None:
    """A message or signal starts an instance; with a key, only where none with that key is active."""
    connection = db.connection()
    table = START_SUBSCRIPTION
    waiting = connection.execute(
        select(table).where(
            table.c.process == delivery.process, table.c.element == delivery.element, table.c.name == message.name
        )
    ).first()
    key = message.key if waiting is not None and waiting.key_text else ""
    if waiting is None or (key and _is_active(db, delivery.process, key)):
        messages.nobody(db, message, delivery, now)
        return None
    payload = messages.unpack(message.payload)
    changes = starting.start(
        db,
        world,
        delivery.process,
        starts.subject_of(payload, _subject(db, message.sender_instance_id)),
        payload,
        by=message.by,
        now=now,
        element=delivery.element,
        version_id=waiting.version_id,
        start_key=key,
    )
    _done(db, delivery, "started", now)
    return changes


def _run_start(db: Session, world: World, due: Due, now: datetime, wait: bool) -> Changes | None:
    """A timer start: one instance, for all that was missed."""
    table, mine = _row(due)
    row = db.connection().execute(select(table).where(mine).with_for_update(skip_locked=not wait)).first()
    if row is None or row.next_try_at is None or row.next_try_at > now:
        return None
    nobody = Subject()
    changes = starting.start(
        db, world, row.process, nobody, {}, by=None, now=now, element=row.element, version_id=row.version_id
    )
    starts.fired(db, row, now)
    _mended(db, row, now)
    return changes


def _claim(db: Session, due: Due, wait: bool) -> Any:
    """The instance's row, locked; None when somebody else has it and is not waited for."""
    mine = INSTANCE.c.id == due.instance_id
    wanted = select(INSTANCE).where(mine).with_for_update(skip_locked=not wait, key_share=True)
    return db.connection().execute(wanted).first()


def _done(db: Session, delivery: Any, outcome: str, now: datetime) -> None:
    _DELIVERED.run(db, {"delivery": delivery.id, "at": now, "how": outcome})
    if delivery.instance_id is None:
        _mended(db, delivery, now)


def _mended(db: Session, row: Any, now: datetime) -> None:
    """A start that had failed has succeeded."""
    if row.failures >= GIVEN_UP:
        table = INCIDENT_TABLE
        mine = and_(table.c.instance_id.is_(None), table.c.process == row.process, table.c.element == row.element)
        db.connection().execute(update(table).where(mine, table.c.closed_at.is_(None)).values(closed_at=now))


def _is_active(db: Session, process: str, key: str) -> bool:
    mine = and_(INSTANCE.c.process == process, INSTANCE.c.start_key == key, INSTANCE.c.ended_at.is_(None))
    return bool(db.connection().execute(select(exists().where(mine))).scalar())


def _subject(db: Session, instance_id: Any) -> Subject:
    columns = (INSTANCE.c.unit_id, INSTANCE.c.person_id, INSTANCE.c.measure_id, INSTANCE.c.cycle_id)
    row = db.connection().execute(select(*columns).where(INSTANCE.c.id == instance_id)).first() if instance_id else None
    return Subject(*row) if row is not None else Subject()


def _row(due: Due) -> tuple[Table, Any]:
    if due.kind == "start":
        table = START_SUBSCRIPTION
        return table, and_(table.c.process == due.key[0], table.c.element == due.key[1])
    if due.kind == "timer":
        return TIMER, and_(TIMER.c.task_id == due.key[0], TIMER.c.element == due.key[1])
    return DELIVERY, DELIVERY.c.id == due.key[0]


_RUN: Final[dict[str, Callable[[Session, World, Due, datetime, bool], Changes | None]]] = {
    "timer": _run_timer,
    "delivery": _run_delivery,
    "start": _run_start,
}
