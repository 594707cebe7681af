"""The page of a task about a person: who reads it, sharing one's notes, giving the talk to another manager."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import html

from komp_flow import vault, work
from komp_flow.organisation.models import Unit
from work.conftest import Office
from work.staff import DAG, HANNE, KARI, NILS
from work.talking import CANARY, talk, through

__all__ = ["talk"]


def main(answer: Any) -> str:
    (found,) = html.fromstring(answer.text).iter("main")
    return " ".join(found.text_content().split())


@pytest.fixture
def vacant(talk: Office) -> Office:
    """IT has neither manager nor deputy: all falls to Dag."""
    with talk.database.transaction() as db:
        db.get_one(Unit, "it").manager_id = db.get_one(Unit, "it").deputy_id = None
    return talk


def test_notes_are_said_to_be_ones_own_and_what_not_to_write(talk: Office, login: Any) -> None:
    through(talk, upto="mine")
    said = main(login("nils").get(f"/tasks/{talk.task(NILS, 'mine')}"))
    assert "Ingen andre leser dem før du deler dem med lederen din" in said
    assert "Ikke skriv om helse" in said
    assert "Gi oppgaven til noen andre" not in said


def test_a_plan_says_who_reads_it(talk: Office, login: Any) -> None:
    through(talk, upto="plan")
    said = main(login("kari").get(f"/tasks/{talk.task(KARI, 'plan')}"))
    assert "Det du sender inn, leses av Nils Nilsen, Kari Nordmann." in said
    assert "Gi samtalen til en annen leder" in said


def test_notes_are_shared_from_their_page(talk: Office, login: Any) -> None:
    done = through(talk)
    page = f"/tasks/{done['mine']}"
    client = login("kari")
    assert CANARY not in client.get(page).text
    assert client.post(f"{page}/share").status_code == 404
    client = login("nils")
    assert "Del med lederen din" in main(client.get(page))
    assert client.post(f"{page}/share").status_code == 303
    assert "Notatene ble delt" in main(client.get(page))
    client = login("kari")
    assert f"{CANARY} Nils" in main(client.get(page))
    assert "Kari Nordmann, 4. januar 2027" in main(login("nils").get(page))


def test_reading_is_noted_before_it_is_shown(talk: Office, login: Any) -> None:
    done = through(talk)
    with talk.database.transaction() as db:
        work.hand_over(db, "nils", "per", HANNE, "En konflikt", talk.now)
    page = login("per").get(f"/tasks/{done['plan']}")
    assert CANARY in page.text
    told = talk.look(lambda db, now: work.readings(db, "nils", NILS, now))
    assert [(line.reader, line.task) for line in told] == [("per", done["plan"])]


def test_a_page_without_text_notes_nothing(talk: Office, login: Any) -> None:
    through(talk)
    login("kari").get("/")
    assert talk.look(lambda db, now: work.readings(db, "nils", NILS, now)) == ()


def test_one_who_only_stands_in_is_told_so_and_gives_the_talk_on(vacant: Office, login: Any) -> None:
    task = vacant.task(DAG, "invite")
    vacant.complete(DAG, "invite", {"place": "Møterom"})
    vacant.complete(NILS, "mine", {"note": CANARY, "share": True})
    task = vacant.task(DAG, "theirs")
    client = login("dag")
    said = main(client.get(f"/tasks/{task}"))
    assert "Du har oppgaven bare fordi ingen andre er der" in said
    assert "Send inn" not in said
    wrong = client.post(f"/tasks/{task}/hand-over", data={"to": "pia", "reason": ""})
    assert wrong.status_code == 422
    assert "Velg en som er leder eller stedfortreder i en enhet." in main(wrong)
    assert client.post(f"/tasks/{task}/hand-over", data={"to": "per", "reason": "Ingen leder"}).status_code == 303
    assert "Samtalen med Nils Nilsen er gitt til deg." in main(login("per").get(f"/tasks/{task}"))


def test_what_was_typed_and_not_sent_is_still_there_for_who_typed_it(talk: Office, login: Any) -> None:
    through(talk)
    task = talk.task(NILS, "follow")
    talk.act(work.save_draft, task, NILS, {"comment": "Det Nils skrev"}, 0)
    talk.act(work.complete, task, KARI, {"comment": "Det Kari skrev"})
    said = main(login("nils").get(f"/tasks/{task}"))
    assert "Dette skrev du, men det ble ikke sendt inn" in said
    assert "Det Nils skrev" in said
    assert "Det Kari skrev" in said
    assert "Det Nils skrev" not in login("kari").get(f"/tasks/{task}").text


def test_an_erased_plan_is_said_to_be_erased(talk: Office, login: Any) -> None:
    done = through(talk)
    with talk.database.transaction() as db:
        vault.erase(db, "nils")
    answer = login("kari").get(f"/tasks/{done['plan']}")
    assert answer.status_code == 200
    assert "er slettet og kan ikke leses igjen" in main(answer)


def test_an_escalated_talk_shows_hr_where_it_stands_and_not_a_word(talk: Office, login: Any) -> None:
    from sqlalchemy import update

    from komp_flow.engine import Instance

    done = through(talk)
    with talk.database.transaction() as db:
        db.execute(update(Instance).values(escalation=2))
    for who in ("hanne", "eier", "adm"):
        client = login(who)
        page = client.get(f"/tasks/{done['plan']}")
        assert page.status_code == 200
        assert CANARY not in page.text
        assert "Du ser hvor langt de er kommet, ikke hva de skriver" in main(page)
        client.post("/sign-out")
