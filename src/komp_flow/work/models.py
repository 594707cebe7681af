"""What the use cases keep for themselves: drafts of open tasks, and answers to repeated requests."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from komp_flow.db import Base, Instant


class TaskDraft(Base):
    """What has been typed into a task's form and not sent. It belongs to the task: a new holder goes on with it."""

    __tablename__ = "draft"

    task_id: Mapped[UUID] = mapped_column(ForeignKey("task.id", ondelete="CASCADE"), primary_key=True)
    values: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(default=1)
    edited_by: Mapped[str | None] = mapped_column(String(64))
    edited_at: Mapped[datetime] = mapped_column(Instant)


class AnsweredKey(Base):
    """An idempotency key of one person, the request it came with, and what was answered (interface.md)."""

    __tablename__ = "answered_key"
    __table_args__ = (Index("ix_answered_key_created_at", "created_at"),)

    person_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    body_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    body: Mapped[Any] = mapped_column(JSON)
    headers: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(Instant)
