"""The demo's last year: a small cycle that has closed, with plans that people have and measures that go on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from komp_flow import work
from komp_flow.demo.stage import A_STEP, SYSTEM, Stage, place_of

LENGTH: Final = timedelta(days=371)  # from its beginning to the next one's
A_TEAM: Final = 10  # a unit with so many employees, or nearly, was the first to try


def load_last_year(stage: Stage, next_begins: datetime) -> None:
    """Made in few steps: the days between, on which nothing happened, are not played."""
    year = _Year(stage, next_begins - LENGTH)
    year.begins()
    year.its_unit_proposes()
    year.strategy_is_decided()
    year.talks_are_held()
    year.measures_are_followed_up()
    year.closes()


class _Year:
    def __init__(self, stage: Stage, began: datetime) -> None:
        self.stage, self.began = stage, began
        self.cycle = stage.start("cycle", stage.one("process_owner"), began)

    def begins(self) -> None:
        settings: dict[str, Any] = {
            "which_units": "some",
            "units": [_pioneer(self.stage)],
            "quality_check": "no",
            "reading_wanted": "no",
            "consultation": "no",
        }
        self.stage.do(self.cycle, "A1", at=self._day(0), **settings)
        self.stage.do(self.cycle, "A2", at=self._day(1))
        self.stage.tick(self._day(2))

    def its_unit_proposes(self) -> None:
        self.stage.do(self._unit(), "B1", "B2", at=self._day(14))
        self.stage.do(self._unit(), "B3", "B4", "B5", "B6", at=self._day(40))
        self.stage.tick(self._day(41))

    def strategy_is_decided(self) -> None:
        """The talks are agreed on meanwhile: they do not wait for it."""
        self._all("C1", 43)
        for day, step in ((45, "A4"), (55, "A5"), (62, "A7"), (64, "A8")):
            self.stage.do(self.cycle, step, at=self._day(day), place=1)
        self.stage.tick(self._day(65))
        self.stage.do(self._unit(), "B9", "B10", at=self._day(80))

    def talks_are_held(self) -> None:
        """Each writes a plan; some confirm it, the others' stands when ten working days have passed."""
        for day in (81, 100):  # later where July lay between
            self.stage.tick(self._day(day))
            self._all("C4", day)
        self._all("C5", 102, every=2)
        self.stage.tick(self._day(140))

    def measures_are_followed_up(self) -> None:
        """One measure is done, the others go on. Half a year after the talks the plans are followed up too."""
        self.stage.tick(self._day(205))
        reports = self._open("report-measure", 205)
        for number, line in enumerate(reports):
            self.stage.complete([line], self._day(205), {} if number else {"reports": [_done(line)]})
        self.stage.tick(self._day(330))
        self._all("report-measure", 330)
        self._all("C7", 330, every=2)

    def closes(self) -> None:
        self.stage.do(self.cycle, "A9", at=self._day(350))
        self.stage.tick(self._day(351))

    def _day(self, number: int) -> datetime:
        """That day of the cycle, when people are at work."""
        return self.stage.morning(self.began + timedelta(days=number)) + A_STEP

    def _unit(self) -> UUID:
        with self.stage.database.reading() as db:
            return work.instances(db, SYSTEM, process="unit", now=self._day(14)).items[0].id

    def _open(self, element: str, day: int) -> list[work.TaskLine]:
        lines = [line for line in self.stage.open(self._day(day)) if line.element == element]
        return sorted(lines, key=lambda line: (line.unit or "", line.person or "", line.name, str(line.measure)))

    def _all(self, element: str, day: int, every: int = 1) -> None:
        lines = [line for line in self._open(element, day) if place_of(line) % every == 0]
        self.stage.complete(lines, self._day(day))


def _pioneer(stage: Stage) -> str:
    """Of the units whose leader is here, the one that comes nearest to a team."""
    people, units = stage.directory.people, stage.directory.units
    led = [unit for unit in stage.units() if (who := units[unit].manager_id) and people[who].present]
    return min(led, key=lambda unit: abs(len(stage.directory.reports(unit)) - A_TEAM))


def _done(line: work.TaskLine) -> dict[str, Any]:
    return {
        "row-id": line.measure,
        "status": "done",
        "progress": 100,
        "effect": 4,
        "before": "38 prosent",
        "after": "71 prosent",
        "comment": "Alle i målgruppa har vært med, og de bruker det de har lært.",
    }
