"""The shipped diagrams in a modeler: opened, edited and saved by bpmn-js, of which Camunda Modeler is made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from playwright.sync_api import Page

from processes.shipped_files import BPMN, PROCESSES, diagram

NODE_MODULES = Path(__file__).parents[2] / "frontend" / "node_modules"
BPMN_JS = NODE_MODULES / "bpmn-js" / "dist" / "bpmn-modeler.development.js"
ZEEBE = NODE_MODULES / "zeebe-bpmn-moddle" / "resources" / "zeebe.json"
# What Camunda Modeler adds to a file itself.
MODELER = {
    "name": "Modeler",
    "uri": "http://camunda.org/schema/modeler/1.0",
    "prefix": "modeler",
    "xml": {"tagAlias": "lowerCase"},
    "types": [
        {
            "name": "Definitions",
            "isAbstract": True,
            "extends": ["bpmn:Definitions"],
            "properties": [
                {"name": name, "isAttr": True, "type": "String"}
                for name in ("executionPlatform", "executionPlatformVersion")
            ],
        }
    ],
}
# Opens the diagram and saves it; then renames every task and takes it back, and saves it again.
OPEN_AND_SAVE = """async ([xml, moddleExtensions]) => {
  const modeler = new BpmnJS({ container: document.body, moddleExtensions });
  const { warnings } = await modeler.importXML(xml);
  const { xml: saved } = await modeler.saveXML({ format: true });
  const modeling = modeler.get('modeling');
  for (const task of modeler.get('elementRegistry').filter((each) => /Task$/.test(each.type))) {
    const { name } = task.businessObject;
    modeling.updateProperties(task, { name: name + '!' });
    modeling.updateProperties(task, { name });
  }
  const { xml: edited } = await modeler.saveXML({ format: true });
  return { warnings: warnings.map((each) => each.message), saved, edited };
}"""
IN_ORDER = ("ioMapping", "properties", "BPMNEdge")


def through_the_modeler(page: Page, xml: str) -> dict[str, Any]:
    page.set_content("<!doctype html><body style='height: 800px'></body>")
    page.add_script_tag(path=BPMN_JS)
    extensions = {"zeebe": json.loads(ZEEBE.read_text(encoding="utf-8")), "modeler": MODELER}
    found: dict[str, Any] = page.evaluate(OPEN_AND_SAVE, [xml, extensions])
    return found


def things(root: etree._Element) -> Iterator[tuple[object, ...]]:
    """Every element with its attributes, its text and what it stands in; in order where the order says something."""
    for element in root.iter():
        above = element.getparent()
        if not isinstance(element.tag, str) or (element.tag.endswith("}BPMNLabel") and not len(element)):
            continue
        kind = etree.QName(above).localname if above is not None else ""
        place = list(above).index(element) if above is not None and kind in IN_ORDER else 0
        where = next((each.get("id") for each in element.iterancestors() if each.get("id")), "")
        yield element.tag, tuple(sorted(element.attrib.items())), (element.text or "").strip(), kind, where, place


def lost(before: str, after: str) -> list[tuple[object, ...]]:
    """What is in the one and not in the other, leaving out where labels stand: a modeler measures them anew."""
    kept = list(things(etree.fromstring(after.encode())))
    gone = []
    for thing in things(etree.fromstring(before.encode())):
        if thing in kept:
            kept.remove(thing)
        elif thing[3] != "BPMNLabel":
            gone.append(thing)
    return gone


@pytest.mark.parametrize("path", PROCESSES, ids=lambda path: path.stem)
def test_a_modeler_opens_edits_and_saves_it_without_losing_anything(page: Page, path: Path):
    source = path.read_text(encoding="utf-8")

    found = through_the_modeler(page, source)

    assert found["warnings"] == []
    assert lost(source, found["saved"]) == []
    assert lost(found["saved"], source) == []
    assert lost(source, found["edited"]) == []


def test_the_guard_sees_an_attribute_that_a_modeler_drops(page: Page):
    """A planted mistake: a reference to something that is not there, which bpmn-js does not keep."""
    path = next(path for path in PROCESSES if path.stem == "unit")
    source = path.read_text(encoding="utf-8").replace('default="employees-yes"', 'default="nowhere"')

    assert lost(source, through_the_modeler(page, source)["saved"]) != []


@pytest.mark.parametrize("path", PROCESSES, ids=lambda path: path.stem)
def test_no_shape_or_label_lies_on_another(path: Path):
    root = diagram(path)
    scopes = {each.get("id") for kind in ("participant", "lane", "subProcess") for each in root.iter(f"{BPMN}{kind}")}
    attached = {each.get("id"): each.get("attachedToRef") for each in root.iter(f"{BPMN}boundaryEvent")}
    boxes = [
        (shape.get("bpmnElement"), kind, *(float(bounds.get(side)) for side in ("x", "y", "width", "height")))
        for shape in root.iter("{*}BPMNShape")
        if shape.get("bpmnElement") not in scopes
        for kind, bounds in ((etree.QName(each.getparent()).localname, each) for each in shape.iter("{*}Bounds"))
    ]

    touching = [
        (one[:2], other[:2])
        for number, one in enumerate(boxes)
        for other in boxes[number + 1 :]
        if overlap(one[2:], other[2:]) and attached.get(one[0]) != other[0] and attached.get(other[0]) != one[0]
    ]

    assert touching == []


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return (
        one[0] < other[0] + other[2]
        and other[0] < one[0] + one[2]
        and one[1] < other[1] + other[3]
        and other[1] < one[1] + one[3]
    )


@pytest.mark.parametrize("path", PROCESSES, ids=lambda path: path.stem)
def test_flows_are_straight_and_do_not_cross(path: Path):
    lines = {
        edge.get("bpmnElement"): [(float(point.get("x")), float(point.get("y"))) for point in edge.iter("{*}waypoint")]
        for edge in diagram(path).iter("{*}BPMNEdge")
    }
    pieces = [(flow, start, end) for flow, points in lines.items() for start, end in pairwise(points)]

    assert [flow for flow, start, end in pieces if start[0] != end[0] and start[1] != end[1]] == []
    crossing = {
        (one[0], other[0]) for one in pieces for other in pieces if one[0] < other[0] and crosses(one[1:], other[1:])
    }
    assert crossing == set()


def crosses(one: tuple[Any, Any], other: tuple[Any, Any]) -> bool:
    """Whether a line across and a line down meet somewhere within both."""
    (across, down) = (one, other) if one[0][1] == one[1][1] else (other, one)
    if across[0][1] != across[1][1] or down[0][0] != down[1][0]:
        return False
    x, y = down[0][0], across[0][1]
    return min(across[0][0], across[1][0]) < x < max(across[0][0], across[1][0]) and (
        min(down[0][1], down[1][1]) < y < max(down[0][1], down[1][1])
    )


def test_lines_that_meet_at_right_angles_cross():
    assert crosses(((0, 5), (10, 5)), ((5, 0), (5, 10)))
    assert not crosses(((0, 5), (10, 5)), ((5, 5), (5, 10)))
