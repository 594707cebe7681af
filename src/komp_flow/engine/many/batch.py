"""Many due rows in one transaction: their instances locked together, a step for each, the rows written together.

No two rows of a batch are of one instance. Nobody is waited for: what somebody else is at is passed over, and what
fails, or would have to wait, is left for a transaction of its own (`due.run_due`).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, Uuid, bindparam, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from komp_flow import audit
from komp_flow.db import Instant
from komp_flow.db.ids import within
from komp_flow.db.pen import KeepingPen
from komp_flow.db.prepared import Prepared
from komp_flow.engine.many import due
from komp_flow.engine.many.likewise import Errand, Likewise
from komp_flow.engine.stored import messages, step
from komp_flow.engine.stored.changes import Due
from komp_flow.engine.stored.world import World
from komp_flow.engine.tables import DELIVERY, ENDED, INSTANCE, MESSAGE, RUNNING, SUSPENDED, TIMER
from komp_flow.errors import Busy

SIZE: Final = 50
SPELL: Final = 0.25  # seconds that a batch works before it lets others write
# Two batches that need the same things (a message's name, a register's row) in turn would wait for each other.
_NO_WAITING: Final = Prepared(text("SET LOCAL lock_timeout = '100ms'"))
_HOLD: Final = Prepared(
    select(INSTANCE).where(within(INSTANCE.c.id, "ids", Uuid)).with_for_update(skip_locked=True, key_share=True)
)
_HOLD_DELIVERIES: Final = Prepared(
    select(DELIVERY)
    .where(within(DELIVERY.c.id, "ids", BigInteger), due.is_due(DELIVERY, bindparam("now", type_=Instant)))
    .with_for_update(skip_locked=True)
)
_TIMERS: Final = Prepared(
    select(TIMER.c.task_id, TIMER.c.element).where(
        within(TIMER.c.instance_id, "ids", Uuid), due.is_due(TIMER, bindparam("now", type_=Instant))
    )
)
_MESSAGES: Final = Prepared(select(MESSAGE).where(within(MESSAGE.c.id, "ids", BigInteger)))


@dataclass
class RanBatch:
    """What became of a batch: how many rows were done, and which are to be run alone. Others were passed over."""

    done: int = 0
    alone: list[Any] = field(default_factory=list)
    what: str = "done"


@dataclass(frozen=True)
class _Held:
    """What this transaction has locked of what is due, read after that."""

    instances: dict[UUID | None, Any]
    timers: frozenset[tuple[Any, ...]]
    deliveries: dict[tuple[Any, ...], Any]
    messages: dict[int, Any]


def batches(rows: Iterable[Due]) -> Iterator[list[Due]]:
    """These rows, the earliest first, in batches. What is to be run alone, a start, is a batch of one."""
    left = list(rows)
    while left:
        batch: dict[UUID, Due] = {}
        later: list[Due] = []
        for row in left:
            if row.instance_id is None:
                yield [row]
            elif len(batch) < SIZE and row.instance_id not in batch:
                batch[row.instance_id] = row
            else:
                later.append(row)
        if batch:
            yield list(batch.values())
        left = later


def run(db: Session, world: World, batch: Sequence[Due], now: datetime) -> RanBatch:
    """Run a batch. If it raises, the transaction is to be rolled back, and the rows run alone."""
    db.flush()
    wait_for_nobody(db)
    ran, pen = RanBatch(), KeepingPen(db)
    held = _hold(db, batch, now)
    pen.heads = audit.heads(db, [step.stream(row.id) for row in held.instances.values()])
    until = time.monotonic() + SPELL
    errands = [errand for row in batch if (errand := _errand(row, held)) is not None]
    likewise = Likewise(db, pen, errands, now)
    for errand in errands:
        try:
            with pen.step():
                ran.done += likewise.did(errand) or _run(db, world, errand, now, pen, likewise)
        except (DBAPIError, Busy):
            if not pen.undid:  # the transaction itself may be spoilt
                raise
            ran.alone.append(errand.due)
        except Exception:  # noqa: BLE001 (alone, its failure is told and noted as any other)
            ran.alone.append(errand.due)
        if time.monotonic() > until:  # others wait to write; what is left is due still
            break
    pen.send()
    return ran


def wait_for_nobody(db: Session) -> None:
    """A lock that this transaction does not get soon is an error: what needs it is then done alone."""
    if db.get_bind().dialect.name == "postgresql":
        _NO_WAITING.write(db, [{}])


def _hold(db: Session, rows: Sequence[Due], now: datetime) -> _Held:
    found = {row.id: row for row in _HOLD.all(db, {"ids": [row.instance_id for row in rows]})}
    timers = {row.instance_id for row in rows if row.kind == "timer"} & found.keys()
    deliveries = [row.key[0] for row in rows if row.kind == "delivery" and row.instance_id in found]
    waiting, given, sent = frozenset[Any](), {}, {}
    if timers:
        waiting = frozenset(tuple(row) for row in _TIMERS.all(db, {"ids": timers, "now": now}))
    if deliveries:
        given = {(row.id,): row for row in _HOLD_DELIVERIES.all(db, {"ids": deliveries, "now": now})}
        sent = {row.id: row for row in _MESSAGES.all(db, {"ids": {row.message_id for row in given.values()}})}
    return _Held(found, waiting, given, sent)


def _errand(row: Due, held: _Held) -> Errand | None:
    """What this row is for; None: there is nothing to do, or somebody else is at it."""
    instance = held.instances.get(row.instance_id)
    if instance is None:
        return None
    if row.kind == "timer":
        return Errand(row, instance) if row.key in held.timers and instance.state in RUNNING else None
    delivery = held.deliveries.get(row.key)
    if delivery is None or instance.state == SUSPENDED:
        return None
    return Errand(row, instance, delivery, held.messages[delivery.message_id])


def _run(  # noqa: PLR0917
    db: Session, world: World, errand: Errand, now: datetime, pen: KeepingPen, likewise: Likewise
) -> bool:
    """One row; False where there was nothing to do. Raises what alone is to be told or mended."""
    instance, delivery, message = errand.instance, errand.delivery, errand.message
    made = step.Step(db, world, instance, now, message.by if message is not None else None, pen)
    if message is None:
        due.fire(made, errand.due)
    elif instance.state in ENDED or due.deliver(made, delivery, message) is None:
        pen.settle()
        messages.nobody(db, message, delivery, now)
        return False
    likewise.learn(made)
    return True
