"""A move on the queue: several workers of procrastinate do it together, each instance once; a pause holds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from background.conftest import real, until
from faults.test_moving import FORM, NEW, told
from komp_flow.db import Database
from komp_flow.engine import SourceFile
from komp_flow.revising import move_batches, moving
from revising.test_moving import Desk
from work import staff
from work.conftest import TWO_STEPS, Office
from work.staff import EIER

UNITS = 16


def test_workers_of_the_queue_move_each_once_rest_in_a_pause_and_take_it_back(
    office: Office, queued: Database, at_work: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(move_batches, "SIZE", 3)
    office.now = real()
    office.publish(SourceFile("p.bpmn", TWO_STEPS), staff.form("f", staff.required("title")))
    desk = Desk(office)
    desk.units(UNITS)
    office.publish(SourceFile("p.bpmn", NEW), FORM)
    for _worker in range(2):
        at_work()
    move = desk.begin({"u1": "same:write"})
    until(lambda: desk.sheet(move).line.state == "counted")
    office.act(moving.run, EIER, move)
    office.act(moving.pause, EIER, move)
    stopped = desk.sheet(move).progress
    assert not desk.batch()
    assert desk.sheet(move).progress == stopped
    office.act(moving.resume, EIER, move)
    until(lambda: desk.sheet(move).line.state == "done")
    assert told(queued, "moved") == dict.fromkeys(desk.here, 1)
    office.act(moving.undo, EIER, move)
    until(lambda: desk.sheet(move).line.state == "undone")
    assert told(queued, "moved-back") == dict.fromkeys(desk.here, 1)
