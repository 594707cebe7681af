"""The order that a unit puts its critical areas in, written to the areas themselves (process.md P2.S5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow.organisation.subjects import Subject
from komp_flow.registers.models import CompetenceArea
from komp_flow.registers.values import integer

NAME: Final = "ranking"  # what a form's list calls it; its columns are `area` and `rank`


def keep(
    db: Session, rows: Sequence[tuple[str | None, Mapping[str, object]]], subject: Subject, now: datetime
) -> list[str]:
    """Each of the unit's areas gets its place as `priority`; one that is not in the list has none any more.

    Only areas of the subject's own unit and cycle are touched. Answers the ids of those that have a place.
    """
    places = {str(columns["area"]): _place(columns.get("rank")) for _row_id, columns in rows if columns.get("area")}
    found = db.scalars(
        select(CompetenceArea).where(
            CompetenceArea.cycle_id == subject.cycle,
            CompetenceArea.unit_id == subject.unit,
            CompetenceArea.stage == "proposed",
            CompetenceArea.withdrawn_at.is_(None),
        )
    )
    ranked = []
    for area in found:
        place = places.get(area.id)
        if area.priority != place:
            area.priority, area.updated_at = place, now
        if place is not None:
            ranked.append(area)
    db.flush()
    return [area.id for area in sorted(ranked, key=lambda area: (area.priority, area.id))]


def _place(value: object) -> int | None:
    try:
        return integer(value)
    except ValueError:
        return None
