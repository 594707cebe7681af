"""When an instance goes on by another version: drafts in another form, steps under other ids, what was sealed.

What was typed in a field that the new form has not is set aside beside the draft, where its writer reads it; it comes
back if the field does. It goes when the task is sent, as the draft does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from komp_flow import engine, forms, registers
from komp_flow.db.prepared import Prepared
from komp_flow.engine.tables import TASK
from komp_flow.files import StoredFile
from komp_flow.registers import sealing
from komp_flow.work.models import TaskDraft
from komp_flow.work.texts import written

MARK: Final = "~"  # before the owner of the draft that something was set aside of
LEFT: Final = "left"
_OWNER: Final = 64
_ANY: Final = Prepared(select(TaskDraft.__table__.c.owner).where(TaskDraft.__table__.c.task_id == bindparam("task")))


def owner_of(owner: str) -> str:
    """Under whose name what is set aside of this owner's draft is kept."""
    marked = MARK + owner
    return marked if len(marked) <= _OWNER else MARK + sha256(owner.encode()).hexdigest()[: _OWNER - 1]


def given(db: Session, task_id: UUID) -> Mapping[str, object] | None:
    """What the diagram was given of a sealed submission: never what was written as free text. None: it was erased."""
    row = written.submission(db, task_id)
    with sealing.unseen(db):
        answers = written.opened(db, row) if row is not None else None
    form_id = db.connection().execute(select(TASK.c.form_version_id).where(TASK.c.id == task_id)).scalar()
    if answers is None or form_id is None:
        return None
    return forms.without_texts(engine.form(db, form_id), answers)


def refit(db: Session, task_id: UUID, was: UUID | None, to: UUID | None, now: datetime) -> list[tuple[str, ...]]:
    """Fit the task's drafts to its new form version; answers the labels of what each draft loses."""
    if _ANY.first(db, {"task": task_id}) is None:  # as most tasks: nobody has typed anything yet
        return []
    drafts = db.scalars(select(TaskDraft).where(TaskDraft.task_id == task_id).order_by(TaskDraft.owner)).all()
    found = [_refit(db, draft, was, to, now) for draft in drafts if not draft.owner.startswith(MARK)]
    return [labels for labels in found if labels]


def _refit(db: Session, draft: TaskDraft, was: UUID | None, to: UUID | None, now: datetime) -> tuple[str, ...]:
    person_id = db.connection().execute(select(TASK.c.person_id).where(TASK.c.id == draft.task_id)).scalar()
    with sealing.unseen(db):
        typed = dict(written.draft_values(db, draft, person_id))
        before = set_aside(db, draft, person_id)
    form = engine.form(db, to) if to is not None else None
    fits, rest = forms.fitting(form, typed) if form is not None else ({}, typed)
    left: list[tuple[UUID, Mapping[str, Any]]] = []
    for version, values in before:
        back, stays = forms.fitting(form, values) if form is not None else ({}, dict(values))
        fits = forms.joined(fits, back)
        if not forms.is_empty(stays):
            left.append((version, stays))
    lost: tuple[str, ...] = ()
    if was is not None and not forms.is_empty(rest):
        left.append((was, rest))
        lost = tuple(forms.labels(engine.form(db, was), rest))
    if fits != typed:
        written.rewrite_draft(db, draft, person_id, fits)
    if left != before:
        _keep(db, draft, person_id, left, now)
    return lost


def set_aside(db: Session, draft: TaskDraft, person_id: str | None) -> list[tuple[UUID, Mapping[str, Any]]]:
    """What fields that are gone held: the form version that had them, and what was typed in them."""
    row = written.draft(db, draft.task_id, owner_of(draft.owner))
    kept: Any = written.draft_values(db, row, person_id).get(LEFT) if row is not None else None
    return [(UUID(each["form"]), each["values"]) for each in kept or ()]


def _keep(
    db: Session,
    draft: TaskDraft,
    person_id: str | None,
    left: Iterable[tuple[UUID, Mapping[str, Any]]],
    now: datetime,
) -> None:
    owner = owner_of(draft.owner)
    values = {LEFT: [{"form": version.hex, "values": dict(each)} for version, each in left]}
    if values[LEFT]:
        written.keep_draft(db, draft.task_id, person_id, owner, values, draft.edited_by, now)
    elif (row := written.draft(db, draft.task_id, owner)) is not None:
        db.delete(row)
        db.flush()


def renamed(db: Session, instance_id: UUID, names: Mapping[str, str]) -> None:
    """Rows of registers and files of these steps of the instance belong to the steps' new ids."""
    for table in dict.fromkeys(register.table for register in registers.REGISTERS.values()):
        rows: Iterable[Any] = db.scalars(select(table).where(table.instance_id == instance_id))
        for row in rows:
            if row.element not in names:
                continue
            step = f"{instance_id.hex}:{row.element}:"
            if row.origin.startswith(step):
                row.origin = f"{instance_id.hex}:{names[row.element]}:{row.origin.removeprefix(step)}"[:300]
            row.element = names[row.element]
    mine = select(StoredFile).where(StoredFile.instance_id == instance_id, StoredFile.element.in_(sorted(names)))
    for file in db.scalars(mine):
        file.element = names[file.element]
    db.flush()
