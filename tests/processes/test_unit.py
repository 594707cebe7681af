"""Walks unit.bpmn: one unit's year, from the manager's preparation to the local action plan."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from komp_flow import engine, notifications, registers, work
from komp_flow.db import Database
from komp_flow.organisation import Subject
from komp_flow.registers.models import CompetenceArea
from processes.walking import Walk
from work import staff

UP_TO_B6 = ("B1", "B2", "B3", "B4", "B5", "B6")


@pytest.fixture
def walk(database: Database) -> Walk:
    walk = Walk(database)
    with database.transaction() as db:
        registers.set_up(db, {"name": "2027", "start": date(2027, 1, 4)}, cycle_id=None, instance_id=None, now=walk.now)
    return walk


@pytest.fixture
def it(walk: Walk) -> UUID:
    return walk.start("unit", Subject(unit="it", cycle="2027"))


def proposed(walk: Walk, it: UUID) -> None:
    for step in UP_TO_B6:
        walk.do(it, step)
    walk.do(it, "B7")


@pytest.mark.databases
def test_a_unit_goes_through_its_four_phases(walk: Walk, it: UUID) -> None:
    proposed(walk, it)
    assert walk.here(it) == ["B8"]
    walk.message("strategy.decided", "2027")
    assert walk.here(it) == ["B8", "B9"]
    walk.do(it, "B9")
    walk.do(it, "B10")
    assert walk.here(it) == ["B8"]
    walk.do(it, "B8")
    assert walk.state(it) == "completed"
    assert walk.completed(it) == [*UP_TO_B6, "B7", "B9", "B10", "B8"]


def test_the_deadlines_are_the_cycles(walk: Walk, it: UUID) -> None:
    # 21 days after Monday 4 January, at the end of the day in Oslo.
    assert walk.line(it, "B1").due_at == datetime(2027, 1, 25, 22, 59, 59, tzinfo=UTC)


def test_a_proposal_that_is_sent_back_keeps_what_was_written(walk: Walk, it: UUID) -> None:
    for step in UP_TO_B6:
        walk.do(it, step)
    walk.do(it, "B7", values={"review": "return", "return_to": "areas", "comment": "Si mer om hvorfor."})
    with walk.database.reading() as db:
        sheet = work.task(db, walk.line(it, "B4").id, staff.KARI, walk.now)
        rows = db.scalars(select(CompetenceArea).order_by(CompetenceArea.position)).all()
        before = [row.id for row in rows]
        assert [row["area"] for row in sheet.draft.values["areas"]] == [row.area for row in rows]
    assert sheet.context["answers"]["B7"]["comment"] == "Si mer om hvorfor."
    again = {"areas": [{**sheet.draft.values["areas"][1], "why": "Fordi to av tre slutter."}]}
    walk.do(it, "B4", values=again)
    with walk.database.reading() as db:
        rows = db.scalars(select(CompetenceArea).order_by(CompetenceArea.created_at, CompetenceArea.position)).all()
        assert sorted(row.id for row in rows) == sorted(before)
        assert {row.why: row.withdrawn_at is None for row in rows if row.withdrawn_at is None} == {
            "Fordi to av tre slutter.": True
        }
        assert sum(row.withdrawn_at is not None for row in rows) == 1
    assert walk.here(it) == ["B5"]
    for step in ("B5", "B6"):
        walk.do(it, step)
    with walk.database.reading() as db:
        judged_anew = work.task(db, walk.line(it, "B7").id, staff.DAG, walk.now)
    assert judged_anew.may.complete
    assert "review" not in judged_anew.draft.values


def test_without_the_quality_check_the_proposal_goes_straight_to_hr(walk: Walk, it: UUID) -> None:
    with walk.database.transaction() as db:
        registers.cycle(db, "2027").quality_check = False
    for step in UP_TO_B6:
        walk.do(it, step)
    assert walk.here(it) == ["B8"]
    with walk.database.reading() as db:
        assert db.scalars(select(engine.Message.name)).all() == ["unit.proposed"]


@pytest.mark.databases
def test_a_late_phase_tells_the_superior_then_hr_then_the_owner(walk: Walk, it: UUID) -> None:
    walk.tick(datetime(2027, 2, 1, 6, 59, tzinfo=UTC))
    assert walk.sheet(it).line.escalation == 0
    # Five working days after 25 January, eight in the morning in Oslo; then five more, and five more.
    for level, day, role in ((1, 1, "dag"), (2, 8, "hanne"), (3, 15, "eier")):
        walk.tick(datetime(2027, 2, day, 7, tzinfo=UTC))
        assert walk.sheet(it).line.escalation == level
        with walk.database.reading() as db:
            told = [(notice.kind, notice.unit_id, notice.phase) for notice in notifications.about(db, role)]
        assert told == [("escalation", "it", "preparation")]
    assert walk.here(it) == ["B1"]
    assert walk.line(it, "B1").overdue


def test_a_system_that_was_down_escalates_once(walk: Walk, it: UUID) -> None:
    walk.tick(datetime(2027, 2, 20, 7, tzinfo=UTC))
    assert walk.sheet(it).line.escalation == 1
    with walk.database.reading() as db:
        assert db.scalar(select(func.count()).where(notifications.Notification.kind == "escalation")) == 1


def test_the_strategy_waits_for_a_unit_that_is_behind(walk: Walk, it: UUID) -> None:
    with walk.database.transaction() as db:
        engine.correlate(
            db, "strategy.decided", "2027", {}, keep_until=walk.now + timedelta(days=200), by=None, now=walk.now
        )
    walk.tick()
    assert walk.here(it) == ["B1"]
    proposed(walk, it)
    walk.tick()
    assert walk.here(it) == ["B8", "B9"]


def test_the_talks_end_by_themselves(walk: Walk, it: UUID) -> None:
    proposed(walk, it)
    walk.message("talks.closed", "2027/it")
    assert walk.here(it) == []
    assert walk.state(it) == "active"
    walk.message("strategy.decided", "2027")
    assert walk.here(it) == ["B9"]


def test_a_unit_without_employees_has_no_talks(walk: Walk) -> None:
    with walk.database.transaction() as db:
        for person in ("pia",):
            db.get_one(staff.Person, person).left_at = walk.now - timedelta(days=1)
    law = walk.start("unit", Subject(unit="law", cycle="2027"))
    proposed(walk, law)
    assert walk.here(law) == []
    assert walk.state(law) == "active"  # it waits for the strategy


def test_the_local_plan_is_kept_and_may_be_irrelevant(walk: Walk, it: UUID) -> None:
    proposed(walk, it)
    walk.message("strategy.decided", "2027")
    walk.do(it, "B9")
    walk.do(it, "B10", values={"plan_relevant": "no", "not_relevant_reason": "Tiltakene er sentrale."})
    walk.do(it, "B8")
    assert walk.state(it) == "completed"


def test_readings_without_a_diagram_are_told_on_the_trail(database: Database) -> None:
    walk = Walk(database, without={"reading"})
    with database.transaction() as db:
        registers.set_up(db, {"name": "2027", "start": date(2027, 1, 4)}, cycle_id=None, instance_id=None, now=walk.now)
    it = walk.start("unit", Subject(unit="it", cycle="2027"))
    walk.do(it, "B1")
    walk.do(it, "B2")

    said = [line.sentence for line in walk.sheet(it).trail if line.what == "not-started"]

    assert len(said) == 1
    assert said[0].startswith("Ingen prosess «reading» er publisert ennå")


def test_the_order_of_the_areas_is_written_to_them(walk: Walk, it: UUID) -> None:
    for step in UP_TO_B6[:-1]:
        walk.do(it, step)
    first, second = priorities(walk)
    ranking = [{"row-id": second, "area": second, "rank": 1}, {"row-id": first, "area": first, "rank": 2}]

    walk.do(it, "B6", values={"conclusion": "Enige.", "shared_understanding": "yes", "ranking": ranking})

    assert priorities(walk) == {first: 2, second: 1}
    with walk.database.reading() as db:
        shown = registers.context(db, ["areas"], Subject(unit="it", cycle="2027"), str)["areas"]
    assert {row["id"]: row["priority"] for row in shown} == {first: 2, second: 1}


def test_an_area_that_was_taken_out_has_no_place_in_the_order(walk: Walk, it: UUID) -> None:
    for step in UP_TO_B6:
        walk.do(it, step)
    _first, second = priorities(walk)
    walk.do(it, "B7", values={"review": "return", "return_to": "areas", "comment": "Velg ett."})
    with walk.database.reading() as db:
        sheet = work.task(db, walk.line(it, "B4").id, staff.KARI, walk.now)
    walk.do(it, "B4", values={"areas": sheet.draft.values["areas"][1:]})
    walk.do(it, "B5")
    walk.do(it, "B6")

    assert priorities(walk) == {second: 1}


def priorities(walk: Walk) -> dict[str, int | None]:
    """The unit's areas as they stand, with their places."""
    with walk.database.reading() as db:
        rows = db.scalars(
            select(CompetenceArea)
            .where(CompetenceArea.withdrawn_at.is_(None))
            .order_by(CompetenceArea.created_at, CompetenceArea.position)
        )
        return {row.id: row.priority for row in rows}
