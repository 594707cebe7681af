"""Walks an instance in memory, through dump → load around every step, with a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from lxml import etree

from komp_flow import feel
from komp_flow.engine.errors import BpmnError
from komp_flow.engine.memory import actions, codec, program
from komp_flow.engine.memory.host import OperationCall
from komp_flow.engine.memory.instance import Instance
from komp_flow.engine.memory.outbox import Thrown
from komp_flow.engine.memory.program import Program
from komp_flow.engine.memory.trail import Happened
from komp_flow.engine.memory.view import OpenTask, View

T0 = datetime(2027, 1, 4, 8, tzinfo=UTC)
OSLO = ZoneInfo("Europe/Oslo")
KEY = "{http://www.omg.org/spec/BPMN/20100524/MODEL}process"


def at(days: float = 0, hours: float = 0, minutes: float = 0) -> datetime:
    return T0 + timedelta(days=days, hours=hours, minutes=minutes)


class World:
    """The host of all steps of one walk. A program's key is `process@version`; a call runs the newest."""

    def __init__(self, *documents: bytes) -> None:
        self.now = T0
        self.names: dict[str, object] = {
            "cycle": {"id": 2027},
            "deadline": {"discussion": datetime(2027, 3, 1, 11, tzinfo=UTC), "decision": None},
        }
        self.programs: dict[str, Program] = {}
        self.log: list[tuple[str, str, dict[str, Any]]] = []
        self.calls: list[OperationCall] = []
        self.submissions: dict[UUID, dict[str, Any]] = {}
        self.broken = False
        for document in documents:
            self.publish(document)

    def publish(self, document: bytes) -> str:
        process = next(etree.fromstring(document).iter(KEY)).get("id")
        version = 1 + sum(key.split("@")[0] == process for key in self.programs)
        key = f"{process}@{version}"
        self.programs[key] = program.compile(document, key)
        return key

    @property
    def moment(self) -> feel.Moment:
        return feel.Moment(self.now, OSLO)

    def program(self, key: str) -> Program:
        return self.programs[key]

    def called(self, program_key: str, process_id: str) -> str:
        newest = [key for key in self.programs if key.split("@")[0] == process_id]
        if not newest:
            raise LookupError(process_id)
        return newest[-1]

    def answers(self, submission_id: UUID) -> Mapping[str, object]:
        return self.submissions[submission_id]

    def operation(self, type_: str, call: OperationCall) -> Mapping[str, object]:
        self.log.append((call.element, type_, dict(call.inputs)))
        self.calls.append(call)
        if type_ == "bpmn-error":
            raise BpmnError(str(call.inputs["code"]), {"why": "said no"})
        if type_ == "flaky" and self.now < at(days=float(call.inputs.get("until", 1))):  # type: ignore[arg-type]
            raise ConnectionError("the other system is down")
        if type_ == "broken" and self.broken:
            raise ConnectionError("the other system is down")
        if type_ == "double":
            return {"result": call.inputs["x"] * 2}  # type: ignore[operator]
        return dict(call.inputs) if type_ == "echo" else {}


class Run:
    """One instance. Each act loads it from bytes, acts, and dumps it to bytes."""

    def __init__(
        self,
        document: bytes,
        start: str | None = None,
        data: Mapping[str, object] | None = None,
        more: tuple[bytes, ...] = (),
        world: World | None = None,
    ) -> None:
        self.world = world or World(document, *more)
        self.key = next(iter(self.world.programs))
        self.out: list[Thrown] = []
        self.trail: list[Happened] = []
        instance = actions.start(self.world.program(self.key), self.world, start, data)
        self.blob = b""
        self._keep(instance)

    def _keep(self, instance: Instance) -> None:
        self.out += instance.outbox
        self.happened = actions.trail(instance)
        self.trail += self.happened
        self.blob = codec.dump(instance)
        self.size = sum(len(scope.tasks) for scope in instance.scopes())
        self.view: View = actions.view(codec.load(self.blob, self.world))
        self.scopes = len(instance.subprocesses)

    def step(self, action: Callable[[Instance], Any]) -> Any:
        instance = codec.load(self.blob, self.world)
        result = action(instance)
        self._keep(instance)
        return result

    # what there is
    def open(self) -> list[str]:
        return sorted(task.element for task in self.view.tasks)

    def task(self, element: str, **where: object) -> OpenTask:
        return next(
            task
            for task in self.view.tasks
            if task.element == element and all(task.inputs.get(name) == value for name, value in where.items())
        )

    def inputs(self, element: str) -> dict[str, Any]:
        return dict(self.task(element).inputs)

    def due(self) -> list[tuple[str, list[str]]]:
        return sorted((t.element, [f"{d:%Y-%m-%dT%H:%M}" for d in t.due]) for t in self.view.timers)

    def failed(self) -> list[str]:
        return [incident.element for incident in self.view.incidents]

    @property
    def done(self) -> bool:
        return self.view.completed

    @property
    def data(self) -> dict[str, Any]:
        return dict(self.view.variables)

    @property
    def ops(self) -> list[tuple[str, dict[str, Any]]]:
        return [(element, inputs) for element, _type, inputs in self.world.log]

    def passed(self, *, items: bool = True) -> list[str]:
        """The trace: every element that was completed, in order."""
        return [h.element for h in self.trail if h.what == "completed" and (items or h.item is None)]

    # what can be done
    def complete(self, element: str, where: Mapping[str, object] | None = None, **answers: object) -> Run:
        task = self.task(element, **(where or {}))
        self.step(lambda instance: actions.complete(instance, task.id, answers))
        return self

    def tick(self, now: datetime) -> int:
        self.world.now = now
        fired = self.step(lambda instance: actions.fire_due(instance, now))
        assert isinstance(fired, int)
        return fired

    def deliver(
        self, name: str, key: str = "", payload: Mapping[str, object] | None = None, element: str | None = None
    ) -> Run:
        waiting = [
            s for s in self.view.subscriptions if (s.name, s.key) == (name, key) and element in (None, s.element)
        ]
        assert waiting, (name, key, self.view.subscriptions)
        for wait in waiting:
            self.step(lambda instance, wait=wait: actions.deliver(instance, wait.task_id, wait.element, payload))
        return self

    def retry(self, element: str) -> Run:
        incident = next(i for i in self.view.incidents if i.element == element)
        self.step(lambda instance: actions.retry(instance, incident.task_id))
        return self
