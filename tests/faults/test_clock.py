"""The clock goes back an hour, forward a month, and over both nights of the year: each thing happens once."""

from __future__ import annotations

import random
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final
from zoneinfo import ZoneInfo

import apscheduler.schedulers.base
import apscheduler.triggers.interval
import itsdangerous.timed
import pytest

from engine.drawing import boundary, doc, end, flows, start, timer
from engine.storing import job
from faults.serving import Served, serve, settle
from faults.whole import halves
from komp_flow import app as application
from komp_flow import work
from komp_flow.background import ticking
from komp_flow.db import Database
from komp_flow.engine import SourceFile, tables
from work import staff

OSLO: Final = ZoneInfo("Europe/Oslo")
HOUR, MONTH = timedelta(hours=1), timedelta(days=31)
JUMPS: Final = [-HOUR, MONTH]


DAILY: Final = doc(
    start(), job("u"), boundary("b", "u", timer("R/P1D", "timeCycle"), interrupts=False), end(), end("e2"),
    flows("s>u>e", "b>e2"), pid="daily",
)  # fmt: skip


@pytest.fixture
def served(database: Database, tmp_path: Path, now: datetime) -> Served:
    made = serve(database, tmp_path, now, settle(database, now))
    with database.transaction() as db:
        staff.publish(db, now, SourceFile("daily.bpmn", DAILY))
    return made


class Wall:
    """The machine's clock, which somebody sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.off = timedelta(0)
        wall = self

        class Set(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> Any:
                return datetime.now(tz) + wall.off

        for module in (apscheduler.schedulers.base, apscheduler.triggers.interval, ticking, application):
            monkeypatch.setattr(module, "datetime", Set)
        seconds = SimpleNamespace(time=lambda: time.time() + wall.off.total_seconds())
        monkeypatch.setattr(itsdangerous.timed, "time", seconds)


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    return Wall(monkeypatch)


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_the_tick_goes_on_when_the_machines_clock_is_set(database: Database, wall: Wall, jump: timedelta) -> None:
    looked = threading.Semaphore(0)

    def clock() -> datetime:
        looked.release()
        return datetime(2027, 1, 4, 8, tzinfo=UTC)

    made = ticking.Ticking(database, clock, every=timedelta(milliseconds=50))
    try:
        assert looked.acquire(timeout=20)
        wall.off = jump
        for _tick in range(20):
            assert looked.acquire(timeout=20), "it rests until the clock has come round again"
    finally:
        made.stop()


@pytest.mark.parametrize("ahead", [timedelta(seconds=3), HOUR], ids=str)
def test_who_is_signed_in_stays_so_where_the_clock_goes_back_or_another_node_is_behind(
    served: Served, wall: Wall, ahead: timedelta
) -> None:
    browser = served.app.test_client()
    browser.post("/sign-in/persona", data={"person": "kari"})
    assert browser.get("/").status_code == 200
    wall.off = -ahead
    assert browser.get("/").status_code == 200


def test_a_session_ends_after_its_hours_and_none_is_taken_from_far_ahead(served: Served, wall: Wall) -> None:
    browser = served.app.test_client()
    browser.post("/sign-in/persona", data={"person": "kari"})
    wall.off = -timedelta(days=2)
    assert browser.get("/").status_code == 303
    wall.off = timedelta(days=2)
    assert browser.get("/").status_code == 303


@pytest.mark.databases
def test_however_the_clock_jumps_each_timer_fires_once_and_all_goes_on(served: Served) -> None:
    """Back an hour and forward a month, again and again, while people work."""
    chance = random.Random(7)
    now = served.now
    begun = 0
    for _jump in range(20):
        now += chance.choice([-HOUR, HOUR, -HOUR, MONTH])
        served.now = now
        Path(served.app.extensions["komp_flow"].home, "clock").write_text(now.isoformat())
        task = served.task(served.start())
        key = f"key {begun}"
        assert served.complete(task, key).status_code == 200
        assert served.complete(task, key).status_code == 200, "the same again, whatever the clock says"
        served.start("waits")
        begun += 1
        assert work.run_all(served.database, now).failed == 0
    now += MONTH
    assert work.run_all(served.database, now).failed == 0
    assert served.count(tables.TASK, process="waits") == begun
    assert served.count(tables.TIMER) == 0
    assert halves(served.database, now) == []


def test_what_came_due_in_a_month_that_was_jumped_over_fires_once_and_not_again_when_the_clock_is_right(
    served: Served,
) -> None:
    instance = served.start("daily")
    assert work.run_all(served.database, served.now + MONTH).failed == 0
    assert fired(served, instance) == 1
    for day in range(31):  # the clock was wrong: these days come once more
        assert work.run_all(served.database, served.now + timedelta(days=day)).failed == 0
    assert fired(served, instance) == 1
    assert work.run_all(served.database, served.now + MONTH + timedelta(days=1)).failed == 0
    assert fired(served, instance) == 2


@pytest.mark.parametrize("hour", [12, 2])
@pytest.mark.parametrize("night", [datetime(2027, 3, 28, tzinfo=OSLO), datetime(2027, 10, 31, tzinfo=OSLO)], ids=str)
def test_what_comes_each_day_comes_once_on_the_days_around_either_night(
    served: Served, hour: int, night: datetime
) -> None:
    served.now = (night - timedelta(days=3)).replace(hour=hour, minute=30).astimezone(UTC)
    instance = served.start("daily")
    for hours in range(4 * 24 + 2):
        assert work.run_all(served.database, served.now + timedelta(hours=hours, minutes=5)).failed == 0
    came = moments(served, instance)
    days = [(night + timedelta(days=day)).date() for day in (-2, -1, 0, 1)]
    assert [moment.date() for moment in came] == days
    assert {moment.hour for moment in came if moment.date() != night.date()} == {hour}
    (there,) = [moment for moment in came if moment.date() == night.date()]
    assert there.hour in {hour, hour + 1}  # half past two is not there when the clocks go forward


def moments(served: Served, instance: Any) -> list[datetime]:
    """When its timer has fired, as the clock on the wall says it."""
    with served.database.reading() as db:
        trail = work.instance(db, staff.EIER, instance, served.now).trail
    return [line.at.astimezone(OSLO) for line in trail if line.what == "fired"]


def fired(served: Served, instance: Any) -> int:
    return len(moments(served, instance))
