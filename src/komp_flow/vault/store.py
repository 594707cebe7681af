"""The key store: a small database of its own with one wrapped key or more a person. Erased here is erased everywhere.

Its writes are committed at once, on a connection of its own: they do not wait for the caller's transaction, and do not
lie in the main database's journal or backups. A person may have several keys: two processes that make one at the same
time do no harm, and a key that comes back from a copy lies beside a newer one.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import (
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    delete,
    func,
    insert,
    inspect,
    make_url,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from komp_flow.db import NAMING, Database
from komp_flow.errors import KompFlowError
from komp_flow.i18n import _
from komp_flow.vault import wrapping
from komp_flow.vault.models import KeyStore

SCHEMA: Final = "komp_flow_keys"  # on PostgreSQL; left out of a dump with --exclude-schema
KEY_ID: Final = 16  # bytes

METADATA: Final = MetaData(schema=SCHEMA, naming_convention=NAMING)
STORE: Final = Table(
    "store",
    METADATA,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("name", String(32), nullable=False),
)
PERSON_KEY: Final = Table(
    "person_key",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("id", LargeBinary(KEY_ID), nullable=False, unique=True),
    Column("person_id", String(64), nullable=False),
    Column("wrapped", LargeBinary, nullable=False),
    Index("ix_person_key_person_id", "person_id"),
)
# What has been erased, so that a copy of the store that is put back does not bring it with it.
ERASED_KEY: Final = Table("erased_key", METADATA, Column("id", LargeBinary(KEY_ID), primary_key=True))
# Who has been erased, so that the rest can be erased again in a main database that is put back from before.
ERASURE: Final = Table(
    "erasure",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("person_id", String(64), nullable=False),
)


class LostKeys(KompFlowError):
    """The key store that the sealed texts belong to is not there: nothing is opened, and no new keys are made."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Nøkkellageret som hører til databasen, er borte eller byttet ut. Det som er skrevet i samtalene, kan "
                "ikke leses eller lagres før det er tilbake. Sett KOMP_FLOW_KEYS riktig, eller legg tilbake kopien: "
                "komp-flow keys restore FIL"
            )
        )


class WrongKey(KompFlowError):
    """The keys were wrapped by another key than those we have been given."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "KOMP_FLOW_KEY_ENCRYPTION_KEY er ikke nøkkelen som nøkkellageret er låst med. "
                "Ingenting er endret. Sett den riktige, eller legg den til etter et komma."
            )
        )


class Vault:
    """The key store of one installation, and the keys that wrap. Opened when first used."""

    def __init__(self, url: str | URL, wrappings: Sequence[bytes]) -> None:
        self.wrappings = tuple(wrappings)
        is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self.database = Database(url, schemas={SCHEMA: None} if is_sqlite else None)
        self._making = threading.Lock()
        self._made = False

    @property
    def file(self) -> Path | None:
        """Where an embedded store lies; None on a server."""
        return Path(str(self.database.url.database)) if self.database.is_sqlite else None

    @contextmanager
    def reading(self) -> Iterator[Session | None]:
        """The store as it is now; None if there is none."""
        if not self._exists():
            yield None
            return
        with self.database.reading() as keys:
            yield keys

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction on the store alone. Makes the store where there is none."""
        self._make()
        with self.database.transaction() as keys:
            yield keys

    def _exists(self) -> bool:
        if not self._made and (self.file is None or self.file.exists()):  # to connect would make the file
            where = None if self.database.is_sqlite else SCHEMA
            self._made = inspect(self.database.engine).has_table(STORE.name, schema=where)
        return self._made

    def _make(self) -> None:
        with self._making:
            if self._exists():
                return
            if self.file is not None:
                self.file.touch(mode=0o600)
            with self.database.turn(), self.database.engine.begin() as connection:
                if not self.database.is_sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), {"name": SCHEMA})
                    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
                METADATA.create_all(connection)
                make = sqlite_insert if self.database.is_sqlite else postgresql_insert
                named = make(STORE).values(one=1, name=secrets.token_hex(16)).on_conflict_do_nothing()
                connection.execute(named)
            self._made = True

    def name(self) -> str | None:
        """Which store this is; None if there is none."""
        with self.reading() as keys:
            return keys.scalar(select(STORE.c.name)) if keys else None

    def key(self, key_id: bytes) -> tuple[str, bytes] | None:
        """Whose key it is and the key itself; None if there is none (any more). Raises WrongKey."""
        with self.reading() as keys:
            if keys is None:
                return None
            row = keys.execute(select(PERSON_KEY).where(PERSON_KEY.c.id == key_id)).first()
        return (row.person_id, self.unwrapped(row.id, row.person_id, row.wrapped)) if row else None

    def newest(self, person_id: str) -> tuple[bytes, bytes] | None:
        """The id of the person's key, and the key; None if they have none."""
        of_person = select(PERSON_KEY).where(PERSON_KEY.c.person_id == person_id)
        with self.reading() as keys:
            row = keys.execute(of_person.order_by(PERSON_KEY.c.number.desc()).limit(1)).first() if keys else None
        return (row.id, self.unwrapped(row.id, row.person_id, row.wrapped)) if row else None

    def add(self, person_id: str) -> tuple[bytes, bytes]:
        """A new key for the person, kept at once."""
        key_id, key = secrets.token_bytes(KEY_ID), secrets.token_bytes(wrapping.KEY)
        with self.writing() as keys:
            row = {"id": key_id, "person_id": person_id, "wrapped": self.wrapped(key_id, person_id, key)}
            keys.execute(insert(PERSON_KEY).values(row))
        return key_id, key

    def erase(self, person_id: str, erasure: str) -> int:
        """Take the person's keys away for good, and say how many there were. `erasure`: a name of its own for this."""
        with self.writing() as keys:
            of_person = delete(PERSON_KEY).where(PERSON_KEY.c.person_id == person_id)
            gone = keys.scalars(of_person.returning(PERSON_KEY.c.id)).all()
            if gone:
                keys.execute(insert(ERASED_KEY), [{"id": key_id} for key_id in gone])
            keys.execute(insert(ERASURE).values(id=erasure, person_id=person_id))
        self.database.checkpoint()  # what was overwritten lies in the journal until then
        return len(gone)

    def wrapped(self, key_id: bytes, person_id: str, key: bytes) -> bytes:
        """The key as it lies in the store. Raises WrongKey if there is nothing to wrap it with."""
        if not self.wrappings:
            raise WrongKey
        return wrapping.wrap(self.wrappings[0], key, key_id + person_id.encode())

    def unwrapped(self, key_id: bytes, person_id: str, wrapped: bytes) -> bytes:
        """The key again. Raises WrongKey."""
        key = wrapping.unwrap(self.wrappings, wrapped, key_id + person_id.encode())
        if key is None:
            raise WrongKey
        return key

    def require_ours(self, db: Session) -> None:
        """Raises LostKeys if what is sealed in this database was sealed with keys of another store."""
        self._is_claimed(db)

    def claim(self, db: Session) -> None:
        """Note in the caller's transaction that this database is sealed with this store. Raises LostKeys."""
        if self._is_claimed(db):
            return
        self._make()
        make = postgresql_insert if db.get_bind().dialect.name == "postgresql" else sqlite_insert
        db.execute(make(KeyStore).values(one=1, name=self.name()).on_conflict_do_nothing())
        self.require_ours(db)

    def _is_claimed(self, db: Session) -> bool:
        known = db.scalar(select(KeyStore.name))
        if known is not None and known != self.name():
            raise LostKeys
        return known is not None

    def count(self) -> int:
        """How many keys there are."""
        with self.reading() as keys:
            return keys.scalar(select(func.count()).select_from(PERSON_KEY)) or 0 if keys else 0

    def close(self) -> None:
        """Give the connections back; a later use opens new ones."""
        self.database.close()
