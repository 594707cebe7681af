"""The tables of the organisation: units, people, their positions and roles, who stands in, days that are free."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from komp_flow.db import Base, Instant

ID = 64
NAME = 200
EMAIL = 254

# Compared byte by byte on PostgreSQL too, whatever the database's own collation.
SortKey = String(NAME).with_variant(String(NAME, collation="C"), "postgresql")


def _reference(target: str) -> ForeignKey:
    """A reference that is checked at commit: an import writes units and people that point at each other."""
    return ForeignKey(target, deferrable=True, initially="DEFERRED")


class Unit(Base):
    """A unit of the tree. Closed when its row is gone from the file, never deleted."""

    __tablename__ = "unit"

    id: Mapped[str] = mapped_column(String(ID), primary_key=True)
    parent_id: Mapped[str | None] = mapped_column(String(ID), _reference("unit.id"), index=True)
    name: Mapped[str] = mapped_column(String(NAME))
    org_number: Mapped[str | None] = mapped_column(String(9))
    manager_id: Mapped[str | None] = mapped_column(String(ID), _reference("person.id"))
    deputy_id: Mapped[str | None] = mapped_column(String(ID), _reference("person.id"))
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    sort_key: Mapped[str] = mapped_column(SortKey, index=True)


class Person(Base):
    """One who works here, or did. `unit_id` and `title` are the main position at the last import.

    The directory knows the main position of today; ask it wherever dates matter.
    """

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(String(ID), primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME))
    email: Mapped[str] = mapped_column(String(EMAIL))
    email_key: Mapped[str | None] = mapped_column(String(EMAIL * 2))
    language: Mapped[str] = mapped_column(String(8), default="nb")
    unit_id: Mapped[str] = mapped_column(String(ID), _reference("unit.id"), index=True)
    title: Mapped[str] = mapped_column(String(NAME), default="")
    absence_from: Mapped[date | None]
    absence_to: Mapped[date | None]
    left_at: Mapped[datetime | None] = mapped_column(Instant)
    sort_key: Mapped[str] = mapped_column(SortKey, index=True)


# An address may pass from one who has left to one who comes. Null only while an import lets people swap theirs.
Index(
    "uq_person_email_key",
    Person.email_key,
    unique=True,
    sqlite_where=Person.left_at.is_(None),
    postgresql_where=Person.left_at.is_(None),
)


class Position(Base):
    """One row of the people file: where somebody works, how much, and when. `number` is its place in the file."""

    __tablename__ = "position"

    person_id: Mapped[str] = mapped_column(String(ID), _reference("person.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[str] = mapped_column(String(ID), _reference("unit.id"), index=True)
    manager_id: Mapped[str | None] = mapped_column(String(ID), _reference("person.id"))
    title: Mapped[str] = mapped_column(String(NAME), default="")
    percent: Mapped[float] = mapped_column(default=100.0)
    start: Mapped[date | None]
    end: Mapped[date | None]
    main: Mapped[bool] = mapped_column(default=True)


class PersonRole(Base):
    """A role of the whole organisation. `source` is `file`, which an import replaces, or `grant`, which it leaves."""

    __tablename__ = "person_role"

    person_id: Mapped[str] = mapped_column(String(ID), _reference("person.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(32), primary_key=True)
    source: Mapped[str] = mapped_column(String(8), primary_key=True)


class Substitution(Base):
    """From one day to another, both included, `substitute_id` acts for `person_id`."""

    __tablename__ = "substitution"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(String(ID), _reference("person.id"), index=True)
    substitute_id: Mapped[str] = mapped_column(String(ID), _reference("person.id"))
    start: Mapped[date]
    end: Mapped[date]


class TalkHolder(Base):
    """Who has somebody's talks instead of their own manager, until it is taken back (process.md §6 «conflict»).

    The reason is about the person, so it is sealed with their key: `handing.reason` opens it.
    """

    __tablename__ = "talk_holder"

    person_id: Mapped[str] = mapped_column(String(ID), _reference("person.id"), primary_key=True)
    manager_id: Mapped[str] = mapped_column(String(ID), _reference("person.id"))
    by: Mapped[str | None] = mapped_column(String(ID))
    at: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[bytes] = mapped_column(LargeBinary)


class ClosingDay(Base):
    """A day that the organisation itself keeps free."""

    __tablename__ = "closing_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME))


class OrganisationState(Base):
    """The one row that every change of the organisation touches.

    `stamp` is drawn anew at each change, so a snapshot kept under it can never be another's: a counter would
    give the same number again after a rollback.
    """

    __tablename__ = "organisation_state"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(default=0)
    stamp: Mapped[str] = mapped_column(String(32), default="")
    july_pause: Mapped[bool] = mapped_column(default=True)
