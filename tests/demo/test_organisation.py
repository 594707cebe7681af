"""The demo's organisation goes through the same import as any, and has somebody in every situation."""

from __future__ import annotations

import time
from datetime import date, datetime

import pytest
from sqlalchemy.orm import Session

from komp_flow import demo, organisation
from komp_flow.errors import Invalid
from komp_flow.organisation import Directory, Subject, entries, roles
from komp_flow.organisation.facts import Holder


@pytest.fixture
def directory(db: Session, now: datetime) -> Directory:
    demo.load_organisation(db, now)
    return organisation.directory(db, now)


def managers(directory: Directory, unit: str) -> tuple[Holder, ...]:
    return directory.holders("manager", Subject(unit=unit))


def test_it_has_ten_units_on_three_levels_and_eighty_people(directory: Directory):
    assert len(directory.units) == 10
    assert {directory.level(unit) for unit in directory.units} == {1, 2, 3}
    assert len(directory.people) == 80
    assert len({person.name for person in directory.people.values()}) == 80
    assert all(person.email.endswith(".example") for person in directory.people.values())


def test_it_is_the_same_every_time(now: datetime):
    assert demo.directorate(now.date()) == demo.directorate(now.date())


def test_loading_it_twice_changes_nothing(db: Session, now: datetime):
    assert demo.load_organisation(db, now).written
    assert not demo.load_organisation(db, now).written


def test_somebody_steps_in_for_a_manager_who_is_away(directory: Directory):
    away, deputy = managers(directory, "120")
    assert directory.people[away.person_id].absent
    assert (deputy.via, deputy.instead_of) == ("deputy", away.person_id)


def test_a_unit_without_a_leader_falls_to_the_one_above(directory: Directory):
    assert directory.units["220"].manager_id is None
    assert [(h.via, h.person_id) for h in managers(directory, "220")] == [
        ("superior", directory.units["200"].manager_id)
    ]


def test_every_role_has_somebody_and_some_have_two_positions(directory: Directory):
    for role in roles.GLOBAL:
        assert directory.holders(role, Subject())
    assert sum(len(person.units) == 2 for person in directory.people.values()) == 3


def test_the_personas_hold_what_is_said_of_them(db: Session, directory: Directory):
    personas = demo.personas(db)
    assert len(personas) == 11
    for persona in personas:
        held = directory.holdings(persona.person_id)
        for role in persona.roles:
            assert role in held.roles or held.units.get(role) or held.people.get(role), persona
    assert len({persona.person_id for persona in personas}) == 11


def test_there_are_no_personas_in_another_organisation(db: Session, now: datetime):
    assert demo.personas(db) == []
    files = demo.organisation(5, 90)
    organisation.import_files(db, files.units, files.people.replace(b"P0", b"1"), now)
    assert demo.personas(db) == []


@pytest.mark.parametrize(("units", "people"), [(1, 1), (1, 5), (7, 7), (40, 300)])
def test_an_organisation_of_any_size_holds(db: Session, now: datetime, units: int, people: int):
    files = demo.organisation(units, people, seed=3, today=now.date())
    report = organisation.import_files(db, files.units, files.people, now)
    assert (report.errors, report.units, report.people) == ((), units, people)


def test_one_that_cannot_be_is_refused():
    with pytest.raises(Invalid):
        demo.organisation(5, 4)


def test_another_seed_gives_another_organisation():
    assert demo.organisation(5, 50, seed=1) == demo.organisation(5, 50, seed=1)
    assert demo.organisation(5, 50, seed=1) != demo.organisation(5, 50, seed=2)


@pytest.mark.databases
def test_three_thousand_people_are_imported_in_a_moment(db: Session, now: datetime):
    files = demo.organisation(300, 3000, today=date(2027, 1, 4))
    began = time.process_time()
    assert organisation.import_files(db, files.units, files.people, now).counts["person-new"] == 3000
    assert time.process_time() - began < 3
    assert len(organisation.directory(db, now).people) == 3000


def test_three_thousand_people_with_a_mistake_each_are_all_told():
    files = demo.organisation(300, 3000)
    spoilt = files.people.replace(b"@stor.example", b" at stor.example")
    found = entries.read(files.units, spoilt).errors
    assert {error.line for error in found} == set(range(2, len(spoilt.splitlines()) + 1))
