"""Draws small diagrams as XML, for tests: `doc(start(), user("u"), end(), flows("s>u>e"))`."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'targetNamespace="urn:x">'
)
Pairs = Iterable[tuple[str, str]]


def esc(text: object) -> str:
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def io(ins: Pairs = (), outs: Pairs = ()) -> str:
    inside = [f'<zeebe:input source="{esc(s)}" target="{t}"/>' for s, t in ins]
    inside += [f'<zeebe:output source="{esc(s)}" target="{t}"/>' for s, t in outs]
    return f"<zeebe:ioMapping>{''.join(inside)}</zeebe:ioMapping>" if inside else ""


def el(tag: str, id_: str, inner: str = "", ext: str = "", **attributes: object) -> str:
    written = "".join(f' {name.rstrip("_")}="{esc(value)}"' for name, value in attributes.items())
    extended = f"<bpmn:extensionElements>{ext}</bpmn:extensionElements>" if ext else ""
    return f'<bpmn:{tag} id="{id_}"{written}>{extended}{inner}</bpmn:{tag}>'


def start(id_: str = "s", inner: str = "", ext: str = "", **a: object) -> str:
    return el("startEvent", id_, inner, ext, **a)


def end(id_: str = "e", inner: str = "", ext: str = "") -> str:
    return el("endEvent", id_, inner, ext)


def user(id_: str, inner: str = "", ins: Pairs = (), outs: Pairs = (), ext: str = "", **a: object) -> str:
    return el("userTask", id_, inner, "<zeebe:userTask/>" + ext + io(ins, outs), **a)


def service(
    id_: str, type_: str, inner: str = "", ins: Pairs = (), outs: Pairs = (), ext: str = "", **a: object
) -> str:
    return el("serviceTask", id_, inner, f'<zeebe:taskDefinition type="{type_}"/>' + ext + io(ins, outs), **a)


def receive(id_: str, message_id: str, inner: str = "", outs: Pairs = ()) -> str:
    return el("receiveTask", id_, inner, io(outs=outs), messageRef=message_id)


def timer(text: str, what: str = "timeDuration") -> str:
    return (
        f'<bpmn:timerEventDefinition><bpmn:{what} xsi:type="bpmn:tFormalExpression">{esc(text)}</bpmn:{what}>'
        "</bpmn:timerEventDefinition>"
    )


def ref(kind: str, id_: str) -> str:
    return f'<bpmn:{kind}EventDefinition {kind}Ref="{id_}"/>'


TERMINATE = "<bpmn:terminateEventDefinition/>"


def boundary(id_: str, on: str, inner: str, interrupts: bool = True, ext: str = "") -> str:
    return el("boundaryEvent", id_, inner, ext, attachedToRef=on, cancelActivity=str(interrupts).lower())


def catch(id_: str, inner: str, ext: str = "") -> str:
    return el("intermediateCatchEvent", id_, inner, ext)


def throw(id_: str, inner: str = "", ext: str = "") -> str:
    return el("intermediateThrowEvent", id_, inner, ext)


def gw(kind: str, id_: str, **a: object) -> str:
    return el(f"{kind}Gateway", id_, **a)


def mi(
    collection: str, item: str, out: str | None = None, expr: str = "", seq: bool = False, until: str | None = None
) -> str:
    outputs = f' outputCollection="{out}" outputElement="{esc(expr)}"' if out else ""
    condition = f"<bpmn:completionCondition>{esc(until)}</bpmn:completionCondition>" if until else ""
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(seq).lower()}"><bpmn:extensionElements>'
        f'<zeebe:loopCharacteristics inputCollection="{esc(collection)}" inputElement="{item}"{outputs}/>'
        f"</bpmn:extensionElements>{condition}</bpmn:multiInstanceLoopCharacteristics>"
    )


def flows(*paths: str) -> str:
    """`a>b`, `a>b>c`, and `g>a:=x = 1` with a condition. A flow's id is `a_b`."""
    drawn = []
    for path in paths:
        nodes, _, condition = path.partition(":")
        if_ = f"<bpmn:conditionExpression>{esc(condition)}</bpmn:conditionExpression>" if condition else ""
        ids = nodes.split(">")
        drawn += [
            f'<bpmn:sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}">{if_}</bpmn:sequenceFlow>'
            for a, b in pairwise(ids)
        ]
    return "".join(drawn)


def sub(id_: str, *inner: str, pre: str = "", ins: Pairs = (), outs: Pairs = (), ext: str = "", **a: object) -> str:
    return el("subProcess", id_, pre + "".join(inner), ext + io(ins, outs), **a)


def event_sub(id_: str, definition: str, *inner: str, interrupts: bool = True, ext: str = "") -> str:
    """An event sub-process whose start event is `{id}_s`."""
    begins = el("startEvent", f"{id_}_s", definition, ext, isInterrupting=str(interrupts).lower())
    return el("subProcess", id_, begins + "".join(inner), triggeredByEvent="true")


def call(id_: str, process: str, inner: str = "", ins: Pairs = (), outs: Pairs = (), up: str | None = None) -> str:
    all_up = f' propagateAllChildVariables="{up}"' if up else ""
    return el("callActivity", id_, inner, f'<zeebe:calledElement processId="{process}"{all_up}/>' + io(ins, outs))


def message(id_: str, name: str, key: str | None = None) -> str:
    return el("message", id_, ext=f'<zeebe:subscription correlationKey="{esc(key)}"/>' if key else "", name=name)


def properties(**values: str) -> str:
    inside = "".join(f'<zeebe:property name="{name}" value="{esc(value)}"/>' for name, value in values.items())
    return f"<zeebe:properties>{inside}</zeebe:properties>"


def doc(*inner: str, pid: str = "p", top: str = "") -> bytes:
    process = f'<bpmn:process id="{pid}" isExecutable="true">{"".join(inner)}</bpmn:process>'
    return f"{HEAD}{top}{process}</bpmn:definitions>".encode()


ERROR = '<bpmn:error id="er" name="Nei" errorCode="NO"/>'
ESCALATION = '<bpmn:escalation id="es" name="Opp" escalationCode="UP"/>'
SIGNAL = '<bpmn:signal id="g" name="stopp"/>'
