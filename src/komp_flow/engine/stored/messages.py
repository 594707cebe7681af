"""Messages and signals between instances: kept in the sender's transaction, delivered in later ones, each once.

No message is missed between a sender and one who begins to wait at the same moment: the sender holds the message's
name and key alone, those who begin to wait share it, so one of the two sees what the other has written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, bindparam, delete, exists, insert, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from komp_flow import bell
from komp_flow.db.pen import Pen
from komp_flow.engine.errors import Fault
from komp_flow.engine.memory import timers, values
from komp_flow.engine.memory.outbox import Thrown
from komp_flow.engine.stored import locks
from komp_flow.engine.tables import DELIVERY, MESSAGE, START_SUBSCRIPTION, SUBSCRIPTION, Message
from komp_flow.errors import FieldError, Invalid, TooLarge
from komp_flow.i18n import _

KEPT: Final = timedelta(days=30)
LONGEST: Final = 200  # letters of a name, a key, an id
PAYLOAD_LIMIT: Final = 256_000

_WAITING = select(SUBSCRIPTION.c.instance_id).where(
    SUBSCRIPTION.c.kind == bindparam("kind"),
    SUBSCRIPTION.c.name == bindparam("name"),
    SUBSCRIPTION.c.key == bindparam("key"),
)
_STARTS = select(START_SUBSCRIPTION.c.process, START_SUBSCRIPTION.c.element).where(
    START_SUBSCRIPTION.c.kind == bindparam("kind"), START_SUBSCRIPTION.c.name == bindparam("name")
)
_ADD_DELIVERIES = insert(DELIVERY)


def throw(db: Session, thrown: Sequence[Thrown], sender: Any, now: datetime, *, by: str | None) -> None:
    """Keep what a step of the instance `sender` (its row) has thrown, with a delivery to each who waits now.

    The sender heard its own signals inside the step already.
    """
    locks.hold(db, (_lock(t.name, stored_key(t.key)) for t in thrown if t.kind == "message"))
    for message in thrown:
        keep_until, keep_cycle = _keep(message.keep, sender, now, db.info["zone"])
        _post(
            db,
            {
                "external_id": None,
                "kind": message.kind,
                "name": message.name,
                "key": stored_key(message.key),
                "payload": pack(message.payload),
                "sender_instance_id": sender.id,
                "sender_element": message.element,
                "by": by,
                "created_at": now,
                "kept": message.keep is not None and message.kind == "message",
                "keep_until": keep_until,
                "keep_cycle": keep_cycle,
            },
        )


def correlate(
    db: Session,
    name: str,
    key: object,
    payload: Mapping[str, object],
    *,
    external_id: str | None = None,
    keep_until: datetime | None = None,
    by: str | None,
    now: datetime,
) -> Message:
    """Throw a message from outside; it is delivered in later transactions. Repeated with its `external_id`: answered
    with the first, and not applied again. `keep_until`: kept until then even if somebody waits now.

    Raises Invalid or TooLarge for what is out of bounds.
    """
    text = values.as_text(key)
    packed = _bounded(name, text, payload, external_id)
    locks.hold(db, [_lock(name, text)])
    found = _post(
        db,
        {
            "external_id": external_id,
            "kind": "message",
            "name": name,
            "key": text,
            "payload": packed,
            "sender_instance_id": None,
            "sender_element": None,
            "by": by,
            "created_at": now,
            "kept": keep_until is not None,
            "keep_until": keep_until or now + KEPT,
            "keep_cycle": None,
        },
    )
    wanted = Message.id == found if found is not None else Message.external_id == external_id
    return db.execute(select(Message).where(wanted)).scalar_one()


def catch_up(
    db: Session, instance_id: UUID, waits: Iterable[tuple[str, str]], now: datetime, pen: Pen | None = None
) -> None:
    """The instance has begun to wait for these messages (name, key): those that are kept are on their way to it."""
    wanted = sorted(set(waits))
    if not wanted:
        return
    locks.hold(db, (_lock(name, key) for name, key in wanted), shared=True)
    received = exists().where(DELIVERY.c.message_id == MESSAGE.c.id, DELIVERY.c.instance_id == instance_id)
    query = _kept(wanted, now).where(~received).order_by(MESSAGE.c.id)
    if found := db.connection().execute(query).scalars().all():
        if pen is not None:
            pen.settle()
        _deliver(db, [{"message_id": message, "instance_id": instance_id} for message in found], now)


def are_kept(db: Session, waits: Sequence[tuple[str, str]], now: datetime) -> bool:
    """Whether any message with one of these names and keys is given to those who begin to wait for it now."""
    return db.connection().execute(_kept(waits, now).limit(1)).first() is not None


def _kept(waits: Sequence[tuple[str, str]], now: datetime) -> Select[tuple[int]]:
    kept = or_(MESSAGE.c.keep_until > now, and_(MESSAGE.c.keep_until.is_(None), MESSAGE.c.keep_cycle.is_not(None)))
    mine = tuple_(MESSAGE.c.name, MESSAGE.c.key).in_(waits)
    return select(MESSAGE.c.id).where(mine, MESSAGE.c.kind == "message", MESSAGE.c.kept, kept)


def end_keep(db: Session, cycle_id: str, now: datetime) -> int:
    """The cycle has closed: what was kept until then is not given to anybody any more. Answers how many."""
    statement = update(MESSAGE).where(MESSAGE.c.keep_cycle == cycle_id).values(keep_until=now, keep_cycle=None)
    return int(db.connection().execute(statement).rowcount)


def nobody(db: Session, message: Any, delivery: Any, now: datetime) -> None:
    """The one whom a delivery was for waits no longer (or a start with the message's key is active).

    A signal is missed. A kept message waits for it to begin to wait again. Any other that nobody else gets is kept
    from now on, and given to those who have begun to wait since it was thrown.
    """
    connection = db.connection()
    others = exists().where(DELIVERY.c.message_id == message.id, DELIVERY.c.id != delivery.id)
    is_message = message.kind == "message"
    if is_message and not message.kept and not connection.execute(select(others)).scalar():
        locks.hold(db, [_lock(message.name, message.key)])
        connection.execute(update(MESSAGE).where(MESSAGE.c.id == message.id).values(kept=True))
        match = {"kind": "message", "name": message.name, "key": message.key}
        waiting = {row.instance_id for row in connection.execute(_WAITING, match)} - {delivery.instance_id}
        _deliver(db, [{"message_id": message.id, "instance_id": instance} for instance in sorted(waiting)], now)
        is_kept = True
    else:
        is_kept = is_message and message.kept
    mine = DELIVERY.c.id == delivery.id
    if is_kept and delivery.instance_id is not None:
        connection.execute(delete(DELIVERY).where(mine))
    else:
        outcome = "missed" if delivery.instance_id is not None else "refused"
        connection.execute(update(DELIVERY).where(mine).values(done_at=now, outcome=outcome))


def stored_key(key: str) -> str:
    """The key as the tables have it: what is too long for an index, or no text to PostgreSQL, is stored as its hash."""
    return key if len(key) <= LONGEST and "\0" not in key else sha256(key.encode("utf-8", "replace")).hexdigest()


def pack(payload: Mapping[str, object]) -> bytes:
    """A payload as bytes; dates and decimals come back typed."""
    return values.to_json(dict(payload))


def unpack(packed: bytes) -> dict[str, Any]:
    """What `pack` made."""
    return dict(values.from_json(packed))


def _post(db: Session, message: dict[str, Any]) -> int | None:
    """Insert a message and its deliveries; None if one with its external id is there. The caller holds its name."""
    connection = db.connection()
    match = {"kind": message["kind"], "name": message["name"], "key": message["key"]}
    waiting = {row.instance_id for row in connection.execute(_WAITING, match)} - {None}
    if message["kind"] == "signal":
        waiting.discard(message["sender_instance_id"])
    starts = connection.execute(_STARTS, match).all()
    message["kept"] = message["kind"] == "message" and (message["kept"] or not (waiting or starts))
    make = postgresql_insert if connection.dialect.name == "postgresql" else sqlite_insert
    new = make(MESSAGE).on_conflict_do_nothing(index_elements=["external_id"]).returning(MESSAGE.c.id)
    found: int | None = connection.execute(new, message).scalar()
    if found is not None:
        rows = [{"message_id": found, "instance_id": instance} for instance in sorted(waiting)]
        rows += [{"message_id": found, "process": row.process, "element": row.element} for row in starts]
        _deliver(db, rows, message["created_at"])
    return found


def _deliver(db: Session, rows: list[dict[str, Any]], now: datetime) -> None:
    empty = {"instance_id": None, "process": None, "element": None, "failures": 0}
    if not rows:
        return
    written = [{**empty, **row, "created_at": now, "next_try_at": now} for row in rows]
    if not bell.hangs(db):
        db.connection().execute(_ADD_DELIVERIES, written)
        return
    for delivery in db.connection().execute(_ADD_DELIVERIES.returning(DELIVERY.c.id), written).scalars():
        bell.ring(db, "delivery", (delivery,), now)


def _keep(text: str | None, sender: Any, now: datetime, zone: ZoneInfo) -> tuple[datetime | None, str | None]:
    """Until when, or until which cycle closes. What check would have refused is kept as long as any other."""
    if text == "cycle" and sender.cycle_id:
        return None, sender.cycle_id
    try:
        return (timers.period(text).after(now, zone) if text and text != "cycle" else now + KEPT), None
    except Fault:
        return now + KEPT, None


def _bounded(name: str, key: str, payload: Mapping[str, object], external_id: str | None) -> bytes:
    wrong = [
        FieldError(field, _("Skriv mellom 1 og %(most)s tegn.", most=LONGEST))
        for field, text in (
            ("name", name),
            ("key", key or "-"),
            ("message_id", "-" if external_id is None else external_id),
        )
        if not 0 < len(text) <= LONGEST or "\0" in text
    ]
    try:
        packed = pack(payload)
        if len(packed) <= PAYLOAD_LIMIT:
            values.require_keepable("payload", dict(payload))
    except (Fault, TypeError, ValueError) as error:
        wrong.append(FieldError("payload", str(error)))
        packed = b""
    if wrong:
        raise Invalid(_("Meldingen er ikke tatt imot. Rett feltene som er merket, og send den på nytt."), wrong)
    if len(packed) > PAYLOAD_LIMIT:
        raise TooLarge(_("Meldingen er for stor og er ikke tatt imot. Send høyst 250 kB."))
    return packed


def _lock(name: str, key: str) -> str:
    return f"message\0{name}\0{key}"
