"""Walks reading.bpmn: what employees are given to read, before the discussion and when the strategy is decided."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from komp_flow import registers, work
from komp_flow.db import Database
from komp_flow.errors import Invalid, NotFound
from komp_flow.organisation import Actor, Subject
from processes.walking import SYSTEM, Walk
from work import staff

LAST_MINUTE = datetime(2027, 3, 8, 22, 59, 58, tzinfo=UTC)  # 63 days after 4 January, in Oslo
LAPSED = LAST_MINUTE + timedelta(seconds=1)
CONFIRMED = {"read": True}


@pytest.fixture
def walk(database: Database) -> Walk:
    walk = Walk(database)
    with database.transaction() as db:
        registers.set_up(db, {"name": "2027", "start": date(2027, 1, 4)}, cycle_id=None, instance_id=None, now=walk.now)
    return walk


def shared(walk: Walk, unit: str = "it") -> UUID:
    """A unit whose manager has shared the material; the readings are there."""
    found = walk.start("unit", Subject(unit=unit, cycle="2027"))
    for step in ("B1", "B2"):
        walk.do(found, step)
    assert walk.tick().failed == 0
    return found


def decided(walk: Walk, unit: UUID, **more: object) -> None:
    """The unit has proposed, the strategy is decided, and the manager has carried it out."""
    for step in ("B3", "B4", "B5", "B6", "B7"):
        walk.do(unit, step)
    walk.message("strategy.decided", "2027")
    line = walk.line(unit, "B9")
    with walk.database.transaction() as db:
        values = {"meeting_on": "2027-01-04", "gone_through": "partly", "send_reading": True, **more}
        work.complete(db, line.id, staff.KARI, values, walk.now)
    walk.tick()


def readings(walk: Walk, state: str | None = None) -> dict[str, UUID]:
    """The readings, by whose they are."""
    with walk.database.reading() as db:
        found = work.instances(db, SYSTEM, process="reading", state=state, page_size=200, now=walk.now)
    return {str(line.person): line.id for line in found.items}


def opened(walk: Walk, reading: UUID, by: Actor) -> work.TaskSheet:
    with walk.database.reading() as db:
        return work.task(db, walk.line(reading, "read-and-confirm").id, by, walk.now)


def read(walk: Walk, reading: UUID, by: Actor, **more: object) -> None:
    line = walk.line(reading, "read-and-confirm")
    with walk.database.transaction() as db:
        work.complete(db, line.id, by, {**CONFIRMED, **more}, walk.now)
    assert walk.tick().failed == 0


@pytest.mark.databases
def test_everyone_in_the_unit_gets_the_material_when_the_manager_shares_it(walk: Walk) -> None:
    unit = shared(walk)

    assert readings(walk).keys() == {"nils", "ola"}
    assert walk.here(unit) == ["B3"]
    sheet = opened(walk, readings(walk)["nils"], staff.NILS)
    assert sheet.may.complete
    assert sheet.context["asked_by"]["B2"]["message"].startswith("Les gjennom materialet")
    assert sheet.line.due_at == LAPSED


@pytest.mark.databases
def test_what_an_employee_brings_up_is_there_in_the_discussion(walk: Walk) -> None:
    unit = shared(walk)

    read(walk, readings(walk)["nils"], staff.NILS, input=[{"text": "Snakk om vaktordningen."}])

    assert readings(walk, "completed").keys() == {"nils"}
    with walk.database.reading() as db:
        discussion = work.task(db, walk.line(unit, "B3").id, staff.KARI, walk.now)
    assert [row["text"] for row in discussion.context["input"]] == ["Snakk om vaktordningen."]


def test_one_may_confirm_without_bringing_anything_up_but_not_without_having_read(walk: Walk) -> None:
    shared(walk)

    with pytest.raises(Invalid):
        read(walk, readings(walk)["ola"], staff.OLA, read=False)
    read(walk, readings(walk)["ola"], staff.OLA)

    assert readings(walk, "completed").keys() == {"ola"}


def test_a_reading_is_nobody_elses(walk: Walk) -> None:
    shared(walk)

    for stranger in (staff.OLA, staff.PER, staff.HANNE):
        with pytest.raises(NotFound):
            opened(walk, readings(walk)["nils"], stranger)


@pytest.mark.databases
def test_a_reading_lapses_at_the_end_of_the_cycles_date_and_the_unit_goes_on(walk: Walk) -> None:
    unit = shared(walk)
    nils = readings(walk)["nils"]

    walk.tick(LAST_MINUTE)
    assert walk.here(nils) == ["read-and-confirm"]
    walk.tick(LAPSED)

    assert walk.here(nils) == []
    assert readings(walk, "completed").keys() == {"nils", "ola"}
    assert any("Bortfalt" in line.sentence for line in walk.sheet(nils, by=staff.NILS).trail)
    walk.do(unit, "B3")
    assert walk.here(unit) == ["B4"]


def test_a_moved_date_moves_when_it_lapses(walk: Walk) -> None:
    shared(walk)
    nils = readings(walk)["nils"]
    with walk.database.transaction() as db:
        moved = work.move_date(db, staff.HANNE, "2027", "discussion", date(2027, 3, 15), walk.now)
    assert moved.timers >= 2

    walk.tick(LAPSED)
    assert walk.line(nils, "read-and-confirm").due_at == LAPSED + timedelta(days=7)
    walk.tick(LAPSED + timedelta(days=7))

    assert walk.here(nils) == []


def test_material_that_is_shared_late_may_still_be_read_for_five_working_days(walk: Walk) -> None:
    walk.tick(datetime(2027, 3, 9, 8, tzinfo=UTC))  # a Tuesday, the day after
    shared(walk)
    nils = readings(walk)["nils"]

    assert walk.line(nils, "read-and-confirm").due_at == datetime(2027, 3, 16, 22, 59, 59, tzinfo=UTC)
    walk.tick(datetime(2027, 3, 16, 22, 59, 58, tzinfo=UTC))
    assert walk.here(nils) == ["read-and-confirm"]
    walk.tick(datetime(2027, 3, 16, 22, 59, 59, tzinfo=UTC))

    assert walk.here(nils) == []


def test_a_cycle_without_readings_has_none(walk: Walk) -> None:
    with walk.database.transaction() as db:
        registers.cycle(db, "2027").reading_wanted = False

    unit = shared(walk)

    assert readings(walk) == {}
    assert walk.here(unit) == ["B3"]


def test_a_unit_without_employees_has_no_readings(walk: Walk) -> None:
    with walk.database.transaction() as db:
        db.get_one(staff.Person, "pia").left_at = walk.now - timedelta(days=1)

    shared(walk, "law")

    assert readings(walk) == {}


def test_the_manager_sends_the_strategy_with_a_message_of_their_own(walk: Walk) -> None:
    unit = shared(walk)
    for person, who in (("nils", staff.NILS), ("ola", staff.OLA)):
        read(walk, readings(walk)[person], who)

    decided(walk, unit, reading_message="Les særlig om vaktordningen.")

    again = readings(walk, "active")
    assert again.keys() == {"nils", "ola"}
    sheet = opened(walk, again["nils"], staff.NILS)
    assert sheet.context["asked_by"]["B9"]["reading_message"] == "Les særlig om vaktordningen."
    assert walk.here(unit) == ["B10", "B8"]


def test_input_is_for_the_discussion_alone(walk: Walk) -> None:
    unit = shared(walk)
    for person, who in (("nils", staff.NILS), ("ola", staff.OLA)):
        read(walk, readings(walk)[person], who)
    decided(walk, unit, reading_message="Les den.")
    nils = readings(walk, "active")["nils"]

    read(walk, nils, staff.NILS, input=[{"text": "For sent."}])

    with walk.database.reading() as db:
        shown = registers.context(db, ["input"], Subject(unit="it", cycle="2027"), str)
    assert shown["input"] == []


def test_what_is_read_never_becomes_the_state_of_an_instance(walk: Walk) -> None:
    shared(walk)
    nils = readings(walk)["nils"]
    read(walk, nils, staff.NILS, input=[{"text": "Snakk om vaktordningen."}])

    assert walk.sheet(nils, by=staff.NILS).variables.keys() <= {"kind", "lapse_on", "begun"}
