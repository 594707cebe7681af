"""What of the dialect SpiffWorkflow's parser cannot read is drawn in a way that it can, on a copy of the diagram.

Link events become a flow. Event sub-processes need no lowering: each scope listens for their start events
(`specs.events.Listener`), which also keeps every id as it is drawn.
"""

from __future__ import annotations

from lxml import etree

from komp_flow.engine.errors import Refused
from komp_flow.engine.memory.bpmn import BPMN, definitions, extensions, kind, local
from komp_flow.i18n import _

# Ignored by the dialect, and read by SpiffWorkflow's parser: it must not see them.
IGNORED = ("dataInputAssociation", "dataOutputAssociation", "ioSpecification", "dataObject", "dataStore")


def lower(root: etree._Element) -> None:
    """Change the tree in place. Refused: a link that leads nowhere."""
    for tag in IGNORED:
        for element in list(root.iter(BPMN + tag)):
            parent = element.getparent()
            if parent is not None:
                parent.remove(element)
    for element in root.iter(BPMN + "callActivity"):
        for called in extensions(element, "calledElement"):
            element.set("calledElement", called.get("processId") or "")
    for scope in list(root.iter(BPMN + "process", BPMN + "subProcess")):
        _links(scope)


def _links(scope: etree._Element) -> None:
    """Throw link X → a flow to catch link X; both events then just let the token pass."""
    throws: list[tuple[str, etree._Element]] = []
    catches: dict[str, etree._Element] = {}
    for event in scope:
        for definition in definitions(event):
            if kind(definition) != "link":
                continue
            name = definition.get("name") or ""
            if local(event) == "intermediateCatchEvent":
                catches[name] = event
            else:
                throws.append((name, event))
            event.remove(definition)
    for name, event in throws:
        source = event.get("id") or ""
        if name not in catches:
            raise Refused([(source, _("Lenken «%(name)s» har ikke noe mål i samme prosess.", name=name))])
        flow = etree.SubElement(scope, BPMN + "sequenceFlow")
        flow.set("id", f"{source} link")  # no id of a diagram has a space
        flow.set("sourceRef", source)
        flow.set("targetRef", catches[name].get("id") or "")
