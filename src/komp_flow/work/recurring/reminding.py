"""Reminders: once a working day, those who have a task are told before it is due (process.md section 3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, or_
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from komp_flow import feel, notifications, organisation
from komp_flow.engine import Instance, Task
from komp_flow.engine.tables import ENDED, OPEN, SUSPENDED
from komp_flow.notifications import DailyRun
from komp_flow.organisation import Directory, working_calendar
from komp_flow.registers import Cycle
from komp_flow.work import rows

NAME: Final = "reminders"
AT: Final = time(8)  # local
DEFAULT: Final = ("P7D", "P0D")
BATCH: Final = 500  # tasks of one transaction: others write too
FURTHEST: Final = timedelta(days=92)  # before the due date
NONE: Final = "none"


def due(db: Session, now: datetime) -> bool:
    """Whether today's reminders are still to be given: from eight in the morning, on working days."""
    local = now.astimezone(db.info["zone"])
    if local.time() < AT or not working_calendar(db, now).is_working_day(local.date()):
        return False
    last = db.get(DailyRun, NAME)
    return last is None or last.on_date < local.date()


def remind(db: Session, now: datetime, limit: int = BATCH) -> bool:
    """Tell everyone whose reminder has come since the last working day, of the next `limit` tasks; False: it is done.

    What was missed while the system was down is told once, as the nearest to the due date. May be run again safely.
    """
    zone: ZoneInfo = db.info["zone"]
    today = now.astimezone(zone).date()
    last = _last(db, today - timedelta(days=1))
    since = last.on_date
    if since >= today:
        return False
    directory = organisation.directory(db, now)
    found = db.execute(_ahead(since, today, last.reached, zone).limit(limit)).all()
    for row in found:
        come = [(at, which) for which, at in _instants(row, zone) if since < at.astimezone(zone).date() <= today]
        if come:
            _tell(db, directory, row, max(come)[1], now)
    more = len(found) == limit
    last.reached = f"{today} {found[-1].due_at.isoformat()} {found[-1].id}" if more else None
    last.on_date = since if more else today
    db.flush()
    return more


def _last(db: Session, before: date) -> DailyRun:
    """The day that it was last done, locked: another node that comes at the same time waits, and finds it done."""
    make = postgresql_insert if db.get_bind().dialect.name == "postgresql" else sqlite_insert
    db.connection().execute(make(DailyRun).on_conflict_do_nothing(), {"name": NAME, "on_date": before})
    return db.get_one(DailyRun, NAME, with_for_update=True, populate_existing=True)


def _ahead(since: date, today: date, reached: str | None, zone: ZoneInfo) -> Select[Any]:
    """The open tasks that may have a reminder on a day after `since`, by their due dates, from where it had come."""
    first = datetime.combine(since, time(0), zone).astimezone(UTC)
    query = (
        rows.tasks()
        .add_columns(Cycle.reminders.label("cycle_reminders"))
        .where(Task.state == OPEN, Task.due_at >= first, Task.due_at < first + FURTHEST)
        .where(Instance.state.not_in((SUSPENDED, *ENDED)))
        .order_by(Task.due_at, Task.id)
    )
    day, *place = (reached or "").split(" ")
    if day != today.isoformat():  # of another day, which saw other reminders: from the beginning
        return query
    due, task = datetime.fromisoformat(place[0]), UUID(place[1])
    return query.where(Task.due_at >= due, or_(Task.due_at > due, Task.id > task))


def _instants(row: Any, zone: ZoneInfo) -> Iterator[tuple[str, datetime]]:
    """The task's own reminders, else the cycle's, else seven days before and on the day: each with its moment."""
    text = row.reminders if row.reminders is not None else ",".join(row.cycle_reminders or DEFAULT)
    for item in text.split(","):
        which = item.strip()
        if not which or which == NONE:
            continue
        try:
            yield which, (-feel.duration(which)).after(row.due_at, zone)
        except feel.FeelError:
            continue  # what check would have refused


def _tell(db: Session, directory: Directory, row: Any, which: str, now: datetime) -> None:
    claimed, delegated = rows.claim(directory, row)
    people = [taken] if (taken := claimed or delegated) else rows.holders(directory, row)
    notice = notifications.Notice(
        kind="reminder",
        occasion=f"{row.id.hex}:{row.due_at.date()}:{which}",
        instance_id=row.instance_id,
        task_id=row.id,
        unit_id=row.unit_id,
        cycle_id=row.cycle_id,
        phase=row.phase,
        text=row.name[:1000] if row.name else None,
    )
    notifications.queue(db, people, notice, now)
