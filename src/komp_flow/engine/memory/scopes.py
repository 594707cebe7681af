"""Variables live in scopes: the process, each sub-process, each item; names are looked up outwards and assigned so."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

from komp_flow import feel
from komp_flow.engine.memory.token import Token
from komp_flow.engine.memory.tree import item_of

if TYPE_CHECKING:
    from komp_flow.engine.memory.instance import Scope

HOST_NAMES = frozenset({"cycle", "unit", "person", "measure", "deadline", "escalation"})


def is_reserved(name: str) -> bool:
    """No variable may take such a name; answers and payloads under one are ignored."""
    return name in HOST_NAMES or name == "typename" or name.startswith("__")


def is_called(scope: Scope) -> bool:
    """True for the outermost scope of a called process: names do not go through."""
    return scope.parent_task is not None and scope.parent_task.task_spec.is_call


def _scopes(scope: Scope) -> Iterator[MutableMapping[str, Any]]:
    """Inside out, up to the process that was started or called."""
    while True:
        yield scope.data
        task = scope.parent_task
        if task is None or task.task_spec.is_call:
            return
        yield task.data
        scope = task.workflow


def names_at(task: Token, *nearer: Mapping[str, object]) -> Mapping[str, object]:
    """Every name that an expression of this task sees, the nearest first."""
    layers: list[Any] = [*nearer, task.internal_data.get("in", {}), task.data, *_scopes(task.workflow)]
    return ChainMap(*layers, task.workflow.top_workflow.host.names)  # type: ignore[arg-type] # only read


def value(text: str | None, task: Token, *nearer: Mapping[str, object]) -> object:
    """What a text of the diagram says here: FEEL after `=`, else the text itself."""
    if text is None or not text.startswith("="):
        return text
    return feel.evaluate(text[1:], names_at(task, *nearer), task.workflow.top_workflow.host.moment)


def assign(task: Token, name: str, given: object) -> None:
    """Into the nearest scope that has the name, else the process; an item of a multi-instance is never left."""
    if is_reserved(name):
        return
    scope = task.workflow
    while name not in scope.data:
        outer = scope.parent_task
        if outer is None or outer.task_spec.is_call or item_of(outer):
            break
        scope = outer.workflow
    scope.data[name] = given


def kept(scope: Scope) -> frozenset[str]:
    """The names whose values are kept here: an expression of the diagram, or of its caller's mapping, reads them."""
    names: frozenset[str] = scope.spec.program.names
    while scope.parent_task is not None:
        call = scope.parent_task
        scope = call.workflow
        if call.task_spec.is_call:
            names |= call.task_spec.reads
            if not call.task_spec.propagates:
                break
            names |= scope.spec.program.names
    return names


def read_of(scope: Scope, given: Mapping[str, object]) -> dict[str, object]:
    """Of what came from outside, that which is worth keeping here."""
    names = kept(scope)
    return {name: value for name, value in given.items() if name in names and not is_reserved(name)}
