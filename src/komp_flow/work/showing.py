"""A task as it is opened: its form, what the form shows from before, why it is the reader's, and what comes next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow import engine, forms, organisation
from komp_flow.engine.scopes import HOST_NAMES
from komp_flow.engine.tables import OPEN, SUBMISSION
from komp_flow.errors import NotFound
from komp_flow.i18n import _
from komp_flow.organisation import Actor, Subject, roles
from komp_flow.work import ahead, before, drafts, policy, rows, state, world
from komp_flow.work.holding import Held, held
from komp_flow.work.lines import Draft, May, TaskSheet
from komp_flow.work.policy import Permission

CONTEXT = "context"


@dataclass(frozen=True)
class Shown:
    """What a form's expressions read: `context`, and the names of the instance and its subject."""

    context: Mapping[str, object]
    names: Mapping[str, object]


def task(db: Session, task_id: UUID, actor: Actor, now: datetime) -> TaskSheet:
    """The task as the reader may see it. NotFound: there is none, or the reader may not know of it."""
    mine = held(db, task_id, actor, now)
    if not mine.sees:
        raise NotFound(_("Oppgaven finnes ikke. Hent lista på nytt."))
    row = mine.row
    line = rows.task_line(mine.directory, row, actor.person_id, now)
    form = engine.form(db, row.form_version_id) if row.form_version_id else None
    reads = mine.reads and form is not None
    about = rows.subject(row)
    shown_ = shown(db, form, row.instance_id, row.id, about, now) if reads and form else Shown({}, {})
    return TaskSheet(
        line=line,
        form=form,
        context=shown_.context,
        names=shown_.names,
        draft=_draft(db, mine),
        answers=_sent(db, task_id) if row.state != OPEN and mine.reads else None,
        why=line.why,
        next=ahead.sentence(db, mine) if row.state == OPEN else "",
        guidance=row.guidance,
        may=_may(mine),
        holders=tuple(
            name for person in rows.holders(mine.directory, row) if (name := rows.person_name(mine.directory, person))
        )
        if row.state == OPEN
        else (),
    )


def shown(db: Session, form: forms.Form, instance_id: UUID, task_id: UUID, subject: Subject, now: datetime) -> Shown:  # noqa: PLR0917
    """What this form reads of the world, and nothing it does not read."""
    directory = organisation.directory(db, now)
    context = before.context(db, form, instance_id, subject, directory) if CONTEXT in form.names else {}
    if form.outside - {CONTEXT}:
        return Shown(context, state.names(db, instance_id, task_id, now))
    return Shown(context, world.names(db, subject, now) if form.names & HOST_NAMES else {})


def _draft(db: Session, mine: Held) -> Draft:
    """What is typed: shown to those who may go on with it, and to the one who typed it when somebody else was first."""
    found = drafts.kept(db, mine.row, mine.directory)
    own = found.edited_by is not None and found.edited_by == mine.person_id
    return found if mine.is_mine or own else Draft({})


def _may(mine: Held) -> May:
    if mine.row.state != OPEN or mine.row.instance_state in {"suspended", "completed", "cancelled"}:
        return May()
    free = mine.is_mine and mine.taken_by is None
    taken = mine.row.claimed_by is not None or mine.row.delegated_to is not None
    leads = policy.can(mine.who, Permission.DELEGATE, rows.subject(mine.row), mine.actor)
    personal = set(rows.role_names(mine.row)) == {roles.EMPLOYEE}
    return May(
        complete=free,
        draft=free,
        claim=free and mine.row.claimed_by is None and len(rows.holders(mine.directory, mine.row)) > 1,
        release=taken and (leads or mine.person_id in (mine.row.claimed_by, mine.row.delegated_to)),
        delegate=(mine.is_mine or leads) and not personal,
    )


def _sent(db: Session, task_id: UUID) -> Mapping[str, Any] | None:
    found = db.connection().execute(select(SUBMISSION.c["values"]).where(SUBMISSION.c.task_id == task_id)).scalar()
    return dict(found) if found is not None else None


@contextmanager
def unknown_stays_unknown(db: Session, task_id: UUID, actor: Actor, now: datetime) -> Iterator[None]:
    """That a task is done already is told to those who may know that there is one."""
    try:
        yield
    except (engine.TaskDone, engine.NotRunning):
        if not held(db, task_id, actor, now).sees:
            raise NotFound(_("Oppgaven finnes ikke. Hent lista på nytt.")) from None
        raise
