"""What is wrong with a drawing: the same rules as when it is published, in the light of what else is drawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from komp_flow import work
from komp_flow.engine import Problem, SourceFile
from komp_flow.errors import Invalid, TooLarge
from komp_flow.organisation import Actor
from komp_flow.revising import drawings, texts
from komp_flow.revising.surroundings import drawn_files, surroundings
from komp_flow.revising.texts import DIAGRAM
from komp_flow.work import policy
from komp_flow.work.policy import Permission


def problems(db: Session, actor: Actor, drawing_id: UUID, text: str, now: datetime) -> list[Problem]:
    """Every problem of the text that somebody has on the screen. Forms that are only drawn count as there."""
    policy.require(db, actor, Permission.DRAW, now)
    row = drawings.opened(db, drawing_id)
    own = source(row.kind, row.key, text)
    around: list[SourceFile] = []
    if row.kind == DIAGRAM:
        try:
            around = drawn_files(surroundings(db), texts.forms_of(text))
        except (Invalid, TooLarge):
            around = []  # what is wrong with the file as a whole, check says itself
    found = work.check(db, [own, *around])
    if row.kind == DIAGRAM:
        return [problem for problem in found if problem.file == own.name]
    # What it breaks elsewhere is said of the form as a whole: an id there may be that of a field here.
    return [problem if problem.file == own.name else replace(problem, element="") for problem in found]


def source(kind: str, key: str, text: str) -> SourceFile:
    """A text as the file that it is checked and published as."""
    name = f"processes/{key or '?'}.bpmn" if kind == DIAGRAM else f"forms/{key or '?'}.json"
    return SourceFile(name, text.encode("utf-8", "surrogatepass"))
