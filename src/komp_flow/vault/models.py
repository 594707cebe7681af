"""What the main database knows of its keys: which store they lie in, and what has been erased."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from komp_flow.db import Base, Instant


class KeyStore(Base):
    """The key store that holds the keys of what is sealed here. One row, from the first sealing on.

    It is known by name, so that a store that is lost is missed and not made anew.
    """

    __tablename__ = "key_store"

    one: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    name: Mapped[str] = mapped_column(String(32))


class Erasure(Base):
    """One erasure, done: of a person, by somebody or by the clock, or of the texts of a cycle."""

    __tablename__ = "erasure"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)  # as in the key store, where it is of a person
    person_id: Mapped[str | None] = mapped_column(String(64), index=True)
    cycle_id: Mapped[str | None] = mapped_column(String(40), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    by: Mapped[str | None] = mapped_column(String(64))  # null: the clock, or the one who has the command line
    cause: Mapped[str] = mapped_column(String(10))  # asked, left, age, again
    reason: Mapped[str | None] = mapped_column(Text)  # why somebody asked; never anything about the person


class ErasingLook(Base):
    """Until when talks that have closed have been looked at for what was never shared in them. One row."""

    __tablename__ = "erasing_look"

    one: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    at: Mapped[datetime] = mapped_column(Instant)
