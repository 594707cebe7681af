"""The directory of today, read from the database once for each change of the organisation and each day."""

from __future__ import annotations

import gc
import threading
import uuid
from collections import OrderedDict, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, event, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session, object_session

from komp_flow.db.prepared import Prepared, flush
from komp_flow.organisation.directory import Directory
from komp_flow.organisation.facts import PersonFacts, UnitFacts
from komp_flow.organisation.models import (
    ClosingDay,
    OrganisationState,
    Person,
    PersonRole,
    Position,
    Substitution,
    TalkHolder,
    Unit,
)

KEPT = 4  # snapshots of one database: readers of an older state while an import is not yet committed
OSLO = ZoneInfo("Europe/Oslo")
KNOWN: Final = "organisation"  # in a session's `info`: the stamp that its transaction has read, or CHANGES
CHANGES: Final = ""  # it has changed the organisation itself, and may undo that to a savepoint
STAMP: Final = select(OrganisationState.stamp).where(OrganisationState.id == 1).scalar_subquery()
_STAMP: Final = Prepared(select(STAMP))


@dataclass
class _Shelf:
    lock: threading.Lock = field(default_factory=threading.Lock)
    snapshots: OrderedDict[tuple[str, date], Directory] = field(default_factory=OrderedDict)


_shelves: WeakKeyDictionary[object, _Shelf] = WeakKeyDictionary()
_shelves_lock = threading.Lock()


def local_date(db: Session, now: datetime) -> date:
    """Today where the organisation is."""
    zone: ZoneInfo = db.info.get("zone", OSLO)
    return now.astimezone(zone).date()


def stamp(db: Session) -> str:
    """What the organisation's content is known by; empty before its first change.

    Read once in a transaction, so that all of it goes by one organisation; each time in one that changes it.
    """
    flush(db)
    known: str | None = db.info.get(KNOWN)
    return known or _read_stamp(db)


def learn(db: Session, read: str | None) -> None:
    """The stamp was read with something else in this transaction, in a column STAMP."""
    if KNOWN not in db.info:
        db.info[KNOWN] = read or ""


def _read_stamp(db: Session) -> str:
    found: str = _STAMP.scalar(db) or ""
    if db.info.get(KNOWN) != CHANGES:
        db.info[KNOWN] = found
    return found


def bump(db: Session | Connection) -> None:
    """Say that the organisation has changed. Changes through the ORM say so themselves; Core statements must."""
    if isinstance(db, Session):
        db.info[KNOWN] = CHANGES
    dialect = db.dialect if isinstance(db, Connection) else db.get_bind().dialect
    insert = postgresql_insert if dialect.name == "postgresql" else sqlite_insert
    drawn = uuid.uuid4().hex
    statement = insert(OrganisationState).values(id=1, revision=1, stamp=drawn, july_pause=True)
    db.execute(
        statement.on_conflict_do_update(
            index_elements=["id"], set_={"revision": OrganisationState.revision + 1, "stamp": drawn}
        )
    )


def directory(db: Session, now: datetime) -> Directory:
    """The organisation as this transaction sees it, today. One small query when nothing has changed."""
    today = local_date(db, now)
    shelf = _shelf(db)
    found = stamp(db)
    with shelf.lock:
        for _attempt in range(3):
            if (found, today) in shelf.snapshots:
                shelf.snapshots.move_to_end((found, today))
                return shelf.snapshots[found, today]
            made = read(db, today)
            # Under READ COMMITTED another's import may have landed between two of the statements.
            before, found = found, _read_stamp(db)
            if before == found:
                shelf.snapshots[found, today] = made
                while len(shelf.snapshots) > KEPT:
                    shelf.snapshots.popitem(last=False)
                return made
    return made


def _shelf(db: Session) -> _Shelf:
    # The pool is what the engine's variants with other options have in common.
    pool = db.get_bind().engine.pool
    with _shelves_lock:
        return _shelves.setdefault(pool, _Shelf())


def read(db: Session, today: date) -> Directory:
    """The organisation of `today`, read afresh."""
    with _no_collection():
        return Directory(_people(db, today), _units(db), today)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Hundreds of thousands of small tuples are made, none of them in a ring: looking for rings doubles the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _units(db: Session) -> Iterator[UnitFacts]:
    u = Unit.__table__.c
    rows = db.execute(
        select(u.id, u.name, u.parent_id, u.manager_id, u.deputy_id, u.closed_at, u.org_number, u.sort_key)
    )
    for unit_id, name, parent_id, manager_id, deputy_id, closed_at, org_number, key in rows:
        yield UnitFacts(unit_id, name, parent_id, manager_id, deputy_id, closed_at is not None, org_number, key)


def _people(db: Session, today: date) -> Iterator[PersonFacts]:
    p = Person.__table__.c
    held, substitutes, positions = _roles(db), _substitutes(db, today), _positions(db)
    given = {row.person_id: row.manager_id for row in db.execute(select(TalkHolder.person_id, TalkHolder.manager_id))}
    rows = db.execute(
        select(
            p.id, p.name, p.email, p.language, p.unit_id, p.title, p.absence_from, p.absence_to, p.left_at, p.sort_key
        )
    ).all()
    for person_id, name, email, spoken, unit_id, title, away_from, away_to, left_at, key in rows:
        of_person = positions.get(person_id, [])
        current = [row for row in of_person if _covers(row[5], row[6], today)]
        # A share of 0 and equal shares: the row that comes first in the file.
        main: Any = max(current or of_person, key=lambda row: (row[4], -row[7]), default=None)
        yield PersonFacts(
            id=person_id,
            name=name,
            unit_id=main[1] if main else unit_id,
            email=email,
            language=spoken,
            title=main[3] if main else title,
            manager_id=main[2] if main else None,
            units=tuple(dict.fromkeys([row[1] for row in current])),
            employed=left_at is None and bool(current or not of_person),
            absent=away_from is not None and _covers(away_from, away_to, today),
            absent_until=away_to,
            roles=held.get(person_id, frozenset()),
            substitutes=substitutes.get(person_id, ()),
            sort_key=key,
            talks_with=given.get(person_id),
        )


def _covers(start: date | None, end: date | None, day: date) -> bool:
    return (start is None or start <= day) and (end is None or day <= end)


def _positions(db: Session) -> dict[str, list[Any]]:
    c = Position.__table__.c
    found: dict[str, list[Any]] = defaultdict(list)
    columns = (c.person_id, c.unit_id, c.manager_id, c.title, c.percent, c.start, c.end, c.number)
    for row in db.execute(select(*columns).order_by(c.person_id, c.number)).all():
        found[row[0]].append(row)
    return found


def _roles(db: Session) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for person_id, role in db.execute(select(PersonRole.person_id, PersonRole.role)):
        found[person_id].add(role)
    return {person_id: frozenset(names) for person_id, names in found.items()}


def _substitutes(db: Session, today: date) -> dict[str, tuple[tuple[str, date], ...]]:
    found: dict[str, dict[str, date]] = defaultdict(dict)
    rows = db.execute(
        select(Substitution.person_id, Substitution.substitute_id, Substitution.end)
        .where(Substitution.start <= today, Substitution.end >= today)
        .order_by(Substitution.id)
    )
    for person_id, substitute_id, end in rows:
        known = found[person_id].get(substitute_id)
        found[person_id][substitute_id] = max(end, known) if known else end
    return {person_id: tuple(those.items()) for person_id, those in found.items()}


def _changed(_mapper: object, connection: Connection, target: object) -> None:
    bump(connection)
    if (session := object_session(target)) is not None:
        session.info[KNOWN] = CHANGES


for _model in (Unit, Person, Position, PersonRole, Substitution, TalkHolder, ClosingDay):
    for _change in ("after_insert", "after_update", "after_delete"):
        event.listen(_model, _change, _changed)
