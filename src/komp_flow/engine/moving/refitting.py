"""What an open element gets when its instance goes on by another version: what is said in other words, and no more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from komp_flow.engine.memory import scopes
from komp_flow.engine.memory.events import Event
from komp_flow.engine.memory.instance import Scope
from komp_flow.engine.memory.token import Token
from komp_flow.engine.memory.tree import COMPLETED, FUTURE, LIVE, READY, STARTED, cancel, is_live, item_of
from komp_flow.engine.memory.values import require_keepable

SPLIT = ".BoundaryEventSplit"


class Refitting:
    """The tokens of one scope, whose specifications are the new ones already. `name` tells the new id of an old one."""

    def __init__(self, scope: Scope, was: Any, name: Callable[[str], str]) -> None:
        self.scope, self.was, self.name = scope, was, name

    def refit(self, task: Token, old: Any) -> None:
        """Inputs, waits, items and boundary events. Raises what an expression raises."""
        new = task.task_spec
        if new.is_multi:
            self._items(task, old)
        elif not new.is_boundary and not new.is_call:
            self._inputs(task, old)
        if "wait" in task.internal_data:
            self._waits(task, old)
        if is_live(task):
            self._guard(task, old)

    def _inputs(self, task: Token, old: Any) -> None:
        """Those that are drawn otherwise are evaluated again. Of a sub-process, whose inputs are its variables, only
        those that it had not.
        """
        was = getattr(old.extensions, "inputs", ())
        changed = [mapping for mapping in task.task_spec.extensions.inputs if mapping not in was]
        gone = {target for _source, target in was} - {target for _s, target in task.task_spec.extensions.inputs}
        if task._state == STARTED:
            inside = task.workflow.top_workflow.subprocesses.get(task)
            for source, target in changed if inside is not None else ():
                if inside is not None and target not in inside.data:
                    inside.data[target] = self._value(source, target, task)
            return
        if "in" not in task.internal_data and (task._state != READY or not changed):
            return
        local = {name: value for name, value in task.internal_data.get("in", {}).items() if name not in gone}
        for source, target in changed:
            local[target] = self._value(source, target, task, local)
        task.internal_data.pop("in", None)
        if local:
            task.internal_data["in"] = local

    @staticmethod
    def _value(source: str | None, target: str, task: Token, *nearer: dict[str, Any]) -> object:
        value = scopes.value(source, task, *nearer)
        require_keepable(target, value)
        return value

    def _waits(self, task: Token, old: Any) -> None:
        """A wait whose event is drawn as before stays as it is, under the element's new id."""
        spec = task.task_spec
        events = {at.bpmn_id: at.event for at in (spec.outputs if spec.is_event_gateway else [spec])}
        drawn = {self.name(at.bpmn_id): at.event for at in (old.outputs if old.is_event_gateway else [old])}
        waits = {self.name(element): wait for element, wait in task.internal_data["wait"].items()}
        made = {
            element: self._wait(task, event, drawn.get(element), waits.get(element))
            for element, event in events.items()
        }
        if spec.is_boundary and None in made.values():
            cancel(task)
            return
        task.internal_data["wait"] = {element: wait or {} for element, wait in made.items()}

    @staticmethod
    def _wait(task: Token, event: Event, was: Event | None, wait: dict[str, Any] | None) -> dict[str, Any] | None:
        """None: a repeated timer has fired as often as it is to fire now."""
        if wait is None or was is None or event.kind != was.kind:
            return event.wait(task)
        if event == was:
            return wait
        if event.kind == "timer":
            # All its times since it was reached, so that those which have fired can be counted off.
            fired = wait.get("n", 0)
            due = event.due(task, datetime.fromisoformat(wait["since"]), known=bool(wait["due"] or fired))
            left = (due or [])[fired:] or None
            return None if fired and due and not left else {**wait, "due": left}
        if event.kind == "message":
            return {"message": event.name, "key": wait["key"] if event.text == was.text else event.key(task)}
        return event.wait(task)

    def _items(self, task: Token, old: Any) -> None:
        """A multi-instance on its way: items that now go at once begin, and each knows itself by its new name."""
        data, loop, was = task.internal_data, task.task_spec.loop, old.loop
        if "n" not in data:
            return
        if loop.output and data.get("results") is None:
            data["results"] = [None] * data["n"]
        open_ = [item for item in task.children if item.triggered and is_live(item)]
        if loop.element and loop.element != was.element:
            values = data.get("items") or (None if was.element else scopes.value(loop.collection, task))
            for item in open_:
                self._name_item(item, loop.element, was.element, values)
        if was.sequential and not loop.sequential and task._state == STARTED:
            items = data.pop("items")
            for index in range(data["done"] + len(open_), data["n"]):
                task.task_spec.begin(task, index, items[index])

    @staticmethod
    def _name_item(item: Token, name: str, was: str | None, values: Any) -> None:
        inside = item.workflow.top_workflow.subprocesses.get(item)
        known = inside.data if inside is not None else item.internal_data.setdefault("in", {})
        index = item.internal_data["i"]
        if was is not None and was in known:
            known[name] = known[was]
        elif isinstance(values, list | tuple) and index < len(values):
            known[name] = values[index]

    def _guard(self, task: Token, old: Any) -> None:
        """An open activity gets the boundary events that are new; one that was there before is not set again."""
        spec = task.task_spec
        split = self.scope.spec.task_specs.get(f"{spec.name}{SPLIT}")
        if split is None or spec.is_boundary or spec.is_split or item_of(task):
            return
        if task.parent.task_spec is not split:
            self._split(task, split)
        before = self.was.task_specs.get(f"{old.name}{SPLIT}")
        known = {self.name(event.name) for event in before.outputs} if before is not None else set()
        for event in split.outputs:
            if event.is_boundary and event.name not in known:
                fresh = task.parent.add_child(event, FUTURE)
                event._update(fresh)

    def _split(self, task: Token, split: Any) -> None:
        """A split between the activity and what it hung on; the codec writes it first."""
        tasks = self.scope.tasks
        made = task.parent.add_child(split, COMPLETED)
        tasks.remove(made)
        tasks.insert(tasks.index(task), made)
        task.move_to(made)

    def unsplit(self, split: Token) -> None:
        """The activity has no boundary events any more."""
        for child in list(split.children):
            child.move_to(self.scope.task_tree)

    def listen(self) -> None:
        """Event sub-processes that are new in this scope begin to listen, unless it has yet to begin itself."""
        known = {self.name(listener.name) for listener in self.was.listeners}
        fresh = [listener for listener in self.scope.spec.listeners if listener.name not in known]
        starting = {after.name for after in self.scope.spec.start.outputs} | {self.scope.spec.start.name}
        if self.scope.completed or any(task.task_spec.name in starting for task in self.scope.find(LIVE)):
            return
        for listener in fresh:
            listener._update(self.scope.task_tree.add_child(listener, FUTURE))
