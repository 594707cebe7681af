"""Drafts: what is typed and not sent. Most go with the task, so that they survive that somebody else takes over.

Notes, and what is typed in a task about a person by another than their acting manager, are their author's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow import engine, forms
from komp_flow.engine.tables import OPEN, TASK
from komp_flow.errors import FieldError, Invalid, Stale
from komp_flow.i18n import _
from komp_flow.organisation import Actor
from komp_flow.work import rows
from komp_flow.work.doing import attaching
from komp_flow.work.doing.holding import Held, held
from komp_flow.work.lines import Draft
from komp_flow.work.models import TaskDraft
from komp_flow.work.running import keeping
from komp_flow.work.texts import aside, written


def draft(db: Session, task_id: UUID, actor: Actor, now: datetime) -> Draft:
    """What has been typed so far; what was sent last time from the same step where nothing has been (version 0)."""
    mine = held(db, task_id, actor, now)
    mine.require_to_do()
    return kept(db, mine)


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
    columns = (TASK.c.state, TASK.c.form_version_id)
    now_it_is = db.connection().execute(select(*columns).where(TASK.c.id == task_id).with_for_update()).one()
    if now_it_is.state != OPEN:
        raise engine.TaskDone(task_id, now_it_is.state, mine.row.closed_by, mine.row.closed_at)
    if now_it_is.form_version_id != mine.row.form_version_id:  # its instance was moved to another version meanwhile
        mine = held(db, task_id, actor, now)
    owner = desk(mine)
    found = written.draft(db, task_id, owner)
    if version is not None and version != (found.version if found else 0):
        raise Stale(
            _("Noen andre har lagret et utkast etter at du begynte. Se begge og velg hva som skal stå."),
            kept(db, mine),
        )
    clean = _bounded(mine.form, values)
    left = aside.set_aside(db, found, mine.about) if found else []
    attaching.drafted(db, mine, clean, now, also=[values for _version, values in left])
    return _line(db, mine, written.keep_draft(db, task_id, mine.about, owner, clean, actor.person_id, now))


def keep_unsent(db: Session, task_id: UUID, actor: Actor, values: Mapping[str, object], now: datetime) -> None:
    """Keep what somebody sent when another was first, in a transaction of its own: it stays theirs to read.

    Called by the page after the Conflict.
    """
    mine = held(db, task_id, actor, now)
    if not mine.sees or not actor.person_id:
        return
    clean = _bounded(mine.form, values)
    written.keep_draft(db, task_id, mine.about, actor.person_id, clean, actor.person_id, now)


def desk(mine: Held) -> str:
    """Whose draft of the task they type in."""
    return written.desk(mine.who, mine.about, mine.form)


def _bounded(form: forms.Form | None, values: Mapping[str, object]) -> Mapping[str, object]:
    if form is not None:
        return forms.draft(form, values)
    if values:
        raise Invalid(
            _("Oppgaven har ikke noe skjema å fylle ut."),
            [FieldError(str(name), _("Feltet finnes ikke.")) for name in values],
        )
    return {}


def kept(db: Session, mine: Held) -> Draft:
    """The draft that they go on with; what the same step sent last where there is none. Of a task that is not open,
    what they typed themselves.
    """
    common = desk(mine) == written.COMMON
    found = written.draft(db, mine.row.id, desk(mine))
    if found is not None and (not common or mine.is_mine or found.edited_by == mine.person_id):
        return _line(db, mine, found)
    own = written.draft(db, mine.row.id, mine.person_id) if common and mine.person_id else None
    if own is not None:
        return _line(db, mine, own)
    return Draft(values=_sent_before(db, mine) if mine.is_mine else {})


def _line(db: Session, mine: Held, row: TaskDraft) -> Draft:
    return Draft(
        values=written.draft_values(db, row, mine.about),
        version=row.version,
        edited_by=row.edited_by,
        edited_by_name=rows.person_name(mine.directory, row.edited_by),
        edited_at=row.edited_at,
        aside=tuple(aside.set_aside(db, row, mine.about)),
    )


def _sent_before(db: Session, mine: Held) -> Mapping[str, object]:
    """A step that is taken again begins with what was written the last time: «with what was written kept» (B7)."""
    row = mine.row
    if mine.form is None or row.state != OPEN:
        return {}
    found = written.sent_before(db, row.instance_id, row.element, row.form_version_id, mine.who)
    return keeping.again(mine.form, found) if found else {}
