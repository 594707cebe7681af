"""Rows of forms in the registers."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow import registers
from komp_flow.organisation import Subject
from komp_flow.registers import Group, Measure, Provenance
from komp_flow.registers.models import CompetenceArea, UnitGoal

INSTANCE, TASK = uuid.uuid4(), uuid.uuid4()
IT = Subject(unit="it", cycle="2027")
CYCLE = Subject(cycle="2027")


def keep(
    db: Session,
    now: datetime,
    register: str,
    *rows: tuple[str | None, dict[str, Any]],
    about: Subject = IT,
    at: str = "B4",
) -> list[str]:
    source = Provenance("unit", at, INSTANCE, TASK, "kari")
    return registers.keep(db, Group(register, "rows", rows), about, source, now)


def test_a_row_knows_where_it_came_from(db: Session, now: datetime) -> None:
    (kept,) = keep(db, now, "areas", ("r1", {"area": "Klarspråk", "level_today": 2, "criticality": "5"}))
    row = db.get_one(CompetenceArea, kept)
    assert (row.area, row.level_today, row.criticality, row.stage) == ("Klarspråk", 2, 5, "proposed")
    assert (row.task_id, row.instance_id, row.element, row.by) == (TASK, INSTANCE, "B4", "kari")
    assert (row.unit_id, row.cycle_id) == ("it", "2027")


def test_a_second_submission_changes_rows_and_withdraws_those_that_are_gone(db: Session, now: datetime) -> None:
    first, second = keep(db, now, "areas", ("r1", {"area": "A"}), ("r2", {"area": "B"}))
    later = now + timedelta(days=1)
    again, third = keep(db, later, "areas", ("r2", {"area": "B2"}), ("r3", {"area": "C"}))
    assert again == second
    rows = {row.id: row for row in db.scalars(select(CompetenceArea))}
    assert rows[first].withdrawn_at == later
    assert (rows[second].area, rows[second].position, rows[second].withdrawn_at) == ("B2", 0, None)
    assert rows[second].created_at == now
    assert keep(db, later, "areas", ("r1", {"area": "A"}), ("r2", {"area": "B2"}), ("r3", {"area": "C"}))[0] == first
    assert rows[first].withdrawn_at is None
    assert third in rows


def test_other_elements_rows_are_left_alone(db: Session, now: datetime) -> None:
    keep(db, now, "areas", ("r1", {"area": "A"}))
    keep(db, now, "areas", ("r1", {"area": "A"}), about=CYCLE, at="A4")
    assert sorted(db.scalars(select(CompetenceArea.stage))) == ["merged", "proposed"]


def test_nothing_that_was_sent_is_lost(db: Session, now: datetime) -> None:
    sent = {"name": "x" * 400, "due": "snart", "cost": "1250.50", "mood": ["glad"], "by": "another", "id": "7"}
    (kept,) = keep(db, now, "measures", ("r1", sent))
    row = db.get_one(Measure, kept)
    assert row.name == "x" * 300
    assert (row.due, row.cost, row.by) == (None, Decimal("1250.50"), "kari")
    assert row.extra == {"name": "x" * 400, "due": "snart", "mood": ["glad"], "by": "another", "id": "7"}


def test_an_unknown_register_keeps_nothing(db: Session, now: datetime) -> None:
    assert keep(db, now, "nonsense", ("r1", {"a": 1})) == []


def test_hr_enters_goals_for_units(db: Session, now: datetime) -> None:
    keep(db, now, "unit-goals", ("r1", {"unit": "law", "goal": "Raskere svar"}), about=CYCLE, at="A2")
    assert db.scalars(select(UnitGoal.unit_id)).all() == ["law"]
    shown = registers.context(db, ["unit_goals"], Subject(unit="law", cycle="2027"), str)
    assert [row["goal"] for row in shown["unit_goals"]] == ["Raskere svar"]
    assert registers.context(db, ["unit_goals"], IT, str) == {"unit_goals": []}


def test_a_decision_is_seen_on_its_measure(db: Session, now: datetime) -> None:
    (measure,) = keep(db, now, "measures", ("r1", {"name": "Kurs", "cost": 10}), about=CYCLE, at="A5")
    decided = {"measure": measure, "outcome": "decided", "scope": "central", "decided_on": "2027-06-07"}
    keep(db, now, "decisions", ("r1", decided), about=CYCLE, at="A7")
    row = db.get_one(Measure, measure)
    assert (row.outcome, row.scope, row.decided_on) == ("decided", "central", date(2027, 6, 7))
    for about in (IT, CYCLE):
        shown = registers.context(db, ["decided_measures", "decisions"], about, str)
        assert [found["label"] for found in shown["decided_measures"]] == ["Kurs"]
        assert [found["name"] for found in shown["decisions"]] == ["Kurs"]


def test_a_units_own_actions_are_not_other_units_business(db: Session, now: datetime) -> None:
    keep(db, now, "actions", ("r1", {"name": "Vår øvelse"}), at="B10")
    law = Subject(unit="law", cycle="2027")
    assert [r["name"] for r in registers.context(db, ["local_measures"], IT, str)["local_measures"]] == ["Vår øvelse"]
    assert registers.context(db, ["local_measures", "decided_measures"], law, str) == {
        "decided_measures": [],
        "local_measures": [],
    }


def test_what_hr_is_writing_is_not_shown_to_units(db: Session, now: datetime) -> None:
    keep(db, now, "areas", ("r1", {"area": "Samlet"}), about=CYCLE, at="A4")
    assert registers.context(db, ["merged_areas"], CYCLE, str)["merged_areas"]
    assert registers.context(db, ["merged_areas"], IT, str) == {"merged_areas": []}


def test_a_row_is_shown_as_a_choice(db: Session, now: datetime) -> None:
    keep(db, now, "areas", ("r1", {"area": "Klarspråk"}))
    (own,) = registers.context(db, ["areas"], IT, {"it": "IT-avdelingen"}.__getitem__)["areas"]
    assert (own["label"], own["value"], own["unit_name"]) == ("Klarspråk", own["id"], "IT-avdelingen")
    (all_units,) = registers.context(db, ["areas"], CYCLE, {"it": "IT-avdelingen"}.__getitem__)["areas"]
    assert all_units["label"] == "Klarspråk (IT-avdelingen)"
