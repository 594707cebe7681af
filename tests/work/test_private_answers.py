"""Some answers are for the one who writes them alone."""

from __future__ import annotations

from sqlalchemy import select

from komp_flow import engine
from komp_flow.db import Database
from komp_flow.organisation import Subject
from komp_flow.registers import set_up
from processes.walking import SETUP, Walk


def test_the_managers_check_of_themselves_is_not_kept(database: Database) -> None:
    walk = Walk(database)
    with database.transaction() as db:
        set_up(db, {"name": "2027", "start": SETUP["start"]}, cycle_id=None, instance_id=None, now=walk.now)
    unit = walk.start("unit", Subject(unit="it", cycle="2027"))
    walk.do(unit, "B1")

    walk.do(unit, "B2", ready_to_lead=True)

    with database.reading() as db:
        sent = db.scalars(select(engine.Submission.values).where(engine.Submission.instance_id == unit)).all()
    assert any("starts_at" in answers for answers in sent)
    assert not any("ready_to_lead" in answers for answers in sent)
