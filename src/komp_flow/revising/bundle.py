"""A drawing with those that go along, as they would be published: at exactly these revisions, checked together.

A diagram may take the forms that it uses along, and a form the diagrams that use it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow import engine, work
from komp_flow.engine import ProcessVersion, SourceFile
from komp_flow.errors import Conflict, NotFound, Stale
from komp_flow.i18n import _
from komp_flow.organisation import Actor
from komp_flow.revising import checking, drawings, texts, versions
from komp_flow.revising.lines import Checked, VersionRow
from komp_flow.revising.models import OPEN, Drawing
from komp_flow.revising.texts import DIAGRAM, FORM
from komp_flow.work import policy
from komp_flow.work.policy import Permission

MOST_ALONG: Final = 50  # drawings that go with one


def checked(db: Session, actor: Actor, drawing_id: UUID, along: Sequence[UUID], now: datetime) -> Checked:
    """Check a drawing with those that go along. Takes seconds at worst: not in a transaction that writes."""
    policy.require(db, actor, Permission.DRAW, now)
    rows = rows_of(db, drawing_id, along)
    problems = work.check(db, [file_of(db, row) for row in rows])
    return Checked(tuple((row.id, row.revision) for row in rows), tuple(problems))


def rows_of(db: Session, drawing_id: UUID, along: Sequence[UUID]) -> list[Drawing]:
    """The drawing, then those that go along. Conflict: one of them does not belong to it any more."""
    row = drawings.opened(db, drawing_id)
    offered = {one.id: one for one in offered_to(db, row)}
    if any(one not in offered for one in along):
        raise Conflict(_("Noe av det du valgte, kan ikke publiseres sammen med dette lenger. Last siden på nytt."))
    return [row, *(offered[one] for one in dict.fromkeys(along))]


def offered_to(db: Session, row: Drawing) -> list[Drawing]:
    """What is drawn otherwise than it is published: the forms that the diagram uses, or the diagrams that use the form.

    Of each, the one that was saved last.
    """
    query = select(Drawing).where(Drawing.state == OPEN).order_by(Drawing.saved_at.desc(), Drawing.id)
    if row.kind == DIAGRAM:
        used = texts.forms_of(row.text)
        near = list(db.scalars(query.where(Drawing.kind == FORM, Drawing.key.in_(sorted(used)))))
    else:
        drawn = db.scalars(query.where(Drawing.kind == DIAGRAM, Drawing.text.contains(row.key, autoescape=True)))
        near = [one for one in drawn if row.key and row.key in texts.forms_of(one.text)]
    found: dict[str, Drawing] = {}
    for one in near:
        newest = newest_of(db, one)
        if newest is None or drawings.text_of(newest) != one.text:
            found.setdefault(one.key, one)
    return [found[key] for key in sorted(found)][:MOST_ALONG]


def locked(db: Session, revisions: Sequence[tuple[UUID, int]]) -> list[Drawing]:
    """The drawings, at exactly these revisions. Stale: somebody has saved one of them since."""
    rows = []
    for drawing_id, revision in sorted(revisions):
        db.execute(select(Drawing.id).where(Drawing.id == drawing_id).with_for_update())
        db.expire_all()
        row = drawings.opened(db, drawing_id)
        if row.revision != revision:
            raise Stale(
                _(
                    "«%(name)s» er lagret på nytt etter at du så på endringene. Ingenting er publisert. "
                    "Se på dem en gang til.",
                    name=row.name,
                )
            )
        rows.append(row)
    order = [drawing_id for drawing_id, _revision in revisions]
    return sorted(rows, key=lambda row: order.index(row.id))


def meanwhile(db: Session, rows: Sequence[Drawing], now: datetime) -> list[VersionRow]:
    """What was published of these after they were begun."""
    found = []
    for row in rows:
        newest = newest_of(db, row)
        if newest is not None and newest.id != row.base:
            found += versions.since(db, row.kind, row.key, row.base, now)
    return found


def is_same(db: Session, rows: Sequence[Drawing]) -> bool:
    """Whether all of it is what is published now, to the last byte, and would not call newer processes."""
    newest = [newest_of(db, row) for row in rows]
    is_as_it_was = all(
        one is not None and drawings.text_of(one) == row.text for one, row in zip(newest, rows, strict=True)
    )
    return is_as_it_was and not any(newer_calls(db, one) for one in newest)


def newer_calls(db: Session, version: versions.Version | None) -> tuple[str, ...]:
    """The processes that it calls and that have been published since: published again, it calls the new ones."""
    if not isinstance(version, ProcessVersion) or not version.calls:
        return ()
    found = {one.process: one for one in engine.newest_versions(db)}
    return tuple(
        found[called].name or called
        for called, bound in sorted(version.calls.items())
        if called in found and found[called].id.hex != bound
    )


def file_of(db: Session, row: Drawing) -> SourceFile:
    """The drawing as a file; byte for byte as it was published where nothing is changed."""
    newest = newest_of(db, row)
    if newest is not None and drawings.text_of(newest) == row.text:
        return SourceFile(checking.source(row.kind, row.key, "").name, versions.source(newest))
    return checking.source(row.kind, row.key, row.text)


def newest_of(db: Session, row: Drawing) -> versions.Version | None:
    """What is published now of what the drawing is of; None: nothing."""
    try:
        return drawings.published(db, row.kind, row.key)
    except NotFound:
        return None
