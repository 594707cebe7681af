"""Moves a running instance to another version, and a token to another element of its scope.

Only live tasks are in the tree, so nothing is reset and nothing is predicted again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from komp_flow.engine import loop
from komp_flow.engine.actions import open_task
from komp_flow.engine.errors import CannotMove
from komp_flow.engine.instance import Instance, Scope
from komp_flow.engine.program import Program
from komp_flow.engine.token import Token
from komp_flow.engine.tree import COMPLETED, FUTURE, WAITING, attached, cancel, is_live, item_of, prune
from komp_flow.i18n import _

SPLIT = ".BoundaryEventSplit"
ITEM = " [child]"


def move(instance: Instance, task_id: UUID, to: str) -> None:
    """A person in charge sends an open task's token to another element of the same scope. NotOpen, CannotMove."""
    task = open_task(instance, task_id)
    scope = task.workflow
    specs = scope.spec.task_specs
    aim = specs.get(to)
    if item_of(task) or task.task_spec.is_boundary or aim is None or not _may_take(aim):
        raise CannotMove([(task.task_spec.bpmn_id, _("Oppgaven kan ikke flyttes dit."))])
    target = specs.get(to + SPLIT) or aim
    child = scope.task_tree.add_child(target, FUTURE)
    child.triggered = True
    for other in attached(task):
        if other._state == WAITING:
            cancel(other)
    cancel(task)
    target._update(child)
    loop.run(instance)


def _may_take(spec: Any) -> bool:
    """A token may be put on what is drawn, stands by itself, and does not count where its tokens came from."""
    return bool(spec.bpmn_id) and not spec.is_boundary and not (spec.is_join and len(spec._inputs) > 1)


def migrate(instance: Instance, new: Program, renamed: Mapping[str, str] | None = None) -> frozenset[str]:
    """Go on by another version of the same process. `renamed` maps old ids to new ones.

    → the names that the new version reads and the old one did not keep; the store may fill them from the submissions.
    Data, due times and half-done joins are kept; boundary events that are new on an open activity begin to wait, those
    that are gone are forgotten. CannotMove, and nothing is changed: an open element is gone or is of another kind.
    """
    return _Migration(instance, new, dict(renamed or {})).run()


class _Migration:
    """One move; `plan` is made and judged before anything is changed."""

    def __init__(self, instance: Instance, new: Program, renamed: dict[str, str]) -> None:
        self.instance, self.new, self.renamed = instance, new, renamed
        self.old = instance.program
        self.problems: list[tuple[str, str]] = []

    def run(self) -> frozenset[str]:
        plan = [self.planned(scope) for scope in self.instance.scopes() if scope.spec.program is self.old]
        if self.problems:
            raise CannotMove(self.problems)
        for scope, spec, targets in plan:
            self.change(scope, spec, targets)
        self.instance.program = self.new
        loop.run(self.instance)
        return self.new.names - self.old.names

    def name(self, old: str) -> str:
        return self.renamed.get(old, old)

    def target_name(self, old: str) -> str:
        core, split, _rest = old.partition(SPLIT)
        item = ITEM if core.endswith(ITEM) else ""
        return self.name(core.removesuffix(ITEM)) + item + split

    def planned(self, scope: Scope) -> tuple[Scope, Any, dict[UUID, Any]]:
        """Each task's new specification; None for a boundary event or split that is gone."""
        prune(scope)
        inside = scope.parent_task is None
        spec = self.new.spec if inside else self.new.specs.get(self.name(scope.spec.name))
        targets: dict[UUID, Any] = {}
        if spec is None:
            self.problems.append((scope.spec.name, _("Delprosessen er åpen og finnes ikke i den nye versjonen.")))
            return scope, spec, targets
        listeners = {listener.name: listener for listener in spec.listeners}
        for task in scope.tasks:
            old = task.task_spec
            wanted = self.target_name(old.name)
            found = listeners.get(wanted) if old.is_listener else spec.task_specs.get(wanted)
            if found is None and (old.is_boundary or old.is_split):
                targets[task.id] = None
            elif found is None or type(found) is not type(old):
                self.problems.append((old.bpmn_id, _("Elementet er åpent, og er borte eller av en annen type nå.")))
            elif "from" in task.internal_data and self.name(task.internal_data["from"]) not in found._inputs:
                self.problems.append((old.bpmn_id, _("En gren som er kommet hit, leder ikke hit lenger.")))
            else:
                targets[task.id] = found
        return scope, spec, targets

    def change(self, scope: Scope, spec: Any, targets: dict[UUID, Any]) -> None:
        was, scope.spec = scope.spec, spec
        for task in list(scope.tasks):
            target = targets[task.id]
            if target is None:
                if is_live(task):
                    cancel(task)
                continue
            task.task_spec = target
            if "from" in task.internal_data:
                task.internal_data["from"] = self.name(task.internal_data["from"])
            if "wait" in task.internal_data:
                self.rearm(task)
        for task in list(scope.tasks):
            if is_live(task) and targets.get(task.id) is not None:
                self.guard(task, was)
        for task in [task for task in scope.tasks if task.task_spec.name not in spec.task_specs]:
            if task.task_spec.is_split:
                self.unsplit(task)
        prune(scope)

    def rearm(self, task: Token) -> None:
        """Waits keep their times under their elements' new ids; what an event gateway has gained begins now."""
        waits = {self.name(element): wait for element, wait in task.internal_data["wait"].items()}
        if task.task_spec.is_event_gateway:
            waits = {spec.bpmn_id: waits.get(spec.bpmn_id) or spec.event.wait(task) for spec in task.task_spec.outputs}
        task.internal_data["wait"] = waits

    def guard(self, task: Token, was: Any) -> None:
        """An open activity gets the boundary events that are new; one that was there before is not set again."""
        spec = task.task_spec
        split = task.workflow.spec.task_specs.get(f"{spec.name}{SPLIT}")
        if split is None or spec.is_boundary or spec.is_split or item_of(task):
            return
        if task.parent.task_spec is not split:
            task.move_to(task.parent.add_child(split, COMPLETED))
            for moved in _below(task):  # the codec writes parents first
                task.workflow.tasks.remove(moved)
                task.workflow.tasks.append(moved)
        before = {self.name(name) for name in was.task_specs}
        for event in split.outputs:
            if event.is_boundary and event.name not in before:
                fresh = task.parent.add_child(event, FUTURE)
                event._update(fresh)

    @staticmethod
    def unsplit(split: Token) -> None:
        """The activity has no boundary events any more."""
        for child in list(split.children):
            child.move_to(split.workflow.task_tree)


def _below(task: Token) -> list[Token]:
    return [task, *(lower for child in task.children for lower in _below(child))]
