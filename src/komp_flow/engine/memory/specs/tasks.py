"""Activities: tasks of persons and machines, embedded sub-processes, call activities."""

from __future__ import annotations

from typing import Any

from komp_flow import feel
from komp_flow.engine.errors import Fault
from komp_flow.engine.memory import scopes
from komp_flow.engine.memory.host import OperationCall
from komp_flow.engine.memory.instance import Scope, SubInstance
from komp_flow.engine.memory.specs.base import Activity
from komp_flow.engine.memory.token import Token
from komp_flow.engine.memory.trail import note
from komp_flow.engine.memory.tree import READY, STARTED, WAITING, inherit
from komp_flow.engine.memory.values import require_keepable
from komp_flow.i18n import _

MAX_CALLS = 8


class UserTask(Activity):
    """Waits for a person: `actions.complete`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.manual = True

    def _on_ready(self, task: Token) -> None:
        """A task for the inbox, not for the loop."""
        note(task, "entered")


class PassTask(Activity):
    """A plain or manual task: nothing to do here, the token goes on."""

    def act(self, task: Token) -> bool:
        """Only the mappings."""
        self.leave(task, {})
        return True


def operate(spec: Activity, task: Token) -> None:
    """Run the registered operation that the node names, once: what it gave is kept if the output mapping fails."""
    ext = spec.extensions
    if "result" not in task.internal_data:
        if not ext.type:
            raise Fault(_("Oppgaven sier ikke hvilken operasjon den skal kjøre."))
        inputs = dict(task.internal_data.get("in", {}))
        call = OperationCall(
            task_id=task.id,
            element=spec.bpmn_id,
            name=spec.bpmn_name or "",
            type=ext.type,
            inputs=inputs,
            headers=ext.headers,
            properties=ext.properties,
            names=scopes.names_at(task),
        )
        result = dict(task.workflow.top_workflow.host.operation(ext.type, call) or {})
        for name, value in result.items():
            require_keepable(name, value)
        task.internal_data["result"] = result
    spec.leave(task, task.internal_data["result"])
    del task.internal_data["result"]


class ServiceTask(Activity):
    """Runs a registered operation."""

    def reenter(self, task: Token) -> None:
        """The inputs of a failed operation are read again."""
        if "result" not in task.internal_data:
            self.enter(task)

    def act(self, task: Token) -> bool:
        """Run it."""
        operate(self, task)
        return True


class SubProcess(Activity):
    """An embedded sub-process: its inputs are its variables."""

    def __init__(self, spec: Any, name: str, inside: str, **kwargs: Any) -> None:
        super().__init__(spec, name, **kwargs)
        self.inside_name = inside

    def _update_hook(self, task: Token) -> bool:
        """Open it; or after an incident on the way out, try that again."""
        scope = task.workflow.top_workflow.subprocesses.get(task)
        if scope is not None:
            if scope.completed:
                self.inside_is_done(task, scope)
            return False
        inherit(task)
        self.guard(task, self.open)
        return False

    def open(self, task: Token) -> None:
        """Make the scope, with what is known inside it."""
        self.enter(task)
        spec = self.inside(task)
        task._state = STARTED
        note(task, "entered")
        scope = SubInstance(spec, task)
        task.workflow.top_workflow.subprocesses[task] = scope
        scope.begin()
        scope.data.update(task.internal_data.pop("in", {}))

    def inside(self, task: Token) -> Any:
        """The specification of what is inside."""
        return task.workflow.spec.program.specs[self.inside_name]

    def result(self, scope: Scope) -> dict[str, Any]:
        """What of the scope's variables goes out."""
        return scope.data if self.extensions.outputs or self.in_multi_instance else {}

    @property
    def in_multi_instance(self) -> bool:
        """True for what is done once for each item."""
        return self.name != self.bpmn_id  # type: ignore[no-any-return]

    def inside_is_done(self, task: Token, scope: Scope) -> None:
        """The scope is over: its outputs are written, then the token goes on."""
        if task._state not in (STARTED, WAITING):
            return
        if self.guard(task, lambda at: self.leave(at, self.result(scope))):
            del task.workflow.top_workflow.subprocesses[task]
            task._state = READY
            self._on_ready(task)


class CallActivity(SubProcess):
    """Runs another process as a part of this one. Only mappings cross."""

    is_call = True

    @property
    def propagates(self) -> bool:
        """All of the child's variables go out, where there is no output mapping."""
        return self.extensions.propagates and not self.extensions.outputs

    reads: frozenset[str] = frozenset()  # the names of the child's variables that the mapping out of it reads

    def inside(self, task: Token) -> Any:
        """The called process, in the version that the caller was published with. Fault past eight calls."""
        scope, calls = task.workflow, 0
        while scope.parent_task is not None:
            calls += scope.parent_task.task_spec.is_call
            scope = scope.parent_task.workflow
        if calls >= MAX_CALLS:
            raise Fault(_("Prosessene kaller hverandre i mer enn %(calls)s ledd.", calls=MAX_CALLS))
        host = scope.top_workflow.host
        return host.program(host.called(task.workflow.spec.program.key, self.inside_name)).spec

    def result(self, scope: Scope) -> dict[str, Any]:
        """Nothing, unless a mapping or the call itself says so."""
        given = self.extensions.outputs or self.in_multi_instance or self.propagates
        return scope.data if given else {}


def names_in(texts: Any) -> frozenset[str]:
    """The names that these texts of a diagram read."""
    return frozenset().union(*(feel.names_of(text) for text in texts if text and text.startswith("=")))
