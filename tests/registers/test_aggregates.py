"""Numbers of many: shown where a group hides everyone in it, and where nothing follows by subtraction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from komp_flow import registers
from komp_flow.registers.aggregates import large_enough
from komp_flow.registers.models import CompetenceArea, DevelopmentGoal, Effect, Measure

CYCLE = "2027"
numbers = count()


@pytest.fixture
def cycle(db: Session, now: datetime) -> str:
    registers.set_up(
        db, {"name": CYCLE, "start": date(2027, 1, 4), "smallest_group": 5}, cycle_id=None, instance_id=None, now=now
    )
    return CYCLE


def add(db: Session, table: Any, now: datetime, **columns: Any) -> str:
    row_id = columns.pop("id", f"row-{next(numbers)}")
    kept = {"origin": "a test", "row_id": row_id, "created_at": now, "updated_at": now, "extra": {}}
    db.add(table(id=row_id, cycle_id=columns.pop("cycle_id", CYCLE), **kept, **columns))
    db.flush()
    return str(row_id)


def goals(db: Session, now: datetime, area: str, people: Mapping[int, int] | range, **more: Any) -> None:
    for person in people:
        add(db, DevelopmentGoal, now, person_id=f"p{person}", area=area, **more)


def rated(db: Session, now: datetime, measure: str, effects: Mapping[str, int], **more: Any) -> None:
    for person, effect in effects.items():
        add(db, Effect, now, person_id=person, measure=measure, effect=effect, **more)


def needs(db: Session) -> dict[str, int]:
    return {
        str(row["area"]): int(str(row["people"])) for row in registers.numbers(db, ["talk_needs"], CYCLE)["talk_needs"]
    }


def effects(db: Session) -> dict[str, tuple[int, Decimal]]:
    found: Any = registers.numbers(db, ["measure_effects"], CYCLE)["measure_effects"]
    return {row["name"]: (row["people"], row["effect"]) for row in found}


def test_an_area_is_counted_in_people_where_they_are_enough(db: Session, now: datetime, cycle: str) -> None:
    data, law = (add(db, CompetenceArea, now, area=name, stage="proposed", unit_id="it") for name in ("Data", "Juss"))
    goals(db, now, data, range(5))
    goals(db, now, data, range(2))  # the same people again
    goals(db, now, law, range(4))

    assert needs(db) == {"Data": 5}


def test_proposed_areas_that_were_merged_count_as_one(db: Session, now: datetime, cycle: str) -> None:
    it, law = (add(db, CompetenceArea, now, area="Data", stage="proposed", unit_id=unit) for unit in ("it", "law"))
    add(db, CompetenceArea, now, area="Data i alt vi gjør", stage="merged", sources=[it, law])
    goals(db, now, it, range(3))
    goals(db, now, law, range(2, 6))

    assert needs(db) == {"Data i alt vi gjør": 6}


def test_only_areas_that_are_known_are_counted_never_what_somebody_wrote(
    db: Session, now: datetime, cycle: str
) -> None:
    goals(db, now, "Jeg vil bli leder", range(9))
    goals(db, now, "annet", range(6))

    assert needs(db) == {"Annet": 6}


def test_goals_of_another_cycle_and_withdrawn_ones_do_not_count(db: Session, now: datetime, cycle: str) -> None:
    goals(db, now, "annet", range(9), cycle_id="2026")
    goals(db, now, "annet", range(9), withdrawn_at=now)

    assert needs(db) == {}


def test_an_effect_is_the_mean_of_each_persons_newest_answer(db: Session, now: datetime, cycle: str) -> None:
    courses = add(db, Measure, now, name="Kurs", stage="recommended")
    rated(db, now, courses, dict.fromkeys("abcde", 1))
    rated(db, now + timedelta(days=182), courses, {"a": 4, "b": 5})

    assert effects(db) == {"Kurs": (5, Decimal("2.4"))}


def test_answers_on_a_proposal_count_for_the_measure_that_was_decided(db: Session, now: datetime, cycle: str) -> None:
    proposed = add(db, Measure, now, name="Kurs hos oss", stage="proposed", unit_id="it")
    add(db, Measure, now, name="Kurs", stage="recommended", sources=[proposed])
    rated(db, now, proposed, dict.fromkeys("abcde", 3))

    assert effects(db) == {"Kurs": (5, Decimal("3.0"))}


def test_what_the_owner_reports_is_not_mixed_with_what_people_say(db: Session, now: datetime, cycle: str) -> None:
    courses = add(db, Measure, now, name="Kurs", stage="recommended", outcome="decided")
    rated(db, now, courses, dict.fromkeys("abcde", 3))
    add(db, Effect, now, measure=courses, effect=5, status="done")

    found: Any = registers.numbers(db, ["measure_reports"], CYCLE)["measure_reports"]

    assert effects(db) == {"Kurs": (5, Decimal("3.0"))}
    assert [(row["name"], row["effect"], row["status_name"]) for row in found] == [("Kurs", 5, "Ferdig")]


def test_a_small_group_is_not_found_by_taking_the_others_from_the_whole(db: Session, now: datetime, cycle: str) -> None:
    sizes = {"Kurs": 9, "Nettverk": 6, "Hospitering": 2}
    for name, size in sizes.items():
        measure = add(db, Measure, now, name=name, stage="recommended")
        rated(db, now, measure, {f"{name}-{person}": 3 for person in range(size)})

    assert effects(db).keys() == {"Kurs"}  # «Nettverk» is left out with «Hospitering»: eight together


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 30), max_size=8), st.integers(3, 10))
def test_what_is_left_out_is_nothing_or_enough(groups: dict[str, int], smallest: int) -> None:
    shown = large_enough(groups, smallest)
    left_out = sum(number for group, number in groups.items() if group not in shown)

    assert all(groups[group] >= smallest for group in shown)
    assert left_out == 0 or left_out >= smallest or not shown
    if all(number >= smallest for number in groups.values()):
        assert shown == groups.keys()


def test_a_carried_over_measure_counts_for_the_area_of_the_same_name(db: Session, now: datetime, cycle: str) -> None:
    registers.set_up(db, {"name": "2026", "start": date(2026, 1, 5)}, cycle_id=None, instance_id=None, now=now)
    last_year = add(db, CompetenceArea, now, area="Data ", stage="merged", cycle_id="2026")
    courses = add(db, Measure, now, name="Kurs", area=last_year, outcome="decided", scope="central", cycle_id="2026")
    add(db, CompetenceArea, now, area="data", stage="recommended", priority=1)
    add(db, Effect, now, measure=courses, effect=4, status="under_way")

    (row,) = registers.numbers(db, ["area_effects"], CYCLE)["area_effects"]

    assert (row["measures"], row["effect"], row["suggested"]) == (1, Decimal("4.0"), 4)
