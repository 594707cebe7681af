# ruff: noqa: E501 - one line for each
"""Diagrams and forms that are made to break what reads them: deep, wide, endless, in circles, or about nothing."""

from __future__ import annotations

import json
from typing import Any, Final

from dialect.pen import HEAD, boundary, el, end, flow, flows, form, process, start, user

LAUGHS: Final = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def asked(condition: str) -> bytes:
    """A diagram with one condition."""
    return process(
        start(), el("exclusiveGateway", "x", default="x_e"), user("u", form="asked"), end(),
        flows("s>x"), flow("x", "u", condition), flow("x", "e"), flows("u>e"),
    )  # fmt: skip


def nested(levels: int) -> bytes:
    inside = "".join(f'<bpmn:subProcess id="s{n}">' for n in range(levels)) + "</bpmn:subProcess>" * levels
    return f'{HEAD}<bpmn:process id="p" isExecutable="true">{inside}</bpmn:process></bpmn:definitions>'.encode()


def wide(tasks: int) -> bytes:
    inside = "".join(f'<bpmn:userTask id="t{n}" name="Oppgave {n}"/>' for n in range(tasks))
    return f'{HEAD}<bpmn:process id="p" isExecutable="true">{inside}</bpmn:process></bpmn:definitions>'.encode()


def mesh(gateways: int) -> bytes:
    """Every gateway leads to every other: as many ways as anybody can draw."""
    names = [f"g{n}" for n in range(gateways)]
    return process(
        start(),
        *(el("exclusiveGateway", name, default=f"{name}_e") for name in names),
        end(),
        flows("s>g0"),
        *(flow(one, other, "true") for one in names for other in names if one != other),
        *(flow(name, "e") for name in names),
    )


def forking(gateways: int) -> bytes:
    """Parallel ways that part again and again."""
    parts = [start(), *(el("parallelGateway", f"g{n}") for n in range(gateways)), end(), flows("s>g0")]
    for n in range(gateways - 1):
        parts += [flow(f"g{n}", f"g{n + 1}"), flow(f"g{n}", f"g{n + 1}").replace('id="', 'id="b', 1)]
    return process(*parts, flow(f"g{gateways - 1}", "e"))


PLAIN: Final = process(start(), user("u"), end(), flows("s>u>e"))
DIAGRAMS: Final[dict[str, bytes]] = {
    "nothing": b"",
    "a letter": b"Hei!",
    "a picture": b"\x89PNG\r\n\x1a\n",
    "cut off": PLAIN[: len(PLAIN) // 2],
    "a billion laughs": f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]><x>&l9;</x>'.encode(),
    "laughs after a comment": f'<!-- {"x" * 9000} --><!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]><x>&l9;</x>'.encode(),
    "an external entity": b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>',
    "ten megabytes": PLAIN.replace(b'name="Oppgave u"', b'name="' + b"x" * 10_000_000 + b'"'),
    "just under a megabyte": PLAIN.replace(b"</bpmn:definitions>", b"<!--" + b"x" * 990_000 + b"--></bpmn:definitions>"),
    "a name of 900 kB": PLAIN.replace(b'name="Oppgave u"', b'name="' + b"x" * 900_000 + b'"'),
    "deep": nested(5_000),
    "just not too deep": nested(90),
    "5,000 elements": wide(5_000),
    "1,900 elements": wide(1_900),
    "no UTF-8": PLAIN.replace(b"Oppgave u", b"Oppgave \xff\xfe\xc3"),
    "null letters": PLAIN.replace(b"Oppgave u", b"Opp\0gave"),
    "no process": f"{HEAD}</bpmn:definitions>".encode(),
    "a process without anything": f'{HEAD}<bpmn:process id="p"/></bpmn:definitions>'.encode(),
    "two of everything": PLAIN.replace(b"<bpmn:endEvent", b'<bpmn:userTask id="u"/><bpmn:endEvent'),
    "gateways in a circle without a wait": process(
        start(), el("exclusiveGateway", "a", default="a_b"), el("exclusiveGateway", "b", default="b_a"), end(),
        flows("s>a>b>a"), flow("b", "e", "false"),
    ),
    "a way to itself": process(start(), user("u"), end(), flows("s>u>u"), flow("u", "e")),
    "a gateway to itself": process(
        start(), el("exclusiveGateway", "g", default="g_g"), end(), flows("s>g>g"), flow("g", "e", "false")
    ),
    "a default way that is the gateway": process(
        start(), el("exclusiveGateway", "g", default="g"), end(), flows("s>g"), flow("g", "e", "true")
    ),
    "a default way that is nowhere": process(
        start(), el("exclusiveGateway", "g", default="nowhere"), end(), flows("s>g"), flow("g", "e", "true")
    ),
    "a timer on nothing": process(
        start(), user("u"), boundary("b", "nothing", "<bpmn:timerEventDefinition/>"), end(), flows("s>u>e", "b>e")
    ),
    "a timer on itself": process(
        start(), user("u"), boundary("b", "b", "<bpmn:timerEventDefinition/>"), end(), flows("s>u>e", "b>e")
    ),
    "a process that calls itself": process(
        start(), el("callActivity", "c", '<bpmn:extensionElements><zeebe:calledElement processId="p"/>'
        "</bpmn:extensionElements>"), end(), flows("s>c>e"),
    ),
    "a way to nothing": process(start(), user("u"), end(), flows("s>u>nothing")),
    "a way from nothing": process(start(), user("u"), end(), flows("s>u>e", "nothing>u")),
    "a way without ends": process(start(), user("u"), end(), flows("s>u>e"), '<bpmn:sequenceFlow id="f"/>'),
    "elements without ids": PLAIN.replace(b' id="u"', b"").replace(b' id="e"', b""),
    "sub-process that leads out of itself": process(
        start(), el("subProcess", "sub", start("i") + user("v") + flow("i", "v") + flow("v", "e")), end(), flows("s>sub>e")
    ),
    "every gateway to every other": mesh(40),
    "ways that part thirty times": forking(30),
    "a chain of 290": process(
        start(), *(user(f"u{n}") for n in range(290)), end(), flows(">".join(["s", *(f"u{n}" for n in range(290)), "e"]))
    ),
    "enormous FEEL": asked("" + " or ".join(["wanted"] * 100_000)),
    "long FEEL": asked("" + " or ".join(["wanted"] * 150)),
    "deep FEEL": asked("" + "(" * 5_000 + "wanted" + ")" * 5_000),
    "deep FEEL within the bound": asked("" + "(" * 450 + "wanted" + ")" * 450),
    "a list in a list in a list": asked("" + "[" * 400 + "]" * 400 + " = wanted"),
    "not not not": asked("" + "not(" * 240 + "wanted" + ")" * 240),
    "minus minus minus": asked("" + "-" * 900 + "1 > 0"),
    "a catastrophic pattern": asked('matches("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "(a+)+$")'),
    "a number of a million digits": asked("wanted = " + "9" * 400_000),
    "odd letters": PLAIN.replace(b"Oppgave u", "\u202e\u200b🤯".encode()),
    "a script": PLAIN.replace(b"Oppgave u", b"&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;"),
    "a strange id": PLAIN.replace(b'id="p"', b'id="../../etc/passwd"'),
    "a drawing without a size": PLAIN.replace(
        b"</bpmn:definitions>",
        b'<bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" id="d"><bpmndi:BPMNPlane id="pl" '
        b'bpmnElement="p"><bpmndi:BPMNShape id="sh" bpmnElement="u"/></bpmndi:BPMNPlane></bpmndi:BPMNDiagram>'
        b"</bpmn:definitions>",
    ),
    "a drawing of what is not there": PLAIN.replace(
        b"</bpmn:definitions>",
        b'<bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" id="d"><bpmndi:BPMNPlane id="pl" '
        b'bpmnElement="gone"/></bpmndi:BPMNDiagram></bpmn:definitions>',
    ),
}  # fmt: skip


def components(*found: Any, **more: Any) -> bytes:
    """A form with these components, whatever they are."""
    return json.dumps(
        {"type": "default", "id": "gift", "schemaVersion": 19, "components": list(found), **more}
    ).encode()


def deep_json(levels: int) -> bytes:
    head = b'{"type":"default","id":"gift","schemaVersion":19,"components":'
    return head + b'[{"type":"group","id":"g","components":' * levels + b"[]" + b"}]" * levels + b"}"


TEXT: Final = {"type": "textfield", "id": "a", "key": "a", "label": "Svar"}
FORMS: Final[dict[str, bytes]] = {
    "no JSON": b"{",
    "nothing": b"",
    "a list": b"[]",
    "a text": b'"skjema"',
    "null": b"null",
    "a number": b"1e999999",
    "no components": b'{"type":"default","id":"gift"}',
    "components that are an object": b'{"type":"default","id":"gift","components":{}}',
    "components that are null": b'{"type":"default","id":"gift","components":null}',
    "components of everything": components(None, 1, "x", [], {}, True, [[]], {"type": None}, {"type": []}, {"type": {}}),
    "a thousand levels": deep_json(1_000),
    "a hundred thousand brackets": b'{"components":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "ten levels": deep_json(10),
    "twenty-five levels": deep_json(25),
    "no UTF-8": form("gift").replace(b"gift", b"g\xff\xfe"),
    "a lone surrogate": b'{"type":"default","id":"gift","components":[{"type":"textfield","id":"a","key":"a","label":"\\ud800"}]}',
    "null letters": b'{"type":"default","id":"gift","title":"a\\u0000b","components":[]}',
    "a name twice": b'{"type":"default","id":"gift","id":"other","components":[],"components":[{"type":"textfield"}]}',
    "a key twice": components(TEXT, {**TEXT, "id": "b"}),
    "an id twice": components(TEXT, {**TEXT, "key": "b"}),
    "components of no kind": components({"type": "iframe", "id": "i", "url": "javascript:alert(1)"}, {"type": "🤯", "id": "x"}),
    "HTML": components({"type": "html", "id": "h", "content": "<script>alert(1)</script>"}),
    "a label that is no text": components({**TEXT, "label": {"a": 1}}),
    "a key that is no text": components({**TEXT, "key": 7}, {**TEXT, "id": ["x"], "key": "y"}),
    "a title that is no text": components(TEXT, title=["x"] * 100),
    "an id that is no text": components(TEXT, id=7),
    "no id": b'{"type":"default","components":[]}',
    "properties that are a list": components({**TEXT, "properties": ["x"]}, properties=7),
    "validate that is a text": components({**TEXT, "validate": "required"}),
    "NaN": b'{"type":"default","id":"gift","schemaVersion":NaN,"components":[]}',
    "a huge version": b'{"type":"default","id":"gift","schemaVersion":' + b"9" * 300_000 + b',"components":[]}',
    "a huge number": components({"type": "number", "id": "n", "key": "n", "label": "N", "validate": {"min": 10**400}}),
    "options without end": components({"type": "select", "id": "s", "key": "s", "label": "S", "values":
        [{"value": f"v{n}", "label": f"Valg {n}"} for n in range(20_000)]}),
    "options of everything": components({"type": "radio", "id": "s", "key": "s", "label": "S",
        "values": [None, 1, "x", [], {}, {"value": []}, {"label": {}}, {"value": 1, "label": 2}]}),
    "options that are a text": components({"type": "checklist", "id": "s", "key": "s", "label": "S", "values": "x"}),
    "2,000 fields": components(*({**TEXT, "id": f"a{n}", "key": f"a{n}"} for n in range(2_000))),
    "8,000 fields": components(*({**TEXT, "id": f"a{n}", "key": f"a{n}"} for n in range(8_000))),
    "a label of 900 kB": components({**TEXT, "label": "x" * 900_000}),
    "ten megabytes": components({**TEXT, "label": "x" * 10_000_000}),
    "a list in a list": components({"type": "dynamiclist", "id": "l", "path": "l", "components":
        [{"type": "dynamiclist", "id": "m", "path": "m", "components": [TEXT]}]}),
    "a list without a path": components({"type": "dynamiclist", "id": "l", "components": [TEXT]}),
    "a path with odd letters": components({"type": "group", "id": "g", "path": "a..b.__proto__", "components": [TEXT]}),
    "__proto__": components({**TEXT, "key": "__proto__"}, {**TEXT, "id": "constructor", "key": "constructor"}),
    "enormous FEEL": components({**TEXT, "conditional": {"hide": "=" + " or ".join(["a"] * 100_000)}}),
    "deep FEEL": components({**TEXT, "conditional": {"hide": "=" + "(" * 5_000 + "a" + ")" * 5_000}}),
    "a condition that is no text": components({**TEXT, "conditional": {"hide": 7}}, {**TEXT, "id": "b", "key": "b", "conditional": []}),
    "a condition on itself": components({**TEXT, "conditional": {"hide": '=a = "x"'}}),
    "conditions in a circle": components({**TEXT, "conditional": {"hide": "=b = null"}},
        {**TEXT, "id": "b", "key": "b", "conditional": {"hide": "=a = null"}}),
    "a catastrophic pattern": components({**TEXT, "validate": {"pattern": "(a+)+$"}, "defaultValue": "a" * 200 + "!"}),
    "a default of the wrong kind": components({**TEXT, "defaultValue": {"x": [1]}},
        {"type": "number", "id": "n", "key": "n", "label": "N", "defaultValue": "x"},
        {"type": "dynamiclist", "id": "l", "path": "l", "components": [], "defaultRepetitions": 10**9}),
    "columns of everything": components({"type": "table", "id": "t", "label": "T", "dataSource": "=context.areas",
        "columns": [None, 1, {"key": []}]}),
    "a register that is not there": components(TEXT, properties={"register": "nothing", "guidance": "nothing"}),
    "markdown without end": components({"type": "text", "id": "t", "text": "[" * 50_000 + "](x)" * 10_000}),
    "markdown in markdown": components({"type": "text", "id": "t", "text": "> " * 20_000 + "x"}),
    "many emphases": components({"type": "text", "id": "t", "text": "*a **b " * 20_000}),
}  # fmt: skip
