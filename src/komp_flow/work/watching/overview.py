"""How every unit of a cycle stands, kept in memory; what has changed since is read anew, and nothing else.

A step, an escalation or a pause changes the instance's row, so one statement over the rows tells which instances have
changed: their tasks are counted again. Only read transactions look here: what they see is kept by the database.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Boolean, ColumnElement, String, Uuid, and_, bindparam, case, cast, func, literal_column, select
from sqlalchemy.orm import Session

from komp_flow.db.ids import within
from komp_flow.db.prepared import Prepared
from komp_flow.engine import Instance, Task

KEPT: Final = 8  # cycles of one database
MOST_BY_ID: Final = 500  # instances that are read by their ids; of more, all are


@dataclass(frozen=True)
class Count:
    """The tasks of one instance in one phase: when those that are open are due, and how many are done."""

    open: int = 0
    closed: int = 0
    dues: tuple[datetime, ...] = ()  # the earliest first; of those that are open and have one

    def overdue(self, now: datetime) -> int:
        """How many are late."""
        return sum(1 for due in self.dues if due < now)


@dataclass(frozen=True)
class Kept:
    """One instance as it was read: its row, and its tasks by phase."""

    row: Any
    phases: Mapping[str, Count]


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All instances of a process in a cycle: `stamps` tell what each was read as, `units` the newest of each unit."""

    stamps: frozenset[str]
    instances: Mapping[UUID, Kept]
    units: Mapping[str, Kept]


@dataclass
class _Shelf:
    lock: threading.Lock = field(default_factory=threading.Lock)
    snapshots: OrderedDict[tuple[str, str], Snapshot] = field(default_factory=OrderedDict)


_shelves: WeakKeyDictionary[object, _Shelf] = WeakKeyDictionary()
_shelves_lock = threading.Lock()


def _wanted() -> ColumnElement[bool]:
    """The units' instances, as the index of them has it (ix_instance_process_cycle)."""
    about = and_(Instance.unit_id.is_not(None), Instance.person_id.is_(None))
    return and_(Instance.process == bindparam("process"), Instance.cycle_id == bindparam("cycle"), about)


def _text(column: Any) -> ColumnElement[str]:
    return cast(column, String)


# What an instance's row is known by: its steps are counted; a pause, an end and an escalation stand beside.
_ROW: Final = (
    _text(Instance.id).concat(" ").concat(_text(Instance.row_version)).concat(" ").concat(Instance.state)
    .concat(" ").concat(_text(Instance.escalation)).concat(" ").concat(Instance.unit_id)
)  # fmt: skip
_ROWS: Final = select(_ROW.label("row")).where(_wanted()).order_by(Instance.unit_id).subquery()
_STAMPS: Final = Prepared(select(func.aggregate_strings(_ROWS.c.row, "\n")))
_COLUMNS: Final = (
    Instance.id,
    Instance.unit_id,
    Instance.version_id,
    Instance.state,
    Instance.phase,
    Instance.escalation,
    Instance.started_at,
    Instance.ended_at,
)
_INSTANCES: Final = select(*_COLUMNS).where(_wanted()).order_by(Instance.started_at, Instance.id)
# In words: PostgreSQL takes two bound values, in the columns and in the groups, for two different ones.
_IS_OPEN: Final[ColumnElement[bool]] = literal_column("task.state = 'open'", Boolean)
_DUE: Final = case((_IS_OPEN, Task.due_at))
_COUNTS: Final = (
    select(
        Task.instance_id,
        Task.phase,
        _IS_OPEN.label("is_open"),
        _DUE.label("due_at"),
        func.count().label("number"),
    )
    .join(Instance, Instance.id == Task.instance_id)
    .where(_wanted(), Task.phase.is_not(None))
    .group_by(Task.instance_id, Task.phase, _IS_OPEN, _DUE)
)
_ALL_INSTANCES, _ALL_COUNTS = Prepared(_INSTANCES), Prepared(_COUNTS)
_OF_UNITS: Final = within(Instance.unit_id, "units")
_UNITS_INSTANCES: Final = Prepared(_INSTANCES.where(_OF_UNITS), planned_once=True)
_UNITS_COUNTS: Final = Prepared(_COUNTS.where(_OF_UNITS), planned_once=True)
_SOME_INSTANCES: Final = Prepared(_INSTANCES.where(within(Instance.id, "ids", Uuid)), planned_once=True)
_SOME_COUNTS: Final = Prepared(_COUNTS.where(within(Task.instance_id, "ids", Uuid)), planned_once=True)


def snapshot(db: Session, process: str, cycle: str) -> Snapshot:
    """All as this transaction sees it: one statement where nothing has changed, three where something has."""
    shelf = _shelf(db)
    if shelf is None:
        return _read(db, process, cycle, None)
    key = (process, cycle)
    found = _read(db, process, cycle, shelf.snapshots.get(key))
    with shelf.lock:
        shelf.snapshots[key] = found
        shelf.snapshots.move_to_end(key)
        while len(shelf.snapshots) > KEPT:
            shelf.snapshots.popitem(last=False)
    return found


def of_units(db: Session, process: str, cycle: str, units: Collection[str]) -> Callable[[], dict[str, Kept]]:
    """The newest instance of each of these few units, read anew, with what is read next."""
    if not units:
        return dict
    of = {"process": process, "cycle": cycle, "units": sorted(units)}
    found, counts = _UNITS_INSTANCES.promise_all(db, of), _UNITS_COUNTS.promise_all(db, of)
    return lambda: _newest(_kept(found(), counts()).values())


def _shelf(db: Session) -> _Shelf | None:
    """None in a transaction that writes: what it sees may be rolled back."""
    bind = db.get_bind()
    if not bind.get_execution_options().get("reading"):
        return None
    with _shelves_lock:
        return _shelves.setdefault(bind.engine.pool, _Shelf())


def _read(db: Session, process: str, cycle: str, before: Snapshot | None) -> Snapshot:
    of = {"process": process, "cycle": cycle}
    told = _STAMPS.scalar(db, of)
    stamps = frozenset(str(told).split("\n")) if told else frozenset()
    if before is not None and stamps == before.stamps:
        return before
    changed = {_id(stamp) for stamp in stamps - before.stamps} if before is not None else None
    if before is None or changed is None or len(changed) > MOST_BY_ID:
        kept = _kept(_ALL_INSTANCES.all(db, of), _ALL_COUNTS.all(db, of))
    else:
        some = {**of, "ids": sorted(changed)}
        found, counts = _SOME_INSTANCES.promise_all(db, some), _SOME_COUNTS.all(db, some)
        gone = {_id(stamp) for stamp in before.stamps - stamps} - changed
        kept = {each: one for each, one in before.instances.items() if each not in gone} | _kept(found(), counts)
    return Snapshot(stamps, kept, _newest(kept.values()))


def _id(stamp: str) -> UUID:
    return UUID(stamp.split(" ", 1)[0])


def _kept(rows: Iterable[Any], counts: Iterable[Any]) -> dict[UUID, Kept]:
    tasks: dict[UUID, dict[str, Count]] = {}
    for row in counts:
        phases = tasks.setdefault(row.instance_id, {})
        known = phases.get(row.phase, Count())
        dues = (*known.dues, *[row.due_at] * row.number) if row.due_at is not None else known.dues
        if row.is_open:
            phases[row.phase] = Count(known.open + row.number, known.closed, tuple(sorted(dues)))
        else:
            phases[row.phase] = Count(known.open, known.closed + row.number, known.dues)
    return {row.id: Kept(row, tasks.get(row.id, {})) for row in rows}


def _newest(kept: Iterable[Kept]) -> dict[str, Kept]:
    ordered = sorted(kept, key=lambda one: (one.row.started_at, one.row.id))
    return {one.row.unit_id: one for one in ordered}
