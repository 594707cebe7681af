"""The doorbell as jobs: a due row that is written defers a job of procrastinate, kept or rolled back with the row."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import procrastinate
import psycopg
from procrastinate.jobs import Job
from sqlalchemy import event
from sqlalchemy.orm import Session

from komp_flow import bell
from komp_flow.background.installing import SCHEMA
from komp_flow.clock import Clock
from komp_flow.db import Database
from komp_flow.errors import Busy
from komp_flow.i18n import _

QUEUE: Final = "komp-flow"
TASK: Final = "run_due"
AHEAD: Final = timedelta(minutes=10)  # what is due later rings nobody: the sweep finds it, and the queue stays short
MOST: Final = 50  # rings of one transaction; more are a few that say «look at all that is due»
AT_MOST_SWEEPS: Final = 4
_PATH: Final = f"SELECT set_config('search_path', current_setting('search_path') || ', {SCHEMA}', false)"

logging.getLogger("procrastinate").setLevel(logging.WARNING)  # it tells of each job twice

Rung = dict[tuple[str, bell.Key], datetime]


def hang(database: Database, clock: Clock, *, exact: bool) -> None:
    """From now, due rows written through this database defer jobs. `exact`: its clock is that of the database server,
    so that jobs may wait for their time in the queue; else only what is due already is rung for.
    """

    @event.listens_for(database.engine, "connect")
    def find_the_queue(connection: Any, _record: Any) -> None:
        with connection.transaction():
            connection.execute(_PATH)  # procrastinate calls its functions by their plain names

    database.engine.dispose()  # those that are open were opened without it
    database.info["bell"] = Bell(clock, exact=exact)


class Bell:
    """What `bell.ring` calls. A session's rings become one statement, just before it commits."""

    def __init__(self, clock: Clock, *, exact: bool) -> None:
        self._clock, self._exact = clock, exact
        self._jobs = procrastinate.App(connector=procrastinate.PsycopgConnector()).job_manager

    def __call__(self, db: Session, kind: str, key: bell.Key, at: datetime) -> None:
        """Remember it until the transaction commits; where that does not happen, nobody is told."""
        rung: Rung | None = db.info.get("rung")
        if rung is None:
            rung = db.info["rung"] = {}
            event.listen(db, "before_commit", self._tell)
        known = rung.get((kind, key))
        rung[kind, key] = at if known is None else min(at, known)

    def _tell(self, db: Session) -> None:
        if db.in_nested_transaction():
            return  # a savepoint: the transaction goes on
        rung: Rung = db.info["rung"]
        now = self._clock()
        soon = {one: at for one, at in rung.items() if at <= now or (self._exact and at - now <= AHEAD)}
        rung.clear()
        if len(soon) > MOST:
            jobs = [_job(bell.ANY, "")] * min(len(soon) // MOST, AT_MOST_SWEEPS)
        else:
            jobs = [_job(kind, key, at if at > now else None) for (kind, key), at in soon.items()]
        if jobs:
            self._defer(db, jobs)

    def _defer(self, db: Session, jobs: list[Job]) -> None:
        try:
            self._jobs.batch_defer_jobs(jobs, connection=db.connection().connection.driver_connection)
        except procrastinate.exceptions.ConnectorException as error:
            if isinstance(error.__cause__, psycopg.OperationalError):
                raise Busy(_("Databasen er opptatt. Ingenting er endret. Prøv igjen om litt.")) from error
            raise


def _job(kind: str, key: bell.Key, at: datetime | None = None) -> Job:
    """As `work.run_one` reads it: ids are text in a job."""
    parts = key if isinstance(key, tuple) else (key,)
    carried: dict[str, Any] = {"kind": kind, "key": [str(part) if isinstance(part, UUID) else part for part in parts]}
    bare = Job(id=None, task_name=TASK, queue=QUEUE, lock=None, queueing_lock=None)
    return bare.evolve(task_kwargs=carried, scheduled_at=at)
