"""Answers put into a drawing: only what they say is changed, all else stays as it was written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final
from uuid import uuid4

from lxml import etree

from komp_flow import feel
from komp_flow.diagrams.questions import NOBODY, NONE, OPERATION, OTHERWISE, OUTSIDE, PASSES, ROLE, Question
from komp_flow.engine.checks.reading import read
from komp_flow.engine.memory import bpmn
from komp_flow.engine.memory.bpmn import BPMN, ZEEBE, extensions, formula
from komp_flow.errors import FieldError, Invalid
from komp_flow.i18n import _

LONGEST_ANSWER: Final = 500  # characters of one that is written
LONGEST_WAIT: Final = 1_000  # working days
_FIRST: Final = frozenset({BPMN + "documentation"})  # what comes before the extensions of an element
_GATEWAYS: Final = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway"})


def answered(data: bytes, asked: Sequence[Question], answers: Mapping[str, Sequence[str]]) -> bytes:
    """The drawing with these answers in it. Invalid: an answer that cannot be, each named, and nothing is changed."""
    read(data)
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    root = etree.fromstring(data, parser)
    sheet = _Sheet(root)
    known = {question.id: question for question in asked}
    wrong = []
    for id_, given in answers.items():
        values = [value.strip() for value in given if value.strip()]
        try:
            if values:
                sheet.put(known.get(id_), values)
        except ValueError as error:
            wrong.append(FieldError(id_, str(error)))
    if wrong:
        raise Invalid(_("Ingenting er satt inn. Rett svarene som er merket."), wrong)
    return etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True)


class _Sheet:
    """The tree that the answers go into."""

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self.by_id: dict[str, etree._Element] = {}
        for element in root.iter(BPMN + "*"):
            if element.get("id"):
                self.by_id.setdefault(element.get("id", ""), element)
        self.puts: Mapping[str, Callable[[Question, etree._Element, list[str]], None]] = {
            "process": self.process, "who": self.who, "operation": self.who, "form": self.form, "when": self.when,
            "which": self.which, "default": self.default, "input": self.input, "wait": self.wait, "time": self.time,
            "message": self.message, "key": self.key, "signal": self.signal, "code": self.code, "call": self.call,
            "gateway": self.gateway, "scope": self.scope, "list": self.gone_through,
        }  # fmt: skip

    def put(self, question: Question | None, values: list[str]) -> None:
        """One answer. ValueError: it cannot be, with the reason."""
        if question is None:
            raise ValueError(_("Spørsmålet er ikke lenger åpent."))
        offered = {option.value for option in question.options}
        written = [value for value in values if value not in offered]
        if written and question.free is None:
            raise ValueError(_("Velg et av svarene som står der."))
        if any(len(value) > LONGEST_ANSWER for value in written):
            raise ValueError(_("Skriv høyst %(most)s tegn.", most=LONGEST_ANSWER))
        if len(values) > 1 and not question.multiple:
            if not written:
                raise ValueError(_("Velg bare ett svar."))
            values = written[:1]  # what is written goes before what is chosen
        element = self.by_id.get(question.element, self.root)
        self.puts[question.kind](question, element, values)

    # ---- the process ---------------------------------------------------------------------------------------------

    def process(self, _question: Question, root: etree._Element, values: list[str]) -> None:
        """This one runs, and no other."""
        for process in root.iter(BPMN + "process"):
            if process.get("id") == values[0]:
                process.set("isExecutable", "true")
            elif process.get("isExecutable") is not None:
                process.set("isExecutable", "false")

    # ---- who, what, when -------------------------------------------------------------------------------------------

    def who(self, _question: Question, task: etree._Element, values: list[str]) -> None:
        """People by their roles, an operation, or nobody: each is another kind of task."""
        groups = [value.removeprefix(ROLE) for value in values if value.startswith(ROLE)]
        if groups and len(groups) == len(values):
            self._becomes(task, "userTask")
            self._drop(task, "taskDefinition")
            self._extension(task, "userTask")
            at = self._extension(task, "assignmentDefinition")
            _without(at, "assignee")
            at.set("candidateGroups", ", ".join(groups))
        elif len(values) > 1:
            raise ValueError(_("Velg enten roller eller ett av de andre svarene."))
        elif values[0].startswith(OPERATION):
            if bpmn.local(task) not in ("serviceTask", "sendTask", "endEvent", "intermediateThrowEvent"):
                self._becomes(task, "serviceTask")
            self._extension(task, "taskDefinition").set("type", values[0].removeprefix(OPERATION))
        elif values[0] == OUTSIDE:
            self._becomes(task, "manualTask")
        elif values[0] == NOBODY:
            self._property(task, PASSES, "true")

    def form(self, _question: Question, task: etree._Element, values: list[str]) -> None:
        """The form that belongs to the task, or none."""
        self._drop(task, "formDefinition")
        if values[0] != NONE:
            self._extension(task, "formDefinition").set("formId", values[0])

    def when(self, _question: Question, task: etree._Element, values: list[str]) -> None:
        """So many working days from when the task arises."""
        self._extension(task, "taskSchedule").set("dueDate", f"=add working days(now(), {_days(values[0])})")

    def input(self, question: Question, task: etree._Element, values: list[str]) -> None:
        """What an operation is given: a text, or what an expression says."""
        target = question.id.rpartition(":")[2]
        mapping = self._extension(task, "ioMapping")
        for old in [one for one in mapping if one.get("target") == target]:
            mapping.remove(old)
        text = values[0]
        given = etree.Element(ZEEBE + "input", nsmap=_NAMESPACE)
        given.set(
            "source",
            _expression(text) if text.startswith("=") else '="' + text.replace("\\", "\\\\").replace('"', '\\"') + '"',
        )
        given.set("target", target)
        mapping.insert(sum(one.tag == ZEEBE + "input" for one in mapping), given)

    # ---- where to ----------------------------------------------------------------------------------------------------

    def which(self, _question: Question, flow: etree._Element, values: list[str]) -> None:
        """The condition of a flow, or that it is taken when no other is."""
        gateway = self.by_id.get(flow.get("sourceRef", ""))
        if gateway is None:
            raise ValueError(_("Flyten henger ikke sammen med en portal."))
        old = flow.find(BPMN + "conditionExpression")
        if values[0] == OTHERWISE:
            taken = gateway.get("default")
            if taken and taken != flow.get("id") and taken in self.by_id:
                raise ValueError(_("En annen flyt går allerede «i alle andre tilfeller»."))
            gateway.set("default", flow.get("id", ""))
            if old is not None:
                flow.remove(old)
            return
        if gateway.get("default") == flow.get("id"):
            del gateway.attrib["default"]
        condition = old if old is not None else etree.SubElement(flow, BPMN + "conditionExpression")
        _without(condition, "language")
        condition.set(_TYPE, f"{_prefix(flow)}tFormalExpression")
        for child in list(condition):
            condition.remove(child)
        condition.text = _expression(values[0])

    def default(self, _question: Question, gateway: etree._Element, values: list[str]) -> None:
        """The flow that is taken when no other is."""
        gateway.set("default", values[0])
        condition = self.by_id[values[0]].find(BPMN + "conditionExpression")
        if condition is not None:
            self.by_id[values[0]].remove(condition)

    def gateway(self, _question: Question, gateway: etree._Element, values: list[str]) -> None:
        """A gateway of a kind that runs."""
        if values[0] not in _GATEWAYS:
            raise ValueError(_("Velg et av svarene som står der."))
        for old in gateway.findall(BPMN + "activationCondition"):
            gateway.remove(old)
        self._becomes(gateway, values[0])

    # ---- events --------------------------------------------------------------------------------------------------

    def wait(self, question: Question, event: etree._Element, values: list[str]) -> None:
        """What the event waits for; how long, or what it is called, is asked next."""
        etree.SubElement(event, f"{BPMN}{values[0]}EventDefinition").set("id", _fresh(values[0]))

    def time(self, question: Question, event: etree._Element, values: list[str]) -> None:
        """A day, or so many working days from when it is waited for."""
        definition = self._definition(event, "timer")
        for old in list(definition):
            definition.remove(old)
        moment = etree.SubElement(definition, BPMN + "timeDate")
        moment.set(_TYPE, f"{_prefix(event)}tFormalExpression")
        if question.free == "date":
            try:
                moment.text = date.fromisoformat(values[0]).isoformat()
            except ValueError:
                raise ValueError(_("Skriv en dato som 2027-03-01.")) from None
        else:
            moment.text = f"=add working days(now(), {_days(values[0])})"

    def message(self, _question: Question, event: etree._Element, values: list[str]) -> None:
        """The message that the element waits for or sends."""
        made = self._declared("message", "name", _name(values[0]))
        at = event if bpmn.local(event) in ("receiveTask", "sendTask") else self._definition(event, "message")
        at.set("messageRef", made.get("id", ""))
        if bpmn.local(event) in ("sendTask", "intermediateThrowEvent", "endEvent"):
            self._extension(event, "taskDefinition").set("type", "send-message")

    def key(self, _question: Question, event: etree._Element, values: list[str]) -> None:
        """Whom the message is for."""
        at = event if bpmn.local(event) == "receiveTask" else self._definition(event, "message")
        message = self.by_id.get(at.get("messageRef", ""))
        if message is None:
            raise ValueError(_("Si først hva meldingen heter."))
        self._extension(message, "subscription").set("correlationKey", _expression(values[0]))

    def signal(self, _question: Question, event: etree._Element, values: list[str]) -> None:
        """The signal that the event waits for or sends."""
        made = self._declared("signal", "name", _name(values[0]))
        self._definition(event, "signal").set("signalRef", made.get("id", ""))

    def code(self, _question: Question, event: etree._Element, values: list[str]) -> None:
        """The code of an error or an escalation."""
        definition = next((one for one in bpmn.definitions(event) if bpmn.kind(one) in ("error", "escalation")), None)
        if definition is None:
            raise ValueError(_("Hendelsen er verken en feil eller en eskalering lenger."))
        kind = bpmn.kind(definition)
        made = self._declared(kind, f"{kind}Code", _name(values[0]))
        definition.set(f"{kind}Ref", made.get("id", ""))

    # ---- calls, lists, sub-processes -----------------------------------------------------------------------------

    def call(self, _question: Question, call: etree._Element, values: list[str]) -> None:
        """The process that is called."""
        self._extension(call, "calledElement").set("processId", values[0])
        _without(call, "calledElement")

    def gone_through(self, _question: Question, activity: etree._Element, values: list[str]) -> None:
        """What it is repeated for: a list's name, an expression, or a number of times."""
        text = values[0]
        if text.isdecimal():
            count = int(text)
            if not 0 < count <= _MOST_TIMES:
                raise ValueError(_("Skriv et antall mellom 1 og %(most)s.", most=_MOST_TIMES))
            text = f"=for i in 1..{count} return i"
        for old in activity.findall(BPMN + "standardLoopCharacteristics"):
            activity.remove(old)
        loop = activity.find(BPMN + "multiInstanceLoopCharacteristics")
        if loop is None:
            loop = etree.SubElement(activity, BPMN + "multiInstanceLoopCharacteristics")
        for old in loop.findall(BPMN + "loopCardinality"):
            loop.remove(old)
        self._extension(loop, "loopCharacteristics").set("inputCollection", _expression(text))

    def scope(self, _question: Question, activity: etree._Element, _values: list[str]) -> None:
        """A plain sub-process."""
        for old in activity.findall(BPMN + "completionCondition"):
            activity.remove(old)
        for name in ("method", "ordering", "cancelRemainingInstances"):
            _without(activity, name)
        self._becomes(activity, "subProcess")

    # ---- the tree --------------------------------------------------------------------------------------------------

    @staticmethod
    def _becomes(element: etree._Element, tag: str) -> None:
        """Another kind of element. A script that no longer runs is kept as documentation, for whoever drew it."""
        script = formula(element.find(BPMN + "script"))
        for old in element.findall(BPMN + "script"):
            element.remove(old)
        if script:
            note = etree.Element(BPMN + "documentation")
            note.text = script
            element.insert(0, note)
        for name in ("scriptFormat", "implementation", "operationRef", "messageRef", "instantiate", "gatewayDirection"):
            if tag not in _GATEWAYS or name != "gatewayDirection":
                _without(element, name)
        element.tag = BPMN + tag

    def _extension(self, element: etree._Element, name: str) -> etree._Element:
        """The zeebe element of this name, made where there is none, in the place that the schema has for it."""
        found = extensions(element, name)
        if found:
            return found[0]
        holder = element.find(BPMN + "extensionElements")
        if holder is None:
            holder = etree.Element(BPMN + "extensionElements")
            element.insert(sum(child.tag in _FIRST for child in element), holder)
        return etree.SubElement(holder, ZEEBE + name, nsmap=_NAMESPACE)

    @staticmethod
    def _drop(element: etree._Element, name: str) -> None:
        for old in extensions(element, name):
            holder = old.getparent()
            assert holder is not None  # noqa: S101 (it was found below one)
            holder.remove(old)

    def _property(self, element: etree._Element, name: str, value: str) -> None:
        holder = self._extension(element, "properties")
        for old in [one for one in holder if one.get("name") == name]:
            holder.remove(old)
        etree.SubElement(holder, ZEEBE + "property", nsmap=_NAMESPACE).attrib.update({"name": name, "value": value})

    @staticmethod
    def _definition(event: etree._Element, kind: str) -> etree._Element:
        found = next((one for one in bpmn.definitions(event) if bpmn.kind(one) == kind), None)
        if found is None:
            raise ValueError(_("Hendelsen venter på noe annet nå."))
        return found

    def _declared(self, tag: str, attribute: str, value: str) -> etree._Element:
        """The message, signal, error or escalation of the file that has this name or code; made where there is none."""
        for found in self.root.findall(BPMN + tag):
            if found.get(attribute) == value and found.get("id"):
                return found
        made = etree.Element(BPMN + tag)
        made.attrib.update({"id": _fresh(tag), "name": value, attribute: value})
        self.root.insert(self._before_first("process"), made)
        self.by_id[made.get("id", "")] = made
        return made

    def _before_first(self, tag: str) -> int:
        places = [place for place, child in enumerate(self.root) if child.tag == BPMN + tag]
        return places[0] if places else 0


_NAMESPACE: Final = {"zeebe": ZEEBE.strip("{}")}
_TYPE: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"
_MOST_TIMES: Final = 200


def _without(element: etree._Element, name: str) -> None:
    if name in element.attrib:
        del element.attrib[name]


def _prefix(element: etree._Element) -> str:
    """How the document names BPMN, for the value of `xsi:type`."""
    prefix = element.prefix
    return f"{prefix}:" if prefix else ""


def _fresh(kind: str) -> str:
    return f"{kind}-{uuid4().hex[:12]}"


def _days(text: str) -> int:
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        number = Decimal(-1)
    if number != number.to_integral_value() or not 0 <= number <= LONGEST_WAIT:
        raise ValueError(_("Skriv et helt antall virkedager, fra 0 til %(most)s.", most=LONGEST_WAIT))
    return int(number)


def _name(text: str) -> str:
    if text.startswith("="):
        raise ValueError(_("Skriv et navn, ikke et uttrykk."))
    return text


def _expression(text: str) -> str:
    """FEEL with `=` first, that can be read."""
    body = text.removeprefix("=").strip()
    try:
        feel.names_of("=" + body)
    except feel.FeelError as error:
        raise ValueError(_("Uttrykket kan ikke leses: %(reason)s", reason=error)) from None
    return "=" + body
