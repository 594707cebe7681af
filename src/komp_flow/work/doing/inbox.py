"""Lists of tasks: the reader's own, and all that policy lets them see."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.orm import Session

from komp_flow import organisation
from komp_flow.db import Instant
from komp_flow.db.prepared import Prepared
from komp_flow.engine import Instance, Task, TaskRole
from komp_flow.engine.tables import ENDED, GLOBAL_ROLES, OPEN, SUSPENDED
from komp_flow.errors import FieldError, Invalid
from komp_flow.i18n import _
from komp_flow.organisation import Actor, Holdings, roles
from komp_flow.registers import Measure
from komp_flow.work import policy, rows
from komp_flow.work.lines import Page, TaskFilters, TaskLine
from komp_flow.work.policy import Permission

STATES = ("open", "completed", "cancelled")
LARGEST_PAGE = 200
LARGEST_INBOX = 1_000
_OPEN: Final = "task.state = 'open'"  # in words, as the indexes of open tasks have it: a bound value matches none
_ME: Final = bindparam("me", type_=String)
MOST_LISTS: Final = 500  # statements that are kept
_lists: Final[dict[Hashable, Prepared]] = {}
_pages_kept: Final[dict[Hashable, tuple[Prepared, Prepared]]] = {}
URGENT: Final = (Task.due_at.is_(None), Task.due_at, Task.created_at, Task.id)  # nothing that is due comes last


def inbox(db: Session, actor: Actor, now: datetime) -> tuple[TaskLine, ...]:
    """What the reader is to do now: overdue first, then by due date.

    Left out: tasks whose follow-up date has not come, those of instances that rest, and those that somebody else has
    claimed or been handed.
    """
    who = policy.require(db, actor, Permission.WORK, now)
    directory = organisation.directory(db, now)
    found = _list_of(who).all(db, _values(who, now))
    return tuple(rows.urgent_first(rows.task_line(directory, row, actor.person_id, now) for row in found))


def _list_of(who: Holdings) -> Prepared:
    """The inbox's statement. To put it together takes longer than to run it, so it is kept for all of their kind."""
    key = policy.kinds(who)
    found = _lists.get(key)
    if found is None:
        found = Prepared(rows.tasks().where(_to_do(who)).order_by(*URGENT).limit(LARGEST_INBOX), planned_once=True)
        if len(_lists) < MOST_LISTS:
            _lists[key] = found
    return found


def _at_hand(who: Holdings) -> ColumnElement[bool]:
    """All open tasks that could be the reader's, each kind by an index of its own; `policy.mine` says which are.

    Without this a list reads every open task of the organisation.
    """
    kinds: list[ColumnElement[bool]] = [Task.assignee == _ME, Task.delegated_to == _ME]
    if _all(who.people):
        kinds.append(policy.named(Task.person_id, "people", ()))
    if _all(who.units):
        kinds.append(and_(policy.named(Task.unit_id, "units", ()), Task.person_id.is_(None)))
    if who.people.get(roles.MEASURE_OWNER):
        names = f"people_{roles.MEASURE_OWNER}"
        theirs = select(Measure.id).where(policy.named(Measure.owner_id, names, ()))
        told = select(Measure.id).where(Measure.owner_id.is_(None), policy.named(Measure.responsible, names, ()))
        kinds.append(Task.measure_id.in_(union_all(theirs, told)))
    if who.unplaced:
        kinds.append(and_(Task.unit_id.is_(None), Task.person_id.is_(None)))
    if who.roles:
        shared = select(TaskRole.task_id).where(text(GLOBAL_ROLES), policy.named(TaskRole.role, "roles", ()))
        kinds.append(Task.id.in_(shared))
    if roles.HR in who.roles:
        kinds.append(and_(Task.assignee.is_not(None), ~policy.works_here(Task.assignee)))
    return Task.id.in_(union_all(*(select(Task.id).where(text(_OPEN), kind) for kind in kinds)))


def _all(held: Mapping[str, frozenset[str]]) -> list[str]:
    return sorted(frozenset().union(*(ids for role, ids in held.items() if role != roles.MEASURE_OWNER)))


def _values(who: Holdings, now: datetime) -> dict[str, object]:
    """What stands in `_to_do` for this reader."""
    ids = {"people": _all(who.people), "units": _all(who.units)}
    return {**policy.values(who), **ids, "reader": who.person_id, "now": now}


def _to_do(who: Holdings) -> ColumnElement[bool]:
    """What the reader is to do now; run it with `_values`."""
    return and_(
        _at_hand(who),
        Task.state == OPEN,
        Instance.state.not_in((SUSPENDED, *ENDED)),
        or_(Task.follow_up_at.is_(None), Task.follow_up_at <= bindparam("now", type_=Instant)),
        policy.mine(who, policy.named, _ME),
        # What one who has left had claimed is free again.
        *(
            or_(column.is_(None), column == _ME, ~policy.works_here(column))
            for column in (Task.claimed_by, Task.delegated_to)
        ),
    )


def tasks(
    db: Session, actor: Actor, filters: TaskFilters, *, page: int = 1, page_size: int = 50, now: datetime
) -> Page[TaskLine]:
    """One page of the tasks that the reader may see. Raises Invalid on a state or page that does not exist."""
    who = policy.require(db, actor, Permission.WORK, now)
    directory = organisation.directory(db, now)
    _hold(filters, page, page_size)
    asked = {name: value for name in _NARROWS if (value := getattr(filters, name)) is not None}
    values = {**_values(who, now), **asked, "most": page_size, "skipped": (page - 1) * page_size}
    if filters.mine:
        kept = _pages_of(who, tuple(asked))
        total, found = kept[0].scalar(db, values), kept[1].all(db, values)
    else:
        count, listed = _pages(policy.visible_tasks(who, actor), asked)
        total, found = db.scalar(count, values), list(db.execute(listed, values))
    lines = (rows.task_line(directory, row, actor.person_id, now) for row in found)
    return Page(tuple(lines), total or 0, page, page_size)


def _pages_of(who: Holdings, asked: tuple[str, ...]) -> tuple[Prepared, Prepared]:
    """The statements of one's own list, kept for all of their kind who ask in the same way."""
    key = policy.kinds(who), asked
    found = _pages_kept.get(key)
    if found is None:
        count, listed = _pages(_to_do(who), asked)
        found = Prepared(count, planned_once=True), Prepared(listed, planned_once=True)
        if len(_pages_kept) < MOST_LISTS:
            _pages_kept[key] = found
    return found


def _pages(visible: ColumnElement[bool], asked: Iterable[str]) -> tuple[Select[Any], Select[Any]]:
    """How many there are, and a page of them."""
    wanted = and_(visible, *(_NARROWS[name] for name in asked))
    counted = select(func.count()).select_from(Task).join(Instance, Instance.id == Task.instance_id).where(wanted)
    most, skipped = bindparam("most", type_=Integer), bindparam("skipped", type_=Integer)
    return counted, rows.tasks().where(wanted).order_by(*URGENT).limit(most).offset(skipped)


# What narrows a list, by its name among the filters.
_NARROWS: Final[Mapping[str, ColumnElement[bool]]] = {
    "state": Task.state == bindparam("state"),
    "unit": Task.unit_id == bindparam("unit"),
    "cycle": Task.cycle_id == bindparam("cycle"),
    "process": Task.process == bindparam("process"),
    "instance": Task.instance_id == bindparam("instance"),
    "role": exists().where(TaskRole.task_id == Task.id, TaskRole.role == bindparam("role")),
    "due_before": Task.due_at < bindparam("due_before"),
    "assignee": or_(
        *(column == bindparam("assignee") for column in (Task.assignee, Task.claimed_by, Task.delegated_to))
    ),
}


def _hold(filters: TaskFilters, page: int, page_size: int) -> None:
    wrong = []
    if filters.state is not None and filters.state not in STATES:
        wrong.append(FieldError("state", _("Velg en av disse: %(states)s.", states=", ".join(STATES))))
    wrong += page_errors(page, page_size)
    if wrong:
        raise Invalid(_("Lista kan ikke vises slik. Rett det som er merket."), wrong)


def page_errors(page: int, page_size: int) -> list[FieldError]:
    """What is wrong with these, if anything."""
    wrong = []
    if not 1 <= page <= 1_000_000:
        wrong.append(FieldError("page", _("Sidene begynner på 1.")))
    if not 1 <= page_size <= LARGEST_PAGE:
        wrong.append(FieldError("page_size", _("Be om mellom 1 og %(most)s om gangen.", most=LARGEST_PAGE)))
    return wrong
