"""What is noted once a day may be noted by two nodes at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from sqlalchemy import select

from komp_flow.db import Database
from komp_flow.notifications import DailyRun
from komp_flow.work.noting import note

pytestmark = pytest.mark.databases


def test_two_nodes_that_note_the_same_day_do_not_collide(database: Database) -> None:
    ready = Barrier(2)

    def noted(day: int) -> None:
        ready.wait()
        with database.transaction() as db:
            note(db, DailyRun(name="tidy", on_date=date(2027, 1, day)))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(noted, (4, 4)))
    with database.transaction() as db:
        note(db, DailyRun(name="tidy", on_date=date(2027, 1, 5)))
    with database.reading() as db:
        assert db.scalars(select(DailyRun.on_date)).all() == [date(2027, 1, 5)]
