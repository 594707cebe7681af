"""The tree of an expression: one class a construct, and the names that a tree may read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, text, boolean, null or point in time."""

    value: object


@dataclass(frozen=True, slots=True)
class Name:
    """A name, looked up from the inside outwards."""

    name: str


@dataclass(frozen=True, slots=True)
class Path:
    """`of.name`"""

    of: Node
    name: str


@dataclass(frozen=True, slots=True)
class Filter:
    """`of[by]`: a position or a condition, which may show only when it is evaluated."""

    of: Node
    by: Node


@dataclass(frozen=True, slots=True)
class Listing:
    """`[a, b]`"""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Context:
    """`{a: 1, b: a + 1}`: each entry sees those before it."""

    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Interval:
    """`[a..b]`, `(a..b)` and the mixed ones."""

    start: Node
    end: Node
    start_included: bool
    end_included: bool


@dataclass(frozen=True, slots=True)
class Steps:
    """`a..b` after `in` of a `for`, `some` or `every`."""

    start: Node
    end: Node


@dataclass(frozen=True, slots=True)
class Binary:
    """`op` is one of: or and = != < <= > >= + - * / **"""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Negation:
    """`-of`"""

    of: Node


@dataclass(frozen=True, slots=True)
class UnaryTest:
    """`op` is one of: = != < <= > >="""

    op: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Between:
    """`value between low and high`"""

    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class In:
    """`value in test`, `value in (test, test)`"""

    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class If:
    """`if … then … else …`"""

    condition: Node
    then: Node
    otherwise: Node


Iterators = tuple[tuple[str, "Node"], ...]


@dataclass(frozen=True, slots=True)
class For:
    """`for x in …, y in … return …`"""

    iterators: Iterators
    body: Node


@dataclass(frozen=True, slots=True)
class Quantified:
    """`some x in … satisfies …`, or `every`."""

    every: bool
    iterators: Iterators
    body: Node


@dataclass(frozen=True, slots=True)
class InstanceOf:
    """`value instance of kind`"""

    value: Node
    kind: str


@dataclass(frozen=True, slots=True)
class Call:
    """Either `positional` or `named` is empty."""

    function: str
    positional: tuple[Node, ...]
    named: tuple[tuple[str, Node], ...]


Node = (
    Literal | Name | Path | Filter | Listing | Context | Interval | Steps | Binary | Negation | UnaryTest | Between
    | In | If | For | Quantified | InstanceOf | Call
)  # fmt: skip


def children(node: Node) -> Iterator[Node]:
    """The nodes right below, those of iterators and entries too."""
    for slot in node.__slots__:
        yield from _nodes(getattr(node, slot))


def _nodes(part: object) -> Iterator[Node]:
    if isinstance(part, tuple):
        for item in part:
            yield from _nodes(item)
    elif isinstance(part, Node):
        yield part


def size(node: Node) -> int:
    """How many nodes the tree has: what one evaluation of it costs at least."""
    return 1 + sum(size(child) for child in children(node))


def free(node: Node, bound: frozenset[str] = frozenset()) -> frozenset[str]:
    """The names that the tree may read from outside. In a filter an item's own field counts as one of them."""
    match node:
        case Name(name):
            return frozenset() if name in bound else frozenset({name})
        case Filter(of, by):
            return free(of, bound) | free(by, bound | {"item"})
        case Context(entries):
            return _free_in_turn(entries, None, bound)
        case For(iterators, body):
            return _free_in_turn((*iterators, ("partial", Literal(None))), body, bound)
        case Quantified(_, iterators, body):
            return _free_in_turn(iterators, body, bound)
        case _:
            return frozenset().union(*(free(child, bound) for child in children(node)))


def _free_in_turn(entries: tuple[tuple[str, Node], ...], body: Node | None, bound: frozenset[str]) -> frozenset[str]:
    """Each entry sees the names of those before it, the body those of all."""
    found: frozenset[str] = frozenset()
    for name, node in entries:
        found |= free(node, bound)
        bound |= {name}
    return found if body is None else found | free(body, bound)
