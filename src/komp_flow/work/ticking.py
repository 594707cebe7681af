"""The tick: everything that is due, each row in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from komp_flow import engine, files, operations
from komp_flow.db import Database
from komp_flow.errors import Busy
from komp_flow.i18n import _
from komp_flow.registers import Cycle
from komp_flow.work import erasing, following, keeping, reminding
from komp_flow.work.lines import Ran
from komp_flow.work.world import WORLD

log = structlog.get_logger(__name__)

MOST_ROUNDS: Final = 100_000  # of run_all: what sends itself messages for ever is left where it is
LATER: Final = timedelta(minutes=5)
DONE, NOTHING, POSTPONED, FAILED = "done", "nothing", "postponed", "failed"  # what became of a row


@dataclass(frozen=True)
class Job:
    """One row that is due: what does it, answering whether there was anything to do, and what notes a failure."""

    what: str
    run: Callable[[Session], bool]
    fail: Callable[[Session, Exception], None]


def run_due(database: Database, now: datetime, limit: int = 50) -> Ran:
    """Do at most `limit` rows of each kind that are due: timers and messages, instances asked for, moved calendars.

    A row that fails is rolled back alone and waits for its next time; after five times it waits for a person.
    """
    with database.reading() as db:
        jobs = list(_due(db, now, limit))
    done = started = failed = postponed = 0
    for job in jobs:
        outcome = _did(database, job)
        failed += outcome in {FAILED, POSTPONED}
        postponed += outcome == POSTPONED
        started += outcome == DONE and job.what == "request"
        done += outcome == DONE and job.what != "request"
    return Ran(done=done, failed=failed, started=started, more=bool(done or started or postponed))


def run_one(database: Database, kind: str, key: object, now: datetime) -> bool:
    """Do this one row, in a transaction of its own, if it is there and due; answers whether anything was done.

    What is told by the bell: `timer` (task's id, element), `delivery` (id), `start` (process, element), `request` (id);
    any other kind says only that something is due. A failure is noted on the row as the tick does, and not raised.
    """
    parts = tuple(key) if isinstance(key, list | tuple) else (key,)
    if kind == "request":
        request = int(str(parts[0]))
        job = Job(kind, partial(_run_request, request, now), partial(_request_failed, request, now))
    elif kind in {"timer", "delivery", "start"}:
        with database.reading() as db:
            row = engine.due_row(db, kind, parts, now)
        if row is None:
            return False
        job = Job(kind, partial(_run_row, row, now, wait=True), partial(_row_failed, row, now))
    else:
        ran = run_due(database, now)
        return bool(ran.done or ran.started)
    return _did(database, job) == DONE


def run_all(database: Database, now: datetime) -> Ran:
    """Again and again until nothing is due at `now`. Ends: what has failed waits for a later time."""
    done = started = failed = 0
    for _round in range(MOST_ROUNDS):
        ran = run_due(database, now)
        done, started, failed = done + ran.done, started + ran.started, failed + ran.failed
        if not ran.more:
            break
    return Ran(done=done, failed=failed, started=started)


def _due(db: Session, now: datetime, limit: int) -> Iterator[Job]:
    # A moved calendar comes first: what it moves on is not due any more.
    for cycle in db.scalars(select(Cycle.id).where(Cycle.recalculate_at <= now).order_by(Cycle.id).limit(limit)):
        yield Job("calendar", partial(_recalculate, cycle, now), partial(_calendar_failed, cycle, now))
    yield from _changed(db, now)
    for step in following.due(db, now, limit):
        yield Job("staffing", partial(_follow, step, now), partial(_follow_failed, step, now))
    if reminding.due(db, now):
        yield Job("reminders", partial(_remind, now), _failed_unwritten)
    for row in engine.due(db, now, limit):
        yield Job(row.kind, partial(_run_row, row, now), partial(_row_failed, row, now))
    for file in files.due(db, now, limit):
        yield Job("file", partial(_tidy, file), _failed_unwritten)
    for request in operations.due_requests(db, now, limit):
        yield Job("request", partial(_run_request, request, now), partial(_request_failed, request, now))
    for kind, what in erasing.due(db, now, limit):
        yield Job("erasing", partial(_erase, kind, what, now), _failed_unwritten)


def _changed(db: Session, now: datetime) -> Iterator[Job]:
    """The organisation or the day is another than when running work was last compared with it."""
    try:
        found = following.seen(db, now) if following.is_stale(db, now) else None
    except Exception:
        log.exception("staffing")  # the next tick tries again; the rest of what is due goes on
        return
    if found is not None:
        yield Job("staffing", partial(_compare, found, now), _failed_unwritten)


def _did(database: Database, job: Job) -> str:
    """Do it in a transaction of its own; one bad row hurts only itself."""
    try:
        with database.transaction() as db:
            return DONE if job.run(db) else NOTHING
    except Exception as error:  # noqa: BLE001 (whatever it is, the others go on)
        log.warning("due", what=job.what, error=type(error).__name__)
        return POSTPONED if _noted(database, job, error) else FAILED


def _noted(database: Database, job: Job, error: Exception) -> bool:
    """Whether the failure is written down, so that the row is not due any more just now."""
    if isinstance(error, OperationalError):  # the database is busy or away: no fault of the row
        error = Busy(_("Databasen er opptatt. Det prøves igjen om litt."))
    try:
        with database.transaction() as db:
            job.fail(db, error)
    except Exception:
        log.exception("due", what=job.what)
        return False
    return True


def _run_row(row: engine.Due, now: datetime, db: Session, *, wait: bool = False) -> bool:
    return engine.run_due(db, WORLD, row, now, wait=wait) is not None


def _row_failed(row: engine.Due, now: datetime, db: Session, error: Exception) -> None:
    engine.fail_due(db, row, error, now)


def _run_request(request: int, now: datetime, db: Session) -> bool:
    began = operations.run_request(db, WORLD, request, now)
    if began:
        following.begun(db, request, now)
    return began


def _request_failed(request: int, now: datetime, db: Session, error: Exception) -> None:
    operations.fail_request(db, request, error, now)


def _recalculate(cycle: str, now: datetime, db: Session) -> bool:
    keeping.recalculate(db, cycle, now)
    return True


def _compare(found: following.Found, now: datetime, db: Session) -> bool:
    return following.ask(db, found, now)


def _follow(step: int, now: datetime, db: Session) -> bool:
    return following.run(db, step, now)


def _follow_failed(step: int, now: datetime, db: Session, error: Exception) -> None:
    following.fail(db, step, error, now)


def _tidy(file: UUID, db: Session) -> bool:
    return files.tidy(db, file)


def _remind(now: datetime, db: Session) -> bool:
    return reminding.remind(db, now) > 0


def _failed_unwritten(_db: Session, error: Exception) -> None:
    raise error  # nothing to write: the next tick tries again


def _erase(kind: str, what: str, now: datetime, db: Session) -> bool:
    return erasing.run(db, kind, what, now)


def _calendar_failed(cycle: str, now: datetime, db: Session, _error: Exception) -> None:
    db.get_one(Cycle, cycle).recalculate_at = now + LATER
