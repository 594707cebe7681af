"""A worker of the queue: procrastinate's jobs, several at once, and a sweep that does what no job came for.

The worker is begun again whenever it ends by itself: a database that is away for a while does not end the process.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from datetime import timedelta
from typing import Any, Final

import procrastinate
import psycopg
import structlog
from sqlalchemy import text

from komp_flow import work
from komp_flow.background.installing import SCHEMA
from komp_flow.background.queue import QUEUE, TASK
from komp_flow.background.ticking import EVERY, Ticking
from komp_flow.clock import Clock
from komp_flow.db import Database
from komp_flow.db.postgresql import Limits, bounds

log = structlog.get_logger(__name__)

SWEEP: Final = timedelta(seconds=30)
POLL: Final = 2.0  # seconds between looks for jobs whose time has come; others are told of at once
PAUSES: Final = (0.5, 1.0, 2.0, 5.0)  # seconds until the worker is begun again
ONE_BY_ONE: Final = {"timer", "delivery", "start", "request"}
MAIL: Final = "mail"
CALM: Final = 60.0  # seconds of work, after which one that ends is begun again as if it were the first time
LONGEST_WAIT: Final = 3.0  # seconds for a connection
GONE: Final = 60  # seconds without a sign of life, and a worker counts as dead
LAST_JOBS: Final = 20.0  # seconds that jobs under way get when the process ends

# A sweep does what the jobs of dead workers were for; here their leftovers go.
_TIDY: Final = (
    text(f"DELETE FROM {SCHEMA}.procrastinate_workers WHERE last_heartbeat < now() - make_interval(secs => {GONE})"),  # noqa: S608
    text(
        f"DELETE FROM {SCHEMA}.procrastinate_jobs"  # noqa: S608
        " WHERE status <> 'todo' AND (status <> 'doing' OR worker_id IS NULL)"
    ),
)

logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # and of each try to connect


class Working:
    """Does jobs in threads until `stop` is called. The database has the queue's tables and its bell hangs."""

    def __init__(self, database: Database, clock: Clock, *, threads: int, exact: bool) -> None:
        self._database, self._clock, self._threads = database, clock, threads
        self._app = procrastinate.App(connector=_connector(database, threads))
        self._app.task(name=TASK, queue=QUEUE)(self._do)
        self._sweeping = Ticking(database, clock, every=SWEEP if exact else EVERY, also=lambda: tidy(database))
        self._stopped, self._loop = threading.Event(), asyncio.new_event_loop()
        self._work: asyncio.Task[None] | None = None
        # A daemon: a thread that hangs in a dead connection must not keep the process from ending.
        self._thread = threading.Thread(target=self._run, name="queue", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Fetch no more jobs, and wait for those under way. What is left undone is there for others."""
        self._stopped.set()
        self._loop.call_soon_threadsafe(self._cancel)
        self._sweeping.stop()
        self._thread.join(LAST_JOBS)
        if self._thread.is_alive():
            log.warning("queue", still="working")

    def _cancel(self) -> None:
        if self._work is not None:
            self._work.cancel()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._until_told())

    async def _until_told(self) -> None:
        ended = 0
        while not self._stopped.is_set():
            began = time.monotonic()
            self._work = asyncio.create_task(self._work_on())
            try:
                await self._work
            except asyncio.CancelledError:
                return
            except Exception as error:  # noqa: BLE001 (whatever it is, the next try may do better)
                log.warning("queue", error=type(error).__name__)
            ended = 0 if time.monotonic() - began > CALM else min(ended + 1, len(PAUSES) - 1)
            self._work = asyncio.create_task(asyncio.sleep(PAUSES[ended]))
            await asyncio.wait([self._work])

    async def _work_on(self) -> None:
        async with self._app.open_async():
            self._sweeping.ring()  # what came due while nobody listened
            await self._app.run_worker_async(
                queues=[QUEUE],
                concurrency=self._threads,
                install_signal_handlers=False,
                delete_jobs="always",
                fetch_job_polling_interval=POLL,
            )

    def _do(self, kind: str, key: list[Any]) -> None:
        """One job: the row that it names, or a look at all that is due. A row that fails is noted, and not raised."""
        if kind in ONE_BY_ONE:
            work.run_one(self._database, kind, key, self._clock())
        elif kind == MAIL:
            self._sweeping.ring_mail()
        else:
            self._sweeping.ring()  # one sweep at a time is enough for a process


def tidy(database: Database) -> None:
    """Remove what dead workers have left of the queue: themselves, and the jobs that they had begun."""
    with database.transaction() as db:
        for statement in _TIDY:
            db.execute(statement)


def _connector(database: Database, threads: int) -> procrastinate.PsycopgConnector:
    """procrastinate's own connections, to the same database; they are few, and each only for a moment."""
    url = database.engine.url
    _none, how = database.engine.dialect.create_connect_args(url)

    async def prepare(connection: psycopg.AsyncConnection[Any]) -> None:
        async with connection.transaction():
            await connection.execute(f'SET search_path TO "{SCHEMA}"')

    return procrastinate.PsycopgConnector(
        kwargs={**how, **bounds(url, Limits(connect=LONGEST_WAIT, silence=2 * LONGEST_WAIT))},
        min_size=0,  # opening does not wait for any: where there is none to be had, the first job is told so
        max_size=min(threads, 4) + 1,
        timeout=LONGEST_WAIT,
        reconnect_timeout=LONGEST_WAIT,
        configure=prepare,
    )
