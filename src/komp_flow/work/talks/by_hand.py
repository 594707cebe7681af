"""What becomes of one talk, by hand: moved, put off and taken up, declined, begun for itself, and where its plan goes.

Never what is written in it: HR and a superior may do all of this and read nothing (process.md sections 5 and 6).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow import audit, engine, organisation, registers
from komp_flow.engine import Instance
from komp_flow.engine.tables import ENDED
from komp_flow.errors import Conflict, FieldError, Invalid, NotFound
from komp_flow.i18n import _
from komp_flow.organisation import Actor, Subject, roles
from komp_flow.organisation.staffing.models import PlanTransfer, TalkOrder
from komp_flow.registers import Cycle
from komp_flow.registers import talks as register
from komp_flow.work import policy, rows
from komp_flow.work.doing import handing
from komp_flow.work.people import staffing
from komp_flow.work.people.lines import TalkLine, TransferLine
from komp_flow.work.policy import Permission
from komp_flow.work.running import talk_steps
from komp_flow.work.running.world import WORLD

FURTHEST: Final = timedelta(days=3 * 366)


def of_person(db: Session, actor: Actor, person: str, now: datetime) -> list[TalkLine]:
    """The talks of one person that have not ended, for one who may steer them; the newest first. No status: how far a
    talk is, is told where policy says so.
    """
    policy.require(db, actor, Permission.STEER_TALKS, now, Subject(person=person))
    mine = (Instance.process == staffing.TALK, Instance.person_id == person, Instance.state.not_in(ENDED))
    found = db.scalars(select(Instance).where(*mine).order_by(Instance.started_at.desc(), Instance.id))
    return [_line(db, row, now) for row in found]


def postpone(db: Session, actor: Actor, talk: UUID, until: date | None, now: datetime) -> TalkLine:
    """It rests through `until`, the last day of the leave, or until somebody takes it up, and does not count meanwhile.

    Raises Conflict where it was held already, Invalid on a day that is no day to come.
    """
    row = _steered(db, actor, talk, now)
    _require_ahead(db, until, "until", now)
    order = talk_steps.order_of(db, row, now)
    order.by_hand, order.rests_until, order.by, order.at = True, until, actor.by, now
    if not talk_steps.rest(db, row, until, now, by=actor.by):
        raise Conflict(_("Samtalen er allerede gjennomført eller avsluttet. Ingenting er endret."))
    return _line(db, row, now)


def take_up(db: Session, actor: Actor, talk: UUID, now: datetime) -> TalkLine:
    """It goes on: to be agreed on anew within twenty working days, also where the file says that the employee is away.

    Raises Conflict where it does not rest.
    """
    row = _steered(db, actor, talk, now)
    if not talk_steps.take_up(db, row, now, by=actor.by):
        raise Conflict(_("Samtalen er ikke utsatt. Ingenting er endret."))
    order = talk_steps.order_of(db, row, now)
    person = organisation.directory(db, now).person(row.person_id)
    order.by_hand = False if person is not None and person.absent else None
    order.by, order.at = actor.by, now
    db.flush()
    return _line(db, row, now)


def move(db: Session, actor: Actor, talk: UUID, talk_at: datetime, now: datetime) -> TalkLine:
    """They talk at another time than was agreed; the dates of the preparations follow. Shorter notice than for the
    first time is fine: the two have agreed on it.

    Raises Conflict where no time has been agreed on, or the plan is written; Invalid on a time that is not ahead.
    """
    row = _steered(db, actor, talk, now)
    if not now < talk_at <= now + FURTHEST:
        wrong = FieldError("talk_at", _("Velg et tidspunkt fra nå og innen tre år."))
        raise Invalid(_("Ingenting er endret."), [wrong])
    local = talk_at.astimezone(db.info["zone"]).isoformat()
    said = audit.Entry("talk-moved", instance_id=row.id, by=actor.by, detail={"to": local})
    if engine.tell(db, WORLD, row.id, register.MOVE, {"talk_at": local}, by=actor.by, now=now, entry=said) is None:
        raise Conflict(_("Samtalen er ikke avtalt ennå, eller planen er alt skrevet. Ingenting er endret."))
    return _line(db, row, now)


def begin(db: Session, actor: Actor, talk: UUID, now: datetime) -> TalkLine:
    """They talk now, before the time that was agreed: what is left of the preparations falls away.

    Raises Conflict where the talk is not agreed on, or the plan is written.
    """
    row = _steered(db, actor, talk, now)
    said = audit.Entry("talk-begun", instance_id=row.id, by=actor.by)
    if engine.tell(db, WORLD, row.id, register.BEGIN_NOW, {}, by=actor.by, now=now, entry=said) is None:
        raise Conflict(_("Samtalen er ikke avtalt ennå, eller planen er alt skrevet. Ingenting er endret."))
    return _line(db, row, now)


def decline(db: Session, actor: Actor, talk: UUID, after: date | None, now: datetime) -> TalkLine:
    """The employee does not want it: it is closed as declined after this day. No reason is asked, none can be given.

    HR sets the day; where another notes it, it is the last day of the round. A day that has passed closes it now.
    """
    row = _steered(db, actor, talk, now)
    who = policy.holdings(db, actor, now)
    directory = organisation.directory(db, now)
    if after is not None and roles.HR not in who.roles and actor.via not in policy.TRUSTED:
        wrong = FieldError("after", _("Bare HR setter datoen. La feltet stå tomt, så gjelder fristen for samtalene."))
        raise Invalid(_("Ingenting er endret. Rett det som er merket."), [wrong])
    if row.state in ENDED or (not engine.waits_for(db, row.id, register.DECLINE) and _was_held(db, row)):
        raise Conflict(_("Samtalen er allerede gjennomført eller avsluttet. Ingenting er endret."))
    last = after or _last_day(db, row, now) or directory.today
    if last > directory.today + FURTHEST:
        raise Invalid(_("Ingenting er endret."), [FieldError("after", _("Velg en dato innen tre år."))])
    order = talk_steps.order_of(db, row, now)
    order.declined_from, order.by, order.at = last, actor.by, now
    db.flush()
    if last < directory.today:
        talk_steps.decline(db, row, now, by=actor.by)
    return _line(db, row, now)


def withdraw_decline(db: Session, actor: Actor, talk: UUID, now: datetime) -> TalkLine:
    """The employee wants it after all. Raises Conflict where it was not declined, or is closed."""
    row = _steered(db, actor, talk, now)
    order = talk_steps.order_of(db, row, now)
    if order.declined_from is None:
        raise Conflict(_("Medarbeideren har ikke takket nei, eller samtalen er lukket. Ingenting er endret."))
    order.declined_from, order.by, order.at = None, actor.by, now
    db.flush()
    return _line(db, row, now)


def hand_over(  # noqa: PLR0917
    db: Session, actor: Actor, talk: UUID, to: str | None, reason: str, now: datetime
) -> TalkLine:
    """Another manager has the talks of this one's person from now on; None takes them back. See `work.hand_over`."""
    row = _steered(db, actor, talk, now)
    if to is None:
        handing.take_back(db, row.person_id or "", actor, now)
    else:
        handing.hand_over(db, row.person_id or "", to, actor, reason, now)
    return _line(db, row, now)


def begin_extraordinary(db: Session, actor: Actor, person: str, cycle: str | None, now: datetime) -> TalkLine:
    """A talk for itself, outside the unit's round, which does not wait for it: after an absence, a new post, a wish.

    Raises NotFound where nobody works here by that number, Conflict where one was begun today.
    """
    directory = organisation.directory(db, now)
    found = directory.person(person)
    if found is None or not found.employed:
        raise NotFound(_("Det arbeider ingen med ansattnummer %(person)s her.", person=person[:40]))
    policy.require(db, actor, Permission.STEER_TALKS, now, Subject(person=person))
    engine.newest(db, staffing.TALK)
    in_cycle = _cycle(db, cycle)
    today = (TalkOrder.person_id == person, TalkOrder.extraordinary.is_(True), TalkOrder.at > now - timedelta(days=1))
    if db.scalar(select(TalkOrder.instance_id).where(*today).limit(1)) is not None:
        raise Conflict(_("Det er allerede satt i gang en ekstra samtale med %(name)s.", name=found.name))
    subject = Subject(unit=staffing.home(directory, person) or found.unit_id, person=person, cycle=in_cycle)
    changes = engine.start(db, WORLD, staffing.TALK, subject, {"extraordinary": True}, by=actor.by, now=now)
    row = db.get_one(Instance, changes.instance_id)
    order = talk_steps.order_of(db, row, now)
    order.extraordinary, order.by = True, actor.by
    db.flush()
    return _line(db, row, now)


# A plan whose person is in another unit now.


def transfers(db: Session, actor: Actor, now: datetime) -> list[TransferLine]:
    """One's own plans that were made in a unit that one has left, the newest first."""
    policy.require(db, actor, Permission.WORK, now)
    mine = select(PlanTransfer).where(PlanTransfer.person_id == actor.person_id)
    return [_transfer(db, row, now) for row in db.scalars(mine.order_by(PlanTransfer.asked_at.desc()))]


def answer_transfer(db: Session, actor: Actor, talk: UUID, follows: bool, now: datetime) -> TransferLine:
    """Whether one's plan follows to the unit where one is now. Only the person themself answers; yes is for good.

    Raises NotFound for everybody else, Conflict where it was answered.
    """
    policy.require(db, actor, Permission.WORK, now)
    row = db.get(PlanTransfer, talk)
    if row is None or row.person_id != actor.person_id:
        raise NotFound(_("Planen finnes ikke."))
    if row.follows is not None:
        raise Conflict(_("Du har allerede svart. Ingenting er endret."))
    home = staffing.home(organisation.directory(db, now), row.person_id)
    talk_steps.answer(db, row, follows, home or row.to_unit, now)
    return _transfer(db, row, now)


def _transfer(db: Session, row: PlanTransfer, now: datetime) -> TransferLine:
    directory = organisation.directory(db, now)
    cycle = db.get(Cycle, row.cycle_id) if row.cycle_id else None
    return TransferLine(
        id=row.instance_id,
        from_unit=rows.unit_name(directory, row.from_unit),
        to_unit=rows.unit_name(directory, row.to_unit) or row.to_unit,
        cycle_name=cycle.name if cycle else None,
        asked_at=row.asked_at,
        follows=row.follows,
    )


# What they share.


def _steered(db: Session, actor: Actor, talk: UUID, now: datetime) -> Instance:
    """The talk, locked. NotFound where there is none, and for those who may know of none with this person."""
    row = db.get(Instance, talk)
    if row is None or row.process != staffing.TALK or row.person_id is None:
        raise NotFound(_("Samtalen finnes ikke."))
    who = policy.holdings(db, actor, now)
    about = Subject(row.unit_id, row.person_id, row.measure_id, row.cycle_id)
    if not policy.can(who, Permission.STEER_TALKS, about, actor):
        if actor.scopes is not None and not policy.can(who, Permission.STEER_TALKS, about):
            policy.require(db, actor, Permission.STEER_TALKS, now)
        if policy.holds(who, roles.EMPLOYEE, about):
            policy.require(db, actor, Permission.STEER_TALKS, now, about)  # they know of it, and are told to ask HR
        raise NotFound(_("Samtalen finnes ikke."))
    if row.state in ENDED:
        raise Conflict(_("Samtalen er allerede avsluttet. Ingenting er endret."))
    return row


def _was_held(db: Session, row: Instance) -> bool:
    found = register.talk(db, row.id)
    return found is not None and found.status in register.ENDED


def _require_ahead(db: Session, day: date | None, field: str, now: datetime) -> None:
    today = organisation.local_date(db, now)
    if day is not None and not today <= day <= today + FURTHEST:
        raise Invalid(_("Ingenting er endret."), [FieldError(field, _("Velg en dag fra i dag og innen tre år."))])


def _last_day(db: Session, row: Instance, now: datetime) -> date | None:
    """When the talks of the cycle should be held."""
    cycle = db.get(Cycle, row.cycle_id) if row.cycle_id else None
    if cycle is None:
        return None
    found: Any = registers.dates(cycle, organisation.working_calendar(db, now).is_working_day).get("talks")
    return found if isinstance(found, date) else None


def _cycle(db: Session, cycle: str | None) -> str | None:
    """The cycle that is named, else the newest that runs."""
    if cycle is not None:
        if db.get(Cycle, cycle) is None:
            raise Invalid(_("Ingenting er startet."), [FieldError("cycle", _("Syklusen finnes ikke."))])
        return cycle
    active = select(Cycle.id).where(Cycle.state == "active").order_by(Cycle.starts_on.desc(), Cycle.id.desc())
    return db.scalar(active.limit(1))


def _line(db: Session, row: Instance, now: datetime) -> TalkLine:
    db.refresh(row)
    directory = organisation.directory(db, now)
    order = db.get(TalkOrder, row.id)
    cycle = db.get(Cycle, row.cycle_id) if row.cycle_id else None
    resting = engine.waits_for(db, row.id, register.RESUME) or (order is not None and order.resting)
    state = "ended" if row.state in ENDED else "resting" if resting else "running"
    return TalkLine(
        id=row.id,
        person=row.person_id or "",
        person_name=rows.person_name(directory, row.person_id) or "",
        unit=row.unit_id,
        unit_name=rows.unit_name(directory, row.unit_id),
        cycle=row.cycle_id,
        cycle_name=cycle.name if cycle else None,
        state=state,
        rests_until=order.rests_until if order is not None and resting else None,
        declined_from=order.declined_from if order is not None and state != "ended" else None,
        extraordinary=order is not None and order.extraordinary,
    )
