"""Who sits in a seat today: manager → deputy → superior → HR, with those who are away and those who step in.

The rules are process.md §6 and interface.md «Organisation files». One who is away and has nobody to step in still
holds the role beside the one it falls to: both may see the task.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from komp_flow.organisation import roles
from komp_flow.organisation.facts import Holder, PersonFacts, UnitFacts, Via

NOBODY: frozenset[str] = frozenset()


class Chain(NamedTuple):
    """The holders, and everyone that was looked at on the way: for all others the answer is the same."""

    holders: tuple[Holder, ...]
    looked: frozenset[str]


class Seats:
    """Resolves a role for a unit or a person. Pure; answers are kept, since most of a unit shares one."""

    def __init__(self, people: Mapping[str, PersonFacts], units: Mapping[str, UnitFacts]) -> None:
        self.people = people
        self.units = units
        self.given = self._given()
        self._hr = self._fallback()
        self._led: dict[str, list[str]] = {}
        for unit in units.values():
            if unit.manager_id and not unit.closed:
                self._led.setdefault(unit.manager_id, []).append(unit.id)
        self._above: dict[str, tuple[UnitFacts, ...]] = {}
        self._managers: dict[tuple[str | None, str | None], Chain] = {}
        self._superiors: dict[str, Chain] = {}
        self._deputies: dict[str, tuple[Holder, ...]] = {}

    # The roles of the whole organisation.

    def _given(self) -> dict[str, tuple[Holder, ...]]:
        """Everyone who has each global role. Nobody becomes administrator by standing in for one."""
        found: dict[str, list[Holder]] = {role: [] for role in roles.GLOBAL}
        for person in sorted((p for p in self.people.values() if p.roles), key=lambda p: (p.sort_key, p.id)):
            for role in person.roles & roles.GLOBAL:
                if role == roles.ADMINISTRATOR:
                    found[role] += [Holder(person.id, "role")] if person.employed else []
                else:
                    found[role] += self._sitting(person.id, "role")
        if not found[roles.HR]:
            return {role: _once(holders) for role, holders in found.items()}
        for role in (roles.PROCESS_OWNER, roles.TOP_MANAGEMENT):
            found[role] = found[role] or [Holder(h.person_id, "hr") for h in found[roles.HR]]
        return {role: _once(holders) for role, holders in found.items()}

    def _fallback(self) -> tuple[Holder, ...]:
        everyone = self.given[roles.HR]
        present = [h for h in everyone if self.people[h.person_id].present]
        return tuple(Holder(h.person_id, "hr", h.instead_of) for h in present or everyone)

    def hr(self, instead_of: str | None = None, exclude: frozenset[str] = NOBODY) -> tuple[Holder, ...]:
        """Where everything ends that has nobody else."""
        return tuple(Holder(h.person_id, "hr", instead_of) for h in self._hr if h.person_id not in exclude)

    # One seat.

    def _sitting(
        self, person_id: str | None, via: Via, instead_of: str | None = None, seat: str | None = None
    ) -> list[Holder]:
        """The person, if they work here, and those who substitute for them today."""
        person = self.people.get(person_id) if person_id else None
        if person is None or not person.employed:
            return []
        found = [Holder(person.id, via, instead_of, seat)]
        for substitute_id, _last in person.substitutes:
            substitute = self.people.get(substitute_id)
            if substitute is not None and substitute.present:
                found.append(Holder(substitute_id, "substitute", person.id, seat))
        return found

    def _climb(
        self,
        first: str | None,
        via: Via,
        unit: UnitFacts | None,
        above: Iterable[UnitFacts],
        exclude: frozenset[str] = NOBODY,
    ) -> Chain:
        """`first`, else the deputy of `unit`, else the leaders of the units `above`, else HR."""
        looked: set[str] = set()

        def seated(person_id: str | None, via: Via, instead_of: str | None, seat: UnitFacts | None) -> list[Holder]:
            found = self._sitting(person_id, via, instead_of, seat.id if seat else None)
            looked.update(holder.person_id for holder in found)
            return [holder for holder in found if holder.person_id not in exclude]

        def steps(found: list[Holder]) -> list[Holder]:
            return [holder for holder in found if self.people[holder.person_id].present]

        own = seated(first, via, None, unit)
        if steps(own):
            return Chain(_once(own), frozenset(looked))
        away = first if any(holder.person_id == first for holder in own) else None
        stand_ins = steps(seated(unit.deputy_id, "deputy", away, unit)) if unit else []
        for higher in above:
            if stand_ins:
                break
            leader = self.people.get(higher.manager_id or "")
            stand_ins = steps(seated(higher.manager_id, "superior", away, higher))
            absent_leader = leader.id if leader and leader.employed else None
            stand_ins = stand_ins or steps(seated(higher.deputy_id, "superior", away or absent_leader, higher))
            # Whoever acts for the leader above acts here for the one whose seat it is, where there is one.
            stand_ins = [holder._replace(via="superior", instead_of=away or holder.instead_of) for holder in stand_ins]
        if not stand_ins:
            looked.update(holder.person_id for holder in self._hr)
            stand_ins = list(self.hr(away, exclude))
        return Chain(_once([*own, *stand_ins]), frozenset(looked))

    def above(self, unit_id: str) -> tuple[UnitFacts, ...]:
        """The open units over this one, nearest first."""
        if unit_id not in self._above:
            found: list[UnitFacts] = []
            seen = {unit_id}
            parent = self.units[unit_id].parent_id if unit_id in self.units else None
            while parent is not None and parent in self.units and parent not in seen:
                seen.add(parent)
                found.append(self.units[parent])
                parent = self.units[parent].parent_id
            self._above[unit_id] = tuple(unit for unit in found if not unit.closed)
        return self._above[unit_id]

    # Roles of a unit.

    def unit_manager(self, unit_id: str, exclude: frozenset[str] = NOBODY) -> Chain:
        """The manager of a unit. A closed unit has no leadership of its own left."""
        key = (None, unit_id)
        if not exclude and key in self._managers:
            return self._managers[key]
        unit = self.units[unit_id]
        first, own = (None, None) if unit.closed else (unit.manager_id, unit)
        chain = self._climb(first, "manager", own, self.above(unit_id), exclude)
        if not exclude:
            self._managers[key] = chain
        return chain

    def unit_superior(self, unit_id: str, exclude: frozenset[str] = NOBODY) -> Chain:
        """The manager of the unit above. Nobody is their own superior: one who leads both is passed over."""
        if not exclude and unit_id in self._superiors:
            return self._superiors[unit_id]
        manager = self.units[unit_id].manager_id
        without = exclude | ({manager} if manager else NOBODY)
        higher = [u for u in self.above(unit_id) if not u.manager_id or u.manager_id not in without]
        if higher:
            chain = self._climb(higher[0].manager_id, "superior", higher[0], higher[1:], without)
        else:
            chain = Chain(self.hr(exclude=without), frozenset(h.person_id for h in self._hr))
        if not exclude:
            self._superiors[unit_id] = chain
        return chain

    def unit_deputy(self, unit_id: str, exclude: frozenset[str] = NOBODY) -> tuple[Holder, ...]:
        """The deputy of a unit; where there is none to act, its manager and on from there."""
        unit = self.units[unit_id]
        own = [] if unit.closed else self._sitting(unit.deputy_id, "deputy", seat=unit_id)
        own = [holder for holder in own if holder.person_id not in exclude]
        if any(self.people[holder.person_id].present for holder in own):
            return _once(own)
        return _once([*own, *self.unit_manager(unit_id, exclude).holders])

    # Roles of a person.

    def home(self, person: PersonFacts) -> str | None:
        """The unit in whose round this person is an employee: their own, or the one above the units they lead."""
        unit = self.units.get(person.unit_id)
        if unit is None:
            return None
        if unit.manager_id != person.id and not unit.closed:
            return unit.id
        return next((higher.id for higher in self.above(unit.id) if higher.manager_id != person.id), None)

    def own_manager(self, person: PersonFacts) -> str | None:
        """The manager that the organisation's file names for this person, if they work here."""
        manager = self.people.get(person.manager_id or "")
        return manager.id if manager and manager.employed and manager.id != person.id else None

    def _given_to(self, person: PersonFacts) -> str | None:
        """The one whom HR gave this person's talks, as long as they work here."""
        given = self.people.get(person.talks_with or "")
        return given.id if given and given.employed and given.id != person.id else None

    def _handed(self, person: PersonFacts, given: str) -> Chain:
        home = self.home(person)
        by_right = self.own_manager(person) or (self.units[home].manager_id if home else None)
        without = frozenset({person.id, by_right or person.id} - {given})
        line = (self.units[home], *self.above(home)) if home else ()
        return self._climb(given, "handed", None, line, without)

    def _led_by(self, manager_id: str, near: str | None) -> str | None:
        """The unit that this manager leads: the one nearest above `near`, else any of theirs."""
        led = self._led.get(manager_id, [])
        line = [near, *(unit.id for unit in self.above(near))] if near else []
        return next((unit_id for unit_id in line if unit_id in led), min(led, default=None))

    def person_manager(self, person: PersonFacts) -> Chain:
        """Their own manager, else their unit's, and for the one who leads it the parent unit's.

        Where their talks were given to somebody else, that one: the manager by right holds nothing then, not even
        when the other is away.
        """
        given = self._given_to(person)
        return self._handed(person, given) if given is not None else self._manager_by_right(person)

    def _manager_by_right(self, person: PersonFacts) -> Chain:
        own, home = self.own_manager(person), self.home(person)
        key = (own, home)
        if key not in self._managers:
            self._managers[key] = self._manager_of(own, home, NOBODY)
        chain = self._managers[key]
        return self._manager_of(own, home, frozenset({person.id})) if person.id in chain.looked else chain

    def _manager_of(self, own: str | None, home: str | None, exclude: frozenset[str]) -> Chain:
        if own is None:
            return self.unit_manager(home, exclude) if home else Chain(self.hr(exclude=exclude), self._all_hr())
        seat = self._led_by(own, home)
        if seat:
            return self._climb(own, "manager", self.units[seat], self.above(seat), exclude)
        line = (self.units[home], *self.above(home)) if home else ()
        return self._climb(own, "manager", None, line, exclude)

    def person_superior(self, person: PersonFacts) -> Chain:
        """The leader above this person's manager."""
        own, home = self.own_manager(person), self.home(person)
        if own and not (seat := self._led_by(own, home)):
            return self.unit_manager(home, frozenset({person.id, own})) if home else self._only_hr(person.id, own)
        unit_id = seat if own else home
        if unit_id is None:
            return self._only_hr(person.id)
        chain = self.unit_superior(unit_id)
        return self.unit_superior(unit_id, frozenset({person.id})) if person.id in chain.looked else chain

    def person_deputy(self, person: PersonFacts) -> tuple[Holder, ...]:
        """The deputy of the person's unit."""
        home = self.home(person)
        if home is None:
            return self.hr(exclude=frozenset({person.id}))
        if home not in self._deputies:
            self._deputies[home] = self.unit_deputy(home)
        found = self._deputies[home]
        apart = all(holder.person_id != person.id for holder in found)
        return found if apart else self.unit_deputy(home, frozenset({person.id}))

    def employee(self, person: PersonFacts) -> tuple[Holder, ...]:
        """The person themselves; nobody takes another's talk, and one who has left has none."""
        return (Holder(person.id, "own"),) if person.employed else ()

    def owner(self, person: PersonFacts) -> tuple[Holder, ...]:
        """The one who is responsible for a measure; where they are away or gone, their manager."""
        own = self._sitting(person.id, "own")
        if any(self.people[holder.person_id].present for holder in own):
            return _once(own)
        away = person.id if own else None
        acting = (h._replace(instead_of=away or h.instead_of) for h in self._manager_by_right(person).holders)
        return _once([*own, *acting])

    def _all_hr(self) -> frozenset[str]:
        return frozenset(holder.person_id for holder in self._hr)

    def _only_hr(self, *exclude: str) -> Chain:
        return Chain(self.hr(exclude=frozenset(exclude)), self._all_hr())


def _once(holders: Iterable[Holder]) -> tuple[Holder, ...]:
    """Each person once, as they came first."""
    found: dict[str, Holder] = {}
    for holder in holders:
        found.setdefault(holder.person_id, holder)
    return tuple(found.values())
