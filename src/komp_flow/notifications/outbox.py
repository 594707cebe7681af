"""Queueing notifications, each once, and reading a person's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from komp_flow.notifications.models import Notification


@dataclass(frozen=True)
class Notice:
    """What is to be told. `occasion` names the reason: the same reason tells the same person once."""

    kind: str
    occasion: str
    instance_id: UUID | None = None
    task_id: UUID | None = None
    unit_id: str | None = None
    cycle_id: str | None = None
    phase: str | None = None
    level: int | None = None
    text: str | None = None


def queue(db: Session, people: Iterable[str], notice: Notice, now: datetime) -> int:
    """Tell each of them, in the caller's transaction. May be repeated safely. Answers how many people it is for."""
    rows = [
        {
            "occasion": f"{notice.kind}:{notice.occasion}:{person}"[:300],
            "person_id": person,
            "kind": notice.kind,
            "level": notice.level,
            "phase": notice.phase,
            "text": notice.text,
            "instance_id": notice.instance_id,
            "task_id": notice.task_id,
            "unit_id": notice.unit_id,
            "cycle_id": notice.cycle_id,
            "created_at": now,
        }
        for person in sorted(set(people))
    ]
    if rows:
        make = postgresql_insert if db.get_bind().dialect.name == "postgresql" else sqlite_insert
        db.connection().execute(make(Notification).on_conflict_do_nothing(), rows)
    return len(rows)


def about(db: Session, person_id: str, limit: int = 50) -> Sequence[Notification]:
    """What a person has been told, the newest first."""
    newest = Notification.created_at.desc(), Notification.id.desc()
    return db.scalars(
        select(Notification).where(Notification.person_id == person_id).order_by(*newest).limit(limit)
    ).all()
