"""Why a task is yours, in one sentence."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from babel.dates import format_date

from komp_flow.i18n import _, _l, language
from komp_flow.organisation import roles
from komp_flow.organisation.facts import Holder, PersonFacts, UnitFacts
from komp_flow.organisation.subjects import Subject

if TYPE_CHECKING:
    from komp_flow.organisation.directory import Directory

NAMES = {
    roles.HR: _l("HR"),
    roles.PROCESS_OWNER: _l("prosesseier"),
    roles.TOP_MANAGEMENT: _l("toppledelsen"),
    roles.UNION_REP: _l("tillitsvalgt"),
    roles.ADMINISTRATOR: _l("administrator"),
    roles.MANAGER: _l("leder"),
    roles.SUPERIOR: _l("overordnet leder"),
    roles.DEPUTY: _l("stedfortreder"),
    roles.EMPLOYEE: _l("medarbeider"),
    roles.MEASURE_OWNER: _l("tiltaksansvarlig"),
}


def why(directory: Directory, role: str, holder: Holder, subject: Subject) -> str:
    """The sentence, said to the holder in the language that is spoken."""
    if holder.via == "substitute":
        return _substitute(directory, holder)
    if holder.via == "hr":
        return _hr(directory, role, holder)
    if holder.via == "role":
        return _("Du har rollen %(role)s.", role=NAMES[role])
    if holder.via == "own":
        return _own(role)
    if holder.via == "handed":
        about = directory.person(subject.person)
        return _("Samtalen med %(person)s er gitt til deg.", person=about.name if about else "")
    person, unit = directory.person(subject.person), directory.unit(subject.unit)
    if person is not None:
        unit = directory.unit(person.unit_id)
    seat = directory.unit(holder.seat)
    if holder.via == "deputy":
        return _deputy(directory, role, holder, seat or unit)
    if holder.via == "superior" and role != roles.SUPERIOR:
        return _stepping_in(directory, holder, seat, unit)
    if holder.via == "superior" and holder.instead_of:
        return _stepping_in(directory, holder, seat, unit)
    return _by_right(role, person, unit)


def _by_right(role: str, person: PersonFacts | None, unit: UnitFacts | None) -> str:
    if person is not None and role == roles.SUPERIOR:
        return _("Du er lederen over den som leder %(person)s.", person=person.name)
    if person is not None:
        return _("Du er lederen til %(person)s.", person=person.name)
    name = unit.name if unit else ""
    if role == roles.SUPERIOR:
        return _("Du er overordnet leder for %(unit)s.", unit=name)
    return _("Du er leder for %(unit)s.", unit=name)


def _own(role: str) -> str:
    if role == roles.MEASURE_OWNER:
        return _("Du er ansvarlig for tiltaket.")
    return _("Dette gjelder deg selv.")


def _substitute(directory: Directory, holder: Holder) -> str:
    away = directory.people[holder.instead_of or ""]
    last = dict(away.substitutes)[holder.person_id]
    return _("Du er vikar for %(name)s til og med %(date)s.", name=away.name, date=_day(directory, last))


def _deputy(directory: Directory, role: str, holder: Holder, unit: UnitFacts | None) -> str:
    away = directory.person(holder.instead_of)
    if away is not None:
        return _("Du er stedfortreder for %(who)s.", who=_away(directory, away))
    name = unit.name if unit else ""
    if role == roles.DEPUTY:
        return _("Du er stedfortreder i %(unit)s.", unit=name)
    return _("Du er stedfortreder i %(unit)s, som ikke har leder nå.", unit=name)


def _stepping_in(directory: Directory, holder: Holder, seat: UnitFacts | None, unit: UnitFacts | None) -> str:
    away = directory.person(holder.instead_of)
    if away is None:
        return _(
            "%(unit)s har ingen leder nå. Du er leder for %(seat)s, som er nivået over.",
            unit=unit.name if unit else "",
            seat=seat.name if seat else "",
        )
    return _(
        "Du trer inn for %(who)s, fordi du har ansvaret i %(seat)s.",
        who=_away(directory, away),
        seat=seat.name if seat else "",
    )


def _hr(directory: Directory, role: str, holder: Holder) -> str:
    away = directory.person(holder.instead_of)
    if away is not None:
        return _("Du er i HR og trer inn for %(who)s.", who=_away(directory, away))
    return _("Ingen har rollen %(role)s her nå. Da ligger oppgaven hos HR.", role=NAMES[role])


def _away(directory: Directory, person: PersonFacts) -> str:
    if not person.absent:
        return person.name
    if person.absent_until is None:
        return _("%(name)s, som er borte inntil videre", name=person.name)
    until = _day(directory, person.absent_until)
    return _("%(name)s, som er borte til og med %(date)s", name=person.name, date=until)


def _day(directory: Directory, day: date) -> str:
    spoken = language()
    if spoken == "en":
        pattern = "d MMMM" if day.year == directory.today.year else "d MMMM y"
    else:
        pattern = "d. MMMM" if day.year == directory.today.year else "d. MMMM y"
    return format_date(day, pattern, locale=spoken)
