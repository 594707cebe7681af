"""The directory is read once for each state of the organisation and each day, and never shows another's state."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from komp_flow import audit, organisation
from komp_flow.db import Database
from komp_flow.errors import Conflict, Invalid, NotFound
from komp_flow.organisation import Subject
from komp_flow.organisation.models import Person, PersonRole, Position, Unit


def add(db: Session, person_id: str, unit_id: str = "a", **more: object) -> Person:
    address = f"{person_id}@fjord.example"
    person = Person(
        id=person_id, name=person_id, email=address, email_key=address, unit_id=unit_id, sort_key=person_id, **more
    )
    db.add(person)
    db.add(Position(person_id=person_id, number=1, unit_id=unit_id, title="", percent=100))
    return person


@pytest.fixture
def few(database: Database) -> Database:
    with database.transaction() as db:
        db.add(Unit(id="a", name="A", sort_key="a", manager_id="eva", deputy_id="ole"))
        add(db, "eva")
        add(db, "ole")
    return database


def manager(db: Session, now: datetime) -> list[str]:
    return [holder.person_id for holder in organisation.directory(db, now).holders("manager", Subject(unit="a"))]


@pytest.mark.databases
def test_nothing_changed_gives_the_same_snapshot_and_a_change_another(few: Database, now: datetime):
    with few.reading() as db:
        first = organisation.directory(db, now)
        assert organisation.directory(db, now + timedelta(hours=3)) is first
    with few.reading() as db:
        assert organisation.directory(db, now) is first
    with few.transaction() as db:
        db.get_one(Unit, "a").manager_id = "ole"
    with few.reading() as db:
        assert manager(db, now) == ["ole"]


@pytest.mark.databases
def test_a_change_that_is_rolled_back_leaves_no_trace_in_the_cache(few: Database, now: datetime):
    class Stop(Exception):
        pass

    def change_and_fail(manager_id: str | None) -> None:
        with few.transaction() as db:
            db.get_one(Unit, "a").manager_id = manager_id
            db.flush()
            assert manager(db, now) == ["ole"]
            raise Stop

    for wrong in ("ole", None):
        with pytest.raises(Stop):
            change_and_fail(wrong)
        with few.transaction() as db:
            db.get_one(Unit, "a").name = f"Not {wrong}"
        with few.reading() as db:
            assert manager(db, now) == ["eva"]


def test_a_core_statement_is_seen_once_it_is_told(few: Database, now: datetime):
    with few.transaction() as db:
        organisation.directory(db, now)
        db.execute(update(Unit).values(manager_id="ole"))
        organisation.bump(db)
        assert manager(db, now) == ["ole"]


def test_an_absence_begins_and_ends_at_midnight_where_the_organisation_is(few: Database):
    with few.transaction() as db:
        eva = db.get_one(Person, "eva")
        eva.absence_from, eva.absence_to = date(2027, 1, 5), date(2027, 1, 6)
    with few.reading() as db:
        assert manager(db, datetime(2027, 1, 4, 22, 59, tzinfo=UTC)) == ["eva"]
        assert manager(db, datetime(2027, 1, 4, 23, 0, tzinfo=UTC)) == ["eva", "ole"]
        assert manager(db, datetime(2027, 1, 6, 22, 59, tzinfo=UTC)) == ["eva", "ole"]
        assert manager(db, datetime(2027, 1, 6, 23, 0, tzinfo=UTC)) == ["eva"]


def test_the_main_position_is_the_largest_of_those_that_run_today(few: Database, now: datetime):
    with few.transaction() as db:
        db.add(Unit(id="b", name="B", sort_key="b"))
        add(db, "siv")
        db.flush()
        db.execute(
            insert(Position.__table__),
            [
                {"person_id": "siv", "number": 2, "unit_id": "b", "title": "Til mars", "percent": 120.0,
                 "start": None, "end": date(2027, 2, 28), "main": False},
            ],
        )  # fmt: skip
        organisation.bump(db)
        assert organisation.directory(db, now).people["siv"].unit_id == "b"
        assert organisation.directory(db, now).people["siv"].units == ("a", "b")
        assert organisation.directory(db, now + timedelta(days=60)).people["siv"].unit_id == "a"


def test_one_whose_positions_have_all_ended_does_not_work_here(few: Database, now: datetime):
    with few.transaction() as db:
        db.get_one(Position, ("eva", 1)).end = now.date() - timedelta(1)
        db.flush()
        assert manager(db, now) == ["ole"]
        assert "eva" not in organisation.directory(db, now).members("a")


def test_a_substitute_acts_between_the_days(few: Database, now: datetime):
    with few.transaction() as db:
        add(db, "kim")
        db.flush()
        row = organisation.substitute(db, "eva", "kim", now, start=date(2027, 1, 4), end=date(2027, 1, 5))
        assert manager(db, now) == ["eva", "kim"]
        assert manager(db, now + timedelta(days=2)) == ["eva"]
        organisation.end_substitution(db, row.id, now)
        assert manager(db, now) == ["eva"]
        with pytest.raises(NotFound):
            organisation.end_substitution(db, row.id, now)


@pytest.mark.parametrize(
    ("substitute", "start", "end", "field"),
    [("eva", 0, 1, "substitute"), ("ole", 1, 0, "end"), ("ole", 0, 366, "end")],
)
def test_a_substitute_that_makes_no_sense_is_refused(
    few: Database, now: datetime, substitute: str, start: int, end: int, field: str
):
    first = date(2027, 1, 4)
    with few.transaction() as db, pytest.raises(Invalid) as refused:
        organisation.substitute(db, "eva", substitute, now, start=first + timedelta(start), end=first + timedelta(end))
    assert [error.field for error in refused.value.fields] == [field]


def test_a_role_is_granted_once_and_revoked_and_told_on_the_trail(few: Database, now: datetime):
    with few.transaction() as db:
        assert organisation.grant(db, "eva", "hr", now, by="ole")
        assert not organisation.grant(db, "eva", "hr", now)
        assert organisation.directory(db, now).holdings("eva").roles >= {"hr"}
        organisation.revoke(db, "eva", "hr", now)
        assert "hr" not in organisation.directory(db, now).holdings("eva").roles
        assert [event.what for event in audit.trail(db, "organisation")] == ["role-granted", "role-revoked"]
        assert not audit.verify(db)


def test_a_role_that_cannot_be_given_or_taken_says_why(few: Database, now: datetime):
    with few.transaction() as db:
        db.add(PersonRole(person_id="eva", role="hr", source="file"))
        db.get_one(Person, "ole").left_at = now
        db.flush()
        for wrong, person_id, role in (
            (Invalid, "eva", "manager"),
            (NotFound, "nobody", "hr"),
            (Conflict, "ole", "hr"),
        ):
            with pytest.raises(wrong):
                organisation.grant(db, person_id, role, now)
        with pytest.raises(Conflict, match="organisasjonsfilen"):
            organisation.revoke(db, "eva", "hr", now)
        with pytest.raises(NotFound):
            organisation.revoke(db, "eva", "union_rep", now)
