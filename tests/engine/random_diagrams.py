"""Random block-structured diagrams of the whole dialect, as graphs. Each block has one way in and one way out.

Two rules keep what must happen beyond doubt: what takes tokens away (errors, escalations, signals, terminate ends)
stands right behind a task of a person, so that nothing else is on its way at that moment; and an error is thrown only
where something catches it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, Protocol, TypeVar

from engine.graphs import Event, Graph, Mapping, Node

T = TypeVar("T")
Ends = tuple[str, str]
MOST = 70  # nodes, after which only user tasks are added
CALENDAR = "decision"
CODES = ("A", "B")
SIGNALS = ("ring", "rop")
REPEATED = "alle"  # the signal of non-interrupting events: what it starts waits for others, or it would never end

KINDS = [
    "user", "seq", "passing", "xor", "or", "and", "loop", "sub", "call", "mi", "misub", "service", "broken", "wait",
    "message", "signal", "race", "guarded", "chased", "handled", "throwing", "terminate", "link", "ends", "mapped",
    "calendar",
]  # fmt: skip


class Pick(Protocol):
    """Chooses one of several; the first is the simplest."""

    def __call__(self, options: Sequence[T], /) -> T: ...


class Builder:
    """Makes one diagram of these kinds of blocks. The first kind of the list is what a shrunk diagram is made of."""

    def __init__(self, pick: Pick, kinds: Sequence[str] = KINDS, most: int = MOST) -> None:
        self.pick, self.kinds, self.most = pick, kinds, most
        self.count = 0
        self.graph = Graph()
        self.caught: list[tuple[str, str | None]] = []  # kinds and codes that are caught around here
        self.key = ""  # the item that message keys are read from, inside a multi-instance
        self.is_single = True  # one token at a time passes here: an inclusive join of several is another matter
        self.variables: list[str] = []  # what is asked for in this process so far

    def build(self, depth: int) -> Graph:
        """A whole process, perhaps with an event sub-process of its own."""
        return self.inside(depth, handler=self.maybe("handled"), blocks=self.pick([1, 2, 3]))

    # small parts
    def maybe(self, kind: str, of: int = 5) -> bool:
        return kind in self.kinds and self.pick([False] * (of - 1) + [True])

    def node(self, kind: str, **more: Any) -> Node:
        self.count += 1
        made = Node(kind, f"{kind.removeprefix('intermediate')[0].lower()}{self.count}", **more)
        self.graph.nodes[made.id] = made
        return made

    def flow(self, a: str, b: str, condition: tuple[str, int] | None = None) -> None:
        self.graph.flows.append((a, b, condition))

    def chain(self, *ids: str) -> None:
        for a, b in pairwise(ids):
            self.flow(a, b)

    def asked(self, kind: str = "userTask", **more: Any) -> Node:
        made = self.node(kind, **more)
        made.asks = f"{made.id}_x"
        self.variables.append(made.asks)
        return made

    def minutes(self) -> int:
        """Hardly two alike, so that the order of firings is one only."""
        return self.pick([1, 2, 3]) * 1440 + self.count * 17

    def timer(self, times: Sequence[int] = (1,)) -> Event:
        if self.maybe("calendar"):
            return Event("timer", CALENDAR)
        return Event("timer", minutes=self.minutes(), times=self.pick(times))

    def awaited(self, kinds: Sequence[str], times: Sequence[int] = (1,), *, again: bool = False) -> Event:
        """An event from outside, for a non-interrupting one `again`."""
        kind = self.pick(kinds)
        if kind == "timer":
            return self.timer(times)
        if kind == "signal":
            return Event("signal", REPEATED if again else self.pick(SIGNALS))
        self.count += 1
        return Event("message", f"m{self.count}", key=self.key)

    def outer_events(self) -> list[str]:
        """The kinds of events from outside that this diagram may have."""
        found = [kind for kind, block in (("timer", "wait"), ("message", "message"), ("signal", "signal"))
                 if block in self.kinds]  # fmt: skip
        return found or ["timer"]

    # blocks
    def block(self, depth: int) -> Ends:
        if depth <= 0 or self.count > self.most:
            return self.block_user(0)
        return getattr(self, f"block_{self.pick(self.kinds)}")(depth - 1)  # type: ignore[no-any-return]

    def block_user(self, _depth: int) -> Ends:
        made = self.node("userTask")
        return made.id, made.id

    def block_passing(self, _depth: int) -> Ends:
        made = self.node(self.pick(["task", "manualTask", "intermediateThrowEvent"]))
        return made.id, made.id

    def block_seq(self, depth: int) -> Ends:
        a, b = self.block(depth)
        c, d = self.block(depth)
        self.flow(b, c)
        return a, d

    def decided(self) -> Node:
        """Something that writes the variable which a gateway reads next: a person, a message, an operation."""
        kinds = ["user"] + [kind for kind in ("service", "message") if kind in self.kinds]
        match self.pick(kinds):
            case "service":
                return self.asked("serviceTask", value=self.pick([0, 1, 2]))
            case "message":
                return self.asked("intermediateCatchEvent", event=self.awaited(["message"]))
        return self.asked()

    def choice(self, kind: str, depth: int) -> Ends:
        question, gate, join = self.decided(), self.node(kind), self.node(kind)
        self.flow(question.id, gate.id)
        for way in range(self.pick([2, 3])):
            a, b = self.block(depth)
            self.flow(gate.id, a, (question.asks, way) if way else None)
            self.flow(b, join.id)
            if not way:
                gate.default = a
        return question.id, join.id

    def block_xor(self, depth: int) -> Ends:
        return self.choice("exclusiveGateway", depth)

    def block_or(self, depth: int) -> Ends:
        return self.choice("inclusiveGateway" if self.is_single else "exclusiveGateway", depth)

    def block_and(self, depth: int) -> Ends:
        split, join = self.node("parallelGateway"), self.node("parallelGateway")
        for _way in range(self.pick([2, 3])):
            a, b = self.block(depth)
            self.flow(split.id, a)
            self.flow(b, join.id)
        return split.id, join.id

    def block_loop(self, depth: int) -> Ends:
        merge, question, gate = self.node("exclusiveGateway"), self.asked(), self.node("exclusiveGateway")
        a, b = self.block(depth)
        out = self.node("userTask")
        self.chain(merge.id, a)
        self.chain(b, question.id, gate.id)
        self.flow(gate.id, merge.id, (question.asks, 1))
        self.flow(gate.id, out.id)
        gate.default = out.id
        return merge.id, out.id

    def block_link(self, depth: int) -> Ends:
        a, b = self.block(depth)
        throw, catch = self.node("linkThrow"), self.node("linkCatch")
        throw.event = catch.event = Event("link", f"til {catch.id}")
        self.flow(b, throw.id)
        self.flow(throw.id, catch.id)
        return a, catch.id

    def block_ends(self, depth: int) -> Ends:
        """A branch that ends by itself, perhaps by throwing something that nobody here waits for."""
        split = self.node("parallelGateway")
        a, b = self.block(depth)
        c, d = self.block(depth)
        self.flow(split.id, a)
        self.flow(split.id, c)
        thrown = self.pick([None, Event("message", "ut"), Event("signal", "ut")])
        self.flow(b, self.node("endEvent", event=thrown).id)
        return split.id, d

    def block_multi(self, _depth: int) -> Ends:
        """Two tokens go on from here."""
        split, merged = self.node("parallelGateway"), self.node("userTask")
        for _way in range(2):
            a, b = self.block(0)
            self.flow(split.id, a)
            self.flow(b, merged.id)
        return split.id, merged.id

    def block_wait(self, _depth: int) -> Ends:
        made = self.node("intermediateCatchEvent", event=self.timer())
        return made.id, made.id

    def block_calendar(self, _depth: int) -> Ends:
        made = self.node("intermediateCatchEvent", event=Event("timer", CALENDAR))
        return made.id, made.id

    def block_signal(self, _depth: int) -> Ends:
        made = self.node("intermediateCatchEvent", event=self.awaited(["signal"]))
        return made.id, made.id

    def block_message(self, _depth: int) -> Ends:
        made = self.node(self.pick(["intermediateCatchEvent", "receiveTask"]), event=self.awaited(["message"]))
        return made.id, made.id

    def block_race(self, depth: int) -> Ends:
        gate, join = self.node("eventBasedGateway"), self.node("exclusiveGateway")
        heard: set[str] = set()
        for _way in range(self.pick([2, 3])):
            event = self.awaited([kind for kind in self.outer_events() if kind != "signal" or not heard] or ["timer"])
            heard |= {event.name} if event.kind == "signal" else set()
            way = self.node("intermediateCatchEvent", event=event)
            a, b = self.block(depth)
            self.chain(gate.id, way.id, a)
            self.flow(b, join.id)
        return gate.id, join.id

    def block_service(self, _depth: int) -> Ends:
        made = self.node("serviceTask")
        return made.id, made.id

    def block_broken(self, _depth: int) -> Ends:
        """An operation that fails until somebody has mended it."""
        made = self.node("serviceTask", fails="?")
        return made.id, made.id

    # activities with something inside
    def inside(
        self, depth: int, *, thrower: Callable[[], Node] | None = None, handler: bool = False, blocks: int = 1
    ) -> Graph:
        """A graph of its own. With `thrower`, a person may choose that kind of event on the way to the end."""
        outer, self.graph = self.graph, Graph()
        was_single, self.is_single = self.is_single, True
        interrupts = handler and self.pick([True, False])
        event = self.handler_event(again=not interrupts) if handler else None
        before = list(self.caught)
        if event is not None and event.kind == "error":
            self.caught.append(("error", event.code))
        first, last = self.node("startEvent"), self.node("endEvent")
        a, b = self.block(depth)
        for _more in range(blocks - 1):
            c, d = self.block(depth)
            self.flow(b, c)
            b = d
        self.flow(first.id, a)
        if event is not None and event.kind in ("error", "escalation") and thrower is None:
            thrower = self.throwing(event.kind, event.code or "A")
        b = self.behind(b, thrower) if thrower else b
        self.flow(b, last.id)
        self.caught = before
        if event is not None:
            made = self.inside(depth - 1)
            self.node("handler", inside=made, event=event, interrupts=interrupts)
        made, self.graph, self.is_single = self.graph, outer, was_single
        return made

    def behind(self, b: str, thrower: Callable[[], Node]) -> str:
        asked, gate, join = self.asked(), self.node("exclusiveGateway"), self.node("exclusiveGateway")
        thrown = thrower()
        self.chain(b, asked.id, gate.id)
        self.flow(gate.id, thrown.id, (asked.asks, 1))
        self.flow(gate.id, join.id)
        gate.default = join.id
        if thrown.kind == "intermediateThrowEvent":
            self.flow(thrown.id, join.id)
        return join.id

    def handler_event(self, *, again: bool) -> Event:
        kind = self.pick([*self.outer_events(), "escalation", *([] if again else ["error"])])
        if kind in ("escalation", "error"):
            return Event(kind, code=self.pick([*CODES, None]))
        return self.awaited([kind], (1, 2), again=again)

    def throwing(self, kind: str, code: str) -> Callable[[], Node]:
        def made() -> Node:
            tag = "endEvent" if kind == "error" else self.pick(["endEvent", "intermediateThrowEvent"])
            return self.node(tag, event=Event(kind, code=code))

        return made

    def activity(self, depth: int, kinds: Sequence[str], thrower: Callable[[], Node] | None = None) -> Node:
        """An activity: a task, a sub-process or a call, once or for each item."""
        kind = self.pick([kind for kind in kinds if kind in self.kinds] or ["user" if thrower is None else "sub"])
        match kind:
            case "mi":
                return self.looped(self.asked(self.pick(["userTask", "userTask", "serviceTask", "receiveTask"])))
            case "misub":
                kinds = ["subProcess", "callActivity"] if "call" in self.kinds else ["subProcess"]
                return self.looped(self.scope(self.pick(kinds), depth, thrower, items=True))
            case "sub":
                return self.scope("subProcess", depth, thrower)
            case "call":
                return self.scope("callActivity", depth, thrower)
            case "message":
                return self.node("receiveTask", event=self.awaited(["message"]))
            case "broken":
                return self.node("serviceTask", fails="?")
        return self.node("userTask")

    def looped(self, node: Node) -> Node:
        """A multi-instance of it."""
        node.loop, node.items = self.pick(["par", "seq"]), self.pick([2, 3, 1, 0])
        node.until = self.pick([0, 0, 0, 1, 2])
        node.collects = self.pick([False, True])
        if node.kind == "receiveTask":
            node.event = Event("message", f"m_{node.id}", key=node.item)
        return node

    def scope(self, kind: str, depth: int, thrower: Callable[[], Node] | None = None, *, items: bool = False) -> Node:
        made = self.node(kind)
        key, known = self.key, self.variables
        self.key = "" if kind == "callActivity" else made.item if items else key
        self.variables = [] if kind == "callActivity" else known
        made.inside = self.inside(depth, thrower=thrower, handler=thrower is None and self.maybe("handled"))
        if items:
            made.asks = next((node.asks for node in made.inside.nodes.values() if node.asks and not node.loop), "")
        if kind == "callActivity":
            made.ins, made.outs = self.crossing(self.variables, known, made.id)
        self.key, self.variables = key, known
        return made

    def crossing(self, inner: list[str], outer: list[str], call: str) -> tuple[list[Mapping], list[Mapping]]:
        """What a call gives and gets."""
        ins: list[Mapping] = [(self.pick([0, *outer]), name) for name in inner[:2]]
        outs: list[Mapping] = [(name, f"{call}_{name}") for name in inner[:1]]
        return ins, outs

    def block_sub(self, depth: int) -> Ends:
        made = self.scope("subProcess", depth)
        return made.id, made.id

    def block_call(self, depth: int) -> Ends:
        made = self.scope("callActivity", depth)
        return made.id, made.id

    def block_mi(self, depth: int) -> Ends:
        made = self.activity(depth, ["mi"])
        return made.id, made.id

    def block_misub(self, depth: int) -> Ends:
        made = self.activity(depth, ["misub"])
        return made.id, made.id

    def block_handled(self, depth: int) -> Ends:
        made = self.node(self.pick(["subProcess", "callActivity"] if "call" in self.kinds else ["subProcess"]))
        key, known = self.key, self.variables
        if made.kind == "callActivity":
            self.key, self.variables = "", []
        made.inside = self.inside(depth, handler=True)
        self.key, self.variables = key, known
        return made.id, made.id

    def block_mapped(self, depth: int) -> Ends:
        """A sub-process with a variable of its own, that hides one from outside, and one that goes out."""
        before = len(self.variables)
        made = self.scope("subProcess", depth)
        names = self.variables[before:]
        made.ins = [(self.pick([0, 1, *self.variables[:before]]), name) for name in names[:2]]
        made.outs = [(name, f"{made.id}_{name}") for name in names[:1]]
        return made.id, made.id

    def block_terminate(self, depth: int) -> Ends:
        made = self.activity(depth, ["sub", "misub", "call"], lambda: self.node("terminate"))
        return made.id, made.id

    def block_throwing(self, depth: int) -> Ends:
        """A person may throw something. What it takes away is a matter of what stands around it."""
        kinds = ["message", "escalation"] + (["signal"] if "signal" in self.kinds else [])
        errors = sorted({code or CODES[0] for kind, code in self.caught if kind == "error"})
        kind = self.pick([*kinds, "error"] if errors else kinds)
        if kind == "error":
            event = Event("error", code=self.pick(errors))
        elif kind == "escalation":
            event = Event("escalation", code=self.pick(CODES))
        else:
            event = Event(kind, self.pick([*SIGNALS, REPEATED]) if kind == "signal" else "ut")
        tag = "endEvent" if kind == "error" else "intermediateThrowEvent"
        a, b = self.block(depth)
        return a, self.behind(b, lambda: self.node(tag, event=event))

    # boundary events
    def guard(self, depth: int, kind: str, *, again: bool = False) -> tuple[Node, Event]:
        """An activity with something that may happen to it."""
        anything = ["user", "sub", "call", "mi", "misub", "message", "broken"]
        if kind in ("error", "escalation"):
            thrown = self.pick(CODES)
            code = self.pick([thrown, None])
            if kind == "error" and "service" in self.kinds and self.pick([False, True]):
                node = self.asked("serviceTask", fails=thrown)
                return (self.looped(node) if self.maybe("mi", 3) else node), Event(kind, code=code)
            self.caught.append((kind, code))
            node = self.activity(depth, ["sub", "misub", "call"], self.throwing(kind, thrown))
            self.caught.pop()
            return node, Event(kind, code=code)
        event = self.awaited([kind], (1, 2, 3) if again else (1,), again=again)
        return self.activity(depth, anything), event

    def block_guarded(self, depth: int) -> Ends:
        """An interrupting boundary event leads another way to the same place."""
        activity, event = self.guard(depth, self.pick([*self.outer_events(), "error", "escalation"]))
        join = self.node("exclusiveGateway")
        self.around(activity, event, join.id, depth)
        if self.pick([False, True]) and event.kind != "timer":
            self.around(activity, self.timer(), join.id, depth)
        self.flow(activity.id, join.id)
        return activity.id, join.id

    def around(self, activity: Node, event: Event, join: str, depth: int) -> None:
        boundary = self.node("boundaryEvent", on=activity.id, event=event)
        a, b = self.block(depth)
        self.chain(boundary.id, a)
        self.flow(b, join)

    def block_chased(self, depth: int) -> Ends:
        """A non-interrupting boundary event, whose branch ends by itself."""
        activity, event = self.guard(depth, self.pick([*self.outer_events(), "escalation"]), again=True)
        boundary = self.node("boundaryEvent", on=activity.id, event=event, interrupts=False)
        was_single, self.is_single = self.is_single, False
        a, b = self.block(depth)
        self.is_single = was_single
        self.chain(boundary.id, a)
        self.flow(b, self.node("endEvent").id)
        return activity.id, activity.id


__all__ = ["KINDS", "MOST", "Builder", "Pick"]
