"""Background work: what rings when a due row is written, and what does the rows: the tick, or procrastinate's workers.

Due rows are the truth (`work.run_due`). A ring, a job, a tick only say when to look: one that is lost is made good by
the next sweep, one that comes twice finds nothing left to do.
"""

from __future__ import annotations

from typing import Protocol

from komp_flow.background.ticking import Ticking, run_until_nothing_is_due, tick
from komp_flow.clock import Clock
from komp_flow.db import Database
from komp_flow.settings import PROCRASTINATE, Settings

__all__ = ["Stays", "Ticking", "begin", "hang", "run_until_nothing_is_due", "tick", "ticks"]


class Stays(Protocol):
    """Background work that goes on until it is told to stop."""

    def stop(self) -> None:
        """Let what is under way finish, and begin nothing more."""


def hang(database: Database, settings: Settings, clock: Clock) -> None:
    """Where procrastinate is the queue: its tables are there, and due rows that this process writes defer jobs."""
    if settings.queue == PROCRASTINATE:
        from komp_flow.background import installing, queue  # noqa: PLC0415 (half a second that `local` does not pay)

        installing.install(database)
        queue.hang(database, clock, exact=not settings.clock)


def ticks(settings: Settings) -> bool:
    """Whether the process that serves pages does what is due too."""
    return settings.queue != PROCRASTINATE


def begin(database: Database, settings: Settings, clock: Clock, threads: int) -> Stays:
    """Work in threads of its own until told to stop: the tick, or the workers of the queue with a sweep beside them."""
    if settings.queue != PROCRASTINATE:
        return Ticking(database, clock)
    from komp_flow.background import working  # noqa: PLC0415 (as above)

    return working.Working(database, clock, threads=threads, exact=not settings.clock)
