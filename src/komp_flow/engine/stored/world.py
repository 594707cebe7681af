"""What the stored engine needs to know of the world around it, and what it tells an operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from komp_flow import feel
from komp_flow.engine.memory.scopes import HOST_NAMES
from komp_flow.organisation.subjects import Subject


@dataclass(frozen=True)
class OperationCall:
    """One run of a registered operation. `task_id` stays the same when a failed one is retried."""

    type: str
    instance_id: UUID
    process: str
    subject: Subject
    element: str
    name: str
    task_id: UUID
    inputs: Mapping[str, object]
    headers: Mapping[str, str]
    now: datetime
    by: str | None
    properties: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, object] = field(default_factory=dict)  # all that an expression of the element may read


class World(Protocol):
    """Implemented by `work`. Each function is asked at most once in a step, but `operation`."""

    def moment(self, db: Session, now: datetime) -> feel.Moment:
        """Now, the organisation's zone and its working days."""

    def names(self, db: Session, subject: Subject, now: datetime) -> Mapping[str, object]:
        """`cycle unit person measure deadline escalation` for the subject."""

    def operation(self, db: Session, call: OperationCall) -> Mapping[str, object]:
        """Run it inside the savepoint that the engine has opened. BpmnError may be caught by the diagram."""


class MovingWorld(World, Protocol):
    """What moving an instance to another version needs to know besides: of what people have written."""

    def given(self, db: Session, task_id: UUID) -> Mapping[str, object] | None:
        """What the diagram was given of a submission that is sealed; None where it cannot be read any more."""

    def renamed(self, db: Session, instance_id: UUID, names: Mapping[str, str]) -> None:
        """Steps of the instance that have been taken have other ids from now on: old → new. What was kept under them
        (rows of registers, files) follows, so that a step that is taken again changes it and doubles nothing.
        """

    def refit(
        self, db: Session, task_id: UUID, was: UUID | None, to: UUID | None, now: datetime
    ) -> Sequence[tuple[str, ...]]:
        """The task has another form version: what its drafts hold that does not fit it is set aside, and what was set
        aside and fits is put back. Answers for each draft that loses something the labels of what it loses.
        """


class Names(Mapping[str, object]):
    """The host's names, read from the database when the first of them is asked for: most steps ask for none.

    `read` are those that were asked for.
    """

    def __init__(self, ask: Callable[[], Mapping[str, object]]) -> None:
        self._ask = ask
        self.read: set[str] = set()
        self._known: Mapping[str, object] | None = None

    def _all(self) -> Mapping[str, object]:
        if self._known is None:
            self._known = self._ask()
        return self._known

    def __getitem__(self, name: str) -> object:
        if name not in HOST_NAMES:
            raise KeyError(name)
        self.read.add(name)
        return self._all().get(name)

    def __iter__(self) -> Iterator[str]:
        return iter(HOST_NAMES)

    def __len__(self) -> int:
        return len(HOST_NAMES)
