"""What elements refer to: operations, messages, signals, errors, escalations, called processes."""

from __future__ import annotations

from lxml import etree

from komp_flow.engine.checks.around import Around
from komp_flow.engine.checks.diagram import Diagram, Node, Scope
from komp_flow.engine.checks.findings import Findings
from komp_flow.engine.checks.formulas import is_feel
from komp_flow.engine.checks.rules import listed
from komp_flow.engine.errors import Fault
from komp_flow.engine.memory import timers
from komp_flow.engine.memory.bpmn import extensions, properties

SEND = "send-message"
_SENDING = frozenset({"intermediateThrowEvent", "endEvent"})


def check(diagram: Diagram, around: Around, findings: Findings) -> None:
    """Every node of every process that is to run."""
    for process in diagram.processes:
        for node in process.all_nodes():
            _node(node, diagram, around, findings)
        _starts(process, diagram, findings)


def _node(node: Node, diagram: Diagram, around: Around, findings: Findings) -> None:
    if node.tag == "serviceTask" or (node.tag == "businessRuleTask" and node.operation is not None):
        _operation(node, around, findings)
    elif node.tag == "sendTask":
        _send_task(node, diagram, around, findings)
    elif node.tag == "callActivity":
        _call(node, diagram, around, findings)
    elif node.tag == "receiveTask":
        _caught_message(node, diagram, findings)
    if node.kind == "message":
        if node.tag in _SENDING:
            _thrown_message(node, diagram, findings)
        else:
            _caught_message(node, diagram, findings)
    elif node.kind == "signal":
        _signal(node, diagram, findings)
    elif node.kind in ("error", "escalation"):
        _code(node, diagram, around, findings)
    _keep(node, findings)


def _operation(node: Node, around: Around, findings: Findings, *, sends: bool = False) -> None:
    known, wanted = around.known.operations, node.operation
    if not wanted:
        findings.add("operation-missing", node.element)
    elif is_feel(wanted):
        findings.add("operation-dynamic", node.element)
    elif wanted not in known:
        findings.add("operation-unknown", node.element, type=wanted, types=listed(known))
    elif not sends:
        spec = known[wanted]
        given = {target for _source, target in node.mappings("input")}
        if missing := spec.required - given:
            findings.add("operation-input-missing", node.element, type=wanted, names=listed(missing))
        if (spec.optional or spec.required) and (strange := given - spec.required - spec.optional):
            findings.add("operation-input-unknown", node.element, type=wanted, names=listed(strange))


def _send_task(node: Node, diagram: Diagram, around: Around, findings: Findings) -> None:
    ref = node.element.get("messageRef", "")
    names_it_itself = any(target == "name" for _source, target in node.mappings("input"))
    if not ref and (node.operation != SEND or names_it_itself):
        _operation(node, around, findings)
        return
    message = diagram.message(node)
    if message is None:
        findings.add("message-missing", node.element, ref=ref)
    else:
        _message_name(message, findings)
    if node.operation is None:
        findings.add("throw-operation", node.element)
    else:
        _operation(node, around, findings, sends=True)


def _thrown_message(node: Node, diagram: Diagram, findings: Findings) -> None:
    message = diagram.message(node)
    if message is None:
        ref = node.definition.get("messageRef", "") if node.definition is not None else ""
        findings.add("message-missing", node.element, ref=ref)
    else:
        _message_name(message, findings)
    if node.operation != SEND:
        findings.add("throw-operation", node.element)


def _caught_message(node: Node, diagram: Diagram, findings: Findings) -> None:
    message = diagram.message(node)
    if message is None:
        at = node.definition if node.definition is not None else node.element
        findings.add("message-missing", node.element, ref=at.get("messageRef", ""))
        return
    _message_name(message, findings)
    starts_process = node.tag == "startEvent" and node.scope.is_process
    keys = [found.get("correlationKey", "").strip() for found in extensions(message, "subscription")]
    if not starts_process and not any(keys):
        findings.add("correlation-missing", node.element, name=message.get("name", ""))


def _message_name(message: etree._Element, findings: Findings) -> None:
    name = message.get("name", "").strip()
    if not name or is_feel(name) or len(name) > 200:
        findings.add("message-name", message)


def _signal(node: Node, diagram: Diagram, findings: Findings) -> None:
    signal = diagram.refers(node.definition, "signalRef", "signal")
    if signal is None:
        ref = node.definition.get("signalRef", "") if node.definition is not None else ""
        findings.add("signal-missing", node.element, ref=ref)
        return
    name = signal.get("name", "").strip()
    if not name or is_feel(name) or len(name) > 200:
        findings.add("signal-name", signal)


def _code(node: Node, diagram: Diagram, around: Around, findings: Findings) -> None:
    """A throw names what it throws, with a code; a catch without a reference, or without a code, catches all."""
    kind, definition = node.kind, node.definition
    ref = definition.get(f"{kind}Ref", "").strip() if definition is not None else ""
    found = diagram.refers(definition, f"{kind}Ref", kind)
    throws = node.tag in _SENDING
    if found is None:
        if ref or throws:
            findings.add(f"{kind}-missing", node.element, ref=ref)
        return
    code = found.get(f"{kind}Code", "").strip()
    if is_feel(code) or (throws and not code):
        findings.add(f"{kind}-code", found)
        return
    host = node.host
    spec = around.known.operations.get(host.operation or "") if host is not None and host.inside is None else None
    if kind == "error" and code and spec is not None and spec.outputs is not None and code not in spec.errors:
        findings.add("error-never-thrown", node.element, type=spec.type, code=code)


def _keep(node: Node, findings: Findings) -> None:
    keep = properties(node.element).get("keep")
    if keep is None or not (node.kind == "message" or node.tag == "sendTask"):
        return
    if keep.strip() == "cycle":
        return
    try:
        timers.period(keep)
    except Fault:
        findings.add("keep-invalid", node.element, text=keep)


def _starts(process: Scope, diagram: Diagram, findings: Findings) -> None:
    """Two starts that wait for the same each start an instance: hardly what was meant."""
    seen: set[tuple[str, str]] = set()
    for start in process.starts:
        if start.definition is None or start.kind not in ("message", "signal"):
            continue
        found = diagram.refers(start.definition, f"{start.kind}Ref", start.kind)
        name = found.get("name", "") if found is not None else ""
        if (start.kind, name) in seen and name:
            findings.add("start-twice", start.element, name=name)
        seen.add((start.kind, name))


def _call(node: Node, diagram: Diagram, around: Around, findings: Findings) -> None:
    called = node.called.strip()
    if not called:
        findings.add("call-missing", node.element)
        return
    if is_feel(called):
        findings.add("call-dynamic", node.element)
        return
    own = {process.get("id", "") for process in diagram.executable}
    if called not in own and not around.has_process(called):
        findings.add("call-unknown", node.element, process=called)
        return
    caller = _process_of(node).element.get("id", "")
    if path := _way_back(called, caller, around):
        findings.add("call-recursive", node.element, path=" → ".join([caller, *path]))
        return
    outline = around.processes.get(called)
    if outline is not None and not outline.has_plain_start:
        findings.add("call-no-plain-start", node.element, process=called)
    given = {target for _source, target in node.mappings("input")}
    if missing := around.wants(called) - given:
        findings.add("call-gives-nothing", node.element, process=called, names=listed(missing))


def _process_of(node: Node) -> Scope:
    *_inner, process = node.scope.outwards()
    return process


def _way_back(start: str, goal: str, around: Around) -> list[str]:
    """The calls that lead from one process to another, both named; empty when none do."""
    came_from: dict[str, str] = {start: ""}
    todo = [start]
    while todo:
        process = todo.pop(0)
        if process == goal:
            path = [process]
            while came_from[path[0]]:
                path.insert(0, came_from[path[0]])
            return path
        for called in sorted(around.calls(process)):
            if called not in came_from:
                came_from[called] = process
                todo.append(called)
    return []


def calls_of(process: Scope) -> frozenset[str]:
    """The processes that a process calls, by a fixed id."""
    return frozenset(
        node.called.strip()
        for node in process.all_nodes()
        if node.tag == "callActivity" and node.called.strip() and not is_feel(node.called)
    )
