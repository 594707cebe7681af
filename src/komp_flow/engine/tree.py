"""Small acts on SpiffWorkflow's task tree: states, tokens, cancelling, holding with an incident, pruning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from komp_flow.engine.trail import note
from komp_flow.errors import KompFlowError

if TYPE_CHECKING:
    from komp_flow.engine.instance import Scope

FUTURE: int = TaskState.FUTURE
WAITING: int = TaskState.WAITING
READY: int = TaskState.READY
STARTED: int = TaskState.STARTED
COMPLETED: int = TaskState.COMPLETED
CANCELLED: int = TaskState.CANCELLED
LIVE: int = FUTURE | WAITING | READY | STARTED


def is_live(task: Task) -> bool:
    """True while the task is, or will be, something to do or to wait for."""
    return bool(task._state & LIVE)


def item_of(task: Task) -> Task | None:
    """The multi-instance that this task is one item of.

    The parent alone does not say it: the task after a multi-instance has the same parent.
    """
    parent = task.parent
    return parent if task.triggered and parent is not None and parent.task_spec.is_multi else None


def inherit(task: Task) -> None:
    """A branch's own data (only `occurrence`) follows the token."""
    parent = task.parent
    if parent is not None and parent.data:
        task.data.update(parent.data)


def hold(task: Task, state: int, reason: BaseException | str) -> None:
    """The task stops here with an incident, in READY or WAITING; other branches go on. `retry` takes it up again."""
    said = isinstance(reason, str | KompFlowError)
    text = str(reason) if said else f"{type(reason).__name__}: {reason}"
    task.internal_data["incident"] = text[:2000]
    task._state = state
    note(task, "failed", text=text[:2000])


def cancel(task: Task) -> None:
    """Take the token away from this task, and from all that goes on inside it. What has finished stays as it is."""
    if not is_live(task):
        return
    was, task._state = task._state, CANCELLED
    inside = task.workflow.top_workflow.subprocesses.pop(task.id, None)
    if inside is not None:
        inside.stop()
    if task.task_spec.is_multi:
        for item in task.children:
            if item.triggered:
                cancel(item)
    if was != FUTURE and not task.task_spec.is_join and not task.task_spec.is_boundary:
        note(task, "completed" if "thrown" in task.internal_data else "cancelled")


def attached(task: Task) -> list[Task]:
    """The tasks beside this one under its boundary split: the activity and its boundary events; empty without one."""
    parent = task.parent
    return [other for other in parent.children if other is not task] if parent.task_spec.is_split else []


def prune(scope: Scope) -> None:
    """Forget the tasks that have finished. Kept: the root, live tasks, and the split or multi-instance they hang on."""
    tasks: dict[Any, Task] = scope.tasks
    root = scope.task_tree
    if sum(not is_live(task) for task in tasks.values()) == 1:  # only the root
        return
    keep = {root.id}
    for task in tasks.values():
        at = task if is_live(task) else None
        while at is not None and at.id not in keep:
            keep.add(at.id)
            parent = at.parent
            at = parent if parent is not None and (parent.task_spec.is_split or parent.task_spec.is_multi) else None
    for task in [task for task in tasks.values() if task.id not in keep]:
        del tasks[task.id]
    for task in tasks.values():
        task._children = []
    for task in tasks.values():
        if task is root:
            continue
        if task._parent not in keep:
            task._parent = root.id
        tasks[task._parent]._children.append(task.id)
