"""A drawing said in words, as it is on the screen of the one who draws."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from komp_flow.diagrams import words
from komp_flow.organisation import Actor
from komp_flow.revising import drawings, texts
from komp_flow.revising.surroundings import surroundings
from komp_flow.revising.surroundings import words as words_around
from komp_flow.revising.texts import DIAGRAM
from komp_flow.work import policy
from komp_flow.work.policy import Permission


def sections(db: Session, actor: Actor, drawing_id: UUID, text: str, now: datetime) -> list[words.Section]:
    """Who gets what when. A form has none. Raises Invalid or TooLarge where the text is no diagram."""
    policy.require(db, actor, Permission.DRAW, now)
    if drawings.opened(db, drawing_id).kind != DIAGRAM:
        return []
    texts.diagram(text)
    return words.sections(text.encode("utf-8", "surrogatepass"), words_around(surroundings(db)))
