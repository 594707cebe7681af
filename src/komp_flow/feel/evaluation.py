"""Values, names, paths, filters and calls, compiled to closures; with the other constructs registered beside it."""

from __future__ import annotations

from decimal import Decimal

from komp_flow.feel import conditions, loops, operators, reckoning, registry, syntax
from komp_flow.feel.durations import CalendarDuration
from komp_flow.feel.registry import FUNCTIONS
from komp_flow.feel.scopes import Compute, Scope, compiled, run_of
from komp_flow.feel.values import Open, Range, Run, Test, kind, normal

__all__ = ["Compute", "compiled", "conditions", "loops", "operators", "run_of"]


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
    return None if value is None else reckoning.part(value, name)


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
        return conditions.meets(item, outcome, run) is True
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
def _if(node: syntax.If) -> Compute:
    condition, then, otherwise = compiled(node.condition), compiled(node.then), compiled(node.otherwise)
    return lambda scope: then(scope) if condition(scope) is True else otherwise(scope)


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
