"""All about me over the API: whole, bounded, and never what is not mine."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from api.conftest import Program
from api.test_private import api
from komp_flow import notifications, work
from komp_flow.registers import talks
from komp_flow.revising import drawings
from komp_flow.work import about_me
from komp_flow.work.texts import remarks
from work.conftest import Office, office
from work.staff import EIER, HANNE, NILS
from work.talking import CANARY, NILS_IN_IT, talk, through

__all__ = ["api", "office", "talk"]
Api = Callable[..., Program]


def texts(found: object) -> str:
    return str(found)


def test_it_holds_what_is_mine_and_what_was_shared_with_me(talk: Office, api: Api) -> None:
    done = through(talk, shared=True)
    found = api("nils", "tasks")("GET", "/me/export")
    assert found.status_code == 200
    assert found.headers["Content-Disposition"] == 'attachment; filename="alt-om-meg.json"'
    body = found.get_json()
    assert body["format"] == "komp-flow/about-me"
    assert set(about_me.SECTIONS) <= set(body)
    assert body["person"]["name"] == "Nils Nilsen"
    assert [goal["goal"] for goal in body["goals"]] == [CANARY]
    by_task = {line["task"]: line for line in body["written"]}
    assert by_task[str(done["mine"])]["answers"]["note"] == f"{CANARY} Nils"
    assert by_task[str(done["theirs"])]["answers"]["note"] == f"{CANARY} Kari"
    assert by_task[str(done["theirs"])]["by"] == "other"
    assert [line["name"] for line in body["tasks_done"]] == ["mine"]
    assert body["incomplete"] == []


def test_what_the_manager_has_not_shared_is_not_in_it(talk: Office, api: Api) -> None:
    done = through(talk)
    body = api("nils")("GET", "/me/export").get_json()
    assert str(done["theirs"]) not in {line["task"] for line in body["written"]}
    assert f"{CANARY} Kari" not in texts(body)


def test_nothing_about_an_employee_is_in_the_managers(talk: Office, api: Api) -> None:
    through(talk, shared=True)
    for person in ("kari", "dag", "hanne", "eier", "adm", "ola", "per"):
        found = texts(api(person)("GET", "/me/export").get_json())
        assert CANARY not in found
        assert "Nils" not in found


def test_drafts_comments_and_who_has_read_are_in_it(talk: Office, api: Api) -> None:
    done = through(talk, shared=True)
    talk.act(work.save_draft, talk.task(NILS, "follow"), NILS, {"comment": "Ikke sendt ennå"}, 0)
    with talk.database.transaction() as db:
        instance = work.task(db, done["plan"], NILS, talk.now).line.instance
        talks.made(db, instance, NILS_IN_IT, talk.now)
        remarks.add(db, NILS, instance, "Min kommentar", talk.now)
    assert api("kari")("GET", f"/tasks/{done['mine']}").status_code == 200
    body = api("nils")("GET", "/me/export").get_json()
    assert [line["answers"]["comment"] for line in body["drafts"]] == ["Ikke sendt ennå"]
    assert [line["text"] for line in body["comments"]] == ["Min kommentar"]
    assert [line["reader"] for line in body["who_has_read"]] == ["Kari Nordmann"]


def test_a_token_without_the_scope_gets_nothing(talk: Office, api: Api) -> None:
    assert api("nils", "registers")("GET", "/me/export").status_code == 403


def test_a_section_that_is_too_long_says_so(talk: Office, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    through(talk)
    monkeypatch.setattr(about_me, "MOST", 1)
    body = api("nils")("GET", "/me/export").get_json()
    assert "trail" in body["incomplete"]
    assert len(body["trail"]) == 1


def test_too_much_for_one_answer_is_refused(talk: Office, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(about_me, "LARGEST", 100)
    assert api("nils")("GET", "/me/export").status_code == 413


def test_after_the_erasure_it_says_what_was_erased(talk: Office, api: Api) -> None:
    through(talk, shared=True)
    with talk.database.transaction() as db:
        work.erase(db, HANNE, "nils", "bedt om det", talk.now)
    body = api("nils")("GET", "/me/export").get_json()
    assert CANARY not in texts(body)
    assert all(line["erased"] for line in body["written"])
    assert body["erasures"]


def test_mails_and_drawings_of_mine_are_in_it(talk: Office, api: Api) -> None:
    with talk.database.transaction() as db:
        notifications.queue(db, ["eier"], notifications.Notice(kind="strategy", occasion="one"), talk.now)
        drawings.draw_new(db, EIER, "diagram", "Vårt nye løp", talk.now)
    talk.pass_time(days=1)
    work.run_all(talk.database, talk.now)
    body = api("eier")("GET", "/me/export").get_json()
    assert [mail["status"] for mail in body["mails"]] == ["kept"]
    assert [(line["name"], line["status"]) for line in body["drawings"]] == [("Vårt nye løp", "open")]
    others = api("nils")("GET", "/me/export").get_json()
    assert (others["mails"], others["drawings"]) == ([], [])
