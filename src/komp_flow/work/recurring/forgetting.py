"""Idempotency keys that are known no more, deleted once a day with what was answered to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select, tuple_
from sqlalchemy.orm import Session

from komp_flow import organisation
from komp_flow.notifications import DailyRun
from komp_flow.work.models import AnsweredKey
from komp_flow.work.noting import note
from komp_flow.work.once import KEPT

NAME: Final = "answered-keys"
BATCH: Final = 2_000  # in one transaction: others write too


def due(db: Session, now: datetime) -> bool:
    """Whether old keys are still to be forgotten today."""
    last = db.get(DailyRun, NAME)
    return last is None or last.on_date < organisation.local_date(db, now)


def forget(db: Session, now: datetime, limit: int = BATCH) -> bool:
    """Delete some of the keys that are known no more, with what was answered; whether there may be more."""
    ids = (AnsweredKey.person_id, AnsweredKey.key)
    some = select(*ids).where(AnsweredKey.created_at <= now - KEPT).limit(limit).with_for_update(skip_locked=True)
    gone: Any = db.execute(delete(AnsweredKey).where(tuple_(*ids).in_(some)))
    more = bool(gone.rowcount >= limit)
    if not more:
        note(db, DailyRun(name=NAME, on_date=organisation.local_date(db, now)))
    return more
