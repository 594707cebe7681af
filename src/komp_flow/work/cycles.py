"""Cycles and their calendars: listed, and moved by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow import audit, engine, registers
from komp_flow.engine.tables import ENDED, OPEN, TASK, TIMER, Instance
from komp_flow.organisation import Actor, working_calendar
from komp_flow.work import keeping, policy
from komp_flow.work.lines import CycleLine, Moved
from komp_flow.work.policy import Permission
from komp_flow.work.world import WORLD

Times = dict[object, datetime | None]


def cycles(db: Session, actor: Actor, now: datetime) -> list[CycleLine]:
    """Every cycle with its calendar and settings, the newest first. Open to everyone: the dates concern them all."""
    policy.require(db, actor, Permission.SEE_REGISTERS, now)
    is_working_day = working_calendar(db, now).is_working_day
    return [
        CycleLine(
            id=one.id,
            name=one.name,
            state=one.state,
            start=one.starts_on,
            end=one.ends_on,
            decided_on=one.decided_on,
            dates=registers.dates(one, is_working_day),
            settings={
                "reading_wanted": one.reading_wanted,
                "quality_check": one.quality_check,
                "consultation": one.consultation,
                "smallest_group": one.smallest_group,
                "ladder": list(one.ladder),
                "reminders": list(one.reminders),
                "units": list(one.units) if one.units else None,
            },
            distributed_at=one.distributed_at,
            instance=one.instance_id,
        )
        for one in registers.cycles(db)
    ]


def chosen(listed: Sequence[CycleLine], wanted: str | None, today: date) -> CycleLine | None:
    """The cycle that is asked for; else the newest that is under way today, else the newest of all."""
    asked = next((one for one in listed if one.id == wanted), None)
    begun = (one for one in listed if one.state == "active" and isinstance(one.start, date) and one.start <= today)
    return asked or next(begun, None) or next(iter(listed), None)


def move_date(db: Session, actor: Actor, cycle_id: str, name: str, to: date, now: datetime) -> Moved:  # noqa: PLR0917
    """Move one date of the calendar, with every due date and waiting timer that depends on it, and say how many."""
    policy.require(db, actor, Permission.MOVE_DATES, now)
    cycle = registers.cycle(db, cycle_id)
    kept = registers.set_date(
        db, cycle, name, to, working_calendar(db, now).is_working_day, by=actor.person_id, now=now
    )
    tasks, timers = _due(db, cycle_id), _timers(db, cycle_id)
    engine.reschedule(db, WORLD, cycle=cycle_id, by=actor.person_id, now=now, changed=keeping.CALENDAR)
    entry = audit.Entry("date-moved", by=actor.person_id, detail={"name": name, "to": kept})
    audit.record(db, f"cycle:{cycle_id}", [entry], now)
    return Moved(_changed(tasks, _due(db, cycle_id)), _changed(timers, _timers(db, cycle_id)), kept)


def _due(db: Session, cycle_id: str) -> Times:
    query = select(TASK.c.id, TASK.c.due_at).where(TASK.c.cycle_id == cycle_id, TASK.c.state == OPEN)
    return {row.id: row.due_at for row in db.connection().execute(query)}


def _timers(db: Session, cycle_id: str) -> Times:
    running = select(Instance.id).where(Instance.cycle_id == cycle_id, Instance.state.not_in(ENDED))
    query = select(TIMER.c.task_id, TIMER.c.element, TIMER.c.due_at).where(TIMER.c.instance_id.in_(running))
    return {(row.task_id, row.element): row.due_at for row in db.connection().execute(query)}


def _changed(before: Times, after: Times) -> int:
    return sum(1 for key in before.keys() | after.keys() if before.get(key) != after.get(key))


def instance_of(db: Session, cycle_id: str) -> UUID | None:
    """The instance that leads the cycle."""
    return registers.cycle(db, cycle_id).instance_id
