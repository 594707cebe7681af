"""The names that exist at one point of a drawing, each with what it is and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from komp_flow.diagrams.words.around import FieldWords, Words
from komp_flow.diagrams.words.said import quoted
from komp_flow.engine.checks import names
from komp_flow.engine.checks.around import Around
from komp_flow.engine.checks.diagram import Diagram, Node, Scope
from komp_flow.engine.memory import bpmn
from komp_flow.engine.memory.bpmn import extensions
from komp_flow.engine.problems import Known
from komp_flow.i18n import _

MOST_NAMES: Final = 300


@dataclass(frozen=True)
class Name:
    """`type` is a form's field's, "" where it is not known."""

    name: str
    sentence: str
    type: str = ""


def names_at(data: bytes, element: str, known: Known, around: Words) -> list[Name]:
    """What the drawing itself writes and the element can see: an id of a node, a flow, or of the process.

    What comes from the host (cycle, unit, …) is the same everywhere and not among them. Refused: it is not XML.
    """
    diagram = Diagram(bpmn.read(data))
    surroundings = Around(known)
    for process in diagram.processes:
        place = _place(process, element)
        if place is None:
            continue
        scope, node = place
        found: dict[str, Name] = {}
        for name in sorted(_own(scope, node)):
            found[name] = Name(name, _("Finnes bare her"))
        writes = names.written(process, surroundings)
        for name, places in sorted(writes.regions.items()):
            if writes.reaches(name, scope):
                found.setdefault(name, _said(name, [writer for _region, writer in places], around))
        return list(found.values())[:MOST_NAMES]
    return []


def _place(process: Scope, element: str) -> tuple[Scope, Node | None] | None:
    """The scope that the element sees from, and the node that it is."""
    for scope in process.walk():
        if scope.element.get("id") == element and scope.owner is None:
            return scope, None
        for node in scope.nodes:
            if node.id == element:
                return scope, node
        if any(flow.element.get("id") == element for flow in scope.flows):
            return scope, None
    return None


def _own(scope: Scope, node: Node | None) -> frozenset[str]:
    """What is local: the element's own inputs and item, and those of what is around it."""
    inside = frozenset().union(*(names._locals(outer.owner) for outer in scope.outwards() if outer.owner is not None))
    return inside | (names._locals(node) if node is not None else frozenset())


def _said(name: str, writers: list[Node], around: Words) -> Name:
    """Where the name comes from, by the first who writes it."""
    writer = writers[0]
    by = quoted(writer.element.get("name") or writer.id)
    for definition in extensions(writer.element, "formDefinition"):
        form = around.forms.get(definition.get("formId", "").strip())
        field: FieldWords | None = form.fields.get(name) if form else None
        if field is not None:
            return Name(name, _("Svaret på %(field)s i %(task)s", field=quoted(field.label), task=by), field.type)
    return Name(name, _("Kommer fra %(element)s", element=by))
