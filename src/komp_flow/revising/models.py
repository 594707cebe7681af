"""What the process owners are working on: drawings, what waits for a second look, and instances that are moved."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, text
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


class Move(Base):
    """Running instances of a process go on by its newest version: choices, a preview, and the move itself."""

    __tablename__ = "move"
    __table_args__ = (
        Index("ix_move_process", "process", "made_at"),
        Index(
            "ix_move_due",
            "due_at",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    process: Mapped[str]
    to_version: Mapped[UUID]  # a process version's id
    choices: Mapped[dict[str, str]] = mapped_column(JSON)  # element of an old version → what becomes of it
    why: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))  # counting counted running paused done undoing undone
    made_by: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(Instant)
    counted_at: Mapped[datetime | None] = mapped_column(Instant)
    run_by: Mapped[str | None] = mapped_column(String(64))
    run_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    due_at: Mapped[datetime | None] = mapped_column(Instant)  # when the next batch is due; None: nothing is
    tries: Mapped[int]  # of a batch that fails as a whole
    expected: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # what the preview added up to
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # and what was done


class MovedInstance(Base):
    """One instance of a move. `seen` is what the preview found, `done` what was done: the same words for both."""

    __tablename__ = "moved_instance"
    __table_args__ = (Index("ix_moved_instance_state", "move_id", "state", "instance_id"),)

    move_id: Mapped[UUID] = mapped_column(ForeignKey("move.id", ondelete="CASCADE"), primary_key=True)
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("instance.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str] = mapped_column(String(10))  # waiting counted moved cannot stays ended undone stepped
    came: Mapped[bool]  # it was not there when the others were counted
    seen: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    done: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    kept: Mapped[bytes | None] = mapped_column(LargeBinary)  # what it takes to undo it; goes when that is over
