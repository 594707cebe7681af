"""Operations that start instances: one for each unit, employee or measure that the caller's subject has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow import organisation
from komp_flow.engine import OperationCall
from komp_flow.i18n import _l
from komp_flow.operations import requests
from komp_flow.operations.registry import operation
from komp_flow.organisation.subjects import Subject
from komp_flow.registers import Cycle, Measure

DECIDED = ("decided", "changed")


@operation(
    "start-units",
    says=_l("Starter ett årsløp for hver enhet som er med i syklusen."),
    optional={"process": "the process to start; `unit` where it is not given"},
    outputs={"units_started": "how many units it is for"},
)
def start_units(db: Session, call: OperationCall) -> Mapping[str, object]:
    """One instance for each open unit of the cycle: those that the cycle names, else all.

    A unit is started once in a cycle, however often this runs. They begin in transactions of their own after the
    step. The follow-up of measures that are open in a cycle that has closed goes on in this one.
    """
    units = organisation.directory(db, call.now).units
    cycle = db.get(Cycle, call.subject.cycle) if call.subject.cycle else None
    chosen = set(cycle.units) if cycle is not None and cycle.units else None
    subjects = [
        Subject(unit=unit, cycle=call.subject.cycle)
        for unit, facts in units.items()
        if not facts.closed and (chosen is None or unit in chosen)
    ]
    if call.subject.cycle is not None:
        requests.carry(db, call, call.subject.cycle)
    return {"units_started": requests.start(db, call, _process(call, "unit"), subjects)}


@operation(
    "start-talks",
    says=_l("Starter én samtale for hver medarbeider i enheten."),
    optional={
        "process": "the process to start; `talk` where it is not given",
        "talks_due": "the date when the talks should be held; handed on",
    },
    outputs={"talks_started": "how many employees it is for"},
)
def start_talks(db: Session, call: OperationCall) -> Mapping[str, object]:
    """One instance for each employee of the unit; a manager's own talk belongs to the unit above.

    An employee has one talk in a cycle, however often this runs.
    """
    subjects = [
        Subject(unit=call.subject.unit, person=person, cycle=call.subject.cycle) for person in _employees(db, call)
    ]
    handed = _handed(call, "talks_due")
    return {"talks_started": requests.start(db, call, _process(call, "talk"), subjects, variables=handed)}


@operation(
    "start-readings",
    says=_l("Gir hver medarbeider noe å lese og bekrefte."),
    optional={
        "process": "the process to start; `reading` where it is not given",
        "kind": "what is to be read; handed on",
        "lapse_on": "the date when the reading lapses; handed on",
        "occasion": "two occasions give two readings; the element's id where it is not given",
    },
    outputs={"readings_started": "how many employees it is for"},
)
def start_readings(db: Session, call: OperationCall) -> Mapping[str, object]:
    """One instance for each employee of the unit, or of the whole organisation where the subject has no unit.

    Nothing is started in a cycle that is set up without readings.
    """
    cycle = db.get(Cycle, call.subject.cycle) if call.subject.cycle else None
    if cycle is not None and not cycle.reading_wanted:
        requests.note(db, call, "not-started", process=_process(call, "reading"), reason="not-wanted")
        return {"readings_started": 0}
    people = organisation.directory(db, call.now).people
    subjects = [
        Subject(unit=call.subject.unit or people[person].unit_id, person=person, cycle=call.subject.cycle)
        for person in _employees(db, call)
    ]
    occasion = str(call.inputs.get("occasion") or f"{call.process}:{call.element}")
    handed = _handed(call, "kind", "lapse_on")
    process = _process(call, "reading")
    return {"readings_started": requests.start(db, call, process, subjects, occasion=occasion, variables=handed)}


@operation(
    "start-measures",
    says=_l("Starter oppfølging av hvert vedtatt tiltak."),
    optional={
        "process": "the process to start; `measure` where it is not given",
        "scope": "`central`, the decided measures of the organisation, or `local`, those of the unit's action plan",
    },
    outputs={"measures_started": "how many measures it is for"},
)
def start_measures(db: Session, call: OperationCall) -> Mapping[str, object]:
    """One instance for each measure: the centrally decided ones, or the unit's local ones. Each is started once."""
    wanted = select(Measure.id, Measure.unit_id).where(
        Measure.cycle_id == call.subject.cycle, Measure.withdrawn_at.is_(None), Measure.outcome.in_(DECIDED)
    )
    local = call.inputs.get("scope") == "local" or (call.inputs.get("scope") is None and call.subject.unit is not None)
    if local:
        wanted = wanted.where(Measure.unit_id == call.subject.unit, Measure.scope == "local")
    else:
        wanted = wanted.where(Measure.scope == "central")
    subjects = [
        Subject(unit=call.subject.unit if local else None, measure=found.id, cycle=call.subject.cycle)
        for found in db.execute(wanted.order_by(Measure.position, Measure.id))
    ]
    return {"measures_started": requests.start(db, call, _process(call, "measure"), subjects)}


def _employees(db: Session, call: OperationCall) -> Iterable[str]:
    directory = organisation.directory(db, call.now)
    if call.subject.unit is not None:
        return directory.reports(call.subject.unit)
    return sorted(person for person, facts in directory.people.items() if facts.employed)


def _process(call: OperationCall, default: str) -> str:
    return str(call.inputs.get("process") or default)


def _handed(call: OperationCall, *names: str) -> dict[str, object]:
    return {name: call.inputs[name] for name in names if name in call.inputs}
