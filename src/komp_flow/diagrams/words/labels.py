"""What each element is called in a sentence, and what it is called that it is over: «… er gjort», «… har skjedd»."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from lxml import etree

from komp_flow.diagrams.words.around import Words
from komp_flow.diagrams.words.names import Names, parsed
from komp_flow.diagrams.words.paths import is_choice, is_join
from komp_flow.diagrams.words.said import either, quoted, tidy
from komp_flow.diagrams.words.times import Times
from komp_flow.engine.checks.diagram import Diagram, Node, Scope, is_true
from komp_flow.engine.memory.bpmn import BPMN, EVENTS, extensions, formula, local, properties
from komp_flow.feel import syntax
from komp_flow.i18n import _, _l

BY_HAND: Final = frozenset({"userTask", "task", "manualTask"})
_THROWN: Final = frozenset({"message", "signal", "error", "escalation"})
_UNNAMED: Final[Mapping[str, str]] = {
    "by hand": _l("oppgave %(number)s uten navn"),
    "activity": _l("steg %(number)s uten navn"),
    "event": _l("hendelse %(number)s uten navn"),
    "endEvent": _l("slutt %(number)s uten navn"),
    "choice": _l("valg %(number)s"),
    "join": _l("møtepunkt %(number)s"),
    "gateway": _l("veiskille %(number)s"),
}


@dataclass(eq=False)
class Labels:
    """One process of a diagram, and what its elements are called."""

    diagram: Diagram
    process: Scope
    around: Words
    names: Names = field(init=False)
    here: Scope | None = None  # the scope that is told just now: it need not be named

    def __post_init__(self) -> None:
        self.names = Names(self.process, self.around)

    @property
    def runs(self) -> bool:
        """The process is marked as executable."""
        return is_true(self.process.element, "isExecutable")

    @cached_property
    def _numbers(self) -> dict[Node, int]:
        """Those without a name are told apart by their number, in the order of the file."""
        counts: Counter[str] = Counter()
        found: dict[Node, int] = {}
        for node in self.process.all_nodes():
            if not self.name(node):
                counts[_sort(node)] += 1
                found[node] = counts[_sort(node)]
        return found

    @cached_property
    def lanes(self) -> dict[str, str]:
        """The innermost lane's name by the id of what stands in it."""
        return {
            (ref.text or "").strip(): tidy(lane.get("name"))
            for lane in self.process.element.iter(BPMN + "lane")
            for ref in lane.findall(BPMN + "flowNodeRef")
        }

    def lane(self, node: Node) -> str:
        """The lane that it stands in, or that the sub-process around it does."""
        for scope in node.scope.outwards():
            if node.id in self.lanes:
                return self.lanes[node.id]
            if scope.owner is not None:
                node = scope.owner
        return self.lanes.get(node.id, "")

    def name(self, node: Node) -> str:
        """Its name, or that of what it waits for or throws."""
        return tidy(node.element.get("name")) or (self.event_name(node) if node.tag in EVENTS else "")

    def event_name(self, node: Node) -> str:
        """The name of its message, signal, error or escalation."""
        if node.kind in _THROWN or node.tag in ("receiveTask", "sendTask"):
            kind = node.kind if node.kind in _THROWN else "message"
            at = node.definition if node.definition is not None else node.element
            found = self.diagram.refers(at, f"{kind}Ref", kind)
            if found is not None:
                return tidy(found.get("name") or found.get(f"{kind}Code"))
        return ""

    def label(self, node: Node) -> str:
        """In quotes, or what there is to say where it has no name."""
        if self.here is not None and node is self.here.owner:
            return _("fasen") if properties(node.element).get("phase") else _("denne delen")
        name = self.name(node)
        if name:
            return quoted(name)
        if node.tag == "eventBasedGateway":
            events = [flow.target for flow in node.outs if flow.target is not None and self.name(flow.target)]
            if events:
                return _("ventingen på %(events)s", events=either(quoted(self.name(event)) for event in events))
        return str(_UNNAMED[_sort(node)]) % {"number": self._numbers.get(node, 1)}

    def thing(self, node: Node) -> str:
        """The message or signal of an event, as a thing that comes or is sent."""
        name, is_signal = self.name(node), node.kind == "signal"
        if not name:
            return _("et signal uten navn") if is_signal else _("en melding uten navn")
        return _("signalet %(name)s", name=quoted(name)) if is_signal else _("meldingen %(name)s", name=quoted(name))

    def scope(self, scope: Scope) -> str:
        """What is over when the scope is."""
        return _("løpet") if scope.owner is None else self.label(scope.owner)

    def process_name(self) -> str:
        """The process's own name, or that of the pool that it is drawn in."""
        own = tidy(self.process.element.get("name"))
        if own:
            return own
        pools = self.diagram.root.iter(BPMN + "participant")
        id_ = self.process.element.get("id", "")
        return next((tidy(p.get("name")) for p in pools if id_ and p.get("processRef") == id_ and p.get("name")), "")

    def over(self, node: Node) -> str:
        """A clause: it has been done, has ended, has happened."""
        what = self.label(node)
        if node.tag in BY_HAND:
            return _("%(what)s er gjort", what=what)
        if node.tag == "startEvent":
            if node.scope.owner is None:
                return _("løpet begynner")
            return _("%(what)s begynner", what=self.label(node.scope.owner))
        if node.tag in EVENTS or node.tag == "receiveTask":
            return _("%(what)s har skjedd", what=what)
        return _("%(what)s er ferdig", what=what)

    def place(self, node: Node) -> str:
        """What follows «etter»."""
        return _("starten") if node.tag == "startEvent" else self.label(node)

    def times(self, node: Node, since: str, day: str, about: Node | None = None) -> Times:
        """Times as they are reckoned at an element; `about` is the task whose due date may be called that."""
        due = due_of(about) if about is not None else None
        return Times(self.names, at=node, since=since, day=day, due=parsed(due) if due else None)

    def condition(self, node: Node, text: str | None) -> str:
        """A flow's condition, or a multi-instance's, after «hvis»."""
        if text is not None and not text.startswith("="):
            return _("%(text)s stemmer, som ikke kan leses her", text=quoted(text))
        tree = parsed(text)
        if isinstance(tree, syntax.Literal) and tree.value is None:
            return _("%(text)s stemmer, som ikke kan leses her", text=quoted((text or "").removeprefix("=")))
        return self.times(node, _("at løpet kom hit"), _("dagens dato")).condition(tree)


def due_of(node: Node) -> str | None:
    """The text of a user task's due date."""
    found = extensions(node.element, "taskSchedule") if node.tag == "userTask" else []
    return (found[0].get("dueDate") or "").strip() or None if found else None


def timer_of(node: Node) -> tuple[str, str | None]:
    """A timer's kind of definition, and its text."""
    for child in node.definition if node.definition is not None else ():
        if isinstance(child, etree._Element) and local(child).startswith("time"):
            return local(child), formula(child)
    return "", None


def _sort(node: Node) -> str:
    if node.tag in BY_HAND:
        return "by hand"
    if node.tag == "endEvent":
        return "endEvent"
    if node.tag in EVENTS:
        return "event"
    if not node.tag.endswith("Gateway"):
        return "activity"
    return "choice" if is_choice(node) else "join" if is_join(node) and len(node.outs) < 2 else "gateway"
