"""What became of the measures that a person's plan is tied to, once the strategy is decided (process.md C6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow.i18n import _
from komp_flow.registers.models import Cycle, Decision, DevelopmentGoal, Measure

CHANGED, REJECTED, LEFT_OUT, DECIDED = "changed", "rejected", "left_out", "decided"
TOUCHED: Final = frozenset({CHANGED, REJECTED, LEFT_OUT})


@dataclass(frozen=True)
class Fate:
    """One measure of a plan: what it is called there, what was decided, what it is called now, and why."""

    measure: str
    name: str
    outcome: str
    now: str | None = None
    reasons: str | None = None

    def row(self) -> dict[str, object]:
        """As a form shows it."""
        said = {
            CHANGED: _("Vedtatt med endringer"),
            REJECTED: _("Ikke vedtatt"),
            LEFT_OUT: _("Ikke tatt med i innstillingen"),
            DECIDED: _("Vedtatt"),
        }
        return {
            "measure": self.name,
            "id": self.measure,
            "outcome": self.outcome,
            "said": said[self.outcome],
            "now": self.now,
            "reasons": self.reasons,
        }


def fates(db: Session, person_id: str | None, cycle_id: str | None) -> list[Fate]:
    """What was decided about each measure in the person's plan; nothing before the strategy has been distributed.

    A proposal's fate is that of the recommended measure that was made from it. One that no recommendation was made
    from was left out, where the cycle's recommendations say at all what they were made from.
    """
    cycle = db.get(Cycle, cycle_id) if cycle_id else None
    if cycle is None or cycle.distributed_at is None or person_id is None:
        return []
    linked = _linked(db, person_id, cycle.id)
    if not linked:
        return []
    recommended = _recommended(db, cycle.id)
    reasons = {row.measure: row.reasons for row in db.scalars(select(Decision).where(Decision.cycle_id == cycle.id))}
    made_from = {source: row for row in reversed(recommended) for source in row.sources or ()}
    found = []
    for measure in linked:
        became = measure if measure.outcome is not None else made_from.get(measure.id)
        if became is None and made_from and measure.stage == "proposed":
            found.append(Fate(measure.id, measure.name or "", LEFT_OUT))
        elif became is not None and became.outcome in {DECIDED, CHANGED, REJECTED}:
            now = became.name if became.outcome != REJECTED else None
            found.append(Fate(measure.id, measure.name or "", became.outcome, now, reasons.get(became.id)))
    return found


def _linked(db: Session, person_id: str, cycle_id: str) -> list[Measure]:
    goals = select(DevelopmentGoal.measure).where(
        DevelopmentGoal.person_id == person_id,
        DevelopmentGoal.cycle_id == cycle_id,
        DevelopmentGoal.measure.is_not(None),
        DevelopmentGoal.withdrawn_at.is_(None),
    )
    return list(db.scalars(select(Measure).where(Measure.id.in_(goals)).order_by(Measure.position, Measure.id)))


def _recommended(db: Session, cycle_id: str) -> list[Measure]:
    mine = (Measure.cycle_id == cycle_id, Measure.stage == "recommended", Measure.withdrawn_at.is_(None))
    return list(db.scalars(select(Measure).where(*mine).order_by(Measure.created_at, Measure.position, Measure.id)))


def reconciliation(db: Session, person_id: str | None, cycle_id: str | None) -> list[Mapping[str, object]]:
    """The same as the rows that a form shows."""
    return [fate.row() for fate in fates(db, person_id, cycle_id)]
