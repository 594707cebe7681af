"""Rows of tasks and instances as lines: one statement for a list, names and reasons from the directory in memory."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, String, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from komp_flow import audit, organisation
from komp_flow.db.prepared import Prepared
from komp_flow.engine import Changes, Instance, ProcessVersion, StreamOf, Task, TaskRole
from komp_flow.engine.tables import TASK
from komp_flow.i18n import _
from komp_flow.organisation import Directory, Holder, Subject, roles
from komp_flow.organisation.facts import ACTING
from komp_flow.organisation.staffing import plans
from komp_flow.registers import Cycle, Measure
from komp_flow.work.lines import InstanceLine, TaskLine
from komp_flow.work.models import TaskDraft

LAST: Final = datetime.max.replace(tzinfo=UTC)

_ROLES: Final = (
    select(func.aggregate_strings(TaskRole.role, ","))
    .where(TaskRole.task_id == Task.id)
    .correlate(Task)
    .scalar_subquery()
    .label("roles")
)


def tasks(reader: str | None = None) -> Select[Any]:
    """The query that `task_line` reads; narrow and order it. Drafts are those that go with the task, and the reader's.

    What is typed in a task about oneself is one's own: the manager's draft is not told of.
    """
    return _TASKS.params(reader=reader or "")


def task(db: Session, task_id: UUID, reader: str | None) -> Any | None:
    """The row of one task, as `tasks` has it, with where its instance's audit stream ends: that stays where the
    instance is locked. What is known of the organisation is read with it.
    """
    row = _ONE.first(db, {"task": task_id, "reader": reader or ""})
    if row is not None:
        organisation.learn(db, row.organisation)
    return row


def _tasks() -> Select[Any]:
    reader = bindparam("reader", type_=String)
    common = and_(TaskDraft.owner == "", or_(Task.person_id.is_(None), Task.person_id != reader))
    of_reader = or_(TaskDraft.owner == reader, common)
    draft_at = (
        select(func.max(TaskDraft.edited_at))
        .where(TaskDraft.task_id == Task.id, of_reader)
        .correlate(Task)
        .scalar_subquery()
    )
    return (
        select(
            *(column for column in Task.__table__.columns),
            _ROLES,
            Instance.escalation,
            Instance.state.label("instance_state"),
            ProcessVersion.name.label("process_name"),
            Cycle.name.label("cycle_name"),
            func.coalesce(Measure.owner_id, Measure.responsible).label("measure_owner"),
            draft_at.label("draft_at"),
            plans.held_back(Task.instance_id).label("held_back"),
        )
        .select_from(Task)
        .join(Instance, Instance.id == Task.instance_id)
        .join(ProcessVersion, ProcessVersion.id == Instance.version_id)
        .outerjoin(Cycle, Cycle.id == Task.cycle_id)
        .outerjoin(Measure, Measure.id == Task.measure_id)
    )


_TASKS: Final = _tasks()  # made once: it is long
_ONE: Final = Prepared(
    _TASKS.add_columns(
        organisation.STAMP.label("organisation"),
        audit.HEAD.c.seq.label("trail_seq"),
        audit.HEAD.c.hash.label("trail_hash"),
    )
    .outerjoin(audit.HEAD, audit.HEAD.c.stream == StreamOf(Task.instance_id))
    .where(Task.id == bindparam("task"))
)


def opened(row: Any, changes: Changes) -> list[Any]:
    """Rows as of `tasks` for what a step has opened, of another task's row of the same instance: nothing is read."""
    same = {name: getattr(row, name) for name in ("process_name", "cycle_name", "measure_owner", "held_back")}
    return [SimpleNamespace(**_EMPTY | same | dict(task)) for task in changes.tasks]


_EMPTY: Final = {column.name: None for column in TASK.columns} | {"draft_at": None}


def instances() -> Select[Any]:
    """The query that `instance_line` reads; narrow and order it."""
    columns = [column for column in Instance.__table__.columns if column.name != "state_blob"]
    return (
        select(
            *columns, ProcessVersion.name.label("process_name"), ProcessVersion.number, Cycle.name.label("cycle_name")
        )
        .select_from(Instance)
        .join(ProcessVersion, ProcessVersion.id == Instance.version_id)
        .outerjoin(Cycle, Cycle.id == Instance.cycle_id)
    )


def subject(row: Any) -> Subject:
    """The subject of a row of `task` or `instance`."""
    return Subject(unit=row.unit_id, person=row.person_id, measure=row.measure_id, cycle=row.cycle_id)


def role_names(row: Any) -> tuple[str, ...]:
    """The roles that the diagram gives the task to, sorted."""
    return tuple(sorted(row.roles.split(","))) if row.roles else ()


def claim(directory: Directory, row: Any) -> tuple[str | None, str | None]:
    """Who has claimed the task and to whom it is delegated; one who does not work here any more holds it no longer."""
    claimed, delegated = directory.person(row.claimed_by), directory.person(row.delegated_to)
    return (
        claimed.id if claimed and claimed.employed else None,
        delegated.id if delegated and delegated.employed else None,
    )


def held_as(directory: Directory, row: Any, person_id: str | None) -> tuple[str | None, Holder | None, str]:
    """By which role this person has the task, how they came to it, and the sentence why; empty if they have it not."""
    if person_id is None:
        return None, None, ""
    _claimed, delegated = claim(directory, row)
    if delegated == person_id:
        giver = directory.person(row.delegated_by)
        name = giver.name if giver else _("noen")
        return None, None, _("%(name)s har gitt deg oppgaven.", name=name)
    if row.assignee == person_id:
        return None, Holder(person_id, "own"), _("Oppgaven er gitt til deg ved navn.")
    about = subject(row)
    for role in role_names(row):
        holder = directory.holder(role, person_id, about, _owner(row))
        if holder is not None:
            return role, holder, directory.why(role, holder, about)
    if row.assignee is not None and _gone(directory, row.assignee):
        holder = next((h for h in directory.holders(roles.HR, about) if h.person_id == person_id), None)
        if holder is not None:
            return roles.HR, holder, _("Den som skulle gjort oppgaven, arbeider ikke her nå. Da ligger den hos HR.")
    return None, None, ""


def by_right(directory: Directory, row: Any, person_id: str | None) -> bool:
    """Whether this person has the open task because the diagram means them, not because there is nobody else."""
    if person_id is None:
        return False
    if row.assignee == person_id:
        return True
    about = subject(row)
    found = ((role, directory.holder(role, person_id, about, _owner(row))) for role in role_names(row))
    return any(holder is not None and _meant(role, holder) for role, holder in found)


def _meant(role: str, holder: Holder) -> bool:
    if role in roles.GLOBAL:
        return holder.via in {"role", "substitute"}
    return holder.via in ACTING | {"own"} or (role == roles.SUPERIOR and holder.via == "superior")


def holders(directory: Directory, row: Any) -> tuple[str, ...]:
    """The ids of all who have the task now, by right first."""
    _claimed, delegated = claim(directory, row)
    found = [delegated] if delegated else []
    if row.assignee is not None and not _gone(directory, row.assignee):
        found.append(row.assignee)
    about = subject(row)
    for role in role_names(row):
        found += [holder.person_id for holder in directory.holders(role, about, _owner(row))]
    if not found and row.assignee is not None:
        found += [holder.person_id for holder in directory.holders(roles.HR, about)]
    return tuple(dict.fromkeys(found))


def _owner(row: Any) -> str | None:
    return getattr(row, "measure_owner", None)


def _gone(directory: Directory, person_id: str) -> bool:
    person = directory.person(person_id)
    return person is None or not person.employed


def task_line(directory: Directory, row: Any, person_id: str | None, now: datetime) -> TaskLine:
    """The row as the reader sees it."""
    role, _holder, why = held_as(directory, row, person_id) if row.state == "open" else (None, None, "")
    named = role_names(row)
    claimed, delegated = claim(directory, row)
    return TaskLine(
        id=row.id,
        element=row.element,
        name=row.name or row.element,
        process=row.process,
        process_name=row.process_name,
        instance=row.instance_id,
        state=row.state,
        unit=row.unit_id,
        unit_name=unit_name(directory, row.unit_id),
        person=row.person_id,
        person_name=person_name(directory, row.person_id),
        measure=row.measure_id,
        cycle=row.cycle_id,
        cycle_name=row.cycle_name,
        role=role or (named[0] if named else None),
        roles=named,
        due_at=row.due_at,
        follow_up_at=row.follow_up_at,
        overdue=row.state == "open" and row.due_at is not None and row.due_at < now,
        why=why,
        assignee=delegated or claimed or row.assignee,
        claimed_by=claimed,
        claimed_by_name=person_name(directory, claimed),
        phase=row.phase,
        escalation=row.escalation,
        form=row.form,
        created_at=row.created_at,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        draft_at=row.draft_at,
        suspended=row.instance_state == "suspended",
    )


def instance_line(directory: Directory, row: Row[Any]) -> InstanceLine:
    """The row as a line."""
    return InstanceLine(
        id=row.id,
        process=row.process,
        process_name=row.process_name,
        version=row.number,
        state=row.state,
        unit=row.unit_id,
        unit_name=unit_name(directory, row.unit_id),
        person=row.person_id,
        person_name=person_name(directory, row.person_id),
        measure=row.measure_id,
        cycle=row.cycle_id,
        cycle_name=row.cycle_name,
        phase=row.phase,
        escalation=row.escalation,
        started_at=row.started_at,
        started_by=row.started_by,
        ended_at=row.ended_at,
    )


def urgent_first(lines: Iterable[TaskLine]) -> list[TaskLine]:
    """Overdue first, then by due date; what has none comes last, the oldest first."""
    return sorted(lines, key=lambda line: (not line.overdue, line.due_at or LAST, line.created_at, str(line.id)))


def unit_name(directory: Directory, unit_id: str | None) -> str | None:
    """The unit's name, or its id where the organisation does not know it."""
    unit = directory.unit(unit_id)
    return unit.name if unit else unit_id


def person_name(directory: Directory, person_id: str | None) -> str | None:
    """The person's name, or their id where the organisation does not know it."""
    person = directory.person(person_id)
    return person.name if person else person_id
