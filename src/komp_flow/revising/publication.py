"""From a drawing to a published version: what would change, a reason, a second pair of eyes, and back again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from komp_flow import engine, work
from komp_flow.engine import FormVersion, Instance, ProcessVersion, SourceFile
from komp_flow.engine.tables import ENDED
from komp_flow.errors import Conflict, FieldError, Invalid, NotAllowed
from komp_flow.i18n import _
from komp_flow.organisation import Actor
from komp_flow.revising import bundle, checking, comparing, confirming, drawings, versions
from komp_flow.revising.lines import Along, Checked, Outcome, Proposal
from komp_flow.revising.models import CONFIRMED, PUBLISHED, Drawing
from komp_flow.revising.texts import DIAGRAM, FORM
from komp_flow.work import policy
from komp_flow.work.policy import Permission
from komp_flow.work.running.publishing import LONGEST_WHY, second_eyes


def proposal(db: Session, actor: Actor, drawing_id: UUID, found: Checked | None, now: datetime) -> Proposal:
    """What would happen. Without `found`, with those forms that the diagram uses and that somebody has changed.

    The diagrams that use a form go along only where somebody chooses so: they may be half done.
    """
    policy.require(db, actor, Permission.DRAW, now)
    row = drawings.opened(db, drawing_id)
    offered = bundle.offered_to(db, row)
    if found is None:
        found = bundle.checked(db, actor, drawing_id, [one.id for one in offered if one.kind == FORM], now)
    chosen = {drawing for drawing, _revision in found.revisions[1:]}
    newest, users = bundle.newest_of(db, row), _users(db, row)
    return Proposal(
        drawing=drawings.sheet(db, row, now),
        published=versions.rows(db, [newest], now)[0] if newest is not None else None,
        compared=comparing.compared(db, row.kind, drawings.text_of(newest) if newest is not None else "", row.text),
        checked=found,
        along=tuple(_along(db, one, one.id in chosen, now) for one in offered),
        meanwhile=tuple(bundle.meanwhile(db, [row, *(one for one in offered if one.id in chosen)], now)),
        running=_running(db, row),
        users=tuple(name for _key, name in users),
        undrawn=tuple(user for user in users if user[0] not in {one.key for one in offered}),
        newer_calls=bundle.newer_calls(db, newest),
        second_eyes=second_eyes(db),
        asked=confirming.last_asked(db, row, now),
        is_mine=confirming.is_mine(db, row, actor),
    )


def publish(  # noqa: PLR0917
    db: Session, actor: Actor, found: Checked, why: str, over: Collection[str], now: datetime
) -> Outcome:
    """Publish what was checked, or ask that somebody else confirms it where that is required.

    `over`: ids in hex of the versions that were published meanwhile and that one has decided to replace. Raises Stale
    where somebody has saved since it was checked, Invalid without a reason or that decision.
    """
    policy.require(db, actor, Permission.PUBLISH, now)
    rows = bundle.locked(db, found.revisions)
    _require_said(db, rows, why, over, now)
    if found.has_errors:
        return Outcome(problems=found.problems)
    if bundle.is_same(db, rows):
        return Outcome(unchanged=True)
    if second_eyes(db):
        return Outcome(asked=confirming.ask(db, actor, rows, why.strip(), now))
    return _done(db, actor, rows, found, why, now)


def confirm(db: Session, actor: Actor, publication_id: UUID, found: Checked, now: datetime) -> Outcome:
    """Publish exactly what was asked for. NotAllowed: by the one who asked. Conflict: something has changed since."""
    policy.require(db, actor, Permission.PUBLISH, now)
    asked = confirming.waiting_for(db, publication_id, lock=True)
    if asked.asked_by == actor.person_id:
        raise NotAllowed(
            _("Du har selv bedt om dette, så en annen må bekrefte det. Ingenting er publisert. Si fra til en kollega.")
        )
    wanted = ((asked.drawing_id, asked.revision), *((UUID(hexed), revision) for hexed, revision in asked.along))
    rows = bundle.locked(db, found.revisions) if found.revisions == wanted else None
    newest = bundle.newest_of(db, drawings.opened(db, asked.drawing_id))
    if rows is None or (newest.id if newest is not None else None) != asked.newest:
        raise Conflict(
            _(
                "Utkastet er endret etter at %(who)s ba om bekreftelse, eller en annen versjon er publisert. "
                "Ingenting er publisert. Be om bekreftelse på nytt.",
                who=confirming.name_of(db, asked.asked_by, now),
            )
        )
    if found.has_errors:
        return Outcome(problems=found.problems)
    made = _done(db, actor, rows, found, asked.why, now)
    asked.made = [version.id.hex for version in made.versions]
    confirming.settle(db, asked, CONFIRMED, actor, now)
    return made


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
        return Outcome(asked=confirming.ask(db, actor, [drawings.opened(db, drawn)], why.strip(), now))
    return _outcome(db, work.publish(db, actor, [_older(kind, key, older)], why, now, problems=found.problems), now)


# ---- what is published --------------------------------------------------------------------------------------------


def _done(  # noqa: PLR0917
    db: Session, actor: Actor, rows: Sequence[Drawing], found: Checked, why: str, now: datetime
) -> Outcome:
    done = work.publish(
        db, actor, [bundle.file_of(db, row) for row in rows], why, now, problems=found.problems, confirmed=True
    )
    for row in rows:
        drawings.close(db, row, PUBLISHED, actor, now)
    return _outcome(db, done, now)


def _outcome(db: Session, done: work.Published, now: datetime) -> Outcome:
    if done.refused:
        return Outcome(problems=done.problems)
    tables = {"process": ProcessVersion, "form": FormVersion}
    made = [db.get_one(tables[line.kind], line.id) for line in done.versions]
    return Outcome(versions=tuple(versions.rows(db, made, now)))  # type: ignore[arg-type]


def _older(kind: str, key: str, found: versions.Version) -> SourceFile:
    return SourceFile(checking.source(kind, key, "").name, versions.source(found))


# ---- what must be known, and what must be said -----------------------------------------------------------------------


def _along(db: Session, row: Drawing, chosen: bool, now: datetime) -> Along:
    return Along(
        id=row.id,
        kind=row.kind,
        key=row.key,
        name=row.name,
        revision=row.revision,
        is_new=bundle.newest_of(db, row) is None,
        saved_by_name=confirming.name_of(db, row.saved_by, now),
        saved_at=row.saved_at,
        chosen=chosen,
    )


def _require_said(db: Session, rows: Sequence[Drawing], why: str, over: Collection[str], now: datetime) -> None:
    missing = {version.id.hex for version in bundle.meanwhile(db, rows, now)} - set(over)
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


def _users(db: Session, row: Drawing) -> tuple[tuple[str, str], ...]:
    """The ids and names of the published processes that use the form."""
    if row.kind != FORM:
        return ()
    return tuple((one.process, one.name or one.process) for one in engine.newest_versions(db) if row.key in one.forms)
