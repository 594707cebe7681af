"""A process and a form to begin with: as small as they can be, and without a problem from the first moment."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Final
from xml.sax.saxutils import quoteattr

from komp_flow.i18n import _

LONGEST_KEY: Final = 60
_TAKEN: Final = frozenset({"start", "end", "root", "begin", "first", "finished", "to-first", "to-finished"})
_LETTERS = str.maketrans({"æ": "ae", "ø": "o", "å": "a", "ä": "a", "ö": "o", "é": "e", "ü": "u"})

_DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" \
xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" \
xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:modeler="http://camunda.org/schema/modeler/1.0" \
id="{key}-definitions" targetNamespace="https://komp-flow.no/processes" exporter="komp-flow" exporterVersion="1" \
modeler:executionPlatform="Camunda Cloud" modeler:executionPlatformVersion="8.8.0">
  <bpmn:process id="{key}" name={name} isExecutable="true">
    <bpmn:startEvent id="begin" name={begins}>
      <bpmn:outgoing>to-first</bpmn:outgoing>
    </bpmn:startEvent>
    <bpmn:userTask id="first" name={task}>
      <bpmn:extensionElements>
        <zeebe:userTask />
        <zeebe:assignmentDefinition candidateGroups="process_owner" />
      </bpmn:extensionElements>
      <bpmn:incoming>to-first</bpmn:incoming>
      <bpmn:outgoing>to-finished</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:endEvent id="finished" name={ends}>
      <bpmn:incoming>to-finished</bpmn:incoming>
    </bpmn:endEvent>
    <bpmn:sequenceFlow id="to-first" sourceRef="begin" targetRef="first" />
    <bpmn:sequenceFlow id="to-finished" sourceRef="first" targetRef="finished" />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="{key}-diagram">
    <bpmndi:BPMNPlane id="{key}-plane" bpmnElement="{key}">
      <bpmndi:BPMNShape id="begin-shape" bpmnElement="begin">
        <dc:Bounds x="160" y="142" width="36" height="36" />
        <bpmndi:BPMNLabel>
          <dc:Bounds x="153" y="185" width="50" height="14" />
        </bpmndi:BPMNLabel>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="first-shape" bpmnElement="first">
        <dc:Bounds x="260" y="120" width="100" height="80" />
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="finished-shape" bpmnElement="finished">
        <dc:Bounds x="424" y="142" width="36" height="36" />
        <bpmndi:BPMNLabel>
          <dc:Bounds x="427" y="185" width="30" height="14" />
        </bpmndi:BPMNLabel>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="to-first-edge" bpmnElement="to-first">
        <di:waypoint x="196" y="160" />
        <di:waypoint x="260" y="160" />
      </bpmndi:BPMNEdge>
      <bpmndi:BPMNEdge id="to-finished-edge" bpmnElement="to-finished">
        <di:waypoint x="360" y="160" />
        <di:waypoint x="424" y="160" />
      </bpmndi:BPMNEdge>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""


def diagram(key: str, name: str) -> str:
    """A start, one task for the process's owner, an end."""
    return _DIAGRAM.format(
        key=key, name=quoteattr(name), begins=quoteattr(_("Begynner")), task=quoteattr(_("Første oppgave")),
        ends=quoteattr(_("Ferdig")),
    )  # fmt: skip


def form(key: str, name: str) -> str:
    """A form with one question."""
    question = {
        "id": "Field_first",
        "type": "textarea",
        "key": "answer",
        "label": _("Skriv her"),
        "layout": {"row": "Row_first", "columns": None},
    }
    document = {"type": "default", "id": key, "title": name, "schemaVersion": 19, "components": [question]}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def key_of(name: str, taken: Collection[str], otherwise: str) -> str:
    """An id made of a name: small letters, digits and hyphens, one that nothing else has."""
    plain = name.lower().translate(_LETTERS).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_KEY].strip("-")
    if not stem or not stem[0].isalpha():
        stem = f"{otherwise}-{stem}".strip("-")
    if stem in _TAKEN:
        stem = f"{otherwise}-{stem}"
    number, found = 2, stem
    while found in taken:
        found, number = f"{stem}-{number}", number + 1
    return found
