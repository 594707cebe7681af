"""Whether a step costs the same as things grow: an instance's history, its size, the employees, all that was before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.contenders.ours import Ours, publish, published
from bench.drawing import Process, round_and_round, w1, w2
from bench.places import Place
from bench.racing import race
from bench.series import Series, Timing
from komp_flow.db import Database

YOUNG, OLD = 5, 500


@dataclass(frozen=True)
class Grown:
    """One thing that grew: the step before and after it did."""

    kind: str
    what: str
    before: Series
    after: Series
    goal: float

    @property
    def ratio(self) -> float:
        """How many times as long it takes now."""
        return self.after.ratio(self.before)


class Aged:
    """An instance that has been sent back to its one task so many times. A `young` one is begun anew when asked."""

    def __init__(self, database: Database, process: Process, age: int, *, young: bool) -> None:
        self.name = f"step {age}"
        self.endless = False
        self._ours, self._age, self._young, self._is_aged = Ours(database, process, count=False), age, young, False

    def begin(self) -> Timing:
        """Let it age, unmeasured."""
        if self._is_aged and not self._young:
            return Timing()
        self._is_aged = True
        started = self._ours.begin()
        for _step in range(self._age):
            self._ours.step()
        return started

    def step(self) -> Timing | None:
        """One more time round."""
        return self._ours.step()

    def facts(self) -> dict[str, object]:
        """The size of the state."""
        return self._ours.facts()

    def close(self) -> None:
        """Nothing."""


def history(place: Place, kind: str, repetitions: int, old: int, say: Callable[[str], None]) -> Grown:
    """A young instance and an old one take turns."""
    say(f"history on {kind}: step {YOUNG} beside step {old}")
    process = round_and_round()
    database = published(place, kind, [process])
    young, aged = Aged(database, process, YOUNG, young=True), Aged(database, process, old, young=False)
    pair = {"young": young, "old": aged}
    found = race(pair, 1, repetitions, most_steps=40, warm=1, seconds=20)
    return Grown(kind, f"history: step {YOUNG} → {old}", found.steps["young"], found.steps["old"], 1.1)


def size(place: Place, kind: str, repetitions: int, items: Sequence[int], say: Callable[[str], None]) -> list[Grown]:
    """The same three tasks for each of few items, and of many, in one instance."""
    say(f"size of an instance on {kind}: {', '.join(map(str, items))} items")
    processes = [w2(number) for number in items]
    database = published(place, kind, processes)
    pair = {each.name: Ours(database, each, each.name, count=False) for each in processes}
    found = race(pair, 1, repetitions, most_steps=30, warm=1, seconds=15)
    first, *rest = (found.steps[each.name] for each in processes)
    for series, key in zip((first, *rest), pair, strict=True):
        series.facts = pair[key].facts()
    return [Grown(kind, f"instance size: {items[0]} → {number} items", first, each, 0.0)
            for number, each in zip(items[1:], rest, strict=True)]  # fmt: skip


def organisation(
    place: Place, kind: str, repetitions: int, big: Database, people: int, tasks: int, say: Callable[[str], None]
) -> list[Grown]:
    """W1 among ten people, among all of them, and with all that they have done before."""
    say(f"employees and task rows on {kind}")
    process = w1()
    few, many = published(place, kind, [process], 10), published(place, kind, [process], people)
    publish(big, [process])
    contenders = {
        "few": Ours(few, process, "10 people", count=False),
        "people": Ours(many, process, f"{people:,} people", count=False),
        "rows": Ours(big, process, f"{tasks:,} rows", count=False),
    }
    found = race(contenders, 4, repetitions, seconds=20).steps
    return [
        Grown(kind, f"employees: 10 → {people:,}", found["few"], found["people"], 1.2),
        Grown(kind, f"task rows: 10³ → {tasks:,}", found["people"], found["rows"], 1.2),
    ]
