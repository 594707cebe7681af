"""How the elements hang together: flows, gateways, starts and ends, boundary events, event sub-processes, links."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from lxml import etree

from komp_flow.engine.checks.diagram import REFUSED_NODES, Diagram, Node, Scope, bpmn_name
from komp_flow.engine.checks.findings import Findings
from komp_flow.engine.checks.paths import forward, links
from komp_flow.engine.checks.words import words
from komp_flow.engine.memory.bpmn import EVENTS, GATEWAYS, NODES

# What an event may wait for or throw, by the event's tag. "none" is an event without a definition.
KINDS: dict[str, tuple[str, ...]] = {
    "startEvent": ("none", "timer", "message", "signal"),
    "endEvent": ("none", "message", "signal", "error", "escalation", "terminate"),
    "intermediateCatchEvent": ("timer", "message", "signal", "link"),
    "intermediateThrowEvent": ("none", "message", "signal", "escalation", "link"),
    "boundaryEvent": ("timer", "message", "signal", "error", "escalation"),
}
TRIGGERS = KINDS["boundaryEvent"]
# dialect.md: boundary events on user, service and receive tasks, sub-processes and call activities.
HOSTS = words(
    "userTask serviceTask businessRuleTask receiveTask subProcess callActivity transaction adHocSubProcess scriptTask"
)
CHOOSING = frozenset({"exclusiveGateway", "inclusiveGateway", "complexGateway"})
SPLITTING = GATEWAYS | {"complexGateway"}
# Already said by the element itself; what is wrong with its definition comes after that is mended.
_SAID = frozenset({"conditional", "compensate", "cancel"})


def check(diagram: Diagram, findings: Findings) -> None:
    """Every scope of every process that is to run."""
    for process in diagram.processes:
        for scope in process.walk():
            _flows(scope, diagram.by_id, findings)
            for node in scope.nodes:
                if not node.is_apart:
                    _node(node, findings)
            _starts(scope, findings)
            _links(scope, findings)
            _reach(scope, findings)


def _flows(scope: Scope, by_id: Mapping[str, etree._Element], findings: Findings) -> None:
    for flow in scope.flows:
        for end, name in ((flow.source, "sourceRef"), (flow.target, "targetRef")):
            ref = flow.element.get(name, "")
            other = by_id.get(ref.strip())
            if end is None and other is not None and bpmn_name(other) in NODES | REFUSED_NODES:
                findings.add("flow-across", flow.element)
            elif end is None:
                findings.add("flow-broken", flow.element, ref=ref)
        if flow.condition is not None and flow.source is not None and flow.source.tag not in CHOOSING:
            findings.add("condition-misplaced", flow.element)


def _node(node: Node, findings: Findings) -> None:
    if node.tag in EVENTS:
        _event(node, findings)
    if node.tag == "boundaryEvent":
        _boundary(node, findings)
    if node.is_event_subprocess:
        _event_subprocess(node, findings)
    else:
        _ways(node, findings)
    if node.tag in SPLITTING:
        _gateway(node, findings)
    elif len(node.outs) > 1 and node.tag != "endEvent":
        findings.add("several-outgoing", node.element)
    _repeated(node, findings)


def _event(node: Node, findings: Findings) -> None:
    owner = node.scope.owner
    kinds = KINDS[node.tag]
    if node.tag == "startEvent" and owner is not None:
        kinds = TRIGGERS if owner.is_event_subprocess else ("none",)
        if node.kind not in kinds:
            return  # said of the sub-process, which must have one start of the right kind
    if node.kind == "none" and "none" not in kinds:
        if not any(str(child.tag).endswith("}eventDefinitionRef") for child in node.element):
            findings.add("definition-missing", node.element)
    elif node.kind not in kinds and node.kind not in _SAID:
        findings.add("event-kind", node.element, kind=node.kind, kinds=", ".join(kinds))


def _boundary(node: Node, findings: Findings) -> None:
    ref = node.element.get("attachedToRef", "").strip()
    host = node.host
    if host is None:
        findings.add("boundary-not-attached", node.element, ref=ref)
    elif host.tag not in HOSTS or host.is_event_subprocess:
        findings.add("boundary-host", node.element, ref=ref)
    if node.kind == "error" and not node.interrupts:
        findings.add("error-not-interrupting", node.element)
    if host is not None and host.boundary[0] is node:
        _caught_twice(host, findings)


def _caught_twice(host: Node, findings: Findings) -> None:
    seen: set[tuple[str, str]] = set()
    for node in host.boundary:
        if node.definition is None or node.kind not in ("message", "signal", "error", "escalation"):
            continue
        key = (node.kind, node.definition.get(f"{node.kind}Ref", ""))
        if key in seen:
            findings.add("caught-twice", node.element)
        seen.add(key)


def _event_subprocess(node: Node, findings: Findings) -> None:
    if node.ins or node.outs:
        findings.add("event-subprocess-flow", node.element)
    inside = node.inside
    starts = inside.starts if inside is not None else []
    if len(starts) != 1 or starts[0].kind not in TRIGGERS:
        if not (len(starts) == 1 and starts[0].kind in _SAID):
            findings.add("event-subprocess-start", node.element)
    elif starts[0].kind == "error" and not starts[0].interrupts:
        findings.add("error-not-interrupting", starts[0].element)
    around = node.scope.starts
    if len(around) != 1 or around[0].kind != "none":
        findings.add("event-subprocess-scope", node.element)
    for scope in (node.scope, inside):
        for end in scope.nodes if scope is not None else ():
            if end.tag == "endEvent" and end.kind == "terminate":
                findings.add("event-subprocess-terminate", end.element)


def _ways(node: Node, findings: Findings) -> None:
    is_start, is_end = node.tag == "startEvent", node.tag == "endEvent"
    jumps = node.kind == "link" and node.tag == "intermediateThrowEvent"
    lands = node.kind == "link" and node.tag == "intermediateCatchEvent"
    alone = node.scope.owner is not None and node.scope.owner.tag == "adHocSubProcess"
    if is_start and node.ins:
        findings.add("start-has-incoming", node.element)
    if node.tag == "boundaryEvent" and node.ins:
        findings.add("boundary-has-incoming", node.element)
    if (is_end or jumps) and node.outs:
        findings.add("end-has-outgoing", node.element)
    if not (is_end or jumps or alone) and not node.outs:
        findings.add("no-way-out", node.element)
    if not (is_start or lands or alone or node.tag == "boundaryEvent" or node.ins) and node.scope.starts:
        findings.add("no-way-in", node.element)


def _gateway(node: Node, findings: Findings) -> None:
    default = node.element.get("default", "").strip()
    if default and default not in {flow.element.get("id") for flow in node.outs}:
        findings.add("default-elsewhere", node.element, ref=default)
    if node.tag == "eventBasedGateway":
        _event_gateway(node, findings)
    elif node.tag in CHOOSING:
        _choices(node, default, findings)


def _event_gateway(node: Node, findings: Findings) -> None:
    for flow in node.outs:
        target = flow.target
        if target is None or target.tag != "intermediateCatchEvent" or len(target.ins) != 1 or target.kind == "link":
            findings.add("event-gateway-target", target.element if target is not None else flow.element)


def _choices(node: Node, default: str, findings: Findings) -> None:
    conditional = [flow for flow in node.outs if flow.condition is not None]
    if len(node.outs) > 1:
        for flow in node.outs:
            if flow.condition is None and flow.element.get("id") != default:
                findings.add("condition-missing", flow.element)
    for flow in conditional:
        if default and flow.element.get("id") == default:
            findings.add("default-has-condition", flow.element)
    if conditional and not default:
        findings.add("default-missing", node.element)


def _repeated(node: Node, findings: Findings) -> None:
    """A join counts its tokens by where they come from: two flows from one element would count as one."""
    if node.tag not in ("parallelGateway", "inclusiveGateway", "complexGateway"):
        return
    sources = Counter(id(flow.source) for flow in node.ins)
    for flow in node.ins:
        if sources[id(flow.source)] > 1:
            findings.add("two-flows-one-join", node.element)
            return


def _starts(scope: Scope, findings: Findings) -> None:
    starts, owner = scope.starts, scope.owner
    if owner is None:
        if not starts:
            findings.add("no-start", scope.element)
        for extra in [start for start in starts if start.kind == "none"][1:]:
            findings.add("two-plain-starts", extra.element)
    elif not owner.is_event_subprocess and owner.tag != "adHocSubProcess":
        said = len(starts) == 1 and starts[0].kind in _SAID
        if (len(starts) != 1 or starts[0].kind != "none") and not said:
            findings.add("subprocess-start", owner.element)


def _links(scope: Scope, findings: Findings) -> None:
    throws, catches = links(scope)
    for node in (*throws, *(node for found in catches.values() for node in found)):
        if node.definition is not None and not node.definition.get("name", "").strip():
            findings.add("link-no-name", node.element)
    for throw in throws:
        name = throw.definition.get("name", "") if throw.definition is not None else ""
        if name.strip() and name not in catches:
            findings.add("link-no-target", throw.element, name=name)
    for name, found in catches.items():
        for extra in found[1:]:
            findings.add("link-two-targets", extra.element, name=name)


def _reach(scope: Scope, findings: Findings) -> None:
    """What no token ever comes to, although flows lead there; and what never leads to an end."""
    if scope.owner is not None and scope.owner.tag == "adHocSubProcess":
        return
    lost = [node for node in scope.nodes if _is_said_to_be_lost(node)]
    reached = forward(scope, [*scope.starts, *lost])
    for node in scope.nodes if scope.starts else ():
        if node not in reached and not node.is_event_subprocess:
            findings.add("unreachable", node.element)
    ends = [node for node in scope.nodes if not node.outs and node.kind != "link"]
    if ends:
        arriving = forward(scope, ends, backwards=True)
        endless = [node for node in reached if node not in arriving and node.outs]
    else:
        endless = [start for start in scope.starts if start.outs]
    if endless:
        findings.add("never-ends", endless[0].element)


def _is_said_to_be_lost(node: Node) -> bool:
    """No flow leads to it, or it sits on nothing; what follows from it is not lost by itself."""
    if node.tag == "boundaryEvent":
        return node.host is None
    lands = node.kind == "link" and node.tag == "intermediateCatchEvent"
    return node.is_apart or not (node.ins or lands or node.is_event_subprocess)
