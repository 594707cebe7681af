"""The register of talks: who has one, how far it is and when, never what is said or written in it."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy import Date, Index, String, Uuid, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from komp_flow.db import Base, Instant
from komp_flow.organisation.subjects import Subject

# What a talk goes through, in order, and the three ways in which it is left.
STARTED, INVITED, HELD, CLOSED = "started", "invited", "held", "closed"
DECLINED, POSTPONED, CANCELLED = "declined", "postponed", "cancelled"
STATUSES: Final = (STARTED, INVITED, HELD, CLOSED, DECLINED, POSTPONED, CANCELLED)
OPEN: Final = frozenset({STARTED, INVITED, HELD})  # the unit's round waits for these; a postponed one rests
ENDED: Final = frozenset({CLOSED, DECLINED, CANCELLED})
# As people are told: not started, under way, closed (process.md section 7).
NOT_STARTED, UNDER_WAY = "not_started", "under_way"
STAGES: Final = {
    STARTED: NOT_STARTED,
    POSTPONED: NOT_STARTED,
    INVITED: UNDER_WAY,
    HELD: UNDER_WAY,
    CLOSED: CLOSED,
    DECLINED: CLOSED,
    CANCELLED: CLOSED,
}

# Messages to one talk while it runs; their key is the talk's id (`key`). What they carry stands beside them.
BEGIN_NOW: Final = "talk.begun"  # the two are talking: what is left of the preparations falls away
MOVE: Final = "talk.moved"  # talk_at: ISO text with an offset, once a time is agreed and until the plan is written
DECLINE: Final = "talk.declined"
POSTPONE: Final = "talk.postponed"  # postponed_until: an ISO date on which it is taken up by itself, or null
RESUME: Final = "talk.resumed"  # to a talk that rests
CANCEL: Final = "talk.cancelled"  # the employee has left, or has a talk in another unit
# Messages to the unit; their key is `unit_key`.
TALK_CLOSED: Final = "talk.closed"  # from every talk that is closed, declined, postponed or cancelled; its status only
TALKS_CLOSED: Final = "talks.closed"  # to B8: there is none left to wait for


class Talk(Base):
    """One talk. `id` is its instance's, as text."""

    __tablename__ = "talk"
    __table_args__ = (
        Index("ix_talk_cycle_unit", "cycle_id", "unit_id"),
        Index("ix_talk_person", "person_id"),
        Index("ix_talk_closed", "closed_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    instance_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    person_id: Mapped[str | None] = mapped_column(String(64), default=None)
    unit_id: Mapped[str | None] = mapped_column(String(64), default=None)
    cycle_id: Mapped[str | None] = mapped_column(String(40), default=None)
    status: Mapped[str] = mapped_column(String(12))
    talk_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    started_at: Mapped[datetime] = mapped_column(Instant)
    invited_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    held_on: Mapped[date | None] = mapped_column(Date, default=None)
    closed_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    postponed_until: Mapped[date | None] = mapped_column(Date, default=None)
    confirmation: Mapped[str | None] = mapped_column(String(20), default=None)  # agree, not_commented
    extraordinary: Mapped[bool] = mapped_column(default=False)

    @property
    def stage(self) -> str:
        """Not started, under way or closed."""
        return STAGES[self.status]


def key(instance_id: uuid.UUID) -> str:
    """The id of the talk that runs as this instance, which is the key of the messages to it."""
    return instance_id.hex


def unit_key(cycle_id: str | None, unit_id: str | None) -> str | None:
    """The key of messages to a unit's round of talks; None where there is no round."""
    return f"{cycle_id}/{unit_id}" if cycle_id and unit_id else None


def talk(db: Session, instance_id: uuid.UUID) -> Talk | None:
    """The talk that runs as this instance; None for one that has not begun to."""
    return db.get(Talk, key(instance_id))


def made(db: Session, instance_id: uuid.UUID, subject: Subject, now: datetime) -> Talk:
    """The talk of this instance; a new one where there is none."""
    found = talk(db, instance_id)
    if found is None:
        found = Talk(id=key(instance_id), instance_id=instance_id, status=STARTED, started_at=now)
        db.add(found)
    found.person_id, found.unit_id, found.cycle_id = subject.person, subject.unit, subject.cycle
    return found


def of_unit(db: Session, unit_id: str, cycle_id: str | None) -> Sequence[Talk]:
    """The talks of a unit in a cycle, those that began first first."""
    mine = (Talk.unit_id == unit_id, Talk.cycle_id == cycle_id)
    return db.scalars(select(Talk).where(*mine).order_by(Talk.started_at, Talk.id)).all()


def of_people(db: Session, people: Collection[str], cycle_id: str | None) -> Sequence[Talk]:
    """The talks of these people in a cycle, those that began first first."""
    mine = (Talk.person_id.in_(sorted(people)), Talk.cycle_id == cycle_id)
    return db.scalars(select(Talk).where(*mine).order_by(Talk.started_at, Talk.id)).all()


def counts(db: Session, cycle_id: str | None, units: Collection[str] | None = None) -> dict[str, int]:
    """How many talks of the cycle have each status, in these units or in all; extraordinary ones are no part of it."""
    query = select(Talk.status, func.count()).where(Talk.cycle_id == cycle_id, Talk.extraordinary.is_(False))
    if units is not None:
        query = query.where(Talk.unit_id.in_(sorted(units)))
    found = dict(db.execute(query.group_by(Talk.status)).all())
    return {status: found[status] for status in STATUSES if status in found}


def left(db: Session, unit_id: str | None, cycle_id: str | None) -> int:
    """How many talks the unit's round waits for."""
    mine = (Talk.unit_id == unit_id, Talk.cycle_id == cycle_id, Talk.extraordinary.is_(False))
    return db.scalar(select(func.count()).select_from(Talk).where(*mine, Talk.status.in_(sorted(OPEN)))) or 0


def end_with_cycle(db: Session, cycle_id: str, now: datetime) -> int:
    """The cycle closes: talks that never came to an end are cancelled; answers how many."""
    waiting = (Talk.cycle_id == cycle_id, Talk.status.not_in(sorted(ENDED)))
    changed = db.execute(update(Talk).where(*waiting).values(status=CANCELLED, closed_at=now))
    return int(changed.rowcount)  # type: ignore[attr-defined]
