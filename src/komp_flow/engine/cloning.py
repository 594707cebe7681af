"""What one instance's step has written, written for others that are alike: with ids, times and trails of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from komp_flow import audit
from komp_flow.db.pen import Copies, Kept, in_turn
from komp_flow.db.prepared import Alike, Prepared
from komp_flow.engine import alike, codec
from komp_flow.engine.ids import fresh_many
from komp_flow.engine.step import stream
from komp_flow.organisation.subjects import Subject

# What a step writes that begins or ends to wait for people, timers, messages. An incident or a message thrown has more
# to it, and what an operation has written is not ours to copy.
TABLES: Final = frozenset({"instance", "task", "task_role", "timer", "subscription", "event", "event_head"})
_SUBJECT: Final = {"unit_id": "unit", "person_id": "person", "measure_id": "measure", "cycle_id": "cycle"}
_OF_NAME: Final = {"deadline": "cycle", "escalation": "cycle"}  # of the host's names: the part of the subject told of

Make = Callable[["Copy"], Any]


def key(subject: Subject, read: frozenset[str]) -> tuple[object, ...]:
    """What a step that read these of the host's names may have found of the subject: equal for two, equal steps."""
    return tuple(getattr(subject, _OF_NAME.get(name, name)) for name in sorted(read))


class Other(NamedTuple):
    """An instance that does the same step: its row, the form of its state, its subject, the head of its trail, and the
    delivery that it is told by.
    """

    row: Any
    form: alike.Form
    subject: Subject
    head: Any
    told: Any


class Copy:
    """One instance that comes to stand as the first does: its ids, its subject, its state, its trail."""

    __slots__ = ("blob", "hashes", "hexes", "row", "seal", "seq", "stream", "subject", "told")

    def __init__(
        self, hexes: Sequence[str], subject: Subject, *, row: Any = None, told: Any = None, seq: int = 0
    ) -> None:
        """Of one that was there before: its row, the delivery that it is `told` by, the last number on its trail."""
        self.hexes, self.subject, self.row, self.told, self.seq = hexes, subject, row, told, seq
        self.stream = ""
        self.hashes: list[bytes] = []
        self.blob = self.seal = b""


class Template:
    """What one step has written on tables of `TABLES`, as a pattern for the others."""

    def __init__(self, db: Session, instance: UUID, kept: Kept, now: str, before: alike.Form = alike.NOTHING) -> None:
        """`kept` is all that the step has written of the instance `now`, `before` the state that it began with.
        ValueError: what it wrote cannot be told from what is another's.
        """
        self._trail_key: bytes = db.info["trail_key"]
        rows = {(statement.table, statement.is_insert): kept[statement] for statement in kept}
        saved = rows.get(("instance", True)) or rows["instance", False]
        state = codec.unpacked(saved[0].get("state_blob") or saved[0]["blob"])
        events = rows["event", True]
        known = [instance.hex, *before.ids, *alike.ids(state)]
        known += [event["task_id"].hex for event in events if event["task_id"] is not None]
        self._places = {id_: place for place, id_ in enumerate(dict.fromkeys(known))}
        self._given = 1 + len(before.ids) if before.ids else 0
        self._fresh = len(self._places) - self._given
        at = len(self._places)
        times = {wait: (at + 2 * number, times) for number, (wait, times) in enumerate(before.times.items())}
        parts = alike.parts(state, self._places, times, now)
        if parts is None:
            raise ValueError("a time whose timer is not known")
        self._state = parts
        self._written = [self._event(event, number) for number, event in enumerate(events)]
        timers = [row for statement in kept if statement.table == "timer" for row in kept[statement]]
        self.due = {timer["due_at"] for timer in timers if "due_at" in timer}
        self._plan = {
            statement: [(row, self._own(statement, row, number)) for number, row in enumerate(kept[statement])]
            for statement in in_turn(kept)
        }

    def begun(self, subjects: Sequence[Subject]) -> tuple[list[UUID], Copies]:
        """A new instance for each of these subjects: their ids, and what is to be written."""
        new, many = fresh_many(self._fresh * len(subjects)), self._fresh
        copies = [
            self._copy(Copy(new[number * many : (number + 1) * many], subject), b"", ())
            for number, subject in enumerate(subjects)
        ]
        return [UUID(copy.hexes[0]) for copy in copies], self._alike(copies)

    def followed(self, others: Sequence[Other]) -> Copies:
        """What is to be written where these instances do the same step."""
        new, many, copies = fresh_many(self._fresh * len(others)), self._fresh, []
        for number, (row, form, subject, head, told) in enumerate(others):
            hexes = [row.id.hex, *form.ids, *new[number * many : (number + 1) * many]]
            times = [orjson.dumps(value) for pair in form.times.values() for value in pair]
            copies.append(self._copy(Copy(hexes, subject, row=row, told=told, seq=head.seq), head.hash, times))
        return self._alike(copies)

    def _alike(self, copies: Sequence[Copy]) -> Copies:
        return {
            statement: [Alike(row, {name: [make(copy) for copy in copies] for name, make in own}) for row, own in rows]
            for statement, rows in self._plan.items()
        }

    def _copy(self, copy: Copy, last: bytes, times: Sequence[bytes]) -> Copy:
        copy.blob = codec.packed(alike.filled(self._state, [b'"%s"' % text.encode() for text in copy.hexes] + [*times]))
        dashed = [f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}" for h in copy.hexes]
        copy.stream = stream(dashed[0])
        values = [b'"%s"' % text.encode() for text in (*dashed, copy.stream)]
        values += [b"%d" % number for number in range(copy.seq + 1, copy.seq + 1 + len(self._written))]
        for parts in self._written:
            last = audit.chained(self._trail_key, last, alike.filled(parts, values))
            copy.hashes.append(last)
        copy.seq += len(self._written)
        copy.seal = audit.seal(self._trail_key, copy.stream, copy.seq, last)
        return copy

    def _event(self, row: Mapping[str, Any], number: int) -> alike.Parts:
        """A row of the trail as it is hashed. Its values' places: the ids, then the stream, then the rows' numbers."""
        after = len(self._places)
        marked = {"stream": alike.mark(after), "seq": alike.mark(after + 1 + number)}
        for name in ("task_id", "instance_id"):
            if row[name] is not None:
                marked[name] = alike.mark(self._places[row[name].hex])
        return alike.split(audit.written({**row, **marked}))

    def _own(self, statement: Prepared, row: Mapping[str, Any], number: int) -> list[tuple[str, Make]]:
        """What of a row is each copy's own, and how it is made."""
        made = [(name, self._made(statement, name, row[name], number)) for name in row]
        return [(name, make) for name, make in made if make is not None]

    def _made(self, statement: Prepared, name: str, value: object, number: int) -> Make | None:
        """How a column's value is made for each copy; None: it is the same for all."""
        if isinstance(value, UUID) and (place := self._places.get(value.hex)) is not None:
            return lambda copy: copy.hexes[place]
        if statement.is_insert and name in _SUBJECT:
            part = _SUBJECT[name]
            return lambda copy: getattr(copy.subject, part)
        if statement.table == "event" and name in {"seq", "hash"}:
            back = len(self._written) - 1 - number
            return (lambda copy: copy.seq - back) if name == "seq" else (lambda copy: copy.hashes[number])
        return _OF_COPY.get((statement.table, name))


_OF_COPY: Final[dict[tuple[str, str], Make]] = {
    ("instance", "state_blob"): lambda copy: copy.blob,
    ("instance", "blob"): lambda copy: copy.blob,
    ("instance", "was"): lambda copy: copy.row.row_version,
    ("event", "stream"): lambda copy: copy.stream,
    ("event_head", "stream"): lambda copy: copy.stream,
    ("event_head", "of_stream"): lambda copy: copy.stream,
    ("event_head", "seq"): lambda copy: copy.seq,
    ("event_head", "hash"): lambda copy: copy.hashes[-1],
    ("event_head", "seal"): lambda copy: copy.seal,
    ("delivery", "delivery"): lambda copy: copy.told.id,
}
