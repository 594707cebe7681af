"""What is published, as the studio lists it: processes and forms with their versions, and who uses what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from komp_flow import engine, organisation
from komp_flow.diagrams.words.around import FormWords
from komp_flow.engine import Instance
from komp_flow.engine.tables import ENDED
from komp_flow.organisation import Actor
from komp_flow.revising.lines import VersionRow
from komp_flow.revising.texts import DIAGRAM, FORM
from komp_flow.work import policy
from komp_flow.work.policy import Permission


@dataclass(frozen=True)
class Shelved:
    """Something that is published. `uses`: of a form, the processes that use it."""

    newest: VersionRow
    uses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shelf:
    """All that is published."""

    processes: tuple[Shelved, ...]
    forms: tuple[Shelved, ...]


def shelf(db: Session, actor: Actor, now: datetime) -> Shelf:
    """The newest version of everything."""
    policy.require(db, actor, Permission.DRAW, now)
    directory = organisation.directory(db, now)
    running = dict(
        db.execute(
            select(Instance.process, func.count()).where(Instance.state.not_in(ENDED)).group_by(Instance.process)
        ).all()
    )

    def who(person_id: str | None) -> str:
        found = directory.person(person_id)
        return found.name if found else (person_id or "")

    versions = engine.newest_versions(db)
    processes = tuple(
        Shelved(
            VersionRow(
                one.id, DIAGRAM, one.process, one.number, one.name or one.process, one.published_at,
                who(one.published_by), one.why, running.get(one.process, 0),
            )
        )
        for one in versions
    )  # fmt: skip
    forms = tuple(
        Shelved(
            VersionRow(
                one.id, FORM, one.form, one.number, FormWords.of(one.document).title or one.form, one.published_at,
                who(one.published_by), one.why,
            ),
            tuple(version.name or version.process for version in versions if one.form in version.forms),
        )
        for one in engine.newest_forms(db)
    )  # fmt: skip
    return Shelf(processes, forms)
