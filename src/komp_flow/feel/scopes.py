"""Where names are known, and what an expression is compiled to: a function of the scope."""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch
from typing import Any

from komp_flow.feel import syntax
from komp_flow.feel.errors import FeelError
from komp_flow.feel.values import DEEPEST, Range, Run, Test
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


def run_of(compute: Compute, run: Run) -> object:
    """One evaluation. Raises FeelError."""
    try:
        return checked(compute(Scope(run, run.read)), run)
    except RecursionError as error:
        raise FeelError(_("Uttrykket er for dypt nøstet. Del det opp.")) from error
