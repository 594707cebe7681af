"""One talk that rests, is taken up, is declined, falls away, or goes over to another unit: told to its own instance.

The diagram says what each of these leads to (the messages below). Where it draws none of them, the instance is paused
or ended instead, so that a process of the organisation's own is right too.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from komp_flow import audit, engine, notifications
from komp_flow.engine import Instance, ProcessVersion, Subscription
from komp_flow.engine.tables import ENDED, SUSPENDED
from komp_flow.organisation.staffing.models import PlanTransfer, TalkOrder
from komp_flow.registers import REGISTERS, talks
from komp_flow.work.running.world import WORLD


def draws(db: Session, row: Instance, message: str) -> bool:
    """Whether the instance's diagram has a message of this name anywhere."""
    source = db.scalar(select(ProcessVersion.source).where(ProcessVersion.id == row.version_id)) or b""
    return f'name="{message}"'.encode() in source


def rest(db: Session, row: Instance, until: date | None, now: datetime, *, by: str | None = None) -> bool:
    """The talk rests: until the day after `until`, or until it is taken up. False: it is over, or rests already."""
    if row.state in {*ENDED, SUSPENDED}:
        return False
    if engine.waits_for(db, row.id, talks.RESUME):  # to another date
        engine.tell(db, WORLD, row.id, talks.RESUME, {}, by=by, now=now)
    back = (until + timedelta(days=1)).isoformat() if until is not None else None
    said = _entry("talk-postponed", row, by, {"until": until.isoformat()} if until else {})
    if engine.tell(db, WORLD, row.id, talks.POSTPONE, {"postponed_until": back}, by=by, now=now, entry=said) is None:
        if draws(db, row, talks.POSTPONE):
            return False  # held already: what is left of it, the follow-up of the plan, does not rest
        engine.suspend(db, WORLD, row.id, "postponed", by=by, now=now)
    order = order_of(db, row, now)
    order.resting, order.rests_until = True, until
    db.flush()
    return True


def take_up(db: Session, row: Instance, now: datetime, *, by: str | None = None) -> bool:
    """The talk goes on; it is to be agreed on anew within twenty working days. False: it does not rest."""
    order = order_of(db, row, now)
    was, order.resting, order.rests_until = order.resting, False, None
    if order.by_hand:
        order.by_hand = None
    if row.state == SUSPENDED and was:
        engine.resume(db, WORLD, row.id, "taken-up", by=by, now=now)
        return True
    said = _entry("talk-taken-up", row, by)
    if row.state in {*ENDED, SUSPENDED}:
        return False
    return engine.tell(db, WORLD, row.id, talks.RESUME, {}, by=by, now=now, entry=said) is not None


def decline(db: Session, row: Instance, now: datetime, *, by: str | None = None) -> bool:
    """The talk is closed as declined. No reason is asked. False: it is over, or was held already."""
    order = order_of(db, row, now)
    order.declined_from = None
    if row.state in ENDED:
        return False
    if engine.waits_for(db, row.id, talks.RESUME):
        take_up(db, row, now, by=by)
    said = _entry("talk-declined", row, by)
    if engine.tell(db, WORLD, row.id, talks.DECLINE, {}, by=by, now=now, entry=said) is not None:
        return True
    if draws(db, row, talks.DECLINE):
        return False
    engine.cancel_instance(db, WORLD, row.id, "declined", by=by, now=now)
    _close(db, row, talks.DECLINED, now)
    return True


def cancel(db: Session, row: Instance, reason: str, now: datetime, *, by: str | None = None) -> None:
    """The talk or reading falls away: its person has left, or is in another unit. What follows a plan ends too."""
    if row.state not in {*ENDED, SUSPENDED}:
        said = _entry("talk-cancelled", row, by, {"reason": reason})
        engine.tell(db, WORLD, row.id, talks.CANCEL, {}, by=by, now=now, entry=said)
    state = db.scalar(select(Instance.state).where(Instance.id == row.id))
    if state in ENDED:
        return
    engine.cancel_instance(db, WORLD, row.id, reason, by=by, now=now)
    _close(db, row, talks.CANCELLED, now)


def _close(db: Session, row: Instance, status: str, now: datetime) -> None:
    """What the diagram says where it is asked: the register of talks, and the unit's round, know of it."""
    talk = talks.talk(db, row.id)
    if talk is None or talk.status in talks.ENDED:
        return
    talk.status, talk.closed_at = status, now
    db.flush()
    key = talks.unit_key(row.cycle_id, row.unit_id)
    waits = select(Subscription.task_id).where(Subscription.name == talks.TALK_CLOSED, Subscription.key == key)
    if key is not None and db.scalar(waits.limit(1)) is not None:
        payload = {"cycle_id": row.cycle_id, "unit_id": row.unit_id, "status": status}
        external = f"talk-closed:{row.id.hex}:{status}"
        engine.correlate(db, talks.TALK_CLOSED, key, payload, external_id=external, by=None, now=now)


def move(db: Session, row: Instance, to: str, now: datetime) -> None:
    """Its person is in another unit now. A talk that was not held ends here. A plan waits for what its person says."""
    planned = _has_plan(db, row.id)
    if planned:
        _ask_about_plan(db, row, to, now)
    held = not engine.waits_for(db, row.id, talks.CANCEL) and draws(db, row, talks.CANCEL)
    if held and planned and row.state not in {*ENDED, SUSPENDED}:
        engine.suspend(db, WORLD, row.id, "moved", by=None, now=now)
    elif not (held and planned):
        cancel(db, row, "moved", now)


def follow(db: Session, row: Instance, to: str, now: datetime, *, by: str | None = None) -> None:
    """The talk or reading goes over to another unit as it stands, with the rows of its person."""
    engine.move_to_unit(db, WORLD, row.id, to, by=by, now=now)
    _carry_rows(db, row.id, to, now)


def answer(db: Session, row: PlanTransfer, follows: bool, to: str, now: datetime) -> None:
    """The person, who is in the unit `to` now, has said whether the plan follows: there, or it is theirs alone."""
    row.follows, row.answered_at, row.to_unit = follows, now, to
    db.flush()
    instance = db.get(Instance, row.instance_id, populate_existing=True)
    if follows:
        _carry_rows(db, row.instance_id, row.to_unit, now)
    if instance is None or instance.state in ENDED:
        return
    if follows:
        engine.move_to_unit(db, WORLD, instance.id, row.to_unit, by=row.person_id, now=now)
        if instance.state == SUSPENDED:
            engine.resume(db, WORLD, instance.id, "moved", by=row.person_id, now=now)
    else:
        engine.cancel_instance(db, WORLD, instance.id, "moved", by=row.person_id, now=now)


def order_of(db: Session, row: Instance, now: datetime) -> TalkOrder:
    """What has been said of this talk; a new row where nothing has."""
    order = db.get(TalkOrder, row.id)
    if order is None:
        order = TalkOrder(instance_id=row.id, person_id=row.person_id, resting=False, extraordinary=False, at=now)
        db.add(order)
        db.flush()
    return order


def _ask_about_plan(db: Session, row: Instance, to: str, now: datetime) -> None:
    """Once for each move: a plan that followed once is asked about again."""
    asked = db.get(PlanTransfer, row.id)
    if asked is None:
        asked = PlanTransfer(instance_id=row.id, person_id=row.person_id, cycle_id=row.cycle_id)
        db.add(asked)
    asked.from_unit, asked.to_unit, asked.asked_at = row.unit_id, to, now
    asked.follows = asked.answered_at = None
    db.flush()
    notice = notifications.Notice(
        kind="plan-transfer", occasion=f"{row.id.hex}:{to}:{now:%Y%m%d}", instance_id=row.id, unit_id=to,
        cycle_id=row.cycle_id,
    )  # fmt: skip
    notifications.queue(db, [row.person_id or ""], notice, now)


def _has_plan(db: Session, instance: UUID) -> bool:
    goals: Any = REGISTERS["goals"].table
    found = select(goals.id).where(goals.instance_id == instance, goals.withdrawn_at.is_(None))
    return db.scalar(found.limit(1)) is not None


def _carry_rows(db: Session, instance: UUID, to: str, now: datetime) -> None:
    for name in ("goals", "effects"):
        table: Any = REGISTERS[name].table
        db.execute(update(table).where(table.instance_id == instance).values(unit_id=to, updated_at=now))
    if (talk := talks.talk(db, instance)) is not None:
        talk.unit_id = to
    db.flush()


def _entry(what: str, row: Instance, by: str | None, detail: Mapping[str, Any] | None = None) -> audit.Entry:
    return audit.Entry(what, instance_id=row.id, by=by, detail=dict(detail or {}))
