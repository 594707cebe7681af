"""Reading the variables of a stored instance, without changing it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow import engine
from komp_flow.engine.memory import actions, codec
from komp_flow.engine.memory.view import View
from komp_flow.engine.stored.surroundings import Surroundings
from komp_flow.engine.tables import INSTANCE
from komp_flow.work.running.world import WORLD


def names(db: Session, instance_id: UUID, task_id: UUID, now: datetime) -> dict[str, object]:
    """Every name that an expression of this open task sees; of one that is not open, the instance's variables."""
    row, loaded = _load(db, instance_id, now)
    try:
        return dict(actions.names_at(loaded, task_id))
    except engine.NotOpen:
        return {**Surroundings(db, WORLD, row, now, None).names, **loaded.data}


def view(db: Session, instance_id: UUID, now: datetime) -> View:
    """What the instance waits for, and its variables."""
    return actions.view(_load(db, instance_id, now)[1])


def _load(db: Session, instance_id: UUID, now: datetime) -> tuple[Any, Any]:
    row = db.connection().execute(select(INSTANCE).where(INSTANCE.c.id == instance_id)).one()
    return row, codec.load(row.state_blob, Surroundings(db, WORLD, row, now, None))
