"""What stands in the database when all is over: rows as the product keeps them, and what each stored state says."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow import audit, engine, schema, work
from komp_flow.audit import EVENT
from komp_flow.db import Database
from komp_flow.engine import tables
from komp_flow.engine.memory import actions, codec
from komp_flow.engine.memory.view import View
from komp_flow.engine.stored import messages
from komp_flow.engine.stored.surroundings import Surroundings
from komp_flow.notifications.models import Mail, Notification
from komp_flow.work.models import TaskDraft


@dataclass
class Ended:
    """One instance: its row, its stored state looked at, and the rows that should be that state."""

    row: Any
    view: View
    tasks: set[UUID] = field(default_factory=set)
    timers: set[tuple[UUID, str, datetime]] = field(default_factory=set)
    waits: set[tuple[UUID, str, str, str, str]] = field(default_factory=set)
    incidents: set[UUID] = field(default_factory=set)

    @property
    def ref(self) -> str | None:
        """The name that the client gave it."""
        found = self.view.variables.get("ref")
        return found if isinstance(found, str) else None

    def differences(self) -> list[str]:
        """Where the rows say something else than the state."""
        view = self.view
        pairs = {
            "tasks": (self.tasks, {task.id for task in view.tasks}),
            "timers": (self.timers, {(t.task_id, t.element, t.due[0]) for t in view.timers if t.due}),
            "subscriptions": (
                self.waits,
                {(s.task_id, s.element, s.kind, s.name, messages.stored_key(s.key)) for s in view.subscriptions},
            ),
            "incidents": (self.incidents, {incident.task_id for incident in view.incidents}),
        }
        wrong = [name for name, (rows, state) in pairs.items() if rows != state]
        if (self.row.ended_at is not None) != view.completed:
            wrong.append("end")
        return wrong


@dataclass
class End:
    """All of it."""

    instances: dict[UUID, Ended]
    tasks: dict[UUID, Any]
    submissions: dict[UUID, Any]
    events: list[Any]
    messages: list[Any]
    deliveries: list[Any]
    notifications: list[Any]
    drafts: dict[UUID, list[Any]]
    broken: list[str]
    mails: list[Any]
    letters: list[tuple[str, str, str]] | None = None  # what the mail server took

    def counted(self, what: str) -> Counter[UUID]:
        """How often this happened to each task of the engine."""
        return Counter(event.task_id for event in self.events if event.what == what)

    def by_ref(self, *processes: str) -> dict[str, list[Ended]]:
        """The instances of these processes by their `ref`."""
        found: dict[str, list[Ended]] = defaultdict(list)
        for one in self.instances.values():
            if one.row.process in processes and one.ref is not None:
                found[one.ref].append(one)
        return found


def read(database: Database) -> End:
    """Read it in one transaction, when nobody writes any more."""
    with database.reading() as db:
        broken = [f"trail {place.stream} {place.seq} {place.reason}" for place in audit.verify(db, engine.streams(db))]
        found = End(
            instances=_instances(db),
            tasks={row.id: row for row in _all(db, tables.TASK)},
            submissions={row.task_id: row for row in _all(db, tables.SUBMISSION)},
            events=list(_all(db, EVENT)),
            messages=list(_all(db, tables.MESSAGE)),
            deliveries=list(_all(db, tables.DELIVERY)),
            notifications=list(_all(db, Notification.__table__)),
            drafts=defaultdict(list),
            broken=broken,
            mails=list(_all(db, Mail.__table__)),
        )
        for draft in _all(db, TaskDraft.__table__):
            found.drafts[draft.task_id].append(draft)
    found.broken += [f"database: {line}" for line in schema.check(database)]
    return found


def _all(db: Session, table: Any) -> Iterable[Any]:
    return db.connection().execute(select(table)).all()


def _instances(db: Session) -> dict[UUID, Ended]:
    now = datetime.now(UTC)
    found = {}
    for row in _all(db, tables.INSTANCE):
        state = codec.load(row.state_blob, Surroundings(db, work.WORLD, row, now, None))
        found[row.id] = Ended(row, actions.view(state))
    for task in _all(db, tables.TASK):
        if task.state == tables.OPEN:
            found[task.instance_id].tasks.add(task.id)
    for timer in _all(db, tables.TIMER):
        found[timer.instance_id].timers.add((timer.task_id, timer.element, timer.due_at))
    for wait in _all(db, tables.SUBSCRIPTION):
        found[wait.instance_id].waits.add((wait.task_id, wait.element, wait.kind, wait.name, wait.key))
    for incident in _all(db, tables.INCIDENT_TABLE):
        if incident.closed_at is None and incident.instance_id is not None:
            found[incident.instance_id].incidents.add(incident.task_id)
    return found
