"""The strategy of a cycle as everyone may read it: its documents and words, and once it is out, what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from komp_flow import organisation, registers
from komp_flow.organisation import Actor, Subject
from komp_flow.work import policy, rows
from komp_flow.work.cycles import chosen, cycles
from komp_flow.work.lines import CycleLine
from komp_flow.work.policy import Permission

Row = dict[str, object]
BASIS = frozenset({"documents", "glossary", "unit_goals"})
DECIDED = frozenset({"decided_measures", "local_measures"})


@dataclass(frozen=True)
class StrategySheet:
    """One cycle's strategy. `central` and `local` are empty until it has been distributed (process.md section 5)."""

    cycle: CycleLine | None
    cycles: tuple[CycleLine, ...]
    unit_name: str | None = None
    documents: Sequence[Row] = ()
    glossary: Sequence[Row] = ()
    goals: Sequence[Row] = ()  # of the reader's own unit
    central: Sequence[Row] = ()
    local: Sequence[Row] = ()  # the decided ones that are carried out in the reader's unit, and its own plan

    @property
    def is_out(self) -> bool:
        """Whether everyone may read the decision."""
        return self.cycle is not None and self.cycle.distributed_at is not None


def strategy(db: Session, actor: Actor, cycle_id: str | None, now: datetime) -> StrategySheet:
    """The cycle that is asked for, else the one under way."""
    policy.require(db, actor, Permission.SEE_REGISTERS, now)
    directory = organisation.directory(db, now)
    listed = tuple(cycles(db, actor, now))
    cycle = chosen(listed, cycle_id, organisation.local_date(db, now))
    if cycle is None:
        return StrategySheet(None, listed)
    person = directory.person(actor.person_id)
    unit = directory.unit(person.unit_id) if person and person.employed else None
    names = BASIS | DECIDED if cycle.distributed_at is not None else BASIS
    about = Subject(unit=unit.id if unit else None, cycle=cycle.id)
    found = registers.context(db, names, about, lambda each: rows.unit_name(directory, each) or each)
    decided = found.get("decided_measures", [])
    return StrategySheet(
        cycle=cycle,
        cycles=listed,
        unit_name=unit.name if unit else None,
        documents=found["documents"],
        glossary=found["glossary"],
        goals=found["unit_goals"] if unit else [],
        central=[row for row in decided if row.get("scope") != "local"],
        local=[row for row in decided if row.get("scope") == "local"] + found.get("local_measures", []) if unit else [],
    )
