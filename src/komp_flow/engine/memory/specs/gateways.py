"""Gateways: exclusive, parallel, inclusive, event-based."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.specs import defaults as stock
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin

from komp_flow.engine.errors import Fault
from komp_flow.engine.memory import scopes
from komp_flow.engine.memory.specs.base import Activity, Lean
from komp_flow.engine.memory.token import Token
from komp_flow.engine.memory.trail import note
from komp_flow.engine.memory.tree import CANCELLED, WAITING, inherit, is_live
from komp_flow.i18n import _


def _matching(spec: Any, task: Token) -> list[str]:
    """The targets of the flows whose condition is exactly true, in the order they are drawn."""
    return [
        name
        for condition, name in spec.cond_task_specs
        if condition is not None and scopes.value(condition.args[0].strip(), task) is True
    ]


def _default(spec: Any) -> list[str]:
    return [name for condition, name in spec.cond_task_specs if condition is None]


class Choosing(Lean):
    """Goes on along the flows that `act` has chosen."""

    def choose(self, task: Token, names: list[str]) -> bool:
        """Remember the choice; Fault when there is none."""
        if not names:
            raise Fault(_("Ingen av betingelsene er oppfylt, og det er ikke tegnet noen standardflyt."))
        task.internal_data["to"] = names
        return True

    def next(self, task: Token) -> list[Any]:
        """What was chosen."""
        specs = task.workflow.spec.task_specs
        return [specs[name] for name in task.internal_data["to"]]


class Exclusive(Choosing, stock.ExclusiveGateway):  # type: ignore[misc]
    """The first flow whose condition holds, else the default."""

    def act(self, task: Token) -> bool:
        """Choose. Without any way out it is an end."""
        if not self.cond_task_specs:
            task.internal_data["to"] = []
            return True
        return self.choose(task, (_matching(self, task) or _default(self))[:1])


class Joining(Lean):
    """Keeps tokens waiting, each with the name of the flow's source it came by."""

    is_join = True

    def wait(self, task: Token) -> dict[str, list[Token]]:
        """This token waits too; → all that wait, by source, the oldest first."""
        inherit(task)
        task.internal_data.setdefault("from", task.parent.task_spec.name)
        task._state = WAITING
        waiting: dict[str, list[Token]] = {}
        for other in task.workflow.tasks:
            if other.task_spec is self and other._state == WAITING:
                waiting.setdefault(other.internal_data["from"], []).append(other)
        return waiting

    @staticmethod
    def merge_tokens(task: Token, waiting: dict[str, list[Token]]) -> bool:
        """One token of each flow becomes this one; those in excess wait for the next round."""
        for source, tokens in waiting.items():
            if source != task.internal_data["from"]:
                tokens[0]._state = CANCELLED
        return True


class Parallel(Joining, BpmnSpecMixin):  # type: ignore[misc]
    """Joins one token of each incoming flow, the oldest of each; splits to all outgoing ones."""

    def _update_hook(self, task: Token) -> bool:
        if len(self._inputs) < 2:
            inherit(task)
            return True
        waiting = self.wait(task)
        return len(waiting) == len(set(self._inputs)) and self.merge_tokens(task, waiting)


class Inclusive(Joining, Choosing, stock.InclusiveGateway):  # type: ignore[misc]
    """Joins when no other token can still reach an incoming flow that has none (BPMN 2.0, table 13.3)."""

    is_inclusive = True

    def _update_hook(self, task: Token) -> bool:
        if len(self._inputs) < 2:
            inherit(task)
            return True
        waiting = self.wait(task)
        return not self.expects_more(task, set(waiting)) and self.merge_tokens(task, waiting)

    def expects_more(self, task: Token, full: set[str]) -> bool:
        """Some token can reach a flow without a token, and none of those that have one, without passing here."""
        ahead, behind = self.upstream(full), self.upstream(set(self._inputs) - full)
        return any(
            is_live(other)
            and other.task_spec is not self
            and not other.task_spec.is_boundary
            and other.task_spec.name in behind
            and other.task_spec.name not in ahead
            for other in task.workflow.tasks
        )

    def upstream(self, names: set[str]) -> set[str]:
        """All that leads to these without passing here."""
        seen: set[str] = set()
        todo = list(names)
        while todo:
            name = todo.pop()
            if name not in seen and name != self.name:
                seen.add(name)
                todo += self._wf_spec.task_specs[name]._inputs
        return seen

    def act(self, task: Token) -> bool:
        """Choose. Without any way out it is an end."""
        if not self.cond_task_specs:
            task.internal_data["to"] = []
            return True
        return self.choose(task, _matching(self, task) or _default(self))


class EventGateway(Lean, BpmnSpecMixin):  # type: ignore[misc]
    """Waits for several events at once; the first that comes decides, and the others are forgotten."""

    is_event_gateway = True
    guard = Activity.guard

    def _update_hook(self, task: Token) -> bool:
        inherit(task)
        if "chosen" in task.internal_data:
            return True
        task._state = WAITING
        self.guard(task, self.arm)
        return False

    def arm(self, task: Token) -> None:
        """Begin to wait for each of the events that follow."""
        task.internal_data["wait"] = {spec.bpmn_id: spec.event.wait(task) for spec in self.outputs}
        note(task, "entered")

    def next(self, task: Token) -> list[Any]:
        """The event that came."""
        return [spec for spec in self.outputs if spec.bpmn_id == task.internal_data["chosen"]]

    def _on_complete(self, task: Token) -> None:
        """The chosen event passes with what came."""
        task.internal_data["passing"] = task.internal_data.pop("result", {})
        super()._on_complete(task)
