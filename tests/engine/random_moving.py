"""Variants of random diagrams that running instances are moved to: all ids new, parts put in, parts taken out."""

from __future__ import annotations

from collections import Counter
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
from engine.random_stored import Shelf, StoredWalk
from engine.random_walks import Seen
from engine.storing import Store
from komp_flow import engine
from komp_flow.engine import tables
from komp_flow.engine.memory import codec
from komp_flow.engine.memory.tree import is_live

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


CHANGES = ("put_in", "put_in", "branch", "guard", "take_out", "take_out", "retime", "turn", "other_kind", "rename")


class Variant:
    """A diagram with parts put in and out. `new` are the ids of tasks put in, `gone` of those taken out, and where each
    of these leads on; `guards` are new timers and what they stand on, `names` old ids and the new.
    """

    def __init__(self, graph: Graph, pick: Pick) -> None:
        self.graph, self.pick = deepcopy(graph), pick
        self.new: list[str] = []
        self.gone: dict[str, str] = {}
        self.guards: dict[str, str] = {}
        self.retimed: set[str] = set()
        self.turned: set[str] = set()
        self.other: set[str] = set()  # of another kind now
        self.names: dict[str, str] = {}

    def change(self) -> None:
        """A few changes anywhere in the process itself."""
        for _change in range(self.pick([1, 2, 3, 4])):
            scope = self.pick(list(_scopes(self.graph)))
            getattr(self, self.pick(CHANGES))(scope)

    @property
    def is_other(self) -> bool:
        return bool(self.new or self.gone or self.retimed or self.turned or self.other or self.names)

    def document(self, process: str) -> bytes:
        return relabelled(draw(self.graph, process)[0], self.names)

    def retime(self, scope: Graph) -> None:
        """A timer in other words."""
        timers = [n for n in scope.nodes.values() if n.event and n.event.kind == "timer" and n.event.minutes]
        if timers:
            node = self.pick(timers)
            assert node.event
            node.event.minutes += self.pick([1, 700])
            self.retimed.add(node.id)

    def turn(self, scope: Graph) -> None:
        """Items one by one instead of at once, or the other way."""
        loops = [node for node in scope.nodes.values() if node.loop and node.id not in self.turned]
        if loops:
            node = self.pick(loops)
            node.loop = {"par": "seq", "seq": "par"}[node.loop]
            self.turned.add(node.id)

    def other_kind(self, scope: Graph) -> None:
        """What a person did is done by an operation."""
        people = [id_ for id_ in self.plain(scope) if id_ not in self.new]
        if people:
            node = scope.nodes[self.pick(people)]
            node.kind = "serviceTask"
            self.other.add(node.id)

    def rename(self, scope: Graph) -> None:
        """Some have other ids."""
        for id_ in scope.nodes:
            if id_ not in self.new and self.pick([False, True]):
                self.names[id_] = f"{id_}_v"

    @staticmethod
    def plain(scope: Graph) -> list[str]:
        """Tasks of people that ask for nothing and that nothing stands on."""
        return [
            node.id
            for node in scope.nodes.values()
            if node.kind == "userTask" and not node.loop and not node.asks and not scope.on(node.id)
        ]

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
            self.guards[chase] = on
            scope.nodes[chase] = Node("boundaryEvent", chase, on=on, interrupts=False,
                                      event=Event("timer", minutes=4001 + 13 * len(self.new)))  # fmt: skip
            scope.nodes[over] = Node("endEvent", over)
            scope.flows += [(chase, made, None), (made, over, None)]

    def take_out(self, scope: Graph) -> None:
        """A task that asks for nothing, with one way in and one out, is no more."""
        plain = [
            id_
            for id_ in self.plain(scope)
            if len(scope.sources(id_)) == 1 and len(scope.out(id_)) == 1 and id_ not in self.new
            and scope.nodes[scope.sources(id_)[0]].kind not in ("eventBasedGateway", "linkThrow")
            and scope.out(id_)[0][0] not in [to for to, _condition in scope.out(scope.sources(id_)[0])]
        ]  # fmt: skip
        if not plain:
            return
        id_ = self.pick(plain)
        (source,), ((target, _none),) = scope.sources(id_), scope.out(id_)
        self.names.pop(id_, None)
        self.gone = {gone: target if to == id_ else to for gone, to in self.gone.items()} | {id_: target}
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
    names: dict[str, str] = field(default_factory=dict)  # the diagram's ids now → what they were

    def was(self, element: str) -> str:
        return self.names.get(element, element)

    def operation(self, db: Any, call: engine.OperationCall) -> Mapping[str, object]:
        return super().operation(db, replace(call, element=self.was(call.element)))

    def to_variant(self, variant: Variant, pick: Pick) -> engine.InstanceMoved | None:
        """Moved there, back, and there again; None where it cannot be, and then every row is as it was."""
        self.store.publish(variant.document(self.process))
        sent = {id_: self.sent_to(variant, to) for id_, to in variant.gone.items()} if pick([False, True]) else {}
        before, stood = whole(self.store, self.id), self.standing()
        open_ = {task.element for task in self.view.tasks}
        stops = (open_ & (set(variant.gone) - set(sent))) | (open_ & variant.other) | self.one_by_one(variant)
        if stops:
            with pytest.raises(engine.CannotMove) as refused:
                self.store.migrate(self.id, variant.names, sent, process=self.process)
            assert stops <= {element for element, _text in refused.value.problems}
            assert all(text for _element, text in refused.value.problems)
            assert whole(self.store, self.id) == before
            return None
        try:
            moved = self.store.migrate(self.id, variant.names, sent, process=self.process)
        except engine.CannotMove as error:  # nothing would be left where it stood
            refused_for = {element for element, _text in error.problems}
            assert refused_for <= open_ & set(sent)
            assert whole(self.store, self.id) == before
            return None
        self.names = {new: old for old, new in variant.names.items()}
        self.require(variant, sent, stood, moved)
        self.names = {}
        self.store.undo(moved)
        assert whole(self.store, self.id) == before
        again = self.store.migrate(self.id, variant.names, sent, process=self.process)
        assert again.counts == moved.counts
        self.names = {new: old for old, new in variant.names.items()}
        return again

    def sent_to(self, variant: Variant, to: str) -> str:
        """Where it led on, if a token may stand there."""
        scope = next(scope for scope in _scopes(variant.graph) if to in scope.nodes)
        joins = scope.nodes[to].kind in ("parallelGateway", "inclusiveGateway") and len(scope.sources(to)) > 1
        return "" if joins else variant.names.get(to, to)

    def one_by_one(self, variant: Variant) -> set[str]:
        """What was done at once and is to be done one by one, while more than one is open."""
        found = set()
        for scope in self.state().scopes():
            for task in scope.tasks:
                spec = task.task_spec
                at_once = spec.is_multi and spec.bpmn_id in variant.turned and not spec.loop.sequential
                left = task.internal_data.get("n", 0) - task.internal_data.get("done", 0)
                if at_once and is_live(task) and left > 1:
                    found.add(spec.bpmn_id)
        return found

    def state(self) -> Any:
        with self.store.database.reading() as db:
            return codec.load(self.rows[tables.INSTANCE][0].state_blob, Shelf(db))  # type: ignore[arg-type]

    def standing(self) -> tuple[dict[Any, str], dict[Any, Any], set[Any]]:
        """Open tasks, timers and waits, under the ids that the elements had."""
        self.look()
        tasks = {row.id: self.was(row.element) for row in self.rows[tables.TASK] if row.state == "open"}
        timers = {(row.task_id, self.was(row.element)): row.due_at for row in self.rows[tables.TIMER]}
        waits = {(row.task_id, self.was(row.element), row.name, row.key) for row in self.rows[tables.SUBSCRIPTION]}
        return tasks, timers, waits

    def require(self, variant: Variant, sent: dict[str, str], stood: Any, moved: engine.InstanceMoved) -> None:
        """What is open is what was open, and the numbers say just that: told by the rows and the change alone."""
        tasks, timers, waits = stood
        now, now_timers, now_waits = self.standing()
        gone = {task for task, element in tasks.items() if element in sent}
        assert {task: element for task, element in tasks.items() if task not in gone}.items() <= now.items()
        fresh = now.keys() - tasks.keys()
        assert gone.isdisjoint(now)
        assert (moved.count("kept"), moved.count("gone"), moved.count("opened")) == (
            len(tasks) - len(gone), len(gone), len(fresh),
        )  # fmt: skip
        assert moved.count("is_renamed") == sum(element in variant.names for element in tasks.values())
        kept = {key: due for key, due in timers.items() if key[1] not in variant.retimed}
        assert all(now_timers.get(key) == due for key, due in kept.items() if key[0] not in gone)
        told = moved.timers
        both = timers.keys() & now_timers.keys()
        same = sum(timers[key] == now_timers[key] for key in both)
        assert (told.kept, told.moved, told.new, told.gone) == (
            same, len(both) - same, len(now_timers.keys() - both), len(timers.keys() - both),
        )  # fmt: skip
        assert (moved.subscriptions.kept, moved.subscriptions.gone) == (len(waits & now_waits), len(waits - now_waits))
        if gone or variant.turned:
            return
        assert not fresh
        assert waits == now_waits
        expected = Counter(on for on in variant.guards.values())
        assert {element for _task, element in now_timers.keys() - both} <= set(variant.guards)
        assert told.new == sum(expected[element] for element in tasks.values())

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
            store.complete_task(task.id, **{f"{self.was(task.element)}_x": 0})
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
        element = self.was(element)
        node = next((n for n in self.graph.walk() if n.id == element), None)
        handler = next((n for n in self.graph.walk() if n.inside and n.inside.start.id == element), None)
        return not (handler or node or Node("", "")).interrupts
