"""Who does what in the four phases, as the diagrams that are published say: for everyone to read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from komp_flow import engine, organisation
from komp_flow.engine import Element, Program
from komp_flow.organisation import Actor
from komp_flow.work import policy
from komp_flow.work.lines import CycleLine
from komp_flow.work.policy import Permission
from komp_flow.work.running.cycles import chosen, cycles
from komp_flow.work.watching.board import PROCESS, drawn_phases

WHOLE: Final = "cycle"  # the diagram of what is done for the whole organisation
# Where the steps of the other diagrams belong: by the phases that they cover, where those are one; else here.
BESIDE: Final[Mapping[str, tuple[str, ...]]] = {
    "reading": ("preparation", "implementation"),
    "talk": ("talks",),
    "measure": ("implementation",),
}


@dataclass(frozen=True)
class Duty:
    """One step: what it is called, whose it is, and the guidance text beside its form."""

    name: str
    roles: tuple[str, ...]
    guidance: str | None


@dataclass(frozen=True)
class PhaseDuties:
    """One phase with its steps in the order of the diagrams, and the calendar's date when it ends."""

    id: str
    name: str
    due: object
    duties: tuple[Duty, ...]


@dataclass(frozen=True)
class DutySheet:
    """The four phases, and what is done for the whole organisation."""

    cycle: CycleLine | None
    cycles: tuple[CycleLine, ...]
    phases: tuple[PhaseDuties, ...]
    whole: tuple[Duty, ...]


def duties(db: Session, actor: Actor, cycle_id: str | None, now: datetime) -> DutySheet:
    """By the newest versions of the diagrams, with the dates of the cycle that is asked for, else the one under way."""
    policy.require(db, actor, Permission.SEE_REGISTERS, now)
    listed = tuple(cycles(db, actor, now))
    cycle = chosen(listed, cycle_id, organisation.local_date(db, now))
    programs = {found.process: engine.runnable(db, found.id).program for found in engine.newest_versions(db)}
    unit = programs.get(PROCESS)
    scopes = {e.id: e.phase for e in unit.elements.values() if e.phase and e.kind != "userTask"} if unit else {}
    found: dict[str, list[Duty]] = {phase.id: [] for phase in drawn_phases(db, PROCESS)}
    for process in (PROCESS, *BESIDE):
        if process in programs:
            for element, duty in _drawn(programs[process]):
                for phase in _phases(process, element, scopes):
                    found.setdefault(phase, []).append(duty)
    dates = cycle.dates if cycle else {}
    named = drawn_phases(db, PROCESS)
    return DutySheet(
        cycle=cycle,
        cycles=listed,
        phases=tuple(PhaseDuties(one.id, one.name, dates.get(one.id), tuple(found[one.id])) for one in named),
        whole=tuple(duty for _element, duty in _drawn(programs[WHOLE])) if WHOLE in programs else (),
    )


def _drawn(program: Program) -> Iterable[tuple[Element, Duty]]:
    for element in program.elements.values():
        task = program.user_tasks.get(element.id)
        if task is not None:
            given = task.roles or ""
            named = () if given.startswith("=") else tuple(part.strip() for part in given.split(",") if part.strip())
            guidance = element.properties.get("guidance") or task.guidance
            yield element, Duty(" ".join(element.name.split()) or element.id, named, guidance)


def _phases(process: str, element: Element, scopes: Mapping[str, str]) -> tuple[str, ...]:
    if element.phase is not None:
        return (element.phase,)
    ids = element.properties.get("covers", "").replace(",", " ").split()
    covered = tuple({scopes[item.split(".")[0]] for item in ids if item.split(".")[0] in scopes})
    return covered if len(covered) == 1 else BESIDE.get(process, ())
