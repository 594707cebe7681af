"""Who I am, units, people, cycles, and the registers that policy bounds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from api.conftest import Office, Program
from komp_flow.registers import Cycle, Measure
from komp_flow.registers.models import CompetenceArea, DevelopmentGoal

NOW = datetime(2027, 1, 4, 8, tzinfo=UTC)


@pytest.fixture
def rows(office: Office) -> None:
    """A cycle, an area and a measure of each of two units, and a goal of one person."""
    with office.database.transaction() as db:
        db.add(
            Cycle(id="2027", name="Syklus 2027", starts_on=date(2027, 1, 1), ends_on=date(2027, 12, 31), created_at=NOW)
        )
        more = {"created_at": NOW, "updated_at": NOW, "cycle_id": "2027", "origin": "test"}
        for unit in ("it", "law"):
            db.add(CompetenceArea(id=f"area-{unit}", unit_id=unit, row_id=unit, area=f"Område {unit}", **more))
            db.add(
                Measure(id=f"m-{unit}", unit_id=unit, row_id=unit, name="Kurs", cost=Decimal("12.50"),
                        due=date(2027, 5, 1), **more)
            )  # fmt: skip
        db.add(DevelopmentGoal(id="g1", unit_id="it", person_id="nils", row_id="g", goal="Lære å sveise", **more))


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
    assert (cycle["id"], cycle["start"], cycle["end"]) == ("2027", "2027-01-01", "2027-12-31")
    assert cycle["dates"]


def test_a_register_has_the_rows_that_policy_lets_one_see(
    program: Callable[..., Program], kari: Program, rows: None
) -> None:
    assert [row["id"] for row in kari.get("/areas").get_json()["items"]] == ["area-it"]
    assert kari.get("/areas?unit=law").get_json()["total"] == 0
    hanne = program("hanne")
    assert [row["id"] for row in hanne.get("/areas").get_json()["items"]] == ["area-it", "area-law"]
    assert [row["id"] for row in hanne.get("/measures?unit=law&cycle=2027").get_json()["items"]] == ["m-law"]
    assert hanne.get("/measures?cycle=2026").get_json()["items"] == []
    assert hanne.get("/decisions").get_json() == {"items": [], "total": 0, "page": 1, "page_size": 50}


def test_a_row_is_written_with_plain_numbers_and_dates(program: Callable[..., Program], rows: None) -> None:
    row = program("hanne").get("/measures?unit=it").get_json()["items"][0]
    assert (row["cost"], row["due"], row["unit"], row["cycle"]) == (12.5, "2027-05-01", "it", "2027")


def test_a_persons_goals_are_theirs_and_their_managers(program: Callable[..., Program], rows: None) -> None:
    for person, total in (("nils", 1), ("kari", 1), ("ola", 0), ("per", 0), ("hanne", 0), ("eier", 0)):
        assert program(person).get("/goals").get_json()["total"] == total, person
