"""A new instance of a process, run to its first wait."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from komp_flow import audit
from komp_flow.engine import actions, step
from komp_flow.engine.changes import Changes
from komp_flow.engine.plain import require_storable
from komp_flow.engine.tables import ACTIVE, INSTANCE, PROCESS_VERSION
from komp_flow.engine.world import World
from komp_flow.errors import Conflict, NotFound
from komp_flow.i18n import _
from komp_flow.organisation.subjects import Subject

_NEWEST: Final = (
    select(PROCESS_VERSION.c.id)
    .where(PROCESS_VERSION.c.process == bindparam("process"))
    .order_by(PROCESS_VERSION.c.number.desc())
    .limit(1)
)
_ADD_INSTANCE: Final = insert(INSTANCE)


def start(
    db: Session,
    world: World,
    process: str,
    subject: Subject,
    variables: Mapping[str, object],
    *,
    by: str | None,
    now: datetime,
    element: str | None = None,
    version_id: UUID | None = None,
    start_key: str | None = None,
) -> Changes:
    """A new instance of the newest version (or of the one named), run to its first wait.

    NotFound: no such process, or it has no such start event. Conflict: one with that `start_key` is active.
    """
    db.flush()
    require_storable(variables)
    connection = db.connection()
    version = version_id or connection.execute(_NEWEST, {"process": process}).scalar()
    if version is None:
        raise NotFound(_("Prosessen «%(process)s» er ikke publisert. Publiser den først.", process=process))
    row: dict[str, Any] = {
        "id": uuid4(),
        "process": process,
        "version_id": version,
        "state": ACTIVE,
        "unit_id": subject.unit,
        "person_id": subject.person,
        "measure_id": subject.measure,
        "cycle_id": subject.cycle,
        "start_key": start_key or None,
        "state_blob": b"",
        "row_version": 1,
        "phase": None,
        "escalation": 0,
        "started_at": now,
        "started_by": by,
    }
    try:
        connection.execute(_ADD_INSTANCE, row)  # before the act: its operations may refer to it
    except IntegrityError as error:
        raise Conflict(_("En sak med nøkkelen «%(key)s» er allerede i gang.", key=start_key)) from error
    made = step.Step(db, world, SimpleNamespace(**row), now, by)
    with step.faults(row["id"]):
        made.instance = actions.start(made.runnable.program, made.host, element, variables)
        begun = audit.Entry("started", instance_id=row["id"], by=by, detail={"version": made.runnable.number})
        return made.save(entries=(begun,), new=True)
