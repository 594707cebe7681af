"""Loops: `for`, `some` and `every`, over lists, counted numbers and dates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from komp_flow.feel import syntax
from komp_flow.feel.comparison import order
from komp_flow.feel.scopes import Compute, Scope, compiled
from komp_flow.feel.values import STEPS, Range, Run, finite


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
