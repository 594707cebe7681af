"""Drawings in a list: what they are built on, what is published now, who saved them, what waits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow import engine, organisation
from komp_flow.engine import FormVersion, ProcessVersion
from komp_flow.revising.lines import AskedLine, DrawingLine
from komp_flow.revising.models import WAITING, Drawing, Publication
from komp_flow.revising.texts import DIAGRAM


def lines(db: Session, rows: Sequence[Drawing], now: datetime) -> list[DrawingLine]:
    """The drawings as the pages are told of them, in the same order."""
    directory = organisation.directory(db, now)
    newest = {kind: newest_ids(db, kind) for kind in {row.kind for row in rows}}
    numbers = _numbers(db, {row.base for row in rows if row.base is not None})
    waiting = _waiting(db, rows)
    made = []
    for row in rows:
        who = directory.person(row.saved_by)
        last = newest[row.kind].get(row.key)
        asked = waiting.get(row.id)
        asker = directory.person(asked.asked_by) if asked else None
        made.append(
            DrawingLine(
                id=row.id,
                kind=row.kind,
                key=row.key,
                name=row.name,
                revision=row.revision,
                base=numbers.get(row.base) if row.base is not None else None,
                newest=last[1] if last else None,
                saved_by=row.saved_by,
                saved_by_name=who.name if who else row.saved_by,
                saved_at=row.saved_at,
                changed=row.revision > 1 or row.base is None,
                waiting=_asked(asked, row, asker.name if asker else asked.asked_by) if asked else None,
            )
        )
    return made


def _asked(asked: Publication, row: Drawing, who: str) -> AskedLine:
    return AskedLine(
        id=asked.id,
        drawing_id=row.id,
        name=row.name,
        revision=asked.revision,
        why=asked.why,
        asked_by=asked.asked_by,
        asked_by_name=who,
        asked_at=asked.asked_at,
        is_current=asked.revision == row.revision,
        state=asked.state,
    )


def _waiting(db: Session, rows: Sequence[Drawing]) -> dict[UUID, Publication]:
    ids = [row.id for row in rows]
    query = select(Publication).where(Publication.drawing_id.in_(ids), Publication.state == WAITING)
    return {found.drawing_id: found for found in db.scalars(query)}


def _numbers(db: Session, ids: set[UUID]) -> dict[UUID, int]:
    """The numbers of published versions, of processes and forms."""
    found: dict[UUID, int] = {}
    for table in (ProcessVersion, FormVersion):
        found |= {row.id: row.number for row in db.execute(select(table.id, table.number).where(table.id.in_(ids)))}
    return found


def newest_ids(db: Session, kind: str) -> dict[str, tuple[UUID, int]]:
    """The newest published version of each process or form: its id and number, by key."""
    if kind == DIAGRAM:
        return {found.process: (found.id, found.number) for found in engine.newest_versions(db)}
    return {found.form: (found.id, found.number) for found in engine.newest_forms(db)}
