"""The database: one engine, one transaction at the edge, the types that both SQLite and PostgreSQL keep alike."""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

import orjson
from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    String,
    TypeDecorator,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL
from sqlalchemy.orm import DeclarativeBase, Session

if TYPE_CHECKING:
    from komp_flow.db.postgresql import Limits

log = logging.getLogger(__name__)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
PATIENT, SOON = 30_000, 250  # milliseconds that SQLite waits for a lock
KNOWN: Final = 512  # statements that a connection to SQLite keeps as it has parsed them; there are more than its 128
_STRICTLY: Final = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_SUBCLASS


def _json(value: object) -> str:
    """A column's JSON. What orjson does not take, such as keys that are numbers, is written as Python does it."""
    try:
        return orjson.dumps(value, option=_STRICTLY).decode()
    except TypeError:
        return json.dumps(value)


POOL: Final[dict[str, Any]] = {
    "pool_size": 12,
    "max_overflow": 20,
    "pool_use_lifo": True,  # few connections whose caches and prepared statements are warm, not many that are cold
    "json_serializer": _json,
    "hide_parameters": True,  # what is bound may be what somebody wrote: it stands in no error and no log
}


class Base(DeclarativeBase):
    """Every table of the product hangs on this metadata."""

    metadata = MetaData(naming_convention=NAMING)


class Instant(TypeDecorator[datetime]):
    """A moment, aware and in UTC. Text of fixed width on SQLite, so that it sorts as it passes."""

    impl = String(32)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """timestamptz on PostgreSQL, text elsewhere."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(DateTime(timezone=True))
        return dialect.type_descriptor(String(32))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse naive times: they would be somebody's guess."""
        if dialect.name != "postgresql":
            return stored(value)
        return None if value is None else _in_utc(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Always aware UTC."""
        if value is None:
            return None
        return value.astimezone(UTC) if isinstance(value, datetime) else datetime.fromisoformat(value)


def stored(value: datetime | None) -> str | None:
    """A moment as SQLite keeps it. ValueError: it is naive."""
    if value is None:
        return None
    moment = value if value.tzinfo is UTC else _in_utc(value)
    return moment.isoformat(timespec="microseconds")[:26] + "Z"


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a moment without an offset cannot be stored")
    return value.astimezone(UTC)


def unhurried(connection: Connection) -> AbstractContextManager[None]:
    """Within it, in the open transaction, nothing is given up because it takes long: for migrations."""
    if connection.dialect.name != "postgresql":
        return nullcontext()
    from komp_flow.db import postgresql  # noqa: PLC0415 (its driver takes a while, and SQLite needs none of it)

    return postgresql.unhurried(connection)


class FairLock:
    """Writers take turns in the order they came: SQLite's own busy timeout lets some starve."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._queue: deque[threading.Lock] = deque()
        self._held = False

    def __enter__(self) -> None:
        """Wait for the turn."""
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._queue.append(turn)
        turn.acquire()

    def __exit__(self, *_raised: object) -> None:
        """Hand the turn to the one who has waited longest."""
        with self._guard:
            if self._queue:
                self._queue.popleft().release()
            else:
                self._held = False


class Database:
    """One database, opened once a process. `transaction()` writes, `reading()` only reads."""

    def __init__(
        self,
        url: str | URL,
        info: dict[str, Any] | None = None,
        schemas: dict[str, str | None] | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.url = make_url(url)
        self.info = info or {}
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _sqlite(self.url) if self.is_sqlite else _postgresql(self.url, limits)
        if schemas:  # what tables' schemas are called here
            self.engine = self.engine.execution_options(schema_translate_map=schemas)
        self._reading = _reading(self.engine)
        self._turns = FairLock() if self.is_sqlite else None
        self._unsettled = False  # something was erased that may still lie in the journal

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One transaction: commits when the block ends, rolls back when it raises. Opened at the edges only."""
        with self.turn(), Session(self.engine, expire_on_commit=False, info=dict(self.info)) as session:
            yield session
            session.commit()
        self._unsettled = self._unsettled or bool(session.info.get("erased"))
        if self._unsettled:
            self.checkpoint()

    def turn(self) -> AbstractContextManager[None]:
        """Where one writes at a time: wait for one's turn."""
        return self._turns or nullcontext()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One consistent view of the data that never makes a writer wait; nothing in it is kept."""
        with Session(self._reading, expire_on_commit=False, info=dict(self.info)) as session:
            try:
                yield session
            finally:
                session.rollback()

    def checkpoint(self) -> bool:
        """Leave nothing in SQLite's journal: what was erased is then gone from the files too. Outside transactions.

        False while somebody reads; `transaction` tries again each time one ends. A transaction that erases says so in
        its `info["erased"]`.
        """
        if self.is_sqlite:
            with self.turn(), closing(self.engine.raw_connection()) as connection:
                cursor = connection.cursor()
                cursor.execute(f"PRAGMA busy_timeout={SOON}")
                busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
                cursor.execute(f"PRAGMA busy_timeout={PATIENT}")
            self._unsettled = bool(busy)
        return not self._unsettled

    def close(self) -> None:
        """Give the connections back."""
        if (vault := self.info.get("vault")) is not None:
            vault.close()
        self.engine.dispose()


def driver() -> ModuleType:
    """The SQLite driver: the one that carries a mended SQLite where there is one."""
    try:
        import pysqlite3  # noqa: PLC0415 (not on every platform)
    except ImportError:
        return sqlite3
    return pysqlite3  # type: ignore[no-any-return]


class SQLiteDialect(SQLiteDialect_pysqlite):
    """Begins a transaction itself, as a writer unless it is told that it reads.

    Not by a listener on the engine: one costs a fifth of every statement that is sent.
    """

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: Any) -> None:
        """Overrides: the driver's own way begins as a reader, which cannot become a writer without failing at times."""
        reads = dbapi_connection.info.pop("reading", False)
        dbapi_connection.cursor().execute("BEGIN" if reads else "BEGIN IMMEDIATE")


registry.register("sqlite.kompflow", __name__, SQLiteDialect.__name__)


def _sqlite(url: URL) -> Engine:
    sqlite = driver()
    # They go in as they are. Not told so, the driver looks for who converts them, and finds an error, for every value.
    sqlite.register_adapter(type(None), {None: None}.get)
    sqlite.register_adapter(bytes, bytes)
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    # SQLite 3.7.0–3.51.2 can corrupt a WAL database that several connections use (sqlite.org/wal.html, WAL-reset bug).
    safe_wal = sqlite.sqlite_version_info >= (3, 51, 3)
    if not safe_wal:
        log.warning("SQLite %s has a known WAL fault; using the rollback journal instead.", sqlite.sqlite_version)
    ours = url.set(drivername="sqlite+kompflow")
    engine = create_engine(ours, module=sqlite, connect_args={"timeout": 30, "cached_statements": KNOWN}, **POOL)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        for pragma in (
            "foreign_keys=ON",
            f"journal_mode={'WAL' if safe_wal else 'DELETE'}",
            "synchronous=FULL",
            f"busy_timeout={PATIENT}",
            "secure_delete=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    return engine


def _postgresql(url: URL, limits: Limits | None) -> Engine:
    from komp_flow.db import postgresql  # noqa: PLC0415 (its driver takes a while, and SQLite needs none of it)

    return postgresql.engine(url, POOL, limits or postgresql.LIMITS)


def _reading(engine: Engine) -> Engine:
    """The same database, pool and listeners; its transactions only read."""
    if engine.dialect.name == "postgresql":  # said with BEGIN, not in a statement of its own
        return engine.execution_options(reading=True, isolation_level="REPEATABLE READ", postgresql_readonly=True)
    reading = engine.execution_options(reading=True)

    @event.listens_for(reading, "begin")
    def begin(connection: Any) -> None:
        connection.connection.info["reading"] = True

    return reading
