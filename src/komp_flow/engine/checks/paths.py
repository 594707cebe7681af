"""Where a token can go: along flows, over boundary events, through links; and the loops that never wait."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set

from komp_flow.engine.checks.diagram import Diagram, Node, Scope
from komp_flow.engine.checks.findings import Findings
from komp_flow.engine.checks.rules import listed

WAITING = frozenset({"userTask", "receiveTask", "intermediateCatchEvent", "eventBasedGateway"})


def links(scope: Scope) -> tuple[list[Node], dict[str, list[Node]]]:
    """The link throws of a scope, and its link catches by name."""
    throws: list[Node] = []
    catches: dict[str, list[Node]] = {}
    for node in scope.nodes:
        if node.kind == "link" and node.definition is not None:
            if node.tag == "intermediateThrowEvent":
                throws.append(node)
            elif node.tag == "intermediateCatchEvent":
                catches.setdefault(node.definition.get("name", ""), []).append(node)
    return throws, catches


def edges(scope: Scope) -> dict[Node, list[Node]]:
    """What follows right after each node; a boundary event counts as following the activity it sits on."""
    throws, catches = links(scope)
    after: dict[Node, list[Node]] = {
        node: [flow.target for flow in node.outs if flow.target is not None] + node.boundary for node in scope.nodes
    }
    for throw in throws:
        name = throw.definition.get("name", "") if throw.definition is not None else ""
        after[throw] += catches.get(name, [])
    return after


def forward(
    scope: Scope, begin: Iterable[Node], *, backwards: bool = False, without: Node | None = None
) -> dict[Node, None]:
    """All that can be reached from these, not through `without`; or, backwards, all that leads to them."""
    after = edges(scope)
    if backwards:
        before: dict[Node, list[Node]] = {node: [] for node in after}
        for node, targets in after.items():
            for target in targets:
                before[target].append(node)
        after = before
    seen: dict[Node, None] = {}
    todo = list(begin)
    while todo:
        node = todo.pop()
        if node not in seen and node is not without:
            seen[node] = None
            todo += after[node]
    return seen


def check(diagram: Diagram, findings: Findings, never_wait: Set[str] = frozenset()) -> None:
    """Refuse loops in which nothing waits. `never_wait`: called processes that are known to run straight through."""
    for process in diagram.processes:
        for scope in process.walk():
            for loop in _straight_loops(scope, never_wait):
                names = listed((node.element.get("name") or node.id for node in loop), 6)
                findings.add("loop-without-wait", loop[0].element, names=names)


def waits(node: Node, never_wait: Set[str] = frozenset()) -> bool:
    """Whether a token can come to rest here."""
    if node.tag == "callActivity":
        return node.called not in never_wait
    if node.inside is not None:
        return any(waits(inner, never_wait) for inner in node.inside.nodes)
    return node.tag in WAITING and node.kind != "link"


def _straight_loops(scope: Scope, never_wait: Set[str]) -> Iterator[list[Node]]:
    """Loops of nodes that never wait. A join that also needs a token from outside its loop does wait."""
    after = edges(scope)
    left = {node for node in scope.nodes if not waits(node, never_wait)}
    while True:
        found = [loop for loop in _components(left, after) if len(loop) > 1 or loop[0] in after[loop[0]]]
        joins = {
            node
            for loop in found
            for inside in [{id(node) for node in loop}]
            for node in loop
            if node.tag == "parallelGateway" and any(id(flow.source) not in inside for flow in node.ins)
        }
        if not joins:
            order = {node: at for at, node in enumerate(scope.nodes)}
            yield from (sorted(loop, key=order.__getitem__) for loop in found)
            return
        left -= joins


def _components(nodes: set[Node], after: dict[Node, list[Node]]) -> list[list[Node]]:
    """Strongly connected components (Kosaraju, without recursion)."""
    before: dict[Node, list[Node]] = {node: [] for node in nodes}
    for node in nodes:
        for target in after[node]:
            if target in nodes:
                before[target].append(node)
    placed: set[Node] = set()
    found: list[list[Node]] = []
    for root in reversed(_finished(nodes, after)):
        component: list[Node] = []
        todo = [root]
        while todo:
            node = todo.pop()
            if node not in placed:
                placed.add(node)
                component.append(node)
                todo += before[node]
        if component:
            found.append(component)
    return found


def _finished(nodes: set[Node], after: dict[Node, list[Node]]) -> list[Node]:
    """The nodes in the order in which a walk in depth is done with them."""
    order: list[Node] = []
    seen: set[Node] = set()
    todo = [(node, False) for node in nodes]
    while todo:
        node, is_done = todo.pop()
        if is_done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            todo.append((node, True))
            todo += [(target, False) for target in after[node] if target in nodes and target not in seen]
    return order
