"""A unit that is taken out of the cycle before it has proposed: the cycle does not wait (process.md section 6)."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow import engine
from komp_flow.engine import Instance
from komp_flow.engine.tables import MESSAGE

UNIT: Final = "unit"
PROPOSED: Final = "unit.proposed"


def tell_cycle(db: Session, instance_id: UUID, *, by: str | None, now: datetime) -> bool:
    """The unit's year has been ended from outside: the cycle counts it as one that it need not wait for.

    To be called after the instance is cancelled, in the same transaction. False: it is no unit's year, it is in no
    cycle, or the unit had proposed. May be repeated safely.
    """
    found = db.get(Instance, instance_id)
    if found is None or found.process != UNIT or found.cycle_id is None:
        return False
    sent = select(MESSAGE.c.id).where(
        MESSAGE.c.name == PROPOSED, MESSAGE.c.key == found.cycle_id, MESSAGE.c.sender_instance_id == instance_id
    )
    if db.scalar(sent.limit(1)) is not None:
        return False
    payload = {"cycle_id": found.cycle_id, "unit_id": found.unit_id}
    external = f"unit-closed:{instance_id.hex}"
    engine.correlate(db, PROPOSED, found.cycle_id, payload, external_id=external, by=by, now=now)
    return True
