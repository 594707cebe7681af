"""What a form brings to those who read its answers, and how a newer one differs: fields, kinds of answer, options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from komp_flow import forms
from komp_flow.engine.checks.formulas import is_feel
from komp_flow.feel import FeelError, syntax
from komp_flow.feel.parser import tree
from komp_flow.forms.components import (
    Choice,
    Component,
    Group,
    Input,
    NumberInput,
    Reference,
    Rows,
    Tick,
    When,
    everything,
)
from komp_flow.i18n import _, _l

# The kinds of answer as sentences name them: what expressions can do with them differs.
KINDS: Final[Mapping[str, str]] = {
    "text": _l("en tekst"),
    "number": _l("et tall"),
    "tick": _l("ja eller nei"),
    "date": _l("en dato"),
    "time": _l("et klokkeslett"),
    "datetime": _l("en dato med klokkeslett"),
    "several": _l("en liste med valg"),
    "rows": _l("en liste med rader"),
    "group": _l("en gruppe"),
    "files": _l("filer"),
}

_NAMED: Final = (syntax.Name, syntax.Path)


@dataclass(frozen=True)
class Answered:
    """One answer: its kind, and the texts that it can be where those are fixed. `under` is the list or group's name."""

    kind: str
    options: frozenset[str] | None = None
    under: str = ""


@dataclass(frozen=True)
class Difference:
    """What those who read `name` cannot count on any more. `rule` is lost, kind or option; `member` within a list."""

    rule: str
    form: str
    name: str
    member: str = ""
    before: str = ""
    now: str = ""
    value: str = ""

    @property
    def field(self) -> str:
        """The field as an expression would write it."""
        return f"{self.name}.{self.member}" if self.member else self.name

    @property
    def is_whole(self) -> bool:
        """Whether the name itself has gone."""
        return self.rule == "lost" and not self.member

    def reaches(self, text: str) -> bool:
        """Whether an expression that reads the name counts on what has gone."""
        try:
            found = list(_nodes(tree(text[1:]))) if is_feel(text) else []
        except FeelError:
            return False
        if self.rule == "option":
            return any(self.value in _compared(node, self.member or self.name) for node in found)
        return not self.member or any(isinstance(node, _NAMED) and node.name == self.member for node in found)


def answers(form: forms.Form) -> dict[str, Answered]:
    """By name, or `list.name` within a list or a group."""
    return dict(_answers(form.components, ""))


def _answers(components: tuple[Component, ...], under: str) -> Iterator[tuple[str, Answered]]:
    for part in components:
        if isinstance(part, Group):
            if part.path and not under:
                yield part.path, Answered("group")
            yield from _answers(part.components, under or part.path or "")
        elif isinstance(part, Rows):
            yield part.key if not under else f"{under}.{part.key}", Answered("rows", under=under)
            yield from _answers(part.components, under or part.key)
        elif isinstance(part, Input):
            yield part.key if not under else f"{under}.{part.key}", Answered(_kind(part), _options(part), under)


def _kind(part: Input) -> str:
    match part:
        case Choice(many=True):
            return "several"
        case Choice(options=options) if options and all(isinstance(one.value, bool) for one in options):
            return "tick"
        case Choice(options=options) if options and all(isinstance(one.value, int | float) for one in options):
            return "number"
        case NumberInput():
            return "number"
        case Tick():
            return "tick"
        case When(part=which):
            return which
        case Reference():
            return "files"
    return "text"


def _options(part: Input) -> frozenset[str] | None:
    """The texts of the choices; None where they are not written in the form."""
    if not isinstance(part, Choice) or part.options_from or part.options_key:
        return None
    return frozenset(one.value for one in part.options if isinstance(one.value, str))


def differences(before: forms.Form, now: forms.Form) -> Iterator[Difference]:
    """What the newer form does not bring as the older did."""
    then, new = answers(before), answers(now)
    for path, was in then.items():
        name, _dot, member = path.partition(".") if was.under else (path, "", "")
        found = new.get(path)
        if found is None:
            if not was.under or was.under in new:  # else the whole list has gone, which is said of it
                yield Difference("lost", now.id, name, member)
        elif found.kind != was.kind:
            yield Difference("kind", now.id, name, member, str(KINDS[was.kind]), str(KINDS[found.kind]))
        elif was.options is not None and found.options is not None:
            for value in sorted(was.options - found.options):
                yield Difference("option", now.id, name, member, value=value)


def said(difference: Difference, reader: str, place: str) -> tuple[str, str]:
    """What is wrong at a place, and what to do. `reader` is the process or form that reads it there."""
    about = {
        "form": difference.form, "field": difference.field, "value": difference.value, "reader": reader, "place": place,
        "before": difference.before, "now": difference.now,
    }  # fmt: skip
    if difference.rule == "option":
        return (
            _("Skjemaet «%(form)s» har ikke lenger svaret «%(value)s» på «%(field)s». "
              "«%(reader)s» ser etter det i «%(place)s».", **about),
            _("La svaret stå i skjemaet, eller endre «%(reader)s» så det ikke trengs der, og publiser de to sammen.",
              **about),
        )  # fmt: skip
    if difference.rule == "kind":
        return (
            _("«%(field)s» i skjemaet «%(form)s» er nå %(now)s og ikke %(before)s. "
                "«%(reader)s» leser det i «%(place)s».",
              **about),
            _("La feltet være som det var, eller gi det nye feltet en annen nøkkel. Du kan også endre uttrykket i "
              "«%(reader)s» og publisere de to sammen.", **about),
        )  # fmt: skip
    return (
        _("Skjemaet «%(form)s» har ikke lenger feltet «%(field)s», som «%(reader)s» leser i «%(place)s».", **about),
        _("La feltet stå i skjemaet, eller endre «%(reader)s» så det ikke trengs der, og publiser de to sammen.",
          **about),
    )  # fmt: skip


def _nodes(node: syntax.Node) -> Iterator[syntax.Node]:
    waiting = [node]
    while waiting:
        at = waiting.pop()
        yield at
        waiting += syntax.children(at)


def _compared(node: syntax.Node, name: str) -> set[str]:
    """The texts that this node compares the answer with."""
    match node:
        case syntax.Binary(op, left, right) if op in {"=", "!="}:
            pair = (left, right)
            return {
                one.value
                for one, other in (pair, pair[::-1])
                if isinstance(one, syntax.Literal) and isinstance(one.value, str) and _is_of(other, name)
            }
        case syntax.In(of, tests) if _is_of(of, name):
            return {text for test in tests for text in _texts(test)}
        case syntax.Call("list contains", positional, _named) if positional and _is_of(positional[0], name):
            return {text for one in positional[1:] for text in _texts(one)}
    return set()


def _texts(node: syntax.Node) -> set[str]:
    return {one.value for one in _nodes(node) if isinstance(one, syntax.Literal) and isinstance(one.value, str)}


def _is_of(node: syntax.Node, name: str) -> bool:
    return (isinstance(node, syntax.Name) and node.name == name) or (
        isinstance(node, syntax.Path) and node.name == name
    )


def reads_outside(form: forms.Form) -> dict[str, list[tuple[str, str, str]]]:
    """The names from before that a form reads: of each, the component's id, its label and the expression."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for part in everything(form.components):
        label = getattr(part, "label", "") or getattr(part, "key", "") or part.element
        for expression in part.expressions():
            for name in expression.names & form.outside:
                found.setdefault(name, []).append((part.element, str(label), f"={expression.text}"))
    return found
