"""How much background work is due, and since when; what has stopped: for those who keep watch over an installation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from komp_flow.engine.many.due import GIVEN_UP
from komp_flow.engine.tables import DELIVERY, INCIDENT_TABLE, OPEN, START_SUBSCRIPTION, TASK, TIMER
from komp_flow.notifications.models import Mail
from komp_flow.operations.models import Request

MOST_COUNTED: Final = 100_000  # rows of a kind: more is told as this many


@dataclass(frozen=True)
class Queue:
    """The rows of one kind: how many are due at this moment, the age of the oldest of them in seconds, how many wait
    for a later time.
    """

    kind: str
    due: int
    oldest: float
    later: int


@dataclass(frozen=True)
class Backlog:
    """What waits for the workers, and what waits for people."""

    queues: tuple[Queue, ...]
    open_tasks: int
    open_incidents: dict[str, int]  # by kind
    mails: dict[str, int]  # `waiting` for the server or the next working day, `failed`: given up


def backlog(db: Session, now: datetime) -> Backlog:
    """As it stands at `now`; counts no further than 100,000 of a kind."""
    incidents = db.execute(
        select(INCIDENT_TABLE.c.kind, func.count())
        .where(INCIDENT_TABLE.c.closed_at.is_(None))
        .group_by(INCIDENT_TABLE.c.kind)
    )
    return Backlog(
        queues=tuple(_queue(db, kind, at, waits, now) for kind, at, waits in _kinds()),
        open_tasks=_count(db, select(TASK.c.id).where(TASK.c.state == OPEN)),
        open_incidents={row[0]: row[1] for row in incidents},
        mails={state: _count(db, select(Mail.id).where(Mail.state == state)) for state in ("waiting", "failed")},
    )


def _kinds() -> Iterator[tuple[str, Any, list[ColumnElement[bool]]]]:
    """Each kind of rows: when it is to be done, and which of its rows are to be done at all."""
    yield "timer", TIMER.c.next_try_at, [TIMER.c.held.is_(False), TIMER.c.failures < GIVEN_UP]
    yield "delivery", DELIVERY.c.next_try_at, [DELIVERY.c.done_at.is_(None), DELIVERY.c.failures < GIVEN_UP]
    yield "start", START_SUBSCRIPTION.c.next_try_at, [START_SUBSCRIPTION.c.next_try_at.is_not(None)]
    yield "request", Request.next_try_at, [Request.state == "waiting"]


def _queue(db: Session, kind: str, at: Any, waits: list[ColumnElement[bool]], now: datetime) -> Queue:
    due = _count(db, select(at).where(at <= now, *waits))
    oldest = db.scalar(select(func.min(at)).where(at <= now, *waits)) if due else None
    age = max(0.0, (now - oldest).total_seconds()) if oldest is not None else 0.0
    return Queue(kind, due, age, _count(db, select(at).where(at > now, *waits)))


def _count(db: Session, rows: Select[Any]) -> int:
    return db.scalar(select(func.count()).select_from(rows.limit(MOST_COUNTED).subquery())) or 0
