"""What stands in the tables of one instance, as it is before it is moved; and the same as bytes, to be put back."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table, Uuid, bindparam, select
from sqlalchemy.orm import Session

from komp_flow.db.prepared import Prepared
from komp_flow.engine.memory.codec import packed, unpacked
from komp_flow.engine.memory.values import from_json, to_json
from komp_flow.engine.tables import INCIDENT_TABLE, OPEN, SUBSCRIPTION, TASK, TASK_ROLE, TIMER
from komp_flow.errors import ProcessFault
from komp_flow.i18n import _

FORMAT: Final = 1
# What a task's row has from its diagram; the rest is its own: whose it is, who has claimed it, when it was made.
FOLLOWS: Final = (
    "element", "name", "assignee", "form", "form_version_id", "due_at", "follow_up_at", "reminders", "guidance",
    "phase",
)  # fmt: skip
_IDS: Final = {
    table: frozenset(column.name for column in table.c if isinstance(column.type, Uuid))
    for table in (TASK, TIMER, SUBSCRIPTION, INCIDENT_TABLE)
}

_TASKS: Final = Prepared(
    select(TASK.c.id, TASK.c.created_at, *(TASK.c[name] for name in FOLLOWS))
    .where(TASK.c.instance_id == bindparam("instance"), TASK.c.state == OPEN)
    .order_by(TASK.c.id)
)
_ROLES: Final = Prepared(
    select(TASK_ROLE.c.task_id, TASK_ROLE.c.role)
    .join(TASK, TASK.c.id == TASK_ROLE.c.task_id)
    .where(TASK.c.instance_id == bindparam("instance"), TASK.c.state == OPEN)
    .order_by(TASK_ROLE.c.task_id, TASK_ROLE.c.role)
)
_TIMERS: Final = Prepared(select(TIMER).where(TIMER.c.instance_id == bindparam("instance")))
_SUBSCRIPTIONS: Final = Prepared(select(SUBSCRIPTION).where(SUBSCRIPTION.c.instance_id == bindparam("instance")))
_INCIDENTS: Final = Prepared(
    select(INCIDENT_TABLE).where(
        INCIDENT_TABLE.c.instance_id == bindparam("instance"), INCIDENT_TABLE.c.closed_at.is_(None)
    )
)
Row = dict[str, Any]
Key = tuple[UUID, str]


@dataclass(frozen=True, slots=True)
class Standing:
    """The rows of an instance's open tasks, waits and incidents. A task's are its id and what its diagram says."""

    tasks: dict[UUID, Row]
    roles: dict[UUID, frozenset[str]]
    timers: dict[Key, Row]
    subscriptions: dict[Key, Row]
    incidents: tuple[Row, ...]


def read(db: Session, instance_id: UUID) -> Standing:
    """As they are now; the instance's row is locked by the caller."""
    of = {"instance": instance_id}
    roles: dict[UUID, set[str]] = {}
    for row in _ROLES.all(db, of):
        roles.setdefault(row.task_id, set()).add(row.role)
    return Standing(
        tasks={row.id: row._asdict() for row in _TASKS.all(db, of)},
        roles={task: frozenset(names) for task, names in roles.items()},
        timers={(row.task_id, row.element): row._asdict() for row in _TIMERS.all(db, of)},
        subscriptions={(row.task_id, row.element): row._asdict() for row in _SUBSCRIPTIONS.all(db, of)},
        incidents=incidents(db, instance_id),
    )


def incidents(db: Session, instance_id: UUID) -> tuple[Row, ...]:
    """Those that are open."""
    return tuple(row._asdict() for row in _INCIDENTS.all(db, {"instance": instance_id}))


@dataclass(frozen=True, slots=True)
class Before:
    """How an instance was before it was moved. `row_version` is what the move has left."""

    row_version: int
    version_id: UUID
    phase: str | None
    escalation: int
    blob: bytes
    standing: Standing
    taken: dict[UUID, str]  # tasks that were done, and whose element has another id since → what it was
    names: dict[str, str]  # old → new, of their elements


def to_bytes(before: Before) -> bytes:
    """For `from_bytes`."""
    rows = before.standing
    document = [
        FORMAT,
        before.row_version,
        before.version_id.hex,
        before.phase,
        before.escalation,
        b64encode(before.blob).decode(),
        _plain(TASK, rows.tasks.values()),
        [[task.hex, sorted(names)] for task, names in rows.roles.items()],
        _plain(TIMER, rows.timers.values()),
        _plain(SUBSCRIPTION, rows.subscriptions.values()),
        _plain(INCIDENT_TABLE, rows.incidents),
        {task.hex: element for task, element in before.taken.items()},
        before.names,
    ]
    return packed(to_json(document))


def from_bytes(kept: bytes) -> Before:
    """What `to_bytes` was given. ProcessFault: it was kept by a version of komp-flow that is not known here."""
    document = from_json(unpacked(kept))
    if document[0] != FORMAT:
        raise ProcessFault(_("Flyttingen er lagret av en annen utgave av komp-flow. Oppdater programmet."))
    (_format, row_version, version, phase, escalation, blob, tasks, roles, timers, subscriptions, incidents, taken,
     names) = document  # fmt: skip
    return Before(
        row_version,
        UUID(version),
        phase,
        escalation,
        b64decode(blob),
        Standing(
            tasks={row["id"]: row for row in _rich(TASK, tasks)},
            roles={UUID(task): frozenset(names) for task, names in roles},
            timers={(row["task_id"], row["element"]): row for row in _rich(TIMER, timers)},
            subscriptions={(row["task_id"], row["element"]): row for row in _rich(SUBSCRIPTION, subscriptions)},
            incidents=tuple(_rich(INCIDENT_TABLE, incidents)),
        ),
        {UUID(task): element for task, element in taken.items()},
        names,
    )


def _plain(table: Table, rows: Iterable[Row]) -> list[Row]:
    ids = _IDS[table]
    return [{name: value.hex if name in ids and value else value for name, value in row.items()} for row in rows]


def _rich(table: Table, rows: Iterable[Row]) -> list[Row]:
    ids = _IDS[table]
    return [{name: UUID(value) if name in ids and value else value for name, value in row.items()} for row in rows]
