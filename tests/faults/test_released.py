"""A database of every release, with instances at every kind of wait: this version upgrades it, and each one ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest
from sqlalchemy import func, select

from faults import opening
from faults.whole import halves
from komp_flow import engine, schema, work
from komp_flow.auth import tokens
from komp_flow.db import Database
from komp_flow.engine import tables
from komp_flow.errors import KeyReused
from komp_flow.organisation import Subject
from komp_flow.work.texts import written
from processes.walking import Walk
from work import staff

REQUEST: Final = b"POST /api/v1/instances"  # as in released/make.py
IT: Final = Subject(unit="it")
SUMMER: Final = datetime(2027, 6, 2, 8, tzinfo=UTC)
PROPOSAL: Final = ("B1", "B2", "B3", "B4", "B5", "B6", "B7")
SHIPPED: Final = {"cycle", "unit", "talk", "reading", "measure"}

# What each instance has done when it has ended: which steps of people, timers and messages, and how often.
ENDINGS: Final = {
    "a_user_task": {"u": 1},
    "a_task_that_is_delegated": {"u": 1},
    "a_timer": {"t": 1},
    "a_timer_of_a_calendar": {"t": 1},
    "a_message": {"r": 1},
    "a_message_on_its_way": {"r": 1},
    "a_signal": {"c": 1},
    "an_event_gateway_by_message": {"g": 1, "u": 1},
    "an_event_gateway_by_timer": {"g": 1, "v": 1},
    "a_boundary_timer": {"b": 1, "v": 1},
    "a_boundary_cycle": {"b": 3, "v": 3, "u": 1},
    "a_boundary_message": {"b": 1, "v": 1, "u": 1},
    "items_together": {"u": 3},
    "items_in_turn": {"u": 3, "pt": 3},
    "a_call": {"u": 1, "r": 1},
    "a_call_that_waits_for_a_message": {"u": 1, "r": 1},
    "an_event_sub_process_waits": {"x_s": 1, "xu": 1, "u": 1},
    "an_event_sub_process_runs": {"x_s": 1, "xu": 1},
    "joins": {"a": 1, "b": 1, "c": 1},
    "a_loop": {"u": 3},
    "an_incident": {"u": 1},
    "an_incident_of_a_timer": {"t": 1},
    "an_incident_of_a_task": {"u": 1},
    "tells_somebody": {"u": 1},
    "suspended": {"u": 1, "b": 1, "v": 1},
    "ended": {"u": 1},
}


class Again(Walk):
    """Goes on in a database that was left by an older version."""

    def __init__(self, database: Database, version: str) -> None:
        released = opening.told(version)
        self.database, self.now, self.version = database, released.now, version
        self.known = {name: UUID(id_) for name, id_ in released.instances.items()}

    def act(self, function: Any, *arguments: Any, **more: Any) -> Any:
        with self.database.transaction() as db:
            return function(db, *arguments, now=self.now, **more)

    def send(self, key: str, **payload: object) -> None:
        self.act(engine.correlate, "svar", key, payload, by="kari")
        self.tick()

    def pass_days(self, days: int) -> None:
        """Two at a time, so that what comes again and again comes as often as it should."""
        for _two in range(days // 2):
            assert self.tick(self.now + timedelta(days=2)).failed == 0

    def do_all(self) -> None:
        """Everyone does what they have, until nobody has anything but where something must be mended first."""
        for _round in range(20):
            able = [id_ for name, id_ in self.known.items() if name in ENDINGS and self.state(id_) == "active"]
            lines = [line for id_ in able for line in self.open(id_)]
            for line in lines:
                with self.database.transaction() as db:
                    values = {"title": "Ferdig"} if line.form else {}
                    work.complete(db, line.id, staff.KARI, values, self.now)
            self.pass_days(2)
            if not lines:
                return

    def done(self) -> dict[str, Mapping[str, int]]:
        """What every instance that was made to wait has done."""
        found = {}
        for name in ENDINGS:
            trail = self.sheet(self.known[name]).trail
            counted = [line for line in trail if line.what == "fired" or (line.what == "completed" and line.by)]
            found[name] = dict(Counter(line.element for line in counted))
        return found

    def states(self) -> dict[str, int]:
        with self.database.reading() as db:
            of = tables.Instance
            wanted = select(of.state, func.count()).where(of.process.not_in(SHIPPED)).group_by(of.state)
            return {row[0]: row[1] for row in db.execute(wanted)}


@pytest.fixture(params=opening.VERSIONS)
def walk(request: pytest.FixtureRequest, database_kind: str, tmp_path: Path, zone: Any) -> Any:
    """The release's database, brought to this version."""
    address = request.getfixturevalue("bare_postgresql") if database_kind == "postgresql" else None
    database = opening.opened(opening.unpack(request.param, tmp_path), zone, address)
    schema.upgrade(database)
    yield Again(database, request.param)
    database.close()


@pytest.mark.databases
def test_every_wait_of_a_release_ends_in_this_version(walk: Again) -> None:
    assert halves(walk.database, walk.now) == []
    assert walk.tick().failed == 0
    for key in ("m1", "b1", "w1", "g1", "c2"):
        walk.send(key, said="svaret")
    walk.pass_days(22)
    walk.act(work.resume, staff.EIER, walk.known["suspended"], "")
    walk.act(work.start, staff.EIER, "sends", IT, {})
    walk.act(work.retry, staff.EIER, walk.known["an_incident_of_a_timer"])
    walk.tick()
    walk.do(walk.known["a_task_that_is_delegated"], "u", by=staff.NILS, values={"title": "Gjort"})
    walk.do_all()
    walk.send("c1")
    kept = walk.act(work.start, staff.EIER, "waits_for_what_was_kept", IT, {"key": "kept"})
    walk.tick()
    assert walk.state(kept.id) == "completed"
    walk.tick(SUMMER)
    for mended in ("an_incident", "an_incident_of_a_task"):
        walk.act(work.retry, staff.EIER, walk.known[mended])
    walk.do_all()

    assert walk.done() == ENDINGS
    begun = 2  # one by its start timer for all that was missed, one by the message that was on its way
    assert walk.states() == {"completed": len(ENDINGS) + 2, "cancelled": 1, "active": begun}
    assert halves(walk.database, walk.now) == []


@pytest.mark.databases
def test_a_cycle_of_a_release_goes_on_to_its_end_in_this_version(walk: Again) -> None:
    cycle = walk.known["cycle"]
    assert walk.tick().failed == 0
    for unit, steps in {"law": PROPOSAL[1:], "dir": PROPOSAL}.items():
        for step in steps:
            walk.do(walk.known[f"unit {unit}"], step)
            assert walk.tick().failed == 0
    talk = walk.known["talk"]
    walk.do(talk, "C3")
    walk.tick(datetime(2027, 3, 15, 9, tzinfo=UTC))
    for step in ("C4", "C5"):
        walk.do(talk, step)
    for step in ("A4", "A5", "A7", "A8", "A9"):
        walk.do(cycle, step)
        assert walk.tick().failed == 0
    assert walk.state(cycle) == "completed"
    with walk.database.reading() as db:
        next_units = work.instances(db, staff.EIER, process="unit", cycle="2028", now=walk.now)
    assert len(next_units.items) == 3, "what the release had asked for is begun here"

    assert walk.completed(talk) == ["C1", "C2", "C3", "C4", "C5"]
    assert halves(walk.database, walk.now) == []


@pytest.mark.databases
def test_what_people_had_under_their_hands_is_there_in_this_version(walk: Again) -> None:
    task = walk.line(walk.known["a_user_task"], "u")
    assert task.claimed_by == "kari"
    with walk.database.reading() as db:
        assert work.draft(db, task.id, staff.KARI, walk.now).values == {"title": "Halvferdig"}
        assert [file.name for file in work.beside(db, task.id, staff.KARI, walk.now)] == ["notat.txt"]
        who = tokens.actor(db, opening.told(walk.version).token, walk.now)
        assert who is not None
        assert who.person_id == "eier"
        sealed = db.scalars(select(tables.Submission.task_id).where(tables.Submission.sealed.is_not(None))).all()
        rows = [row for task_id in sealed if (row := written.submission(db, task_id)) is not None]
        assert rows, "something is written in a talk"
        assert all(written.opened(db, row) for row in rows)

    def again(body: object) -> work.Answer:
        with walk.database.transaction() as db:
            return work.once(db, staff.EIER, "a key", work.fingerprint(REQUEST, body), walk.now, done_twice)

    answer = again({"process": "a_timer"})
    assert (answer.status, answer.body, answer.repeated) == (201, {"id": "the first answer"}, True)
    with pytest.raises(KeyReused):
        again({"process": "another"})


def done_twice() -> tuple[int, object]:
    raise AssertionError("done twice")
