"""FEEL, the only language of expressions: text to value over plain data, with bounds on everything.

`evaluate`, `parse` and `names` take an expression without its leading `=`; `value` and `names_of` take the text of an
attribute, in which only what begins with `=` is FEEL (the zeebe convention).

Numbers are `Decimal`, texts `str`, lists `list`, contexts `dict`, points in time `date`, `time` and `datetime` (one
without zone is local to the organisation), durations `CalendarDuration`, ranges `Range`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from komp_flow.feel import syntax
from komp_flow.feel import texts as _texts
from komp_flow.feel.durations import CalendarDuration, YearsMonths, duration
from komp_flow.feel.errors import FeelError, FeelSyntaxError
from komp_flow.feel.evaluation import Compute, compiled, run_of
from komp_flow.feel.parser import LONGEST, tree
from komp_flow.feel.values import Moment, Range, Run, normal

__all__ = [
    "CalendarDuration",
    "Expression",
    "FeelError",
    "FeelSyntaxError",
    "Moment",
    "Range",
    "YearsMonths",
    "duration",
    "evaluate",
    "names",
    "names_of",
    "parse",
    "shown",
    "value",
]


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """A parsed expression: immutable, safe to share between threads.

    `names` are those that it may read: in a filter an item's own field counts as one.
    """

    text: str
    names: frozenset[str]
    _compute: Compute = field(repr=False)

    def evaluate(self, names: Mapping[str, object], moment: Moment) -> object:
        """Its value over `names`. Raises FeelError past a bound; wrong kinds give null."""
        return run_of(self._compute, Run(names, moment))


def parse(expression: str) -> Expression:
    """The expression, read once for each text. Raises FeelSyntaxError, also past 500 characters or 200 nodes."""
    # What is too long is refused by `tree` and never becomes a key of the cache.
    return _parsed(expression) if len(expression) <= LONGEST else _read(expression)


def _read(expression: str) -> Expression:
    node = tree(expression)
    return Expression(expression, syntax.free(node), compiled(node))


_parsed = lru_cache(1024)(_read)


def evaluate(expression: str, names: Mapping[str, object], moment: Moment) -> object:
    """The value of an expression. Raises FeelSyntaxError, and FeelError past a bound."""
    return parse(expression).evaluate(names, moment)


def value(text: str | None, names: Mapping[str, object], moment: Moment) -> object:
    """What the text of an attribute stands for: `=…` is evaluated, any other text is itself."""
    return evaluate(text[1:], names, moment) if text is not None and text.startswith("=") else text


def names(expression: str) -> frozenset[str]:
    """The names that the expression may read. In a filter an item's own field counts as one. Raises FeelSyntaxError."""
    return parse(expression).names


def names_of(text: str | None) -> frozenset[str]:
    """As `names`, for the text of an attribute: none unless it begins with `=`."""
    return names(text[1:]) if text is not None and text.startswith("=") else frozenset()


def shown(value: object, moment: Moment) -> str:
    """Any value as FEEL's `string` shows it, null as `null`: 1.50 is `1.5`, true is `true`, a date is ISO 8601."""
    return _texts.text(normal(value), Run({}, moment))
