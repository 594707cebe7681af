"""What is private stays so over the API: sharing, who has read, and what is kept of a repeated request."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from api.conftest import Program
from komp_flow import work
from komp_flow.app import create_app
from komp_flow.auth import tokens
from komp_flow.organisation import SCOPES
from komp_flow.settings import Settings
from komp_flow.work.models import AnsweredKey
from work.conftest import Office, office
from work.staff import HANNE, KARI, NILS
from work.talking import CANARY, talk, through

__all__ = ["office", "talk"]

Api = Callable[..., Program]


@pytest.fixture
def api(talk: Office, tmp_path: Path, clock_file: Path) -> Api:
    """`api("kari", "tasks")` calls with a token of Kari's, about the talk with Nils."""
    settings = Settings(
        home=tmp_path, database=str(talk.database.url), secret_key="a key for tests only", clock=f"file:{clock_file}"
    )
    app = create_app(settings, talk.database)

    def program(person: str, *scopes: str) -> Program:
        with talk.database.transaction() as db:
            secret = tokens.create(db, person, scopes or SCOPES, talk.now)
        return Program(app.test_client(), secret)

    return program


def test_notes_are_shared_and_whoever_reads_them_is_told(talk: Office, api: Api) -> None:
    done = through(talk)
    nils, kari = api("nils"), api("kari")
    task = f"/tasks/{done['mine']}"
    assert kari("GET", task).get_json()["answers"] is None
    assert nils("GET", task).get_json()["may"]["share"] is True
    key = {"Idempotency-Key": "en-gang"}
    first = nils("POST", f"{task}/share", json={}, headers=key)
    assert first.status_code == 200
    assert nils("POST", f"{task}/share", json={}, headers=key).get_json() == first.get_json()
    read = kari("GET", task).get_json()
    assert read["answers"]["note"] == f"{CANARY} Nils"
    assert read["privacy"]["readings"] == []
    told = nils("GET", "/me/readings").get_json()
    assert [(line["reader_name"], line["task"], line["day"]) for line in told["items"]] == [
        ("Kari Nordmann", str(done["mine"]), "2027-01-04")
    ]
    assert kari("GET", "/me/readings").get_json()["total"] == 0
    with talk.database.reading() as db:
        assert CANARY not in repr(db.scalars(select(AnsweredKey.body)).all())


def test_notes_of_another_are_not_there_to_share(talk: Office, api: Api) -> None:
    done = through(talk)
    assert api("kari")("POST", f"/tasks/{done['mine']}/share", json={}).status_code == 404
    assert api("kari")("POST", f"/tasks/{done['plan']}/share", json={}).status_code == 403
    assert api("nils", "instances")("GET", "/me/readings").status_code == 403


def test_a_stale_plan_shows_the_other_and_notes_who_saw_it(talk: Office, api: Api) -> None:
    through(talk, upto="plan")
    plan = talk.task(KARI, "plan")
    talk.act(work.save_draft, plan, KARI, {"wish": CANARY}, 0)
    talk.act(work.hand_over, "nils", "per", HANNE, "En konflikt")
    answer = api("per")("PUT", f"/tasks/{plan}/draft", json={"values": {"wish": "x"}}, headers={"If-Match": '"0"'})
    assert answer.status_code == 412
    assert CANARY in answer.text
    told = talk.look(lambda db, now: work.readings(db, "nils", NILS, now))
    assert [line.reader for line in told] == ["per"]


def test_goals_are_read_with_their_words_by_the_two_alone(talk: Office, api: Api) -> None:
    through(talk)
    for who, total in (("nils", 1), ("kari", 1), ("per", 0), ("hanne", 0), ("dag", 0), ("eier", 0), ("adm", 0)):
        found = api(who)("GET", "/goals").get_json()
        assert found["total"] == total, who
        assert (CANARY in repr(found)) == bool(total), who
    told = api("nils")("GET", "/me/readings").get_json()
    assert told["items"] == []  # Kari wrote them herself
