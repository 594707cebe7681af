"""What people write in tasks: the one module that reads and writes drafts and submissions.

In a private instance, one about a person, they are kept only sealed with that person's key, whatever the diagram or
the form. Who reads a submission is `policy.reads_text`; whose draft one types in is `desk`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import Table, and_, bindparam, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from komp_flow import engine, forms, vault
from komp_flow.db.prepared import Prepared
from komp_flow.engine.tables import OPEN, SUBMISSION, TASK
from komp_flow.forms.components import Rows, everything
from komp_flow.organisation import Holdings
from komp_flow.organisation.staffing import plans
from komp_flow.registers import sealing
from komp_flow.work import policy
from komp_flow.work.models import TaskDraft

COMMON: Final = ""  # the owner of a draft that goes with the task to whoever has it next
NOTES, STAND_IN, SHARES = "notes", "stand-in", "shares"

_SENT: Final = (
    TASK.c.id,
    TASK.c.element,
    TASK.c.person_id,
    SUBMISSION.c["values"],
    SUBMISSION.c.sealed,
    SUBMISSION.c.by,
    SUBMISSION.c.own,
    SUBMISSION.c.aside,
    SUBMISSION.c.shared_at,
    plans.held_back(SUBMISSION.c.instance_id).label("held_back"),
    plans.has_moved(SUBMISSION.c.instance_id).label("has_moved"),
)


_DRAFT: Final = cast("Table", TaskDraft.__table__)
_FORGET_DRAFT: Final = Prepared(
    delete(_DRAFT).where(
        _DRAFT.c.task_id == bindparam("task"), or_(_DRAFT.c.edited_by == bindparam("by"), _DRAFT.c.edited_by.is_(None))
    )
)


def is_notes(form: forms.Form | None) -> bool:
    """Whether what is written in it is its author's own until they share it: the form's property `notes`."""
    return form is not None and form.properties.get(NOTES) == "true"


def is_for_stand_ins(form: forms.Form | None) -> bool:
    """Whether one may complete it who only steps in and reads no text: no form at all, or its property `stand-in`."""
    return form is None or form.properties.get(STAND_IN) == "true"


def shares(form: forms.Form, answers: Mapping[str, object]) -> bool:
    """Whether the author has ticked the field that shares their notes (its property `shares`)."""
    return any(answers.get(key) is True for key in form.marks.get(SHARES, ()))


def writes_openly(form: forms.Form) -> bool:
    """Whether something in it is meant for others than the two: a list that writes to a register that is not sealed."""
    return any(isinstance(part, Rows) and part.register in sealing.OPEN for part in everything(form.components))


# Drafts.


def desk(who: Holdings, person_id: str | None, form: forms.Form | None) -> str:
    """Whose draft of a task these holdings type in. Common ones go with the task; of a task about a person only those
    of the acting manager, so that a plan that is begun follows to the next.
    """
    if is_notes(form) or (person_id is not None and person_id not in who.trusted_with):
        return who.person_id
    return COMMON


def draft(db: Session, task_id: UUID, owner: str) -> TaskDraft | None:
    """The draft's row, read anew."""
    return db.get(TaskDraft, (task_id, owner), populate_existing=True)


def draft_values(db: Session, row: TaskDraft, person_id: str | None) -> Mapping[str, object]:
    """What is typed; nothing where it was erased."""
    if person_id is None or row.sealed is None:
        return row.values or {}
    found: Mapping[str, object] = vault.opened_or(db, person_id, row.sealed, _draft_context(row.task_id, row.owner), {})
    sealing.note(db, person_id, row.task_id, row.edited_by)
    return found


def keep_draft(  # noqa: PLR0917
    db: Session,
    task_id: UUID,
    person_id: str | None,
    owner: str,
    values: Mapping[str, object],
    by: str | None,
    now: datetime,
) -> TaskDraft:
    """Keep what is typed, in place of what this owner typed before."""
    clean = engine.plain(values)
    sealed = vault.seal(db, person_id, clean, _draft_context(task_id, owner)) if person_id is not None else None
    row = draft(db, task_id, owner)
    if row is None:
        row = TaskDraft(task_id=task_id, owner=owner, version=0)
        db.add(row)
    row.values, row.sealed = (clean, None) if sealed is None else (None, sealed)
    row.version, row.edited_by, row.edited_at = row.version + 1, by, now
    db.flush()
    return row


def rewrite_draft(db: Session, row: TaskDraft, person_id: str | None, values: Mapping[str, object]) -> None:
    """The form has changed around what is typed: the draft is the same one, by the same hand, of the same time."""
    clean = engine.plain(values)
    sealed = vault.seal(db, person_id, clean, _draft_context(row.task_id, row.owner)) if person_id is not None else None
    row.values, row.sealed = (clean, None) if sealed is None else (None, sealed)
    db.flush()


def forget_draft(db: Session, task_id: UUID, by: str | None) -> None:
    """The task is sent. What somebody else has typed meanwhile stays theirs to read."""
    _FORGET_DRAFT.write(db, [{"task": task_id, "by": by}])


# Submissions.


def sent(
    db: Session,
    task_id: UUID,
    person_id: str | None,
    form: forms.Form | None,
    values: Mapping[str, object],
    *,
    aside: bool,
) -> engine.Sent:
    """How what was sent is kept."""
    own = is_notes(form)
    shared = own and form is not None and shares(form, values)
    if person_id is None or not values:
        return engine.Sent(values, own=own, shared=shared, aside=aside)
    sealed = vault.seal(db, person_id, engine.plain(values), _sent_context(task_id))
    return engine.Sent(None, sealed, own=own, shared=shared, aside=aside)


def submission(db: Session, task_id: UUID, *, lock: bool = False) -> Any | None:
    """The submission's row with its task's person; to be asked of `policy.reads_text` before it is opened."""
    query = _select().where(SUBMISSION.c.task_id == task_id)
    return db.connection().execute(query.with_for_update(of=SUBMISSION) if lock else query).first()


def opened(db: Session, row: Any) -> Mapping[str, Any] | None:
    """What was sent, of a row that the reader may read. None where it was erased."""
    if row.sealed is None:
        return dict(row.values or {})
    found: Mapping[str, Any] | None = vault.opened_or(db, row.person_id, row.sealed, _sent_context(row.id), None)
    sealing.note(db, row.person_id, row.id, row.by)
    return found


def answers(db: Session, instance_id: UUID, elements: Iterable[str], who: Holdings) -> dict[str, object]:
    """What was sent last from each of these elements of the instance, of what these holdings may read."""
    query = _select().where(
        SUBMISSION.c.instance_id == instance_id,
        TASK.c.element.in_(sorted(set(elements))),
        policy.readable_texts(who),
    )
    last = {row.element: row for row in db.connection().execute(query.order_by(SUBMISSION.c.at))}
    found = {element: opened(db, row) for element, row in last.items()}
    return {element: values for element, values in found.items() if values is not None}


def sent_before(
    db: Session, instance_id: UUID, element: str, form_version_id: UUID, who: Holdings
) -> Mapping[str, Any] | None:
    """What was sent the last time from the same step in the same form, where these holdings may read it."""
    query = _select().where(
        SUBMISSION.c.instance_id == instance_id,
        TASK.c.element == element,
        SUBMISSION.c.form_version_id == form_version_id,
        policy.readable_texts(who),
    )
    row = db.connection().execute(query.order_by(SUBMISSION.c.at.desc()).limit(1)).first()
    return opened(db, row) if row is not None else None


def of_instances(
    db: Session, instances: Collection[UUID], keys: frozenset[str], who: Holdings
) -> dict[UUID, dict[str, Any]]:
    """The newest answers under these keys in each of the instances, notes left out, of what these holdings may read."""
    query = (
        _select()
        .add_columns(SUBMISSION.c.instance_id)
        .where(SUBMISSION.c.instance_id.in_(sorted(instances)), SUBMISSION.c.own.is_(False), policy.readable_texts(who))
    )
    found: dict[UUID, dict[str, Any]] = {}
    for row in db.connection().execute(query.order_by(SUBMISSION.c.at)) if instances else ():
        values = opened(db, row) or {}
        found.setdefault(row.instance_id, {}).update({key: values[key] for key in keys & values.keys()})
    return found


def about(db: Session, who: Holdings, person_id: str, limit: int) -> list[Any]:
    """The submissions in tasks about this person that these holdings may read, the oldest first; `opened` opens one."""
    query = (
        _select()
        .add_columns(TASK.c.name, TASK.c.cycle_id, TASK.c.form, TASK.c.form_version_id, SUBMISSION.c.at)
        .where(TASK.c.person_id == person_id, policy.readable_texts(who))
    )
    return list(db.connection().execute(query.order_by(SUBMISSION.c.at, TASK.c.id).limit(limit)))


def share(db: Session, task_id: UUID, now: datetime) -> None:
    """The other of the two may read these notes from now on."""
    db.connection().execute(update(SUBMISSION).where(SUBMISSION.c.task_id == task_id).values(shared_at=now))
    db.expire_all()


def forget_unshared(db: Session, instances: Iterable[UUID]) -> int:
    """Delete notes that were never shared, and drafts of tasks that are not open; answers how many.

    For talks that have closed: a draft of what is still to be done in them stays.
    """
    ids = list(instances)
    if not ids:
        return 0
    connection = db.connection()
    closed = select(TASK.c.id).where(TASK.c.instance_id.in_(ids), TASK.c.state != OPEN)
    typed = connection.execute(delete(TaskDraft.__table__).where(TaskDraft.task_id.in_(closed)))  # type: ignore[arg-type]
    noted = connection.execute(
        delete(SUBMISSION).where(
            SUBMISSION.c.instance_id.in_(ids), SUBMISSION.c.own.is_(True), SUBMISSION.c.shared_at.is_(None)
        )
    )
    db.expire_all()
    return typed.rowcount + noted.rowcount


def unshared(instance_id: Any) -> Any:
    """The condition that an instance still has something that `forget_unshared` would delete."""
    typed = exists().where(
        and_(TASK.c.instance_id == instance_id, TASK.c.state != OPEN, TaskDraft.task_id == TASK.c.id)
    )
    noted = exists().where(
        SUBMISSION.c.instance_id == instance_id, SUBMISSION.c.own.is_(True), SUBMISSION.c.shared_at.is_(None)
    )
    return typed | noted


def _select() -> Any:
    return select(*_SENT).join(TASK, TASK.c.id == SUBMISSION.c.task_id)


def _draft_context(task_id: UUID, owner: str) -> str:
    return f"draft/{task_id.hex}/{owner}"


def _sent_context(task_id: UUID) -> str:
    return f"submission/{task_id.hex}"
