"""A database with people in it, and a small process that they work in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from engine.drawing import doc, end, flows, start
from engine.storing import assigned, fill, job, schedule
from komp_flow import work
from komp_flow.db import Database
from komp_flow.engine import SourceFile
from komp_flow.organisation import Actor, Subject
from work import staff
from work.staff import field, form, required

IT = Subject(unit="it")


@dataclass
class Office:
    """People at work, each act a transaction of its own."""

    database: Database
    now: datetime

    def publish(self, *files: SourceFile) -> None:
        with self.database.transaction() as db:
            staff.publish(db, self.now, *files)

    def start(self, process: str = "p", subject: Subject = IT, by: Actor = staff.EIER, **variables: Any) -> UUID:
        with self.database.transaction() as db:
            return work.start(db, by, process, subject, variables, self.now).id

    def act(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """A use case in a transaction of its own, at this moment."""
        with self.database.transaction() as db:
            return function(db, *arguments, self.now)

    def look(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """A use case that only reads."""
        with self.database.reading() as db:
            return function(db, *arguments, self.now)

    def listed(self, who: Actor, filters: work.TaskFilters | None = None, **page: int) -> work.Page[work.TaskLine]:
        """The tasks that somebody may see."""
        with self.database.reading() as db:
            return work.tasks(db, who, filters or work.TaskFilters(), now=self.now, **page)

    def inbox(self, who: Actor) -> list[str]:
        return [line.element for line in self.look(work.inbox, who)]

    def task(self, who: Actor, element: str = "u1") -> UUID:
        return next(line.id for line in self.look(work.inbox, who) if line.element == element)

    def complete(self, who: Actor, element: str = "u1", values: Mapping[str, Any] | None = None) -> work.Done:
        return self.act(work.complete, self.task(who, element), who, values or {"title": "Ja"})

    def pass_time(self, **parts: float) -> None:
        self.now += timedelta(**parts)


TWO_STEPS = doc(
    start(),
    job("u1", ext=fill("f") + schedule("=now() + duration(&quot;P3D&quot;)"), name="Skriv"),
    job("u2", roles="superior", name="Les"),
    end(),
    flows("s>u1>u2>e"),
)


@pytest.fixture
def office(database: Database, now: datetime) -> Office:
    """A process `p`: u1 for the manager, with the form `f`, due in three days; then u2 for the superior."""
    with database.transaction() as db:
        staff.settle(db)
    office = Office(database, now)
    office.publish(SourceFile("p.bpmn", TWO_STEPS), form("f", required("title"), field("note", "textarea")))
    return office


__all__ = ["Office", "assigned"]
