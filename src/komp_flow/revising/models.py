"""What the process owners are working on: drawings with their last revisions, and what waits for a second look."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from komp_flow.db import Base, Instant

OPEN: Final = "open"
PUBLISHED: Final = "published"
DISCARDED: Final = "discarded"

WAITING: Final = "waiting"  # for somebody else to confirm it
CONFIRMED: Final = "confirmed"
DECLINED: Final = "declined"
REPLACED: Final = "replaced"  # by a later request for the same drawing


class Drawing(Base):
    """A diagram or form that is being changed. Nothing of it runs before it is published."""

    __tablename__ = "drawing"
    __table_args__ = (Index("ix_drawing_state", "state", "saved_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))  # diagram form
    key: Mapped[str]  # the process's or form's id, as the text has it now
    name: Mapped[str]
    text: Mapped[str] = mapped_column(Text)
    revision: Mapped[int]  # one more for each time that it was saved
    base: Mapped[UUID | None]  # the published version that it began as: of a process, or of a form
    state: Mapped[str] = mapped_column(String(10))
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(Instant)
    saved_by: Mapped[str] = mapped_column(String(64))
    saved_at: Mapped[datetime] = mapped_column(Instant)


class DrawingRevision(Base):
    """One of a drawing's last revisions, so that who comes too late is told what has changed since theirs."""

    __tablename__ = "drawing_revision"

    drawing_id: Mapped[UUID] = mapped_column(ForeignKey("drawing.id", ondelete="CASCADE"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[bytes] = mapped_column(LargeBinary)  # zstandard
    saved_by: Mapped[str] = mapped_column(String(64))
    saved_at: Mapped[datetime] = mapped_column(Instant)


class Publication(Base):
    """One asks that a drawing be published, and somebody else confirms exactly what was asked for."""

    __tablename__ = "publication"
    __table_args__ = (Index("ix_publication_drawing", "drawing_id", "state"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    drawing_id: Mapped[UUID] = mapped_column(ForeignKey("drawing.id", ondelete="CASCADE"))
    revision: Mapped[int]
    along: Mapped[list[Any]] = mapped_column(JSON)  # [drawing's id in hex, revision] of each form that goes along
    newest: Mapped[UUID | None]  # the published version that it was compared with when it was asked for
    why: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))
    asked_by: Mapped[str] = mapped_column(String(64))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    answered_by: Mapped[str | None] = mapped_column(String(64))
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    answer: Mapped[str | None] = mapped_column(Text)  # why it was declined
    made: Mapped[list[str]] = mapped_column(JSON)  # the versions that it became, ids in hex
