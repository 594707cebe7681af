"""From a drawing to a published version: what would change, a reason, a second pair of eyes, and back again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from komp_flow import audit, engine, organisation, work
from komp_flow.engine import FormVersion, Instance, ProcessVersion, SourceFile
from komp_flow.engine.step import PUBLISHING
from komp_flow.engine.tables import ENDED
from komp_flow.errors import Conflict, FieldError, Invalid, NotAllowed, NotFound, Stale
from komp_flow.i18n import _
from komp_flow.organisation import Actor
from komp_flow.revising import checking, comparing, drawings, texts, versions
from komp_flow.revising.lines import Along, AskedLine, Checked, Outcome, Proposal, VersionRow
from komp_flow.revising.models import (
    CONFIRMED,
    DECLINED,
    OPEN,
    PUBLISHED,
    REPLACED,
    WAITING,
    Drawing,
    Publication,
)
from komp_flow.revising.texts import DIAGRAM, FORM
from komp_flow.work import policy
from komp_flow.work.policy import Permission
from komp_flow.work.publishing import LONGEST_WHY, second_eyes

MOST_ALONG: Final = 50  # forms that go with one diagram


def checked(db: Session, actor: Actor, drawing_id: UUID, along: Sequence[UUID], now: datetime) -> Checked:
    """Check a drawing with the forms that go along. Takes seconds at worst: not in a transaction that writes."""
    policy.require(db, actor, Permission.DRAW, now)
    rows = _rows(db, drawing_id, along)
    problems = work.check(db, [_file(db, row) for row in rows])
    return Checked(tuple((row.id, row.revision) for row in rows), tuple(problems))


def proposal(db: Session, actor: Actor, drawing_id: UUID, found: Checked | None, now: datetime) -> Proposal:
    """What would happen. Without `found`, with those forms that the diagram uses and that somebody has changed."""
    policy.require(db, actor, Permission.DRAW, now)
    row = drawings.opened(db, drawing_id)
    offered = _offered(db, row)
    if found is None:
        found = checked(db, actor, drawing_id, [one.id for one in offered], now)
    chosen = {drawing for drawing, _revision in found.revisions[1:]}
    newest = _newest(db, row)
    return Proposal(
        drawing=drawings.sheet(db, row, now),
        published=versions.rows(db, [newest], now)[0] if newest is not None else None,
        compared=comparing.compared(db, row.kind, drawings.text_of(newest) if newest is not None else "", row.text),
        checked=found,
        along=tuple(_along(db, one, one.id in chosen, now) for one in offered),
        meanwhile=tuple(_meanwhile(db, [row, *(one for one in offered if one.id in chosen)], now)),
        running=_running(db, row),
        users=_users(db, row),
        newer_calls=_newer_calls(db, newest),
        second_eyes=second_eyes(db),
        asked=_last_asked(db, row, now),
        is_mine=_is_mine(db, row, actor),
    )


def publish(  # noqa: PLR0917
    db: Session, actor: Actor, found: Checked, why: str, over: Collection[str], now: datetime
) -> Outcome:
    """Publish what was checked, or ask that somebody else confirms it where that is required.

    `over`: ids in hex of the versions that were published meanwhile and that one has decided to replace. Raises Stale
    where somebody has saved since it was checked, Invalid without a reason or that decision.
    """
    policy.require(db, actor, Permission.PUBLISH, now)
    rows = _locked(db, found.revisions)
    _require_said(db, rows, why, over, now)
    if found.has_errors:
        return Outcome(problems=found.problems)
    if _is_same(db, rows):
        return Outcome(unchanged=True)
    if second_eyes(db):
        return Outcome(asked=_ask(db, actor, rows, why.strip(), now))
    return _done(db, actor, rows, found, why, now)


def waiting(db: Session, actor: Actor, now: datetime) -> list[AskedLine]:
    """What somebody has asked to have published and nobody has answered, the oldest first."""
    policy.require(db, actor, Permission.DRAW, now)
    query = select(Publication, Drawing).join(Drawing).where(Publication.state == WAITING, Drawing.state == OPEN)
    found = db.execute(query.order_by(Publication.asked_at, Publication.id)).all()
    return [_line(db, asked, row, now) for asked, row in found]


def to_confirm(db: Session, actor: Actor, publication_id: UUID, now: datetime) -> tuple[UUID, list[UUID]]:
    """The drawing that is asked for and the forms that go along, so that they can be checked once more."""
    policy.require(db, actor, Permission.PUBLISH, now)
    asked = _asked(db, publication_id)
    return asked.drawing_id, [UUID(hexed) for hexed, _revision in asked.along]


def confirm(db: Session, actor: Actor, publication_id: UUID, found: Checked, now: datetime) -> Outcome:
    """Publish exactly what was asked for. NotAllowed: by the one who asked. Conflict: something has changed since."""
    policy.require(db, actor, Permission.PUBLISH, now)
    asked = _asked(db, publication_id, lock=True)
    if asked.asked_by == actor.person_id:
        raise NotAllowed(
            _("Du har selv bedt om dette, så en annen må bekrefte det. Ingenting er publisert. Si fra til en kollega.")
        )
    wanted = ((asked.drawing_id, asked.revision), *((UUID(hexed), revision) for hexed, revision in asked.along))
    rows = _locked(db, found.revisions) if found.revisions == wanted else None
    newest = _newest(db, drawings.opened(db, asked.drawing_id))
    if rows is None or (newest.id if newest is not None else None) != asked.newest:
        raise Conflict(
            _(
                "Utkastet er endret etter at %(who)s ba om bekreftelse, eller en annen versjon er publisert. "
                "Ingenting er publisert. Be om bekreftelse på nytt.",
                who=_name(db, asked.asked_by, now),
            )
        )
    if found.has_errors:
        return Outcome(problems=found.problems)
    made = _done(db, actor, rows, found, asked.why, now)
    asked.made = [version.id.hex for version in made.versions]
    _answer(db, asked, CONFIRMED, actor, now)
    return made


def decline(db: Session, actor: Actor, publication_id: UUID, why: str, now: datetime) -> None:
    """Say no, with a reason that the one who asked can read; or take one's own request back."""
    policy.require(db, actor, Permission.PUBLISH, now)
    asked = _asked(db, publication_id, lock=True)
    is_own = asked.asked_by == actor.person_id
    if not is_own and not 0 < len(why.strip()) <= LONGEST_WHY:
        message = _("Skriv hvorfor, med høyst %(most)s tegn.", most=LONGEST_WHY)
        raise Invalid(_("Ingenting er endret."), [FieldError("answer", message)])
    asked.answer = why.strip()[:LONGEST_WHY] or None
    _answer(db, asked, DECLINED, actor, now)


def roll_back_check(db: Session, actor: Actor, kind: str, key: str, number: int, now: datetime) -> Checked:  # noqa: PLR0917
    """Check an older version as if it were published today."""
    policy.require(db, actor, Permission.DRAW, now)
    found = drawings.published(db, kind, key, number)
    return Checked(((found.id, found.number),), tuple(work.check(db, [_older(kind, key, found)])))


def roll_back(  # noqa: PLR0917
    db: Session, actor: Actor, kind: str, key: str, found: Checked, why: str, now: datetime
) -> Outcome:
    """Publish an older version's file as a new version, or ask that somebody confirms it."""
    policy.require(db, actor, Permission.PUBLISH, now)
    older = drawings.published(db, kind, key, found.revisions[0][1])
    newest = drawings.published(db, kind, key)
    if versions.source(older) == versions.source(newest):
        return Outcome(unchanged=True)
    _require_why(why)
    if found.has_errors:
        return Outcome(problems=found.problems)
    if second_eyes(db):
        drawn = drawings.draw_published(db, actor, kind, key, older.number, now)
        return Outcome(asked=_ask(db, actor, [drawings.opened(db, drawn)], why.strip(), now))
    return _outcome(db, work.publish(db, actor, [_older(kind, key, older)], why, now, problems=found.problems), now)


# ---- what is published --------------------------------------------------------------------------------------------


def _done(  # noqa: PLR0917
    db: Session, actor: Actor, rows: Sequence[Drawing], found: Checked, why: str, now: datetime
) -> Outcome:
    done = work.publish(db, actor, [_file(db, row) for row in rows], why, now, problems=found.problems, confirmed=True)
    for row in rows:
        drawings.close(db, row, PUBLISHED, actor, now)
    return _outcome(db, done, now)


def _outcome(db: Session, done: work.Published, now: datetime) -> Outcome:
    if done.refused:
        return Outcome(problems=done.problems)
    tables = {"process": ProcessVersion, "form": FormVersion}
    made = [db.get_one(tables[line.kind], line.id) for line in done.versions]
    return Outcome(versions=tuple(versions.rows(db, made, now)))  # type: ignore[arg-type]


def _file(db: Session, row: Drawing) -> SourceFile:
    """The drawing as a file; byte for byte as it was published where nothing is changed."""
    newest = _newest(db, row)
    if newest is not None and drawings.text_of(newest) == row.text:
        return SourceFile(checking.source(row.kind, row.key, "").name, versions.source(newest))
    return checking.source(row.kind, row.key, row.text)


def _older(kind: str, key: str, found: versions.Version) -> SourceFile:
    return SourceFile(checking.source(kind, key, "").name, versions.source(found))


def _newest(db: Session, row: Drawing) -> versions.Version | None:
    try:
        return drawings.published(db, row.kind, row.key)
    except NotFound:
        return None


def _is_same(db: Session, rows: Sequence[Drawing]) -> bool:
    """Whether all of it is what is published now, to the last byte, and would not call newer processes."""
    newest = [_newest(db, row) for row in rows]
    is_as_it_was = all(
        one is not None and drawings.text_of(one) == row.text for one, row in zip(newest, rows, strict=True)
    )
    return is_as_it_was and not any(_newer_calls(db, one) for one in newest)


def _newer_calls(db: Session, version: versions.Version | None) -> tuple[str, ...]:
    """The processes that it calls and that have been published since: published again, it calls the new ones."""
    if not isinstance(version, ProcessVersion) or not version.calls:
        return ()
    found = {one.process: one for one in engine.newest_versions(db)}
    return tuple(
        found[called].name or called
        for called, bound in sorted(version.calls.items())
        if called in found and found[called].id.hex != bound
    )


# ---- what goes along, and what must be said -----------------------------------------------------------------------


def _rows(db: Session, drawing_id: UUID, along: Sequence[UUID]) -> list[Drawing]:
    row = drawings.opened(db, drawing_id)
    offered = {one.id: one for one in _offered(db, row)}
    if any(one not in offered for one in along):
        raise Conflict(_("Et av skjemaene kan ikke publiseres sammen med dette lenger. Last siden på nytt."))
    return [row, *(offered[one] for one in dict.fromkeys(along))]


def _offered(db: Session, row: Drawing) -> list[Drawing]:
    """The forms that the diagram uses and that are drawn otherwise than they are published; of each, the last saved."""
    if row.kind != DIAGRAM:
        return []
    used = texts.forms_of(row.text)
    query = select(Drawing).where(Drawing.state == OPEN, Drawing.kind == FORM, Drawing.key.in_(sorted(used)))
    found: dict[str, Drawing] = {}
    for one in db.scalars(query.order_by(Drawing.saved_at.desc(), Drawing.id)):
        newest = _newest(db, one)
        if newest is None or drawings.text_of(newest) != one.text:
            found.setdefault(one.key, one)
    return [found[key] for key in sorted(found)][:MOST_ALONG]


def _along(db: Session, row: Drawing, chosen: bool, now: datetime) -> Along:
    return Along(
        row.id, row.key, row.name, row.revision, _newest(db, row) is None, _name(db, row.saved_by, now), row.saved_at,
        chosen,
    )  # fmt: skip


def _meanwhile(db: Session, rows: Sequence[Drawing], now: datetime) -> list[VersionRow]:
    """What was published of these after they were begun."""
    found = []
    for row in rows:
        newest = _newest(db, row)
        if newest is not None and newest.id != row.base:
            found += versions.since(db, row.kind, row.key, row.base, now)
    return found


def _locked(db: Session, revisions: Sequence[tuple[UUID, int]]) -> list[Drawing]:
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


def _require_said(db: Session, rows: Sequence[Drawing], why: str, over: Collection[str], now: datetime) -> None:
    missing = {version.id.hex for version in _meanwhile(db, rows, now)} - set(over)
    if missing:
        message = _("Bestem at utkastet skal erstatte det som er publisert i mellomtiden, eller ta det med i utkastet.")
        raise Invalid(_("Ingenting er publisert."), [FieldError("over", message)])
    _require_why(why)


def _require_why(why: str) -> None:
    if not 0 < len(why.strip()) <= LONGEST_WHY:
        message = _("Skriv hva som er endret og hvorfor, med høyst %(most)s tegn.", most=LONGEST_WHY)
        raise Invalid(_("Ingenting er publisert."), [FieldError("why", message)])


def _running(db: Session, row: Drawing) -> int:
    if row.kind != DIAGRAM:
        return 0
    query = select(func.count()).where(Instance.process == row.key, Instance.state.not_in(ENDED))
    return db.scalar(query) or 0


def _users(db: Session, row: Drawing) -> tuple[str, ...]:
    if row.kind != FORM:
        return ()
    return tuple(one.name or one.process for one in engine.newest_versions(db) if row.key in one.forms)


# ---- the second pair of eyes --------------------------------------------------------------------------------------


def _ask(db: Session, actor: Actor, rows: Sequence[Drawing], why: str, now: datetime) -> AskedLine:
    first, newest = rows[0], _newest(db, rows[0])
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
    return _line(db, asked, first, now)


def _asked(db: Session, publication_id: UUID, *, lock: bool = False) -> Publication:
    if lock:
        db.execute(select(Publication.id).where(Publication.id == publication_id).with_for_update())
    asked = db.get(Publication, publication_id, populate_existing=True)
    if asked is None:
        raise NotFound(_("Forespørselen finnes ikke."))
    if asked.state != WAITING:
        raise Conflict(_("Forespørselen er alt besvart. Last siden på nytt for å se hva som gjelder."))
    return asked


def _answer(db: Session, asked: Publication, state: str, actor: Actor, now: datetime) -> None:
    asked.state, asked.answered_by, asked.answered_at = state, actor.person_id, now
    db.flush()
    _note(db, asked, f"publication-{state}", actor, now)


def _note(db: Session, asked: Publication, what: str, actor: Actor, now: datetime) -> None:
    detail = {"drawing": asked.drawing_id.hex, "revision": asked.revision}
    audit.record(db, PUBLISHING, [audit.Entry(what, by=actor.person_id or None, detail=detail)], now)


def _last_asked(db: Session, row: Drawing, now: datetime) -> AskedLine | None:
    query = select(Publication).where(Publication.drawing_id == row.id, Publication.state.in_((WAITING, DECLINED)))
    found = db.scalars(query.order_by(Publication.asked_at.desc(), Publication.id).limit(1)).first()
    return _line(db, found, row, now) if found is not None else None


def _is_mine(db: Session, row: Drawing, actor: Actor) -> bool:
    query = select(Publication.asked_by).where(Publication.drawing_id == row.id, Publication.state == WAITING)
    return db.scalar(query) == actor.person_id


def _line(db: Session, asked: Publication, row: Drawing, now: datetime) -> AskedLine:
    return AskedLine(
        id=asked.id,
        drawing_id=row.id,
        name=row.name,
        revision=asked.revision,
        why=asked.why,
        asked_by=asked.asked_by,
        asked_by_name=_name(db, asked.asked_by, now),
        asked_at=asked.asked_at,
        is_current=asked.revision == row.revision and _holds(db, asked),
        state=asked.state,
        answered_by_name=_name(db, asked.answered_by, now),
        answered_at=asked.answered_at,
        answer=asked.answer or "",
    )


def _holds(db: Session, asked: Publication) -> bool:
    """Whether the forms that were to go along are as they were."""
    rows = ((db.get(Drawing, UUID(hexed)), revision) for hexed, revision in asked.along)
    return all(row is not None and row.state == OPEN and row.revision == revision for row, revision in rows)


def _name(db: Session, person_id: str | None, now: datetime) -> str:
    person = organisation.directory(db, now).person(person_id)
    return person.name if person else (person_id or "")
