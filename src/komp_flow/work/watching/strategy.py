"""The strategy of a cycle as everyone may read it: its documents and words, and once it is out, what was decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow import engine, organisation, registers
from komp_flow.engine import Instance
from komp_flow.organisation import Actor, Holdings, Subject
from komp_flow.work import policy, rows
from komp_flow.work.doing import attaching
from komp_flow.work.lines import CycleLine
from komp_flow.work.people import leading
from komp_flow.work.policy import Permission
from komp_flow.work.running.cycles import chosen, cycles
from komp_flow.work.texts import written

Row = dict[str, object]
BASIS = frozenset({"documents", "glossary", "unit_goals"})
DECIDED = frozenset({"decided_measures", "local_measures"})
DISTRIBUTION: Final = "distribution"  # the form by which it is sent out
EVERYONE: Final = "everyone"


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
    sent: Mapping[str, Any] = field(default_factory=dict)  # what went with it: `message_nb`, `message_nn`, `attachment`

    @property
    def is_out(self) -> bool:
        """Whether everyone may read the decision."""
        return self.cycle is not None and self.cycle.distributed_at is not None


def strategy(db: Session, actor: Actor, cycle_id: str | None, now: datetime) -> StrategySheet:
    """The cycle that is asked for, else the one under way."""
    who = policy.require(db, actor, Permission.SEE_REGISTERS, now)
    directory = organisation.directory(db, now)
    listed = tuple(cycles(db, actor, now))
    cycle = chosen(listed, cycle_id, organisation.local_date(db, now))
    if cycle is None:
        return StrategySheet(None, listed)
    person = directory.person(actor.person_id)
    unit = directory.unit(person.unit_id) if person and person.employed else None
    names = BASIS | DECIDED if cycle.distributed_at is not None else BASIS
    about = Subject(unit=unit.id if unit else None, cycle=cycle.id)
    shown = dict(registers.context(db, names, about, lambda each: rows.unit_name(directory, each) or each))
    sent = _sent(db, who, cycle, leads=leading.leads(directory, who))
    found = attaching.told(db, {**shown, "sent": sent}, None)
    decided = found.get("decided_measures", [])
    for row in (*decided, *found.get("local_measures", [])):
        row["responsible_name"] = rows.person_name(directory, row.get("responsible"))
    return StrategySheet(
        cycle=cycle,
        cycles=listed,
        unit_name=unit.name if unit else None,
        documents=found["documents"],
        glossary=found["glossary"],
        goals=found["unit_goals"] if unit else [],
        central=[row for row in decided if row.get("scope") != "local"],
        local=[row for row in decided if row.get("scope") == "local"] + found.get("local_measures", []) if unit else [],
        sent=found["sent"],
    )


def _sent(db: Session, who: Holdings, cycle: CycleLine, *, leads: bool) -> dict[str, Any]:
    """What was written to all when the strategy was sent out; to the managers only, where it was meant for them."""
    if cycle.distributed_at is None or cycle.instance is None:
        return {}
    version = db.scalar(select(Instance.version_id).where(Instance.id == cycle.instance))
    if version is None:
        return {}
    steps = engine.runnable(db, version).program.user_tasks.values()
    elements = [step.element for step in steps if step.form_id == DISTRIBUTION]
    found: dict[str, Any] = {}
    for answers in written.answers(db, cycle.instance, elements, who).values():
        found.update(answers if isinstance(answers, Mapping) else {})
    return found if leads or found.get("audience", EVERYONE) == EVERYONE else {}
