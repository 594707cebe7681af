"""The tables of what follows from a change of the organisation: steps to take, vacancies, mapped units, agreements."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, BigInteger, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from komp_flow.db import Base, Instant

BigId = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts by itself only in an INTEGER key


class StaffingRun(Base):
    """The organisation (by its stamp) and the day that running work was last compared with. One row."""

    __tablename__ = "staffing_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    stamp: Mapped[str] = mapped_column(String(32))
    on_date: Mapped[date]


class StaffingStep(Base):
    """One small thing that follows for an instance, a person or a unit. Gone when done; `key` is unique meanwhile."""

    __tablename__ = "staffing_step"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(300), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    instance_id: Mapped[UUID | None] = mapped_column(default=None)
    person_id: Mapped[str | None] = mapped_column(String(64), default=None)
    unit_id: Mapped[str | None] = mapped_column(String(64), default=None)
    cycle_id: Mapped[str | None] = mapped_column(String(40), default=None)
    on_date: Mapped[date | None] = mapped_column(default=None)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    failures: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(Instant, index=True)
    error: Mapped[str | None] = mapped_column(Text, default=None)


class Vacancy(Base):
    """A unit whose manager is not there, and nobody was named to stand in. There while it lasts: HR is told once."""

    __tablename__ = "vacancy"

    unit_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    since: Mapped[date]
    cause: Mapped[str] = mapped_column(String(10))  # none, left, absent


class ClosedUnit(Base):
    """A unit that was closed with work open in it: HR says which units it went to. There until that is said."""

    __tablename__ = "closed_unit"

    unit_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    since: Mapped[date]


class UnitMapping(Base):
    """What HR has said: the work of a closed unit goes on in another. Of several, `first` has the year's course."""

    __tablename__ = "unit_mapping"

    from_unit: Mapped[str] = mapped_column(String(64), primary_key=True)
    to_unit: Mapped[str] = mapped_column(String(64), primary_key=True)
    first: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
    by: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant)


class TalkOrder(Base):
    """What was said of one talk from outside: it rests, or its employee declines from a date on.

    `by_hand`: None, what the organisation file says of absence counts; true, it rests to `rests_until` (None: until
    somebody takes it up); false, it does not rest whatever the file says. `resting` is how it stands.
    """

    __tablename__ = "talk_order"

    instance_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(String(64), index=True)
    by_hand: Mapped[bool | None] = mapped_column(default=None)
    rests_until: Mapped[date | None] = mapped_column(default=None)  # the last day; the talk is taken up after it
    resting: Mapped[bool] = mapped_column(default=False)
    declined_from: Mapped[date | None] = mapped_column(default=None)  # the last day on which it may still be held
    extraordinary: Mapped[bool] = mapped_column(default=False)
    by: Mapped[str | None] = mapped_column(String(64), default=None)
    at: Mapped[datetime] = mapped_column(Instant)


class PlanTransfer(Base):
    """A plan made in a unit that its person has left. Nobody but the person reads it until they have said yes."""

    __tablename__ = "plan_transfer"
    __table_args__ = (Index("ix_plan_transfer_person", "person_id"),)

    instance_id: Mapped[UUID] = mapped_column(primary_key=True)  # the talk that it was made in
    person_id: Mapped[str] = mapped_column(String(64))
    cycle_id: Mapped[str | None] = mapped_column(String(40))
    from_unit: Mapped[str | None] = mapped_column(String(64))
    to_unit: Mapped[str] = mapped_column(String(64))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    follows: Mapped[bool | None] = mapped_column(default=None)
    answered_at: Mapped[datetime | None] = mapped_column(Instant, default=None)


class StagedImport(Base):
    """Two organisation files that somebody has looked at on a page and may import as they are. Kept for a day."""

    __tablename__ = "staged_import"
    __table_args__ = (Index("ix_staged_import_at", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    by: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant)
    stamp: Mapped[str] = mapped_column(String(32))  # the organisation that it was compared with
    units: Mapped[bytes] = mapped_column(LargeBinary)  # zlib
    people: Mapped[bytes] = mapped_column(LargeBinary)
    told: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # what the page said would change
