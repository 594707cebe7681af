"""Small organisations for tests: who is where, in one line each."""

from __future__ import annotations

from datetime import date
from typing import Any

from komp_flow.organisation import Directory, PersonFacts, UnitFacts
from komp_flow.organisation.sorting import sort_key

TODAY = date(2027, 1, 4)


def unit(unit_id: str, parent: str | None = None, manager: str | None = None, **more: Any) -> UnitFacts:
    name = more.pop("name", unit_id.upper())
    return UnitFacts(unit_id, name, parent, manager, sort_key=sort_key(name), **more)


def person(person_id: str, unit_id: str, manager: str | None = None, **more: Any) -> PersonFacts:
    roles = frozenset(more.pop("roles", "").split())
    away = more.pop("away", False)
    until = away if isinstance(away, date) else None
    name = more.pop("name", person_id.capitalize())
    return PersonFacts(
        person_id,
        name,
        unit_id,
        manager_id=manager,
        roles=roles,
        absent=bool(away),
        absent_until=until,
        sort_key=sort_key(name),
        **more,
    )


def directory(*facts: UnitFacts | PersonFacts) -> Directory:
    people = [fact for fact in facts if isinstance(fact, PersonFacts)]
    units = [fact for fact in facts if isinstance(fact, UnitFacts)]
    return Directory(people, units, TODAY)
