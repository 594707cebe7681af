"""What a step is given and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from komp_flow.engine.memory.trail import Happened
from komp_flow.organisation.subjects import Subject


@dataclass(frozen=True, slots=True)
class OpenTask:
    """An open task whose instance is locked in this transaction; only `locked` makes one."""

    id: UUID
    instance_id: UUID
    process: str
    element: str
    name: str
    subject: Subject
    roles: frozenset[str]
    assignee: str | None
    claimed_by: str | None
    delegated_to: str | None
    form: str | None
    form_version_id: UUID | None
    due_at: datetime | None
    follow_up_at: datetime | None
    phase: str | None
    guidance: str | None
    created_at: datetime
    instance: Any  # the locked row of `instance`
    trail: Any = None  # where the instance's trail ends, where that was read after the lock (`audit.End`)


@dataclass(frozen=True, slots=True)
class Sent:
    """What is kept of what a person sent, where it is not simply the answers: values, or the same sealed."""

    values: Mapping[str, object] | None = None
    sealed: bytes | None = None
    own: bool = False
    aside: bool = False
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Changes:
    """What a step did. `opened` and `closed` are task ids; `trail` is in the order in which it happened.

    `tasks` are the rows of those that it opened, each with its `roles` as a comma list, and the instance's
    `escalation` and `instance_state` as the step has left them.
    """

    instance_id: UUID
    process: str
    state: str
    opened: tuple[UUID, ...] = ()
    closed: tuple[UUID, ...] = ()
    trail: tuple[Happened, ...] = ()
    tasks: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """One row that is due. `kind` is timer, delivery or start."""

    kind: str
    key: tuple[Any, ...]
    at: datetime
    instance_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """A published version. `kind` is process or form; `new` is false where nothing had changed."""

    id: UUID
    kind: str
    key: str
    number: int
    name: str
    new: bool = field(default=True, compare=False)
