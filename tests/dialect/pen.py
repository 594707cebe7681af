"""Draws diagrams as somebody would who has only the dialect's page: plain functions that write BPMN 2.0 text."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<bpmn:definitions '
    'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:modeler="http://camunda.org/schema/modeler/1.0" '
    'id="Definitions_1" targetNamespace="http://bpmn.io/schema/bpmn" modeler:executionPlatform="Camunda Cloud" '
    'modeler:executionPlatformVersion="8.6.0">\n'
)


def esc(text: object) -> str:
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def el(tag: str, id_: str, inner: str = "", ext: str = "", **attributes: object) -> str:
    written = "".join(f' {name.rstrip("_")}="{esc(value)}"' for name, value in attributes.items() if value is not None)
    extended = f"<bpmn:extensionElements>{ext}</bpmn:extensionElements>" if ext else ""
    return f'<bpmn:{tag} id="{id_}"{written}>{extended}{inner}</bpmn:{tag}>\n'


def mapped(ins: dict[str, str] | None = None, outs: dict[str, str] | None = None) -> str:
    """`zeebe:ioMapping`; target → FEEL without the equals sign."""
    inside = [f'<zeebe:input source="={esc(s)}" target="{t}"/>' for t, s in (ins or {}).items()]
    inside += [f'<zeebe:output source="={esc(s)}" target="{t}"/>' for t, s in (outs or {}).items()]
    return f"<zeebe:ioMapping>{''.join(inside)}</zeebe:ioMapping>" if inside else ""


def properties(**named: object) -> str:
    inside = "".join(f'<zeebe:property name="{k}" value="{esc(v)}"/>' for k, v in named.items())
    return f"<zeebe:properties>{inside}</zeebe:properties>" if inside else ""


def user(
    id_: str,
    inner: str = "",
    *,
    groups: str | None = "administrator",
    assignee: str | None = None,
    form: str | None = None,
    due: str | None = None,
    follow: str | None = None,
    ext: str = "",
    ins: dict[str, str] | None = None,
    outs: dict[str, str] | None = None,
) -> str:
    who = "".join(
        f' {name}="{esc(value)}"' for name, value in (("assignee", assignee), ("candidateGroups", groups)) if value
    )
    parts = ["<zeebe:userTask/>"]
    if who:
        parts.append(f"<zeebe:assignmentDefinition{who}/>")
    if form:
        parts.append(f'<zeebe:formDefinition formId="{form}"/>')
    if due or follow:
        when = "".join(f' {n}="{esc(v)}"' for n, v in (("dueDate", due), ("followUpDate", follow)) if v)
        parts.append(f"<zeebe:taskSchedule{when}/>")
    return el("userTask", id_, inner, "".join(parts) + mapped(ins, outs) + ext, name=f"Oppgave {id_}")


def service(
    id_: str,
    type_: str = "notify",
    inner: str = "",
    *,
    tag: str = "serviceTask",
    ext: str = "",
    ins: dict[str, str] | None = None,
    outs: dict[str, str] | None = None,
    **attributes: object,
) -> str:
    return el(
        tag, id_, inner, f'<zeebe:taskDefinition type="{type_}"/>' + mapped(ins, outs) + ext, name=id_, **attributes
    )


def start(id_: str = "s", inner: str = "", **more: Any) -> str:
    return el("startEvent", id_, inner, **more)


def end(id_: str = "e", inner: str = "", **more: Any) -> str:
    return el("endEvent", id_, inner, **more)


def flows(*paths: str) -> str:
    """`flows("s>a>e")`: one sequence flow for each step, with the id `a_e`."""
    return "".join(flow(a, b) for path in paths for a, b in pairwise(path.split(">")))


def flow(a: str, b: str, condition: str | None = None) -> str:
    inner = (
        f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">={esc(condition)}</bpmn:conditionExpression>'
        if condition is not None
        else ""
    )
    return f'<bpmn:sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}">{inner}</bpmn:sequenceFlow>\n'


def timer(kind: str, value: str) -> str:
    """`timer("timeDuration", "PT1H")`; kind: timeDate, timeDuration or timeCycle."""
    return (
        f'<bpmn:timerEventDefinition><bpmn:{kind} xsi:type="bpmn:tFormalExpression">{esc(value)}</bpmn:{kind}>'
        "</bpmn:timerEventDefinition>"
    )


def after(duration: str) -> str:
    return timer("timeDuration", duration)


def ref(kind: str, name: str | None = None) -> str:
    """`ref("message", "m")`: an event definition; without a name it catches all."""
    attribute = f' {kind}Ref="{kind}_{name}"' if name else ""
    return f"<bpmn:{kind}EventDefinition{attribute}/>"


def root(kind: str, name: str, key: str | None = None) -> str:
    """The definition that `ref` refers to."""
    if kind == "message":
        ext = (
            f'<bpmn:extensionElements><zeebe:subscription correlationKey="={esc(key)}"/></bpmn:extensionElements>'
            if key
            else ""
        )
        return f'<bpmn:message id="message_{name}" name="{name}">{ext}</bpmn:message>\n'
    code = f' {kind}Code="{name}"' if kind in ("error", "escalation") else ""
    return f'<bpmn:{kind} id="{kind}_{name}" name="{name}"{code}/>\n'


def boundary(id_: str, on: str, inner: str, *, interrupting: bool = True, ext: str = "") -> str:
    return el("boundaryEvent", id_, inner, ext, attachedToRef=on, cancelActivity="true" if interrupting else "false")


def sub(id_: str, inner: str, *, ext: str = "", event: bool = False) -> str:
    return el("subProcess", id_, inner, ext, triggeredByEvent="true" if event else None)


def call(
    id_: str,
    process: str,
    inner: str = "",
    *,
    all_: bool | None = None,
    ext: str = "",
    ins: dict[str, str] | None = None,
    outs: dict[str, str] | None = None,
) -> str:
    spread = "" if all_ is None else f' propagateAllChildVariables="{str(all_).lower()}"'
    called = f'<zeebe:calledElement processId="{process}"{spread}/>'
    return el("callActivity", id_, inner, called + mapped(ins, outs) + ext)


def each(
    collection: str,
    element: str | None = "item",
    *,
    sequential: bool = False,
    into: str | None = None,
    out: str | None = None,
    until: str | None = None,
) -> str:
    loop = f' inputCollection="={esc(collection)}"'
    loop += f' inputElement="{element}"' if element else ""
    loop += f' outputCollection="{into}" outputElement="={esc(out)}"' if into else ""
    stop = (
        f'<bpmn:completionCondition xsi:type="bpmn:tFormalExpression">={esc(until)}</bpmn:completionCondition>'
        if until
        else ""
    )
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}"><bpmn:extensionElements>'
        f"<zeebe:loopCharacteristics{loop}/></bpmn:extensionElements>{stop}</bpmn:multiInstanceLoopCharacteristics>"
    )


def process(*parts: str, id_: str = "p", roots: str = "", before: str = "") -> bytes:
    body = "".join(parts)
    return (
        f'{HEAD}{before}<bpmn:process id="{id_}" name="Prosess {id_}" isExecutable="true">\n{body}</bpmn:process>\n'
        f"{roots}</bpmn:definitions>\n"
    ).encode()


def form(id_: str, *components: dict[str, Any], **properties_: str) -> bytes:
    document: dict[str, Any] = {
        "type": "default",
        "id": id_,
        "schemaVersion": 19,
        "executionPlatform": "Camunda Cloud",
        "executionPlatformVersion": "8.6.0",
        "components": list(components),
    }
    if properties_:
        document["properties"] = properties_
    return json.dumps(document).encode()


def field(key: str, type_: str = "textfield", **more: Any) -> dict[str, Any]:
    return {"type": type_, "key": key, "id": f"Field_{key}", "label": f"Felt {key}", **more}
