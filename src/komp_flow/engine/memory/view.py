"""What an instance waits for just now, in the diagram's own ids: the store writes the difference of two views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from komp_flow.engine.memory.instance import Instance
from komp_flow.engine.memory.outbox import Thrown
from komp_flow.engine.memory.token import Token
from komp_flow.engine.memory.tree import READY, WAITING


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A user task that a person may complete. `program` is the version in which `element` is drawn.

    `inputs` are the task's own: input mappings, the item and `loopCounter` of a multi-instance, `occurrence`.
    `path` are the sub-processes and call activities it is in, outermost first.
    """

    id: UUID
    element: str
    name: str
    program: str
    inputs: Mapping[str, Any]
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OpenTimer:
    """One waiting timer. `due` are the instants that are left, the next first; empty while the time is not known.

    `fired` is how often it has fired, `reads` the names that its expression reads.
    """

    task_id: UUID
    element: str
    due: tuple[datetime, ...]
    fired: int = 0
    paused: bool = False
    reads: frozenset[str] = frozenset()
    program: str = ""


@dataclass(frozen=True, slots=True)
class Subscription:
    """One wait for a message (with its key as text, "" for none) or a signal."""

    task_id: UUID
    element: str
    kind: str
    name: str
    key: str
    program: str = ""


@dataclass(frozen=True, slots=True)
class Incident:
    """A task that cannot go on until somebody has mended the cause and retries it."""

    task_id: UUID
    element: str
    text: str
    program: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """All of it. `outbox` holds what this step has thrown."""

    tasks: tuple[OpenTask, ...]
    timers: tuple[OpenTimer, ...]
    subscriptions: tuple[Subscription, ...]
    incidents: tuple[Incident, ...]
    outbox: tuple[Thrown, ...]
    completed: bool
    cancelled: bool
    ended_by: str | None
    variables: Mapping[str, Any] = field(default_factory=dict)


def view(instance: Instance) -> View:
    """Look at it; nothing changes."""
    tasks: list[OpenTask] = []
    timers: list[OpenTimer] = []
    subscriptions: list[Subscription] = []
    incidents: list[Incident] = []
    for task in instance.open_tasks():
        data, spec = task.internal_data, task.task_spec
        if "incident" in data:
            incidents.append(Incident(task.id, spec.bpmn_id, data["incident"], _program(task)))
        elif task._state == READY and spec.manual:
            inputs = {**task.data, **data.get("in", {})}
            tasks.append(OpenTask(task.id, spec.bpmn_id, spec.bpmn_name or "", _program(task), inputs, _path(task)))
        elif task._state == WAITING and "wait" in data:
            for element, wait in data["wait"].items():
                if "due" in wait:
                    timers.append(_timer(task, element, wait))
                elif "message" in wait:
                    subscriptions.append(
                        Subscription(task.id, element, "message", wait["message"], wait["key"], _program(task))
                    )
                elif "signal" in wait:
                    subscriptions.append(Subscription(task.id, element, "signal", wait["signal"], "", _program(task)))
    return View(
        tasks=tuple(tasks),
        timers=tuple(timers),
        subscriptions=tuple(subscriptions),
        incidents=tuple(incidents),
        outbox=tuple(instance.outbox),
        completed=instance.completed,
        cancelled=instance.cancelled,
        ended_by=instance.ended_by,
        variables=dict(instance.data),
    )


def event_at(task: Token, element: str) -> Any:
    """The event that a wait of this task is for."""
    spec = task.task_spec
    if spec.is_event_gateway:
        return next(after.event for after in spec.outputs if after.bpmn_id == element)
    return spec.event


def _timer(task: Token, element: str, wait: Mapping[str, Any]) -> OpenTimer:
    return OpenTimer(
        task_id=task.id,
        element=element,
        due=tuple(datetime.fromisoformat(instant) for instant in wait["due"] or ()),
        fired=wait.get("n", 0),
        paused="paused" in wait,
        reads=event_at(task, element).reads,
        program=_program(task),
    )


def _program(task: Token) -> str:
    return task.workflow.spec.program.key  # type: ignore[no-any-return]


def _path(task: Token) -> tuple[str, ...]:
    path: list[str] = []
    scope = task.workflow
    while scope.parent_task is not None:
        path.append(scope.parent_task.task_spec.bpmn_id)
        scope = scope.parent_task.workflow
    return tuple(reversed(path))
