"""Working days, of which the moment knows: counted forwards, backwards and between."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from komp_flow.feel.errors import FeelError
from komp_flow.feel.registry import function
from komp_flow.feel.values import Run
from komp_flow.i18n import _

MOST_WORKING_DAYS = 10_000


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
