"""One compiled version of one process: immutable, shared by all its instances and by threads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException

from komp_flow import feel
from komp_flow.engine.errors import Refused
from komp_flow.engine.memory import bpmn
from komp_flow.engine.memory.lowering import lower
from komp_flow.engine.memory.parser import Parser, ProcessSpec, event_of
from komp_flow.engine.memory.specs.tasks import SubProcess
from komp_flow.i18n import _


@dataclass(frozen=True, slots=True)
class Element:
    """One node as it is drawn. `scope` are the ids of the sub-processes around it, outermost first."""

    id: str
    kind: str  # the BPMN tag: userTask, startEvent, …
    name: str
    documentation: str
    scope: tuple[str, ...]
    phase: str | None  # the property `phase` of itself or of the nearest sub-process around it
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UserTask:
    """What a user task says about who, when and which form; texts are as drawn, FEEL where they begin with `=`."""

    element: str
    name: str
    roles: str | None = None  # zeebe:assignmentDefinition candidateGroups
    candidates: str | None = None  # candidateUsers
    assignee: str | None = None
    form_id: str | None = None
    due_date: str | None = None
    follow_up_date: str | None = None
    priority: str | None = None
    reminders: str | None = None
    guidance: str | None = None


@dataclass(frozen=True, slots=True)
class StartEvent:
    """One way to start the process. `name` is the message's or signal's, `label` the event's own."""

    element: str
    kind: str  # none, timer, message, signal
    label: str = ""
    name: str = ""
    key: str | None = None  # the correlation key as drawn
    timer: str | None = None


@dataclass(frozen=True, eq=False)
class Program:
    """`specs` are SpiffWorkflow's specifications by id: the process and each embedded sub-process."""

    key: str
    process_id: str
    name: str
    names: frozenset[str]
    elements: Mapping[str, Element]
    user_tasks: Mapping[str, UserTask]
    operations: frozenset[str]
    calls: frozenset[str]
    starts: tuple[StartEvent, ...]
    forms: frozenset[str]
    specs: Mapping[str, ProcessSpec]

    @property
    def spec(self) -> ProcessSpec:
        """The specification of the process itself."""
        return self.specs[self.process_id]


def compile(  # noqa: A001 - the contract's name
    xml: bytes, key: str, process_id: str | None = None, extra_names: frozenset[str] = frozenset()
) -> Program:
    """Read, lower and parse a diagram. `extra_names` are those that the forms' own expressions read.

    Refused: what cannot be read or parsed, or has not exactly one executable process (named by `process_id`, if it
    is given). The rules of the dialect are `engine.check`'s.
    """
    root = bpmn.read(xml)
    process = _process(root, process_id)
    lower(root)
    elements = {element.id: element for element in _elements(process, (), None)}
    specs = _parse(process)
    program = Program(
        key=key,
        process_id=process.get("id") or "",
        name=process.get("name") or process.get("id") or "",
        names=_names(root) | extra_names,
        elements=elements,
        user_tasks={node.get("id", ""): _user_task(node) for node in process.iter(bpmn.BPMN + "userTask")},
        operations=frozenset(z.get("type", "") for z in process.iter(bpmn.ZEEBE + "taskDefinition") if z.get("type")),
        calls=frozenset(node.get("calledElement", "") for node in process.iter(bpmn.BPMN + "callActivity")),
        starts=tuple(_start(node) for node in process.findall(bpmn.BPMN + "startEvent")),
        forms=frozenset(z.get("formId", "") for z in process.iter(bpmn.ZEEBE + "formDefinition") if z.get("formId")),
        specs=specs,
    )
    for spec in specs.values():
        spec.program = program
    return program


def _process(root: etree._Element, process_id: str | None) -> etree._Element:
    found = [
        process
        for process in root.iter(bpmn.BPMN + "process")
        if process.get("isExecutable") == "true" and process_id in (None, process.get("id"))
    ]
    if len(found) != 1 or not found[0].get("id"):
        raise Refused([(process_id or "", _("Filen må ha nøyaktig én kjørbar prosess (isExecutable)."))])
    return found[0]


def _parse(process: etree._Element) -> dict[str, ProcessSpec]:
    parser = Parser()
    specs: dict[str, ProcessSpec] = {}
    try:
        parser.add(process)
        todo = [process.get("id")]
        while todo:
            spec = parser.get_spec(todo.pop())
            specs[spec.name] = spec
            inside = [task for task in spec.task_specs.values() if isinstance(task, SubProcess) and not task.is_call]
            todo += [task.inside_name for task in inside]
    except ValidationException as error:
        if isinstance(error.__context__, Refused):
            raise error.__context__ from None
        raise Refused([(getattr(error, "id", "") or "", str(error))]) from error
    except (RecursionError, KeyError) as error:
        raise Refused([(process.get("id") or "", _("Diagrammet kan ikke leses: %(reason)s", reason=error))]) from error
    return specs


def _elements(scope: etree._Element, around: tuple[str, ...], phase: str | None) -> list[Element]:
    found = []
    for node in scope:
        tag = bpmn.local(node)
        if tag not in bpmn.NODES:
            continue
        properties = bpmn.properties(node)
        here = properties.get("phase") or phase
        found.append(
            Element(
                id=node.get("id") or "",
                kind=tag,
                name=node.get("name") or "",
                documentation=bpmn.formula(node.find(bpmn.BPMN + "documentation")) or "",
                scope=around,
                phase=here,
                properties=properties,
            )
        )
        if tag == "subProcess":
            found += _elements(node, (*around, node.get("id") or ""), here)
    return found


def _user_task(node: etree._Element) -> UserTask:
    def of(name: str, attribute: str) -> str | None:
        return next((z.get(attribute) for z in bpmn.extensions(node, name) if z.get(attribute)), None)

    properties = bpmn.properties(node)
    return UserTask(
        element=node.get("id") or "",
        name=node.get("name") or "",
        roles=of("assignmentDefinition", "candidateGroups"),
        candidates=of("assignmentDefinition", "candidateUsers"),
        assignee=of("assignmentDefinition", "assignee"),
        form_id=of("formDefinition", "formId"),
        due_date=of("taskSchedule", "dueDate"),
        follow_up_date=of("taskSchedule", "followUpDate"),
        priority=of("priorityDefinition", "priority"),
        reminders=properties.get("reminders"),
        guidance=properties.get("guidance"),
    )


def _start(node: etree._Element) -> StartEvent:
    event = event_of(node)
    return StartEvent(
        element=node.get("id") or "",
        kind=event.kind,
        label=node.get("name") or "",
        name=event.name,
        key=event.text if event.kind == "message" else None,
        timer=event.text if event.kind == "timer" else None,
    )


def _names(root: etree._Element) -> frozenset[str]:
    """What is kept in an instance: the names that an expression reads, and the targets of mappings."""
    read: set[str] = set()
    for text in bpmn.expressions(root):
        try:
            read |= feel.names_of(text)
        except feel.FeelError:
            continue  # check names it; at run time it is an incident where it stands
    for tag in ("input", "output"):
        read |= {item.get("target", "") for item in root.iter(bpmn.ZEEBE + tag)}
    for loop in root.iter(bpmn.ZEEBE + "loopCharacteristics"):
        read |= {loop.get("outputCollection", ""), loop.get("inputElement", "")}
    return frozenset(read - {""})
