"""One task and one person: do they have it, may they do it, for whom; and taking it, handing it on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from komp_flow import audit, engine, forms, organisation
from komp_flow.engine.tables import OPEN, TASK
from komp_flow.errors import Conflict, FieldError, Invalid, NotAllowed, NotFound
from komp_flow.i18n import _
from komp_flow.organisation import Actor, Directory, Holder, Holdings, roles
from komp_flow.work import policy, rows
from komp_flow.work.lines import TaskLine
from komp_flow.work.policy import Permission
from komp_flow.work.texts import written

LONGEST_REASON: Final = 1_000


@dataclass(frozen=True)
class Held:
    """A task as one person stands to it. `row` is one of `rows.tasks()`, `form` its form, if it has one.

    A task about a person is private: what is written in it is between that person and the one who acts as their
    manager, who are `close` (decision 51).
    """

    row: Any
    actor: Actor
    who: Holdings
    directory: Directory
    role: str | None
    holder: Holder | None
    why: str
    form: forms.Form | None = None

    @property
    def about(self) -> str | None:
        """The person whom the task is about, where it is private."""
        return self.row.person_id  # type: ignore[no-any-return]

    @property
    def close(self) -> bool:
        """They are one of the two: the person themself, or who acts as their manager. True where it is not private.

        A plan from a unit that the person has left is theirs alone until they say that it follows.
        """
        if self.row.held_back and self.about != self.person_id:
            return False
        return policy.is_close(self.who, rows.subject(self.row))

    @property
    def stands_in(self) -> bool:
        """They have a private task only because nobody else is there, or to help with it: they see no text."""
        return self.is_mine and not self.close and not rows.by_right(self.directory, self.row, self.person_id)

    @property
    def person_id(self) -> str | None:
        """The caller."""
        return self.actor.person_id

    @property
    def is_mine(self) -> bool:
        """They have it now: by role, by name, or handed over."""
        return bool(self.why)

    @property
    def taken_by(self) -> str | None:
        """Somebody else who has claimed it, or to whom it was handed."""
        claimed, delegated = rows.claim(self.directory, self.row)
        taken = claimed or delegated
        return taken if taken != self.person_id else None

    @property
    def on_behalf_of(self) -> str | None:
        """In whose stead they act: the one who is away, or who handed it to them."""
        if self.row.delegated_to == self.person_id:
            return self.row.delegated_by  # type: ignore[no-any-return]
        return self.holder.instead_of if self.holder else None

    @property
    def sees(self) -> bool:
        """Whether they may know that the task exists (the same as `policy.visible_tasks`)."""
        if self.is_mine or self.row.closed_by == self.person_id or self.actor.via in policy.TRUSTED:
            return True
        about = rows.subject(self.row)
        if about.person is not None:
            close = any(policy.holds(self.who, role, about) for role in (roles.EMPLOYEE, roles.MANAGER))
            return close or (bool(self.who.roles & policy.STAFF) and self.row.escalation > 0)
        return policy.can(self.who, Permission.SEE_TASK, about)

    @property
    def reads(self) -> bool:
        """Whether they may read what the form shows from before: what is private stays between the two of them.

        Of what was sent, `policy.reads_text` says more.
        """
        return self.close if self.about is not None else self.sees

    def require_to_do(self) -> None:
        """NotFound or NotAllowed when it is not theirs, Conflict when somebody else has taken it."""
        if not self.is_mine:
            if not self.sees:
                raise NotFound(_("Oppgaven finnes ikke. Hent lista på nytt."))
            raise NotAllowed(_("Oppgaven ligger hos noen andre. Ingenting er endret. Se hvem på oppgavesiden."))
        if self.stands_in and not written.is_for_stand_ins(self.form):
            raise NotAllowed(
                _(
                    "Du har oppgaven bare fordi ingen andre er der. Det som skrives her, er mellom medarbeideren og "
                    "lederen. Ingenting er endret. Gi samtalen til en leder som kan ta den."
                )
            )
        if self.taken_by is not None:
            name = rows.person_name(self.directory, self.taken_by)
            raise Conflict(
                _(
                    "%(name)s har tatt oppgaven. Det du skrev, er ikke sendt. Avtal med %(name)s hvem som gjør den.",
                    name=name,
                )
            )


def held(db: Session, task_id: UUID, actor: Actor, now: datetime) -> Held:
    """How the caller stands to the task. NotFound: there is none; NotAllowed: the token does not reach tasks.

    Where its instance is locked, `row` says where its audit stream ends.
    """
    row = rows.task(db, task_id, actor.person_id)
    directory = organisation.directory(db, now)
    who = directory.holdings(actor.person_id)
    policy.allow(who, actor, Permission.WORK)
    if row is None:
        raise NotFound(_("Oppgaven finnes ikke. Hent lista på nytt."))
    form = engine.form(db, row.form_version_id) if row.form_version_id else None
    is_open = row.state == OPEN
    role, holder, why = rows.held_as(directory, row, actor.person_id) if is_open else (None, None, "")
    return Held(row, actor, who, directory, role, holder, why, form)


def claim(db: Session, task_id: UUID, actor: Actor, now: datetime) -> TaskLine:
    """Take the task, so that the others who have it see that. Taking one's own again changes nothing."""
    mine = _locked(db, task_id, actor, now)
    mine.require_to_do()
    if mine.row.claimed_by != actor.person_id:
        _set(db, mine, now, "claimed", claimed_by=actor.person_id, claimed_at=now)
    return _line(db, task_id, actor, now)


def release(db: Session, task_id: UUID, actor: Actor, now: datetime) -> TaskLine:
    """Let the others have it again: by the one who took it or was handed it, or by somebody who leads the work."""
    mine = _locked(db, task_id, actor, now)
    own = actor.person_id in (mine.row.claimed_by, mine.row.delegated_to)
    if not own and not policy.can(mine.who, Permission.DELEGATE, rows.subject(mine.row), actor):
        if not mine.sees:
            raise NotFound(_("Oppgaven finnes ikke. Hent lista på nytt."))
        raise NotAllowed(_("Bare den som har tatt oppgaven, kan slippe den. Ingenting er endret."))
    if mine.row.claimed_by or mine.row.delegated_to:
        nobody = dict.fromkeys(("claimed_by", "claimed_at", "delegated_to", "delegated_by", "delegated_at"))
        _set(db, mine, now, "released", **nobody, delegation_reason=None)
    return _line(db, task_id, actor, now)


def delegate(db: Session, task_id: UUID, actor: Actor, to: str, reason: str, now: datetime) -> TaskLine:  # noqa: PLR0917
    """Hand the task to somebody who works here, with a reason. What is drafted goes with it."""
    mine = _locked(db, task_id, actor, now)
    if not mine.is_mine:
        if not mine.sees:
            raise NotFound(_("Oppgaven finnes ikke. Hent lista på nytt."))
        if not policy.can(mine.who, Permission.DELEGATE, rows.subject(mine.row), actor):
            raise NotAllowed(_("Bare den som har oppgaven, kan gi den videre. Ingenting er endret."))
    _require_delegable(mine, to, reason)
    _set(
        db,
        mine,
        now,
        "delegated",
        delegated_to=to,
        delegated_by=actor.person_id,
        delegated_at=now,
        delegation_reason=reason.strip(),
        claimed_by=None,
        claimed_at=None,
    )
    return _line(db, task_id, actor, now)


def _require_delegable(mine: Held, to: str, reason: str) -> None:
    if set(rows.role_names(mine.row)) == {roles.EMPLOYEE}:
        raise NotAllowed(_("Oppgaven er personlig og kan ikke gis videre. Ingenting er endret."))
    if mine.about is not None and not written.is_for_stand_ins(mine.form):
        raise NotAllowed(
            _(
                "Det som skrives her, er mellom medarbeideren og lederen, så oppgaven kan ikke gis videre alene. "
                "Ingenting er endret. Gi heller hele samtalen til en annen leder."
            )
        )
    wrong = []
    person = mine.directory.person(to)
    if person is None or not person.employed:
        wrong.append(FieldError("to", _("Velg en som arbeider her.")))
    elif to == mine.person_id:
        wrong.append(FieldError("to", _("Du har oppgaven allerede. Velg en annen.")))
    if not 0 < len(reason.strip()) <= LONGEST_REASON:
        wrong.append(FieldError("reason", _("Skriv hvorfor, med høyst %(most)s tegn.", most=LONGEST_REASON)))
    if wrong:
        raise Invalid(_("Oppgaven er ikke gitt videre. Rett det som er merket."), wrong)


def _locked(db: Session, task_id: UUID, actor: Actor, now: datetime) -> Held:
    before = held(db, task_id, actor, now)
    if not before.sees:
        raise NotFound(_("Oppgaven finnes ikke. Hent lista på nytt."))
    engine.locked(db, task_id)
    return held(db, task_id, actor, now)


def _set(db: Session, mine: Held, now: datetime, what: str, **values: object) -> None:
    db.connection().execute(update(TASK).where(TASK.c.id == mine.row.id).values(**values))
    entry = audit.Entry(
        what,
        element=mine.row.element,
        name=mine.row.name,
        task_id=mine.row.id,
        instance_id=mine.row.instance_id,
        by=mine.person_id,
        detail={"to": values["delegated_to"]} if what == "delegated" else {},
    )
    audit.record(db, engine.stream(mine.row.instance_id), [entry], now)
    db.expire_all()


def _line(db: Session, task_id: UUID, actor: Actor, now: datetime) -> TaskLine:
    directory = organisation.directory(db, now)
    return rows.task_line(directory, rows.task(db, task_id, actor.person_id), actor.person_id, now)
