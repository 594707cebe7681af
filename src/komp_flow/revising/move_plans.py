"""What becomes of the elements of older versions: what is proposed, what one may choose, and the plan that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session

from komp_flow import engine
from komp_flow.engine import Instance, ProcessVersion
from komp_flow.engine.memory.program import Element, Program
from komp_flow.engine.tables import ENDED, INCIDENT_TABLE, OPEN, SUBSCRIPTION, TASK, TIMER
from komp_flow.revising.models import Move

SAME, SEND = "same:", "send:"  # before the id of an element of the new version
DROP, STAY = "drop", "stay"
_BESIDE: Final = frozenset({"boundaryEvent", "startEvent"})  # wait beside a task, and are forgotten where they are gone


@dataclass(frozen=True)
class Option:
    """One answer, as it is sent and as it reads: `kind` is same, send, drop or stay, `name` of a new element."""

    value: str
    kind: str
    name: str = ""


@dataclass(frozen=True)
class Question:
    """An element of older versions that the new one has not: what is it now, or where do those go who stand there?"""

    element: str
    name: str
    running: int  # instances that stand there now
    chosen: str
    options: tuple[Option, ...]


class Plans:
    """The plans of one move: of each old version only what concerns its own elements."""

    def __init__(self, db: Session, move: Move) -> None:
        self._db, self._choices = db, dict(move.choices)
        self.stay = frozenset(element for element, value in self._choices.items() if value == STAY)
        self._plans: dict[UUID, engine.Plan] = {}

    def of(self, version_id: UUID) -> engine.Plan:
        """For instances of this version."""
        if version_id not in self._plans:
            self._plans[version_id] = plan(self._choices, self._elements(version_id))
        return self._plans[version_id]

    def name(self, version_id: UUID, element: str) -> str:
        """What an element is called."""
        found = self._elements(version_id).get(element)
        return (found.name if found else "") or element

    def _elements(self, version_id: UUID) -> Mapping[str, Element]:
        return engine.runnable(self._db, version_id).program.elements


def plan(choices: Mapping[str, str], elements: Mapping[str, Element]) -> engine.Plan:
    """What is chosen, as the engine is told it."""
    mine = {old: value for old, value in choices.items() if old in elements}
    renamed = {old: value.removeprefix(SAME) for old, value in mine.items() if value.startswith(SAME)}
    sent = {old: value.removeprefix(SEND) for old, value in mine.items() if value.startswith(SEND)}
    sent |= {old: engine.GONE for old, value in mine.items() if value == DROP}
    return engine.Plan({old: new for old, new in renamed.items() if new not in elements}, sent)


def questions(db: Session, process: str, to: UUID, chosen: Mapping[str, str]) -> list[Question]:
    """What the process owner is asked before the preview; what is proposed is chosen where nothing else is."""
    new = engine.runnable(db, to).program
    here = _standing(db, process, to)
    found: dict[str, Question] = {}
    for version_id in _versions(db, process, to):
        old = engine.runnable(db, version_id).program
        proposed = engine.proposed_renames(old, new)
        for id_, element in old.elements.items():
            if id_ in found or element.kind == "sequenceFlow" or not _asked(element, old, new, proposed, here):
                continue
            options = _options(element, old, new, is_here=id_ in here)
            guess = SAME + proposed[id_] if id_ in proposed else STAY
            known = {option.value for option in options}
            value = next((one for one in (chosen.get(id_, ""), guess) if one in known), STAY)
            found[id_] = Question(id_, element.name or id_, here.get(id_, 0), value, options)
    return sorted(found.values(), key=lambda question: (-question.running, question.name, question.element))


def _asked(element: Element, old: Program, new: Program, proposed: Mapping[str, str], here: Mapping[str, int]) -> bool:
    now = new.elements.get(element.id)
    if now is not None and now.kind == element.kind:
        around = tuple(proposed.get(scope, scope) for scope in element.scope)
        if around == now.scope and _is_multi(old, element) == _is_multi(new, now):
            return False
    stands = element.id in here and element.kind not in _BESIDE
    return stands or (now is None and any(one.kind == element.kind for one in new.elements.values()))


def _is_multi(program: Program, element: Element) -> bool:
    """Whether it is done once for each of a list."""
    scope = program.specs.get(element.scope[-1] if element.scope else program.process_id)
    spec = scope.task_specs.get(element.id) if scope is not None else None
    return spec is not None and bool(spec.is_multi)


def _options(element: Element, old: Program, new: Program, *, is_here: bool) -> tuple[Option, ...]:
    def called(one: Element) -> str:
        return one.name or one.id

    fresh = [one for id_, one in new.elements.items() if id_ not in old.elements and one.kind == element.kind]
    options = [Option(SAME + one.id, "same", called(one)) for one in fresh] if element.id not in new.elements else []
    if is_here and element.kind not in _BESIDE:
        scope = new.elements.values()
        places = [one for one in scope if one.scope == element.scope and one.kind not in _BESIDE]
        options += [Option(SEND + one.id, "send", called(one)) for one in places if one.kind != "sequenceFlow"]
        options.append(Option(DROP, "drop"))
    return (*options, Option(STAY, "stay"))


def _versions(db: Session, process: str, to: UUID) -> list[UUID]:
    """Those that something runs on, the newest first."""
    running = select(Instance.version_id).where(Instance.process == process, Instance.state.not_in(ENDED))
    query = select(ProcessVersion.id).where(ProcessVersion.id.in_(running), ProcessVersion.id != to)
    return list(db.scalars(query.order_by(ProcessVersion.number.desc())))


def _standing(db: Session, process: str, to: UUID) -> dict[str, int]:
    """How many running instances stand at each element."""
    mine = (Instance.process == process, Instance.state.not_in(ENDED), Instance.version_id != to)
    open_there = {TASK: TASK.c.state == OPEN, INCIDENT_TABLE: INCIDENT_TABLE.c.closed_at.is_(None)}
    places = union_all(
        *(
            select(table.c.instance_id, table.c.element)
            .join(Instance, Instance.id == table.c.instance_id)
            .where(*mine, *([open_there[table]] if table in open_there else []))
            for table in (TASK, INCIDENT_TABLE, TIMER, SUBSCRIPTION)
        )
    ).subquery()
    query = select(places.c.element, func.count(places.c.instance_id.distinct())).group_by(places.c.element)
    return {element: number for element, number in db.connection().execute(query) if element}
