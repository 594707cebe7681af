"""A diagram in komp-flow's dialect, said in the dialects of its peers; Refused where one of them cannot run it."""

from __future__ import annotations

import re
from collections import Counter
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
    nodes: dict[str, dict[str, Any]] = {}
    Scope(process, root.find(f"{BPMN}process"), "", None, nodes).draw()
    return nodes


class Scope:
    """A process or a sub-process on its way to be nodes: their names begin with `before`, its end leads to `after`."""

    def __init__(
        self, process: Process, scope: Any, before: str, after: str | None, nodes: dict[str, dict[str, Any]]
    ) -> None:
        self._process, self._scope, self._before, self._after, self._nodes = process, scope, before, after, nodes
        self._flows: dict[str, list[Any]] = {}
        self._into: Counter[str] = Counter()
        for flow in scope.findall(f"{BPMN}sequenceFlow"):
            self._flows.setdefault(flow.get("sourceRef"), []).append(flow)
            self._into[flow.get("targetRef")] += 1
        self._ends = [each.get("id") for each in scope.findall(f"{BPMN}endEvent")]
        if after is not None and len(self._ends) != 1:
            raise Refused("a sub-process with more than one end")

    def draw(self) -> str:
        """Add the nodes; answers which of them is first."""
        for element in self._scope:
            kind, name = etree.QName(element).localname, element.get("id", "")
            if kind == "subProcess":
                self._sub_process(element)
            elif kind not in BESIDE:
                self._node(kind, name)
        (begins,) = self._scope.findall(f"{BPMN}startEvent")
        return self._to(self._flows[begins.get("id")][0])

    def _to(self, flow: Any) -> str:
        target = flow.get("targetRef")
        return self._after if self._after is not None and target in self._ends else self._before + target

    def _onward(self, name: str) -> list[dict[str, Any]]:
        found = []
        for flow in self._flows.get(name, []):
            condition = flow.find(f"{BPMN}conditionExpression")
            said = {"if": translated(condition.text or "", "python")} if condition is not None else {}
            found.append({"to": self._to(flow), **said})
        return found

    def _node(self, kind: str, name: str) -> None:
        made = {"startEvent": "start", "endEvent": "end", "userTask": "task", "exclusiveGateway": "switch",
                "parallelGateway": "split" if len(self._flows.get(name, [])) > 1 else "join"}.get(kind)  # fmt: skip
        if made is None:
            raise Refused(f"django-viewflow has no {kind} of this kind")
        if made == "split" and self._into[name] > 1:
            raise Refused("a gateway that joins and splits")
        if self._after is not None and made in {"start", "end"}:
            return
        self._nodes[self._before + name] = {"kind": made, "next": self._onward(name), "timers": self._timers(name)}

    def _sub_process(self, element: Any) -> None:
        name = self._before + element.get("id")
        after = self._to(self._flows[element.get("id")][0])
        loop = element.find(f"{BPMN}multiInstanceLoopCharacteristics")
        if loop is None:
            first = Scope(self._process, element, f"{name}_", after, self._nodes).draw()
            self._nodes[name] = {"kind": "switch", "next": [{"to": first}]}
            return
        if loop.get("isSequential") == "true":
            raise Refused("django-viewflow has no sequential multi-instance")
        joined = f"{name}_join"
        items = range(_count(self._process, loop))
        firsts = [Scope(self._process, element, f"{name}_{n}_", joined, self._nodes).draw() for n in items]
        self._nodes[name] = {"kind": "split", "next": [{"to": each} for each in firsts]}
        self._nodes[joined] = {"kind": "join", "next": [{"to": after}]}

    def _timers(self, task: str) -> list[dict[str, Any]]:
        found = []
        for event in self._scope.findall(f"{BPMN}boundaryEvent"):
            if event.get("attachedToRef") != task:
                continue
            duration = event.find(f".//{BPMN}timeDuration")
            if duration is None:
                raise Refused("an event on a task that is no timer with a duration")
            interrupts = event.get("cancelActivity", "true") == "true"
            to = self._to(self._flows[event.get("id")][0])
            found.append({"seconds": _seconds(_constant(duration.text)), "to": to, "interrupts": interrupts})
        return found


def _seconds(duration: str) -> int:
    found = re.fullmatch(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", duration)
    if found is None:
        raise Refused(f"the duration {duration} is not of days, hours, minutes and seconds")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds
