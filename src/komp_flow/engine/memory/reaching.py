"""What the tokens of an instance can still come to: pure questions about the flows of a program."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from komp_flow.engine.memory.instance import Instance, Scope
from komp_flow.engine.memory.program import Element, Program
from komp_flow.engine.memory.token import Token
from komp_flow.engine.memory.tree import LIVE

ASKED: frozenset[str] = frozenset(
    {"userTask", "serviceTask", "sendTask", "receiveTask", "businessRuleTask", "subProcess", "callActivity"}
    | {"intermediateCatchEvent"}
)  # what is worth telling that it was passed by: gateways and plain events are not


def travelling(scope: Scope) -> list[Token]:
    """The tokens that go somewhere: not those that wait beside something, and not the multi-instances' items."""
    return [
        task
        for task in scope.find(LIVE)
        if not (task.task_spec.is_boundary and "wait" in task.internal_data)
        and not (task.triggered and task.parent is not None and task.parent.task_spec.is_multi)
    ]


def upstream(specs: Any, names: Iterable[str], but: str) -> set[str]:
    """These specifications and all that leads to them without passing `but`."""
    seen: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in seen and name != but and name in specs:
            seen.add(name)
            todo += specs[name]._inputs
    return seen


def downstream(specs: Any, names: Iterable[str], but: str = "") -> set[str]:
    """These specifications and all that they lead to without passing `but`."""
    seen: set[str] = set()
    todo = list(names)
    while todo:
        name = todo.pop()
        if name not in seen and name != but and name in specs:
            seen.add(name)
            todo += specs[name]._outputs
    return seen


def reached(instance: Instance) -> frozenset[str]:
    """The ids of the process's own elements that its tokens stand at, or may still come to."""
    found: set[str] = set()
    program = instance.program
    for scope in instance.scopes():
        if scope.spec.program is not program or scope.completed:
            continue
        specs = scope.spec.task_specs
        here = [task.task_spec.name for task in scope.find(LIVE)]
        ahead = downstream(specs, here) - set(here)
        again = downstream(specs, [after for name in here for after in specs[name]._outputs])
        found |= {specs[name].bpmn_id for name in here}
        for name in ahead | again:
            found |= _with_inside(program, specs, name)
    return frozenset(found - {None})


def _with_inside(program: Program, specs: Any, name: str) -> set[str]:
    """An element that will be come to anew, and all that is inside it."""
    spec = specs[name]
    if spec.is_multi:
        spec = specs[spec.task_spec]
    found = {spec.bpmn_id}
    inside = program.specs.get(getattr(spec, "inside_name", "")) if not spec.is_call else None
    if inside is not None:
        for inner in inside.task_specs:
            found |= _with_inside(program, inside.task_specs, inner)
    return found


def passed(new: Program, known: frozenset[str], ahead: frozenset[str]) -> tuple[Element, ...]:
    """The elements that are new (not among the `known`) and that no token comes to any more."""
    return tuple(
        element
        for element in new.elements.values()
        if element.kind in ASKED and element.id not in known and element.id not in ahead
    )
