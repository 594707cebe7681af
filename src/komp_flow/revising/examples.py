"""What a form reads from before, as examples: a form being drawn shows its lists, tables and earlier answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from komp_flow import forms
from komp_flow.feel import syntax
from komp_flow.feel.parser import tree
from komp_flow.forms.components import Table, everything
from komp_flow.forms.limits import HOST_NAMES
from komp_flow.i18n import _

ROWS: Final = 2
_OVER_LISTS: Final = frozenset({"count", "sum", "min", "max", "concatenate", "flatten", "distinct values", "sort"})
_DATES: Final = frozenset({"deadline", "escalation"})

Chain = tuple[str, ...]


def examples(form: forms.Form, now: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
    """The context and the other names that the form's expressions read, filled with what anybody sees is an example."""
    chains: dict[Chain, set[str]] = {}  # what is read, and for lists the columns that are asked of the rows
    lists: set[Chain] = set()
    for part in everything(form.components):
        columns = {column.key for column in part.columns} if isinstance(part, Table) else set()
        for expression in part.expressions():
            root = tree(expression.text)
            found = set(_chains(root))
            over = {*_listed(root), *({chain for chain in [_chain(root)] if chain} if columns else ())}
            lists |= over
            members = columns | {node.name for node in _nodes(root) if isinstance(node, syntax.Path)}
            members |= {node.name for at in _nodes(root) if isinstance(at, syntax.Filter) for node in _names(at.by)}
            for chain in found | over:
                chains.setdefault(chain, set()).update(members if chain in over else ())
    made: dict[str, Any] = {}
    for chain in sorted(chains):
        if any(chain[:upto] in lists for upto in range(1, len(chain))):
            continue  # a column of a list that is there
        _put(made, chain, _rows(chains[chain]) if chain in lists else _example(chain, now))
    context = made.pop("context", {})
    wanted = form.outside | HOST_NAMES
    return (context if isinstance(context, dict) else {}), {k: v for k, v in made.items() if k in wanted}


def _rows(members: Iterable[str]) -> list[dict[str, str]]:
    return [
        {member: _("Eksempel %(number)s", number=number) for member in sorted(members)} for number in range(1, ROWS + 1)
    ]


def _example(chain: Chain, now: datetime) -> object:
    if chain[0] in _DATES and len(chain) > 1:
        return (now + timedelta(days=14)).date()
    return _("Eksempel")


def _put(made: dict[str, Any], chain: Chain, value: object) -> None:
    at = made
    for name in chain[:-1]:
        inner = at.setdefault(name, {})
        if not isinstance(inner, dict):
            inner = at[name] = {}
        at = inner
    at.setdefault(chain[-1], value)


def _chain(node: syntax.Node) -> Chain:
    """`context.answers.B7` as its names; nothing for anything else."""
    names: list[str] = []
    while isinstance(node, syntax.Path):
        names.insert(0, node.name)
        node = node.of
    return (node.name, *names) if isinstance(node, syntax.Name) else ()


def _chains(root: syntax.Node) -> Iterator[Chain]:
    """The longest chains of the tree."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if chain := _chain(node):
            yield chain
        elif isinstance(node, syntax.Filter):
            waiting.append(node.of)
        else:
            waiting += syntax.children(node)


def _listed(root: syntax.Node) -> Iterator[Chain]:
    """The chains that are gone through as lists."""
    for node in _nodes(root):
        match node:
            case syntax.For(iterators, _body) | syntax.Quantified(_, iterators, _body):
                found = [over for _name, over in iterators]
            case syntax.Filter(of, _by):
                found = [of]
            case syntax.Call(function, positional, _named) if function in _OVER_LISTS:
                found = list(positional)
            case _:
                continue
        yield from (chain for one in found if (chain := _chain(one)))


def _nodes(root: syntax.Node) -> Iterator[syntax.Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += syntax.children(node)


def _names(root: syntax.Node) -> Iterator[syntax.Name]:
    return (node for node in _nodes(root) if isinstance(node, syntax.Name))
