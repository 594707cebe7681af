"""What lists and dashboards read: the difference between an instance before and after a step, written as rows.

The rows always equal the view of the stored state, so the view before the step says what stands there: nothing is
read back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import Connection, bindparam, delete, insert, update

from komp_flow.db.pen import Pen
from komp_flow.db.prepared import Prepared
from komp_flow.engine.memory import actions
from komp_flow.engine.memory.instance import Instance
from komp_flow.engine.memory.view import OpenTask, View
from komp_flow.engine.stored import messages, schedule, shelf
from komp_flow.engine.tables import (
    CANCELLED,
    COMPLETED,
    INCIDENT_TABLE,
    OPEN,
    SUBSCRIPTION,
    SUSPENDED,
    TASK,
    TASK_ROLE,
    TIMER,
)
from komp_flow.organisation.subjects import Subject

_CLOSE_TASK: Final = Prepared(
    update(TASK)
    .where(TASK.c.id == bindparam("task"))
    .values(
        state=bindparam("state"),
        closed_at=bindparam("closed_at"),
        closed_by=bindparam("closed_by"),
        on_behalf_of=bindparam("on_behalf_of"),
    )
)
_ADD_TASKS: Final = Prepared(insert(TASK))
_ADD_ROLES: Final = Prepared(insert(TASK_ROLE))
_ADD_TIMERS: Final = Prepared(insert(TIMER))
_DROP_TIMER: Final = Prepared(
    delete(TIMER).where(TIMER.c.task_id == bindparam("task"), TIMER.c.element == bindparam("at"))
)
_MOVE_TIMER: Final = Prepared(
    update(TIMER)
    .where(TIMER.c.task_id == bindparam("task"), TIMER.c.element == bindparam("at"))
    .values(due_at=bindparam("due_at"), next_try_at=bindparam("due_at"), failures=0)
)
_ADD_SUBSCRIPTIONS: Final = Prepared(insert(SUBSCRIPTION))
_DROP_SUBSCRIPTION: Final = Prepared(
    delete(SUBSCRIPTION).where(SUBSCRIPTION.c.task_id == bindparam("task"), SUBSCRIPTION.c.element == bindparam("at"))
)
_ADD_INCIDENTS: Final = Prepared(insert(INCIDENT_TABLE))
_CLOSE_INCIDENT: Final = Prepared(
    update(INCIDENT_TABLE)
    .where(
        INCIDENT_TABLE.c.instance_id == bindparam("instance"),
        INCIDENT_TABLE.c.task_id == bindparam("task"),
        INCIDENT_TABLE.c.kind == bindparam("of_kind"),
        INCIDENT_TABLE.c.closed_at.is_(None),
    )
    .values(closed_at=bindparam("at"))
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the rows belong: the instance's row, its subject, the runnable version, and the moment."""

    pen: Pen
    connection: Connection
    row: Any
    subject: Subject
    runnable: shelf.Runnable
    now: datetime


def close_tasks(place: Place, gone: Sequence[UUID], done: UUID | None, by: str | None, behalf: str | None) -> None:
    """Tasks that are open no longer: the one that a person has done, and those that the diagram took away."""
    rows = [
        {
            "task": task,
            "state": COMPLETED if task == done else CANCELLED,
            "closed_at": place.now,
            "closed_by": by if task == done else None,
            "on_behalf_of": behalf if task == done else None,
        }
        for task in gone
    ]
    place.pen.write(_CLOSE_TASK, rows)


def open_tasks(
    place: Place, db_form: Any, instance: Instance, opened: Iterable[OpenTask]
) -> tuple[list[dict[str, Any]], list[tuple[UUID, str, str]]]:
    """Rows for new tasks. Answers them, with their roles as a comma list, and the incidents (task, element, text) of
    those whose who or when cannot be told.
    """
    rows, roles, faults, made = [], [], [], []
    for task in opened:
        version = db_form(task.program)
        drawn = version.program.user_tasks[task.element]
        names = actions.names_at(instance, task.id)
        given = schedule.assign(drawn, names, instance.host.moment, place.now)
        rows.append(_task_row(place, task, version, given))
        made.append(rows[-1] | {"roles": ",".join(given.roles)})
        roles += [{"task_id": task.id, "role": role} for role in given.roles]
        if given.faults:
            faults.append((task.id, task.element, " ".join(given.faults)))
    place.pen.write(_ADD_TASKS, rows)
    place.pen.write(_ADD_ROLES, roles)
    return made, faults


def _task_row(place: Place, task: OpenTask, version: shelf.Runnable, given: schedule.Assignment) -> dict[str, Any]:
    drawn = version.program.user_tasks[task.element]
    return {
        "id": task.id,
        "instance_id": place.row.id,
        "process": place.row.process,
        "element": task.element,
        "name": task.name,
        "state": OPEN,
        "unit_id": place.subject.unit,
        "person_id": place.subject.person,
        "measure_id": place.subject.measure,
        "cycle_id": place.subject.cycle,
        "assignee": given.assignee,
        "form": drawn.form_id,
        "form_version_id": version.forms.get(drawn.form_id) if drawn.form_id else None,
        "due_at": given.due_at,
        "follow_up_at": given.follow_up_at,
        "reminders": drawn.reminders,
        "guidance": drawn.guidance,
        "phase": phase_of(place.runnable, version, task.element, task.path),
        "created_at": place.now,
    }


def phase_of(top: shelf.Runnable, version: shelf.Runnable, element: str, path: Sequence[str]) -> str | None:
    """The phase that an element is in: drawn around it, or around the call activity that leads to it."""
    for program, at in ((version.program, element), *((top.program, outer) for outer in reversed(path))):
        drawn = program.elements.get(at)
        if drawn is not None and drawn.phase:
            return drawn.phase
    return None


def write_timers(place: Place, before: View, after: View) -> dict[tuple[UUID, str], datetime]:
    """Each waiting timer's next instant; one whose time is not known has no row. Answers the new and moved ones."""
    was = {(t.task_id, t.element): t.due[0] for t in before.timers if t.due}
    now = {(t.task_id, t.element): t.due[0] for t in after.timers if t.due}
    gone = [_key(key) for key in was if key not in now]
    moved = [{**_key(key), "due_at": due} for key, due in now.items() if key in was and was[key] != due]
    new = [
        {
            "instance_id": place.row.id,
            "task_id": task,
            "element": element,
            "due_at": due,
            "held": place.row.state == SUSPENDED,
            "failures": 0,
            "next_try_at": due,
        }
        for (task, element), due in now.items()
        if (task, element) not in was
    ]
    place.pen.write(_DROP_TIMER, gone)
    place.pen.write(_MOVE_TIMER, moved)
    place.pen.write(_ADD_TIMERS, new)
    return {key: due for key, due in now.items() if was.get(key) != due}


def write_subscriptions(place: Place, before: View, after: View) -> list[tuple[str, str]]:
    """What the instance waits for; answers the names and keys of messages that it has begun to wait for."""
    was = {(s.task_id, s.element, s.kind, s.name, s.key) for s in before.subscriptions}
    now = {(s.task_id, s.element, s.kind, s.name, s.key): s for s in after.subscriptions}
    gone = [_key(key) for key in was if key not in now]
    new = [
        {
            "task_id": s.task_id,
            "element": s.element,
            "instance_id": place.row.id,
            "kind": s.kind,
            "name": s.name,
            "key": messages.stored_key(s.key),
        }
        for key, s in now.items()
        if key not in was
    ]
    place.pen.write(_DROP_SUBSCRIPTION, gone)
    place.pen.write(_ADD_SUBSCRIPTIONS, new)
    return [(row["name"], row["key"]) for row in new if row["kind"] == "message"]


def write_incidents(place: Place, before: View, after: View) -> None:
    """The tokens that stand still; one that failed again in another way is a new incident."""
    was = {i.task_id: i for i in before.incidents}
    now = {i.task_id: i for i in after.incidents}
    gone = [task for task, incident in was.items() if now.get(task) != incident]
    new = [(i.task_id, i.element, i.text) for task, i in now.items() if was.get(task) != i]
    close_incidents(place, gone, "diagram")
    add_incidents(place, new, "diagram")


def add_incidents(place: Place, found: Iterable[tuple[UUID | None, str | None, str]], kind: str) -> None:
    """New incidents of the instance: task, element, text."""
    rows = [
        {
            "id": uuid4(),
            "instance_id": place.row.id,
            "process": place.row.process,
            "task_id": task,
            "element": element,
            "kind": kind,
            "text": text.replace("\0", " "),
            "opened_at": place.now,
            "closed_at": None,
        }
        for task, element, text in found
    ]
    place.pen.write(_ADD_INCIDENTS, rows)


def close_incidents(place: Place, tasks: Iterable[UUID], kind: str) -> None:
    """These are mended, or gone with their task."""
    rows = [{"instance": place.row.id, "task": task, "of_kind": kind, "at": place.now} for task in tasks]
    place.pen.write(_CLOSE_INCIDENT, rows)


def _key(key: tuple[Any, ...]) -> Mapping[str, Any]:
    return {"task": key[0], "at": key[1]}
