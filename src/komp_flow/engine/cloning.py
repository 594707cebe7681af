"""Instances equal to one that was just started: the same rows and state, with ids and a trail of their own."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from komp_flow import audit
from komp_flow.db.pen import Kept, in_turn
from komp_flow.db.prepared import Prepared
from komp_flow.engine import codec
from komp_flow.engine.step import Step, stream
from komp_flow.organisation.subjects import Subject

# What a start writes that waits for people, timers, messages. An incident or a message thrown has more to it.
TABLES: Final = frozenset({"instance", "task", "task_role", "timer", "subscription", "event", "event_head"})
_SUBJECT: Final = {"unit_id": "unit", "person_id": "person", "measure_id": "measure", "cycle_id": "cycle"}
_OF_NAME: Final = {"deadline": "cycle", "escalation": "cycle"}  # of the host's names: the part of the subject told of

Holes = list[tuple[int, "Make"]]  # places in a row, and what is put there
Parts = list[bytes | int]  # text, and the places of ids in it
Make = Callable[["_Clone"], Any]


def key(subject: Subject, read: frozenset[str]) -> tuple[object, ...]:
    """What a start that read these of the host's names may have found of the subject: equal for two, equal starts."""
    return tuple(getattr(subject, _OF_NAME.get(name, name)) for name in sorted(read))


class _Clone:
    """One instance to be: its ids in every form, its subject, its state and its trail."""

    __slots__ = ("blob", "dashed", "hashes", "hexes", "seal", "stream", "subject")

    def __init__(self, count: int, subject: Subject) -> None:
        raw = os.urandom(16 * count).hex()
        # The bits that say version 4, variant 1 (RFC 9562).
        drawn = [raw[at : at + 32] for at in range(0, 32 * count, 32)]
        self.hexes = [f"{h[:12]}4{h[13:16]}{_VARIANT[h[16]]}{h[17:]}" for h in drawn]
        self.dashed = [f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}" for h in self.hexes]
        self.subject = subject
        self.stream: str = stream(self.dashed[0])
        self.hashes: list[bytes] = []
        self.blob: bytes = b""
        self.seal: bytes = b""


_VARIANT: Final = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}


class Template:
    """What one start has written. `write` writes it for it, and for others like it."""

    def __init__(self, db: Session, made: Step, kept: Kept) -> None:
        """`kept` is all that the start has written, on tables of `TABLES` alone, each as new rows."""
        self._db = db
        self._trail_key: bytes = db.info["trail_key"]
        known = [made.row.id, *(task.id for scope in made.instance.scopes() for task in scope.tasks)]
        known += [happened.task_id for happened in made.instance.happened]
        self._places = {id_: place for place, id_ in enumerate(dict.fromkeys(known))}
        self.due = {row["due_at"] for written, rows in kept.items() if written.table == "timer" for row in rows}
        self._events = next(rows for statement, rows in kept.items() if statement.table == "event")
        instance = next(rows[0] for statement, rows in kept.items() if statement.table == "instance")
        self._state = self._parts(codec.unpacked(instance["state_blob"]), lambda id_: id_.hex)
        self._written = [self._parts(audit.written(row), str) for row in self._events]
        self._plan = [self._planned(statement, kept[statement]) for statement in in_turn(kept)]

    def write(self, subjects: Sequence[Subject]) -> list[UUID]:
        """An instance for each of these subjects; their ids."""
        clones = [self._clone(subject) for subject in subjects]
        for statement, like, rows in self._plan:
            filled = []
            for clone in clones:
                for values, holes in rows:
                    row = values.copy()
                    for place, make in holes:
                        row[place] = make(clone)
                    filled.append(row)
            statement.run_filled(self._db, like, filled)
        return [UUID(clone.hexes[0]) for clone in clones]

    def _clone(self, subject: Subject) -> _Clone:
        clone = _Clone(len(self._places), subject)
        hexes = [text.encode() for text in clone.hexes]
        clone.blob = codec.packed(b"".join([hexes[part] if isinstance(part, int) else part for part in self._state]))
        dashed = [text.encode() for text in clone.dashed]
        last = b""
        for parts in self._written:
            row = b"".join([dashed[part] if isinstance(part, int) else part for part in parts])
            last = audit.chained(self._trail_key, last, row)
            clone.hashes.append(last)
        clone.seal = audit.seal(self._trail_key, clone.stream, len(clone.hashes), last)
        return clone

    def _parts(self, text: bytes, form: Callable[[UUID], str]) -> Parts:
        places = {form(id_).encode(): place for id_, place in self._places.items()}
        split = re.split(b"(" + b"|".join(places) + b")", text)
        return [places.get(part, part) for part in split]

    def _planned(
        self, statement: Prepared, rows: Sequence[Mapping[str, Any]]
    ) -> tuple[Prepared, Mapping[str, Any], list[tuple[list[Any], Holes]]]:
        planned = []
        for number, row in enumerate(rows):
            names, values = statement.filled(self._db, row)
            holes = [
                (place, made)
                for place, name in enumerate(names)
                if (made := self._made(statement.table, name, row.get(name), number)) is not None
            ]
            planned.append((values, holes))
        return statement, rows[0], planned

    def _made(self, table: str, name: str, value: object, number: int) -> Make | None:
        """How a column's value is made for each clone; None: it is the same for all."""
        if isinstance(value, UUID) and value in self._places:
            place = self._places[value]
            return lambda clone: clone.hexes[place]
        if name in _SUBJECT:
            part = _SUBJECT[name]
            return lambda clone: getattr(clone.subject, part)
        if table == "event" and name == "hash":
            return lambda clone: clone.hashes[number]
        return _OF_CLONE.get((table, name))


_OF_CLONE: Final[dict[tuple[str, str], Make]] = {
    ("instance", "state_blob"): lambda clone: clone.blob,
    ("event", "stream"): lambda clone: clone.stream,
    ("event_head", "stream"): lambda clone: clone.stream,
    ("event_head", "hash"): lambda clone: clone.hashes[-1],
    ("event_head", "seal"): lambda clone: clone.seal,
}
