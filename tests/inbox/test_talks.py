"""The page that invites many: times that cannot be are told, and nothing typed is lost."""

from __future__ import annotations

from typing import Any

import pytest

from komp_flow.db import Database
from processes import test_talk_rounds
from processes.test_talk_rounds import begun, proposed
from processes.walking import Walk


@pytest.fixture
def walk(database: Database) -> Walk:
    made: Walk = test_talk_rounds.walk.__wrapped__(database)  # type: ignore[attr-defined]
    proposed(made)
    return made


@pytest.mark.parametrize("first", ["", "x", "9999-12-31T09:00", "0001-01-01T00:00", "2026-12-01T09:00"])
def test_times_that_cannot_be_are_not_suggested(walk: Walk, login: Any, first: str) -> None:
    answer = login("kari").post("/talks/invite", data={"_suggest": "1", "first": first, "topics": "Om i fjor"})
    assert answer.status_code == 200
    assert "Den første samtalen må være" in answer.text or "Skriv dato og klokkeslett for den første" in answer.text
    assert "Om i fjor" in answer.text


@pytest.mark.parametrize("at", ["", "x", "9999-12-31T09:00", "0001-01-01T00:00"])
def test_a_talk_is_not_moved_to_a_time_that_cannot_be(walk: Walk, login: Any, at: str) -> None:
    talk = begun(walk)["nils"]
    answer = login("kari").post(f"/talks/{talk}/move", data={"at": at}, follow_redirects=True)
    assert answer.status_code == 200
    assert "Tiden er ikke endret" in answer.text or "Ingenting er endret" in answer.text
