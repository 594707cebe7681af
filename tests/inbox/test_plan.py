"""«Min utviklingsplan»: the employee's own page, the manager's look at it, and all about me as a file."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from lxml import html

from inbox.test_private_pages import main
from komp_flow import vault, work
from komp_flow.i18n import speaking
from komp_flow.inbox import export
from komp_flow.registers import talks
from komp_flow.settings import Settings
from komp_flow.work import about_me
from komp_flow.work.texts import remarks
from work.conftest import Office
from work.staff import HANNE, NILS
from work.talking import CANARY, NILS_IN_IT, talk, through

__all__ = ["talk"]
REMARK = "Jeg vil heller begynne med kurset i mai"


@pytest.fixture
def planned(talk: Office) -> tuple[Office, Any]:
    """The talk, in the register of talks, with its plan written."""
    done = through(talk)
    with talk.database.transaction() as db:
        instance = work.task(db, done["plan"], NILS, talk.now).line.instance
        talks.made(db, instance, NILS_IN_IT, talk.now).status = talks.CLOSED
    return talk, (done, instance)


def test_before_any_talk_the_page_says_what_comes(talk: Office, login: Any) -> None:
    said = main(login("pia").get("/plan"))
    assert "Ingen plan ennå" in said
    assert "Lederen din avtaler samtalen med deg" in said
    assert "Ingen andre har lest noe" in said


def test_my_plan_shows_goals_what_is_shared_and_what_is_not(planned: Any, login: Any) -> None:
    _office, (done, _instance) = planned
    client = login("nils")
    said = main(client.get("/plan"))
    assert CANARY in said
    assert "Ikke delt" in said
    assert f"{CANARY} Kari" not in said
    assert client.post(f"/plan/tasks/{done['mine']}/share").status_code == 303
    said = main(client.get("/plan"))
    assert "Ikke delt" not in said
    assert "Delt 4. januar 2027" in said


def test_a_comment_stands_beside_the_plan_and_the_manager_reads_it(planned: Any, login: Any) -> None:
    office, (_done, instance) = planned
    nils = login("nils")
    assert nils.post(f"/plan/talks/{instance}/comment", data={"comment": f" {REMARK} "}).status_code == 303
    assert REMARK in main(nils.get("/plan"))
    kari = login("kari")
    assert REMARK in main(kari.get("/plan/nils"))
    assert "Skriv en kommentar" not in main(kari.get("/plan/nils"))
    told = office.look(lambda db, now: work.readings(db, "nils", NILS, now))
    assert {line.reader for line in told} == {"kari"}


def test_reading_an_employees_plan_is_noted_and_told_to_them(planned: Any, login: Any) -> None:
    office, (_done, instance) = planned
    login("nils").post(f"/plan/talks/{instance}/comment", data={"comment": REMARK})
    with office.database.transaction() as db:
        work.hand_over(db, "nils", "per", HANNE, "En konflikt", office.now)
    assert REMARK in main(login("per").get("/plan/nils"))
    assert "Per Hansen leste" in main(login("nils").get("/plan"))


@pytest.mark.parametrize("text", ["", "   ", "a" * 4_001])
def test_a_comment_that_cannot_be_kept_stays_on_the_page(planned: Any, login: Any, text: str) -> None:
    _office, (_done, instance) = planned
    answer = login("nils").post(f"/plan/talks/{instance}/comment", data={"comment": text})
    assert answer.status_code == 422
    assert "Skriv en kommentar på høyst 4000 tegn." in main(answer)
    (area,) = html.fromstring(answer.text).iter("textarea")
    assert (area.text or "").strip() == text.strip()


def test_a_plan_has_room_for_so_many_comments(planned: Any, login: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _office, (_done, instance) = planned
    monkeypatch.setattr(remarks, "MOST", 2)
    nils = login("nils")
    said = [nils.post(f"/plan/talks/{instance}/comment", data={"comment": text}).status_code for text in "abc"]
    assert said == [303, 303, 422]


def test_nobody_else_opens_the_plan_or_comments_it(planned: Any, login: Any) -> None:
    office, (done, instance) = planned
    for who in ("dag", "hanne", "eier", "adm", "per", "pia"):
        client = login(who)
        answer = client.get("/plan/nils")
        assert answer.status_code == 404
        assert CANARY not in answer.text
        assert client.post(f"/plan/talks/{instance}/comment", data={"comment": "x"}).status_code == 404
        assert client.post(f"/plan/tasks/{done['mine']}/share").status_code in {403, 404}
        assert client.get("/plan/nobody").status_code == 404
    assert login("kari").post(f"/plan/talks/{instance}/comment", data={"comment": "x"}).status_code == 404
    with office.database.transaction() as db:
        work.hand_over(db, "nils", "per", HANNE, "En konflikt", office.now)
    assert login("kari").get("/plan/nils").status_code == 404


def test_after_the_erasure_the_page_says_so_and_the_files_are_made(planned: Any, login: Any) -> None:
    office, (_done, instance) = planned
    client = login("nils")
    client.post(f"/plan/talks/{instance}/comment", data={"comment": REMARK})
    with office.database.transaction() as db:
        work.erase(db, HANNE, "nils", "bedt om det", office.now)
    said = main(client.get("/plan"))
    assert "er slettet og kan ikke leses igjen" in said
    assert "Målets tekst er slettet" in said
    assert REMARK not in said
    found = client.get("/plan/export.json")
    assert found.status_code == 200
    assert CANARY not in found.text
    assert any(line["erased"] for line in found.get_json()["written"])
    assert found.get_json()["erasures"][0]["cause"] == "asked"
    assert client.get("/plan/export.pdf").status_code == 200
    assert login("kari").get("/plan/nils").status_code == 200


def test_a_key_that_is_gone_is_no_error(planned: Any, login: Any) -> None:
    office, (_done, instance) = planned
    client = login("nils")
    client.post(f"/plan/talks/{instance}/comment", data={"comment": REMARK})
    with office.database.transaction() as db:
        vault.erase(db, "nils")
    assert "Teksten er slettet." in main(client.get("/plan"))
    assert client.get("/plan/export.pdf").status_code == 200


def test_the_pdf_is_tagged_titled_and_in_the_readers_language(planned: Any, login: Any) -> None:
    answer = login("nils").get("/plan/export.pdf")
    assert answer.status_code == 200
    assert answer.data.startswith(b"%PDF")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="alt-om-meg.pdf"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert b"pdfuaid" in answer.data
    assert b"/Lang" in answer.data
    assert b"/StructTreeRoot" in answer.data


HOSTILE = [
    '#read("/etc/passwd")', "*fet* _kursiv_ $ x^2 $ `kode` = Overskrift", '"); #panic("x") //', "\\u{41} \\#let x = 1",
    "]]] ### <label> @ref", "日本語 🎉 \u202e\u0000\ufffe \ud83d", "a\u0301e\u0323 \u200b", "\r\n\r\n\t- liste\n+ én",
    "x" * 5_000,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_somebody_writes_is_set_as_it_is(planned: Any, text: str) -> None:
    office, _ids = planned
    with office.database.reading() as db, speaking("nb"):
        found = about_me.about_me(db, NILS, office.now)
        found["person"]["name"] = text
        found["comments"] = [{"talk": None, "at": office.now, "text": text}]
        assert _pdf(office, db, found).startswith(b"%PDF")


def _pdf(office: Office, db: Any, found: Any) -> bytes:
    app = Flask("test")
    app.extensions["komp_flow"] = Settings(home=Path("/nowhere"), database="", secret_key="a key for tests only")
    with app.app_context():
        return export.pdf(db, found)


def test_files_made_at_the_same_time_do_each_other_no_harm(planned: Any) -> None:
    office, _ids = planned
    made: list[bytes] = []

    def make() -> None:
        with office.database.reading() as db, speaking("nb"):
            made.append(_pdf(office, db, about_me.about_me(db, NILS, office.now)))

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(made) == 4
    assert all(each.startswith(b"%PDF") for each in made)
