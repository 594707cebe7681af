"""A multi-instance: one activity for each item of a list, at once or one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin

from komp_flow.engine.errors import Fault
from komp_flow.engine.memory import scopes
from komp_flow.engine.memory.specs.base import Activity, Lean
from komp_flow.engine.memory.token import Token
from komp_flow.engine.memory.trail import note
from komp_flow.engine.memory.tree import READY, STARTED, WAITING, cancel, inherit, is_live
from komp_flow.engine.memory.values import require_keepable
from komp_flow.i18n import _

MAX_ITEMS = 200


@dataclass(frozen=True)
class Loop:
    """`zeebe:loopCharacteristics` and the completion condition, as drawn."""

    collection: str
    element: str | None
    output: str | None
    output_element: str | None
    until: str | None
    sequential: bool


class MultiInstance(Lean, BpmnSpecMixin):  # type: ignore[misc]
    """Stands for the whole. The activity is the specification `task_spec`, whose tasks are children of this one."""

    is_multi = True
    guard = Activity.guard

    def __init__(self, spec: Any, name: str, loop: Loop, **kwargs: Any) -> None:
        super().__init__(spec, name, **kwargs)
        self.loop = loop
        self.task_spec = ""  # the item's, named by the parser's `_copy_task_attrs`

    def _update_hook(self, task: Token) -> bool:
        inherit(task)
        if "results" in task.internal_data:  # all items are done, and writing their results failed before
            return self.guard(task, self.write)
        return self.guard(task, self.open) and task._state != STARTED

    def open(self, task: Token) -> None:
        """Make the items; none at all passes through."""
        items = scopes.value(self.loop.collection, task)
        if not isinstance(items, list | tuple):
            raise Fault(_("«%(source)s» er ikke en liste.", source=self.loop.collection.removeprefix("=")))
        if len(items) > MAX_ITEMS:
            raise Fault(_("Listen har %(n)s elementer; høyst %(max)s er mulig.", n=len(items), max=MAX_ITEMS))
        items = list(items)
        require_keepable(self.loop.element or "", items)
        results = [None] * len(items) if self.loop.output else None
        task.internal_data.update(n=len(items), done=0, results=results)
        note(task, "entered")
        if not items:
            self.write(task)
            return
        task._state = STARTED
        if self.loop.sequential:
            task.internal_data["items"] = items
            self.begin(task, 0, items[0])
        else:
            for index, item in enumerate(items):
                self.begin(task, index, item)

    def begin(self, task: Token, index: int, item: object) -> None:
        """One item's own task."""
        child = task.add_child(task.workflow.spec.task_specs[self.task_spec], WAITING)
        child.triggered = True
        child.internal_data["i"] = index
        child.internal_data["in"] = {"loopCounter": index + 1}
        if self.loop.element:
            child.internal_data["in"][self.loop.element] = item
        child.task_spec._update(child)

    def settle(self, task: Token, item: Token, result: Mapping[str, object]) -> None:
        """All that may fail before the item completes: its output, and whether the rest is needed."""
        data, loop = task.internal_data, self.loop
        if loop.output_element:
            output = scopes.value(loop.output_element, item, result)
            require_keepable(loop.output or "", output)
            item.internal_data["output"] = output
        if loop.until:
            others = [child for child in task.children if child is not item and is_live(child)]
            settled = sum("enough" in child.internal_data for child in others)  # over too, and just about to complete
            numbers = {
                "numberOfInstances": data["n"],
                "numberOfCompletedInstances": data["done"] + settled + 1,
                "numberOfActiveInstances": len(others) - settled,
                "numberOfTerminatedInstances": 0,
            }
            item.internal_data["enough"] = scopes.value(loop.until, item, numbers, result) is True

    def merge(self, task: Token, item: Token) -> None:
        """An item has completed: note its output, begin the next, or be done."""
        data = task.internal_data
        if task._state != STARTED:
            return
        if data["results"] is not None:
            data["results"][item.internal_data["i"]] = item.internal_data.get("output")
        data["done"] += 1
        if item.internal_data.get("enough"):
            for other in task.children:
                if other is not item:
                    cancel(other)
        elif data["done"] < data["n"]:
            if self.loop.sequential:
                self.begin(task, data["done"], data["items"][data["done"]])
            return
        if self.guard(task, self.write):
            task._state = READY
            self._on_ready(task)

    def write(self, task: Token) -> None:
        """The results, in the order of the items."""
        if self.loop.output:
            require_keepable(self.loop.output, task.internal_data["results"])
            scopes.assign(task, self.loop.output, task.internal_data["results"])
