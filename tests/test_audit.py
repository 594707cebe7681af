"""The trail is appended, read back, and every kind of tampering is found."""

from __future__ import annotations

import hmac
import uuid
from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from engine.storing import together
from komp_flow import audit
from komp_flow.db import Database

STREAM = "instance:1"


def three(db: Session, now: datetime, stream: str = STREAM) -> None:
    audit.record(db, stream, [audit.Entry("started", by="ann", instance_id=uuid.uuid4())], now)
    audit.record(
        db,
        stream,
        [audit.Entry("completed", element="B1", by="ann", detail={"next": 2}), audit.Entry("opened", element="B2")],
        now,
    )


@pytest.mark.databases
def test_a_trail_reads_back_in_order_and_verifies(db: Session, now: datetime) -> None:
    three(db, now)
    assert [(e.seq, e.what, e.element) for e in audit.trail(db, STREAM)] == [
        (1, "started", None),
        (2, "completed", "B1"),
        (3, "opened", "B2"),
    ]
    assert audit.trail(db, STREAM)[0].at == now
    assert audit.verify(db) == []


def test_nothing_to_write_writes_nothing(db: Session, now: datetime) -> None:
    audit.record(db, STREAM, [], now)
    assert audit.verify(db, expected=[STREAM]) == [audit.Broken(STREAM, 0, "missing")]


def test_content_has_no_room_in_a_detail(db: Session, now: datetime) -> None:
    with pytest.raises(ValueError, match="too large"):
        audit.record(db, STREAM, [audit.Entry("completed", detail={"text": "x" * audit.DETAIL_LIMIT})], now)


@pytest.mark.parametrize("length", [1, 20, 63, 64, 65, 200])
def test_a_row_is_signed_with_the_standards_own_hmac(length: int) -> None:
    key, last, row = bytes(range(length)), b"l" * 32, b'["instance:1",1]' * 20
    assert audit.chained(key, last, row) == hmac.digest(key, last + row, "sha256")


TAMPERING: dict[str, tuple[str, str]] = {
    "who": ("UPDATE event SET \"by\" = 'eve' WHERE seq = 2", "changed"),
    "what it says": ("UPDATE event SET detail = '{\"next\": 3}' WHERE seq = 2", "changed"),
    "when": ("UPDATE event SET at = (SELECT max(at) FROM event WHERE stream = 'other') WHERE seq = 1", "changed"),
    "the middle": (f"DELETE FROM event WHERE stream = '{STREAM}' AND seq = 2", "missing"),
    "the beginning": (f"DELETE FROM event WHERE stream = '{STREAM}' AND seq = 1", "missing"),
    "the tail": (f"DELETE FROM event WHERE stream = '{STREAM}' AND seq = 3", "cut"),
    "the tail, head moved back": (
        (
            f"DELETE FROM event WHERE stream = '{STREAM}' AND seq = 3; "
            f"UPDATE event_head SET seq = 2, hash = (SELECT hash FROM event WHERE stream = '{STREAM}' AND seq = 2) "
            f"WHERE stream = '{STREAM}'"
        ),
        "head",
    ),
    "the head": (f"DELETE FROM event_head WHERE stream = '{STREAM}'", "inserted"),
    "one more": (
        (
            "INSERT INTO event (stream, seq, at, what, detail, hash) "
            f"SELECT stream, 4, at, 'completed', detail, hash FROM event WHERE stream = '{STREAM}' AND seq = 3"
        ),
        "changed",
    ),
    "one moved from another stream": (
        (
            f"DELETE FROM event WHERE stream = '{STREAM}' AND seq = 2; "
            f"UPDATE event SET stream = '{STREAM}' WHERE stream = 'other' AND seq = 2"
        ),
        "changed",
    ),
}


@pytest.mark.databases
@pytest.mark.parametrize("what", TAMPERING)
def test_tampering_is_found(database: Database, now: datetime, what: str) -> None:
    with database.transaction() as db:
        three(db, now)
        three(db, now.replace(year=2028), stream="other")
    statements, reason = TAMPERING[what]
    with database.transaction() as db:
        for statement in statements.split("; "):
            assert db.execute(text(statement)).rowcount > 0  # type: ignore[attr-defined]
    with database.reading() as db:
        assert reason in {b.reason for b in audit.verify(db) if b.stream == STREAM}


@pytest.mark.databases
def test_another_key_finds_everything_changed(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        three(db, now)
    with database.reading() as db:
        db.info["trail_key"] = b"another"
        assert {b.seq for b in audit.verify(db)} == {1, 2, 3}


@pytest.mark.databases
def test_two_who_begin_a_stream_at_once_both_write(database: Database, now: datetime) -> None:
    def write(who: int) -> None:
        with database.transaction() as db:
            audit.record(db, "organisation", [audit.Entry("imported", by=str(who))] * 3, now)

    assert together(write, range(4)) == [None] * 4
    with database.reading() as db:
        assert audit.verify(db) == []
        assert len(audit.trail(db, "organisation")) == 12
