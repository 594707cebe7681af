"""What people are told, a row for each person and occasion, and the mails that carry it, a row for each."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, Integer, String, UniqueConstraint, false
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
    mail_id: Mapped[UUID | None] = mapped_column(index=True, default=None)  # no reference: mails are purged first


# What no mail has taken up yet, by its time.
Index(
    "ix_notification_unmailed",
    Notification.created_at,
    sqlite_where=Notification.mail_id.is_(None),
    postgresql_where=Notification.mail_id.is_(None),
)


class Mail(Base):
    """One mail to one person: a day's digest, or a trial. Its words are made when it is sent, and kept nowhere.

    `state`: `waiting` (sent when `next_try_at` comes), `sent`, `failed` (given up), `kept` (there was no mail server),
    `no-address`, `left` (works here no more), `nothing` (all of it was done before it could be sent).
    `maybe_sent`: an attempt has begun whose end nobody knows; otherwise it has surely not left the house.
    """

    __tablename__ = "mail"
    __table_args__ = (
        UniqueConstraint("person_id", "on_date"),  # one digest a day; a trial has no date
        Index("ix_mail_state_made_at", "state", "made_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(String(64))
    on_date: Mapped[date | None] = mapped_column(default=None)
    state: Mapped[str] = mapped_column(String(12))
    message_id: Mapped[str | None] = mapped_column(String(300), default=None)  # given at the first attempt, for good
    maybe_sent: Mapped[bool] = mapped_column(default=False, server_default=false())
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None] = mapped_column(Instant, index=True, default=None)
    lease: Mapped[str | None] = mapped_column(String(32), default=None)  # whose attempt is under way
    made_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    error: Mapped[str | None] = mapped_column(String(300), default=None)  # the mail server's own words, or ours


class MailState(Base):
    """The one row of what all nodes know together: how far digests are made, and how the mail server does."""

    __tablename__ = "mail_state"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    gathered_on: Mapped[date | None] = mapped_column(default=None)
    gathered_until: Mapped[datetime | None] = mapped_column(Instant, default=None)
    failures: Mapped[int] = mapped_column(default=0)  # of the server, in a row
    failing_since: Mapped[datetime | None] = mapped_column(Instant, default=None)
    next_try_at: Mapped[datetime | None] = mapped_column(Instant, default=None)  # nobody knocks before
    error: Mapped[str | None] = mapped_column(String(300), default=None)


class DailyRun(Base):
    """The last local day on which something that is done once a day was done.

    `reached`: how far today's round has come, where it is done in several transactions.
    """

    __tablename__ = "daily_run"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    on_date: Mapped[date]
    reached: Mapped[str | None] = mapped_column(String(100), default=None)
