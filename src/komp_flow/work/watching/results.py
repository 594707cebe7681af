"""Registers and messages as the API and the pages use them, bounded by policy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow import audit, engine, organisation, registers
from komp_flow.engine import Instance, ProcessVersion, Task
from komp_flow.errors import Invalid, NotFound, TooLarge
from komp_flow.i18n import _
from komp_flow.organisation import Actor, Directory, Holdings, roles
from komp_flow.registers import Told
from komp_flow.work import policy, rows
from komp_flow.work.doing import attaching
from komp_flow.work.doing.inbox import page_errors
from komp_flow.work.lines import Page
from komp_flow.work.policy import Permission

NOTHING: Final[frozenset[str]] = frozenset()
KEPT: Final = timedelta(days=30)  # dialect.md «Messages»: where none waits
MOST_EXPORTED: Final = 20_000  # rows of one file

Row = dict[str, object]


@dataclass(frozen=True)
class Origin:
    """Where a row comes from: the step and the task whose submission it is of, who sent it and when."""

    process: str | None
    process_name: str | None
    element: str | None
    step: str | None  # the element's name
    task: UUID | None
    instance: UUID | None  # where the reader may open it
    by: str | None
    by_name: str | None
    at: datetime
    changed_at: datetime


@dataclass(frozen=True)
class RowStep:
    """One step of a trail: the first rows that the reader may read, and how many those are in all."""

    register: str
    stage: str | None
    rows: tuple[Row, ...]
    total: int


@dataclass(frozen=True)
class RowTrail:
    """What a row came from and led to; `goals` and `effects` are numbers of people's plans, for those who may."""

    before: tuple[RowStep, ...]
    after: tuple[RowStep, ...]
    goals: Told | None
    effects: Told | None


@dataclass(frozen=True)
class RowSheet:
    """One row of a register, where it comes from, and its trail."""

    register: str
    row: Row
    origin: Origin
    trail: RowTrail


def register(
    db: Session,
    actor: Actor,
    name: str,
    *,
    narrowed: registers.Narrowed = registers.EVERY_ROW,
    page: int = 1,
    page_size: int = 50,
    now: datetime,
) -> Page[Row]:
    """One page of a register: `areas measures goals decisions documents unit-goals glossary effects …`."""
    reader, directory = _reader(db, actor, name, now)
    if wrong := page_errors(page, page_size):
        raise Invalid(_("Lista kan ikke vises slik. Rett det som er merket."), wrong)
    found, total = registers.rows(db, name, reader, narrowed, page=page, page_size=page_size)
    return Page(tuple(named(db, directory, reader, found)), total, page, page_size)


def whole_register(
    db: Session, actor: Actor, name: str, *, narrowed: registers.Narrowed = registers.EVERY_ROW, now: datetime
) -> Sequence[Row]:
    """All rows of a register that the reader may read, for a file. Raises TooLarge where they are too many."""
    reader, directory = _reader(db, actor, name, now)
    found, total = registers.rows(db, name, reader, narrowed, page_size=MOST_EXPORTED)
    if total > MOST_EXPORTED:
        said = _("Det er %(total)s rader, og en fil tar høyst %(most)s.", total=total, most=MOST_EXPORTED)
        raise TooLarge(said + " " + _("Velg en syklus eller en enhet, og hent dem hver for seg."))
    return named(db, directory, reader, found)


def row(db: Session, actor: Actor, name: str, row_id: str, now: datetime) -> RowSheet:
    """One row, where it comes from and its trail. NotFound for one who may not read it, as if it were not there."""
    reader, directory = _reader(db, actor, name, now)
    found = registers.row(db, name, reader, row_id)
    if found is None:
        raise NotFound(_("Raden finnes ikke, eller den er trukket tilbake. Gå til lista og velg en annen."))
    trail = registers.trail(db, name, found, reader)
    steps = [*trail.before, *trail.after]
    opened = [[registers.opened_row(db, registers.REGISTERS[step.register], each) for each in step.rows]
              for step in steps]  # fmt: skip
    own = registers.opened_row(db, registers.REGISTERS[name], found)
    named(db, directory, reader, [own, *(each for rows in opened for each in rows)])
    told = [RowStep(step.register, step.stage, tuple(rows), step.total)
            for step, rows in zip(steps, opened, strict=True)]  # fmt: skip
    cut = len(trail.before)
    return RowSheet(
        register=name,
        row=own,
        origin=_origin(db, actor, directory, found),
        trail=RowTrail(tuple(told[:cut]), tuple(told[cut:]), trail.goals, trail.effects),
    )


def readable(db: Session, actor: Actor, cycle: str | None, now: datetime) -> dict[str, int]:
    """How many rows of each register the reader may read, in one cycle or in all."""
    return {
        name: registers.count(db, name, _reader(db, actor, name, now)[0], registers.Narrowed(cycle=cycle))
        for name in registers.REGISTERS
    }


def _reader(db: Session, actor: Actor, name: str, now: datetime) -> tuple[registers.Reader, Directory]:
    who = policy.require(db, actor, Permission.SEE_REGISTERS, now)
    if name not in registers.REGISTERS:
        raise NotFound(_("Registeret «%(name)s» finnes ikke.", name=name[:40]))
    directory = organisation.directory(db, now)
    return reads(directory, who, actor), directory


def reads(directory: Directory, who: Holdings, actor: Actor) -> registers.Reader:
    """What one with these holdings reads of the registers: process.md section 5, the table."""
    author = policy.can(who, Permission.SEE_ALL_ROWS, None, actor)
    return registers.Reader(
        everything=actor.via in policy.TRUSTED,
        units=_units(directory, who),
        people=who.people.get(roles.EMPLOYEE, NOTHING) | who.trusted_with,
        person=who.person_id or None,
        led=NOTHING.union(*(who.units.get(role, NOTHING) for role in policy.LEADERS)),
        all_units=author,
        recommendation=author or policy.can(who, Permission.SEE_RECOMMENDATION, None, actor),
        after=roles.TOP_MANAGEMENT in who.roles,
        conclusions=roles.UNION_REP in who.roles,
    )


def _units(directory: Directory, who: Holdings) -> frozenset[str]:
    """The units that they work in, lead or are the leader above; and the one in whose round a leader is an employee."""
    found = NOTHING.union(*who.units.values())
    person = directory.person(who.person_id)
    if person is None or not person.employed:
        return found
    above = (person.unit_id, *directory.ancestors(person.unit_id))
    home = next((unit for unit in above if person.id in directory.reports(unit)), person.unit_id)
    return found | {person.unit_id, home, *person.units}


def named(db: Session, directory: Directory, reader: registers.Reader, found: Iterable[Row]) -> list[Row]:
    """The rows with the names of what they point at, as far as the reader may read that: two statements."""
    listed = list(found)
    attaching.describe(db, listed)
    names = {
        column: registers.labels(db, name, reader, {str(each[column]) for each in listed if each.get(column)})
        for column, name in (("area", "areas"), ("measure", "measures"))
    }
    for each in listed:
        each["unit_name"] = rows.unit_name(directory, _text(each["unit"]))
        each["person_name"] = rows.person_name(directory, _text(each["person"]))
        for column, known in names.items():
            if column in each:
                value = _text(each[column])
                each[f"{column}_name"] = known.get(value or "", None if registers.is_id(value) else value)
        if each.get("label") and each["label"] == each.get("measure"):
            each["label"] = str(each["measure_name"] or each.get("area_name") or "")
        elif not each.get("label"):
            each["label"] = str(each.get("measure_name") or each.get("area_name") or "")
    return listed


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _origin(db: Session, actor: Actor, directory: Directory, found: Any) -> Origin:
    who = directory.holdings(actor.person_id)
    step = db.scalar(select(Task.name).where(Task.id == found.task_id)) if found.task_id else None
    visible = (
        select(Instance.id, ProcessVersion.name)
        .join(ProcessVersion, ProcessVersion.id == Instance.version_id)
        .where(Instance.id == found.instance_id)
    )
    known = db.execute(visible).first() if found.instance_id else None
    seen = known and db.scalar(select(Instance.id).where(Instance.id == known.id, policy.visible_instances(who, actor)))
    return Origin(
        process=found.process,
        process_name=known.name if known else found.process,
        element=found.element,
        step=step,
        task=found.task_id,
        instance=seen or None,
        by=found.by,
        by_name=rows.person_name(directory, found.by),
        at=found.created_at,
        changed_at=found.updated_at,
    )


def message(  # noqa: PLR0917
    db: Session,
    actor: Actor,
    name: str,
    key: object,
    payload: Mapping[str, object],
    message_id: str | None,
    now: datetime,
) -> dict[str, object]:
    """Throw a message from outside; it is delivered in later transactions. A repeated `message_id` changes nothing."""
    policy.require(db, actor, Permission.SEND_MESSAGE, now)
    repeated = message_id is not None and bool(
        db.scalar(select(engine.Message.id).where(engine.Message.external_id == message_id))
    )
    kept = engine.correlate(db, name, key, payload, external_id=message_id, by=actor.person_id, now=now)
    if not repeated:
        entry = audit.Entry("message", name=kept.name, by=actor.person_id, detail={"message": kept.id})
        audit.record(db, "messages", [entry], now)
    return {"id": kept.id, "name": kept.name, "key": kept.key, "message_id": message_id, "repeated": repeated}
