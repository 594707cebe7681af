"""Dates, times and durations: arithmetic on them, their parts, and the functions that make or read them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from komp_flow.feel.durations import CalendarDuration, duration
from komp_flow.feel.errors import FeelError
from komp_flow.feel.registry import function
from komp_flow.feel.values import NUMBERS, Run, instant
from komp_flow.i18n import _

MOST_WORKING_DAYS = 10_000
LONGEST_LITERAL = 100

_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(
    r"([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?(Z|z|[+-][0-9]{2}:[0-9]{2}(?::[0-9]{2})?|@[A-Za-z0-9_+\-]+(?:/[A-Za-z0-9_+\-]+)*)?"
)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_OF_DAYS = frozenset({"days", "hours", "minutes", "seconds"})
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


# --- texts to values


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


# --- arithmetic


def plus(a: object, b: object, run: Run) -> object:
    """The sum of two values of which one at least is a duration; null where there is none."""
    if isinstance(a, CalendarDuration):
        if isinstance(b, CalendarDuration):
            return _bounded(a, b)
        a, b = b, a
    if not isinstance(b, CalendarDuration):
        return None
    try:
        return _moved(a, b, run.moment.zone)
    except (OverflowError, ValueError):
        return None


def _bounded(a: CalendarDuration, b: CalendarDuration) -> CalendarDuration | None:
    try:
        return a + b
    except FeelError:
        return None


def _moved(start: object, length: CalendarDuration, zone: ZoneInfo) -> object:
    if isinstance(start, datetime):
        return _moved_date_time(start, length, zone)
    if isinstance(start, date):
        midnight = datetime(start.year, start.month, start.day, tzinfo=UTC)
        return length.after(midnight, ZoneInfo("UTC")).date()
    if isinstance(start, time):
        day = datetime.combine(date(2000, 1, 1), start.replace(tzinfo=None))
        return (day + timedelta(seconds=float(length.total_seconds % 86400))).time().replace(tzinfo=start.tzinfo)
    return None


def _moved_date_time(start: datetime, length: CalendarDuration, zone: ZoneInfo) -> datetime:
    """Days and months by the calendar of the value's own zone, the organisation's where it has none."""
    if start.tzinfo is None:
        moved = length.after(start.replace(tzinfo=zone), zone)
        return moved.astimezone(zone).replace(tzinfo=None)
    if isinstance(start.tzinfo, ZoneInfo):
        return length.after(start, start.tzinfo).astimezone(start.tzinfo)
    # With a fixed offset there are no jumps: the local time may be counted as if it were UTC.
    moved = length.after(start.replace(tzinfo=UTC), ZoneInfo("UTC"))
    return moved.replace(tzinfo=start.tzinfo)


def minus(a: object, b: object, run: Run) -> object:
    """Two points in time give the exact duration between them; with a duration on the right, `plus` its negation."""
    if isinstance(b, CalendarDuration):
        return plus(a, -b, run)
    if isinstance(a, time) and isinstance(b, time):
        if (a.tzinfo is None) != (b.tzinfo is None):
            return None
        day, zone = run.moment.now.date(), run.moment.zone
        return _between(instant(datetime.combine(day, b), zone), instant(datetime.combine(day, a), zone))
    if isinstance(a, date) and isinstance(b, date):
        if not isinstance(a, datetime) and not isinstance(b, datetime):
            return CalendarDuration(0, (a - b).days)
        return _between(instant(b, run.moment.zone), instant(a, run.moment.zone))
    return None


def _between(start: datetime, end: datetime) -> CalendarDuration:
    return CalendarDuration(0, 0, Decimal((end - start) // timedelta(microseconds=1)) / 1_000_000)


def scaled(length: CalendarDuration, factor: Decimal) -> CalendarDuration | None:
    """A duration times a number; months and days are cut to whole ones, the rest of a day becomes seconds."""
    try:
        months = int(NUMBERS.multiply(length.months, factor))
        days = NUMBERS.multiply(length.days, factor)
        seconds = NUMBERS.add(NUMBERS.multiply(length.seconds, factor), NUMBERS.multiply(days % 1, Decimal(86400)))
        return CalendarDuration(months, int(days), seconds)
    except (FeelError, ValueError, OverflowError, ArithmeticError):
        return None


def ratio(a: CalendarDuration, b: CalendarDuration) -> Decimal | None:
    """How many times a duration goes into another of its kind."""
    if a.of_days and b.of_days:
        return NUMBERS.divide(a.total_seconds, b.total_seconds) if b.total_seconds else None
    if a.of_months and b.of_months and b.months:
        return NUMBERS.divide(Decimal(a.months), Decimal(b.months))
    return None


# --- parts


def part(value: object, name: str) -> object:
    """`.year`, `.hours` and the like of a date, time or duration; null for a part that it does not have."""
    if isinstance(value, CalendarDuration):
        return _duration_part(value, name)
    if isinstance(value, date) and name in ("year", "month", "day"):
        return Decimal(getattr(value, name))
    if isinstance(value, date) and name == "weekday":
        return Decimal(value.isoweekday())
    if isinstance(value, time | datetime):
        if name in ("hour", "minute"):
            return Decimal(getattr(value, name))
        if name == "second":
            return Decimal(value.second) + Decimal(value.microsecond) / 1_000_000
        if name == "timezone" and isinstance(value.tzinfo, ZoneInfo):
            return value.tzinfo.key
    return None


def _duration_part(length: CalendarDuration, name: str) -> Decimal | None:
    """Of the normalised duration: `P14M` has 1 year, 2 months and null days, `PT36H` 1 day and 12 hours."""
    if (length.of_months and length.months) if name in _OF_DAYS else length.of_days:
        return None
    sizes = {"years": (12, None), "months": (1, 12)}
    if name in sizes:
        size, limit = sizes[name]
        return _whole(Decimal(length.months), size, limit)
    clock = {"days": (86400, None), "hours": (3600, 24), "minutes": (60, 60)}
    if name in clock:
        size, limit = clock[name]
        return _whole(length.total_seconds, size, limit)
    return length.total_seconds % 60 if name == "seconds" else None


def _whole(amount: Decimal, size: int, limit: int | None) -> Decimal:
    count = int(amount / size)
    return Decimal(count if limit is None else abs(count) % limit * (1 if count >= 0 else -1))


# --- functions


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


@function("add working days", "from: day", "n: number")
def _add_working_days(run: Run, start: date, n: Decimal) -> date | None:
    """The n-th working day after `from`, the n-th before it if n is negative; `from` itself is never counted.

    From a day that is not a working day the count begins with the next working day (the one before, backwards).
    n = 0 gives `from` back as it is. A date and time keeps its local time of day. Null unless n is whole and at most
    10 000. Raises FeelError when the calendar has too few working days.
    """
    if n != n.to_integral_value() or abs(n) > MOST_WORKING_DAYS:
        return None
    local = _local(start, run.moment.zone)
    day = local.date() if isinstance(local, datetime) else local
    step = timedelta(days=1 if n > 0 else -1)
    left = abs(int(n))
    try:
        while left:
            run.spend(1)
            day += step
            left -= bool(run.moment.is_working_day(day))
    except OverflowError as error:
        raise FeelError(_("Kalenderen har for få arbeidsdager.")) from error
    if not isinstance(local, datetime):
        return day
    return _settled(datetime.combine(day, local.time()), local.tzinfo)


def _local(value: date, zone: ZoneInfo) -> date:
    """The local date and time of an instant in the organisation's zone; what has no offset is local already."""
    return value.astimezone(zone) if isinstance(value, datetime) and value.tzinfo is not None else value


def _settled(naive: datetime, zone: object) -> datetime:
    if not isinstance(zone, ZoneInfo):
        return naive
    return naive.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)


@function("working days between", "a: day", "b: day")
def _working_days_between(run: Run, a: date, b: date) -> Decimal:
    """How many working days come after `a` up to and with `b`: the n for which `add working days(a, n)` gives `b`.

    Negative when `b` is before `a`. The same day gives 0.
    """
    start, end = (_as_day(_local(day, run.moment.zone)) for day in (a, b))
    sign = 1 if end >= start else -1
    count = 0
    day = start
    while day != end:
        run.spend(1)
        day += timedelta(days=sign)
        count += bool(run.moment.is_working_day(day))
    return Decimal(sign * count)


def _as_day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value
