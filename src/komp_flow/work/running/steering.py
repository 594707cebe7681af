"""Instances: start them, look at them, and steer them where something has gone wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from komp_flow import engine, organisation, registers
from komp_flow.engine.errors import Fault
from komp_flow.engine.memory import values
from komp_flow.engine.memory.scopes import HOST_NAMES
from komp_flow.engine.tables import INSTANCE
from komp_flow.errors import FieldError, Invalid, NotFound, TooLarge
from komp_flow.i18n import _
from komp_flow.operations import requests
from komp_flow.organisation import Actor, Directory, Holdings, Subject
from komp_flow.work import policy, rows
from komp_flow.work.lines import InstanceActions, InstanceLine
from komp_flow.work.policy import Permission
from komp_flow.work.running import closing
from komp_flow.work.running.world import WORLD

LONGEST_REASON: Final = 1_000
MOST_VARIABLES: Final = 200
MOST_STARTED: Final = 1_000  # instances that are started together
LARGEST: Final = 256_000  # bytes of all variables


def start(  # noqa: PLR0917
    db: Session, actor: Actor, process: str, subject: Subject, variables: Mapping[str, object], now: datetime
) -> InstanceLine:
    """Start an instance of the newest version, about this subject. Raises Invalid on a subject that does not exist."""
    policy.require(db, actor, Permission.START, now, subject)
    engine.newest(db, process)
    _require_subject(db, subject, now)
    changes = engine.start(db, WORLD, process, subject, _bounded(variables), by=actor.person_id, now=now)
    return line(db, changes.instance_id, now)


def start_many(  # noqa: PLR0917
    db: Session,
    actor: Actor,
    process: str,
    subjects: Sequence[Subject],
    variables: Mapping[str, object],
    now: datetime,
) -> list[UUID]:
    """Start an instance for each of these subjects, at most 1,000; their ids. None is started where one cannot be."""
    if len(subjects) > MOST_STARTED:
        raise TooLarge(_("Ingenting er startet. Start høyst %(most)s forløp om gangen.", most=MOST_STARTED))
    for subject in dict.fromkeys(subjects):
        policy.require(db, actor, Permission.START, now, subject)
        _require_subject(db, subject, now)
    engine.newest(db, process)
    return engine.start_many(db, WORLD, process, subjects, _bounded(variables), by=actor.person_id, now=now)


def _require_subject(db: Session, subject: Subject, now: datetime) -> None:
    directory = organisation.directory(db, now)
    wrong = []
    if subject.unit is not None and directory.unit(subject.unit) is None:
        wrong.append(FieldError("subject-unit", _("Enheten finnes ikke.")))
    if subject.person is not None and directory.person(subject.person) is None:
        wrong.append(FieldError("subject-person", _("Personen finnes ikke.")))
    if subject.cycle is not None and db.get(registers.Cycle, subject.cycle) is None:
        wrong.append(FieldError("subject-cycle", _("Syklusen finnes ikke.")))
    if subject.measure is not None and registers.measure(db, subject.measure) is None:
        wrong.append(FieldError("subject-measure", _("Tiltaket finnes ikke.")))
    if wrong:
        raise Invalid(_("Ingenting er startet. Det du viser til, finnes ikke."), wrong)


def _bounded(variables: Mapping[str, object]) -> dict[str, object]:
    wrong = []
    if len(variables) > MOST_VARIABLES:
        raise TooLarge(_("Ingenting er startet. Send høyst %(most)s variabler.", most=MOST_VARIABLES))
    for name, value in variables.items():
        if name in HOST_NAMES or name == "typename" or name.startswith("__"):
            wrong.append(FieldError(f"variables-{name}", _("Navnet er opptatt. Velg et annet.")))
            continue
        try:
            values.require_keepable(name, value)
        except (Fault, TypeError, ValueError) as error:
            wrong.append(FieldError(f"variables-{name}", str(error)))
    if wrong:
        raise Invalid(_("Ingenting er startet. Rett variablene som er merket."), wrong)
    if len(values.to_json(dict(variables))) > LARGEST:
        raise TooLarge(_("Ingenting er startet. Variablene er for store; send høyst 250 kB."))
    return dict(variables)


def line(db: Session, instance_id: UUID, now: datetime) -> InstanceLine:
    """One instance as a line, whoever asks."""
    row = db.execute(rows.instances().where(INSTANCE.c.id == instance_id)).one()
    return rows.instance_line(organisation.directory(db, now), row)


def seen(db: Session, actor: Actor, instance_id: UUID, now: datetime) -> tuple[Any, Holdings, Directory]:
    """The instance's row (of `rows.instances()`), for one who may see it. NotFound for everybody else."""
    who = policy.holdings(db, actor, now)
    row = db.execute(rows.instances().where(INSTANCE.c.id == instance_id)).first()
    if row is None or not policy.sees_instance(who, row, actor):
        raise NotFound(_("Forløpet finnes ikke. Hent lista på nytt."))
    return row, who, organisation.directory(db, now)


def may(who: Holdings, actor: Actor, row: Any) -> InstanceActions:
    """What the caller may do with the instance as it stands."""
    about = rows.subject(row)
    steers = policy.can(who, Permission.STEER, about, actor)
    return InstanceActions(
        suspend=steers and row.state in {"active", "incident"},
        resume=steers and row.state == "suspended",
        cancel=policy.can(who, Permission.CANCEL, about, actor) and row.ended_at is None,
        retry=steers and row.state == "incident",
    )


def suspend(db: Session, actor: Actor, instance_id: UUID, reason: str, now: datetime) -> InstanceLine:
    """Let it rest: nothing can be completed, timers wait. A reason is required."""
    _steered(db, actor, instance_id, Permission.STEER, now)
    engine.suspend(db, WORLD, instance_id, _reason(reason), by=actor.person_id, now=now)
    return line(db, instance_id, now)


def resume(db: Session, actor: Actor, instance_id: UUID, reason: str, now: datetime) -> InstanceLine:
    """It goes on; what came due meanwhile fires once. A reason may be given."""
    _steered(db, actor, instance_id, Permission.STEER, now)
    engine.resume(db, WORLD, instance_id, _reason(reason, required=False), by=actor.person_id, now=now)
    return line(db, instance_id, now)


def cancel(db: Session, actor: Actor, instance_id: UUID, reason: str, now: datetime) -> InstanceLine:
    """End it, with a reason that stands on the trail. A cycle does not wait for a unit whose year is ended so."""
    _steered(db, actor, instance_id, Permission.CANCEL, now)
    engine.cancel_instance(db, WORLD, instance_id, _reason(reason), by=actor.person_id, now=now)
    closing.tell_cycle(db, instance_id, by=actor.person_id, now=now)
    return line(db, instance_id, now)


def retry(db: Session, actor: Actor, instance_id: UUID, now: datetime) -> InstanceLine:
    """Try again what has stopped in it, and what it asked for and could not be started."""
    _steered(db, actor, instance_id, Permission.STEER, now)
    engine.retry(db, WORLD, instance_id, by=actor.person_id, now=now)
    requests.again(db, instance_id, now)
    return line(db, instance_id, now)


def _steered(db: Session, actor: Actor, instance_id: UUID, permission: Permission, now: datetime) -> None:
    row, _who, _directory = seen(db, actor, instance_id, now)
    policy.require(db, actor, permission, now, rows.subject(row))


def _reason(reason: str, *, required: bool = True) -> str:
    text = reason.strip()
    if (required and not text) or len(text) > LONGEST_REASON:
        raise Invalid(
            _("Ingenting er endret. Skriv hvorfor, så andre kan forstå det senere."),
            [FieldError("reason", _("Skriv en grunn på høyst %(most)s tegn.", most=LONGEST_REASON))],
        )
    return text
