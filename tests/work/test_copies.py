"""A copy that is taken while people work: elsewhere every instance goes on from where it was."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine.drawing import doc, end, flows, start
from engine.storing import job
from komp_flow import audit, backups, engine, schema, work
from komp_flow.db import Database
from komp_flow.engine import SourceFile
from komp_flow.engine.tables import INSTANCE
from work import staff
from work.conftest import Office

STEPS = [f"u{number}" for number in range(1, 5)]
LONG = doc(start(), *(job(step) for step in STEPS), end(), flows(f"s>{'>'.join(STEPS)}>e"))
MANY = 12


@pytest.fixture
def bare(database_kind: str, tmp_path: Path, database: Database, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Makes databases with today's tables, which share the tests' key store."""
    made: list[Database] = []
    numbers = count()

    def make() -> Database:
        url = f"sqlite:///{tmp_path / f'served-{next(numbers)}.sqlite'}"
        if database_kind == "postgresql":
            url = request.getfixturevalue("another_postgresql")()
        made.append(Database(url, info=database.info))
        schema.upgrade(made[-1])
        return made[-1]

    yield make
    for one in made:
        one.engine.dispose()


@pytest.mark.databases
def test_every_instance_of_a_copy_taken_under_load_goes_on(
    bare: Callable[[], Database], now: datetime, tmp_path: Path, postgresql_tools: None
) -> None:
    here, there = bare(), bare()
    with here.transaction() as db:
        staff.settle(db)
    office = Office(here, now)
    office.publish(SourceFile("p.bpmn", LONG))
    started = {office.start() for _number in range(MANY)}
    under_way, enough = threading.Event(), threading.Event()
    worker = threading.Thread(target=_work, args=(office, under_way, enough))
    worker.start()
    assert under_way.wait(60)
    backups.backup(here, tmp_path / "copy")
    enough.set()
    worker.join(60)
    assert not worker.is_alive()

    backups.restore(there, tmp_path / "copy")
    assert schema.check(there) == []
    elsewhere = Office(there, now)
    with there.reading() as db:
        states = {row.id: row.state for row in db.execute(select(INSTANCE.c.id, INSTANCE.c.state))}
        assert audit.verify(db, engine.streams(db)) == []
    assert set(states) >= started
    assert "active" in states.values()
    while lines := elsewhere.look(work.inbox, staff.KARI):
        for line in lines:
            elsewhere.act(work.complete, line.id, staff.KARI, {})
    with there.reading() as db:
        assert set(db.execute(select(INSTANCE.c.state)).scalars()) == {"completed"}
        assert audit.verify(db, engine.streams(db)) == []


def _work(office: Office, under_way: threading.Event, enough: threading.Event) -> None:
    """Complete and start without a pause, until it is enough."""
    while not enough.is_set():
        line = office.look(work.inbox, staff.KARI)[0]
        office.act(work.complete, line.id, staff.KARI, {})
        office.start()
        under_way.set()
