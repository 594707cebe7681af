"""Names that a new version reads for the first time, told from what people sent before it was drawn.

A value is written as the new diagram would have written it: by the task's output mapping, else under the field's key,
the last round's last. What items of a multi-instance sent stays theirs, as in the dialect.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from komp_flow import feel
from komp_flow.audit import EVENT
from komp_flow.db.prepared import Prepared
from komp_flow.engine.memory.host import Host
from komp_flow.engine.memory.program import Program
from komp_flow.engine.memory.values import require_keepable
from komp_flow.engine.moving.migrate import Outcome
from komp_flow.engine.stored import shelf
from komp_flow.engine.stored.world import MovingWorld
from komp_flow.engine.tables import SUBMISSION, TASK
from komp_flow.errors import KompFlowError, NotFound

BUILT_IN: Final = frozenset(
    {"loopCounter", "occurrence", "numberOfInstances", "numberOfCompletedInstances", "numberOfActiveInstances"}
    | {"numberOfTerminatedInstances", "now", "today", "item"}
)
_SENT: Final = Prepared(
    select(
        SUBMISSION.c.task_id,
        TASK.c.element,
        SUBMISSION.c["values"],
        SUBMISSION.c.sealed.is_not(None).label("is_sealed"),
    )
    .join(TASK, TASK.c.id == SUBMISSION.c.task_id)
    .where(SUBMISSION.c.instance_id == bindparam("instance"))
    .order_by(SUBMISSION.c.at)
)
_TOLD: Final = Prepared(
    select(EVENT.c.task_id, EVENT.c.detail).where(
        EVENT.c.instance_id == bindparam("instance"), EVENT.c.what.in_(("completed", "cancelled"))
    )
)


def values(  # noqa: PLR0917
    db: Session,
    world: MovingWorld,
    row: Any,
    wanted: frozenset[str],
    old: shelf.Runnable,
    new: shelf.Runnable,
    renamed: Mapping[str, str],
    host: Host,
) -> dict[str, object]:
    """Those of the wanted names that a submission of the instance (its row) tells."""
    sent = _SENT.all(db, {"instance": row.id}) if wanted else []
    if not sent:
        return {}
    elsewhere = called(db, row, items=True)
    found: dict[str, object] = {}
    for line in sent:
        if line.task_id in elsewhere:
            continue
        element = renamed.get(line.element, line.element)
        if _is_item(old.program, line.element) or _is_item(new.program, element):
            continue
        given = world.given(db, line.task_id) if line.is_sealed else line.values
        for name, value in _written(new.program, element, dict(given or {}), wanted, found, host).items():
            try:
                require_keepable(name, value)
            except KompFlowError:
                continue
            found[name] = value
    return found


def called(db: Session, row: Any, *, items: bool = False) -> set[UUID]:
    """The completed tasks that are drawn in a process that this one calls; with `items` also those of items."""
    return {
        event.task_id
        for event in _TOLD.all(db, {"instance": row.id})
        if (items and "item" in event.detail) or _is_called(db, row, event.detail.get("program"))
    }


def _is_called(db: Session, row: Any, program: str | None) -> bool:
    if program is None:
        return False
    try:
        return bool(shelf.runnable(db, UUID(program)).process != row.process)
    except NotFound:
        return True


def _is_item(program: Program, element: str) -> bool:
    """Whether it is done once for each of a list, itself or what is around it."""
    drawn = program.elements.get(element)
    if drawn is None:
        return False
    around = (*drawn.scope, element)
    return any(
        (spec := program.specs[scope].task_specs.get(id_)) is not None and spec.is_multi
        for scope, id_ in zip((program.process_id, *drawn.scope), around, strict=True)
        if scope in program.specs
    )


def _written(  # noqa: PLR0917
    program: Program,
    element: str,
    given: dict[str, object],
    wanted: frozenset[str],
    known: Mapping[str, object],
    host: Host,
) -> dict[str, object]:
    """What the diagram makes of what was sent; what an expression cannot make is not told."""
    spec = next((s.task_specs[element] for s in program.specs.values() if element in s.task_specs), None)
    outputs = spec.extensions.outputs if spec is not None else ()
    if not outputs:
        return {name: value for name, value in given.items() if name in wanted}
    found: dict[str, object] = {}
    for source, target in outputs:
        if target not in wanted:
            continue
        try:
            names: ChainMap[str, object] = ChainMap(found, given, dict(known), host.names)  # type: ignore[arg-type]
            found[target] = feel.value(source, names, host.moment)
        except KompFlowError:
            continue
    return found


def missing(db: Session, new: shelf.Runnable, outcome: Outcome, known: Iterable[str]) -> tuple[str, ...]:
    """The names that are read for the first time by something ahead, and that neither anything told nor anything ahead
    writes.
    """
    left = outcome.names - set(known) - BUILT_IN
    if not left:
        return ()
    read: set[str] = set()
    written: set[str] = set()
    for spec in new.program.specs.values():
        for task in spec.task_specs.values():
            if task.bpmn_id in outcome.ahead:
                read |= _read_by(db, new, task)
                written |= _written_by(db, new, task)
    return tuple(sorted(left & read - written))


def _form(db: Session, new: shelf.Runnable, task: Any) -> Any:
    drawn = new.program.user_tasks.get(task.bpmn_id)
    return shelf.form(db, new.forms[drawn.form_id]) if drawn is not None and drawn.form_id else None


def _read_by(db: Session, new: shelf.Runnable, task: Any) -> set[str]:
    """The names that an element's own expressions and its form read."""
    texts = [source for source, _target in (*task.extensions.inputs, *task.extensions.outputs)]
    texts += [condition.args[0] for condition, _to in getattr(task, "cond_task_specs", ()) if condition is not None]
    texts += [*task.extensions.headers.values(), *task.extensions.properties.values()]
    if task.is_multi:
        texts += [task.loop.collection, task.loop.output_element, task.loop.until]
    if drawn := new.program.user_tasks.get(task.bpmn_id):
        texts += [drawn.roles, drawn.assignee, drawn.due_date, drawn.follow_up_date, drawn.candidates]
    found = set(getattr(getattr(task, "event", None), "reads", ()))
    for text in texts:
        if text and text.strip().startswith("="):
            found |= feel.names_of(text.strip())
    form = _form(db, new, task)
    return found | set(form.outside if form is not None else ())


def _written_by(db: Session, new: shelf.Runnable, task: Any) -> set[str]:
    """The names that it writes, or has inside itself."""
    if task.is_multi:
        return {task.loop.element or "", task.loop.output or ""}
    found = {target for _source, target in (*task.extensions.inputs, *task.extensions.outputs)}
    form = _form(db, new, task) if not task.extensions.outputs else None
    return found | set(form.keys if form is not None else ())
