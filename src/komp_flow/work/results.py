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
from komp_flow.organisation import Actor, roles
from komp_flow.work import policy
from komp_flow.work.inbox import page_errors
from komp_flow.work.lines import Page
from komp_flow.work.policy import Permission

KEPT: Final = timedelta(days=30)  # dialect.md «Messages»: where none waits


def register(
    db: Session,
    actor: Actor,
    name: str,
    *,
    cycle: str | None = None,
    unit: str | None = None,
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
    person = organisation.directory(db, now).person(actor.person_id)
    units = frozenset().union(*who.units.values()) if who.units else frozenset()
    people = frozenset().union(*(who.people.get(role, frozenset()) for role in (roles.EMPLOYEE, roles.MANAGER)))
    reader = registers.Reader(
        everything=policy.can(who, Permission.SEE_ALL_ROWS, None, actor),
        units=units | (frozenset({person.unit_id}) if person else frozenset()),
        people=people,
    )
    found, total = registers.rows(db, name, reader, cycle=cycle, unit=unit, page=page, page_size=page_size)
    return Page(tuple(found), total, page, page_size)


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
