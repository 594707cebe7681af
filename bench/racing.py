"""Contenders side by side: at every step each has its turn, in an order drawn anew, so that what disturbs hits all."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bench.contenders import Contender
from bench.series import Series
from komp_flow.warmth import settled

FEWEST = 3  # repetitions
WARM = 3  # instances at the start that are not measured


@dataclass
class Race:
    """What came of it: starts and steps of each contender, by its key."""

    starts: dict[str, Series]
    steps: dict[str, Series]


def race(
    contenders: Mapping[str, Contender],
    instances: int,
    repetitions: int = 5,
    most_steps: int = 10_000,
    say: Callable[[str], None] = lambda _text: None,
    warm: int = WARM,
    seconds: float = math.inf,
) -> Race:
    """Let each begin so many instances in each repetition, and do them to their end or for so many steps.

    After `seconds` no more repetitions are begun, if there are the fewest that a median needs.
    """
    began = time.monotonic()
    starts = {key: Series(contender.name) for key, contender in contenders.items()}
    steps = {key: Series(contender.name) for key, contender in contenders.items()}
    _walk(contenders, warm, most_steps, None, None)
    with settled():
        for repetition in range(repetitions):
            if repetition >= FEWEST and time.monotonic() - began > seconds:
                break
            say(f"repetition {repetition + 1} of {repetitions}")
            for series in (*starts.values(), *steps.values()):
                series.begin()
            _walk(contenders, instances, most_steps, starts, steps)
    return Race(starts, steps)


def _walk(
    contenders: Mapping[str, Contender],
    instances: int,
    most_steps: int,
    starts: Mapping[str, Series] | None,
    steps: Mapping[str, Series] | None,
) -> None:
    for _instance in range(instances):
        for key in _shuffled(contenders):
            measured = contenders[key].begin()
            if starts is not None:
                starts[key].add(measured)
        going = set(contenders)
        endless = {key for key in contenders if getattr(contenders[key], "endless", False)}
        for _step in range(most_steps):
            if going <= endless:
                break
            for key in _shuffled(going):
                taken = contenders[key].step()
                if taken is None:
                    going.discard(key)
                elif steps is not None:
                    steps[key].add(taken)


def _shuffled(keys: object) -> list[str]:
    listed = sorted(keys)  # type: ignore[call-overload]
    return random.sample(listed, len(listed))
