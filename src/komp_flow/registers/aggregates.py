"""What many have reported, put together: how measures go, and what the talks say in groups that hide everyone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow.i18n import _l
from komp_flow.registers.models import Effect

STATUSES: Final = {
    "not_started": _l("Ikke startet"),
    "under_way": _l("I gang"),
    "done": _l("Ferdig"),
    "stopped": _l("Stoppet"),
}


def reports(db: Session, measure_id: str) -> list[dict[str, object]]:
    """What the owner of a measure has reported on it, the oldest first; never what is written in talks."""
    found: Sequence[Any] = db.scalars(
        select(Effect)
        .where(Effect.measure == measure_id, Effect.person_id.is_(None), Effect.withdrawn_at.is_(None))
        .order_by(Effect.created_at, Effect.position, Effect.id)
    ).all()
    return [_report(db, row) for row in found]


def _report(db: Session, row: Effect) -> dict[str, object]:
    return {
        "on": row.created_at.astimezone(db.info["zone"]).date(),
        "status": row.status,
        "status_name": str(STATUSES.get(row.status or "", row.status or "")),
        "progress": row.progress,
        "effect": row.effect,
        "before": row.before,
        "after": row.after,
        "comment": row.comment,
    }
