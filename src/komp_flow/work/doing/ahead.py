"""What happens next: the steps that follow a task in its diagram, said in one sentence that is true."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final
from uuid import UUID

from lxml import etree
from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow.engine import Instance, ProcessVersion
from komp_flow.engine.memory import bpmn
from komp_flow.i18n import _
from komp_flow.organisation import Subject, roles
from komp_flow.work import rows
from komp_flow.work.doing.holding import Held

CATCHES: Final = frozenset({"intermediateCatchEvent", "receiveTask", "eventBasedGateway"})
NAMED_ROLES: Final = frozenset(roles.ALL)


@dataclass(frozen=True)
class Step:
    """What a path from a task comes to first: a user task, a wait, a called process, or the end of it all."""

    kind: str  # task, wait, end
    name: str = ""
    roles: tuple[str, ...] = ()
    element: str = ""


@dataclass(frozen=True)
class Map:
    """A diagram's nodes and flows, for looking ahead."""

    nodes: Mapping[str, etree._Element] = field(default_factory=dict)
    flows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def after(self, element: str) -> tuple[Step, ...]:
        """The first things on every path that leaves the element. A wait hides what comes after it."""
        found: dict[Step, None] = {}
        seen: set[str] = set()
        todo = list(self._leaving(element))
        while todo:
            at = todo.pop(0)
            if at in seen:
                continue
            seen.add(at)
            step = self._step(at)
            if step is not None:
                found[step] = None
            else:
                todo += self._into(at)
        return tuple(found)

    def _leaving(self, element: str) -> Iterable[str]:
        """Where the token goes from here; out of a sub-process when its inside is at an end."""
        node = self.nodes[element]
        following = self.flows.get(element, ())
        if following:
            return following
        around = node.getparent()
        if around is not None and _tag(around) == "subProcess":
            return self._leaving(around.get("id", "")) or [f"end of {around.get('id')}"]
        return ["end"]

    def _into(self, element: str) -> Iterable[str]:
        if _tag(self.nodes[element]) == "subProcess":
            inside = [n.get("id", "") for n in self.nodes[element] if _tag(n) == "startEvent"]
            return inside or self._leaving(element)
        return self._leaving(element)

    def _step(self, element: str) -> Step | None:
        node = self.nodes.get(element)
        if node is None:
            return Step("end")
        kind, name = _tag(node), " ".join((node.get("name") or "").replace("-\n", "").split())
        if kind == "userTask":
            return Step("task", name or element, _roles(node), element)
        if kind in CATCHES:
            return Step("wait", name, element=element)
        if kind == "callActivity":
            return Step("wait", name, element=element)
        return None


def sentence(db: Session, mine: Held) -> str:
    """What happens when the task is sent: for one way on its name and whose it is, for several that it depends."""
    version_id = db.execute(select(Instance.version_id).where(Instance.id == mine.row.instance_id)).scalar_one()
    drawn = _map(db, version_id)
    if mine.row.element not in drawn.nodes:
        return ""  # the task is drawn in a process that this one calls
    steps = drawn.after(mine.row.element)
    tasks = [step for step in steps if step.kind == "task"]
    if len(steps) == 1:
        return _one(mine, steps[0])
    if tasks and len(tasks) <= 3:
        names = _listed([f"«{step.name}»" for step in tasks])
        return _("Hva som skjer videre, avhenger av svarene og av hva som er avtalt: %(names)s.", names=names)
    return _("Hva som skjer videre, avhenger av svarene.")


def _one(mine: Held, step: Step) -> str:
    if step.kind == "end":
        return _("Når du sender inn, er du ferdig. Det kommer ikke flere oppgaver i dette løpet.")
    if step.kind == "wait":
        if step.name:
            return _("Når du sender inn, venter løpet på dette: «%(name)s».", name=step.name)
        return _("Når du sender inn, venter løpet på noe annet før det går videre.")
    who = _whose(mine, step)
    if who == mine.person_id:
        return _("Når du sender inn, er neste steg «%(name)s», som også er ditt.", name=step.name)
    if who is not None:
        person = rows.person_name(mine.directory, who)
        return _("Når du sender inn, går oppgaven videre til %(who)s: «%(name)s».", who=person, name=step.name)
    return _("Når du sender inn, er neste steg «%(name)s».", name=step.name)


def _whose(mine: Held, step: Step) -> str | None:
    """The reader where the step is theirs too, else the one person that has it; None where it is open or several."""
    about: Subject = rows.subject(mine.row)
    holders = [
        holder.person_id
        for role in step.roles
        if role in NAMED_ROLES
        for holder in mine.directory.holders(role, about, mine.row.measure_owner)
    ]
    if mine.person_id in holders:
        return mine.person_id
    return holders[0] if len(set(holders)) == 1 else None


def _listed(names: list[str]) -> str:
    if len(names) == 1:
        return names[0]
    return _("%(first)s eller %(last)s", first=", ".join(names[:-1]), last=names[-1])


def _map(db: Session, version_id: UUID) -> Map:
    known = _maps.get(version_id)
    if known is None:
        source = db.execute(select(ProcessVersion.source).where(ProcessVersion.id == version_id)).scalar_one()
        known = _maps[version_id] = read(source)
        while len(_maps) > 64:
            _maps.pop(next(iter(_maps)))
    return known


# Versions never change, so nothing here grows stale.
_maps: Final[dict[UUID, Map]] = {}


@lru_cache(64)
def read(source: bytes) -> Map:
    """The nodes and flows of a diagram's executable process."""
    root = bpmn.read(source)
    nodes: dict[str, etree._Element] = {}
    flows: dict[str, list[str]] = {}
    for process in root.iter(bpmn.BPMN + "process"):
        if process.get("isExecutable") != "true":
            continue
        for node in process.iter():
            if not isinstance(node.tag, str) or not node.get("id"):
                continue
            if _tag(node) == "sequenceFlow":
                flows.setdefault(node.get("sourceRef", ""), []).append(node.get("targetRef", ""))
            else:
                nodes[node.get("id", "")] = node
    return Map(nodes, {source: tuple(targets) for source, targets in flows.items()})


def _roles(node: etree._Element) -> tuple[str, ...]:
    for assigned in node.iter(bpmn.ZEEBE + "assignmentDefinition"):
        given = assigned.get("candidateGroups") or ""
        if given and not given.startswith("="):
            return tuple(part.strip() for part in given.split(",") if part.strip())
    return ()


def _tag(node: etree._Element) -> str:
    return etree.QName(node).localname
