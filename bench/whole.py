"""Everything, one after the other: what it measures, how thoroughly, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from bench import crowd, growth, machine, many, pages, steps
from bench.drawing import w1, w2
from bench.growth import Grown
from bench.many import Rate
from bench.pages import Shown
from bench.places import Place
from bench.steps import Measured


@dataclass(frozen=True)
class Effort:
    """How much of each. `people` are in units of ten, over four years."""

    name: str
    steps: steps.Effort
    items: int
    people: int
    at_once: int
    repetitions: int
    rounds: int
    old: int
    sizes: Sequence[int]


EFFORT = {
    "quick": Effort("quick", steps.EFFORT["quick"], 5, 6_000, 200, 3, 4, 100, (5, 20)),
    "ordinary": Effort("ordinary", steps.EFFORT["ordinary"], 10, 60_000, 1_000, 5, 8, 500, (10, 50, 100)),
    "long": Effort("long", steps.EFFORT["long"], 10, 60_000, 10_000, 9, 20, 500, (10, 50, 200)),
}


@dataclass
class Results:
    """All that was measured."""

    effort: Effort
    machine: list[str]
    on: date
    tasks: int = 0
    steps: list[Measured] = field(default_factory=list)
    rates: list[Rate] = field(default_factory=list)
    grown: list[Grown] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)


def measure(place: Place, kinds: Sequence[str], effort: Effort, say: Callable[[str], None]) -> Results:
    """The steps first, while the disk has nothing else to do; then what needs years of work to be there."""
    results = Results(effort, machine.told(place), date.today())  # noqa: DTZ011 (the day where it is run)
    for kind in kinds:
        for process in (w1(), w2(effort.items)):
            results.steps.append(steps.measure(place, kind, process, effort.steps, say, peers=True))
        results.rates += many.measure(place, kind, effort.at_once, max(3, effort.repetitions - 2), say)
        results.grown.append(growth.history(place, kind, effort.repetitions, effort.old, say))
        results.grown += growth.size(place, kind, effort.repetitions, effort.sizes, say)
    there = crowd.Crowd(effort.people, effort.people // 10, 4)
    results.tasks = there.tasks
    for kind in kinds:
        say(f"writing {there.tasks:,} task rows to {kind}")
        database = place.database(kind)
        crowd.fill(database, there)
        results.grown += growth.organisation(place, kind, effort.repetitions, database, there.people, there.tasks, say)
        results.shown.append(pages.measure(place, kind, database, there, effort.repetitions, effort.rounds, say))
        place.forget(database)
    return results
