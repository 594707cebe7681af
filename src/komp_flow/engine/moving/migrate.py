"""Moves a running instance to another version, and a token to another element of its scope.

Only live tasks are in the tree, so nothing is reset and nothing is predicted again. What the new diagram says of an
open element in other words than the old one is evaluated again; all else is kept as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from komp_flow.engine.errors import CannotMove
from komp_flow.engine.memory import loop, reaching, scopes
from komp_flow.engine.memory.actions import open_task
from komp_flow.engine.memory.instance import Instance, Scope
from komp_flow.engine.memory.program import Element, Program
from komp_flow.engine.memory.specs.events import StartEvent
from komp_flow.engine.memory.token import Token
from komp_flow.engine.memory.tree import FUTURE, WAITING, attached, cancel, is_live, item_of, prune
from komp_flow.engine.memory.values import require_keepable
from komp_flow.engine.moving.half_joined import Joins
from komp_flow.engine.moving.refitting import Refitting
from komp_flow.errors import Busy, KompFlowError
from komp_flow.i18n import _

SPLIT = ".BoundaryEventSplit"
ITEM = " [child]"
GONE = ""  # where a token is sent that is taken away, with nothing in its place
Fill = Callable[[frozenset[str]], Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Plan:
    """How the elements of two versions belong together. Ids that are equal need not be named.

    `renamed`: old id → new id of what is the same. `sent`: old id → the new element that its open token goes to
    instead, or `GONE`: it is taken away.
    """

    renamed: Mapping[str, str] = field(default_factory=dict)
    sent: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """`names` are those that the new version reads and the old one did not keep, `filled` those of them that got a
    value. `ahead` are the elements that may still be come to, `passed` new ones that nobody comes to any more.
    """

    names: frozenset[str]
    filled: frozenset[str]
    ahead: frozenset[str]
    passed: tuple[Element, ...]


def move(instance: Instance, task_id: UUID, to: str) -> None:
    """A person in charge sends an open task's token to another element of the same scope. NotOpen, CannotMove."""
    task = open_task(instance, task_id)
    specs = task.workflow.spec.task_specs
    if item_of(task) or task.task_spec.is_boundary or not _may_take(specs.get(to)):
        raise CannotMove([(task.task_spec.bpmn_id, _("Oppgaven kan ikke flyttes dit."))])
    _take_away(task)
    _put(task, specs.get(to + SPLIT) or specs[to])
    loop.run(instance)


def migrate(instance: Instance, new: Program, plan: Plan | None = None, fill: Fill | None = None) -> Outcome:
    """Go on by another version of the same process. `fill` tells the values of names that are read for the first time.

    Data, due times, items and half-done joins are kept; boundary events and event sub-processes that are new begin to
    wait now, those that are gone are forgotten. CannotMove: an open element is gone or is of another kind, or what is
    said of it in another way cannot be evaluated; the instance in memory is then to be thrown away.
    """
    return _Migration(instance, new, plan or Plan()).run(fill)


def _take_away(task: Token) -> None:
    """The token, and those that wait beside it."""
    for other in attached(task):
        if other._state == WAITING:
            cancel(other)
    cancel(task)


def _put(was: Token, target: Any) -> None:
    """A token where a person has sent it; it takes along what its branch knows."""
    child = was.workflow.task_tree.add_child(target, FUTURE)
    child.triggered = True
    child.data.update(was.data)
    target._update(child)


def _may_take(spec: Any) -> bool:
    """A token may be put on what is drawn, stands by itself, and does not count where its tokens came from."""
    return (
        spec is not None
        and bool(spec.bpmn_id)
        and spec.name == spec.bpmn_id
        and not spec.is_boundary
        and not isinstance(spec, StartEvent)
        and not (spec.is_join and len(spec._inputs) > 1)
    )


@dataclass
class _Place:
    """One scope on its way: the specification that it gets, and what becomes of its tokens."""

    scope: Scope
    spec: Any
    kept: dict[Token, Any] = field(default_factory=dict)  # → the specification that it gets
    gone: list[Token] = field(default_factory=list)  # boundary events that are no more
    sent: dict[Token, str] = field(default_factory=dict)


class _Migration:
    """One move: all is planned and judged before anything is changed."""

    def __init__(self, instance: Instance, new: Program, plan: Plan) -> None:
        self.instance, self.new, self.plan = instance, new, plan
        self.old = instance.program
        self.problems: list[tuple[str, str]] = []
        self.places: list[_Place] = []

    def run(self, fill: Fill | None) -> Outcome:
        self.plan_scope(self.instance, self.new.spec)
        if self.problems:
            raise CannotMove(list(dict.fromkeys(self.problems)))
        stuck = {task for task in self.instance.open_tasks() if "incident" in task.internal_data}
        joins = [Joins(place.scope, place.spec, self.name) for place in self.places]
        self.take_away()
        old = self.turn()
        names, filled = self.filled(fill)
        for place, joining in zip(self.places, joins, strict=True):
            self.refit(place, joining.was, old)
            for task, to in place.sent.items():
                if to != GONE:
                    _put(task, place.spec.task_specs.get(to + SPLIT) or place.spec.task_specs[to])
            joining.settle(old)
            prune(place.scope)
        ahead = reaching.reached(self.instance)
        loop.run(self.instance)
        self.judge(stuck)
        known = frozenset(self.name(element) for element in self.old.elements)
        return Outcome(names, filled, ahead, reaching.passed(self.new, known, ahead))

    def name(self, old: str) -> str:
        return self.plan.renamed.get(old, old)

    def target_name(self, old: str) -> str:
        core, split, _rest = old.partition(SPLIT)
        item = ITEM if core.endswith(ITEM) else ""
        return self.name(core.removesuffix(ITEM)) + item + split

    # planning
    def plan_scope(self, scope: Scope, spec: Any) -> None:
        """What becomes of each token in it, and in what is open inside it."""
        prune(scope)
        place = _Place(scope, spec)
        self.places.append(place)
        for task in scope.tasks:
            if item_of(task) not in place.sent:  # an item goes with its multi-instance
                self.plan_task(place, task)
        stays = [task for task in (*place.kept, *place.sent) if place.sent.get(task) != GONE]
        if place.sent and not any(is_live(task) and not _waits_beside(task) for task in stays):
            self.problem(next(iter(place.sent)), _("Da er det ingenting igjen å gjøre her. Velg hvor den skal gå."))

    def plan_task(self, place: _Place, task: Token) -> None:
        old = task.task_spec
        if old.bpmn_id in self.plan.sent and is_live(task) and not _waits_beside(task) and not item_of(task):
            to = self.plan.sent[old.bpmn_id]
            place.sent[task] = to
            if to != GONE and not _may_take(place.spec.task_specs.get(to)):
                self.problem(task, _("Oppgaven kan ikke sendes til «%(to)s» i den nye versjonen.", to=to))
            return
        target = self.target(place.spec, task)
        if target is None and (_waits_beside(task) or old.is_split):
            place.gone.append(task)
        elif target is None:
            self.problem(task, _("Steget er åpent, og finnes ikke i den nye versjonen. Velg hvor det skal gå videre."))
        elif not _same_kind(old, target):
            self.problem(
                task, _("Steget er åpent, og er av et annet slag i den nye versjonen. Velg hvor det skal gå videre.")
            )
        elif old.is_multi and target.loop.sequential > old.loop.sequential and _left(task) > 1:
            self.problem(task, _("Alle kan gjøre dette samtidig nå. Det kan ikke bli én om gangen før de er ferdige."))
        else:
            place.kept[task] = target
            inside = self.instance.subprocesses.get(task)
            if inside is not None and inside.spec.program is self.old:
                self.plan_scope(inside, self.new.specs[target.inside_name])

    def target(self, spec: Any, task: Token) -> Any:
        """The specification in the new version that is the same; of what waits beside an activity, beside the same."""
        old, wanted = task.task_spec, self.target_name(task.task_spec.name)
        if old.is_listener:
            return next((listener for listener in spec.listeners if listener.name == wanted), None)
        found = spec.task_specs.get(wanted)
        if found is not None and _waits_beside(task):
            split = spec.task_specs.get(self.target_name(task.parent.task_spec.name))
            return found if split is not None and found in split.outputs else None
        return found

    def problem(self, task: Token, text: str) -> None:
        self.problems.append((task.task_spec.bpmn_id, text))

    # changing
    def take_away(self) -> None:
        """While all are where they were: the trail tells it with the old diagram's ids."""
        for place in self.places:
            for task in place.gone:
                cancel(task)
            for task in place.sent:
                _take_away(task)

    def turn(self) -> dict[Token, Any]:
        """Everything that is kept is the new version's from here on; → what each was."""
        old: dict[Token, Any] = {}
        for place in self.places:
            place.scope.spec = place.spec
            for task, target in place.kept.items():
                old[task], task.task_spec = task.task_spec, target
        self.instance.program = self.new
        return old

    def filled(self, fill: Fill | None) -> tuple[frozenset[str], frozenset[str]]:
        """The names that are read for the first time, and those of them that are known from before."""
        names = frozenset(n for n in self.new.names - self.old.names if not scopes.is_reserved(n))
        wanted = names - self.instance.data.keys()
        given = fill(wanted) if fill and wanted else {}
        for name, value in given.items():
            require_keepable(name, value)
            self.instance.data[name] = value
        return names, frozenset(given)

    def refit(self, place: _Place, was: Any, old: dict[Token, Any]) -> None:
        """What is open follows the new diagram where that says something else."""
        refitting = Refitting(place.scope, was, self.name)
        for task in place.kept:
            if not is_live(task):
                continue
            try:
                refitting.refit(task, old[task])
            except Busy:
                raise
            except Exception as error:
                raise CannotMove([(old[task].bpmn_id, _said(error))]) from error
        refitting.listen()
        for task in list(place.scope.tasks):
            if task.task_spec.is_split and task.task_spec.name not in place.spec.task_specs:
                refitting.unsplit(task)

    def judge(self, stuck: set[Token]) -> None:
        """CannotMove: something has stopped that had not stopped before."""
        back = {new: old for old, new in self.plan.renamed.items()}
        failed = [task for task in self.instance.open_tasks() if "incident" in task.internal_data and task not in stuck]
        if failed:
            told = [(task.task_spec.bpmn_id, str(task.internal_data["incident"])) for task in failed]
            raise CannotMove([(back.get(element, element), text) for element, text in told])


def _waits_beside(task: Token) -> bool:
    """A boundary event or listener that has not fired."""
    return bool(task.task_spec.is_boundary and task._state == WAITING)


def _same_kind(old: Any, new: Any) -> bool:
    return type(old) is type(new) or (old.is_join and new.is_join)


def _left(multi: Token) -> int:
    """How many items are not done."""
    return int(multi.internal_data.get("n", 0)) - int(multi.internal_data.get("done", 0))


def _said(error: Exception) -> str:
    return str(error) if isinstance(error, KompFlowError) else f"{type(error).__name__}: {error}"
