"""What one mail has to say on the day that it is sent: what is late, what is due, what is new."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow.engine.tables import ENDED, OPEN, Instance, Task
from komp_flow.i18n import _
from komp_flow.notifications import words
from komp_flow.notifications.models import Mail, Notification
from komp_flow.organisation import Directory

MOST_LINES: Final = 20
MOST_READ: Final = 1_000  # notifications of one mail
FRESH: Final = timedelta(days=45)  # older news is none: longer than the July pause
FRONT: Final = "/"
# Where each kind leads to; those that are about a task or an instance lead there.
PLACES: Final[Mapping[str, str]] = {
    "strategy": "/cycle/strategy",
    "vacancy": "/people",
    "unit-closed": "/people",
    "plan-transfer": "/plan-transfers",
    "next-cycle": "/instances",
}
NOTICES: Final = "/notices"


@dataclass(frozen=True)
class Line:
    """One sentence, and the page it is about."""

    text: str
    path: str


@dataclass(frozen=True)
class Section:
    """Lines under a heading."""

    heading: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Digest:
    """What there is to say; `more` lines are left out, and stand in komp-flow."""

    sections: tuple[Section, ...]
    more: int

    @property
    def count(self) -> int:
        """How many lines there are in all."""
        return self.more + sum(len(section.lines) for section in self.sections)


def digest(db: Session, mail: Mail, directory: Directory, now: datetime) -> Digest:
    """The mail's notifications that are still news, in the language that is spoken just now."""
    zone: ZoneInfo = db.info["zone"]
    found = [row for row in _rows(db, mail, now) if _still(row, mail.person_id)]
    named = (
        (_("Over fristen"), _escalations(directory, found)),
        (_("Frister"), _reminders(directory, found, now.astimezone(zone).date(), zone)),
        (_("Nytt"), _news(directory, found)),
    )
    sections, room, more = [], MOST_LINES, 0
    for heading, lines in named:
        told = _each_once(lines)
        sections += [Section(heading, told[:room])] if told[:room] else []
        more += len(told[room:])
        room -= len(told[:room])
    return Digest(tuple(sections), more)


def _rows(db: Session, mail: Mail, now: datetime) -> Sequence[Any]:
    query = (
        select(
            Notification,
            Task.state.label("task_state"),
            Task.name,
            Task.due_at,
            Task.claimed_by,
            Task.delegated_to,
            Task.person_id.label("task_person"),
            Instance.state.label("instance_state"),
            Instance.person_id.label("instance_person"),
        )
        .outerjoin(Task, Task.id == Notification.task_id)
        .outerjoin(Instance, Instance.id == Notification.instance_id)
        .where(Notification.mail_id == mail.id, Notification.created_at > now - FRESH)
        .order_by(Notification.created_at.desc(), Notification.id.desc())
    )
    return db.execute(query.limit(MOST_READ)).all()


def _still(row: Any, person_id: str) -> bool:
    """Whether it is worth telling: not of a task that is done, or that another has taken, nor of work that is over."""
    if row.Notification.kind == "escalation":
        return row.instance_state not in ENDED
    if row.Notification.kind != "reminder" or row.Notification.task_id is None:
        return True
    taken = row.delegated_to or row.claimed_by
    return row.task_state == OPEN and taken in {None, person_id}


def _escalations(directory: Directory, rows: Iterable[Any]) -> Iterator[Line]:
    for row in rows:
        if row.Notification.kind == "escalation":
            yield Line(words.mailed(directory, row.Notification, private=True), _instance(row))


def _reminders(directory: Directory, rows: Iterable[Any], today: date, zone: ZoneInfo) -> Iterator[Line]:
    """Those of one name in one unit together, the first due first. What is about a person names neither of these."""
    groups: dict[tuple[str, str | None], dict[Any, date]] = {}
    for row in rows:
        if row.Notification.kind == "reminder" and row.due_at is not None:
            unit = None if row.task_person else row.Notification.unit_id
            group = groups.setdefault((row.name, unit), {})
            group[row.Notification.task_id] = row.due_at.astimezone(zone).date()
    for (name, unit_id), tasks in sorted(groups.items(), key=lambda group: (min(group[1].values()), group[0][0])):
        unit = directory.unit(unit_id)
        said = words.reminder(name, len(tasks), min(tasks.values()), today, unit.name if unit else None)
        yield Line(said, f"/tasks/{next(iter(tasks))}" if len(tasks) == 1 else FRONT)


def _news(directory: Directory, rows: Iterable[Any]) -> Iterator[Line]:
    for row in rows:
        if row.Notification.kind not in {"escalation", "reminder"}:
            said = words.mailed(directory, row.Notification, private=row.instance_person is not None)
            yield Line(said, PLACES.get(row.Notification.kind, NOTICES))


def _instance(row: Any) -> str:
    return f"/instances/{row.Notification.instance_id}" if row.Notification.instance_id else NOTICES


def _each_once(lines: Iterable[Line]) -> tuple[Line, ...]:
    """The first of those that say the same."""
    return tuple({line.text: line for line in reversed(list(lines))}.values())[::-1]
