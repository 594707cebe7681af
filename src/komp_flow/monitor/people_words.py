"""What the pages about people say: absences, talks that rest, what an import changes, likely successors of a unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from komp_flow.errors import FieldError, KompFlowError
from komp_flow.i18n import _, _l
from komp_flow.organisation import Change, Directory, Holder, ImportReport, PersonFacts
from komp_flow.organisation.reasons import NAMES
from komp_flow.organisation.reports import KINDS
from komp_flow.pages import day
from komp_flow.work.people.lines import TalkLine, VacancyLine

LISTED = 100  # of each kind
COLUMNS = {
    "name": _l("navn"),
    "email": _l("e-post"),
    "language": _l("språk"),
    "unit_id": _l("enhet"),
    "parent_id": _l("enheten over"),
    "org_number": _l("organisasjonsnummer"),
    "manager_id": _l("leder"),
    "deputy_id": _l("stedfortreder"),
    "title": _l("stilling"),
    "positions": _l("stillinger"),
    "roles": _l("roller"),
    "absence_from": _l("borte fra"),
    "absence_to": _l("borte til"),
}


@dataclass(frozen=True)
class Kind:
    """One kind of change with what changes, the first of them by name."""

    title: str
    count: int
    lines: tuple[str, ...]


def wrong(error: KompFlowError) -> dict[str, str]:
    """What is wrong, by field; under no name where it is the whole."""
    fields: tuple[FieldError, ...] = tuple(getattr(error, "fields", ()))
    return {field.field: field.message for field in fields} or {"": error.message}


def kinds(report: ImportReport) -> list[Kind]:
    """What the files change, by kind."""
    found = []
    for (what, kind), title in KINDS.items():
        changes = [change for change in report.changes if (change.what, change.kind) == (what, kind)]
        if changes:
            found.append(Kind(str(title), len(changes), tuple(_change(each) for each in changes[:LISTED])))
    return found


def _change(change: Change) -> str:
    fields = ((COLUMNS.get(name, name), old or "–", new or "–") for name, (old, new) in change.fields.items())
    told = "; ".join(f"{name}: {old} → {new}" for name, old, new in fields)
    return f"{change.name} ({change.id})" + (f": {told}" if told else "")


def standing(person: PersonFacts) -> str:
    """Here, away, or not employed."""
    if not person.employed:
        return _("Arbeider ikke her nå")
    if not person.absent:
        return _("Til stede")
    if person.absent_until is None:
        return _("Borte inntil videre")
    return _("Borte til og med %(day)s", day=day(person.absent_until))


def held(directory: Directory, holder: Holder) -> str:
    """Who has the role of manager, and why where it is not by right."""
    name = directory.people[holder.person_id].name
    how = {
        "deputy": _("stedfortreder"),
        "superior": _("trer inn som overordnet leder"),
        "substitute": _("vikar"),
        "hr": _("HR, fordi ingen annen er her"),
        "handed": _("har fått samtalene"),
    }.get(holder.via)
    return f"{name} ({how})" if how else name


def role_names(person: PersonFacts) -> str:
    """The roles that the person was given."""
    return ", ".join(str(NAMES.get(role, role)) for role in sorted(person.roles))


def rests(line: TalkLine) -> str:
    """That a talk rests, and until when."""
    if line.rests_until is None:
        return _("Samtalen er utsatt til noen tar den opp igjen.")
    return _("Samtalen er utsatt til og med %(day)s.", day=day(line.rests_until))


def declines(line: TalkLine) -> str:
    """That a talk was declined, and when it is closed."""
    if line.declined_from is None:
        return _("Samtalen er lukket som takket nei til.")
    return _("Medarbeideren har takket nei. Samtalen lukkes etter %(day)s.", day=day(line.declined_from))


def vacancy(line: VacancyLine) -> str:
    """Why the unit's manager is not there."""
    return {
        "none": _("Enheten har ingen leder"),
        "left": _("Lederen har sluttet"),
        "absent": _("Lederen er borte, og ingen vikar er satt"),
    }[line.cause]


def likely(directory: Directory, unit_id: str) -> Sequence[str]:
    """Where the people of a closed unit are now would say it best; else the unit above, and those beside it."""
    unit = directory.unit(unit_id)
    if unit is None or unit.parent_id is None:
        return []
    return [unit.parent_id, *directory.children(unit.parent_id)]
