"""The tick: everything that is due, many rows in a transaction, or each in one of its own where one of them fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow import engine, files, operations
from komp_flow.db import Database, outages
from komp_flow.errors import Busy
from komp_flow.i18n import _
from komp_flow.registers import Cycle
from komp_flow.work.lines import Ran
from komp_flow.work.people import following
from komp_flow.work.recurring import forgetting, mailing, reminding
from komp_flow.work.running import keeping
from komp_flow.work.running.world import WORLD
from komp_flow.work.texts import erasing

log = structlog.get_logger(__name__)

MOST_ROUNDS: Final = 100_000  # of run_all: what sends itself messages for ever is left where it is
LATER: Final = timedelta(minutes=5)
TURNS: Final = 10  # transactions in which instances follow a moved calendar, in one tick
# What became of a row; `postponed`: it failed, and waits for a later time.
DONE, STARTED, NOTHING, POSTPONED, FAILED = "done", "started", "nothing", "postponed", "failed"


@dataclass(frozen=True)
class Job:
    """One row that is due: what does it, answering whether there was anything to do, and what notes a failure."""

    what: str
    run: Callable[[Session], bool]
    fail: Callable[[Session, Exception], None]


@dataclass(frozen=True)
class Many:
    """Rows that are due, to be done in one transaction: what does them, and how one of them is done alone."""

    rows: Sequence[Any]
    run: Callable[[Session, Sequence[Any]], engine.RanBatch]
    alone: Callable[[Any], Job]


Due = Callable[[Session, datetime], Iterator[Job]]


def run_due(database: Database, now: datetime, limit: int = 500, *, mail: bool = True, also: Sequence[Due] = ()) -> Ran:
    """Do at most `limit` rows of each kind that are due: timers and messages, instances asked for, moved calendars.
    `also`: what is due in rooms above this one.

    Rows of one kind are done many in a transaction, and between two batches others have their turn to write. A row
    that fails is rolled back alone and waits for its next time; after five times it waits for a person.
    Then one turn of the mail, unless another thread sees to it (`post`): a mail server may be slow.
    """
    with database.reading() as db:
        jobs = [*_due(db, now, limit), *chain.from_iterable(due(db, now) for due in also)]
    done = started = failed = postponed = 0
    for outcome in chain.from_iterable(_done(database, job) for job in jobs):
        failed += outcome in {FAILED, POSTPONED}
        postponed += outcome == POSTPONED
        started += outcome == STARTED
        done += outcome == DONE
    posted = post(database, now) if mail else mailing.Posted()
    more = bool(done or started or postponed) or posted.more
    return Ran(done=done + posted.done, failed=failed + posted.failed, started=started, more=more)


def post(database: Database, now: datetime) -> mailing.Posted:
    """One turn of the mail. What goes wrong with it keeps no other work from being done."""
    try:
        return mailing.run(database, now)
    except Exception as error:  # noqa: BLE001 (the next turn tries again)
        log.warning("due", what="mail", error=type(error).__name__)
        return mailing.Posted(failed=1)


def run_one(database: Database, kind: str, key: object, now: datetime) -> bool:
    """Do this one row, in a transaction of its own, if it is there and due; answers whether anything was done.

    What is told by the bell: `timer` (task's id, element), `delivery` (id), `start` (process, element), `request` (id);
    any other kind says only that something is due. A failure is noted on the row as the tick does, and not raised.
    """
    parts = tuple(key) if isinstance(key, list | tuple) else (key,)
    if kind == "request":
        job = _request(now, int(str(parts[0])))
    elif kind in {"timer", "delivery", "start"}:
        with database.reading() as db:
            row = engine.due_row(db, kind, parts, now)
        if row is None:
            return False
        job = _row(now, row, wait=True)
    elif kind == "mail":
        return post(database, now).done > 0
    else:
        ran = run_due(database, now)
        return bool(ran.done or ran.started)
    return _did(database, job) in {DONE, STARTED}


def run_all(database: Database, now: datetime, *, mail: bool = True) -> Ran:
    """Again and again until nothing is due at `now`. Ends: what has failed waits for a later time."""
    done = started = failed = 0
    for _round in range(MOST_ROUNDS):
        ran = run_due(database, now, mail=mail)
        done, started, failed = done + ran.done, started + ran.started, failed + ran.failed
        if not ran.more:
            break
    return Ran(done=done, failed=failed, started=started)


def _due(db: Session, now: datetime, limit: int) -> Iterator[Job | Many]:
    # A moved calendar comes first: what it moves on is not due any more.
    for cycle in db.scalars(select(Cycle.id).where(Cycle.recalculate_at <= now).order_by(Cycle.id).limit(limit)):
        # Some instances at a time, and then the rest of what is due has its turn.
        yield from [Job("calendar", partial(_recalculate, cycle, now), partial(_calendar_failed, cycle, now))] * TURNS
    yield from _changed(db, now)
    for step in following.due(db, now, limit):
        yield Job("staffing", partial(_follow, step, now), partial(_follow_failed, step, now))
    if reminding.due(db, now):
        yield Job("reminders", partial(_remind, now), _failed_unwritten)
    rows = engine.due(db, now, limit)
    yield from (Many(some, partial(_run_batch, now), partial(_row, now)) for some in engine.batches(rows))
    for file in files.due(db, now, limit):
        yield Job("file", partial(_tidy, file), _failed_unwritten)
    asked = operations.due_requests(db, now, limit)
    for first in range(0, len(asked), operations.AT_ONCE):
        some = asked[first : first + operations.AT_ONCE]
        yield Many(some, partial(_run_requests, now), partial(_request, now))
    if old := engine.forgettable(db, now):
        yield Job("purge", partial(_purge, old), _failed_unwritten)
    if forgetting.due(db, now):
        yield Job("keys", partial(_forget, now), _failed_unwritten)
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


def _done(database: Database, job: Job | Many) -> Iterator[str]:
    """What became of each row. A batch that fails as a whole is done again one by one."""
    if isinstance(job, Job):
        yield _did(database, job)
        return
    alone = job.rows
    if len(job.rows) > 1:
        try:
            with database.transaction() as db:
                ran = job.run(db, job.rows)
        except Exception as error:  # noqa: BLE001 (whatever it is, it is told where a row alone fails)
            log.info("batch", rows=len(job.rows), error=type(error).__name__)
            if outages.is_full(error) or getattr(error, "connection_invalidated", False):
                yield FAILED  # no row's fault: all of them are due still, and none would go better alone
                return
        else:
            yield from [ran.what] * ran.done
            alone = ran.alone
    for row in alone:
        yield _did(database, job.alone(row))


def _did(database: Database, job: Job) -> str:
    """Do it in a transaction of its own; one bad row hurts only itself."""
    try:
        with database.transaction() as db:
            did = job.run(db)
        return (STARTED if job.what == "request" else DONE) if did else NOTHING
    except Exception as error:  # noqa: BLE001 (whatever it is, the others go on)
        log.warning("due", what=job.what, error=type(error).__name__)
        return POSTPONED if _noted(database, job, error) else FAILED


def _noted(database: Database, job: Job, error: Exception) -> bool:
    """Whether the failure is written down, so that the row is not due any more just now."""
    if outages.is_away(error) or outages.is_full(error):  # the database is busy, away or full: no fault of the row
        error = Busy(_("Databasen er opptatt. Det prøves igjen om litt."))
    try:
        with database.transaction() as db:
            job.fail(db, error)
    except Exception:
        log.exception("due", what=job.what)
        return False
    return True


def _run_batch(now: datetime, db: Session, rows: Sequence[engine.Due]) -> engine.RanBatch:
    return engine.run_batch(db, WORLD, rows, now)


def _row(now: datetime, row: engine.Due, *, wait: bool = False) -> Job:
    return Job(row.kind, partial(_run_row, row, now, wait=wait), partial(_row_failed, row, now))


def _run_row(row: engine.Due, now: datetime, db: Session, *, wait: bool = False) -> bool:
    return engine.run_due(db, WORLD, row, now, wait=wait) is not None


def _row_failed(row: engine.Due, now: datetime, db: Session, error: Exception) -> None:
    engine.fail_due(db, row, error, now)


def _request(now: datetime, request: int) -> Job:
    return Job("request", partial(_run_request, request, now), partial(_request_failed, request, now))


def _run_requests(now: datetime, db: Session, requests: Sequence[int]) -> engine.RanBatch:
    ran = operations.run_requests(db, WORLD, requests, now)
    following.begun(db, requests, now)
    return ran


def _run_request(request: int, now: datetime, db: Session) -> bool:
    began = operations.run_request(db, WORLD, request, now)
    if began:
        following.begun(db, [request], now)
    return began


def _request_failed(request: int, now: datetime, db: Session, error: Exception) -> None:
    operations.fail_request(db, request, error, now)


def _recalculate(cycle: str, now: datetime, db: Session) -> bool:
    return keeping.recalculate(db, cycle, now)


def _compare(found: following.Found, now: datetime, db: Session) -> bool:
    return following.ask(db, found, now)


def _follow(step: int, now: datetime, db: Session) -> bool:
    return following.run(db, step, now)


def _follow_failed(step: int, now: datetime, db: Session, error: Exception) -> None:
    following.fail(db, step, error, now)


def _tidy(file: UUID, db: Session) -> bool:
    return files.tidy(db, file)


def _purge(messages: Sequence[int], db: Session) -> bool:
    return engine.purge(db, messages) > 0


def _forget(now: datetime, db: Session) -> bool:
    return forgetting.forget(db, now)


def _remind(now: datetime, db: Session) -> bool:
    return reminding.remind(db, now)


def _failed_unwritten(_db: Session, error: Exception) -> None:
    raise error  # nothing to write: the next tick tries again


def _erase(kind: str, what: str, now: datetime, db: Session) -> bool:
    return erasing.run(db, kind, what, now)


def _calendar_failed(cycle: str, now: datetime, db: Session, _error: Exception) -> None:
    db.get_one(Cycle, cycle).recalculate_at = now + LATER
