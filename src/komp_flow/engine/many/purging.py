"""Messages that nobody can get any more are forgotten, with what is noted of their deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session

from komp_flow.engine.stored.messages import KEPT
from komp_flow.engine.tables import DELIVERY, INSTANCE, MESSAGE

AT_ONCE: Final = 500


def forgettable(db: Session, now: datetime, most: int = AT_ONCE) -> list[int]:
    """Messages past their keeping that are on their way to nobody, at most so many.

    Each stays at least 30 days, so that one that is sent again with its id is known for so long.
    """
    underway = (
        select(DELIVERY.c.id)
        .join(INSTANCE, INSTANCE.c.id == DELIVERY.c.instance_id, isouter=True)
        .where(DELIVERY.c.message_id == MESSAGE.c.id, DELIVERY.c.done_at.is_(None))
        .where(or_(DELIVERY.c.instance_id.is_(None), INSTANCE.c.ended_at.is_(None)))
    )
    old = (MESSAGE.c.keep_until < now, MESSAGE.c.created_at < now - KEPT)
    query = select(MESSAGE.c.id).where(*old, ~exists(underway)).order_by(MESSAGE.c.keep_until).limit(most)
    return list(db.connection().execute(query).scalars())


def purge(db: Session, messages: Sequence[int]) -> int:
    """Forget these; answers how many. What another transaction is at is passed over."""
    connection = db.connection()
    mine = select(MESSAGE.c.id).where(MESSAGE.c.id.in_(messages)).with_for_update(skip_locked=True)
    found = list(connection.execute(mine).scalars())
    if found:
        connection.execute(delete(DELIVERY).where(DELIVERY.c.message_id.in_(found)))
        connection.execute(delete(MESSAGE).where(MESSAGE.c.id.in_(found)))
    return len(found)
