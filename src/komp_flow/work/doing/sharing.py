"""Sharing one's own notes with the other of the two: the employee with the manager, the manager with the employee."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from komp_flow import audit, engine
from komp_flow.engine.tables import COMPLETED
from komp_flow.errors import NotAllowed, NotFound
from komp_flow.i18n import _
from komp_flow.organisation import Actor
from komp_flow.work import rows
from komp_flow.work.doing.holding import Held, held
from komp_flow.work.lines import TaskLine
from komp_flow.work.texts import written


def share(db: Session, task_id: UUID, actor: Actor, now: datetime) -> TaskLine:
    """Let the other of the two read these notes, from now on. By their author alone; again changes nothing.

    NotFound: there is nothing of theirs there, or it was deleted when the talk closed. NotAllowed: it is not notes.
    """
    mine = held(db, task_id, actor, now)
    engine.lock_instance(db, task_id)  # as all do that write in its trail
    found = written.submission(db, task_id, lock=True)
    if found is None or not mine.person_id or found.by != mine.person_id:
        raise NotFound(_("Her er det ingen notater fra deg å dele. Ingenting er endret."))
    if not found.own:
        raise NotAllowed(_("Dette er ikke private notater. De som skal lese det, kan lese det allerede."))
    row = mine.row
    line = rows.task_line(mine.directory, row, actor.person_id, now)
    if found.shared_at is not None:
        return line
    written.share(db, task_id, now)
    entry = audit.Entry(
        "shared", element=row.element, name=row.name, task_id=row.id, instance_id=row.instance_id, by=actor.person_id
    )
    audit.record(db, engine.stream(row.instance_id), [entry], now)
    return line


def may_share(db: Session, mine: Held) -> bool:
    """Whether they have notes here that nobody else may read yet."""
    if mine.row.state != COMPLETED or not written.is_notes(mine.form):
        return False
    found = written.submission(db, mine.row.id)
    return found is not None and found.own and found.by == mine.person_id and found.shared_at is None
