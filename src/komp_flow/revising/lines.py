"""What the studio's pages are told: drawings, versions, what would change, what waits for a second look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from komp_flow.engine import Problem


@dataclass(frozen=True)
class DrawingLine:
    """A drawing in a list. `base` and `newest` are numbers of published versions; None: there is none."""

    id: UUID
    kind: str
    key: str
    name: str
    revision: int
    base: int | None
    newest: int | None
    saved_by: str
    saved_by_name: str
    saved_at: datetime
    changed: bool = True  # False: as it was when it was begun
    waiting: AskedLine | None = None

    @property
    def behind(self) -> bool:
        """Whether another version was published after this was begun."""
        return self.base != self.newest


@dataclass(frozen=True)
class DrawingSheet(DrawingLine):
    """One drawing with its text."""

    text: str = field(default="", repr=False)


@dataclass(frozen=True)
class Newer:
    """What is kept now of a drawing that somebody has saved: who, when, what they changed in words, and what `mine`
    did who was late."""

    by: str
    who: str
    when: datetime
    changes: tuple[str, ...]
    mine: tuple[str, ...]
    revision: int
    text: str = field(repr=False)


@dataclass(frozen=True)
class VersionRow:
    """A published version of a process or a form. `running`: instances that are on it."""

    id: UUID
    kind: str
    key: str
    number: int
    name: str
    published_at: datetime
    published_by: str
    why: str
    running: int = 0
    asked_by: str = ""  # who asked that it be published, where somebody else confirmed it


@dataclass(frozen=True)
class Change:
    """One difference: where, what kind (added removed changed renamed redrawn), and in words."""

    element: str
    kind: str
    text: str


@dataclass(frozen=True)
class Compared:
    """Two texts of the same thing, and what is different. `marks`: kind of difference to the elements' ids."""

    changes: tuple[Change, ...]
    marks: Mapping[str, tuple[str, ...]]
    summary: str


@dataclass(frozen=True)
class AskedLine:
    """Somebody has asked that a drawing be published. `is_current`: it has not been changed since."""

    id: UUID
    drawing_id: UUID
    name: str
    revision: int
    why: str
    asked_by: str
    asked_by_name: str
    asked_at: datetime
    is_current: bool
    state: str
    answered_by_name: str = ""
    answered_at: datetime | None = None
    answer: str = ""


@dataclass(frozen=True)
class Along:
    """A drawing that may be published with another: a form that the diagram uses, or a diagram that uses the form."""

    id: UUID
    kind: str
    key: str
    name: str
    revision: int
    is_new: bool
    saved_by_name: str
    saved_at: datetime
    chosen: bool


@dataclass(frozen=True)
class Checked:
    """What check has found in exactly these revisions: the drawing's own first, then those that go along."""

    revisions: tuple[tuple[UUID, int], ...]
    problems: tuple[Problem, ...]

    @property
    def has_errors(self) -> bool:
        """Whether they cannot be published as they are."""
        return any(problem.severity == "error" for problem in self.problems)


@dataclass(frozen=True)
class Proposal:
    """All that one should know before a drawing is published."""

    drawing: DrawingSheet
    published: VersionRow | None
    compared: Compared
    checked: Checked
    along: tuple[Along, ...]
    meanwhile: tuple[VersionRow, ...]  # published since these drawings were begun, the newest first
    running: int  # instances of the process, which keep their versions
    users: tuple[str, ...]  # of a form: the published processes that get a new version with it
    undrawn: tuple[tuple[str, str], ...]  # of these, ids and names of those that nobody is changing
    newer_calls: tuple[str, ...]  # the processes that it calls in an older version, and would call in the newest
    second_eyes: bool
    asked: AskedLine | None  # what waits for somebody's confirmation, or was declined last
    is_mine: bool  # the one who looks has asked for it themselves

    @property
    def over(self) -> str:
        """What must be sent back by one who has decided that this replaces what was published meanwhile."""
        return " ".join(sorted(version.id.hex for version in self.meanwhile))


@dataclass(frozen=True)
class Outcome:
    """What became of it: versions; or a request that somebody confirms it; or, with errors, nothing."""

    versions: tuple[VersionRow, ...] = ()
    asked: AskedLine | None = None
    problems: tuple[Problem, ...] = ()
    unchanged: bool = False


@dataclass(frozen=True)
class Beside:
    """Two versions of the same thing, and what is different in the second."""

    first: VersionRow
    second: VersionRow
    compared: Compared
