"""Reading moves: the list, and one with its progress, its words, what cannot move and what became otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from komp_flow import organisation
from komp_flow.engine import Instance, ProcessVersion
from komp_flow.errors import NotFound
from komp_flow.i18n import _
from komp_flow.organisation import Actor
from komp_flow.revising import move_plans, move_sums
from komp_flow.revising.models import Move, MovedInstance
from komp_flow.revising.move_batches import CANNOT, COUNTED, COUNTING, DONE, MOVED, PAUSED, STAYS, STEPPED, WENT
from komp_flow.revising.move_lines import Mine, MoveLine, MoveSheet, Obstacle
from komp_flow.work import policy
from komp_flow.work.policy import Permission

MOST_LISTED: Final = 200  # moves in the list, and names beside one reason
Name = Callable[[Any], str | None]


def moves(db: Session, actor: Actor, now: datetime) -> list[MoveLine]:
    """The newest first."""
    policy.require(db, actor, Permission.MOVE_RUNNING, now)
    rows = db.scalars(select(Move).order_by(Move.made_at.desc(), Move.id).limit(MOST_LISTED))
    return [_line(db, row, now) for row in rows]


def sheet(db: Session, actor: Actor, move_id: UUID, now: datetime) -> MoveSheet:
    """One move. NotFound: there is none."""
    who = policy.require(db, actor, Permission.MOVE_RUNNING, now)
    move = db.get(Move, move_id)
    if move is None:
        raise NotFound(_("Flyttingen finnes ikke."))
    directory = organisation.directory(db, now)

    def name(row: Any) -> str | None:
        """Of a unit; of a person only where the reader sees the instance (policy)."""
        if row.person_id is None:
            unit = directory.unit(row.unit_id)
            return unit.name if unit else (row.unit_id or _("uten enhet"))
        if not policy.sees_instance(who, row, actor):
            return None
        person = directory.person(row.person_id)
        return person.name if person else row.person_id

    listed = _Listed(move, name)
    if move.state != COUNTING:
        listed.read(db)
    states = select(MovedInstance.state, func.count()).where(MovedInstance.move_id == move.id)
    progress: dict[str, int] = dict(db.execute(states.group_by(MovedInstance.state)).all())
    total = move.result or move.expected or {}
    is_open = move.state in (COUNTING, COUNTED)
    questions = move_plans.questions(db, move.process, move.to_version, move.choices) if is_open else []
    return MoveSheet(
        line=_line(db, move, now),
        progress=progress,
        expected=tuple(move_sums.lines(move.expected or {})),
        result=tuple(move_sums.lines(move.result or {})),
        numbers=total.get("what", {}),
        passed=tuple(sorted(total.get("passed", {}).items())),
        obstacles=listed.told(CANNOT),
        left=listed.told(STAYS),
        losing=listed.told("losing"),
        otherwise=listed.told("otherwise"),
        undoable=tuple(listed.undoable),
        stepped=progress.get(STEPPED, 0),
        questions=tuple(questions),
        run_at=move.run_at,
        is_held_up=move.tries > 0,
    )


class _Listed:
    """What stands about each instance, together where it is the same."""

    def __init__(self, move: Move, name: Name) -> None:
        self._move, self._name = move, name
        self._found: dict[str, dict[tuple[str, str], list[str | None]]] = {}
        self.undoable: list[Mine] = []

    def read(self, db: Session) -> None:
        """All that is worth a word."""
        query = (
            select(MovedInstance, Instance)
            .join(Instance, Instance.id == MovedInstance.instance_id)
            .where(MovedInstance.move_id == self._move.id)
            .order_by(MovedInstance.instance_id)
        )
        columns = (
            MovedInstance.state, MovedInstance.came, MovedInstance.seen, MovedInstance.done, Instance.id,
            Instance.unit_id, Instance.person_id, Instance.measure_id, Instance.cycle_id, Instance.started_by,
            Instance.state.label("is"), Instance.escalation,
        )  # fmt: skip
        for row in db.execute(query.with_only_columns(*columns).execution_options(yield_per=500)):
            self._add(row)

    def told(self, what: str) -> tuple[Obstacle, ...]:
        """The most common first."""
        found = self._found.get(what, {})
        rows = [
            Obstacle(element, text, tuple(sorted(name for name in names if name)[:MOST_LISTED]), len(names))
            for (element, text), names in found.items()
        ]
        return tuple(sorted(rows, key=lambda row: (-row.count, row.element, row.text)))

    def _add(self, row: Any) -> None:
        told = row.done or row.seen or {}
        name = self._name(_Seen(row))
        for element, text in told.get("problems", ()):
            self._note(told["what"], element, text, name)
        for task, labels in told.get("lost", ()):
            self._note("losing", task, _("Mister %(fields)s.", fields=", ".join(labels)), name)
        if row.done is not None:
            for text in _otherwise(row):
                self._note("otherwise", "", text, name)
        if row.state == MOVED and name and len(self.undoable) < MOST_LISTED and self._move.state in (DONE, PAUSED):
            self.undoable.append(Mine(row.id, name))

    def _note(self, what: str, element: str, text: str, name: str | None) -> None:
        self._found.setdefault(what, {}).setdefault((element, text), []).append(name)


class _Seen:
    """An instance as policy asks about it."""

    def __init__(self, row: Any) -> None:
        self.unit_id, self.person_id, self.measure_id = row.unit_id, row.person_id, row.measure_id
        self.cycle_id, self.started_by, self.escalation = row.cycle_id, row.started_by, row.escalation
        self.state = row._mapping["is"]


def _otherwise(row: Any) -> Iterable[str]:
    """What has changed between the preview and the move."""
    seen, done = row.seen or {}, row.done
    if row.came:
        yield _("Kom til etter forhåndsvisningen.")
    elif done["what"] == WENT:
        if seen.get("what") != WENT:
            yield _("Ble avsluttet etter forhåndsvisningen.")
    elif seen.get("was") != done.get("was"):
        yield _("Gikk videre etter forhåndsvisningen, og ble behandlet slik det da sto.")
    elif not move_sums.is_same(seen, done):
        yield _("Ble noe annet enn forhåndsvisningen sa.")


def _line(db: Session, move: Move, now: datetime) -> MoveLine:
    version = db.get_one(ProcessVersion, move.to_version)
    person = organisation.directory(db, now).person(move.made_by)
    total = select(func.count()).where(MovedInstance.move_id == move.id)
    return MoveLine(
        id=move.id,
        process=move.process,
        name=version.name or move.process,
        number=version.number,
        state=move.state,
        why=move.why,
        made_by=person.name if person else move.made_by,
        made_at=move.made_at,
        total=db.scalar(total) or 0,
    )
