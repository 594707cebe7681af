"""A task of a person: locked with its instance, and completed with what the person sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select
from sqlalchemy.orm import Session

from komp_flow import audit
from komp_flow.db.prepared import Prepared
from komp_flow.engine.errors import NotRunning, TaskDone
from komp_flow.engine.memory import actions
from komp_flow.engine.stored import step
from komp_flow.engine.stored.changes import Changes, OpenTask, Sent
from komp_flow.engine.stored.plain import plain, require_storable
from komp_flow.engine.stored.world import World
from komp_flow.engine.tables import INSTANCE, OPEN, SUBMISSION, SUSPENDED, TASK, TASK_ROLE
from komp_flow.errors import NotFound
from komp_flow.i18n import _
from komp_flow.organisation.subjects import Subject

_LOCK_BY_TASK: Final = Prepared(
    select(INSTANCE)
    .where(INSTANCE.c.id == select(TASK.c.instance_id).where(TASK.c.id == bindparam("task")).scalar_subquery())
    .with_for_update(key_share=True)
)
# A statement of its own: it must see what was committed while this one waited for the lock.
_TASK: Final = Prepared(
    select(
        TASK,
        select(func.aggregate_strings(TASK_ROLE.c.role, ","))
        .where(TASK_ROLE.c.task_id == bindparam("task"))
        .scalar_subquery()
        .label("roles"),
    ).where(TASK.c.id == bindparam("task"))
)
_ADD_SUBMISSION: Final = Prepared(insert(SUBMISSION))


def locked(db: Session, task_id: UUID) -> OpenTask:
    """Lock the task's instance, then read the task. NotFound, TaskDone, NotRunning (suspended)."""
    row = ask_for_instance(db, task_id)
    task = _TASK.first(db, {"task": task_id})
    return as_open(row(), task)


def lock_instance(db: Session, task_id: UUID) -> Any:
    """Lock the row of the task's instance and answer it; what is read of the task after this stays. NotFound."""
    return ask_for_instance(db, task_id)()


def ask_for_instance(db: Session, task_id: UUID) -> Callable[[], Any]:
    """As `lock_instance`, for one who next reads something of the task: both go together. What is answered gives the
    row, or raises.
    """
    db.flush()
    locked_row = _LOCK_BY_TASK.promise(db, {"task": task_id})

    def kept() -> Any:
        row = locked_row()
        if row is None:
            raise NotFound(_("Oppgaven finnes ikke. Hent lista på nytt."))
        return row

    return kept


def as_open(row: Any, task: Any) -> OpenTask:
    """The task, read since its instance's row was locked, with its roles as a comma list. TaskDone, NotRunning.

    It may have `trail_seq` and `trail_hash`, the end of its instance's trail: the step then need not ask for it.
    """
    if task.state != OPEN:
        raise TaskDone(task.id, task.state, task.closed_by, task.closed_at)
    if row.state == SUSPENDED:
        raise NotRunning(row.id, row.state)
    return OpenTask(
        id=task.id,
        instance_id=row.id,
        process=row.process,
        element=task.element,
        name=task.name,
        subject=Subject(row.unit_id, row.person_id, row.measure_id, row.cycle_id),
        roles=frozenset(task.roles.split(",")) if task.roles else frozenset(),
        assignee=task.assignee,
        claimed_by=task.claimed_by,
        delegated_to=task.delegated_to,
        form=task.form,
        form_version_id=task.form_version_id,
        due_at=task.due_at,
        follow_up_at=task.follow_up_at,
        phase=task.phase,
        guidance=task.guidance,
        created_at=task.created_at,
        instance=row,
        trail=audit.End(task.trail_seq, task.trail_hash) if getattr(task, "trail_seq", None) else None,
    )


def complete(
    db: Session,
    world: World,
    task: OpenTask,
    answers: Mapping[str, object],
    *,
    by: str | None,
    on_behalf_of: str | None = None,
    now: datetime,
    sent: Sent | None = None,
) -> Changes:
    """A person has done the task that `locked` gave. `answers` is what the diagram gets, `sent` what is kept as the
    submission (the answers, unless given). ProcessFault: the instance cannot go on and stands as before.
    """
    db.flush()
    require_storable(answers)
    kept = sent or Sent(answers)
    made = step.Step(db, world, task.instance, now, by)
    if task.trail is not None:
        made.pen.heads[step.stream(task.instance_id)] = task.trail
    with step.faults(task.instance_id):
        actions.complete(made.load(), task.id, answers)
        submission = {
            "task_id": task.id,
            "instance_id": task.instance_id,
            "form_version_id": task.form_version_id,
            "values": None if kept.values is None else plain(kept.values),
            "sealed": kept.sealed,
            "own": kept.own,
            "aside": kept.aside,
            "shared_at": now if kept.shared else None,
            "by": by,
            "on_behalf_of": on_behalf_of,
            "at": now,
        }
        made.pen.write(_ADD_SUBMISSION, [submission])
        return made.save(step.Done(task.id, by, on_behalf_of))
