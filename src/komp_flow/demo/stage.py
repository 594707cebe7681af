"""The people of the demo's organisation playing their parts, with nothing but use cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from functools import cached_property, partial
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from komp_flow import organisation, work
from komp_flow.db import Database
from komp_flow.demo.answers import Desk, answers
from komp_flow.organisation import Actor, Subject

SYSTEM: Final = Actor("", via="system")
A_STEP: Final = timedelta(hours=5)  # into the day: when people do what they do
MOST_LISTED: Final = 200


class Stage:
    """One database, and the organisation as it is today."""

    def __init__(self, database: Database, zone: ZoneInfo, now: datetime) -> None:
        self.database, self.zone, self.now = database, zone, now
        with database.reading() as db:
            self.directory = organisation.directory(db, now)

    def units(self) -> list[str]:
        """The units, those above first."""
        return [unit for top in self.directory.tops() for unit in self.directory.subtree(top)]

    def one(self, role: str) -> Actor:
        """The first who has a role that one has wherever in the organisation."""
        return Actor(self.directory.holders(role, Subject())[0].person_id)

    def start(self, process: str, by: Actor, at: datetime) -> UUID:
        """An instance that somebody starts."""
        with self.database.transaction() as db:
            return work.start(db, by, process, Subject(), {}, at).id

    def open(self, at: datetime, **filters: Any) -> list[work.TaskLine]:
        """The open tasks, all of them, the way a list gives them."""
        return list(self._pages(at, work.TaskFilters(state="open", **filters)))

    def _pages(self, at: datetime, filters: work.TaskFilters) -> Iterator[work.TaskLine]:
        with self.database.reading() as db:
            page = 1
            while True:
                listed = work.tasks(db, SYSTEM, filters, page=page, page_size=MOST_LISTED, now=at)
                yield from listed.items
                if page >= listed.pages:
                    return
                page += 1

    def complete(
        self,
        lines: Iterable[work.TaskLine],
        at: datetime,
        given: Mapping[str, Any] | None = None,
        place: int | None = None,
    ) -> None:
        """Each task is done by the first who has it. `given` goes before what the demo's people write."""
        with self.database.transaction() as db:
            for line in lines:
                actor = self.holder(db, line, at)
                if actor is not None:
                    context = Later(partial(_context, db, line.id, actor, at))
                    desk = self.desk(place_of(line) if place is None else place, context, at)
                    work.complete(db, line.id, actor, {**answers(str(line.form), desk), **(given or {})}, at)

    def do(self, instance: UUID, *elements: str, at: datetime, place: int = 0, **given: Any) -> None:
        """The steps of one instance, one after the other."""
        for element in elements:
            here = [line for line in self.open(at, instance=instance) if line.element == element]
            self.complete(here, at, given, place)

    def holder(self, db: Session, line: work.TaskLine, at: datetime) -> Actor | None:
        """The first of those who have the task."""
        about = Subject(line.unit, line.person, line.measure, line.cycle)
        today = organisation.directory(db, at)
        found = (holder.person_id for role in line.roles for holder in today.holders(role, about))
        return next((Actor(person) for person in found), None)

    def desk(self, place: int, context: Mapping[str, Any], at: datetime) -> Desk:
        """What somebody who fills in a form has before them."""
        return Desk(place, context, at, self.zone)

    def morning(self, at: datetime) -> datetime:
        """Eight o'clock that day, where the organisation is."""
        return datetime.combine(at.astimezone(self.zone).date(), time(8), self.zone).astimezone(UTC)

    def tick(self, at: datetime) -> None:
        """What is due happens."""
        work.run_all(self.database, at, mail=False)  # what happened in the story reaches no mail server


class Later(Mapping[str, Any]):
    """What a form shows, looked up when somebody who fills it in first looks at it: most only write."""

    def __init__(self, look: Callable[[], Mapping[str, Any]]) -> None:
        self._look = look

    @cached_property
    def _seen(self) -> Mapping[str, Any]:
        return self._look()

    def __getitem__(self, name: str) -> Any:
        return self._seen[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._seen)

    def __len__(self) -> int:
        return len(self._seen)


def _context(db: Session, task_id: UUID, actor: Actor, at: datetime) -> Mapping[str, Any]:
    return work.task(db, task_id, actor, at).context


def place_of(line: work.TaskLine) -> int:
    """A number for whom the task is about, the same each time, so that people differ."""
    digits = "".join(letter for letter in (line.person or line.measure or line.unit or "") if letter.isdigit())
    return int(digits[-6:] or 0)
