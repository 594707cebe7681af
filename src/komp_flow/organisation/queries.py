"""Lists of units and people for pages and the API, read from the directory of today."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow.organisation.directory import Directory
from komp_flow.organisation.facts import PersonFacts, UnitFacts
from komp_flow.organisation.models import ClosingDay, Person, Substitution
from komp_flow.organisation.sorting import sort_key


@dataclass(frozen=True, slots=True)
class UnitNode:
    """A unit with those below it, sorted by name, and how many have their main position in it."""

    unit: UnitFacts
    level: int
    members: int
    children: tuple[UnitNode, ...]

    def walk(self) -> Iterator[UnitNode]:
        """This unit and all below it, as one reads the tree."""
        yield self
        for child in self.children:
            yield from child.walk()


def has_people(db: Session) -> bool:
    """False before the first import."""
    return db.execute(select(Person.id).limit(1)).first() is not None


def units_tree(directory: Directory) -> tuple[UnitNode, ...]:
    """The open units as trees, one for each without a parent."""

    def node(unit_id: str, level: int) -> UnitNode:
        below = tuple(node(child, level + 1) for child in directory.children(unit_id))
        return UnitNode(directory.units[unit_id], level, len(directory.members(unit_id)), below)

    return tuple(node(unit_id, 1) for unit_id in directory.tops())


def units(directory: Directory, *, closed: bool = False) -> list[UnitFacts]:
    """Units sorted by name; the closed ones only if asked for."""
    found = (unit for unit in directory.units.values() if closed or not unit.closed)
    return sorted(found, key=lambda unit: (unit.sort_key, unit.id))


def people(
    directory: Directory, *, unit: str | None = None, below: bool = False, text: str = "", gone: bool = False
) -> list[PersonFacts]:
    """People sorted by name. `unit`: main position there, with `below` in its units too; `text`: as in `search`."""
    within = None if unit is None else set(directory.subtree(unit) if below else (unit,))
    found = (
        person
        for person in directory.people.values()
        if (gone or person.employed) and (within is None or person.unit_id in within) and _matches(person, text)
    )
    return sorted(found, key=lambda person: (person.sort_key, person.id))


def search(directory: Directory, text: str, limit: int = 20) -> list[PersonFacts]:
    """Those who work here and whose name, e-mail or employee number has each word; at most `limit`, by name."""
    return people(directory, text=text)[:limit] if text.strip() else []


def _matches(person: PersonFacts, text: str) -> bool:
    words = text.split()
    address = person.email.casefold()
    return all(
        word.casefold() in address
        or word.casefold() == person.id.casefold()
        or ((key := sort_key(word)) != "" and key in person.sort_key)
        for word in words
    )


def closing_days(db: Session) -> Sequence[ClosingDay]:
    """The organisation's own free days, in order."""
    return db.scalars(select(ClosingDay).order_by(ClosingDay.day)).all()


def substitutions(db: Session, today: date) -> Sequence[Substitution]:
    """Those that run today or are to come, in order."""
    return db.scalars(
        select(Substitution).where(Substitution.end >= today).order_by(Substitution.start, Substitution.id)
    ).all()
