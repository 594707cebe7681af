"""Takes back that an instance was moved to another version, as long as nothing has happened in it since."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, delete, update
from sqlalchemy.orm import Session

from komp_flow import audit, bell
from komp_flow.db.pen import Pen
from komp_flow.db.prepared import Prepared
from komp_flow.engine.errors import NotRunning, NotUndoable
from komp_flow.engine.moving import standing
from komp_flow.engine.moving.migrating import (
    ADD_ROLES,
    ADD_SUBSCRIPTIONS,
    ADD_TIMERS,
    DROP_ROLES,
    FOLLOW,
    SET_ELEMENT,
    SET_INCIDENT,
)
from komp_flow.engine.stored import instances, messages, shelf, step
from komp_flow.engine.stored.world import MovingWorld
from komp_flow.engine.tables import (
    ACTIVE,
    CANCELLED,
    INCIDENT,
    INSTANCE,
    OPEN,
    SUBSCRIPTION,
    SUSPENDED,
    TASK,
    TIMER,
)
from komp_flow.i18n import _

_PUT_BACK: Final = Prepared(
    update(INSTANCE)
    .where(INSTANCE.c.id == bindparam("instance"), INSTANCE.c.row_version == bindparam("was"))
    .values(
        version_id=bindparam("version"),
        state_blob=bindparam("blob"),
        state=bindparam("to"),
        phase=bindparam("at_phase"),
        escalation=bindparam("level"),
        row_version=bindparam("was") + 1,
    )
)
_SET_TASK: Final = Prepared(
    update(TASK)
    .where(TASK.c.id == bindparam("task"))
    .values(state=bindparam("to"), closed_at=bindparam("at"), closed_by=None, on_behalf_of=None)
)
_DROP_TIMERS: Final = Prepared(delete(TIMER).where(TIMER.c.instance_id == bindparam("instance")))
_DROP_SUBSCRIPTIONS: Final = Prepared(delete(SUBSCRIPTION).where(SUBSCRIPTION.c.instance_id == bindparam("instance")))
_LASTS: Final = ("step", "due")  # kinds of incidents that are no part of what was moved


def undo_migration(
    db: Session,
    world: MovingWorld,
    instance_id: UUID,
    kept: bytes,
    *,
    by: str | None,
    now: datetime,
    why: str = "",
) -> int:
    """Put the instance back as it was before `migrate_instance` answered with `kept`; → its new row version.

    State, version, open tasks under their ids, timers, what it waits for and incidents are as they were. What has
    happened outside its steps since stays: claims, delegations, what was typed, a pause. Tasks that the move opened
    are closed. NotUndoable: it has ended or gone on.
    """
    try:
        row = step.lock(db, instance_id, running=False)
    except NotRunning as error:
        raise NotUndoable(_("Saken er avsluttet etter at den ble flyttet, så flyttingen kan ikke angres.")) from error
    before = standing.from_bytes(kept)
    if row.row_version != before.row_version:
        raise NotUndoable(
            _("Det har skjedd noe i saken siden den ble flyttet, så flyttingen kan ikke angres. Ingenting er endret.")
        )
    with db.begin_nested(), step.faults(instance_id):
        return _Undoing(db, world, row, before, by, now).run(why)


class _Undoing:
    """One instance on its way back."""

    def __init__(  # noqa: PLR0917
        self, db: Session, world: MovingWorld, row: Any, before: standing.Before, by: str | None, now: datetime
    ) -> None:
        self.db, self.world, self.row, self.before, self.by, self.now = db, world, row, before, by, now
        self.pen = Pen(db)
        self.was = before.standing
        self.is_held = row.state == SUSPENDED

    def run(self, why: str) -> int:
        stands = standing.read(self.db, self.row.id)
        self.tasks(stands)
        self.taken()
        self.timers()
        begun = self.subscriptions(stands)
        wrong = self.incidents(stands)
        self.pen.write(
            _PUT_BACK,
            [
                {
                    "instance": self.row.id,
                    "was": self.row.row_version,
                    "version": self.before.version_id,
                    "blob": self.before.blob,
                    "to": SUSPENDED if self.is_held else INCIDENT if wrong else ACTIVE,
                    "at_phase": self.before.phase,
                    "level": self.before.escalation,
                }
            ],
            exactly=True,
        )
        if begun:
            messages.catch_up(self.db, self.row.id, begun, self.now, self.pen)
        self.tell(why)
        self.pen.settle()
        self.drafts(stands)
        step.forget(self.db)
        return int(self.row.row_version) + 1

    def tasks(self, stands: standing.Standing) -> None:
        """Open again under their ids; those that the move opened are closed."""
        gone = [task for task in stands.tasks if task not in self.was.tasks]
        back = [task for task in self.was.tasks if task not in stands.tasks]
        self.pen.write(_SET_TASK, [{"task": task, "to": CANCELLED, "at": self.now} for task in gone])
        self.pen.write(_SET_TASK, [{"task": task, "to": OPEN, "at": None} for task in back])
        rows = [(task, {name: row[name] for name in standing.FOLLOWS}) for task, row in self.was.tasks.items()]
        self.pen.write(FOLLOW, [{"task": task, **values} for task, values in rows])
        for task in self.was.tasks:
            roles = self.was.roles.get(task, frozenset())
            if task in stands.tasks and roles != stands.roles.get(task, frozenset()):
                self.pen.write(DROP_ROLES, [{"task": task}])
                self.pen.write(ADD_ROLES, [{"task_id": task, "role": role} for role in sorted(roles)])

    def taken(self) -> None:
        """Steps that were done have their old ids again, and so has what was kept under them."""
        self.pen.write(SET_ELEMENT, [{"task": task, "at": at} for task, at in self.before.taken.items()])
        if self.before.names:
            self.pen.settle()
            self.world.renamed(self.db, self.row.id, {new: old for old, new in self.before.names.items()})

    def timers(self) -> None:
        """Held as long as the instance rests, whenever that began."""
        self.pen.write(_DROP_TIMERS, [{"instance": self.row.id}])
        self.pen.write(ADD_TIMERS, [row | {"held": self.is_held} for row in self.was.timers.values()])
        for key, row in self.was.timers.items():
            bell.ring(self.db, "timer", key, row["due_at"])

    def subscriptions(self, stands: standing.Standing) -> list[tuple[str, str]]:
        """Answers the messages (name, key) that it begins to wait for again."""
        waits = {(row["kind"], row["name"], row["key"]) for row in stands.subscriptions.values()}
        self.pen.write(_DROP_SUBSCRIPTIONS, [{"instance": self.row.id}])
        self.pen.write(ADD_SUBSCRIPTIONS, list(self.was.subscriptions.values()))
        return [
            (row["name"], row["key"])
            for row in self.was.subscriptions.values()
            if row["kind"] == "message" and (row["kind"], row["name"], row["key"]) not in waits
        ]

    def incidents(self, stands: standing.Standing) -> bool:
        """Those that stood are open again, those of the move are closed; answers whether any is open."""
        was = {row["id"]: row for row in self.was.incidents}
        new = [row for row in stands.incidents if row["id"] not in was]
        left = [row for row in new if row["kind"] in _LASTS]
        over = [row for row in new if row["kind"] not in _LASTS]
        self.pen.write(
            SET_INCIDENT,
            [{"incident": row["id"], "at": row["element"], "closed": None} for row in was.values()]
            + [{"incident": row["id"], "at": row["element"], "closed": self.now} for row in over],
        )
        return bool(was or left)

    def tell(self, why: str) -> None:
        versions = [
            shelf.runnable(self.db, version).number for version in (self.row.version_id, self.before.version_id)
        ]
        detail: dict[str, Any] = {"from": versions[0], "to": versions[1]}
        if why:
            detail["reason"] = why[: instances.REASON_LIMIT]
        entry = audit.Entry("moved-back", instance_id=self.row.id, by=self.by, detail=detail)
        audit.record(self.db, step.stream(self.row.id), [entry], self.now, pen=self.pen)

    def drafts(self, stands: standing.Standing) -> None:
        """What was set aside of a draft is put back; what was typed meanwhile and does not fit is set aside."""
        for task, row in self.was.tasks.items():
            now = stands.tasks.get(task)
            if now is not None and now["form_version_id"] != row["form_version_id"]:
                self.world.refit(self.db, task, now["form_version_id"], row["form_version_id"], self.now)
