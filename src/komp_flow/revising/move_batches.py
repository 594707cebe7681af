"""The batches of a move: the preview is the same code in the same batches, really done, and rolled back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, cast
from uuid import UUID

import structlog
from sqlalchemy import Table, Uuid, bindparam, exists, func, insert, literal, select, true, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from komp_flow import bell, engine
from komp_flow.db import outages
from komp_flow.db.prepared import Prepared
from komp_flow.engine import Instance
from komp_flow.engine.tables import ENDED
from komp_flow.errors import Busy, Conflict, KompFlowError, NotFound
from komp_flow.i18n import _
from komp_flow.revising import move_plans, move_sums
from komp_flow.revising.models import Move, MovedInstance
from komp_flow.work import WORLD
from komp_flow.work.recurring.ticking import Job

log = structlog.get_logger(__name__)

COUNTING, COUNTED, RUNNING, PAUSED, DONE = "counting", "counted", "running", "paused", "done"
UNDOING, UNDONE = "undoing", "undone"
WAITING, MOVED, CANNOT, STAYS, WENT, STEPPED = "waiting", "moved", "cannot", "stays", "ended", "stepped"
BUSY: Final = (COUNTING, RUNNING, UNDOING)  # a batch is due
SIZE: Final = 50  # instances in one transaction
TURNS: Final = 10  # transactions in one tick; then other work has its turn
LATER: Final = timedelta(seconds=30)
TRIES: Final = 5  # of a batch that fails as a whole; then the move is paused

_ROWS: Final = cast("Table", MovedInstance.__table__)
_NOTE: Final = (
    update(_ROWS)
    .where(_ROWS.c.move_id == bindparam("move"), _ROWS.c.instance_id == bindparam("instance"))
    .values(state=bindparam("to"))
)
_NOTE_SEEN: Final = Prepared(_NOTE.values(seen=bindparam("seen")))
_NOTE_DONE: Final = Prepared(_NOTE.values(done=bindparam("done"), kept=bindparam("kept")))
_NOTE_UNDONE: Final = Prepared(_NOTE.values(kept=bindparam("kept")))


def due(db: Session, now: datetime) -> Iterator[Job]:
    """The batches that are due, for the tick."""
    for move in db.scalars(select(Move.id).where(Move.due_at <= now).order_by(Move.due_at, Move.id)):
        yield from [Job("move", partial(_run, move, now), partial(_failed, move, now))] * TURNS


def gather(db: Session, move: Move, *, came: bool) -> int:
    """Note the running instances that are on another version and not noted yet; answers how many."""
    known = exists().where(MovedInstance.move_id == move.id, MovedInstance.instance_id == Instance.id)
    wanted = select(literal(move.id, Uuid()), Instance.id, literal(WAITING), true() if came else ~true()).where(
        Instance.process == move.process,
        Instance.state.not_in(ENDED),
        Instance.version_id != move.to_version,
        ~known,
    )
    columns = ["move_id", "instance_id", "state", "came"]
    noted = select(func.count()).where(MovedInstance.move_id == move.id)
    before = db.scalar(noted) or 0
    db.connection().execute(insert(MovedInstance.__table__).from_select(columns, wanted))  # type: ignore[arg-type]
    return (db.scalar(noted) or 0) - before


def ring(db: Session, move: Move, now: datetime) -> None:
    """The next batch is due now."""
    move.due_at = now
    db.flush()
    bell.ring(db, "move", move.id.hex, now)


def _run(move_id: UUID, now: datetime, db: Session) -> bool:
    """One batch, by one worker at a time; answers whether there was anything to do."""
    query = select(Move).where(Move.id == move_id, Move.due_at <= now).with_for_update(skip_locked=True)
    move = db.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if move is None or move.state not in BUSY:
        return False
    wanted = MOVED if move.state == UNDOING else WAITING
    mine = (MovedInstance.move_id == move.id, MovedInstance.state == wanted)
    ids = list(
        db.scalars(select(MovedInstance.instance_id).where(*mine).order_by(MovedInstance.instance_id).limit(SIZE))
    )
    move.tries = 0
    if not ids:
        _finish(db, move, now)
        return True
    {COUNTING: _count, RUNNING: _move, UNDOING: _undo}[move.state](db, move, ids, now)
    ring(db, move, now)
    return True


def _failed(move_id: UUID, now: datetime, db: Session, error: Exception) -> None:
    """A whole batch has failed, for no instance's sake: later again, and after some times it waits for a person."""
    move = db.get(Move, move_id, with_for_update=True, populate_existing=True)
    if move is None or move.state not in BUSY:
        return
    move.tries += 1
    move.due_at = now + LATER * move.tries
    if move.tries >= TRIES and not isinstance(error, Busy) and move.state == RUNNING:
        move.state, move.due_at = PAUSED, None
    db.flush()


def _finish(db: Session, move: Move, now: datetime) -> None:
    if move.state == RUNNING and gather(db, move, came=True):
        ring(db, move, now)  # some have begun by an old version meanwhile
        return
    if move.state == COUNTING:
        move.state, move.counted_at = COUNTED, now
        move.expected = move_sums.summed(db, move, "seen", now)
    else:
        move.state = DONE if move.state == RUNNING else UNDONE
        move.ended_at = now
        if move.state == DONE:
            move.result = move_sums.summed(db, move, "done", now)
    move.due_at = None
    db.flush()


def _count(db: Session, move: Move, ids: Sequence[UUID], now: datetime) -> None:
    rung = db.info.pop("bell", None)  # what is rolled back is not due
    batch = db.begin_nested()
    try:
        found = {instance: one.told for instance, one in _moved(db, move, ids, now).items()}
    finally:
        batch.rollback()
        db.expire_all()
        if rung is not None:
            db.info["bell"] = rung
    rows = [{"instance": instance, "to": COUNTED, "seen": told} for instance, told in found.items()]
    _NOTE_SEEN.run_each(db, [{"move": move.id, **row} for row in rows])


def _move(db: Session, move: Move, ids: Sequence[UUID], now: datetime) -> None:
    found = _moved(db, move, ids, now)
    rows = [{"instance": id_, "to": one.told["what"], "done": one.told, "kept": one.kept} for id_, one in found.items()]
    _NOTE_DONE.run_each(db, [{"move": move.id, **row} for row in rows])


def _undo(db: Session, move: Move, ids: Sequence[UUID], now: datetime) -> None:
    for instance in ids:
        take_back(db, move, instance, move.run_by, now)


def take_back(db: Session, move: Move, instance_id: UUID, by: str | None, now: datetime) -> bool:
    """Undo one; False, and it is noted, where it has gone on since."""
    row = db.get_one(MovedInstance, (move.id, instance_id), populate_existing=True)
    state = STEPPED
    if row.kept is not None:
        try:
            with db.begin_nested():
                engine.undo_migration(db, WORLD, instance_id, row.kept, by=by, now=now, why=move.why)
            state = UNDONE
        except Busy:
            raise
        except (KompFlowError, DBAPIError) as error:
            _require_ours(error)
            log.info("move", instance=str(instance_id), undo=type(error).__name__)
    _NOTE_UNDONE.run(db, {"move": move.id, "instance": instance_id, "to": state, "kept": None})
    return state == UNDONE


# ---- one batch, and one instance ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class One:
    """What became of one instance: in numbers and words that are kept, and what it takes to undo it."""

    told: dict[str, Any]
    kept: bytes | None = None


def _moved(db: Session, move: Move, ids: Sequence[UUID], now: datetime) -> dict[UUID, One]:
    """Move these, each in a savepoint of its own (`migrate_instance`'s)."""
    plans = move_plans.Plans(db, move)
    by, why, to = move.run_by or move.made_by, move.why, move.to_version
    query = select(Instance.id, Instance.version_id, Instance.row_version).where(Instance.id.in_(ids))
    stand = {row.id: row for row in db.connection().execute(query)}
    found: dict[UUID, One] = {}
    for instance in ids:
        row = stand.get(instance)
        if row is None:
            found[instance] = One({"what": WENT})
            continue
        one = _tried(db, plans, row, to, by, why, now)
        found[instance] = One({**one.told, "was": row.row_version}, one.kept)
    return found


def _tried(  # noqa: PLR0917
    db: Session, plans: move_plans.Plans, row: Any, to: UUID, by: str | None, why: str, now: datetime
) -> One:
    plan = plans.of(row.version_id)
    try:
        moved = engine.migrate_instance(db, WORLD, row.id, to, plan, by=by, now=now, why=why)
        return One(move_sums.told(moved), moved.kept)
    except Busy:
        raise
    except engine.CannotMove as error:
        elements = {element for element, _text in error.problems}
        problems = [[plans.name(row.version_id, element), text] for element, text in error.problems]
        return One({"what": STAYS if elements <= plans.stay else CANNOT, "problems": problems})
    except (engine.NotRunning, NotFound):
        return One({"what": WENT})
    except Conflict as error:
        return One({"what": CANNOT, "problems": [["", error.message]]})
    except Exception as error:  # noqa: BLE001 (one bad instance hurts only itself)
        _require_ours(error)
        log.warning("move", instance=str(row.id), error=type(error).__name__)
        said = error.message if isinstance(error, KompFlowError) else _("Løpet kunne ikke flyttes. Det står som før.")
        return One({"what": CANNOT, "problems": [["", said]]})


def _require_ours(error: Exception) -> None:
    """The database is away or full: no fault of an instance."""
    if outages.is_away(error) or outages.is_full(error) or getattr(error, "connection_invalidated", False):
        raise error
