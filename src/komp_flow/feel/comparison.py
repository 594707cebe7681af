"""When two values are equal, which is less, and whether one lies in a range."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from komp_flow.feel.durations import CalendarDuration
from komp_flow.feel.errors import FeelError
from komp_flow.feel.values import DEEPEST, Moment, Open, Range, Run, Test, kind
from komp_flow.i18n import _


def instant(value: date | datetime, zone: ZoneInfo) -> datetime:
    """The instant (UTC) of a date-time, where one without offset is local, or of the midnight that begins a date."""
    if not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if value.tzinfo is None:
        value = value.replace(tzinfo=zone)
    try:
        return value.astimezone(UTC)
    except OverflowError:
        # The first and last day of the calendar have no UTC counterpart in every zone; they still have an order.
        return value.replace(tzinfo=UTC)


def _clock(value: time, moment: Moment) -> tuple[bool, Decimal]:
    """Whether a time has an offset, and its seconds since midnight, in UTC where it has one."""
    seconds = Decimal(value.hour * 3600 + value.minute * 60 + value.second) + Decimal(value.microsecond) / 1_000_000
    offset = value.utcoffset()
    if offset is None and isinstance(value.tzinfo, ZoneInfo):
        offset = moment.now.astimezone(value.tzinfo).utcoffset()
    if offset is None:
        return False, seconds
    return True, seconds - Decimal(int(offset.total_seconds()))


def equal(a: object, b: object, run: Run, depth: int = 0) -> bool | None:
    """Whether two values are equal; null where they are of kinds that cannot be (DMN 1.5, 10.3.2.13, table 51).

    A list of one item counts as that item against a value that is not a list.
    """
    run.spend(1)
    if depth > DEEPEST:
        raise FeelError(_("Dataene er for store eller for dypt nøstet til å brukes i et uttrykk."))
    if a is None or b is None:
        return a is None and b is None
    first, second = kind(a), kind(b)
    if first != second:
        return _equal_across(a, b, run, depth)
    if first == "list":
        return _equal_lists(a, b, run, depth)  # type: ignore[arg-type]
    if first == "context":
        return _equal_contexts(a, b, run, depth)  # type: ignore[arg-type]
    if first == "date and time":
        return instant(a, run.moment.zone) == instant(b, run.moment.zone)  # type: ignore[arg-type]
    if first == "time":
        return _clock(a, run.moment) == _clock(b, run.moment)  # type: ignore[arg-type]
    if first == "range":
        return _equal_ranges(a, b, run, depth)  # type: ignore[arg-type]
    if first == "duration" and order(a, b, run) is None:
        return None
    return a == b


def _equal_across(a: object, b: object, run: Run, depth: int) -> bool | None:
    if isinstance(a, list) and len(a) == 1:
        return equal(a[0], b, run, depth + 1)
    if isinstance(b, list) and len(b) == 1:
        return equal(a, b[0], run, depth + 1)
    if isinstance(a, date) and isinstance(b, date):
        return instant(a, run.moment.zone) == instant(b, run.moment.zone)
    return False if isinstance(a, Range | Test) and isinstance(b, Range | Test) else None


def _equal_lists(a: list[object], b: list[object], run: Run, depth: int) -> bool:
    return len(a) == len(b) and all(equal(x, y, run, depth + 1) is True for x, y in zip(a, b, strict=True))


def _equal_contexts(a: dict[str, object], b: dict[str, object], run: Run, depth: int) -> bool:
    return a.keys() == b.keys() and all(equal(x, b[key], run, depth + 1) is True for key, x in a.items())


def _equal_ranges(a: Range, b: Range, run: Run, depth: int) -> bool:
    if (a.start_included, a.end_included) != (b.start_included, b.end_included):
        return False
    return equal(a.start, b.start, run, depth + 1) is True and equal(a.end, b.end, run, depth + 1) is True


def places(items: list[object], wanted: object, run: Run) -> Iterator[int]:
    """Where in a list `wanted` stands, from 0. Cheap for texts, numbers and booleans, of which most lists are made."""
    run.spend(1 + len(items) // 10)
    flat = type(wanted) if type(wanted) in _FLAT else None
    for at, item in enumerate(items):
        if type(item) is flat:
            if item == wanted:
                yield at
        elif (flat is None or type(item) is list) and equal(item, wanted, run) is True:
            yield at


_FLAT = frozenset({str, Decimal, bool})


def order(a: object, b: object, run: Run) -> int | None:
    """-1, 0 or 1 as `a` is less than, equal to or greater than `b`; null where they have no order.

    A list of one item counts as that item, as in `people[name = "Åse"].age > 30`.
    """
    key = type(a)
    if key is list or type(b) is list:
        return _order_of_single(a, b, run)
    if key is not type(b):
        if isinstance(a, date) and isinstance(b, date):
            return _sign(instant(a, run.moment.zone), instant(b, run.moment.zone))
        return None
    if key is Decimal or key is str or key is date:
        return _sign(a, b)
    if isinstance(a, datetime) and isinstance(b, datetime):
        return _sign(instant(a, run.moment.zone), instant(b, run.moment.zone))
    if isinstance(a, time) and isinstance(b, time):
        (offset, left), (other, right) = _clock(a, run.moment), _clock(b, run.moment)
        return _sign(left, right) if offset == other else None
    if isinstance(a, CalendarDuration) and isinstance(b, CalendarDuration):
        if a.of_days and b.of_days:
            return _sign(a.total_seconds, b.total_seconds)
        if a.of_months and b.of_months:
            return _sign(a.months, b.months)
        return 0 if a == b else None
    return None


def _order_of_single(a: object, b: object, run: Run) -> int | None:
    left = a[0] if isinstance(a, list) and len(a) == 1 else a
    right = b[0] if isinstance(b, list) and len(b) == 1 else b
    return None if isinstance(left, list) or isinstance(right, list) else order(left, right, run)


def _sign(a: object, b: object) -> int:
    return (a > b) - (a < b)  # type: ignore[operator, no-any-return]


def within(value: object, ends: Range, run: Run) -> bool | None:
    """Whether a value lies in a range; null where it cannot be compared with the range's ends."""
    run.spend(1)
    above = _side(value, ends.start, 1, ends.start_included, run)
    below = _side(value, ends.end, -1, ends.end_included, run)
    return None if above is None or below is None else above and below


def _side(value: object, end: object, side: int, included: bool, run: Run) -> bool | None:
    if isinstance(end, Open):
        return True
    found = order(value, end, run)
    return None if found is None else found == side or (included and found == 0)
