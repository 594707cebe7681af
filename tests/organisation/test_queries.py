"""Lists of units and people, sorted as in Norwegian."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from komp_flow import organisation
from komp_flow.organisation import Directory, queries
from komp_flow.organisation.models import Person, Position, Unit
from organisation.organisations import directory, person, unit


def house() -> Directory:
    return directory(
        unit("1", name="Ledelsen"),
        unit("2", "1", name="Øst"),
        unit("3", "1", name="Ærlig"),
        unit("4", "3", name="Aas"),
        unit("5", "1", name="Nedlagt", closed=True),
        person("p1", "1", name="Øyvind Ås", email="oas@fjord.example"),
        person("p2", "3", name="Ågot Bø", email="abo@fjord.example"),
        person("p3", "4", name="Zara Næss", email="zn@fjord.example"),
        person("p4", "4", name="Gone Girl", employed=False),
    )


def test_the_tree_is_read_from_the_top_with_siblings_by_name():
    (top,) = queries.units_tree(house())
    assert [(node.unit.name, node.level, node.members) for node in top.walk()] == [
        ("Ledelsen", 1, 1), ("Ærlig", 2, 1), ("Aas", 3, 1), ("Øst", 2, 0),
    ]  # fmt: skip


def test_closed_units_and_those_who_left_are_listed_only_if_asked_for():
    assert [u.name for u in queries.units(house())] == ["Ledelsen", "Ærlig", "Øst", "Aas"]
    assert len(queries.units(house(), closed=True)) == 5
    assert [p.id for p in queries.people(house())] == ["p3", "p1", "p2"]
    assert "p4" in [p.id for p in queries.people(house(), gone=True)]


def test_people_of_a_unit_and_of_those_below_it():
    assert [p.id for p in queries.people(house(), unit="3")] == ["p2"]
    assert [p.id for p in queries.people(house(), unit="3", below=True)] == ["p3", "p2"]
    assert queries.people(house(), unit="nowhere") == []


def test_a_search_finds_names_addresses_and_numbers_with_every_word_and_no_more_than_asked():
    def found(text: str, limit: int = 20) -> list[str]:
        return [p.id for p in queries.search(house(), text, limit)]

    assert found("øy") == ["p1"]
    assert found("ås") == ["p1"]
    assert found("NÆSS zara") == ["p3"]
    assert found("zara bø") == []
    assert found("abo@") == ["p2"]
    assert found("P2") == ["p2"]
    assert found("fjord.example", limit=2) == ["p3", "p1"]
    assert found("  ") == found("…") == found("gone") == []


def test_free_days_and_substitutes_are_listed_in_order(db: Session, now: datetime):
    db.add(Unit(id="a", name="A", sort_key="a"))
    for person_id in ("eva", "ole"):
        db.add(Person(id=person_id, name=person_id, email=person_id, email_key=person_id, unit_id="a", sort_key=""))
        db.add(Position(person_id=person_id, number=1, unit_id="a"))
    db.flush()
    assert queries.has_people(db)
    today = date(2027, 1, 4)
    for days in (5, -9, 2):
        first = today + timedelta(days)
        organisation.substitute(db, "eva", "ole", now, start=first, end=first + timedelta(3))
        organisation.close_day(db, first, f"Dag {days}", now)
    assert [row.name for row in queries.closing_days(db)] == ["Dag -9", "Dag 2", "Dag 5"]
    assert [row.start.day for row in queries.substitutions(db, today)] == [6, 9]


def test_before_the_first_import_there_is_nobody(db: Session, now: datetime):
    assert not queries.has_people(db)
    assert organisation.directory(db, now).tops() == ()
