"""One running instance in memory: its scopes, each with its variables and its tokens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from komp_flow.engine.memory.token import Token
from komp_flow.engine.memory.trail import Happened
from komp_flow.engine.memory.tree import LIVE, READY, STARTED, WAITING, cancel

if TYPE_CHECKING:
    from komp_flow.engine.memory.host import Host
    from komp_flow.engine.memory.parser import ProcessSpec
    from komp_flow.engine.memory.program import Program


class Scope:
    """What a process and a sub-process have in common. `data` holds the variables, `tasks` the tokens as they came."""

    def __init__(self, spec: ProcessSpec, parent_task: Token | None, top: Instance) -> None:
        """Empty: for `begin`, or for the codec to fill."""
        self.spec, self.parent_task, self.top_workflow = spec, parent_task, top
        self.data: dict[str, Any] = {}
        self.tasks: list[Token] = []
        self.task_tree: Token
        self.completed = False

    def begin(self) -> None:
        """A token on the root, which leads to a start event."""
        self.task_tree = Token(self, self.spec.start, None, READY)
        self.top_workflow.ready.append(self.task_tree)

    def find(self, states: int) -> list[Token]:
        """This scope's tasks in one of these states, the oldest first."""
        return [task for task in self.tasks if task._state & states]

    def stop(self) -> None:
        """Take every token away; the scope is over."""
        for task in list(self.tasks):
            cancel(task)
        self.completed = True

    def task_completed(self, task: Token) -> None:
        """A task has completed and its children were made."""
        if self.completed:
            return
        for join in [join for join in self.tasks if join._state == WAITING and join.task_spec.is_inclusive]:
            if join._state == WAITING:
                join.task_spec._update(join)
        if not task.task_spec._outputs:
            self.close_if_done(task)

    def close_if_done(self, last: Token) -> None:
        """The scope is over when no token is left; those that still listen do not count, one that has heard does."""
        if any(task._state != WAITING or not task.task_spec.is_listener for task in self.find(LIVE)):
            return
        self.close(last)

    def close(self, last: Token) -> None:
        """Over: nobody listens any more, and what holds the scope goes on."""
        self.stop()
        if self.parent_task is None:
            self.top_workflow.ended_by = last.task_spec.bpmn_id
        else:
            self.parent_task.task_spec.inside_is_done(self.parent_task, self)


class SubInstance(Scope):
    """An embedded sub-process or a called process, made when its task is reached."""

    def __init__(self, spec: ProcessSpec, task: Token) -> None:
        super().__init__(spec, task, task.workflow.top_workflow)


class Instance(Scope):
    """The whole of it. `host` is the world in this step, `outbox` what was thrown in it, `happened` its trail.

    `subprocesses` are the open scopes inside, by the task that holds each; `ready` is what the loop runs next.
    """

    def __init__(self, program: Program, host: Host) -> None:
        super().__init__(program.spec, None, self)
        self.program = program
        self.host = host
        self.subprocesses: dict[Token, SubInstance] = {}
        self.outbox: list[Any] = []
        self.happened: list[Happened] = []
        self.ready: list[Token] = []
        self.ended_by: str | None = None
        self.cancelled = False

    def scopes(self) -> Iterator[Scope]:
        """The process and every scope that is open inside it."""
        yield self
        yield from self.subprocesses.values()

    def open_tasks(self, states: int = READY | WAITING | STARTED) -> list[Token]:
        """Every task that is reached and not over, in all scopes; by default those in any such state."""
        if not self.subprocesses:
            return [] if self.completed else self.find(states)
        return [task for scope in self.scopes() if not scope.completed for task in scope.tasks if task._state & states]
