"""Walks stored instances: every act is a transaction of its own, as at the edges, in a world that does as told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from engine.drawing import user
from engine.harness import T0
from komp_flow import engine, feel
from komp_flow.db import Database
from komp_flow.engine import tables
from komp_flow.engine.problems import SourceFile
from komp_flow.organisation.subjects import Subject

OSLO = ZoneInfo("Europe/Oslo")
UNIT = Subject(unit="u1", cycle="2027")


def assigned(roles: str | None = "manager", assignee: str | None = None) -> str:
    groups = f' candidateGroups="{roles}"' if roles else ""
    person = f' assignee="{assignee}"' if assignee else ""
    return f"<zeebe:assignmentDefinition{groups}{person}/>"


def schedule(due: str | None = None, follow_up: str | None = None) -> str:
    dates = (f' dueDate="{due}"' if due else "") + (f' followUpDate="{follow_up}"' if follow_up else "")
    return f"<zeebe:taskSchedule{dates}/>"


def fill(form: str) -> str:
    return f'<zeebe:formDefinition formId="{form}"/>'


def job(id_: str, inner: str = "", *, roles: str = "manager", ext: str = "", **more: Any) -> str:
    """A user task with a role."""
    return user(id_, inner, ext=assigned(roles) + ext, **more)


def form(id_: str, *keys: str, title: str = "Skjema") -> bytes:
    components = [{"type": "textfield", "key": key, "id": f"{id_}_{key}", "label": key} for key in keys]
    return json.dumps(
        {"type": "default", "id": id_, "schemaVersion": 19, "properties": {"title": title}, "components": components}
    ).encode()


class World:
    """Implements engine.World. `deadline` may be moved, `operations` do what a test wants."""

    def __init__(self) -> None:
        self.deadline: dict[str, object] = {"discussion": date(2027, 3, 1), "decision": None}
        self.operations: dict[str, Callable[[Session, engine.OperationCall], Mapping[str, object]]] = {}
        self.calls: list[engine.OperationCall] = []
        self.sealed: dict[UUID, Mapping[str, object]] = {}
        self.refits: list[tuple[UUID, UUID | None, UUID | None]] = []
        self.renames: list[dict[str, str]] = []
        self.loses: list[tuple[str, ...]] = []

    def moment(self, db: Session, now: datetime) -> feel.Moment:
        return feel.Moment(now, OSLO)

    def names(self, db: Session, subject: Subject, now: datetime) -> Mapping[str, object]:
        return {
            "cycle": {"id": subject.cycle},
            "unit": {"id": subject.unit} if subject.unit else None,
            "person": {"id": subject.person} if subject.person else None,
            "measure": None,
            "deadline": self.deadline,
            "escalation": {},
        }

    def operation(self, db: Session, call: engine.OperationCall) -> Mapping[str, object]:
        self.calls.append(call)
        return self.operations[call.type](db, call)

    def given(self, db: Session, task_id: UUID) -> Mapping[str, object] | None:
        return self.sealed.get(task_id)

    def renamed(self, db: Session, instance_id: UUID, names: Mapping[str, str]) -> None:
        self.renames.append(dict(names))

    def refit(
        self, db: Session, task_id: UUID, was: UUID | None, to: UUID | None, now: datetime
    ) -> list[tuple[str, ...]]:
        self.refits.append((task_id, was, to))
        return list(self.loses)


class Store:
    """A database with published diagrams, a clock, and someone who acts."""

    def __init__(self, database: Database, *sources: bytes, now: datetime = T0) -> None:
        self.database = database
        self.world = World()
        self.now = now
        if sources:
            self.publish(*sources)

    # what is done
    def publish(self, *sources: bytes, why: str = "prøve") -> list[engine.Version]:
        files = [SourceFile(f"f{number}", data) for number, data in enumerate(sources)]
        with self.database.transaction() as db:
            return engine.publish(db, files, why=why, by="owner", now=self.now, world=self.world)

    def start(
        self, process: str = "p", subject: Subject = UNIT, variables: Mapping[str, object] | None = None, **more: Any
    ) -> engine.Changes:
        with self.database.transaction() as db:
            return engine.start(db, self.world, process, subject, variables or {}, by="ann", now=self.now, **more)

    def complete(
        self, element: str, instance: UUID | None = None, by: str = "ann", **answers: object
    ) -> engine.Changes:
        return self.complete_task(self.task(element, instance).id, by, **answers)

    def complete_task(self, task_id: UUID, by: str = "ann", **answers: object) -> engine.Changes:
        with self.database.transaction() as db:
            task = engine.locked(db, task_id)
            return engine.complete(db, self.world, task, answers, by=by, now=self.now)

    def message(self, name: str, key: object = "", payload: Mapping[str, object] | None = None, **more: Any) -> int:
        with self.database.transaction() as db:
            return engine.correlate(db, name, key, payload or {}, by="ann", now=self.now, **more).id

    def act(self, action: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
        with self.database.transaction() as db:
            return action(db, self.world, *arguments, now=self.now, **more)

    def tick(self, now: datetime | None = None, rounds: int = 50) -> list[engine.Changes]:
        """Run all that is due until nothing is, as `worker --once` does."""
        self.now = now or self.now
        done: list[engine.Changes] = []
        for _round in range(rounds):
            with self.database.reading() as db:
                rows = engine.due(db, self.now)
            if not rows:
                return done
            for row in rows:
                try:
                    with self.database.transaction() as db:
                        changes = engine.run_due(db, self.world, row, self.now)
                except Exception as error:  # noqa: BLE001 (what work.run_due does)
                    with self.database.transaction() as db:
                        engine.fail_due(db, row, error, self.now)
                else:
                    done += [changes] if changes else []
        raise AssertionError("due rows never end")

    def migrate(
        self, instance: UUID, renamed: Mapping[str, str] | None = None, sent: Mapping[str, str] | None = None,
        to: int | None = None, process: str = "p",
    ) -> engine.InstanceMoved:  # fmt: skip
        """To the newest version, or to that number."""
        versions = self.rows(tables.ProcessVersion, process=process)
        found = max((v for v in versions if to in (None, v.number)), key=lambda v: v.number)
        plan = engine.Plan(renamed or {}, sent or {})
        moved = self.act(engine.migrate_instance, instance, found.id, plan, by="owner", why="ny utgave")
        assert isinstance(moved, engine.InstanceMoved)
        return moved

    def undo(self, moved: engine.InstanceMoved) -> None:
        self.act(engine.undo_migration, moved.instance_id, moved.kept, by="owner", why="feil")

    def later(self, **more: float) -> datetime:
        return self.now + timedelta(**more)

    # what there is
    def rows(self, table: Any, **where: Any) -> list[Any]:
        with self.database.reading() as db:
            wanted = select(table)
            for name, value in where.items():
                wanted = wanted.where(getattr(table, name) == value)
            found = list(db.scalars(wanted))
            db.expunge_all()  # the end of the block would expire them
        return found

    def task(self, element: str, instance: UUID | None = None) -> tables.Task:
        where = {"instance_id": instance} if instance else {}
        return next(t for t in self.rows(tables.Task, element=element, **where) if t.state == "open")

    def open(self, instance: UUID | None = None) -> list[str]:
        where = {"instance_id": instance} if instance else {}
        return sorted(task.element for task in self.rows(tables.Task, state="open", **where))

    def instance(self, id_: UUID | None = None) -> tables.Instance:
        found: tables.Instance = self.rows(tables.Instance, **({"id": id_} if id_ else {}))[0]
        return found

    def states(self, process: str = "p") -> list[str]:
        return sorted(row.state for row in self.rows(tables.Instance, process=process))

    def timers(self) -> list[tuple[str, str]]:
        return sorted((row.element, f"{row.due_at:%Y-%m-%dT%H:%M}") for row in self.rows(tables.Timer))

    def incidents(self) -> list[tuple[str, str | None]]:
        return [(row.kind, row.element) for row in self.rows(tables.Incident) if row.closed_at is None]


@contextmanager
def counted(database: Database) -> Any:
    """The SQL statements that are sent while the block runs, without BEGIN and COMMIT."""
    seen: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "SET TRANSACTION")):
            seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", count)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", count)


def together(act: Callable[[Any], object], each: Iterable[Any]) -> list[Any]:
    """Run `act` for each in a thread of its own, begun at one moment; answers what each gave or raised."""
    items = list(each)
    answers: list[Any] = [None] * len(items)
    gate = threading.Barrier(len(items))

    def run(place: int) -> None:
        gate.wait(timeout=20)
        try:
            answers[place] = act(items[place])
        except Exception as error:  # noqa: BLE001 (the test looks at it)
            answers[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(items))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive(), "a thread hangs"
    return answers
