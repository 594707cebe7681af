"""Events: starts, ends, throws, catches, boundary events, and the listeners of event sub-processes."""

from __future__ import annotations

from typing import Any

from komp_flow.engine.memory import firing, scopes
from komp_flow.engine.memory.events import Event
from komp_flow.engine.memory.outbox import Thrown
from komp_flow.engine.memory.specs.base import Activity
from komp_flow.engine.memory.specs.tasks import operate
from komp_flow.engine.memory.token import Token
from komp_flow.engine.memory.trail import note
from komp_flow.engine.memory.tree import READY, WAITING, inherit

SEND = "send-message"


class EventSpec(Activity):
    """A node with an event."""

    def __init__(self, spec: Any, name: str, event: Event, **kwargs: Any) -> None:
        super().__init__(spec, name, **kwargs)
        self.event = event


class StartEvent(EventSpec):
    """What it was started with becomes variables."""

    def act(self, task: Token) -> bool:
        """Write them. In an event sub-process the listener has done that already."""
        if "result" in task.internal_data or self.event.kind == "none":
            self.leave(task, task.internal_data.get("result", {}))
            task.internal_data.pop("result", None)
        return True

    def next(self, task: Token) -> list[Any]:
        """First those who listen for event sub-processes: they may read what the scope was started with."""
        return [*task.workflow.spec.listeners, *self.outputs]


class ThrowEvent(EventSpec):
    """Throws an event, or does what its operation does."""

    def act(self, task: Token) -> bool:
        """Throw, and go on unless what was thrown took the token away."""
        event = self.event
        if event.kind == "error":
            code = self.code(task)
            task.internal_data["thrown"] = True
            if not firing.throw(task, "error", code):
                del task.internal_data["thrown"]
                firing.hold_uncaught(task, code)
            return False
        if event.kind == "escalation":
            code = self.code(task)
            task.internal_data["thrown"] = True
            firing.throw(task, "escalation", code)
        elif event.kind in ("message", "signal") and self.extensions.type in (None, SEND):
            self.send(task)
        elif self.extensions.type:
            operate(self, task)
        else:
            self.leave(task, {})
        return bool(task._state == READY)

    def code(self, task: Token) -> str:
        """The code that is thrown."""
        return str(scopes.value(self.event.code, task) or "")

    def send(self, task: Token) -> None:
        """Into the outbox, delivered when the step has been kept. The payload is the input mappings, else empty."""
        payload = {name: value for name, value in task.internal_data.get("in", {}).items() if name in self.targets}
        key = self.event.sent_key(task, payload) if self.event.kind == "message" else ""
        self.leave(task, {})
        task.internal_data["thrown"] = True
        task.workflow.top_workflow.outbox.append(
            Thrown(
                kind=self.event.kind,
                name=self.event.name,
                key=key,
                payload=payload,
                element=self.bpmn_id,
                task_id=task.id,
                headers=self.extensions.headers,
                keep=self.extensions.properties.get("keep"),
            )
        )
        if self.event.kind == "signal":
            firing.signal(task, self.event.name, payload)

    @property
    def targets(self) -> frozenset[str]:
        """The names of the input mappings."""
        return frozenset(target for _source, target in self.extensions.inputs)


class EndEvent(ThrowEvent):
    """The end of a path; `terminate` ends its own scope."""

    def _on_complete(self, task: Token) -> None:
        if self.event.kind == "terminate":
            note(task, "completed")
            task.workflow.close(task)
        else:
            super()._on_complete(task)


class CatchEvent(EventSpec):
    """Waits, with its wait as data on the task: `internal_data["wait"] = {element: wait}`."""

    def _update_hook(self, task: Token) -> bool:
        inherit(task)
        if self.event.kind == "none":
            return True
        if task.parent.task_spec.is_event_gateway and "passing" in task.parent.internal_data:
            task.internal_data["result"] = task.parent.internal_data["passing"]
            return True
        task._state = WAITING
        self.guard(task, self.arm)
        return False

    def arm(self, task: Token) -> None:
        """Begin to wait."""
        self.enter(task)
        task.internal_data["wait"] = {self.bpmn_id: self.event.wait(task)}
        if not self.is_boundary:
            note(task, "entered")

    def act(self, task: Token) -> bool:
        """Write what came."""
        self.leave(task, task.internal_data.get("result", {}))
        task.internal_data.pop("result", None)
        return True


class Boundary(CatchEvent):
    """Waits beside an activity."""

    is_boundary = True

    def __init__(self, *args: Any, interrupts: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.interrupts = interrupts


class Listener(Boundary):
    """Waits beside everything in its scope for the start event of an event sub-process, and then leads into that.

    The start event itself is drawn, and passed, inside the event sub-process.
    """

    is_listener = is_hidden = True
