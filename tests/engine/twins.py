"""Pairs of equal instances, of which one is always among many that are done at once, and the other is done alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from engine.storing import Store
from komp_flow import audit, engine
from komp_flow.engine import tables
from komp_flow.engine.many import alike, cloning
from komp_flow.engine.memory import codec
from komp_flow.organisation.subjects import Subject

TABLES = (tables.TASK, tables.TIMER, tables.SUBSCRIPTION, tables.INCIDENT_TABLE, tables.DELIVERY, audit.EVENT)
OWN = {"stream", "hash", "state_blob"}
ROUNDS = 60  # of due rows; a loop through a time that has passed goes on at the next tick


class Copies:
    """How many steps were written after a pattern."""

    def __init__(self, monkeypatch: Any) -> None:
        self.count = 0
        followed = cloning.Template.followed

        def noted(template: cloning.Template, others: Sequence[cloning.Other]) -> Any:
            self.count += len(others)
            return followed(template, others)

        monkeypatch.setattr(cloning.Template, "followed", noted)


class Twins:
    """Pairs in one store: the first of each goes in batches, the second alone."""

    def __init__(self, store: Store, process: str) -> None:
        self.store, self.process = store, process
        self.pairs: list[tuple[UUID, UUID]] = []

    def begin(self, subject: Subject, variables: Mapping[str, object] | None = None) -> None:
        """One more pair."""
        one, other = (self.store.start(self.process, subject, variables).instance_id for _ in range(2))
        self.pairs.append((one, other))

    def pass_time(self, **more: float) -> None:
        """Until then, and all that is due."""
        self.store.now += timedelta(**more)
        self.run_due()

    def run_due(self) -> None:
        """All that is due, until nothing is."""
        many = {one for one, _other in self.pairs}
        for _round in range(ROUNDS):
            with self.store.database.reading() as db:
                rows = engine.due(db, self.store.now, 500)
            if not rows:
                return
            for batch in engine.batches([row for row in rows if row.instance_id in many]):
                self.at_once(batch)
            for row in rows:
                if row.instance_id not in many:
                    self.alone(row)
        raise AssertionError("due rows never end")

    def at_once(self, batch: Sequence[Any]) -> None:
        """As the tick does it."""
        with self.store.database.transaction() as db:
            ran = engine.run_batch(db, self.store.world, batch, self.store.now)
        for row in ran.alone:
            self.alone(row)

    def alone(self, row: Any) -> None:
        """As the tick does it, too."""
        try:
            self.store.act(engine.run_due, row)
        except Exception as error:  # noqa: BLE001 (what the tick does)
            with self.store.database.transaction() as db:
                engine.fail_due(db, row, error, self.store.now)

    def open(self) -> list[tuple[int, str]]:
        """The open tasks of the pairs."""
        return [(place, element) for place, (one, _) in enumerate(self.pairs) for element in self.store.open(one)]

    def complete(self, element: str, places: Iterable[int], **answers: object) -> None:
        """In both of each of these pairs, where it is open."""
        for place in places:
            for instance in self.pairs[place]:
                if element in self.store.open(instance):
                    self.store.complete(element, instance, **answers)

    def compare(self) -> None:
        """Equal but for ids, in states, in projections and on the trail; and the trail holds."""
        for one, other in self.pairs:
            assert told(self.store, one) == told(self.store, other)
        with self.store.database.reading() as db:
            assert audit.verify(db) == []


def told(store: Store, instance: UUID) -> dict[str, Any]:
    """All that is stored of an instance, its ids counted in the order of the state and the trail."""
    found: dict[str, Any] = {}
    with store.database.reading() as db:
        rows = {
            table.name: [row._asdict() for row in db.execute(select(table).where(table.c.instance_id == instance))]
            for table in TABLES
        }
        wanted = select(tables.INSTANCE).where(tables.INSTANCE.c.id == instance)
        rows["instance"] = [row._asdict() for row in db.execute(wanted)]
        tasks = [row["id"] for row in rows["task"]]
        rows["task_role"] = [
            row._asdict() for row in db.execute(select(tables.TASK_ROLE).where(tables.TASK_ROLE.c.task_id.in_(tasks)))
        ]
    rows["event"].sort(key=lambda row: row["seq"])
    state = codec.unpacked(rows["instance"][0]["state_blob"]).decode()
    known = {instance.hex: 0}
    for id_ in [*alike.ids(state.encode()), *(row["task_id"].hex for row in rows["event"] if row["task_id"])]:
        known.setdefault(id_, len(known))
    for id_, number in known.items():
        state = state.replace(id_, f"<{number}>")
    found["state"] = state
    for table, its in rows.items():
        plain = [_plain(row, known, table) for row in its]
        found[table] = plain if table == "event" else sorted(plain, key=repr)
    return found


def _plain(row: Mapping[str, Any], known: Mapping[str, int], table: str) -> dict[str, Any]:
    own = OWN | ({"id"} if table in {"incident", "delivery"} else set())
    return {
        name: known.get(value.hex, value) if isinstance(value, UUID) else value
        for name, value in row.items()
        if name not in own
    }
