"""What the use cases keep for themselves: drafts of open tasks, and answers to repeated requests."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Date, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from komp_flow.db import Base, Instant


class TaskDraft(Base):
    """What has been typed into a task's form and not sent. Only `work.written` reads and writes it.

    One without an owner belongs to the task: a new holder goes on with it. The others are their owner's alone.
    """

    __tablename__ = "draft"

    task_id: Mapped[UUID] = mapped_column(ForeignKey("task.id", ondelete="CASCADE"), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64), primary_key=True, default="")
    values: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # null where they are sealed
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
    version: Mapped[int] = mapped_column(default=1)
    edited_by: Mapped[str | None] = mapped_column(String(64))
    edited_at: Mapped[datetime] = mapped_column(Instant)


class ReadingLog(Base):
    """That somebody else than its author and the one it is about has read a text of a private task, once a day."""

    __tablename__ = "reading_log"

    person_id: Mapped[str] = mapped_column(String(64), primary_key=True)  # whose talk it is, who sees the log
    task_id: Mapped[UUID] = mapped_column(ForeignKey("task.id", ondelete="CASCADE"), primary_key=True)
    reader: Mapped[str] = mapped_column(String(64), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)  # in the organisation's zone
    first_at: Mapped[datetime] = mapped_column(Instant)


class PlanRemark(Base):
    """One comment of an employee on their own plan. `task_id`: the text that it stands beside."""

    __tablename__ = "plan_remark"
    __table_args__ = (Index("ix_plan_remark_person", "person_id"), Index("ix_plan_remark_task", "task_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(String(64))
    instance_id: Mapped[UUID] = mapped_column()
    task_id: Mapped[UUID] = mapped_column(ForeignKey("task.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(Instant)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class AnsweredKey(Base):
    """An idempotency key of one person, the request it came with, and what was answered (interface.md)."""

    __tablename__ = "answered_key"

    person_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    body_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    body: Mapped[Any] = mapped_column(JSON)
    headers: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(Instant)
