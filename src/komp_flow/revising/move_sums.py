"""What a move does, told in people: one instance as it is kept, and many added up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow import engine, organisation, registers
from komp_flow.engine import Instance
from komp_flow.engine.tables import TASK
from komp_flow.i18n import _, ngettext
from komp_flow.organisation import Subject
from komp_flow.revising.models import Move, MovedInstance

SAME: Final = "same"  # a task that is as it was
BY_NAME: Final = ""  # instead of a role: tasks that are somebody's by name


def told(moved: engine.InstanceMoved) -> dict[str, Any]:
    """One instance that was moved, as it is kept: numbers, what each role's tasks meet, fields that drafts lose.

    Nobody is named: who has a role is known when it is added up.
    """
    roles: dict[str, Counter[str]] = {}
    named: dict[str, Counter[str]] = {}
    for task in moved.tasks:
        kinds = _kinds(task)
        for role in task.roles:
            roles.setdefault(role, Counter()).update(kinds)
        if not task.roles and task.what == "opened":  # by name, and the preview's task is gone again
            roles.setdefault(BY_NAME, Counter()).update(kinds)
        elif not task.roles:
            named.setdefault(task.id.hex, Counter()).update(kinds)
    return {
        "what": "moved",
        "counts": {name: number for name, number in moved.counts.items() if number},
        "roles": {role: dict(counted) for role, counted in sorted(roles.items())},
        "named": {task: dict(counted) for task, counted in sorted(named.items())},
        "lost": [[task.was_name or task.was_element, list(labels)] for task in moved.tasks for labels in task.lost],
        "passed": [name or element for element, name in moved.passed],
        "state": moved.state,
    }


def _kinds(task: engine.TaskMoved) -> list[str]:
    if task.what != "kept":
        return [task.what]
    found = {
        "dates_moved": task.due_moved,
        "renamed": task.name != task.was_name,  # another id is nothing that anybody sees
        "forms_changed": task.form_changed,
        "roles_changed": task.roles_changed,
        "otherwise": task.follow_up_moved or task.reminders_changed or task.guidance_changed or task.phase_changed,
    }
    return [kind for kind, does in found.items() if does] + ["losing"] * len(task.lost) or [SAME]


def is_same(seen: Mapping[str, Any] | None, done: Mapping[str, Any] | None) -> bool:
    """Whether what was done is what the preview found. Tasks that a move opens have other ids each time."""
    if seen is None or done is None:
        return seen is done
    parts = ("what", "counts", "roles", "lost", "problems", "passed", "state")
    return all(seen.get(part) == done.get(part) for part in parts)


def summed(db: Session, move: Move, column: str, now: datetime) -> dict[str, Any]:
    """All instances of a move added up; `column` is seen or done."""
    adding = _Adding(db, now)
    mine = getattr(MovedInstance, column)
    query = (
        select(mine, Instance.unit_id, Instance.person_id, Instance.measure_id)
        .join(Instance, Instance.id == MovedInstance.instance_id)
        .where(MovedInstance.move_id == move.id)
        .order_by(MovedInstance.instance_id)
    )
    for row in db.execute(query.execution_options(yield_per=500)):
        if row[0] is not None:
            adding.add(row[0], Subject(row.unit_id, row.person_id, row.measure_id))
    return adding.total()


class _Adding:
    """Numbers, and for each role the people whose tasks are touched: each of them is counted once."""

    def __init__(self, db: Session, now: datetime) -> None:
        self._db, self._directory = db, organisation.directory(db, now)
        self._what: Counter[str] = Counter()
        self._counts: Counter[str] = Counter()
        self._roles: dict[str, Counter[str]] = {}
        self._people: dict[str, set[str]] = {}
        self._unchanged: dict[str, set[str]] = {}
        self._passed: Counter[str] = Counter()
        self._named: dict[str, dict[str, int]] = {}

    def add(self, told: Mapping[str, Any], subject: Subject) -> None:
        """One more."""
        self._what[told["what"]] += 1
        self._counts.update(told.get("counts", {}))
        self._passed.update(set(told.get("passed", ())))
        self._named |= told.get("named", {})
        for role, kinds in told.get("roles", {}).items():
            self._meet(role, kinds, self._holders(role, subject))

    def _meet(self, role: str, kinds: Mapping[str, int], people: set[str]) -> None:
        self._roles.setdefault(role, Counter()).update(kinds)
        touched = any(kind != SAME for kind in kinds)
        (self._people if touched else self._unchanged).setdefault(role, set()).update(people)

    def _holders(self, role: str, subject: Subject) -> set[str]:
        measure = registers.measure(self._db, subject.measure)
        owner = (measure.owner_id or measure.responsible) if measure is not None else None
        return {holder.person_id for holder in self._directory.holders(role, subject, owner) if holder.person_id}

    def total(self) -> dict[str, Any]:
        """As it is kept: numbers, and no names."""
        ids = [UUID(task) for task in self._named]
        whose: dict[str, str | None] = {}
        for first in range(0, len(ids), 500):
            query = select(TASK.c.id, TASK.c.assignee).where(TASK.c.id.in_(ids[first : first + 500]))
            whose |= {row.id.hex: row.assignee for row in self._db.connection().execute(query)}
        for task, kinds in self._named.items():
            self._meet(BY_NAME, kinds, {person} if (person := whose.get(task)) else set())
        return {
            "what": dict(self._what),
            "counts": {name: number for name, number in self._counts.items() if number},
            "passed": dict(self._passed),
            "roles": {
                role: {
                    "people": len(self._people.get(role, set())),
                    "unchanged": len(self._unchanged.get(role, set()) - self._people.get(role, set())),
                    "kinds": dict(kinds),
                }
                for role, kinds in sorted(self._roles.items())
            },
        }


# ---- in words -------------------------------------------------------------------------------------------------------


def lines(total: Mapping[str, Any]) -> list[str]:
    """One sentence for each role: «412 ledere: 31 frister flyttes, 4 oppgaver forsvinner.»"""
    found = []
    for role, one in total.get("roles", {}).items():
        meets = [text for kind, number in _ordered(one["kinds"]) if (text := _kind(kind, number))]
        if meets:
            found.append(_("%(people)s: %(what)s.", people=people(role, one["people"]), what=", ".join(meets)))
        if one["unchanged"]:
            found.append(_("%(people)s merker ingenting.", people=people(role, one["unchanged"])))
    return found


def _ordered(kinds: Mapping[str, int]) -> list[tuple[str, int]]:
    return [(kind, kinds[kind]) for kind in _ORDER if kinds.get(kind)]


_ORDER: Final = ("dates_moved", "gone", "opened", "renamed", "forms_changed", "losing", "roles_changed", "otherwise")


def _kind(kind: str, number: int) -> str:
    match kind:
        case "dates_moved":
            return ngettext("én frist flyttes", "%(num)s frister flyttes", number)
        case "gone":
            return ngettext("én oppgave forsvinner", "%(num)s oppgaver forsvinner", number)
        case "opened":
            return ngettext("én ny oppgave kommer", "%(num)s nye oppgaver kommer", number)
        case "renamed":
            return ngettext("én oppgave får nytt navn", "%(num)s oppgaver får nytt navn", number)
        case "forms_changed":
            return ngettext("én oppgave får nytt skjema", "%(num)s oppgaver får nytt skjema", number)
        case "losing":
            return ngettext("én kladd mister noe", "%(num)s kladder mister noe", number)
        case "roles_changed":
            return ngettext("én oppgave får en annen utfører", "%(num)s oppgaver får en annen utfører", number)
        case "otherwise":
            return ngettext(
                "én oppgave får annen påminnelse, veiledning eller fase",
                "%(num)s oppgaver får annen påminnelse, veiledning eller fase",
                number,
            )
    return ""


def people(role: str, number: int) -> str:
    """So many people who hold a role."""
    match role:
        case "manager":
            return ngettext("1 leder", "%(num)s ledere", number)
        case "superior":
            return ngettext("1 overordnet leder", "%(num)s overordnede ledere", number)
        case "deputy":
            return ngettext("1 stedfortreder", "%(num)s stedfortredere", number)
        case "employee":
            return ngettext("1 medarbeider", "%(num)s medarbeidere", number)
        case "measure_owner":
            return ngettext("1 tiltakseier", "%(num)s tiltakseiere", number)
        case "hr":
            return ngettext("1 i HR", "%(num)s i HR", number)
        case "process_owner":
            return ngettext("1 prosesseier", "%(num)s prosesseiere", number)
        case "top_management":
            return ngettext("1 i toppledelsen", "%(num)s i toppledelsen", number)
        case "union_rep":
            return ngettext("1 tillitsvalgt", "%(num)s tillitsvalgte", number)
    return ngettext("1 person", "%(num)s personer", number)
