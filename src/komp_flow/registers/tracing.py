"""What a row came from and what it led to: proposal → merged → recommended → decided → local plan → goal → effect.

The links are ids that forms kept in the rows. They are walked in rounds with one statement a table, so the number of
statements follows the length of the longest chain, never the number of rows; the rows of one trail are bounded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, NamedTuple

from sqlalchemy import JSON, ColumnElement, Select, case, cast, exists, false, func, literal, or_, select
from sqlalchemy.orm import Session

from komp_flow.registers.keeping import REGISTERS
from komp_flow.registers.models import (
    CompetenceArea,
    Cycle,
    Decision,
    DevelopmentGoal,
    Effect,
    Implementation,
    Measure,
)
from komp_flow.registers.reading import Reader, may_read

ROUNDS: Final = 5  # proposal → merged → recommended → measure → local: the longest chain that the forms can make
MOST_WALKED: Final = 2_000  # ids of one table in one direction
MOST_SHOWN: Final = 20  # rows of one step

# The steps in the order in which things happen; a register may have several, one a stage.
AREAS: Final = ("proposed", "merged", "recommended")
STEPS: Final = (
    *(("areas", stage) for stage in AREAS),
    ("measures", "proposed"),
    ("measures", "recommended"),
    ("decisions", None),
    ("implementations", None),
    ("measures", "local"),
    ("goals", None),
    ("effects", None),
)
TRACED: Final = frozenset({name for name, _stage in STEPS} | {"actions"})


@dataclass
class Reached:
    """The ids that a walk has come to, by table."""

    areas: set[str] = field(default_factory=set)
    measures: set[str] = field(default_factory=set)
    decisions: set[str] = field(default_factory=set)
    implementations: set[str] = field(default_factory=set)
    goals: set[str] = field(default_factory=set)
    effects: set[str] = field(default_factory=set)

    def without(self, other: Reached) -> Reached:
        """Those that the other has not come to."""
        return Reached(**{name: ids - getattr(other, name) for name, ids in vars(self).items()})

    def add(self, other: Reached) -> None:
        """Take these in too, as long as there is room."""
        for name, ids in vars(other).items():
            held = getattr(self, name)
            held.update(sorted(ids - held)[: max(0, MOST_WALKED - len(held))])

    def __bool__(self) -> bool:
        return any(vars(self).values())


class Step(NamedTuple):
    """The rows of one step that the reader may read: the first of them, and how many there are."""

    register: str
    stage: str | None
    rows: Sequence[Any]
    total: int


class Told(NamedTuple):
    """What people's plans say of this, in a group that hides each of them; `people` None: too few to be told."""

    people: int | None
    effect: Decimal | None  # the mean of what they report, 1–5


@dataclass(frozen=True)
class Trail:
    """Both ways from a row. `goals` and `effects` are of people's plans, for those who may have such numbers."""

    before: tuple[Step, ...] = ()
    after: tuple[Step, ...] = ()
    goals: Told | None = None
    effects: Told | None = None


def trail(db: Session, name: str, row: Any, reader: Reader) -> Trail:
    """What the row of the register came from and led to, of which the reader sees what they may read anyway."""
    if name not in TRACED:
        return Trail()
    start = Reached()
    getattr(start, "measures" if name == "actions" else name).add(row.id)
    before = _before(db, row, start)
    after = _after(db, row, start)
    own = start.areas | start.measures | start.decisions | start.implementations | start.goals | start.effects
    numbers = reader.everything or reader.all_units or reader.after
    reach = Reached(areas=start.areas | after.areas, measures=start.measures | after.measures)
    plans = numbers and name in {"areas", "measures", "actions", "decisions"}
    reach.measures |= {row.measure} if name == "decisions" and row.measure else set()
    return Trail(
        before=_steps(db, before, reader, own),
        after=_steps(db, after, reader, own),
        goals=_told(db, DevelopmentGoal, row, reach) if plans else None,
        effects=_told(db, Effect, row, reach) if plans else None,
    )


# The walk.


def _before(db: Session, row: Any, start: Reached) -> Reached:
    found = Reached()
    frontier = _named_by(row) if not (start.areas or start.measures) else start
    for _round in range(ROUNDS):
        found.add(frontier)
        frontier = _sources(db, frontier).without(found)
        if not frontier:
            break
    if start.goals or start.effects:  # what became of the proposal that a plan was tied to
        found.add(_measures_of(db, row.cycle_id, found))
    if not start.decisions:
        found.decisions |= _ids(db, row, Decision, Decision.measure.in_(found.measures - start.measures))
    return found.without(start)


def _named_by(row: Any) -> Reached:
    """What the row itself points at."""
    area, measure = getattr(row, "area", None), getattr(row, "measure", None)
    goal = getattr(row, "goal_id", None)
    return Reached(
        areas={area} if area else set(),
        measures={measure} if measure else set(),
        goals={goal} if goal else set(),
    )


def _sources(db: Session, reached: Reached) -> Reached:
    """One round back: what these areas, measures and goals were made from."""
    found = Reached()
    if reached.areas:
        query = select(CompetenceArea.sources, CompetenceArea.extra).where(CompetenceArea.id.in_(reached.areas))
        for sources, extra in db.execute(query):
            found.areas.update(_texts(sources))
            found.measures.update(_texts((extra or {}).get("measures")))
    if reached.measures:
        query = select(Measure.sources, Measure.area).where(Measure.id.in_(reached.measures))
        for sources, area in db.execute(query):
            found.measures.update(_texts(sources))
            found.areas.update(_texts([area]))
    if reached.goals:
        goals = select(DevelopmentGoal.measure, DevelopmentGoal.area).where(DevelopmentGoal.id.in_(reached.goals))
        for measure, area in db.execute(goals):
            found.measures.update(_texts([measure]))
            found.areas.update(_texts([area]))
    return found


def _texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str) and item] if isinstance(value, list) else []


def _after(db: Session, row: Any, start: Reached) -> Reached:
    found = Reached()
    first = Reached(areas=set(start.areas), measures=set(start.measures))
    if start.decisions and row.measure:
        first.measures.add(row.measure)
    frontier = first
    for _round in range(ROUNDS):
        found.add(frontier)
        frontier = _made_of(db, row.cycle_id, frontier).without(found)
        if not frontier:
            break
    if first:
        by_measure = {table: table.measure.in_(found.measures) for table in (Decision, Implementation)}
        found.decisions = _ids(db, row, Decision, by_measure[Decision])
        found.implementations = _ids(db, row, Implementation, by_measure[Implementation])
        found.goals = _ids(db, row, DevelopmentGoal, _tied(DevelopmentGoal, found))
    if first or start.goals:
        tied = or_(_tied(Effect, found), Effect.goal_id.in_(found.goals | start.goals))
        found.effects = _ids(db, row, Effect, tied)
    return found.without(start).without(Reached(measures=first.measures))


def _made_of(db: Session, cycle: str | None, reached: Reached) -> Reached:
    """One round on: areas and measures that were made of these."""
    areas = or_(
        _overlaps(db, CompetenceArea.sources, reached.areas),
        _overlaps(db, CompetenceArea.extra["measures"], reached.measures),
    )
    found = Reached(areas=set(db.scalars(_within(select(CompetenceArea.id), CompetenceArea, cycle, areas))))
    found.add(_measures_of(db, cycle, reached))
    return found


def _measures_of(db: Session, cycle: str | None, reached: Reached) -> Reached:
    made = or_(Measure.area.in_(reached.areas), _overlaps(db, Measure.sources, reached.measures))
    return Reached(measures=set(db.scalars(_within(select(Measure.id), Measure, cycle, made))))


def _tied(table: Any, reached: Reached) -> ColumnElement[bool]:
    return or_(table.measure.in_(reached.measures), table.area.in_(reached.areas))


def _ids(db: Session, row: Any, table: Any, condition: ColumnElement[bool]) -> set[str]:
    return set(db.scalars(_within(select(table.id), table, row.cycle_id, condition)))


def _within(query: Select[Any], table: Any, cycle: str | None, condition: ColumnElement[bool]) -> Select[Any]:
    """In the same cycle, not withdrawn, the first of them."""
    return (
        query.where(table.cycle_id == cycle, table.withdrawn_at.is_(None), condition)
        .order_by(table.created_at, table.position, table.id)
        .limit(MOST_WALKED)
    )


def _overlaps(db: Session, column: Any, ids: Iterable[str]) -> ColumnElement[bool]:
    """Whether the list of ids in this JSON column has any of these."""
    wanted = sorted(ids)
    if not wanted:
        return false()
    if db.get_bind().dialect.name == "postgresql":
        listed = case((func.json_typeof(column) == "array", column), else_=cast(literal("[]"), JSON))
        each = func.json_array_elements_text(listed).table_valued("value")
    else:
        each = func.json_each(column).table_valued("value")
    return exists(select(literal(1)).select_from(each).where(each.c.value.in_(wanted)))


# What is shown.


def _steps(db: Session, reached: Reached, reader: Reader, own: set[str]) -> tuple[Step, ...]:
    """The reached rows that the reader may read, step by step."""
    found: list[Step] = []
    for register in ("areas", "measures", "decisions", "implementations", "goals", "effects"):
        ids = getattr(reached, register) - own
        if not ids:
            continue
        table = REGISTERS[register].table
        staged = hasattr(table, "stage")
        place = func.row_number().over(partition_by=table.stage if staged else None, order_by=_order(table))
        among = func.count().over(partition_by=table.stage if staged else None)
        ranked = (
            select(table.id, place.label("place"), among.label("total"))
            .where(table.id.in_(ids), *may_read(register, reader))
            .subquery()
        )
        query = (
            select(table, ranked.c.total)
            .join(ranked, ranked.c.id == table.id)
            .where(ranked.c.place <= MOST_SHOWN)
            .order_by(ranked.c.place)
        )
        by_stage: dict[str | None, list[Any]] = {}
        totals: dict[str | None, int] = {}
        for row, total in db.execute(query):
            stage = row.stage if staged else None
            by_stage.setdefault(stage, []).append(row)
            totals[stage] = total
        found += [Step(register, stage, rows, totals[stage]) for stage, rows in by_stage.items()]
    return tuple(sorted(found, key=lambda step: _place(step.register, step.stage)))


def _order(table: Any) -> tuple[Any, ...]:
    return (table.unit_id.is_not(None), table.unit_id, table.created_at, table.position, table.id)


def _place(register: str, stage: str | None) -> int:
    return STEPS.index((register, stage)) if (register, stage) in STEPS else len(STEPS)


def _told(db: Session, table: Any, row: Any, reached: Reached) -> Told:
    """How many people have it in their plan, and the mean effect that they report, when that many hide each."""
    fewest = db.scalar(select(Cycle.smallest_group).where(Cycle.id == row.cycle_id)) or 0
    mean = func.avg(table.effect) if table is Effect else literal(None)
    people, effect = db.execute(
        select(func.count(table.person_id.distinct()), mean).where(
            table.cycle_id == row.cycle_id,
            table.withdrawn_at.is_(None),
            table.person_id.is_not(None),
            _tied(table, reached),
        )
    ).one()
    if not fewest or (0 < people < fewest):
        return Told(None, None)
    return Told(people, Decimal(str(effect)).quantize(Decimal("0.1")) if effect is not None else None)
