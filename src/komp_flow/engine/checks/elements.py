"""Which elements run, which are ignored and which are refused; ids; other tools' extensions."""

from __future__ import annotations

import re

from lxml import etree

from komp_flow.engine.checks.diagram import REFUSED_NODES, SCOPES, Diagram, Scope, bpmn_name
from komp_flow.engine.checks.findings import LONGEST, Findings, clipped
from komp_flow.engine.checks.words import words
from komp_flow.engine.memory.bpmn import BPMN, EVENTS, NODES, ZEEBE, definitions, local

MAX_ELEMENTS = 300
MAX_NESTING = 20
MAX_ID = 100
MAX_NAME = 200

_BUILT_IN = frozenset({"Start", "End", "Root"})
_UNFIT = re.compile(r"[.\[\]\s]")

REFUSED = {
    "scriptTask": "script-task",
    "complexGateway": "complex-gateway",
    "transaction": "transaction",
    "adHocSubProcess": "ad-hoc",
    "callChoreography": "choreography",
    "choreographyTask": "choreography",
    "subChoreography": "choreography",
    "conditionalEventDefinition": "conditional-event",
    "compensateEventDefinition": "compensation",
    "cancelEventDefinition": "cancel-event",
    "standardLoopCharacteristics": "standard-loop",
    "loopCardinality": "loop-cardinality",
    "eventDefinitionRef": "definition-reference",
    "complexBehaviorDefinition": "mi-behavior",
}
LISTENERS = frozenset({"executionListeners", "taskListeners"})

# Kept and without meaning, wherever they stand (dialect.md, "ignored"), and the parts of what runs.
IGNORED = words(
    """
    activityRef artifact assignment association associationDirection auditing callConversation category
    categoryValue categoryValueRef childLaneSet choreography choreographyRef collaboration completionCondition
    condition conditionExpression conversation conversationAssociation conversationLink conversationNode
    correlationKey correlationProperty correlationPropertyBinding correlationPropertyRef
    correlationPropertyRetrievalExpression correlationSubscription dataInput dataInputAssociation dataInputRefs
    dataObject dataObjectReference dataOutput dataOutputAssociation dataOutputRefs dataPath dataState dataStore
    dataStoreReference definition definitions documentation endPoint endPointRef error errorEventDefinition errorRef
    escalation escalationEventDefinition expression extension extensionElements flowNodeRef formalExpression from
    globalBusinessRuleTask globalChoreographyTask globalConversation globalManualTask globalScriptTask globalTask
    globalUserTask group humanPerformer import inMessageRef incoming innerConversationNodeRef innerMessageFlowRef
    innerParticipantRef inputDataItem inputSet inputSetRefs interface interfaceRef ioBinding ioSpecification
    itemDefinition lane laneSet linkEventDefinition loopDataInputRef loopDataOutputRef message
    messageEventDefinition messageFlow messageFlowAssociation messageFlowRef messagePath monitoring
    multiInstanceLoopCharacteristics operation operationRef optionalInputRefs optionalOutputRefs outMessageRef
    outerConversationNodeRef outerMessageFlowRef outerParticipantRef outgoing outputDataItem outputSet outputSetRefs
    participant participantAssociation participantMultiplicity participantRef partitionElement partnerEntity
    partnerRole performer potentialOwner process property relationship rendering resource
    resourceAssignmentExpression resourceParameter resourceParameterBinding resourceRef resourceRole script
    sequenceFlow signal signalEventDefinition source sourceRef standardLoop subConversation supportedInterfaceRef
    supports target targetRef terminateEventDefinition text textAnnotation timeCycle timeDate timeDuration
    timerEventDefinition to transformation value whileExecutingInputRefs whileExecutingOutputRefs
    """
)
# zeebe elements that we read, or that dialect.md says are kept.
ZEEBE_KNOWN = words(
    """
    assignmentDefinition calledElement formDefinition header input ioMapping loopCharacteristics output
    priorityDefinition properties property subscription taskDefinition taskHeaders taskSchedule userTask
    userTaskForm versionTag
    """
)
# Vendors whose attributes make a diagram run elsewhere: said once a file, since nothing of it works here.
VENDORS = {
    "http://camunda.org/schema/1.0/bpmn": "Camunda 7",
    "http://activiti.org/bpmn": "Activiti",
    "http://flowable.org/bpmn": "Flowable",
    "http://www.jboss.org/drools": "jBPM",
    "http://www.bonitasoft.org/bpmn/ns": "Bonita",
    "http://spiffworkflow.org/bpmn/schema/1.0/core": "SpiffWorkflow",
}
_MODELER = "{http://camunda.org/schema/modeler/1.0}executionPlatform"
_BOOLEANS = words(
    "isExecutable cancelActivity isInterrupting isSequential triggeredByEvent isForCompensation instantiate "
    "propagateAllChildVariables propagateAllParentVariables"
)
_IN_A_SCOPE = NODES | REFUSED_NODES | {"sequenceFlow"}
_SCOPES = SCOPES | {"choreography", "subChoreography"}
_TRIGGERED = EVENTS | {"definitions", "implicitThrowEvent", "event"}


def check(diagram: Diagram, findings: Findings) -> None:
    """All of it, over the whole file for ids and over the processes to run for the rest."""
    _processes(diagram, findings)
    _ids(diagram, findings)
    _vendors(diagram, findings)
    _misplaced(diagram, findings)
    for process in diagram.processes:
        for element in process.element.iter():
            _element(element, findings)
        _size(process, findings)


def _processes(diagram: Diagram, findings: Findings) -> None:
    for process in diagram.executable[1:]:
        findings.add("several-executable", process)
    if not diagram.processes:
        findings.add("no-process")
    elif not diagram.executable:
        findings.add("not-executable", diagram.processes[0].element if len(diagram.processes) == 1 else "")


def _ids(diagram: Diagram, findings: Findings) -> None:
    seen: set[str] = set()
    for element in diagram.root.iter(BPMN + "*"):
        found = element.get("id")
        if found is None:
            continue
        if found in seen:
            findings.add("id-twice", clipped(found, LONGEST), id=found)
        seen.add(found)
    for process in diagram.processes:
        for element in (process.element, *(node.element for node in process.all_nodes())):
            _id(element, findings)


def _id(element: etree._Element, findings: Findings) -> None:
    found = element.get("id", "")
    if not found:
        findings.add("id-missing", element, tag=local(element))
    elif len(found) > MAX_ID:
        findings.add("id-too-long", element, limit=MAX_ID)
    elif found in _BUILT_IN or _UNFIT.search(found) or not found.isprintable():
        findings.add("id-reserved", element, id=found)
    if len(element.get("name", "")) > MAX_NAME:
        findings.add("name-too-long", element, limit=MAX_NAME)


def _vendors(diagram: Diagram, findings: Findings) -> None:
    used: set[str] = set()
    for element in diagram.root.iter("*"):
        if element.tag[:1] == "{":
            used.add(element.tag[1:].partition("}")[0])
        used.update(str(name)[1:].partition("}")[0] for name in element.attrib if str(name)[:1] == "{")
    for namespace, name in VENDORS.items():
        if namespace in used:
            findings.add("foreign-extension", "", name=name)
    platform = diagram.root.get(_MODELER)
    if platform and platform != "Camunda Cloud":
        findings.add("foreign-platform", "", platform=platform)


def _misplaced(diagram: Diagram, findings: Findings) -> None:
    """A node or flow outside every scope, or a trigger on what is no event, would be lost without a word."""
    for element in diagram.root.iter(BPMN + "*"):
        tag, parent = bpmn_name(element), element.getparent()
        if tag in _IN_A_SCOPE:
            homes = _SCOPES
        elif tag.endswith("EventDefinition"):
            homes = _TRIGGERED
        else:
            continue
        if parent is not None and bpmn_name(parent) not in homes:
            findings.add("element-misplaced", element, tag=tag)


def _element(element: etree._Element, findings: Findings) -> None:
    if not isinstance(element.tag, str):
        return
    if element.tag.startswith(ZEEBE):
        _zeebe(element, findings)
        return
    tag = bpmn_name(element)
    if not tag:
        return
    if tag in REFUSED:
        findings.add(REFUSED[tag], element, tag=tag)
    elif tag not in NODES | IGNORED:
        findings.add("element-unknown", element, tag=tag)
    if tag == "businessRuleTask" and element.find(f"{BPMN}extensionElements/{ZEEBE}taskDefinition") is None:
        findings.add("business-rule-task", element)
    if tag in NODES and len(definitions(element)) > 1:
        findings.add("several-definitions", element)
    _attributes(element, tag, findings)


def _attributes(element: etree._Element, tag: str, findings: Findings) -> None:
    if element.get("isForCompensation") in ("true", "1"):
        findings.add("compensation", element)
    if element.get("instantiate") in ("true", "1"):
        findings.add("instantiate", element)
    if element.get("startQuantity", "1") != "1" or element.get("completionQuantity", "1") != "1":
        findings.add("token-quantity", element)
    if tag == "multiInstanceLoopCharacteristics" and element.get("behavior", "All") != "All":
        findings.add("mi-behavior", element)
    _booleans(element, findings)


def _booleans(element: etree._Element, findings: Findings) -> None:
    for name in _BOOLEANS:
        value = element.get(name)
        if value is not None and value not in ("true", "false"):
            findings.add("boolean-invalid", element, name=name, value=value)


def _zeebe(element: etree._Element, findings: Findings) -> None:
    name = local(element)
    if name in LISTENERS:
        findings.add("listener", element)
    elif name not in ZEEBE_KNOWN:
        parent = element.getparent()
        if parent is not None and local(parent) == "extensionElements":
            findings.add("extension-unknown", element, name=name)
    _booleans(element, findings)


def _size(process: Scope, findings: Findings) -> None:
    count = sum(1 for _node in process.all_nodes())
    if count > MAX_ELEMENTS:
        findings.add("too-many-elements", process.element, count=count, limit=MAX_ELEMENTS)
    for scope in process.walk():
        depth = sum(1 for _outer in scope.outwards())
        if depth == MAX_NESTING + 2:
            findings.add("nested-too-deep", scope.element, limit=MAX_NESTING)
