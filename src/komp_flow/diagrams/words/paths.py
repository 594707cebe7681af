"""In which order a scope's elements are told, and what leads to each: gateways that only merge are looked through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from komp_flow.engine.checks.diagram import Flow, Node, Scope
from komp_flow.engine.checks.flow import CHOOSING
from komp_flow.engine.checks.paths import links
from komp_flow.engine.memory.bpmn import formula

JOINING = frozenset({"parallelGateway", "inclusiveGateway"})


@dataclass(frozen=True, eq=False)
class Way:
    """From one told element to the next. `flow` is the one that leaves the source; a link may lie between."""

    source: Node
    flow: Flow
    target: Node


@dataclass(eq=False)
class Paths:
    """One scope. `order` are the elements that a token can reach, `loose` the others; gateways that only merge are in
    neither. `ways` are in the order in which the engine tries them.
    """

    scope: Scope
    order: list[Node] = field(default_factory=list)
    loose: list[Node] = field(default_factory=list)
    out: dict[Node, list[Way]] = field(default_factory=dict)
    into: dict[Node, list[Way]] = field(default_factory=dict)
    nowhere: dict[Node, list[Flow]] = field(default_factory=dict)  # flows that lead to nothing that can be told
    place: dict[Node, int] = field(default_factory=dict)

    def is_back(self, way: Way) -> bool:
        """It leads to what has been told already, or to itself."""
        return self.place[way.target] <= self.place[way.source]

    def ahead(self, node: Node) -> list[Way]:
        """The ways into it that come from what was told before it; all, if it has no such."""
        ways = self.into.get(node, [])
        return [way for way in ways if self.place[way.source] < self.place[node]] or ways

    def behind(self, node: Node) -> set[Node]:
        """All that leads to it, through boundary events too."""
        seen: set[Node] = set()
        todo = [node]
        while todo:
            at = todo.pop()
            before = [way.source for way in self.into.get(at, [])] + ([at.host] if at.host is not None else [])
            fresh = [each for each in before if each not in seen]
            seen.update(fresh)
            todo += fresh
        return seen


def paths(scope: Scope) -> Paths:
    """The ways of a scope and the order to tell it in."""
    throws, catches = links(scope)
    partner = {
        throw: catches[name][0]
        for throw in throws
        if throw.definition is not None and (name := throw.definition.get("name", "")) in catches
    }
    found = Paths(scope)
    told = [node for node in scope.nodes if not _is_passed(node, partner)]
    for node in told:
        for flow in tried(node):
            target = _first_told(flow, partner)
            if target is None:
                found.nowhere.setdefault(node, []).append(flow)
                continue
            way = Way(node, flow, target)
            found.out.setdefault(node, []).append(way)
            found.into.setdefault(target, []).append(way)
    after = {
        node: [*node.boundary, *(way.target for way in found.out.get(node, ()) if way.target is not node)]
        for node in told
    }
    found.order = _in_order(_beginnings(told), after)
    reached = set(found.order)
    left = [node for node in told if node not in reached and not listens(node)]
    roots = [node for node in left if not node.ins]
    found.loose = [node for node in _in_order([*roots, *left], after) if node not in reached]
    found.place = {node: at for at, node in enumerate((*found.order, *found.loose))}
    return found


def tried(node: Node) -> list[Flow]:
    """Its flows as the engine tries them: the default last."""
    if node.tag not in CHOOSING:
        return node.outs
    return sorted(node.outs, key=lambda flow: formula(flow.condition) is None or is_default(node, flow))


def is_default(node: Node, flow: Flow) -> bool:
    """The gateway names it as its default."""
    default = node.element.get("default", "").strip()
    return bool(default) and flow.element.get("id") == default


def is_choice(node: Node) -> bool:
    """It chooses among its flows, or asks of its only one."""
    return node.tag in CHOOSING and (len(node.outs) > 1 or any(formula(flow.condition) for flow in node.outs))


def is_join(node: Node) -> bool:
    """It waits for several ways."""
    return node.tag in JOINING and len(node.ins) > 1


def is_split(node: Node) -> bool:
    """Several ways begin here at once."""
    return node.tag not in CHOOSING and node.tag != "eventBasedGateway" and len(node.outs) > 1


def listens(node: Node) -> bool:
    """An event sub-process, which no way leads to or from."""
    return node.is_event_subprocess and not node.ins and not node.outs


def _beginnings(told: list[Node]) -> list[Node]:
    """The start events; in a drawing without any, what nothing leads to."""
    starts = [node for node in told if node.tag == "startEvent"]
    if starts:
        return starts
    inner = [node for node in told if node.tag != "boundaryEvent" and not listens(node)]
    return [node for node in inner if not node.ins] or inner[:1]


def _is_passed(node: Node, partner: dict[Node, Node]) -> bool:
    """Only a bend in the road: a gateway that merges, a link with its other end."""
    if node in partner or (node.kind == "link" and node in partner.values()):
        return True
    if not node.tag.endswith("Gateway") or node.tag == "eventBasedGateway":
        return False
    return len(node.outs) == 1 and not is_choice(node) and not is_join(node)


def _first_told(flow: Flow, partner: dict[Node, Node]) -> Node | None:
    node, seen = flow.target, set[Node]()
    while node is not None and _is_passed(node, partner):
        if node in seen:
            return None
        seen.add(node)
        node = partner[node] if node in partner else next((out.target for out in node.outs), None)
    return node


def _in_order(roots: Iterable[Node], after: dict[Node, list[Node]]) -> list[Node]:
    """Each before what follows it, a branch as a whole before the next (depth first, without recursion)."""
    done: list[Node] = []
    seen: set[Node] = set()
    for root in reversed(list(roots)):
        if root in seen:
            continue
        seen.add(root)
        stack: list[tuple[Node, Iterator[Node]]] = [(root, reversed(after[root]))]
        while stack:
            node, rest = stack[-1]
            nxt = next((each for each in rest if each not in seen), None)
            if nxt is None:
                stack.pop()
                done.append(node)
            else:
                seen.add(nxt)
                stack.append((nxt, reversed(after[nxt])))
    return done[::-1]
