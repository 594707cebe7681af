"""The audit trail: append-only streams whose rows are chained with a keyed hash, so that any later change is seen."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, NamedTuple, cast
from uuid import UUID

import orjson
from sqlalchemy import JSON, Index, LargeBinary, Row, Table, bindparam, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from komp_flow.db import Base, Instant
from komp_flow.db.ids import within
from komp_flow.db.pen import Pen
from komp_flow.db.prepared import Prepared

_BLOCK: Final = 64  # bytes that SHA-256 takes at a time
DETAIL_LIMIT: Final = 8_000  # bytes: room for a reason in letters of four; it does not hold content


class Event(Base):
    """One thing that happened. `what` is a short English word of a fixed set; the pages translate it."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_instance", "instance_id"), {"sqlite_with_rowid": False})

    stream: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)
    what: Mapped[str]
    element: Mapped[str | None]
    name: Mapped[str | None]
    task_id: Mapped[UUID | None]
    instance_id: Mapped[UUID | None]
    by: Mapped[str | None]  # null: the system itself
    on_behalf_of: Mapped[str | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class Head(Base):
    """The last row of each stream, signed too: without it a cut tail would leave a chain that holds."""

    __tablename__ = "event_head"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 (SQLAlchemy's way)

    stream: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int]
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    seal: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line to write. `detail` is small and holds ids, dates and statuses, never what people wrote."""

    what: str
    element: str | None = None
    name: str | None = None
    task_id: UUID | None = None
    instance_id: UUID | None = None
    by: str | None = None
    on_behalf_of: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)


class End(NamedTuple):
    """Where a stream ends."""

    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Broken:
    """A place where the trail does not hold. `seq` 0 is the stream as a whole."""

    stream: str
    seq: int
    reason: str  # changed | missing | inserted | cut | head


EVENT: Final = cast("Table", Event.__table__)
HEAD: Final = cast("Table", Head.__table__)
_LOCK_HEAD: Final = Prepared(
    select(HEAD.c.seq, HEAD.c.hash).where(HEAD.c.stream == bindparam("stream")).with_for_update()
)
_LOCK_HEADS: Final = Prepared(
    select(HEAD.c.stream, HEAD.c.seq, HEAD.c.hash)
    .where(within(HEAD.c.stream, "streams"))
    .order_by(HEAD.c.stream)
    .with_for_update()
)
_MOVE_HEAD: Final = Prepared(
    update(HEAD)
    .where(HEAD.c.stream == bindparam("of_stream"))
    .values(seq=bindparam("seq"), hash=bindparam("hash"), seal=bindparam("seal"))
)
_ADD_HEAD: Final = Prepared(insert(HEAD))
_ADD_EVENTS: Final = Prepared(insert(EVENT))


def record(
    db: Session, stream: str, entries: Sequence[Entry], at: datetime, *, new: bool = False, pen: Pen | None = None
) -> None:
    """Append the entries to the stream, in the caller's transaction. `new`: the caller knows that the stream is new.

    `pen` is the caller's, if it has one; it may know the stream's head (`heads`).
    """
    if not entries:
        return
    key: bytes = db.info["trail_key"]
    pen = pen or Pen(db)
    head = None if new else pen.heads.get(stream) or _LOCK_HEAD.first(db, {"stream": stream}) or _begin(db, stream)
    seq, last = (head.seq, head.hash) if head is not None else (0, b"")
    rows = []
    for entry in entries:
        seq += 1
        row = _row(stream, seq, entry, at)
        row["hash"] = last = _chain(key, last, row)
        rows.append(row)
    pen.write(_ADD_EVENTS, rows)
    moved = {"seq": seq, "hash": last, "seal": seal(key, stream, seq, last)}
    if head is None:
        pen.write(_ADD_HEAD, [{"stream": stream, **moved}])
    else:
        pen.write(_MOVE_HEAD, [{"of_stream": stream, **moved}])


def heads(db: Session, streams: Sequence[str]) -> dict[str, Any]:
    """Where these streams end, locked: for a pen whose caller has locked what they are about."""
    return {row.stream: row for row in _LOCK_HEADS.all(db, {"streams": streams})}


def trail(db: Session, stream: str) -> Sequence[Row[Any]]:
    """Everything that the stream holds, the oldest first: rows with the columns of `event`."""
    return db.execute(select(EVENT).where(EVENT.c.stream == stream).order_by(EVENT.c.seq)).all()


def verify(db: Session, expected: Iterable[str] = ()) -> list[Broken]:
    """Read the whole trail and list every place that does not hold. `expected`: streams that must exist."""
    key: bytes = db.info["trail_key"]
    heads = {row.stream: row for row in db.execute(select(HEAD))}
    broken = [Broken(stream, 0, "missing") for stream in expected if stream not in heads]
    columns = [EVENT.c[name] for name in _FIELDS]
    rows = db.execute(
        select(*columns, EVENT.c.hash).order_by(EVENT.c.stream, EVENT.c.seq).execution_options(yield_per=1000)
    )
    seen: dict[str, tuple[int, bytes]] = {}
    for row in rows:
        seq, last = seen.get(row.stream, (0, b""))
        if row.seq != seq + 1:
            broken.append(Broken(row.stream, row.seq, "missing"))
        elif not hmac.compare_digest(_chain(key, last, row._asdict()), row.hash):
            broken.append(Broken(row.stream, row.seq, "changed"))
        seen[row.stream] = (row.seq, row.hash)
    broken += [Broken(stream, seq, "inserted") for stream, (seq, _) in seen.items() if stream not in heads]
    for stream, head in heads.items():
        seq, last = seen.get(stream, (0, b""))
        if not hmac.compare_digest(seal(key, stream, head.seq, head.hash), head.seal):
            broken.append(Broken(stream, head.seq, "head"))
        elif (seq, last) != (head.seq, head.hash):
            broken.append(Broken(stream, max(seq, head.seq), "cut" if seq < head.seq else "inserted"))
    return broken


_FIELDS: Final = (
    "stream",
    "seq",
    "at",
    "what",
    "element",
    "name",
    "task_id",
    "instance_id",
    "by",
    "on_behalf_of",
    "detail",
)


def _row(stream: str, seq: int, entry: Entry, at: datetime) -> dict[str, Any]:
    packed = orjson.dumps(entry.detail, default=str) if entry.detail else b"{}"
    if len(packed) > DETAIL_LIMIT:
        raise ValueError("the detail of a trail entry is too large")
    return {
        "stream": stream,
        "seq": seq,
        "at": at,
        "what": entry.what,
        "element": entry.element,
        "name": entry.name,
        "task_id": entry.task_id,
        "instance_id": entry.instance_id,
        "by": entry.by,
        "on_behalf_of": entry.on_behalf_of,
        "detail": orjson.loads(packed),
    }


def _chain(key: bytes, last: bytes, row: dict[str, Any]) -> bytes:
    """The hash of a row: over the one before it and every field in a fixed order."""
    return chained(key, last, written(row))


def written(row: Mapping[str, Any]) -> bytes:
    """A row of `event` as its hash sees it: every field in a fixed order."""
    values = [row[name] for name in _FIELDS]
    values[2] = row["at"].astimezone(UTC).isoformat(timespec="microseconds")
    return orjson.dumps(values, option=orjson.OPT_SORT_KEYS)


def chained(key: bytes, last: bytes, row: bytes) -> bytes:
    """The hash of a row, as it was `written`, after the one whose hash is `last`."""
    return _signing(key)(last + row)


def seal(key: bytes, stream: str, seq: int, last: bytes) -> bytes:
    """What a head carries, so that it cannot be moved back."""
    return _signing(key)(b"head" + orjson.dumps([stream, seq]) + last)


@lru_cache(maxsize=8)
def _signing(key: bytes) -> Callable[[bytes], bytes]:
    """HMAC-SHA-256 (RFC 2104), where the key is hashed once: half of what it takes of the library's own for a row."""
    block = (sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    inner, outer = sha256(bytes(byte ^ 0x36 for byte in block)), sha256(bytes(byte ^ 0x5C for byte in block))

    def sign(text: bytes) -> bytes:
        inside, outside = inner.copy(), outer.copy()
        inside.update(text)
        outside.update(inside.digest())
        return outside.digest()

    return sign


def _begin(db: Session, stream: str) -> Any:
    """Make the head of a new stream, safe when two begin it at once: the second waits for the first."""
    make = postgresql_insert if db.get_bind().dialect.name == "postgresql" else sqlite_insert
    key: bytes = db.info["trail_key"]
    first = {"stream": stream, "seq": 0, "hash": b"", "seal": seal(key, stream, 0, b"")}
    db.connection().execute(make(HEAD).values(first).on_conflict_do_nothing())
    return _LOCK_HEAD.first(db, {"stream": stream})
