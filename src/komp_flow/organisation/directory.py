"""The organisation of one day, in memory: who holds a role for a subject, and all that a person holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import date

from komp_flow.organisation import reasons, roles
from komp_flow.organisation.facts import ACTING, Holder, Holdings, PersonFacts, UnitFacts
from komp_flow.organisation.seats import Seats
from komp_flow.organisation.subjects import Subject

Groups = dict[tuple[Holder, ...], list[str]]
Index = dict[str, list[frozenset[str]]]
NONE: frozenset[str] = frozenset()
LED = (roles.MANAGER, roles.SUPERIOR, roles.DEPUTY)


class Directory:
    """An immutable snapshot, shared by threads. `people` has everyone who ever worked here; ask `employed`."""

    def __init__(self, people: Iterable[PersonFacts], units: Iterable[UnitFacts], today: date) -> None:
        self.today = today
        self.people: Mapping[str, PersonFacts] = {person.id: person for person in people}
        self.units: Mapping[str, UnitFacts] = {unit.id: unit for unit in units}
        self._seats = Seats(self.people, self.units)
        self._members, self._reports = self._placed()
        self._children: dict[str, list[str]] = defaultdict(list)
        for unit in sorted(self.units.values(), key=lambda u: (u.sort_key, u.id)):
            if unit.parent_id is not None and not unit.closed:
                self._children[unit.parent_id].append(unit.id)
        self._unit_index = {role: _inverse(self._by_unit(role)) for role in (*LED, roles.EMPLOYEE)}
        by_person = {role: self._by_person(role) for role in LED}
        self._people_index = {role: _inverse(groups) for role, groups in by_person.items()}
        self._trusted_index = _inverse(by_person[roles.MANAGER], ACTING)
        self._owner_index = _inverse(self._owners())
        self._kept: dict[str, Holdings] = {}

    # The tree.

    def unit(self, unit_id: str | None) -> UnitFacts | None:
        """The unit, closed ones too; None if there never was one."""
        return self.units.get(unit_id) if unit_id else None

    def person(self, person_id: str | None) -> PersonFacts | None:
        """The person, those who left too; None if there never was one."""
        return self.people.get(person_id) if person_id else None

    def members(self, unit_id: str) -> tuple[str, ...]:
        """Those who work here today with their main position in the unit, sorted by name."""
        return self._members.get(unit_id, ())

    def reports(self, unit_id: str) -> tuple[str, ...]:
        """The employees of the unit's own round: its members but for its leader, and the leaders of units below.

        process.md §6 «manager of managers»: a leader is an employee in the parent unit's talks. The leader of a
        unit without a parent has nobody above to talk with, and is in no round; with a manager of their own, in
        their own unit's.
        """
        return self._reports.get(unit_id, ())

    def children(self, unit_id: str) -> tuple[str, ...]:
        """The open units right below, sorted by name."""
        return tuple(self._children.get(unit_id, ()))

    def ancestors(self, unit_id: str) -> tuple[str, ...]:
        """The open units above, nearest first."""
        return tuple(unit.id for unit in self._seats.above(unit_id))

    def level(self, unit_id: str) -> int:
        """1 for a unit without a parent, 2 below it."""
        return len(self.ancestors(unit_id)) + 1

    def subtree(self, unit_id: str) -> tuple[str, ...]:
        """The unit and all open units below it, each before those below it."""
        found = [unit_id]
        for above in found:  # grows as it is read
            found += self._children.get(above, ())
        return tuple(found)

    def tops(self) -> tuple[str, ...]:
        """The open units without a parent, sorted by name."""
        found = (u for u in self.units.values() if u.parent_id is None and not u.closed)
        return tuple(unit.id for unit in sorted(found, key=lambda u: (u.sort_key, u.id)))

    # Roles.

    def holders(self, role: str, subject: Subject, measure_owner: str | None = None) -> tuple[Holder, ...]:
        """Who holds `role` for this subject today, by right first. Empty for a role that nobody can be given.

        `measure_owner` is the person that the measure's row names; without one the role goes as `manager` does.
        """
        if role in roles.GLOBAL:
            return self._seats.given[role]
        if role not in roles.LOCAL:
            return ()
        if role == roles.MEASURE_OWNER:
            owner = self.person(measure_owner)
            return self._seats.owner(owner) if owner else self.holders(roles.MANAGER, subject)
        if person := self.person(subject.person):
            return self._for_person(role)(person)
        if unit := self.unit(subject.unit):
            return self._for_unit(role)(unit.id)
        return self._seats.hr()

    def holder(self, role: str, person_id: str, subject: Subject, measure_owner: str | None = None) -> Holder | None:
        """How this person holds the role for the subject, or None if they do not."""
        found = self.holders(role, subject, measure_owner)
        return next((holder for holder in found if holder.person_id == person_id), None)

    def holdings(self, person_id: str | None) -> Holdings:
        """All that the person holds today. Somebody unknown, or who no longer works here, holds nothing."""
        if person_id not in self._kept:
            if person_id is None or person_id not in self.people:
                return Holdings(person_id or "", NONE, {}, {}, NONE)
            self._kept[person_id] = self._holdings(person_id)
        return self._kept[person_id]

    def trusted(self, person_id: str | None, about: str | None) -> bool:
        """Whether this person acts as the manager of the one `about`, and not only because nobody else is there.

        The same as `about in holdings(person_id).trusted_with`.
        """
        whom = self.person(about)
        if whom is None or person_id is None:
            return False
        holder = self.holder(roles.MANAGER, person_id, Subject(person=whom.id))
        return holder is not None and holder.via in ACTING

    def why(self, role: str, holder: Holder, subject: Subject) -> str:
        """One sentence to the holder: why this is theirs."""
        return reasons.why(self, role, holder, subject)

    def _for_unit(self, role: str) -> Callable[[str], tuple[Holder, ...]]:
        return {
            roles.MANAGER: lambda unit_id: self._seats.unit_manager(unit_id).holders,
            roles.SUPERIOR: lambda unit_id: self._seats.unit_superior(unit_id).holders,
            roles.DEPUTY: self._seats.unit_deputy,
            roles.EMPLOYEE: lambda unit_id: tuple(Holder(person_id, "own") for person_id in self.members(unit_id)),
        }[role]

    def _for_person(self, role: str) -> Callable[[PersonFacts], tuple[Holder, ...]]:
        return {
            roles.MANAGER: lambda person: self._seats.person_manager(person).holders,
            roles.SUPERIOR: lambda person: self._seats.person_superior(person).holders,
            roles.DEPUTY: self._seats.person_deputy,
            roles.EMPLOYEE: self._seats.employee,
            roles.MEASURE_OWNER: self._seats.owner,
        }[role]

    # The other way round.

    def _placed(self) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
        members: dict[str, list[str]] = defaultdict(list)
        reports: dict[str, list[str]] = defaultdict(list)
        for person in sorted(self.people.values(), key=lambda p: (p.sort_key, p.id)):
            if person.employed:
                members[person.unit_id].append(person.id)
                home = self._seats.home(person)
                if home is not None or self._seats.own_manager(person) is not None:
                    reports[home or person.unit_id].append(person.id)
        return {u: tuple(ids) for u, ids in members.items()}, {u: tuple(ids) for u, ids in reports.items()}

    def _by_unit(self, role: str) -> Groups:
        groups: Groups = defaultdict(list)
        resolve = self._for_unit(role)
        for unit_id in self.units:
            groups[resolve(unit_id)].append(unit_id)
        return groups

    def _by_person(self, role: str) -> Groups:
        groups: Groups = defaultdict(list)
        resolve = self._for_person(role)
        for person in self.people.values():
            groups[resolve(person)].append(person.id)
        return groups

    def _owners(self) -> Groups:
        """The persons whose measures others hold: almost everyone has their own, which needs no place in an index."""
        groups: Groups = defaultdict(list)
        for person in self.people.values():
            if not person.present or person.substitutes:
                groups[self._seats.owner(person)].append(person.id)
        return groups

    def _holdings(self, person_id: str) -> Holdings:
        def held(index: Mapping[str, Index]) -> dict[str, frozenset[str]]:
            return {role: NONE.union(*found) for role, by in index.items() if (found := by.get(person_id))}

        people = held(self._people_index)
        own = frozenset({person_id}) if self.people[person_id].employed else NONE
        people[roles.EMPLOYEE] = own
        people[roles.MEASURE_OWNER] = own.union(*self._owner_index.get(person_id, ()))
        falls_to = any(holder.person_id == person_id for holder in self._seats.hr())
        given = self._seats.given.items()
        return Holdings(
            person_id,
            frozenset(role for role, found in given if any(holder.person_id == person_id for holder in found)),
            held(self._unit_index),
            people,
            roles.LOCAL if falls_to else NONE,
            NONE.union(*self._trusted_index.get(person_id, ())),
        )


def _inverse(groups: Groups, via: frozenset[str] | None = None) -> Index:
    """Of each holder, the groups of subjects they hold, in one of these ways; holders of one group share its set."""
    index: Index = {}
    for holders, ids in groups.items():
        shared = frozenset(ids)
        for holder in holders:
            if via is not None and holder.via not in via:
                continue
            index.setdefault(holder.person_id, []).append(shared)
    return index
