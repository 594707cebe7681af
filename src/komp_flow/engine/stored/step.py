"""The one way that an instance changes: lock → load → check → one act → run → save the state and its projections.

Everything happens in the caller's transaction; a failure leaves nothing. The instance's row is locked first.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Boolean, bindparam, case, func, insert, select, update
from sqlalchemy.orm import Session

from komp_flow import audit, bell, metrics
from komp_flow.db.pen import Pen
from komp_flow.db.prepared import Prepared
from komp_flow.engine.errors import NotRunning
from komp_flow.engine.memory import actions, codec, waiting
from komp_flow.engine.memory.instance import Instance
from komp_flow.engine.memory.trail import Happened
from komp_flow.engine.memory.view import OpenTimer, Subscription, View
from komp_flow.engine.stored import messages, projection, shelf
from komp_flow.engine.stored.changes import Changes
from komp_flow.engine.stored.surroundings import Surroundings
from komp_flow.engine.stored.world import World
from komp_flow.engine.tables import (
    ACTIVE,
    CANCELLED,
    COMPLETED,
    ENDED,
    INCIDENT,
    INCIDENT_TABLE,
    INSTANCE,
    PROCESS_VERSION,
    SUSPENDED,
    Incident,
    Task,
    TaskRole,
    Timer,
)
from komp_flow.engine.tables import Instance as InstanceRow
from komp_flow.errors import Busy, Conflict, KompFlowError, NotFound, ProcessFault
from komp_flow.i18n import _

# NO KEY UPDATE on PostgreSQL: another instance's step may write a delivery that refers to this one meanwhile.
_LOCK: Final = Prepared(select(INSTANCE).where(INSTANCE.c.id == bindparam("instance")).with_for_update(key_share=True))
_GOES_ON: Final = (
    update(INSTANCE)
    .where(INSTANCE.c.id == bindparam("instance"), INSTANCE.c.row_version == bindparam("was"))
    .values(
        state_blob=bindparam("blob"),
        row_version=bindparam("was") + 1,
        phase=bindparam("phase"),
        escalation=case((bindparam("calm", type_=Boolean), 0), else_=INSTANCE.c.escalation),
    )
)
_SAVE_ROW: Final = _GOES_ON.values(state=bindparam("state"), ended_at=bindparam("ended_at"))
_ADD_INSTANCE: Final = Prepared(insert(INSTANCE))
_SAVE: Final = Prepared(_SAVE_ROW.returning(INSTANCE.c.escalation))
_SAVE_KEPT: Final = Prepared(_SAVE_ROW)
_SAVE_SAME: Final = Prepared(_GOES_ON)  # the state stands in indexes: SQLite writes those anew where it is set at all
_OPEN_INCIDENTS: Final = Prepared(
    select(func.count()).where(
        INCIDENT_TABLE.c.instance_id == bindparam("instance"),
        INCIDENT_TABLE.c.closed_at.is_(None),
    )
)
_END_INCIDENTS: Final = Prepared(
    update(INCIDENT_TABLE)
    .where(INCIDENT_TABLE.c.instance_id == bindparam("instance"), INCIDENT_TABLE.c.closed_at.is_(None))
    .values(closed_at=bindparam("at"))
)
PUBLISHING: Final = "publishing"  # the stream of what was published
NOTHING: Final = View((), (), (), (), (), completed=False, cancelled=False, ended_by=None)
_PROJECTED: Final = (InstanceRow, Task, TaskRole, Timer, Incident)


@dataclass(frozen=True, slots=True)
class Done:
    """A task that a person has done in this step."""

    task_id: UUID
    by: str | None
    on_behalf_of: str | None = None


class Step:
    """One step of one instance, whose row the caller has locked (or has just inserted)."""

    def __init__(  # noqa: PLR0917
        self, db: Session, world: World, row: Any, now: datetime, by: str | None, pen: Pen | None = None
    ) -> None:
        self.began = time.perf_counter()
        self.db, self.row, self.now, self.by = db, row, now, by
        self.pen = pen or Pen(db)
        self.row_to_be: dict[str, Any] | None = None  # of a new instance, until it is written
        self.host = Surroundings(db, world, row, now, by, self.settle)
        self.runnable = shelf.runnable(db, row.version_id)
        self.place = projection.Place(self.pen, db.connection(), row, self.host.subject, self.runnable, now)
        self.before = NOTHING
        self.instance: Instance

    def settle(self) -> None:
        """Something is about to read what this step has written, or to write by itself."""
        if self.row_to_be is not None:
            self.pen.write(_ADD_INSTANCE, [self.row_to_be])
            self.row_to_be = None
        self.pen.settle()

    def load(self) -> Instance:
        """The instance as it was saved."""
        self.instance = codec.load(self.row.state_blob, self.host)
        self.before = actions.view(self.instance)
        return self.instance

    def save(self, done: Done | None = None, entries: tuple[audit.Entry, ...] = (), *, new: bool = False) -> Changes:
        """Write the state, the projections, what was thrown, and the trail."""
        waiting.learn(self.instance)
        after = actions.view(self.instance)
        blob = codec.dump(self.instance)
        was = {task.id for task in self.before.tasks}
        is_open = {task.id for task in after.tasks}
        gone = [task.id for task in self.before.tasks if task.id not in is_open]
        opened = [task for task in after.tasks if task.id not in was]
        projection.close_tasks(
            self.place,
            gone,
            done.task_id if done else None,
            done.by if done else None,
            done.on_behalf_of if done else None,
        )
        new_tasks, faults = projection.open_tasks(self.place, partial(shelf.runnable, self.db), self.instance, opened)
        for timer, due in projection.write_timers(self.place, self.before, after).items():
            bell.ring(self.db, "timer", timer, due)
        begun = projection.write_subscriptions(self.place, self.before, after)
        projection.write_incidents(self.place, self.before, after)
        projection.add_incidents(self.place, faults, "task")
        if self.row.state == INCIDENT and gone:
            projection.close_incidents(self.place, gone, "task")
        state, escalation = self._write_row(after, blob, bool(faults))
        if begun:
            messages.catch_up(self.db, self.row.id, begun, self.now, self.pen)
        if after.outbox:
            self.settle()
            messages.throw(self.db, after.outbox, self.row, self.now, by=self.by)
        trail = actions.trail(self.instance)
        self._write_trail(trail, done, entries, state, new=new)
        forget(self.db)
        metrics.STEP_SECONDS.labels(self.row.process).observe(time.perf_counter() - self.began)
        return Changes(
            instance_id=self.row.id,
            process=self.row.process,
            state=state,
            opened=tuple(task.id for task in opened),
            closed=tuple(gone),
            trail=tuple(trail),
            tasks=tuple(task | {"escalation": escalation, "instance_state": state} for task in new_tasks),
        )

    def _write_row(self, after: View, blob: bytes, faulty: bool) -> tuple[str, int]:
        """Save the instance's own row; answers its state, and how far it is escalated."""
        row, pen = self.row, self.pen
        if after.completed:
            state = CANCELLED if after.cancelled else COMPLETED
            if row.state == INCIDENT or after.cancelled:
                pen.write(_END_INCIDENTS, [{"instance": row.id, "at": self.now}])
        elif row.state == SUSPENDED:
            state = SUSPENDED
        else:
            wrong = bool(after.incidents) or faulty
            if not wrong and row.state == INCIDENT:
                pen.settle()
                wrong = bool(_OPEN_INCIDENTS.scalar(self.db, {"instance": row.id}))
            state = INCIDENT if wrong else ACTIVE
        phase = self._phase(after)
        values = {
            "instance": row.id,
            "was": row.row_version,
            "state": state,
            "blob": blob,
            "phase": phase,
            "ended_at": self.now if after.completed else None,
            "calm": phase != row.phase and row.escalation > 0,  # what was late is over with its phase
        }
        if self.row_to_be is not None:
            known = {"state_blob": blob, "row_version": row.row_version + 1, "ended_at": values["ended_at"]}
            pen.write(_ADD_INSTANCE, [self.row_to_be | known | {"state": state, "phase": phase}])
            self.row_to_be = None
            return state, 0
        if pen.keeps or not pen.settled:  # else an operation may have raised it since the row was read
            is_same = state == row.state and not after.completed
            pen.write(_SAVE_SAME if is_same else _SAVE_KEPT, [values], exactly=True)
            return state, 0 if values["calm"] else row.escalation
        saved = _SAVE.first(self.db, values)
        if saved is None:
            raise Conflict(_("Noen andre endret saken samtidig. Ingenting er endret. Prøv på nytt."))
        return state, saved.escalation

    def _phase(self, after: View) -> str | None:
        """Where the instance is: the phase of its first open task, else of what it waits for, else as before."""
        for task in after.tasks:
            version = shelf.runnable(self.db, task.program)
            if found := projection.phase_of(self.runnable, version, task.element, task.path):
                return found
        waits: tuple[Subscription | OpenTimer, ...] = (*after.subscriptions, *after.timers)
        for wait in waits:
            version = shelf.runnable(self.db, wait.program)
            if found := projection.phase_of(self.runnable, version, wait.element, ()):
                return found
        return self.row.phase  # type: ignore[no-any-return]

    def _write_trail(
        self, trail: list[Happened], done: Done | None, entries: tuple[audit.Entry, ...], state: str, *, new: bool
    ) -> None:
        lines = [*entries, *(self._entry(happened, done) for happened in trail)]
        if state in ENDED:
            lines.append(audit.Entry("ended", instance_id=self.row.id, detail={"state": state}))
        audit.record(self.db, stream(self.row.id), lines, self.now, new=new, pen=self.pen)

    def _entry(self, happened: Happened, done: Done | None) -> audit.Entry:
        detail: dict[str, Any] = {"kind": happened.kind}
        if happened.item is not None:
            detail["item"] = happened.item
        if happened.occurrence is not None:
            detail["occurrence"] = happened.occurrence
        if happened.program != self.runnable.program.key:
            detail["program"] = happened.program
        by_hand = done is not None and happened.task_id == done.task_id and happened.what == "completed"
        return audit.Entry(
            happened.what,
            element=happened.element,
            name=happened.name,
            task_id=happened.task_id,
            instance_id=self.row.id,
            by=done.by if done and by_hand else None,
            on_behalf_of=done.on_behalf_of if done and by_hand else None,
            detail=detail,
        )


def lock(db: Session, instance_id: UUID, *, running: bool = True) -> Any:
    """Lock the instance's row and answer it. NotFound; NotRunning if it must run and does not."""
    db.flush()
    row = _LOCK.first(db, {"instance": instance_id})
    if row is None:
        raise NotFound(_("Saken finnes ikke. Hent listen på nytt."))
    if row.state in ENDED or (running and row.state == SUSPENDED):
        raise NotRunning(instance_id, row.state)
    return row


def act(
    db: Session,
    world: World,
    row: Any,
    action: Callable[[Instance], object],
    *,
    by: str | None,
    now: datetime,
    entries: tuple[audit.Entry, ...] = (),
) -> Changes:
    """Load the locked instance, do one thing to it, save it."""
    step = Step(db, world, row, now, by)
    with faults(row.id):
        action(step.load())
        return step.save(entries=entries)


@contextmanager
def faults(instance_id: UUID) -> Iterator[None]:
    """Whatever the engine cannot bear is told as a ProcessFault of this instance; the caller rolls back."""
    try:
        yield
    except ProcessFault as error:
        error.instance_id = error.instance_id or instance_id
        raise
    except (KompFlowError, Busy):
        raise
    except (RecursionError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
        said = _("Saken kunne ikke gå videre. Ingenting er endret. Den som drifter løsningen, kan se feilen på saken.")
        raise ProcessFault(said, instance_id) from error


def stream(instance_id: UUID | str) -> str:
    """The audit stream of an instance."""
    return f"instance:{instance_id}"


def streams(db: Session) -> list[str]:
    """The audit streams that must be there: of every instance, and of publishing. For `audit.verify`."""
    connection = db.connection()
    found = [stream(instance) for instance in connection.execute(select(INSTANCE.c.id)).scalars()]
    return [PUBLISHING, *found] if connection.execute(select(PROCESS_VERSION.c.id).limit(1)).first() else found


def forget(db: Session) -> None:
    """What the ORM has read of the projections is read again: the step wrote past it."""
    for known in db.identity_map.values():
        if isinstance(known, _PROJECTED):
            db.expire(known)
