"""Walks the shipped diagrams through the use cases, on a clock of its own, with the people of `work.staff`."""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from komp_flow import engine, organisation, work
from komp_flow.db import Database
from komp_flow.demo.answers import Desk, answers
from komp_flow.organisation import Actor, Subject
from work import staff

OSLO = ZoneInfo("Europe/Oslo")
MONDAY = datetime(2027, 1, 4, 8, tzinfo=UTC)
SETUP = {
    "name": "2027",
    "start": "2027-01-04",
    "end": "2028-01-10",
    "which_units": "all",
    "quality_check": "yes",
    "reading_wanted": "yes",
    "consultation": "yes",
    "smallest_group": 5,
}
SYSTEM = Actor("", via="system")


class Walk:
    """One database, one clock. Every act is a transaction of its own, as at the edges."""

    def __init__(self, database: Database, without: Container[str] = ()) -> None:
        self.database, self.now = database, MONDAY
        files = [path for folder in ("processes", "forms") for path in sorted((staff.ROOT / folder).iterdir())]
        names = [path.name for path in files if path.stem not in without]
        with database.transaction() as db:
            staff.settle(db)
            staff.publish(db, self.now, *staff.shipped(*names))

    def start(self, process: str, subject: Subject | None = None, by: Actor = staff.EIER) -> UUID:
        with self.database.transaction() as db:
            return work.start(db, by, process, subject or Subject(), {}, self.now).id

    def tick(self, now: datetime | None = None) -> work.Ran:
        self.now = now or self.now
        return work.run_all(self.database, self.now)

    def days(self, number: int) -> work.Ran:
        """So many days pass, with a tick each morning."""
        for _day in range(number):
            ran = self.tick(self.now + timedelta(days=1))
        return ran

    def line(self, instance: UUID, element: str) -> work.TaskLine:
        return next(line for line in self.open(instance) if line.element == element)

    def open(self, instance: UUID) -> list[work.TaskLine]:
        with self.database.reading() as db:
            found = work.tasks(db, SYSTEM, work.TaskFilters(state="open", instance=instance), now=self.now)
        return list(found.items)

    def do(
        self,
        instance: UUID,
        element: str,
        by: Actor | None = None,
        values: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> work.Done:
        """The one who has the task does it, with the demo's answers, `values`, or `more` over the demo's."""
        line = self.line(instance, element)
        with self.database.transaction() as db:
            about = Subject(line.unit, line.person, line.measure, line.cycle)
            directory = organisation.directory(db, self.now)
            who = by or Actor(directory.holders(line.roles[0], about)[0].person_id)
            sheet = work.task(db, line.id, who, self.now)
            usual = {} if values is not None else answers(str(line.form), Desk(0, sheet.context, self.now, OSLO))
            given = {**usual, **(values or {}), **more}
            return work.complete(db, line.id, who, given, self.now)

    def sheet(self, instance: UUID, by: Actor = staff.EIER) -> work.InstanceSheet:
        with self.database.reading() as db:
            return work.instance(db, by, instance, self.now)

    def here(self, instance: UUID) -> list[str]:
        """The open steps, by element."""
        return sorted(line.element for line in self.open(instance))

    def completed(self, instance: UUID) -> list[str]:
        """The user tasks that people have done, in order."""
        return [line.element or "" for line in self.sheet(instance).trail if line.what == "completed" and line.by]

    def unit(self, unit: str) -> UUID:
        """The unit's instance."""
        with self.database.reading() as db:
            found = work.instances(db, SYSTEM, process="unit", unit=unit, now=self.now)
        (line,) = found.items
        return line.id

    def state(self, instance: UUID) -> str:
        return self.sheet(instance).line.state

    def variables(self, instance: UUID) -> Mapping[str, object]:
        return self.sheet(instance).variables

    def message(self, name: str, key: str) -> None:
        with self.database.transaction() as db:
            engine.correlate(db, name, key, {}, by=None, now=self.now)
        self.tick()
