"""Expressions as the rules need them: can it be read, is it constant, and which names does it surely read?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from komp_flow import feel
from komp_flow.feel import syntax
from komp_flow.feel.parser import tree

# Any moment will do for what does not depend on it.
SOME_MOMENT: Final = feel.Moment(datetime(2027, 1, 4, 8, tzinfo=UTC), ZoneInfo("Europe/Oslo"))
UNKNOWN: Final = object()
# Those who ask whether a name is there may ask for one that is not.
_ASKING = frozenset({"is defined", "get value", "get or else"})


def is_feel(text: str | None) -> bool:
    """Only what begins with `=` is FEEL; any other text is itself."""
    return text is not None and text.startswith("=")


def constant(text: str) -> object:
    """The value of an expression that reads no names, UNKNOWN for one that does or that cannot be evaluated."""
    try:
        expression = feel.parse(text[1:])
        return UNKNOWN if expression.names else expression.evaluate({}, SOME_MOMENT)
    except feel.FeelError:
        return UNKNOWN


@dataclass
class Reads:
    """`names` are surely names of variables; `paths` are those with the member that is asked of them.

    In a filter a name may as well be a field of an item, so it says nothing.
    """

    names: set[str] = field(default_factory=set)
    paths: set[tuple[str, str]] = field(default_factory=set)


def reads(text: str | None) -> Reads:
    """What the text of an attribute reads. Raises FeelSyntaxError."""
    found = Reads()
    if text is not None and is_feel(text):
        expression = text[1:]
        feel.parse(expression)
        _walk(tree(expression), frozenset(), found)
    return found


def _walk(node: syntax.Node, bound: frozenset[str], found: Reads) -> None:
    match node:
        case syntax.Name(name):
            found.names |= {name} - bound
        case syntax.Path(syntax.Name(name), member):
            found.names |= {name} - bound
            found.paths |= {(name, member)} if name not in bound else set()
        case syntax.Filter(of, _by):
            _walk(of, bound, found)
        case syntax.Call(function, _positional, _named) if function in _ASKING:
            return
        case syntax.Context(entries):
            _in_turn(entries, bound, found)
        case syntax.For(iterators, body) | syntax.Quantified(_, iterators, body):
            _walk(body, _in_turn(iterators, bound, found) | {"partial"}, found)
        case _:
            for child in syntax.children(node):
                _walk(child, bound, found)


def _in_turn(entries: tuple[tuple[str, syntax.Node], ...], bound: frozenset[str], found: Reads) -> frozenset[str]:
    for name, node in entries:
        _walk(node, bound, found)
        bound |= {name}
    return bound


def members(paths: set[tuple[str, str]], roots: Mapping[str, frozenset[str]]) -> list[tuple[str, str]]:
    """The paths whose root is known to have only certain members, and that ask for another."""
    return sorted((root, member) for root, member in paths if root in roots and member not in roots[root])
