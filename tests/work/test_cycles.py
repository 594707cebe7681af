"""Cycles through the whole house: the calendar, the units, moved dates."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from komp_flow import engine, notifications, registers, work
from komp_flow.db import Database
from komp_flow.operations.models import Request
from komp_flow.registers import Measure
from komp_flow.registers.models import CompetenceArea
from processes.walking import SETUP, Walk
from work import staff

P1_AND_P2 = ("B1", "B2", "B3", "B4", "B5", "B6", "B7")


@pytest.fixture
def walk(database: Database) -> Walk:
    return Walk(database)


@pytest.fixture
def cycle(walk: Walk) -> UUID:
    """A cycle that is set up, with its units started."""
    started = walk.start("cycle")
    walk.do(started, "A1", values=SETUP)
    walk.do(started, "A2")
    walk.do(started, "A3")
    walk.tick()
    return started


def units_propose(walk: Walk, *units: str) -> None:
    for unit in units:
        for step in P1_AND_P2:
            walk.do(walk.unit(unit), step)
    walk.tick()


def decide(walk: Walk, cycle: UUID) -> None:
    for step in ("A4", "A5", "A6", "A7"):
        walk.do(cycle, step)


def test_setting_up_the_cycle_gives_it_a_calendar(walk: Walk) -> None:
    started = walk.start("cycle")
    walk.do(started, "A1", values=SETUP)
    assert walk.sheet(started).subject == {"cycle": "2027"}
    assert walk.line(started, "A2").cycle == "2027"
    with walk.database.reading() as db:
        (line,) = work.cycles(db, staff.NILS, walk.now)
    assert line.dates["preparation"] == date(2027, 1, 25)
    assert line.dates["merge"] == date(2027, 3, 30)  # 29 March is Easter Monday
    assert line.dates["distribution"] is None


def test_a_date_that_is_given_is_kept(walk: Walk) -> None:
    started = walk.start("cycle")
    walk.do(started, "A1", values=SETUP | {"date_discussion": "2027-03-15", "smallest_group": 7})
    with walk.database.reading() as db:
        (line,) = work.cycles(db, staff.NILS, walk.now)
    assert line.dates["discussion"] == date(2027, 3, 15)
    assert line.settings["smallest_group"] == 7


def test_every_unit_is_started_once(walk: Walk, cycle: UUID) -> None:
    with walk.database.reading() as db:
        found = work.instances(db, staff.HANNE, process="unit", now=walk.now)
    assert sorted(line.unit or "" for line in found.items) == ["dir", "it", "law"]
    assert walk.variables(cycle)["units_started"] == 3
    assert walk.tick() == work.Ran()


@pytest.mark.databases
def test_the_whole_cycle(walk: Walk, cycle: UUID) -> None:
    units_propose(walk, "it", "law", "dir")
    decide(walk, cycle)
    with walk.database.reading() as db:
        scopes = set(db.scalars(select(Measure.scope).where(Measure.outcome == "decided")))
        (line,) = work.cycles(db, staff.NILS, walk.now)
        merged = db.scalars(select(CompetenceArea).where(CompetenceArea.stage == "merged")).all()
        proposed = set(db.scalars(select(CompetenceArea.id).where(CompetenceArea.stage == "proposed")))
        sources = {source for row in merged for source in row.sources or ()}
    assert scopes == {"central", "local"}
    assert sources  # from the merged areas one walks back to the units'
    assert sources <= proposed
    assert line.decided_on == date(2027, 1, 4)
    assert line.dates["implementation"] == date(2027, 2, 1)
    walk.do(cycle, "A8")
    walk.tick()
    for unit in ("it", "law", "dir"):
        assert "B9" in walk.here(walk.unit(unit))
        assert walk.line(walk.unit(unit), "B9").due_at == datetime(2027, 2, 1, 22, 59, 59, tzinfo=UTC)
    with walk.database.reading() as db:
        told = db.scalar(select(func.count()).where(notifications.Notification.kind == "strategy"))
    assert told == len(staff.PEOPLE)
    with walk.database.reading() as db:
        assert not [line for line in work.inbox(db, staff.HANNE, walk.now) if line.element == "A9"]
    walk.now = datetime(2027, 12, 20, 8, tzinfo=UTC)
    with walk.database.reading() as db:
        mine = work.inbox(db, staff.HANNE, walk.now)
        assert [line.element for line in mine if line.process == "cycle"] == ["A9"]
    walk.do(cycle, "A9")
    assert walk.state(cycle) == "completed"
    with walk.database.reading() as db:
        assert registers.cycle(db, "2027").state == "closed"
        assert next(notice.kind for notice in notifications.about(db, "eier")) == "next-cycle"


def test_a_late_unit_gets_the_strategy_when_it_comes_so_far(walk: Walk, cycle: UUID) -> None:
    units_propose(walk, "it", "law")
    walk.tick(datetime(2027, 3, 30, 6, 0, tzinfo=UTC))
    decide(walk, cycle)
    walk.do(cycle, "A8")
    walk.tick(walk.now + timedelta(days=90))  # longer than a message is kept by itself
    units_propose(walk, "dir")
    assert "B9" in walk.here(walk.unit("dir"))


def test_the_decision_moves_the_dates_of_what_waits_for_it(walk: Walk, cycle: UUID) -> None:
    units_propose(walk, "it", "law", "dir")
    decide(walk, cycle)
    walk.do(cycle, "A8")
    walk.tick()
    with walk.database.transaction() as db:
        moved = work.move_date(db, staff.HANNE, "2027", "decision", date(2027, 2, 1), walk.now)
    # B9 of three units, the ladder on each of their fourth phases.
    assert (moved.tasks, moved.timers) == (3, 3)
    assert walk.line(walk.unit("it"), "B9").due_at == datetime(2027, 3, 1, 22, 59, 59, tzinfo=UTC)


def test_a_request_that_fails_hurts_nobody_else(walk: Walk, cycle: UUID) -> None:
    with walk.database.transaction() as db:
        db.add(
            Request(
                key="start|nowhere", kind="start", state="waiting", process="nowhere", unit_id=None, person_id=None,
                measure_id=None, cycle_id="2027", variables=engine.stored.messages.pack({}), instance_id=None,
                asked_by_instance=None, asked_by=None, asked_at=walk.now, done_at=None, failures=0,
                next_try_at=walk.now, error=None,
            )
        )  # fmt: skip
    ran = walk.tick()
    assert (ran.failed, ran.started) == (1, 0)
    with walk.database.reading() as db:
        failed = db.scalars(select(Request).where(Request.process == "nowhere")).one()
        assert (failed.state, failed.failures) == ("waiting", 1)
        assert failed.next_try_at > walk.now


def test_moving_a_date_leaves_alone_what_counts_from_another_day(walk: Walk) -> None:
    started = walk.start("cycle")
    walk.do(started, "A1", values=SETUP)
    due = walk.line(started, "A2").due_at  # ten working days after it was opened
    walk.now += timedelta(days=5)
    with walk.database.transaction() as db:
        moved = work.move_date(db, staff.HANNE, "2027", "discussion", date(2027, 3, 15), walk.now)
    assert (moved.tasks, moved.timers) == (0, 0)
    assert walk.line(started, "A2").due_at == due
