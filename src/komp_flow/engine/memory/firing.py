"""A wait is over: a timer is due, a message or signal has come, an error or escalation was thrown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from komp_flow.engine.memory import scopes
from komp_flow.engine.memory.token import Token
from komp_flow.engine.memory.trail import note
from komp_flow.engine.memory.tree import FUTURE, READY, WAITING, attached, cancel, hold, is_live, item_of
from komp_flow.engine.memory.values import as_text
from komp_flow.i18n import _


def fire(
    task: Token, element: str, payload: Mapping[str, object] | None = None, count: int = 1, rest: Sequence[str] = ()
) -> None:
    """One wait of one task is over. What it interrupts is cancelled before anything else can go on.

    `count` numbers a timer's firing; `rest` are the instants that are left. A non-interrupting event that can happen
    again leaves a fresh one behind.
    """
    spec, data = task.task_spec, task.internal_data
    waits = data.pop("wait", {})
    data["result"] = scopes.read_of(task.workflow, payload or {})
    if spec.is_event_gateway:
        data["chosen"] = element
    elif spec.is_boundary:
        is_timer = spec.event.kind == "timer"
        if is_timer:
            task.data["occurrence"] = count
        if not spec.interrupts and (rest or not is_timer):
            again = {**waits.get(element, {}), "due": list(rest), "n": count} if is_timer else waits.get(element, {})
            _wait_on(task, element, again)
        if spec.interrupts:
            _interrupt(task)
    note(task, "fired", occurrence=count if spec.is_boundary and spec.event.kind == "timer" else None)
    task._state = READY
    spec._on_ready(task)


def _interrupt(task: Token) -> None:
    """An event sub-process takes its whole scope, a boundary event its activity; branches that have begun go on."""
    if task.task_spec.is_listener:
        for other in list(task.workflow.tasks):
            if other is not task:
                cancel(other)
        return
    for other in attached(task):
        if not other.task_spec.is_boundary or other._state == WAITING:
            cancel(other)


def _wait_on(task: Token, element: str, wait: Mapping[str, object]) -> None:
    fresh = task.parent.add_child(task.task_spec, FUTURE)
    fresh.triggered = True
    fresh.data.update({name: value for name, value in task.data.items() if name != "occurrence"})
    fresh.data.update(task.parent.data)
    fresh.internal_data["wait"] = {element: dict(wait)}
    fresh._state = WAITING


def throw(task: Token, kind: str, code: str | None, variables: Mapping[str, object] | None = None) -> bool:
    """An error or escalation goes outwards to the nearest that catches it: equal code first, then a catch-all.

    False when nobody does.
    """
    at: Token | None = task
    while at is not None:
        holder = item_of(at) or at
        places = [attached(holder) if holder.parent is not None else [], at.workflow.find(WAITING)]
        for place, listening in zip(places, (False, True), strict=True):
            for event in _catching(place, kind, code, listening=listening):
                fire(event, event.task_spec.bpmn_id, variables)
                return True
        at = at.workflow.parent_task
    return False


def _catching(place: list[Token], kind: str, code: str | None, *, listening: bool) -> list[Token]:
    events = [
        task
        for task in place
        if task._state == WAITING
        and task.task_spec.is_boundary
        and task.task_spec.is_listener is listening
        and task.task_spec.event.kind == kind
        and task.task_spec.event.code in (code, None)
    ]
    return sorted(events, key=lambda task: task.task_spec.event.code is None)[:1]


def throw_error(task: Token, code: str, variables: Mapping[str, object] | None = None) -> None:
    """As `throw`, and an incident on the task when nobody catches it."""
    if not throw(task, "error", as_text(code), variables):
        hold_uncaught(task, code)


def hold_uncaught(task: Token, code: str) -> None:
    """An error that nobody catches is an incident."""
    hold(task, READY, _("Feilen «%(code)s» blir ikke fanget av noen i diagrammet.", code=code))


def signal(task: Token, name: str, payload: Mapping[str, object]) -> None:
    """Those who wait for it in this instance just now hear it at once; the thrower may lose its own token by it."""
    waiting = [
        (other, element)
        for other in task.workflow.top_workflow.open_tasks(WAITING)
        for element, wait in other.internal_data.get("wait", {}).items()
        if wait.get("signal") == name
    ]
    for other, element in waiting:
        if is_live(other) and element in other.internal_data.get("wait", {}):
            fire(other, element, payload)
