"""What processes that stay share: the database with today's tables, held alone where one serves; when to stop."""

from __future__ import annotations

import fcntl
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from komp_flow import logs, schema
from komp_flow.cli.edge import patience
from komp_flow.db import Database
from komp_flow.errors import Busy, Invalid
from komp_flow.i18n import _
from komp_flow.settings import Settings
from komp_flow.vault import copies

BEGINNING: Final = schema.UPGRADE_LOCK + 1  # PostgreSQL's advisory lock of a node that begins
LOOK: Final = 0.1  # seconds between looks at whether another has let it go


@contextmanager
def connected(settings: Settings) -> Iterator[Database]:
    """The settings' database, whatever tables it has."""
    logs.to_stderr()
    database = schema.open_database(settings)
    try:
        yield database
    except DBAPIError as error:
        why = (str(error.orig).splitlines() or [type(error.orig).__name__])[0]
        raise Busy(
            _(
                "Databasen svarer ikke som den skal: %(why)s. "
                "Se at den går og at KOMP_FLOW_DATABASE er riktig, og prøv igjen.",
                why=why[:300].rstrip("."),
            )
        ) from error
    finally:
        database.close()


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """The settings' database, with today's tables."""
    with connected(settings) as database:
        with patience(_("Oppdaterer databasen")):
            schema.upgrade(database)
        yield database


@contextmanager
def alone(database: Database) -> Iterator[None]:
    """The embedded database has one serving process: a lock file beside it says so, let go when the process ends."""
    file = database_file(database)
    if file is None:
        yield
        return
    path = file.with_name(file.name + ".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Invalid(
                _(
                    "En annen komp-flow bruker allerede %(home)s. "
                    "Stopp den, eller sett KOMP_FLOW_HOME til en annen mappe.",
                    home=path.parent,
                )
            ) from error
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@contextmanager
def one_at_a_time(database: Database) -> Iterator[None]:
    """Of several nodes that begin at once, the others wait here until the first is through."""
    if database.is_sqlite:
        yield
        return
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": BEGINNING}).scalar():
            time.sleep(LOOK)
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": BEGINNING})


def database_file(database: Database) -> Path | None:
    """Where the embedded database lies; None for one that several processes may serve."""
    if not database.is_sqlite or database.url.database in {None, "", ":memory:"}:
        return None
    return Path(str(database.url.database))


def require_keys(database: Database) -> None:
    """Refuse to work where what is written in talks could neither be read nor kept. Raises LostKeys, WrongKey."""
    with database.reading() as db:
        copies.require_ready(db, database.info["vault"])


def stop_on_signals() -> threading.Event:
    """Set when the process is asked to end. A second signal ends it at once."""
    stop = threading.Event()

    def told(number: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)
    return stop
