"""The demo's cycle, as one meets it after `make run`."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from komp_flow import audit, demo, notifications, work
from komp_flow.db import Database
from komp_flow.organisation import Actor
from komp_flow.work.models import TaskDraft
from work.staff import ROOT

OSLO = ZoneInfo("Europe/Oslo")
SYSTEM = Actor("", via="system")


def test_the_demo_shows_units_in_every_state(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        work.publish_shipped(db, ROOT, now)
    demo.load(database, OSLO, now)
    with database.reading() as db:
        (cycle,) = work.cycles(db, SYSTEM, now)
        board = work.board(db, SYSTEM, cycle.id, now)
        drafts = db.scalar(select(func.count()).select_from(TaskDraft)) or 0
        told = db.scalars(select(notifications.Notification.kind)).all()
        assert audit.verify(db) == []
    assert len(board.rows) == 10
    assert {cell.status for row in board.rows for cell in row.cells} == {"done", "late", "not-started", "under-way"}
    assert {row.state for row in board.rows} == {"active"}
    late = [row for row in board.rows if row.escalation]
    assert [(row.overdue, row.escalation) for row in late] == [(1, 3)]
    assert drafts > 0
    assert told.count("escalation") >= 3
    assert work.run_all(database, now).failed == 0
