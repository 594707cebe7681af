"""The second pair of eyes: one asks that a drawing be published, somebody else answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from komp_flow import audit, organisation
from komp_flow.engine.stored.step import PUBLISHING
from komp_flow.errors import Conflict, FieldError, Invalid, NotFound
from komp_flow.i18n import _
from komp_flow.organisation import Actor
from komp_flow.revising import bundle
from komp_flow.revising.lines import AskedLine
from komp_flow.revising.models import DECLINED, OPEN, REPLACED, WAITING, Drawing, Publication
from komp_flow.work import policy
from komp_flow.work.policy import Permission
from komp_flow.work.running.publishing import LONGEST_WHY


def waiting(db: Session, actor: Actor, now: datetime) -> list[AskedLine]:
    """What somebody has asked to have published and nobody has answered, the oldest first."""
    policy.require(db, actor, Permission.DRAW, now)
    query = select(Publication, Drawing).join(Drawing).where(Publication.state == WAITING, Drawing.state == OPEN)
    found = db.execute(query.order_by(Publication.asked_at, Publication.id)).all()
    return [line_of(db, asked, row, now) for asked, row in found]


def to_confirm(db: Session, actor: Actor, publication_id: UUID, now: datetime) -> tuple[UUID, list[UUID]]:
    """The drawing that is asked for and the forms that go along, so that they can be checked once more."""
    policy.require(db, actor, Permission.PUBLISH, now)
    asked = waiting_for(db, publication_id)
    return asked.drawing_id, [UUID(hexed) for hexed, _revision in asked.along]


def decline(db: Session, actor: Actor, publication_id: UUID, why: str, now: datetime) -> None:
    """Say no, with a reason that the one who asked can read; or take one's own request back."""
    policy.require(db, actor, Permission.PUBLISH, now)
    asked = waiting_for(db, publication_id, lock=True)
    is_own = asked.asked_by == actor.person_id
    if not is_own and not 0 < len(why.strip()) <= LONGEST_WHY:
        message = _("Skriv hvorfor, med høyst %(most)s tegn.", most=LONGEST_WHY)
        raise Invalid(_("Ingenting er endret."), [FieldError("answer", message)])
    asked.answer = why.strip()[:LONGEST_WHY] or None
    settle(db, asked, DECLINED, actor, now)


def ask(db: Session, actor: Actor, rows: Sequence[Drawing], why: str, now: datetime) -> AskedLine:
    """Ask that somebody else confirms exactly this; what was asked for before of the same drawing lapses."""
    first, newest = rows[0], bundle.newest_of(db, rows[0])
    db.execute(
        update(Publication)
        .where(Publication.drawing_id == first.id, Publication.state == WAITING)
        .values(state=REPLACED, answered_by=actor.person_id, answered_at=now)
    )
    asked = Publication(
        id=uuid4(), drawing_id=first.id, revision=first.revision,
        along=[[row.id.hex, row.revision] for row in rows[1:]], newest=newest.id if newest is not None else None,
        why=why, state=WAITING, asked_by=actor.person_id, asked_at=now, made=[],
    )  # fmt: skip
    db.add(asked)
    db.flush()
    _note(db, asked, "publication-asked", actor, now)
    return line_of(db, asked, first, now)


def waiting_for(db: Session, publication_id: UUID, *, lock: bool = False) -> Publication:
    """A request that nobody has answered. NotFound: there is none. Conflict: somebody has."""
    if lock:
        db.execute(select(Publication.id).where(Publication.id == publication_id).with_for_update())
    asked = db.get(Publication, publication_id, populate_existing=True)
    if asked is None:
        raise NotFound(_("Forespørselen finnes ikke."))
    if asked.state != WAITING:
        raise Conflict(_("Forespørselen er alt besvart. Last siden på nytt for å se hva som gjelder."))
    return asked


def settle(db: Session, asked: Publication, state: str, actor: Actor, now: datetime) -> None:
    """Write down what came of it, and who said so."""
    asked.state, asked.answered_by, asked.answered_at = state, actor.person_id, now
    db.flush()
    _note(db, asked, f"publication-{state}", actor, now)


def _note(db: Session, asked: Publication, what: str, actor: Actor, now: datetime) -> None:
    detail = {"drawing": asked.drawing_id.hex, "revision": asked.revision}
    audit.record(db, PUBLISHING, [audit.Entry(what, by=actor.person_id or None, detail=detail)], now)


def last_asked(db: Session, row: Drawing, now: datetime) -> AskedLine | None:
    """What waits, or else what was declined last."""
    query = select(Publication).where(Publication.drawing_id == row.id, Publication.state.in_((WAITING, DECLINED)))
    found = db.scalars(query.order_by(Publication.asked_at.desc(), Publication.id).limit(1)).first()
    return line_of(db, found, row, now) if found is not None else None


def is_mine(db: Session, row: Drawing, actor: Actor) -> bool:
    """Whether what waits was asked for by the one who looks."""
    query = select(Publication.asked_by).where(Publication.drawing_id == row.id, Publication.state == WAITING)
    return db.scalar(query) == actor.person_id


def line_of(db: Session, asked: Publication, row: Drawing, now: datetime) -> AskedLine:
    """As the pages are told of it."""
    return AskedLine(
        id=asked.id,
        drawing_id=row.id,
        name=row.name,
        revision=asked.revision,
        why=asked.why,
        asked_by=asked.asked_by,
        asked_by_name=name_of(db, asked.asked_by, now),
        asked_at=asked.asked_at,
        is_current=asked.revision == row.revision and _holds(db, asked),
        state=asked.state,
        answered_by_name=name_of(db, asked.answered_by, now),
        answered_at=asked.answered_at,
        answer=asked.answer or "",
    )


def _holds(db: Session, asked: Publication) -> bool:
    """Whether the forms that were to go along are as they were."""
    rows = ((db.get(Drawing, UUID(hexed)), revision) for hexed, revision in asked.along)
    return all(row is not None and row.state == OPEN and row.revision == revision for row, revision in rows)


def name_of(db: Session, person_id: str | None, now: datetime) -> str:
    """What somebody is called; their id where nobody knows them any more."""
    person = organisation.directory(db, now).person(person_id)
    return person.name if person else (person_id or "")
