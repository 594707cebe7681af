"""Diagrams and forms: checked together, published together, listed, written back as files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from komp_flow import engine, operations
from komp_flow.engine import FormVersion, Instance, Known, Problem, ProcessVersion, SourceFile
from komp_flow.engine.tables import ENDED
from komp_flow.errors import FieldError, Invalid, NotAllowed, NotFound
from komp_flow.i18n import _
from komp_flow.organisation import Actor
from komp_flow.work import policy
from komp_flow.work.lines import ProcessLine, VersionLine
from komp_flow.work.policy import Permission
from komp_flow.work.running import breaking
from komp_flow.work.running.world import WORLD

SYSTEM: Final = Actor(person_id="", via="system")
LONGEST_WHY: Final = 2_000


@dataclass(frozen=True)
class Published:
    """What came of it: the versions, or, with an error among the problems, none and nothing changed."""

    versions: tuple[VersionLine, ...]
    problems: tuple[Problem, ...]

    @property
    def refused(self) -> bool:
        """Whether nothing was published."""
        return any(problem.severity == "error" for problem in self.problems)


def known(db: Session) -> Known:
    """What exists around files that are to be checked: published processes and forms, and the operations."""
    processes = engine.newest_versions(db)
    found = engine.newest_forms(db)
    return Known(
        processes=frozenset(version.process for version in processes),
        forms=frozenset(version.form for version in found),
        operations=operations.registry(),
        form_keys={version.form: frozenset(engine.form(db, version.id).keys) for version in found},
        calls={version.process: frozenset(version.calls) for version in processes},
    )


def check(db: Session, files: Sequence[SourceFile]) -> list[Problem]:
    """Every problem of all the files, among themselves and with what is published.

    A form that loses a field is an error at each place of a diagram that reads it, published or among the files.
    """
    return breaking.check(db, files, known(db))


def publish(
    db: Session,
    actor: Actor,
    files: Sequence[SourceFile],
    why: str,
    now: datetime,
    *,
    problems: Sequence[Problem] | None = None,
    confirmed: bool = False,
) -> Published:
    """Check the files, and publish them all unless there is an error. A reason is required.

    `problems`: what `check` has found in these very files just now, so that no writer waits while it looks.
    `confirmed`: somebody else has looked at them, which a setting may require (NotAllowed).
    """
    policy.require(db, actor, Permission.PUBLISH, now)
    if second_eyes(db) and not confirmed and actor.via not in policy.TRUSTED:
        raise NotAllowed(
            _(
                "Ingenting er publisert: her må en annen se på endringen først. "
                "Hent filene inn i studioet og be om bekreftelse der."
            )
        )
    wrong = []
    if not files:
        wrong.append(FieldError("files", _("Legg ved minst én fil.")))
    if not 0 < len(why.strip()) <= LONGEST_WHY:
        wrong.append(
            FieldError("why", _("Skriv hva som er endret og hvorfor, med høyst %(most)s tegn.", most=LONGEST_WHY))
        )
    if wrong:
        raise Invalid(_("Ingenting er publisert. Rett det som er merket."), wrong)
    problems = tuple(check(db, files) if problems is None else problems)
    if any(problem.severity == "error" for problem in problems):
        return Published((), problems)
    made = engine.publish(db, files, why=why.strip(), by=actor.person_id or None, now=now, world=WORLD)
    lines = {line.id: line for line in _lines(db, [version.id for version in made if version.kind == "process"])}
    made_forms = (_form_line(db, version.id) for version in made if version.kind == "form")
    return Published((*lines.values(), *made_forms), problems)


def second_eyes(db: Session) -> bool:
    """Whether somebody else must confirm what one publishes (`KOMP_FLOW_SECOND_EYES`)."""
    settings = db.info.get("settings")
    return settings is not None and settings.second_eyes


def publish_shipped(db: Session, folder: Path, now: datetime) -> Published:
    """Publish the diagrams and forms that lie in `folder`, as the first versions. Raises Invalid if one is wrong."""
    paths = [*sorted((folder / "processes").glob("*.bpmn")), *sorted((folder / "forms").glob("*.json"))]
    files = [SourceFile(path.name, path.read_bytes()) for path in paths]
    if not files:
        return Published((), ())
    done = publish(db, SYSTEM, files, _("Diagrammene som følger med komp-flow"), now)
    if done.refused:
        errors = [problem for problem in done.problems if problem.severity == "error"]
        raise Invalid(
            _("Diagrammene som følger med, har feil og er ikke publisert."),
            [FieldError(f"{problem.file}#{problem.element}", problem.message) for problem in errors],
        )
    return done


def processes(db: Session, actor: Actor = SYSTEM, now: datetime | None = None) -> list[ProcessLine]:
    """Every published process with its newest version and how many instances are running."""
    if now is not None:
        policy.require(db, actor, Permission.SEE_PROCESSES, now)
    running = dict(
        db.execute(
            select(Instance.process, func.count()).where(Instance.state.not_in(ENDED)).group_by(Instance.process)
        ).all()
    )
    return [
        ProcessLine(found.process, found.name, found.number, found.published_at, running.get(found.process, 0))
        for found in engine.newest_versions(db)
    ]


def versions(db: Session, actor: Actor, process: str, now: datetime) -> list[VersionLine]:
    """All versions of a process, the newest first. NotFound: it was never published."""
    policy.require(db, actor, Permission.SEE_PROCESSES, now)
    query = select(ProcessVersion.id).where(ProcessVersion.process == process)
    found = db.scalars(query.order_by(ProcessVersion.number.desc())).all()
    if not found:
        raise NotFound(_("Prosessen «%(process)s» er ikke publisert.", process=process))
    return _lines(db, found)


def version(db: Session, actor: Actor, process: str, number: int, now: datetime) -> VersionLine:
    """One version with its diagram. NotFound: there is none."""
    policy.require(db, actor, Permission.SEE_PROCESSES, now)
    found = engine.version(db, process, number)
    return _lines(db, [found.id], xml=True)[0]


def _lines(db: Session, ids: Iterable[UUID], *, xml: bool = False) -> list[VersionLine]:
    wanted = list(ids)
    running = dict(
        db.execute(
            select(Instance.version_id, func.count())
            .where(Instance.version_id.in_(wanted), Instance.state.not_in(ENDED))
            .group_by(Instance.version_id)
        ).all()
    )
    found = {one.id: one for one in db.scalars(select(ProcessVersion).where(ProcessVersion.id.in_(wanted)))}
    bound = {UUID(hexed) for one in found.values() for hexed in one.forms.values()}
    numbers = {
        row.id: row.number
        for row in db.execute(select(FormVersion.id, FormVersion.number).where(FormVersion.id.in_(bound)))
    }
    return [
        VersionLine(
            id=one.id,
            process=one.process,
            number=one.number,
            name=one.name,
            published_at=one.published_at,
            published_by=one.published_by,
            why=one.why,
            active=running.get(one.id, 0),
            xml=one.xml if xml else None,
            forms={form: numbers[UUID(hexed)] for form, hexed in sorted(one.forms.items())},
        )
        for one in (found[wanted_id] for wanted_id in dict.fromkeys(wanted))
    ]


def _form_line(db: Session, version_id: UUID) -> VersionLine:
    found = db.get_one(FormVersion, version_id)
    return VersionLine(
        id=found.id,
        process=found.form,
        number=found.number,
        name=engine.form(db, found.id).title or found.form,
        published_at=found.published_at,
        published_by=found.published_by,
        why=found.why,
        kind="form",
    )


def published_files(db: Session) -> Iterator[tuple[str, bytes]]:
    """The newest version of every diagram and form, as the files they were published as."""
    for diagram in engine.newest_versions(db):
        yield f"processes/{diagram.process}.bpmn", diagram.source
    for form in engine.newest_forms(db):
        yield f"forms/{form.form}.json", form.document.encode()
