"""The pages of the registers: what each reads, the trail both ways, files for a spreadsheet."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from lxml import html

from komp_flow import vault
from komp_flow.registers import REGISTERS, Cycle, Measure, sealing
from komp_flow.registers.models import CompetenceArea, DevelopmentGoal, StrategyDocument
from registers.seeding import add, chain, cycle, others
from work import staff
from work.conftest import Office

NOW = datetime(2027, 1, 4, 8, tzinfo=UTC)


@pytest.fixture
def rows(office: Office) -> Office:
    """A whole chain, decided, and a goal that Nils and his manager can read."""
    with office.database.transaction() as db:
        staff.employ(db, ("rune", "Rune Rep", "dir", "union_rep"))
        cycle(db, NOW, decided_on=NOW.date())
        chain(db, NOW)
        others(db, NOW)
        measure = db.get_one(Measure, "central")
        measure.cost, measure.due, measure.outcome, measure.category = Decimal(350000), date(2027, 5, 1), "decided", "x"
        goal = db.get_one(DevelopmentGoal, "goal-nils")
        goal.sealed = vault.seal(db, "nils", {"goal": "Lære å sveise"}, sealing.context(goal))
    return office


def main(answer: Any) -> str:
    """What stands in the middle of the page, as one reads it."""
    assert answer.status_code == 200, answer.text
    (found,) = html.fromstring(answer.text).iter("main")
    return " ".join(found.text_content().split())


def test_the_overview_counts_what_the_reader_may_read(login: Any, rows: Office) -> None:
    shown = main(login("nils").get("/registers"))
    assert "Kompetanseområder 3 rader" in shown
    assert "Utviklingsmål 1 rad " in shown
    assert "Innspill til drøftingen 1 rad " in shown
    assert "Utviklingsmål 0 rader" in main(login("hanne").get("/registers"))
    assert "Kompetanseområder 4 rader" in main(login("hanne").get("/registers"))


def test_every_register_has_its_list_and_every_row_its_page(login: Any, rows: Office) -> None:
    for person in ("nils", "hanne", "dag", "rune", "adm"):
        client = login(person)
        for name in REGISTERS:
            page = html.fromstring(client.get(f"/registers/{name}").text)
            for address in page.xpath("//tbody/tr/th/a/@href"):
                assert main(client.get(address))
    assert login("hanne").get("/registers/nonsense").status_code == 404
    assert login("hanne").get("/registers/areas/nonsense").status_code == 404


def test_what_one_may_not_read_is_not_there(login: Any, rows: Office) -> None:
    assert login("pia").get("/registers/areas/area-it").status_code == 404
    assert login("hanne").get("/registers/goals/goal-nils").status_code == 404
    assert "Lære å sveise" in main(login("kari").get("/registers/goals/goal-nils"))
    assert "Utviklingsmål leses bare av medarbeideren selv" in main(login("hanne").get("/registers/goals"))


def test_the_recommendation_is_on_no_page_of_a_unit_before_the_decision(login: Any, rows: Office) -> None:
    with rows.database.transaction() as db:
        db.get_one(Cycle, "2027").decided_on = None
    for address in ("/registers/areas", "/registers/measures", "/registers/areas/area-it"):
        shown = main(login("kari").get(address))
        assert "Samlet" not in shown
        assert "Felles kurs" not in shown
    assert "Samlet" in main(login("rune").get("/registers/areas"))


def test_a_row_shows_what_it_says_and_the_trail_in_the_order_of_the_cycle(login: Any, rows: Office) -> None:
    shown = main(login("hanne").get("/registers/measures/central"))
    assert "Kostnad350 000 kr" in shown.replace("\xa0", " ")
    assert "Frist1. mai 2027" in shown
    order = ["Område it", "Samlet", "Kurs i it", "denne raden", "Vedtak Felles kurs", "Betydning for enhetene",
             "Vårt kurs", "Rapportert effekt", "For få har det i planen sin"]  # fmt: skip
    trail = shown[shown.index("Sporet fra forslag til effekt") :]
    assert [trail.index(each) for each in order] == sorted(trail.index(each) for each in order)


def test_a_conclusion_is_read_by_the_unit_and_by_union_representatives(login: Any, rows: Office) -> None:
    for person in ("ola", "kari", "hanne", "rune"):
        assert "Klarspråk først" in main(login(person).get("/registers/conclusions/conclusion-it")), person
    assert login("pia").get("/registers/conclusions/conclusion-it").status_code == 404
    assert login("rune").get("/registers/discussions/minutes-it").status_code == 404


def test_a_list_is_narrowed_by_unit_stage_area_and_words(login: Any, rows: Office) -> None:
    client = login("hanne")

    def names(query: str, register: str = "measures") -> list[str]:
        page = html.fromstring(client.get(f"/registers/{register}?{query}").text)
        return [link.text_content() for link in page.xpath("//tbody/tr/th/a")]

    assert names("unit=law") == ["Kurs i law"]
    assert names("stage=local") == ["Vårt kurs"]
    assert names("area=merged") == ["Felles kurs"]
    assert names("text=vårt") == ["Vårt kurs"]
    assert names("cycle=all") == names("cycle=2027")
    assert "Bare det som gjelder «Samlet»" in main(client.get("/registers/measures?area=merged"))
    assert "Ingenting passer" in main(client.get("/registers/measures?text=finnesikke"))


def test_a_long_list_has_pages(login: Any, rows: Office) -> None:
    with rows.database.transaction() as db:
        for number in range(60):
            add(db, NOW, CompetenceArea, f"n{number}", unit_id="it", stage="proposed", area=f"Nummer {number}")
    page = html.fromstring(login("kari").get("/registers/areas?stage=proposed").text)
    assert len(page.xpath("//tbody/tr")) == 50
    (following,) = page.xpath("//a[@rel='next']/@href")
    assert len(html.fromstring(login("kari").get(following).text).xpath("//tbody/tr")) == 11


def test_a_list_is_downloaded_in_words_and_without_formulas(login: Any, rows: Office) -> None:
    with rows.database.transaction() as db:
        db.get_one(Measure, "measure-law").name = "+47 22 00 00 00"
    answer = login("hanne").get("/registers/measures?format=csv")
    assert answer.content_type == "text/csv; charset=utf-8"
    text = answer.data.decode("utf-8-sig")
    heading, *lines = text.split("\r\n")
    assert heading.startswith("Tiltak;Syklus;Stadium;Enhet;Område;Kostnad;Vedtak;")
    assert lines[0].startswith("Felles kurs;2027;Innstilt;;Samlet;350000,00;Vedtatt;")
    assert [line for line in lines if line.startswith("'+47 22 00 00 00;2027;Foreslått av enhet;Juss;Område law;")]


def test_a_link_is_a_link_only_where_it_leads_to_the_web(login: Any, rows: Office) -> None:
    with rows.database.transaction() as db:
        add(db, NOW, StrategyDocument, "d1", title="Strategi", link="https://intranett.example.org/strategi")
        add(db, NOW, StrategyDocument, "d2", title="Felle", link="javascript:alert(1)")
    given = [{"name": "Strategi.pdf", "link": "/files/0b0f2c5e-6c1c-4f4c-9e5a-0d6a2a1f9c11"}]
    with rows.database.transaction() as db:
        add(db, NOW, StrategyDocument, "d3", title="Fil", extra={"file": given})
    row = html.fromstring(login("nils").get("/registers/documents/d3").text)
    assert [(link.get("href"), link.text) for link in row.xpath("//dd/a")] == [(given[0]["link"], "Strategi.pdf")]
    page = html.fromstring(login("nils").get("/registers/documents").text)
    assert page.xpath("//td/a/@href") == ["https://intranett.example.org/strategi"]


def test_plans_are_listed_and_downloaded_by_those_who_may(login: Any, rows: Office) -> None:
    for person in ("nils", "kari", "hanne", "dag", "rune"):
        assert "Samtaler og planer" in main(login(person).get("/registers/plans"))
    answer = login("kari").get("/registers/plans?format=csv")
    assert answer.data.decode("utf-8-sig").startswith("Ansattnummer;Medarbeider;Enhet;Syklus;Status;Avtalt tid;Holdt;")


def test_nobody_without_a_cycle_meets_an_error(login: Any, office: Office) -> None:
    for address in ("/registers", "/registers/areas", "/registers/plans", "/registers/goals?format=csv"):
        assert login("nils").get(address).status_code == 200
