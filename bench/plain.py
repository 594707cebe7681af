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
