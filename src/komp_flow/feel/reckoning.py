"""Reckoning with time: dates, times and durations added, subtracted and scaled, and their parts."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from komp_flow.feel.comparison import instant
from komp_flow.feel.durations import CalendarDuration
from komp_flow.feel.errors import FeelError
from komp_flow.feel.values import NUMBERS, Run

_OF_DAYS = frozenset({"days", "hours", "minutes", "seconds"})


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
