"""Tokens that wait in joins while their diagram changes around them: none is lost, and no join waits for ever.

A branch that a token has passed counts as done with all that is drawn on it anew; a branch that is drawn anew beside
those which are on their way counts as done too: what lies behind a token is not asked for again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from komp_flow.engine.memory.instance import Scope
from komp_flow.engine.memory.reaching import downstream, travelling, upstream
from komp_flow.engine.memory.token import Token
from komp_flow.engine.memory.tree import CANCELLED, WAITING

Waiting = dict[str, list[Token]]


class Joins:
    """The joins of one scope. Made before anything is changed, settled when everything else is."""

    def __init__(self, scope: Scope, spec: Any, name: Callable[[str], str]) -> None:
        self.scope, self.was, self.spec, self.name = scope, scope.spec, spec, name
        self.lacked = {
            name(join): {name(source) for source in sources} for join, sources in _lacking(scope, self.was.task_specs)
        }

    def settle(self, old: dict[Token, Any]) -> None:
        """Let each token wait for the branch that it came by, and let go on what need not wait. `old`: what they were
        specified by.
        """
        by_join: dict[str, list[Token]] = {}
        for task in _in_joins(self.scope):
            by_join.setdefault(task.task_spec.name, []).append(task)
        for tasks in by_join.values():
            self._place(tasks[0].task_spec, tasks, old)
        for join, lacking in list(_lacking(self.scope, self.spec.task_specs)):
            spec = self.spec.task_specs[join]
            for source in sorted(lacking - self.lacked.get(join, set())):
                rounds = max([1, *(len(tokens) for tokens in _waiting(self.scope, join).values())])
                for _round in range(rounds):
                    _stand_in(self.scope, spec, source)
        for task in _in_joins(self.scope):
            if task._state == WAITING:
                task.task_spec._update(task)

    def _place(self, join: Any, tasks: list[Token], old: dict[Token, Any]) -> None:
        """The tokens that wait in one join."""
        lost: list[Token] = []
        for task in tasks:
            sources = self._sources(task.internal_data["from"], old[task], join) if task in old else []
            if not sources:
                lost.append(task)
                continue
            task.internal_data["from"] = sources[0]
            for source in sources[1:] if not join.is_inclusive else ():
                _stand_in(self.scope, join, source)
        if len(set(join._inputs)) < 2:  # it joins no longer: one token is enough
            lost = tasks
        if not lost:
            return
        others = [task for task in tasks if task not in lost]
        stays = 0 if others or _comes(self.scope, self.spec.task_specs, join) else 1
        for task in lost[:stays]:
            task.internal_data["from"] = join._inputs[0]
        for task in lost[stays:]:
            task._state = CANCELLED

    def _sources(self, source: str, old: Any, join: Any) -> list[str]:
        """Which ways into the new join stand for the way that a token came by; more than one where it forks now."""
        if self.name(source) in join._inputs:
            return [self.name(source)]
        known = {self.name(name) for name in old._inputs}
        free = [name for name in join._inputs if name not in known]
        specs = self.spec.task_specs
        ring, seen = [source], {source, old.name}
        while ring and free:
            anchors = [self.name(name) for name in ring if self.name(name) in specs]
            ahead = downstream(specs, anchors, but=join.name)
            found = [name for name in free if name in ahead]
            if found:
                return found
            ring = [name for at in ring for name in self.was.task_specs[at]._inputs if name not in seen]
            seen.update(ring)
        return []


def _in_joins(scope: Scope) -> list[Token]:
    return [task for task in scope.find(WAITING) if task.task_spec.is_join and "from" in task.internal_data]


def _waiting(scope: Scope, join: str) -> Waiting:
    found: Waiting = {}
    for task in _in_joins(scope):
        if task.task_spec.name == join:
            found.setdefault(task.internal_data["from"], []).append(task)
    return found


def _here(scope: Scope, join: str) -> set[str]:
    """Where tokens are that may still come to the join."""
    found: set[str] = set()
    for task in travelling(scope):
        if task.task_spec.name != join or task._state != WAITING:
            found.add(task.task_spec.name)
            if task.parent is not None and task.parent.task_spec.is_split:
                found.add(task.parent.task_spec.name)
    return found


def _comes(scope: Scope, specs: Any, join: Any) -> bool:
    return bool(_here(scope, join.name) & upstream(specs, join._inputs, join.name))


def _lacking(scope: Scope, specs: Any) -> Iterator[tuple[str, set[str]]]:
    """The parallel joins that have or expect tokens, each with the ways in by which none will come."""
    for join in specs.values():
        sources = set(join._inputs)
        if not join.is_join or join.is_inclusive or len(sources) < 2:
            continue
        waiting, here = set(_waiting(scope, join.name)), _here(scope, join.name)
        comes = {source for source in sources if here & upstream(specs, [source], join.name)}
        lacking = sources - waiting - comes
        if lacking and (waiting or comes):
            yield join.name, lacking


def _stand_in(scope: Scope, join: Any, source: str) -> None:
    """A token for a branch that counts as done."""
    task = scope.task_tree.add_child(join, WAITING)
    task.internal_data["from"] = source
