"""Dates, times and durations out of texts, and the functions that make them or tell about them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from komp_flow.feel.durations import CalendarDuration, duration
from komp_flow.feel.errors import FeelError
from komp_flow.feel.registry import function
from komp_flow.feel.values import Run

LONGEST_LITERAL = 100

_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(
    r"([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?"
    r"(Z|z|[+-][0-9]{2}:[0-9]{2}(?::[0-9]{2})?|@[A-Za-z0-9_+\-]+(?:/[A-Za-z0-9_+\-]+)*)?"
)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def temporal_literal(text: str) -> object:
    """What `@"…"` stands for: a duration, a time, a date and time or a date; null if it is none of them."""
    if text.startswith(("P", "-P")):
        return read_duration(text)
    if "T" in text:
        return read_date_time(text)
    return read_time(text) if text[2:3] == ":" else read_date(text)


def read_duration(text: str) -> CalendarDuration | None:
    """An ISO 8601 duration, or null."""
    try:
        return duration(text)
    except FeelError:
        return None


def read_date(text: str) -> date | None:
    """A date as `2027-01-31`, or null."""
    found = _DATE.fullmatch(text)
    return _date(*(int(part) for part in found.groups())) if found else None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        return None


def read_time(text: str) -> time | None:
    """A time as `10:00` or `10:00:00.5`, with `Z`, `+01:00` or `@Europe/Oslo` after it if need be; or null."""
    found = _TIME.fullmatch(text) if len(text) <= LONGEST_LITERAL else None
    if found is None:
        return None
    hour, minute, second, fraction, offset = found.groups()
    try:
        clock = time(int(hour), int(minute), int(second or 0), int(f"{fraction or 0:0<6}"[:6]))
        return clock.replace(tzinfo=_zone(offset)) if offset else clock
    except (ValueError, ZoneInfoNotFoundError, OSError):
        return None


def _zone(text: str) -> timezone | ZoneInfo:
    """`Z`, `+01:00` or `@Europe/Oslo`. Raises ValueError or ZoneInfoNotFoundError."""
    if text in ("Z", "z"):
        return UTC
    if text.startswith("@"):
        return ZoneInfo(text[1:])
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[4:6]), seconds=int(text[7:9] or 0))
    if offset > timedelta(hours=18):
        raise ValueError(text)
    return timezone(-offset if text.startswith("-") else offset)


def read_date_time(text: str) -> datetime | None:
    """A date, or a date and a time with `T` between; or null."""
    day_text, separator, time_text = text.partition("T")
    day = read_date(day_text)
    clock = read_time(time_text) if separator else time()
    return None if day is None or clock is None else datetime.combine(day, clock)


@function("date", "year: any?", "month: number?", "day: number?", "from: any?")
def _date_of(_run: Run, year: object, month: Decimal | None, day: Decimal | None, source: object) -> date | None:
    source = _single(year if source is None else source)
    if isinstance(source, str):
        source = read_date_time(source)
    if isinstance(source, datetime):
        return source.date()
    if isinstance(source, date):
        return source
    parts = (source, month, day)
    whole = [int(n) for n in parts if isinstance(n, Decimal) and n == n.to_integral_value() and abs(n) < 100_000]
    return _date(*whole) if len(whole) == 3 else None


def _single(value: object) -> object:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


@function("time", "hour: any?", "minute: number?", "second: number?", "offset: duration?", "from: any?")
def _time_of(
    _run: Run,
    hour: object,
    minute: Decimal | None,
    second: Decimal | None,
    offset: CalendarDuration | None,
    source: object,
) -> time | None:
    source = _single(hour if source is None else source)
    if isinstance(source, str):
        return read_time(source)
    if isinstance(source, datetime):
        return source.timetz()
    if isinstance(source, date):
        return time(tzinfo=UTC)
    if isinstance(source, time):
        return source
    if not isinstance(source, Decimal) or minute is None or second is None:
        return None
    return _clock_time(source, minute, second, offset)


def _clock_time(hour: Decimal, minute: Decimal, second: Decimal, offset: CalendarDuration | None) -> time | None:
    if hour != int(hour) or minute != int(minute) or not 0 <= second < 60:
        return None
    try:
        zone = None if offset is None else timezone(offset.exact + timedelta(days=offset.days))
        return time(int(hour), int(minute), int(second), int(second % 1 * 1_000_000), tzinfo=zone)
    except (ValueError, OverflowError):
        return None


@function("date and time", "date: any?", "time: time?", "from: string?")
def _date_and_time(_run: Run, day: object, clock: time | None, source: str | None) -> datetime | None:
    day = _single(day)
    if isinstance(day, str) or source is not None:
        return read_date_time(day if isinstance(day, str) else source or "")
    if not isinstance(day, date) or clock is None:
        return None
    return datetime.combine(day.date() if isinstance(day, datetime) else day, clock)


@function("duration", "from: string")
def _duration(_run: Run, text: str) -> CalendarDuration | None:
    return read_duration(text)


@function("years and months duration", "from: day", "to: day")
def _years_and_months(_run: Run, start: date, end: date) -> CalendarDuration:
    """Whole months from one date to the other, cut towards zero."""
    sign = 1
    if (end.year, end.month, end.day) < (start.year, start.month, start.day):
        start, end, sign = end, start, -1
    months = (end.year - start.year) * 12 + end.month - start.month - (1 if end.day < start.day else 0)
    return CalendarDuration(sign * months)


@function("day of week", "date: day")
def _day_of_week(_run: Run, day: date) -> str:
    return _WEEKDAYS[day.weekday()]


@function("month of year", "date: day")
def _month_of_year(_run: Run, day: date) -> str:
    return _MONTHS[day.month - 1]


@function("now")
def _now(run: Run) -> datetime:
    return run.moment.now.astimezone(run.moment.zone)


@function("today")
def _today(run: Run) -> date:
    return run.moment.now.astimezone(run.moment.zone).date()
