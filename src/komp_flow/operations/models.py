"""Requests for instances to begin, go on or end: written in the step that asks, done in transactions of their own."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from komp_flow.db import Base, Instant

BigId = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts by itself only in an INTEGER key


class Request(Base):
    """One instance that is to begin (`start`), to go on in the cycle (`carry`) or to end (`end`), or whose
    dates are to be counted anew (`dates`).

    `key` is unique: asked for twice, it is done once.
    """

    __tablename__ = "request"
    __table_args__ = (
        Index(
            "ix_request_due",
            "next_try_at",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(600), unique=True)
    kind: Mapped[str] = mapped_column(String(10))  # start, carry, end, dates
    state: Mapped[str] = mapped_column(String(10))  # waiting, done, failed
    process: Mapped[str]
    unit_id: Mapped[str | None]
    person_id: Mapped[str | None]
    measure_id: Mapped[str | None]
    cycle_id: Mapped[str | None]
    variables: Mapped[bytes] = mapped_column(LargeBinary)
    instance_id: Mapped[UUID | None] = mapped_column(index=True)  # the one that began, or that is to end
    asked_by_instance: Mapped[UUID | None]
    asked_by: Mapped[str | None]
    asked_at: Mapped[datetime] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    failures: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(Instant)
    error: Mapped[str | None] = mapped_column(Text)
