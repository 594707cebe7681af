"""A diagram as plain data: what the random builder makes, the drawing draws and the token game plays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

KEY = "k"  # the correlation key of every message that waits outside a multi-instance
Condition = tuple[str, int]  # a variable and the value it must have
Source = int | str  # of a mapping: a number, or a variable's name
Mapping = tuple[Source, str]


@dataclass
class Event:
    """What is waited for or thrown. `code` None catches all; `minutes` and `times` are a timer's.

    A timer with a name waits for the calendar's date, which is not known before somebody sets it.
    """

    kind: str
    name: str = ""
    key: str = ""  # the variable that a message's key is read from; empty: the constant KEY
    code: str | None = None
    minutes: int = 0
    times: int = 1


@dataclass
class Node:
    """`kind` is a BPMN tag, or terminate, handler (an event sub-process), linkThrow, linkCatch.

    `on` is what a boundary event stands on, `inside` a sub-process's or called process's graph, `loop` is par, seq or
    empty, `until` how many items are enough, `asks` the variable that a person's answer, a message or an operation
    writes, `fails` the error code that an operation answers with.
    """

    kind: str
    id: str
    event: Event | None = None
    interrupts: bool = True
    on: str = ""
    default: str = ""
    loop: str = ""
    items: int = 0
    until: int = 0
    collects: bool = False
    inside: Graph | None = None
    asks: str = ""
    value: int = 0
    fails: str = ""
    ins: list[Mapping] = field(default_factory=list)
    outs: list[Mapping] = field(default_factory=list)

    @property
    def item(self) -> str:
        """The variable that holds an item of its multi-instance."""
        return f"it_{self.id}"

    @property
    def collection(self) -> str:
        """The variable that gets the results of its multi-instance."""
        return f"all_{self.id}"


@dataclass
class Graph:
    """One scope. A flow is (source, target, condition)."""

    nodes: dict[str, Node] = field(default_factory=dict)
    flows: list[tuple[str, str, Condition | None]] = field(default_factory=list)

    def out(self, node: str) -> list[tuple[str, Condition | None]]:
        return [(target, condition) for source, target, condition in self.flows if source == node]

    def sources(self, node: str) -> list[str]:
        return [source for source, target, _condition in self.flows if target == node]

    def on(self, node: str) -> list[Node]:
        """The boundary events of an activity."""
        return [event for event in self.nodes.values() if event.on == node]

    @property
    def start(self) -> Node:
        return next(node for node in self.nodes.values() if node.kind == "startEvent")

    @property
    def handlers(self) -> list[Node]:
        return [node for node in self.nodes.values() if node.kind == "handler"]

    def walk(self) -> Iterator[Node]:
        """Every node, of all that is inside too."""
        for node in self.nodes.values():
            yield node
            if node.inside is not None:
                yield from node.inside.walk()
