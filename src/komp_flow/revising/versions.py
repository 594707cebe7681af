"""What has been published of one process or form: who, when, why, how many run on it; any two beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from komp_flow import organisation
from komp_flow.diagrams.words.around import FormWords
from komp_flow.engine import FormVersion, Instance, ProcessVersion
from komp_flow.engine.tables import ENDED
from komp_flow.errors import NotFound
from komp_flow.i18n import _
from komp_flow.organisation import Actor
from komp_flow.revising import comparing, drawings
from komp_flow.revising.lines import Beside, VersionRow
from komp_flow.revising.models import CONFIRMED, Publication
from komp_flow.revising.texts import DIAGRAM
from komp_flow.work import policy
from komp_flow.work.policy import Permission

Version = ProcessVersion | FormVersion


def versions(db: Session, actor: Actor, kind: str, key: str, now: datetime) -> list[VersionRow]:
    """All versions, the newest first. NotFound: nothing of the kind was ever published."""
    policy.require(db, actor, Permission.DRAW, now)
    found = _all(db, kind, key)
    if not found:
        raise NotFound(_("«%(key)s» er ikke publisert.", key=key))
    return rows(db, found, now)


def version(  # noqa: PLR0917
    db: Session, actor: Actor, kind: str, key: str, number: int, now: datetime
) -> tuple[VersionRow, bytes]:
    """One version, with its file as it was published. NotFound: there is none."""
    policy.require(db, actor, Permission.DRAW, now)
    found = drawings.published(db, kind, key, number)
    return rows(db, [found], now)[0], source(found)


def beside(  # noqa: PLR0917
    db: Session, actor: Actor, kind: str, key: str, numbers: tuple[int, int], now: datetime
) -> Beside:
    """Two versions compared, the older first, whichever is named first. NotFound: one of them is not there."""
    policy.require(db, actor, Permission.DRAW, now)
    older, newer = (drawings.published(db, kind, key, number) for number in sorted(numbers))
    told = rows(db, [older, newer], now)
    return Beside(told[0], told[1], comparing.compared(db, kind, drawings.text_of(older), drawings.text_of(newer)))


def back(  # noqa: PLR0917
    db: Session, actor: Actor, kind: str, key: str, number: int, now: datetime
) -> Beside:
    """What going back would change: the newest version first, then the older one as it would come again."""
    policy.require(db, actor, Permission.DRAW, now)
    newest, older = drawings.published(db, kind, key), drawings.published(db, kind, key, number)
    told = rows(db, [newest, older], now)
    return Beside(told[0], told[1], comparing.compared(db, kind, drawings.text_of(newest), drawings.text_of(older)))


def since(db: Session, kind: str, key: str, base: UUID | None, now: datetime) -> list[VersionRow]:
    """The versions that were published after the one with this id, the newest first; all where it is None."""
    found = _all(db, kind, key)
    ids = [one.id for one in found]
    return rows(db, found[: ids.index(base)] if base in ids else found, now)


def source(version: Version) -> bytes:
    """The file as it was published."""
    return version.source if isinstance(version, ProcessVersion) else version.document.encode()


def rows(db: Session, found: Sequence[Version], now: datetime) -> list[VersionRow]:
    """As the pages are told of them."""
    directory = organisation.directory(db, now)
    ids = [one.id for one in found]
    running = dict(
        db.execute(
            select(Instance.version_id, func.count())
            .where(Instance.version_id.in_(ids), Instance.state.not_in(ENDED))
            .group_by(Instance.version_id)
        ).all()
    )
    asked = _asked(db)

    def who(person_id: str | None) -> str:
        person = directory.person(person_id)
        return person.name if person else (person_id or "")

    return [
        VersionRow(
            id=one.id,
            kind=DIAGRAM if isinstance(one, ProcessVersion) else "form",
            key=one.process if isinstance(one, ProcessVersion) else one.form,
            number=one.number,
            name=_name(one),
            published_at=one.published_at,
            published_by=who(one.published_by),
            why=one.why,
            running=running.get(one.id, 0),
            asked_by=who(asked.get(one.id.hex)),
        )
        for one in found
    ]


def _name(one: Version) -> str:
    if isinstance(one, ProcessVersion):
        return one.name or one.process
    return FormWords.of(one.document).title or one.form


def _all(db: Session, kind: str, key: str) -> Sequence[Version]:
    if kind == DIAGRAM:
        query = select(ProcessVersion).where(ProcessVersion.process == key)
        return db.scalars(query.order_by(ProcessVersion.number.desc())).all()
    return db.scalars(select(FormVersion).where(FormVersion.form == key).order_by(FormVersion.number.desc())).all()


def _asked(db: Session) -> dict[str, str]:
    """Who asked for it, of the versions that somebody else confirmed, by the version's id in hex."""
    found = db.execute(select(Publication.made, Publication.asked_by).where(Publication.state == CONFIRMED))
    return {made: who for versions, who in found for made in versions}
