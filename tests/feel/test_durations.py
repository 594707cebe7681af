"""Durations: what ISO 8601 text may say, and calendar days against exact seconds over both changes of clocks."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from komp_flow import feel
from komp_flow.feel import CalendarDuration, duration

OSLO = ZoneInfo("Europe/Oslo")


def oslo(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=OSLO).astimezone(UTC)  # type: ignore[arg-type, misc]


def test_all_designators_are_read() -> None:
    assert duration("P1Y2M3W4DT5H6M7.5S") == CalendarDuration(14, 25, Decimal("18367.5"))


def test_months_days_and_time_may_be_mixed() -> None:
    assert duration("P1M2DT3H") == CalendarDuration(1, 2, Decimal(10800))


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1", "1D", "P1H", "PT1D", "P-1D", "P1D ", " P1D", "P1,5D", "p1d", "P١D"]
)
def test_what_is_not_a_duration_is_refused(text: str) -> None:
    with pytest.raises(feel.FeelError):
        duration(text)


@pytest.mark.parametrize("text", ["P9999999Y", "P99999999999M", "PT999999999999S", "P1001Y", "P" + "9" * 10_000 + "D"])
def test_an_absurd_length_is_refused(text: str) -> None:
    with pytest.raises(feel.FeelError):
        duration(text)


def test_a_negative_duration_counts_back() -> None:
    assert duration("-P1M").after(oslo(2027, 3, 31, 8), OSLO) == oslo(2027, 2, 28, 8)


def test_a_day_keeps_the_local_hour_when_summer_time_begins() -> None:
    assert duration("P1D").after(oslo(2027, 3, 27, 12), OSLO) == oslo(2027, 3, 28, 12)


def test_twenty_four_hours_are_exact_when_summer_time_begins() -> None:
    assert duration("PT24H").after(oslo(2027, 3, 27, 12), OSLO) == oslo(2027, 3, 28, 13)


def test_a_day_keeps_the_local_hour_when_summer_time_ends() -> None:
    assert duration("P1D").after(oslo(2027, 10, 30, 12), OSLO) == oslo(2027, 10, 31, 12)


def test_twenty_four_hours_are_exact_when_summer_time_ends() -> None:
    assert duration("PT24H").after(oslo(2027, 10, 30, 12), OSLO) == oslo(2027, 10, 31, 11)


def test_a_time_that_does_not_exist_moves_forward_by_the_gap() -> None:
    assert duration("P1D").after(oslo(2027, 3, 27, 2, 30), OSLO) == oslo(2027, 3, 28, 3, 30)


def test_a_time_that_exists_twice_is_the_first() -> None:
    assert duration("P1D").after(oslo(2027, 10, 30, 2, 30), OSLO) == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_no_days_at_all_keep_the_second_of_two_equal_hours() -> None:
    second = datetime(2027, 10, 31, 1, 30, tzinfo=UTC)
    assert duration("PT0S").after(second, OSLO) == second
    assert duration("P0D").after(second, OSLO) == second


def test_the_time_is_added_after_the_days() -> None:
    assert duration("P1DT1H").after(oslo(2027, 3, 27, 1, 30), OSLO) == oslo(2027, 3, 28, 3, 30)


def test_a_month_ends_on_its_last_day() -> None:
    assert duration("P1M").after(oslo(2028, 1, 31, 8), OSLO) == oslo(2028, 2, 29, 8)
    assert duration("P1Y").after(oslo(2028, 2, 29, 8), OSLO) == oslo(2029, 2, 28, 8)


def test_each_time_is_counted_from_the_beginning() -> None:
    january = oslo(2027, 1, 31, 8)
    assert [duration("P1M").after(january, OSLO, times).day for times in (1, 2, 3)] == [28, 31, 30]


def test_past_the_calendar_is_an_error() -> None:
    with pytest.raises(feel.FeelError):
        duration("P900Y").after(oslo(9500, 1, 1), OSLO)
    with pytest.raises(feel.FeelError):
        duration("-P900Y").after(oslo(500, 1, 1), OSLO)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("P14M", "P1Y2M"),
        ("PT36H", "P1DT12H"),
        ("P2W", "P14D"),
        ("PT90S", "PT1M30S"),
        ("-PT0.50S", "-PT0.5S"),
        ("PT0S", "PT0S"),
        ("P1M2DT3H", "P1M2DT3H"),
    ],
)
def test_a_duration_is_shown_normalised(text: str, shown: str) -> None:
    assert str(duration(text)) == shown


def test_a_day_equals_twenty_four_hours_as_a_value() -> None:
    assert duration("P1D") == duration("PT24H")
    assert hash(duration("P1D")) == hash(duration("PT24H"))
    assert duration("P1M") != duration("P30D")
    assert feel.YearsMonths(14) == duration("P1Y2M")
