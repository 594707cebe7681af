"""One process told from its beginning to its end: a chapter for each scope, and in it what follows what."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from komp_flow import feel
from komp_flow.diagrams.words.alone import Alone
from komp_flow.diagrams.words.around import Words
from komp_flow.diagrams.words.events import Events
from komp_flow.diagrams.words.labels import due_of
from komp_flow.diagrams.words.paths import Paths, Way, is_choice, is_default, is_join, is_split, listens, paths
from komp_flow.diagrams.words.said import both, capital, either, number, ordinal, quoted
from komp_flow.engine.checks.diagram import Diagram, Node, Scope
from komp_flow.engine.memory import bpmn
from komp_flow.engine.memory.bpmn import EVENTS, extensions, formula, properties
from komp_flow.i18n import _

MOST_CHAPTERS: Final = 400
SPLITS: Final = "eventBasedGateway"


@dataclass(frozen=True)
class Line:
    """Some sentences about one element of the diagram; `also` are others that they tell of."""

    element: str
    text: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """What is said of a process, a sub-process, or something that may happen beside it."""

    heading: str
    lines: tuple[Line, ...]


@dataclass(eq=False)
class Chapter:
    """One section on its way. `last` is what was told last, if «deretter» would be understood as after that."""

    heading: str
    lines: list[Line] = field(default_factory=list)
    last: Node | None = None

    def say(self, element: str, *said: str, also: tuple[str, ...] = ()) -> None:
        """One line more; none where there is nothing to say."""
        text = " ".join(each for each in said if each)
        if text:
            self.lines.append(Line(element, text, also))


class Story(Events):
    """One process."""

    def __init__(self, diagram: Diagram, process: Scope, around: Words) -> None:
        super().__init__(diagram, process, around)
        self._done: set[Node] = set()
        self._alone_in: dict[Paths, Alone] = {}
        self._aside: dict[Node, list[tuple[Paths, list[Node]]]] = {}  # by the sub-process that it happens beside

    def told(self) -> list[Section]:
        """The process, then each sub-process in the order in which it is met, then what listens beside it."""
        chapters: list[Chapter] = []
        todo = [self.process]
        while todo and len(chapters) < MOST_CHAPTERS:
            scope = todo.pop(0)
            way = paths(scope)
            chapters += self._scope(way)
            inner = [node.inside for node in (*way.order, *way.loose) if node.inside is not None]
            inner += [node.inside for node in scope.nodes if listens(node) and node.inside is not None]
            todo = inner + todo
        return [Section(chapter.heading, tuple(chapter.lines)) for chapter in chapters if chapter.lines]

    def _scope(self, way: Paths) -> list[Chapter]:
        scope = way.scope
        chapter = Chapter(self._heading(scope))
        self.here = scope
        self._opening(scope, chapter)
        aside = self._set_aside(way)
        for node in way.order:
            if node not in aside:
                self._node(way, node, chapter)
        self._closing(way, chapter)
        for outer, nodes in self._aside.get(scope.owner, []) if scope.owner is not None else []:
            chapter.last = None
            for node in nodes:
                self._node(outer, node, chapter)
        return [chapter, self._loose(way)] if way.loose else [chapter]

    def _alone(self, way: Paths) -> Alone:
        if way not in self._alone_in:
            self._alone_in[way] = Alone(way)
        return self._alone_in[way]

    def _heading(self, scope: Scope) -> str:
        self.here = None
        if scope.owner is None:
            return self.process_name() or _("Prosessen")
        return self.name(scope.owner) or capital(self.label(scope.owner))

    def _set_aside(self, way: Paths) -> set[Node]:
        """What only happens beside a sub-process, and never joins the rest, is told with that sub-process."""
        aside: set[Node] = set()
        alone = self._alone(way)
        for host in way.order:
            for event in host.boundary if host.inside is not None else ():
                branch = alone.only_from(event)
                if branch is not None:
                    self._aside.setdefault(host, []).append((way, [node for node in way.order if node in branch]))
                    aside |= branch
        return aside

    # how a scope begins and ends

    def _opening(self, scope: Scope, chapter: Chapter) -> None:
        element, owner = scope.element.get("id", ""), scope.owner
        if owner is None:
            if not self.runs:
                chapter.say(element, _("Tegningen er ikke gjort kjørbar ennå."))
            chapter.say(element, self._subject())
            chapter.say(element, self._reminders())
            for start in scope.starts:
                chapter.say(start.id, *self.begins(start))
        elif listens(owner):
            for start in scope.starts:
                lead = self.within(start, owner.scope)
                chapter.say(start.id, _("%(lead)s skjer dette.", lead=lead), self._around(start, owner.scope))
        if not scope.starts and (owner is None or owner.tag != "adHocSubProcess"):
            chapter.say(element, _("Det er ikke tegnet hvordan det begynner."))

    def _around(self, start: Node, scope: Scope) -> str:
        what = capital(self.scope(scope))
        if start.kind == "error" or start.interrupts:
            return _("Alt annet i %(what)s avbrytes da.", what=self.scope(scope))
        return _("%(what)s går videre som før.", what=what)

    def _subject(self) -> str:
        """Whom or what one instance is about, as far as the roles and names say it."""
        roles = {role for node in self.process.all_nodes() for role in _roles(node)}
        read = {name for text in bpmn.expressions(self.process.element) for name in _names(text)}
        if "measure_owner" in roles or "measure" in read:
            return _("Hvert løp gjelder ett tiltak.")
        if "employee" in roles or "person" in read:
            return _("Hvert løp gjelder én medarbeider.")
        if roles & {"manager", "superior", "deputy"} or "unit" in read:
            return _("Hvert løp gjelder én enhet.")
        return ""

    def _reminders(self) -> str:
        """Once for all: what holds for each task that says nothing about it."""
        tasks = [node for node in self.process.all_nodes() if due_of(node)]
        if not self.runs or all("reminders" in properties(node.element) for node in tasks):
            return ""
        when = both(self.before_due(each) for each in self.around.reminders)
        return _("Den som har en oppgave med frist, får til vanlig påminnelse %(when)s.", when=when) if when else ""

    def _closing(self, way: Paths, chapter: Chapter) -> None:
        if chapter.lines and not self._alone(way).is_single and any(node.tag == "endEvent" for node in way.order):
            what = capital(self.scope(way.scope))
            chapter.say(way.scope.element.get("id", ""), _("%(what)s er ferdig når alle veiene er slutt.", what=what))

    def _loose(self, way: Paths) -> Chapter:
        heading = _("Henger ikke sammen med resten: %(what)s", what=self._heading(way.scope))
        chapter = Chapter(heading)
        for node in way.loose:
            chapter.say(node.id, _("Ingen vei fører til %(what)s, så det skjer aldri.", what=self.label(node)))
        return chapter

    # one element

    def _node(self, way: Paths, node: Node, chapter: Chapter) -> None:
        if node in self._done:
            return
        self._done.add(node)
        if node.tag == "boundaryEvent":
            self._beside(way, node, chapter)
        elif node.tag == "startEvent":
            chapter.last = node
            self._after(way, node, chapter)
        else:
            if self._is_quiet(way, node, chapter):
                return
            self._tell(way, node, self._lead(way, node, chapter), chapter)
            self._after(way, node, chapter)

    def _is_quiet(self, way: Paths, node: Node, chapter: Chapter) -> bool:
        """The end of what happened beside something, right behind it: that it ends there says nothing."""
        sources = {each.source for each in way.into.get(node, [])}
        if node.tag != "endEvent" or node.kind != "none" or sources != {chapter.last} or not chapter.lines:
            return False
        if node not in self._alone(way).beside:
            return False
        last = chapter.lines[-1]
        chapter.lines[-1] = Line(last.element, last.text, (*last.also, node.id))
        return True

    def _tell(
        self, way: Paths, node: Node, lead: str, chapter: Chapter, *, also: tuple[str, ...] = (), end: str = ""
    ) -> None:
        """The element's own line, which begins with the adverbial `lead`."""
        self._done.add(node)
        chapter.say(node.id, *self._said(way, node, lead), end, also=also)
        chapter.last = node

    def _said(self, way: Paths, node: Node, lead: str) -> list[str]:
        if node.tag.endswith("Gateway"):
            return self._gateway(way, node, lead)
        if node.tag == "endEvent":
            return self.ends(node, lead, alone=self._alone(way).ends_all(node))
        said = self.event(node, lead) if node.tag in EVENTS or node.tag in ("receiveTask", "sendTask") else None
        if said is None:
            said = self.step(node, lead)
        elif node.tag in ("receiveTask", "sendTask"):
            said = [*said, *self.repeated(node)]
        goes_on = node.outs or (node.kind == "link" and node.tag == "intermediateThrowEvent")
        if is_split(node):
            said = [*said, _("Derfra går det %(count)s veier samtidig.", count=number(len(node.outs)))]
        return said if goes_on else [*said, _("Hva som skjer etterpå, er ikke bestemt.")]

    def _gateway(self, way: Paths, node: Node, lead: str) -> list[str]:
        said: list[str] = []
        if is_join(node):
            clauses = both(self.over(each.source) for each in way.into.get(node, []))
            if node.tag == "parallelGateway":
                said.append(_("Det går ikke videre før %(clauses)s.", clauses=clauses))
            else:
                said.append(_("Det går videre når %(clauses)s, og ikke flere av disse er på vei.", clauses=clauses))
            lead = _("Da")
        if node.tag == SPLITS:
            return [*said, _("%(lead)s venter løpet på det som skjer først.", lead=lead)]
        if is_choice(node):
            return [*said, *self._choice(node, lead)]
        if is_split(node):
            return [*said, _("%(lead)s går det %(count)s veier samtidig.", lead=lead, count=number(len(node.outs)))]
        if not node.outs:
            return [*said, _("Etter %(what)s er det ikke bestemt hva som skjer.", what=self.label(node))]
        return said

    def _choice(self, node: Node, lead: str) -> list[str]:
        said = [_("%(lead)s avgjøres %(what)s.", lead=lead, what=self.label(node))]
        if not self.name(node):
            said = [_("%(lead)s kommer %(what)s.", lead=lead, what=self.label(node))]
        if node.tag == "inclusiveGateway":
            said.append(_("Alt som stemmer, skjer samtidig."))
        elif sum(formula(flow.condition) is not None for flow in node.outs) > 1:
            said.append(_("Det første som stemmer, gjelder."))
        elif node.tag == "complexGateway":
            said.append(self.refused(node))
        return said

    # how one sentence follows another

    def _lead(self, way: Paths, node: Node, chapter: Chapter) -> str:
        ways = way.ahead(node)
        sources = list(dict.fromkeys(each.source for each in ways))
        if not sources:
            return _("Først")
        if len(sources) == 1:
            (source,) = sources
            if source.tag == "startEvent" and len(way.scope.starts) == 1:
                return _("Først")
            if source is chapter.last and not is_choice(source) and not is_split(source) and source.tag != SPLITS:
                return _("Da") if is_join(source) else _("Deretter")
            if not source.tag.endswith("Gateway"):
                return _("Når %(clause)s,", clause=self.over(source))
        return _("Etter %(places)s", places=either(self.place(source) for source in sources))

    def _after(self, way: Paths, node: Node, chapter: Chapter) -> None:
        """What is told at once behind an element: the ways that part there, and those that lead back."""
        ways = way.out.get(node, [])
        if is_choice(node):
            for each in ways:
                self._along(way, each, self._if(node, each), chapter)
            self._otherwise(node, chapter)
        elif node.tag == SPLITS:
            for each in ways:
                self._come_first(way, each, chapter)
        elif is_split(node):
            for at, each in enumerate(ways, 1):
                self._along(way, each, _road(at, len(ways)), chapter)
        else:
            self._back(way, node, chapter)
        for flow in way.nowhere.get(node, []):
            chapter.say(flow.element.get("id", ""), _("En vei fra %(what)s fører ingen steder.", what=self.label(node)))
        if len(ways) > 1 or is_choice(node):
            chapter.last = None

    def _back(self, way: Paths, node: Node, chapter: Chapter) -> None:
        for each in way.out.get(node, []):
            if way.is_back(each):
                lead = _("Deretter") if chapter.last is node else _("Når %(clause)s,", clause=self.over(node))
                self._goes(way, each, lead, chapter)

    def _if(self, node: Node, way: Way) -> str:
        """The condition of a way as the beginning of a sentence."""
        text = formula(way.flow.condition)
        if text is not None and not is_default(node, way.flow):
            return _("Hvis %(condition)s,", condition=self.condition(node, text))
        if is_default(node, way.flow) or (self.runs and len(node.outs) > 1):
            return _("Ellers")
        name = way.flow.element.get("name")
        if name:
            return _("Hvis svaret er %(answer)s,", answer=quoted(name))
        return _("Hvis det blir bestemt slik (når det er, er ikke sagt),")

    def _otherwise(self, node: Node, chapter: Chapter) -> None:
        flows = node.outs
        open_ = [flow for flow in flows if formula(flow.condition) is None]
        if not self.runs and [flow for flow in open_ if not is_default(node, flow)] and len(flows) > 1:
            chapter.say(node.id, _("Hva som avgjør det, er ikke bestemt."))
        elif self.runs and not open_:
            chapter.say(node.id, _("Stemmer ingenting av dette, stopper løpet til noen har sett på det."))

    def _come_first(self, way: Paths, each: Way, chapter: Chapter) -> None:
        """One of several events that are waited for: it is the beginning of what follows it."""
        event = each.target
        lead = self.first(event)
        if event in self._done or len(way.into.get(event, [])) != 1 or event.tag not in (*EVENTS, "receiveTask"):
            self._goes(way, each, lead, chapter)
            return
        self._done.add(event)
        self._onwards(way, event, lead, chapter)

    def _beside(self, way: Paths, event: Node, chapter: Chapter) -> None:
        """A boundary event: the beginning of what follows it, and what becomes of its host."""
        self._onwards(way, event, self.beside(event, event.host), chapter, self.kept_open(event, event.host))

    def _onwards(self, way: Paths, event: Node, lead: str, chapter: Chapter, end: str = "") -> None:
        ways = way.out.get(event, [])
        if len(ways) == 1:
            self._along(way, ways[0], lead, chapter, also=(event.id,), end=end)
            return
        if ways:
            said = _("%(lead)s går det %(count)s veier samtidig.", lead=lead, count=number(len(ways)))
        else:
            said = _("%(lead)s er det ikke bestemt hva som skjer.", lead=lead)
        chapter.say(event.id, said, end)
        self._after(way, event, chapter)

    def _along(
        self, way: Paths, each: Way, lead: str, chapter: Chapter, *, also: tuple[str, ...] = (), end: str = ""
    ) -> None:
        """Along one way: its target is told here if nothing else leads to it, and else named."""
        node = each.target
        single = len(way.ahead(node)) == 1 and not way.is_back(each)
        if node in self._done or not single or node.tag.endswith("Gateway"):
            self._goes(way, each, lead, chapter, also=also, end=end)
            return
        self._tell(way, node, lead, chapter, also=(*also, each.flow.element.get("id", "")), end=end)
        self._after(way, node, chapter)

    def _goes(
        self, way: Paths, each: Way, lead: str, chapter: Chapter, *, also: tuple[str, ...] = (), end: str = ""
    ) -> None:
        what = self.label(each.target)
        if way.is_back(each):
            said = _("%(lead)s går det tilbake til %(what)s.", lead=lead, what=what)
        elif each.target.tag == "endEvent" and not self.name(each.target):
            said = _("%(lead)s går det rett til slutten.", lead=lead)
        else:
            said = _("%(lead)s går det videre til %(what)s.", lead=lead, what=what)
        element = also[0] if also else each.flow.element.get("id", "")
        chapter.say(element, said, end, also=(*also[1:], each.flow.element.get("id", "")) if also else ())
        chapter.last = None


def _road(place: int, of: int) -> str:
    """Which of the ways that begin at once."""
    if place == 1 and of == 2:
        return _("På den ene veien")
    return _("På den %(ordinal)s veien", ordinal=ordinal(place))


def _roles(node: Node) -> list[str]:
    found = extensions(node.element, "assignmentDefinition")
    return [part.strip() for part in (found[0].get("candidateGroups") or "").split(",")] if found else []


def _names(text: str) -> frozenset[str]:
    try:
        return feel.names_of(text)
    except feel.FeelError:
        return frozenset()
