"""Moves one stored instance to another version of its process: whole or not at all, counted, and undoable.

The state is moved as `migrate` says; the rows that lists and people read follow the new diagram: whose a task is, when
it is due, which form it has. Ids, claims, delegations, drafts and files stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from komp_flow import audit, bell
from komp_flow.db.prepared import Prepared
from komp_flow.engine.errors import CannotMove
from komp_flow.engine.memory import actions
from komp_flow.engine.memory.program import UserTask
from komp_flow.engine.memory.view import OpenTask, View
from komp_flow.engine.moving import before_now, migrate, standing
from komp_flow.engine.moving.migrate import Plan
from komp_flow.engine.moving.moved import InstanceMoved, TaskMoved, Waits
from komp_flow.engine.stored import instances, messages, projection, schedule, shelf, step
from komp_flow.engine.stored.world import MovingWorld
from komp_flow.engine.tables import INCIDENT_TABLE, INSTANCE, OPEN, SUBSCRIPTION, TASK, TASK_ROLE, TIMER
from komp_flow.errors import Conflict
from komp_flow.i18n import _

PLAN_LIMIT: Final = 6000  # bytes of a plan that the trail tells in full
SOMEBODY: Final = "-"  # stands for roles that are not asked for again

_SET_VERSION: Final = Prepared(
    update(INSTANCE)
    .where(INSTANCE.c.id == bindparam("instance"), INSTANCE.c.row_version == bindparam("was"))
    .values(version_id=bindparam("version"))
)
_SET_ESCALATION: Final = Prepared(
    update(INSTANCE).where(INSTANCE.c.id == bindparam("instance")).values(escalation=bindparam("level"))
)
FOLLOW: Final = Prepared(
    update(TASK).where(TASK.c.id == bindparam("task")).values({name: bindparam(name) for name in standing.FOLLOWS})
)
SET_ELEMENT: Final = Prepared(update(TASK).where(TASK.c.id == bindparam("task")).values(element=bindparam("at")))
_TAKEN: Final = Prepared(
    select(TASK.c.id, TASK.c.element).where(TASK.c.instance_id == bindparam("instance"), TASK.c.state != OPEN)
)
DROP_ROLES: Final = Prepared(delete(TASK_ROLE).where(TASK_ROLE.c.task_id == bindparam("task")))
ADD_ROLES: Final = Prepared(insert(TASK_ROLE))
ADD_TIMERS: Final = Prepared(insert(TIMER))
ADD_SUBSCRIPTIONS: Final = Prepared(insert(SUBSCRIPTION))
_DROP_TIMER: Final = Prepared(
    delete(TIMER).where(TIMER.c.task_id == bindparam("task"), TIMER.c.element == bindparam("at"))
)
_DROP_SUBSCRIPTION: Final = Prepared(
    delete(SUBSCRIPTION).where(SUBSCRIPTION.c.task_id == bindparam("task"), SUBSCRIPTION.c.element == bindparam("at"))
)
SET_INCIDENT: Final = Prepared(
    update(INCIDENT_TABLE)
    .where(INCIDENT_TABLE.c.id == bindparam("incident"))
    .values(element=bindparam("at"), closed_at=bindparam("closed"))
)


def migrate_instance(
    db: Session,
    world: MovingWorld,
    instance_id: UUID,
    to_version_id: UUID,
    plan: Plan,
    *,
    by: str | None,
    now: datetime,
    why: str = "",
) -> InstanceMoved:
    """Let the instance go on by that version, in the caller's transaction; a suspended one stays so.

    CannotMove, with every (element of the old version, sentence), and nothing is changed: an open element is gone or
    is another kind, or what the new version says of it cannot be evaluated. Conflict: it follows that version already,
    or somebody else was there first; NotRunning: it has ended.
    """
    row = step.lock(db, instance_id, running=False)
    target = shelf.runnable(db, to_version_id)
    if target.process != row.process:
        raise Conflict(_("Saken gjelder en annen prosess enn den versjonen. Ingenting er endret."))
    if row.version_id == to_version_id:
        raise Conflict(_("Saken følger allerede den versjonen. Ingenting er endret."))
    with db.begin_nested(), step.faults(instance_id):
        return _Moving(step.Step(db, world, row, now, by), target, plan, world).run(why)


class _Moving:
    """One instance on its way."""

    def __init__(self, made: step.Step, target: shelf.Runnable, plan: Plan, world: MovingWorld) -> None:
        self.made, self.target, self.plan, self.world = made, target, plan, world
        self.db, self.row, self.old = made.db, made.row, made.runnable
        self.was = standing.read(made.db, made.row.id)
        self.forms: dict[UUID, UUID | None] = {}  # of the tasks that stay open, from here on

    def run(self, why: str) -> InstanceMoved:
        made = self.made
        instance = made.load()
        before = made.before
        outcome = migrate.migrate(instance, self.target.program, self.plan, self._fill)
        made.runnable = self.target
        made.place = replace(made.place, runnable=self.target)
        after = actions.view(instance)
        self._rename_waits(before, after)
        kept = self._follow(before, after)
        taken = self._rename_taken()
        version = {"instance": self.row.id, "was": self.row.row_version, "version": self.target.id}
        made.pen.write(_SET_VERSION, [version], exactly=True)
        changes = made.save(entries=(self._entry(why),))
        made.settle()
        if changes.opened:
            self._judge()
        self._keep_escalation(changes.opened or changes.closed)
        tasks = [self._with_drafts(task) for task in kept]
        tasks += [_opened(task) for task in changes.tasks]
        tasks += [
            _gone(self.was.tasks[task], self.was.roles.get(task, frozenset()))
            for task in changes.closed
            if task in self.was.tasks
        ]
        row_version = self.row.row_version + 1
        now = actions.view(instance)
        due = {(timer.task_id, timer.element): timer.due[0] for timer in now.timers if timer.due}
        waits = {(w.task_id, w.element): (w.name, messages.stored_key(w.key)) for w in now.subscriptions}
        return InstanceMoved(
            instance_id=self.row.id,
            process=self.row.process,
            from_version=self.old.number,
            to_version=self.target.number,
            state=changes.state,
            row_version=row_version,
            kept=standing.to_bytes(
                standing.Before(
                    row_version,
                    self.old.id,
                    self.row.phase,
                    self.row.escalation,
                    self.row.state_blob,
                    self.was,
                    taken,
                    {element: self._name(element) for element in sorted(set(taken.values()))},
                )
            ),
            tasks=tuple(tasks),
            timers=self._counted({key: row["due_at"] for key, row in self.was.timers.items()}, due),
            subscriptions=self._counted(
                {key: (row["name"], row["key"]) for key, row in self.was.subscriptions.items()}, waits
            ),
            passed=tuple((element.id, element.name) for element in outcome.passed),
            filled=tuple(sorted(outcome.filled)),
            missing=before_now.missing(self.db, self.target, outcome, instance.data),
        )

    def _fill(self, wanted: frozenset[str]) -> Mapping[str, object]:
        made = self.made
        return before_now.values(
            self.db, self.world, self.row, wanted, self.old, self.target, self.plan.renamed, made.host
        )

    def _name(self, element: str) -> str:
        return self.plan.renamed.get(element, element)

    def _rename_waits(self, before: View, after: View) -> None:
        """Rows of what waits on under another id, and incidents likewise, so that the step sees what has changed."""
        mine = self.old.program.key
        waiting: tuple[Any, ...] = (*after.timers, *after.subscriptions)
        here = {(wait.task_id, wait.element) for wait in waiting}

        def named(wait: Any) -> Any:
            new = self._name(wait.element) if wait.program == mine else wait.element
            return replace(wait, element=new) if (wait.task_id, new) in here else wait

        pen = self.made.pen
        kinds: tuple[tuple[Any, tuple[Any, ...], Prepared, Prepared], ...] = (
            (self.was.timers, before.timers, _DROP_TIMER, ADD_TIMERS),
            (self.was.subscriptions, before.subscriptions, _DROP_SUBSCRIPTION, ADD_SUBSCRIPTIONS),
        )
        for rows, waits, drop, add in kinds:
            renamed = [(wait, new) for wait in waits if (new := named(wait)).element != wait.element]
            found = [(rows[w.task_id, w.element], new) for w, new in renamed if (w.task_id, w.element) in rows]
            pen.write(drop, [{"task": row["task_id"], "at": row["element"]} for row, _new in found])
            pen.write(add, [row | {"element": new.element} for row, new in found])
            if add is ADD_TIMERS:
                for row, new in found:
                    bell.ring(self.db, "timer", (new.task_id, new.element), row["due_at"])
        stuck = {incident.task_id: incident for incident in after.incidents}
        self.made.before = replace(
            before,
            timers=tuple(named(timer) for timer in before.timers),
            subscriptions=tuple(named(wait) for wait in before.subscriptions),
            incidents=tuple(
                now if (now := stuck.get(i.task_id)) is not None and now.text == i.text else i for i in before.incidents
            ),
        )
        at = {task.id: task.element for task in after.tasks} | {task: i.element for task, i in stuck.items()}
        moved = [row for row in self.was.incidents if at.get(row["task_id"], row["element"]) != row["element"]]
        changed = [{"incident": row["id"], "at": at[row["task_id"]], "closed": None} for row in moved]
        pen.write(SET_INCIDENT, changed)

    def _follow(self, before: View, after: View) -> list[TaskMoved]:
        """The rows of the tasks that stay open are what the new version says."""
        was_open = {task.id for task in before.tasks}
        found: list[TaskMoved] = []
        changed: list[dict[str, Any]] = []
        for task in after.tasks:
            if task.id not in was_open or task.id not in self.was.tasks:
                continue
            was = self.was.tasks[task.id]
            now, roles = self._row(task, was)
            had = self.was.roles.get(task.id, frozenset())
            if any(now[name] != was[name] for name in standing.FOLLOWS):
                changed.append({"task": task.id, **now})
            if roles != had:
                self.made.pen.write(DROP_ROLES, [{"task": task.id}])
                self.made.pen.write(ADD_ROLES, [{"task_id": task.id, "role": role} for role in sorted(roles)])
            self.forms[task.id] = now["form_version_id"]
            is_others = roles != had or now["assignee"] != was["assignee"]
            found.append(_kept(task.id, was, now, roles, roles_changed=is_others))
        self.made.pen.write(FOLLOW, changed)
        return found

    def _rename_taken(self) -> dict[UUID, str]:
        """Steps that were taken are found under their new ids, as the new diagram speaks of them; → what they were."""
        elements = self.old.program.elements
        if not any(old != new and old in elements for old, new in self.plan.renamed.items()):
            return {}
        rows = [row for row in _TAKEN.all(self.db, {"instance": self.row.id}) if self._name(row.element) != row.element]
        called = before_now.called(self.db, self.row) if rows and self.old.program.calls else set()
        taken = {row.id: row.element for row in rows if row.id not in called and row.element in elements}
        self.made.pen.write(SET_ELEMENT, [{"task": task, "at": self._name(was)} for task, was in taken.items()])
        if taken:
            self.made.settle()
            names = {element: self._name(element) for element in taken.values()}
            self.world.renamed(self.db, self.row.id, names)
        return taken

    def _row(self, task: OpenTask, was: dict[str, Any]) -> tuple[dict[str, Any], frozenset[str]]:
        """What the row of a task is to be, and its roles. What is said with the same words is not evaluated again."""
        version = shelf.runnable(self.db, UUID(task.program))
        roles = self.was.roles.get(task.id, frozenset())
        now = {name: was[name] for name in standing.FOLLOWS}
        now["phase"] = projection.phase_of(self.target, version, task.element, task.path)
        if version.id != self.target.id:  # of a called process, which goes on by its own version
            return now, roles
        drawn, old = version.program.user_tasks[task.element], self.old.program.user_tasks[was["element"]]
        again = self._whose_and_when(task, drawn, old, was)
        roles = again.pop("roles", roles)
        form = drawn.form_id
        now |= {
            "element": task.element,
            "name": task.name,
            "form": form,
            "form_version_id": version.forms.get(form) if form else None,
            "reminders": drawn.reminders,
            "guidance": drawn.guidance,
            **again,
        }
        return now, roles

    def _whose_and_when(self, task: OpenTask, drawn: UserTask, old: UserTask, was: dict[str, Any]) -> dict[str, Any]:
        """What is said in other words, evaluated; all of it where it could not be told before and something is new."""
        people = (drawn.roles, drawn.assignee) != (old.roles, old.assignee)
        due, follow_up = drawn.due_date != old.due_date, drawn.follow_up_date != old.follow_up_date
        if not (people or due or follow_up):
            return {}
        stuck = any((row["task_id"], row["kind"]) == (task.id, "task") for row in self.was.incidents)
        if stuck:
            people = due = follow_up = True
        asked = replace(
            drawn,
            roles=drawn.roles if people else SOMEBODY,
            assignee=drawn.assignee if people else None,
            due_date=drawn.due_date if due else None,
            follow_up_date=drawn.follow_up_date if follow_up else None,
        )
        names = actions.names_at(self.made.instance, task.id)
        given = schedule.assign(asked, names, self.made.host.moment, was["created_at"])
        if given.faults and not stuck:
            raise CannotMove([(was["element"], " ".join(given.faults))])
        if stuck and not given.faults:
            projection.close_incidents(self.made.place, [task.id], "task")
        found: dict[str, Any] = {"assignee": given.assignee, "roles": frozenset(given.roles)} if people else {}
        return (
            found
            | ({"due_at": given.due_at} if due else {})
            | ({"follow_up_at": given.follow_up_at} if follow_up else {})
        )

    def _entry(self, why: str) -> audit.Entry:
        detail: dict[str, Any] = {"from": self.old.number, "to": self.target.number}
        told = {"renamed": dict(self.plan.renamed), "sent": dict(self.plan.sent)}
        if len(orjson.dumps(told)) <= PLAN_LIMIT:
            detail |= {name: pairs for name, pairs in told.items() if pairs}
        if why:
            detail["reason"] = why[: instances.REASON_LIMIT]
        return audit.Entry("moved", instance_id=self.row.id, by=self.made.by, detail=detail)

    def _judge(self) -> None:
        """CannotMove: nobody can be told for a task that was opened, or not when."""
        known = {row["id"] for row in self.was.incidents}
        new = [
            row for row in standing.incidents(self.db, self.row.id) if row["id"] not in known and row["kind"] == "task"
        ]
        if new:
            raise CannotMove([(row["element"] or "", row["text"]) for row in new])

    def _keep_escalation(self, goes_on: tuple[UUID, ...]) -> None:
        """What is late stays late where only its phase has another name."""
        if self.row.escalation and not goes_on:
            self.made.pen.write(_SET_ESCALATION, [{"instance": self.row.id, "level": self.row.escalation}])

    def _with_drafts(self, task: TaskMoved) -> TaskMoved:
        if not task.form_changed:
            return task
        was, to = self.was.tasks[task.id]["form_version_id"], self.forms[task.id]
        return replace(task, lost=tuple(self.world.refit(self.db, task.id, was, to, self.made.now)))

    def _counted(self, before: Mapping[standing.Key, Any], now: Mapping[standing.Key, Any]) -> Waits:
        """What is waited for before and after, that of one wait under its new id."""
        names = {key: (key[0], self._name(key[1])) for key in before}
        was = {new if new in now else key: before[key] for key, new in names.items()}
        both = was.keys() & now.keys()
        kept = sum(was[key] == now[key] for key in both)
        return Waits(kept, len(both) - kept, len(now) - len(both), len(was) - len(both))


def _kept(
    task: UUID, was: dict[str, Any], now: dict[str, Any], roles: frozenset[str], *, roles_changed: bool
) -> TaskMoved:
    def differs(name: str) -> bool:
        return bool(was[name] != now[name])

    return TaskMoved(
        id=task,
        what="kept",
        element=now["element"],
        name=now["name"],
        was_element=was["element"],
        was_name=was["name"],
        due_at=now["due_at"],
        was_due_at=was["due_at"],
        follow_up_moved=differs("follow_up_at"),
        roles_changed=roles_changed,
        form_changed=differs("form_version_id"),
        reminders_changed=differs("reminders"),
        guidance_changed=differs("guidance"),
        phase_changed=differs("phase"),
        roles=tuple(sorted(roles)),
    )


def _opened(row: Mapping[str, Any]) -> TaskMoved:
    roles = tuple(role for role in row["roles"].split(",") if role)
    return TaskMoved(row["id"], "opened", row["element"], row["name"], "", "", due_at=row["due_at"], roles=roles)


def _gone(row: dict[str, Any], roles: frozenset[str]) -> TaskMoved:
    whose = tuple(sorted(roles))
    return TaskMoved(row["id"], "gone", "", "", row["element"], row["name"], was_due_at=row["due_at"], roles=whose)
