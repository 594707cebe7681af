"""Measured times of one contender, repetition by repetition, and what they say: medians, spreads, ratios."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Timing:
    """One thing that was done: seconds by the wall, and of this process's CPU."""

    wall: float = 0.0
    cpu: float = 0.0


@contextmanager
def timed() -> Iterator[Timing]:
    """Measure the block; the answer is filled in when it ends."""
    measured = Timing()
    cpu, wall = time.process_time(), time.perf_counter()
    yield measured
    measured.wall, measured.cpu = time.perf_counter() - wall, time.process_time() - cpu


@dataclass
class Series:
    """The times of one contender, one list for each repetition."""

    name: str
    repetitions: list[list[Timing]] = field(default_factory=list)
    facts: dict[str, object] = field(default_factory=dict)  # what else is known of it: bytes, statements

    def begin(self) -> None:
        """What is added from now on belongs to a new repetition."""
        self.repetitions.append([])

    def add(self, timing: Timing) -> None:
        """One more time, of this repetition."""
        self.repetitions[-1].append(timing)

    def _filled(self) -> list[list[Timing]]:
        return [times for times in self.repetitions if times]

    def medians(self) -> list[float]:
        """Of each repetition, in milliseconds."""
        return [statistics.median(t.wall for t in times) * 1e3 for times in self._filled()]

    @property
    def wall(self) -> float:
        """The median of all, in milliseconds."""
        return statistics.median(t.wall for times in self._filled() for t in times) * 1e3

    @property
    def cpu(self) -> float:
        """The median CPU time of all, in milliseconds; the database server's own is not in it."""
        return statistics.median(t.cpu for times in self._filled() for t in times) * 1e3

    @property
    def p95(self) -> float:
        """What 95 of 100 were faster than, in milliseconds."""
        return percentile([t.wall for times in self._filled() for t in times], 0.95) * 1e3

    @property
    def count(self) -> int:
        """How many times were measured."""
        return sum(len(times) for times in self.repetitions)

    def ratios(self, base: Series) -> list[float]:
        """Of each repetition: how many times as long as the base took beside it."""
        return [ours / theirs for ours, theirs in zip(self.medians(), base.medians(), strict=True)]

    def ratio(self, base: Series) -> float:
        """The median of the repetitions' ratios."""
        return statistics.median(self.ratios(base))


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of the values does not pass."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def spread(values: Sequence[float]) -> str:
    """The least and the most, to be written after a median."""
    return f"{min(values):.2f}–{max(values):.2f}"
