"""Which element of a new version is the same as one of the old version under another id: a proposal for a person."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Any

from komp_flow.engine.memory.program import Element, Program

ENOUGH = 3  # points that make two elements the same
BEST = 1  # points that the best must have more than the next
UNLIKE = 2  # points less for names that have nothing in common: one step is gone, and another has its place
ALIKE = 0.6  # as much of two names is the same where a letter or an ending is another


def proposed_renames(old: Program, new: Program) -> dict[str, str]:
    """Old ids that are gone → the new ids that stand for the same: same kind and place, with the same name, form or
    neighbours. What is not plain is left out; a person decides.
    """
    return _Matching(old, new).run()


class _Matching:
    """Begins with what has kept its id, and goes on as long as what is matched tells more."""

    def __init__(self, old: Program, new: Program) -> None:
        self.old, self.new = old, new
        self.was, self.now = _Graph(old), _Graph(new)
        self.same = {
            id_: id_ for id_, element in old.elements.items() if _kind(new.elements.get(id_)) == _kind(element)
        }

    def run(self) -> dict[str, str]:
        while found := self.round():
            self.same.update(found)
        return {old: new for old, new in self.same.items() if old != new}

    def round(self) -> dict[str, str]:
        """The pairs in which each is plainly the other's best."""
        taken = set(self.same.values())
        left = [element for id_, element in self.old.elements.items() if id_ not in self.same]
        free = [element for id_, element in self.new.elements.items() if id_ not in taken]
        points = {(a.id, b.id): self.points(a, b, left, free) for a in left for b in free if self.may_be(a, b)}
        near: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for pair in points:
            near.setdefault(("old", pair[0]), []).append(pair)
            near.setdefault(("new", pair[1]), []).append(pair)
        found: dict[str, str] = {}
        for (a, b), score in points.items():
            rivals = (points[pair] for pair in near["old", a] + near["new", b] if pair != (a, b))
            if score >= ENOUGH and score >= max(rivals, default=0) + BEST:
                found[a] = b
        return found

    def may_be(self, a: Element, b: Element) -> bool:
        """Of one kind, in the same scope, on the same activity."""
        scope = [self.same.get(outer) for outer in a.scope]
        host = self.was.host.get(a.id)
        return (
            _kind(a) == _kind(b)
            and scope == list(b.scope)
            and (host is None) == (self.now.host.get(b.id) is None)
            and (host is None or self.same.get(host) == self.now.host.get(b.id))
        )

    def points(self, a: Element, b: Element, left: list[Element], free: list[Element]) -> int:
        """How much speaks for it."""
        found = _of_names(a.name.strip().casefold(), b.name.strip().casefold())
        mine, its = self.old.user_tasks.get(a.id), self.new.user_tasks.get(b.id)
        if mine is not None and its is not None:
            found += 2 * (mine.form_id is not None and mine.form_id == its.form_id)
            found += (mine.roles, mine.assignee) == (its.roles, its.assignee) and mine.due_date == its.due_date
        if a.id in self.was.says and self.was.says[a.id] == self.now.says.get(b.id):
            found += 2
        for was, now in ((self.was.before, self.now.before), (self.was.after, self.now.after)):
            theirs = {self.same.get(other) for other in was.get(a.id, ())}
            if theirs and None not in theirs and theirs == set(now.get(b.id, ())):
                found += 2
        alone = [sum(e.scope == x.scope and _kind(e) == _kind(x) for e in es) == 1 for x, es in ((a, left), (b, free))]
        return found + all(alone) + (_kind(a) == "startEvent" and all(alone)) * 2


def _of_names(a: str, b: str) -> int:
    """What two names say for it, or against it."""
    if not a or not b:
        return 0
    if a == b:
        return 4
    words = set(re.findall(r"\w{3,}", a)) & set(re.findall(r"\w{3,}", b))
    return 0 if words or SequenceMatcher(None, a, b).ratio() >= ALIKE else -UNLIKE


class _Graph:
    """Who stands before, after and on whom, and what an element says of itself."""

    def __init__(self, program: Program) -> None:
        self.before: dict[str, set[str]] = {}
        self.after: dict[str, set[str]] = {}
        self.host: dict[str, str] = {}
        self.says: dict[str, Any] = {}
        for spec in program.specs.values():
            for task in spec.task_specs.values():
                self._read(spec.task_specs, task)

    def _read(self, specs: Any, task: Any) -> None:
        if task.is_split:
            activity, *events = task._outputs
            self.host |= dict.fromkeys(events, activity)
            return
        if not task.bpmn_id or task.name != task.bpmn_id:
            return
        self.after[task.name] = {_drawn(specs, name) for name in task._outputs}
        before = {name for over in task._inputs for name in (specs[over]._inputs if specs[over].is_split else [over])}
        self.before[task.name] = {name for name in before if specs[name].bpmn_id}
        says = (getattr(task, "event", None), getattr(task, "inside_name", None) if task.is_call else None)
        if any(says) and (says[0] is None or says[0].kind != "none"):
            self.says[task.name] = says


def _drawn(specs: Any, name: str) -> str:
    """The activity that stands behind a split."""
    return str(specs[name]._outputs[0]) if specs[name].is_split else name


def _kind(element: Element | Mapping[str, Any] | None) -> str | None:
    return element.kind if isinstance(element, Element) else None
