"""What the pages of one's own tasks show beside the tasks: groups by when they are due, people to hand one to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from komp_flow.i18n import _
from komp_flow.organisation import Directory, Subject, roles
from komp_flow.organisation import queries as organised
from komp_flow.work import TaskLine

SOON = timedelta(days=7)
MOST_COLLEAGUES = 300  # a list of choices that is longer than this is none


@dataclass(frozen=True)
class Group:
    """Tasks that are due about the same time, under one heading."""

    id: str
    name: str
    lines: tuple[TaskLine, ...]


def by_urgency(lines: Iterable[TaskLine], now: datetime) -> list[Group]:
    """Overdue, within a week, later, without a date; what is empty is left out. The order inside is kept."""
    names = {
        "late": _("Over fristen"),
        "soon": _("Frist de neste sju dagene"),
        "later": _("Frist senere"),
        "undated": _("Uten frist ennå"),
    }
    found: dict[str, list[TaskLine]] = {name: [] for name in names}
    for line in lines:
        found[_urgency(line, now)].append(line)
    return [Group(name, names[name], tuple(inside)) for name, inside in found.items() if inside]


def _urgency(line: TaskLine, now: datetime) -> str:
    if line.overdue:
        return "late"
    if line.due_at is None:
        return "undated"
    return "soon" if line.due_at <= now + SOON else "later"


@dataclass(frozen=True)
class Choice:
    """One person to hand a task to."""

    id: str
    name: str
    title: str


@dataclass(frozen=True)
class Choices:
    """People of one kind, as a group in a list."""

    name: str
    people: tuple[Choice, ...]


def colleagues(directory: Directory, line: TaskLine, reader: str) -> list[Choices]:
    """Who a task may sensibly go to: those of its unit, those who lead above and below it, HR. Nobody twice."""
    unit = line.unit
    if unit is None and (person := directory.person(line.person)):
        unit = person.unit_id
    taken = {reader}
    groups = [
        (_("I enheten"), directory.members(unit) if unit else ()),
        (_("Ledere"), _leaders(directory, unit) if unit else ()),
        (_("HR"), tuple(holder.person_id for holder in directory.holders(roles.HR, Subject()))),
    ]
    return [made for name, ids in groups if (made := _choices(directory, name, ids, taken)).people]


def leaders(directory: Directory, line: TaskLine, reader: str) -> list[Choices]:
    """Who somebody's talks may go to: those who lead near the person's unit, then all others who lead."""
    person = directory.person(line.person)
    unit = person.unit_id if person is not None else line.unit
    taken = {reader, line.person or ""}
    led = organised.units(directory)
    found = (each for unit_facts in led for each in (unit_facts.manager_id, unit_facts.deputy_id) if each)
    groups = [
        (_("Ledere i nærheten"), _leaders(directory, unit) if unit else ()),
        (_("Andre ledere"), tuple(found)),
    ]
    return [made for name, ids in groups if (made := _choices(directory, name, ids, taken)).people]


def _leaders(directory: Directory, unit: str) -> tuple[str, ...]:
    near = (unit, *directory.ancestors(unit), *directory.children(unit))
    units = [directory.units[each] for each in near]
    return tuple(person for each in units for person in (each.manager_id, each.deputy_id) if person)


def _choices(directory: Directory, name: str, ids: Sequence[str], taken: set[str]) -> Choices:
    people = []
    for each in ids[:MOST_COLLEAGUES]:
        person = directory.person(each)
        if person is not None and person.employed and each not in taken:
            taken.add(each)
            people.append(Choice(person.id, person.name, person.title))
    return Choices(name, tuple(people))
