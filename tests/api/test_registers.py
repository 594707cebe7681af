"""Who I am, units, people, cycles, and the registers that policy bounds."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from api.conftest import Office, Program
from komp_flow import vault
from komp_flow.registers import Cycle, Measure, sealing
from komp_flow.registers.models import DevelopmentGoal
from registers.seeding import chain, cycle, others
from work.staff import employ

NOW = datetime(2027, 1, 4, 8, tzinfo=UTC)


@pytest.fixture
def rows(office: Office) -> None:
    """Everything from two units' proposals to a reported effect, before the decision; two more people at work."""
    with office.database.transaction() as db:
        employ(db, ("tove", "Tove Topp", "dir", "top_management"), ("rune", "Rune Rep", "dir", "union_rep"))
        cycle(db, NOW)
        chain(db, NOW)
        others(db, NOW)
        measure = db.get_one(Measure, "measure-it")
        measure.cost, measure.due = Decimal("12.50"), date(2027, 5, 1)
        goal = db.get_one(DevelopmentGoal, "goal-nils")
        goal.sealed = vault.seal(db, "nils", {"goal": "Lære å sveise"}, sealing.context(goal))


def test_me(program: Callable[..., Program]) -> None:
    body = program("kari", "tasks", "registers").get("/me").get_json()
    assert (body["person"], body["name"], body["email"]) == ("kari", "Kari Nordmann", "kari@example.org")
    assert body["roles"] == []
    (unit,) = body["units"]
    assert (unit["id"], unit["name"]) == ("it", "IT")
    assert "manager" in unit["roles"]
    assert body["scopes"] == ["registers", "tasks"]
    assert program("hanne").get("/me").get_json()["roles"] == ["hr"]


def test_units_and_people_are_listed_by_name(kari: Program) -> None:
    units = kari.get("/units").get_json()
    assert [unit["name"] for unit in units["items"]] == ["Direktoratet", "IT", "Juss"]
    assert units["items"][1] == {
        "id": "it", "name": "IT", "parent": "dir", "manager": "kari", "deputy": "ola", "org_number": None,
        "closed": False,
    }  # fmt: skip
    people = kari.get("/people?page_size=2&page=2").get_json()
    assert (people["total"], people["page"], people["page_size"], len(people["items"])) == (9, 2, 2, 2)
    assert [person["id"] for person in kari.get("/people?unit=law").get_json()["items"]] == ["per", "pia"]


def test_cycles_have_their_calendar(kari: Program, rows: None) -> None:
    (cycle,) = kari.get("/cycles").get_json()["items"]
    assert (cycle["id"], cycle["start"], cycle["end"]) == ("2027", "2027-01-04", "2027-12-31")
    assert cycle["dates"]


def test_a_register_has_the_rows_that_policy_lets_one_see(
    program: Callable[..., Program], kari: Program, rows: None
) -> None:
    assert [row["id"] for row in kari.get("/areas").get_json()["items"]] == ["area-it"]
    assert kari.get("/areas?unit=law").get_json()["total"] == 0
    hanne = program("hanne")
    assert [row["id"] for row in hanne.get("/areas?stage=proposed").get_json()["items"]] == ["area-it", "area-law"]
    assert [row["id"] for row in hanne.get("/measures?unit=law&cycle=2027").get_json()["items"]] == ["measure-law"]
    assert hanne.get("/measures?cycle=2026").get_json()["items"] == []
    assert hanne.get("/decisions?cycle=2026").get_json() == {"items": [], "total": 0, "page": 1, "page_size": 50}
    assert [row["id"] for row in hanne.get("/measures?area=merged&text=FELLES").get_json()["items"]] == ["central"]


def test_a_row_is_written_with_plain_numbers_dates_and_names(program: Callable[..., Program], rows: None) -> None:
    row = program("hanne").get("/measures?unit=it&stage=proposed").get_json()["items"][0]
    assert (row["cost"], row["due"], row["unit"], row["cycle"]) == (12.5, "2027-05-01", "it", "2027")
    assert (row["unit_name"], row["area"], row["area_name"]) == ("IT", "area-it", "Område it")


def test_a_persons_goals_are_theirs_and_their_managers(program: Callable[..., Program], rows: None) -> None:
    for person in EVERYONE:
        found = program(person).get("/goals").get_json()
        assert found["total"] == (1 if person in {"nils", "kari"} else 0), person
        for row in found["items"]:
            assert row["goal"] == "Lære å sveise"


REGISTERS = (
    "documents", "glossary", "unit-goals", "areas", "measures", "actions", "decisions", "implementations", "goals",
    "effects", "input", "discussions", "conclusions",
)  # fmt: skip
OF_IT = {"area-it", "measure-it", "touched", "local", "aim-it", "minutes-it", "conclusion-it"}
OF_LAW = {"area-law", "measure-law", "aim-law"}
RECOMMENDATION = {"merged", "recommended", "central", "decision", "reported"}
STRATEGY = {"vision", "word"}
SEEN = {  # before the decision; process.md section 5
    "nils": STRATEGY | OF_IT | {"goal-nils", "felt", "said"},
    "kari": STRATEGY | OF_IT | {"goal-nils", "felt", "said"},
    "ola": STRATEGY | OF_IT,  # a colleague, and the deputy of one who is there
    "pia": STRATEGY | OF_LAW,
    "per": STRATEGY | OF_LAW,
    "hanne": STRATEGY | OF_IT | OF_LAW | RECOMMENDATION | {"said"},
    "eier": STRATEGY | OF_IT | OF_LAW | RECOMMENDATION | {"said"},
    "dag": STRATEGY | OF_IT | OF_LAW | RECOMMENDATION | {"said"},  # leads the unit above both
    "tove": STRATEGY | OF_IT | OF_LAW | RECOMMENDATION,  # top management, and leads nobody
    "rune": STRATEGY | RECOMMENDATION | {"conclusion-it"},  # a union representative
    "adm": STRATEGY,
}
EVERYONE = tuple(SEEN)


@pytest.mark.parametrize("decided", [False, True])
def test_everyone_reads_what_the_table_says_in_lists_and_row_by_row(
    office: Office, program: Callable[..., Program], rows: None, decided: bool
) -> None:
    if decided:
        with office.database.transaction() as db:
            db.get_one(Cycle, "2027").decided_on = NOW.date()
    everything = set().union(*SEEN.values())
    for person, seen in SEEN.items():
        reader = program(person)
        listed = {name: {row["id"] for row in reader.get(f"/{name}").get_json()["items"]} for name in REGISTERS}
        assert set().union(*listed.values()) == seen | (RECOMMENDATION if decided else set()), person
        for name in ("areas", "goals", "decisions", "input"):
            for row_id in everything:
                status = reader.get(f"/{name}/{row_id}").status_code
                assert status == (200 if row_id in listed[name] else 404), (person, name, row_id)


def test_a_trail_has_only_what_the_reader_may_read(program: Callable[..., Program], rows: None) -> None:
    def after(person: str) -> list[str]:
        trail = program(person).get("/areas/area-it").get_json()["trail"]
        return [row["id"] for step in trail["after"] for row in step["rows"]]

    assert after("ola") == ["measure-it", "touched", "local"]
    assert after("nils") == ["measure-it", "touched", "local", "goal-nils", "felt"]
    assert after("hanne") == [
        "merged", "recommended", "measure-it", "central", "decision", "touched", "local", "reported",
    ]  # fmt: skip


def test_a_row_has_its_origin_and_its_trail(office: Office, program: Callable[..., Program], rows: None) -> None:
    with office.database.transaction() as db:
        row = db.get_one(Measure, "central")
        row.process, row.element, row.by = "cycle", "A5", "hanne"
    found = program("hanne").get("/measures/central").get_json()
    assert (found["register"], found["name"], found["area_name"]) == ("measures", "Felles kurs", "Samlet")
    assert (found["origin"]["element"], found["origin"]["by_name"]) == ("A5", "Hanne Hr")
    assert [(step["register"], step["stage"], step["total"]) for step in found["trail"]["before"]] == [
        ("areas", "proposed", 2), ("areas", "merged", 1), ("measures", "proposed", 2),
    ]  # fmt: skip
    assert found["trail"]["goals"] == {"people": None, "effect": None}  # one person: nobody is told how many
    assert program("nils").get("/measures/local").get_json()["trail"]["goals"] is None


@pytest.mark.parametrize("asked", [{"query_string": {"format": "csv"}}, {"headers": {"Accept": "text/csv"}}])
def test_a_list_is_had_as_a_file(
    office: Office, program: Callable[..., Program], rows: None, asked: dict[str, Any]
) -> None:
    with office.database.transaction() as db:
        db.get_one(Measure, "measure-law").name = '=HYPERLINK("x")'
    answer = program("hanne").get("/measures", **asked)
    assert (answer.status_code, answer.content_type) == (200, "text/csv; charset=utf-8")
    assert "measures.csv" in answer.headers["Content-Disposition"]
    assert answer.data.startswith(b"\xef\xbb\xbfid;cycle;unit;unit_name;")
    lines = list(csv.DictReader(answer.data.decode("utf-8-sig").splitlines(), delimiter=";"))
    found = {line["id"]: line for line in lines}
    assert [line["unit_name"] for line in lines] == ["", "IT", "IT", "Juss"]
    assert found["measure-law"]["name"] == '\'=HYPERLINK("x")'
    assert found["measure-it"]["cost"] == "12.50"


def test_a_register_that_asks_for_json_gets_it(program: Callable[..., Program], rows: None) -> None:
    answer = program("hanne").get("/areas", headers={"Accept": "application/json, text/csv;q=0.5"})
    assert answer.content_type == "application/json"
    assert program("hanne").get("/areas?format=xml").status_code == 422
