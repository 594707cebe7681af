"""The table of functions that an expression may call, and how arguments meet their parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from komp_flow.feel.values import Run, kind


@dataclass(frozen=True, slots=True)
class Parameter:
    """`kind` is a kind of value, `any`, or `day` for a date or a date and time."""

    name: str
    kind: str
    optional: bool
    nullable: bool
    many: bool


@dataclass(frozen=True, slots=True)
class Function:
    """`call` gets the run and one argument a parameter (null where it is left out), those of a `many` in a list."""

    name: str
    parameters: tuple[Parameter, ...]
    call: Callable[..., object]


FUNCTIONS: dict[str, Function] = {}

_MISMATCH = object()
_LEFT_OUT = object()


def function(name: str, *parameters: str) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """Registers a function. A parameter is written `name: kind`.

    `kind=` may be left out, `kind?` may be null as well, `*name` takes all the rest.
    """

    def register(call: Callable[..., object]) -> Callable[..., object]:
        FUNCTIONS[name] = Function(name, tuple(_parameter(text) for text in parameters), call)
        return call

    return register


def _parameter(text: str) -> Parameter:
    name, _colon, kind_ = text.partition(": ")
    optional, nullable = kind_.endswith(("?", "=")), kind_.endswith("?")
    return Parameter(name.lstrip("*"), kind_.rstrip("?="), optional, nullable, name.startswith("*"))


def call(function: Function, run: Run, given: Sequence[object]) -> object:
    """The function's answer to arguments by position, in which `many` takes the rest; null where they do not fit."""
    parameters = function.parameters
    if parameters and parameters[-1].many:
        fixed = len(parameters) - 1
        given = [*given[:fixed], list(given[fixed:])]
    if len(given) > len(parameters):
        return None
    arguments = [*given, *[_LEFT_OUT] * (len(parameters) - len(given))]
    for at, parameter in enumerate(parameters):
        fitted = _fitted(arguments[at], parameter)
        if fitted is _MISMATCH:
            return None
        arguments[at] = fitted
    return function.call(run, *arguments)


def by_name(function: Function, given: Mapping[str, object]) -> list[object] | None:
    """Named arguments in the order of the parameters; null for an unknown name.

    The named argument of a `many` is the whole list, or one item.
    """
    if not given.keys() <= {parameter.name for parameter in function.parameters}:
        return None
    arguments: list[object] = []
    for parameter in function.parameters:
        if parameter.many:
            rest = given.get(parameter.name)
            arguments += rest if isinstance(rest, list) else [rest] if parameter.name in given else []
        else:
            arguments.append(given.get(parameter.name, _LEFT_OUT))
    return arguments


def _fitted(value: object, parameter: Parameter) -> object:
    """The argument as its parameter wants it: a list of one is its item, and the other way round (DMN 10.3.2.9.4)."""
    if value is _LEFT_OUT:
        return None if parameter.optional else _MISMATCH
    if parameter.kind == "any" or parameter.many:
        return value
    if value is None:
        return None if parameter.nullable else _MISMATCH
    if parameter.kind == "list":
        return value if isinstance(value, list) else [value]
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    found = kind(value)
    if found == parameter.kind or (parameter.kind == "day" and found in ("date", "date and time")):
        return value
    return _MISMATCH
