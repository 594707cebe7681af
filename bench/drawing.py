"""The bench's own processes in komp-flow's dialect: W1, W2/N, and the small ones of single measures."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'targetNamespace="urn:bench">'
)
ANSWERS: Mapping[str, Any] = {"go": True, "note": "Vi trenger to nye utviklere, og ett kurs i universell utforming."}


@dataclass(frozen=True)
class Process:
    """A diagram with its forms, the variables that it starts with, and what to answer in every form's field."""

    name: str  # as the tables call it
    id: str
    diagram: bytes
    forms: Mapping[str, bytes] = field(default_factory=dict)  # file name → form-js
    variables: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)


def w1(tasks: int = 12, timers: bool = True) -> Process:
    """User tasks after each other, a gateway in the middle, a non-interrupting timer on each task."""
    parts, flows = [start("s")], []
    before = "s"
    for number in range(1, tasks + 1):
        here = f"u{number}"
        if number == tasks // 2 + 1:
            parts += ['<bpmn:exclusiveGateway id="g" default="g_r"/>', end("r")]
            flows += [flow(before, "g"), flow("g", "r"), flow("g", here, "=go = true")]
        else:
            flows.append(flow(before, here))
        parts.append(task(here))
        if timers:
            parts += [boundary(f"b{number}", here, "PT72H"), end(f"l{number}")]
            flows.append(flow(f"b{number}", f"l{number}"))
        before = here
    parts += [end("e"), *flows, flow(before, "e")]
    return Process("W1", "w1", document("w1", parts), {"w.json": form("w")}, {}, ANSWERS)


def w2(items: int, tasks: int = 3) -> Process:
    """W1's first and last task around a parallel sub-process of three tasks for each of so many items."""
    names = [f"m{number}" for number in range(1, tasks + 1)]
    inner = [start("ms"), *map(task, names), end("me"), *(flow(a, b) for a, b in pairwise(["ms", *names, "me"]))]
    many = (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements>"
        '<zeebe:loopCharacteristics inputCollection="=items" inputElement="item"/>'
        "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"
    )
    parts = [
        start("s"), task("u1"), f'<bpmn:subProcess id="m">{"".join(inner)}{many}</bpmn:subProcess>', task("u2"),
        end("e"), *(flow(a, b) for a, b in pairwise(["s", "u1", "m", "u2", "e"])),
    ]  # fmt: skip
    return Process(
        f"W2/{items}", f"w2_{items}", document(f"w2_{items}", parts), {"w.json": form("w")},
        {"items": [f"i{number}" for number in range(items)]}, ANSWERS,
    )  # fmt: skip


def round_and_round() -> Process:
    """One task that is sent back to itself for as long as the answer is not to go on."""
    parts = [
        start("s"), task("u"), '<bpmn:exclusiveGateway id="g" default="g_u"/>', end("e"),
        boundary("b", "u", "PT72H"), end("l"),
        flow("s", "u"), flow("u", "g"), flow("g", "u"), flow("g", "e", "=go = true"), flow("b", "l"),
    ]  # fmt: skip
    return Process("sent back", "back", document("back", parts), {"w.json": form("w")}, {}, {**ANSWERS, "go": False})


def form(form_id: str) -> bytes:
    """A tick and a text, as small as forms are."""
    fields = [
        {"type": "checkbox", "key": "go", "label": "Gå videre", "id": f"{form_id}-go"},
        {"type": "textarea", "key": "note", "label": "Begrunnelse", "id": f"{form_id}-note"},
    ]
    document_ = {"type": "default", "id": form_id, "schemaVersion": 19, "properties": {"title": "Vurdering"},
                 "components": fields}  # fmt: skip
    return json.dumps(document_).encode()


def document(process: str, parts: Iterable[str], top: str = "") -> bytes:
    """The whole file."""
    inside = "".join(parts)
    drawn = f'<bpmn:process id="{process}" isExecutable="true">{inside}</bpmn:process>'
    return f"{HEAD}{top}{drawn}</bpmn:definitions>".encode()


def start(name: str) -> str:
    """A plain start event."""
    return f'<bpmn:startEvent id="{name}"/>'


def end(name: str) -> str:
    """A plain end event."""
    return f'<bpmn:endEvent id="{name}"/>'


def task(name: str) -> str:
    """A task of the unit's manager, with the form `w`."""
    return (
        f'<bpmn:userTask id="{name}" name="Vurder {name}"><bpmn:extensionElements><zeebe:userTask/>'
        '<zeebe:assignmentDefinition candidateGroups="manager"/><zeebe:formDefinition formId="w"/>'
        "</bpmn:extensionElements></bpmn:userTask>"
    )


def boundary(name: str, on: str, duration: str) -> str:
    """A non-interrupting timer."""
    return (
        f'<bpmn:boundaryEvent id="{name}" attachedToRef="{on}" cancelActivity="false"><bpmn:timerEventDefinition>'
        f'<bpmn:timeDuration xsi:type="bpmn:tFormalExpression">{duration}</bpmn:timeDuration>'
        "</bpmn:timerEventDefinition></bpmn:boundaryEvent>"
    )


def flow(source: str, target: str, condition: str = "") -> str:
    """A sequence flow, with its condition if it has one."""
    if_ = f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{condition}</bpmn:conditionExpression>'
    told = if_ if condition else ""
    return f'<bpmn:sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">{told}</bpmn:sequenceFlow>'  # noqa: E501
