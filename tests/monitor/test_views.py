"""The pages that watch and steer, and a walk of every page as every kind of person."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from lxml import html

from komp_flow import registers
from komp_flow.organisation import Subject
from work import staff
from work.conftest import Office

EVERYONE = ("kari", "nils", "dag", "hanne", "eier", "adm", "pia")


@pytest.fixture
def cycle(office: Office) -> str:
    """A cycle from Monday 4 January with a unit under way in it."""
    with office.database.transaction() as db:
        begins = {"name": "2027", "start": date(2027, 1, 4)}
        registers.set_up(db, begins, cycle_id=None, instance_id=None, now=office.now)
        staff.publish(db, office.now, *staff.shipped("unit.bpmn", *_forms()))
    office.start("unit", Subject(unit="it", cycle="2027"))
    return "2027"


def _forms() -> list[str]:
    return [path.name for path in sorted((staff.ROOT / "forms").glob("*.json"))]


def main(answer: Any) -> str:
    """What stands in the middle of the page, as one reads it."""
    (found,) = html.fromstring(answer.text).iter("main")
    return " ".join(found.text_content().split())


def test_the_board_counts_each_phase_and_leads_to_the_unit(login: Any, cycle: str) -> None:
    answer = login("hanne").get("/board")
    assert "Fase 1 Leders forarbeid 0 av 3 er ferdige, 1 er i gang." in main(answer)
    (link,) = html.fromstring(answer.text).xpath("//th/a[text()='IT']/@href")
    assert "Enhetens årsløp" in main(login("hanne").get(link))


def test_the_board_shows_only_those_who_lag(login: Any, office: Office, cycle: str, clock_file: Any) -> None:
    assert "Ingen enheter henger etter nå" in main(login("hanne").get("/board?late=1"))
    office.pass_time(days=30)
    clock_file.write_text(office.now.isoformat())
    page = html.fromstring(login("hanne").get("/board?late=1").text)
    assert page.xpath("//tbody//th/a/text()") == ["IT"]


def test_the_board_is_for_those_who_follow_all_units(login: Any, cycle: str) -> None:
    assert login("kari").get("/board").status_code == 403
    assert login("dag").get("/board").status_code == 200


def test_everybody_reads_the_calendar_and_hr_moves_a_date(login: Any, cycle: str) -> None:
    page = html.fromstring(login("nils").get("/calendar").text)
    assert "25. januar 2027" in page.text_content()
    assert not page.xpath("//main//input[@type='date']")
    hr = login("hanne")
    answer = hr.post(f"/cycles/{cycle}/dates/preparation", data={"to": "2027-01-30"})  # a Saturday
    assert answer.status_code == 303
    said = main(hr.get(answer.location))
    assert "er flyttet til 1. februar 2027. 1 oppgave fikk ny frist" in said


def test_a_date_is_moved_by_those_who_may_and_must_be_one(login: Any, cycle: str) -> None:
    address = f"/cycles/{cycle}/dates/preparation"
    assert login("kari").post(address, data={"to": "2027-02-01"}).status_code == 403
    for wrong in ("", "i morgen", "2027-02-30", "9999999-01-01"):
        answer = login("hanne").post(address, data={"to": wrong})
        assert answer.status_code == 422
        assert "Skriv en dato" in main(answer)
    assert login("hanne").post("/cycles/none/dates/preparation", data={"to": "2027-02-01"}).status_code == 404
    assert login("hanne").post(f"/cycles/{cycle}/dates/nothing", data={"to": "2027-02-01"}).status_code in {404, 422}


def test_a_cycle_is_begun_from_the_page_and_its_first_step_opens(login: Any, office: Office) -> None:
    with office.database.transaction() as db:
        staff.publish(db, office.now, *staff.shipped("cycle.bpmn", *_forms()))
    client = login("eier")
    assert "Start en ny syklus" in main(client.get("/instances"))
    answer = client.post("/processes/cycle/start")
    assert answer.status_code == 303
    assert "Opprett syklus" in main(client.get(answer.location))
    assert login("kari").post("/processes/cycle/start").status_code == 403
    assert "Start en ny syklus" not in main(login("kari").get("/instances"))


def test_a_process_that_is_not_published_cannot_be_begun(login: Any, office: Office) -> None:
    assert login("eier").post("/processes/nothing/start").status_code == 404


def test_an_instance_is_paused_and_goes_on_with_reasons(login: Any, office: Office) -> None:
    instance = office.start()
    client = login("eier")
    assert client.post(f"/instances/{instance}/suspend", data={"reason": ""}).status_code == 422
    assert client.post(f"/instances/{instance}/suspend", data={"reason": "Flytting"}).status_code == 303
    assert "på pause" in main(client.get(f"/instances/{instance}"))
    assert client.post(f"/instances/{instance}/resume", data={"reason": "Ferdig"}).status_code == 303
    assert login("hanne").post(f"/instances/{instance}/suspend", data={"reason": "x"}).status_code == 403
    assert login("pia").post(f"/instances/{instance}/cancel", data={"reason": "x"}).status_code == 403


def test_an_instance_shows_who_has_its_task(login: Any, office: Office) -> None:
    instance = office.start()
    assert "Ligger hos leder." in main(login("hanne").get(f"/instances/{instance}"))
    assert "Oppgaven er din" in main(login("kari").get(f"/instances/{instance}"))
    assert login("pia").get(f"/instances/{instance}").status_code == 404
    assert login("pia").get(f"/instances/{instance}/diagram").status_code == 404


def test_every_page_answers_everybody_as_policy_says(app: Any, login: Any, office: Office, cycle: str) -> None:
    """Role × route: each GET of ours is shown, refused or not there, and never breaks."""
    instance, task = office.start(), office.task(staff.KARI)
    known = {"instance_id": instance, "task_id": task, "cycle_id": cycle, "process": "p", "name": "preparation"}
    refused: set[tuple[str, str]] = set()
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods or rule.endpoint == "static" or not rule.arguments <= known.keys():
            continue
        if rule.rule.startswith("/api/") or rule.endpoint.startswith("health."):
            continue
        address = adapter.build(rule.endpoint, {name: known[name] for name in rule.arguments})
        for person in EVERYONE:
            answer = login(person).get(address)
            assert answer.status_code in {200, 303, 403, 404}, (address, person, answer.status_code)
            if answer.status_code in {403, 404}:
                refused.add((rule.rule, person))
    assert ("/board", "kari") in refused
    assert ("/board", "hanne") not in refused
    assert ("/tasks/<uuid:task_id>", "pia") in refused
    assert ("/processes", "hanne") in refused
    assert not [person for rule, person in refused if rule in {"/", "/instances", "/calendar", "/notices"}]


def test_every_page_needs_somebody(app: Any, client: Any, office: Office) -> None:
    for address in ("/", "/board", "/instances", "/calendar", "/notices", "/processes"):
        answer = client.get(address)
        assert answer.status_code == 303
        assert answer.location.startswith("/sign-in?next=")
