"""Everything that can happen to an instance in memory. Each act mutates it and runs it to the next wait.

The store's `step` is the only caller: load, one act, view and trail, dump.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from komp_flow.engine.errors import NotOpen
from komp_flow.engine.memory import firing, loop, scopes
from komp_flow.engine.memory.host import Host
from komp_flow.engine.memory.instance import Instance
from komp_flow.engine.memory.program import Program
from komp_flow.engine.memory.specs.base import finish
from komp_flow.engine.memory.token import Token
from komp_flow.engine.memory.trail import Happened
from komp_flow.engine.memory.tree import READY, STARTED, WAITING, hold
from komp_flow.engine.memory.view import View, event_at, view
from komp_flow.errors import Busy, KompFlowError, NotFound
from komp_flow.i18n import _

__all__ = [
    "View",
    "cancel",
    "complete",
    "deliver",
    "fire_due",
    "names_at",
    "pause",
    "rekey",
    "reschedule",
    "resume",
    "retry",
    "start",
    "throw_error",
    "trail",
    "view",
]  # fmt: skip


FIRINGS = 1_000


def start(
    program: Program, host: Host, start_element: str | None = None, variables: Mapping[str, object] | None = None
) -> Instance:
    """A new instance, run to its first wait. Without an element the plain start event is taken.

    `variables` are also a start message's payload. NotFound: there is no such start event.
    """
    starts = [
        event.element
        for event in program.starts
        if (event.element == start_element if start_element else event.kind == "none")
    ]
    if not starts:
        raise NotFound(_("Prosessen «%(name)s» kan ikke startes slik.", name=program.name))
    instance = Instance(program, host)
    instance.begin()
    root = instance.task_tree
    root.internal_data["start"] = starts[0]
    finish(root)
    event = next(task for task in root.children if task.task_spec.name == starts[0])
    event.internal_data["result"] = scopes.read_of(instance, variables or {})
    loop.run(instance)
    return instance


def complete(
    instance: Instance, task_id: UUID, answers: Mapping[str, object], submission_id: UUID | None = None
) -> None:
    """A person has done a user task. NotOpen: it is not open.

    What comes after never refuses it: a failing mapping is an incident, and is retried with the answers of the
    submission (`Host.answers`), or without one with those answers that the diagram reads.
    """
    task = _find(instance, READY, task_id)
    if not task.task_spec.manual or "incident" in task.internal_data:
        raise NotOpen
    try:
        task.task_spec.leave(task, answers)
    except Busy:
        raise
    except Exception as error:  # noqa: BLE001 - the person is done; the diagram is not
        _keep_answers(task, answers, submission_id)
        hold(task, READY, error)
    else:
        finish(task)
    loop.run(instance)


def _keep_answers(task: Token, answers: Mapping[str, object], submission_id: UUID | None) -> None:
    if submission_id is not None:
        task.internal_data["submission"] = submission_id.hex
    else:
        task.internal_data["answers"] = scopes.read_of(task.workflow, answers)


def fire_due(instance: Instance, now: datetime, only: tuple[UUID, str] | None = None) -> int:
    """Fire the timers that are due, the earliest first; → how many waits fired.

    What was missed of one timer fires once, as the latest. With `only` (task id and element), no other timer. At most
    1,000: a loop through a time that has passed goes on at the next tick.
    """
    fired = 0
    while fired < FIRINGS:
        due = [
            (datetime.fromisoformat(wait["due"][0]), order, task, element)
            for order, task in enumerate(instance.open_tasks(WAITING))
            for element, wait in task.internal_data.get("wait", {}).items()
            if wait.get("due") and "paused" not in wait and only in (None, (task.id, element))
        ]
        due = [item for item in due if item[0] <= now]
        if not due:
            return fired
        _at, _order, task, element = min(due, key=lambda item: item[:2])
        wait = task.internal_data["wait"][element]
        missed = sum(datetime.fromisoformat(instant) <= now for instant in wait["due"])
        firing.fire(task, element, count=wait.get("n", 0) + missed, rest=wait["due"][missed:])
        loop.run(instance)
        fired += 1
        if only:
            break
    return fired


def deliver(instance: Instance, task_id: UUID, element: str, payload: Mapping[str, object] | None = None) -> None:
    """A message or signal for one wait. NotOpen: nothing waits there."""
    task = _find(instance, WAITING, task_id)
    wait = task.internal_data.get("wait", {}).get(element)
    if wait is None or "due" in wait or not wait:
        raise NotOpen
    firing.fire(task, element, payload)
    loop.run(instance)


def retry(instance: Instance, task_id: UUID) -> None:
    """Try again what ended in an incident. NotOpen: there is none on this task."""
    task = _find(instance, READY | WAITING | STARTED, task_id)
    data = task.internal_data
    if data.pop("incident", None) is None:
        raise NotOpen
    if task.task_spec.manual and task._state == READY:
        submission = data.pop("submission", None)
        if submission is not None:
            host: Host = instance.host
            complete(instance, task_id, host.answers(UUID(submission)), UUID(submission))
        else:
            complete(instance, task_id, data.pop("answers", {}))
        return
    if task._state == WAITING:
        task.task_spec._update(task)
    else:
        task.task_spec.reenter(task)
        instance.ready.append(task)
    loop.run(instance)


def throw_error(instance: Instance, task_id: UUID, code: str, variables: Mapping[str, object] | None = None) -> None:
    """What an open task was to do did not succeed: caught by the diagram, or an incident. NotOpen."""
    firing.throw_error(_find(instance, READY | WAITING | STARTED, task_id), code, variables)
    loop.run(instance)


def cancel(instance: Instance) -> None:
    """Take every token away. The instance is over."""
    instance.stop()
    instance.cancelled = True


def open_task(instance: Instance, task_id: UUID) -> Token:
    """The task, if it is reached and not over. NotOpen."""
    return _find(instance, READY | WAITING | STARTED, task_id)


def names_at(instance: Instance, task_id: UUID) -> Mapping[str, object]:
    """Every name that an expression of this open task sees. NotOpen."""
    return scopes.names_at(_find(instance, READY | WAITING | STARTED, task_id))


def trail(instance: Instance) -> list[Happened]:
    """What happened since the instance was started or loaded, in order."""
    return list(instance.happened)


def reschedule(instance: Instance, changed: frozenset[str] | None = None) -> int:
    """Evaluate waiting timers again: those that read one of the `changed` names, or all; → how many moved.

    What has fired stays fired: of a list, only the later instants are taken anew. A timer whose expression fails now
    keeps its time.
    """
    moved = 0
    for task in instance.open_tasks(WAITING):
        for element, wait in task.internal_data.get("wait", {}).items():
            if "due" not in wait:
                continue
            event = event_at(task, element)
            if changed is not None and not (event.reads & changed):
                continue
            try:
                # All its times since it was reached, so that those which have fired can be counted off.
                due = event.due(task, datetime.fromisoformat(wait["since"]), known=bool(wait["due"] or wait.get("n")))
            except Busy:
                raise
            except Exception:  # noqa: BLE001, S112 - the calendar may be moved although one diagram cannot read it
                continue
            due = (due or [])[wait.get("n", 0) :] or None
            if due != wait["due"]:
                wait["due"] = due
                moved += 1
    return moved


def rekey(instance: Instance, changed: frozenset[str]) -> None:
    """Evaluate the keys of waiting messages again that read one of the `changed` names. One that fails now stays."""
    for task in instance.open_tasks(WAITING):
        for element, wait in task.internal_data.get("wait", {}).items():
            if "message" not in wait:
                continue
            event = event_at(task, element)
            if not event.reads & changed:
                continue
            try:
                wait["key"] = event.key(task)
            except Busy:
                raise
            except KompFlowError:
                continue


def pause(instance: Instance, now: datetime) -> None:
    """The clock stands still for every waiting timer."""
    for _task, wait in _timers(instance):
        wait.setdefault("paused", now.isoformat())


def resume(instance: Instance, now: datetime) -> None:
    """The clock goes on: what was left when it was paused is left now."""
    for _task, wait in _timers(instance):
        if "paused" in wait:
            pushed = now - datetime.fromisoformat(wait.pop("paused"))
            wait["due"] = [(datetime.fromisoformat(due) + pushed).isoformat() for due in wait["due"] or ()] or None
            wait["since"] = (datetime.fromisoformat(wait["since"]) + pushed).isoformat()


def _timers(instance: Instance) -> list[tuple[Token, dict[str, Any]]]:
    return [
        (task, wait)
        for task in instance.open_tasks(WAITING)
        for wait in task.internal_data.get("wait", {}).values()
        if "due" in wait
    ]


def _find(instance: Instance, states: int, task_id: UUID) -> Token:
    wanted = task_id.int  # compared as a number: many tokens may be looked at
    for task in instance.open_tasks(states):
        if task.id.int == wanted:
            return task
    raise NotOpen
