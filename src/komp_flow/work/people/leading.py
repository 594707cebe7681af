"""Whom somebody leads today, and what they may see of a unit: everything of their own, counts of those below."""

from __future__ import annotations

from komp_flow.errors import NotAllowed, NotFound
from komp_flow.i18n import _
from komp_flow.organisation import Actor, Directory, Holder, Holdings, Subject, UnitFacts, roles
from komp_flow.work import policy
from komp_flow.work.policy import Permission

LED_AS = (roles.MANAGER, roles.DEPUTY)


def led(directory: Directory, who: Holdings) -> tuple[UnitFacts, ...]:
    """The open units that somebody leads or is deputy of, or steps in for; the highest first, then by name.

    Not those that fall to HR because nobody else is there: HR has its own overview of all units.
    """
    held = frozenset().union(*(who.units.get(role, frozenset()) for role in LED_AS))
    open_ = (directory.units[each] for each in held if not directory.units[each].closed)
    own = [unit for unit in open_ if _by_right(directory, who, unit.id)]
    return tuple(sorted(own, key=lambda unit: (directory.level(unit.id), unit.sort_key, unit.id)))


def leads(directory: Directory, who: Holdings) -> bool:
    """Whether somebody leads a unit today, or is somebody's manager."""
    return bool(led(directory, who)) or any(
        _acts_for(directory, who, each) for each in who.people.get(roles.MANAGER, ())
    )


def followed(directory: Directory, who: Holdings) -> list[str]:
    """Those whose manager the reader is though they lead no unit that they are of: a talk that was handed over."""
    units = {unit.id for unit in led(directory, who)}
    inside = {person for unit in units for person in directory.reports(unit)}
    mine = (each for each in who.people.get(roles.MANAGER, frozenset()) if each not in inside)
    own = [each for each in mine if directory.people[each].employed and _acts_for(directory, who, each)]
    return sorted(own, key=lambda each: (directory.people[each].sort_key, each))


def _acts_for(directory: Directory, who: Holdings, person: str) -> bool:
    holder = directory.holder(roles.MANAGER, who.person_id, Subject(person=person))
    return holder is not None and holder.via != "hr"


def as_leader(directory: Directory, who: Holdings, unit_id: str) -> tuple[str, Holder] | None:
    """By which role they lead the unit and how they came to it; None where they do not, or only as HR."""
    for role in LED_AS:
        holder = directory.holder(role, who.person_id, Subject(unit=unit_id))
        if holder is not None and holder.via != "hr":
            return role, holder
    return None


def _by_right(directory: Directory, who: Holdings, unit_id: str) -> bool:
    return as_leader(directory, who, unit_id) is not None


def require(directory: Directory, who: Holdings, actor: Actor, unit_id: str) -> UnitFacts:
    """The unit, for those who lead it or one above it, and for those who follow all units.

    NotFound: there is no such unit, or it is closed. NotAllowed: for everybody else.
    """
    unit = directory.unit(unit_id)
    if unit is None or unit.closed:
        raise NotFound(_("Enheten finnes ikke, eller den er lagt ned."))
    line = (unit_id, *directory.ancestors(unit_id))
    if policy.can(who, Permission.SEE_BOARD, None, actor):
        return unit
    if any(unit_id in who.units.get(role, frozenset()) for role in (*LED_AS, roles.SUPERIOR)):
        return unit
    if any(_by_right(directory, who, above) for above in line):
        return unit
    raise NotAllowed(_("Du har ikke tilgang til denne enheten. Lederen og lederne over kan se den. Spør HR om hjelp."))
