"""Mail goes out: claimed, sent outside every transaction, and noted, so that a lost line doubles but never loses."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow import organisation
from komp_flow.db import Database
from komp_flow.i18n import speaking
from komp_flow.notifications import DailyRun, digests, gathering, letters, mails
from komp_flow.notifications.models import Mail
from komp_flow.notifications.smtp import Post, Refused, Undelivered, Unsure
from komp_flow.organisation import Directory
from komp_flow.settings import Relay, Settings
from komp_flow.work.noting import note
from komp_flow.work.recurring import reminding

log = structlog.get_logger(__name__)

BATCH: Final = 20  # mails of one claim
TURN: Final = 2.0  # seconds after which no new letter is begun before others have had their turn
PURGE: Final = "mail-purge"
GRACE: Final = timedelta(hours=1)  # that digests wait for the day's reminders


@dataclass(frozen=True)
class Posted:
    """What one turn did: digests made and letters sent, letters that failed, whether there is more to do at once."""

    done: int = 0
    failed: int = 0
    more: bool = False


@dataclass(frozen=True)
class Draft:
    """What is to become of one mail, as it was made at `made_at`: sent, sent at a later time, or ended."""

    mail_id: UUID
    made_at: datetime
    letter: EmailMessage | None = None
    to: str = ""
    later: datetime | None = None
    ends: str = ""


@dataclass(frozen=True)
class Claimed:
    """One letter that this process, and no other until the lease runs out, is to send."""

    lease: mails.Lease
    to: str
    letter: EmailMessage


def run(database: Database, now: datetime, limit: int = BATCH) -> Posted:
    """One turn: make digests, send letters, tidy. Raises nothing that one bad letter or a lost server causes."""
    relay = _relay(database)
    with database.reading() as db:
        gather, purge = _gather_due(db, now), _purge_due(db, now)
        waiting = _ready(db, now, limit) if relay is not None else []
    made = 0
    if gather:
        with database.transaction() as db:
            made = gathering.gather(db, now, sending=relay is not None)
    if purge:
        with database.transaction() as db:
            purge = _purge(db, now)
    posted = _post(database, relay, waiting, now) if relay is not None and waiting else Posted()
    if posted.done or posted.failed or made:
        log.info("mail", made=made, sent=posted.done, failed=posted.failed)
    return Posted(made + posted.done, posted.failed, more=bool(made) or purge or posted.more)


def _relay(database: Database) -> Relay | None:
    settings = database.info.get("settings")
    return settings.relay if isinstance(settings, Settings) else None


def _ready(db: Session, now: datetime, limit: int) -> Sequence[UUID]:
    return mails.ready(db, now, limit, trials_only=not gathering.opens(db, now))


def _gather_due(db: Session, now: datetime) -> bool:
    """Today's digests are not made, and the reminders that go into them are, or are late themselves."""
    if not gathering.due(db, now):
        return False
    local = now.astimezone(db.info["zone"])
    late = datetime.combine(local.date(), gathering.AT, local.tzinfo) + GRACE <= local
    return late or not reminding.due(db, now)


def _purge_due(db: Session, now: datetime) -> bool:
    last = db.get(DailyRun, PURGE)
    return last is None or last.on_date < organisation.local_date(db, now)


def _purge(db: Session, now: datetime) -> bool:
    """Whether there is more to purge today."""
    more = mails.purge(db, now)
    if not more:
        note(db, DailyRun(name=PURGE, on_date=organisation.local_date(db, now)))
    return more


def _post(database: Database, relay: Relay, waiting: Sequence[UUID], now: datetime) -> Posted:
    """Claim, then send one after the other; what became of each is noted before the next is begun."""
    with database.reading() as db:
        drafts = _drafts(db, relay, waiting, now)
    with database.transaction() as db:
        claimed = _claim(db, drafts, now)
    done = failed = 0
    until = time.monotonic() + TURN
    with Post(relay) as post:
        for at, one in enumerate(claimed):
            if time.monotonic() > until:
                _stop(database, claimed[at:], now)
                return Posted(done, failed, more=True)
            try:
                post.send(one.letter, one.to)
            except Undelivered as error:
                log.warning("mail-failed", mail=str(one.lease.mail_id), error=type(error).__name__)
                failed += 1
                if isinstance(error, Refused):
                    _note(database, one, error, now)
                    continue
                untried = claimed[at:]
                if isinstance(error, Unsure):
                    _note(database, one, error, now)
                    untried = untried[1:]
                _stop(database, untried, now, error)
                return Posted(done, failed)
            with database.transaction() as db:
                mails.sent(db, one.lease.mail_id, now)
            done += 1
    return Posted(done, failed, more=bool(done) or len(claimed) < len(waiting))


def _note(database: Database, one: Claimed, error: Undelivered, now: datetime) -> None:
    with database.transaction() as db:
        mails.not_sent(db, one.lease, error, now)


def _stop(database: Database, rest: Sequence[Claimed], now: datetime, error: Undelivered | None = None) -> None:
    """Give the untried ones back; where the server is the reason, nobody knocks there for a while."""
    leases = [one.lease for one in rest]
    with database.transaction() as db:
        if error is not None:
            mails.rest(db, leases, error.reason, now)
        else:
            mails.put_back(db, leases, now)


def _drafts(db: Session, relay: Relay, waiting: Sequence[UUID], now: datetime) -> list[Draft]:
    """What is to become of each, with its letter where it is to be sent. Only reads: writing letters takes its time."""
    directory = organisation.directory(db, now)
    found = db.scalars(select(Mail).where(Mail.id.in_(waiting)).order_by(Mail.next_try_at, Mail.id))
    return [_draft(db, mail, directory, relay, now) for mail in found]


def _draft(db: Session, mail: Mail, directory: Directory, relay: Relay, now: datetime) -> Draft:
    person = directory.person(mail.person_id)
    if person is None or not person.employed:
        return Draft(mail.id, mail.made_at, ends=mails.LEFT)
    to, later = letters.address(person), gathering.wakes(db, person, now)
    if to is None:
        return Draft(mail.id, mail.made_at, ends=mails.NO_ADDRESS)
    if later is not None and mail.on_date is not None:
        return Draft(mail.id, mail.made_at, later=later)
    with speaking(person.language):
        text = _text(db, mail, directory, now)
        if text is None:
            return Draft(mail.id, mail.made_at, ends=mails.NOTHING)
        letter = letters.write(text, mail, relay.sender, (person.name, to), db.info["settings"].url)
    return Draft(mail.id, mail.made_at, letter=letter, to=to)


def _text(db: Session, mail: Mail, directory: Directory, now: datetime) -> letters.Text | None:
    """What it says; None if all of it is done by now."""
    if mail.on_date is None:
        return letters.of_trial()
    digest = digests.digest(db, mail, directory, now)
    return letters.of_digest(digest, now.astimezone(db.info["zone"])) if digest.count else None


def _claim(db: Session, drafts: Sequence[Draft], now: datetime) -> list[Claimed]:
    """Those that are as they were when their letters were written, and that no other has, are ours for a while."""
    held = {mail.id: mail for mail in mails.held(db, [draft.mail_id for draft in drafts], now)}
    claimed = []
    for draft in drafts:
        mail = held.get(draft.mail_id)
        if mail is None or mail.made_at != draft.made_at:
            continue  # another has it, or news have come to it
        if draft.letter is not None:
            lease = mails.lease(mail, draft.letter["Message-ID"], now)
            claimed.append(Claimed(lease, draft.to, draft.letter))
        elif draft.later is not None:
            mail.next_try_at = draft.later
        else:
            mails.close(mail, draft.ends)
    db.flush()
    return claimed
