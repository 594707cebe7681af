"""Who may do what, as one table: every page, query and export asks here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, true
from sqlalchemy.orm import Session

from komp_flow import organisation
from komp_flow.db.ids import within
from komp_flow.engine.tables import INCIDENT, SUSPENDED, Instance, Submission, Task, TaskRole
from komp_flow.errors import NotAllowed
from komp_flow.i18n import _
from komp_flow.organisation import Actor, Holdings, Subject, roles
from komp_flow.organisation.models import Person
from komp_flow.organisation.staffing import plans
from komp_flow.registers import Measure

# How some ids stand in a statement: the column, by which name they go, and the ids.
Among = Callable[[Any, str, Collection[str]], ColumnElement[bool]]


def _listed(column: Any, _name: str, ids: Collection[str]) -> ColumnElement[bool]:
    return column.in_(sorted(ids))  # type: ignore[no-any-return]


class Permission(StrEnum):
    """What somebody may want to do."""

    WORK = "work"  # see, draft, claim and complete one's own tasks
    DELEGATE = "delegate"  # hand a task that is not one's own to somebody
    SEE_TASK = "see-task"
    SEE_INSTANCES = "see-instances"
    START = "start"
    STEER = "steer"  # suspend, resume, retry
    CANCEL = "cancel"
    SEND_MESSAGE = "send-message"
    SEE_PROCESSES = "see-processes"
    PUBLISH = "publish"
    DRAW = "draw"  # the studio: change diagrams and forms that are not published yet
    MOVE_RUNNING = "move-running"  # to another version of their process
    SEE_BOARD = "see-board"
    SEE_UNIT = "see-unit"  # one unit: `leading.require` says which
    MOVE_DATES = "move-dates"
    SEE_REGISTERS = "see-registers"
    SEE_ALL_ROWS = "see-all-rows"  # the units' rows of the registers, and the recommendation; never a person's
    SEE_RECOMMENDATION = "see-recommendation"  # before the decision
    SEE_ORGANISATION = "see-organisation"
    SUBSTITUTE = "substitute"  # one's own; anybody's with CHANGE_ORGANISATION
    STEER_TALKS = "steer-talks"  # postpone, take up, decline, hand over, begin an extraordinary one; no text
    SEE_STAFF = "see-staff"  # one person with all that HR may do for them; never talk text
    CHANGE_ORGANISATION = "change-organisation"
    CHANGE_ACCOUNTS = "change-accounts"
    SEE_MAIL = "see-mail"  # what could not be sent, to whom; and send it again
    ERASE = "erase"  # all that is written about a person


@dataclass(frozen=True)
class Rule:
    """Who: anyone, holders of global roles, holders of local roles for the subject; and the scope that a token needs.

    `by_token`: a token that has the scope may, whoever it acts as.
    """

    scope: str
    roles: frozenset[str] = frozenset()
    local: frozenset[str] = frozenset()
    anyone: bool = False
    by_token: bool = False


OWNERS: Final = frozenset({roles.PROCESS_OWNER, roles.ADMINISTRATOR})
STAFF: Final = OWNERS | {roles.HR}
TRUSTED: Final = frozenset({"cli", "system"})  # who runs the command has the database itself
STOPPED: Final = (INCIDENT, SUSPENDED)
LEADERS: Final = frozenset({roles.MANAGER, roles.SUPERIOR})
OWNER: Final = func.coalesce(Measure.owner_id, Measure.responsible)  # the person whom a measure names, if it names one

TABLE: Final[Mapping[Permission, Rule]] = {
    Permission.WORK: Rule("tasks", anyone=True),
    Permission.DELEGATE: Rule("tasks", roles=STAFF, local=frozenset({roles.SUPERIOR})),
    Permission.SEE_TASK: Rule("tasks", roles=STAFF, local=LEADERS),
    Permission.SEE_INSTANCES: Rule("instances", anyone=True),  # a list holds what `visible_instances` says
    Permission.START: Rule("instances", roles=STAFF, local=LEADERS),
    Permission.STEER: Rule("instances", roles=OWNERS),
    Permission.CANCEL: Rule("instances", roles=STAFF),
    Permission.SEND_MESSAGE: Rule("instances", roles=STAFF, by_token=True),
    Permission.SEE_PROCESSES: Rule("processes", anyone=True),
    Permission.PUBLISH: Rule("processes", roles=OWNERS),
    Permission.DRAW: Rule("processes", roles=OWNERS),
    Permission.MOVE_RUNNING: Rule("processes", roles=OWNERS),
    Permission.SEE_BOARD: Rule("instances", roles=STAFF | {roles.TOP_MANAGEMENT}),
    Permission.SEE_UNIT: Rule("instances", anyone=True),
    Permission.MOVE_DATES: Rule("registers", roles=STAFF),
    Permission.SEE_REGISTERS: Rule("registers", anyone=True),
    Permission.SEE_ALL_ROWS: Rule("registers", roles=frozenset({roles.HR, roles.PROCESS_OWNER})),
    Permission.SEE_RECOMMENDATION: Rule(
        "registers", roles=frozenset({roles.HR, roles.PROCESS_OWNER, roles.TOP_MANAGEMENT, roles.UNION_REP})
    ),
    Permission.SEE_ORGANISATION: Rule("registers", anyone=True),
    Permission.SUBSTITUTE: Rule("tasks", anyone=True),
    Permission.STEER_TALKS: Rule("instances", roles=frozenset({roles.HR}), local=LEADERS),
    Permission.SEE_STAFF: Rule("registers", roles=frozenset({roles.HR, roles.ADMINISTRATOR})),
    Permission.CHANGE_ORGANISATION: Rule("admin", roles=frozenset({roles.HR, roles.ADMINISTRATOR})),
    Permission.CHANGE_ACCOUNTS: Rule("admin", roles=frozenset({roles.ADMINISTRATOR})),
    Permission.SEE_MAIL: Rule("admin", roles=frozenset({roles.ADMINISTRATOR})),
    Permission.ERASE: Rule("admin", roles=frozenset({roles.HR, roles.ADMINISTRATOR})),
}


def can(who: Holdings, permission: Permission, subject: Subject | None = None, actor: Actor | None = None) -> bool:
    """Whether one with these holdings may do it, with something of this subject. `actor` adds a token's bounds."""
    rule = TABLE[permission]
    if actor is not None:
        if actor.scopes is not None and rule.scope not in actor.scopes:
            return False
        if actor.via in TRUSTED or (rule.by_token and actor.scopes is not None):
            return True
    if rule.anyone or rule.roles & who.roles:
        return True
    return subject is not None and any(holds(who, role, subject) for role in rule.local)


def require(
    db: Session, actor: Actor, permission: Permission, now: datetime, subject: Subject | None = None
) -> Holdings:
    """The caller's holdings, if they may. Raises NotAllowed with a sentence that says what to do.

    Without a subject, one who holds a local role for anything at all passes: the use case asks again with the subject.
    """
    who = holdings(db, actor, now)
    allow(who, actor, permission, subject)
    return who


def allow(who: Holdings, actor: Actor, permission: Permission, subject: Subject | None = None) -> None:
    """As `require`, for a caller whose holdings are known."""
    if can(who, permission, subject, actor):
        return
    rule = TABLE[permission]
    if actor.scopes is not None and rule.scope not in actor.scopes:
        raise NotAllowed(
            _("Nøkkelen gir ikke tilgang til dette. Lag en nøkkel med tilgangen «%(scope)s».", scope=rule.scope)
        )
    if subject is None and any(who.units.get(role) or who.people.get(role) for role in rule.local):
        return
    raise NotAllowed(_("Du har ikke tilgang til dette. Ingenting er endret. Spør HR hvis du trenger det."))


def permissions(who: Holdings, actor: Actor) -> frozenset[Permission]:
    """What they may do with something, whatever it is: for menus, which then lead to views that ask again."""

    def anywhere(rule: Rule) -> bool:
        return any(who.units.get(role) or who.people.get(role) for role in rule.local)

    return frozenset(p for p, rule in TABLE.items() if can(who, p, actor=actor) or anywhere(rule))


def holdings(db: Session, actor: Actor, now: datetime) -> Holdings:
    """All that the caller holds today."""
    return organisation.directory(db, now).holdings(actor.person_id)


def holds(who: Holdings, role: str, subject: Subject) -> bool:
    """Whether they hold the role for the subject, by the rule of `Holdings`."""
    if role in roles.GLOBAL:
        return role in who.roles
    if subject.person is not None:
        return subject.person in who.people.get(role, frozenset())
    if subject.unit is not None:
        return subject.unit in who.units.get(role, frozenset())
    return role in who.unplaced


def sees_instance(who: Holdings, row: Any, actor: Actor) -> bool:
    """The same as `visible_instances`, for one row of `instance`, with a token's bounds."""
    if actor.scopes is not None and TABLE[Permission.SEE_INSTANCES].scope not in actor.scopes:
        return False
    if actor.via in TRUSTED or row.started_by == who.person_id:
        return True
    if who.roles & OWNERS and row.state in STOPPED:
        return True
    subject = Subject(row.unit_id, row.person_id, row.measure_id, row.cycle_id)
    staff = bool(who.roles & STAFF)
    if subject.person is not None:
        close = any(holds(who, role, subject) for role in (roles.EMPLOYEE, roles.MANAGER))
        return close or (staff and row.escalation > 0)
    return staff or any(holds(who, role, subject) for role in LEADERS)


def visible_instances(who: Holdings, actor: Actor) -> ColumnElement[bool]:
    """The instances that one may see: HR and the process's owners those of units, and of people once escalated
    (process.md section 5), the owners also where one has stopped and must be mended; leaders their units'; an employee
    and their manager the employee's own.
    """
    if actor.via in TRUSTED:
        return true()
    parts = [Instance.started_by == who.person_id, *_own(Instance, who)]
    if who.roles & STAFF:
        parts.append(or_(Instance.person_id.is_(None), Instance.escalation > 0))
    if who.roles & OWNERS:
        parts.append(Instance.state.in_(STOPPED))
    return or_(*parts)


def is_close(who: Holdings, subject: Subject) -> bool:
    """Whether they are one of the two that something about a person is between; True where it is about nobody."""
    person = subject.person
    return person is None or person in who.people.get(roles.EMPLOYEE, frozenset()) or person in who.trusted_with


def reads_text(who: Holdings, text: Any) -> bool:
    """Whether one with these holdings may read what was sent, where policy says more than who sees the task: in a task
    about a person, and in notes. The same as `readable_texts`.

    `text` has `person_id` (whom the task is about), `by`, `own`, `aside` and `shared_at`, and may have `held_back` and
    `has_moved` (`staffing.plans`): a new unit's manager reads what follows there, and no notes from before.
    """
    author = bool(who.person_id) and text.by == who.person_id
    if text.person_id is None:
        return not text.own or author or text.shared_at is not None
    theirs = text.person_id in who.people.get(roles.EMPLOYEE, frozenset())
    trusted = text.person_id in who.trusted_with and not getattr(text, "has_moved" if text.own else "held_back", False)
    if text.own:  # with the other of the two; the manager's are never a successor's
        return author or (text.shared_at is not None and (trusted if text.by == text.person_id else theirs))
    return theirs or trusted or (author and text.aside)


def readable_texts(who: Holdings) -> ColumnElement[bool]:
    """The submissions, joined with their tasks, that `reads_text` says one may read."""
    author = Submission.by == who.person_id if who.person_id else false()
    shared = Submission.shared_at.is_not(None)
    theirs = _one_of(Task.person_id, who.people.get(roles.EMPLOYEE, frozenset()))
    trusted = _one_of(Task.person_id, who.trusted_with)
    by_person = Submission.by == Task.person_id
    here = and_(trusted, ~plans.has_moved(Submission.instance_id))
    follows = and_(trusted, ~plans.held_back(Submission.instance_id))
    others_notes = and_(shared, or_(and_(by_person, here), and_(or_(~by_person, Submission.by.is_(None)), theirs)))
    of_nobody = and_(Task.person_id.is_(None), or_(~Submission.own, author, shared))
    notes = and_(Task.person_id.is_not(None), Submission.own, or_(author, others_notes))
    told = and_(Task.person_id.is_not(None), ~Submission.own, or_(theirs, follows, and_(author, Submission.aside)))
    return or_(of_nobody, notes, told)


def _one_of(column: Any, ids: frozenset[str]) -> ColumnElement[bool]:
    return column.in_(sorted(ids)) if ids else false()


def visible_tasks(who: Holdings, actor: Actor) -> ColumnElement[bool]:
    """The tasks, joined with `instance`, that one may see: one's own, those one has done, those of units one leads.

    HR and the process's owners see every unit's, and a person's once they are escalated (process.md section 5).
    """
    if actor.via in TRUSTED:
        return true()
    parts = [mine(who), Task.closed_by == who.person_id, *_own(Task, who)]
    if who.roles & STAFF:
        parts.append(or_(Task.person_id.is_(None), Instance.escalation > 0))
    return or_(*parts)


def own_units(who: Holdings) -> frozenset[str]:
    """The units whose instances and tasks they see because they lead them."""
    return frozenset().union(*(who.units.get(role, frozenset()) for role in LEADERS))


def own_people(who: Holdings) -> frozenset[str]:
    """Themself, and those whose manager they are."""
    return frozenset().union(*(who.people.get(role, frozenset()) for role in (roles.EMPLOYEE, roles.MANAGER)))


def _own(table: Any, who: Holdings) -> list[ColumnElement[bool]]:
    units, people = own_units(who), own_people(who)
    return [
        and_(table.person_id.is_(None), table.unit_id.in_(sorted(units))) if units else false(),
        table.person_id.in_(sorted(people)) if people else false(),
    ]


def mine(who: Holdings, among: Among = _listed, me: object = None) -> ColumnElement[bool]:
    """The tasks that one may complete now: by role for the task's subject, by name, or handed over.

    `among` and `me`: how the ids that they hold, and their own, stand in the statement (`named`).
    """
    me = me if me is not None else who.person_id
    by_role = exists().where(TaskRole.task_id == Task.id, or_(*_by_role(who, among)))
    parts = [Task.assignee == me, Task.delegated_to == me, by_role]
    if roles.HR in who.roles:  # what the diagram gave to somebody who is not here (any more)
        parts.append(and_(Task.assignee.is_not(None), ~works_here(Task.assignee)))
    return or_(*parts)


def kinds(who: Holdings) -> Hashable:
    """What `mine` is made by: all whose answer is the same share one statement; the ids in it are `values`."""
    people, units = (frozenset(role for role, ids in held.items() if ids) for held in (who.people, who.units))
    return bool(who.roles), roles.HR in who.roles, people, units, who.unplaced


def named(column: Any, name: str, _ids: Collection[str]) -> ColumnElement[bool]:
    """For `mine`: the ids are told by name when the statement is run."""
    return within(column, name)


def values(who: Holdings) -> dict[str, object]:
    """What stands under each name in a statement that was made with `named`; `me` is the reader."""
    found: dict[str, object] = {"me": who.person_id, "roles": sorted(who.roles)}
    for kind, held in (("people", who.people), ("units", who.units)):
        found |= {f"{kind}_{role}": sorted(ids) for role, ids in held.items()}
    return found


def works_here(person: Any) -> ColumnElement[bool]:
    """Whether the person whom this column names works here. One row is looked up, never the list of all."""
    return exists().where(Person.id == person, Person.left_at.is_(None))


def _by_role(who: Holdings, among: Among) -> list[ColumnElement[bool]]:
    parts: list[ColumnElement[bool]] = [among(TaskRole.role, "roles", who.roles)]
    for role in sorted(roles.LOCAL - {roles.MEASURE_OWNER}):
        if (held := _local(who, role, among)) is not None:
            parts.append(and_(TaskRole.role == role, held))  # noqa: PERF401
    owned = who.people.get(roles.MEASURE_OWNER)
    if owned:
        theirs = among(OWNER, f"people_{roles.MEASURE_OWNER}", owned)
        is_owner = _of_measure(theirs)
        parts.append(and_(TaskRole.role == roles.MEASURE_OWNER, is_owner))
    # A measure that names nobody we know goes to the manager.
    if (managed := _local(who, roles.MANAGER, among)) is not None:
        known = _of_measure(OWNER.in_(select(Person.id)))
        parts.append(and_(TaskRole.role == roles.MEASURE_OWNER, ~known, managed))
    return parts


def _of_measure(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether it holds of the task's measure. Two selects in, the task must be named as the outer one's."""
    return select(Measure.id).where(Measure.id == Task.measure_id, condition).correlate(Task).exists()


def _local(who: Holdings, role: str, among: Among) -> ColumnElement[bool] | None:
    parts: list[ColumnElement[bool]] = []
    if people := who.people.get(role):
        parts.append(among(Task.person_id, f"people_{role}", people))
    if units := who.units.get(role):
        parts.append(and_(Task.person_id.is_(None), among(Task.unit_id, f"units_{role}", units)))
    if role in who.unplaced:
        parts.append(and_(Task.person_id.is_(None), Task.unit_id.is_(None)))
    return or_(*parts) if parts else None
