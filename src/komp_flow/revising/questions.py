"""What a drawing does not say yet: asked of the one who draws, and answered into it; and which names exist where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from komp_flow import operations
from komp_flow.diagrams.answers import answered
from komp_flow.diagrams.naming import Name, names_at
from komp_flow.diagrams.questions import Choices, Question
from komp_flow.diagrams.questions import questions as ask
from komp_flow.organisation import Actor
from komp_flow.revising import checking, drawings, texts
from komp_flow.revising.surroundings import known, surroundings, words
from komp_flow.revising.texts import DIAGRAM
from komp_flow.work import policy
from komp_flow.work.policy import Permission


def questions(db: Session, actor: Actor, drawing_id: UUID, text: str, now: datetime) -> list[Question]:
    """What is to be answered before the text on the screen can run. A form has none. Invalid: it is no diagram."""
    policy.require(db, actor, Permission.DRAW, now)
    if drawings.opened(db, drawing_id).kind != DIAGRAM:
        return []
    texts.diagram(text)
    problems = checking.problems(db, actor, drawing_id, text, now)
    choices = Choices(words(surroundings(db)), dict(operations.registry()))
    return ask(text.encode("utf-8", "surrogatepass"), problems, choices)


def put_in(  # noqa: PLR0917
    db: Session, actor: Actor, drawing_id: UUID, text: str, answers: Mapping[str, Sequence[str]], now: datetime
) -> str:
    """The text with these answers in it; nothing is kept. Invalid: an answer cannot be, each is named."""
    asked = questions(db, actor, drawing_id, text, now)
    if drawings.opened(db, drawing_id).kind != DIAGRAM:
        return text
    return answered(text.encode("utf-8", "surrogatepass"), asked, answers).decode()


def names(  # noqa: PLR0917
    db: Session, actor: Actor, drawing_id: UUID, text: str, element: str, now: datetime
) -> list[Name]:
    """The names that the drawing itself brings about and that the element can see."""
    policy.require(db, actor, Permission.DRAW, now)
    if drawings.opened(db, drawing_id).kind != DIAGRAM:
        return []
    texts.diagram(text)
    around = surroundings(db)
    return names_at(text.encode("utf-8", "surrogatepass"), element, known(db, around), words(around))
