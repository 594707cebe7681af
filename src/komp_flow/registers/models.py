"""The tables that are the result of the process: cycles, documents, areas, measures, goals, decisions, effects."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Numeric,
    String,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from komp_flow.db import Base, Instant


class Cycle(Base):
    """One round of the yearly cycle, with its calendar and its settings (process.md sections 2 and 3)."""

    __tablename__ = "cycle"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(10), default="active")  # active, closed
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    decided_on: Mapped[date | None] = mapped_column(Date, default=None)
    distributed_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    closed_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    moved: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # name → ISO date that somebody set by hand
    units: Mapped[list[str] | None] = mapped_column(JSON, default=None)  # None: every open unit
    reading_wanted: Mapped[bool] = mapped_column(default=True)
    quality_check: Mapped[bool] = mapped_column(default=True)
    consultation: Mapped[bool] = mapped_column(default=True)
    plan_elsewhere: Mapped[bool] = mapped_column(default=False)  # plans lie in a solution of the organisation (P3.S3)
    smallest_group: Mapped[int] = mapped_column(Integer, default=5)
    ladder: Mapped[list[int]] = mapped_column(JSON, default=lambda: [5, 10, 15])  # working days after the deadline
    reminders: Mapped[list[str]] = mapped_column(JSON, default=lambda: ["P7D", "P0D"])
    instance_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, default=None)
    recalculate_at: Mapped[datetime | None] = mapped_column(Instant, default=None, index=True)
    recalculate_after: Mapped[uuid.UUID | None] = mapped_column(Uuid, default=None)  # the last instance that is done
    created_at: Mapped[datetime] = mapped_column(Instant)
    extra: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class Kept:
    """What every row that comes from a form carries: whose it is, and where it came from.

    `origin` names the repeating group of one element in one instance; with `row_id`, which the form keeps from one
    submission to the next, it is what makes a second submission update rows instead of doubling them.
    """

    id: Mapped[str] = mapped_column(String(36), primary_key=True)  # text, as subjects and forms carry it
    cycle_id: Mapped[str | None] = mapped_column(String(40), default=None)
    unit_id: Mapped[str | None] = mapped_column(String(64), default=None)
    person_id: Mapped[str | None] = mapped_column(String(64), default=None)
    origin: Mapped[str] = mapped_column(String(300))
    row_id: Mapped[str] = mapped_column(String(64))
    position: Mapped[int] = mapped_column(Integer, default=0)
    process: Mapped[str | None] = mapped_column(String(200), default=None)
    element: Mapped[str | None] = mapped_column(String(200), default=None)
    instance_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, default=None)
    task_id: Mapped[uuid.UUID | None] = mapped_column(Uuid, default=None)  # whose submission it is of
    by: Mapped[str | None] = mapped_column(String(64), default=None)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant, default=None)
    extra: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # columns that a form has and we have not
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary, default=None)  # the texts of a row about a person

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Any, ...]:
        """A row is one row, however often it is sent; lists go by cycle and unit."""
        table = cls.__tablename__  # type: ignore[attr-defined]
        return (
            UniqueConstraint("origin", "row_id", name=f"uq_{table}_origin"),
            Index(f"ix_{table}_cycle_unit", "cycle_id", "unit_id"),
        )


class StrategyDocument(Kept, Base):
    """A document of the strategy's basis: one of the eight kinds, or guidance (process.md P1.S1)."""

    __tablename__ = "document"

    kind: Mapped[str | None] = mapped_column(String(60), default=None)
    title: Mapped[str | None] = mapped_column(String(300), default=None)
    link: Mapped[str | None] = mapped_column(Text, default=None)
    valid_from: Mapped[date | None] = mapped_column(Date, default=None)
    note: Mapped[str | None] = mapped_column(Text, default=None)


class UnitGoal(Kept, Base):
    """A goal of a unit in the cycle, from the goal breakdown or thought through by the manager."""

    __tablename__ = "unit_goal"

    goal: Mapped[str | None] = mapped_column(Text, default=None)
    indicator: Mapped[str | None] = mapped_column(Text, default=None)
    contribution: Mapped[str | None] = mapped_column(Text, default=None)


class GlossaryTerm(Kept, Base):
    """A word of the framework and what it means here (process.md P1.F5)."""

    __tablename__ = "glossary_term"

    term: Mapped[str | None] = mapped_column(String(300), default=None)
    definition: Mapped[str | None] = mapped_column(Text, default=None)


class CompetenceArea(Kept, Base):
    """A critical area: proposed by a unit, or merged from several units' proposals (no unit)."""

    __tablename__ = "competence_area"

    area: Mapped[str | None] = mapped_column(String(300), default=None)
    level: Mapped[str | None] = mapped_column(String(40), default=None)
    why: Mapped[str | None] = mapped_column(Text, default=None)
    goal: Mapped[str | None] = mapped_column(Text, default=None)
    contribution: Mapped[str | None] = mapped_column(Text, default=None)
    level_today: Mapped[int | None] = mapped_column(Integer, default=None)
    level_wanted: Mapped[int | None] = mapped_column(Integer, default=None)
    need: Mapped[str | None] = mapped_column(String(40), default=None)
    horizon: Mapped[str | None] = mapped_column(String(60), default=None)
    criticality: Mapped[int | None] = mapped_column(Integer, default=None)
    priority: Mapped[int | None] = mapped_column(Integer, default=None)
    sources: Mapped[list[str] | None] = mapped_column(JSON, default=None)  # ids of the rows it was merged from
    reasons: Mapped[str | None] = mapped_column(Text, default=None)
    stage: Mapped[str | None] = mapped_column(String(20), default=None)  # proposed, merged, recommended


class Measure(Kept, Base):
    """A measure on its way: proposed by a unit, recommended, decided, or local in a unit's action plan."""

    __tablename__ = "measure"

    name: Mapped[str | None] = mapped_column(String(300), default=None)
    area: Mapped[str | None] = mapped_column(String(300), default=None)
    applies_to: Mapped[str | None] = mapped_column(String(40), default=None)
    category: Mapped[str | None] = mapped_column(String(40), default=None)
    form: Mapped[str | None] = mapped_column(String(40), default=None)
    target: Mapped[str | None] = mapped_column(String(200), default=None)
    arena: Mapped[str | None] = mapped_column(String(300), default=None)
    responsible: Mapped[str | None] = mapped_column(String(200), default=None)  # as it was written
    owner_id: Mapped[str | None] = mapped_column(String(64), default=None)  # the person that it names, if it names one
    due: Mapped[date | None] = mapped_column(Date, default=None)
    cost: Mapped[Decimal | None] = mapped_column(Numeric(14, 2, asdecimal=True), default=None)  # NOK
    indicator: Mapped[str | None] = mapped_column(Text, default=None)
    description: Mapped[str | None] = mapped_column(Text, default=None)
    rank: Mapped[int | None] = mapped_column(Integer, default=None)
    sources: Mapped[list[str] | None] = mapped_column(JSON, default=None)  # ids of the measures it came from
    stage: Mapped[str | None] = mapped_column(String(20), default=None)  # proposed, recommended, local
    outcome: Mapped[str | None] = mapped_column(String(20), default=None)  # decided, changed, rejected
    scope: Mapped[str | None] = mapped_column(String(20), default=None)  # central, local
    decided_on: Mapped[date | None] = mapped_column(Date, default=None)


# Whose a measure is: by the person that it names, else by the words (`work.policy.OWNER`).
Index(
    "ix_measure_owner",
    Measure.owner_id,
    sqlite_where=Measure.owner_id.is_not(None),
    postgresql_where=Measure.owner_id.is_not(None),
)
Index(
    "ix_measure_responsible",
    Measure.responsible,
    sqlite_where=Measure.owner_id.is_(None),
    postgresql_where=Measure.owner_id.is_(None),
)


class DevelopmentGoal(Kept, Base):
    """A person's development goal and the competence area and measure that it is tied to."""

    __tablename__ = "development_goal"

    goal: Mapped[str | None] = mapped_column(Text, default=None)
    area: Mapped[str | None] = mapped_column(String(300), default=None)
    measure: Mapped[str | None] = mapped_column(String(64), default=None)
    activity: Mapped[str | None] = mapped_column(Text, default=None)
    support: Mapped[str | None] = mapped_column(Text, default=None)
    due: Mapped[date | None] = mapped_column(Date, default=None)
    indicator: Mapped[str | None] = mapped_column(Text, default=None)
    status: Mapped[str | None] = mapped_column(String(40), default=None)
    career_wish: Mapped[str | None] = mapped_column(Text, default=None)


class Decision(Kept, Base):
    """What was decided about one measure, and where it is to be carried out."""

    __tablename__ = "decision"

    measure: Mapped[str | None] = mapped_column(String(64), default=None)  # a measure's id
    name: Mapped[str | None] = mapped_column(String(300), default=None)
    outcome: Mapped[str | None] = mapped_column(String(20), default=None)  # decided, changed, rejected
    scope: Mapped[str | None] = mapped_column(String(20), default=None)  # central, local
    reasons: Mapped[str | None] = mapped_column(Text, default=None)
    decided_on: Mapped[date | None] = mapped_column(Date, default=None)


class Implementation(Kept, Base):
    """How one decided measure touches a unit, and what is expected there (process.md P4.Q1–3)."""

    __tablename__ = "implementation"

    measure: Mapped[str | None] = mapped_column(String(64), default=None)  # a measure's id
    touched: Mapped[str | None] = mapped_column(String(20), default=None)
    how: Mapped[str | None] = mapped_column(Text, default=None)
    expectation_manager: Mapped[str | None] = mapped_column(Text, default=None)
    expectation_employee: Mapped[str | None] = mapped_column(Text, default=None)


class Effect(Kept, Base):
    """What a measure led to, as its owner or a person reports it."""

    __tablename__ = "effect"

    measure: Mapped[str | None] = mapped_column(String(64), default=None)  # a measure's id
    goal_id: Mapped[str | None] = mapped_column(String(64), default=None)  # the goal of a plan that it is reported on
    area: Mapped[str | None] = mapped_column(String(300), default=None)
    effect: Mapped[int | None] = mapped_column(Integer, default=None)  # 1–5
    status: Mapped[str | None] = mapped_column(String(40), default=None)
    progress: Mapped[int | None] = mapped_column(Integer, default=None)  # per cent
    before: Mapped[str | None] = mapped_column(Text, default=None)
    after: Mapped[str | None] = mapped_column(Text, default=None)
    comment: Mapped[str | None] = mapped_column(Text, default=None)


class DiscussionInput(Kept, Base):
    """What an employee wants said in the unit's discussion, written when the material was read."""

    __tablename__ = "discussion_input"

    text: Mapped[str | None] = mapped_column(Text, default=None)


class Discussion(Kept, Base):
    """The minutes of a unit's discussion: what was said, by nobody's name (process.md P2)."""

    __tablename__ = "discussion"

    held_on: Mapped[date | None] = mapped_column(Date, default=None)
    number_present: Mapped[int | None] = mapped_column(Integer, default=None)
    minutes: Mapped[str | None] = mapped_column(Text, default=None)
    disagreement: Mapped[str | None] = mapped_column(Text, default=None)


class Conclusion(Kept, Base):
    """What a unit concluded, which union representatives read too (process.md P2.S5 and section 5)."""

    __tablename__ = "conclusion"

    conclusion: Mapped[str | None] = mapped_column(Text, default=None)
    shared_understanding: Mapped[str | None] = mapped_column(String(20), default=None)  # yes, partly, no
    understanding_missing: Mapped[str | None] = mapped_column(Text, default=None)


class CycleDate(Base):
    """A change of a cycle's date, kept so that one sees who moved it, from when to when, and why."""

    __tablename__ = "cycle_date"

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    cycle_id: Mapped[str] = mapped_column(ForeignKey("cycle.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    before: Mapped[date | None] = mapped_column(Date, default=None)
    after: Mapped[date | None] = mapped_column(Date, default=None)
    by: Mapped[str | None] = mapped_column(String(64), default=None)
    at: Mapped[datetime] = mapped_column(Instant)
