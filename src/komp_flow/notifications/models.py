"""The outbox of notifications: one row for each person and occasion, kept whether or not it is sent."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from komp_flow.db import Base, Instant

BigId = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts by itself only in an INTEGER key


class Notification(Base):
    """One thing that one person is told. It says which unit and phase, never what anybody has written.

    `occasion` is the same when the step that queues it is done again, so that nobody is told twice.
    """

    __tablename__ = "notification"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    occasion: Mapped[str] = mapped_column(String(300), unique=True)
    person_id: Mapped[str] = mapped_column(String(64), index=True)
    kind: Mapped[str] = mapped_column(String(40))  # escalation, reminder, strategy, next-cycle, notice
    level: Mapped[int | None] = mapped_column(default=None)
    phase: Mapped[str | None] = mapped_column(String(200), default=None)
    text: Mapped[str | None] = mapped_column(String(1000), default=None)  # the diagram's own words, for `notice`
    instance_id: Mapped[UUID | None] = mapped_column(default=None)
    task_id: Mapped[UUID | None] = mapped_column(default=None)
    unit_id: Mapped[str | None] = mapped_column(String(64), default=None)
    cycle_id: Mapped[str | None] = mapped_column(String(40), default=None)
    created_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant, default=None)


class DailyRun(Base):
    """The last local day on which something that is done once a day was done."""

    __tablename__ = "daily_run"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    on_date: Mapped[date]
