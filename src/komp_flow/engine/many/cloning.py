"""What one instance's step has written, written for others that are alike: with ids, times and trails of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from komp_flow import audit
from komp_flow.db.pen import Copies, Kept, in_turn
from komp_flow.db.prepared import Alike, Prepared
from komp_flow.engine.ids import fresh_many
from komp_flow.engine.many import alike
from komp_flow.engine.memory import codec
from komp_flow.engine.stored.step import stream
from komp_flow.organisation.subjects import Subject

# What a step writes that begins or ends to wait for people, timers, messages. An incident or a message thrown has more
# to it, and what an operation has written is not ours to copy.
TABLES: Final = frozenset({"instance", "task", "task_role", "timer", "subscription", "event", "event_head"})
_SUBJECT: Final = {"unit_id": "unit", "person_id": "person", "measure_id": "measure", "cycle_id": "cycle"}
_OF_NAME: Final = {"deadline": "cycle", "escalation": "cycle"}  # of the host's names: the part of the subject told of

Make = Callable[["Clones"], Sequence[Any]]  # a column of values


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


class Clones:
    """Instances that come to stand as the first does, column by column: their ids, their subjects, their states, their
    trails. Every list has a value for each instance.
    """

    __slots__ = ("blobs", "hashes", "ids", "others", "seals", "seqs", "streams", "subjects")

    def __init__(self, ids: Sequence[Sequence[str]], subjects: Sequence[Subject], others: Sequence[Other] = ()) -> None:
        """`ids` has a list for each place, in hex; `others` are what was there before, if anything was."""
        self.ids, self.subjects, self.others = ids, subjects, others
        self.seqs: list[int] = [other.head.seq for other in others] or [0] * len(subjects)  # before the step
        self.streams: list[str] = []
        self.hashes: list[list[bytes]] = []  # of each row that the step writes on the trail
        self.blobs: list[bytes] = []
        self.seals: list[bytes] = []


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
        self._events = [self._event(event, number) for number, event in enumerate(events)]
        self._in_state = alike.places(parts)
        self._in_events = {0, *(place for event in self._events for place in alike.places(event) if place < at)}
        timers = [row for statement in kept if statement.table == "timer" for row in kept[statement]]
        self.due = {timer["due_at"] for timer in timers if "due_at" in timer}
        self._plan = {
            statement: [(row, self._own(statement, row, number)) for number, row in enumerate(kept[statement])]
            for statement in in_turn(kept)
        }

    def begun(self, subjects: Sequence[Subject]) -> tuple[list[UUID], Copies]:
        """A new instance for each of these subjects: their ids, and what is to be written."""
        clones = Clones(self._fresh_ids(len(subjects)), subjects)
        return [UUID(id_) for id_ in clones.ids[0]], self._written_for(clones, [b""] * len(subjects), [])

    def followed(self, others: Sequence[Other]) -> Copies:
        """What is to be written where these instances do the same step."""
        ids = [[other.row.id.hex for other in others], *zip(*(other.form.ids for other in others), strict=True)]
        times = zip(*(chain.from_iterable(other.form.times.values()) for other in others), strict=True)
        clones = Clones([*ids, *self._fresh_ids(len(others))], [other.subject for other in others], others)
        return self._written_for(clones, [other.head.hash for other in others], [_json(column) for column in times])

    def _fresh_ids(self, count: int) -> list[list[str]]:
        """For each place a list of new ids. Those of one instance come after each other."""
        new = fresh_many(self._fresh * count)
        return [new[place :: self._fresh] for place in range(self._fresh)]

    def _written_for(self, clones: Clones, last: list[bytes], times: Sequence[Sequence[str]]) -> Copies:
        """`last` are the ends of their trails; of the `times` there are two columns for each timer that is carried."""
        ids = clones.ids
        put = {place: _texts(ids[place]) for place in self._in_state if place < len(ids)}
        put |= {place: list(column) for place, column in enumerate(times, len(ids))}
        clones.blobs = [codec.packed(raw) for raw in alike.filled(self._state, put, len(last))]
        self._trail(clones, last)
        return {
            statement: [Alike(row, {name: make(clones) for name, make in own}) for row, own in rows]
            for statement, rows in self._plan.items()
        }

    def _trail(self, clones: Clones, last: list[bytes]) -> None:
        """Each row hashed after the one before it in its own stream, and each end sealed."""
        key, at = self._trail_key, len(self._places)
        dashed = {place: [_dashed(id_) for id_ in clones.ids[place]] for place in self._in_events}
        clones.streams = [stream(id_) for id_ in dashed[0]]
        put = {place: _texts(column) for place, column in dashed.items()} | {at: _texts(clones.streams)}
        for number, parts in enumerate(self._events, 1):
            put[at + number] = [str(seq + number) for seq in clones.seqs]
            rows = alike.filled(parts, put, len(last))
            last = [audit.chained(key, before, row) for before, row in zip(last, rows, strict=True)]
            clones.hashes.append(last)
        ends = zip(clones.streams, clones.seqs, last, strict=True)
        clones.seals = [audit.seal(key, name, seq + len(self._events), hash_) for name, seq, hash_ in ends]

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
        """How a column is made for the clones; None: it has the same value for all."""
        if isinstance(value, UUID) and (place := self._places.get(value.hex)) is not None:
            return lambda clones: clones.ids[place]
        if statement.is_insert and name in _SUBJECT:
            part = attrgetter(_SUBJECT[name])
            return lambda clones: [part(subject) for subject in clones.subjects]
        if statement.table == "event" and name == "hash":
            return lambda clones: clones.hashes[number]
        if name == "seq" and statement.table in {"event", "event_head"}:
            further = number + 1 if statement.table == "event" else len(self._events)
            return lambda clones: [seq + further for seq in clones.seqs]
        return _OF_CLONES.get((statement.table, name))


def _dashed(id_: str) -> str:
    """An id in hex as it stands in texts."""
    return f"{id_[:8]}-{id_[8:12]}-{id_[12:16]}-{id_[16:20]}-{id_[20:]}"


def _texts(column: Iterable[str]) -> list[str]:
    """As JSON has them: ids and streams hold nothing to escape."""
    return [f'"{text}"' for text in column]


def _json(values: Iterable[object]) -> list[str]:
    return [orjson.dumps(value).decode() for value in values]


_OF_CLONES: Final[dict[tuple[str, str], Make]] = {
    ("instance", "state_blob"): lambda clones: clones.blobs,
    ("instance", "blob"): lambda clones: clones.blobs,
    ("instance", "was"): lambda clones: [other.row.row_version for other in clones.others],
    ("event", "stream"): lambda clones: clones.streams,
    ("event_head", "stream"): lambda clones: clones.streams,
    ("event_head", "of_stream"): lambda clones: clones.streams,
    ("event_head", "hash"): lambda clones: clones.hashes[-1],
    ("event_head", "seal"): lambda clones: clones.seals,
    ("delivery", "delivery"): lambda clones: [other.told.id for other in clones.others],
}
