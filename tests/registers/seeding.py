"""Rows of one cycle from a proposal to a reported effect, as the forms leave them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from komp_flow.registers import Cycle, Decision, Measure
from komp_flow.registers.models import (
    CompetenceArea,
    Conclusion,
    DevelopmentGoal,
    Discussion,
    DiscussionInput,
    Effect,
    GlossaryTerm,
    Implementation,
    StrategyDocument,
    UnitGoal,
)

CYCLE = "2027"


def cycle(db: Session, now: datetime, cycle_id: str = CYCLE, **more: Any) -> Cycle:
    """A cycle that nothing is decided in, unless `more` says so."""
    made = Cycle(
        id=cycle_id, name=f"Syklus {cycle_id}", starts_on=date(2027, 1, 4), ends_on=date(2027, 12, 31), created_at=now,
        **({"smallest_group": 3} | more),
    )  # fmt: skip
    db.add(made)
    db.flush()
    return made


def add(db: Session, now: datetime, table: type[Any], row_id: str, **columns: Any) -> Any:
    """A row of a register."""
    own = {"cycle_id": CYCLE, "origin": "seeded", "row_id": row_id, "created_at": now, "updated_at": now}
    made = table(id=row_id, **(own | columns))
    db.add(made)
    db.flush()
    return made


def chain(db: Session, now: datetime) -> None:
    """Two units propose, HR merges and recommends, one measure is decided, carried out, and felt by Nils."""
    for unit in ("it", "law"):
        add(db, now, CompetenceArea, f"area-{unit}", unit_id=unit, stage="proposed", area=f"Område {unit}")
        add(db, now, Measure, f"measure-{unit}", unit_id=unit, stage="proposed", name=f"Kurs i {unit}",
            area=f"area-{unit}")  # fmt: skip
    add(db, now, CompetenceArea, "merged", stage="merged", area="Samlet", sources=["area-it", "area-law"],
        extra={"measures": ["measure-it"]})  # fmt: skip
    add(db, now, CompetenceArea, "recommended", stage="recommended", area="Innstilt", sources=["merged"])
    add(db, now, Measure, "central", stage="recommended", name="Felles kurs", area="merged", sources=["measure-law"])
    add(db, now, Decision, "decision", measure="central", name="Felles kurs", outcome="decided", scope="central")
    add(db, now, Implementation, "touched", unit_id="it", measure="central", touched="yes", how="I ukemøtet")
    add(db, now, Measure, "local", unit_id="it", stage="local", name="Vårt kurs", sources=["central"],
        outcome="decided", scope="local")  # fmt: skip
    add(db, now, DevelopmentGoal, "goal-nils", unit_id="it", person_id="nils", measure="local", area="area-it")
    add(db, now, Effect, "felt", unit_id="it", person_id="nils", goal_id="goal-nils", effect=4)
    add(db, now, Effect, "reported", measure="central", effect=3, progress=50)


def others(db: Session, now: datetime) -> None:
    """What stands beside the chain."""
    add(db, now, StrategyDocument, "vision", title="Visjon", kind="vision")
    add(db, now, GlossaryTerm, "word", term="Bidrag", definition="Det enheten leverer")
    add(db, now, UnitGoal, "aim-it", unit_id="it", goal="Raskere svar")
    add(db, now, UnitGoal, "aim-law", unit_id="law", goal="Færre klager")
    add(db, now, Discussion, "minutes-it", unit_id="it", minutes="Vi var enige om det meste", number_present=6)
    add(db, now, Conclusion, "conclusion-it", unit_id="it", conclusion="Klarspråk først", shared_understanding="yes")
    add(db, now, DiscussionInput, "said", unit_id="it", person_id="nils", text="Vi må øve")
