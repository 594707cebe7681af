"""The demo's organisation: a directorate that does not exist, and larger ones of any size for measurements."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import cycle, islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow import organisation as organisations
from komp_flow.demo import names
from komp_flow.demo.files import Files, PersonRow, UnitRow, written
from komp_flow.errors import Invalid
from komp_flow.i18n import _, _l
from komp_flow.organisation import ImportReport, roles
from komp_flow.organisation.models import Person

DOMAIN = "fjordogfjell.example"  # reserved for examples (RFC 2606)
SEED = 2027
SIZE = 80
FIRST_ID = 1001

# id, parent, name, leader's title, members beside the leader
UNITS = (
    ("DFF", "", "Direktoratet for fjord og fjell", "Direktør", 4),
    ("100", "DFF", "Avdeling for fjord", "Avdelingsdirektør", 3),
    ("110", "100", "Seksjon for fjordkunnskap", "Seksjonsleder", 10),
    ("120", "100", "Seksjon for strandsone og brygger", "Seksjonsleder", 9),
    ("200", "DFF", "Avdeling for fjell", "Avdelingsdirektør", 3),
    ("210", "200", "Seksjon for stier og hytter", "Seksjonsleder", 11),
    ("220", "200", "Seksjon for utsikt og stillhet", "", 9),
    ("300", "DFF", "Avdeling for virksomhetsstyring", "Avdelingsdirektør", 2),
    ("310", "300", "Seksjon for HR og organisasjon", "HR-sjef", 7),
    ("320", "300", "Seksjon for digitale tjenester", "Seksjonsleder", 13),
)
TITLES = {
    "310": ("HR-rådgiver", "Seniorrådgiver HR", "Lønnskonsulent"),
    "320": ("Utvikler", "Tjenestedesigner", "Driftsansvarlig", "Dataanalytiker"),
}
OTHER_TITLES = ("Rådgiver", "Seniorrådgiver", "Førstekonsulent", "Fagdirektør", "Overingeniør")


@dataclass(frozen=True, slots=True)
class Persona:
    """Someone to be in the demo, and why one would want to."""

    person_id: str
    name: str
    what: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """A part that a persona plays: the `place`-th of a unit, 0 being its leader (the first member where vacant)."""

    unit: str
    place: int
    what: str
    local_roles: tuple[str, ...]


PARTS = (
    _Part("110", 0, _l("Leder for Seksjon for fjordkunnskap, med egne medarbeidere"), (roles.MANAGER,)),
    _Part("110", 2, _l("Medarbeider i Seksjon for fjordkunnskap"), (roles.EMPLOYEE,)),
    _Part("120", 1, _l("Stedfortreder: lederen av seksjonen er borte, så oppgavene ligger her"), (roles.DEPUTY,)),
    _Part("200", 0, _l("Avdelingsdirektør, som også dekker en seksjon uten leder"), (roles.MANAGER, roles.SUPERIOR)),
    _Part("210", 0, _l("Leder for Seksjon for stier og hytter"), (roles.MANAGER,)),
    _Part("310", 0, _l("Leder for Seksjon for HR og organisasjon, som ikke er kommet i gang"), (roles.MANAGER,)),
    _Part("310", 1, _l("HR-rådgiver: følger med på hele syklusen"), (roles.HR,)),
    _Part("300", 0, _l("Prosesseier for kompetansesyklusen"), (roles.PROCESS_OWNER, roles.MANAGER)),
    _Part("DFF", 0, _l("Direktør: beslutter kompetansestrategien"), (roles.TOP_MANAGEMENT, roles.MANAGER)),
    _Part("210", 3, _l("Tillitsvalgt og medarbeider"), (roles.UNION_REP, roles.EMPLOYEE)),
    _Part("320", 2, _l("Administrator av komp-flow"), (roles.ADMINISTRATOR, roles.EMPLOYEE)),
)


def directorate(today: date) -> Files:
    """The demo's files: 10 units on 3 levels, 80 people; the same every time but for the dates around `today`."""
    units, people = _directorate()
    _lead(units, people)
    _give_roles(people)
    _make_life_happen(people, today)
    return written(units, people)


def load_organisation(db: Session, now: datetime) -> ImportReport:
    """Import the directorate, as any organisation is. Raises Invalid if the demo's own files do not hold."""
    files = directorate(organisations.local_date(db, now))
    report = organisations.import_files(db, files.units, files.people, now)
    if report.errors:
        raise Invalid(_("Demovirksomheten kan ikke lastes: %(reason)s", reason=report.errors[0].reason))
    return report


def personas(db: Session) -> list[Persona]:
    """Those one may be in the demo; empty where its people are not the ones here."""
    _units, people = _directorate()
    wanted = [(part, _at(people, part.unit, part.place).employee_id) for part in PARTS]
    rows = db.execute(select(Person.id, Person.name, Person.email).where(Person.id.in_([i for _part, i in wanted])))
    known = {row.id: row.name for row in rows if row.email.endswith("@" + DOMAIN)}
    return [Persona(i, known[i], str(part.what), part.local_roles) for part, i in wanted if i in known]


def _directorate() -> tuple[list[UnitRow], list[PersonRow]]:
    """Units and people before anything has happened to them. Ids follow the order of UNITS, leaders first."""
    drawn = names.people(SEED, DOMAIN)
    units: list[UnitRow] = []
    people: list[PersonRow] = []
    for unit_id, parent_id, name, title, members in UNITS:
        units.append(UnitRow(unit_id, parent_id, name))
        titles = cycle(TITLES.get(unit_id, OTHER_TITLES))
        for position in [*([title] if title else []), *islice(titles, members)]:
            person, email = _unlike(drawn, people)
            people.append(PersonRow(str(FIRST_ID + len(people)), person, email, unit_id, position=position))
    return units, people


def _unlike(drawn: Iterator[tuple[str, str]], people: Sequence[PersonRow]) -> tuple[str, str]:
    """A name that nobody else has: in a demo one must be able to tell people apart."""
    taken = {person.name for person in people}
    return next((name, email) for name, email in drawn if name not in taken)


def _of(people: Sequence[PersonRow], unit_id: str) -> list[PersonRow]:
    return [person for person in people if person.unit_id == unit_id]


def _at(people: Sequence[PersonRow], unit_id: str, place: int) -> PersonRow:
    return _of(people, unit_id)[place]


def _lead(units: list[UnitRow], people: list[PersonRow]) -> None:
    """A leader for every unit but one, a deputy for most."""
    units[0].org_number = "123456785"
    vacant = {unit_id for unit_id, _parent, _name, title, _members in UNITS if not title}
    for unit in units:
        if unit.unit_id not in vacant:
            unit.manager_id = _at(people, unit.unit_id, 0).employee_id
            unit.deputy_id = _at(people, unit.unit_id, 1).employee_id if unit.unit_id != "320" else ""
    _at(people, "DFF", 1).position = "Assisterende direktør"


def _give_roles(people: list[PersonRow]) -> None:
    for unit_id, place, role in (
        ("DFF", 0, roles.TOP_MANAGEMENT), ("DFF", 1, roles.TOP_MANAGEMENT), ("300", 0, roles.PROCESS_OWNER),
        ("310", 0, roles.HR), ("310", 1, roles.HR), ("310", 2, roles.HR), ("210", 3, roles.UNION_REP),
        ("320", 4, roles.UNION_REP), ("320", 2, roles.ADMINISTRATOR),
    ):  # fmt: skip
        _at(people, unit_id, place).roles = role


def _make_life_happen(people: list[PersonRow], today: date) -> None:
    """A manager on leave, two others away, some who share their time, some who write nynorsk or English.

    Those one may be write bokmål: whoever wants to see another language chooses it at the foot of the page.
    """
    shown = {_at(people, part.unit, part.place).employee_id for part in PARTS}
    for unit_id, place, since, until in (("120", 0, 20, 60), ("110", 5, 100, 130), ("320", 6, 3, 4)):
        person = _at(people, unit_id, place)
        person.absence_from, person.absence_to = today - timedelta(since), today + timedelta(until)
    for number, person in enumerate(people):
        other = "nn" if number % 7 == 3 else "en" if number == SIZE - 2 else "nb"
        person.language = "nb" if person.employee_id in shown else other
    for unit_id, place, other, share in (("110", 4, "210", 60), ("220", 3, "120", 70), ("310", 4, "320", 50)):
        first = _at(people, unit_id, place)
        first.percent = share
        second = replace(first, unit_id=other, percent=100 - share, position="Prosjektleder")
        people.insert(people.index(first) + 1, second)
    _at(people, "220", 5).percent = 80


# Of any size.


def organisation(units: int, people: int, seed: int = SEED, today: date | None = None) -> Files:
    """The files of an organisation with so many units and people: three to six levels, some vacancies and leave."""
    if not 1 <= units <= people:
        raise Invalid(_("En virksomhet trenger minst én enhet, og minst én medarbeider per enhet."))
    chance = random.Random(seed)  # noqa: S311 (an invented organisation, not a secret)
    tree = [UnitRow(f"U{n:05}", f"U{(n - 1) // 7:05}" if n else "", f"Enhet {n:05}") for n in range(units)]
    drawn = names.people(seed, "stor.example")
    rows: list[PersonRow] = []
    for n in range(people):
        name, email = next(drawn)
        # The first of each unit may lead it; the others are spread as real units are, unevenly.
        place = n if n < units else min(chance.randrange(units), chance.randrange(units) * 2 % units)
        rows.append(PersonRow(f"P{n:06}", name, email, tree[place].unit_id, position=chance.choice(OTHER_TITLES)))
    _staff(tree, rows, chance)
    more = _vary(tree, rows, chance, today)
    return written(tree, [*rows, *more])


def _staff(tree: Sequence[UnitRow], rows: Sequence[PersonRow], chance: random.Random) -> None:
    """Leaders, deputies where there are enough people, and the roles of the whole organisation."""
    second: dict[str, str] = {}
    for row in rows[len(tree) :]:
        second.setdefault(row.unit_id, row.employee_id)
    for number, unit in enumerate(tree):
        if number == 0 or chance.random() > 0.03:
            unit.manager_id = rows[number].employee_id
            rows[number].position = "Leder"
        if chance.random() > 0.3:
            unit.deputy_id = second.get(unit.unit_id, "")
    rows[0].roles = roles.TOP_MANAGEMENT
    rest = rows[len(tree) :] or rows
    for role in (roles.PROCESS_OWNER, roles.UNION_REP, roles.ADMINISTRATOR):
        chance.choice(rest).roles = role
    for row in chance.sample(rest, min(len(rest), max(1, len(rows) // 500))):
        row.roles = roles.HR


def _vary(
    tree: Sequence[UnitRow], rows: Sequence[PersonRow], chance: random.Random, today: date | None
) -> list[PersonRow]:
    """Some on leave around `today`, some in part time; answers the second positions."""
    more = []
    for row in rows[1:]:
        luck = chance.random()
        if luck < 0.02 and today is not None:
            row.absence_from = today - timedelta(chance.randrange(60))
            row.absence_to = today + timedelta(chance.randrange(90))
        elif luck < 0.05:
            row.percent = chance.choice((50, 60, 80))
        if luck > 0.99:
            row.percent = 60
            more.append(replace(row, unit_id=chance.choice(tree).unit_id, percent=40, position="Prosjektleder"))
        row.language = "nn" if chance.random() < 0.12 else "nb"
    languages = {row.employee_id: row.language for row in rows}
    return [replace(row, language=languages[row.employee_id]) for row in more]
