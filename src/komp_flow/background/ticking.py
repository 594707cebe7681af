"""The tick that does what is due: all background work of one process, or the sweep beside the queue's jobs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

import structlog
from apscheduler.job import Job
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import DBAPIError

from komp_flow import work
from komp_flow.clock import Clock
from komp_flow.db import Database
from komp_flow.revising import move_batches

R = TypeVar("R")

log = structlog.get_logger(__name__)

EVERY: Final = timedelta(seconds=2)
BREATH: Final = timedelta(milliseconds=20)  # between ticks, so that a busy bell does not fill a processor
BATCH: Final = 500  # rows of a kind in one tick, in batches of 50; other kinds then have their turn

logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it warns of each ring that a waiting tick already answers


def tick(database: Database, clock: Clock, *, mail: bool = True) -> work.Ran:
    """Do some of what is due now, of every kind."""
    ran = work.run_due(database, clock(), BATCH, mail=mail, also=(move_batches.due,))
    if ran.done or ran.failed or ran.started:
        log.info("tick", done=ran.done, failed=ran.failed, started=ran.started, more=ran.more)
    return ran


def run_until_nothing_is_due(database: Database, clock: Clock) -> int:
    """Batch after batch until none is left; answers how many rows were done. Ends: a failed row waits for its time."""
    done = 0
    while True:
        ran = tick(database, clock)
        done += ran.done + ran.started
        if not ran.more and not ran.done and not ran.started:
            return done


class _Steady(BackgroundScheduler):  # type: ignore[misc]
    """APScheduler goes by the wall clock: where that is set back an hour, its jobs would rest for an hour; where it is
    set a month ahead, it would count every tick of the month.
    """

    def _process_jobs(self) -> float | None:
        now = datetime.now(UTC)
        for job in self.get_jobs():
            if job.next_run_time is not None and abs(job.next_run_time - now) > job.trigger.interval:
                job.modify(next_run_time=now)
        wait: float | None = super()._process_jobs()
        longest = EVERY.total_seconds()  # then it looks again, also where the clock was set in the meantime
        return longest if wait is None else min(wait, longest)


class Ticking:
    """APScheduler ticks every other second, and at once when `ring` is called; one tick at a time, no ring is lost.

    A ring says that something may be due, the rows alone say what. `also` is done after the ticks of each round.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        every: timedelta | None = None,
        also: Callable[[], object] | None = None,
    ) -> None:
        self._database, self._clock, self._also = database, clock, also
        self._turn, self._stopped = threading.Lock(), threading.Event()
        self._mail_turn = threading.Lock()
        self._scheduler = _Steady(timezone=UTC)
        self._job = self._repeated(self._round, every or EVERY)
        # In a thread of its own: a mail server may be slow, and timers do not wait for it.
        self._mail_job = self._repeated(self._mail_round, every or EVERY)
        self._scheduler.start()

    def _repeated(self, doing: Callable[[], object], every: timedelta) -> Job:
        # Two may run: one works, one waits for its turn with all that was rung meanwhile. A third has nothing to add.
        return self._scheduler.add_job(
            doing,
            "interval",
            seconds=every.total_seconds(),
            next_run_time=datetime.now(UTC),
            coalesce=True,
            max_instances=2,
            misfire_grace_time=None,
        )

    def ring(self) -> None:
        """Tick at once: something was kept that may be due."""
        self._hurry(self._job)

    def ring_mail(self) -> None:
        """Look at once whether there is mail to send."""
        self._hurry(self._mail_job)

    def _hurry(self, job: Job) -> None:
        if not self._stopped.is_set():
            with suppress(JobLookupError):  # it was stopped just now
                job.modify(next_run_time=datetime.now(UTC))

    def stop(self) -> None:
        """Let the tick that is under way finish, and begin no other."""
        self._stopped.set()
        self._scheduler.shutdown(wait=True)

    def _round(self) -> None:
        with self._turn:
            while not self._stopped.is_set() and self._ticked():
                self._stopped.wait(BREATH.total_seconds())
            if self._also is not None and not self._stopped.is_set():
                self._done(self._also)

    def _mail_round(self) -> None:
        with self._mail_turn:
            while not self._stopped.is_set() and self._posted():
                self._stopped.wait(BREATH.total_seconds())

    def _posted(self) -> bool:
        """Whether there is more mail to send at once."""
        posted = self._done(lambda: work.post(self._database, self._clock()))
        return posted is not None and posted.more

    def _ticked(self) -> bool:
        """Whether there is more to do at once."""
        ran = self._done(lambda: tick(self._database, self._clock, mail=False))
        return ran is not None and ran.more

    def _done(self, what: Callable[[], R]) -> R | None:
        """Its answer, or None where it failed: the next round tries again; one that fails must not end them all."""
        try:
            return what()
        except DBAPIError as error:
            log.warning("tick", error=type(error.orig).__name__)  # the database is away, or busy
        except Exception:
            log.exception("tick")
        return None
