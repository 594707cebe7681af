"""Drafts: what is typed and not sent. One for each task, so that it survives that somebody else takes over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow import engine, forms, organisation
from komp_flow.engine.tables import OPEN, SUBMISSION, TASK
from komp_flow.errors import FieldError, Invalid, Stale
from komp_flow.i18n import _
from komp_flow.organisation import Actor, Directory
from komp_flow.work import keeping, rows
from komp_flow.work.holding import held
from komp_flow.work.lines import Draft
from komp_flow.work.models import TaskDraft


def draft(db: Session, task_id: UUID, actor: Actor, now: datetime) -> Draft:
    """What has been typed so far; what was sent last time from the same step where nothing has been (version 0)."""
    mine = held(db, task_id, actor, now)
    mine.require_to_do()
    return kept(db, mine.row, organisation.directory(db, now))


def save_draft(  # noqa: PLR0917
    db: Session, task_id: UUID, actor: Actor, values: Mapping[str, object], version: int | None, now: datetime
) -> Draft:
    """Keep what is typed, unchecked but bounded. `version` is the one that was edited; None does not compare.

    Stale: somebody has saved since, its `current` is theirs. Conflict: the task is not open any more.
    """
    mine = held(db, task_id, actor, now)
    if mine.row.state == OPEN or not mine.sees:
        mine.require_to_do()
    # The task's row, not the instance's: typing waits for nobody's step but its own task's end.
    state = db.connection().execute(select(TASK.c.state).where(TASK.c.id == task_id).with_for_update()).scalar_one()
    if state != OPEN:
        raise engine.TaskDone(task_id, state, mine.row.closed_by, mine.row.closed_at)
    found = db.get(TaskDraft, task_id, populate_existing=True)
    if version is not None and version != (found.version if found else 0):
        raise Stale(
            _("Noen andre har lagret et utkast etter at du begynte. Se begge og velg hva som skal stå."),
            kept(db, mine.row, mine.directory),
        )
    clean = engine.plain(_bounded(db, mine.row.form_version_id, values))
    if found is None:
        found = TaskDraft(task_id=task_id, version=0)
        db.add(found)
    found.values, found.version = clean, found.version + 1
    found.edited_by, found.edited_at = actor.person_id, now
    db.flush()
    return kept(db, mine.row, mine.directory)


def keep_unsent(db: Session, task_id: UUID, actor: Actor, values: Mapping[str, object], now: datetime) -> None:
    """Keep what somebody sent when another was first, in a transaction of its own: it stays theirs to read.

    Called by the page after the Conflict. Nothing where somebody else's draft is kept already.
    """
    row = held(db, task_id, actor, now).row
    found = db.get(TaskDraft, task_id, with_for_update=True, populate_existing=True)
    if found is not None and found.edited_by != actor.person_id:
        return
    if found is None:
        found = TaskDraft(task_id=task_id, version=0)
        db.add(found)
    found.values, found.version = engine.plain(_bounded(db, row.form_version_id, values)), found.version + 1
    found.edited_by, found.edited_at = actor.person_id, now
    db.flush()


def _bounded(db: Session, form_version_id: UUID | None, values: Mapping[str, object]) -> Mapping[str, object]:
    if form_version_id is not None:
        return forms.draft(engine.form(db, form_version_id), values)
    if values:
        raise Invalid(
            _("Oppgaven har ikke noe skjema å fylle ut."),
            [FieldError(str(name), _("Feltet finnes ikke.")) for name in values],
        )
    return {}


def kept(db: Session, row: object, directory: Directory) -> Draft:
    """The draft of a task's row, of `rows.tasks()`; what the same step sent last where there is none."""
    found = db.get(TaskDraft, row.id)  # type: ignore[attr-defined]
    if found is None:
        return Draft(values=_sent_before(db, row))
    return Draft(
        values=found.values,
        version=found.version,
        edited_by=found.edited_by,
        edited_by_name=rows.person_name(directory, found.edited_by),
        edited_at=found.edited_at,
    )


def _sent_before(db: Session, row: object) -> Mapping[str, object]:
    """A step that is taken again begins with what was written the last time: «with what was written kept» (B7)."""
    if row.form_version_id is None or row.state != OPEN:  # type: ignore[attr-defined]
        return {}
    same = (
        TASK.c.instance_id == row.instance_id,  # type: ignore[attr-defined]
        TASK.c.element == row.element,  # type: ignore[attr-defined]
        SUBMISSION.c.form_version_id == row.form_version_id,  # type: ignore[attr-defined]
    )
    query = select(SUBMISSION.c["values"]).join(TASK, TASK.c.id == SUBMISSION.c.task_id).where(*same)
    found = db.connection().execute(query.order_by(SUBMISSION.c.at.desc()).limit(1)).scalar()
    return keeping.again(engine.form(db, row.form_version_id), found) if found else {}  # type: ignore[attr-defined]
