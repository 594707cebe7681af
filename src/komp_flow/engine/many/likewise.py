"""Steps of one batch that are equal: one of them is run, and the others are written after its pattern."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from komp_flow import bell, metrics
from komp_flow.db.pen import Copies, KeepingPen, Kept
from komp_flow.engine.many import alike, cloning
from komp_flow.engine.stored import messages, step
from komp_flow.engine.stored.changes import Due
from komp_flow.engine.tables import ACTIVE
from komp_flow.organisation.subjects import Subject


class Errand(NamedTuple):
    """What one row of a batch does to its instance: fires what is due, or brings a message."""

    due: Due
    instance: Any  # its row
    delivery: Any = None
    message: Any = None


class _Alike(NamedTuple):
    """All that a step reads but what the host tells; what of the state is the instance's own; and its subject."""

    key: tuple[object, ...]
    form: alike.Form
    subject: Subject


@dataclass
class _Pattern:
    """A step that was run: of which process, what it has read of the host's names and found of the subject, what it
    wrote, and those who are to do the same.
    """

    process: str
    read: frozenset[str]
    seen: tuple[object, ...]
    template: cloning.Template
    others: list[cloning.Other] = field(default_factory=list)

    def written(self) -> Copies:
        """All that they write; they have done it then."""
        began, others, self.others = time.perf_counter(), self.others, []
        made = self.template.followed(others)
        each = (time.perf_counter() - began) / len(others)
        for _other in others:
            metrics.STEP_SECONDS.labels(self.process).observe(each)
        return made


class Likewise:
    """The patterns of one batch. What one step has read and written says which others it is a pattern for."""

    def __init__(self, db: Session, pen: KeepingPen, errands: Iterable[Errand], now: datetime) -> None:
        self._db, self._pen, self._now = db, pen, now
        self._alike: dict[UUID, _Alike] = {}
        self._left: dict[tuple[object, ...], list[Subject]] = {}  # of those whose turn has not come
        self._patterns: dict[tuple[object, ...], list[_Pattern]] = {}
        for errand in errands:
            if (found := _look(errand, now)) is not None:
                self._alike[errand.instance.id] = found
                self._left.setdefault(found.key, []).append(found.subject)

    def did(self, errand: Errand) -> bool:
        """Keep what this errand comes to, where a pattern says it; False: it is to be run."""
        row, mine = errand.instance, self._alike.get(errand.instance.id)
        if mine is None:
            return False
        self._left[mine.key].remove(mine.subject)
        head = self._pen.heads.get(step.stream(row.id))
        if head is None:  # something has written by itself meanwhile, and what it has changed may be read now
            return False
        for pattern in self._patterns.get(mine.key, ()):
            if pattern.seen == cloning.key(mine.subject, pattern.read):
                if not pattern.others:
                    self._pen.add(pattern.written)
                pattern.others.append(cloning.Other(row, mine.form, mine.subject, head, errand.delivery))
                return True
        return False

    def learn(self, made: step.Step) -> None:
        """This step has run, and its pen still holds all that it wrote: a pattern, if there are others like it."""
        mine, kept = self._alike.get(made.row.id), self._pen.mine
        if mine is None or not kept or not self._pen.heads:
            return
        read = frozenset(made.host.names.read)
        seen = cloning.key(mine.subject, read)
        if not any(cloning.key(subject, read) == seen for subject in self._left[mine.key]):
            return
        if not all(_is_ours(statement) for statement in kept) or self._is_given(kept):
            return
        try:
            template = cloning.Template(self._db, made.row.id, kept, made.host.moment.now.isoformat(), mine.form)
        except (LookupError, ValueError):  # each is run
            return
        self._patterns.setdefault(mine.key, []).append(_Pattern(made.row.process, read, seen, template))
        for due in template.due:
            bell.ring(self._db, bell.ANY, due.isoformat(), due)

    def _is_given(self, kept: Kept) -> bool:
        """Whether it has begun to wait for a message that is kept: some may have had it before."""
        begun = [
            (row["name"], row["key"])
            for statement, rows in kept.items()
            if statement.table == "subscription" and statement.is_insert
            for row in rows
            if row["kind"] == "message"
        ]
        return bool(begun) and messages.are_kept(self._db, begun, self._now)


def _look(errand: Errand, now: datetime) -> _Alike | None:
    row, message = errand.instance, errand.message
    if row.state != ACTIVE:
        return None
    try:
        form = alike.form(row.state_blob, now if message is None else None)
    except (LookupError, ValueError, TypeError):  # it is told where it is run
        return None
    if form is None:
        return None
    what = None if message is None else message.id
    key = (what, row.version_id, row.phase, row.escalation, form.key)
    return _Alike(key, form, Subject(row.unit_id, row.person_id, row.measure_id, row.cycle_id))


def _is_ours(statement: Any) -> bool:
    """A step's own write: on the tables of what waits, or that the delivery is done."""
    return statement.table in cloning.TABLES or (statement.table == "delivery" and not statement.is_insert)
