"""What moving one instance to another version did: counted for the preview, which is the same move taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class TaskMoved:
    """One task that was open before or is open after. `what` is kept, opened or gone.

    `roles` are those whose it is, of one that is gone those whose it was. `lost` are the labels of the fields, of each
    draft that had something in them, which the new form has not.
    """

    id: UUID
    what: str
    element: str
    name: str
    was_element: str
    was_name: str
    due_at: datetime | None = None
    was_due_at: datetime | None = None
    follow_up_moved: bool = False
    roles_changed: bool = False
    form_changed: bool = False
    reminders_changed: bool = False
    guidance_changed: bool = False
    phase_changed: bool = False
    lost: tuple[tuple[str, ...], ...] = ()
    roles: tuple[str, ...] = ()

    @property
    def is_renamed(self) -> bool:
        """Under another name or another id in the diagram."""
        return self.what == "kept" and (self.element, self.name) != (self.was_element, self.was_name)

    @property
    def due_moved(self) -> bool:
        """It has another due date, or has one for the first time, or none any more."""
        return self.what == "kept" and self.due_at != self.was_due_at


@dataclass(frozen=True, slots=True)
class Waits:
    """Timers, or awaited messages and signals: how many go on as they were, and how many do not."""

    kept: int = 0
    moved: int = 0
    new: int = 0
    gone: int = 0


@dataclass(frozen=True, slots=True)
class InstanceMoved:
    """One instance goes on by another version. `kept` is what `undo_migration` needs, `row_version` what the move left.

    `passed` are elements (id, name) that are new and that no token comes to any more: they are not asked for.
    `filled` are names that are read for the first time and got a value from what was sent before, `missing` those that
    nothing tells: they are null.
    """

    instance_id: UUID
    process: str
    from_version: int
    to_version: int
    state: str
    row_version: int
    kept: bytes
    tasks: tuple[TaskMoved, ...] = ()
    timers: Waits = Waits()
    subscriptions: Waits = Waits()
    passed: tuple[tuple[str, str], ...] = ()
    filled: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    def count(self, what: str) -> int:
        """How many tasks are `kept`, `opened`, `gone`; or of those kept how many are what an attribute says."""
        if what in ("kept", "opened", "gone"):
            return sum(task.what == what for task in self.tasks)
        return sum(bool(getattr(task, what)) for task in self.tasks if task.what == "kept")

    @property
    def counts(self) -> dict[str, int]:
        """All of it as numbers that can be added up over many instances."""
        return {
            "tasks_kept": self.count("kept"),
            "tasks_renamed": self.count("is_renamed"),
            "tasks_opened": self.count("opened"),
            "tasks_gone": self.count("gone"),
            "dates_moved": self.count("due_moved"),
            "follow_ups_moved": self.count("follow_up_moved"),
            "roles_changed": self.count("roles_changed"),
            "forms_changed": self.count("form_changed"),
            "reminders_changed": self.count("reminders_changed"),
            "guidance_changed": self.count("guidance_changed"),
            "phases_changed": self.count("phase_changed"),
            "drafts_losing": sum(len(task.lost) for task in self.tasks),
            "timers_kept": self.timers.kept,
            "timers_moved": self.timers.moved,
            "timers_new": self.timers.new,
            "timers_gone": self.timers.gone,
            "waits_kept": self.subscriptions.kept,
            "waits_new": self.subscriptions.new,
            "waits_gone": self.subscriptions.gone,
            "passed": len(self.passed),
            "names_filled": len(self.filled),
            "names_missing": len(self.missing),
            "ended": int(self.state in ("completed", "cancelled")),
        }
