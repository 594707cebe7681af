"""What the directory knows of a unit, a person and who holds a role: plain facts of one day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, NamedTuple

# How somebody came to hold a role: by right (the first four), given it, or stepping in.
Via = Literal["manager", "own", "role", "superior", "handed", "deputy", "substitute", "hr"]
# Who acts as somebody's manager, and is not only the next in line because nobody does.
ACTING: Final[frozenset[Via]] = frozenset({"manager", "handed", "deputy", "substitute"})


class UnitFacts(NamedTuple):
    """A unit as it is today."""

    id: str
    name: str
    parent_id: str | None = None
    manager_id: str | None = None
    deputy_id: str | None = None
    closed: bool = False
    org_number: str | None = None
    sort_key: str = ""


class PersonFacts(NamedTuple):
    """A person as they are today. `unit_id`, `title`, `manager_id` are those of the main position.

    `employed` is false before the first day, after the last, and for those who have left. `absent_until` is the
    last day of the absence, None where nobody knows. `substitutes` act for them today, each until a last day.
    `talks_with` is the one who was given their talks instead of their own manager.
    """

    id: str
    name: str
    unit_id: str
    email: str = ""
    language: str = "nb"
    title: str = ""
    manager_id: str | None = None
    units: tuple[str, ...] = ()
    employed: bool = True
    absent: bool = False
    absent_until: date | None = None
    roles: frozenset[str] = frozenset()
    substitutes: tuple[tuple[str, date], ...] = ()
    sort_key: str = ""
    talks_with: str | None = None

    @property
    def present(self) -> bool:
        """Works here today and is not away."""
        return self.employed and not self.absent


class Holder(NamedTuple):
    """Who holds a role now. `instead_of`: the person on whose behalf they act («på vegne av»), if there is one.

    `seat`: the unit whose leadership they come from, where that is how they came to it.
    """

    person_id: str
    via: Via
    instead_of: str | None = None
    seat: str | None = None


@dataclass(frozen=True, slots=True)
class Holdings:
    """All that one person holds, the other way round of `holders`, for queries over tasks.

    `roles` holds wherever the subject is. A local role holds on a subject with a person if the person is in
    `people[role]`; else, on one with a unit, if the unit is in `units[role]`; else, on one with neither, if the
    role is in `unplaced`. For `measure_owner`, `people` holds the ids of the measures' responsible persons;
    a measure without one goes as `manager` does.

    `trusted_with` are those of `people["manager"]` whose talks they may read: as their manager, deputy, substitute of
    one of these, or because they were given the talks. Not those whose manager's role only fell to them.
    """

    person_id: str
    roles: frozenset[str]
    units: Mapping[str, frozenset[str]]
    people: Mapping[str, frozenset[str]]
    unplaced: frozenset[str]
    trusted_with: frozenset[str] = frozenset()
