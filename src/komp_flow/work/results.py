"""Registers and messages as the API and the pages use them, bounded by policy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow import audit, engine, organisation, registers
from komp_flow.errors import Invalid, NotFound
from komp_flow.i18n import _
from komp_flow.organisation import Actor, Directory, Holdings, Subject, roles
from komp_flow.work import policy
from komp_flow.work.inbox import page_errors
from komp_flow.work.lines import Page
from komp_flow.work.policy import Permission

NOTHING: Final[frozenset[str]] = frozenset()
NEAR: Final = frozenset({"manager", "deputy", "substitute"})
KEPT: Final = timedelta(days=30)  # dialect.md «Messages»: where none waits


def register(
    db: Session,
    actor: Actor,
    name: str,
    *,
    narrowed: registers.Narrowed = registers.EVERY_ROW,
    page: int = 1,
    page_size: int = 50,
    now: datetime,
) -> Page[dict[str, object]]:
    """One page of a register: `areas measures goals decisions documents unit-goals glossary effects …`."""
    who = policy.require(db, actor, Permission.SEE_REGISTERS, now)
    if name not in registers.REGISTERS:
        raise NotFound(_("Registeret «%(name)s» finnes ikke.", name=name))
    if wrong := page_errors(page, page_size):
        raise Invalid(_("Lista kan ikke vises slik. Rett det som er merket."), wrong)
    reader = reads(organisation.directory(db, now), who, actor)
    found, total = registers.rows(db, name, reader, narrowed, page=page, page_size=page_size)
    return Page(tuple(found), total, page, page_size)


def reads(directory: Directory, who: Holdings, actor: Actor) -> registers.Reader:
    """What one with these holdings reads of the registers: process.md section 5, the table."""
    author = policy.can(who, Permission.SEE_ALL_ROWS, None, actor)
    return registers.Reader(
        everything=actor.via in policy.TRUSTED,
        units=_units(directory, who),
        people=_plans(directory, who),
        person=who.person_id or None,
        led=frozenset().union(*(who.units.get(role, NOTHING) for role in policy.LEADERS)),
        all_units=author,
        recommendation=author or policy.can(who, Permission.SEE_RECOMMENDATION, None, actor),
        after=roles.TOP_MANAGEMENT in who.roles,
    )


def _units(directory: Directory, who: Holdings) -> frozenset[str]:
    """The units that they work in, lead or are the leader above; and the one where a leader is an employee."""
    found = NOTHING.union(*who.units.values())
    person = directory.person(who.person_id)
    if person is None or not person.employed:
        return found
    above = (unit for unit in (person.unit_id, *directory.ancestors(person.unit_id)))
    round_of = next((unit for unit in above if person.id in directory.reports(unit)), person.unit_id)
    return found | {person.unit_id, round_of, *person.units}


def _plans(directory: Directory, who: Holdings) -> frozenset[str]:
    """Those whose plans they read: their own, and those of whom they are the manager, the deputy or a substitute.

    Who has a talk only because there is nobody else, a superior or HR, reads nothing of it.
    """
    managed = who.people.get(roles.MANAGER, NOTHING)
    held = ((person, directory.holder(roles.MANAGER, who.person_id, Subject(person=person))) for person in managed)
    near = {person for person, holder in held if holder is not None and holder.via in NEAR}
    return who.people.get(roles.EMPLOYEE, NOTHING) | near


def message(  # noqa: PLR0917
    db: Session,
    actor: Actor,
    name: str,
    key: object,
    payload: Mapping[str, object],
    message_id: str | None,
    now: datetime,
) -> dict[str, object]:
    """Throw a message from outside; it is delivered in later transactions. A repeated `message_id` changes nothing."""
    policy.require(db, actor, Permission.SEND_MESSAGE, now)
    repeated = message_id is not None and bool(
        db.scalar(select(engine.Message.id).where(engine.Message.external_id == message_id))
    )
    kept = engine.correlate(db, name, key, payload, external_id=message_id, by=actor.person_id, now=now)
    if not repeated:
        entry = audit.Entry("message", name=kept.name, by=actor.person_id, detail={"message": kept.id})
        audit.record(db, "messages", [entry], now)
    return {"id": kept.id, "name": kept.name, "key": kept.key, "message_id": message_id, "repeated": repeated}
