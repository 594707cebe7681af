"""A whole cycle, walked by programs: everyone does what stands in their inbox until the cycle is closed.

`python -m whole.year 3000` (in `tests/`) walks it with so many people and tells the figures.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import mean
from typing import Any

from whole import robot
from whole.people import organisation
from whole.site import Site

YEARS = 700  # days after which a cycle must have closed


@dataclass
class Year:
    """What was done, and what was sent."""

    site: Site
    cycle: str = ""
    done: Counter[str] = field(default_factory=Counter)
    sent: list[tuple[dict[str, Any], str, dict[str, Any]]] = field(default_factory=list)  # task, by whom, values
    cost: dict[str, list[tuple[float, int]]] = field(default_factory=dict)  # step → seconds and statements of each task
    declined: set[str] = field(default_factory=set)
    postponed: set[str] = field(default_factory=set)
    attempt: int = 0
    _seen: dict[tuple[str, str], int] = field(default_factory=dict)

    def choose(self, sheet: dict[str, Any], asked: dict[str, Any]) -> Any:
        """Some disagree once, the strategy is sent back once and changed, measures are under way before they are done.

        Whatever else there is to choose, the robot chooses.
        """
        values = [option["value"] for option in asked.get("options", ())]
        match sheet["element"], asked["key"]:
            case "C5", "agreement":
                again = int(sheet["person"]) % 9 or not self._first("disagrees", sheet["person"])
                return "agree" if again else "disagree"
            case "A7", "outcome" if "return" in values:
                return "with_changes" if self.done["cycle.A7"] else "return"
            case "A7", "outcome":
                return "changed" if asked["field"] == "decisions-0-outcome" else "decided"
            case "report-measure", "status":
                return "under_way" if self._first("reports", sheet["measure"]) else "done"
        return None

    def _first(self, what: str, about: str) -> bool:
        """Whether this is the first task in which it comes up. A form is asked about several times: not by that."""
        times = self._seen.setdefault((what, about), self.attempt)
        return times == self.attempt

    def inboxes(self) -> int:
        """Everyone does all they have; answers how many tasks that were."""
        before = sum(self.done.values())
        for person in self.site.people.employees:
            for task in list(robot.pages(self.site.call, "/tasks", person)):
                if not self._rests(task):
                    self._do(person, task)
            if person in self.site.people.roles.values():
                self.site.settle()
        self.site.settle()
        return sum(self.done.values()) - before

    def _do(self, person: str, task: dict[str, Any]) -> None:
        began, before = time.perf_counter(), self.site.statements
        self.attempt += 1
        values = robot.work(self.site.call, person, task, self.site.now, self.choose)
        step = f"{task['process']}.{task['element']}"
        self.cost.setdefault(step, []).append((time.perf_counter() - began, self.site.statements - before))
        self.done[step] += 1
        self.sent.append((task, person, values))

    def _rests(self, task: dict[str, Any]) -> bool:
        """One in nine says no to a talk, one in nine is on leave: HR says so before it is agreed on."""
        person = task["person"]
        if task["element"] != "C1" or int(person) % 9 not in {1, 2}:
            return False
        declines = int(person) % 9 == 1
        asked, until = ("decline", {"after": self._day(1)}) if declines else ("postpone", {"until": self._day(30)})
        told = self.declined if declines else self.postponed
        if person in told:
            return declines
        told.add(person)
        hr = self.site.people.roles["hr"]
        status, said = self.site.call("POST", f"/talks/{task['instance']}/{asked}", until, by=hr)
        assert status == 200, said
        return True

    def _day(self, days: int) -> str:
        return (self.site.now + timedelta(days=days)).date().isoformat()

    def walk(self, most: int = YEARS, say: Any = None) -> None:
        """Start the cycle, and go on until it is closed."""
        owner = self.site.people.roles["process_owner"]
        status, told = self.site.call("POST", "/instances", {"process": "cycle", "subject": {}}, by=owner)
        assert status == 201, told
        started, idle = self.site.now, 0
        while (self.site.now - started).days < most:
            done = self.inboxes()
            cycles = self.site.call("GET", "/cycles", by=owner)[1]["items"]
            if say:
                say(f"{self.site.now:%Y-%m-%d} {done} gjort, {sum(self.done.values())} i alt")
            if cycles and cycles[0]["state"] == "closed":
                self.cycle = cycles[0]["id"]
                return
            idle = 0 if done else idle + 1
            self.site.settle(days=min(3 * idle, 15))  # longer steps while everybody waits
        raise robot.Stuck(f"not closed after {most} days: {self.done}")


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    url = sys.argv[2] if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory() as home:
        began = time.perf_counter()
        site = Site(Path(home), organisation(count), url)
        year = Year(site)
        print(f"{count} people ready after {time.perf_counter() - began:.1f} s", flush=True)
        try:
            year.walk(say=lambda text: print(f"{time.perf_counter() - began:7.1f} s  {text}", flush=True))
        finally:
            rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            seconds = time.perf_counter() - began
            print(f"{sum(year.done.values())} tasks, {site.calls} calls, {seconds:.0f} s, {rss:.0f} MB")
            print("step, how many; ms and statements of a task with its looks, among the first and the last third")
            for step, cost in sorted(year.cost.items()):
                third = max(1, len(cost) // 3)
                early, late = cost[:third], cost[-third:]
                means = (mean(each[n] for each in part) for part in (early, late) for n in (0, 1))
                ms, statements, late_ms, late_statements = means
                told = f"{ms * 1000:.0f} → {late_ms * 1000:.0f} ms, {statements:.0f} → {late_statements:.0f} statements"
                print(f"{step:25} {len(cost):6} {told}")
            site.close()


if __name__ == "__main__":
    main()
