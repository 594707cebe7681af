"""The engine's tables: what was published, what runs, and the projections that lists and dashboards read."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from lxml import etree
from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, synonym

from komp_flow.db import Base, Instant
from komp_flow.organisation import roles

BigId = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts by itself only in an INTEGER key

ACTIVE = "active"
INCIDENT = "incident"
SUSPENDED = "suspended"
COMPLETED = "completed"
CANCELLED = "cancelled"
OPEN = "open"
RUNNING = (ACTIVE, INCIDENT)
ENDED = (COMPLETED, CANCELLED)
GLOBAL_ROLES: Final = f"role IN ({', '.join(repr(role) for role in sorted(roles.GLOBAL))})"
# In words, as the indexes of them have it: a bound value matches none.
ESCALATED: Final = "escalation > 0"
IS_STOPPED: Final = f"state IN ('{INCIDENT}', '{SUSPENDED}')"


def _among(name: str, where: str, *columns: str) -> Index:
    """An index over some rows: it stays small, and most writes do not touch it."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


def _among_open(name: str, *columns: str) -> Index:
    """An index over open tasks that have the first column."""
    return _among(
        name, "state = 'open'" + ("" if columns[0] == "due_at" else f" AND {columns[0]} IS NOT NULL"), *columns
    )


class ProcessVersion(Base):
    """One published diagram, never changed. `forms` and `calls` name the versions that it was published with."""

    __tablename__ = "process_version"
    __table_args__ = (UniqueConstraint("process", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    process: Mapped[str]
    number: Mapped[int]
    name: Mapped[str]
    source: Mapped[bytes] = mapped_column(LargeBinary)  # the file as it was published, byte for byte
    sha256: Mapped[str] = mapped_column(String(64))
    forms: Mapped[dict[str, str]] = mapped_column(JSON)  # form id → form version's id in hex
    calls: Mapped[dict[str, str]] = mapped_column(JSON)  # called process → process version's id in hex
    published_at: Mapped[datetime] = mapped_column(Instant)
    published_by: Mapped[str | None]
    why: Mapped[str] = mapped_column(Text)

    @property
    def xml(self) -> str:
        """The diagram as text, whatever encoding its file has."""
        root = etree.fromstring(self.source, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
        return '<?xml version="1.0" encoding="UTF-8"?>\n' + etree.tostring(root, encoding="unicode")


class FormVersion(Base):
    """One published form, never changed."""

    __tablename__ = "form_version"
    __table_args__ = (UniqueConstraint("form", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    form: Mapped[str]
    number: Mapped[int]
    document: Mapped[str] = mapped_column(Text)  # form-js JSON as it was published
    sha256: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime] = mapped_column(Instant)
    published_by: Mapped[str | None]
    why: Mapped[str] = mapped_column(Text)


class Instance(Base):
    """One running or ended instance. Its row is locked first by whoever changes anything of it."""

    __tablename__ = "instance"
    __table_args__ = (
        Index("ix_instance_process_state", "process", "state"),
        Index("ix_instance_unit_cycle", "unit_id", "cycle_id"),
        # In the order of the list; of a person few, and those of units have none.
        Index("ix_instance_person_started", "person_id", "started_at", "id"),
        Index("ix_instance_cycle", "cycle_id"),
        # What else the list of instances shows, to those who may see it.
        _among("ix_instance_started_by", "started_by IS NOT NULL", "started_by"),
        _among("ix_instance_escalated", ESCALATED, "person_id"),
        _among("ix_instance_stopped", IS_STOPPED, "person_id"),
        _among(
            "ix_instance_process_cycle", "person_id IS NULL AND unit_id IS NOT NULL", "process", "cycle_id", "unit_id"
        ),
        Index(
            "ix_instance_person_ended",
            "ended_at",
            sqlite_where=text("person_id IS NOT NULL"),
            postgresql_where=text("person_id IS NOT NULL"),
        ),
        # A message start with a key: no second instance while one with that key is active.
        Index(
            "uq_instance_start_key",
            "process",
            "start_key",
            unique=True,
            sqlite_where=text("start_key IS NOT NULL AND ended_at IS NULL"),
            postgresql_where=text("start_key IS NOT NULL AND ended_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    process: Mapped[str]
    version_id: Mapped[UUID] = mapped_column(ForeignKey("process_version.id"))
    state: Mapped[str] = mapped_column(String(10))  # active suspended completed cancelled incident
    unit_id: Mapped[str | None]
    person_id: Mapped[str | None]
    measure_id: Mapped[str | None]
    cycle_id: Mapped[str | None]
    start_key: Mapped[str | None]
    state_blob: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    row_version: Mapped[int] = mapped_column(default=1)
    phase: Mapped[str | None]
    escalation: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime] = mapped_column(Instant)
    started_by: Mapped[str | None]
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class Task(Base):
    """One task of a person, open or done. Its id is the engine's task id, in the URL and in the log too."""

    __tablename__ = "task"
    __table_args__ = (
        Index("ix_task_instance", "instance_id"),
        _among_open("ix_task_open_due", "due_at"),
        _among_open("ix_task_open_assignee", "assignee", "due_at"),
        _among_open("ix_task_open_unit", "unit_id", "due_at"),
        _among_open("ix_task_open_person", "person_id", "due_at"),
        _among_open("ix_task_open_delegated", "delegated_to", "due_at"),
        _among_open("ix_task_open_measure", "measure_id", "due_at"),
        _among("ix_task_open_unplaced", "state = 'open' AND unit_id IS NULL AND person_id IS NULL", "due_at"),
        _among("ix_task_closed_by", "closed_by IS NOT NULL", "closed_by", "cycle_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("instance.id"))
    process: Mapped[str]
    element: Mapped[str]
    name: Mapped[str]
    state: Mapped[str] = mapped_column(String(10))  # open completed cancelled
    unit_id: Mapped[str | None]
    person_id: Mapped[str | None]
    measure_id: Mapped[str | None]
    cycle_id: Mapped[str | None]
    assignee: Mapped[str | None]  # named by the diagram
    claimed_by: Mapped[str | None]
    claimed_at: Mapped[datetime | None] = mapped_column(Instant)
    delegated_to: Mapped[str | None]
    delegated_by: Mapped[str | None]
    delegated_at: Mapped[datetime | None] = mapped_column(Instant)
    delegation_reason: Mapped[str | None] = mapped_column(Text)
    form: Mapped[str | None]
    form_version_id: Mapped[UUID | None] = mapped_column(ForeignKey("form_version.id"))
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    follow_up_at: Mapped[datetime | None] = mapped_column(Instant)
    reminders: Mapped[str | None]  # ISO durations before the due date, comma list, or none; null: the default
    guidance: Mapped[str | None]
    phase: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_by: Mapped[str | None]
    on_behalf_of: Mapped[str | None]


class TaskRole(Base):
    """A role whose holders, for the task's subject, may do the task. Any one of them completes."""

    __tablename__ = "task_role"
    __table_args__ = (
        # The roles that are held for the whole organisation: no unit or person narrows their lists.
        _among("ix_task_role_global", GLOBAL_ROLES, "role", "task_id"),
        {"sqlite_with_rowid": False},
    )

    task_id: Mapped[UUID] = mapped_column(ForeignKey("task.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)


class Timer(Base):
    """A timer that an instance waits for: the next instant of one waiting element."""

    __tablename__ = "timer"
    __table_args__ = (
        Index("ix_timer_instance", "instance_id"),
        Index("ix_timer_next_try", "next_try_at"),
        {"sqlite_with_rowid": False},
    )

    task_id: Mapped[UUID] = mapped_column(primary_key=True)  # the engine's waiting task
    element: Mapped[str] = mapped_column(primary_key=True)
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("instance.id"))
    due_at: Mapped[datetime] = mapped_column(Instant)
    held: Mapped[bool] = mapped_column(default=False)  # the instance is suspended
    failures: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(Instant)


class Subscription(Base):
    """A message (name and key) or signal (name) that an instance waits for just now."""

    __tablename__ = "subscription"
    __table_args__ = (
        Index("ix_subscription_match", "kind", "name", "key"),
        Index("ix_subscription_instance", "instance_id"),
        {"sqlite_with_rowid": False},
    )

    task_id: Mapped[UUID] = mapped_column(primary_key=True)
    element: Mapped[str] = mapped_column(primary_key=True)
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("instance.id"))
    kind: Mapped[str] = mapped_column(String(10))  # message signal
    name: Mapped[str]
    key: Mapped[str] = mapped_column(default="")


class StartSubscription(Base):
    """A start event of a process's newest version: message, signal or timer. Replaced by the next publish."""

    __tablename__ = "start_subscription"
    __table_args__ = (
        Index("ix_start_subscription_match", "kind", "name"),
        Index("ix_start_subscription_next_try", "next_try_at"),
    )

    process: Mapped[str] = mapped_column(primary_key=True)
    element: Mapped[str] = mapped_column(primary_key=True)
    version_id: Mapped[UUID] = mapped_column(ForeignKey("process_version.id"))
    kind: Mapped[str] = mapped_column(String(10))  # message signal timer
    name: Mapped[str | None]
    key_text: Mapped[str | None]  # the raw correlation key; null: any number of instances
    timer_text: Mapped[str | None]
    instants: Mapped[list[str]] = mapped_column(JSON)  # of a timer, those still to come, RFC 3339, the earliest first
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    failures: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None] = mapped_column(Instant)


class Message(Base):
    """A message or signal that was thrown, by an instance or from outside."""

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_match", "name", "key", "keep_until"),
        Index("ix_message_keep_cycle", "keep_cycle"),
        Index("ix_message_keep_until", "keep_until"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    external_id: Mapped[str | None] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(String(10))  # message signal
    name: Mapped[str]
    key: Mapped[str] = mapped_column(default="")
    payload: Mapped[bytes] = mapped_column(LargeBinary)  # messages.unpack(payload) gives the values, typed
    sender_instance_id: Mapped[UUID | None]
    sender_element: Mapped[str | None]
    by: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(Instant)
    kept: Mapped[bool]  # given also to those who begin to wait later
    keep_until: Mapped[datetime | None] = mapped_column(Instant)  # null with keep_cycle: until that cycle closes
    keep_cycle: Mapped[str | None]


class Delivery(Base):
    """One message on its way to one instance that waits, or to one start event. Unique: it arrives once."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("message_id", "instance_id"),
        UniqueConstraint("message_id", "process", "element"),
        Index("ix_delivery_instance", "instance_id"),
        Index(
            "ix_delivery_next_try",
            "next_try_at",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    instance_id: Mapped[UUID | None] = mapped_column(ForeignKey("instance.id"))
    process: Mapped[str | None]  # for a start: whose
    element: Mapped[str | None]  # for a start: which
    created_at: Mapped[datetime] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    outcome: Mapped[str | None] = mapped_column(String(10))  # applied started refused missed
    failures: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(Instant)


class Incident(Base):
    """Something that stopped and that a person can mend and retry."""

    __tablename__ = "incident"
    __table_args__ = (Index("ix_incident_instance", "instance_id", "closed_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    instance_id: Mapped[UUID | None] = mapped_column(ForeignKey("instance.id"))  # null: a start that failed
    process: Mapped[str]
    task_id: Mapped[UUID | None]
    element: Mapped[str | None]
    kind: Mapped[str] = mapped_column(String(12))  # diagram (the engine holds a token) task (who or when) due step
    text: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)


class Submission(Base):
    """What a person sent with a completed task, once for each task."""

    __tablename__ = "submission"
    __table_args__ = (
        Index("ix_submission_instance", "instance_id"),
        Index(
            "ix_submission_unshared",
            "instance_id",
            sqlite_where=text("own IS 1 AND shared_at IS NULL"),
            postgresql_where=text("own IS true AND shared_at IS NULL"),
        ),
    )

    task_id: Mapped[UUID] = mapped_column(ForeignKey("task.id"), primary_key=True)
    id: Mapped[UUID] = synonym("task_id")  # one id for the task and for what was sent with it
    instance_id: Mapped[UUID] = mapped_column(ForeignKey("instance.id"))
    form_version_id: Mapped[UUID | None] = mapped_column(ForeignKey("form_version.id"))
    values: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # null where they are sealed
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    own: Mapped[bool] = mapped_column(default=False)  # its author's alone until it is shared
    aside: Mapped[bool] = mapped_column(default=False)  # by one who is not of the two that it is between
    shared_at: Mapped[datetime | None] = mapped_column(Instant)
    by: Mapped[str | None]
    on_behalf_of: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(Instant)


# The hot path speaks Core: these are the same tables without the mapping.
PROCESS_VERSION: Final = cast("Table", ProcessVersion.__table__)
FORM_VERSION: Final = cast("Table", FormVersion.__table__)
INSTANCE: Final = cast("Table", Instance.__table__)
TASK: Final = cast("Table", Task.__table__)
TASK_ROLE: Final = cast("Table", TaskRole.__table__)
TIMER: Final = cast("Table", Timer.__table__)
SUBSCRIPTION: Final = cast("Table", Subscription.__table__)
START_SUBSCRIPTION: Final = cast("Table", StartSubscription.__table__)
MESSAGE: Final = cast("Table", Message.__table__)
DELIVERY: Final = cast("Table", Delivery.__table__)
INCIDENT_TABLE: Final = cast("Table", Incident.__table__)
SUBMISSION: Final = cast("Table", Submission.__table__)
