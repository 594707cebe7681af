"""A date has moved: due dates and waiting timers that depend on it are computed again, some instances at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, func, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from komp_flow import audit
from komp_flow.db.pen import KeepingPen
from komp_flow.db.prepared import Prepared
from komp_flow.engine.many import starts
from komp_flow.engine.memory import actions
from komp_flow.engine.memory.scopes import HOST_NAMES
from komp_flow.engine.memory.view import View
from komp_flow.engine.stored import instances, schedule, shelf, step
from komp_flow.engine.stored.world import World
from komp_flow.engine.tables import ENDED, INSTANCE, OPEN, TASK
from komp_flow.errors import Busy
from komp_flow.i18n import _
from komp_flow.organisation.subjects import Subject

_MOVE_TASK: Final = Prepared(
    update(TASK)
    .where(TASK.c.id == bindparam("task"))
    .values(due_at=bindparam("due"), follow_up_at=bindparam("follow_up"))
)


@dataclass(frozen=True)
class Moved:
    """How many due dates and timers have another time. `last` is where to go on; None: all is done."""

    tasks: int = 0
    timers: int = 0
    changed: int = 0  # all that was computed anew and is another: follow-up dates and later times of timers too
    last: UUID | None = None


def reschedule(
    db: Session,
    world: World,
    *,
    instances: Iterable[UUID] | None = None,
    cycle: str | None = None,
    by: str | None = None,
    now: datetime,
    changed: frozenset[str] = HOST_NAMES,
) -> int:
    """Compute again what depends on one of the `changed` names; answers how much moved.

    In all running instances, or those named, or those of a cycle, in this transaction: for many, see `some`. They are
    locked in the order of their ids, so that two who do this at once never wait for each other.
    """
    db.flush()
    wanted = _running()
    if instances is not None:
        wanted = wanted.where(INSTANCE.c.id.in_(list(instances)))
    if cycle is not None:
        wanted = wanted.where(INSTANCE.c.cycle_id == cycle)
    pen = KeepingPen(db, undoes=False)
    rows = db.connection().execute(wanted).all()
    moved = _moved(db, _Sharing(world), rows, pen, by=by, now=now, changed=changed)
    if instances is None:
        return moved.changed + starts.rearm(db, world, now)
    return moved.changed


def some(
    db: Session,
    world: World,
    cycle: str,
    *,
    after: UUID | None,
    most: int,
    by: str | None = None,
    now: datetime,
    changed: frozenset[str],
) -> Moved:
    """The next instances of a cycle, at most so many, in the order of their ids, and with the first of them the timers
    that start instances. Those of versions that read none of the `changed` names are passed over.

    An instance that cannot be computed gets an incident, and the others go on.
    """
    db.flush()
    if after is None:
        starts.rearm(db, world, now)
    mine = _affected(db, cycle, changed)
    wanted = _running().where(*mine).limit(most)
    rows = db.connection().execute(wanted.where(INSTANCE.c.id > after) if after is not None else wanted).all()
    bad: list[UUID] = []
    moved = _moved(db, _Sharing(world), rows, KeepingPen(db), by=by, now=now, changed=changed, bad=bad)
    for instance in bad:
        said = _("En dato er flyttet, men fristene i denne saken kunne ikke regnes ut på nytt. De står som før.")
        instances.fault(db, instance, said, now)
    last = rows[-1].id if len(rows) == most else None
    return Moved(moved.tasks, moved.timers, moved.changed, last)


def left(db: Session, cycle: str, after: UUID, changed: frozenset[str]) -> int:
    """How many instances `some` has not come to."""
    mine = select(func.count()).where(INSTANCE.c.id > after, INSTANCE.c.state.not_in(ENDED))
    return int(db.connection().execute(mine.where(*_affected(db, cycle, changed))).scalar_one())


class _Sharing:
    """The world, which is asked once for what all instances of a subject, or all of them, have in common."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._moment: Any = None
        self._names: dict[Subject, Any] = {}
        self.operation = world.operation

    def moment(self, db: Session, now: datetime) -> Any:
        """As the world says."""
        if self._moment is None:
            self._moment = self._world.moment(db, now)
        return self._moment

    def names(self, db: Session, subject: Subject, now: datetime) -> Any:
        """As the world says."""
        if subject not in self._names:
            self._names[subject] = self._world.names(db, subject, now)
        return self._names[subject]


def _running() -> Select[Any]:
    running = select(INSTANCE).where(INSTANCE.c.state.not_in(ENDED)).order_by(INSTANCE.c.id)
    return running.with_for_update(key_share=True)


def _affected(db: Session, cycle: str, changed: frozenset[str]) -> list[ColumnElement[bool]]:
    """Of the cycle, and of a version that reads one of the names where it says when."""
    versions = select(INSTANCE.c.version_id).where(INSTANCE.c.cycle_id == cycle, INSTANCE.c.state.not_in(ENDED))
    found = db.connection().execute(versions.distinct()).scalars().all()
    reading = [version for version in found if _reads(db, version, changed, set())]
    return [INSTANCE.c.cycle_id == cycle, INSTANCE.c.version_id.in_(reading)]


def _reads(db: Session, version: UUID, changed: frozenset[str], seen: set[UUID]) -> bool:
    """Whether a due date or timer of this version, or of one that it calls, reads one of the names."""
    seen.add(version)
    runnable = shelf.runnable(db, version)
    program = runnable.program
    if any(schedule.depends(task, changed) for task in program.user_tasks.values()):
        return True
    events = (getattr(node, "event", None) for spec in program.specs.values() for node in spec.task_specs.values())
    if any(event is not None and event.kind == "timer" and event.reads & changed for event in events):
        return True
    return any(called not in seen and _reads(db, called, changed, seen) for called in runnable.calls.values())


def _moved(
    db: Session,
    world: World,
    rows: Sequence[Any],
    pen: KeepingPen,
    *,
    by: str | None,
    now: datetime,
    changed: frozenset[str],
    bad: list[UUID] | None = None,
) -> Moved:
    """Of these instances, whose rows are locked. `bad`: those that fail are noted in it; else the first one raises."""
    pen.heads = audit.heads(db, [step.stream(row.id) for row in rows]) if rows else {}
    tasks = _open_tasks(db, [row.id for row in rows])
    total = Moved()
    for row in rows:
        try:
            with step.faults(row.id), pen.step():
                found = _move(db, step.Step(db, world, row, now, by, pen), tasks, changed)
        except (DBAPIError, Busy):
            raise
        except Exception:
            if bad is None:
                raise
            bad.append(row.id)
        else:
            total = Moved(total.tasks + found.tasks, total.timers + found.timers, total.changed + found.changed)
    pen.send()
    return total


def _open_tasks(db: Session, wanted: list[UUID]) -> dict[UUID, Any]:
    columns = (TASK.c.id, TASK.c.due_at, TASK.c.follow_up_at, TASK.c.created_at)
    query = select(*columns).where(TASK.c.instance_id.in_(wanted), TASK.c.state == OPEN)
    return {row.id: row for row in db.connection().execute(query)} if wanted else {}


def _move(db: Session, made: step.Step, rows: dict[UUID, Any], changed: frozenset[str]) -> Moved:
    """One instance."""
    instance = made.load()
    timers = actions.reschedule(instance, changed)
    tasks: list[dict[str, Any]] = []
    for task in made.before.tasks:
        drawn = shelf.runnable(db, UUID(task.program)).program.user_tasks[task.element]
        if not schedule.depends(drawn, changed):
            continue
        row = rows[task.id]
        given = schedule.assign(drawn, actions.names_at(instance, task.id), made.host.moment, row.created_at)
        if not given.faults and (given.due_at, given.follow_up_at) != (row.due_at, row.follow_up_at):
            tasks.append({"task": task.id, "due": given.due_at, "follow_up": given.follow_up_at})
    if not timers and not tasks:
        return Moved()
    made.pen.write(_MOVE_TASK, tasks)
    detail = {"timers": timers, "tasks": len(tasks)}
    was, now = _nexts(made.before), _nexts(actions.view(instance))
    made.save(entries=(audit.Entry("rescheduled", instance_id=made.row.id, by=made.by, detail=detail),))
    due = sum(task["due"] != rows[task["task"]].due_at for task in tasks)
    return Moved(due, sum(was.get(key) != now.get(key) for key in was.keys() | now.keys()), timers + len(tasks))


def _nexts(view: View) -> dict[tuple[UUID, str], datetime | None]:
    return {(timer.task_id, timer.element): next(iter(timer.due), None) for timer in view.timers}
