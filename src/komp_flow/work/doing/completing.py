"""Completing a task: lock, may they, are the answers right, keep them, let the instance go on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from komp_flow import engine, forms
from komp_flow.engine.tables import INSTANCE, TASK
from komp_flow.errors import FieldError, Invalid, NotFound
from komp_flow.i18n import _
from komp_flow.organisation import Actor
from komp_flow.registers import sealing
from komp_flow.work import rows
from komp_flow.work.doing import attaching, showing
from komp_flow.work.doing.holding import Held, held
from komp_flow.work.lines import Done, TaskLine
from komp_flow.work.running import keeping, state
from komp_flow.work.running.world import WORLD
from komp_flow.work.texts import written


def complete(db: Session, task_id: UUID, actor: Actor, answers: Mapping[str, object], now: datetime) -> Done:
    """The caller has done the task. What they sent is checked, kept with its registers, and the instance goes on.

    NotFound, NotAllowed; Conflict: it is not open any more, or somebody else has claimed it, and the draft stays;
    Invalid: every field's error.
    """
    instance = engine.ask_for_instance(db, task_id)
    mine = held(db, task_id, actor, now)
    task = _open(instance(), mine)
    mine.require_to_do()
    clean = _checked(db, task, answers, mine, now)
    task = _kept(db, task, clean, mine, now)
    given = _given(db, task, clean, mine.form, now)
    sent = written.sent(db, task.id, mine.about, mine.form, clean, aside=not mine.close)
    changes = engine.complete(
        db, WORLD, task, given, by=actor.person_id, on_behalf_of=mine.on_behalf_of, now=now, sent=sent
    )
    attaching.sent(db, task_id, mine.form, clean, now)
    written.forget_draft(db, task_id, actor.person_id)
    return Done(task_id, task.instance_id, _next(mine, changes, now))


def _open(instance: Any, mine: Held) -> engine.OpenTask:
    """That a task is done already is told to those who may know that there is one."""
    try:
        return engine.as_open(instance, mine.row)
    except (engine.TaskDone, engine.NotRunning):
        if not mine.sees:
            raise NotFound(_("Oppgaven finnes ikke. Hent lista på nytt.")) from None
        raise


def _checked(
    db: Session, task: engine.OpenTask, answers: Mapping[str, object], mine: Held, now: datetime
) -> dict[str, Any]:
    form = mine.form
    if form is None:
        if answers:
            raise Invalid(
                _("Oppgaven har ikke noe skjema å fylle ut. Fullfør den uten svar."),
                [FieldError(str(name), _("Feltet finnes ikke.")) for name in answers],
            )
        return {}
    with sealing.unseen(db):
        shown = showing.shown(db, form, task.instance_id, task.id, task.subject, mine.who, now)
        files = attaching.of_desk(db, mine)
    seen: dict[str, Any] = {"context": shown.context, "names": shown.names, "moment": WORLD.moment(db, now)}
    clean = forms.check(form, answers, **seen, files=files)
    return keeping.kept(form, clean)


def _given(
    db: Session, task: engine.OpenTask, clean: dict[str, Any], form: forms.Form | None, now: datetime
) -> dict[str, Any]:
    """What the diagram gets: a field that is hidden this time loses what an earlier round wrote under its key.

    Of an instance about a person, never what was written as free text: expressions read null for it.
    """
    if form is None:
        return clean
    given = forms.without_texts(form, clean) if task.subject.person is not None else clean
    gone = [key for key in form.keys if key not in given]
    if not gone:
        return given
    known = state.names(db, task.instance_id, task.id, now)
    return {**{key: None for key in gone if key in known}, **given}


def _kept(
    db: Session, task: engine.OpenTask, answers: Mapping[str, object], mine: Held, now: datetime
) -> engine.OpenTask:
    """Registers first: what comes after in the same step may read them. A new cycle becomes the instance's own."""
    if mine.form is None:
        return task
    cycle_id = keeping.keep(db, mine.form, answers, task, by=mine.person_id, now=now)
    if cycle_id == task.subject.cycle:
        return task
    connection = db.connection()
    connection.execute(update(INSTANCE).where(INSTANCE.c.id == task.instance_id).values(cycle_id=cycle_id))
    connection.execute(update(TASK).where(TASK.c.instance_id == task.instance_id).values(cycle_id=cycle_id))
    return engine.locked(db, task.id)


def _next(mine: Held, changes: engine.Changes, now: datetime) -> tuple[TaskLine, ...]:
    """What the step has opened for the same person, and may be done now."""
    found = rows.opened(mine.row, changes)
    lines = (rows.task_line(mine.directory, row, mine.person_id, now) for row in found)
    ready = (line for line in lines if line.why and (line.follow_up_at is None or line.follow_up_at <= now))
    return tuple(rows.urgent_first(ready))
