"""The demo's cycle: begun some weeks ago, with units in different phases, one of them late and escalated."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from komp_flow import organisation, work
from komp_flow.db import Database
from komp_flow.demo.answers import Desk, answers
from komp_flow.organisation import Actor, Subject

BEGAN: Final = timedelta(days=54)  # before now
# How far each unit has come, in the order of the tree, over and over: the step that is open, or `draft` in it.
FURTHEST: Final = ("B8", "B4", "B8", "B7", "B8", "B6", "B3", "B8", "B5", "B8")
LATE: Final = "B1"  # the last unit of the tree has not begun, and has been escalated
DRAFTED: Final = frozenset({"B4", "B6"})
STEPS: Final = ("B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8")
A_STEP: Final = timedelta(hours=5)
SATURDAY: Final = 5


def load_cycle(database: Database, zone: ZoneInfo, now: datetime) -> None:
    """Make it, with nothing but use cases, by the people of the organisation that is there. The same each time."""
    began = _morning(now - BEGAN, zone)
    stage = _Stage(database, zone, now)
    stage.set_up(began)
    clock = began + timedelta(days=7)
    for place, unit in enumerate(stage.units()):
        stage.furthest[unit] = (place, FURTHEST[place % len(FURTHEST)])
    last = next(reversed(stage.furthest))
    stage.furthest[last] = (stage.furthest[last][0], LATE)
    while clock <= now:
        stage.a_day(clock)
        clock += timedelta(days=1)
    work.run_all(database, now)
    stage.drafts(now - timedelta(hours=3))


class _Stage:
    """The people of the organisation, playing their parts."""

    def __init__(self, database: Database, zone: ZoneInfo, now: datetime) -> None:
        self.database, self.zone, self.now = database, zone, now
        self.furthest: dict[str, tuple[int, str]] = {}
        with database.reading() as db:
            self.directory = organisation.directory(db, now)

    def units(self) -> list[str]:
        """The units, those above first."""
        return [unit for top in self.directory.tops() for unit in self.directory.subtree(top)]

    def set_up(self, began: datetime) -> None:
        """The cycle begins: its calendar, the strategy's basis, the consultation; the units get theirs."""
        local = began.astimezone(self.zone).date()
        owner = self._one("process_owner")
        with self.database.transaction() as db:
            started = work.start(db, owner, "cycle", Subject(), {}, began)
        self._complete(started.id, "A1", began, _setup(local))
        self._complete(started.id, "A2", began + timedelta(days=1))
        self._complete(started.id, "A3", began + timedelta(days=3))
        work.run_all(self.database, began + timedelta(days=3, hours=1))

    def a_day(self, at: datetime) -> None:
        """One day: what is due in the morning happens, and on weekdays somebody gets a step further."""
        work.run_all(self.database, at)
        if at.astimezone(self.zone).weekday() >= SATURDAY:
            return
        open_ = self._open(at)
        since = (at - self.now + BEGAN).days
        for unit, (place, furthest) in self.furthest.items():
            step = open_.get(unit)
            if step is None or STEPS.index(step[1]) >= STEPS.index(furthest):
                continue
            if since >= _pace(step[1], place):
                self._complete(step[0], step[1], at + A_STEP, place=place)

    def drafts(self, at: datetime) -> None:
        """Some have begun to write and have not sent it."""
        for unit, (instance, step) in self._open(at).items():
            if step in DRAFTED:
                place = self.furthest[unit][0]
                with self.database.transaction() as db:
                    line, actor = self._task(db, instance, step, at)
                    sheet = work.task(db, line.id, actor, at)
                    values = answers(str(line.form), self._desk(place, sheet.context, at))
                    work.save_draft(db, line.id, actor, values, None, at)

    def _open(self, at: datetime) -> dict[str, tuple[UUID, str]]:
        """Of each unit its instance and its open step."""
        system = Actor("", via="system")
        found: dict[str, tuple[UUID, str]] = {}
        with self.database.reading() as db:
            page = 1
            while True:
                listed = work.tasks(
                    db, system, work.TaskFilters(state="open", process="unit"), page=page, page_size=200, now=at
                )
                found |= {line.unit: (line.instance, line.element) for line in listed.items if line.unit}
                if page >= listed.pages:
                    return found
                page += 1

    def _complete(
        self, instance: UUID, element: str, at: datetime, given: Mapping[str, Any] | None = None, place: int = 0
    ) -> None:
        with self.database.transaction() as db:
            line, actor = self._task(db, instance, element, at)
            sheet = work.task(db, line.id, actor, at)
            values = given or answers(str(line.form), self._desk(place, sheet.context, at))
            work.complete(db, line.id, actor, values, at)

    def _task(self, db: Session, instance: UUID, element: str, at: datetime) -> tuple[work.TaskLine, Actor]:
        """The open task of this element, and the first of those who have it."""
        system = Actor("", via="system")
        listed = work.tasks(db, system, work.TaskFilters(state="open", instance=instance), now=at)
        line = next(line for line in listed.items if line.element == element)
        about = Subject(line.unit, line.person, line.measure, line.cycle)
        today = organisation.directory(db, at)
        holders = [holder.person_id for role in line.roles for holder in today.holders(role, about)]
        return line, Actor(holders[0])

    def _one(self, role: str) -> Actor:
        return Actor(self.directory.holders(role, Subject())[0].person_id)

    def _desk(self, place: int, context: Mapping[str, Any], at: datetime) -> Desk:
        return Desk(place, context, at, self.zone)


def _pace(step: str, place: int) -> int:
    """On which day of the cycle a unit does a step: some early, some in the last days before the deadline."""
    return {"B1": 9, "B2": 13, "B3": 33, "B4": 35, "B5": 38, "B6": 41, "B7": 44}[step] + place % 7


def _setup(start: date) -> dict[str, Any]:
    return {
        "name": f"Kompetansesyklus {start.year + 1 if start.month > 6 else start.year}",
        "start": start.isoformat(),
        "end": (start + timedelta(days=370)).isoformat(),
        "which_units": "all",
        "quality_check": "yes",
        "reading_wanted": "yes",
        "consultation": "yes",
        "smallest_group": 5,
    }


def _morning(at: datetime, zone: ZoneInfo) -> datetime:
    return datetime.combine(at.astimezone(zone).date(), time(8), zone).astimezone(UTC)
