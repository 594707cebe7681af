"""A manager's talks side by side: whose, in which order, and what stands first when there are two."""

from __future__ import annotations

import pytest

from komp_flow import work
from komp_flow.db import Database
from processes import test_talk_rounds
from processes.test_talk_rounds import begun, proposed
from processes.walking import Walk
from work import staff


@pytest.fixture
def walk(database: Database) -> Walk:
    made: Walk = test_talk_rounds.walk.__wrapped__(database)  # type: ignore[attr-defined]
    proposed(made)
    return made


def test_the_same_task_of_all_talks_is_one_step(walk: Walk) -> None:
    with walk.database.reading() as db:
        found = work.talk_round(db, staff.KARI, walk.now)
        (step,) = [step for step in found.steps if step.element == "C1"]
        assert {row.person for row in found.rows if row.talk} == {"nils", "ola"}
        assert all(row.trusted for row in found.rows)
        assert step.tasks == work.same_tasks(db, staff.KARI, "C1", walk.now)
        assert work.same_tasks(db, staff.KARI, "C9", walk.now) == ()


def test_an_extraordinary_talk_does_not_hide_that_of_the_round(walk: Walk) -> None:
    own = begun(walk)["nils"]
    with walk.database.transaction() as db:
        work.talks.begin_extraordinary(db, staff.HANNE, "nils", "2027", walk.now)
    walk.tick()
    with walk.database.reading() as db:
        rows = {row.person: row for row in work.talk_round(db, staff.KARI, walk.now).rows}
        nils = rows["nils"].talk
        assert nils is not None
        assert nils.instance_id == own
        assert not nils.extraordinary
