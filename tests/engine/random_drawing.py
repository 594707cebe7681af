"""A random diagram as XML: one document for the process, one for each process that it calls."""

from __future__ import annotations

from engine import drawing
from engine.drawing import boundary, call, catch, doc, el, end, flows, gw, io, mi, ref, start, sub, throw, timer
from engine.graphs import KEY, Event, Graph, Mapping, Node
from engine.storing import assigned

ALONE = "p"  # the process where it is alone
ANSWER = "svar"  # what an operation answers with, and a message brings
SEND = '<zeebe:taskDefinition type="send-message"/>'


def draw(graph: Graph, process: str = ALONE) -> list[bytes]:
    """The process first, then those that it calls. Beside others in a store, each process needs names of its own."""
    return _Drawing(process).documents(graph, process)


def named(name: str, process: str) -> str:
    """A message's or signal's name in this process."""
    return name if process == ALONE else f"{name} {process}"


class _Drawing:
    """The documents of one process and of those that it calls."""

    def __init__(self, process: str) -> None:
        self.process = process

    def called(self, node: Node) -> str:
        return f"{self.process}_{node.id}"

    def documents(self, graph: Graph, process: str) -> list[bytes]:
        calls = [node for node in _own(graph) if node.kind == "callActivity"]
        more = [
            document for node in calls if node.inside for document in self.documents(node.inside, self.called(node))
        ]
        return [doc(self.scope(graph), pid=process, top=self.top(graph)), *more]

    def top(self, graph: Graph) -> str:
        """Messages, signals, errors, escalations: each once."""
        made: dict[str, str] = {}
        for node in _own(graph):
            event = node.event
            if event is None:
                continue
            id_ = _id(event)
            match event.kind:
                case "message":
                    made[id_] = drawing.message(
                        id_, named(event.name, self.process), f"={event.key or repr(KEY)}".replace("'", '"')
                    )
                case "signal":
                    made[id_] = el("signal", id_, name=named(event.name, self.process))
                case "error" | "escalation" if event.code:
                    made[id_] = el(event.kind, id_, name=event.code, **{f"{event.kind}Code": event.code})
        return "".join(made.values())

    def scope(self, graph: Graph) -> str:
        drawn = [self.node(node) for node in graph.nodes.values()]
        for source, target, condition in graph.flows:
            if graph.nodes[source].kind != "linkThrow":
                drawn.append(flows(f"{source}>{target}" + (f":={condition[0]} = {condition[1]}" if condition else "")))
        return "".join(drawn)

    def node(self, node: Node) -> str:  # noqa: C901 - one line for each kind
        loop = _loop(node)
        event = _definition(node.event) if node.event else ""
        answer = io(outs=[(f"={ANSWER}", node.asks)] if node.asks else [])
        match node.kind:
            case "userTask":
                return drawing.user(node.id, loop, ext=assigned())
            case "serviceTask":
                return el(node.kind, node.id, loop, '<zeebe:taskDefinition type="ask"/>' + answer)
            case "receiveTask":
                assert node.event
                return el(node.kind, node.id, loop, answer, messageRef=_id(node.event))
            case "task" | "manualTask":
                return el(node.kind, node.id)
            case "startEvent":
                return start(node.id)
            case "endEvent" | "intermediateThrowEvent":
                sends = SEND if node.event and node.event.kind == "message" else ""
                return (end if node.kind == "endEvent" else throw)(node.id, event, sends)
            case "linkThrow":
                return throw(node.id, event)
            case "linkCatch":
                return catch(node.id, event)
            case "terminate":
                return end(node.id, drawing.TERMINATE)
            case "intermediateCatchEvent":
                return catch(node.id, event, answer)
            case "boundaryEvent":
                return boundary(node.id, node.on, event, node.interrupts)
            case "subProcess":
                assert node.inside
                return sub(
                    node.id, self.scope(node.inside), pre=loop, ins=_mappings(node.ins), outs=_mappings(node.outs)
                )
            case "callActivity":
                return call(node.id, self.called(node), loop, ins=_mappings(node.ins), outs=_mappings(node.outs))
            case "handler":
                assert node.inside
                first = node.inside.start.id
                begins = el("startEvent", first, event, isInterrupting=str(node.interrupts).lower())
                inner = self.scope(node.inside).replace(start(first), begins)
                return el("subProcess", node.id, inner, triggeredByEvent="true")
        kind = node.kind.removesuffix("Gateway")
        return gw(kind, node.id, default=f"{node.id}_{node.default}") if node.default else gw(kind, node.id)


def _own(graph: Graph) -> list[Node]:
    """The nodes of this process, not those of the processes that it calls."""
    found: list[Node] = []
    for node in graph.nodes.values():
        found.append(node)
        if node.inside is not None and node.kind != "callActivity":
            found += _own(node.inside)
    return found


def _id(event: Event) -> str:
    return f"{event.kind}_{event.name or event.code}"


def _definition(event: Event) -> str:
    match event.kind:
        case "timer" if event.name:
            return timer(f"=deadline.{event.name}", "timeDate")
        case "timer":
            length = f"PT{event.minutes}M"
            return timer(f"R{event.times}/{length}", "timeCycle") if event.times > 1 else timer(length)
        case "link":
            return f'<bpmn:linkEventDefinition name="{event.name}"/>'
        case "error" | "escalation" if event.code is None:
            return f"<bpmn:{event.kind}EventDefinition/>"
    return ref(event.kind, _id(event))


def _mappings(mappings: list[Mapping]) -> list[tuple[str, str]]:
    return [(f"={source}", target) for source, target in mappings]


def _loop(node: Node) -> str:
    if not node.loop:
        return ""
    collects = node.collection if node.collects and node.asks else None
    return mi(
        f"=[{','.join(map(str, range(node.items)))}]",
        node.item,
        collects,
        f"={node.asks}" if collects else "",
        seq=node.loop == "seq",
        until=f"=numberOfCompletedInstances >= {node.until}" if node.until else None,
    )
