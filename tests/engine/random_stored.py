"""A random walk through the database: every act a transaction, messages and signals delivered as they are in life.

After each move the projections are what the stored state says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import select

from engine.drawing import doc, el, end, flows, ref, start, throw
from engine.harness import at
from engine.random_diagrams import CALENDAR
from engine.random_drawing import draw, named
from engine.random_walks import Move, Seen, Walk, of_engine
from engine.storing import Store
from komp_flow import engine
from komp_flow.engine import tables
from komp_flow.engine.memory import actions, codec
from komp_flow.engine.stored import shelf
from komp_flow.engine.stored.messages import stored_key

TABLES = (
    tables.INSTANCE, tables.TASK, tables.TIMER, tables.SUBSCRIPTION, tables.INCIDENT_TABLE, tables.MESSAGE,
)  # fmt: skip
_numbers = count(1)  # of the processes in one database


class Shelf:
    """The little of a host that looking at a state takes."""

    def __init__(self, db: Any) -> None:
        self.db = db

    def program(self, key: str) -> Any:
        return shelf.runnable(self.db, UUID(key)).program


@dataclass
class StoredWalk(Walk):
    """Walks one stored instance; others of other walks may be in the same database."""

    store: Store = field(kw_only=True)

    def begin(self) -> None:
        self.process = f"p{next(_numbers)}"
        self.happened: list[Any] = []
        self.store.now = at(minutes=0)
        self.store.world.deadline = {CALENDAR: None}
        self.store.world.operations = {"ask": self.operation}
        self.store.publish(*draw(self.graph, self.process))
        self.id = self.note(self.store.start(self.process)).instance_id

    def operation(self, _db: Any, call: engine.OperationCall) -> Mapping[str, object]:
        return self.world.operation(call.type, call)  # type: ignore[arg-type]

    def note(self, changes: engine.Changes) -> engine.Changes:
        self.happened += changes.trail
        return changes

    def run_due(self) -> None:
        for changes in self.store.tick():
            if changes.instance_id == self.id:
                self.note(changes)

    # what there is
    def seen(self) -> Seen:
        self.look()
        here = named("", self.process)
        found = of_engine(self.view, (), self.happened)
        return replace(
            found,
            messages=sorted((name.removesuffix(here), key) for name, key in found.messages),
            signals=sorted(name.removesuffix(here) for name in found.signals),
            thrown=[(row.kind, row.name.removesuffix(here), row.key) for row in self.rows[tables.MESSAGE]],
        )

    def look(self) -> None:
        """Read all that there is of this instance."""
        of = {tables.INSTANCE: "id", tables.MESSAGE: "sender_instance_id"}
        with self.store.database.reading() as db:
            self.rows = {
                table: db.connection()
                .execute(select(table).where(table.c[of.get(table, "instance_id")] == self.id))
                .all()
                for table in TABLES
            }
            self.view = actions.view(codec.load(self.rows[tables.INSTANCE][0].state_blob, Shelf(db)))  # type: ignore[arg-type]
        self.rows[tables.MESSAGE] = sorted(self.rows[tables.MESSAGE], key=lambda row: row.id)

    def more_wrong(self) -> list[str]:
        """Projections that are not what the state says."""
        view, rows = self.view, self.rows
        (instance,) = rows[tables.INSTANCE]
        state = "completed" if view.completed else "incident" if view.incidents else "active"
        tasks = [row for row in rows[tables.TASK] if row.state == "open"]
        incidents = [row for row in rows[tables.INCIDENT_TABLE] if row.closed_at is None]
        pairs: dict[str, tuple[Any, Any]] = {
            "instance": ((instance.state, instance.ended_at is not None), (state, view.completed)),
            "task": (Counter((row.id, row.element) for row in tasks), Counter((t.id, t.element) for t in view.tasks)),
            "timer": (
                {(row.task_id, row.element): row.due_at for row in rows[tables.TIMER]},
                {(timer.task_id, timer.element): timer.due[0] for timer in view.timers if timer.due},
            ),
            "subscription": (
                Counter((r.task_id, r.element, r.kind, r.name, r.key) for r in rows[tables.SUBSCRIPTION]),
                Counter((s.task_id, s.element, s.kind, s.name, stored_key(s.key)) for s in view.subscriptions),
            ),
            "incident": (
                Counter((row.task_id, row.element, row.text) for row in incidents),
                Counter((i.task_id, i.element, i.text) for i in view.incidents),
            ),
        }
        return [
            f"rows of {name}: {is_}, the state says {should}" for name, (is_, should) in pairs.items() if is_ != should
        ]

    def compare(self) -> None:
        super().compare()
        self.happened = []

    # what is done
    def move(self, move: Move) -> None:
        """Now and then it rests first, which changes nothing."""
        if len(self.moves) % 5 == 3:
            for act in (engine.suspend, engine.resume):
                self.store.act(act, self.id, "prøve", by="ann")
        super().move(move)

    def do_complete(self, element: str, place: int, answer: int) -> None:
        task = [task for task in self.view.tasks if task.element == element][place]
        self.note(self.store.complete_task(task.id, **{f"{element}_x": answer}))

    def do_tell(self, name: str, key: str, brought: int) -> None:
        payload = self.payload(name, brought)
        self.store.message(named(name, self.process), key, payload)
        self.run_due()

    def do_call_out(self, name: str) -> None:
        signal = el("signal", "g", name=named(name, self.process))
        thrower = f"{self.process}_throws_{name}"
        self.store.publish(doc(start(), throw("t", ref("signal", "g")), end(), flows("s>t>e"), pid=thrower, top=signal))
        self.store.start(thrower)
        self.run_due()

    def do_set_date(self, minute: int) -> None:
        self.store.world.deadline = {CALENDAR: at(minutes=minute)}
        changed = frozenset({"deadline"})
        self.store.act(engine.reschedule, instances=[self.id], by="ann", changed=changed)

    def do_mend(self, element: str) -> None:
        self.note(self.store.act(engine.retry, self.id, by="ann"))

    def do_tick(self) -> None:
        self.store.now = at(minutes=self.game.now)
        self.run_due()
