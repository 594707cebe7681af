"""A diagram in komp-flow's dialect, said in the dialects of its peers; Refused where one of them cannot run it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from lxml import etree

from bench.drawing import Process

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
WORDS = {"python": {"true": "True", "false": "False", "null": "None", "and": "and", "or": "or", "not": "not"},
         "javascript": {"and": "&&", "or": "||", "not": "!"}}  # fmt: skip
BESIDE = {"sequenceFlow", "boundaryEvent", "documentation", "extensionElements", "multiInstanceLoopCharacteristics"}
FEEL = re.compile(r'("(?:[^"\\]|\\.)*")|([A-Za-z_][A-Za-z_0-9]*)|(\d+(?:\.\d+)?)|(!=|<=|>=|[=<>()+\-*/])|\s+')


class Refused(Exception):
    """A peer cannot run this diagram; the text says why."""


def translated(feel: str, language: str, name: Callable[[str], str] = str) -> str:
    """A simple FEEL expression in Python or JavaScript. Raises Refused on what is not plain comparing and counting."""
    parts, at, text = [], 0, feel.removeprefix("=").strip()
    while at < len(text):
        found = FEEL.match(text, at)
        if found is None or found.end() == at:
            raise Refused(f"the expression {feel!r} is not translated")
        quoted, word, number, sign = found.groups()
        if word:
            parts.append(WORDS[language].get(word) or (word if word in {"true", "false", "null"} else name(word)))
        elif sign == "=":
            parts.append("==")
        else:
            parts.append(quoted or number or sign or "")
        at = found.end()
    return " ".join(part for part in parts if part)


def parsed(process: Process) -> Any:
    """The diagram's tree."""
    return etree.fromstring(process.diagram)


def for_spiff(process: Process) -> bytes:
    """With Python's expressions, a timer's duration in quotes, and a collection of BPMN's own."""
    root = parsed(process)
    for condition in root.iter(f"{BPMN}conditionExpression"):
        condition.text = translated(condition.text or "", "python")
    for definition in root.iter(f"{BPMN}timerEventDefinition"):
        for child in definition:
            child.text = f'"{_constant(child.text)}"'
    for loop in list(root.iter(f"{BPMN}multiInstanceLoopCharacteristics")):
        collection, item = _loop(loop)
        for child in list(loop):
            loop.remove(child)
        etree.SubElement(loop, f"{BPMN}loopDataInputRef").text = collection
        etree.SubElement(loop, f"{BPMN}inputDataItem", id=item, name=item)
    return _stripped(root)


def _constant(text: str | None) -> str:
    found = (text or "").strip().removeprefix("=").strip().strip('"')
    if not re.fullmatch(r"[A-Z0-9:/.+-]+", found):
        raise Refused(f"the timer {text!r} is not a constant")
    return found


def _loop(loop: Any) -> tuple[str, str]:
    found = loop.find(f".//{ZEEBE}loopCharacteristics")
    if found is None or not re.fullmatch(r"=\s*\w+", found.get("inputCollection", "")):
        raise Refused("the collection of a multi-instance is not a plain variable")
    return found.get("inputCollection").lstrip("= "), found.get("inputElement", "item")


def _stripped(root: Any) -> bytes:
    """Without what only our dialect says. What would change the way through the diagram is refused."""
    for kind in ("serviceTask", "callActivity", "receiveTask", "messageEventDefinition", "signalEventDefinition"):
        if root.find(f".//{BPMN}{kind}") is not None:
            raise Refused(f"the peers do nothing with a {kind}")
    for extension in list(root.iter(f"{BPMN}extensionElements")):
        extension.getparent().remove(extension)
    return etree.tostring(root)


def for_bpmn_engine(process: Process) -> tuple[str, dict[str, str]]:
    """Plain BPMN whose conditions call services, and what those say in JavaScript."""
    root = parsed(process)
    conditions: dict[str, str] = {}
    for condition in root.iter(f"{BPMN}conditionExpression"):
        name = f"c{len(conditions)}"
        conditions[name] = translated(condition.text or "", "javascript")
        condition.text = f"${{environment.services.{name}()}}"
    for definition in root.iter(f"{BPMN}timerEventDefinition"):
        for child in definition:
            child.text = _constant(child.text)
    for loop in list(root.iter(f"{BPMN}multiInstanceLoopCharacteristics")):
        count = _count(process, loop)
        for child in list(loop):
            loop.remove(child)
        etree.SubElement(loop, f"{BPMN}loopCardinality").text = str(count)
    return _stripped(root).decode(), conditions


def _count(process: Process, loop: Any) -> int:
    collection, _item = _loop(loop)
    found = process.variables.get(collection)
    if not isinstance(found, list):
        raise Refused(f"the collection {collection} is not known at the start")
    return len(found)


def for_viewflow(process: Process) -> dict[str, dict[str, Any]]:
    """Nodes by name, each with what comes next. A multi-instance is drawn out: the free edition has none."""
    root = parsed(process)
    _stripped(parsed(process))
    scope = root.find(f"{BPMN}process")
    nodes: dict[str, dict[str, Any]] = {}
    _drawn_out(process, scope, "", None, nodes)
    return nodes


def _drawn_out(process: Process, scope: Any, before: str, after: str | None, nodes: dict[str, Any]) -> str:
    """The scope's nodes, with names that begin with `before`; its end leads to `after`. Answers its first."""
    flows: dict[str, list[Any]] = {}
    into: dict[str, int] = {}
    for flow in scope.findall(f"{BPMN}sequenceFlow"):
        flows.setdefault(flow.get("sourceRef"), []).append(flow)
        into[flow.get("targetRef")] = into.get(flow.get("targetRef"), 0) + 1
    ends = [each.get("id") for each in scope.findall(f"{BPMN}endEvent")]
    if after is not None and len(ends) != 1:
        raise Refused("a sub-process with more than one end")

    def to(flow: Any) -> str:
        target = flow.get("targetRef")
        return after if after is not None and target in ends else before + target

    def onward(name: str) -> list[dict[str, Any]]:
        found = []
        for flow in flows.get(name, []):
            condition = flow.find(f"{BPMN}conditionExpression")
            said = {"if": translated(condition.text or "", "python")} if condition is not None else {}
            found.append({"to": to(flow), **said})
        return found

    first = ""
    for element in scope:
        kind, name = etree.QName(element).localname, element.get("id", "")
        if kind == "startEvent":
            (flow,) = flows[name]
            first = to(flow)
            if after is None:
                nodes[before + name] = {"kind": "start", "next": onward(name)}
        elif kind == "endEvent":
            if after is None:
                nodes[before + name] = {"kind": "end"}
        elif kind in {"userTask", "manualTask"}:
            nodes[before + name] = {"kind": "task", "next": onward(name), "timers": _timers(scope, name, flows, to)}
        elif kind == "exclusiveGateway":
            nodes[before + name] = {"kind": "switch", "next": onward(name)}
        elif kind == "parallelGateway":
            several = len(flows.get(name, [])) > 1
            if several and into.get(name, 0) > 1:
                raise Refused("a gateway that joins and splits")
            nodes[before + name] = {"kind": "split" if several else "join", "next": onward(name)}
        elif kind == "subProcess":
            (flow,) = flows[name]
            _sub_process(process, element, before, to(flow), nodes)
        elif kind not in BESIDE:
            raise Refused(f"django-viewflow has no {kind} of this kind")
    return first


def _sub_process(process: Process, element: Any, before: str, after: str, nodes: dict[str, Any]) -> None:
    name = before + element.get("id")
    loop = element.find(f"{BPMN}multiInstanceLoopCharacteristics")
    if loop is None:
        nodes[name] = {"kind": "switch", "next": [{"to": _drawn_out(process, element, f"{name}_", after, nodes)}]}
        return
    if loop.get("isSequential") == "true":
        raise Refused("django-viewflow has no sequential multi-instance")
    joined = f"{name}_join"
    firsts = [_drawn_out(process, element, f"{name}_{n}_", joined, nodes) for n in range(_count(process, loop))]
    nodes[name] = {"kind": "split", "next": [{"to": each} for each in firsts]}
    nodes[joined] = {"kind": "join", "next": [{"to": after}]}


def _timers(scope: Any, task: str, flows: dict[str, list[Any]], to: Callable[[Any], str]) -> list[dict[str, Any]]:
    found = []
    for event in scope.findall(f"{BPMN}boundaryEvent"):
        if event.get("attachedToRef") != task:
            continue
        duration = event.find(f".//{BPMN}timeDuration")
        if duration is None:
            raise Refused("an event on a task that is no timer with a duration")
        (flow,) = flows[event.get("id")]
        interrupts = event.get("cancelActivity", "true") == "true"
        found.append({"seconds": _seconds(_constant(duration.text)), "to": to(flow), "interrupts": interrupts})
    return found


def _seconds(duration: str) -> int:
    found = re.fullmatch(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", duration)
    if found is None:
        raise Refused(f"the duration {duration} is not of days, hours, minutes and seconds")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
