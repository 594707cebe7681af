"""SpiffWorkflow's parser, told to make our specifications and to read zeebe's extension elements."""

from __future__ import annotations

from typing import Any, ClassVar

from lxml import etree
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.task_parsers import ConditionalGatewayParser, GatewayParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.specs import WorkflowSpec

from komp_flow.engine.errors import Refused
from komp_flow.engine.memory import extensions
from komp_flow.engine.memory.bpmn import BPMN, definitions, formula, kind, local
from komp_flow.engine.memory.bpmn import extensions as zeebe
from komp_flow.engine.memory.events import Event
from komp_flow.engine.memory.specs.base import Split, Start
from komp_flow.engine.memory.specs.events import Boundary, CatchEvent, EndEvent, Listener, StartEvent, ThrowEvent
from komp_flow.engine.memory.specs.gateways import EventGateway, Exclusive, Inclusive, Parallel
from komp_flow.engine.memory.specs.multiinstance import Loop, MultiInstance
from komp_flow.engine.memory.specs.tasks import CallActivity, PassTask, ServiceTask, SubProcess, UserTask, names_in
from komp_flow.i18n import _


class ProcessSpec(BpmnProcessSpec):  # type: ignore[misc]
    """The specification of a process or sub-process: our root, and no tasks that are not drawn."""

    program: Any  # the Program it is a part of

    def __init__(self, name: str) -> None:
        WorkflowSpec.__init__(self, name=name)
        self.data_objects: dict[str, Any] = {}
        self.data_stores: dict[str, Any] = {}
        self.correlation_keys: dict[str, Any] = {}
        self.io_specification = None
        self.start = Start(self, " start")  # no id of a diagram has a space
        self.listeners: list[Listener] = []


class Process(ProcessParser):  # type: ignore[misc]
    """One process or embedded sub-process."""

    def create_spec(self) -> ProcessSpec:
        """Overrides: ours."""
        return ProcessSpec(self.bpmn_id)

    def add_tasks(self) -> None:
        """The starts, all that follows from them, and the event sub-processes."""
        for start in self.node.findall(BPMN + "startEvent"):
            self.spec.start.connect(self.parse_node(start))
        for inside in self.node.findall(BPMN + "subProcess"):
            if inside.get("triggeredByEvent") == "true":
                self.listen(inside)

    def listen(self, inside: etree._Element) -> None:
        """Those in this scope listen for the event that starts the event sub-process."""
        starts = inside.findall(BPMN + "startEvent")
        if len(starts) != 1 or not definitions(starts[0]):
            raise Refused([(inside.get("id", ""), _("En hendelsesdelprosess har én starthendelse, med en hendelse."))])
        start = starts[0]
        listener = Listener(
            self.spec, start.get("id"), event_of(start), interrupts=start.get("isInterrupting") != "false"
        )
        listener.bpmn_name = start.get("name")
        listener.extensions = extensions.read(start)
        self.spec.listeners.append(listener)
        listener.connect(self.parse_node(inside))


class Node(TaskParser):  # type: ignore[misc]
    """Any node: its name and its zeebe elements."""

    @property
    def bpmn_attributes(self) -> dict[str, Any]:
        """Overrides: lanes, data objects and documentation mean nothing to the engine."""
        return {"bpmn_name": self.node.get("name")}

    def get_position(self, node: Any = None) -> dict[str, float]:
        """Overrides: the order of flows is that of the file, not of the picture."""
        return {"x": 0.0, "y": 0.0}

    def _get_lane(self) -> None:
        """Overrides: lanes decide nothing."""

    def parse_extensions(self, node: etree._Element | None = None) -> extensions.Extensions:
        """Called by SpiffWorkflow for what becomes `spec.extensions`."""
        return extensions.read(self.node if node is None else node)

    def _add_multiinstance_task(self, loop: etree._Element) -> None:
        """Overrides: our MultiInstance stands before the activity."""
        drawn = zeebe(loop, "loopCharacteristics")
        if not drawn or not drawn[0].get("inputCollection"):
            raise Refused([(self.bpmn_id, _("Flerinstans trenger en samling (inputCollection)."))])
        original: Any = self.spec.task_specs.pop(self.task.name)
        self.task: Any = MultiInstance(
            self.spec,
            original.name,
            bpmn_name=original.bpmn_name,
            loop=Loop(
                collection=drawn[0].get("inputCollection", ""),
                element=drawn[0].get("inputElement"),
                output=drawn[0].get("outputCollection"),
                output_element=drawn[0].get("outputElement"),
                until=formula(loop.find(BPMN + "completionCondition")),
                sequential=loop.get("isSequential") == "true",
            ),
        )
        self._copy_task_attrs(original)
        if original.is_call:
            original.reads |= names_in([self.task.loop.output_element, self.task.loop.until])

    def _add_boundary_event(self, events: list[etree._Element]) -> Split:
        """Overrides: a split before the activity and its boundary events; there is no join after them."""
        split = Split(self.spec, f"{self.bpmn_id}.BoundaryEventSplit")  # the name that the parser connects flows to
        split.connect(self.task)
        for event in events:
            split.connect(self.process_parser.parse_node(event))
        return split


class EventNode(Node):
    """A node with an event."""

    def create_task(self) -> Any:
        """Overrides: with the event."""
        event = event_of(self.node)
        more = {}
        if self.spec_class is Boundary:
            more = {"interrupts": event.kind == "error" or self.node.get("cancelActivity") != "false"}
        return self.spec_class(self.spec, self.bpmn_id, event, **more, **self.bpmn_attributes)


class SubNode(Node):
    """An embedded sub-process: its inside is parsed as a process of its own."""

    def create_task(self) -> Any:
        """Overrides: queues the inside for the parser."""
        self.process_parser.parser.create_parser(self.node)
        return self.spec_class(self.spec, self.bpmn_id, self.bpmn_id, **self.bpmn_attributes)


class CallNode(Node):
    """A call activity."""

    def create_task(self) -> Any:
        """Overrides: with the called process's id."""
        called = self.node.get("calledElement")
        if not called:
            raise Refused([(self.bpmn_id, _("Kallaktiviteten sier ikke hvilken prosess den kaller."))])
        task = self.spec_class(self.spec, self.bpmn_id, called, **self.bpmn_attributes)
        task.reads = names_in(source for source, _target in extensions.read(self.node).outputs)
        return task


class Fork(Node, GatewayParser):  # type: ignore[misc]
    """A parallel or event-based gateway."""


class Choice(Node, ConditionalGatewayParser):  # type: ignore[misc]
    """An exclusive or inclusive gateway."""


def event_of(node: etree._Element) -> Event:
    """What the node waits for or throws."""
    if reference := node.get("messageRef"):
        return _message(node, reference)
    for definition in definitions(node):
        name = kind(definition)
        if name == "message":
            return _message(node, definition.get("messageRef"))
        if name == "signal":
            return Event("signal", _referred(node, "signal", definition.get("signalRef")).get("name", ""))
        if name in ("error", "escalation"):
            thrown = _referred(node, name, definition.get(f"{name}Ref"), required=False)
            return Event(name, thrown.get("name", ""), code=thrown.get(f"{name}Code") or None)
        if name == "timer":
            return Event("timer", text=formula(next((c for c in definition if local(c).startswith("time")), None)))
        return Event(name)
    return Event()


def _message(node: etree._Element, reference: str | None) -> Event:
    message = _referred(node, "message", reference)
    keys = zeebe(message, "subscription")
    return Event("message", message.get("name", ""), text=keys[0].get("correlationKey") if keys else None)


def _referred(node: etree._Element, tag: str, reference: str | None, *, required: bool = True) -> etree._Element:
    root = node.getroottree().getroot()
    found = next((item for item in root.iter(BPMN + tag) if item.get("id") == reference), None) if reference else None
    if found is None:
        if required or reference:
            raise Refused([(node.get("id", ""), _("Hendelsen viser til noe som ikke finnes (%(tag)s).", tag=tag))])
        return etree.Element(BPMN + tag)
    return found


class Parser(BpmnParser):  # type: ignore[misc]
    """The whole: which class is made for which tag. A tag that is not here is refused."""

    PROCESS_PARSER_CLASS = Process
    PARSER_CLASSES: ClassVar = {
        full_tag(tag): made
        for tag, made in {
            "userTask": (Node, UserTask),
            "task": (Node, PassTask),
            "manualTask": (Node, PassTask),
            "serviceTask": (Node, ServiceTask),
            "businessRuleTask": (Node, ServiceTask),
            "sendTask": (EventNode, ThrowEvent),
            "receiveTask": (EventNode, CatchEvent),
            "startEvent": (EventNode, StartEvent),
            "endEvent": (EventNode, EndEvent),
            "intermediateCatchEvent": (EventNode, CatchEvent),
            "intermediateThrowEvent": (EventNode, ThrowEvent),
            "boundaryEvent": (EventNode, Boundary),
            "exclusiveGateway": (Choice, Exclusive),
            "inclusiveGateway": (Choice, Inclusive),
            "parallelGateway": (Fork, Parallel),
            "eventBasedGateway": (Fork, EventGateway),
            "subProcess": (SubNode, SubProcess),
            "callActivity": (CallNode, CallActivity),
        }.items()
    }

    def add(self, process: etree._Element) -> None:
        """One process. Of the rest of the document, only what its nodes refer to is read."""
        self.create_parser(process)
