"""What a drawing does not say yet, as questions in plain words; answered, they make it run (`answers.py`).

Most questions follow from what check has found. Where nothing is wrong but something is open (a plain task that
nobody has been given, a deadline in a drawing that has none), the drawing itself is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from komp_flow.diagrams.fields_before import Choice, choices
from komp_flow.diagrams.words.around import Words
from komp_flow.diagrams.words.said import quoted, tidy
from komp_flow.engine.checks.diagram import Diagram, Flow, Node
from komp_flow.engine.memory import bpmn
from komp_flow.engine.memory.bpmn import extensions, formula
from komp_flow.engine.problems import OperationSpec, Problem
from komp_flow.i18n import _

MOST_QUESTIONS: Final = 300
LONGEST_SHOWN: Final = 200  # of a foreign expression that is shown beside a question

Kind = Literal[
    "process", "who", "form", "when", "which", "default", "operation", "input", "wait", "time", "message", "key",
    "signal", "code", "call", "gateway", "scope", "list",
]  # fmt: skip
NOBODY: Final = "nobody"  # a task that passes by itself
OUTSIDE: Final = "manual"  # one that somebody does outside komp-flow
OTHERWISE: Final = "otherwise"
NONE: Final = "none"
ROLE, OPERATION = "role:", "operation:"
OPEN: Final = frozenset({"task", "scriptTask", "businessRuleTask"})  # somebody must say who or what does these
PASSES: Final = "passes"  # the property of a plain task of which somebody has said that it does


@dataclass(frozen=True)
class Option:
    """One answer to choose."""

    value: str
    label: str


@dataclass(frozen=True)
class Question:
    """`id` is the kind, the element and, where it takes one, a name, parted by colons; `why` is what it is for.

    `free` says what may be written instead of choosing, or beside it; `multiple` that several may be chosen.
    """

    id: str
    element: str
    name: str
    kind: Kind
    text: str
    why: str
    options: tuple[Option, ...] = ()
    multiple: bool = False
    free: Literal["text", "number", "date"] | None = None


@dataclass(frozen=True)
class Choices:
    """What can be answered with: what is around the drawing, and the operations."""

    around: Words
    operations: dict[str, OperationSpec]


def questions(data: bytes, problems: Iterable[Problem], known: Choices) -> list[Question]:
    """What is to be asked of a drawing that has these problems. Refused: it is not XML, or larger than check allows."""
    diagram = Diagram(bpmn.read(data))
    return _Asking(diagram, list(problems), known).asked()


class _Asking:
    """One drawing's questions, the process first, then in the order in which things are drawn."""

    def __init__(self, diagram: Diagram, problems: list[Problem], known: Choices) -> None:
        self.diagram, self.known = diagram, known
        self.rules: dict[str, set[str]] = {}
        for problem in problems:
            self.rules.setdefault(problem.element, set()).add(problem.rule)
        self.nodes = {
            node.id: node for process in diagram.processes for node in process.all_nodes() if not node.is_apart
        }
        self.has_deadlines = any(
            task.get("dueDate") for node in self.nodes.values() for task in extensions(node.element, "taskSchedule")
        )

    def asked(self) -> list[Question]:
        """All of them, each once, at most as many as anybody would answer."""
        found = {question.id: question for question in self._all()}
        return list(found.values())[:MOST_QUESTIONS]

    def _all(self) -> Iterator[Question]:
        yield from self._process()
        for node in self.nodes.values():
            for ask in (_who, _task, _event, _activity, _gateway):
                yield from ask(self, node)

    def has(self, element: str, *rules: str) -> bool:
        """Whether check has said one of these of the element."""
        return not self.rules.get(element, set()).isdisjoint(rules)

    def _process(self) -> Iterator[Question]:
        """Which one is to run. Where only one is drawn, that is a yes."""
        every = {rule for rules in self.rules.values() for rule in rules}
        if every.isdisjoint({"not-executable", "several-executable"}):
            return
        drawn = self.diagram.processes
        options = tuple(Option(one.element.get("id", ""), self._label(one.element.get("id", ""))) for one in drawn)
        yield Question(
            "process",
            "",
            "",
            "process",
            _("Hvilken prosess skal kjøres?"),
            _("Bare én prosess i en fil kan kjøres. De andre blir stående på tegningen."),
            tuple(option for option in options if option.value),
        )

    def _label(self, process: str) -> str:
        element = self.diagram.by_id.get(process)
        pools = self.diagram.root.iter(bpmn.BPMN + "participant")
        pool = next((one.get("name") for one in pools if one.get("processRef") == process), "")
        return tidy((element.get("name") if element is not None else "") or pool or process)

    def question(
        self,
        kind: Kind,
        node: Node,
        text: str,
        why: str,
        options: Iterable[Option] = (),
        *,
        free: Literal["text", "number", "date"] | None = None,
        multiple: bool = False,
        name: str = "",
    ) -> Question:
        """One about a node."""
        own = ":".join(part for part in (kind, node.id, name) if part)
        return Question(own, node.id, tidy(node.element.get("name")), kind, text, why, tuple(options), multiple, free)

    def roles(self) -> list[Option]:
        """The roles, as people call them."""
        return [Option(ROLE + role, str(label)) for role, label in self.known.around.roles.items()]

    def operations(self) -> list[Option]:
        """The operations, each by its sentence."""
        return [Option(OPERATION + type_, spec.sentence or type_) for type_, spec in self.known.operations.items()]


def called(node: Node) -> str:
    """What a person would call the element."""
    return quoted(node.element.get("name") or node.id)


def _who(asking: _Asking, node: Node) -> Iterator[Question]:
    """Who does it, with what form, by when: of a person's task, and of one that nobody was given."""
    is_open = node.tag in OPEN and bpmn.properties(node.element).get(PASSES) != "true"
    if not is_open and not (
        node.tag == "userTask" and asking.has(node.id, "who-missing", "not-zeebe-user-task", "role-unknown")
    ):
        yield from _later(asking, node)
        return
    others = [
        Option(OUTSIDE, _("noen gjør det utenfor løsningen")),
        Option(NOBODY, _("ingen, det går videre av seg selv")),
    ]
    extra = [*asking.operations(), *(others if node.tag == "task" else ())] if is_open else []
    text = formula(node.element.find(bpmn.BPMN + "script"))
    why = _(
        "Den som har rollen for enheten eller medarbeideren, får oppgaven. Kryss av for flere om én av dem kan ta den."
    )
    if text:
        why = _("Her står det et skript som ikke kjøres: %(text)s", text=tidy(text[:LONGEST_SHOWN]))
    lane = _lane(asking.diagram, node)
    if lane:
        why = f"{why} " + _("På tegningen ligger den hos %(lane)s.", lane=quoted(lane))
    yield asking.question(
        "who", node, _("Hvem gjør %(task)s?", task=called(node)), why, [*asking.roles(), *extra], multiple=True
    )
    yield from _form_and_deadline(asking, node)


def _later(asking: _Asking, node: Node) -> Iterator[Question]:
    """What is still open of a task that somebody has."""
    if node.tag != "userTask":
        return
    if asking.has(node.id, "form-unknown", "form-unsupported"):
        yield _form(asking, node)
    if not asking.has_deadlines and not _is_due(node):
        yield _deadline(asking, node)


def _form_and_deadline(asking: _Asking, node: Node) -> Iterator[Question]:
    if not any(one.get("formId") for one in extensions(node.element, "formDefinition")) or asking.has(
        node.id, "form-unknown"
    ):
        yield _form(asking, node)
    if not _is_due(node):
        yield _deadline(asking, node)


def _form(asking: _Asking, node: Node) -> Question:
    forms = sorted(asking.known.around.forms.items(), key=lambda item: item[1].title)
    options = [Option(form, tidy(found.title or form)) for form, found in forms]
    return asking.question(
        "form",
        node,
        _("Hvilket skjema fyller de ut i %(task)s?", task=called(node)),
        _("Uten skjema bekrefter de bare at det er gjort. Et nytt skjema lager du i studioet."),
        [*options, Option(NONE, _("ikke noe skjema"))],
    )


def _deadline(asking: _Asking, node: Node) -> Question:
    return asking.question(
        "when",
        node,
        _("Hvor mange virkedager har de på seg til %(task)s?", task=called(node)),
        _("Fristen regnes fra oppgaven oppstår. Skriv et tall, eller la det stå om den ikke har noen frist."),
        free="number",
    )


def _is_due(node: Node) -> bool:
    return any(schedule.get("dueDate") for schedule in extensions(node.element, "taskSchedule"))


def _task(asking: _Asking, node: Node) -> Iterator[Question]:
    """What a service task does, and with what."""
    if asking.has(node.id, "operation-missing", "operation-unknown", "operation-dynamic") and node.tag not in OPEN:
        was = node.operation or node.element.get("implementation") or ""
        why = _("Et system skal gjøre dette. Velg hva, eller hvem som gjør det i stedet.")
        if was:
            why = _(
                "På tegningen står det %(name)s, som ikke finnes her. Velg hva som skal skje.",
                name=quoted(was[:LONGEST_SHOWN]),
            )
        people = asking.roles() if node.tag in ("serviceTask", "sendTask") else []
        yield asking.question(
            "operation", node, _("Hva skal skje i %(task)s?", task=called(node)), why, [*asking.operations(), *people]
        )
    if asking.has(node.id, "operation-input-missing"):
        spec = asking.known.operations.get(node.operation or "")
        given = {target for _source, target in node.mappings("input")}
        for name in sorted((spec.required if spec else frozenset()) - given):
            yield asking.question(
                "input",
                node,
                _("Hva er %(name)s når %(task)s utføres?", name=quoted(name), task=called(node)),
                _("Skriv en tekst, eller et uttrykk som begynner med =, for eksempel =unit.name."),
                free="text",
                name=name,
            )


def _event(asking: _Asking, node: Node) -> Iterator[Question]:
    """What an event waits for or tells."""
    has = asking.has
    if has(node.id, "definition-missing"):
        options = [Option("timer", _("at det går en viss tid")), Option("message", _("en melding"))]
        yield asking.question(
            "wait",
            node,
            _("Hva venter %(event)s på?", event=called(node)),
            _("Prosessen stopper her til det skjer."),
            options,
        )
    if has(node.id, "timer-kind", "timer-invalid"):
        starts = node.tag == "startEvent" and node.scope.is_process
        why = _("Prosessen startes den dagen.") if starts else _("Antall virkedager fra det blir ventet på.")
        text = _("Hvilken dag skjer %(event)s?") if starts else _("Hvor mange virkedager går det før %(event)s?")
        yield asking.question("time", node, text % {"event": called(node)}, why, free="date" if starts else "number")
    if has(node.id, "message-missing", "message-name") or (
        has(node.id, "throw-operation") and asking.diagram.message(node) is None
    ):
        yield asking.question(
            "message",
            node,
            _("Hva heter meldingen i %(event)s?", event=called(node)),
            _("Den som sender og den som venter, bruker samme navn."),
            [Option(name, name) for name in _named(asking, "message")],
            free="text",
        )
    if has(node.id, "correlation-missing"):
        yield asking.question(
            "key",
            node,
            _("Hvem er meldingen i %(event)s til?", event=called(node)),
            _("Bare den som venter på samme svar, får meldingen."),
            _keys(),
            free="text",
        )
    if has(node.id, "signal-missing", "signal-name"):
        yield asking.question(
            "signal",
            node,
            _("Hva heter signalet i %(event)s?", event=called(node)),
            _("Alle som venter på signalet, får det."),
            [Option(name, name) for name in _named(asking, "signal")],
            free="text",
        )
    if has(node.id, "error-missing", "error-code", "escalation-missing", "escalation-code"):
        yield asking.question(
            "code",
            node,
            _("Hvilken kode har %(event)s?", event=called(node)),
            _("Et kort ord som skiller den fra andre. Samme kode fanger den opp."),
            free="text",
        )


def _keys() -> list[Option]:
    return [
        Option("=unit.id", _("den samme enheten")),
        Option("=person.id", _("den samme medarbeideren")),
        Option("=measure.id", _("det samme tiltaket")),
        Option("=cycle.id", _("alle i den samme syklusen")),
    ]


def _named(asking: _Asking, tag: str) -> list[str]:
    names = {one.get("name") or "" for one in asking.diagram.root.iter(bpmn.BPMN + tag)}
    return sorted(name for name in names if name and not name.startswith("="))


def _activity(asking: _Asking, node: Node) -> Iterator[Question]:
    """Which process is called, what is gone through, what sort of sub-process it is."""
    if asking.has(node.id, "call-missing", "call-unknown", "call-dynamic", "call-no-plain-start"):
        options = [Option(process, tidy(name)) for process, name in sorted(asking.known.around.processes.items())]
        why = _("Prosessen venter til den andre er ferdig.")
        yield asking.question("call", node, _("Hvilken prosess starter %(call)s?", call=called(node)), why, options)
    if asking.has(node.id, "mi-collection", "loop-cardinality", "standard-loop"):
        yield asking.question(
            "list",
            node,
            _("Hva gjentas %(activity)s for?", activity=called(node)),
            _("Skriv navnet på en liste fra et skjema, et uttrykk som begynner med =, eller et antall ganger."),
            free="text",
        )
    if asking.has(node.id, "transaction", "ad-hoc"):
        why = _("Transaksjoner og ad hoc-delprosesser kjøres ikke.")
        yield asking.question(
            "scope",
            node,
            _("Kan %(activity)s være en vanlig delprosess?", activity=called(node)),
            why,
            [Option("yes", _("Ja, det som er tegnet inni, gjøres i den rekkefølgen"))],
        )


def _gateway(asking: _Asking, node: Node) -> Iterator[Question]:
    """Which answer leads where."""
    if asking.has(node.id, "complex-gateway"):
        options = [
            Option("exclusiveGateway", _("bare én vei velges")),
            Option("parallelGateway", _("alle veiene følges samtidig")),
            Option("inclusiveGateway", _("de veiene som passer, følges")),
        ]
        yield asking.question(
            "gateway",
            node,
            _("Hva skjer ved %(gateway)s?", gateway=called(node)),
            _("Komplekse portaler kjøres ikke."),
            options,
        )
    open_flows = [flow for flow in node.outs if _is_open(asking, flow)]
    if open_flows:
        found = choices(node, asking.known.around)
        for flow in open_flows:
            yield _which(node, flow, found)
    elif asking.has(node.id, "default-missing"):
        options = [Option(flow.element.get("id", ""), _way(flow)) for flow in node.outs if flow.element.get("id")]
        yield asking.question(
            "default",
            node,
            _("Hvor går det ved %(gateway)s når ingen av svarene passer?", gateway=called(node)),
            _("Uten et svar stopper prosessen der."),
            options,
        )


def _is_open(asking: _Asking, flow: Flow) -> bool:
    rules = (
        "condition-missing",
        "feel-invalid",
        "feel-expected",
        "name-unknown",
        "name-impossible",
        "name-never-written",
    )
    own = flow.element.get("id", "")
    if not own:
        return False
    return asking.has(own, "condition-missing") or (flow.condition is not None and asking.has(own, *rules))


def _which(node: Node, flow: Flow, found: list[Choice]) -> Question:
    own, said = flow.element.get("id", ""), tidy(flow.element.get("name"))
    foreign = formula(flow.condition)
    why = _("Velg svaret som fører hit, eller «i alle andre tilfeller».")
    if not found:
        why = _(
            "Ingen skjema før portalen har svar å velge. Gi en oppgave et skjema, eller skriv et uttrykk med = først."
        )
    if foreign:
        why += " " + _("På tegningen står det: %(text)s", text=tidy(foreign[:LONGEST_SHOWN]))
    ranked = sorted(found, key=lambda choice: not (said and said.casefold() in choice.label.casefold()))
    options = [
        *(Option(choice.feel, choice.label) for choice in ranked),
        Option(OTHERWISE, _("i alle andre tilfeller")),
    ]
    text = _("Når går det fra %(gateway)s til %(way)s?", gateway=called(node), way=_way(flow))
    return Question(f"which:{own}", own, said, "which", text, why, tuple(options), free="text")


def _way(flow: Flow) -> str:
    """Where a flow leads, with its own name where it has one."""
    said = tidy(flow.element.get("name"))
    to = called(flow.target) if flow.target is not None else "?"
    return f"{quoted(said)} ({to})" if said else to


def _lane(diagram: Diagram, node: Node) -> str:
    """The innermost lane, else the pool, that the element is drawn in."""
    named = ""
    for lane in diagram.root.iter(bpmn.BPMN + "lane"):
        if any((ref.text or "").strip() == node.id for ref in lane.findall(bpmn.BPMN + "flowNodeRef")):
            named = lane.get("name") or named
    return tidy(named)
