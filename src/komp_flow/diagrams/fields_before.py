"""The answers of forms that are known where a flow begins, each as a condition and as people would say it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from komp_flow.diagrams.words.around import FieldWords, Words
from komp_flow.diagrams.words.said import quoted, tidy
from komp_flow.engine.checks.diagram import Node
from komp_flow.engine.checks.paths import forward
from komp_flow.engine.memory.bpmn import extensions
from komp_flow.i18n import _

MOST_CHOICES: Final = 60
_CHOSEN = frozenset({"radio", "select"})
_SEVERAL = frozenset({"checklist", "taglist"})


@dataclass(frozen=True)
class Choice:
    """One answer: the FEEL that is true of it, with `=` first, and its words."""

    feel: str
    label: str


def choices(at: Node, around: Words) -> list[Choice]:
    """What may have been answered before the element is reached, the nearest task's first."""
    found: dict[str, Choice] = {}
    for task in _before(at):
        for definition in extensions(task.element, "formDefinition"):
            form = around.forms.get(definition.get("formId", "").strip())
            mapped = {source.removeprefix("=").strip(): target for source, target in task.mappings("output")}
            for name, field in (form.fields if form else {}).items():
                known = mapped.get(name) if mapped else name
                for choice in _of(known, field) if known else ():
                    found.setdefault(choice.feel, choice)
    return list(found.values())[:MOST_CHOICES]


def _before(at: Node) -> list[Node]:
    """The people's tasks from which the element can be reached; those next to it first."""
    seen, todo, found = {at}, [at], []
    while todo:
        here = todo.pop(0)
        earlier = [flow.source for flow in here.ins if flow.source is not None]
        if not earlier and here.host is not None:
            earlier = [here.host]
        if here.tag == "startEvent" and here.scope.owner is not None:
            earlier = [here.scope.owner]
        if here.inside is not None:
            earlier += [
                node
                for node in here.inside.nodes
                if node.tag == "endEvent" and node in forward(here.inside, here.inside.starts)
            ]
        for node in earlier:
            if node not in seen:
                seen.add(node)
                todo.append(node)
                found.append(node)
    return [node for node in found if node.tag == "userTask"]


def _of(name: str, field: FieldWords) -> Iterator[Choice]:
    label = quoted(field.label)
    if field.type in _CHOSEN:
        for value, said in field.options.items():
            yield Choice(
                f'={name} = "{_escaped(value)}"', _("%(field)s er %(answer)s", field=label, answer=quoted(said))
            )
    elif field.type in _SEVERAL:
        for value, said in field.options.items():
            yield Choice(
                f'=list contains({name}, "{_escaped(value)}")',
                _("%(field)s har med %(answer)s", field=label, answer=quoted(said)),
            )
    elif field.type == "checkbox":
        yield Choice(f"={name} = true", _("%(field)s er krysset av", field=label))
        yield Choice(f"={name} != true", _("%(field)s er ikke krysset av", field=label))


def _escaped(text: str) -> str:
    return tidy(text).replace("\\", "\\\\").replace('"', '\\"')
