"""The demo's cycle, as one meets it after `make run`."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from komp_flow import audit, demo, notifications, work
from komp_flow.db import Database
from komp_flow.organisation import Actor
from komp_flow.registers.models import DevelopmentGoal, DiscussionInput
from komp_flow.registers.talks import Talk
from komp_flow.work.models import TaskDraft
from work.staff import ROOT

OSLO = ZoneInfo("Europe/Oslo")
SYSTEM = Actor("", via="system")


def test_the_demo_shows_units_in_every_state(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        work.publish_shipped(db, ROOT, now)
    demo.load(database, OSLO, now)
    with database.reading() as db:
        cycle, last_year = work.cycles(db, SYSTEM, now)
        board = work.board(db, SYSTEM, cycle.id, now)
        talks = {one.status for one in db.scalars(select(Talk).where(Talk.cycle_id == cycle.id))}
        plans = db.scalars(select(DevelopmentGoal.person_id).where(DevelopmentGoal.cycle_id == last_year.id)).all()
        running = work.instances(db, SYSTEM, process="measure", state="active", now=now).items
        readings = work.instances(db, SYSTEM, process="reading", page_size=200, now=now).items
        input_ = db.scalar(select(func.count()).select_from(DiscussionInput)) or 0
        drafts = db.scalar(select(func.count()).select_from(TaskDraft)) or 0
        told = db.scalars(select(notifications.Notification.kind)).all()
        assert audit.verify(db) == []
    assert len(board.rows) == 10
    assert {cell.status for row in board.rows for cell in row.cells} == {"done", "late", "not-started", "under-way"}
    assert {row.state for row in board.rows} == {"active"}
    late = [row for row in board.rows if row.escalation]
    assert [(row.overdue, row.escalation) for row in late] == [(1, 3)]
    assert drafts > 0
    assert talks >= {"started", "invited", "held", "closed"}
    assert (last_year.state, len(set(plans))) == ("closed", 10)
    assert {line.cycle for line in running} == {cycle.id}  # carried over
    assert {line.state for line in readings} == {"active", "completed"}
    assert input_ > 0
    assert told.count("escalation") >= 3
    assert work.run_all(database, now).failed == 0
