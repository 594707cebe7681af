"""What a form shows from before: the rows of its subject, under the names that its expressions read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import Session

from komp_flow.organisation.staffing import plans
from komp_flow.organisation.subjects import Subject
from komp_flow.registers import sealing
from komp_flow.registers.keeping import REGISTERS, opened_row
from komp_flow.registers.models import Cycle

MOST_SHOWN: Final = 2_000  # rows under one name: what an expression and a page can carry
DECIDED: Final = ("decided", "changed")

Where = Callable[[Any, Subject], ColumnElement[bool]]


@dataclass(frozen=True)
class Shown:
    """A name of `context`: the register that it shows, and which rows of it."""

    register: str
    where: Where


def _cycle(table: Any, subject: Subject) -> ColumnElement[bool]:
    return table.cycle_id == subject.cycle  # type: ignore[no-any-return]


def _subject(table: Any, subject: Subject) -> ColumnElement[bool]:
    """A person's rows, a unit's, or for the cycle itself every unit's."""
    parts = [_cycle(table, subject)]
    if subject.unit is not None:
        parts.append(table.unit_id == subject.unit)
    return and_(*parts)


def _person(table: Any, subject: Subject) -> ColumnElement[bool]:
    return and_(_cycle(table, subject), table.person_id == subject.person)


def _stage(stage: str, within: Where) -> Where:
    return lambda table, subject: and_(within(table, subject), table.stage == stage)


def _decided(table: Any, subject: Subject) -> ColumnElement[bool]:
    """Decided measures: the central ones, and of the local ones those that are the unit's own."""
    local = or_(table.scope.is_(None), table.scope != "local", table.unit_id.is_(None))
    own = or_(local, table.unit_id == subject.unit) if subject.unit is not None else table.id.is_not(None)
    return and_(_cycle(table, subject), table.outcome.in_(DECIDED), table.stage != "local", own)


def _decided_areas(table: Any, subject: Subject) -> ColumnElement[bool]:
    """The areas of the strategy, once it is distributed."""
    distributed = select(Cycle.id).where(Cycle.id == subject.cycle, Cycle.distributed_at.is_not(None))
    return and_(table.cycle_id.in_(distributed), table.stage == "recommended")


SHOWN: Final[Mapping[str, Shown]] = {
    "documents": Shown("documents", _cycle),
    "glossary": Shown("glossary", _cycle),
    "unit_goals": Shown("unit-goals", _subject),
    "areas": Shown("areas", _subject),
    "proposed_areas": Shown("areas", _stage("proposed", _subject)),
    "merged_areas": Shown("areas", _stage("merged", _cycle)),
    "recommended_areas": Shown("areas", _stage("recommended", _cycle)),
    "measures": Shown("measures", _subject),
    "proposals": Shown("measures", _stage("proposed", _subject)),
    "proposed_measures": Shown("measures", _stage("proposed", _subject)),
    "recommended_measures": Shown("measures", _stage("recommended", _cycle)),
    "decided_areas": Shown("areas", _decided_areas),
    "decided_measures": Shown("measures", _decided),
    "local_measures": Shown("measures", _stage("local", _subject)),
    "decisions": Shown("decisions", _cycle),
    "implementations": Shown("implementations", _subject),
    "goals": Shown("goals", _person),
    "effects": Shown("effects", _subject),
    "input": Shown("input", _subject),
}
# Written before the decision and secret until it is made (process.md section 5): only the cycle's own tasks show it.
OF_THE_CYCLE: Final = frozenset({"merged_areas", "recommended_areas", "recommended_measures"})


def context(
    db: Session, names: Iterable[str], subject: Subject, unit_names: Callable[[str], str], *, words: bool = True
) -> dict[str, list[dict[str, object]]]:
    """The rows under each of these names, one statement a name. The caller has seen to it that they may be shown.

    A row is its columns with `label` and `value`, as choices want them, and `unit_name`. A person's own rows are
    there where the subject is that person, and not without `words`: for one who may not read what people wrote.
    """
    return {
        name: []
        if name in OF_THE_CYCLE and (subject.unit or subject.person)
        else _rows(db, name, subject, unit_names, words=words)
        for name in sorted(set(names) & SHOWN.keys())
    }


def _whose(name: str, table: Any, subject: Subject, *, words: bool) -> ColumnElement[bool]:
    """Nobody's in particular, or the subject's own; what is meant for the discussion is the unit's."""
    nobodys: ColumnElement[bool] = table.person_id.is_(None)
    if name in sealing.OPEN and subject.person is None:
        return true()
    return or_(nobodys, table.person_id == subject.person) if words and subject.person is not None else nobodys


def _rows(
    db: Session, name: str, subject: Subject, unit_names: Callable[[str], str], *, words: bool
) -> list[dict[str, object]]:
    if subject.cycle is None:
        return []
    shown = SHOWN[name]
    register = REGISTERS[shown.register]
    table = register.table
    whose = _whose(shown.register, table, subject, words=words)
    found = db.scalars(
        select(table)
        .where(shown.where(table, subject), whose, table.withdrawn_at.is_(None), ~plans.held_back(table.instance_id))
        .order_by(table.unit_id, table.created_at, table.position, table.id)
        .limit(MOST_SHOWN)
    )
    rows = []
    for row in found:
        shown_row = opened_row(db, register, row)
        shown_row["unit_name"] = unit_names(row.unit_id) if row.unit_id else None
        if subject.unit is None and row.unit_id:
            shown_row["label"] = f"{shown_row['label']} ({shown_row['unit_name']})"
        rows.append(shown_row)
    return rows
