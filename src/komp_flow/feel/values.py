"""The values of FEEL: their kinds, how plain Python data becomes them, when two are equal and which is less."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from komp_flow.feel.durations import CalendarDuration
from komp_flow.feel.errors import FeelError
from komp_flow.i18n import _

STEPS = 100_000
LONGEST_TEXT = 100_000
DEEPEST = 50
MOST_INPUT = 200_000

# decimal128 of IEEE 754, as the DMN specification asks; no traps: what overflows is null.
NUMBERS = Context(prec=34, rounding=ROUND_HALF_EVEN, Emin=-6143, Emax=6144, traps=[])


_EXACT = 10**NUMBERS.prec


def _weekday(day: date) -> bool:
    return day.weekday() < 5


@dataclass(frozen=True, slots=True)
class Moment:
    """Everything that an expression may know about time. `now` is aware; `zone` is the organisation's."""

    now: datetime
    zone: ZoneInfo
    is_working_day: Callable[[date], bool] = _weekday


class Open:
    """The end of a range that has none, as in `< 5`. An end of null is another thing: nothing compares with it."""

    __slots__ = ()


OPEN = Open()


@dataclass(frozen=True, slots=True)
class Range:
    """All values between two ends."""

    start: object
    end: object
    start_included: bool = True
    end_included: bool = True


@dataclass(frozen=True, slots=True)
class Test:
    """A unary test `= x` or `!= x`, waiting for the value that it is put to."""

    equal: bool
    operand: object


@dataclass(slots=True)
class Run:
    """One evaluation: what it reads and how many steps it has left."""

    names: Mapping[str, object]
    moment: Moment
    left: int = STEPS
    read: dict[str, object] = field(default_factory=dict)

    def spend(self, steps: int) -> None:
        """Counts work done. Raises FeelError when the expression has done more than one expression may."""
        self.left -= steps
        if self.left < 0:
            raise FeelError(_("Uttrykket krever for mye arbeid. Gjør listene kortere eller del opp uttrykket."))


_KINDS: dict[type, str] = {
    type(None): "nil",
    bool: "boolean",
    Decimal: "number",
    str: "string",
    list: "list",
    dict: "context",
    date: "date",
    datetime: "date and time",
    time: "time",
    CalendarDuration: "duration",
    Range: "range",
    Test: "test",
    Open: "open",
}


def kind(value: object) -> str:
    """The kind of a value that has been through `normal`."""
    return _KINDS[type(value)]


def span(size: int, start: Decimal, length: Decimal | None) -> slice | None:
    """The part of `size` things from `start`, counted from 1, or from the end if negative; null before the first."""
    if not 1 <= abs(start) <= size:
        return slice(size, size) if start > size else None
    begin = int(start) - 1 if start > 0 else size + int(start)
    return slice(begin, size if length is None else begin + int(max(Decimal(0), min(length, Decimal(size)))))


def too_long(text: str) -> str:
    """`text` itself. Raises FeelError when it is longer than a text may be."""
    if len(text) > LONGEST_TEXT:
        raise FeelError(_("Uttrykket lager en tekst på mer enn %(most)s tegn.", most=LONGEST_TEXT))
    return text


def finite(number: Decimal) -> Decimal | None:
    """A result of arithmetic, or null where it passed every bound."""
    return number if number.is_finite() else None


def normal(value: object) -> object:
    """Plain Python data as values of FEEL. Raises FeelError on a kind that FEEL does not have, and past the bounds."""
    if type(value) in _PLAIN:
        return value
    return _scalar(value) if isinstance(value, int | float | Decimal) else _Normaliser().take(value, 0)


_PLAIN = frozenset({type(None), bool, str, date, datetime, time, CalendarDuration, Open})


class _Normaliser:
    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MOST_INPUT

    def take(self, value: object, depth: int) -> object:
        self.left -= 1
        if self.left < 0 or depth > DEEPEST:
            raise FeelError(_("Dataene er for store eller for dypt nøstet til å brukes i et uttrykk."))
        if type(value) in _PLAIN:
            return value
        # The builtin kinds first: asking for an abstract Mapping is slow, and most values are not one.
        if isinstance(value, dict):
            return {str(key): self.take(item, depth + 1) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.take(item, depth + 1) for item in value]
        if isinstance(value, int | float | Decimal):
            return _scalar(value)
        if isinstance(value, Range):
            ends = self.take(value.start, depth + 1), self.take(value.end, depth + 1)
            return Range(*ends, value.start_included, value.end_included)
        if isinstance(value, Mapping):
            return self.take(dict(value), depth)
        return _scalar(value)


def _scalar(value: object) -> object:
    if isinstance(value, int) and -_EXACT < value < _EXACT:
        return Decimal(value)
    if isinstance(value, int | Decimal):
        return finite(NUMBERS.plus(Decimal(value)))
    if isinstance(value, float):
        return finite(NUMBERS.create_decimal(repr(value)))
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, timedelta):
        return CalendarDuration(0, value.days, Decimal(value.seconds) + Decimal(value.microseconds) / 1_000_000)
    if isinstance(value, datetime):
        return datetime.combine(value.date(), value.timetz())
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    raise FeelError(_("En verdi av typen %(kind)s kan ikke brukes i et uttrykk.", kind=type(value).__name__))


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
