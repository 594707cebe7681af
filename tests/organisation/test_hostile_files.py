"""Whatever the files hold, the import answers; what it accepts, both databases keep."""

from __future__ import annotations

import random
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from komp_flow import organisation
from komp_flow.db import Database
from komp_flow.organisation import entries
from organisation.files import PEOPLE, UNITS

PIECES = [
    b";", b",", b'"', b"\n", b"\r", b"\t", b"\0", b"\xff", b"\xc3", "ø".encode(), b"e1", b"a", b"top", b"100", b" ",
    b"2027-01-01", b"hr", "\u202e".encode(), "İ".encode(), "ﬃ".encode() * 99, b"@", b"=1+1", b"-1",
]  # fmt: skip


def spoilt(text: str, chance: random.Random) -> bytes:
    """The file with a few pieces put in, taken out or doubled."""
    data = bytearray(text.encode())
    for _change in range(chance.randrange(1, 4)):
        at = chance.randrange(len(data))
        end = at + chance.choice((0, 0, 1, 3, 30))
        data[at:end] = chance.choice(PIECES) if chance.random() < 0.8 else data[at:end] * 2
    return bytes(data)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.binary(max_size=300))
def test_any_bytes_are_answered_with_what_is_wrong(units: bytes, people: bytes):
    assert entries.read(units, people).errors


@pytest.mark.databases
def test_what_is_accepted_is_kept_and_the_rest_is_told(database: Database, now: datetime):
    chance, kept, told = random.Random(7), 0, 0
    for _file in range(400):
        units, people = spoilt(UNITS, chance), PEOPLE.encode()
        if chance.random() < 0.6:
            units, people = UNITS.encode(), spoilt(PEOPLE, chance)
        with database.transaction() as db:
            report = organisation.import_files(db, units, people, now)
            organisation.directory(db, now)
        with database.transaction() as db:
            again = organisation.import_files(db, units, people, now)
        kept, told = kept + (not report.errors), told + bool(report.errors)
        assert report.written == bool(report.changes)
        assert again.errors == report.errors
        assert not again.changes
    assert min(kept, told) > 30
