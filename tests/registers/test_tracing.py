"""The trail from a proposal to its effect, walked both ways."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from komp_flow.db import Database
from komp_flow.registers import REGISTERS, Reader, tracing
from komp_flow.registers.models import CompetenceArea, DevelopmentGoal, Effect, Measure
from registers.seeding import add, chain, cycle

ALL = Reader(everything=True, people=frozenset({"nils"}))


@pytest.fixture
def traced(db: Session, now: datetime) -> Callable[..., Any]:
    """`traced("areas", "area-it")` is the trail of that row; with a reader, as that one sees it."""
    cycle(db, now, decided_on=now.date())
    chain(db, now)

    def trace(register: str, row_id: str, reader: Reader = ALL) -> tracing.Trail:
        row = db.get_one(REGISTERS[register].table, row_id)
        return tracing.trail(db, register, row, reader)

    return trace


def ids(steps: tuple[tracing.Step, ...]) -> list[str]:
    return [row.id for step in steps for row in step.rows]


@pytest.mark.databases
def test_a_proposal_leads_to_all_that_was_made_of_it_in_the_order_of_the_cycle(traced: Any) -> None:
    trail = traced("areas", "area-it")
    assert ids(trail.before) == []
    assert ids(trail.after) == [
        "merged", "recommended", "measure-it", "central", "decision", "touched", "local", "goal-nils",
        "reported", "felt",
    ]  # fmt: skip


@pytest.mark.databases
def test_an_effect_leads_back_to_the_proposals(traced: Any) -> None:
    trail = traced("effects", "felt")
    assert set(ids(trail.before)) == {
        "goal-nils", "local", "central", "decision", "merged", "area-it", "area-law", "measure-law", "measure-it",
    }  # fmt: skip
    assert ids(trail.after) == []


@pytest.mark.parametrize(
    ("register", "row", "before", "after"),
    [
        ("areas", "merged", {"area-it", "area-law", "measure-it"},
         {"recommended", "central", "decision", "touched", "local", "goal-nils", "felt", "reported"}),
        ("areas", "recommended", {"merged", "area-it", "area-law", "measure-it"}, set()),
        ("measures", "measure-it", {"area-it"},
         {"merged", "recommended", "central", "decision", "touched", "local", "goal-nils", "felt", "reported"}),
        ("measures", "central", {"merged", "area-it", "area-law", "measure-it", "measure-law"},
         {"decision", "touched", "local", "goal-nils", "felt", "reported"}),
        ("decisions", "decision", {"central", "merged", "area-it", "area-law", "measure-it", "measure-law"},
         {"touched", "local", "goal-nils", "felt", "reported"}),
        ("implementations", "touched",
         {"central", "decision", "merged", "area-it", "area-law", "measure-it", "measure-law"}, set()),
        ("actions", "local", {"central", "decision", "merged", "area-it", "area-law", "measure-it", "measure-law"},
         {"goal-nils", "felt"}),
        ("goals", "goal-nils",
         {"local", "central", "decision", "merged", "area-it", "area-law", "measure-it", "measure-law"}, {"felt"}),
    ],
)  # fmt: skip
def test_each_row_knows_both_ways(traced: Any, register: str, row: str, before: set[str], after: set[str]) -> None:
    trail = traced(register, row)
    assert set(ids(trail.before)) == before
    assert set(ids(trail.after)) == after


def test_a_plan_tied_to_a_proposal_shows_what_was_decided_of_it(db: Session, now: datetime, traced: Any) -> None:
    add(db, now, DevelopmentGoal, "early", unit_id="law", person_id="nils", measure="measure-law")
    assert {"measure-law", "central", "decision"} <= set(ids(traced("goals", "early").before))


def test_a_reader_sees_of_the_trail_what_they_may_read_anyway(traced: Any) -> None:
    unit = Reader(units=frozenset({"it"}))
    assert ids(traced("areas", "area-it", unit).after) == [
        "merged", "recommended", "measure-it", "central", "decision", "touched", "local", "reported",
    ]  # fmt: skip
    assert ids(traced("areas", "merged", unit).before) == ["area-it", "measure-it"]


def test_the_recommendation_is_not_told_of_before_the_decision(db: Session, now: datetime) -> None:
    cycle(db, now)
    chain(db, now)
    area = db.get_one(CompetenceArea, "area-it")
    unit = Reader(units=frozenset({"it"}))
    assert ids(tracing.trail(db, "areas", area, unit).after) == ["measure-it", "touched", "local"]
    union = Reader(recommendation=True)
    assert ids(tracing.trail(db, "areas", db.get_one(CompetenceArea, "merged"), union).after) == [
        "recommended", "central", "decision", "reported",
    ]  # fmt: skip


def test_plans_are_counted_only_in_groups_that_hide_everyone(db: Session, now: datetime, traced: Any) -> None:
    hr = Reader(all_units=True, recommendation=True)
    assert traced("areas", "area-it", hr).goals == tracing.Told(None, None)
    for person in ("kari", "ola"):
        add(db, now, DevelopmentGoal, f"goal-{person}", unit_id="it", person_id=person, measure="local")
    assert traced("areas", "area-it", hr).goals == tracing.Told(3, None)
    assert traced("areas", "area-it", Reader(units=frozenset({"it"}))).goals is None
    assert "goal-nils" not in ids(traced("areas", "area-it", hr).after)


def test_effects_of_plans_are_a_mean_in_groups_that_hide_everyone(db: Session, now: datetime, traced: Any) -> None:
    for person, effect in (("nils", 2), ("kari", 3), ("ola", 5)):
        add(db, now, Effect, f"e-{person}", unit_id="it", person_id=person, measure="central", effect=effect)
    assert traced("decisions", "decision", Reader(after=True)).effects == tracing.Told(3, Decimal("3.3"))


def test_rows_that_were_withdrawn_or_are_of_another_cycle_are_not_on_the_trail(
    db: Session, now: datetime, traced: Any
) -> None:
    db.get_one(Measure, "central").withdrawn_at = now
    cycle(db, now, "2028")
    add(db, now, CompetenceArea, "next-year", cycle_id="2028", stage="merged", sources=["area-it"])
    assert not {"central", "next-year"} & set(ids(traced("areas", "area-it").after))


def test_rows_that_point_at_each_other_do_not_walk_for_ever(db: Session, now: datetime) -> None:
    cycle(db, now)
    one = add(db, now, Measure, "one", sources=["two"], stage="recommended")
    add(db, now, Measure, "two", sources=["one"], stage="recommended")
    trail = tracing.trail(db, "measures", one, ALL)
    assert (ids(trail.before), ids(trail.after)) == (["two"], ["two"])


@pytest.mark.databases
def test_a_trail_costs_the_same_however_many_rows_there_are(
    db: Session, now: datetime, database: Database, traced: Any
) -> None:
    counted: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *seen: counted.append(seen[2]))

    def cost() -> int:
        counted.clear()
        for register, row in (("areas", "area-it"), ("effects", "felt"), ("decisions", "decision")):
            traced(register, row)
        return len(counted)

    cost()  # rows that are read once are held now
    before = cost()
    for number in range(60):
        add(db, now, CompetenceArea, f"more-{number}", stage="merged", sources=["area-it"])
        add(db, now, Measure, f"plan-{number}", unit_id="it", stage="local", sources=["central"])
    trail = traced("areas", "area-it")
    merged = trail.after[0]
    assert (len(merged.rows), merged.total) == (tracing.MOST_SHOWN, 61)
    assert cost() <= before < 75  # three trails
