"""The tables of files: what each is and whose, its bytes in pieces, and what is left to be taken away."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String, Text, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from komp_flow.db import Base, Instant

LOOSE, DRAFTED, SENT = "loose", "drafted", "sent"


class StoredFile(Base):
    """A file that somebody put beside their answers. It belongs to one task for ever, whatever names its id."""

    __tablename__ = "file"
    __table_args__ = (
        Index("ix_file_task", "task_id"),
        Index("ix_file_instance_element", "instance_id", "element"),
        Index("ix_file_state_touched", "state", "touched_at"),
        Index("ix_file_person", "person_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    task_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    instance_id: Mapped[uuid.UUID] = mapped_column(Uuid)
    element: Mapped[str] = mapped_column(String(200))
    unit_id: Mapped[str | None] = mapped_column(String(64), default=None)
    person_id: Mapped[str | None] = mapped_column(String(64), default=None)  # set: name and bytes are sealed
    cycle_id: Mapped[str | None] = mapped_column(String(40), default=None)
    name: Mapped[str | None] = mapped_column(Text, default=None)
    sealed_name: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)
    kind: Mapped[str] = mapped_column(String(8))  # a key of forms.KINDS
    size: Mapped[int] = mapped_column(Integer)  # bytes, as it came
    sha256: Mapped[str | None] = mapped_column(String(64), default=None)  # null where the bytes are sealed
    pieces: Mapped[int] = mapped_column(Integer)
    place: Mapped[str] = mapped_column(String(12))  # which store has the bytes
    state: Mapped[str] = mapped_column(String(8), default=LOOSE)  # loose, drafted, sent
    readers: Mapped[str] = mapped_column(String(10), default="")  # who else than the task's readers: unit, everyone
    owner: Mapped[str] = mapped_column(String(64), default="")  # whose draft it was put in; "": the task's common one
    by: Mapped[str | None] = mapped_column(String(64), default=None)
    created_at: Mapped[datetime] = mapped_column(Instant)
    touched_at: Mapped[datetime] = mapped_column(Instant)  # when it last was put in a draft, or taken out of one


class FilePiece(Base):
    """A part of a file's bytes, where the database keeps them: pieces, so that nothing holds a whole file in memory."""

    __tablename__ = "file_piece"

    file_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("file.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class GoneFile(Base):
    """A file whose row is gone and whose bytes in the directory are to go when that has been kept."""

    __tablename__ = "file_gone"

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
