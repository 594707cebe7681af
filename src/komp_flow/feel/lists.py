"""The functions on lists and contexts, and `not` and `is defined`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from komp_flow.feel.comparison import order, places
from komp_flow.feel.errors import FeelError
from komp_flow.feel.numbers import add, divide
from komp_flow.feel.registry import function
from komp_flow.feel.values import DEEPEST, Run, span
from komp_flow.i18n import _

Items = list[object]


def _one_list(arguments: Items) -> Items:
    """`min(1, 2)` and `min([1, 2])` are the same."""
    return arguments[0] if len(arguments) == 1 and isinstance(arguments[0], list) else arguments


@function("not", "negand: any")
def _not(_run: Run, value: object) -> bool | None:
    return not value if isinstance(value, bool) else None


@function("is defined", "value: any")
def _is_defined(_run: Run, value: object) -> bool:
    """Whether a value is there: a missing name, a missing field and null are all undefined (Camunda's extension)."""
    return value is not None


@function("get value", "m: context", "key: string")
def _get_value(_run: Run, context: dict[str, object], key: str) -> object:
    return context.get(key)


@function("count", "list: list")
def _count(_run: Run, items: Items) -> Decimal:
    return Decimal(len(items))


@function("sum", "*list: any")
def _sum(run: Run, *arguments: Items) -> Decimal | None:
    return _total(_one_list(arguments[0]), run)


@function("mean", "*list: any")
def _mean(run: Run, *arguments: Items) -> Decimal | None:
    items = _one_list(arguments[0])
    total = _total(items, run)
    return None if total is None else divide(total, Decimal(len(items)))


def _total(items: Items, run: Run) -> Decimal | None:
    run.spend(len(items))
    total: Decimal | None = None
    for item in items:
        number = item[0] if isinstance(item, list) and len(item) == 1 else item
        if not isinstance(number, Decimal):
            return None
        total = number if total is None else add(total, number)
        if total is None:
            return None
    return total


@function("min", "*list: any")
def _min(run: Run, *arguments: Items) -> object:
    return _extreme(_one_list(arguments[0]), -1, run)


@function("max", "*list: any")
def _max(run: Run, *arguments: Items) -> object:
    return _extreme(_one_list(arguments[0]), 1, run)


def _extreme(items: Items, side: int, run: Run) -> object:
    """The least or greatest of values that have an order among them; null if any two have none."""
    run.spend(len(items))
    if not items:
        return None
    best = items[0]
    for item in items:
        found = order(item, best, run)
        if found is None:
            return None
        if found == side:
            best = item
    return best


@function("list contains", "list: list", "element: any")
def _list_contains(run: Run, items: Items, element: object) -> bool:
    return any(True for _place in places(items, element, run))


@function("index of", "list: list", "match: any")
def _index_of(run: Run, items: Items, match: object) -> Items:
    return [Decimal(at + 1) for at in places(items, match, run)]


@function("append", "list: list", "*item: any")
def _append(run: Run, items: Items, more: Items) -> Items:
    run.spend(len(items) + len(more))
    return [*items, *more]


@function("concatenate", "*list: any")
def _concatenate(run: Run, lists: Items) -> Items | None:
    return _joined(lists, run) if lists else None


def _joined(lists: Items, run: Run) -> Items:
    joined: Items = []
    for item in lists:
        run.spend(1 + (len(item) if isinstance(item, list) else 0))
        joined.extend(item if isinstance(item, list) else [item])
    return joined


@function("union", "*list: any")
def _union(run: Run, lists: Items) -> Items | None:
    if not lists or None in lists:
        return None
    return _distinct(_joined(lists, run), run)


@function("distinct values", "list: list")
def _distinct_values(run: Run, items: Items) -> Items:
    return _distinct(items, run)


# Values of these kinds are equal exactly if Python says so, and never across kinds.
_HASHED = frozenset({type(None), bool, str, Decimal, date})


def _distinct(items: Items, run: Run) -> Items:
    if {type(item) for item in items} <= _HASHED:
        run.spend(len(items))
        return list({(type(item), item): item for item in items}.values())
    kept: Items = []
    for item in items:
        if not any(True for _place in places(kept, item, run)):
            kept.append(item)
    return kept


@function("flatten", "list: list")
def _flatten(run: Run, items: Items) -> Items:
    flat: Items = []
    _flatten_into(flat, items, run, 0)
    return flat


def _flatten_into(flat: Items, items: Items, run: Run, depth: int) -> None:
    run.spend(1 + len(items))
    if depth > DEEPEST:
        raise FeelError(_("Dataene er for store eller for dypt nøstet til å brukes i et uttrykk."))
    for item in items:
        if isinstance(item, list):
            _flatten_into(flat, item, run, depth + 1)
        else:
            flat.append(item)


@function("reverse", "list: list")
def _reverse(run: Run, items: Items) -> Items:
    run.spend(len(items))
    return items[::-1]


@function("sublist", "list: list", "start: number", "length: number=")
def _sublist(run: Run, items: Items, start: Decimal, length: Decimal | None) -> Items | None:
    """From position `start`, counted from 1, or from the end if negative. Null before the first item."""
    run.spend(len(items))
    part = span(len(items), start, length)
    return None if part is None else items[part]
