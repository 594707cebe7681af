"""Random block-structured diagrams: a graph for the token game, and the same drawn as XML."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from engine.drawing import TERMINATE, boundary, catch, doc, el, end, flows, gw, mi, ref, start, sub, timer, user

ITEMS = 3


@dataclass
class Node:
    """`on` is what a boundary event stands on, `inside` a sub-process's graph, `loop` is par, seq or empty."""

    kind: str
    id: str
    minutes: int = 0
    times: int = 1
    interrupts: bool = True
    on: str = ""
    default: str = ""
    loop: str = ""
    inside: Graph | None = None


@dataclass
class Graph:
    """One scope. A flow is (source, target, condition), a condition (variable, value) or None."""

    nodes: dict[str, Node] = field(default_factory=dict)
    flows: list[tuple[str, str, tuple[str, int] | None]] = field(default_factory=list)

    def out(self, node: str) -> list[tuple[str, tuple[str, int] | None]]:
        return [(target, condition) for source, target, condition in self.flows if source == node]

    def sources(self, node: str) -> list[str]:
        return [source for source, target, _condition in self.flows if target == node]


class Generator:
    """Makes one diagram of these kinds of blocks, each with one way in and one way out."""

    def __init__(self, seed: int, kinds: list[str]) -> None:
        self.random = random.Random(seed)
        self.kinds = kinds
        self.count = 0
        self.asked: set[str] = set()  # user tasks whose answer a gateway reads
        self.graph = Graph()

    def build(self, depth: int) -> Graph:
        a, b = self.block(depth)
        self.node("start", "s")
        self.node("end", "e")
        self.flow("s", a)
        self.flow(b, "e")
        return self.graph

    def node(self, kind: str, id_: str = "", **more: object) -> str:
        self.count += 1
        id_ = id_ or f"{kind[0]}{self.count}"
        self.graph.nodes[id_] = Node(kind, id_, **more)  # type: ignore[arg-type]
        return id_

    def flow(self, a: str, b: str, condition: tuple[str, int] | None = None) -> None:
        self.graph.flows.append((a, b, condition))

    def ask(self) -> str:
        id_ = self.node("user")
        self.asked.add(id_)
        return id_

    def minutes(self) -> int:
        """No two alike, so that the order of firings is one only."""
        return self.random.choice([1, 2, 3]) * 1440 + self.count

    def block(self, depth: int) -> tuple[str, str]:
        kinds = self.kinds if self.random.random() < 0.3 else [kind for kind in self.kinds if kind != "user"]
        kind = self.random.choice(kinds) if depth > 0 else "user"
        made: tuple[str, str] = getattr(self, f"block_{kind}")(depth - 1)
        return made

    def block_user(self, _depth: int) -> tuple[str, str]:
        id_ = self.node("user")
        return id_, id_

    def block_seq(self, depth: int) -> tuple[str, str]:
        a, b = self.block(depth)
        c, d = self.block(depth)
        self.flow(b, c)
        return a, d

    def choice(self, kind: str, depth: int) -> tuple[str, str]:
        question, gate = self.ask(), self.node(kind)
        self.flow(question, gate)
        join = self.node(kind)
        for way in range(self.random.choice([2, 2, 3])):
            a, b = self.block(depth)
            self.flow(gate, a, (f"{question}_x", way) if way else None)
            self.flow(b, join)
            if not way:
                self.graph.nodes[gate].default = a
        return question, join

    def block_xor(self, depth: int) -> tuple[str, str]:
        return self.choice("exclusive", depth)

    def block_or(self, depth: int) -> tuple[str, str]:
        return self.choice("inclusive", depth)

    def block_and(self, depth: int) -> tuple[str, str]:
        split, join = self.node("parallel"), self.node("parallel")
        for _way in range(self.random.choice([2, 2, 3])):
            a, b = self.block(depth)
            self.flow(split, a)
            self.flow(b, join)
        return split, join

    def block_loop(self, depth: int) -> tuple[str, str]:
        merge, question, gate = self.node("exclusive"), self.ask(), self.node("exclusive")
        a, b = self.block(depth)
        out = self.node("user")
        for x, y in ((merge, a), (b, question), (question, gate)):
            self.flow(x, y)
        self.flow(gate, merge, (f"{question}_x", 1))
        self.flow(gate, out)
        self.graph.nodes[gate].default = out
        return merge, out

    def inside(self, depth: int, *, question: str = "") -> Graph:
        """A graph of its own. With `question`, an xor before the end leads to that kind of end."""
        outer, self.graph = self.graph, Graph()
        first, last, (a, b) = self.node("start"), self.node("end"), self.block(depth)
        self.flow(first, a)
        if question:
            asked, gate, special = self.ask(), self.node("exclusive"), self.node(question)
            self.flow(b, asked)
            self.flow(asked, gate)
            self.flow(gate, special, (f"{asked}_x", 1))
            self.flow(gate, last)
            self.graph.nodes[gate].default = last
        else:
            self.flow(b, last)
        made, self.graph = self.graph, outer
        return made

    def block_sub(self, depth: int) -> tuple[str, str]:
        id_ = self.node("sub", inside=self.inside(depth))
        return id_, id_

    def block_mi(self, _depth: int) -> tuple[str, str]:
        id_ = self.node("user", loop=self.random.choice(["par", "seq"]))
        return id_, id_

    def block_misub(self, depth: int) -> tuple[str, str]:
        id_ = self.node("sub", inside=self.inside(depth), loop=self.random.choice(["par", "seq"]))
        return id_, id_

    def block_terminate(self, depth: int) -> tuple[str, str]:
        graph = self.inside(depth, question="terminate")
        id_ = self.node("sub", inside=graph, loop=self.random.choice(["", "", "par"]))
        return id_, id_

    def block_error(self, depth: int) -> tuple[str, str]:
        """A sub-process that may end in an error, which leads another way to the same place."""
        graph = self.inside(depth, question="error")
        id_ = self.node("sub", inside=graph, loop=self.random.choice(["", "", "par", "seq"]))
        return self.guarded(id_, "caught", depth)

    def guarded(self, id_: str, kind: str, depth: int, **more: object) -> tuple[str, str]:
        event, join = self.node(kind, on=id_, **more), self.node("exclusive")
        a, b = self.block(depth)
        self.flow(event, a)
        self.flow(b, join)
        self.flow(id_, join)
        return id_, join

    def guardable(self, depth: int) -> str:
        kind = self.random.choice([self.block_user, self.block_sub, self.block_mi, self.block_misub])
        return kind(depth)[0]

    def block_interrupted(self, depth: int) -> tuple[str, str]:
        return self.guarded(self.guardable(depth), "late", depth, minutes=self.minutes())

    def block_chased(self, depth: int) -> tuple[str, str]:
        """A non-interrupting timer, whose branch ends by itself."""
        id_ = self.guardable(depth)
        event = self.node("late", on=id_, minutes=self.minutes(), times=self.random.choice([1, 2, 3]), interrupts=False)
        a, b = self.block(depth)
        self.flow(event, a)
        self.flow(b, self.node("end"))
        return id_, id_

    def block_wait(self, _depth: int) -> tuple[str, str]:
        id_ = self.node("catch", minutes=self.minutes())
        return id_, id_

    def block_race(self, depth: int) -> tuple[str, str]:
        gate, join = self.node("eventBased"), self.node("exclusive")
        for _way in range(2):
            event = self.node("catch", minutes=self.minutes())
            a, b = self.block(depth)
            self.flow(gate, event)
            self.flow(event, a)
            self.flow(b, join)
        return gate, join

    def block_esub(self, depth: int) -> tuple[str, str]:
        """A sub-process with an event sub-process on a timer inside."""
        graph = self.inside(depth)
        interrupts = self.random.random() < 0.5
        handler = self.inside(depth)
        outer, self.graph = self.graph, graph
        self.node(
            "handler", inside=handler, minutes=self.minutes(), interrupts=interrupts, times=self.random.choice([1, 2])
        )
        self.graph = outer
        id_ = self.node("sub", inside=graph)
        return id_, id_

    def block_ends(self, depth: int) -> tuple[str, str]:
        split = self.node("parallel")
        a, b = self.block(depth)
        c, d = self.block(depth)
        self.flow(split, a)
        self.flow(split, c)
        self.flow(b, self.node("end"))
        return split, d

    def block_multi(self, _depth: int) -> tuple[str, str]:
        """Two tokens go on from here."""
        split, merged = self.node("parallel"), self.node("user")
        for _way in range(2):
            a, b = self.block(0)
            self.flow(split, a)
            self.flow(b, merged)
        return split, merged


def draw(graph: Graph) -> bytes:
    """The same as XML."""
    return doc(_scope(graph), top='<bpmn:error id="er" name="Nei" errorCode="NO"/>')


def _scope(graph: Graph) -> str:
    drawn = [_node(node) for node in graph.nodes.values()]
    for source, target, condition in graph.flows:
        drawn.append(flows(f"{source}>{target}" + (f":={condition[0]} = {condition[1]}" if condition else "")))
    return "".join(drawn)


def _node(node: Node) -> str:  # noqa: C901 - one line for each kind
    loop = mi(f"=[{','.join(map(str, range(ITEMS)))}]", f"it_{node.id}", seq=node.loop == "seq") if node.loop else ""
    length = f"PT{node.minutes}M"
    if node.times > 1:
        length = f"R{node.times}/{length}"
    match node.kind:
        case "user":
            return user(node.id, loop)
        case "start":
            return start(node.id)
        case "end":
            return end(node.id)
        case "terminate":
            return end(node.id, TERMINATE)
        case "error":
            return end(node.id, ref("error", "er"))
        case "sub":
            assert node.inside is not None
            return sub(node.id, _scope(node.inside), pre=loop)
        case "caught":
            return boundary(node.id, node.on, ref("error", "er"))
        case "late":
            return boundary(node.id, node.on, timer(length), node.interrupts)
        case "catch":
            return catch(node.id, timer(length))
        case "handler":
            assert node.inside is not None
            first = next(n.id for n in node.inside.nodes.values() if n.kind == "start")
            inner = _scope(node.inside).replace(start(first), "")
            begins = el("startEvent", first, timer(length), isInterrupting=str(node.interrupts).lower())
            return el("subProcess", node.id, begins + inner, triggeredByEvent="true")
    gate = f"{node.id}_{node.default}"
    return gw(node.kind, node.id, default=gate) if node.default else gw(node.kind, node.id)


__all__ = ["ITEMS", "Generator", "Graph", "Node", "draw"]
