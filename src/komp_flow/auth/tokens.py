"""Bearer tokens for the API: they act as their person, within scopes, until a day. Only their hash is kept."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import ForeignKey, String, bindparam, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from komp_flow import audit, organisation
from komp_flow.auth.accounts import Account
from komp_flow.db import Base, Instant
from komp_flow.db.prepared import Prepared
from komp_flow.errors import Conflict, Invalid, NotFound
from komp_flow.i18n import _
from komp_flow.organisation.actors import SCOPES, Actor
from komp_flow.organisation.models import ID, NAME

PREFIX = "kf_"  # so that a token that strays into a log or a repository is found
LONGEST_DAYS = 3650
STREAM = "tokens"


class Token(Base):
    """One token. `hash` is SHA-256 of the secret, which has 256 bits of chance and needs no slow hash."""

    __tablename__ = "token"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(String(ID), ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(String(NAME))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[str] = mapped_column(String(NAME))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


_HELD: Final = Prepared(
    select(Token.person_id, Token.scopes)
    .outerjoin(Account, Account.person_id == Token.person_id)
    .where(
        Token.hash == bindparam("hash"),
        Token.expires_at > bindparam("now"),
        Token.revoked_at.is_(None),
        Account.locked_at.is_(None),
    )
)


def create(db: Session, person_id: str, scopes: Iterable[str], now: datetime, *, days: int = 90, name: str = "") -> str:
    """Make a token and answer its secret, which is shown this once. Raises Invalid, NotFound, Conflict."""
    wanted = frozenset(scopes)
    if not wanted or wanted - SCOPES:
        raise Invalid(_("Velg ett eller flere av omfangene %(known)s.", known=", ".join(sorted(SCOPES))))
    if not 1 <= days <= LONGEST_DAYS:
        raise Invalid(_("Et token kan vare fra 1 til %(days)s dager.", days=LONGEST_DAYS))
    if len(name) > NAME:
        raise Invalid(_("Navnet på tokenet kan ha høyst %(number)s tegn.", number=NAME))
    person = organisation.directory(db, now).person(person_id)
    if person is None:
        raise NotFound(_("Det finnes ingen med ansattnummer %(person)s.", person=person_id[:40]))
    if not person.employed:
        raise Conflict(_("%(person)s arbeider ikke her nå. Ingenting er endret.", person=person_id))
    secret = PREFIX + secrets.token_urlsafe(32)
    token = Token(
        person_id=person_id,
        name=name,
        hash=_hash(secret),
        scopes=" ".join(sorted(wanted)),
        created_at=now,
        expires_at=now + timedelta(days=days),
        revoked_at=None,
    )
    db.add(token)
    db.flush()
    _tell(db, "token-created", now, token=token.id, person=person_id, scopes=token.scopes)
    return secret


def actor(db: Session, bearer: str, now: datetime) -> Actor | None:
    """Whom the secret stands for; None if it is unknown, spent or revoked, or the person locked or gone. Only reads."""
    if not bearer.startswith(PREFIX) or len(bearer) > 200:
        return None
    found = _HELD.first(db, {"hash": _hash(bearer), "now": now})
    person = organisation.directory(db, now).person(found.person_id) if found else None
    if found is None or person is None or not person.employed:
        return None
    return Actor(person.id, person.language, frozenset(found.scopes.split()), "token")


def revoke(db: Session, token_id: int, now: datetime, *, person_id: str | None = None) -> None:
    """End a token; nothing happens if it has ended. Raises NotFound, also where it is not `person_id`'s, if given."""
    token = db.get(Token, token_id)
    if token is None or person_id not in (None, token.person_id):
        raise NotFound(_("Tokenet finnes ikke."))
    if token.revoked_at is None:
        token.revoked_at = now
        db.flush()
        _tell(db, "token-revoked", now, token=token.id, person=token.person_id)


def revoke_all(db: Session, person_id: str, now: datetime) -> int:
    """End all tokens of a person; answers how many."""
    mine = update(Token).where(Token.person_id == person_id, Token.revoked_at.is_(None)).values(revoked_at=now)
    ended = len(db.scalars(mine.returning(Token.id)).all())
    if ended:
        _tell(db, "token-revoked", now, person=person_id, number=ended)
    return ended


def of_person(db: Session, person_id: str) -> Sequence[Token]:
    """A person's tokens, newest first; their secrets are gone."""
    return db.scalars(select(Token).where(Token.person_id == person_id).order_by(Token.id.desc())).all()


def _hash(secret: str) -> str:
    return sha256(secret.encode("utf-8", "replace")).hexdigest()


def _tell(db: Session, what: str, now: datetime, **detail: str | int) -> None:
    audit.record(db, STREAM, [audit.Entry(what=what, detail=dict(detail))], now)
