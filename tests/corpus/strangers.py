"""Drawings with the traits of other tools' files: each a small one of our own, named by what is odd in it."""

from __future__ import annotations

from typing import Final

_SPACES: Final = (
    'xmlns:b="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI" '
    'xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:dd="http://www.omg.org/spec/DD/20100524/DI" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:acme="http://acme.example/x"'
)
_STEPS: Final = (
    '<b:startEvent id="s" isInterrupting="true" parallelMultiple="false"><b:outgoing>f1</b:outgoing></b:startEvent>'
    '<b:task id="look" name="Se på saken" startQuantity="1" completionQuantity="1" isForCompensation="false">'
    "<b:incoming>f1</b:incoming><b:outgoing>f2</b:outgoing></b:task>"
    '<b:endEvent id="e"><b:incoming>f2</b:incoming></b:endEvent>'
    '<b:sequenceFlow id="f1" sourceRef="s" targetRef="look"/><b:sequenceFlow id="f2" sourceRef="look" targetRef="e"/>'
)
_PLACES: Final = (("s", 100, 100, 36), ("look", 200, 78, 100), ("e", 360, 100, 36))


def _shapes(more: str = "") -> str:
    shapes = "".join(
        f'<di:BPMNShape id="{id_}_di" bpmnElement="{id_}"><dc:Bounds x="{x}.0" y="{y}.0" width="{w}" height="{w}"/>'
        "</di:BPMNShape>"
        for id_, x, y, w in _PLACES
    )
    edges = "".join(
        f'<di:BPMNEdge id="{id_}_di" bpmnElement="{id_}"><dd:waypoint xsi:type="dc:Point" x="{x}" y="118"/>'
        f'<dd:waypoint xsi:type="dc:Point" x="{y}" y="118"/></di:BPMNEdge>'
        for id_, x, y in (("f1", 136, 200), ("f2", 300, 360))
    )
    return shapes + edges + more


def _file(inside: str = "", *, shapes: str | None = None, on: str = "p", around: str = "", extra: str = "") -> str:
    drawn = _shapes() if shapes is None else shapes
    plane = f'<di:BPMNPlane id="plane" bpmnElement="{on}">{drawn}</di:BPMNPlane>' if on else ""
    diagram = f'<di:BPMNDiagram id="diagram" name="Side 1">{plane}</di:BPMNDiagram>' if on else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<b:definitions {_SPACES} id="d" targetNamespace="http://t" '
        'exporter="Acme" typeLanguage="http://www.w3.org/2001/XMLSchema" '
        f'expressionLanguage="http://www.w3.org/1999/XPath">{around}'
        f'<b:process id="p" isExecutable="false"{extra}>{inside or _STEPS}</b:process>{diagram}</b:definitions>'
    )


_NOTES: Final = _STEPS + (
    '<b:textAnnotation id="t" textFormat="text/plain"><b:text>Et notat</b:text></b:textAnnotation>'
    '<b:association id="a" associationDirection="None" sourceRef="look" targetRef="t"/>'
)
_DATA: Final = _STEPS + (
    '<b:dataObject id="data" isCollection="false" itemSubjectRef="nowhere"/>'
    '<b:dataObjectReference id="ref" dataObjectRef="data" name="Skjema"/>'
)
_LOOP: Final = _STEPS.replace(
    "<b:outgoing>f2</b:outgoing></b:task>",
    '<b:outgoing>f2</b:outgoing><b:standardLoopCharacteristics testBefore="false"/></b:task>',
)
_POOLS: Final = (
    '<b:collaboration id="c"><b:participant id="one" name="Enheten" processRef="p"/>'
    '<b:participant id="two" name="Verden"/><b:participant id="three" name="Kunden" processRef="gone"/>'
    '<b:messageFlow id="m" sourceRef="two" targetRef="look"/></b:collaboration>'
)
_SHAPE: Final = (
    '<di:BPMNShape id="{}_di" bpmnElement="{}"><dc:Bounds x="{}" y="{}" width="{}" height="{}"/></di:BPMNShape>'
)

STRANGERS: Final[dict[str, str]] = {
    "says what is so anyway": _file(),
    "notes and data": _file(
        _NOTES + _DATA.removeprefix(_STEPS),
        shapes=_shapes(_SHAPE.format("t", "t", 200, 250, 100, 30) + _SHAPE.format("data", "data", 350, 250, 36, 50)),
    ),
    "a loop without an id": _file(_LOOP),
    "nothing is drawn": _file(on=""),
    "an empty plane": _file(shapes=""),
    "an empty process": _file("<b:documentation>Kommer</b:documentation>", shapes=""),
    "a plane on what is nowhere": _file(on="renamed"),
    "a shape of what is nowhere": _file(shapes=_shapes(_SHAPE.format("ghost", "ghost", 500, 100, 50, 50))),
    "one thing drawn twice": _file(shapes=_shapes(_SHAPE.format("again", "look", 500, 78, 100, 80))),
    "an id with blanks": _file(
        _STEPS.replace('id="e"', 'id="slutt her"').replace('targetRef="e"', 'targetRef="slutt her"'),
    ),
    "an id in our own letters": _file().replace('"look"', '"søknad"'),
    "pools, of which none is drawn": _file(around=_POOLS, on="", shapes=""),
    "another tool's things": _file(
        '<b:extensionElements><acme:a v="1"><acme:b>x</acme:b></acme:a></b:extensionElements>'
        "<!-- drawn by hand -->" + _STEPS,
        extra=' acme:owner="HR"',
    ),
    "a global task": _file(around='<b:globalUserTask id="g" name="Felles" implementation="##unspecified"/>'),
    "a choreography": _file(
        around='<b:choreography id="ch"><b:choreographyTask id="ct" initiatingParticipantRef="x"/></b:choreography>'
    ),
}  # fmt: skip
# Nothing to draw in these, said in words; the one after it opens as if nothing had been.
UNDRAWABLE: Final = f'<b:definitions {_SPACES} id="d" targetNamespace="http://t"><b:message id="m"/></b:definitions>'

PLAIN: Final = STRANGERS["says what is so anyway"]
ENCODED: Final[dict[str, bytes]] = {
    "utf-16": PLAIN.replace("UTF-8", "UTF-16").encode("utf-16"),
    "latin": PLAIN.replace("UTF-8", "ISO-8859-1").encode("latin-1"),
    "macintosh": PLAIN.replace("UTF-8", "MacRoman").encode("mac-roman"),
    "a byte order mark": PLAIN.encode("utf-8-sig"),
    "windows' lines": PLAIN.replace("><", ">\r\n<").encode(),
}
REFUSED: Final[dict[str, bytes]] = {
    "xpdl": b'<?xml version="1.0"?><xpdl:Package xmlns:xpdl="http://www.wfmc.org/2008/XPDL2.1" Id="x"/>',
    "bpmn 1": b'<Diagram xmlns="http://schema.omg.org/spec/BPMN/1.0"/>',
    "a document type": PLAIN.replace("<b:def", '<!DOCTYPE x [<!ENTITY a "b">]><b:def').encode(),
    "a charset that takes a minute": b'<?xml version="1.0" encoding="punycode"?><a>' + b"a9z8" * 100_000,
    "not xml": b"<b:definitions",
    "5,000 steps": PLAIN.replace(
        "<b:endEvent", "".join(f'<b:task id="t{n}"/>' for n in range(5_000)) + "<b:endEvent", 1
    ).encode(),
}
