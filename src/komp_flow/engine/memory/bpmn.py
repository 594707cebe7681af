"""The words of BPMN and zeebe in XML, and the only way that a diagram is read: without entities, bounded."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from komp_flow.engine.errors import Refused
from komp_flow.i18n import _

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"

MAX_BYTES = 1_000_000

ACTIVITIES = frozenset(
    [
        "userTask",
        "task",
        "manualTask",
        "serviceTask",
        "businessRuleTask",
        "sendTask",
        "receiveTask",
        "subProcess",
        "callActivity",
    ]
)
EVENTS = frozenset(["startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"])
GATEWAYS = frozenset(["exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway"])
NODES = ACTIVITIES | EVENTS | GATEWAYS


def read(xml: bytes) -> etree._Element:
    """The diagram's root. Refused: more than 1 MB, a document type, what is not XML."""
    if len(xml) > MAX_BYTES:
        raise Refused([("", _("Filen er større enn 1 MB. Del prosessen i flere diagrammer."))])
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Refused([("", _("Filen er ikke gyldig XML: %(reason)s", reason=error))]) from error
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise Refused([("", _("Filen har en dokumenttype (DOCTYPE). Fjern den."))])
    return root


def local(element: etree._Element) -> str:
    """The tag without its namespace; empty for what is not an element."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def definitions(element: etree._Element) -> list[etree._Element]:
    """The event definitions of an event."""
    return [child for child in element if local(child).endswith("EventDefinition")]


def kind(definition: etree._Element) -> str:
    """What kind of event a definition makes: timer, message, link, …."""
    return local(definition).removesuffix("EventDefinition")


def extensions(element: etree._Element, name: str = "*") -> list[etree._Element]:
    """The zeebe elements of a node."""
    return element.findall(f"{BPMN}extensionElements/{ZEEBE}{name}")


def properties(element: etree._Element) -> dict[str, str]:
    """The `zeebe:properties` of a node."""
    return {
        item.get("name", ""): item.get("value", "") for group in extensions(element, "properties") for item in group
    }


def formula(element: etree._Element | None) -> str | None:
    """The text of an expression element, without the white space around it."""
    return ("".join(map(str, element.itertext())).strip() or None) if element is not None else None


def expressions(root: etree._Element) -> Iterator[str]:
    """Every text of the diagram that is FEEL: attributes and texts that begin with `=`."""
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        yield from (str(value).strip() for value in element.attrib.values() if str(value).strip().startswith("="))
        if element.text and element.text.strip().startswith("="):
            yield element.text.strip()
