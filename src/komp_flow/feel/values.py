"""The values of FEEL: their kinds, bounds, and how plain Python data becomes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
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
