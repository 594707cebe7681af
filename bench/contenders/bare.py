"""A bare durable commit: the least that keeping anything costs on this disk with this driver."""

from __future__ import annotations

import os
from typing import Any

from bench.places import Place
from bench.series import Timing, timed
from komp_flow.db import driver

BYTES = 600


def connect(place: Place, kind: str) -> Any:
    """The driver's own connection to a fresh database, with durability as komp-flow has it."""
    url = place.address(kind)
    if kind == "sqlite":
        connection = driver().connect(url.removeprefix("sqlite:///"), isolation_level=None)
        connection.execute("PRAGMA journal_mode=wal")
        connection.execute("PRAGMA synchronous=full")
        return connection
    import psycopg

    return psycopg.connect(url)


class Bare:
    """One row of 600 bytes, written anew and committed."""

    name = "bare commit"
    endless = True  # has always one more step: the others say when an instance is done

    def __init__(self, place: Place, kind: str) -> None:
        self._connection = connect(place, kind)
        self._begin = "BEGIN IMMEDIATE" if kind == "sqlite" else None
        self._mark = "?" if kind == "sqlite" else "%s"
        blob = "BLOB" if kind == "sqlite" else "BYTEA"
        self._connection.execute(f"CREATE TABLE bare (id INTEGER PRIMARY KEY, version INTEGER, state {blob})")
        self._connection.commit()
        self._at = 0

    def begin(self) -> Timing:
        """A new row."""
        self._at += 1
        with timed() as measured:
            self._do(f"INSERT INTO bare VALUES ({self._mark}, 0, {self._mark})", (self._at, os.urandom(BYTES)))
        return measured

    def step(self) -> Timing | None:
        """The row, other bytes."""
        state = os.urandom(BYTES)
        with timed() as measured:
            self._do(f"UPDATE bare SET state = {self._mark}, version = version + 1 WHERE id = {self._mark}",
                     (state, self._at))  # fmt: skip
        return measured

    def _do(self, statement: str, values: tuple[object, ...]) -> None:
        if self._begin:
            self._connection.execute(self._begin)
        self._connection.execute(statement, values)
        self._connection.commit()

    def facts(self) -> dict[str, object]:
        """Nothing more."""
        return {}

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()
