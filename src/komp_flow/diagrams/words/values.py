"""An expression said as a thing, «svaret på …», and as FEEL that people can read where there is nothing better."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import Final

from komp_flow.diagrams.words.around import FieldWords
from komp_flow.diagrams.words.names import Names
from komp_flow.diagrams.words.said import both, clock, either, figure, length, moment, quoted
from komp_flow.engine.checks.diagram import Node
from komp_flow.feel import CalendarDuration, syntax
from komp_flow.i18n import _

MOST_STEPS: Final = 2000  # a list of one in a `for` is looked through, so a small tree may be walked many times


@dataclass(eq=False)
class Values:
    """Expressions of one place. `at` is the element that evaluates them.

    `since` says when that is, after «etter»: «at oppgaven kom», and `day` the same as a day: «dagen oppgaven kom».
    `bound` are names of a `for` over a list of one, which is how FEEL says `let`.
    """

    names: Names
    at: Node | None = None
    since: str = ""
    day: str = ""
    bound: dict[str, syntax.Node] = field(default_factory=dict)
    left: int = MOST_STEPS

    def spent(self) -> bool:
        """Whether this has become too much to say."""
        self.left -= 1
        return self.left < 0

    def when(self, node: syntax.Node) -> str | None:
        """A moment in words, if the expression is one that can be said."""
        raise NotImplementedError

    def field(self, node: syntax.Node) -> FieldWords | None:
        """The form's field that it reads."""
        if isinstance(node, syntax.Name) and node.name in self.bound:
            return None
        return self.names.field_of(node, self.at)

    def value(self, node: syntax.Node) -> str:
        """What it stands for, as a thing."""
        found = self.field(node)
        if found is not None:
            return field_said(found)
        said = self.names.thing(node) or self.when(node)
        if said is not None:
            return said
        match node:
            case syntax.Literal(value):
                return literal(value)
            case syntax.Name(name):
                return quoted(name.replace("_", " "))
            case syntax.Listing(items) if items:
                return either(self.value(item) for item in items)
            case syntax.Call("count", (of,), ()):
                return _("antallet i %(list)s", list=self.value(of))
            case syntax.Call("sum", (of,), ()):
                return _("summen av %(list)s", list=self.value(of))
        return quoted(written(node))


def field_said(found: FieldWords) -> str:
    """A question's answer, or the field itself."""
    return _("svaret på %(field)s", field=quoted(found.label)) if found.label.endswith("?") else quoted(found.label)


def literal(value: object) -> str:
    """A constant of an expression."""
    match value:
        case None:
            return _("ukjent")
        case True:
            return _("ja")
        case False:
            return _("nei")
        case str():
            return quoted(value)
        case Decimal() | int():
            return figure(value)
        case CalendarDuration():
            return length(value)
        case date():
            return moment(value)
        case time():
            return clock(value)
    return quoted(value)


def written(node: syntax.Node) -> str:  # noqa: C901, PLR0912 - one case a construct
    """The expression as text, with Norwegian words for what has one."""
    match node:
        case syntax.Literal(value):
            return f'"{value}"' if isinstance(value, str) else literal(value)
        case syntax.Name(name):
            return name
        case syntax.Path(of, name):
            return f"{written(of)}.{name}"
        case syntax.Filter(of, by):
            return f"{written(of)}[{written(by)}]"
        case syntax.Listing(items):
            return f"[{', '.join(map(written, items))}]"
        case syntax.Context(entries):
            return f"{{{', '.join(f'{key}: {written(value)}' for key, value in entries)}}}"
        case syntax.Interval(start, end) | syntax.Steps(start, end):
            return f"{written(start)}–{written(end)}"
        case syntax.Binary("and", left, right):
            return both([written(left), written(right)])
        case syntax.Binary("or", left, right):
            return either([written(left), written(right)])
        case syntax.Binary(op, left, right):
            return f"{written(left)} {op} {written(right)}"
        case syntax.Negation(of):
            return f"-{written(of)}"
        case syntax.UnaryTest(op, operand):
            return f"{op} {written(operand)}"
        case syntax.Between(value, low, high):
            return f"{written(low)} <= {written(value)} <= {written(high)}"
        case syntax.In(value, tests):
            return f"{written(value)} in ({', '.join(map(written, tests))})"
        case syntax.If(condition, then, otherwise):
            return f"if {written(condition)} then {written(then)} else {written(otherwise)}"
        case syntax.For(iterators, body):
            return f"for {_iterators(iterators)} return {written(body)}"
        case syntax.Quantified(every, iterators, body):
            return f"{'every' if every else 'some'} {_iterators(iterators)} satisfies {written(body)}"
        case syntax.InstanceOf(value, kind):
            return f"{written(value)} instance of {kind}"
        case syntax.Call(function, positional, named):
            given = [*map(written, positional), *(f"{name}: {written(value)}" for name, value in named)]
            return f"{function}({', '.join(given)})"


def _iterators(iterators: tuple[tuple[str, syntax.Node], ...]) -> str:
    return ", ".join(f"{name} in {written(value)}" for name, value in iterators)
