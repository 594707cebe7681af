"""Arithmetic on decimal numbers, with 34 digits and a bounded exponent, and the functions on numbers."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal

from komp_flow.feel.durations import CalendarDuration
from komp_flow.feel.registry import function
from komp_flow.feel.values import NUMBERS, Run, finite

MOST_PLACES = 6000

# Room enough to cut a number of 34 digits exactly; a remainder that would need more is null.
_WIDE = Context(prec=200, Emin=-20_000, Emax=20_000, traps=[])


def add(a: Decimal, b: Decimal) -> Decimal | None:
    """The sum; null past the bounds."""
    return finite(NUMBERS.add(a, b))


def subtract(a: Decimal, b: Decimal) -> Decimal | None:
    """The difference; null past the bounds."""
    return finite(NUMBERS.subtract(a, b))


def multiply(a: Decimal, b: Decimal) -> Decimal | None:
    """The product; null past the bounds."""
    return finite(NUMBERS.multiply(a, b))


def divide(a: Decimal, b: Decimal) -> Decimal | None:
    """Null when divided by zero."""
    return finite(NUMBERS.divide(a, b)) if b else None


def power(a: Decimal, b: Decimal) -> Decimal | None:
    """a to the power of b; null past the bounds and where there is no real one."""
    return finite(NUMBERS.power(a, b)) if a or b else Decimal(1)


def _rounded(number: Decimal, scale: Decimal | None, rounding: str) -> Decimal | None:
    """To `scale` decimals, 0 if left out, at most 6000; negative ones are tens and hundreds."""
    places = Decimal(0) if scale is None else scale
    if places != places.to_integral_value() or abs(places) > MOST_PLACES:
        return None
    exponent = number.as_tuple().exponent
    if not number or (isinstance(exponent, int) and -exponent <= places):
        return number
    return finite(NUMBERS.plus(number.quantize(Decimal(1).scaleb(-int(places), _WIDE), rounding, _WIDE)))


@function("floor", "n: number", "scale: number=")
def _floor(_run: Run, number: Decimal, scale: Decimal | None) -> Decimal | None:
    return _rounded(number, scale, ROUND_FLOOR)


@function("ceiling", "n: number", "scale: number=")
def _ceiling(_run: Run, number: Decimal, scale: Decimal | None) -> Decimal | None:
    return _rounded(number, scale, ROUND_CEILING)


@function("round", "n: number", "scale: number=")
def _round(_run: Run, number: Decimal, scale: Decimal | None) -> Decimal | None:
    """Half goes to the even neighbour: round(2.5) is 2, round(3.5) is 4, round(1.25, 1) is 1.2."""
    return _rounded(number, scale, ROUND_HALF_EVEN)


@function("abs", "n: any")
def _abs(_run: Run, value: object) -> object:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, Decimal):
        return abs(value)
    if isinstance(value, CalendarDuration):
        return -value if str(value).startswith("-") else value
    return None


@function("modulo", "dividend: number", "divisor: number")
def _modulo(_run: Run, dividend: Decimal, divisor: Decimal) -> Decimal | None:
    """dividend - divisor * floor(dividend / divisor): the sign is the divisor's."""
    if not divisor:
        return None
    rest = finite(_WIDE.remainder(dividend, divisor))
    if rest and (rest < 0) != (divisor < 0):
        rest = _WIDE.add(rest, divisor)
    return None if rest is None else finite(NUMBERS.plus(rest))
