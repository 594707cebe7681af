"""Tests of a value: ranges, `in`, `between`, and what may stand alone in a filter as `> 5`."""

from __future__ import annotations

from collections.abc import Iterator

from komp_flow.feel import syntax
from komp_flow.feel.comparison import equal, places, within
from komp_flow.feel.scopes import Compute, Scope, compiled
from komp_flow.feel.values import OPEN, Range, Run, Test


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
        return lambda scope: meets(value(scope), tests[0](scope), scope.run, alone=True)

    def any_met(scope: Scope) -> bool | None:
        subject = value(scope)
        return _either(meets(subject, test(scope), scope.run) for test in tests)

    return any_met


def meets(value: object, test: object, run: Run, *, alone: bool = False) -> bool | None:
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
        return any(meets(value, item, run) is True for item in test if isinstance(item, Range | Test))
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
