"""Says what is only half there in a database: lists that do not say what the instances' own state says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow import audit, engine, schema
from komp_flow.db import Database
from komp_flow.engine import tables
from komp_flow.engine.stored.step import Step
from komp_flow.work import WORLD


def halves(database: Database, now: Any, world: engine.World = WORLD) -> list[str]:
    """Everything that is not whole: nothing, in a database that is."""
    with database.reading() as db:
        found = [*_instances(db, now, world)]
        found += [str(fault) for fault in audit.verify(db, expected=engine.streams(db))]
    return found + schema.check(database)


def _instances(db: Session, now: Any, world: engine.World) -> Iterator[str]:
    for row in db.connection().execute(select(tables.INSTANCE)).all():
        said = _said(db, tables.TASK, row.id, state="open"), _said(db, tables.TIMER, row.id), _waits(db, row.id)
        if row.state in tables.ENDED:
            if any(said) or row.ended_at is None:
                yield f"{row.process} {row.id} has ended, and yet: {said}"
            continue
        step = Step(db, world, row, now, None)
        step.load()
        view = step.before
        is_ = (
            {(task.id, task.element) for task in view.tasks},
            {(timer.task_id, timer.element) for timer in view.timers if timer.due},
            {(wait.task_id, wait.element) for wait in view.subscriptions},
        )
        if is_ != said:
            yield f"{row.process} {row.id} is {is_}, the lists say {said}"


def _said(db: Session, table: Any, instance: Any, **where: str) -> set[tuple[Any, str]]:
    key = table.c.id if "id" in table.c else table.c.task_id
    wanted = select(key, table.c.element).where(table.c.instance_id == instance)
    for name, value in where.items():
        wanted = wanted.where(table.c[name] == value)
    return {tuple(row) for row in db.connection().execute(wanted)}


def _waits(db: Session, instance: Any) -> set[tuple[Any, str]]:
    return _said(db, tables.SUBSCRIPTION, instance)
