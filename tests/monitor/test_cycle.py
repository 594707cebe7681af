"""The cycle's pages for everyone, and what stands of it on the start page."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from lxml import html

from komp_flow.registers.models import GlossaryTerm, Measure, StrategyDocument
from monitor.test_views import main
from work.conftest import Office
from work.staff import NILS
from work.test_part import changed, kept
from work.test_unit import cycle, reading, set_up, talk

__all__ = ["cycle"]

PAGES = ("/cycle", "/cycle/phases", "/cycle/strategy", "/cycle/glossary")


def parts(answer: Any) -> dict[str, list[str]]:
    """What is asked of the reader: the name, and how it stands with what it says."""
    found = html.fromstring(answer.text).xpath("//ol[@class='steps-list']/li")
    read = ([" ".join(each.itertext()).split() for each in li] for li in found)
    return {" ".join(li.xpath(".//strong")[0].text_content().split()): [" ".join(each) for each in said]
            for li, said in zip(found, read, strict=True)}  # fmt: skip


@pytest.mark.parametrize("who", ["nils", "kari", "dag", "hanne", "eier", "adm", "pia"])
def test_every_page_is_for_everyone(login: Any, cycle: Office, who: str) -> None:
    for address in PAGES:
        answer = login(who).get(address)
        assert answer.status_code == 200
        assert "2027" in main(answer)


@pytest.mark.parametrize("address", PAGES)
def test_before_the_first_cycle_the_pages_stand(login: Any, office: Office, address: str) -> None:
    assert login("nils").get(address).status_code == 200


def test_an_employee_finds_what_the_cycle_asks_from_the_start_page(login: Any, cycle: Office) -> None:
    reading(cycle, "nils")
    answer = login("nils").get("/")
    said = parts(answer)
    assert list(said) == [
        "Les strategigrunnlaget",
        "Vær med på kompetansedrøftingen",
        "Ha mål- og utviklingssamtalen din",
        "Les den vedtatte strategien",
        "Følg opp utviklingsplanen",
    ]
    (link,) = html.fromstring(answer.text).xpath("//ol[@class='steps-list']//a/@href")
    assert link == f"/tasks/{cycle.task(NILS, 'r')}"
    assert "Samtalene skal være holdt innen 26. april 2027, om 112 dager." in main(answer)
    assert html.fromstring(answer.text).xpath("//main//a[@href='/cycle']")


def test_what_is_done_and_what_is_agreed_stands_with_its_date(login: Any, cycle: Office) -> None:
    reading(cycle, "nils", read=True)
    talk(cycle, "nils", "invited", talk_at=cycle.now + timedelta(days=7))
    answer = login("nils").get("/cycle")
    assert "gjort 4. januar 2027" in parts(answer)["Les strategigrunnlaget"][0]
    assert parts(answer)["Ha mål- og utviklingssamtalen din"][1] == "Samtalen er 11. januar 2027 kl. 09.00."
    assert "Det du har sendt inn (1) Les og bekreft" in main(answer)


def test_the_calendar_shows_what_is_passed_and_what_is_next(login: Any, cycle: Office, clock_file: Any) -> None:
    cycle.pass_time(days=30)
    clock_file.write_text(cycle.now.isoformat())
    page = html.fromstring(login("nils").get("/cycle").text)
    (following,) = page.xpath("//ol[@class='timeline']/li[@aria-current='step']")
    assert "8. mars 2027" in following.text_content()
    assert len(page.xpath("//ol[@class='timeline']/li[@data-past]")) == 1
    assert len(page.xpath("//ol[@class='timeline']/li")) == 10
    assert not page.xpath("//main//a[text()='Flytt datoer']")
    assert html.fromstring(login("hanne").get("/cycle").text).xpath("//main//a[text()='Flytt datoer']")


def test_those_who_lead_come_from_the_cycle_to_their_unit(login: Any, cycle: Office) -> None:
    page = html.fromstring(login("kari").get("/cycle").text)
    assert page.xpath("//main//a[contains(., 'Se enheten')]/@href") == ["/units/it"]
    assert "Som medarbeider i Direktoratet" in page.text_content()


def test_the_strategys_documents_stand_by_kind_with_links_that_lead_out(login: Any, cycle: Office) -> None:
    kept(cycle, StrategyDocument, id="1", kind="leadership", title="God ledelse", link="https://example.org/l")
    kept(cycle, StrategyDocument, id="2", kind="vision", title="Visjonen", link="javascript:alert(1)", note="Les den")
    page = html.fromstring(login("nils").get("/cycle/strategy").text)
    assert page.xpath("//dl[@class='answers']//dt/text()") == ["Visjon", "Lederprinsipper"]
    assert page.xpath("//dl[@class='answers']//a/@href") == ["https://example.org/l"]


def test_the_decided_strategy_is_shown_when_it_is_out(login: Any, cycle: Office) -> None:
    kept(cycle, Measure, name="Opplæring for alle", scope="central", stage="recommended", outcome="changed",
         responsible="hanne", due=date(2027, 10, 1), indicator="Andel som har deltatt")  # fmt: skip
    hidden = login("dag").get("/cycle/strategy")
    assert "ikke vedtatt og sendt ut ennå" in main(hidden)
    assert "Opplæring" not in hidden.text
    changed(cycle, distributed_at=cycle.now, decided_on=date(2027, 1, 4))
    said = main(login("nils").get("/cycle/strategy"))
    assert "Vedtatt 4. januar 2027." in said
    assert "Opplæring for alle vedtatt med endring Hanne Hr 1. oktober 2027 Andel som har deltatt" in said


def test_who_does_what_stands_with_the_guidance(login: Any, cycle: Office) -> None:
    said = main(login("nils").get("/cycle/phases"))
    assert "En gang i året finner vi ut hva slags kompetanse vi trenger" in said
    assert "Leder: Avtal samtalen" in said or "Leder: Les" in said


def test_the_words_of_the_cycle_come_before_those_of_the_process(login: Any, cycle: Office) -> None:
    kept(cycle, GlossaryTerm, term="Fjordblikk", definition="Å se langt.")
    said = main(login("nils").get("/cycle/glossary"))
    assert said.index("Fjordblikk") < said.index("Målnedbryting")


def test_a_cycle_that_is_over_can_still_be_read(login: Any, cycle: Office) -> None:
    set_up(cycle, "2026", date(2026, 1, 5))
    page = html.fromstring(login("nils").get("/cycle?cycle=2026").text)
    assert page.xpath("//h1/text()") == ["2026"]
    assert page.xpath("//main//nav//a[text()='Begreper']/@href") == ["/cycle/glossary?cycle=2026"]


def test_in_nynorsk_and_english(login: Any, cycle: Office) -> None:
    client = login("nils")
    for language, said in (("nn", "Min del i det"), ("en", "My part in it")):
        client.post("/language", data={"language": language, "next": "/cycle"})
        assert said in main(client.get("/cycle"))
