"""What a completed form gives to the registers, and to the cycle that it sets up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow import audit, bell, engine, forms, registers
from komp_flow.forms.components import properties, top_fields
from komp_flow.organisation import Subject
from komp_flow.work.running.world import WORLD
from komp_flow.work.texts import written

OF_THE_CYCLE = "cycle"
CALENDAR = frozenset({"cycle", "deadline", "escalation"})  # the names whose values a moved date changes
AT_ONCE = 100  # instances that follow a moved date in one transaction
ROW_ID = "row-id"
WHOLE = "form"  # the row of a form that as a whole is one


def keep(
    db: Session,
    form: forms.Form,
    answers: Mapping[str, object],
    task: engine.OpenTask,
    *,
    by: str | None,
    now: datetime,
) -> str | None:
    """Keep the rows of the form's repeating groups, and the cycle where the form is about it; the cycle's id."""
    subject = task.subject
    if form_register(form) == OF_THE_CYCLE:
        cycle_id = _cycle(db, form, answers, task, by=by, now=now)
        subject = Subject(subject.unit, subject.person, subject.measure, cycle_id)
    if written.is_notes(form):  # its author's own until it is shared: in no list
        return subject.cycle
    provenance = registers.Provenance(task.process, task.element, task.instance_id, task.id, by)
    for group in forms.registers(form, answers):
        rows = [(row.get(ROW_ID), {name: value for name, value in row.items() if name != ROW_ID}) for row in group.rows]
        kept_group = registers.Group(group.register, group.path, rows, group.texts)
        registers.keep(db, kept_group, subject, provenance, now)
    if (name := form_register(form)) in registers.REGISTERS:
        row = {column: answers.get(str(field.get("key"))) for field in top_fields(form.document)
               if (column := properties(field).get("column"))}  # fmt: skip
        registers.keep(db, registers.Group(str(name), WHOLE, [(WHOLE, row)]), subject, provenance, now)
    return subject.cycle


def kept(form: forms.Form, answers: Mapping[str, object]) -> dict[str, Any]:
    """The answers that are kept: not those to fields that are the writer's own (`private` is `true` on the field)."""
    return _without(form, answers, "private")


def again(form: forms.Form, answers: Mapping[str, object]) -> dict[str, Any]:
    """What a step that is taken again begins with: not what must be judged anew (`fresh` is `true` on the field)."""
    return _without(form, answers, "fresh")


def _without(form: forms.Form, answers: Mapping[str, object], mark: str) -> dict[str, Any]:
    marked = form.marks.get(mark, frozenset())
    return {key: value for key, value in answers.items() if key not in marked}


def form_register(form: forms.Form) -> str | None:
    """The register that the form as a whole writes to: the form's own property `register`."""
    found = form.properties.get("register")
    return found if isinstance(found, str) else None


def _cycle(
    db: Session,
    form: forms.Form,
    answers: Mapping[str, object],
    task: engine.OpenTask,
    *,
    by: str | None,
    now: datetime,
) -> str:
    row = dict(_columns(form.document, answers))
    cycle, moved = registers.set_up(db, row, cycle_id=task.subject.cycle, instance_id=task.instance_id, now=now)
    if moved:
        dates_moved(cycle, now)  # other instances' timers and dates follow in their own transactions
        bell.ring(db, "calendar", cycle.id, now)
        entry = audit.Entry("cycle-set", element=task.element, instance_id=task.instance_id, by=by)
        audit.record(db, f"cycle:{cycle.id}", [entry], now)
    db.flush()
    return cycle.id


def _columns(document: Mapping[str, Any], answers: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """The answers under the columns that their fields name, or under keys that are columns. Hidden fields have none."""
    for component in document.get("components") or ():
        if not isinstance(component, Mapping):
            continue
        inner = component.get("type") == "group"
        if inner:
            path = component.get("path")
            below = answers.get(path) if isinstance(path, str) and path else answers
            yield from _columns(component, below if isinstance(below, Mapping) else {})
        key = component.get("key")
        if not inner and isinstance(key, str) and key in answers:
            column = properties(component).get("column", key if key in registers.CYCLE_COLUMNS else None)
            if isinstance(column, str):
                yield column, answers[key]


def recalculate(db: Session, cycle_id: str, now: datetime) -> bool:
    """The dates of a cycle have changed: what depends on them in some of its running instances moves. Answers whether
    there was anything to do; called until there is not.
    """
    mine = (registers.Cycle.id == cycle_id, registers.Cycle.recalculate_at <= now)
    cycle = db.scalars(select(registers.Cycle).where(*mine).with_for_update(skip_locked=True)).first()
    if cycle is None:
        return False
    follow(db, cycle, now=now)
    return True


def follow(db: Session, cycle: registers.Cycle, *, by: str | None = None, now: datetime) -> engine.Moved:
    """Let the next instances of the cycle follow its dates. Where some are left, the tick goes on with them."""
    after = cycle.recalculate_after
    moved = engine.reschedule_some(db, WORLD, cycle.id, after=after, most=AT_ONCE, by=by, now=now, changed=CALENDAR)
    cycle.recalculate_after = moved.last
    cycle.recalculate_at = now if moved.last is not None else None
    db.flush()
    return moved


def dates_moved(cycle: registers.Cycle, now: datetime) -> None:
    """The cycle's dates are others than before: all its instances are to follow them, from the first one."""
    cycle.recalculate_at, cycle.recalculate_after = now, None
