"""My unit: what those who lead it see, and what those above and beside do not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import update

from engine.drawing import doc, end, flows, properties, start, sub
from engine.storing import job, schedule
from komp_flow import engine, organisation, registers, work
from komp_flow.engine import SourceFile
from komp_flow.errors import NotAllowed, NotFound
from komp_flow.organisation import Actor, Subject
from komp_flow.organisation.models import Person, Position, Unit
from komp_flow.organisation.sorting import sort_key
from komp_flow.registers.talks import Talk
from work.conftest import Office
from work.staff import DAG, EIER, HANNE, KARI, NILS, OLA, PER, PIA
from work.test_inbox import counted

UNIT = doc(
    start(),
    sub(
        "P1",
        start("s1"),
        job("a", ext=schedule("=deadline.preparation"), name="Les"),
        job("b", name="Del"),
        end("e1"),
        flows("s1>a>b>e1"),
        ext=properties(phase="preparation"),
        name="Fase 1 · Forarbeid",
    ),
    sub(
        "P2",
        start("s2"),
        job("c", name="Drøft"),
        end("e2"),
        flows("s2>c>e2"),
        ext=properties(phase="discussion"),
        name="Fase 2 · Drøfting",
    ),
    end(),
    flows("s>P1>P2>e"),
    pid="unit",
)
READING = doc(start(), job("r", roles="employee", name="Les og bekreft"), end(), flows("s>r>e"), pid="reading")
TALK = doc(start(), job("C1", roles="manager", name="Avtal samtalen"), end(), flows("s>C1>e"), pid="talk")


@pytest.fixture
def cycle(office: Office) -> Office:
    """A cycle with IT under way in it."""
    office.publish(SourceFile("unit.bpmn", UNIT), SourceFile("reading.bpmn", READING), SourceFile("talk.bpmn", TALK))
    set_up(office)
    office.start("unit", Subject(unit="it", cycle="2027"))
    return office


def set_up(office: Office, name: str = "2027", start_on: date = date(2027, 1, 4)) -> None:
    with office.database.transaction() as db:
        registers.set_up(db, {"name": name, "start": start_on}, cycle_id=None, instance_id=None, now=office.now)


def look(office: Office, who: Actor = KARI, unit: str = "it") -> work.UnitSheet:
    with office.database.reading() as db:
        return work.unit(db, who, unit, None, office.now)


def did(office: Office, who: Actor, element: str) -> None:
    """They complete their task, which has no form."""
    office.act(work.complete, office.task(who, element), who, {})


def reading(office: Office, person: str, unit: str = "it", *, read: bool = False) -> None:
    office.start("reading", Subject(unit=unit, person=person, cycle="2027"))
    if read:
        did(office, Actor(person), "r")


def talk(office: Office, person: str, status: str, unit: str = "it", **dates: Any) -> None:
    with office.database.transaction() as db:
        made = uuid4()
        facts = {"person_id": person, "unit_id": unit, "cycle_id": "2027", "status": status, "started_at": office.now}
        db.add(Talk(id=made.hex, instance_id=made, **facts, **dates))


def changed(office: Office, change: Callable[..., Any]) -> None:
    with office.database.transaction() as db:
        change(db)
        organisation.bump(db)


def test_the_manager_sees_the_phase_the_step_and_its_date(cycle: Office) -> None:
    found = look(cycle)
    assert found.here is not None
    assert (found.here.id, found.here.status, found.here.due) == ("preparation", "under-way", date(2027, 1, 25))
    assert [(step.name, step.state) for step in found.here.steps] == [("Les", "now"), ("Del", "ahead")]
    assert [phase.status for phase in found.phases] == ["under-way", "not-started"]


def test_what_waits_says_for_whom_since_when_and_leads_to_ones_own(cycle: Office) -> None:
    began = cycle.now
    cycle.pass_time(days=2)
    (wait,) = look(cycle).waits
    assert (wait.name, wait.holders, wait.since, wait.mine) == ("Les", ("Kari Nordmann",), began, True)
    assert wait.task == cycle.task(KARI, "a")
    (wait,) = look(cycle, DAG).waits  # the superior sees that it waits, and that it is not theirs
    assert (wait.mine, wait.task, wait.overdue) == (False, None, 0)
    cycle.pass_time(days=30)
    assert look(cycle).waits[0].overdue == 1
    assert look(cycle).here.status == "late"  # type: ignore[union-attr]


def test_steps_say_by_whom_and_when_they_were_done(cycle: Office) -> None:
    did(cycle, KARI, "a")
    first, second = look(cycle).phases[0].steps
    assert (first.state, first.by, first.at) == ("done", "Kari Nordmann", cycle.now)
    assert second.state == "now"
    did(cycle, KARI, "b")
    assert look(cycle).here.id == "discussion"  # type: ignore[union-attr]
    did(cycle, KARI, "c")
    assert look(cycle).here is None


def test_the_manager_sees_each_employee_by_name_with_dates_and_status(cycle: Office) -> None:
    reading(cycle, "nils", read=True)
    reading(cycle, "ola")
    at = datetime(2027, 2, 1, 9, tzinfo=UTC)
    talk(cycle, "nils", "invited", talk_at=at)
    found = look(cycle).crowd
    assert [person.name for person in found.people] == ["Nils Nilsen", "Ola Nordmann"]
    nils, ola = found.people
    assert (nils.readings["material"].state, ola.readings["material"].state) == ("read", "unread")
    assert nils.talk is not None
    assert (nils.talk.status, nils.talk.talk_at, ola.talk) == ("invited", at, None)
    assert (found.readings["material"].percent, dict(found.talks)) == (50, {"under_way": 1})


def test_the_same_task_of_several_people_is_one_line(cycle: Office) -> None:
    for person in ("nils", "ola"):
        cycle.start("talk", Subject(unit="it", person=person, cycle="2027"))
    found = look(cycle)
    assert [(wait.name, wait.number, wait.mine) for wait in found.waits] == [
        ("Les", 1, True),
        ("Avtal samtalen", 2, True),
    ]
    assert [person.waits[0].name for person in found.crowd.people] == ["Avtal samtalen", "Avtal samtalen"]


def test_superior_hr_and_top_management_see_numbers_and_no_names(cycle: Office) -> None:
    for person in ("nils", "ola"):
        reading(cycle, person, read=person == "nils")
        talk(cycle, person, "held")
        cycle.start("talk", Subject(unit="it", person=person, cycle="2027"))
    found = look(cycle, DAG).crowd
    assert (found.people, found.waits) == ((), ())
    assert (found.readings["material"].done, dict(found.talks)) == (1, {"under_way": 2})
    hidden = look(cycle, HANNE).crowd  # HR does not lead here: two people are too few to count
    assert hidden.too_few
    assert (hidden.people, hidden.waits, dict(hidden.readings), dict(hidden.talks)) == ((), (), {}, {})
    text = repr(look(cycle, HANNE)) + repr(look(cycle, EIER))
    assert "Nils" not in text
    assert "Avtal samtalen" not in text


def test_hr_sees_numbers_of_groups_that_are_large_enough(cycle: Office) -> None:
    hire(cycle, 5, "it")
    reading(cycle, "ny-0", read=True)
    found = look(cycle, HANNE).crowd
    assert (found.size, found.too_few, found.readings["material"].done) == (7, False, 1)


def test_hr_sees_by_name_only_a_talk_that_was_escalated(cycle: Office) -> None:
    stopped = cycle.start("talk", Subject(unit="it", person="nils", cycle="2027"))
    with cycle.database.transaction() as db:
        facts = {"person_id": "nils", "unit_id": "it", "cycle_id": "2027", "status": "started", "started_at": cycle.now}
        db.add(Talk(id=stopped.hex, instance_id=stopped, **facts))
    assert look(cycle, HANNE).crowd.escalated == ()
    with cycle.database.transaction() as db:
        db.execute(update(engine.Instance).where(engine.Instance.id == stopped).values(escalation=2))
    (line,) = look(cycle, HANNE).crowd.escalated
    assert (line.name, dict(line.readings), line.waits) == ("Nils Nilsen", {}, ())
    assert look(cycle, DAG).crowd.escalated == ()  # the superior has counts
    assert look(cycle).crowd.escalated == ()  # and the manager has had them by name all along


@pytest.mark.parametrize("who", [NILS, PIA, PER])
def test_nobody_else_sees_a_unit(cycle: Office, who: Actor) -> None:
    with pytest.raises(NotAllowed):
        look(cycle, who)


def test_a_unit_that_is_not_there_is_not_found(cycle: Office) -> None:
    with pytest.raises(NotFound):
        look(cycle, DAG, "none")
    changed(cycle, lambda db: db.execute(update(Unit).where(Unit.id == "law").values(closed_at=cycle.now)))
    with pytest.raises(NotFound):
        look(cycle, DAG, "law")


def test_a_deputy_sees_the_unit_and_names_only_while_they_stand_in(cycle: Office) -> None:
    reading(cycle, "nils", read=True)
    found = look(cycle, OLA)
    assert found.leads
    assert "stedfortreder" in found.why
    assert (found.crowd.people, found.crowd.readings["material"].done) == ((), 1)
    today = cycle.now.date()
    away = {"absence_from": today, "absence_to": today + timedelta(days=5)}
    changed(cycle, lambda db: db.execute(update(Person).where(Person.id == "kari").values(**away)))
    found = look(cycle, OLA)
    assert [person.id for person in found.crowd.people] == ["nils"]  # their own talk is with somebody else
    assert found.waits[0].mine


def test_one_who_leads_several_units_has_them_all(cycle: Office) -> None:
    assert [unit.id for unit in cycle.look(work.my_units, DAG)] == ["dir"]
    changed(cycle, lambda db: db.execute(update(Unit).where(Unit.id == "law").values(manager_id=None)))
    assert [unit.id for unit in cycle.look(work.my_units, DAG)] == ["dir", "law"]
    found = look(cycle, DAG, "law")
    assert found.leads
    assert "ingen leder" in found.why
    assert cycle.look(work.my_units, NILS) == ()


def test_hr_leads_nothing_because_nobody_else_is_there(cycle: Office) -> None:
    changed(cycle, lambda db: db.execute(update(Unit).values(manager_id=None, deputy_id=None)))
    assert cycle.look(work.my_units, HANNE) == ()
    assert look(cycle, HANNE).waits[0].mine  # but the task is with HR, and it stands there


def test_the_units_below_are_counted(cycle: Office) -> None:
    reading(cycle, "nils", read=True)
    reading(cycle, "ola")
    it, law = look(cycle, DAG, "dir").below
    assert (it.name, it.phase, it.status, it.crowd.readings["material"].percent) == (
        "IT",
        "Fase 1 · Forarbeid",
        "under-way",
        50,
    )
    assert (law.name, law.manager, law.status) == ("Juss", "Per Hansen", "not-started")
    assert look(cycle).below == ()


def test_a_unit_without_people_has_nothing_to_read_and_no_talks(cycle: Office) -> None:
    changed(cycle, lambda db: db.add(Unit(id="ny", parent_id="it", name="Ny", sort_key=sort_key("Ny"))))
    cycle.start("unit", Subject(unit="ny", cycle="2027"))
    found = look(cycle, KARI, "ny")
    assert (found.crowd.size, found.crowd.people, dict(found.crowd.readings)) == (0, (), {})
    assert found.waits[0].name == "Les"


def test_without_a_cycle_there_is_only_the_unit(office: Office) -> None:
    found = look(office)
    assert (found.cycle, found.phases, found.waits, found.crowd.size) == (None, (), (), 2)


def test_the_cycle_that_is_under_way_is_shown_until_another_is_asked_for(cycle: Office) -> None:
    set_up(cycle, "2028", date(2028, 1, 3))
    assert look(cycle).cycle.id == "2027"  # type: ignore[union-attr]
    with cycle.database.reading() as db:
        found = work.unit(db, KARI, "it", "2028", cycle.now)
    assert (found.cycle.id, found.instance) == ("2028", None)  # type: ignore[union-attr]
    cycle.pass_time(days=365)
    assert look(cycle).cycle.id == "2028"  # type: ignore[union-attr]


def test_a_talk_that_was_handed_over_is_followed_by_the_one_who_has_it(cycle: Office) -> None:
    changed(cycle, lambda db: organisation.hand_over(db, "nils", "per", "Habilitet", cycle.now, by="hanne"))
    talk(cycle, "nils", "started")
    assert [person.id for person in look(cycle).crowd.people] == ["ola"]
    assert [person.id for person in look(cycle, PER, "law").others.people] == ["nils"]


def test_one_who_leads_people_and_no_unit_has_them_by_name(cycle: Office) -> None:
    talk(cycle, "nils", "started")
    own = update(Position).where(Position.person_id == "nils").values(manager_id="pia")
    changed(cycle, lambda db: db.execute(own))
    with cycle.database.reading() as db:
        found = work.my_people(db, PIA, None, cycle.now)
    assert [(person.id, person.talk.status) for person in found.crowd.people if person.talk] == [("nils", "started")]
    assert cycle.look(work.my_units, PIA) == ()


def hire(office: Office, number: int, unit: str, first: int = 0) -> None:
    """So many more people in the unit."""

    def add(db: Any) -> None:
        for each in range(first, first + number):
            i = f"ny-{each}"
            name = f"Ny {each}"
            db.add(Person(id=i, name=name, email=f"{i}@example.org", unit_id=unit, sort_key=sort_key(name)))
            db.add(Position(person_id=i, number=1, unit_id=unit, percent=100.0, main=True))

    changed(office, add)


def fill(office: Office, number: int) -> None:
    """So many more people in IT, each with something to read and a talk."""
    hire(office, number, "it")
    for each in range(number):
        reading(office, f"ny-{each}")
        talk(office, f"ny-{each}", "invited")
        office.start("talk", Subject(unit="it", person=f"ny-{each}", cycle="2027"))


def test_a_unit_of_many_costs_as_many_statements_as_one_of_few(cycle: Office) -> None:
    def cost(who: Actor, unit: str) -> int:
        look(cycle, who, unit)
        with counted(cycle.database) as sent:
            look(cycle, who, unit)
        return len(sent)

    few = [cost(KARI, "it"), cost(DAG, "dir")]
    fill(cycle, 15)
    some = [cost(KARI, "it"), cost(DAG, "dir")]
    hire(cycle, 185, "it", 15)
    for each in range(15, 200):
        talk(cycle, f"ny-{each}", "invited")
    assert look(cycle).crowd.size == 202
    assert [cost(KARI, "it"), cost(DAG, "dir")] == some == few
    assert max(some) <= 25
