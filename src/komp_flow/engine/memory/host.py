"""The world as the in-memory engine sees it: what the store passes in for one step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from komp_flow import feel

if TYPE_CHECKING:
    from komp_flow.engine.memory.program import Program


@dataclass(frozen=True)
class OperationCall:
    """One run of a registered operation by one task. `task_id` is the same when it is retried after a failure."""

    task_id: UUID
    element: str
    name: str
    type: str
    inputs: Mapping[str, object]
    headers: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, object] = field(default_factory=dict)


class Host(Protocol):
    """All that a step may ask of its surroundings."""

    @property
    def moment(self) -> feel.Moment:
        """Now, the organisation's zone and its working days."""

    @property
    def names(self) -> Mapping[str, object]:
        """`cycle unit person measure deadline escalation`: facts of the instance's subject."""

    def program(self, key: str) -> Program:
        """The compiled version with this id; cached by the host."""

    def called(self, program_key: str, process_id: str) -> str:
        """The version that a call activity of that version runs. LookupError if there is none: an incident."""

    def operation(self, type: str, task: OperationCall) -> Mapping[str, object]:  # noqa: A002
        """Run a registered operation. BpmnError may be caught by the diagram; any other exception is an incident.

        `komp_flow.errors.Busy` alone passes through and fails the whole step, so that it can be tried again.
        """

    def answers(self, submission_id: UUID) -> Mapping[str, object]:
        """What a person sent, read again when an output mapping failed and is retried."""
