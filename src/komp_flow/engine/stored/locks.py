"""Locks on things that have no row: names of messages, and publishing. SQLite has one writer and needs none."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

_EXCLUSIVE = text("SELECT pg_advisory_xact_lock(:key)").bindparams(bindparam("key"))
_SHARED = text("SELECT pg_advisory_xact_lock_shared(:key)").bindparams(bindparam("key"))


def hold(db: Session, names: Iterable[str], *, shared: bool = False) -> None:
    """Hold these until the transaction ends, in a fixed order, so that two who want several never wait for each other.

    `shared` ones wait only for exclusive ones. Two sets in one transaction may still deadlock: PostgreSQL then ends
    one of the two, and it is done again.
    """
    if db.get_bind().dialect.name != "postgresql":
        return
    connection = db.connection()
    for key in sorted({_number(name) for name in names}):
        connection.execute(_SHARED if shared else _EXCLUSIVE, {"key": key})


def _number(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8, person=b"komp-flow").digest(), signed=True)
