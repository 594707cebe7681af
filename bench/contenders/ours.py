"""komp-flow itself: `work.start` and `work.complete`, each in a transaction of its own, as a request has it."""

from __future__ import annotations

import random
import statistics
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from bench import organisation as made_up
from bench.counting import Statements
from bench.drawing import Process
from bench.places import Place
from bench.series import Timing, timed
from komp_flow import engine, organisation, work
from komp_flow.db import Database
from komp_flow.engine import Instance, SourceFile, Task
from komp_flow.engine.tables import OPEN
from komp_flow.organisation import Actor, Subject
from komp_flow.work import rows

NOW = datetime(2027, 1, 4, 8, tzinfo=UTC)
PEOPLE = 100
MOST_COUNTED = 20


def published(place: Place, kind: str, processes: Sequence[Process], people: int = PEOPLE) -> Database:
    """A database with so many people, where these processes are published."""
    database = place.database(kind)
    made_up.settle(database, people)
    publish(database, processes)
    return database


def publish(database: Database, processes: Sequence[Process]) -> None:
    """Without the check, which has its own tests and takes its time."""
    with database.transaction() as db:
        for process in processes:
            files = [SourceFile(f"{process.id}.bpmn", process.diagram)]
            files += [SourceFile(name, text) for name, text in process.forms.items()]
            engine.publish(db, files, why="Til målingen", by="p0", now=NOW, world=work.WORLD)


class Ours:
    """One process that is published in this database, all of it done by whoever has each task."""

    def __init__(self, database: Database, process: Process, name: str = "komp-flow", *, count: bool = True) -> None:
        self.name, self.database, self._counts = name, database, count
        self.process = process
        self._owner = Actor("p0")
        self._unit = made_up.unit_id(1)
        self._instance: UUID | None = None
        self._next: tuple[UUID, Actor] | None = None
        self._largest = 0

    def begin(self) -> Timing:
        """Start one, about a unit."""
        subject = Subject(unit=self._unit)
        with timed() as measured, self.database.transaction() as db:
            started = work.start(db, self._owner, self.process.id, subject, self.process.variables, NOW)
        self._instance = started.id
        self._look()
        return measured

    def step(self) -> Timing | None:
        """Complete one of its open tasks."""
        if self._next is None:
            return None
        task, who = self._next
        answers = self._answers(task)
        with timed() as measured, self.database.transaction() as db:
            work.complete(db, task, who, answers, NOW)
        self._look()
        return measured

    def _look(self) -> None:
        """Which of its tasks comes next, and who has it; not measured."""
        with self.database.reading() as db:
            found = db.execute(rows.tasks().where(Task.instance_id == self._instance, Task.state == OPEN)).all()
            size = db.scalar(select(func.length(Instance.state_blob)).where(Instance.id == self._instance)) or 0
            self._largest = max(self._largest, size)
            if not found:
                self._next = None
                return
            row: Any = random.choice(found)
            held = rows.holders(organisation.directory(db, NOW), row)
        if not held:
            raise RuntimeError(f"nobody has the task {row.element} of {self.process.name}")
        self._next = (row.id, Actor(held[0]))

    def _answers(self, task: UUID) -> dict[str, Any]:
        with self.database.reading() as db:
            version = db.scalar(select(Task.form_version_id).where(Task.id == task))
            if version is None:
                return {}
            keys = engine.form(db, version).keys
        return {key: value for key, value in self.process.answers.items() if key in keys}

    def facts(self) -> dict[str, object]:
        """The largest state that was kept, and the statements that a step takes: of one more instance, not measured."""
        if not self._counts:
            return {"state": self._largest}
        count, counted = Statements(self.database), []
        self.begin()
        while self._next is not None and len(counted) < MOST_COUNTED:
            task, who = self._next
            answers = self._answers(task)
            with count, self.database.transaction() as db:
                work.complete(db, task, who, answers, NOW)
            counted.append(count.number)
            self._look()
        count.stop()
        return {"state": self._largest, "statements": statistics.median_low(counted) if counted else None}

    def close(self) -> None:
        """The place closes the database."""
