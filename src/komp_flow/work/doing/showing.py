"""A task as it is opened: its form, what the form shows from before, why it is the reader's, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from komp_flow import forms, organisation
from komp_flow.engine.memory.scopes import HOST_NAMES
from komp_flow.engine.tables import OPEN
from komp_flow.errors import NotFound
from komp_flow.i18n import _
from komp_flow.organisation import Actor, Holdings, Subject, roles
from komp_flow.work import policy, rows
from komp_flow.work.doing import ahead, before, drafts, handing, privacy, sharing
from komp_flow.work.doing.holding import Held, held
from komp_flow.work.lines import Draft, May, TaskSheet
from komp_flow.work.policy import Permission
from komp_flow.work.running import state, world
from komp_flow.work.texts import written

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
    form = mine.form
    about = rows.subject(row)
    sees_form = form is not None and (mine.reads or mine.is_mine)
    shown_ = shown(db, form, row.instance_id, row.id, about, mine.who, now) if form and sees_form else Shown({}, {})
    return TaskSheet(
        line=line,
        form=form,
        context=shown_.context,
        names=shown_.names,
        draft=drafts.kept(db, mine) if mine.person_id else Draft({}),
        answers=_sent(db, mine) if row.state != OPEN else None,
        why=line.why,
        next=ahead.sentence(db, mine) if row.state == OPEN else "",
        guidance=row.guidance,
        may=_may(db, mine),
        holders=tuple(
            name for person in rows.holders(mine.directory, row) if (name := rows.person_name(mine.directory, person))
        )
        if row.state == OPEN
        else (),
        privacy=privacy.of(db, mine, now) if mine.about is not None else None,
    )


def shown(  # noqa: PLR0917
    db: Session, form: forms.Form, instance_id: UUID, task_id: UUID, subject: Subject, who: Holdings, now: datetime
) -> Shown:
    """What this form reads of the world, and nothing it does not read, for one with these holdings."""
    context: Mapping[str, object] = {}
    if CONTEXT in form.names:
        context = before.context(db, form, instance_id, subject, organisation.directory(db, now), who)
    if form.outside - {CONTEXT}:
        return Shown(context, state.names(db, instance_id, task_id, now))
    return Shown(context, world.names(db, subject, now) if form.names & HOST_NAMES else {})


def _may(db: Session, mine: Held) -> May:
    if mine.row.state != OPEN or mine.row.instance_state in {"suspended", "completed", "cancelled"}:
        return May(share=sharing.may_share(db, mine))
    barred = mine.stands_in and not written.is_for_stand_ins(mine.form)
    free = mine.is_mine and mine.taken_by is None and not barred
    taken = mine.row.claimed_by is not None or mine.row.delegated_to is not None
    leads = policy.can(mine.who, Permission.DELEGATE, rows.subject(mine.row), mine.actor)
    personal = set(rows.role_names(mine.row)) == {roles.EMPLOYEE}
    alone = personal or (mine.about is not None and not written.is_for_stand_ins(mine.form))
    return May(
        complete=free,
        draft=free,
        claim=free and mine.row.claimed_by is None and len(rows.holders(mine.directory, mine.row)) > 1,
        release=taken and (leads or mine.person_id in (mine.row.claimed_by, mine.row.delegated_to)),
        delegate=(mine.is_mine or leads) and not alone,
        hand_over=mine.is_mine and handing.may_hand_over(mine),
    )


def _sent(db: Session, mine: Held) -> Mapping[str, Any] | None:
    """What was sent, for one who may read it."""
    found = written.submission(db, mine.row.id)
    if found is None or not mine.sees or not policy.reads_text(mine.who, found):
        return None
    return written.opened(db, found)
