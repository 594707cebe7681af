"""Who reads which rows of the registers, as one table (process.md section 5), and the lists that it bounds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, String, and_, false, func, or_, select, true
from sqlalchemy.orm import Session

from komp_flow.organisation.models import Person, Unit
from komp_flow.organisation.staffing import plans
from komp_flow.registers.context import DECIDED
from komp_flow.registers.keeping import OWN, REGISTERS, opened_row
from komp_flow.registers.models import (
    CompetenceArea,
    Conclusion,
    Cycle,
    DiscussionInput,
    GlossaryTerm,
    Measure,
    StrategyDocument,
)

PROPOSED: Final = "proposed"
RECOMMENDED: Final = "recommended"
LOCAL: Final = "local"
OF_THE_RECOMMENDATION: Final = frozenset({"merged", RECOMMENDED})
OPEN_TO_ALL: Final = (StrategyDocument, GlossaryTerm)
SEALED: Final = frozenset({"goals", "effects"})  # what people wrote there lies encrypted and cannot be searched
MOST_WORDS: Final = 8
LONGEST_ID: Final = 36
LONG: Final = 200  # characters; shorter columns hold codes and ids

Conditions = list[ColumnElement[bool]]


@dataclass(frozen=True)
class Reader:
    """What somebody may read of the registers. One who is several things reads what each of them does.

    `everything`: whoever has the database itself, the command line; a person's rows stay the person's.
    `all_units`: HR. `recommendation`: HR, top management, union representatives. `after`: top management, who read
    the units' work once there is a recommendation.
    """

    everything: bool = False
    units: frozenset[str] = frozenset()  # whose discussion, areas and measures they read
    people: frozenset[str] = frozenset()  # whose plans they read: their own and their employees'
    person: str | None = None  # who they are
    led: frozenset[str] = frozenset()  # whose employees' input they read
    all_units: bool = False
    recommendation: bool = False
    after: bool = False
    conclusions: bool = False  # union representatives: what the units concluded


@dataclass(frozen=True)
class Narrowed:
    """What a list is narrowed to; None does not narrow. `text`: every word stands somewhere in the row."""

    cycle: str | None = None
    unit: str | None = None
    area: str | None = None  # an area's id, or its name where a form wrote that
    stage: str | None = None
    text: str | None = None


EVERY_ROW: Final = Narrowed()


def rows(
    db: Session,
    name: str,
    reader: Reader,
    narrowed: Narrowed = EVERY_ROW,
    *,
    page: int = 1,
    page_size: int = 50,
) -> tuple[list[dict[str, object]], int]:
    """One page of a register (a key of REGISTERS) and how many rows there are in all, for this reader."""
    query = readable(name, reader, narrowed)
    total = count(db, name, reader, narrowed)
    found: Sequence[Any] = db.scalars(query.limit(page_size).offset((page - 1) * page_size)).all()
    return [opened_row(db, REGISTERS[name], row) for row in found], total


def of_people(
    db: Session, name: str, reader: Reader, people: Collection[str], cycles: Collection[str]
) -> list[dict[str, object]]:
    """The rows about these people in these cycles, of those that this reader may read."""
    if not people or not cycles:
        return []
    table = REGISTERS[name].table
    mine = readable(name, reader).where(table.person_id.in_(sorted(people)), table.cycle_id.in_(sorted(cycles)))
    return [opened_row(db, REGISTERS[name], row) for row in db.scalars(mine)]


def row(db: Session, name: str, reader: Reader, row_id: str) -> Any | None:
    """The row with this id, where this reader may read it."""
    table = REGISTERS[name].table
    return db.scalar(readable(name, reader).where(table.id == row_id))


def count(db: Session, name: str, reader: Reader, narrowed: Narrowed = EVERY_ROW) -> int:
    """How many rows of a register this reader may read."""
    table = REGISTERS[name].table
    query = select(func.count()).select_from(table).where(*may_read(name, reader), *_narrow(name, table, narrowed))
    return db.scalar(query) or 0


def columns_of(name: str) -> list[str]:
    """The register's own columns, those of a form besides."""
    return [column.name for column in REGISTERS[name].table.__table__.columns if column.name not in OWN]


def labels(db: Session, name: str, reader: Reader, ids: set[str]) -> dict[str, str]:
    """What the rows with these ids are called, of those that this reader may read."""
    wanted = sorted(each for each in ids if is_id(each))
    if not wanted:
        return {}
    register = REGISTERS[name]
    called = getattr(register.table, register.label)
    found = db.execute(select(register.table.id, called).where(register.table.id.in_(wanted), *may_read(name, reader)))
    return {row_id: label for row_id, label in found if label}


def is_id(value: str | None) -> bool:
    """Whether a column that holds an id or a name holds an id: it has no space and is no longer than one."""
    return value is not None and len(value) <= LONGEST_ID and not any(letter.isspace() for letter in value)


def readable(name: str, reader: Reader, narrowed: Narrowed = EVERY_ROW) -> Select[Any]:
    """The rows of a register that this reader may read, cycle by cycle, units and people as Norwegian sorts them."""
    table = REGISTERS[name].table
    order = (table.cycle_id.desc(), table.unit_id.is_not(None), Unit.sort_key, Person.sort_key)
    return (
        select(table)
        .outerjoin(Unit, Unit.id == table.unit_id)
        .outerjoin(Person, Person.id == table.person_id)
        .where(*may_read(name, reader), *_narrow(name, table, narrowed))
        .order_by(*order, table.created_at, table.position, table.id)
    )


def may_read(name: str, reader: Reader) -> Conditions:
    """The conditions that a row of this register fulfils when the reader may read it."""
    table = REGISTERS[name].table
    conditions: Conditions = [table.withdrawn_at.is_(None)]
    if name in ONLY_STAGE:
        conditions.append(table.stage == ONLY_STAGE[name])
    if table in OPEN_TO_ALL:
        return conditions
    if table is DiscussionInput:
        return [*conditions, _input(table, reader)]
    of_a_person = and_(table.person_id.is_not(None), _in(table.person_id, reader.people), _follows(table, reader))
    of_the_cycle = _of_the_cycle(table)
    others = or_(
        true() if table is Conclusion and reader.conclusions else false(),
        and_(of_the_cycle, _recommendation(table, reader)),
        and_(~of_the_cycle, _work_of_units(table, reader)),
        *([and_(table.outcome.in_(DECIDED), table.stage != LOCAL, _decided(table))] if table is Measure else []),
    )
    return [*conditions, or_(of_a_person, and_(table.person_id.is_(None), others))]


# Registers that share a table with another.
ONLY_STAGE: Final = {"actions": LOCAL}


def _follows(table: Any, reader: Reader) -> ColumnElement[bool]:
    """A plan from a unit that its person has left is theirs alone until they say that it follows."""
    own = table.person_id == reader.person if reader.person else false()
    return or_(own, ~plans.held_back(table.instance_id))


def _of_the_cycle(table: Any) -> ColumnElement[bool]:
    """What is about the organisation as a whole: the recommendation, the decision, what they led to."""
    of_no_unit: ColumnElement[bool] = table.unit_id.is_(None)
    if hasattr(table, "stage"):
        return or_(of_no_unit, and_(table.stage.is_not(None), table.stage.in_(OF_THE_RECOMMENDATION)))
    return of_no_unit


def _recommendation(table: Any, reader: Reader) -> ColumnElement[bool]:
    """«innstilling»: secret until the decision but for its author, top management and union representatives."""
    return true() if reader.everything or reader.recommendation else _decided(table)


def _decided(table: Any) -> ColumnElement[bool]:
    decided = or_(Cycle.decided_on.is_not(None), Cycle.distributed_at.is_not(None))
    return table.cycle_id.in_(select(Cycle.id).where(decided))  # type: ignore[no-any-return]


def _work_of_units(table: Any, reader: Reader) -> ColumnElement[bool]:
    """«unit discussion, areas, measures»: the unit, its managers, HR; top management after the recommendation."""
    if reader.everything or reader.all_units:
        return true()
    own = _in(table.unit_id, reader.units)
    return or_(own, _recommended(table)) if reader.after else own


def _recommended(table: Any) -> ColumnElement[bool]:
    """There is a recommendation in the row's cycle."""
    made = [
        select(kept.cycle_id).where(kept.stage == RECOMMENDED, kept.withdrawn_at.is_(None))
        for kept in (CompetenceArea, Measure)
    ]
    return or_(*(table.cycle_id.in_(found) for found in made), _decided(table))


def _input(table: Any, reader: Reader) -> ColumnElement[bool]:
    """What an employee wants said: their own, and for those who lead the discussion and HR."""
    if reader.everything or reader.all_units:
        return true()
    own = table.person_id == reader.person if reader.person else false()
    return or_(own, _in(table.unit_id, reader.led))


def _in(column: Any, values: frozenset[str]) -> ColumnElement[bool]:
    return column.in_(sorted(values)) if values else false()


def _narrow(name: str, table: Any, narrowed: Narrowed) -> Conditions:
    equal = {"cycle_id": narrowed.cycle, "unit_id": narrowed.unit, "area": narrowed.area, "stage": narrowed.stage}
    conditions: Conditions = [
        getattr(table, column) == value if hasattr(table, column) else false()
        for column, value in equal.items()
        if value is not None
    ]
    words = (narrowed.text or "").split()[:MOST_WORDS]
    columns = () if name in SEALED else _texts(table)
    return conditions + [or_(false(), *(_has(column, word) for column in columns)) for word in words]


def _texts(table: Any) -> list[Any]:
    """The columns that hold what people wrote: long enough for words."""
    return [
        getattr(table, column.name)
        for column in table.__table__.columns
        if column.name not in OWN and isinstance(column.type, String) and (column.type.length or LONG) >= LONG
    ]


def _has(column: Any, word: str) -> ColumnElement[bool]:
    """As it is written, and in small and large letters: SQLite knows them only of a to z."""
    written = {word, word.lower(), word.upper(), word.capitalize()}
    return or_(*(column.contains(each, autoescape=True) for each in sorted(written)))
