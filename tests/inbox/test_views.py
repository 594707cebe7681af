"""The pages of one's own tasks, asked for as a browser without scripts does."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from lxml import html

from komp_flow import engine, work
from komp_flow.work.running.world import WORLD
from work import staff
from work.conftest import Office


@pytest.fixture
def task(office: Office) -> UUID:
    office.start()
    return office.task(staff.KARI)


def main(answer: Any) -> str:
    """What stands in the middle of the page, as one reads it."""
    (found,) = html.fromstring(answer.text).iter("main")
    return " ".join(found.text_content().split())


def field(answer: Any, name: str) -> str:
    """The value of one input of the page."""
    (found,) = html.fromstring(answer.text).xpath("//*[@name=$name]", name=name)
    return str(found.get("value"))


def state(office: Office, task: UUID) -> str:
    return str(office.look(work.task, task, staff.KARI).line.state)


def test_the_inbox_says_what_by_when_and_why(login: Any, task: UUID) -> None:
    said = main(login("kari").get("/"))
    for part in ("Én oppgave venter på deg", "Skriv", "Frist 7. januar 2027", "om 3 dager", "Du er leder for IT"):
        assert part in said


def test_what_is_overdue_comes_first_under_its_own_heading(
    login: Any, office: Office, task: UUID, clock_file: Any
) -> None:
    office.pass_time(days=5)
    office.start()
    clock_file.write_text(office.now.isoformat())
    page = html.fromstring(login("kari").get("/").text)
    assert page.xpath("//main//h2/text()") == ["Over fristen (1)", "Frist de neste sju dagene (1)"]


def test_an_empty_inbox_says_that_nothing_is_wrong(login: Any, office: Office) -> None:
    assert "Du har ingen oppgaver nå" in main(login("kari").get("/"))


def test_the_task_says_what_happens_next(login: Any, task: UUID) -> None:
    said = main(login("kari").get(f"/tasks/{task}"))
    assert "Hva skjer etterpå" in said
    assert "Les" in said


def test_a_strangers_task_is_not_there(login: Any, task: UUID) -> None:
    for asked in (f"/tasks/{task}", f"/tasks/{task}/receipt"):
        answer = login("pia").get(asked)
        assert answer.status_code == 404, asked
        assert "Skriv" not in answer.text
    assert login("pia").post(f"/tasks/{task}", data={"title": "x"}).status_code == 404
    assert login("pia").post(f"/tasks/{task}/claim").status_code == 404
    assert login("pia").post(f"/tasks/{task}/delegate", data={"to": "pia", "reason": "x"}).status_code == 404


def test_sending_completes_and_says_so(login: Any, office: Office, task: UUID) -> None:
    answer = login("kari").post(f"/tasks/{task}", data={"title": "Ja", "_shown": "note"})
    assert (answer.status_code, answer.location) == (303, f"/tasks/{task}/receipt")
    assert state(office, task) == "completed"
    receipt = main(login("kari").get(answer.location))
    assert "«Skriv» er sendt inn" in receipt
    assert "Du har ingenting mer å gjøre nå" in receipt
    assert "Dette ble sendt inn" in main(login("kari").get(f"/tasks/{task}"))


def test_what_is_wrong_is_told_and_what_was_typed_is_kept_as_a_draft(login: Any, office: Office, task: UUID) -> None:
    answer = login("kari").post(f"/tasks/{task}", data={"title": "", "note": "Alt dette skrev jeg."})
    assert answer.status_code == 422
    assert "Du må rette" in main(answer)
    assert "Alt dette skrev jeg." in main(answer)
    assert state(office, task) == "open"
    assert "Alt dette skrev jeg." in login("kari").get(f"/tasks/{task}").text


def test_a_draft_by_the_button_and_by_the_script(login: Any, task: UUID) -> None:
    client = login("kari")
    assert client.post(f"/tasks/{task}", data={"title": "En", "_save": "1", "_version": "0"}).status_code == 303
    saved = client.post(f"/tasks/{task}", data={"title": "To", "_save": "1", "_auto": "1", "_version": "1"})
    assert saved.json["version"] == 2
    assert saved.json["said"].startswith("Lagret kl.")
    assert field(client.get(f"/tasks/{task}"), "title") == "To"


def test_what_was_typed_in_a_field_that_is_gone_is_shown_beside_the_form(
    login: Any, office: Office, task: UUID
) -> None:
    client = login("kari")
    typed = {"title": "Tittel", "note": "Alt dette skrev jeg.", "_save": "1", "_version": "0"}
    assert client.post(f"/tasks/{task}", data=typed).status_code == 303
    assert "Skjemaet er endret" not in main(client.get(f"/tasks/{task}"))
    office.publish(staff.form("f", staff.required("title")))
    with office.database.transaction() as db:
        instance = db.get_one(engine.Task, task).instance_id
        to = engine.newest(db, "p").id
        engine.migrate_instance(db, WORLD, instance, to, engine.Plan(), by="eier", now=office.now)
    page = client.get(f"/tasks/{task}")
    assert field(page, "title") == "Tittel"
    assert "Skjemaet er endret siden du begynte" in main(page)
    assert "Alt dette skrev jeg." in main(page)


def test_a_draft_over_a_newer_one_shows_both(login: Any, task: UUID) -> None:
    client = login("kari")
    client.post(f"/tasks/{task}", data={"title": "Det første", "_save": "1", "_version": "0"})
    answer = client.post(f"/tasks/{task}", data={"title": "Det andre", "_save": "1", "_version": "0"})
    assert answer.status_code == 412
    assert field(answer, "title") == "Det andre"
    assert "Det første" in main(answer)
    assert field(answer, "_version") == "1"  # saving again is to choose this one
    quietly = client.post(f"/tasks/{task}", data={"title": "x", "_save": "1", "_auto": "1", "_version": "0"})
    assert quietly.status_code == 412


def test_sending_what_is_done_already_gives_the_text_back(login: Any, task: UUID) -> None:
    client = login("kari")
    client.post(f"/tasks/{task}", data={"title": "Ja", "_key": "one"})
    answer = client.post(f"/tasks/{task}", data={"title": "Det jeg ville ha sagt", "_key": "two"})
    assert answer.status_code == 409
    assert "Det jeg ville ha sagt" in main(answer)


def test_the_same_form_sent_twice_is_answered_twice_and_done_once(login: Any, task: UUID) -> None:
    client = login("kari")
    for _time in range(2):
        answer = client.post(f"/tasks/{task}", data={"title": "Ja", "_key": "the same"})
        assert (answer.status_code, answer.location) == (303, f"/tasks/{task}/receipt")
    other = client.post(f"/tasks/{task}", data={"title": "Nei", "_key": "the same"})
    assert other.status_code in {409, 422}


def test_unknown_fields_are_refused(login: Any, office: Office, task: UUID) -> None:
    answer = login("kari").post(f"/tasks/{task}", data={"title": "Ja", "approved": "true"})
    assert answer.status_code == 422
    assert state(office, task) == "open"


def test_a_task_is_taken_and_laid_back(login: Any, task: UUID) -> None:
    client = login("kari")
    assert client.post(f"/tasks/{task}/claim").status_code == 303
    assert "Legg den tilbake" in main(client.get(f"/tasks/{task}"))
    assert client.post(f"/tasks/{task}/release").status_code == 303
    assert "Legg den tilbake" not in main(client.get(f"/tasks/{task}"))


def test_a_task_is_handed_to_somebody_by_name(login: Any, task: UUID) -> None:
    page = html.fromstring(login("kari").get(f"/tasks/{task}").text)
    names = page.xpath("//select[@name='to']//option/text()")
    assert "Nils Nilsen" in names
    assert "Kari Nordmann" not in names
    (nils,) = page.xpath("//select[@name='to']//option[text()='Nils Nilsen']/@value")
    answer = login("kari").post(f"/tasks/{task}/delegate", data={"to": nils, "reason": "Han kan dette."})
    assert answer.status_code == 303
    assert "Skriv" in main(login("nils").get("/"))
    assert "Du har ingen oppgaver nå" in main(login("kari").get("/"))


def test_handing_on_to_nobody_says_what_to_mend_and_keeps_the_reason(login: Any, task: UUID) -> None:
    answer = login("kari").post(f"/tasks/{task}/delegate", data={"to": "", "reason": "Jeg er på reise."})
    assert answer.status_code == 422
    assert "Velg en som arbeider her" in main(answer)
    assert field(answer, "reason") == "Jeg er på reise."


def test_what_one_who_is_signed_out_sends_is_given_back(app: Any, client: Any, task: UUID) -> None:
    sent = {"title": "En lang setning som noen har skrevet.", "csrf_token": "old"}
    answer = client.post(f"/tasks/{task}", data=sent)
    assert answer.status_code == 401
    assert "En lang setning som noen har skrevet." in main(answer)
    assert f"next=/tasks/{task}" in answer.text
    app.config["WTF_CSRF_ENABLED"] = True  # the same with the guard that comes before
    answer = client.post(f"/tasks/{task}", data=sent)
    assert answer.status_code == 401
    assert "En lang setning som noen har skrevet." in main(answer)


def test_a_page_from_an_older_session_can_be_sent_once_more(app: Any, login: Any, office: Office, task: UUID) -> None:
    client = login("kari")
    app.config["WTF_CSRF_ENABLED"] = True
    answer = client.post(f"/tasks/{task}", data={"title": "Det jeg skrev", "csrf_token": "old"})
    assert answer.status_code == 400
    assert "Det jeg skrev" in main(answer)
    assert state(office, task) == "open"
    again = {name: field_value for name, field_value in _hidden(answer) if name != "language"}
    assert client.post(f"/tasks/{task}", data=again).status_code == 303
    assert state(office, task) == "completed"


def _hidden(answer: Any) -> list[tuple[str, str]]:
    return [(each.get("name"), each.get("value")) for each in html.fromstring(answer.text).xpath("//main//form//input")]


def test_htmx_gets_the_fields_and_nothing_is_saved(login: Any, task: UUID) -> None:
    client = login("kari")
    answer = client.post(f"/tasks/{task}?part=fields", data={"title": "Halv", "_part": "1"})
    assert answer.status_code == 200
    assert field(answer, "title") == "Halv"
    assert field(client.get(f"/tasks/{task}"), "title") == ""


def test_the_receipt_says_whose_turn_it_is(login: Any, task: UUID) -> None:
    client = login("kari")
    client.post(f"/tasks/{task}", data={"title": "Ja"})
    assert "«Les» ligger hos overordnet leder." in main(client.get(f"/tasks/{task}/receipt"))
