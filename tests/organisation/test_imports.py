"""The organisation files: what is kept, what changes, and that nothing is half-imported."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from komp_flow import audit, organisation
from komp_flow.db import Database
from komp_flow.organisation import ImportReport, Subject
from komp_flow.organisation.models import OrganisationState, Person, PersonRole, Position, Unit
from organisation.files import PEOPLE, UNITS, with_cell, without_line

Load = Callable[..., ImportReport]


@pytest.fixture
def load(db: Session, now: datetime) -> Load:
    def load(units: str = UNITS, people: str = PEOPLE, *, encoding: str = "utf-8", **more: object) -> ImportReport:
        report = organisation.import_files(db, units.encode(encoding), people.encode(encoding), now, **more)
        assert not report.errors
        return report

    return load


def kinds(report: ImportReport) -> list[tuple[str, str, str]]:
    return [(change.what, change.kind, change.id) for change in report.changes]


def test_all_that_the_files_say_is_kept(db: Session, load: Load, now: datetime):
    assert load().written
    found = organisation.directory(db, now)
    assert found.units["top"][:5] == ("top", "Direktoratet", None, "e1", "e2")
    assert found.units["top"].org_number == "123456785"
    assert found.units["a"].parent_id == "top"
    per = found.people["e3"]
    assert (per.name, per.email, per.language, per.unit_id, per.title) == (
        "Per Ås", "per@fjord.example", "en", "a", "Rådgiver",
    )  # fmt: skip
    assert (per.units, per.manager_id, per.roles) == (("a", "b"), "e2", {"hr", "union_rep"})
    assert (found.people["e2"].absent, found.people["e2"].absent_until) == (True, date(2027, 3, 3))
    assert found.people["e4"].language == "nb"
    assert db.get_one(Position, ("e4", 1)).percent == 50.5
    assert db.get_one(Position, ("e3", 2)).end == date(2027, 6, 30)
    assert [holder.person_id for holder in found.holders("manager", Subject(unit="b"))] == ["e4"]


@pytest.mark.databases
def test_the_same_files_twice_change_nothing(db: Session, load: Load):
    load()
    stamp = db.scalars(select(OrganisationState.stamp)).one()
    again = load()
    assert (again.changes, again.written) == ((), False)
    assert db.scalars(select(OrganisationState.stamp)).one() == stamp
    assert "Alt er som før. Ingenting er endret." in again.summary()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ","])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_encodings_delimiters_and_line_ends(load: Load, db: Session, encoding: str, delimiter: str, line_end: str):
    people = PEOPLE.replace("50,5", "50.5").replace("hr, union_rep", '"hr, union_rep"')
    load(
        UNITS.replace(";", delimiter).replace("\n", line_end),
        people.replace(";", delimiter).replace("\n", line_end),
        encoding=encoding,
    )
    assert db.get_one(Person, "e2").name == "Åse Øye"
    assert db.scalars(select(PersonRole.role).where(PersonRole.person_id == "e3").order_by(PersonRole.role)).all() == [
        "hr",
        "union_rep",
    ]


def test_columns_in_any_order_white_space_quotes_empty_lines_and_a_last_delimiter(load: Load, db: Session):
    units = (
        '\n NAME ; unit_id; parent_id;"org_number"; manager_id; deputy_id;\n\n'
        ' "Avdeling; med ""anførsel""" ;  a ; ;123 456 785;e1;;\n;;;;;;\n'
    )
    people = (
        "employee_id;name;email;unit_id;manager_id;position;percent;start;end;absence_from;absence_to;language\n"
        'e1;" Kari\n Nes ";KARI@fjord.example;a;;"Sjef\nfor alt";;;;;;NN'
    )
    load(units, people)
    assert db.get_one(Unit, "a").name == 'Avdeling; med "anførsel"'
    assert db.get_one(Unit, "a").org_number == "123456785"
    kari = db.get_one(Person, "e1")
    assert (kari.name, kari.title, kari.language, kari.email) == (
        "Kari Nes",
        "Sjef for alt",
        "nn",
        "KARI@fjord.example",
    )
    assert db.get_one(Position, ("e1", 1)).percent == 100


def test_letters_in_two_parts_become_one(load: Load, db: Session):
    load(people=PEOPLE.replace("Åse", "A\u030ase"))
    assert db.get_one(Person, "e2").name == "Åse Øye"


def test_a_dry_run_tells_what_would_change_and_changes_nothing(database: Database, now: datetime):
    with database.reading() as db:
        report = organisation.import_files(db, UNITS.encode(), PEOPLE.encode(), now, dry_run=True)
        assert report.counts == {"unit-new": 3, "person-new": 4}
        assert not report.written
        assert report.summary()[-1] == "Dette var en prøve. Ingenting er endret."
        assert db.scalar(select(func.count()).select_from(Person)) == 0


@pytest.mark.databases
def test_a_person_who_is_gone_has_left_and_may_come_back(db: Session, load: Load, now: datetime):
    load()
    organisation.grant(db, "e3", "process_owner", now)
    gone = load(people="\n".join(row for row in PEOPLE.splitlines() if not row.startswith("e3")))
    assert kinds(gone) == [("person", "left", "e3")]
    assert db.get_one(Person, "e3").left_at == now
    assert not organisation.directory(db, now).people["e3"].employed
    assert db.scalars(select(PersonRole.source).where(PersonRole.person_id == "e3")).all() == ["grant"]
    assert kinds(load()) == [("person", "returned", "e3")]
    assert organisation.directory(db, now).people["e3"].roles == {"hr", "union_rep", "process_owner"}


@pytest.mark.databases
def test_a_unit_that_is_gone_is_closed_never_deleted_and_may_open_again(db: Session, load: Load, now: datetime):
    load()
    people = PEOPLE.replace(";b;", ";a;")
    closed = load(without_line(UNITS, 4), people)
    assert kinds(closed) == [("unit", "closed", "b"), ("person", "changed", "e3"), ("person", "changed", "e4")]
    assert db.get_one(Unit, "b").closed_at == now
    assert organisation.directory(db, now).units["b"].closed
    assert ("unit", "reopened", "b") in kinds(load())
    assert db.get_one(Unit, "b").closed_at is None


def test_changes_are_told_field_by_field(load: Load):
    load()
    changed = load(with_cell(UNITS, 3, "name", "Avdeling B"), with_cell(PEOPLE, 6, "percent", "80"))
    assert [str(change) for change in changed.changes] == [
        "a Avdeling B (name: Avdeling Å → Avdeling B)",
        "e4 Ola Bø (positions: 50.5 % → 80 %)",
    ]
    assert "Endrede enheter: 1" in changed.summary()


@pytest.mark.parametrize(
    "line_column_value",
    [
        "6 name Bøe", "6 email ola.bo@fjord.example", "6 email OLA@fjord.example", "6 unit_id a", "6 manager_id e1",
        "6 position Sjef", "6 percent 51", "6 language nn", "6 start 2026-01-01", "6 end 2028-01-01",
        "6 absence_from 2027-01-01", "6 roles hr", "5 unit_id top", "5 position Leder", "4 roles hr", "5 percent 70",
        "5 end 2027-07-01",
    ],
)  # fmt: skip
def test_every_cell_of_a_person_can_change(load: Load, line_column_value: str):
    line, column, value = line_column_value.split()
    load()
    changed = load(people=with_cell(PEOPLE, int(line), column, value))
    assert len(changed.changes) == 1
    assert changed.changes[0].fields
    assert not load(people=with_cell(PEOPLE, int(line), column, value)).changes
    assert len(load().changes) == 1
    assert not load().changes


@pytest.mark.databases
def test_two_people_may_swap_addresses_and_a_new_one_take_over_that_of_one_who_left(
    db: Session, load: Load, now: datetime
):
    load()
    swapped = PEOPLE.replace("ola@", "x@").replace("kari.nes@", "ola@").replace("x@", "kari.nes@")
    assert kinds(load(people=swapped)) == [("person", "changed", "e1"), ("person", "changed", "e4")]
    taken = with_cell(swapped, 6, "employee_id", "e9")
    units = with_cell(UNITS, 4, "deputy_id", "e9")
    assert kinds(load(units, taken)) == [("unit", "changed", "b"), ("person", "new", "e9"), ("person", "left", "e4")]


def test_a_second_position_may_become_the_main_one(db: Session, load: Load, now: datetime):
    load()
    load(people=with_cell(PEOPLE, 5, "percent", "80"))
    assert organisation.directory(db, now).people["e3"].unit_id == "b"
    assert db.get_one(Person, "e3").unit_id == "b"
    assert [
        p.main for p in db.scalars(select(Position).where(Position.person_id == "e3").order_by(Position.number))
    ] == [
        False,
        True,
    ]


def test_the_import_is_on_the_trail_with_counts_only(db: Session, load: Load, now: datetime):
    load(by="e1")
    event = audit.trail(db, "organisation")[0]
    assert (event.what, event.by, event.detail) == ("organisation-imported", "e1", {"person-new": 4, "unit-new": 3})


def test_what_looks_wrong_is_pointed_out(load: Load):
    assert load().warnings == ("Én enhet har ingen leder.",)
    few = load(
        with_cell(with_cell(UNITS, 3, "manager_id", ""), 4, "deputy_id", ""),
        without_line(without_line(without_line(PEOPLE, 6), 5), 4),
    )
    assert few.warnings == (
        "2 av 4 medarbeidere mangler i filen og regnes som sluttet.",
        "Ingen har rollen hr. Oppgaver i enheter uten leder når da ikke fram til noen.",
        "2 enheter har ingen leder.",
    )


def test_a_mistake_anywhere_leaves_everything_as_it_was(db: Session, load: Load, now: datetime):
    load()
    changed = with_cell(UNITS, 2, "name", "Nytt navn").encode()
    report = organisation.import_files(db, changed, with_cell(PEOPLE, 6, "email", "").encode(), now)
    assert [(error.file, error.line, error.field) for error in report.errors] == [("people", 6, "email")]
    assert not report.written
    assert report.summary() == ["Fant én feil i filene."]
    db.expire_all()
    assert db.get_one(Unit, "top").name == "Direktoratet"


@pytest.mark.databases
def test_two_imports_at_once_come_one_after_the_other(database: Database, now: datetime):
    reports: list[ImportReport] = []
    start = threading.Barrier(3)

    def load(hours: int) -> None:
        start.wait()
        with database.transaction() as db:
            reports.append(organisation.import_files(db, UNITS.encode(), PEOPLE.encode(), now + timedelta(hours=hours)))

    threads = [threading.Thread(target=load, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(len(report.changes) for report in reports) == [0, 0, 7]
