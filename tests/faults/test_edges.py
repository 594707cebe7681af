"""kill -9 at every edge of a commit: just before it nothing has happened, just after it everything has, and once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.drawing import doc, end, flows, message, receive, start
from faults import dying
from faults.serving import IT, serve, settle
from faults.whole import halves
from komp_flow import work
from komp_flow.db import Database
from komp_flow.engine import SourceFile, tables
from work import staff

KILLED, WENT_THROUGH = -9, 0
MOST: Final = 3  # commits that are tried of one act
HEARS: Final = doc(
    start(), receive("r", "m1"), end(), flows("s>r>e"), pid="hears", top=message("m1", "svar", "=key")
)  # fmt: skip


@pytest.mark.databases
def test_killed_at_any_edge_of_a_commit_it_has_happened_wholly_or_not_at_all_and_once_in_the_end(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    secret = settle(database, now)
    served = serve(database, tmp_path, now, secret)
    with database.transaction() as db:
        staff.publish(db, now, SourceFile("hears.bpmn", HEARS))
    acts = []
    for what in ("complete", "draft", "message", "tick"):
        for edge in ("before", "after"):
            for number in range(1, MOST + 1):
                key = f"{what} {edge} {number}"
                act: dict[str, Any] = {"what": what, "edge": edge, "commit": number, "key": key}
                if what in {"complete", "draft"}:
                    act["task"] = str(served.task(served.start()))
                elif what == "message":
                    with database.transaction() as db:
                        act["instance"] = str(work.start(db, staff.EIER, "hears", IT, {"key": key}, now).id)
                acts.append(act)
    waiting = [served.start("waits") for _ in range(2 * MOST)]
    ended = killed(database, tmp_path, now, secret, acts)

    assert {act["what"] for act, how in zip(acts, ended, strict=True) if how == KILLED} == {
        "complete", "draft", "message", "tick",
    }  # fmt: skip
    assert set(ended) <= {KILLED, WENT_THROUGH}
    assert halves(database, now) == []
    for act, how in zip(acts, ended, strict=True):
        if act["what"] == "complete" and act["commit"] == 1:
            assert how == KILLED
            assert is_done(database, act["task"]) is (act["edge"] == "after"), act
        again = dying.do(served, act)
        assert again in {0, 200}, (act, again)
    completed = [act["task"] for act in acts if act["what"] == "complete"]
    assert all(is_done(database, task) for task in completed)
    assert served.done() == len(completed)
    assert {state(database, act["instance"]) for act in acts if act["what"] == "message"} == {"completed"}
    assert served.count(tables.MESSAGE) == 2 * MOST, "each was sent once"
    work.run_all(database, now + timedelta(hours=1))
    assert served.count(tables.TASK, process="waits") == len(waiting), "each timer has fired once"
    assert halves(database, now) == []


def killed(database: Database, home: Path, now: datetime, secret: str, acts: list[dict[str, Any]]) -> list[int]:
    """How the process ended that did each of these."""
    url = database.url.render_as_string(hide_password=False)
    path = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, str(Path(dying.__file__)), url, str(home), now.isoformat(), secret],
        input="".join(json.dumps(act) + "\n" for act in acts), capture_output=True, text=True, timeout=300,
        env={**os.environ, "PYTHONPATH": path}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return [int(line) for line in done.stdout.splitlines() if line.lstrip("-").isdigit()]


def is_done(database: Database, task: str) -> bool:
    with database.reading() as db:
        return db.execute(select(tables.TASK.c.state).where(tables.TASK.c.id == UUID(task))).scalar_one() == "completed"


def state(database: Database, instance: str) -> str:
    with database.reading() as db:
        found = select(tables.INSTANCE.c.state).where(tables.INSTANCE.c.id == UUID(instance))
        return str(db.execute(found).scalar_one())
