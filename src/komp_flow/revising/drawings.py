"""Drawings: diagrams and forms that are being changed. Nobody's changes are written over without their knowing."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import zstandard
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from komp_flow import engine, organisation
from komp_flow.diagrams import keeping
from komp_flow.engine import FormVersion, ProcessVersion
from komp_flow.errors import Conflict, FieldError, Invalid, NotFound, Stale, TooLarge
from komp_flow.i18n import _
from komp_flow.organisation import Actor
from komp_flow.revising import blank, comparing, listing, texts
from komp_flow.revising.lines import DrawingLine, DrawingSheet, Newer
from komp_flow.revising.models import DISCARDED, OPEN, Drawing, DrawingRevision
from komp_flow.revising.texts import DIAGRAM, FORM, Written
from komp_flow.work import policy
from komp_flow.work.policy import Permission
from komp_flow.work.words import when

MOST_DRAWINGS: Final = 200  # open at once
MOST_REVISIONS: Final = 30  # of one drawing that are kept to compare with
KEPT_CLOSED: Final = timedelta(days=30)  # of a drawing that was published or thrown away


def drawings(db: Session, actor: Actor, now: datetime) -> list[DrawingLine]:
    """Those that are open, the last saved first."""
    policy.require(db, actor, Permission.DRAW, now)
    found = db.scalars(select(Drawing).where(Drawing.state == OPEN).order_by(Drawing.saved_at.desc(), Drawing.id)).all()
    return listing.lines(db, found, now)


def drawing(db: Session, actor: Actor, drawing_id: UUID, now: datetime) -> DrawingSheet:
    """One with its text. NotFound: there is none. Conflict: it is published or thrown away."""
    policy.require(db, actor, Permission.DRAW, now)
    return sheet(db, opened(db, drawing_id), now)


def draw_published(  # noqa: PLR0917
    db: Session, actor: Actor, kind: str, key: str, number: int | None, now: datetime
) -> UUID:
    """Begin with a published version, the newest without a number. One that nobody has changed is given again."""
    policy.require(db, actor, Permission.DRAW, now)
    version = published(db, kind, key, number)
    newest = version if number is None else published(db, kind, key)
    untouched = select(Drawing.id).where(
        Drawing.state == OPEN, Drawing.base == version.id, Drawing.revision == 1, Drawing.made_by == actor.person_id
    )
    if version.id == newest.id and (found := db.scalars(untouched).first()):
        return found
    return _make(db, actor, texts.again(kind, text_of(version)), newest.id, now)


def draw_new(db: Session, actor: Actor, kind: str, name: str, now: datetime) -> UUID:
    """Begin with a blank process or form of this name. Raises Invalid without a name."""
    policy.require(db, actor, Permission.DRAW, now)
    name = " ".join(name.split())
    if not 0 < len(name) <= texts.LONGEST_NAME:
        message = _("Skriv hva den skal hete, med høyst %(most)s tegn.", most=texts.LONGEST_NAME)
        raise Invalid(_("Ingenting er laget ennå."), [FieldError("name", message)])
    if kind == FORM:
        key = blank.key_of(name, _keys(db, FORM), "skjema")
        return _make(db, actor, texts.form(blank.form(key, name)), None, now)
    key = blank.key_of(name, _keys(db, DIAGRAM), "prosess")
    return _make(db, actor, texts.diagram(blank.diagram(key, name)), None, now)


def draw_file(db: Session, actor: Actor, name: str, data: bytes, now: datetime) -> UUID:
    """Begin with a file, from any tool. Raises Invalid or TooLarge: it cannot be opened, with the reason."""
    policy.require(db, actor, Permission.DRAW, now)
    found = texts.written(name, data)
    newest = listing.newest_ids(db, found.kind).get(found.key)
    return _make(db, actor, found, newest[0] if newest else None, now)


def save(  # noqa: PLR0917
    db: Session, actor: Actor, drawing_id: UUID, revision: int, text: str, now: datetime
) -> DrawingSheet:
    """Keep what is drawn. `revision` is the one that was changed.

    Stale: somebody has saved since; its `current` is a `Newer`. Invalid, TooLarge: the text cannot be opened again.
    """
    policy.require(db, actor, Permission.DRAW, now)
    row = opened(db, drawing_id)
    found = texts.again(row.kind, _whole(row.text, text) if row.kind == DIAGRAM else text)
    if found.text == row.text:  # also what was saved already, by one who did not hear so
        return sheet(db, row, now)
    if row.revision != revision:
        raise _stale(db, row, revision, text, now)
    done = db.execute(
        update(Drawing)
        .where(Drawing.id == drawing_id, Drawing.revision == revision, Drawing.state == OPEN)
        .values(text=found.text, key=found.key, name=found.name, revision=revision + 1,
                saved_by=actor.person_id, saved_at=now)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    db.refresh(row)
    if not getattr(done, "rowcount", 0):  # somebody saved after it was looked at
        raise _stale(db, opened(db, drawing_id), revision, text, now)
    _keep_revision(db, row)
    return sheet(db, row, now)


def copy(  # noqa: PLR0917
    db: Session, actor: Actor, drawing_id: UUID, text: str, now: datetime, kind: str | None = None
) -> UUID:
    """A drawing of one's own with this text, where another was first; `kind` where the first is long gone."""
    policy.require(db, actor, Permission.DRAW, now)
    row = db.get(Drawing, drawing_id)
    if row is not None:
        return _make(db, actor, texts.again(row.kind, text), row.base, now)
    if kind not in {DIAGRAM, FORM}:
        raise _none()
    found = texts.again(kind, text)
    newest = listing.newest_ids(db, kind).get(found.key)
    return _make(db, actor, found, newest[0] if newest else None, now)


def refused(db: Session, actor: Actor, drawing_id: UUID, text: str, now: datetime) -> str:
    """Why such a text would not be kept at all; empty where it would."""
    policy.require(db, actor, Permission.DRAW, now)
    row = opened(db, drawing_id)
    try:
        texts.again(row.kind, text)
    except (Invalid, TooLarge) as error:
        return " ".join([error.message, *(field.message for field in getattr(error, "fields", ()))])
    return ""


def discard(db: Session, actor: Actor, drawing_id: UUID, now: datetime) -> DrawingLine:
    """Throw it away; it can be taken back for a while. What is published stands."""
    policy.require(db, actor, Permission.DRAW, now)
    row = opened(db, drawing_id)
    line = listing.lines(db, [row], now)[0]
    close(db, row, DISCARDED, actor, now)
    return line


def discarded(db: Session, actor: Actor, now: datetime) -> list[DrawingLine]:
    """Those that were thrown away and can be taken back, the last first."""
    policy.require(db, actor, Permission.DRAW, now)
    query = select(Drawing).where(Drawing.state == DISCARDED, Drawing.saved_at > now - KEPT_CLOSED)
    return listing.lines(db, db.scalars(query.order_by(Drawing.saved_at.desc(), Drawing.id).limit(20)).all(), now)


def take_back(db: Session, actor: Actor, drawing_id: UUID, now: datetime) -> None:
    """Open one again that was thrown away. NotFound: there is none. Conflict: it was not thrown away."""
    policy.require(db, actor, Permission.DRAW, now)
    row = db.get(Drawing, drawing_id)
    if row is None:
        raise _none()
    if row.state != DISCARDED:
        raise Conflict(_("Utkastet er ikke forkastet. Last siden på nytt for å se hva som gjelder."))
    _require_room(db)
    row.state, row.saved_by, row.saved_at = OPEN, actor.person_id, now
    db.flush()


def opened(db: Session, drawing_id: UUID) -> Drawing:
    """The row of an open drawing. NotFound: there is none. Conflict: it is published or thrown away."""
    row = db.get(Drawing, drawing_id)
    if row is None:
        raise _none()
    if row.state != OPEN:
        raise _closed(db, row)
    return row


def _closed(db: Session, row: Drawing) -> Conflict:
    """Who published it or threw it away, and when."""
    person = organisation.directory(db, row.saved_at).person(row.saved_by)
    said = {"who": person.name if person else row.saved_by, "when": when(row.saved_at, db.info["zone"])}
    if row.state == DISCARDED:
        return Conflict(
            _("Utkastet ble forkastet av %(who)s %(when)s. Du kan hente det tilbake fra studioets forside.", **said)
        )
    return Conflict(_("Utkastet ble publisert av %(who)s %(when)s. Begynn på et nytt fra studioets forside.", **said))


def close(db: Session, row: Drawing, state: str, actor: Actor, now: datetime) -> None:
    """It is a drawing no longer: published, or thrown away."""
    row.state, row.saved_by, row.saved_at = state, actor.person_id, now
    db.flush()


def sheet(db: Session, row: Drawing, now: datetime) -> DrawingSheet:
    """A row with its text, as it is told."""
    line = listing.lines(db, [row], now)[0]
    return DrawingSheet(**{**_plain(line), "text": row.text})


def _plain(line: DrawingLine) -> dict[str, Any]:
    return {**asdict(line), "waiting": line.waiting}


def published(db: Session, kind: str, key: str, number: int | None = None) -> ProcessVersion | FormVersion:
    """A published version, the newest without a number. NotFound: there is none."""
    if kind == DIAGRAM:
        return engine.newest(db, key) if number is None else engine.version(db, key, number)
    query = select(FormVersion).where(FormVersion.form == key)
    query = query.where(FormVersion.number == number) if number is not None else query
    found = db.scalars(query.order_by(FormVersion.number.desc()).limit(1)).first()
    if found is None:
        raise NotFound(_("Skjemaet «%(form)s» er ikke publisert i den versjonen.", form=key))
    return found


def text_of(version: ProcessVersion | FormVersion) -> str:
    """A published version as the text that an editor gets."""
    return texts.decoded(version.source) if isinstance(version, ProcessVersion) else version.document


def _make(db: Session, actor: Actor, found: Written, base: UUID | None, now: datetime) -> UUID:
    _require_room(db)
    db.execute(delete(Drawing).where(Drawing.state != OPEN, Drawing.saved_at < now - KEPT_CLOSED))
    row = Drawing(
        id=uuid4(), kind=found.kind, key=found.key, name=found.name, text=found.text, revision=1, base=base,
        state=OPEN, made_by=actor.person_id, made_at=now, saved_by=actor.person_id, saved_at=now,
    )  # fmt: skip
    db.add(row)
    db.flush()
    _keep_revision(db, row)
    return row.id


def _require_room(db: Session) -> None:
    if db.scalar(select(func.count()).where(Drawing.state == OPEN)) >= MOST_DRAWINGS:  # type: ignore[operator]
        raise TooLarge(
            _(
                "Det er alt %(most)s utkast i studioet. Publiser eller forkast noen av dem, og prøv igjen.",
                most=MOST_DRAWINGS,
            )
        )


def _keep_revision(db: Session, row: Drawing) -> None:
    db.add(
        DrawingRevision(
            drawing_id=row.id,
            revision=row.revision,
            text=zstandard.compress(row.text.encode("utf-8", "surrogatepass")),
            saved_by=row.saved_by,
            saved_at=row.saved_at,
        )
    )
    db.flush()
    oldest = row.revision - MOST_REVISIONS
    db.execute(delete(DrawingRevision).where(DrawingRevision.drawing_id == row.id, DrawingRevision.revision <= oldest))


def _stale(db: Session, row: Drawing, revision: int, text: str, now: datetime) -> Stale:
    """Who has saved, when, and what they changed since that revision; against one's own text where it is not kept."""
    kept = db.get(DrawingRevision, (row.id, revision))
    before = zstandard.decompress(kept.text).decode("utf-8", "surrogatepass") if kept is not None else text
    changes, mine = (
        tuple(change.text for change in comparing.compared(db, row.kind, before, after).changes)
        for after in (row.text, text)
    )
    who = organisation.directory(db, now).person(row.saved_by)
    name = who.name if who else row.saved_by
    return Stale(
        _(
            "%(who)s har lagret dette utkastet etter at du åpnet det. Ditt er ikke lagret ennå: "
            "ta vare på ditt som et eget utkast, eller gå videre på det som er lagret.",
            who=name,
        ),
        Newer(row.saved_by, name, row.saved_at, changes, mine, row.revision, row.text),
    )


def _whole(before: str, saved: str) -> str:
    """What an editor has saved, with what it could not hold and nobody removed."""
    texts.diagram(saved)
    data = keeping.kept(before.encode("utf-8", "surrogatepass"), saved.encode("utf-8", "surrogatepass"))
    return data.decode("utf-8", "surrogatepass")


def _keys(db: Session, kind: str) -> frozenset[str]:
    """The ids that something published or drawn has."""
    drawn = db.scalars(select(Drawing.key).where(Drawing.kind == kind, Drawing.state == OPEN))
    return frozenset(drawn) | frozenset(listing.newest_ids(db, kind))


def _none() -> NotFound:
    return NotFound(_("Utkastet finnes ikke. Det kan være publisert eller forkastet for en stund siden."))
