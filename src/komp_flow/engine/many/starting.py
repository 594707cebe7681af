"""A new instance of a process, run to its first wait; or many that are alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from komp_flow import audit, bell
from komp_flow.db.pen import KeepingPen, Pen
from komp_flow.db.prepared import Prepared
from komp_flow.engine.ids import fresh
from komp_flow.engine.many import cloning
from komp_flow.engine.memory import actions
from komp_flow.engine.stored import step
from komp_flow.engine.stored.changes import Changes
from komp_flow.engine.stored.plain import require_storable
from komp_flow.engine.stored.world import World
from komp_flow.engine.tables import ACTIVE, PROCESS_VERSION
from komp_flow.errors import Conflict, NotFound
from komp_flow.i18n import _
from komp_flow.organisation.subjects import Subject

_NEWEST: Final = Prepared(
    select(PROCESS_VERSION.c.id)
    .where(PROCESS_VERSION.c.process == bindparam("process"))
    .order_by(PROCESS_VERSION.c.number.desc())
    .limit(1)
)


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
    pen = KeepingPen(db, undoes=False)
    row = _row(version_id or _newest(db, process), process, subject, by, now) | {"start_key": start_key or None}
    try:
        with pen.step():
            changes = _begin(db, world, row, element, variables, pen)[1]
        pen.send()
    except IntegrityError as error:
        if start_key is None:
            raise
        raise Conflict(_("En sak med nøkkelen «%(key)s» er allerede i gang.", key=start_key)) from error
    return changes


def start_many(
    db: Session,
    world: World,
    process: str,
    subjects: Sequence[Subject],
    variables: Mapping[str, object],
    *,
    by: str | None,
    now: datetime,
) -> list[UUID]:
    """A new instance for each subject, in their order. Where a start has read nothing of its subject that differs, and
    done nothing but to begin to wait, those that are alike are written after its pattern, not run.

    NotFound: no such process, or it has no plain start event.
    """
    db.flush()
    require_storable(variables)
    version, pen = _newest(db, process), KeepingPen(db)
    patterns: dict[frozenset[str], dict[tuple[object, ...], tuple[cloning.Template, list[int]]]] = {}
    started: list[UUID | None] = [None] * len(subjects)
    for place, subject in enumerate(subjects):
        pattern = _alike(patterns, subject)
        if pattern is not None:
            pattern[1].append(place)
            continue
        row = _row(version, process, subject, by, now)
        with pen.step():
            made, changes = _begin(db, world, row, None, variables, pen)
            started[place] = changes.instance_id
            if pen.mine and all(written.is_insert and written.table in cloning.TABLES for written in pen.mine):
                read = frozenset(made.host.names.read)
                template = cloning.Template(db, row["id"], dict(pen.mine), now.isoformat())
                patterns.setdefault(read, {})[cloning.key(subject, read)] = template, []
    pen.send()
    for template, places in (pattern for alike in patterns.values() for pattern in alike.values()):
        if not places:
            continue
        copies, written = template.begun([subjects[place] for place in places])
        for statement, rows in written.items():
            statement.write_alike(db, rows)
        for place, instance in zip(places, copies, strict=True):
            started[place] = instance
        for due in template.due:
            bell.ring(db, bell.ANY, due.isoformat(), due)
    return [instance for instance in started if instance is not None]


def _alike(
    patterns: Mapping[frozenset[str], Mapping[tuple[object, ...], tuple[cloning.Template, list[int]]]], subject: Subject
) -> tuple[cloning.Template, list[int]] | None:
    for read, made in patterns.items():
        if (pattern := made.get(cloning.key(subject, read))) is not None:
            return pattern
    return None


def _newest(db: Session, process: str) -> UUID:
    version: UUID | None = _NEWEST.scalar(db, {"process": process})
    if version is None:
        raise NotFound(_("Prosessen «%(process)s» er ikke publisert. Publiser den først.", process=process))
    return version


def _row(version: UUID, process: str, subject: Subject, by: str | None, now: datetime) -> dict[str, Any]:
    return {
        "id": fresh(),
        "process": process,
        "version_id": version,
        "state": ACTIVE,
        "unit_id": subject.unit,
        "person_id": subject.person,
        "measure_id": subject.measure,
        "cycle_id": subject.cycle,
        "start_key": None,
        "state_blob": b"",
        "row_version": 1,
        "phase": None,
        "escalation": 0,
        "started_at": now,
        "started_by": by,
        "ended_at": None,
    }


def _begin(  # noqa: PLR0917
    db: Session, world: World, row: dict[str, Any], element: str | None, variables: Mapping[str, object], pen: Pen
) -> tuple[step.Step, Changes]:
    """Run it to its first wait. Its row is written with what came of it, or before its first operation."""
    made = step.Step(db, world, SimpleNamespace(**row), row["started_at"], row["started_by"], pen)
    made.row_to_be = row
    with step.faults(row["id"]):
        made.instance = actions.start(made.runnable.program, made.host, element, variables)
        detail = {"version": made.runnable.number}
        begun = audit.Entry("started", instance_id=row["id"], by=row["started_by"], detail=detail)
        return made, made.save(entries=(begun,), new=True)
