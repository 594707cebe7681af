"""What the token game is played with: tokens, scopes, waits."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.graphs import Event, Graph, Node

Value = int | list[object] | None


@dataclass(eq=False)
class Activation:
    """One passage of an inclusive split: how many tokens it sent, and those that have come to the join."""

    sent: int
    come: int = 0


Sent = tuple[Activation, ...]


@dataclass(eq=False)
class Wait:
    """What an event node waits for. `due` are the minutes at which a timer fires."""

    node: Node
    event: Event
    order: int
    key: str = ""
    due: list[int] = field(default_factory=list)


@dataclass(eq=False)
class Token:
    """A token at a node. `whole` is the multi-instance that it is one item of, `item` which one.

    `beside` are the waits of the activity's boundary events, `waits` those of an event or event gateway itself.
    """

    id: int
    scope: Scope
    node: Node
    sent: Sent
    source: str = ""
    whole: Token | None = None
    item: int = 0
    rests: str = ""  # person, event, inside, join, stuck; empty: it is on its way
    beside: list[Wait] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)
    inside: Scope | None = None
    brought: Value = None
    chosen: str = ""
    enough: bool = False
    results: list[object] = field(default_factory=list)
    done: int = 0


@dataclass(eq=False)
class Scope:
    """A process, sub-process or called process. `is_item`: nothing is written outside it."""

    id: int
    graph: Graph
    holder: Token | None
    is_item: bool = False
    is_called: bool = False
    variables: dict[str, Value] = field(default_factory=dict)
    tokens: list[Token] = field(default_factory=list)
    listeners: list[Wait] = field(default_factory=list)
    over: bool = False
