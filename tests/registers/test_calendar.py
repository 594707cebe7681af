"""The cycle's calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from komp_flow.organisation import WorkingCalendar
from komp_flow.registers import calendar

OSLO = ZoneInfo("Europe/Oslo")
WORKING = WorkingCalendar(frozenset(), july_pause=True).is_working_day
START = date(2027, 1, 4)


def test_the_defaults_count_from_the_start_and_the_decision() -> None:
    before = calendar.dates(START, None, {}, WORKING)
    assert before == {
        "preparation": date(2027, 1, 25),
        "discussion": date(2027, 3, 8),
        "merge": date(2027, 3, 30),  # the 29th is Easter Monday
        "talks": date(2027, 4, 26),
        "recommendation": date(2027, 5, 10),
        "decision": date(2027, 5, 31),
        "distribution": None,
        "implementation": None,
        "action_plan": None,
        "evaluation": date(2028, 1, 4),
    }
    after = calendar.dates(START, date(2027, 6, 7), {}, WORKING)
    assert (after["distribution"], after["implementation"], after["action_plan"]) == (
        date(2027, 6, 14),
        date(2027, 8, 2),  # out of the July pause, and off a Sunday
        date(2027, 8, 2),
    )


def test_a_date_that_was_set_stays() -> None:
    moved = {"discussion": date(2027, 3, 20), "distribution": date(2027, 9, 1)}
    found = calendar.dates(START, None, moved, WORKING)
    assert (found["discussion"], found["distribution"]) == (date(2027, 3, 20), date(2027, 9, 1))


def test_the_ladder_counts_working_days_at_eight_over_easter_and_summer_time() -> None:
    # Easter 2027: Thursday 25 to Monday 29 March; summer time begins on the 28th.
    found = calendar.ladder(date(2027, 3, 24), (5, 10, 15), OSLO, WORKING)
    assert found == [
        datetime(2027, 4, 5, 6, tzinfo=UTC),
        datetime(2027, 4, 12, 6, tzinfo=UTC),
        datetime(2027, 4, 19, 6, tzinfo=UTC),
    ]


def test_escalation_rests_in_july() -> None:
    assert calendar.ladder(date(2027, 6, 28), (5,), OSLO, WORKING) == [datetime(2027, 8, 4, 6, tzinfo=UTC)]


def test_the_ladder_of_a_date_that_is_not_known_is_not_known() -> None:
    assert calendar.ladder(None, (5, 10), OSLO, WORKING) is None


def test_an_organisation_that_never_works_gets_its_dates_all_the_same() -> None:
    assert calendar.next_working_day(START, lambda _day: False) == START
    assert calendar.ladder(START, (5,), OSLO, lambda _day: False)


@given(st.dates(date(2024, 1, 1), date(2040, 1, 1)))
def test_every_default_is_a_working_day_and_never_early(start: date) -> None:
    for name, day in calendar.dates(start, start, {}, WORKING).items():
        offset = {**calendar.FROM_START, **calendar.FROM_DECISION}[name]
        assert day is not None
        assert WORKING(day)
        assert day >= start + timedelta(days=offset)
