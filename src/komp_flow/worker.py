"""Background work: the tick that does what is due, inside the web process or in one of its own."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Final

import structlog

from komp_flow import work
from komp_flow.clock import Clock
from komp_flow.db import Database

log = structlog.get_logger(__name__)

EVERY: Final = timedelta(seconds=2)
BREATH: Final = timedelta(milliseconds=20)  # between ticks, so that a busy bell does not fill a processor
BATCH: Final = 50


def tick(database: Database, clock: Clock) -> work.Ran:
    """Do one batch of what is due now."""
    ran = work.run_due(database, clock(), BATCH)
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


class Ticking:
    """Ticks in a thread of its own, one tick at a time: every other second, and at once when the bell is rung.

    The bell says that something may be due, the rows alone what is: a ring that is lost costs two seconds.
    """

    def __init__(self, database: Database, clock: Clock, bell: threading.Event) -> None:
        self._database, self._clock, self._bell = database, clock, bell
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tick", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let the tick that is under way finish, and begin no other."""
        self._stopped.set()
        self._bell.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            self._bell.clear()  # before looking: what is rung from now on is looked at in the next round
            if self._stopped.is_set():
                return
            if not self._ticked():
                self._bell.wait(EVERY.total_seconds())
            self._stopped.wait(BREATH.total_seconds())

    def _ticked(self) -> bool:
        """Whether there is more to do at once."""
        try:
            return tick(self._database, self._clock).more
        except Exception:
            log.exception("tick")  # the next tick tries again; one failed tick must not end them all
            return False


def start(database: Database, clock: Clock, bell: threading.Event | None = None) -> Ticking:
    """Begin to tick. `bell` is what `app` rings after a request has changed something."""
    return Ticking(database, clock, bell or threading.Event())
