"""What the engine asks of the world in a step: the time, facts of the subject, and the operations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from komp_flow import feel, operations, organisation, registers
from komp_flow.engine import OperationCall
from komp_flow.organisation import Directory, Subject, working_calendar
from komp_flow.work.texts import aside


class World:
    """The one implementation of `engine.World`; it keeps nothing, so that one is enough."""

    def moment(self, db: Session, now: datetime) -> feel.Moment:
        """Now, in the organisation's zone, with its working days."""
        return organisation.moment(db, now, db.info["zone"])

    def names(self, db: Session, subject: Subject, now: datetime) -> Mapping[str, object]:
        """`cycle unit person measure deadline escalation`: null where the subject has none."""
        return names(db, subject, now)

    def operation(self, db: Session, call: OperationCall) -> Mapping[str, object]:
        """Run the registered operation."""
        return operations.run(db, call)

    def given(self, db: Session, task_id: UUID) -> Mapping[str, object] | None:
        """What the diagram was given of a submission that is sealed."""
        return aside.given(db, task_id)

    def refit(
        self, db: Session, task_id: UUID, was: UUID | None, to: UUID | None, now: datetime
    ) -> list[tuple[str, ...]]:
        """The task's drafts in its new form version; the labels of what each draft loses."""
        return aside.refit(db, task_id, was, to, now)

    def renamed(self, db: Session, instance_id: UUID, names: Mapping[str, str]) -> None:
        """What was kept under steps that have other ids now."""
        aside.renamed(db, instance_id, names)


WORLD: Final = World()


def names(db: Session, subject: Subject, now: datetime) -> dict[str, object]:
    """What expressions may read about the subject: ids and a few facts, never what people have written.

    Dates of the calendar that are not known yet are null, and so are the calendars of what has no cycle.
    """
    directory = organisation.directory(db, now)
    known: dict[str, object] = {
        "cycle": None,
        "deadline": dict.fromkeys(registers.NAMES),
        "escalation": dict.fromkeys(registers.NAMES),
        "unit": _unit(directory, subject.unit),
        "person": _person(directory, subject.person),
        "measure": _measure(db, subject.measure),
    }
    cycle = db.get(registers.Cycle, subject.cycle) if subject.cycle else None
    if cycle is not None:
        known |= registers.names(cycle, working_calendar(db, now).is_working_day, db.info["zone"])
    elif subject.cycle:
        known["cycle"] = {"id": subject.cycle}
    return known


def _unit(directory: Directory, unit_id: str | None) -> dict[str, object] | None:
    unit = directory.unit(unit_id)
    if unit is None:
        return {"id": unit_id} if unit_id else None
    return {
        "id": unit.id,
        "name": unit.name,
        "parent": unit.parent_id,
        "manager": unit.manager_id,
        "deputy": unit.deputy_id,
        "level": directory.level(unit.id),
        "employees": len(directory.reports(unit.id)),
        "closed": unit.closed,
    }


def _person(directory: Directory, person_id: str | None) -> dict[str, object] | None:
    person = directory.person(person_id)
    if person is None:
        return {"id": person_id} if person_id else None
    return {
        "id": person.id,
        "name": person.name,
        "unit": person.unit_id,
        "title": person.title,
        "language": person.language,
        "employed": person.employed,
        "absent": person.absent,
        "absent_until": person.absent_until,
    }


def _measure(db: Session, measure_id: str | None) -> dict[str, object] | None:
    measure = registers.measure(db, measure_id)
    if measure is None:
        return {"id": measure_id} if measure_id else None
    return {
        "id": measure.id,
        "name": measure.name,
        "unit": measure.unit_id,
        "scope": measure.scope,
        "outcome": measure.outcome,
        "responsible": measure.responsible,
        "owner": measure.owner_id or measure.responsible,
        "due": measure.due,
        "cost": measure.cost,
    }
