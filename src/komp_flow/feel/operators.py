"""Operators: logic with three values, comparison, arithmetic on numbers, texts and time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from komp_flow.feel import reckoning, syntax
from komp_flow.feel.comparison import equal, order
from komp_flow.feel.durations import CalendarDuration
from komp_flow.feel.numbers import add, divide, multiply, power, subtract
from komp_flow.feel.scopes import Compute, Scope, compiled
from komp_flow.feel.values import Run, too_long


@compiled.register
def _negation(node: syntax.Negation) -> Compute:
    of = compiled(node.of)

    def negate(scope: Scope) -> object:
        value = of(scope)
        if isinstance(value, Decimal):
            return subtract(Decimal(0), value)
        return -value if isinstance(value, CalendarDuration) else None

    return negate


@compiled.register
def _binary(node: syntax.Binary) -> Compute:
    left, right = compiled(node.left), compiled(node.right)
    if node.op in ("and", "or"):
        return _logical(left, right, decisive=node.op == "or")
    if node.op in ("=", "!="):
        return _equality(left, right, negated=node.op == "!=")
    if node.op in _ORDERS:
        return _ordering(left, right, _ORDERS[node.op])
    return _arithmetic(left, right, node.op)


def _logical(left: Compute, right: Compute, *, decisive: bool) -> Compute:
    """`or` is decided by true, `and` by false; anything that is not a boolean counts as null."""

    def decide(scope: Scope) -> bool | None:
        a = left(scope)
        if a is decisive:
            return decisive
        b = right(scope)
        if b is decisive:
            return decisive
        return (not decisive) if isinstance(a, bool) and isinstance(b, bool) else None

    return decide


def _equality(left: Compute, right: Compute, *, negated: bool) -> Compute:
    def compare(scope: Scope) -> bool | None:
        a, b = left(scope), right(scope)
        found = a == b if type(a) is type(b) and type(a) in _FLAT else equal(a, b, scope.run)
        return (found is not True) if negated else found

    return compare


_FLAT = frozenset({str, bool, Decimal, date})
_ORDERS: dict[str, tuple[int, ...]] = {"<": (-1,), "<=": (-1, 0), ">": (1,), ">=": (0, 1)}


def _ordering(left: Compute, right: Compute, wanted: tuple[int, ...]) -> Compute:
    def compare(scope: Scope) -> bool | None:
        a, b = left(scope), right(scope)
        if type(a) is Decimal and type(b) is Decimal:
            return int(a.compare(b)) in wanted
        found = order(a, b, scope.run)
        return None if found is None else found in wanted

    return compare


_ON_NUMBERS: dict[str, Callable[[Decimal, Decimal], Decimal | None]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "**": power,
}


def _arithmetic(left: Compute, right: Compute, op: str) -> Compute:
    on_numbers, on_others = _ON_NUMBERS[op], _ON_OTHERS.get(op)

    def reckon(scope: Scope) -> object:
        a, b = left(scope), right(scope)
        if type(a) is Decimal and type(b) is Decimal:
            if op == "**":
                scope.run.spend(20)
            return on_numbers(a, b)
        return None if on_others is None else on_others(a, b, scope.run)

    return reckon


def _plus(a: object, b: object, run: Run) -> object:
    if isinstance(a, str) and isinstance(b, str):
        run.spend((len(a) + len(b)) // 100)
        return too_long(a + b)
    return reckoning.plus(a, b, run)


def _times(a: object, b: object, _run: Run) -> object:
    if isinstance(a, Decimal) and isinstance(b, CalendarDuration):
        a, b = b, a
    return reckoning.scaled(a, b) if isinstance(a, CalendarDuration) and isinstance(b, Decimal) else None


def _divided(a: object, b: object, _run: Run) -> object:
    if isinstance(a, CalendarDuration) and isinstance(b, CalendarDuration):
        return reckoning.ratio(a, b)
    inverse = divide(Decimal(1), b) if isinstance(b, Decimal) else None
    return reckoning.scaled(a, inverse) if isinstance(a, CalendarDuration) and inverse is not None else None


_ON_OTHERS: dict[str, Callable[[object, object, Run], object]] = {
    "+": _plus,
    "-": reckoning.minus,
    "*": _times,
    "/": _divided,
}
