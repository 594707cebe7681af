"""Those who are measured: each begins an instance and does its next task, durably, when it is told to."""

from __future__ import annotations

from typing import Protocol

from bench.series import Timing


class Contender(Protocol):
    """One who does a process. What is asked for beside the step itself is not measured."""

    name: str

    def begin(self) -> Timing:
        """Start a new instance; the steps that follow are its."""
        ...

    def step(self) -> Timing | None:
        """Complete its next open task, and keep that; None when there is none left."""
        ...

    def facts(self) -> dict[str, object]:
        """What else is known in the end: how large the kept state is, how many statements a step takes."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...
