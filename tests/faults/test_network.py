"""The line to PostgreSQL falls silent or is cut: every answer comes in time, nothing is lost, it goes on by itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from faults.line import Line
from faults.serving import Served, problem, serve, settle
from faults.whole import halves
from komp_flow import background
from komp_flow.db import Database
from komp_flow.db.postgresql import Limits
from komp_flow.engine import tables

pytestmark = pytest.mark.databases("postgresql")
SHORT: Final = Limits(connect=2, lock=0.5, statement=1, silence=1.5, ping=0.5, rested=0, idle=1, pool=0.5)
IN_TIME: Final = 12.0  # seconds: all limits of one request together, on a machine that has other things to do


@pytest.fixture
def line(database: Database) -> Iterator[Line]:
    """The line, while `database` is the same one for those who have a line of their own."""
    made = Line(database.url.render_as_string(hide_password=False))
    yield made
    made.close()


@pytest.fixture
def served(database: Database, line: Line, tmp_path: Path, now: datetime) -> Iterator[Served]:
    """komp-flow, with the line between it and its database."""
    secret = settle(database, now)
    behind = Database(line.url, info=database.info, limits=SHORT)
    yield serve(behind, tmp_path, now, secret)
    line.mend()
    behind.engine.dispose()


def in_time(act: Any, *arguments: Any) -> Any:
    """What it answers, within the time that anything may take."""
    began = time.monotonic()
    answer = act(*arguments)
    assert time.monotonic() - began < IN_TIME
    return answer


@pytest.mark.parametrize("how", ["fall_silent", "cut"])
def test_who_asks_while_the_line_is_down_is_told_so_and_it_goes_on_when_it_is_up(
    served: Served, line: Line, how: str
) -> None:
    task = served.task(served.start())
    assert served.call("GET", "/tasks").status_code == 200
    getattr(line, how)()
    for _time in range(2):
        for answer in (in_time(served.call, "GET", "/tasks"), in_time(served.complete, task, "k")):
            status, said, again_in = problem(answer)
            assert (status, again_in) == (503, "2")
            assert "ikke lagret" in said
    line.mend()
    assert served.complete(task, "k").status_code == 200
    assert served.done() == 1
    assert halves(served.database, served.now) == []


def test_a_commit_whose_answer_is_lost_is_told_as_uncertain_and_the_same_again_is_not_done_twice(
    served: Served, line: Line
) -> None:
    task = served.task(served.start())
    line.lose_the_next_commit()
    status, said, _again = problem(in_time(served.complete, task, "k"))
    assert line.lost.is_set()
    assert status == 503
    assert "vi vet ikke om det kom med" in said
    line.mend()
    assert served.done() == 1, "it was kept"
    assert served.complete(task, "k").status_code == 200
    assert served.complete(task, "another").status_code == 409
    assert served.done() == 1
    assert halves(served.database, served.now) == []


@pytest.mark.parametrize("how", ["fall_silent", "cut"])
def test_background_work_waits_for_the_line_and_blames_no_row(served: Served, line: Line, how: str) -> None:
    for _one in range(5):
        served.start("waits")
    asked = [served.now]  # what the clock has answered: once for each tick

    def clock() -> datetime:
        asked.append(asked[-1])
        return asked[-1]

    ticking = background.Ticking(served.database, clock, every=timedelta(milliseconds=50))
    try:
        getattr(line, how)()
        asked.append(served.now + timedelta(hours=2))
        ticks = len(asked)
        until(lambda: len(asked) > ticks + 1)  # one at least has begun and given up
        line.mend()
        until(lambda: served.count(tables.TASK, state="open") == 5)
    finally:
        ticking.stop()
    assert served.count(tables.INCIDENT_TABLE) == 0
    assert served.count(tables.TIMER) == 0
    assert halves(served.database, asked[-1]) == []


def test_what_a_process_holds_that_is_cut_off_is_free_again_in_time(
    served: Served, line: Line, database: Database, tmp_path: Path
) -> None:
    task = served.task(served.start())
    other = serve(database, tmp_path, served.now, served.secret)

    def cut_off() -> None:
        with served.database.transaction() as db:
            db.execute(select(tables.TASK.c.id).where(tables.TASK.c.id == task).with_for_update())
            db.execute(select(tables.INSTANCE.c.id).with_for_update())
            line.fall_silent()
            assert in_time(other.complete, task).status_code == 200
            db.execute(text("SELECT 1"))

    with pytest.raises(OperationalError):
        cut_off()
    assert other.done() == 1


def test_who_waits_for_a_row_that_another_holds_is_told_in_time(served: Served) -> None:
    instance = served.start()
    task = served.task(instance)
    with served.database.transaction() as db:
        db.execute(select(tables.INSTANCE.c.id).where(tables.INSTANCE.c.id == instance).with_for_update())
        status, _said, again_in = problem(in_time(served.complete, task))
        assert (status, again_in) == (503, "2")
    assert served.complete(task).status_code == 200


def test_a_process_whose_connections_are_all_in_use_says_so(served: Served) -> None:
    gate, held = threading.Event(), threading.Barrier(33)

    def hold() -> None:
        with served.database.reading() as db:
            db.execute(text("SELECT 1"))
            held.wait(30)
            gate.wait(30)

    holders = [threading.Thread(target=hold) for _ in range(32)]
    for holder in holders:
        holder.start()
    held.wait(30)
    try:
        assert problem(in_time(served.call, "GET", "/tasks"))[::2] == (503, "2")
    finally:
        gate.set()
        for holder in holders:
            holder.join()
    assert served.call("GET", "/tasks").status_code == 200


def until(true: Any) -> None:
    """Wait until it is so."""
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.05)
