"""What many have reported, put together: how measures go, and what the talks say in groups that hide everyone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from komp_flow.i18n import _, _l
from komp_flow.registers.models import CompetenceArea, Cycle, DevelopmentGoal, Effect, Measure

STATUSES: Final = {
    "not_started": _l("Ikke startet"),
    "under_way": _l("I gang"),
    "done": _l("Ferdig"),
    "stopped": _l("Stoppet"),
}
DECIDED: Final = ("decided", "changed")
OTHER: Final = "annet"  # a goal that is tied to no area of the strategy

Row = dict[str, object]


def numbers(db: Session, names: Iterable[str], cycle_id: str) -> dict[str, list[Row]]:
    """Those of the numbers of a cycle that a form of the cycle itself reads, under their names."""
    return {name: NUMBERS[name](db, cycle_id) for name in sorted(set(names) & NUMBERS.keys())}


def reports(db: Session, measure_id: str) -> list[Row]:
    """What the owner of a measure has reported on it, the oldest first; never what is written in talks."""
    found = db.scalars(
        select(Effect)
        .where(Effect.measure == measure_id, Effect.person_id.is_(None), Effect.withdrawn_at.is_(None))
        .order_by(Effect.created_at, Effect.position, Effect.id)
    )
    return [_report(db, row) for row in found]


def measure_reports(db: Session, cycle_id: str) -> list[Row]:
    """Each decided measure of the cycle, and each that was carried over into it, with its newest report."""
    here = select(Effect.measure).where(Effect.cycle_id == cycle_id, Effect.person_id.is_(None))
    mine = and_(
        or_(and_(Measure.cycle_id == cycle_id, Measure.outcome.in_(DECIDED)), Measure.id.in_(here)),
        Measure.withdrawn_at.is_(None),
    )
    order = (Measure.cycle_id.desc(), Measure.unit_id, Measure.created_at, Measure.position, Measure.id)
    found = db.scalars(select(Measure).where(mine).order_by(*order)).all()
    newest = _newest(db, mine)
    areas = {cycle: _Areas(db, cycle) for cycle in {measure.cycle_id for measure in found} if cycle}
    blank = dict.fromkeys(("on", "status", "status_name", "progress", "effect", "before", "after", "comment"))
    return [
        {
            **(_report(db, newest[measure.id]) if measure.id in newest else blank),
            "id": measure.id,
            "name": measure.name,
            "unit": measure.unit_id,
            "scope": measure.scope,
            "cycle": measure.cycle_id,
            "cost": measure.cost,
            **_area(measure, areas.get(measure.cycle_id or "")),
        }
        for measure in found
    ]


def _area(measure: Measure, areas: _Areas | None) -> Row:
    area = areas.of_measure(measure) if areas else None
    return {"area": area, "area_name": areas.name(area) if areas else None}


def area_effects(db: Session, cycle_id: str) -> list[Row]:
    """Of each area of the strategy: how many measures it has, how many are reported on, done, and the mean effect.

    A measure that was carried over belongs to the area of the same name.
    """
    found = measure_reports(db, cycle_id)
    areas = db.scalars(
        select(CompetenceArea)
        .where(
            CompetenceArea.cycle_id == cycle_id,
            CompetenceArea.stage == "recommended",
            CompetenceArea.withdrawn_at.is_(None),
        )
        .order_by(CompetenceArea.priority, CompetenceArea.position, CompetenceArea.id)
    )
    rows: list[Row] = []
    for area in areas:
        mine = [report for report in found if area.id == report["area"] or _same(area.area, report["area_name"])]
        effects = [int(str(report["effect"])) for report in mine if report["effect"] is not None]
        rows.append(
            {
                "id": area.id,
                "area": area.area,
                "measures": len(mine),
                "reported": sum(report["status"] is not None for report in mine),
                "done": sum(report["status"] == "done" for report in mine),
                "effect": _mean(effects),
                "suggested": int(_mean(effects, Decimal(1)) or 0) or None,
            }
        )
    return rows


def _same(name: str | None, other: object) -> bool:
    return name is not None and isinstance(other, str) and name.strip().casefold() == other.strip().casefold()


def talk_needs(db: Session, cycle_id: str) -> list[Row]:
    """How many people have a development goal in each area, where they are enough (process.md P3.R2).

    Of the goals only the area's id is read, never what is written. Proposed areas that HR has merged count as one.
    """
    areas = _Areas(db, cycle_id)
    found = db.execute(
        select(DevelopmentGoal.person_id, DevelopmentGoal.area).where(
            DevelopmentGoal.cycle_id == cycle_id,
            DevelopmentGoal.person_id.is_not(None),
            DevelopmentGoal.area.is_not(None),
            DevelopmentGoal.withdrawn_at.is_(None),
        )
    )
    people: dict[str, set[str]] = defaultdict(set)
    for person, area in found:
        if person and area and (area == OTHER or area in areas.known):
            people[areas.merged(area)].add(person)
    smallest = _smallest(db, cycle_id)
    rows: list[Row] = [
        {"id": area, "area": _("Annet") if area == OTHER else areas.name(area), "people": len(who)}
        for area, who in people.items()
        if len(who) >= smallest
    ]
    return sorted(rows, key=lambda row: (-int(str(row["people"])), str(row["area"])))


def measure_effects(db: Session, cycle_id: str) -> list[Row]:
    """The mean effect that people report in their talks, by measure, where they are enough.

    A person's newest answer on a measure counts. Groups that are too small are left out, and with them as many more
    as it takes for nobody to find what is left out by taking what is shown from the whole.
    """
    measures = _Measures(db, cycle_id)
    newest: dict[str, dict[str, int]] = defaultdict(dict)
    found = db.execute(
        select(Effect.person_id, Effect.measure, Effect.effect)
        .where(
            Effect.cycle_id == cycle_id,
            Effect.person_id.is_not(None),
            Effect.effect.is_not(None),
            Effect.withdrawn_at.is_(None),
        )
        .order_by(Effect.created_at, Effect.position, Effect.id)
    )
    for person, measure, effect in found:
        if person and effect is not None and measure in measures.known:
            newest[measures.decided(measure)][person] = effect
    shown = large_enough({measure: len(who) for measure, who in newest.items()}, _smallest(db, cycle_id))
    rows: list[Row] = [
        {
            "id": measure,
            "name": measures.known[measure].name,
            "people": len(newest[measure]),
            "effect": _mean(newest[measure].values()),
        }
        for measure in shown
    ]
    return sorted(rows, key=lambda row: (-int(str(row["people"])), str(row["name"])))


def large_enough(groups: Mapping[str, int], smallest: int) -> frozenset[str]:
    """The groups whose numbers may be shown: at least `smallest` each, and what is left out none or as many together.

    Otherwise one who knows the whole would find the small group by subtraction; then the smallest of the shown is
    left out too, until those left out hide each other.
    """
    shown = sorted((key for key, number in groups.items() if number >= smallest), key=lambda key: (-groups[key], key))
    hidden = sum(number for number in groups.values() if number < smallest)
    while shown and 0 < hidden < smallest:
        hidden += groups[shown.pop()]
    return frozenset(shown)


@dataclass(frozen=True)
class _Kept:
    """A row as far as its origin goes."""

    id: str
    name: str | None
    stage: str | None
    sources: tuple[str, ...]


class _Areas:
    """The areas of a cycle, and where a proposed one ended: in a merged area, in an area of the strategy."""

    def __init__(self, db: Session, cycle_id: str) -> None:
        self.known = _kept(db, CompetenceArea, CompetenceArea.area, cycle_id)
        self._measures = _kept(db, Measure, Measure.area, cycle_id)
        self._merged = _targets(self.known, "merged")
        self._recommended = _targets(self.known, "recommended")

    def name(self, area: str | None) -> str | None:
        found = self.known.get(area or "")
        return found.name if found else area

    def merged(self, area: str) -> str:
        """The merged area that a proposed one is part of; itself where HR has not merged it."""
        return self._merged.get(area, area)

    def of_measure(self, measure: Measure) -> str | None:
        """The area of the strategy that a measure is for; a local measure has that of the decided one it belongs to."""
        above = (self._measures.get(source) for source in measure.sources or ())
        area = measure.area or next((found.name for found in above if found and found.name), None)
        if area is None:
            return None
        merged = self._merged.get(area, area)
        return self._recommended.get(merged, self._recommended.get(area, merged))


class _Measures:
    """The measures of a cycle, and the decided measure that a proposal ended in."""

    def __init__(self, db: Session, cycle_id: str) -> None:
        self.known = _kept(db, Measure, Measure.name, cycle_id)
        self._recommended = _targets(self.known, "recommended")

    def decided(self, measure: str) -> str:
        """The recommended measure that has this proposal among its sources; itself where there is none."""
        return self._recommended.get(measure, measure)


def _kept(db: Session, table: Any, name: Any, cycle_id: str) -> dict[str, _Kept]:
    found = db.execute(
        select(table.id, name, table.stage, table.sources)
        .where(table.cycle_id == cycle_id, table.withdrawn_at.is_(None))
        .order_by(table.created_at, table.position, table.id)
    )
    return {id_: _Kept(id_, label, stage, tuple(sources or ())) for id_, label, stage, sources in found}


def _targets(known: Mapping[str, _Kept], stage: str) -> dict[str, str]:
    """Of each source, the first row of this stage that was made from it."""
    targets: dict[str, str] = {}
    for kept in known.values():
        if kept.stage == stage:
            for source in kept.sources:
                targets.setdefault(source, kept.id)
    return targets


def _newest(db: Session, measures: ColumnElement[bool]) -> dict[str, Effect]:
    found = db.scalars(
        select(Effect)
        .join(Measure, Measure.id == Effect.measure)
        .where(measures, Effect.person_id.is_(None), Effect.withdrawn_at.is_(None))
        .order_by(Effect.created_at, Effect.position, Effect.id)
    )
    return {row.measure: row for row in found if row.measure}


def _report(db: Session, row: Effect) -> Row:
    return {
        "on": row.created_at.astimezone(db.info["zone"]).date(),
        "status": row.status,
        "status_name": str(STATUSES.get(row.status or "", row.status or "")),
        "progress": row.progress,
        "effect": row.effect,
        "before": row.before,
        "after": row.after,
        "comment": row.comment,
    }


def _mean(values: Iterable[int], to: Decimal = Decimal("0.1")) -> Decimal | None:
    numbers = list(values)
    if not numbers:
        return None
    return (Decimal(sum(numbers)) / len(numbers)).quantize(to, ROUND_HALF_UP)


def _smallest(db: Session, cycle_id: str) -> int:
    found = db.get(Cycle, cycle_id)
    return found.smallest_group if found is not None else 5


NUMBERS: Final[Mapping[str, Callable[[Session, str], list[Row]]]] = {
    "area_effects": area_effects,
    "measure_effects": measure_effects,
    "measure_reports": measure_reports,
    "talk_needs": talk_needs,
}
