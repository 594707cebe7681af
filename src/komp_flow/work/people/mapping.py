"""Units that were merged, split or closed in the middle of a cycle: HR says where their work goes on."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from komp_flow import audit, engine, organisation
from komp_flow.engine import Instance
from komp_flow.engine.tables import ENDED
from komp_flow.errors import Conflict, FieldError, Invalid, NotFound
from komp_flow.i18n import _
from komp_flow.organisation import Actor, Directory, Subject
from komp_flow.organisation.commands import STREAM
from komp_flow.organisation.staffing.models import ClosedUnit, UnitMapping, Vacancy
from komp_flow.registers import REGISTERS
from komp_flow.work import policy, rows
from komp_flow.work.people import following, staffing
from komp_flow.work.people.lines import ClosedUnitLine, VacancyLine
from komp_flow.work.policy import Permission
from komp_flow.work.running import closing
from komp_flow.work.running.world import WORLD

LONGEST_REASON: Final = 1_000
MOST_UNITS: Final = 50  # that one is split into
OF_A_UNIT: Final = ("unit-goals", "areas", "measures", "implementations", "input")  # what a unit has written
COPIED: Final = ("unit-goals", "areas", "measures")
OWN: Final = ("id", "unit_id", "origin", "row_id", "extra", "created_at", "updated_at", "sources")


def closed_units(db: Session, actor: Actor, now: datetime) -> list[ClosedUnitLine]:
    """Closed units with open work in them that nobody has said where goes, by name."""
    policy.require(db, actor, Permission.CHANGE_ORGANISATION, now)
    directory = organisation.directory(db, now)
    since = {row.unit_id: row.since for row in db.scalars(select(ClosedUnit))}
    mapped = set(db.scalars(select(UnitMapping.from_unit)))
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    running = select(Instance.unit_id, Instance.process, func.count()).where(Instance.state.not_in(ENDED))
    for unit_id, process, count in db.execute(running.group_by(Instance.unit_id, Instance.process)):
        counts[unit_id or ""][process] = count
    closed = [unit for unit in directory.units.values() if unit.closed and unit.id in counts and unit.id not in mapped]
    return [
        ClosedUnitLine(
            id=unit.id,
            name=unit.name,
            since=since.get(unit.id, directory.today),
            courses=counts[unit.id].get(staffing.UNIT, 0),
            talks=counts[unit.id].get(staffing.TALK, 0),
            areas=_count(db, "areas", unit.id),
            measures=_count(db, "measures", unit.id),
        )
        for unit in sorted(closed, key=lambda u: (u.sort_key, u.id))
    ]


def vacancies(db: Session, actor: Actor, now: datetime) -> list[VacancyLine]:
    """Units at work whose manager is not there, with those who have their tasks meanwhile; by name."""
    policy.require(db, actor, Permission.SEE_STAFF, now)
    directory = organisation.directory(db, now)
    found = []
    for row in db.scalars(select(Vacancy)):
        unit = directory.unit(row.unit_id)
        if unit is None or unit.closed or staffing.vacancy(directory, unit.id) is None:
            continue
        acting = [directory.people[h.person_id] for h in directory.holders("manager", Subject(unit=unit.id))]
        names = tuple(person.name for person in acting if person.present)
        found.append(VacancyLine(unit.id, unit.name, row.since, row.cause, names))
    return sorted(found, key=lambda line: (directory.units[line.unit].sort_key, line.unit))


def map_unit(db: Session, actor: Actor, unit: str, to: Sequence[str], reason: str, now: datetime) -> list[str]:  # noqa: PLR0917
    """The work of a closed unit goes on in these: what it proposed is copied, its course goes to the first, its talks
    follow their people. Answers the names of the units. Raises Invalid, NotFound; Conflict where it was said before.
    """
    policy.require(db, actor, Permission.CHANGE_ORGANISATION, now)
    directory = organisation.directory(db, now)
    old = directory.unit(unit)
    if old is None:
        raise NotFound(_("Enheten finnes ikke."))
    targets = list(dict.fromkeys(to))
    _require(directory, unit, targets)
    why = _why(reason)
    if not old.closed:
        raise Conflict(_("%(unit)s er ikke stengt. Importer organisasjonen på nytt først.", unit=old.name))
    if db.scalar(select(UnitMapping.from_unit).where(UnitMapping.from_unit == unit).limit(1)):
        raise Conflict(
            _("Det er allerede sagt hvor arbeidet i %(unit)s går videre. Ingenting er endret.", unit=old.name)
        )
    for number, target in enumerate(targets):
        db.add(UnitMapping(from_unit=unit, to_unit=target, first=number == 0, reason=why, by=actor.by, at=now))
    db.flush()
    _go_on(db, unit, targets, why, actor.by, now)
    detail = {"from": unit, "to": targets[:10], "reason": why[:500]}
    audit.record(db, STREAM, [audit.Entry("unit-mapped", by=actor.by, detail=detail)], now)
    following.again(db)  # its talks and readings follow with the next tick, each by itself
    return [rows.unit_name(directory, target) or target for target in targets]


def _require(directory: Directory, unit: str, targets: Sequence[str]) -> None:
    wrong = []
    if not 0 < len(targets) <= MOST_UNITS:
        wrong.append(FieldError("to", _("Velg fra én til %(most)s enheter.", most=MOST_UNITS)))
    for target in targets:
        found = directory.unit(target)
        if found is None or found.closed or target == unit:
            wrong.append(FieldError("to", _("Velg enheter som er åpne.")))
            break
    if wrong:
        raise Invalid(_("Ingenting er endret. Rett det som er merket."), wrong)


def _why(reason: str) -> str:
    text = reason.strip()
    if not 0 < len(text) <= LONGEST_REASON:
        wrong = FieldError("reason", _("Skriv hvorfor, med høyst %(most)s tegn.", most=LONGEST_REASON))
        raise Invalid(_("Ingenting er endret. Rett det som er merket."), [wrong])
    return text


def _go_on(db: Session, unit: str, targets: Sequence[str], why: str, by: str | None, now: datetime) -> None:  # noqa: PLR0917
    """The courses of the unit, one in each cycle, what it wrote there, and the measures that are followed up there."""
    running = db.scalars(
        select(Instance)
        .where(Instance.unit_id == unit, Instance.person_id.is_(None), Instance.state.not_in(ENDED))
        .order_by(Instance.id)
    ).all()
    courses = {row.cycle_id: row for row in running if row.process == staffing.UNIT and row.cycle_id}
    for cycle in sorted(courses.keys() | _cycles_of(db, unit)):
        _go_on_in(db, unit, targets, cycle, courses.get(cycle), why, by, now)
    for row in running:
        if row.id not in {course.id for course in courses.values()}:
            engine.move_to_unit(db, WORLD, row.id, targets[0], by=by, now=now, reason=why)


def _go_on_in(  # noqa: PLR0917
    db: Session,
    unit: str,
    targets: Sequence[str],
    cycle: str,
    course: Instance | None,
    why: str,
    by: str | None,
    now: datetime,
) -> None:
    """One cycle. Where the first unit has no course of its own, it takes over this one and all that is written in it;
    where it has, this one ends, and the cycle does not wait for it.
    """
    taken_over = course is not None and not _has_course(db, targets[0], cycle)
    _copy(db, unit, targets[1:] if taken_over else targets, cycle, now)
    if course is not None and taken_over:
        _hand_over(db, unit, targets[0], cycle, now)
        engine.move_to_unit(db, WORLD, course.id, targets[0], by=by, now=now, reason=why)
    elif course is not None:
        _withdraw(db, unit, cycle, now)
        engine.cancel_instance(db, WORLD, course.id, why, by=by, now=now)
        closing.tell_cycle(db, course.id, by=by, now=now)
    else:
        _withdraw(db, unit, cycle, now)
    for target in targets[1:] if course is not None else ():
        if not _has_course(db, target, cycle):
            engine.start(db, WORLD, staffing.UNIT, Subject(unit=target, cycle=cycle), {}, by=by, now=now)


def _has_course(db: Session, unit: str, cycle: str | None) -> bool:
    mine = (Instance.process == staffing.UNIT, Instance.unit_id == unit, Instance.cycle_id == cycle)
    return db.scalar(select(Instance.id).where(*mine, Instance.state != "cancelled").limit(1)) is not None


def _cycles_of(db: Session, unit: str) -> set[str]:
    """The cycles that still run in which the unit has written something."""
    active = select(Instance.cycle_id).where(Instance.process == "cycle", Instance.state.not_in(ENDED))
    table: Any = REGISTERS["areas"].table
    return set(db.scalars(select(table.cycle_id).where(table.unit_id == unit, table.cycle_id.in_(active)).distinct()))


# What the unit has written, copied with where it came from.


def _copy(db: Session, unit: str, targets: Sequence[str], cycle: str, now: datetime) -> None:
    for target in targets:
        ids: dict[str, str] = {}  # of the rows, before and after: measures point at areas
        for name in COPIED:
            for row in _proposed(db, name, unit, cycle):
                ids[row.id] = _copy_row(db, name, row, target, ids, now)
    db.flush()


def _withdraw(db: Session, unit: str, cycle: str, now: datetime) -> None:
    """The copies say what these said: they are there still, so that one sees where the copies came from."""
    for name in COPIED:
        for row in _proposed(db, name, unit, cycle):
            if not _is_used(db, name, row.id, cycle):
                row.withdrawn_at = row.updated_at = now
    db.flush()


def _hand_over(db: Session, unit: str, target: str, cycle: str, now: datetime) -> None:
    """What is written in a course goes with it: sent again from there, a row is changed and not doubled."""
    for name in OF_A_UNIT:
        table: Any = REGISTERS[name].table
        for row in db.scalars(select(table).where(table.unit_id == unit, table.cycle_id == cycle)):
            row.extra = {**row.extra, "from_unit": unit}
            row.unit_id, row.updated_at = target, now
    db.flush()


def _proposed(db: Session, name: str, unit: str, cycle: str) -> list[Any]:
    """What the unit has proposed and nothing has been decided of, and its own plan."""
    table: Any = REGISTERS[name].table
    mine = [table.unit_id == unit, table.cycle_id == cycle, table.withdrawn_at.is_(None), table.person_id.is_(None)]
    found = db.scalars(select(table).where(*mine).order_by(table.created_at, table.position, table.id)).all()
    stages = {"proposed", "local", None}
    return [row for row in found if getattr(row, "stage", None) in stages]


def _copy_row(db: Session, name: str, row: Any, target: str, ids: Mapping[str, str], now: datetime) -> str:  # noqa: PLR0917
    table: Any = REGISTERS[name].table
    origin = f"mapped:{row.id}:{target}"[:300]
    before: str | None = db.scalar(select(table.id).where(table.origin == origin, table.row_id == row.row_id))
    if before is not None:
        return before
    values = {column.name: getattr(row, column.name) for column in table.__table__.columns if column.name not in OWN}
    for column in ("area", "goal"):
        if values.get(column) in ids:
            values[column] = ids[values[column]]
    copy = table(
        id=str(uuid.uuid4()),
        unit_id=target,
        origin=origin,
        row_id=row.row_id,
        extra={**row.extra, "copied_from": row.id, "from_unit": row.unit_id},
        created_at=now,
        updated_at=now,
        **values,
    )
    if hasattr(table, "sources"):
        copy.sources = [row.id]
    db.add(copy)
    db.flush()
    return str(copy.id)


def _is_used(db: Session, name: str, row_id: str, cycle: str) -> bool:
    """Whether HR has merged it, or recommended it, already."""
    table: Any = REGISTERS[name].table
    if not hasattr(table, "sources"):
        return False
    later = select(table.sources).where(table.cycle_id == cycle, table.stage.not_in(("proposed", "local")))
    return any(row_id in (sources or ()) for sources in _lists(db.scalars(later)))


def _lists(found: Iterable[Any]) -> Iterable[list[str]]:
    return (sources for sources in found if isinstance(sources, list))


def _count(db: Session, name: str, unit: str) -> int:
    table: Any = REGISTERS[name].table
    return (
        db.scalar(select(func.count()).select_from(table).where(table.unit_id == unit, table.withdrawn_at.is_(None)))
        or 0
    )
