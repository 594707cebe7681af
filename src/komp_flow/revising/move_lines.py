"""What the pages about moving instances are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from komp_flow.revising.lines import VersionRow
from komp_flow.revising.move_plans import Question


@dataclass(frozen=True)
class Asked:
    """What runs on which older version, and what must be decided before a preview."""

    to: VersionRow
    running: tuple[VersionRow, ...]
    questions: tuple[Question, ...]

    @property
    def count(self) -> int:
        """How many instances are on older versions."""
        return sum(row.running for row in self.running)


@dataclass(frozen=True)
class MoveLine:
    """One move in a list."""

    id: UUID
    process: str
    name: str
    number: int
    state: str
    why: str
    made_by: str
    made_at: datetime
    total: int


@dataclass(frozen=True)
class Obstacle:
    """Why instances cannot move (or are left where they are): where, in words, and which of them one may see."""

    element: str
    text: str
    names: tuple[str, ...]
    count: int

    @property
    def others(self) -> int:
        """Those that are not named: about people, or more than a page holds."""
        return self.count - len(self.names)


@dataclass(frozen=True)
class Mine:
    """An instance that was moved and may be undone, if nothing has happened in it since."""

    id: UUID
    name: str


@dataclass(frozen=True)
class MoveSheet:
    """One move: how far it is, what it adds up to in words, what cannot move, what became otherwise."""

    line: MoveLine
    progress: Mapping[str, int]  # instances by state
    expected: tuple[str, ...]  # what the preview found, in words
    result: tuple[str, ...]  # what was done
    numbers: Mapping[str, int]  # what | moved cannot stays ended, of the run, or of the preview before it
    passed: tuple[tuple[str, int], ...]  # new elements that so many have gone past
    obstacles: tuple[Obstacle, ...]
    left: tuple[Obstacle, ...]  # by choice
    losing: tuple[Obstacle, ...]  # drafts that lose fields: the task, and which
    otherwise: tuple[Obstacle, ...]  # what was done is not what the preview found
    undoable: tuple[Mine, ...]
    stepped: int
    questions: tuple[Question, ...]
    run_at: datetime | None = None
    is_held_up: bool = False  # the last batch failed as a whole, and is tried again

    @property
    def is_busy(self) -> bool:
        """Whether the page is another in a moment."""
        return self.line.state in {"counting", "running", "undoing"}

    @property
    def done(self) -> int:
        """How many of them the state that it is in is over for."""
        return self.line.total - self.progress.get("moved" if self.line.state == "undoing" else "waiting", 0)
