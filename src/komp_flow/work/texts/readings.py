"""Who has read: what others than its author open of a person's texts is noted, once a day, and told to the person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from komp_flow import organisation
from komp_flow.engine import Task
from komp_flow.errors import NotFound
from komp_flow.i18n import _
from komp_flow.organisation import Actor
from komp_flow.registers import Cycle
from komp_flow.registers.sealing import Opened
from komp_flow.work import policy, rows
from komp_flow.work.lines import ReadingLine
from komp_flow.work.models import ReadingLog
from komp_flow.work.policy import Permission

MOST: Final = 2_000


def to_note(opened: Iterable[Opened], reader: str | None) -> list[tuple[str, UUID]]:
    """Of what was opened in a session (`registers.sealing.opened_in`), that which is another's: whose, and the task.

    Nobody is noted for what is about themselves or what they wrote themselves.
    """
    others = {(o.person_id, o.task_id) for o in opened if reader and reader not in (o.person_id, o.by)}
    return sorted(others, key=str)


def note_readings(db: Session, opened: Iterable[Opened], reader: str | None, now: datetime) -> int:
    """Write down who has read; answers how many texts.

    In a transaction of its own, before what was opened is shown: one that only reads cannot write, and what cannot be
    noted is not shown. Repeating it on the same day changes nothing.
    """
    found = to_note(opened, reader)
    if not found:
        return 0
    make: Any = postgresql_insert if db.get_bind().dialect.name == "postgresql" else sqlite_insert
    day = organisation.local_date(db, now)
    lines = [{"person_id": who, "task_id": task, "reader": reader, "day": day, "first_at": now} for who, task in found]
    db.connection().execute(make(ReadingLog).on_conflict_do_nothing(), lines)
    return len(lines)


def readings(db: Session, person_id: str, actor: Actor, now: datetime) -> tuple[ReadingLine, ...]:
    """Who has read what is written about this person, the latest first: for the person alone. NotFound otherwise."""
    policy.require(db, actor, Permission.WORK, now)
    if not person_id or actor.person_id != person_id:
        raise NotFound(_("Bare den det gjelder, ser hvem som har lest."))
    return _lines(db, now, ReadingLog.person_id == person_id)


def of_task(db: Session, person_id: str, task_id: UUID, now: datetime) -> tuple[ReadingLine, ...]:
    """Who has read this one text, for its page. The caller has seen to it that the person asks."""
    return _lines(db, now, ReadingLog.person_id == person_id, ReadingLog.task_id == task_id)


def _lines(db: Session, now: datetime, *narrowed: ColumnElement[bool]) -> tuple[ReadingLine, ...]:
    directory = organisation.directory(db, now)
    query = (
        select(ReadingLog, Task.name, Task.element, Task.cycle_id, Cycle.name.label("cycle_name"))
        .join(Task, Task.id == ReadingLog.task_id)
        .outerjoin(Cycle, Cycle.id == Task.cycle_id)
        .where(*narrowed)
        .order_by(ReadingLog.first_at.desc(), ReadingLog.reader, ReadingLog.task_id)
        .limit(MOST)
    )
    return tuple(
        ReadingLine(
            reader=log.reader,
            reader_name=rows.person_name(directory, log.reader),
            task=log.task_id,
            task_name=name or element,
            cycle=cycle,
            cycle_name=cycle_name,
            day=log.day,
            first_at=log.first_at,
        )
        for log, name, element, cycle, cycle_name in db.execute(query)
    )
