"""Background work: the tick that does what is due, inside the web process or in one of its own."""

from __future__ import annotations

import threading
from datetime import timedelta

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from komp_flow import work
from komp_flow.clock import Clock
from komp_flow.db import Database

log = structlog.get_logger(__name__)

EVERY = timedelta(seconds=2)
BATCH = 50


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


def start(database: Database, clock: Clock) -> BackgroundScheduler:
    """Tick every other second in a thread of this process. One at a time: a late tick is merged into the next."""
    running = threading.Lock()

    def job() -> None:
        if not running.acquire(blocking=False):
            return
        try:
            while tick(database, clock).more:
                pass
        except Exception:
            log.exception("tick")  # the next tick tries again; one failed tick must not end them all
        finally:
            running.release()

    scheduler = BackgroundScheduler(timezone="UTC")
    scheduler.add_job(job, "interval", seconds=EVERY.total_seconds(), coalesce=True, max_instances=1)
    scheduler.start()
    return scheduler
