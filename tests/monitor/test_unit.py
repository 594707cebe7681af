"""The page of a unit, as those who lead it and those above and beside get it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from lxml import html

from monitor.test_views import main
from work.conftest import Office
from work.staff import KARI
from work.test_unit import cycle, did, hire, reading, talk

__all__ = ["cycle"]

PLAN = "Min utviklingsplan"


@pytest.fixture
def at_work(cycle: Office, clock_file: Any) -> Office:
    """A unit in its first phase; Nils has read and agreed on a time, Ola has not."""
    reading(cycle, "nils", read=True)
    reading(cycle, "ola")
    talk(cycle, "nils", "invited", talk_at=datetime(2027, 2, 1, 9, tzinfo=UTC))
    talk(cycle, "ola", "started")
    clock_file.write_text(cycle.now.isoformat())
    return cycle


def rows(answer: Any, table: str) -> list[list[str]]:
    """The rows of the table in this region, cell by cell."""
    found = html.fromstring(answer.text).xpath("//*[@role='region'][@aria-label=$name]//tbody/tr", name=table)
    return [[" ".join(" ".join(cell.itertext()).split()) for cell in row] for row in found]


def test_the_manager_reads_where_the_unit_is_and_by_when(login: Any, at_work: Office) -> None:
    said = main(login("kari").get("/unit"))
    assert "Fase 1: Forarbeid Nå er dere på steget «Les»." in said
    assert "Frist for fasen: 25. januar 2027, om 21 dager." in said


def test_what_waits_for_the_reader_leads_to_the_task(login: Any, at_work: Office) -> None:
    answer = login("kari").get("/unit")
    assert rows(answer, "Det som venter") == [["Les", "deg", "4. januar 2027", "25. januar 2027 (om 21 dager)"]]
    (link,) = html.fromstring(answer.text).xpath("//*[@aria-label='Det som venter']//a/@href")
    assert link == f"/tasks/{at_work.task(KARI, 'a')}"
    assert "Kari Nordmann" in rows(login("dag").get("/units/it"), "Det som venter")[0]


def test_each_employee_stands_with_status_and_dates(login: Any, at_work: Office) -> None:
    answer = login("kari").get("/unit")
    assert rows(answer, "Medarbeiderne") == [
        ["Nils Nilsen", "Lest 4. januar 2027", "Avtalt til 1. februar 2027 kl. 10.00"],
        ["Ola Nordmann", "Ikke lest ennå", "Ikke avtalt ennå"],
    ]
    assert "1 av 2 har lest (50 %)" in main(answer)
    assert "1 i gang, 1 ikke i gang" in main(answer)


def test_the_superior_reads_numbers_and_goes_down_to_a_unit(login: Any, at_work: Office) -> None:
    answer = login("dag").get("/unit")
    assert "Direktoratet" in main(answer)
    assert ["IT Kari Nordmann", "Fase 1 I gang", "1 av 2", "0 av 2 ferdig", "–"] in rows_of_below(answer)
    below = login("dag").get("/units/it")
    assert "1 av 2 har lest" in main(below)
    assert "Nils" not in below.text


def rows_of_below(answer: Any) -> list[list[str]]:
    found = html.fromstring(answer.text).xpath("//*[@aria-labelledby='below']//tbody/tr")
    return [[" ".join(" ".join(cell.itertext()).split()) for cell in row] for row in found]


def test_hr_reads_numbers_only_of_groups_that_are_large_enough(login: Any, at_work: Office) -> None:
    answer = login("hanne").get("/units/it")
    assert "færre enn 5 medarbeidere" in main(answer)
    assert "Nils" not in answer.text
    hire(at_work, 3, "it")
    assert "1 av 2 har lest" in main(login("hanne").get("/units/it"))


@pytest.mark.parametrize("who", ["nils", "pia", "per"])
def test_a_unit_is_not_for_everybody(login: Any, at_work: Office, who: str) -> None:
    assert login(who).get("/units/it").status_code == 403


def test_one_who_leads_nothing_is_told_so_and_has_no_such_place_in_the_menu(login: Any, at_work: Office) -> None:
    answer = login("nils").get("/unit")
    assert answer.status_code == 200
    assert "Du leder ingen enhet nå" in main(answer)
    first, more = menu(answer)
    assert first == ["Mine oppgaver", PLAN, "Syklusen"]
    assert {"Resultater", "Varsler", "Årsløp"} <= set(more)


def menu(answer: Any) -> tuple[list[str], list[str]]:
    """What stands in the menu, and what stands under «Mer»."""
    nav = html.fromstring(answer.text).xpath("//nav[@aria-label='Hovedmeny']")[0]
    more = [link.text for link in nav.xpath(".//details//a")]
    return [link.text for link in nav.xpath(".//a") if link.text not in more], more


def test_the_menu_is_short_for_everyone(login: Any, at_work: Office) -> None:
    assert menu(login("kari").get("/"))[0] == ["Mine oppgaver", "Min enhet", "Samtaler", PLAN, "Syklusen"]
    assert menu(login("ola").get("/"))[0] == ["Mine oppgaver", "Min enhet", "Samtaler", PLAN, "Syklusen"]
    assert menu(login("hanne").get("/"))[0] == ["Mine oppgaver", PLAN, "Oversikt", "Syklusen", "Resultater"]
    first, more = menu(login("adm").get("/"))
    assert first == ["Mine oppgaver", PLAN, "Oversikt", "Syklusen", "Resultater"]
    assert "Prosesser" in more
    assert not set(first) & set(more)


def test_the_menu_says_where_one_is(login: Any, at_work: Office) -> None:
    for address, name in (("/unit", "Min enhet"), ("/units/it", "Min enhet"), ("/cycle/strategy", "Syklusen")):
        page = html.fromstring(login("kari").get(address).text)
        assert page.xpath("//nav[@aria-label='Hovedmeny']//a[@aria-current='page']/text()") == [name]


def test_a_unit_that_is_late_says_so_in_words(login: Any, at_work: Office, clock_file: Any) -> None:
    at_work.pass_time(days=30)
    clock_file.write_text(at_work.now.isoformat())
    answer = login("kari").get("/unit")
    assert rows(answer, "Det som venter")[0][3] == "9 dager over fristen"
    assert "Forsinket" in main(answer)


def test_a_unit_that_has_done_everything_says_so(login: Any, at_work: Office) -> None:
    for element in ("a", "b", "c"):
        did(at_work, KARI, element)
    said = main(login("kari").get("/unit"))
    assert "Alt er gjort i 2027" in said
    assert "Ingenting venter på noen i enheten nå" in said
    assert "gjort 4. januar 2027 av Kari Nordmann" in said


def test_a_unit_where_nothing_has_begun(login: Any, at_work: Office) -> None:
    assert "2027 har ikke begynt i enheten" in main(login("per").get("/unit"))


def test_before_the_first_cycle(login: Any, office: Office) -> None:
    assert "Ingen syklus er i gang" in main(login("kari").get("/unit"))


def test_odd_addresses_are_answered_plainly(login: Any, at_work: Office) -> None:
    client = login("dag")
    assert client.get("/units/none").status_code == 404
    assert client.get("/units/" + "x" * 500).status_code == 404
    assert client.get("/units/it?cycle=none").status_code == 200
    assert client.get("/unit?cycle=" + "x" * 500).status_code == 200


def test_a_talk_says_how_far_it_is(login: Any, at_work: Office) -> None:
    hire(at_work, 5, "it")
    day = at_work.now
    for number, (status, dates) in enumerate(
        [
            ("held", {"held_on": day.date()}),
            ("closed", {"closed_at": day}),
            ("declined", {}),
            ("postponed", {"postponed_until": (day + timedelta(days=60)).date()}),
            ("cancelled", {}),
        ]
    ):
        talk(at_work, f"ny-{number}", status, **dates)
    said = {row[0]: row[-1] for row in rows(login("kari").get("/unit"), "Medarbeiderne")}
    assert said["Ny 0"] == "Holdt 4. januar 2027"
    assert said["Ny 1"] == "Ferdig 4. januar 2027"
    assert (said["Ny 2"], said["Ny 4"]) == ("Takket nei", "Bortfalt")
    assert said["Ny 3"] == "Utsatt til 5. mars 2027"
