"""An independent token game over the generator's graph: what must happen, told without SpiffWorkflow or XML.

Inclusive joins are decided by counting what their split sent out, not by reachability.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.random_diagrams import ITEMS, Graph, Node

Sent = tuple["Activation", ...]


@dataclass(eq=False)
class Activation:
    """One passage of an inclusive split: how many tokens it sent, and those that have come to the join."""

    sent: int
    come: int = 0


@dataclass(eq=False)
class Timer:
    due: list[int]
    node: Node
    fired: int = 0


@dataclass(eq=False)
class Token:
    """A token that rests on a node; `inside` are the scopes of a sub-process, `left` the items still to do."""

    id: int
    node: Node
    sent: Sent
    items: int = 1  # open items of a user task
    left: int = 0
    timers: list[Timer] = field(default_factory=list)
    inside: list[Scope] = field(default_factory=list)


@dataclass(eq=False)
class Scope:
    id: int
    graph: Graph
    holder: tuple[Scope, Token] | None
    variables: dict[str, int]
    tokens: list[Token] = field(default_factory=list)
    joins: dict[str, dict[str, int]] = field(default_factory=dict)
    listeners: list[Timer] = field(default_factory=list)
    over: bool = False


class Game:
    """The whole. `now` counts minutes."""

    def __init__(self, graph: Graph) -> None:
        self.now = 0
        self.count = 0
        self.root = self.enter(graph, None, {})

    @property
    def done(self) -> bool:
        return self.root.over

    def number(self) -> int:
        self.count += 1
        return self.count

    # scopes and tokens
    def enter(self, graph: Graph, holder: tuple[Scope, Token] | None, variables: dict[str, int]) -> Scope:
        scope = Scope(self.number(), graph, holder, variables)
        if holder:
            holder[1].inside.append(scope)
        scope.listeners = [self.timer(node) for node in graph.nodes.values() if node.kind == "handler"]
        first = next(node for node in graph.nodes.values() if node.kind == "start")
        self.root = self.root if holder else scope
        self.leave(scope, first, ())
        return scope

    def timer(self, node: Node) -> Timer:
        return Timer([self.now + node.minutes * (n + 1) for n in range(node.times)], node)

    def rest(self, scope: Scope, node: Node, sent: Sent) -> Token:
        token = Token(self.number(), node, sent)
        scope.tokens.append(token)
        token.timers = [self.timer(n) for n in scope.graph.nodes.values() if n.kind == "late" and n.on == node.id]
        return token

    def arrive(self, scope: Scope, node: Node, source: str, sent: Sent) -> None:  # noqa: C901 - the rules of the game
        if scope.over:
            return
        match node.kind:
            case "user":
                token = self.rest(scope, node, sent)
                if node.loop:
                    token.items, token.left = (ITEMS, 0) if node.loop == "par" else (1, ITEMS - 1)
            case "sub":
                assert node.inside is not None
                token = self.rest(scope, node, sent)
                token.left = ITEMS - 1 if node.loop == "seq" else 0
                for _item in range(ITEMS if node.loop == "par" else 1):
                    if token in scope.tokens:
                        self.enter(node.inside, (scope, token), {} if node.loop else scope.variables)
            case "catch":
                self.rest(scope, node, sent).timers.append(self.timer(node))
            case "eventBased":
                events = [scope.graph.nodes[target] for target, _ in scope.graph.out(node.id)]
                self.rest(scope, node, sent).timers = [self.timer(event) for event in events]
            case "parallel":
                self.join(scope, node, source, sent)
            case "inclusive" if len(scope.graph.sources(node.id)) > 1:
                activation = sent[-1]
                activation.come += 1
                if activation.come == activation.sent:
                    self.leave(scope, node, sent[:-1])
            case "terminate":
                self.close(scope)
            case "error":
                self.throw(scope)
            case "end":
                self.check_over(scope)
            case _:
                self.leave(scope, node, sent)

    def join(self, scope: Scope, node: Node, source: str, sent: Sent) -> None:
        sources = scope.graph.sources(node.id)
        if len(sources) > 1:
            come = scope.joins.setdefault(node.id, {})
            come[source] = come.get(source, 0) + 1
            if not all(come.get(each) for each in sources):
                return
            for each in sources:
                come[each] -= 1
        self.leave(scope, node, sent)

    def leave(self, scope: Scope, node: Node, sent: Sent) -> None:
        """The token goes on; a split makes all its tokens before any of them goes on."""
        ways = scope.graph.out(node.id)
        if node.kind in ("exclusive", "inclusive") and len(ways) > 1:
            holds = [way for way in ways if way[1] and self.look(scope, way[1][0]) == way[1][1]]
            ways = holds or [way for way in ways if way[1] is None]
            ways = ways[:1] if node.kind == "exclusive" else ways
            if node.kind == "inclusive":
                sent = (*sent, Activation(len(ways)))
        travelling = [self.rest(scope, Node("travelling", ""), sent) for _ in ways]
        for (target, _), token in zip(ways, travelling, strict=True):
            if token in scope.tokens and not scope.over:
                scope.tokens.remove(token)
                self.arrive(scope, scope.graph.nodes[target], node.id, sent)
        self.check_over(scope)

    def look(self, scope: Scope, name: str) -> int | None:
        at: Scope | None = scope
        while at is not None:
            if name in at.variables:
                return at.variables[name]
            at = at.holder[0] if at.holder else None
        return None

    def check_over(self, scope: Scope) -> None:
        if not scope.over and not scope.tokens and not any(n for j in scope.joins.values() for n in j.values()):
            waiting = [a for a in self.activations(scope) if 0 < a.come < a.sent]
            if not waiting:
                self.close(scope)

    def activations(self, scope: Scope) -> list[Activation]:
        return [activation for token in scope.tokens for activation in token.sent]

    def close(self, scope: Scope) -> None:
        self.clear(scope)
        if not scope.holder:
            return
        outer, token = scope.holder
        token.inside.remove(scope)
        if token.left:
            token.left -= 1
            assert token.node.inside is not None
            self.enter(token.node.inside, (outer, token), {})
        elif not token.inside and token in outer.tokens:
            outer.tokens.remove(token)
            if token.node.kind == "handler":
                self.check_over(outer)
            else:
                self.leave(outer, token.node, token.sent)

    def clear(self, scope: Scope) -> None:
        scope.over = True
        for token in scope.tokens:
            for inner in token.inside:
                self.clear(inner)
        scope.tokens, scope.listeners, scope.joins = [], [], {}

    def throw(self, scope: Scope) -> None:
        at = scope
        while at.holder:
            outer, token = at.holder
            for node in outer.graph.nodes.values():
                if node.kind == "caught" and node.on == token.node.id:
                    self.interrupt(outer, token, node)
                    return
            at = outer
        raise AssertionError("every error of the generator is caught")

    def interrupt(self, scope: Scope, token: Token, event: Node) -> None:
        scope.tokens.remove(token)
        for inner in token.inside:
            self.clear(inner)
        self.leave(scope, event, token.sent)

    # what is seen and done
    def scopes(self) -> list[Scope]:
        found, todo = [], [self.root]
        while todo:
            scope = todo.pop()
            found.append(scope)
            todo += [inner for token in scope.tokens for inner in token.inside]
        return sorted((scope for scope in found if not scope.over), key=lambda scope: scope.id)

    def open_tasks(self) -> list[tuple[str, Scope, Token]]:
        return [
            (token.node.id, scope, token)
            for scope in self.scopes()
            for token in sorted(scope.tokens, key=lambda token: token.id)
            if token.node.kind == "user"
            for _item in range(token.items)
        ]

    def open(self) -> list[str]:
        return sorted(name for name, _scope, _token in self.open_tasks())

    def complete(self, name: str, index: int, answers: dict[str, int]) -> None:
        _name, scope, token = [task for task in self.open_tasks() if task[0] == name][index]
        if token.node.loop:
            token.items, token.left = (1, token.left - 1) if token.left else (token.items - 1, 0)
            if token.items:
                return
        else:
            at = scope
            while at.holder and at.variables is at.holder[0].variables:
                at = at.holder[0]
            at.variables.update(answers)
        scope.tokens.remove(token)
        self.leave(scope, token.node, token.sent)

    def tick(self, minutes: int) -> None:
        self.now += minutes
        while due := [
            (timer.due[0], scope.id, token.id if token else 0, scope, token, timer)
            for scope in self.scopes()
            for token, timers in [(None, scope.listeners), *((token, token.timers) for token in scope.tokens)]
            for timer in timers
            if timer.due and timer.due[0] <= self.now
        ]:
            _due, _scope, _token, scope, token, timer = min(due, key=lambda item: item[:3])
            timer.due = [instant for instant in timer.due if instant > self.now]
            self.fire(scope, token, timer.node)

    def fire(self, scope: Scope, token: Token | None, node: Node) -> None:
        if token is None:
            assert node.inside is not None
            if node.interrupts:
                self.clear(scope)
                scope.over = False
            holder = self.rest(scope, node, ())
            self.enter(node.inside, (scope, holder), scope.variables)
        elif node.kind == "catch":
            scope.tokens.remove(token)
            self.leave(scope, node, token.sent)
        elif node.interrupts:
            self.interrupt(scope, token, node)
        else:
            self.leave(scope, node, token.sent)
