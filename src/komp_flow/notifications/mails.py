"""The rows of mails: claimed under a lease before they are sent, and what became of each written down after."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from komp_flow import bell
from komp_flow.notifications.models import Mail, MailState, Notification
from komp_flow.notifications.smtp import Undelivered

WAITING, SENT, FAILED, KEPT = "waiting", "sent", "failed", "kept"
NO_ADDRESS, LEFT, NOTHING = "no-address", "left", "nothing"
STUCK: Final = (FAILED, NO_ADDRESS, KEPT)  # what an administrator may send again

LEASE: Final = timedelta(minutes=5)  # longer than one batch may take; a worker that dies leaves it that long
MOST_ATTEMPTS: Final = 10
PATIENCE: Final = timedelta(days=5)  # with a server that does not answer (RFC 5321 section 4.5.4.1)
SOONEST, LATEST = timedelta(minutes=5), timedelta(hours=4)  # between attempts at one mail
KNOCK, KNOCK_LATEST = timedelta(seconds=5), timedelta(minutes=15)  # between attempts at the server
KEEP: Final = timedelta(days=30)
KEEP_NOTIFICATIONS: Final = timedelta(days=400)  # a year, and the talks of the one before
PURGE: Final = 500  # rows of one transaction


@dataclass(frozen=True)
class Lease:
    """One attempt at one mail, which nobody else makes until it runs out. `unsure`: an earlier may have succeeded."""

    mail_id: UUID
    token: str
    unsure: bool


def state(db: Session) -> MailState | None:
    """What all nodes know of the mail; None before the first digest."""
    return db.get(MailState, 1, populate_existing=True)


def locked_state(db: Session) -> MailState:
    """The same, for one who changes it: made where there is none, held until the transaction ends."""
    make = postgresql_insert if db.get_bind().dialect.name == "postgresql" else sqlite_insert
    db.execute(make(MailState).values(id=1, failures=0).on_conflict_do_nothing())
    return db.scalars(
        select(MailState).where(MailState.id == 1).with_for_update().execution_options(populate_existing=True)
    ).one()


def ready(db: Session, now: datetime, limit: int, *, trials_only: bool) -> Sequence[UUID]:
    """The mails whose time has come, the oldest first; none while the server rests."""
    known = state(db)
    if known is not None and known.next_try_at is not None and known.next_try_at > now:
        return []
    query = select(Mail.id).where(Mail.state == WAITING, Mail.next_try_at <= now)
    if trials_only:
        query = query.where(Mail.on_date.is_(None))
    return db.scalars(query.order_by(Mail.next_try_at, Mail.id).limit(limit)).all()


def held(db: Session, ids: Sequence[UUID], now: datetime) -> Sequence[Mail]:
    """Those of them that are still to be sent and that no other has, locked until the transaction ends."""
    still = Mail.id.in_(ids), Mail.state == WAITING, Mail.next_try_at <= now
    return db.scalars(select(Mail).where(*still).order_by(Mail.next_try_at).with_for_update(skip_locked=True)).all()


def lease(mail: Mail, message_id: str, now: datetime) -> Lease:
    """Begin an attempt: from here on the mail may have left, until somebody knows better."""
    begun = Lease(mail.id, secrets.token_hex(16), unsure=mail.maybe_sent)
    mail.lease = begun.token
    mail.message_id = message_id
    mail.attempts += 1
    mail.maybe_sent = True
    mail.next_try_at = now + LEASE
    return begun


def waiting_again(db: Session, mail: Mail, at: datetime) -> None:
    """To be sent at `at`, with all attempts before it."""
    mail.state, mail.attempts, mail.error, mail.lease = WAITING, 0, None, None
    mail.next_try_at = at
    bell.ring(db, "mail", bell.ANY, at)


def close(mail: Mail, how: str) -> None:
    """Nothing is to be sent any more."""
    mail.state, mail.next_try_at, mail.lease = how, None, None


def sent(db: Session, mail_id: UUID, now: datetime) -> None:
    """The server has taken it: whoever had the lease by then, it is sent."""
    known = state(db)
    if known is not None and known.failures:
        known = locked_state(db)  # before the mail, as everywhere
        known.failures, known.failing_since, known.next_try_at, known.error = 0, None, None, None
    mail = db.get(Mail, mail_id, with_for_update=True, populate_existing=True)
    if mail is None:
        return
    close(mail, SENT)
    mail.sent_at, mail.error = now, None
    db.execute(update(Notification).where(Notification.mail_id == mail_id).values(sent_at=now))
    db.flush()


def not_sent(db: Session, lease: Lease, error: Undelivered, now: datetime) -> None:
    """The attempt failed: tried again later and later, at most MOST_ATTEMPTS times."""
    mail = _mine(db, lease)
    if mail is None:
        return
    mail.lease, mail.error, mail.maybe_sent = None, error.reason, lease.unsure or error.unsure
    if error.never or mail.attempts >= MOST_ATTEMPTS:
        close(mail, FAILED)
    else:
        mail.next_try_at = now + min(SOONEST * 2 ** (mail.attempts - 1), LATEST)
        bell.ring(db, "mail", bell.ANY, mail.next_try_at)
    db.flush()


def put_back(db: Session, leases: Sequence[Lease], now: datetime) -> None:
    """These were not tried after all."""
    for lease in leases:
        mail = _mine(db, lease)
        if mail is not None:
            mail.lease, mail.maybe_sent, mail.next_try_at = None, lease.unsure, now
            mail.attempts -= 1
    db.flush()


def rest(db: Session, untried: Sequence[Lease], why: str, now: datetime) -> None:
    """The server cannot be used just now: nobody knocks for a while. What has waited for days is given up."""
    known = locked_state(db)
    put_back(db, untried, now)
    known.failures += 1
    known.failing_since = known.failing_since or now
    known.next_try_at = now + min(KNOCK * 2 ** min(known.failures - 1, 10), KNOCK_LATEST)
    known.error = why
    old = Mail.state == WAITING, Mail.lease.is_(None), Mail.next_try_at <= now, Mail.made_at <= now - PATIENCE
    db.execute(update(Mail).where(*old).values(state=FAILED, next_try_at=None, error=why))
    db.flush()
    bell.ring(db, "mail", bell.ANY, known.next_try_at)


def trial(db: Session, person_id: str, now: datetime) -> Mail:
    """A mail to see that it works, sent at any hour."""
    mail = Mail(id=uuid4(), person_id=person_id, state=WAITING, attempts=0, maybe_sent=False, made_at=now)
    db.add(mail)
    waiting_again(db, mail, now)
    knock_again(db)
    return mail


def knock_again(db: Session) -> None:
    """Somebody has mended the server, and does not want to wait."""
    known = state(db)
    if known is not None:
        known.next_try_at = None
    db.flush()


def purge(db: Session, now: datetime) -> bool:
    """Delete a few of the mails and notifications that are old; whether there may be more."""
    gone = 0
    for table, old in (
        (Mail, Mail.made_at < now - KEEP),
        (Notification, Notification.created_at < now - KEEP_NOTIFICATIONS),
    ):
        some = select(table.id).where(old).limit(PURGE)
        found: Any = db.execute(delete(table).where(table.id.in_(some.scalar_subquery())))
        gone = max(gone, found.rowcount)
    return gone >= PURGE


def _mine(db: Session, lease: Lease) -> Mail | None:
    mail = db.get(Mail, lease.mail_id, with_for_update=True, populate_existing=True)
    return mail if mail is not None and mail.lease == lease.token else None
