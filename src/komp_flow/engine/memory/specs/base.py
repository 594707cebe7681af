"""What every specification has: no predicted tasks; an activity's input and output mappings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin

from komp_flow.engine.memory import scopes
from komp_flow.engine.memory.extensions import Extensions
from komp_flow.engine.memory.token import Token
from komp_flow.engine.memory.trail import note
from komp_flow.engine.memory.tree import COMPLETED, FUTURE, READY, WAITING, cancel, hold, inherit, is_live, item_of
from komp_flow.engine.memory.values import require_keepable
from komp_flow.errors import Busy

NONE = Extensions()


class Lean:
    """A task's children are made when it completes, so the tree holds only what was reached.

    The flags let modules ask what a task is without importing its class.
    """

    is_multi = is_split = is_boundary = is_listener = False
    is_join = is_inclusive = is_event_gateway = is_call = is_hidden = False
    extensions: Extensions = NONE

    def _predict(self, task: Token, *args: Any, **kwargs: Any) -> None:
        """Overrides TaskSpec: nothing is predicted."""

    def _update(self, task: Token) -> None:
        """Overrides TaskSpec: a token has come; READY unless there is something to wait for."""
        if self._update_hook(task):
            task._state = READY
            self._on_ready(task)

    def _update_hook(self, task: Token) -> bool:
        inherit(task)
        return True

    def _on_ready(self, task: Token) -> None:
        """Overrides TaskSpec: queue for the loop."""
        task.workflow.top_workflow.ready.append(task)

    def _run(self, task: Token) -> bool:
        """Overrides TaskSpec: all that may fail has been done in `act`."""
        return True

    def act(self, task: Token) -> bool:
        """Do what the element does. True: the token goes on. What it raises becomes an incident."""
        return True

    def reenter(self, task: Token) -> None:
        """Called before a held task acts again: what it read on entry may have been mended."""

    def next(self, task: Token) -> list[Any]:
        """The specifications that the token goes on to."""
        return self.outputs  # type: ignore[attr-defined,no-any-return]

    def _on_complete(self, task: Token) -> None:
        """Overrides TaskSpec: the token goes on."""
        note(task, "completed")
        self.release(task)
        children = [task.add_child(spec, FUTURE) for spec in self.next(task)]
        for child in children:
            if is_live(child):
                child.task_spec._update(child)
        if item := item_of(task):
            item.task_spec.merge(item, task)
        task.workflow.task_completed(task)

    def release(self, task: Token) -> None:
        """The activity is over: its boundary events wait no longer."""
        if not self.is_boundary and not task.triggered and task.parent is not None and task.parent.task_spec.is_split:
            for other in task.parent.children:
                if other is not task and other.task_spec.is_boundary and other._state == WAITING:
                    cancel(other)


class Start(Lean, BpmnTaskSpec):  # type: ignore[misc]
    """The root of each scope: on to the start event that was chosen."""

    def next(self, task: Token) -> list[Any]:
        """The chosen one; in a sub-process there is one only."""
        chosen = task.internal_data.get("start")
        return [spec for spec in self.outputs if chosen is None or spec.name == chosen][:1]


class Split(Lean, BpmnTaskSpec):  # type: ignore[misc]
    """Stands before an activity that has boundary events; its children are the activity and the events."""

    is_split = True


class Activity(Lean, BpmnSpecMixin):  # type: ignore[misc]
    """ioMapping: entering makes locals, leaving writes outputs. A failing expression is an incident."""

    def _update_hook(self, task: Token) -> bool:
        inherit(task)
        return self.guard(task, self.enter)

    def guard(self, task: Token, action: Callable[[Token], object]) -> bool:
        """Do it, or hold the task in WAITING; True when it went well."""
        try:
            action(task)
        except Busy:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a diagram's expression does must not stop other branches
            hold(task, WAITING, error)
            return False
        return True

    def enter(self, task: Token) -> None:
        """Evaluate the inputs, each seeing those before it."""
        local = dict(task.internal_data.get("in", {}))
        for source, target in self.extensions.inputs:
            local[target] = scopes.value(source, task, local)
            require_keepable(target, local[target])
        if local:
            task.internal_data["in"] = local

    def leave(self, task: Token, result: Mapping[str, object]) -> None:
        """Results become variables: through the output mapping, else those whose names some expression reads."""
        result = scopes.read_of(task.workflow, result)
        outputs = self.extensions.outputs
        if outputs:
            made: dict[str, object] = {}
            for source, target in outputs:
                made[target] = scopes.value(source, task, made, result)
        else:
            local = task.internal_data.get("in", {})
            made = {name: value for name, value in result.items() if name not in local}
        for name, value in made.items():
            require_keepable(name, value)
        if item := item_of(task):
            item.task_spec.settle(item, task, {**result, **made})
            return
        for name, value in made.items():
            scopes.assign(task, name, value)


def finish(task: Token) -> None:
    """A READY task that has acted completes, unless its own act took the token away."""
    if task._state == READY:
        task._state = COMPLETED
        task.task_spec._on_complete(task)
