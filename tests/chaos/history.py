"""What the clients did and what they were told: every operation with its attempts, the way Jepsen keeps a history."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OK, FAILED, UNKNOWN = "ok", "failed", "unknown"


@dataclass
class Attempt:
    """One request. Without a status the line was cut: nobody knows whether it was done."""

    node: str
    began: float  # seconds of a clock that only goes forward
    ended: float
    status: int | None = None
    body: Any = None


@dataclass
class Operation:
    """One thing that a client wanted done, and each time that it asked for it. `about`: what the checker goes by."""

    number: int
    kind: str
    person: str
    key: str | None
    about: dict[str, Any]
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What tells it from all others, and is written into what it does."""
        return f"op{self.number}"

    @property
    def answers(self) -> list[Attempt]:
        """The attempts that were answered."""
        return [attempt for attempt in self.attempts if attempt.status is not None]

    @property
    def outcome(self) -> str:
        """Done, surely not done, or nobody knows."""
        if any(attempt.status < 300 for attempt in self.answers if attempt.status):
            return OK
        sure = all(attempt.status is not None and attempt.status < 500 for attempt in self.attempts)
        return FAILED if self.attempts and sure else UNKNOWN

    @property
    def answer(self) -> Any:
        """The first body that said it was done."""
        return next(attempt.body for attempt in self.answers if attempt.status and attempt.status < 300)

    @property
    def statuses(self) -> list[int]:
        """What was answered, in order."""
        return [attempt.status for attempt in self.answers if attempt.status is not None]

    @property
    def seconds(self) -> float:
        """From the first asking to the last answer."""
        return self.attempts[-1].ended - self.attempts[0].began if self.attempts else 0.0


class History:
    """All operations of a run, by several clients at once; and what no client should ever see."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self.odd: list[str] = []
        self.kills = 0
        self.absent = 0  # times that nobody was there to be asked
        self._lock = threading.Lock()
        self._numbers = itertools.count()

    def begin(self, kind: str, person: str, key: str | None, about: dict[str, Any]) -> Operation:
        """Write down that a client is about to ask for this."""
        with self._lock:
            made = Operation(next(self._numbers), kind, person, key, about)
            self.operations.append(made)
        return made

    def note(self, text: str) -> None:
        """Something that no client should see."""
        with self._lock:
            self.odd.append(text)

    def miss(self) -> None:
        """Nobody was there."""
        with self._lock:
            self.absent += 1

    def of(self, *kinds: str) -> Iterator[Operation]:
        """The operations of these kinds."""
        return (operation for operation in list(self.operations) if operation.kind in kinds)

    def completions(self) -> int:
        """How many completed tasks were acknowledged."""
        return sum(operation.outcome == OK for operation in self.of("complete"))

    def write(self, path: Path) -> None:
        """One operation a line, to be read by those who look for the cause."""
        with path.open("w") as file:
            for one in self.operations:
                attempts = [vars(attempt) for attempt in one.attempts]
                file.write(json.dumps({**vars(one), "attempts": attempts, "outcome": one.outcome}) + "\n")
