"""The rules of the token game: how tokens move, what a node does, what an event takes away.

Tokens go on one after the other, the oldest first. Inclusive joins are decided by counting what their split sent out,
not by reachability.
"""

from __future__ import annotations

from collections import deque
from itertools import count

from engine.graphs import KEY, Event, Graph, Node
from engine.tokens import Activation, Scope, Sent, Token, Value, Wait

Thrown = tuple[str, str, str]  # kind, name, key
Found = tuple[int, Scope, Token | None, Wait]


class Rules:
    """The whole. `now` counts minutes; `broken` are the operations that fail just now."""

    def __init__(self, graph: Graph) -> None:
        self.now = 0
        self.date: int | None = None  # the calendar's
        self.numbers = count(1)
        self.on_their_way: deque[Token] = deque()
        self.broken = {node.id for node in graph.walk() if node.fails == "?"}
        self.thrown: list[Thrown] = []
        self.trace: list[str] = []  # the elements that the last move completed
        self.root = self.enter(graph, None)
        self.run()

    @property
    def done(self) -> bool:
        return self.root.over

    # how tokens move
    def run(self) -> None:
        while self.on_their_way:
            token = self.on_their_way.popleft()
            if token in token.scope.tokens:
                self.act(token)

    def enter(self, graph: Graph, holder: Token | None) -> Scope:
        scope = Scope(next(self.numbers), graph, holder)
        if holder is not None:
            holder.rests, holder.inside = "inside", scope
            scope.is_called = holder.node.kind == "callActivity"
            scope.is_item = holder.whole is not None
            if scope.is_item:
                scope.variables[holder.node.item] = holder.item
            scope.variables |= {name: self.source(holder.scope, source) for source, name in holder.node.ins}
        self.arrive(scope, graph.start, "", ())
        return scope

    def token(self, scope: Scope, node: Node, sent: Sent, source: str = "") -> Token:
        made = Token(next(self.numbers), scope, node, sent, source)
        scope.tokens.append(made)
        return made

    def arrive(self, scope: Scope, node: Node, source: str, sent: Sent) -> None:
        token = self.token(scope, node, sent, source)
        joins = len(scope.graph.sources(node.id)) > 1
        if node.kind == "parallelGateway" and joins:
            self.join(token)
        elif node.kind == "inclusiveGateway" and joins:
            self.join_inclusive(token)
        else:
            token.beside = [self.wait(scope, event, token) for event in scope.graph.on(node.id)]
            if node.loop:
                self.open_items(token)
            else:
                self.open(token)

    def open(self, token: Token) -> None:
        """It rests where something must come from outside; else it is on its way."""
        node, scope = token.node, token.scope
        if node.kind == "userTask":
            token.rests = "person"
        elif node.kind in ("receiveTask", "intermediateCatchEvent"):
            token.rests, token.waits = "event", [self.wait(scope, node, token)]
        elif node.kind == "eventBasedGateway":
            ways = [scope.graph.nodes[target] for target, _condition in scope.graph.out(node.id)]
            token.rests, token.waits = "event", [self.wait(scope, way, token) for way in ways]
        elif node.inside is not None:
            self.enter(node.inside, token)
        else:
            self.on_their_way.append(token)

    def wait(self, scope: Scope, node: Node, token: Token | None) -> Wait:
        event = node.event
        assert event is not None
        made = Wait(node, event, next(self.numbers))
        if event.kind == "timer" and event.name:
            made.due = [self.date] if self.date is not None else []
        elif event.kind == "timer":
            made.due = [self.now + event.minutes * (n + 1) for n in range(event.times)]
        elif event.kind == "message":
            own = token is not None and event.key == token.node.item and token.node is node
            made.key = KEY if not event.key else str(token.item if own and token else self.look(scope, event.key))
        return made

    def join(self, token: Token) -> None:
        """One token of each flow becomes one; those in excess wait."""
        token.rests = "join"
        waiting: dict[str, Token] = {}
        for other in token.scope.tokens:
            if other.node is token.node and other.rests == "join":
                waiting.setdefault(other.source, other)
        if len(waiting) == len(token.scope.graph.sources(token.node.id)):
            waiting[token.source] = token
            self.merge(token, list(waiting.values()), token.sent)

    def join_inclusive(self, token: Token) -> None:
        token.rests = "join"
        activation = token.sent[-1]
        activation.come += 1
        if activation.come == activation.sent:
            others = [other for other in token.scope.tokens if other.node is token.node and activation in other.sent]
            self.merge(token, others, token.sent[:-1])

    def merge(self, token: Token, others: list[Token], sent: Sent) -> None:
        for other in others:
            if other is not token:
                token.scope.tokens.remove(other)
        token.rests, token.sent = "", sent
        self.on_their_way.append(token)

    def open_items(self, token: Token) -> None:
        node = token.node
        token.rests, token.results = "inside", [None] * node.items
        if not node.items:
            self.items_done(token)
        for item in range(node.items if node.loop == "par" else min(node.items, 1)):
            self.open_item(token, item)

    def open_item(self, whole: Token, item: int) -> None:
        made = self.token(whole.scope, whole.node, whole.sent)
        made.whole, made.item = whole, item
        self.open(made)

    def items_done(self, token: Token) -> None:
        if token.node.collects and token.node.asks:
            self.assign(token.scope, token.node.collection, token.results)
        token.rests = ""
        self.on_their_way.append(token)

    # what a node does
    def act(self, token: Token) -> None:
        node, event = token.node, token.node.event
        if node.kind == "serviceTask" and not (node.loop and token.whole is None):
            self.operate(token)
        elif node.kind == "terminate":
            self.trace.append(node.id)
            self.close(token.scope)
        elif event is not None and node.kind in ("endEvent", "intermediateThrowEvent"):
            self.throw_event(token, event)
        else:
            self.complete_token(token)

    def operate(self, token: Token) -> None:
        node = token.node
        if node.id in self.broken:
            token.rests = "stuck"
        elif node.fails not in ("", "?"):
            self.throw(token, "error", node.fails)
        else:
            token.brought = node.value
            self.complete_token(token)

    def throw_event(self, token: Token, event: Event) -> None:
        if event.kind in ("message", "signal"):
            self.thrown.append((event.kind, event.name, KEY if event.kind == "message" else ""))
        if event.kind == "signal":
            self.hear(event.name)
        elif event.kind in ("error", "escalation"):
            self.throw(token, event.kind, event.code or "")
        if token in token.scope.tokens:
            self.complete_token(token)
        else:
            self.trace.append(token.node.id)

    def complete_token(self, token: Token) -> None:
        """What it brought is written, and it goes on."""
        node = token.node
        self.trace.append(node.id)
        if token.whole is not None:
            self.item_done(token, token.whole)
            return
        if node.asks and not node.loop:
            self.assign(token.scope, node.asks, token.brought)
        if node.kind == "startEvent" and not token.scope.listeners:
            token.scope.listeners = [self.wait(token.scope, handler, None) for handler in token.scope.graph.handlers]
        self.leave(token)

    def item_done(self, token: Token, whole: Token) -> None:
        node, scope = whole.node, whole.scope
        scope.tokens.remove(token)
        whole.results[token.item] = token.brought
        whole.done += 1
        if node.until and whole.done >= node.until:
            for other in [other for other in scope.tokens if other.whole is whole]:
                self.take(other)
            self.items_done(whole)
        elif whole.done == node.items:
            self.items_done(whole)
        elif node.loop == "seq":
            self.open_item(whole, whole.done)

    def leave(self, token: Token) -> None:
        scope, node, sent = token.scope, token.node, token.sent
        scope.tokens.remove(token)
        ways = scope.graph.out(node.id)
        if token.chosen:
            ways = [way for way in ways if way[0] == token.chosen]
        elif node.kind in ("exclusiveGateway", "inclusiveGateway") and len(ways) > 1:
            holds = [way for way in ways if way[1] and self.look(scope, way[1][0]) == way[1][1]]
            ways = holds or [way for way in ways if way[1] is None]
            ways = ways[:1] if node.kind == "exclusiveGateway" else ways
            if node.kind == "inclusiveGateway":
                sent = (*sent, Activation(len(ways)))
        for target, _condition in ways:
            self.arrive(scope, scope.graph.nodes[target], node.id, sent)
            if token.chosen:  # the event has come already
                self.pass_event(scope.tokens[-1], token.brought)
        self.close_if_over(scope)

    def pass_event(self, token: Token, brought: Value) -> None:
        token.rests, token.waits, token.brought = "", [], brought
        self.on_their_way.append(token)

    def close_if_over(self, scope: Scope) -> None:
        if not scope.over and not scope.tokens:
            self.close(scope)

    def close(self, scope: Scope) -> None:
        """The scope is over, and what holds it goes on."""
        self.clear(scope)
        holder = scope.holder
        if holder is None:
            return
        holder.inside = None
        holder.brought = self.look(scope, holder.node.asks) if holder.whole else None
        if holder.whole is None:
            for source, name in holder.node.outs:
                self.assign(holder.scope, name, self.source(scope, source))
        holder.rests = ""
        self.on_their_way.append(holder)

    def clear(self, scope: Scope) -> None:
        scope.over = True
        for token in list(scope.tokens):
            self.take(token)
        scope.listeners = []

    def take(self, token: Token) -> None:
        """The token is gone, with all inside it."""
        if token in token.scope.tokens:
            token.scope.tokens.remove(token)
        if token.inside is not None:
            self.clear(token.inside)
        for item in [other for other in token.scope.tokens if other.whole is token]:
            self.take(item)

    # variables
    def look(self, scope: Scope, name: str) -> Value:
        at: Scope | None = scope
        while at is not None:
            if name in at.variables:
                return at.variables[name]
            at = at.holder.scope if at.holder and not at.is_called else None
        return None

    def source(self, scope: Scope, source: int | str) -> Value:
        return source if isinstance(source, int) else self.look(scope, source)

    def assign(self, scope: Scope, name: str, value: Value) -> None:
        at = scope
        while name not in at.variables and at.holder is not None and not (at.is_called or at.is_item):
            at = at.holder.scope
        at.variables[name] = value

    # events
    def throw(self, token: Token, kind: str, code: str) -> None:
        """Outwards, to the nearest that catches it: equal code first, then a catch-all."""
        at: Token | None = token
        while at is not None:
            activity = at.whole or at
            for waits, host in ((activity.beside, activity), (at.scope.listeners, None)):
                catching = [wait for wait in waits if wait.event.kind == kind and wait.event.code in (code, None)]
                if catching:
                    self.fire(at.scope, host, min(catching, key=lambda wait: wait.event.code is None))
                    return
            at = at.scope.holder
        if kind == "error":
            raise AssertionError("every error of the builder is caught")

    def hear(self, name: str) -> None:
        """All that wait for the signal just now."""
        for _order, scope, host, wait in self.waiting():
            if (wait.event.kind, wait.event.name) == ("signal", name) and self.is_waiting(scope, host, wait):
                self.fire(scope, host, wait)

    def waiting(self) -> list[Found]:
        """Every wait, by scope and then the oldest first."""
        found: list[Found] = []
        for scope in self.scopes():
            mine: list[Found] = [(wait.order, scope, None, wait) for wait in scope.listeners]
            mine += [(wait.order, scope, token, wait) for token in scope.tokens for wait in token.beside + token.waits]
            found += sorted(mine, key=lambda found: found[0])
        return found

    @staticmethod
    def is_waiting(scope: Scope, host: Token | None, wait: Wait) -> bool:
        if host is None:
            return not scope.over and wait in scope.listeners
        return host in scope.tokens and wait in host.beside + host.waits

    def fire(self, scope: Scope, host: Token | None, wait: Wait, brought: Value = None) -> None:
        node = wait.node
        if host is None:
            self.fire_handler(scope, wait)
        elif wait in host.waits:
            host.rests, host.waits, host.brought = "", [], brought
            host.chosen = node.id if host.node.kind == "eventBasedGateway" else ""
            self.on_their_way.append(host)
        else:
            if node.interrupts:
                self.take(host)
                host.beside = []
            else:
                self.again(host.beside, wait)
            made = self.token(scope, node, host.sent)
            made.brought = brought
            self.on_their_way.append(made)

    def fire_handler(self, scope: Scope, wait: Wait) -> None:
        if wait.node.interrupts:
            self.clear(scope)
            scope.over = False
        else:
            self.again(scope.listeners, wait)
        assert wait.node.inside is not None
        self.enter(wait.node.inside, self.token(scope, wait.node, ()))

    def again(self, waits: list[Wait], wait: Wait) -> None:
        """A non-interrupting event waits on, as the newest; a timer as long as it has times left."""
        waits.remove(wait)
        wait.order = next(self.numbers)
        if wait.due or wait.event.kind != "timer":
            waits.append(wait)

    def scopes(self) -> list[Scope]:
        found, todo = [], [self.root]
        while todo:
            scope = todo.pop()
            if not scope.over:
                found.append(scope)
                todo += [token.inside for token in scope.tokens if token.inside is not None]
        return sorted(found, key=lambda scope: scope.id)

    def tokens(self, rests: str) -> list[Token]:
        return [token for scope in self.scopes() for token in scope.tokens if token.rests == rests]
