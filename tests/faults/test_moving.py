"""Moves that are broken off, done by several workers at once, and met by people: each instance whole, and once."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.drawing import boundary, doc, end, flows, start, timer
from engine.storing import fill, job, schedule
from faults import moving_on
from faults.serving import Served, serve, settle
from faults.whole import halves
from komp_flow.audit import EVENT
from komp_flow.db import Database
from komp_flow.engine import SourceFile, tables
from komp_flow.revising import moving
from revising.test_moving import Desk
from work import staff
from work.conftest import Office
from work.staff import EIER

pytestmark = pytest.mark.databases

UNITS = 24  # six batches
KILLED = [-9]
NEW = doc(
    start(),
    job("first", name="Først"),
    job("write", name="Skriv", ext=fill("f") + schedule("=now() + duration(&quot;P9D&quot;)")),
    boundary("late", "write", timer("PT20H"), interrupts=False),
    job("u2", roles="superior", name="Les"),
    end(),
    flows("s>first>write>u2>e", "late>e"),
)
FORM = staff.form("f", staff.required("title"), staff.field("other", "textarea"))


@pytest.fixture
def served(database: Database, tmp_path: Path, now: datetime) -> Served:
    return serve(database, tmp_path, now, settle(database, now))


@pytest.fixture
def desk(served: Served) -> Desk:
    """Instances that stand at a step with a form, and its new version."""
    made = Desk(Office(served.database, served.now))
    made.units(UNITS)
    made.office.publish(SourceFile("p.bpmn", NEW), FORM)
    return made


@pytest.fixture(scope="module")
def zygote() -> Iterator[subprocess.Popen[str]]:
    """The process that workers are forked from."""
    path = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    with subprocess.Popen(
        [sys.executable, str(Path(moving_on.__file__))],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path},
    ) as made:  # fmt: skip
        assert made.stdout is not None
        assert made.stdout.readline() == "ready\n"
        yield made
        made.kill()


@dataclass
class Workers:
    """Processes that move what is due, until nothing is or they are killed."""

    zygote: subprocess.Popen[str]
    desk: Desk

    def begin(self, edge: str = "", commit: int = 0, many: int = 1) -> None:
        assert self.zygote.stdin is not None
        url = self.desk.office.database.url.render_as_string(hide_password=False)
        now = self.desk.office.now.isoformat()
        line = json.dumps({"url": url, "now": now, "edge": edge, "commit": commit, "many": many})
        self.zygote.stdin.write(f"{line}\n")
        self.zygote.stdin.flush()

    def ended(self) -> list[int]:
        """How each ended that was begun."""
        assert self.zygote.stdout is not None
        return [int(code) for code in self.zygote.stdout.readline().split()]

    def live(self, edge: str = "", commit: int = 0, many: int = 1) -> list[int]:
        self.begin(edge, commit, many)
        return self.ended()

    def kill(self) -> None:
        subprocess.run(["pkill", "-9", "-P", str(self.zygote.pid)], check=False)


@pytest.fixture
def workers(zygote: subprocess.Popen[str], desk: Desk) -> Workers:
    return Workers(zygote, desk)


def told(database: Database, what: str) -> Counter[UUID]:
    """How often the trail of each instance says so."""
    with database.reading() as db:
        return Counter(row.instance_id for row in db.execute(select(EVENT.c.instance_id).where(EVENT.c.what == what)))


def versions(database: Database) -> Counter[int]:
    with database.reading() as db:
        query = select(tables.ProcessVersion.number).join(
            tables.Instance, tables.Instance.version_id == tables.ProcessVersion.id
        )
        return Counter(db.scalars(query.where(tables.Instance.process == "p")))


def test_a_worker_that_is_killed_again_and_again_leaves_each_instance_whole_and_none_is_moved_twice(
    desk: Desk, workers: Workers
) -> None:
    database, now = desk.office.database, desk.office.now
    move = desk.begin({"u1": "same:write"})
    edges = [(edge, commit) for commit in (1, 2, 3) for edge in ("before", "after")]
    assert KILLED in [workers.live(*at) for at in edges[:4]], "the preview was broken off too"
    assert workers.live() == [0]
    seen = desk.sheet(move)
    assert (seen.line.state, seen.numbers) == ("counted", {"moved": UNITS})
    assert not told(database, "moved")
    for act, what, state in ((moving.run, "moved", "done"), (moving.undo, "moved-back", "undone")):
        desk.office.act(act, EIER, move)
        ended = []
        for at in edges:
            ended.append(workers.live(*at))
            assert halves(database, now) == []
            so_far = told(database, what)
            assert set(so_far.values()) <= {1}
            at_new = versions(database)[2]
            assert at_new == len(so_far) if what == "moved" else at_new == UNITS - len(so_far)
        assert ended.count(KILLED) >= 4
        assert workers.live() == [0]
        assert desk.sheet(move).line.state == state
        assert told(database, what) == dict.fromkeys(desk.here, 1)
        assert desk.move_row(move).result == desk.move_row(move).expected
        assert halves(database, now) == []
    assert versions(database) == {1: UNITS}


def test_workers_that_are_killed_at_any_moment_end_with_the_sums_of_the_preview(desk: Desk, workers: Workers) -> None:
    database = desk.office.database
    move = desk.begin({"u1": "same:write"})
    desk.tick()
    desk.office.act(moving.run, EIER, move)
    chance = random.Random(7)
    for _life in range(3):
        workers.begin()
        threading.Event().wait(chance.uniform(0.02, 0.15))
        workers.kill()
        assert workers.ended() in ([0], KILLED)
        assert halves(database, desk.office.now) == []
    desk.tick()
    assert desk.sheet(move).line.state == "done"
    assert told(database, "moved") == dict.fromkeys(desk.here, 1)
    assert desk.move_row(move).result == desk.move_row(move).expected


def test_two_workers_at_one_move_move_none_twice_and_a_pause_holds_for_both(desk: Desk, workers: Workers) -> None:
    database = desk.office.database
    move = desk.begin({"u1": "same:write"})
    assert workers.live(many=2) == [0, 0]
    assert desk.sheet(move).numbers == {"moved": UNITS}
    desk.office.act(moving.run, EIER, move)
    desk.office.act(moving.pause, EIER, move)
    assert workers.live(many=2) == [0, 0]
    assert desk.sheet(move).progress == {"waiting": UNITS}
    desk.office.act(moving.resume, EIER, move)
    assert workers.live(many=2) == [0, 0]
    assert told(database, "moved") == dict.fromkeys(desk.here, 1)
    assert desk.sheet(move).line.state == "done"
    desk.office.act(moving.undo, EIER, move)
    assert workers.live(many=2) == [0, 0]
    assert told(database, "moved-back") == dict.fromkeys(desk.here, 1)
    assert desk.sheet(move).progress == {"undone": UNITS}
    assert halves(database, desk.office.now) == []


def test_who_completes_a_task_while_it_is_moved_is_first_or_last_and_loses_nothing(
    desk: Desk, served: Served, workers: Workers
) -> None:
    database = desk.office.database
    move = desk.begin({"u1": "same:write"})
    desk.tick()
    tasks = [served.task(instance) for instance in desk.here]
    desk.office.act(moving.run, EIER, move)
    answers: dict[UUID, int] = {}

    def person(mine: list[UUID]) -> None:
        for task in mine:
            answers[task] = served.complete(task, key=task.hex).status_code

    people = [threading.Thread(target=person, args=(tasks[first::2],)) for first in range(2)]
    workers.begin()
    for one in people:
        one.start()
    for one in people:
        one.join(120)
        assert not one.is_alive()
    assert workers.ended() == [0]
    desk.tick()
    mine = [task for task, instance in zip(tasks, desk.here, strict=True) if is_kari(database, instance)]
    assert {answers[task] for task in mine} == {200}
    assert served.done() == len(mine)
    assert {status for task, status in answers.items() if task not in mine} == {404}
    assert versions(database) == {2: UNITS}
    assert told(database, "moved") == dict.fromkeys(desk.here, 1)
    assert halves(database, desk.office.now) == []


def is_kari(database: Database, instance: UUID) -> bool:
    with database.reading() as db:
        return db.get_one(tables.Instance, instance).unit_id == "it"
