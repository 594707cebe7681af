"""kill -9 while four people complete tasks: what was acknowledged is there once, the rest wholly or not at all."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

from engine.drawing import boundary, doc, end, flows, start, timer
from engine.storing import Store, job
from komp_flow import audit
from komp_flow.db import Database
from komp_flow.engine import tables

CHAIN = doc(
    start(), *(job(f"u{n}") for n in range(6)),
    boundary("t", "u1", timer("P1D"), interrupts=False), end(), end("e2"),
    flows("s>u0>u1>u2>u3>u4>u5>e", "t>e2"),
)  # fmt: skip

WORKER = """
import sys, threading
from uuid import UUID
from zoneinfo import ZoneInfo
sys.path.insert(0, sys.argv[2])
from engine.storing import Store
from komp_flow.db import Database

store = Store(Database(sys.argv[1], info={"trail_key": b"a key for tests only", "zone": ZoneInfo("Europe/Oslo")}))

def work(task):
    while True:
        done = store.complete_task(UUID(task), by="worker")
        sys.stdout.write(task + "\\n")
        sys.stdout.flush()
        if not done.opened:
            return
        task = done.opened[0].hex

def person(tasks):
    for task in tasks:
        work(task)

tasks = sys.argv[3:]
people = [threading.Thread(target=person, args=(tasks[n::4],)) for n in range(4)]
for one in people: one.start()
for one in people: one.join()
"""


@pytest.mark.databases
def test_killed_at_any_moment_nothing_is_lost_and_nothing_is_there_twice(database: Database, tmp_path: Path) -> None:
    store = Store(database, CHAIN)
    script = tmp_path / "worker.py"
    script.write_text(WORKER)
    acknowledged: list[str] = []
    for after in (1, 7, 23, 40):
        tasks = [store.start().opened[0].hex for _ in range(16)]
        url = database.url.render_as_string(hide_password=False)
        command = [sys.executable, str(script), url, str(Path(__file__).parents[1]), *tasks]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
            assert worker.stdout is not None
            acknowledged += [worker.stdout.readline().strip() for _ in range(after)]
            worker.send_signal(signal.SIGKILL)
            # What was written before the kill was acknowledged too; a half line was not.
            acknowledged += [
                line.strip() for line in worker.stdout.read().splitlines(keepends=True) if line[-1:] == "\n"
            ]
    whole(database, {UUID(task) for task in acknowledged if len(task) == 32})


def whole(database: Database, acknowledged: set[UUID]) -> None:
    with database.reading() as db:
        done = set(db.execute(select(tables.TASK.c.id).where(tables.TASK.c.state == "completed")).scalars())
        sent = list(db.execute(select(tables.SUBMISSION.c.task_id)).scalars())
        assert acknowledged <= done
        assert set(sent) == done
        assert len(sent) == len(done)
        assert len(done) - len(acknowledged) <= 4 * 4, "at most one that nobody heard of for each person and kill"
        open_ = select(tables.TASK.c.instance_id, func.count()).where(tables.TASK.c.state == "open")
        per_instance = dict(db.execute(open_.group_by(tables.TASK.c.instance_id)).all())
        running = set(db.execute(select(tables.INSTANCE.c.id).where(tables.INSTANCE.c.state == "active")).scalars())
        assert per_instance == dict.fromkeys(running, 1)
        assert audit.verify(db) == []
