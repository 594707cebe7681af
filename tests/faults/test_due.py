"""Much is due at once, some of it poisoned, and several workers are at it: each row is done once, and nobody waits."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest
from sqlalchemy import event, func, select, update

from faults.serving import IT, Served, serve, settle
from faults.whole import halves
from komp_flow import engine, work
from komp_flow.db import Database
from komp_flow.engine import tables
from komp_flow.work import WORLD
from work import staff

HERE: Final = Path(__file__).parent
MANY: Final = 10_000
GOOD, POISONED = 40, 3
HOUR: Final = timedelta(hours=1)


@pytest.fixture
def served(database: Database, tmp_path: Path, now: datetime) -> Served:
    return serve(database, tmp_path, now, settle(database, now))


def begin(served: Served, count: int) -> list[UUID]:
    """So many that wait for the same moment."""
    with served.database.transaction() as db:
        return engine.start_many(db, WORLD, "waits", [IT] * count, {}, by="eier", now=served.now)


def fired(database: Database) -> dict[int, int]:
    """How many instances have fired their timer so and so often."""
    with database.reading() as db:
        once = (
            select(func.count().label("times"))
            .select_from(tables.TASK)
            .where(tables.TASK.c.process == "waits")
            .group_by(tables.TASK.c.instance_id)
            .subquery()
        )
        return {row[0]: row[1] for row in db.execute(select(once.c.times, func.count()).group_by(once.c.times))}


@pytest.mark.databases
def test_a_poisoned_instance_among_good_ones_hurts_only_itself(served: Served) -> None:
    instances = begin(served, GOOD + POISONED)
    table, poisoned = tables.INSTANCE, instances[:: (GOOD + POISONED) // POISONED][:POISONED]
    was: dict[UUID, bytes] = {}
    with served.database.transaction() as db:
        for instance, poison in zip(poisoned, (b"", b"not what we write", None), strict=True):
            was[instance] = db.execute(select(table.c.state_blob).where(table.c.id == instance)).scalar_one()
            bad = was[instance][: len(was[instance]) // 2] if poison is None else poison  # None: half of it
            db.execute(update(table).where(table.c.id == instance).values(state_blob=bad))
    now = served.now + HOUR
    ran = work.run_all(served.database, now)
    assert (fired(served.database), ran.failed) == ({1: GOOD}, POISONED), (
        "at the first tick, with the poison among them"
    )
    for _try in range(4):
        now += timedelta(hours=2)
        assert work.run_all(served.database, now).failed == POISONED
    assert work.run_all(served.database, now + timedelta(days=30)).failed == 0, "given up: a person must look at them"

    with served.database.reading() as db:
        stopped = db.execute(select(table.c.id).where(table.c.state == "incident")).scalars()
        assert set(stopped) == set(poisoned)
        texts = db.execute(select(tables.INCIDENT_TABLE.c.text)).scalars().all()
        assert len(texts) == POISONED
    with served.database.transaction() as db:
        for instance, blob in was.items():
            db.execute(update(table).where(table.c.id == instance).values(state_blob=blob))
    for instance in poisoned:
        with served.database.transaction() as db:
            work.retry(db, staff.EIER, instance, now)
    work.run_all(served.database, now)
    assert fired(served.database) == {1: GOOD + POISONED}
    assert halves(served.database, now) == []


@pytest.mark.databases
def test_ten_thousand_timers_due_at_once_are_all_done_and_nobody_waits_for_more_than_a_batch(served: Served) -> None:
    """On SQLite, where one writes at a time, whoever comes is next: at most the batch under way goes first."""
    many = MANY if served.database.is_sqlite else MANY // 4
    begin(served, many)
    tasks = [served.task(served.start()) for _ in range(10)]
    batches: list[int] = []  # by thread: whose transaction was committed

    @event.listens_for(served.database.engine, "commit")
    def count(_connection: Any) -> None:
        batches.append(threading.get_ident())

    waited: list[int] = []
    ticking = threading.Thread(target=work.run_all, args=(served.database, served.now + HOUR))
    ticking.start()
    while not batches:
        assert ticking.is_alive()
    for task in tasks:
        before = batches.count(ticking.ident or 0)
        assert served.complete(task).status_code == 200
        waited.append(batches.count(ticking.ident or 0) - before)
    assert ticking.is_alive(), "all were served before it was through"
    ticking.join(120)
    assert not ticking.is_alive()
    assert fired(served.database) == {1: many}
    assert served.count(tables.TIMER) == 0
    assert served.done() == len(tasks)
    if served.database.is_sqlite:
        # One request has several short transactions of its own; before each, one batch at most.
        assert max(waited) <= 4


@pytest.mark.databases
def test_workers_that_race_do_each_row_once(served: Served) -> None:
    begin(served, 600)
    for number in range(100):
        with served.database.transaction() as db:
            engine.correlate(db, "nobody waits", str(number), {}, by="eier", now=served.now)
    done = together("ticking.py", 3, served.database, (served.now + HOUR).isoformat())
    assert sum(int(failed) for _done, failed in done) == 0
    assert fired(served.database) == {1: 600}
    assert (served.count(tables.TIMER), served.count(tables.INCIDENT_TABLE)) == (0, 0)
    assert halves(served.database, served.now + HOUR) == []


def test_four_threads_that_write_take_turns(served: Served) -> None:
    turns: list[int] = []
    gate = threading.Barrier(4)

    def write() -> None:
        gate.wait(20)
        while len(turns) < 400:
            with served.database.transaction() as db:
                db.execute(update(tables.TASK).values(name="mine"))
                turns.append(threading.get_ident())

    run(write, 4)
    writers = set(turns)
    assert len(writers) == 4
    steady = turns[40:400]
    assert all(steady.count(writer) >= len(steady) / 8 for writer in writers), [steady.count(w) for w in writers]


def test_four_processes_that_write_without_a_pause_all_have_their_turns(served: Served) -> None:
    """A command beside the one that serves: SQLite lets it wait and try again, and nobody gives up."""
    said = together("writing.py", 4, served.database, "2")
    assert all(int(turns) >= 3 for turns, _longest in said), said
    assert all(float(longest) < 15 for _turns, longest in said), said


def run(act: Callable[[], None], count: int) -> None:
    threads = [threading.Thread(target=act) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()


def together(script: str, count: int, database: Database, *arguments: str) -> list[list[str]]:
    """What each of so many processes said in the end; all begin at one moment."""
    url = database.url.render_as_string(hide_password=False)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])}
    begun = [
        subprocess.Popen(
            [sys.executable, str(HERE / script), url, *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment,
        )
        for _ in range(count)
    ]  # fmt: skip
    try:
        for process in begun:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in begun:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        return [process.communicate(timeout=100)[0].splitlines()[-1].split() for process in begun]
    finally:
        for process in begun:
            process.kill()
            process.communicate()
