"""PostgreSQL as we connect to it: nothing is waited for without an end, on either side of the line.

A server that hangs, a line that is cut, a process that is frozen in the middle of a transaction: each is an error
within a known time, what was begun is rolled back, and the next request finds a connection that works.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import errors
from psycopg._preparing import PrepareManager
from psycopg.abc import RV, PQGen
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import URL
from sqlalchemy.exc import InvalidatePoolError

from komp_flow.db.post import Post
from komp_flow.db.prepared import settle


@dataclass(frozen=True)
class Limits:
    """How long each is waited for, in seconds."""

    connect: float = 5  # an address that answers
    lock: float = 10  # a row or a table that somebody else holds
    statement: float = 20  # the server's work on one statement
    silence: float = 25  # any answer at all; longer than a statement, so that a server that can tell why tells it
    ping: float = 5  # a sign of life from a connection that has rested
    rested: float = 1  # after which it is asked for one
    idle: float = 60  # the next statement of a transaction, before the server lets go of what it holds
    pool: float = 10  # a free connection, in a process that has all its own in use


LIMITS: Final = Limits()
# How either side finds out that a line is dead while nothing is said on it: after 10 + 3 · 5 seconds.
_ALIVE: Final = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}


class Lasting(PrepareManager):
    """What the server has prepared stays prepared.

    psycopg throws all of it away at every rollback (every reading ends with one), its `post`'s too, in case objects
    were made anew. The server itself sees when they were, and plans again.
    """

    def clear(self) -> bool:
        """Overrides."""
        return False


class Patient(psycopg.Connection[Any]):
    """A connection that gives up when the server has not said a word for so many seconds.

    What its `post` has not yet sent goes before all else that is sent and before a commit; a rollback forgets it.
    """

    silence: float | None = None
    post: Post

    def cursor(self, *arguments: Any, **named: Any) -> Any:
        """Overrides: every other statement goes by a cursor that is made for it."""
        self.post.settle()
        return super().cursor(*arguments, **named)

    def commit(self) -> None:
        """Overrides. What fails before the COMMIT is rolled back: who asked for it takes the transaction for ended."""
        try:
            self.post.settle()
        except BaseException:
            if not self.closed:
                self.rollback()
            raise
        psycopg.Connection.commit(self)  # SQLAlchemy asks for it

    def rollback(self) -> None:
        """Overrides."""
        self.post.forget()
        super().rollback()

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Overrides: everything that a connection waits for goes through here."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.silence)
        except errors._WaitTimeout as error:
            self.pgconn.finish()  # nobody knows what the server has done of it
            raise psycopg.OperationalError(f"no answer from the database in {self.silence} seconds") from error


class PostgreSQLDialect(PGDialect_psycopg):
    """Savepoints that what is not yet sent belongs to as well."""

    supports_statement_cache = True

    def do_release_savepoint(self, connection: Connection, name: str) -> None:
        """Overrides: who asks for it takes the savepoint for ended, even where what came after it fails only now."""
        try:
            settle(connection)
        except BaseException:
            if not connection.invalidated:
                super().do_rollback_to_savepoint(connection, name)  # type: ignore[no-untyped-call]
            raise
        super().do_release_savepoint(connection, name)  # type: ignore[no-untyped-call]

    def do_rollback_to_savepoint(self, connection: Connection, name: str) -> None:
        """Overrides: what waits was written after the savepoint, which was sent after all before it."""
        driven: Any = connection.connection.dbapi_connection
        driven.post.forget()
        super().do_rollback_to_savepoint(connection, name)  # type: ignore[no-untyped-call]


registry.register("postgresql.kompflow", __name__, PostgreSQLDialect.__name__)


def engine(url: URL, options: Mapping[str, Any], limits: Limits = LIMITS) -> Engine:
    """An engine whose waits all end. `options` are of `create_engine`."""
    made = create_engine(
        url.set(drivername="postgresql+kompflow"),
        isolation_level="READ COMMITTED",
        connect_args=bounds(url, limits),
        pool_timeout=limits.pool,
        **options,
    )

    @event.listens_for(made, "do_connect")
    def connect(_dialect: Any, _record: Any, arguments: Any, named: dict[str, Any]) -> Patient:
        connection = Patient.connect(*arguments, **named)
        connection.silence = limits.silence
        connection._prepared = Lasting()
        connection.post = Post(connection)
        return connection

    @event.listens_for(made, "checkin")
    def rest(_connection: Any, record: Any) -> None:
        record.info["rests_since"] = time.monotonic()

    @event.listens_for(made, "checkout")
    def wake(connection: Any, record: Any, _proxy: Any) -> None:
        since = record.info.get("rests_since")
        if since is None or time.monotonic() - since <= limits.rested:
            return
        silence, connection.silence = connection.silence, limits.ping
        try:
            made.dialect.do_ping(connection)
        except psycopg.Error as error:
            raise InvalidatePoolError from error  # what was opened before is as dead as this one: all are opened anew
        finally:
            connection.silence = silence

    return made


@contextmanager
def unhurried(connection: Connection) -> Iterator[None]:
    """In this transaction statements and locks may take the time that they take: a migration's do."""
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    connection.execute(text("SET LOCAL lock_timeout = 0"))
    driven: Any = connection.connection.driver_connection
    silence, driven.silence = driven.silence, None
    try:
        yield
    finally:
        driven.silence = silence


def bounds(url: URL, limits: Limits) -> dict[str, Any]:
    """What psycopg and the server are told; what the address itself says goes before it."""
    said = {
        "statement_timeout": f"{limits.statement * 1000:.0f}",
        "lock_timeout": f"{limits.lock * 1000:.0f}",
        "idle_in_transaction_session_timeout": f"{limits.idle * 1000:.0f}",
        **{f"tcp_{name}": str(value) for name, value in _ALIVE.items()},
    }
    options = [f"-c {name}={value}" for name, value in said.items()]
    bounds = {
        "connect_timeout": str(max(2, round(limits.connect))),  # libpq takes less for two
        "keepalives": 1,
        **_ALIVE,
        "tcp_user_timeout": f"{limits.silence * 1000:.0f}",
        "options": " ".join([*options, str(url.query.get("options", ""))]).strip(),
    }
    return {name: value for name, value in bounds.items() if name == "options" or name not in url.query}
