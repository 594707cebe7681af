"""The day's digests: each morning that is worked, one mail for everybody whom there is something to tell."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, exists, select, update
from sqlalchemy.orm import Session

from komp_flow import organisation
from komp_flow.notifications import letters
from komp_flow.notifications.mails import FAILED, KEPT, LEFT, NO_ADDRESS, WAITING, locked_state, state, waiting_again
from komp_flow.notifications.models import Mail, Notification
from komp_flow.organisation import PersonFacts, WorkingCalendar, working_calendar

AT: Final = time(8)  # local
BATCH: Final = 200  # people of one transaction
FIRST: Final = timedelta(days=7)  # how far back the very first digest looks
SLOW: Final = timedelta(hours=1)  # no transaction takes longer from its `now` to its commit


def opens(db: Session, now: datetime) -> bool:
    """Whether people get mail at this hour: from eight in the morning, on working days."""
    local = now.astimezone(db.info["zone"])
    return local.time() >= AT and working_calendar(db, now).is_working_day(local.date())


def due(db: Session, now: datetime) -> bool:
    """Whether today's digests are still to be made."""
    if not opens(db, now):
        return False
    known = state(db)
    return known is None or known.gathered_on is None or known.gathered_on < organisation.local_date(db, now)


def gather(db: Session, now: datetime, *, sending: bool) -> int:
    """Make the next digests, at most BATCH; answers how many. None: today's are made. May be repeated safely.

    `sending`: there is a mail server; else the mails are kept. What surely has not left the house since an earlier
    day takes today's news along, so that nobody gets several at once after an outage, or after an absence.
    """
    today = organisation.local_date(db, now)
    known = locked_state(db)  # one gathers at a time
    if known.gathered_on is not None and known.gathered_on >= today:
        return 0
    since = (known.gathered_until or now - FIRST) - SLOW
    people = db.scalars(_to_tell(since, now, today)).all()
    if not people:
        known.gathered_on, known.gathered_until = today, now
        db.flush()
        return 0
    directory = organisation.directory(db, now)
    earlier = _not_left_the_house(db, people)
    for person_id in people:
        mail = earlier.get(person_id) or Mail(id=uuid4(), person_id=person_id, attempts=0, maybe_sent=False)
        mail.on_date, mail.made_at = today, now
        _put(db, mail, directory.person(person_id), now, sending=sending)
        db.add(mail)  # whole: what is asked meanwhile writes what is added
        theirs = Notification.person_id == person_id, *_unmailed(since, now)
        db.execute(update(Notification).where(*theirs).values(mail_id=mail.id))
    db.flush()
    return len(people)


def _unmailed(since: datetime, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Notification.mail_id.is_(None), Notification.created_at > since, Notification.created_at <= now


def _to_tell(since: datetime, now: datetime, today: date) -> Select[str]:
    """Those with news and no digest today: who has one already gets the rest on the next working day."""
    told = exists().where(Mail.person_id == Notification.person_id, Mail.on_date == today)
    people = select(Notification.person_id).where(*_unmailed(since, now), ~told).distinct()
    return people.order_by(Notification.person_id).limit(BATCH)


def _not_left_the_house(db: Session, people: Iterable[str]) -> dict[str, Mail]:
    """The newest of each person's mails that surely was not sent and that nobody is sending just now."""
    still = Mail.state.in_((WAITING, FAILED, KEPT, NO_ADDRESS)), Mail.maybe_sent.is_(False), Mail.lease.is_(None)
    query = select(Mail).where(Mail.person_id.in_(people), Mail.on_date.is_not(None), *still).order_by(Mail.on_date)
    return {mail.person_id: mail for mail in db.scalars(query.with_for_update())}


def _put(db: Session, mail: Mail, person: PersonFacts | None, now: datetime, *, sending: bool) -> None:
    """Say what is to become of it."""
    if person is None or not person.employed:
        mail.state, mail.next_try_at = LEFT, None
    elif letters.address(person) is None:
        mail.state, mail.next_try_at = NO_ADDRESS, None
    elif not sending:
        mail.state, mail.next_try_at = KEPT, None
    else:
        waiting_again(db, mail, wakes(db, person, now) or now)


def wakes(db: Session, person: PersonFacts, now: datetime) -> datetime | None:
    """When one who is away today may be written to; asked again then. None: now, they are here."""
    if not person.absent:
        return None
    today = organisation.local_date(db, now)
    back = max(person.absent_until or today, today) + timedelta(days=1)
    return morning(working_calendar(db, now), back, db.info["zone"])


def morning(calendar: WorkingCalendar, day: date, zone: ZoneInfo) -> datetime:
    """Eight o'clock on the first working day that is not before `day`."""
    return datetime.combine(calendar.on_or_after(day), AT, zone)
