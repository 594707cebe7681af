"""What a timer's value means: instants, calendar days, the two nights of the year, bounds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from komp_flow import feel
from komp_flow.engine.errors import Fault
from komp_flow.engine.memory.timers import instants

OSLO = ZoneInfo("Europe/Oslo")
T0 = datetime(2027, 1, 4, 8, tzinfo=UTC)


def of(value: object, since: datetime = T0, now: datetime | None = None) -> list[str]:
    found = instants(value, since, now or since, OSLO)
    return [f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M}Z" for instant in found or []]


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OSLO)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2027-07-01T09:00:00+02:00", ["2027-07-01T07:00Z"]),
        ("2027-07-01T09:00:00Z", ["2027-07-01T09:00Z"]),
        ("2027-07-01T09:00:00", ["2027-07-01T07:00Z"]),
        ("2027-01-31T09:00", ["2027-01-31T08:00Z"]),
        ("2027-07-01", ["2027-07-01T06:00Z"]),
        (date(2027, 1, 31), ["2027-01-31T07:00Z"]),
        (datetime(2027, 7, 1, 9), ["2027-07-01T07:00Z"]),  # noqa: DTZ001 - FEEL's local date and time
        (datetime(2027, 7, 1, 9, tzinfo=UTC), ["2027-07-01T09:00Z"]),
        ("PT2H30M", ["2027-01-04T10:30Z"]),
        ("P1M", ["2027-02-04T08:00Z"]),
        ("P2W", ["2027-01-18T08:00Z"]),
        ("P1Y2M3DT4H", ["2028-03-07T12:00Z"]),
        (feel.duration("P1D"), ["2027-01-05T08:00Z"]),
        (["2027-07-01", None, "P1D"], ["2027-01-05T08:00Z", "2027-07-01T06:00Z"]),
        ("R3/P7D", ["2027-01-11T08:00Z", "2027-01-18T08:00Z", "2027-01-25T08:00Z"]),
        ("R2/2027-02-01T08:00:00Z/P1D", ["2027-02-01T08:00Z", "2027-02-02T08:00Z"]),
        ("R2/2027-02-01/P1D", ["2027-02-01T07:00Z", "2027-02-02T07:00Z"]),
    ],
)
def test_values(value: object, expected: list[str]) -> None:
    assert of(value) == expected


@pytest.mark.parametrize("value", [None, "", [], [None]])
def test_not_known_yet(value: object) -> None:
    assert instants(value, T0, T0, OSLO) is None


def test_a_calendar_day_keeps_the_hour_over_both_nights_and_24_hours_do_not() -> None:
    spring, autumn = local("2027-03-27T12:00"), local("2027-10-30T12:00")
    assert of("P1D", spring) == ["2027-03-28T10:00Z"]
    assert of("PT24H", spring) == ["2027-03-28T11:00Z"]
    assert of("P1D", autumn) == ["2027-10-31T11:00Z"]
    assert of("PT24H", autumn) == ["2027-10-31T10:00Z"]


def test_a_time_that_does_not_exist_moves_forward_and_one_that_is_twice_is_the_first() -> None:
    assert of("P1D", local("2027-03-27T02:30")) == ["2027-03-28T01:30Z"], "03:30 summer time"
    assert of("P1D", local("2027-10-30T02:30")) == ["2027-10-31T00:30Z"], "02:30 summer time"
    assert of("2027-03-28T02:30:00") == ["2027-03-28T01:30Z"]
    assert of("2027-10-31T02:30:00") == ["2027-10-31T00:30Z"]


def test_a_daily_cycle_keeps_the_hour_over_the_change() -> None:
    assert of("R3/P1D", local("2027-03-27T02:30")) == ["2027-03-28T01:30Z", "2027-03-29T00:30Z", "2027-03-30T00:30Z"]


def test_months_are_counted_from_the_start_and_do_not_slip() -> None:
    assert of("R4/P1M", local("2027-01-31T09:00")) == [
        "2027-02-28T08:00Z", "2027-03-31T07:00Z", "2027-04-30T07:00Z", "2027-05-31T07:00Z",
    ]  # fmt: skip


def test_leap_day() -> None:
    assert of("P1Y", local("2028-02-29T09:00")) == ["2029-02-28T08:00Z"]
    assert of("R4/P1Y", local("2028-02-29T09:00"))[-1] == "2032-02-29T08:00Z"
    assert of("P1D", local("2028-02-28T09:00")) == ["2028-02-29T08:00Z"]


def test_an_endless_cycle_is_a_hundred_times_within_five_years() -> None:
    assert len(of("R/PT1M")) == 100
    months = of("R/P1M")
    assert len(months) == 60
    assert months[-1] == "2032-01-04T08:00Z"


def test_an_endless_cycle_from_long_ago_begins_with_the_next() -> None:
    found = of("R/2020-01-01T08:00:00Z/P1D")
    assert found[0] == "2027-01-04T08:00Z"
    assert len(found) == 100
    assert of("R/0002-01-01T00:00:00/P1M")[0] == "2027-01-31T23:00Z"


@pytest.mark.parametrize(
    "value",
    [
        "tull", "P", "PT", "P1", "P0D", "-P1D", "P6Y", "P61M", "PT99999999H", "P999999999999Y", "2040-01-01",
        "2027-13-01",
        "2027-02-30", "R3", "R3/", "R/PT0S", "R3/PT59S", "R101/P1D", "R0/P1D", "R-1/P1D", "Rx/P1D", "R3/P1D/P1D/P1D",
        "R3/P1D/2027-01-01", "R100/P1M", "R2/2040-01-01/P1D", 12, True, {"a": 1}, ["tull"], [["P1D"] * 101],
        ["P1D"] * 101,
        "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", feel.duration("-P1D"), feel.duration("P0D"),
        feel.duration("P900Y"), "x" * 10_000,
    ],
)  # fmt: skip
def test_what_is_no_time_or_passes_a_bound(value: object) -> None:
    with pytest.raises(Fault):
        instants(value, T0, T0, OSLO)


def test_five_years_ahead_is_possible() -> None:
    assert of("P5Y") == ["2032-01-04T08:00Z"]
    assert of((T0 + timedelta(days=5 * 365)).isoformat())
