"""One running instance in memory: SpiffWorkflow's workflow and sub-workflows, with our scopes and no event manager."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn import BpmnWorkflow
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.task import Task

from komp_flow.engine.trail import Happened
from komp_flow.engine.tree import READY, STARTED, WAITING, cancel, is_live

if TYPE_CHECKING:
    from komp_flow.engine.host import Host
    from komp_flow.engine.parser import ProcessSpec
    from komp_flow.engine.program import Program


class _Refusing(BasePythonScriptEngineEnvironment):  # type: ignore[misc]
    """Nothing of a diagram is ever Python. Our specs evaluate FEEL themselves and never come here."""

    def evaluate(self, *args: Any, **kwargs: Any) -> Any:
        raise PermissionError("only FEEL is evaluated")

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        raise PermissionError("nothing is executed")

    call_service = execute


_REFUSING = PythonScriptEngine(environment=_Refusing())


class Scope:
    """What a process and a sub-process have in common. `data` holds the variables."""

    data: dict[str, Any]
    tasks: dict[Any, Task]
    task_tree: Task
    completed: bool
    spec: ProcessSpec
    parent_task: Task | None
    top_workflow: Instance

    def find(self, states: int) -> list[Task]:
        """This scope's tasks in one of these states, the oldest first."""
        return [task for task in self.tasks.values() if task._state & states]

    def stop(self) -> None:
        """Take every token away; the scope is over."""
        for task in list(self.tasks.values()):
            cancel(task)
        self.completed = True

    def _task_completed_notify(self, task: Task) -> None:
        """SpiffWorkflow calls this after a task has completed and its children were made."""
        if self.completed:
            return
        for join in [join for join in self.tasks.values() if join._state == WAITING and join.task_spec.is_inclusive]:
            if join._state == WAITING:
                join.task_spec._update(join)
        if not task.task_spec._outputs:
            self.close_if_done(task)

    def close_if_done(self, last: Task) -> None:
        """The scope is over when no token is left; those that still listen do not count, one that has heard does."""
        if any(is_live(t) and not (t.task_spec.is_listener and t._state == WAITING) for t in self.tasks.values()):
            return
        self.close(last)

    def close(self, last: Task) -> None:
        """Over: nobody listens any more, and what holds the scope goes on."""
        self.stop()
        if self.parent_task is None:
            self.top_workflow.ended_by = last.task_spec.bpmn_id
        else:
            self.parent_task.task_spec.inside_is_done(self.parent_task, self)


class SubInstance(Scope, BpmnSubWorkflow):  # type: ignore[misc]
    """An embedded sub-process or a called process, made when its task is reached."""

    def __init__(self, spec: ProcessSpec, task: Task) -> None:
        self.parent_task = task
        super().__init__(spec, task.id, task.workflow.top_workflow)

    @classmethod
    def restored(cls, spec: ProcessSpec, task: Task) -> SubInstance:
        """One that the codec fills: without what SpiffWorkflow prepares and nobody here reads."""
        scope = cls.__new__(cls)
        scope.parent_task, scope.spec, scope.top_workflow = task, spec, task.workflow.top_workflow
        scope.data, scope.tasks, scope.completed = {}, {}, False
        return scope

    @property
    def parent_workflow(self) -> Any:
        """Overrides: SpiffWorkflow searches for it."""
        return self.parent_task.workflow  # type: ignore[union-attr]


class Instance(Scope, BpmnWorkflow):  # type: ignore[misc]
    """The whole of it. `host` is the world in this step, `outbox` what was thrown in it, `happened` its trail."""

    parent_task = None

    def __init__(self, program: Program, host: Host, *, deserializing: bool = False) -> None:
        self.program = program
        self.host = host
        self.outbox: list[Any] = []
        self.happened: list[Happened] = []
        self.ready: list[Task] = []
        self.ended_by: str | None = None
        self.cancelled = False
        super().__init__(program.spec, {}, script_engine=_REFUSING, deserializing=deserializing)

    def scopes(self) -> Iterator[Scope]:
        """The process and every scope that is open inside it."""
        yield self
        yield from self.subprocesses.values()

    def open_tasks(self, states: int = READY | WAITING | STARTED) -> list[Task]:
        """Every task that is reached and not over, in all scopes; by default those in any such state."""
        return [task for scope in self.scopes() if not scope.completed for task in scope.find(states)]
