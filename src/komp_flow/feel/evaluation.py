"""The tree of an expression to closures, made once and run many times."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import singledispatch
from typing import Any

from komp_flow.feel import registry, syntax, times
from komp_flow.feel.durations import CalendarDuration
from komp_flow.feel.errors import FeelError
from komp_flow.feel.numbers import add, divide, multiply, power, subtract
from komp_flow.feel.registry import FUNCTIONS
from komp_flow.feel.values import (
    DEEPEST,
    OPEN,
    STEPS,
    Open,
    Range,
    Run,
    Test,
    equal,
    finite,
    kind,
    normal,
    order,
    places,
    too_long,
    within,
)
from komp_flow.i18n import _


class Scope:
    """The names that are known at one point: those bound here, then those outside, at last those of the run."""

    __slots__ = ("here", "outer", "run")

    def __init__(self, run: Run, here: dict[str, object], outer: Scope | None = None) -> None:
        self.run = run
        self.here = here
        self.outer = outer


Compute = Callable[[Scope], object]


def checked(value: object, run: Run) -> object:
    """A result that may leave: no unary tests in it, not nested too deep, and not larger than the steps left allow.

    A small expression can build a value that shares its parts and would be endless when it is written out.
    """
    if isinstance(value, list | dict | Range):
        _check(value, run, 0)
    return None if isinstance(value, Test) else value


def _check(value: Any, run: Run, depth: int) -> None:
    run.spend(1)
    if depth > DEEPEST:
        raise FeelError(_("Uttrykket lager en verdi som er for dypt nøstet."))
    if isinstance(value, Range):
        _check([value.start, value.end], run, depth + 1)
        return
    places_: list[tuple[Any, object]] = list(enumerate(value) if isinstance(value, list) else value.items())
    for place, item in places_:
        if isinstance(item, Test):
            value[place] = None
        elif isinstance(item, list | dict | Range):
            _check(item, run, depth + 1)


@singledispatch
def compiled(node: syntax.Node) -> Compute:
    """A function of the scope for the node."""
    raise TypeError(node)


@compiled.register
def _literal(node: syntax.Literal) -> Compute:
    value = node.value
    return lambda _scope: value


@compiled.register
def _name(node: syntax.Name) -> Compute:
    name = node.name

    def look_up(scope: Scope) -> object:
        at: Scope = scope
        while True:
            if name in at.here:
                return at.here[name]
            if at.outer is None:
                value = at.here[name] = normal(at.run.names[name]) if name in at.run.names else None
                return value
            at = at.outer

    return look_up


@compiled.register
def _path(node: syntax.Path) -> Compute:
    of, name = compiled(node.of), node.name

    def read(scope: Scope) -> object:
        value = of(scope)
        if isinstance(value, dict):
            return value.get(name)
        if isinstance(value, list):
            scope.run.spend(len(value))
            return [_field(item, name) for item in value]
        return _field(value, name)

    return read


def _field(value: object, name: str) -> object:
    if isinstance(value, dict):
        return value.get(name)
    if isinstance(value, Range):
        end = value.start if name == "start" else value.end if name == "end" else None
        return None if isinstance(end, Open) else end
    return None if value is None else times.part(value, name)


@compiled.register
def _filter(node: syntax.Filter) -> Compute:
    of, by, cost = compiled(node.of), compiled(node.by), syntax.size(node.by)
    tests = _is_test(node.by)
    nothing = isinstance(node.by, syntax.Literal) and kind(node.by.value) not in {"number", "boolean", "string"}

    def pick(scope: Scope) -> object:
        value = of(scope)
        if value is None or nothing:
            return None
        items = value if isinstance(value, list) else [value]
        if not tests:
            position = by(scope)
            if isinstance(position, Decimal):
                return _item(items, position)
        kept: list[object] = []
        for item in items:
            scope.run.spend(cost)
            here = {"item": item, **item} if isinstance(item, dict) else {"item": item}
            if _holds(by(Scope(scope.run, here, scope)), item, scope.run):
                kept.append(item)
        return kept

    return pick


def _is_test(node: syntax.Node) -> bool:
    """Whether a filter can only be a condition; anything else may turn out to be a position."""
    if isinstance(node, syntax.Binary):
        return node.op not in ("+", "-", "*", "/", "**")
    return isinstance(node, syntax.Between | syntax.In | syntax.Quantified | syntax.UnaryTest | syntax.InstanceOf)


def _item(items: list[object], position: Decimal) -> object:
    """Counted from 1, or from the end if negative; null outside."""
    if position != position.to_integral_value() or abs(position) > len(items) or not position:
        return None
    return items[int(position) - 1 if position > 0 else int(position)]


def _holds(outcome: object, item: object, run: Run) -> bool:
    if isinstance(outcome, Range | Test):
        return _meets(item, outcome, run) is True
    return outcome is True


@compiled.register
def _listing(node: syntax.Listing) -> Compute:
    items = [compiled(item) for item in node.items]
    return lambda scope: [item(scope) for item in items]


@compiled.register
def _context(node: syntax.Context) -> Compute:
    entries = [(key, compiled(value)) for key, value in node.entries]
    if len({key for key, _value in entries}) < len(entries):
        return lambda _scope: None

    def build(scope: Scope) -> object:
        inner = Scope(scope.run, {}, scope)
        for key, value in entries:
            inner.here[key] = value(inner)
        return inner.here

    return build


@compiled.register
def _interval(node: syntax.Interval) -> Compute:
    start, end = compiled(node.start), compiled(node.end)
    return lambda scope: Range(start(scope), end(scope), node.start_included, node.end_included)


@compiled.register
def _unary_test(node: syntax.UnaryTest) -> Compute:
    operand = compiled(node.operand)
    match node.op:
        case "=" | "!=":
            return lambda scope: Test(node.op == "=", operand(scope))
        case "<" | "<=":
            return lambda scope: Range(OPEN, operand(scope), False, node.op == "<=")
        case _:
            return lambda scope: Range(operand(scope), OPEN, node.op == ">=", False)


@compiled.register
def _in(node: syntax.In) -> Compute:
    value = compiled(node.value)
    tests = [compiled(test) for test in node.tests]
    if len(tests) == 1:
        return lambda scope: _meets(value(scope), tests[0](scope), scope.run, alone=True)

    def any_met(scope: Scope) -> bool | None:
        subject = value(scope)
        return _either(_meets(subject, test(scope), scope.run) for test in tests)

    return any_met


def _meets(value: object, test: object, run: Run, *, alone: bool = False) -> bool | None:
    """Whether a value meets a test: equals it, lies in it, or is one of its items or meets one of them.

    A null test that stands alone is a list that is not known: the answer is null, too.
    """
    if isinstance(test, Test):
        found = equal(value, test.operand, run)
        return found is True if test.equal else found is not True
    if isinstance(test, Range):
        return within(value, test, run)
    if isinstance(test, list):
        if equal(value, test, run) is True or any(True for _place in places(test, value, run)):
            return True
        return any(_meets(value, item, run) is True for item in test if isinstance(item, Range | Test))
    return None if test is None and alone else equal(value, test, run) is True


def _either(found: Iterator[bool | None]) -> bool | None:
    unknown = False
    for outcome in found:
        if outcome is True:
            return True
        unknown = unknown or outcome is None
    return None if unknown else False


@compiled.register
def _between(node: syntax.Between) -> Compute:
    value, low, high = compiled(node.value), compiled(node.low), compiled(node.high)

    def lies(scope: Scope) -> bool | None:
        subject, least, most = value(scope), low(scope), high(scope)
        if subject is None or least is None or most is None:
            return None
        return within(subject, Range(least, most), scope.run)

    return lies


@compiled.register
def _if(node: syntax.If) -> Compute:
    condition, then, otherwise = compiled(node.condition), compiled(node.then), compiled(node.otherwise)
    return lambda scope: then(scope) if condition(scope) is True else otherwise(scope)


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
def _instance_of(node: syntax.InstanceOf) -> Compute:
    value = compiled(node.value)
    return lambda scope: _is_a(value(scope), node.kind)


def _is_a(value: object, wanted: str) -> bool:
    if value is None or wanted == "any":
        return value is not None
    if isinstance(value, CalendarDuration):
        return value.of_days if wanted == "days" else value.of_months if wanted == "months" else False
    return kind(value) == wanted


@compiled.register
def _call(node: syntax.Call) -> Compute:
    function = FUNCTIONS[node.function]
    positional = [compiled(argument) for argument in node.positional]
    if not node.named:
        return lambda scope: registry.call(function, scope.run, [argument(scope) for argument in positional])
    named = [(name, compiled(argument)) for name, argument in node.named]

    def call(scope: Scope) -> object:
        arguments = registry.by_name(function, {name: argument(scope) for name, argument in named})
        return None if arguments is None else registry.call(function, scope.run, arguments)

    return call


# --- operators


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
    return times.plus(a, b, run)


def _times(a: object, b: object, _run: Run) -> object:
    if isinstance(a, Decimal) and isinstance(b, CalendarDuration):
        a, b = b, a
    return times.scaled(a, b) if isinstance(a, CalendarDuration) and isinstance(b, Decimal) else None


def _divided(a: object, b: object, _run: Run) -> object:
    if isinstance(a, CalendarDuration) and isinstance(b, CalendarDuration):
        return times.ratio(a, b)
    inverse = divide(Decimal(1), b) if isinstance(b, Decimal) else None
    return times.scaled(a, inverse) if isinstance(a, CalendarDuration) and inverse is not None else None


_ON_OTHERS: dict[str, Callable[[object, object, Run], object]] = {
    "+": _plus,
    "-": times.minus,
    "*": _times,
    "/": _divided,
}


# --- loops


@compiled.register
def _steps(node: syntax.Steps) -> Compute:
    start, end = compiled(node.start), compiled(node.end)

    def count(scope: Scope) -> object:
        return _counted(Range(start(scope), end(scope)), scope.run)

    return count


def _counted(span: Range, run: Run) -> list[object] | None:
    """The whole numbers or dates of a range in turn, downwards where it begins with the greater; null for others."""
    first, last = span.start, span.end
    found: list[object]
    if isinstance(first, Decimal) and isinstance(last, Decimal):
        if first != first.to_integral_value() or last != last.to_integral_value():
            return None
        if finite(first - last) is None or abs(first - last) > STEPS:
            run.spend(STEPS + 1)
        down = first > last
        run.spend(int(abs(first - last)) + 1)
        found = [Decimal(n) for n in range(int(first), int(last) + (-1 if down else 1), -1 if down else 1)]
    elif type(first) is date and type(last) is date:
        days = (last - first).days
        run.spend(abs(days) + 1)
        found = [first + timedelta(days=n) for n in range(0, days + (-1 if days < 0 else 1), -1 if days < 0 else 1)]
    else:
        return None
    return found[0 if span.start_included else 1 : None if span.end_included else -1]


def _domain(value: object, run: Run) -> list[object] | None:
    if isinstance(value, Range):
        return _counted(value, run) if order(value.start, value.end, run) != 1 else None
    return value if isinstance(value, list) else None


Iterators = list[tuple[str, Compute]]


class _Unknown(Exception):
    """An iterator has nothing to run over: the whole expression is null."""


def _rounds(iterators: Iterators, scope: Scope, cost: int) -> Iterator[Scope]:
    """A scope for each combination, the last iterator the fastest. Raises _Unknown."""
    name, over = iterators[0]
    items = _domain(over(scope), scope.run)
    if items is None:
        raise _Unknown
    for item in items:
        scope.run.spend(cost)
        inner = Scope(scope.run, {name: item}, scope)
        if len(iterators) == 1:
            yield inner
        else:
            yield from _rounds(iterators[1:], inner, cost)


@compiled.register
def _for(node: syntax.For) -> Compute:
    iterators: Iterators = [(name, compiled(over)) for name, over in node.iterators]
    body, cost = compiled(node.body), syntax.size(node.body)
    partial = "partial" in syntax.free(node.body)

    def loop(scope: Scope) -> object:
        results: list[object] = []
        try:
            for inner in _rounds(iterators, scope, cost):
                if partial:
                    scope.run.spend(len(results))
                    inner.here["partial"] = list(results)
                results.append(body(inner))
        except _Unknown:
            return None
        return results

    return loop


@compiled.register
def _quantified(node: syntax.Quantified) -> Compute:
    """`some` is a long `or`, `every` a long `and`, with their three values."""
    iterators: Iterators = [(name, compiled(over)) for name, over in node.iterators]
    body, cost = compiled(node.body), syntax.size(node.body)
    decisive = not node.every

    def decide(scope: Scope) -> bool | None:
        unknown = False
        try:
            for inner in _rounds(iterators, scope, cost):
                outcome = body(inner)
                if outcome is decisive:
                    return decisive
                unknown = unknown or not isinstance(outcome, bool)
        except _Unknown:
            return None
        return None if unknown else not decisive

    return decide


def run_of(compute: Compute, run: Run) -> object:
    """One evaluation. Raises FeelError."""
    try:
        return checked(compute(Scope(run, run.read)), run)
    except RecursionError as error:
        raise FeelError(_("Uttrykket er for dypt nøstet. Del det opp.")) from error
