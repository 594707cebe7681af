"""What an administrator sees of the mail, and does about it: what could not be sent, and sending it again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from komp_flow import organisation
from komp_flow.errors import Conflict, Invalid, NotFound
from komp_flow.i18n import _
from komp_flow.notifications import gathering, mails
from komp_flow.notifications.models import Mail
from komp_flow.organisation import Actor, Directory, working_calendar
from komp_flow.settings import Settings
from komp_flow.work import policy
from komp_flow.work.policy import Permission

MOST_SHOWN: Final = 100
MOST_AGAIN: Final = 1_000  # of one press


@dataclass(frozen=True)
class MailLine:
    """One mail that has not been sent. `error`: the mail server's own words, or the kind of the fault."""

    id: UUID
    person_id: str
    person_name: str
    address: str
    state: str
    made_at: datetime
    attempts: int
    error: str | None


@dataclass(frozen=True)
class MailSheet:
    """How the mail does. `server`: None where there is none; its error and since when, while it cannot be used."""

    server: str | None
    sender: str | None
    links: str | None
    failing_since: datetime | None
    error: str | None
    next_try_at: datetime | None
    counts: Mapping[str, int]  # mails by state
    last_sent_at: datetime | None
    gathered_on: date | None
    stuck: tuple[MailLine, ...]

    @property
    def more(self) -> int:
        """How many stuck mails there is no room to show."""
        return sum(self.counts.get(state, 0) for state in (mails.FAILED, mails.NO_ADDRESS)) - len(self.stuck)


def mail_sheet(db: Session, actor: Actor, now: datetime) -> MailSheet:
    """How the mail does, with the newest of what could not be sent."""
    policy.require(db, actor, Permission.SEE_MAIL, now)
    directory = organisation.directory(db, now)
    settings = db.info.get("settings")
    relay = settings.relay if isinstance(settings, Settings) else None
    known = mails.state(db)
    failing = relay is not None and known is not None and known.failures > 0
    counted = db.execute(select(Mail.state, func.count()).group_by(Mail.state))
    stuck = select(Mail).where(Mail.state.in_((mails.FAILED, mails.NO_ADDRESS))).order_by(Mail.made_at.desc(), Mail.id)
    return MailSheet(
        server=f"{relay.host}:{relay.port}" if relay else None,
        sender=relay.sender if relay else None,
        links=settings.url if isinstance(settings, Settings) else None,
        failing_since=known.failing_since if known and failing else None,
        error=known.error if known and failing else None,
        next_try_at=known.next_try_at if known and failing else None,
        counts={row[0]: row[1] for row in counted},
        last_sent_at=db.scalar(select(func.max(Mail.sent_at)).where(Mail.state == mails.SENT)),
        gathered_on=known.gathered_on if known else None,
        stuck=tuple(_line(directory, mail) for mail in db.scalars(stuck.limit(MOST_SHOWN))),
    )


def send_mail_again(db: Session, actor: Actor, mail_id: UUID, now: datetime) -> datetime:
    """Put one mail back among those to be sent; answers when it goes. Conflict: it is not one that is stuck."""
    _require_server(db, actor, now)
    mail = db.get(Mail, mail_id, with_for_update=True, populate_existing=True)
    if mail is None:
        raise NotFound(_("E-posten finnes ikke lenger. Gamle e-poster slettes."))
    if mail.state not in mails.STUCK:
        raise Conflict(_("Denne e-posten er sendt, eller venter på å bli sendt. Ingenting er endret."))
    at = _next_turn(db, now)
    _again(db, mail, at, now)
    mails.knock_again(db)
    return at


def send_all_mail_again(db: Session, actor: Actor, now: datetime) -> tuple[int, datetime]:
    """The same with all that are stuck, the oldest first, a thousand at a time; answers how many, and when they go."""
    _require_server(db, actor, now)
    at = _next_turn(db, now)
    query = select(Mail).where(Mail.state.in_(mails.STUCK)).order_by(Mail.made_at, Mail.id).limit(MOST_AGAIN)
    found = db.scalars(query.with_for_update(skip_locked=True)).all()
    for mail in found:
        _again(db, mail, at, now)
    mails.knock_again(db)
    return len(found), at


def try_mail(db: Session, actor: Actor, now: datetime) -> str:
    """Send a trial to the caller at once, whatever day it is; answers the address. Invalid: they have none."""
    _require_server(db, actor, now)
    person = organisation.directory(db, now).person(actor.person_id)
    if person is None or not person.email:
        raise Invalid(_("Du har ingen e-postadresse her, så det er ingen å sende prøven til."))
    mails.trial(db, person.id, now)
    return person.email


def _require_server(db: Session, actor: Actor, now: datetime) -> None:
    policy.require(db, actor, Permission.SEE_MAIL, now)
    settings = db.info.get("settings")
    if not isinstance(settings, Settings) or settings.relay is None:
        raise Invalid(_("Ingen e-posttjener er satt opp, så ingenting er sendt. Sett KOMP_FLOW_MAIL og start på nytt."))


def _next_turn(db: Session, now: datetime) -> datetime:
    """Now, or eight o'clock on the next working day: nobody gets mail on a free day."""
    if gathering.opens(db, now):
        return now
    zone = db.info["zone"]
    local = now.astimezone(zone)
    first = local.date() if local.time() < gathering.AT else local.date() + timedelta(days=1)
    return gathering.morning(working_calendar(db, now), first, zone)


def _again(db: Session, mail: Mail, at: datetime, now: datetime) -> None:
    mails.waiting_again(db, mail, at)
    mail.made_at = now if not mail.maybe_sent else mail.made_at  # what may have arrived keeps its date
    db.flush()


def _line(directory: Directory, mail: Mail) -> MailLine:
    person = directory.person(mail.person_id)
    return MailLine(
        id=mail.id,
        person_id=mail.person_id,
        person_name=person.name if person else mail.person_id,
        address=person.email if person else "",
        state=mail.state,
        made_at=mail.made_at,
        attempts=mail.attempts,
        error=mail.error,
    )
