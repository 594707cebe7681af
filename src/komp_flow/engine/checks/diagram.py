"""A diagram as the rules see it: scopes with their nodes and flows, and the definitions that nodes refer to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from komp_flow.engine.checks.words import words
from komp_flow.engine.memory.bpmn import BPMN, EVENTS, NODES, ZEEBE, definitions, extensions, kind

# Refused, but part of the flow: a flow to one of these leads somewhere.
REFUSED_NODES = words(
    "scriptTask complexGateway transaction adHocSubProcess callChoreography choreographyTask subChoreography "
    "implicitThrowEvent event"
)
SCOPES = frozenset({"process", "subProcess", "transaction", "adHocSubProcess"})
TRUE = frozenset({"true", "1"})


def is_true(element: etree._Element, attribute: str, default: str = "false") -> bool:
    """An xsd:boolean attribute."""
    return element.get(attribute, default).strip() in TRUE


def bpmn_name(element: etree._Element) -> str:
    """The local name of a BPMN element; "" for anything else."""
    tag = element.tag
    return tag.removeprefix(BPMN) if isinstance(tag, str) and tag.startswith(BPMN) else ""


@dataclass(eq=False)
class Node:
    """An event, activity or gateway. `kind` is its event's kind ("none" without a definition), "" for other nodes.

    `host` is what a boundary event sits on, `boundary` the events that sit on an activity. What has no id, or one that
    is taken, is apart: no flow can lead to it, which need not be said too.
    """

    element: etree._Element
    id: str
    tag: str
    scope: Scope
    kind: str = ""
    definition: etree._Element | None = None
    outs: list[Flow] = field(default_factory=list)
    ins: list[Flow] = field(default_factory=list)
    inside: Scope | None = None
    boundary: list[Node] = field(default_factory=list)
    host: Node | None = None
    is_apart: bool = False

    @property
    def is_event_subprocess(self) -> bool:
        """A sub-process that its own start event starts."""
        return self.tag == "subProcess" and is_true(self.element, "triggeredByEvent")

    @property
    def loop(self) -> etree._Element | None:
        """The multi-instance characteristics."""
        return self.element.find(BPMN + "multiInstanceLoopCharacteristics")

    @property
    def interrupts(self) -> bool:
        """A boundary event, or the start of an event sub-process, that ends what it interrupts."""
        return is_true(self.element, "cancelActivity" if self.tag == "boundaryEvent" else "isInterrupting", "true")

    @property
    def called(self) -> str:
        """The id of the process that a call activity calls, as written."""
        found = extensions(self.element, "calledElement")
        return str(found[0].get("processId") or "") if found else ""

    @property
    def operation(self) -> str | None:
        """The type of `zeebe:taskDefinition`, None without one."""
        found = extensions(self.element, "taskDefinition")
        return str(found[0].get("type") or "") if found else None

    def mappings(self, way: str) -> list[tuple[str, str]]:
        """The complete `zeebe:input` or `zeebe:output` pairs of source and target."""
        return [
            (item.get("source", ""), item.get("target", ""))
            for group in extensions(self.element, "ioMapping")
            for item in group.findall(ZEEBE + way)
            if item.get("source", "").strip() and item.get("target", "").strip()
        ]


@dataclass(eq=False)
class Flow:
    """A sequence flow; its ends are None where they are not in its scope."""

    element: etree._Element
    source: Node | None
    target: Node | None

    @property
    def condition(self) -> etree._Element | None:
        """The condition's element."""
        return self.element.find(BPMN + "conditionExpression")


@dataclass(eq=False)
class Scope:
    """A process or sub-process with what is drawn right inside it."""

    element: etree._Element
    owner: Node | None
    nodes: list[Node] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)

    @property
    def is_process(self) -> bool:
        """The outermost scope."""
        return self.owner is None

    @property
    def starts(self) -> list[Node]:
        """The start events."""
        return [node for node in self.nodes if node.tag == "startEvent"]

    def walk(self) -> Iterator[Scope]:
        """This scope and all inside it."""
        yield self
        for node in self.nodes:
            if node.inside is not None:
                yield from node.inside.walk()

    def all_nodes(self) -> Iterator[Node]:
        """The nodes of this scope and of all inside it."""
        for scope in self.walk():
            yield from scope.nodes

    def outwards(self) -> Iterator[Scope]:
        """This scope, then those around it."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.owner.scope if scope.owner is not None else None


class Diagram:
    """One file. `processes` are those to check: the executable one, or all with content when none is executable."""

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        every = [child for child in root if child.tag == BPMN + "process"]
        self.all_processes = every
        self.executable = [process for process in every if is_true(process, "isExecutable")]
        drawn = [process for process in every if any(bpmn_name(child) in NODES | REFUSED_NODES for child in process)]
        self.processes = [_scope(process, None) for process in self.executable or drawn]
        self.by_id: dict[str, etree._Element] = {}
        for element in root.iter(BPMN + "*"):
            if element.get("id"):
                self.by_id.setdefault(element.get("id", ""), element)

    def refers(self, element: etree._Element | None, attribute: str, tag: str) -> etree._Element | None:
        """The message, signal, error or escalation that an attribute names; None when there is none."""
        ref = element.get(attribute, "").strip() if element is not None else ""
        found = self.by_id.get(ref)
        return found if found is not None and found.tag == BPMN + tag else None

    def message(self, node: Node) -> etree._Element | None:
        """The message of an event or of a send or receive task."""
        at = node.definition if node.definition is not None else node.element
        return self.refers(at, "messageRef", "message")


def _scope(element: etree._Element, owner: Node | None) -> Scope:
    scope = Scope(element, owner)
    by_id: dict[str, Node] = {}
    for child in element:
        tag = bpmn_name(child)
        if tag in NODES | REFUSED_NODES:
            node = _node(child, tag, scope)
            node.is_apart = not node.id or node.id in by_id
            by_id.setdefault(node.id, node)
            scope.nodes.append(node)
    for child in element:
        if bpmn_name(child) == "sequenceFlow":
            flow = Flow(child, _end(by_id, child, "sourceRef"), _end(by_id, child, "targetRef"))
            scope.flows.append(flow)
            if flow.source is not None and flow.target is not None:
                flow.source.outs.append(flow)
                flow.target.ins.append(flow)
    for node in scope.nodes:
        if node.tag == "boundaryEvent":
            node.host = _end(by_id, node.element, "attachedToRef")
            if node.host is not None:
                node.host.boundary.append(node)
    return scope


def _node(element: etree._Element, tag: str, scope: Scope) -> Node:
    node = Node(element, element.get("id", ""), tag, scope)
    if tag in EVENTS:
        found = definitions(element)
        node.definition = found[0] if found else None
        node.kind = kind(found[0]) if found else "none"
    elif tag in SCOPES:
        node.inside = _scope(element, node)
    return node


def _end(by_id: dict[str, Node], element: etree._Element, attribute: str) -> Node | None:
    return by_id.get(element.get(attribute, "").strip() or "\0")
