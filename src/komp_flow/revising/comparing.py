"""Two texts of one diagram or form compared, in words, with all the names around them that the words need."""

from __future__ import annotations

from sqlalchemy.orm import Session

from komp_flow.diagrams import differences
from komp_flow.engine import Refused
from komp_flow.revising.lines import Change, Compared
from komp_flow.revising.surroundings import surroundings, words
from komp_flow.revising.texts import DIAGRAM


def compared(db: Session, kind: str, old: str, new: str) -> Compared:
    """What is different in the new text. What cannot be read at all has no differences that can be told."""
    if old == new:
        return Compared((), {}, "")
    try:
        found = (
            differences.differences(_bytes(old), _bytes(new), words(surroundings(db)))
            if kind == DIAGRAM
            else differences.form_differences(old, new)
        )
    except Refused:
        return Compared((), {}, "")
    marks: dict[str, list[str]] = {}
    for change in found:
        if change.element:
            marks.setdefault(change.kind, []).append(change.element)
    return Compared(
        tuple(Change(change.element, change.kind, change.text) for change in found),
        {kind: tuple(dict.fromkeys(ids)) for kind, ids in marks.items()},
        differences.summary(found),
    )


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
