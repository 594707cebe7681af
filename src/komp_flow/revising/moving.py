"""Moving running instances to the newest version: choices, a preview that is really done, the move, and back again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from komp_flow import audit, engine
from komp_flow.engine import Instance, ProcessVersion
from komp_flow.engine.stored.step import PUBLISHING
from komp_flow.engine.tables import ENDED
from komp_flow.errors import Conflict, FieldError, Invalid, NotFound
from komp_flow.i18n import _
from komp_flow.organisation import Actor
from komp_flow.revising import move_plans, versions
from komp_flow.revising.lines import VersionRow
from komp_flow.revising.models import Move, MovedInstance
from komp_flow.revising.move_batches import (
    COUNTED,
    COUNTING,
    DONE,
    MOVED,
    PAUSED,
    RUNNING,
    UNDOING,
    WAITING,
    gather,
    ring,
    take_back,
)
from komp_flow.revising.move_lines import Asked
from komp_flow.work import policy
from komp_flow.work.policy import Permission

LONGEST_REASON: Final = 1000  # letters, as the engine keeps of it
_UNDER_WAY: Final = (RUNNING, PAUSED, UNDOING)


def asked(db: Session, actor: Actor, process: str, chosen: Mapping[str, str], now: datetime) -> Asked:
    """What runs on which version, and what must be decided before the preview. NotFound: nothing is published."""
    policy.require(db, actor, Permission.MOVE_RUNNING, now)
    newest = _newest(db, process)
    rows = versions.rows(db, _running_versions(db, process), now)
    return Asked(
        to=versions.rows(db, [newest], now)[0],
        running=tuple(row for row in rows if row.id != newest.id),
        questions=tuple(move_plans.questions(db, process, newest.id, chosen)),
    )


def processes(db: Session, actor: Actor, now: datetime) -> list[VersionRow]:
    """The processes of which something runs on an older version; `running` is how many."""
    policy.require(db, actor, Permission.MOVE_RUNNING, now)
    newest = {one.process: one.id for one in engine.newest_versions(db)}
    behind = (
        select(Instance.process, func.count())
        .where(Instance.state.not_in(ENDED), Instance.version_id.not_in(list(newest.values())))
        .group_by(Instance.process)
    )
    running: dict[str, int] = dict(db.execute(behind).all())
    found = [db.get_one(ProcessVersion, newest[process]) for process in sorted(running) if process in newest]
    return [
        VersionRow(one.id, "diagram", one.process, one.number, one.name or one.process, one.published_at, "", one.why,
                   running[one.process])
        for one in found
    ]  # fmt: skip


def begin(  # noqa: PLR0917
    db: Session, actor: Actor, process: str, choices: Mapping[str, str], why: str, now: datetime
) -> UUID:
    """Begin to count what a move to the newest version would do. Invalid: no reason, or nothing to move."""
    policy.require(db, actor, Permission.MOVE_RUNNING, now)
    newest = _newest(db, process)
    text = why.strip()
    if not 0 < len(text) <= LONGEST_REASON:
        message = _("Skriv hvorfor, med høyst %(most)s tegn.", most=LONGEST_REASON)
        raise Invalid(_("Ingenting er flyttet."), [FieldError("why", message)])
    move = Move(
        id=uuid4(), process=process, to_version=newest.id, choices=_known(db, newest, choices), why=text,
        state=COUNTING, made_by=actor.person_id, made_at=now, tries=0,
    )  # fmt: skip
    db.add(move)
    db.flush()
    if not gather(db, move, came=False):
        raise Invalid(_("Alle løp som er i gang, følger alt den nyeste versjonen. Det er ingenting å flytte."))
    ring(db, move, now)
    return move.id


def choose(db: Session, actor: Actor, move_id: UUID, choices: Mapping[str, str], now: datetime) -> None:
    """Other choices, or the same: it is counted again from the beginning. Conflict: it has begun to run."""
    policy.require(db, actor, Permission.MOVE_RUNNING, now)
    move = _locked(db, move_id, COUNTING, COUNTED)
    newest = _newest(db, move.process)
    move.to_version, move.choices = newest.id, _known(db, newest, choices)
    move.state, move.expected, move.counted_at, move.tries = COUNTING, None, None, 0
    db.execute(delete(MovedInstance).where(MovedInstance.move_id == move.id))
    db.flush()
    gather(db, move, came=False)
    ring(db, move, now)


def run(db: Session, actor: Actor, move_id: UUID, now: datetime) -> None:
    """Do what was counted. Conflict: not counted yet, or another move of the same process is under way."""
    policy.require(db, actor, Permission.MOVE_RUNNING, now)
    move = _locked(db, move_id, COUNTED)
    _require_alone(db, move)
    if _newest(db, move.process).id != move.to_version:
        raise Conflict(
            _("Det er publisert en nyere versjon etter forhåndsvisningen. Ingenting er flyttet. Tell en gang til.")
        )
    move.state, move.run_by, move.run_at = RUNNING, actor.person_id, now
    db.execute(update(MovedInstance).where(MovedInstance.move_id == move.id).values(state=WAITING))
    gather(db, move, came=True)
    _begun(db, actor, move, "move-began", now)


def pause(db: Session, actor: Actor, move_id: UUID, now: datetime) -> None:
    """No more batches until `resume`; those that are moved stay moved. Again, nothing happens."""
    policy.require(db, actor, Permission.MOVE_RUNNING, now)
    move = _locked(db, move_id, RUNNING, PAUSED)
    move.state, move.due_at = PAUSED, None
    db.flush()


def resume(db: Session, actor: Actor, move_id: UUID, now: datetime) -> None:
    """Go on."""
    policy.require(db, actor, Permission.MOVE_RUNNING, now)
    move = _locked(db, move_id, PAUSED, RUNNING)
    move.state, move.tries = RUNNING, 0
    ring(db, move, now)


def undo(db: Session, actor: Actor, move_id: UUID, now: datetime) -> None:
    """Take back all that have not gone on since, in batches."""
    policy.require(db, actor, Permission.MOVE_RUNNING, now)
    move = _locked(db, move_id, DONE, PAUSED)
    _require_alone(db, move)
    move.state, move.run_by, move.tries = UNDOING, actor.person_id, 0
    _begun(db, actor, move, "move-undone", now)


def undo_one(db: Session, actor: Actor, move_id: UUID, instance_id: UUID, now: datetime) -> bool:
    """Take back one; False: it has gone on since, and stays. NotFound: it was not moved, or one may not see it."""
    who = policy.require(db, actor, Permission.MOVE_RUNNING, now)
    move = _locked(db, move_id, DONE, PAUSED)
    row = db.get(MovedInstance, (move.id, instance_id), populate_existing=True)
    instance = db.get(Instance, instance_id)
    if row is None or instance is None or not policy.sees_instance(who, instance, actor):
        raise NotFound(_("Løpet finnes ikke. Hent listen på nytt."))
    if row.state != MOVED:
        raise Conflict(_("Løpet er ikke flyttet nå. Ingenting er endret. Hent listen på nytt."))
    return take_back(db, move, instance_id, actor.person_id or None, now)


def _begun(db: Session, actor: Actor, move: Move, what: str, now: datetime) -> None:
    detail = {"move": move.id.hex, "process": move.process, "to": _newest(db, move.process).number, "reason": move.why}
    audit.record(db, PUBLISHING, [audit.Entry(what, by=actor.person_id or None, detail=detail)], now)
    ring(db, move, now)


def _locked(db: Session, move_id: UUID, *states: str) -> Move:
    move = db.get(Move, move_id, with_for_update=True, populate_existing=True)
    if move is None:
        raise NotFound(_("Flyttingen finnes ikke."))
    if move.state not in states:
        raise Conflict(
            _("Flyttingen er kommet lenger siden du åpnet siden. Last den på nytt for å se hva som gjelder.")
        )
    return move


def _require_alone(db: Session, move: Move) -> None:
    """One at a time of a process: its newest version is locked, so that two who begin at once are told apart."""
    db.execute(select(ProcessVersion.id).where(ProcessVersion.id == move.to_version).with_for_update())
    others = select(Move.id).where(Move.process == move.process, Move.id != move.id, Move.state.in_(_UNDER_WAY))
    if db.scalar(others.limit(1)) is not None:
        raise Conflict(_("En annen flytting av samme prosess er i gang. Ingenting er endret. La den bli ferdig først."))


def _known(db: Session, newest: ProcessVersion, choices: Mapping[str, str]) -> dict[str, str]:
    """Those of the choices that are choices."""
    found = {}
    for question in move_plans.questions(db, newest.process, newest.id, choices):
        found[question.element] = question.chosen
    return found


def _newest(db: Session, process: str) -> ProcessVersion:
    query = select(ProcessVersion).where(ProcessVersion.process == process)
    found = db.scalars(query.order_by(ProcessVersion.number.desc()).limit(1)).one_or_none()
    if found is None:
        raise NotFound(_("«%(key)s» er ikke publisert.", key=process))
    return found


def _running_versions(db: Session, process: str) -> list[ProcessVersion]:
    running = select(Instance.version_id).where(Instance.process == process, Instance.state.not_in(ENDED))
    query = select(ProcessVersion).where(ProcessVersion.id.in_(running)).order_by(ProcessVersion.number.desc())
    return list(db.scalars(query))
