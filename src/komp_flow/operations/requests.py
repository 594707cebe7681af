"""Asking for many instances at once without making the one who asks wait, and doing what was asked for, one by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from komp_flow import audit, bell, engine
from komp_flow.db.prepared import Prepared
from komp_flow.engine import OperationCall
from komp_flow.engine.stored import messages
from komp_flow.engine.tables import ENDED, Instance, ProcessVersion
from komp_flow.i18n import _
from komp_flow.operations.models import Request
from komp_flow.organisation.subjects import Subject
from komp_flow.registers import Cycle

WAITING: Final = "waiting"
DONE: Final = "done"
FAILED: Final = "failed"
MOST_FAILURES: Final = 5
AT_ONCE: Final = 200  # instances that are started in one transaction

_REQUEST: Final = cast("Table", Request.__table__)
_ASKED: Final = tuple(
    _REQUEST.c[name]
    for name in ("id", "kind", "process", "asked_by", "variables", "unit_id", "person_id", "measure_id", "cycle_id")
)
_STARTED: Final = Prepared(
    update(_REQUEST)
    .where(_REQUEST.c.id == bindparam("request"))
    .values(state=DONE, done_at=bindparam("at"), instance_id=bindparam("instance"))
)


def start(
    db: Session,
    call: OperationCall,
    process: str,
    subjects: Iterable[Subject],
    *,
    occasion: str = "",
    variables: Mapping[str, object] | None = None,
) -> int:
    """Ask for one instance of the process for each subject; answers how many it is for, asked for before or not.

    The same subject is asked for once for each occasion. Where the process is not published nothing is asked for,
    and the trail says so.
    """
    wanted = list(subjects)
    if not published(db, process):
        note(db, call, "not-started", process=process, reason="not-published")
        return 0
    packed = messages.pack(dict(variables or {}))
    _ask(db, [_row("start", process, subject, occasion, call) | {"variables": packed} for subject in wanted])
    note(db, call, "asked-for", process=process, count=len(wanted))
    return len(wanted)


def end(db: Session, call: OperationCall, processes: Sequence[str], cycle: str | None) -> int:
    """Ask for every running instance of these processes in the cycle to end; answers how many there are."""
    running = db.execute(
        select(Instance.id, Instance.process, Instance.unit_id, Instance.person_id, Instance.measure_id).where(
            Instance.process.in_(processes), Instance.cycle_id == cycle, Instance.state.not_in(ENDED)
        )
    ).all()
    rows = []
    for found in running:
        subject = Subject(unit=found.unit_id, person=found.person_id, measure=found.measure_id, cycle=cycle)
        row = _row("end", found.process, subject, found.id.hex, call)
        rows.append(row | {"instance_id": found.id, "variables": messages.pack({})})
    _ask(db, rows)
    return len(rows)


def carry(db: Session, call: OperationCall, cycle: str) -> int:
    """Ask for the follow-up of every measure that is open in a closed cycle to go on in this one; answers how many."""
    closed = select(Cycle.id).where(Cycle.state == "closed")
    running = db.execute(
        select(Instance.id, Instance.process, Instance.unit_id, Instance.measure_id).where(
            Instance.measure_id.is_not(None), Instance.cycle_id.in_(closed), Instance.state.not_in(ENDED)
        )
    ).all()
    rows = []
    for found in running:
        subject = Subject(unit=found.unit_id, measure=found.measure_id, cycle=cycle)
        row = _row("carry", found.process, subject, found.id.hex, call)
        rows.append(row | {"instance_id": found.id, "variables": messages.pack({})})
    _ask(db, rows)
    return len(rows)


def recalculate(db: Session, call: OperationCall, variables: Sequence[str]) -> None:
    """Ask for due dates and timers that are counted from these variables to be counted anew, after the step."""
    row = _row("dates", call.process, call.subject, f"{call.instance_id.hex}:{call.task_id.hex}", call)
    _ask(db, [row | {"instance_id": call.instance_id, "variables": messages.pack({"names": list(variables)})}])


def waiting(db: Session, kind: str, process: str, *, unit: str | None, cycle: str | None) -> int:
    """How many requests for this process, in this unit and cycle, are not done yet."""
    mine = (Request.kind == kind, Request.process == process, Request.unit_id == unit, Request.cycle_id == cycle)
    return db.scalar(select(func.count()).select_from(Request).where(*mine, Request.state != DONE)) or 0


def published(db: Session, process: str) -> bool:
    """Whether there is a version to start."""
    return db.scalar(select(ProcessVersion.id).where(ProcessVersion.process == process).limit(1)) is not None


def note(db: Session, call: OperationCall, what: str, **detail: object) -> None:
    """Write on the instance's trail what the operation did. A stream of its own: the step is writing the other."""
    entry = audit.Entry(
        what,
        element=call.element,
        name=call.name,
        task_id=call.task_id,
        instance_id=call.instance_id,
        by=call.by,
        detail=dict(detail),
    )
    audit.record(db, f"operations:{call.instance_id}", [entry], call.now)


def join(db: Session, process: str, subject: Subject, course: UUID, *, occasion: str = "", now: datetime) -> None:
    """Ask for one more instance, as `course` asked for those of the others: with the variables that it gave them.

    Nothing where it was asked for before, or the process is not published.
    """
    if not published(db, process):
        return
    like = select(Request.variables).where(
        Request.kind == "start", Request.process == process, Request.asked_by_instance == course
    )
    packed = db.scalar(like.order_by(Request.id).limit(1)) or messages.pack({})
    parts = ("start", process, subject.unit, subject.person, subject.measure, subject.cycle, occasion)
    row = {
        "key": "|".join(part or "" for part in parts)[:600],
        "kind": "start",
        "state": WAITING,
        "process": process,
        "unit_id": subject.unit,
        "person_id": subject.person,
        "measure_id": subject.measure,
        "cycle_id": subject.cycle,
        "variables": packed,
        "instance_id": None,
        "asked_by_instance": course,
        "asked_by": None,
        "asked_at": now,
        "next_try_at": now,
        "failures": 0,
    }
    _ask(db, [row])


def asked_by(db: Session, instance_id: UUID) -> UUID | None:
    """The instance whose operation asked for this one to begin; None where a person, a message or a timer began it.

    None too where the one who asked is about a person: what was written there is not for others.
    """
    return db.scalar(
        select(Instance.id)
        .join(Request, Request.asked_by_instance == Instance.id)
        .where(Request.instance_id == instance_id, Request.kind == "start", Instance.person_id.is_(None))
    )


def due(db: Session, now: datetime, limit: int) -> list[int]:
    """Requests that wait and whose time has come, the oldest first."""
    return list(
        db.scalars(
            select(Request.id)
            .where(Request.state == WAITING, Request.next_try_at <= now)
            .order_by(Request.next_try_at, Request.id)
            .limit(limit)
        )
    )


def run(db: Session, world: engine.World, request_id: int, now: datetime) -> bool:
    """Do one request in the caller's transaction; False when it is done already, is not due, or another has it."""
    mine = (Request.id == request_id, Request.state == WAITING, Request.next_try_at <= now)
    found = db.scalars(select(Request).where(*mine).with_for_update(skip_locked=True)).first()
    if found is None:
        return False
    _DO[found.kind](db, world, found, now)
    found.state, found.done_at = DONE, now
    db.flush()
    return True


def run_many(db: Session, world: engine.World, requests: Sequence[int], now: datetime) -> engine.RanBatch:
    """Start what these requests ask for, many at once; those of other kinds are to be run alone. If it raises, so are
    all, after the rollback.
    """
    engine.wait_for_nobody(db)
    mine = (Request.id.in_(requests), Request.state == WAITING, Request.next_try_at <= now)
    query = select(*_ASKED).where(*mine).order_by(Request.id).with_for_update(skip_locked=True)
    ran = engine.RanBatch(what="started")
    alike: dict[tuple[Any, ...], list[Any]] = {}
    for found in db.connection().execute(query):
        if found.kind == "start":
            alike.setdefault((found.process, found.asked_by, found.variables), []).append(found)
        else:
            ran.alone.append(found.id)
    for (process, asked_by, variables), asked in alike.items():
        subjects = [Subject(row.unit_id, row.person_id, row.measure_id, row.cycle_id) for row in asked]
        begun = engine.start_many(db, world, process, subjects, messages.unpack(variables), by=asked_by, now=now)
        _STARTED.run_each(
            db,
            [{"request": row.id, "instance": instance, "at": now} for row, instance in zip(asked, begun, strict=True)],
        )
        ran.done += len(asked)
    return ran


def _start(db: Session, world: engine.World, found: Request, now: datetime) -> None:
    subject = Subject(unit=found.unit_id, person=found.person_id, measure=found.measure_id, cycle=found.cycle_id)
    variables = messages.unpack(found.variables)
    changes = engine.start(db, world, found.process, subject, variables, by=found.asked_by, now=now)
    found.instance_id = changes.instance_id


def _end(db: Session, world: engine.World, found: Request, now: datetime) -> None:
    instance = db.get(Instance, found.instance_id)
    if instance is not None and instance.ended_at is None:
        engine.cancel_instance(db, world, instance.id, "cycle-closed", by=found.asked_by, now=now)


def _carry(db: Session, world: engine.World, found: Request, now: datetime) -> None:
    instance = db.get(Instance, found.instance_id)
    if instance is not None and instance.ended_at is None and found.cycle_id is not None:
        engine.move_to_cycle(db, world, instance.id, found.cycle_id, by=found.asked_by, now=now)


def _recalculate(db: Session, world: engine.World, found: Request, now: datetime) -> None:
    names = frozenset(messages.unpack(found.variables)["names"])
    engine.reschedule(db, world, instances=[found.instance_id], by=found.asked_by, now=now, changed=names)  # type: ignore[list-item]


_DO: Final = {"start": _start, "carry": _carry, "end": _end, "dates": _recalculate}


def fail(db: Session, request_id: int, error: Exception, now: datetime) -> None:
    """Note that it failed, after the rollback: tried again later and later. After five times it is an incident of the
    instance that asked, and is tried again with that.
    """
    found = db.get(Request, request_id)
    if found is None or found.state != WAITING:
        return
    found.failures += 1
    found.error = type(error).__name__ + (f": {error.message}" if hasattr(error, "message") else "")
    found.next_try_at = now + timedelta(minutes=2**found.failures)
    if found.failures >= MOST_FAILURES:
        found.state = FAILED
        if found.asked_by_instance is not None:
            said = _("%(process)s kunne ikke startes: %(error)s", process=found.process, error=found.error)
            engine.fault(db, found.asked_by_instance, said, now, kind="due")
    db.flush()


def again(db: Session, asked_by_instance: UUID, now: datetime) -> int:
    """Try once more what one instance asked for and has failed for good; answers how many."""
    changed = db.execute(
        update(Request)
        .where(Request.asked_by_instance == asked_by_instance, Request.state == FAILED)
        .values(state=WAITING, failures=0, next_try_at=now)
    )
    bell.ring(db, bell.ANY, "request", now)
    return int(changed.rowcount)  # type: ignore[attr-defined]


def _row(kind: str, process: str, subject: Subject, occasion: str, call: OperationCall) -> dict[str, Any]:
    parts = (kind, process, subject.unit, subject.person, subject.measure, subject.cycle, occasion)
    return {
        "key": "|".join(part or "" for part in parts)[:600],
        "kind": kind,
        "state": WAITING,
        "process": process,
        "unit_id": subject.unit,
        "person_id": subject.person,
        "measure_id": subject.measure,
        "cycle_id": subject.cycle,
        "instance_id": None,
        "asked_by_instance": call.instance_id,
        "asked_by": call.by,
        "asked_at": call.now,
        "next_try_at": call.now,
        "failures": 0,
    }


def _ask(db: Session, rows: list[dict[str, Any]]) -> None:
    if rows:
        make = postgresql_insert if db.get_bind().dialect.name == "postgresql" else sqlite_insert
        db.connection().execute(make(Request).on_conflict_do_nothing(), rows)
        bell.ring(db, bell.ANY, "request", rows[0]["next_try_at"])  # many at once are best begun together
