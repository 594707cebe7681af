"""Doing what follows when the organisation has changed: each step in a transaction of its own, safe to repeat."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from komp_flow import notifications, organisation
from komp_flow.engine import Instance
from komp_flow.engine.tables import ENDED
from komp_flow.operations import requests
from komp_flow.operations.models import Request
from komp_flow.organisation import Subject, roles
from komp_flow.organisation.snapshots import stamp
from komp_flow.organisation.staffing.models import ClosedUnit, StaffingRun, StaffingStep, StagedImport, Vacancy
from komp_flow.work.people import staffing
from komp_flow.work.people.staffing import Step
from komp_flow.work.running import talk_steps

Found = tuple[str, date, Sequence[Step]]  # the organisation's stamp, the day, and what was found to be done
MOST_AT_ONCE: Final = 500  # rows of one statement: SQLite takes so many values and no more
LONGEST_PAUSE: Final = timedelta(days=1)
STAGED_FOR: Final = timedelta(days=1)


def is_stale(db: Session, now: datetime) -> bool:
    """Whether running work has not yet been compared with the organisation as it is today."""
    today = organisation.local_date(db, now)
    last = db.execute(select(StaffingRun.stamp, StaffingRun.on_date)).first()
    return last is None or (last.stamp, last.on_date) != (stamp(db), today)


def seen(db: Session, now: datetime) -> Found:
    """What is to be done, and the organisation and the day that this is said of. Reads only, and may take its time."""
    known, today = stamp(db), organisation.local_date(db, now)
    return known, today, staffing.wanted(db, now)


def ask(db: Session, found: Found, now: datetime) -> bool:
    """Write down what is to be done, and answer whether it is anything. Tidies away what is a day old."""
    known, today, steps = found
    write(db, steps, now)
    _upsert_run(db, known, today)
    db.execute(delete(StagedImport).where(StagedImport.at < now - STAGED_FOR))
    return bool(steps)


def write(db: Session, steps: Sequence[Step], now: datetime) -> None:
    """Each step a row, once."""
    rows = [
        {
            "key": step.key,
            "kind": step.kind,
            "instance_id": step.instance_id,
            "person_id": step.person_id,
            "unit_id": step.unit_id,
            "cycle_id": step.cycle_id,
            "on_date": step.on_date,
            "asked_at": now,
            "failures": 0,
            "next_try_at": now,
        }
        for step in steps
    ]
    make = postgresql_insert if db.get_bind().dialect.name == "postgresql" else sqlite_insert
    for first in range(0, len(rows), MOST_AT_ONCE):
        db.connection().execute(make(StaffingStep).on_conflict_do_nothing(), rows[first : first + MOST_AT_ONCE])


def again(db: Session) -> None:
    """Compare once more with the next tick."""
    db.execute(delete(StaffingRun))


def due(db: Session, now: datetime, limit: int) -> list[int]:
    """The steps whose time has come, the oldest first."""
    query = select(StaffingStep.id).where(StaffingStep.next_try_at <= now)
    return list(db.scalars(query.order_by(StaffingStep.next_try_at, StaffingStep.id).limit(limit)))


def run(db: Session, step_id: int, now: datetime) -> bool:
    """Do one step; False when it is done already or another worker has it."""
    query = select(StaffingStep).where(StaffingStep.id == step_id).with_for_update(skip_locked=True)
    found = db.scalars(query).first()
    if found is None:
        return False
    _DO[found.kind](db, found, now)
    db.delete(found)
    db.flush()
    return True


def fail(db: Session, step_id: int, error: Exception, now: datetime) -> None:
    """Note that it failed, after the rollback: tried again later and later, at least once a day."""
    found = db.get(StaffingStep, step_id)
    if found is not None:
        found.failures += 1
        found.error = type(error).__name__
        found.next_try_at = now + min(timedelta(minutes=2 ** min(found.failures, 12)), LONGEST_PAUSE)
        db.flush()


def _upsert_run(db: Session, known: str, today: date) -> None:
    make = postgresql_insert if db.get_bind().dialect.name == "postgresql" else sqlite_insert
    told = {"stamp": known, "on_date": today}
    # Two nodes may have compared at once; what the later one says is compared again if it is not today's.
    new = make(StaffingRun).values(id=1, **told).on_conflict_do_update(index_elements=["id"], set_=told)
    db.connection().execute(new)


# What each kind does. Everything is looked at anew: the organisation may have changed again.


def _still(db: Session, found: StaffingStep, now: datetime) -> Instance | None:
    """The talk or reading, if it still runs and the same is still to be done."""
    row = db.get(Instance, found.instance_id, populate_existing=True)
    if row is None or row.state in ENDED or row.person_id is None:
        return None
    step = staffing.of_instance(db, row, now)
    return row if step is not None and step.kind == found.kind else None


def _left(db: Session, found: StaffingStep, now: datetime) -> None:
    if row := _still(db, found, now):
        talk_steps.cancel(db, row, "left", now)


def _moved(db: Session, found: StaffingStep, now: datetime) -> None:
    row = _still(db, found, now)
    if row is None or row.person_id is None:
        return
    to = staffing.home(organisation.directory(db, now), row.person_id)
    if to is not None:
        talk_steps.move(db, row, to, now)
        _ask_for_talk(db, row.person_id, to, row.cycle_id, now)


def _followed(db: Session, found: StaffingStep, now: datetime) -> None:
    if (row := _still(db, found, now)) and (to := staffing.home(organisation.directory(db, now), row.person_id or "")):
        talk_steps.follow(db, row, to, now)


def _away(db: Session, found: StaffingStep, now: datetime) -> None:
    if row := _still(db, found, now):
        talk_steps.rest(db, row, found.on_date, now)


def _back(db: Session, found: StaffingStep, now: datetime) -> None:
    if row := _still(db, found, now):
        talk_steps.take_up(db, row, now)


def _declined(db: Session, found: StaffingStep, now: datetime) -> None:
    if row := _still(db, found, now):
        talk_steps.decline(db, row, now)


def _joined(db: Session, found: StaffingStep, now: datetime) -> None:
    if found.person_id is None or found.unit_id is None:
        return
    if staffing.home(organisation.directory(db, now), found.person_id) == found.unit_id:
        _ask_for_talk(db, found.person_id, found.unit_id, found.cycle_id, now)


def _ask_for_talk(db: Session, person: str, unit: str, cycle: str | None, now: datetime) -> None:
    """A talk in the unit's open round, where there is one: begun as those of the others were."""
    course = staffing.open_rounds(db).get((unit, cycle))
    if course is None:
        return
    subject = Subject(unit=unit, person=person, cycle=cycle)
    count = staffing.talks_before(db, subject)
    requests.join(db, staffing.TALK, subject, course, occasion=f"again:{count}" if count else "", now=now)


def _vacant(db: Session, found: StaffingStep, now: datetime) -> None:
    directory = organisation.directory(db, now)
    unit = directory.unit(found.unit_id)
    cause = staffing.vacancy(directory, unit.id) if unit is not None and not unit.closed else None
    if unit is None or cause is None:
        return
    row = db.get(Vacancy, unit.id)
    if row is None:
        row = Vacancy(unit_id=unit.id, since=directory.today, cause=cause)
        db.add(row)
    row.since, row.cause = directory.today, cause
    _tell_hr(db, "vacancy", f"{unit.id}:{directory.today}:{cause}", unit.id, now)


def _filled(db: Session, found: StaffingStep, _now: datetime) -> None:
    db.execute(delete(Vacancy).where(Vacancy.unit_id == found.unit_id))


def _closed(db: Session, found: StaffingStep, now: datetime) -> None:
    directory = organisation.directory(db, now)
    unit = directory.unit(found.unit_id)
    if unit is not None and unit.closed and db.get(ClosedUnit, unit.id) is None:
        db.add(ClosedUnit(unit_id=unit.id, since=directory.today))
        _tell_hr(db, "unit-closed", f"{unit.id}:{directory.today}", unit.id, now)


def _settled(db: Session, found: StaffingStep, _now: datetime) -> None:
    db.execute(delete(ClosedUnit).where(ClosedUnit.unit_id == found.unit_id))


def _tell_hr(db: Session, kind: str, occasion: str, unit: str, now: datetime) -> None:
    directory = organisation.directory(db, now)
    people = {holder.person_id for holder in directory.holders(roles.HR, Subject(unit=unit))}
    notifications.queue(db, people, notifications.Notice(kind=kind, occasion=occasion, unit_id=unit), now)


_DO: Final[Mapping[str, Callable[[Session, StaffingStep, datetime], Any]]] = {
    staffing.LEFT: _left,
    staffing.MOVED: _moved,
    staffing.FOLLOWED: _followed,
    staffing.AWAY: _away,
    staffing.BACK: _back,
    staffing.DECLINED: _declined,
    staffing.JOINED: _joined,
    staffing.VACANT: _vacant,
    staffing.FILLED: _filled,
    staffing.CLOSED: _closed,
    staffing.SETTLED: _settled,
}


def begun(db: Session, requests: Sequence[int], now: datetime) -> None:
    """Instances have just begun as asked: a talk whose employee is on leave is to rest at once."""
    asked = select(Request.instance_id).where(Request.id.in_(requests), Request.process == staffing.TALK)
    talks = select(Instance).where(Instance.id.in_(asked), Instance.state.not_in(ENDED))
    directory = organisation.directory(db, now)
    people = ((row, directory.person(row.person_id)) for row in db.scalars(talks))
    away = [row for row, person in people if person is not None and not person.present]
    steps = (staffing.of_instance(db, row, now) for row in away)
    write(db, [step for step in steps if step is not None], now)
