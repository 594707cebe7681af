"""What a variable of a diagram is called by people: a field of a form, a thing of the host's, or its name in quotes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from komp_flow import feel
from komp_flow.diagrams.words.around import SETTINGS, THINGS, FieldWords, Words
from komp_flow.engine.checks.diagram import Node, Scope
from komp_flow.engine.memory.bpmn import extensions
from komp_flow.feel import syntax
from komp_flow.feel.parser import tree

MOST_LOOKED: Final = 2000


@dataclass(eq=False)
class Names:
    """The names of one process."""

    process: Scope
    around: Words
    _before: dict[Node, dict[Node, int]] = field(default_factory=dict)

    @cached_property
    def _givers(self) -> dict[str, list[tuple[Node, FieldWords | None, bool]]]:
        """The tasks whose form gives each name, with the field, and whether it does so by an output mapping."""
        found: dict[str, list[tuple[Node, FieldWords | None, bool]]] = {}
        for task in self.process.all_nodes():
            if task.tag != "userTask":
                continue
            fields, mapped = self._fields(task), task.mappings("output")
            for source, target in mapped:
                found.setdefault(target, []).append((task, _inside(fields, *_path(parsed(source))), True))
            for name in fields if not mapped else ():
                found.setdefault(name, []).append((task, fields[name], False))
        return found

    @cached_property
    def _written(self) -> dict[str, list[tuple[Node, str]]]:
        """Targets of output mappings, with who writes them and from what."""
        found: dict[str, list[tuple[Node, str]]] = {}
        for node in self.process.all_nodes():
            for source, target in node.mappings("output"):
                found.setdefault(target, []).append((node, source))
        return found

    def field_of(self, node: syntax.Node, at: Node | None) -> FieldWords | None:
        """The form's field that an expression of a variable stands for, seen from an element."""
        name, members = _path(node)
        if name is None:
            return None
        found = next((given for _task, given, _mapped in self._nearest(at, name) if given is not None), None)
        return _within(found, members)

    def thing(self, node: syntax.Node) -> str | None:
        """What the host or an operation calls it."""
        name, members = _path(node)
        said = THINGS.get(".".join((name or "", *members)))
        return str(said) if said is not None else None

    def setting(self, node: syntax.Node) -> tuple[str, str] | None:
        """What it means that a setting of the cycle is on, and off."""
        name, members = _path(node)
        said = SETTINGS.get(".".join((name or "", *members)))
        return (str(said[0]), str(said[1])) if said else None

    def moments(self, name: str) -> list[Node]:
        """The elements that note the day or the moment under this name, if that is all that is ever written there."""
        written = self._written.get(name, [])
        own = any(not mapped for _task, _field, mapped in self._givers.get(name, []))
        if own or not all(_is_now(parsed(source)) for _node, source in written):
            return []
        return [node for node, _source in written]

    def _fields(self, task: Node) -> dict[str, FieldWords]:
        found: dict[str, FieldWords] = {}
        for definition in extensions(task.element, "formDefinition"):
            form = self.around.forms.get(definition.get("formId", "").strip())
            if form is not None:
                found |= form.fields
        return found

    def _nearest(self, at: Node | None, name: str) -> list[tuple[Node, FieldWords | None, bool]]:
        """The tasks whose form may have given the name: those on the way to `at` first, the nearest first."""
        givers = self._givers.get(name, [])
        if at is None or len(givers) < 2:
            return givers
        if at not in self._before:
            self._before[at] = _backwards(at)
        before = self._before[at]
        return sorted(givers, key=lambda giver: before.get(giver[0], MOST_LOOKED))


def parsed(text: str | None) -> syntax.Node:
    """The tree of an attribute's text: FEEL after `=`, else the text itself; null where it cannot be read."""
    if text is None or not text.startswith("="):
        return syntax.Literal(text)
    try:
        return tree(text[1:])
    except feel.FeelError:
        return syntax.Literal(None)


def _path(node: syntax.Node) -> tuple[str | None, tuple[str, ...]]:
    """`a.b[1].c` as its name and members; positions and filters are looked through."""
    members: list[str] = []
    while True:
        match node:
            case syntax.Path(of, name):
                members.append(name)
                node = of
            case syntax.Filter(of, _by):
                node = of
            case syntax.Name(name):
                return name, tuple(reversed(members))
            case _:
                return None, ()


def _inside(fields: dict[str, FieldWords], name: str | None, members: tuple[str, ...]) -> FieldWords | None:
    return _within(fields.get(name or ""), members)


def _within(found: FieldWords | None, members: tuple[str, ...]) -> FieldWords | None:
    for member in members:
        found = found.fields.get(member) if found is not None else None
    return found


def _is_now(node: syntax.Node) -> bool:
    return isinstance(node, syntax.Call) and node.function in ("today", "now")


def _backwards(at: Node) -> dict[Node, int]:
    """How far back each element lies on the way here, through the scopes around and those that were passed."""
    far: dict[Node, int] = {}
    todo = [at]
    while todo and len(far) < MOST_LOOKED:
        fresh: list[Node] = []
        for node in todo:
            if node in far:
                continue
            far[node] = len(far)
            if node.inside is not None and node is not at:
                fresh += [inner for inner in reversed(list(node.inside.all_nodes())) if not inner.outs]
            before = [flow.source for flow in node.ins if flow.source is not None]
            if not before and node.host is not None:
                before = [node.host]
            if not before and node.scope.owner is not None:
                before = [node.scope.owner]
            fresh += before
        todo = fresh
    return far
