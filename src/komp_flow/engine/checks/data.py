"""Data in a diagram: mappings and their targets, multi-instance, and that every expression can be read."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from komp_flow import feel
from komp_flow.engine.checks.diagram import Diagram, Node
from komp_flow.engine.checks.findings import Findings
from komp_flow.engine.checks.formulas import UNKNOWN, constant, is_feel
from komp_flow.engine.checks.words import words
from komp_flow.engine.memory.bpmn import BPMN, ZEEBE, extensions, formula
from komp_flow.engine.memory.scopes import is_reserved

MAX_ITEMS = 200
_LOOPING = words("userTask serviceTask businessRuleTask sendTask receiveTask task manualTask subProcess callActivity")
_THROWING = words("intermediateThrowEvent endEvent")
_MAPPED = _LOOPING | words("startEvent endEvent intermediateCatchEvent intermediateThrowEvent boundaryEvent")


def check(diagram: Diagram, findings: Findings) -> None:
    """Every node and flow of every process that is to run, and the messages that they refer to."""
    messages: dict[str, etree._Element] = {}
    for process in diagram.processes:
        for scope in process.walk():
            for flow in scope.flows:
                condition = flow.condition
                if condition is not None:
                    _required(formula(condition) or "", flow.element, findings)
            for node in scope.nodes:
                _mappings(node, findings)
                _loop(node, findings)
                for text in texts(node):
                    _readable(text, node.element, findings)
                message = diagram.message(node)
                if message is not None:
                    messages[message.get("id", "")] = message
    for message in messages.values():
        for subscription in extensions(message, "subscription"):
            _readable(subscription.get("correlationKey"), message, findings)


def texts(node: Node) -> Iterator[str | None]:
    """The texts of a node, other than those of its mappings and its loop, that may be FEEL."""
    for name, attributes in (
        ("assignmentDefinition", ("assignee", "candidateGroups")),
        ("taskSchedule", ("dueDate", "followUpDate")),
    ):
        for found in extensions(node.element, name):
            yield from (found.get(attribute) for attribute in attributes)
    if node.kind == "timer":
        yield timer_text(node)


def timer_text(node: Node) -> str | None:
    """What a timer says, as drawn."""
    if node.definition is None:
        return None
    parts = (node.definition.find(BPMN + name) for name in ("timeDate", "timeDuration", "timeCycle"))
    return next((formula(part) for part in parts if part is not None), None)


def _readable(text: str | None, element: etree._Element, findings: Findings) -> bool:
    """True for what is no FEEL, or good FEEL."""
    if text is None or not is_feel(text):
        if text is not None and text.lstrip()[:1] == "=":
            findings.add("feel-expected", element, text=text[:120])
            return False
        return True
    try:
        feel.parse(text[1:])
    except feel.FeelError as error:
        findings.add("feel-invalid", element, text=text[:120], reason=error.message)
        return False
    return True


def _required(text: str, element: etree._Element, findings: Findings) -> bool:
    if not is_feel(text):
        findings.add("feel-expected", element, text=text[:120])
        return False
    return _readable(text, element, findings)


def _mappings(node: Node, findings: Findings) -> None:
    groups = extensions(node.element, "ioMapping")
    if groups and node.tag not in _MAPPED:
        findings.add("mapping-misplaced", node.element)
    for group in groups:
        for item in (*group.findall(ZEEBE + "input"), *group.findall(ZEEBE + "output")):
            source, target = item.get("source", ""), item.get("target", "")
            if not source.strip() or not target.strip():
                findings.add("mapping-incomplete", node.element)
            if target and not (_names_subject(target, node) and item.tag == ZEEBE + "input"):
                _target(target, node.element, findings)
            _readable(source, node.element, findings)


def _names_subject(target: str, node: Node) -> bool:
    """What is sent may say which unit, person, measure or cycle the instance is for that it starts."""
    sends = node.tag == "sendTask" or (node.tag in _THROWING and node.kind in ("message", "signal"))
    return sends and target in ("unit", "person", "measure", "cycle")


def _target(name: str, element: etree._Element, findings: Findings) -> None:
    if is_reserved(name):
        findings.add("name-reserved", element, name=name)
        return
    try:
        is_name = feel.names(name) == {name} and name.replace("_", "a").isalnum()
    except feel.FeelError:
        is_name = False
    if not is_name:
        findings.add("name-invalid", element, name=name)


def _loop(node: Node, findings: Findings) -> None:
    loop = node.loop
    if loop is None:
        return
    if node.tag not in _LOOPING or node.is_event_subprocess:
        findings.add("mi-misplaced", node.element)
        return
    found = extensions(loop, "loopCharacteristics")
    collection = found[0].get("inputCollection", "") if found else ""
    if not collection.strip():
        findings.add("mi-collection", node.element)
    elif _required(collection, node.element, findings):
        _constant_list(collection, node.element, findings)
    if not found:
        return
    output, element = found[0].get("outputCollection", ""), found[0].get("outputElement", "")
    if bool(output) != bool(element):
        findings.add("mi-output", node.element)
    for name in (found[0].get("inputElement", ""), output):
        if name:
            _target(name, node.element, findings)
    _readable(element, node.element, findings)
    until = loop.find(BPMN + "completionCondition")
    if until is not None and formula(until):
        _required(formula(until) or "", node.element, findings)


def _constant_list(text: str, element: etree._Element, findings: Findings) -> None:
    value = constant(text)
    if value is UNKNOWN or value is None:
        return
    if not isinstance(value, list):
        findings.add("mi-collection", element)
    elif len(value) > MAX_ITEMS:
        findings.add("mi-too-many", element, count=len(value), limit=MAX_ITEMS)
