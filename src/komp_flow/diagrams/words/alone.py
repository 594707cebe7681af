"""Whether something else of a scope can be under way: it decides if an end is the end of the whole."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from komp_flow.diagrams.words.paths import Paths, is_choice, is_join, is_split, listens
from komp_flow.engine.checks.diagram import Node
from komp_flow.engine.checks.paths import waits

MOST_PAIRS: Final = 400  # of splits and joins that are looked at; beyond that nothing is said to be alone


@dataclass(eq=False)
class Alone:
    """One scope."""

    way: Paths

    def only_from(self, event: Node) -> set[Node] | None:
        """All that follows a boundary event, if nothing of it can be reached in another way."""
        found = {event}
        todo = [event]
        while todo:
            node = todo.pop()
            for after in (*node.boundary, *(each.target for each in self.way.out.get(node, []))):
                if after not in found:
                    found.add(after)
                    todo.append(after)
        outside = any(each.source not in found for node in found for each in self.way.into.get(node, []))
        return None if outside else found

    @cached_property
    def _branches(self) -> list[set[Node] | None]:
        """What follows each boundary event that leaves its host as it is."""
        return [self.only_from(node) for node in self.way.order if is_beside(node)]

    @cached_property
    def beside(self) -> set[Node]:
        """All that only happens beside something."""
        return {node for branch in self._branches if branch is not None for node in branch}

    @cached_property
    def is_single(self) -> bool:
        """Nothing can be under way when an end is reached, but what happens beside and is over at once."""
        way = self.way
        if any(branch is None or any(waits(node) for node in branch) for branch in self._branches):
            return False
        listening = (node.inside for node in way.scope.nodes if listens(node) and node.inside is not None)
        if any(not start.interrupts for scope in listening for start in scope.starts):
            return False
        parts = [node for node in way.order if _parts(node)]
        joins = [node for node in way.order if is_join(node)]
        return len(parts) * len(joins) <= MOST_PAIRS and all(self._is_gathered(node, joins) for node in parts)

    def ends_all(self, end: Node) -> bool:
        """Its scope is over when this end is reached."""
        return self.is_single and end not in self.beside

    def _is_gathered(self, node: Node, joins: list[Node]) -> bool:
        """All that begins at this split meets again in one join."""
        alike = [join for join in joins if join.tag == node.tag and len(join.ins) == len(node.outs)]
        return any(not self._leaks(node, join) for join in alike)

    def _leaks(self, node: Node, join: Node) -> bool:
        """An end, or the split itself, can be reached from the split without passing the join."""
        seen: set[Node] = set()
        todo = [each.target for each in self.way.out.get(node, [])]
        while todo:
            at = todo.pop()
            if at is join or at in seen:
                continue
            seen.add(at)
            after = [*at.boundary, *(each.target for each in self.way.out.get(at, []))]
            if at is node or not after:
                return True
            todo += after
        return False


def is_beside(node: Node) -> bool:
    """A boundary event that leaves its host as it is."""
    return node.tag == "boundaryEvent" and not (node.interrupts or node.kind == "error")


def _parts(node: Node) -> bool:
    return is_split(node) or (node.tag == "inclusiveGateway" and is_choice(node))
