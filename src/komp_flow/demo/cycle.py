"""The demo's cycle: begun some weeks ago, with units and talks that have come differently far, and one unit late."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from komp_flow import work
from komp_flow.db import Database
from komp_flow.demo.answers import answers
from komp_flow.demo.last_year import load_last_year
from komp_flow.demo.stage import A_STEP, Stage, place_of

BEGAN: Final = timedelta(days=54)  # before now
# How far each unit has come, in the order of the tree, over and over: the step that is open, or `draft` in it.
FURTHEST: Final = ("B8", "B4", "B8", "B7", "B8", "B6", "B3", "B8", "B5", "B8")
LATE: Final = "B1"  # the last unit of the tree has not begun, and has been escalated
EARLY: Final = 5  # one unit in five came to its talks weeks before the others
EARLY_ONES: Final = 2
AHEAD: Final = 25  # days
DECLINES: Final = 4  # one in eleven
DRAFTED: Final = frozenset({"B4", "B6"})
STEPS: Final = ("B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8")
# On which day of the cycle a unit does a step, or a day or some later: up to the last days before the deadline.
PACE: Final = {"B1": 9, "B2": 13, "B3": 33, "B4": 35, "B5": 38, "B6": 41, "B7": 44}
SATURDAY: Final = 5


def load_cycle(database: Database, zone: ZoneInfo, now: datetime) -> None:
    """Make it, and the one before it, with nothing but use cases, by the people of the organisation that is there.

    The same each time.
    """
    stage = Stage(database, zone, now)
    began = stage.morning(now - BEGAN)
    load_last_year(stage, began)
    year = _Year(stage, began)
    year.begins()
    for day in range(7, BEGAN.days + 1):
        year.a_day(day)
    stage.tick(now)
    year.drafts(now - timedelta(hours=3))


class _Year:
    def __init__(self, stage: Stage, began: datetime) -> None:
        self.stage, self.began = stage, began
        self.places = {unit: place for place, unit in enumerate(stage.units())}
        self.furthest = {unit: FURTHEST[place % len(FURTHEST)] for unit, place in self.places.items()}
        self.furthest[next(reversed(self.furthest))] = LATE

    def begins(self) -> None:
        """Its calendar, the strategy's basis, the consultation; the units get theirs."""
        cycle = self.stage.start("cycle", self.stage.one("process_owner"), self.began)
        self.stage.do(cycle, "A1", at=self.began)
        self.stage.do(cycle, "A2", at=self.began + timedelta(days=1))
        self.stage.do(cycle, "A3", at=self.began + timedelta(days=3))
        self.stage.tick(self.began + timedelta(days=3, hours=1))

    def a_day(self, day: int) -> None:
        """On weekdays what is due in the morning happens, and somebody gets a step further."""
        at = self.began + timedelta(days=day)
        if at.astimezone(self.stage.zone).weekday() >= SATURDAY:
            return
        self.stage.tick(at)
        lines = self.stage.open(at)
        for line in lines:
            if line.process == "unit" and self._steps(line, day):
                self.stage.complete([line], at + A_STEP, place=self.places[str(line.unit)])
        self.stage.complete((line for line in lines if line.person and _does(line, at)), at + A_STEP)
        self._decline((line for line in lines if line.element == "C2" and place_of(line) % 11 == DECLINES), at)

    def drafts(self, at: datetime) -> None:
        """Some have begun to write and have not sent it."""
        lines = [line for line in self.stage.open(at) if line.process == "unit" and line.element in DRAFTED]
        with self.stage.database.transaction() as db:
            for line in lines:
                actor = self.stage.holder(db, line, at)
                if actor is not None:
                    sheet = work.task(db, line.id, actor, at)
                    values = answers(str(line.form), self.stage.desk(self.places[str(line.unit)], sheet.context, at))
                    work.save_draft(db, line.id, actor, values, None, at)

    def _steps(self, line: work.TaskLine, day: int) -> bool:
        """Whether the unit does this step today: some early, some in the last days before the deadline."""
        unit = str(line.unit)
        place, furthest = self.places[unit], self.furthest[unit]
        if STEPS.index(line.element) >= STEPS.index(furthest):
            return False
        ahead = AHEAD if furthest == STEPS[-1] and place % EARLY == EARLY_ONES else 0
        return day >= max(PACE[line.element] - ahead, 7) + place % 7

    def _decline(self, lines: Iterable[work.TaskLine], at: datetime) -> None:
        """Somebody would rather not, and HR closes the talk."""
        hr = self.stage.one("hr")
        for line in lines:
            with self.stage.database.transaction() as db:
                work.talks.decline(db, hr, line.instance, at.astimezone(self.stage.zone).date() - timedelta(days=1), at)


def _does(line: work.TaskLine, at: datetime) -> bool:
    """Whether somebody does today what is theirs in a reading or a talk. Some never do."""
    number, age = place_of(line), (at - line.created_at).days
    match line.element:
        case "read-and-confirm":
            return number % 2 == 0 and age >= number % 9
        case "C1":
            return number % 7 != 6 and age >= number % 4
        case "C2":
            return number % 3 != 2 and number % 11 != DECLINES and age >= 2 + number % 5
        case "C3":
            return number % 2 == 0 and age >= 3 + number % 4
        case "C4":
            return number % 4 != 3 and line.follow_up_at is not None and at >= line.follow_up_at
        case "C5":
            return number % 3 != 1 and age >= 1 + number % 4
    return False
