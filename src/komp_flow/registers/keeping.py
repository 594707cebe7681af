"""Rows of a completed form become rows of a register, and know where they came from."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from sqlalchemy import Date, Integer, Numeric, String, select
from sqlalchemy.orm import Session

from komp_flow import vault
from komp_flow.organisation.models import Person
from komp_flow.organisation.subjects import Subject
from komp_flow.registers import ranking, sealing
from komp_flow.registers.models import (
    CompetenceArea,
    Conclusion,
    Decision,
    DevelopmentGoal,
    Discussion,
    DiscussionInput,
    Effect,
    GlossaryTerm,
    Implementation,
    Kept,
    Measure,
    StrategyDocument,
    UnitGoal,
)
from komp_flow.registers.values import day, decimal, integer, plain


class Register(NamedTuple):
    """A register: its table, the column that names a row to people, and what its rows are given when kept.

    `appends`: every submission is a report of its own that stands, not a correction of the one before.
    `across`: the steps of an instance share one list, whichever of them writes it: a plan that is mended later.
    `texts`: columns that are always somebody's words, and are sealed where the row is about a person.
    """

    table: type[Any]
    label: str
    given: Mapping[str, object] = {}
    appends: bool = False
    across: bool = False
    texts: frozenset[str] = frozenset()


REGISTERS: Final[Mapping[str, Register]] = {
    "documents": Register(StrategyDocument, "title"),
    "unit-goals": Register(UnitGoal, "goal"),
    "glossary": Register(GlossaryTerm, "term"),
    "areas": Register(CompetenceArea, "area"),
    "measures": Register(Measure, "name"),
    "actions": Register(Measure, "name", {"stage": "local", "scope": "local", "outcome": "decided"}),
    "goals": Register(
        DevelopmentGoal,
        "goal",
        across=True,
        texts=frozenset({"goal", "activity", "support", "indicator", "career_wish"}),
    ),
    "decisions": Register(Decision, "name"),
    "implementations": Register(Implementation, "measure"),
    "effects": Register(Effect, "measure", appends=True, texts=frozenset(["before", "after", "comment"])),
    "input": Register(DiscussionInput, "text"),
    "discussions": Register(Discussion, "minutes", texts=frozenset({"minutes", "disagreement"})),
    "conclusions": Register(Conclusion, "conclusion", texts=frozenset({"conclusion", "understanding_missing"})),
}
MOST_ROWS: Final = 1_000
POINTERS: Final = frozenset({"measure", "goal_id"})  # columns that hold another row's id
# The bookkeeping of a row: never taken from what somebody sent.
OWN: Final = frozenset(column for column in Kept.__annotations__)


@dataclass(frozen=True)
class Provenance:
    """Where kept rows come from: the element and the task, whose one submission they are of, and who sent it."""

    process: str
    element: str
    instance_id: uuid.UUID
    task_id: uuid.UUID
    by: str | None = None


@dataclass(frozen=True)
class Group:
    """The rows of one repeating group: each its row id, which the form keeps, and its columns.

    `texts` are the columns that a free text of the form is written to.
    """

    register: str
    path: str
    rows: Sequence[tuple[str | None, Mapping[str, object]]]
    texts: frozenset[str] = frozenset()


def keep(db: Session, group: Group, subject: Subject, provenance: Provenance, now: datetime) -> list[str]:
    """Keep the rows of a repeating group; answers the ids of the register's rows, in order.

    Sent again, with the same row ids, they are changed; a row that is not sent again is withdrawn, not deleted.
    A register that is not known keeps nothing: the submission still has it. What a row about a person says in words
    is sealed (`registers.sealing`).
    """
    if group.register == ranking.NAME:
        return ranking.keep(db, group.rows, subject, now)
    known = REGISTERS.get(group.register)
    if known is None:
        return []
    step = "" if known.across else f"{provenance.element}:"
    origin = f"{provenance.instance_id.hex}:{step}{group.path}"[:300]
    if known.appends:
        origin = f"{provenance.task_id.hex}:{origin}"[:300]
    table = known.table
    before: dict[str, Any] = {row.row_id: row for row in db.scalars(select(table).where(table.origin == origin))}
    # A form that shows the rows that another has made names them by their ids, as row ids are written: without dashes.
    names = {row.id.replace("-", ""): row.row_id for row in before.values()}
    catalogue = _catalogue(db, group) if sealing.is_private(group.register, subject.person) else None
    kept: list[Any] = []
    for position, (row_id, columns) in enumerate(group.rows[:MOST_ROWS]):
        key = (row_id or uuid.uuid4().hex)[:64]
        row = before.pop(names.get(key.replace("-", ""), key), None)
        if row is None:
            row = table(id=str(uuid.uuid4()), origin=origin, row_id=key, created_at=now, extra={})
            db.add(row)
        words = _words(known, group, columns, catalogue)
        _fill(row, known, {name: value for name, value in columns.items() if name not in words}, subject)
        _sign(row, position, subject, provenance, now)
        if catalogue is not None:
            _seal(db, row, columns, words)
        _relate(db, row, columns, subject)
        kept.append(row)
    for gone in before.values():
        gone.withdrawn_at = gone.withdrawn_at or now
        gone.updated_at = now
    db.flush()
    if table is Decision:
        _apply(db, kept)
    return [row.id for row in kept]


def _relate(db: Session, row: Any, columns: Mapping[str, object], subject: Subject) -> None:
    """What a row says of other rows and of people, by their ids."""
    if isinstance(row, Effect):
        _about(db, row, subject)
    if isinstance(row, Measure) and "responsible" in columns:
        row.owner_id = _person(db, row.responsible)


def _about(db: Session, row: Effect, subject: Subject) -> None:
    """Which measure an effect is of: the instance's, or that of the goal which a plan's follow-up reports on."""
    goal = db.get(DevelopmentGoal, row.goal_id) if row.goal_id else None
    if goal is not None and goal.person_id == subject.person:
        row.measure, row.area = row.measure or goal.measure, row.area or goal.area
    row.measure = row.measure or subject.measure


def _person(db: Session, text: str | None) -> str | None:
    """The person of today whom the text names: by employee id, e-mail address, or a name that only one has."""
    named = " ".join((text or "").split())
    if not named:
        return None
    for wanted in (Person.id == named, Person.email_key == named.casefold(), Person.name == named):
        found = db.scalars(select(Person.id).where(wanted, Person.left_at.is_(None)).limit(2)).all()
        if len(found) == 1:
            return found[0]
    return None


def _catalogue(db: Session, group: Group) -> frozenset[str]:
    given = (columns.get("area") for _row_id, columns in group.rows)
    return sealing.areas(db, {value for value in given if isinstance(value, str)})


def _words(
    register: Register, group: Group, columns: Mapping[str, object], catalogue: frozenset[str] | None
) -> frozenset[str]:
    """The columns that are sealed: texts, what the register has no column for, an area that is not of the catalogue.

    None where the row is not private, and there is no `catalogue`.
    """
    if catalogue is None:
        return frozenset()
    known = register.table.__table__.columns
    return frozenset(
        name
        for name, value in columns.items()
        if (name in register.texts | group.texts and not _points(name, value, catalogue))
        or name in OWN
        or name not in known
        or (name == "area" and value not in {None, "", *catalogue})
        or _as(known[name].type, value)[1] is not None  # what does not fit its column
    )


def _points(name: str, value: object, catalogue: frozenset[str]) -> bool:
    """Whether this is the id of another row, whatever the form let people choose it from, and nobody's words."""
    return value in catalogue if name == "area" else name in POINTERS and sealing.is_id(value)


def _seal(db: Session, row: Any, columns: Mapping[str, object], words: frozenset[str]) -> None:
    """The sealed columns of the row anew; those that are not sent again stand."""
    with sealing.unseen(db):
        before = sealing.opened(db, row)
    found = {name: value for name, value in before.items() if name not in columns}
    found |= {name: plain(columns[name]) for name in sorted(words)}
    for name in words - OWN:
        if name in row.__table__.columns:
            setattr(row, name, None)
    row.sealed = vault.seal(db, row.person_id, found, sealing.context(row)) if found else None


def _sign(row: Any, position: int, subject: Subject, provenance: Provenance, now: datetime) -> None:
    row.position, row.updated_at, row.withdrawn_at = position, now, None
    row.cycle_id, row.unit_id, row.person_id = subject.cycle, row.unit_id or subject.unit, subject.person
    row.process, row.element, row.by = provenance.process, provenance.element, provenance.by
    row.instance_id, row.task_id = provenance.instance_id, provenance.task_id


def _fill(row: Any, register: Register, columns: Mapping[str, object], subject: Subject) -> None:
    extra = dict(row.extra or {})
    for name, value in columns.items():
        if name == "unit" and subject.unit is None and isinstance(value, str):
            row.unit_id = value[:64]  # goals that HR enters for a unit
        elif name in OWN or name not in register.table.__table__.columns:
            extra[name] = plain(value)
        else:
            kept, left = _as(register.table.__table__.columns[name].type, value)
            setattr(row, name, kept)
            extra.pop(name, None)
            if left is not None:
                extra[name] = left
    row.extra = extra
    for name, value in register.given.items():
        setattr(row, name, value)
    if "stage" not in columns and "stage" not in register.given and hasattr(row, "stage"):
        merged = "merged" if register.table is CompetenceArea else "recommended"
        row.stage = "proposed" if subject.unit else merged


def _as(kind: Any, value: object) -> tuple[Any, object]:
    """The value as its column holds it, and what could not be held so: kept beside it rather than lost."""
    if value is None or value == "":
        return None, None
    try:
        if isinstance(kind, Date):
            return day(value), None
        if isinstance(kind, Integer):
            return integer(value), None
        if isinstance(kind, Numeric):
            return decimal(value), None
    except ValueError:
        return None, plain(value)
    if isinstance(kind, String):
        text = value if isinstance(value, str) else str(plain(value))
        if kind.length is not None and len(text) > kind.length:
            return text[: kind.length], text
        return text, None
    return plain(value if isinstance(value, list) else [value]), None  # a list of ids, in JSON


def _apply(db: Session, decisions: Sequence[Decision]) -> None:
    """A decision about a measure is seen on the measure too, so that what is decided can be listed."""
    for decision in decisions:
        about = measure(db, decision.measure)
        if about is not None and about.cycle_id == decision.cycle_id:
            about.outcome, about.scope = decision.outcome, decision.scope
            about.decided_on = decision.decided_on
            decision.name = decision.name or about.name
    db.flush()


def measure(db: Session, measure_id: str | None) -> Measure | None:
    """The measure with this id, given as text; None where there is none."""
    return db.get(Measure, measure_id) if measure_id else None


def measure_row(db: Session, measure_id: str) -> dict[str, object] | None:
    """The measure as `as_row` shows it; None where there is none."""
    found = measure(db, measure_id)
    return as_row(REGISTERS["measures"], found) if found is not None else None


def opened_row(db: Session, register: Register, row: Any) -> dict[str, object]:
    """As `as_row`, with what is sealed: for one whom policy lets read this person's words. Erased texts are null.

    It is noted that it was opened, so that the person can see who has read.
    """
    return as_row(register, row, sealing.opened(db, row))


def as_row(register: Register, row: Any, words: Mapping[str, object] | None = None) -> dict[str, object]:
    """A register's row as forms, pages and the API show it: its columns, with `label` and `value` for choices.

    What is sealed is null, unless it is given as `words`.
    """
    columns: dict[str, object] = {
        column.name: _shown(getattr(row, column.name))
        for column in register.table.__table__.columns
        if column.name not in OWN
    }
    columns |= words or {}
    return {
        **row.extra,
        **columns,
        "id": row.id,
        "value": row.id,
        "label": str(columns.get(register.label) or row.extra.get(register.label) or ""),
        "unit": row.unit_id,
        "person": row.person_id,
        "cycle": row.cycle_id,
        "element": row.element,
        "task": str(row.task_id) if row.task_id else None,
    }


def _shown(value: object) -> object:
    return value if isinstance(value, date | Decimal) else plain(value)
