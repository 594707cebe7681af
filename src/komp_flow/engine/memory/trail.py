"""What happened in a step, in order, told with the diagram's own ids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from komp_flow.engine.memory.token import Token

What = Literal["entered", "completed", "cancelled", "fired", "failed"]


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened to one element.

    entered    it began to wait: for a person, an event, what is inside it
    fired      the event it waited for came; `occurrence` counts from 1
    completed  the token went on; once for each passage, and for a multi-instance once for each item and once for all
    cancelled  the token was taken away
    failed     an incident; `text` says why

    `item` is a multi-instance item's number from 1. `task_id` names the passage. `program` is the version in which
    the element is drawn: inside a call activity it is the called one.
    """

    what: What
    element: str
    task_id: UUID
    kind: str
    name: str
    program: str
    item: int | None = None
    occurrence: int | None = None
    text: str = ""


def note(task: Token, what: What, *, occurrence: int | None = None, text: str = "") -> None:
    """Write it down, unless the task is one that the diagram does not show."""
    spec = task.task_spec
    if not spec.bpmn_id or (spec.is_hidden and what not in ("fired", "failed")):
        return
    program = task.workflow.spec.program
    element = program.elements[spec.bpmn_id]
    top = task.workflow.top_workflow
    top.happened.append(
        Happened(
            what=what,
            element=element.id,
            task_id=task.id,
            kind=element.kind,
            name=element.name,
            program=program.key,
            item=task.internal_data["i"] + 1 if "i" in task.internal_data else None,
            occurrence=occurrence,
            text=text,
        )
    )
