"""Variants of random diagrams that running instances are moved to: all ids new, parts put in, parts taken out."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from lxml import etree

from engine.graphs import Event, Graph, Node
from engine.harness import at
from engine.random_diagrams import CALENDAR, Pick
from engine.random_drawing import ANSWER, draw, named
from engine.random_stored import StoredWalk
from engine.random_walks import Seen
from engine.storing import Store
from komp_flow import engine
from komp_flow.engine import tables

REFERENCES = ("id", "sourceRef", "targetRef", "attachedToRef")


def relabelled(document: bytes, names: Mapping[str, str]) -> bytes:
    """The diagram with other ids for these elements; variables and messages keep their names."""
    root = etree.fromstring(document)
    for element in root.iter():
        if etree.QName(element).localname == "process":
            continue  # its id may be that of a gateway in it
        for name in REFERENCES:
            if (value := element.get(name)) in names:
                element.set(name, names[value])
    return etree.tostring(root)


def own_ids(graph: Graph) -> list[str]:
    """The elements of the process itself, not of those that it calls."""
    found: list[str] = []
    for node in graph.nodes.values():
        found.append(node.id)
        if node.inside is not None and node.kind != "callActivity":
            found += own_ids(node.inside)
    return found


@dataclass
class RelabelledWalk(StoredWalk):
    """At every few moves the instance is moved to the same diagram with all ids new, back, and there again."""

    drawn: dict[str, str] = field(default_factory=dict)  # the game's id → the diagram's id just now
    times: int = 0

    def begin(self) -> None:
        super().begin()
        self.drawn = {id_: id_ for id_ in own_ids(self.graph)}

    def operation(self, db: Any, call: engine.OperationCall) -> Mapping[str, object]:
        return super().operation(db, replace(call, element=self.of_game(call.element)))

    def of_game(self, element: str) -> str:
        return {now: id_ for id_, now in self.drawn.items()}.get(element, element)

    def seen(self) -> Seen:
        found = super().seen()
        return replace(
            found,
            tasks=sorted(((self.of_game(element), item) for element, item in found.tasks), key=str),
            timers=sorted((self.of_game(element), minute) for element, minute in found.timers),
            stuck=sorted(self.of_game(element) for element in found.stuck),
            completed=dict(sorted((self.of_game(element), many) for element, many in found.completed.items())),
        )

    def do_complete(self, element: str, place: int, answer: int) -> None:
        task = [task for task in self.view.tasks if self.of_game(task.element) == element][place]
        self.note(self.store.complete_task(task.id, **{f"{element}_x": answer}))

    def move(self, move: Any) -> None:
        super().move(move)
        if not self.game.done and len(self.moves) % 3 == 1:
            self.go_on_by_another()

    def go_on_by_another(self) -> None:
        self.times += 1
        new = {id_: f"{id_}_v{self.times}" for id_ in self.drawn}
        self.store.publish(relabelled(draw(self.graph, self.process)[0], new))
        renamed = {now: new[id_] for id_, now in self.drawn.items()}
        before, was = whole(self.store, self.id), self.drawn
        moved = self.store.migrate(self.id, renamed, process=self.process)
        self.store.undo(moved)
        assert whole(self.store, self.id) == before
        self.drawn = was
        moved = self.store.migrate(self.id, renamed, process=self.process)
        counts = {name: count for name, count in moved.counts.items() if count}
        known = {"tasks_kept", "tasks_renamed", "timers_kept", "waits_kept"}
        assert counts.keys() <= known, counts
        self.drawn, self.happened = new, []
        self.compare_places()

    def compare_places(self) -> None:
        """As `compare`, of where it is: nothing was completed by moving it."""
        self.game.trace, thrown = [], self.game.thrown
        self.compare()
        assert self.game.thrown == thrown


def whole(store: Store, instance: Any) -> dict[str, Any]:
    """All that undo puts back."""
    with store.database.reading() as db:
        read = db.connection().execute
        row = read(tables.INSTANCE.select().where(tables.INSTANCE.c.id == instance)).one()._asdict()
        row.pop("row_version")
        found: dict[str, Any] = {"instance": row}
        tasks = read(tables.TASK.select().where(tables.TASK.c.instance_id == instance)).all()
        found["task"] = sorted(map(str, (task for task in tasks if task.state == "open")))
        for table in (tables.TIMER, tables.SUBSCRIPTION, tables.INCIDENT_TABLE):
            rows = read(table.select().where(table.c.instance_id == instance)).all()
            found[table.name] = sorted(str(row) for row in rows if not getattr(row, "closed_at", None))
        open_ = {task.id for task in tasks if task.state == "open"}
        roles = read(tables.TASK_ROLE.select()).all()
        found["roles"] = sorted(str(role) for role in roles if role.task_id in open_)
    return found


# Parts put in and taken out.


class Variant:
    """A diagram with parts put in and out. `new` are the ids of tasks put in, `gone` of those taken out."""

    def __init__(self, graph: Graph, pick: Pick) -> None:
        self.graph, self.pick = deepcopy(graph), pick
        self.new: list[str] = []
        self.gone: list[str] = []

    def change(self) -> None:
        """A few changes anywhere in the process itself."""
        for _change in range(self.pick([1, 2, 3])):
            scope = self.pick(list(_scopes(self.graph)))
            getattr(self, self.pick(["put_in", "put_in", "branch", "guard", "take_out"]))(scope)

    def task(self, scope: Graph) -> str:
        id_ = f"n{len(self.new) + 1}"
        self.new.append(id_)
        scope.nodes[id_] = Node("userTask", id_)
        return id_

    def put_in(self, scope: Graph) -> None:
        """A task on some flow."""
        flows = [flow for flow in scope.flows if scope.nodes[flow[0]].kind not in ("eventBasedGateway", "linkThrow")]
        if not flows:
            return
        flow = self.pick(flows)
        source, target, condition = flow
        made = self.task(scope)
        place = scope.flows.index(flow)
        scope.flows[place : place + 1] = [(source, made, condition), (made, target, None)]
        if scope.nodes[source].default == target:
            scope.nodes[source].default = made

    def branch(self, scope: Graph) -> None:
        """One more way between a fork and its join."""
        forks = [
            (a, b)
            for a, b in _pairs(scope)
            if len(scope.out(a)) > 1 and len(scope.sources(b)) == len(scope.out(a))
        ]  # fmt: skip
        if forks:
            fork, join = self.pick(forks)
            made = self.task(scope)
            scope.flows += [(fork, made, None), (made, join, None)]

    def guard(self, scope: Graph) -> None:
        """A task that chases a task of a person."""
        people = [node.id for node in scope.nodes.values() if node.kind == "userTask" and not node.loop]
        if people:
            on, made = self.pick(people), self.task(scope)
            chase, over = f"{made}b", f"{made}e"
            scope.nodes[chase] = Node("boundaryEvent", chase, on=on, interrupts=False,
                                      event=Event("timer", minutes=4001 + 13 * len(self.new)))  # fmt: skip
            scope.nodes[over] = Node("endEvent", over)
            scope.flows += [(chase, made, None), (made, over, None)]

    def take_out(self, scope: Graph) -> None:
        """A task that asks for nothing, with one way in and one out, is no more."""
        plain = [
            node.id
            for node in scope.nodes.values()
            if node.kind == "userTask" and not node.loop and not node.asks and not scope.on(node.id)
            and len(scope.sources(node.id)) == 1 and len(scope.out(node.id)) == 1 and node.id not in self.new
            and scope.nodes[scope.sources(node.id)[0]].kind not in ("eventBasedGateway", "linkThrow")
            and scope.out(node.id)[0][0] not in [to for to, _condition in scope.out(scope.sources(node.id)[0])]
        ]  # fmt: skip
        if not plain:
            return
        id_ = self.pick(plain)
        self.gone.append(id_)
        (source,), ((target, _none),) = scope.sources(id_), scope.out(id_)
        condition = next(c for a, b, c in scope.flows if (a, b) == (source, id_))
        scope.flows = [(source, target, condition) if (a, b) == (source, id_) else (a, b, c)
                       for a, b, c in scope.flows if a != id_]  # fmt: skip
        if scope.nodes[source].default == id_:
            scope.nodes[source].default = target
        del scope.nodes[id_]


def _scopes(graph: Graph) -> Any:
    yield graph
    for node in graph.nodes.values():
        if node.inside is not None and node.kind != "callActivity":
            yield from _scopes(node.inside)


def _pairs(scope: Graph) -> list[tuple[str, str]]:
    """A fork and its join: the builder makes one right after the other."""
    gates = [node.id for node in scope.nodes.values() if node.kind == "parallelGateway"]
    return [(a, b) for a in gates for b in gates if int(b[1:]) == int(a[1:]) + 1]


@dataclass
class Journey(StoredWalk):
    """A walk that leaves the game behind when its instance is moved to a variant, and is then led to its end."""

    opened: set[str] = field(default_factory=set)

    def to_variant(self, variant: Variant) -> engine.InstanceMoved | None:
        """Moved there, back, and there again; None where an open task is taken out."""
        self.store.publish(draw(variant.graph, self.process)[0])
        before = whole(self.store, self.id)
        open_ = {task.element for task in self.view.tasks}
        if open_ & set(variant.gone):
            with pytest.raises(engine.CannotMove) as refused:
                self.store.migrate(self.id, process=self.process)
            assert {element for element, _text in refused.value.problems} == open_ & set(variant.gone)
            assert whole(self.store, self.id) == before
            return None
        moved = self.store.migrate(self.id, process=self.process)
        self.store.undo(moved)
        assert whole(self.store, self.id) == before
        again = self.store.migrate(self.id, process=self.process)
        assert again.counts == moved.counts
        return again

    def finish(self, most: int = 400) -> bool:
        """Whether it comes to its end, by doing all that there is to do."""
        self.game.broken.clear()
        for _move in range(most):
            self.look()
            self.opened |= {task.element for task in self.view.tasks}
            if wrong := self.more_wrong():
                raise AssertionError(wrong)
            if self.view.completed:
                return True
            if not self.ahead_here():
                return False
        return False

    def ahead_here(self) -> bool:
        """One thing that takes it on."""
        store, view = self.store, self.view
        once = [s for s in view.subscriptions if not self.is_repeated(s.element)]
        if view.tasks:
            task = view.tasks[0]
            store.complete_task(task.id, **{f"{task.element}_x": 0})
        elif view.incidents:
            store.act(engine.retry, self.id, by="ann")
        elif waits := [s for s in once if s.kind == "message"]:
            store.message(waits[0].name, waits[0].key, {ANSWER: 0})
            self.run_due()
        elif waits:
            self.do_call_out(waits[0].name.removesuffix(named("", self.process)))
        elif due := [timer.due[0] for timer in view.timers if timer.due]:
            store.now = max(store.now, min(due))
            self.run_due()
        elif view.timers:
            store.world.deadline = {CALENDAR: at(minutes=self.game.now + 100)}
            store.act(engine.reschedule, instances=[self.id], by="ann", changed=frozenset({"deadline"}))
        elif once:
            self.do_call_out(once[0].name.removesuffix(named("", self.process)))
        else:
            return False
        return True

    def is_repeated(self, element: str) -> bool:
        """It is heard again and again, so that it is not on the way to the end."""
        node = next((n for n in self.graph.walk() if n.id == element), None)
        handler = next((n for n in self.graph.walk() if n.inside and n.inside.start.id == element), None)
        return not (handler or node or Node("", "")).interrupts
