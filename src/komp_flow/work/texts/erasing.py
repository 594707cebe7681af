"""Erasing what is written about people: when somebody asks for it, and by the clock (process.md section 5).

What is left of an erased person is what can be counted: ids, dates, statuses, areas. The audit trail stays; it has
never held what anybody wrote.
"""

from __future__ import annotations

import calendar
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, column, delete, exists, select, table, update
from sqlalchemy.orm import Session

from komp_flow import audit, files, organisation, vault
from komp_flow.engine.tables import SUBMISSION, Instance, Task
from komp_flow.errors import FieldError, Invalid, NotFound
from komp_flow.i18n import _
from komp_flow.notifications import DailyRun
from komp_flow.notifications.models import Mail, Notification
from komp_flow.organisation import Actor
from komp_flow.organisation import erasing as people
from komp_flow.organisation.models import Person
from komp_flow.registers import Cycle
from komp_flow.registers.models import DiscussionInput, Kept
from komp_flow.registers.talks import ENDED, Talk
from komp_flow.settings import Settings
from komp_flow.vault import copies
from komp_flow.vault.models import ErasingLook, Erasure
from komp_flow.work import policy
from komp_flow.work.models import AnsweredKey, PlanRemark, ReadingLog, TaskDraft
from komp_flow.work.noting import note
from komp_flow.work.policy import Permission
from komp_flow.work.texts import written

STREAM: Final = "erasures"
LONGEST_REASON: Final = 300
ASKED, LEFT, AGE, AGAIN = "asked", "left", "age", "again"
CLOSED, LOOKED, PERSON, CYCLE, TALK, DAY = "closed", "looked", "person", "cycle", "talk", "day"
LOOK: Final = timedelta(minutes=15)
SLOW: Final = timedelta(hours=1)  # no transaction takes longer from its `now` to its commit
DAILY: Final = "erasing"
# What moves instances, and what signs in as a person, lies above us; only their rows are known here.
_MOVED: Final = table("moved_instance", column("instance_id"))
_ACCOUNTS: Final = [table(name, column("person_id")) for name in ("account", "token")]


@dataclass(frozen=True)
class ErasureLine:
    """One erasure, as HR sees it."""

    id: str
    at: datetime
    cause: str
    person_id: str | None
    cycle_id: str | None
    by: str | None
    reason: str | None


@dataclass(frozen=True)
class Retention:
    """How long texts are kept, in months: after their cycle closed, and after somebody left."""

    texts: int
    left: int


def retention(db: Session) -> Retention:
    """What the installation has set."""
    found = db.info.get("settings", Settings)
    return Retention(texts=found.erase_texts_months, left=found.erase_left_months)


def erase(db: Session, actor: Actor, person_id: str, reason: str, now: datetime) -> ErasureLine:
    """Erase all that is written about a person; of one who has left, name, address and account too.

    Takes effect at once and cannot be undone, not by a roll-back either. NotFound: there is no such person. Invalid:
    no reason. May be repeated.
    """
    policy.require(db, actor, Permission.ERASE, now)
    text = reason.strip()
    if not text or len(text) > LONGEST_REASON:
        raise Invalid(
            _("Ingenting er slettet. Skriv hvorfor, men ingenting om personen selv."),
            [FieldError("reason", _("Skriv en grunn på høyst %(most)s tegn.", most=LONGEST_REASON))],
        )
    return _erase(db, person_id, now, Erasure(cause=ASKED, by=actor.by, reason=text))


def erasures(db: Session, actor: Actor, now: datetime, limit: int = 200) -> list[ErasureLine]:
    """What has been erased, the newest first."""
    policy.require(db, actor, Permission.ERASE, now)
    found = db.scalars(select(Erasure).order_by(Erasure.at.desc(), Erasure.id).limit(limit))
    return [_line(row) for row in found]


def erase_again(db: Session, now: datetime) -> int:
    """After a copy of the database was put back: erase those whose erasure the key store has seen and it has not."""
    known = set(db.scalars(select(Erasure.id)))
    missing = {name: person for name, person in copies.erasures(db.info["vault"]).items() if name not in known}
    done = 0
    for name, person_id in sorted(missing.items()):
        if db.get(Person, person_id) is not None:
            _erase(db, person_id, now, Erasure(id=name, cause=AGAIN))
            done += 1
    return done


def due(db: Session, now: datetime, limit: int) -> list[tuple[str, str]]:
    """What the clock is to erase, as kinds and ids for `run`: once a day, but for talks that have closed."""
    found = _closed(db, now, limit)
    last = db.get(DailyRun, DAILY)
    if last is not None and last.on_date >= _today(db, now):
        return found
    found += [(PERSON, person) for person in db.scalars(_left(db, now).limit(limit))]
    found += [(CYCLE, cycle) for cycle in db.scalars(_old_cycles(db, now).limit(limit))]
    found += [(TALK, talk.hex) for talk in db.scalars(_old_talks(db, now).limit(limit))]
    # What fails is tried again tomorrow; what there is no room for, at the next tick.
    return found if len(found) >= limit else [*found, (DAY, "")]


def run(db: Session, kind: str, what: str, now: datetime) -> bool:
    """Do one of `due`; False if it has been done meanwhile."""
    if kind == CLOSED:
        db.info["erased"] = True
        return written.forget_unshared(db, [UUID(what)]) > 0
    if kind == PERSON:
        return _erase_left(db, what, now)
    if kind == CYCLE:
        return _erase_cycle(db, what, now)
    if kind == TALK:
        return _erase_talk(db, UUID(what), now)
    note(db, ErasingLook(one=1, at=now) if kind == LOOKED else DailyRun(name=DAILY, on_date=_today(db, now)))
    return False


def _closed(db: Session, now: datetime, limit: int) -> list[tuple[str, str]]:
    """Talks that have closed with notes that were never shared, or drafts that were never sent.

    This is asked at every tick, so only of those that closed since it was last noted that all were done.
    """
    looked = db.get(ErasingLook, 1)
    since = min(looked.at, now) - SLOW if looked is not None else datetime.min.replace(tzinfo=UTC)
    ended = select(Instance.id).where(Instance.ended_at >= since, Instance.person_id.is_not(None))
    over = select(Talk.instance_id).where(Talk.closed_at >= since, Talk.status.in_(sorted(ENDED)))
    found = [
        (CLOSED, instance_id.hex)
        for query in (ended.where(written.unshared(Instance.id)), over.where(written.unshared(Talk.instance_id)))
        for instance_id in db.scalars(query.limit(limit))
    ]
    if len(found) < limit and (looked is None or looked.at <= now - LOOK):
        found.append((LOOKED, ""))
    return found


def _today(db: Session, now: datetime) -> date:
    return organisation.local_date(db, now)


def _left(db: Session, now: datetime) -> Select[str]:
    """Those who left so long ago that nothing is to be kept about them, and who have not been erased since."""
    long_ago = months_before(now, retention(db).left)
    since = exists().where(Erasure.person_id == Person.id, Erasure.at >= Person.left_at, Erasure.cause != ASKED)
    return select(Person.id).where(Person.left_at <= long_ago, ~since).order_by(Person.left_at, Person.id)


def _erase_left(db: Session, person_id: str, now: datetime) -> bool:
    db.execute(select(Person.id).where(Person.id == person_id).with_for_update())
    if db.scalar(_left(db, now).where(Person.id == person_id)) is None:
        return False
    _erase(db, person_id, now, Erasure(cause=LEFT))
    return True


def _old_cycles(db: Session, now: datetime) -> Select[str]:
    """The cycles that closed so long ago that the texts of their talks are to go."""
    done = exists().where(Erasure.cycle_id == Cycle.id)
    old = Cycle.closed_at <= months_before(now, retention(db).texts)
    return select(Cycle.id).where(old, ~done).order_by(Cycle.closed_at, Cycle.id)


def _erase_cycle(db: Session, cycle_id: str, now: datetime) -> bool:
    db.execute(select(Cycle.id).where(Cycle.id == cycle_id).with_for_update())
    if db.scalar(_old_cycles(db, now).where(Cycle.id == cycle_id)) is None:
        return False
    _erase_texts(db, and_(Task.cycle_id == cycle_id, Task.person_id.is_not(None)))
    for register in _registers():
        _erase_rows(db, register, and_(register.cycle_id == cycle_id, register.person_id.is_not(None)))
    _note(db, Erasure(cycle_id=cycle_id, cause=AGE), now)
    return True


def _old_talks(db: Session, now: datetime) -> Select[UUID]:
    """Talks outside any cycle that ended so long ago, and still hold text."""
    texts = exists().where(SUBMISSION.c.instance_id == Instance.id, SUBMISSION.c.sealed.is_not(None))
    old = Instance.ended_at <= months_before(now, retention(db).texts)
    private = and_(Instance.cycle_id.is_(None), Instance.person_id.is_not(None))
    return select(Instance.id).where(private, old, texts).order_by(Instance.id)


def _erase_talk(db: Session, instance_id: UUID, now: datetime) -> bool:
    if db.scalar(_old_talks(db, now).where(Instance.id == instance_id)) is None:
        return False
    _erase_texts(db, Task.instance_id == instance_id)
    for register in _registers():
        _erase_rows(db, register, and_(register.instance_id == instance_id, register.person_id.is_not(None)))
    db.info["erased"] = True
    return True


def months_before(now: datetime, months: int) -> datetime:
    """The same moment so many months earlier; on the last day of the month where there is no such day."""
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return now.replace(year=year, month=month + 1, day=min(now.day, last))


def _erase(db: Session, person_id: str, now: datetime, erasure: Erasure) -> ErasureLine:
    person = db.get(Person, person_id, with_for_update=True, populate_existing=True)
    if person is None:
        raise NotFound(_("Personen finnes ikke. Ingenting er slettet. Se etter at ansattnummeret er riktig."))
    _erase_texts(db, Task.person_id == person_id)
    for register in _registers():
        _erase_rows(db, register, register.person_id == person_id)
    files.erase_person(db, person_id)
    db.execute(delete(ReadingLog).where(ReadingLog.person_id == person_id))
    db.execute(delete(AnsweredKey).where(AnsweredKey.person_id == person_id))
    if person.left_at is not None:
        people.forget(db, person_id)
        db.execute(delete(Notification).where(Notification.person_id == person_id))
        db.execute(delete(Mail).where(Mail.person_id == person_id))
        for signing_in in _ACCOUNTS:
            db.execute(delete(signing_in).where(signing_in.c.person_id == person_id))
    erasure.person_id = person_id
    line = _note(db, erasure, now)
    if erasure.cause != AGAIN:  # those keys are gone, and what is sealed since with new ones is not meant
        # Last: what fails before this leaves the keys, and can be done again.
        vault.erase(db, person_id, erasure.id)
    return line


def _erase_texts(db: Session, about: ColumnElement[bool]) -> None:
    """What was typed in these tasks and sent from them; that they were done stays."""
    tasks = select(Task.id).where(about)
    db.execute(delete(_MOVED).where(_MOVED.c.instance_id.in_(select(Task.instance_id).where(about))))
    for task_id in db.scalars(select(files.StoredFile.task_id).where(files.StoredFile.task_id.in_(tasks)).distinct()):
        files.erase_task(db, task_id)
    db.execute(delete(TaskDraft).where(TaskDraft.task_id.in_(tasks)))
    db.execute(delete(PlanRemark).where(PlanRemark.task_id.in_(tasks)))
    db.execute(update(SUBMISSION).where(SUBMISSION.c.task_id.in_(tasks)).values(sealed=None, values=None))
    db.execute(update(Task).where(about, Task.delegation_reason.is_not(None)).values(delegation_reason=None))


def _erase_rows(db: Session, register: type[Kept], about: ColumnElement[bool]) -> None:
    if register is DiscussionInput:
        db.execute(delete(register).where(about))
    else:
        db.execute(update(register).where(about, register.sealed.is_not(None)).values(sealed=None))


def _registers() -> list[type[Kept]]:
    return sorted(Kept.__subclasses__(), key=lambda register: register.__name__)


def _note(db: Session, erasure: Erasure, now: datetime) -> ErasureLine:
    """Write down that it was done, and see to it that nothing of it is left in the journal (`db.Database`)."""
    erasure.id, erasure.at = erasure.id or secrets.token_hex(16), now
    db.add(erasure)
    about = {"person": erasure.person_id} if erasure.person_id else {"cycle": erasure.cycle_id}
    detail = {**about, "cause": erasure.cause}
    audit.record(db, STREAM, [audit.Entry(what="erased", by=erasure.by, detail=detail)], now)
    db.flush()
    db.expire_all()
    db.info["erased"] = True
    return _line(erasure)


def _line(row: Erasure) -> ErasureLine:
    return ErasureLine(row.id, row.at, row.cause, row.person_id, row.cycle_id, row.by, row.reason)
