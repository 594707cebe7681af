"""Walks a unit's round of talks: it counts them as they close, and ends by itself after the last."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from komp_flow import engine, notifications, organisation, registers, work
from komp_flow.db import Database
from komp_flow.organisation import Actor, Subject
from komp_flow.organisation.models import Person, Position
from komp_flow.organisation.sorting import sort_key
from komp_flow.registers import talks
from processes.test_talk import TALK_AT, THE_TALK, register, say
from processes.walking import SYSTEM, Walk
from work import staff

PROPOSAL = ("B1", "B2", "B3", "B4", "B5", "B6", "B7")


@pytest.fixture
def walk(database: Database) -> Walk:
    walk = Walk(database)
    with database.transaction() as db:
        registers.set_up(db, {"name": "2027", "start": date(2027, 1, 4)}, cycle_id=None, instance_id=None, now=walk.now)
    return walk


@pytest.fixture
def it(walk: Walk) -> UUID:
    """The unit has proposed; its talks have begun."""
    return proposed(walk)


def proposed(walk: Walk) -> UUID:
    it = walk.start("unit", Subject(unit="it", cycle="2027"))
    for step in PROPOSAL:
        walk.do(it, step)
    assert walk.tick().failed == 0
    return it


def begun(walk: Walk) -> dict[str, UUID]:
    """Of each employee the talk."""
    with walk.database.reading() as db:
        return {str(talk.person_id): talk.instance_id for talk in talks.of_unit(db, "it", "2027")}


def close(walk: Walk, talk: UUID) -> None:
    walk.do(talk, "C1", talk_at=TALK_AT)
    say(walk, talk, talks.BEGIN_NOW)
    walk.do(talk, "C4")
    walk.do(talk, "C5")


def hire(walk: Walk, *people: str) -> None:
    with walk.database.transaction() as db:
        for each in people:
            mail = f"{each}@example.org"
            db.add(Person(id=each, name=each, email=mail, email_key=mail, unit_id="it", sort_key=sort_key(each)))
            db.add(Position(person_id=each, number=1, unit_id="it", percent=100.0, main=True))
        db.flush()
        organisation.bump(db)


@pytest.mark.databases
def test_every_employee_has_a_talk_and_the_round_ends_after_the_last(walk: Walk, it: UUID) -> None:
    both = begun(walk)
    assert both.keys() == {"nils", "ola"}
    assert walk.here(it) == ["B8"]
    close(walk, both["nils"])
    walk.tick()
    assert walk.here(it) == ["B8"]
    close(walk, both["ola"])
    walk.tick()
    assert walk.here(it) == []
    assert "B8" not in walk.completed(it)


@pytest.mark.databases
def test_the_two_last_talks_may_close_at_once(walk: Walk, it: UUID) -> None:
    """Both messages lie there before the unit has heard of either, and both find that none is left."""
    for talk in begun(walk).values():
        close(walk, talk)
    ran = walk.tick()
    assert (ran.failed, walk.here(it)) == (0, [])
    assert walk.sheet(it).line.state == "active"  # it waits for the strategy alone


@pytest.mark.parametrize("message", [talks.DECLINE, talks.POSTPONE, talks.CANCEL])
def test_a_talk_that_is_declined_postponed_or_cancelled_is_not_waited_for(walk: Walk, it: UUID, message: str) -> None:
    both = begun(walk)
    say(walk, both["ola"], message)
    assert walk.here(it) == ["B8"]
    close(walk, both["nils"])
    walk.tick()
    assert walk.here(it) == []


def test_a_postponed_talk_that_is_taken_up_is_waited_for_again(walk: Walk, it: UUID) -> None:
    both = begun(walk)
    say(walk, both["ola"], talks.POSTPONE)
    say(walk, both["ola"], talks.RESUME)
    close(walk, both["nils"])
    walk.tick()
    assert walk.here(it) == ["B8"]
    close(walk, both["ola"])
    walk.tick()
    assert walk.here(it) == []


def test_an_extraordinary_talk_is_no_part_of_the_round(walk: Walk, it: UUID) -> None:
    with walk.database.transaction() as db:
        given = {"extraordinary": True}
        extra = work.start(db, SYSTEM, "talk", Subject(unit="it", person="nils", cycle="2027"), given, walk.now).id
    assert register(walk, extra).extraordinary
    with walk.database.reading() as db:
        others = [talk.instance_id for talk in talks.of_unit(db, "it", "2027") if talk.instance_id != extra]
    for talk in others:
        close(walk, talk)
    walk.tick()
    assert walk.here(it) == []
    assert walk.here(extra) == ["C1"]


def test_the_manager_sees_how_the_talks_stand_and_may_end_the_round(walk: Walk, it: UUID) -> None:
    both = begun(walk)
    say(walk, both["ola"], talks.DECLINE)
    with walk.database.reading() as db:
        sheet = work.task(db, walk.line(it, "B8").id, staff.KARI, walk.now)
    assert sheet.context["talks"] == [
        {"status": "Ikke avtalt ennå", "number": 1},
        {"status": "Takket nei", "number": 1},
    ]
    cause = {"cause": "time", "number": 1}
    walk.do(it, "B8", values={"deviations": [cause], "what_next": "Vi tar den i august."})
    assert walk.here(it) == []
    close(walk, both["nils"])  # goes on after the round
    assert walk.tick().failed == 0


def test_a_unit_of_fifteen_has_fifteen_talks_and_its_round_ends_by_itself(walk: Walk) -> None:
    hire(walk, *(f"p{number:02}" for number in range(13)))
    it = proposed(walk)
    everyone = begun(walk)
    assert len(everyone) == 15
    for place, talk in enumerate(everyone.values()):
        if place % 5 == 4:
            say(walk, talk, (talks.DECLINE, talks.POSTPONE, talks.CANCEL)[place // 5])
        else:
            close(walk, talk)
        walk.tick()
        assert walk.here(it) == ([] if place == 14 else ["B8"])
    with walk.database.reading() as db:
        counted = talks.counts(db, "2027", ["it"])
    assert counted == {"closed": 12, "declined": 1, "postponed": 1, "cancelled": 1}


def test_talks_that_have_not_begun_yet_are_waited_for(walk: Walk) -> None:
    """The first may be closed before the others have begun, each in a transaction of its own."""
    it = walk.start("unit", Subject(unit="it", cycle="2027"))
    for step in PROPOSAL:
        walk.do(it, step)
    assert begun(walk) == {}
    with walk.database.transaction() as db:
        key = talks.unit_key("2027", "it")
        engine.correlate(db, talks.TALK_CLOSED, key, {}, by=None, now=walk.now)
        (due,) = [due for due in engine.due(db, walk.now) if due.kind == "delivery"]
        engine.run_due(db, work.WORLD, due, walk.now)
    walk.tick()
    assert walk.here(it) == ["B8"]


def test_talks_that_are_late_are_told_of_once_however_many_they_are(walk: Walk, it: UUID) -> None:
    """Every talk has a level of its own; the superior has one line about the unit and one about its talks."""
    walk.tick(THE_TALK + timedelta(days=107))  # five working days after the deadline
    assert {walk.sheet(talk).line.escalation for talk in begun(walk).values()} == {1}
    assert walk.sheet(it).line.escalation == 1
    late = notifications.Notification.kind == "escalation"
    with walk.database.reading() as db:
        assert list(db.scalars(select(notifications.Notification.person_id).where(late))) == ["dag", "dag"]


def test_hr_hears_who_is_late_only_once_it_has_come_to_hr(walk: Walk, it: UUID) -> None:
    nils = begun(walk)["nils"]
    hanne = Actor("hanne")
    assert not seen(walk, nils, hanne)
    walk.tick(THE_TALK + timedelta(days=120))
    assert walk.sheet(nils).line.escalation >= 1
    assert seen(walk, nils, hanne)


def seen(walk: Walk, talk: UUID, actor: Actor) -> bool:
    with walk.database.reading() as db:
        found = work.tasks(db, actor, work.TaskFilters(state="open", instance=talk), now=walk.now)
    return bool(found.items)
