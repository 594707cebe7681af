"""Two diagrams compared, element by element, over the same words in which each is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree

from komp_flow.diagrams.differences.facts import Fact, facts
from komp_flow.diagrams.differences.said import Change, changed, renamed
from komp_flow.diagrams.words.around import Words
from komp_flow.diagrams.words.paths import Paths, Way, paths
from komp_flow.diagrams.words.said import capital, either, quoted, tidy
from komp_flow.diagrams.words.story import Story
from komp_flow.engine.checks.diagram import Diagram, Node
from komp_flow.engine.memory import bpmn
from komp_flow.engine.memory.bpmn import BPMN, formula, local
from komp_flow.i18n import _, _l

XSI_TYPE: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"  # a prefix of the file's own, and no meaning
DI: Final = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC: Final = "{http://www.omg.org/spec/DD/20100524/DC}"
# Elements that people see or that others refer to; all else belongs to the one around it.
APART: Final = frozenset({
    *bpmn.NODES, "sequenceFlow", "process", "participant", "collaboration", "messageFlow", "lane", "laneSet",
    "textAnnotation", "association", "group", "dataObjectReference", "dataStoreReference", "dataObject", "dataStore",
    "message", "signal", "error", "escalation", "scriptTask", "complexGateway", "transaction", "adHocSubProcess",
})  # fmt: skip
REFERRED: Final = frozenset({"message", "signal", "error", "escalation"})
_KINDS: Final = {
    "sequenceFlow": _l("veien"), "process": _l("prosessen"), "participant": _l("rammen"), "lane": _l("feltet"),
    "collaboration": _l("tegningen"), "laneSet": _l("feltene"), "textAnnotation": _l("merknaden"),
    "association": _l("streken"), "group": _l("grupperingen"), "messageFlow": _l("meldingsstreken"),
    "message": _l("meldingen"), "signal": _l("signalet"), "error": _l("feilen"), "escalation": _l("varselet"),
    "dataObjectReference": _l("dokumentet"), "dataStoreReference": _l("datalageret"), "dataObject": _l("dokumentet"),
    "dataStore": _l("datalageret"),
}  # fmt: skip
Tree = tuple[Any, ...]


@dataclass(eq=False)
class Side:
    """One of the two diagrams."""

    root: etree._Element
    around: Words
    elements: dict[str, etree._Element] = field(default_factory=dict)
    drawn: dict[str, Tree] = field(default_factory=dict)
    nodes: dict[str, tuple[Story, Node]] = field(default_factory=dict)
    ways: dict[str, list[Way]] = field(default_factory=dict)  # that lead to an element from what is told before
    said: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, data: bytes, around: Words) -> Side:
        """All that is compared. Refused: it cannot be read."""
        side = cls(bpmn.read(data), around)
        for element in side.root.iter(BPMN + "*"):
            if local(element) in APART and element.get("id"):
                side.elements.setdefault(element.get("id", ""), element)
        for shape in side.root.iter(DI + "BPMNShape", DI + "BPMNEdge"):
            side.drawn[shape.get("bpmnElement", "")] = tree(shape)
        diagram = Diagram(side.root)
        for process in diagram.processes:
            story = Story(diagram, process, around)
            for section in story.told():
                for line in section.lines:
                    for id_ in (line.element, *line.also):
                        side.said.setdefault(id_, line.text)
            story.here = None
            for scope in process.walk():
                way = paths(scope)
                for node in scope.nodes:
                    side.nodes.setdefault(node.id, (story, node))
                    side.ways.setdefault(node.id, _sources(way, node))
        return side

    def what(self, id_: str) -> str:
        """What an element is called."""
        if id_ in self.nodes:
            story, node = self.nodes[id_]
            return capital(story.label(node))
        element = self.elements[id_]
        kind, name = local(element), tidy(element.get("name") or formula(element.find(BPMN + "text")))
        if kind == "sequenceFlow":
            ends = [self._end(element.get(end, "")) for end in ("sourceRef", "targetRef")]
            return _("Veien fra %(source)s til %(target)s", source=ends[0], target=ends[1])
        said = str(_KINDS.get(kind, kind))
        return capital(_("%(kind)s %(name)s", kind=said, name=quoted(name)) if name else said)

    def _end(self, id_: str) -> str:
        if id_ in self.nodes:
            story, node = self.nodes[id_]
            return story.label(node)
        return _("ingen steder")

    def facts(self, id_: str) -> dict[str, Fact]:
        """What can be said of an element, aspect by aspect."""
        if id_ in self.nodes:
            return facts(*self.nodes[id_])
        return {}


@dataclass(eq=False)
class Compared:
    """The old diagram and the new one."""

    old: Side
    new: Side

    @classmethod
    def of(cls, old: bytes, new: bytes, around: Words) -> Compared:
        """Both read. Refused: one cannot be."""
        return cls(Side.of(old, around), Side.of(new, around))

    def changes(self) -> list[Change]:
        """All differences: those of the new diagram in its order, then what is gone, then what is only redrawn."""
        found = [change for id_ in self.new.elements for change in self._element(id_)]
        told = {change.element for change in found}
        found += [change for id_ in self.old.elements if id_ not in self.new.elements for change in self._gone(id_)]
        if self._around(self.old.root) != self._around(self.new.root):
            found.append(Change("", "changed", _("Noe i filen som ikke vises på tegningen, er endret.")))
        return [*found, *self._redrawn(told)]

    def _element(self, id_: str) -> Iterator[Change]:
        if id_ not in self.old.elements:
            if self._is_told(self.new, id_, self.old):
                yield Change(id_, "added", _("Nytt: %(said)s", said=self.new.said.get(id_) or f"{self.new.what(id_)}."))
            return
        before, after = self.old.elements[id_], self.new.elements[id_]
        if local(after) in REFERRED and self._referring(after):
            return  # told of the events that refer to it
        if tree(before, APART) == tree(after, APART) and id_ not in self.new.nodes:
            return
        found = [*self._named(id_, before, after), *self._facts(id_), *self._moved(id_)]
        if local(before) == "sequenceFlow":
            found += self._flow(id_, before, after)
        elif not found:
            found = [*self._unread(id_, before, after)]
        yield from found

    def _referring(self, element: etree._Element) -> list[Node]:
        """The elements whose event is this message, signal, error or escalation, in both versions."""
        found = []
        for _story, node in self.new.nodes.values():
            definition = node.definition if node.definition is not None else node.element
            if definition.get(f"{local(element)}Ref", "").strip() == element.get("id") and node.id in self.old.nodes:
                found.append(node)
        return found

    def _is_told(self, side: Side, id_: str, other: Side) -> bool:
        """A way that is new or gone is told by what it leads to, unless that is all there is to it."""
        element = side.elements[id_]
        if local(element) != "sequenceFlow":
            return True
        ends = (element.get("sourceRef", ""), element.get("targetRef", ""))
        if not all(end in other.elements for end in ends) or self._place(ends[1]) is not None:
            return False
        return not any(
            local(each) == "sequenceFlow" and (each.get("sourceRef", ""), each.get("targetRef", "")) == ends
            and formula(each.find(BPMN + "conditionExpression")) == formula(element.find(BPMN + "conditionExpression"))
            for each in other.elements.values()
        )  # fmt: skip

    def _named(self, id_: str, before: etree._Element, after: etree._Element) -> Iterator[Change]:
        if local(before) != "sequenceFlow" and tidy(before.get("name")) != tidy(after.get("name")):
            yield renamed(id_, self.old.what(id_), self.new.what(id_))

    def _facts(self, id_: str) -> Iterator[Change]:
        before, after = self.old.facts(id_), self.new.facts(id_)
        for aspect in dict.fromkeys((*before, *after)):
            one, other = before.get(aspect, Fact()), after.get(aspect, Fact())
            if one.raw == other.raw:
                continue
            told = (one.said, other.said) if one.said != other.said else (quoted(one.raw), quoted(other.raw))
            yield changed(id_, self.new.what(id_), one.name or other.name, *told)

    def _place(self, id_: str) -> tuple[str, str] | None:
        """Where in the order it stands, if that is another than before."""
        if id_ not in self.old.nodes or id_ not in self.new.nodes:
            return None
        before, after = ([way.source.id for way in side.ways.get(id_, [])] for side in (self.old, self.new))
        if sorted(before) == sorted(after):
            return None
        return _after(self.old, id_), _after(self.new, id_)

    def _moved(self, id_: str) -> Iterator[Change]:
        place = self._place(id_)
        if place is not None:
            old, new = (said or _("noe som ikke er tegnet") for said in place)
            said = _("%(what)s kommer nå etter %(new)s. Før: etter %(old)s.", what=self.new.what(id_), new=new, old=old)
            yield Change(id_, "changed", said)

    def _flow(self, id_: str, before: etree._Element, after: etree._Element) -> Iterator[Change]:
        what = self.new.what(id_)
        ends = [(each.get("sourceRef"), each.get("targetRef")) for each in (before, after)]
        if ends[0] != ends[1] and self._place(after.get("targetRef", "")) is None and ends[1][1] in self.old.elements:
            old = self.old.what(id_)
            yield Change(id_, "changed", _("%(old)s er lagt om. Nå er det dette: %(new)s.", old=old, new=what))
        one, other = (formula(each.find(BPMN + "conditionExpression")) for each in (before, after))
        if one != other:
            told = (_condition(self.old, before, one), _condition(self.new, after, other))
            told = told if told[0] != told[1] else (quoted(one), quoted(other))
            yield changed(id_, what, _("betingelsen"), *told)
        if tidy(before.get("name")) != tidy(after.get("name")):
            yield changed(
                id_, what, _("navnet"), *(quoted(e.get("name")) if e.get("name") else "" for e in (before, after))
            )
        same = (ends[0] == ends[1], one == other, tidy(before.get("name")) == tidy(after.get("name")))
        if all(same):
            yield from self._unread(id_, before, after)

    def _unread(self, id_: str, before: etree._Element, after: etree._Element) -> Iterator[Change]:
        if tree(before, APART) != tree(after, APART):
            said = _("%(what)s: noe som ikke har egne ord, er endret.", what=self.new.what(id_))
            yield Change(id_, "changed", said)

    def _gone(self, id_: str) -> Iterator[Change]:
        if self._is_told(self.old, id_, self.new):
            yield Change(id_, "removed", _("%(what)s er tatt bort.", what=self.old.what(id_)))

    def _redrawn(self, told: set[str]) -> Iterator[Change]:
        """What only looks different. A line is moved by what it joins, so it is told where neither end is."""
        moved = {id_ for id_, drawn in self.new.drawn.items() if self.old.drawn.get(id_, drawn) != drawn}
        for id_ in self.new.drawn:
            if id_ not in moved or id_ in told or id_ not in self.new.elements or id_ not in self.old.elements:
                continue
            element = self.new.elements[id_]
            ends = {element.get("sourceRef"), element.get("targetRef")}
            if ends & moved:
                continue
            if _bounds(self.old.drawn[id_]) != _bounds(self.new.drawn[id_]):
                yield Change(id_, "redrawn", _("%(what)s er flyttet på tegningen.", what=self.new.what(id_)))
            else:
                yield Change(id_, "redrawn", _("%(what)s ser annerledes ut på tegningen.", what=self.new.what(id_)))

    def _around(self, root: etree._Element) -> Tree:
        """The rest of the file: what stands beside the elements, without the drawing and who exported it."""
        return tuple(
            tree(child, APART)
            for child in root
            if local(child) not in (*APART, "BPMNDiagram")
        )  # fmt: skip


def tree(element: etree._Element, apart: frozenset[str] = frozenset()) -> Tree:
    """An element as plain data, whatever its prefixes and spaces; `apart` are children that are not a part of it."""
    attributes = tuple(sorted((str(k), str(v)) for k, v in element.attrib.items() if k not in ("id", XSI_TYPE)))
    children = tuple(
        tree(child, apart)
        for child in element
        if isinstance(child.tag, str) and local(child) not in apart and local(child) not in ("incoming", "outgoing")
    )
    return str(element.tag), attributes, (element.text or "").strip(), children


def _bounds(drawn: Tree) -> list[Tree]:
    return [child for child in drawn[3] if child[0].endswith(("}Bounds", "}waypoint"))]


def _sources(way: Paths, node: Node) -> list[Way]:
    return way.into.get(node, []) if node in way.place else []


def _after(side: Side, id_: str) -> str:
    """What an element comes after, each with its condition."""
    story, _node = side.nodes[id_]
    said = []
    for way in side.ways.get(id_, []):
        text = formula(way.flow.condition)
        if text:
            said.append(_("%(place)s hvis %(condition)s", place=story.place(way.source),
                          condition=story.condition(way.source, text)))  # fmt: skip
        else:
            said.append(story.place(way.source))
    return either(said)


def _condition(side: Side, element: etree._Element, text: str | None) -> str:
    source = side.nodes.get(element.get("sourceRef", ""))
    if not text or source is None:
        return quoted(text) if text else ""
    story, node = source
    return story.condition(node, text)
