"""Start events that wait: messages, signals and timers of each process's newest version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace as replace_fields
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from komp_flow import bell, feel
from komp_flow.engine.memory import timers
from komp_flow.engine.memory.program import Program, StartEvent
from komp_flow.engine.stored.world import World
from komp_flow.engine.tables import START_SUBSCRIPTION
from komp_flow.organisation.subjects import Subject

LONGEST: Final = 200  # letters of an id
_TABLE = START_SUBSCRIPTION
_OF_PROCESS = select(_TABLE).where(_TABLE.c.process == bindparam("process"))


def replace(db: Session, world: World, version_id: UUID, program: Program, now: datetime) -> None:
    """The newest version's start events take over. A timer that is unchanged goes on where it was: what has fired is
    not fired again.
    """
    connection = db.connection()
    before = {row.element: row for row in connection.execute(_OF_PROCESS, {"process": program.process_id})}
    rows = []
    for start in program.starts:
        if start.kind == "none":
            continue
        was = before.get(start.element)
        row = {
            "process": program.process_id,
            "element": start.element,
            "version_id": version_id,
            "kind": start.kind,
            "name": start.name,
            "key_text": start.key,
            "timer_text": start.timer,
            "instants": [],
            "due_at": None,
            "failures": 0,
            "next_try_at": None,
        }
        if start.kind == "timer":
            unchanged = was is not None and was.kind == "timer" and was.timer_text == start.timer
            row |= _going_on(was) if unchanged else _armed(db, world, start, now)
        rows.append(row)
    connection.execute(delete(_TABLE).where(_TABLE.c.process == program.process_id))
    if rows:
        connection.execute(insert(_TABLE), rows)
    for row in rows:
        if isinstance(due := row["next_try_at"], datetime):
            bell.ring(db, "start", (row["process"], row["element"]), due)


def rearm(db: Session, world: World, now: datetime) -> int:
    """The calendar has moved: timers that have not fired yet are computed again. Answers how many have moved."""
    moved = 0
    for row in db.connection().execute(select(_TABLE).where(_TABLE.c.kind == "timer")).all():
        if not (row.timer_text or "").startswith("="):
            continue
        fresh = _instants(db, world, row.timer_text, now)
        fresh = [instant for instant in fresh if instant > now.isoformat()]
        if fresh != row.instants and (fresh or row.instants):
            _set(db, row.process, row.element, _next(fresh))
            moved += 1
    return moved


def fired(db: Session, row: Any, now: datetime) -> None:
    """A start timer has fired: what it missed counts as one; the next instant is what remains."""
    _set(db, row.process, row.element, _next([text for text in row.instants if datetime.fromisoformat(text) > now]))


def subject_of(payload: Mapping[str, object], sender: Subject) -> Subject:
    """The subject of the instance that a message or signal starts: text ids in the payload, else the sender's.

    A unit in the payload leaves the sender's person and measure behind; a person or measure keeps the sender's unit.
    """
    given = {
        name: value
        for name in ("unit", "person", "measure", "cycle")
        if isinstance(value := payload.get(name), str) and 0 < len(value) <= LONGEST and "\0" not in value
    }
    base = sender if set(given) <= {"cycle"} else Subject(unit=sender.unit, cycle=sender.cycle)
    return replace_fields(base, **given)


def _armed(db: Session, world: World, start: StartEvent, now: datetime) -> dict[str, Any]:
    return _next(_instants(db, world, start.timer, now))


def _going_on(row: Any) -> dict[str, Any]:
    return {
        "instants": row.instants,
        "due_at": row.due_at,
        "failures": row.failures,
        "next_try_at": row.next_try_at,
    }


def _instants(db: Session, world: World, text: str | None, now: datetime) -> list[str]:
    moment = world.moment(db, now)
    value: object = text
    if text and text.startswith("="):
        value = feel.evaluate(text[1:], world.names(db, Subject(), now), moment)
    found = timers.instants(value, now, now, moment.zone) or []
    return [instant.isoformat() for instant in found]


def _next(instants: list[str]) -> dict[str, Any]:
    due = datetime.fromisoformat(instants[0]) if instants else None
    return {"instants": instants, "due_at": due, "failures": 0, "next_try_at": due}


def _set(db: Session, process: str, element: str, values: dict[str, Any]) -> None:
    db.connection().execute(
        update(_TABLE).where(_TABLE.c.process == process, _TABLE.c.element == element).values(**values)
    )
    if values["next_try_at"] is not None:
        bell.ring(db, "start", (process, element), values["next_try_at"])
