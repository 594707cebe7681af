"""Small acts on SpiffWorkflow's task tree: states, tokens, cancelling, holding with an incident, pruning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from SpiffWorkflow.util.task import TaskState

from komp_flow.engine.memory.token import Token
from komp_flow.engine.memory.trail import note
from komp_flow.errors import KompFlowError

if TYPE_CHECKING:
    from komp_flow.engine.memory.instance import Scope

FUTURE: int = TaskState.FUTURE
WAITING: int = TaskState.WAITING
READY: int = TaskState.READY
STARTED: int = TaskState.STARTED
COMPLETED: int = TaskState.COMPLETED
CANCELLED: int = TaskState.CANCELLED
LIVE: int = FUTURE | WAITING | READY | STARTED


def is_live(task: Token) -> bool:
    """True while the task is, or will be, something to do or to wait for."""
    return bool(task._state & LIVE)


def item_of(task: Token) -> Token | None:
    """The multi-instance that this task is one item of.

    The parent alone does not say it: the task after a multi-instance has the same parent.
    """
    parent = task.parent
    return parent if task.triggered and parent is not None and parent.task_spec.is_multi else None


def inherit(task: Token) -> None:
    """A branch's own data (only `occurrence`) follows the token."""
    parent = task.parent
    if parent is not None and parent.data:
        task.data.update(parent.data)


def hold(task: Token, state: int, reason: BaseException | str) -> None:
    """The task stops here with an incident, in READY or WAITING; other branches go on. `retry` takes it up again."""
    said = isinstance(reason, str | KompFlowError)
    text = str(reason) if said else f"{type(reason).__name__}: {reason}"
    task.internal_data["incident"] = text[:2000]
    task._state = state
    note(task, "failed", text=text[:2000])


def cancel(task: Token) -> None:
    """Take the token away from this task, and from all that goes on inside it. What has finished stays as it is."""
    if not is_live(task):
        return
    was, task._state = task._state, CANCELLED
    inside = task.workflow.top_workflow.subprocesses.pop(task, None)
    if inside is not None:
        inside.stop()
    if task.task_spec.is_multi:
        for item in task.children:
            if item.triggered:
                cancel(item)
    if was != FUTURE and not task.task_spec.is_join and not task.task_spec.is_boundary:
        note(task, "completed" if "thrown" in task.internal_data else "cancelled")


def attached(task: Token) -> list[Token]:
    """The tasks beside this one under its boundary split: the activity and its boundary events; empty without one."""
    parent = task.parent
    return [other for other in parent.children if other is not task] if parent.task_spec.is_split else []


def prune(scope: Scope) -> None:
    """Forget the tasks that have finished. Kept: the root, live tasks, and the split or multi-instance they hang on."""
    root = scope.task_tree
    live = scope.find(LIVE)
    if len(live) == len(scope.tasks) - 1:  # only the root has finished
        return
    keep = {root}
    for task in live:
        at: Token | None = task
        while at is not None and at not in keep:
            keep.add(at)
            parent: Token | None = at.parent
            at = parent if parent is not None and (parent.task_spec.is_split or parent.task_spec.is_multi) else None
    scope.tasks = [task for task in scope.tasks if task in keep]
    for task in scope.tasks:
        task.children = []
    for task in scope.tasks:
        if task is not root:
            task.parent = task.parent if task.parent in keep else root
            task.parent.children.append(task)
