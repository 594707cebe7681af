"""The diagrams, forms and guidance that komp-flow comes with, read plainly for the tests that look at them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from komp_flow import forms, guidance, shipped

PROCESSES = sorted((shipped.folder() / "processes").glob("*.bpmn"))
FORMS = sorted((shipped.folder() / "forms").glob("*.json"))
GUIDANCE = sorted((shipped.folder() / "guidance").glob("*.md"))

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"


def diagram(path: Path) -> etree._Element:
    return etree.parse(path, etree.XMLParser(resolve_entities=False, no_network=True)).getroot()


def properties(element: etree._Element) -> dict[str, str]:
    """The element's own `zeebe:properties`."""
    found = element.findall(f"{BPMN}extensionElements/{ZEEBE}properties/{ZEEBE}property")
    return {each.get("name", ""): each.get("value", "") for each in found}


def user_tasks(root: etree._Element) -> Iterator[etree._Element]:
    return root.iter(f"{BPMN}userTask")


def form_of(task: etree._Element) -> str:
    found = task.find(f"{BPMN}extensionElements/{ZEEBE}formDefinition")
    return "" if found is None else found.get("formId", "")


def form(path: Path) -> forms.Form:
    return forms.parse(path.read_bytes())


def text(path: Path) -> guidance.Guidance:
    found = guidance.text(path.stem)
    assert found is not None, path
    return found
