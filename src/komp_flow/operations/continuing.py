"""Where no new strategy is decided, the last one goes on (process.md section 6)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow.engine import OperationCall
from komp_flow.engine.tables import ENDED, Instance
from komp_flow.i18n import _l
from komp_flow.operations import requests
from komp_flow.operations.registry import operation
from komp_flow.registers import Cycle
from komp_flow.registers.keeping import OWN
from komp_flow.registers.models import CompetenceArea, Measure

DECIDED: Final = ("decided", "changed")
RECOMMENDED: Final = "recommended"


@operation(
    "continue-strategy",
    says=_l("Lar den forrige strategien gjelde videre i syklusen."),
    outputs={"measures_continued": "how many decided measures of the last strategy go on"},
)
def continue_strategy(db: Session, call: OperationCall) -> Mapping[str, object]:
    """The measures and areas that were decided last are decided in this cycle too, each with the row it came from.

    What is followed up already from then goes on as it is; `start-measures` starts no second follow-up of it. Where
    nothing was ever decided, nothing goes on.
    """
    last = _last(db, call.subject.cycle)
    continued = 0
    if last is not None:
        ids = {row.id: _copy(db, row, call, {}) for row in _rows(db, CompetenceArea, last)}
        followed = select(Instance.measure_id).where(Instance.state.not_in(ENDED), Instance.measure_id.is_not(None))
        running = set(db.scalars(followed))
        for row in _rows(db, Measure, last):
            scope = None if row.id in running else row.scope
            _copy(db, row, call, {"scope": scope, "outcome": "decided", "area": ids.get(str(row.area), row.area)})
            continued += 1
    db.flush()
    requests.note(db, call, "strategy-continued", count=continued, cycle=last)
    return {"measures_continued": continued}


def _last(db: Session, cycle_id: str | None) -> str | None:
    """The newest cycle before this one in which something was decided."""
    this = db.get(Cycle, cycle_id) if cycle_id else None
    if this is None:
        return None
    before = (Cycle.id != this.id, Cycle.starts_on <= this.starts_on, Cycle.decided_on.is_not(None))
    return db.scalar(select(Cycle.id).where(*before).order_by(Cycle.starts_on.desc(), Cycle.id.desc()).limit(1))


def _rows(db: Session, table: type[Any], cycle: str) -> list[Any]:
    mine = [table.cycle_id == cycle, table.withdrawn_at.is_(None), table.person_id.is_(None)]
    if table is Measure:
        mine += [Measure.outcome.in_(DECIDED), Measure.stage != "local"]
    else:
        mine.append(table.stage == RECOMMENDED)
    return list(db.scalars(select(table).where(*mine).order_by(table.position, table.id)))


def _copy(db: Session, row: Any, call: OperationCall, changed: Mapping[str, object]) -> str:
    table = type(row)
    origin = f"continued:{row.id}:{call.subject.cycle}"[:300]
    before = db.scalar(select(table.id).where(table.origin == origin, table.row_id == row.row_id))
    if before is not None:
        return str(before)
    columns = (column.name for column in table.__table__.columns)
    values = {name: getattr(row, name) for name in columns if name not in OWN and name not in {"sources", "sealed"}}
    copy = table(
        id=str(uuid.uuid4()),
        cycle_id=call.subject.cycle,
        unit_id=row.unit_id,
        origin=origin,
        row_id=row.row_id,
        position=row.position,
        process=call.process,
        element=call.element,
        instance_id=call.instance_id,
        by=call.by,
        created_at=call.now,
        updated_at=call.now,
        extra={**row.extra, "continued_from": row.id},
        sources=[row.id],
        **{**values, "stage": RECOMMENDED, **changed},
    )
    db.add(copy)
    db.flush()
    return str(copy.id)
