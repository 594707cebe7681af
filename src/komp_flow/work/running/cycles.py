"""Cycles and their calendars: listed, and moved by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from komp_flow import audit, bell, engine, registers
from komp_flow.organisation import Actor, working_calendar
from komp_flow.work import policy
from komp_flow.work.lines import CycleLine, Moved
from komp_flow.work.policy import Permission
from komp_flow.work.running import keeping


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
    """Move one date of the calendar, with every due date and waiting timer that depends on it, and say how many.

    Of very many instances those that are left follow in the background, a few in each transaction.
    """
    policy.require(db, actor, Permission.MOVE_DATES, now)
    cycle = registers.cycle(db, cycle_id)
    kept = registers.set_date(
        db, cycle, name, to, working_calendar(db, now).is_working_day, by=actor.person_id, now=now
    )
    keeping.dates_moved(cycle, now)
    moved = keeping.follow(db, cycle, by=actor.person_id, now=now)
    left = 0
    if moved.last is not None:
        left = engine.left_to_reschedule(db, cycle_id, moved.last, keeping.CALENDAR)
        bell.ring(db, bell.ANY, "dates", now)
    entry = audit.Entry("date-moved", by=actor.person_id, detail={"name": name, "to": kept})
    audit.record(db, f"cycle:{cycle_id}", [entry], now)
    return Moved(moved.tasks, moved.timers, kept, left)


def instance_of(db: Session, cycle_id: str) -> UUID | None:
    """The instance that leads the cycle."""
    return registers.cycle(db, cycle_id).instance_id
