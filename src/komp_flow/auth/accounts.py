"""Local accounts: a person's password, kept as an Argon2 hash, and how guessing is slowed down."""

from __future__ import annotations

import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import ForeignKey, String, bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from komp_flow import audit, organisation
from komp_flow.db import Base, Instant
from komp_flow.db.prepared import Prepared
from komp_flow.errors import Conflict, FieldError, Invalid, NotFound
from komp_flow.i18n import _
from komp_flow.organisation.models import EMAIL, ID, Person

SHORTEST, LONGEST = 12, 128
FREE_TRIES = 5
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)
FORGET_AFTER = timedelta(days=1)
STREAM = "accounts"

hasher = PasswordHasher()  # RFC 9106, second recommendation


class Account(Base):
    """A person who may sign in, by the e-mail address they have just now. Without a hash: only through others (OIDC).

    `stamp` is in every session cookie; a new one ends them all.
    """

    __tablename__ = "account"

    person_id: Mapped[str] = mapped_column(String(ID), ForeignKey("person.id"), primary_key=True)
    password_hash: Mapped[str | None] = mapped_column(String(255))
    stamp: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    locked_at: Mapped[datetime | None] = mapped_column(Instant)


class SignInFailure(Base):
    """How often a login has failed, whether anyone has it or not: both are slowed down alike."""

    __tablename__ = "sign_in_failure"

    login_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime] = mapped_column(Instant, index=True)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`account` is set if the sign-in holds. Else `message` is for the person, `retry_at` set if they must wait."""

    account: Account | None
    message: str = ""
    retry_at: datetime | None = None


# Making and changing accounts.


def create(db: Session, person_id: str, password: str | None, now: datetime) -> Account:
    """Let a person sign in. Raises NotFound; Conflict if they have an account or have left; Invalid."""
    email = _email(db, person_id)
    if db.get(Account, person_id) is not None:
        raise Conflict(_("%(person)s har en konto fra før. Gi den et nytt passord i stedet.", person=person_id))
    hashed = hasher.hash(checked(password, email)) if password is not None else None
    account = Account(
        person_id=person_id, password_hash=hashed, stamp=_stamp(), created_at=now, changed_at=now, locked_at=None
    )
    db.add(account)
    db.flush()
    _tell(db, "account-created", person_id, now)
    return account


def ensure(db: Session, person_id: str, now: datetime) -> Account:
    """The person's account, made without a password if there is none: for sign-in that others vouch for."""
    return db.get(Account, person_id) or create(db, person_id, None, now)


def reset(db: Session, person_id: str, password: str, now: datetime) -> Account:
    """Give a new password, open a locked account, end all sessions. Raises NotFound, Conflict, Invalid."""
    email = _email(db, person_id)
    account = _existing(db, person_id)
    account.password_hash = hasher.hash(checked(password, email))
    account.stamp, account.changed_at, account.locked_at = _stamp(), now, None
    db.execute(delete(SignInFailure).where(SignInFailure.login_key == _login_key(email)))
    db.flush()
    _tell(db, "account-reset", person_id, now)
    return account


def change_password(db: Session, person_id: str, old: str, new: str, now: datetime) -> Account:
    """The person's own change; other sessions end. Raises Invalid where the old one is wrong or the new one weak."""
    account = _existing(db, person_id)
    if not _matches(account.password_hash, old):
        raise Invalid(
            _("Passordet er ikke endret."), [FieldError("old", _("Passordet du har nå, er et annet. Skriv det igjen."))]
        )
    account.password_hash = hasher.hash(checked(new, _email(db, person_id)))
    account.stamp, account.changed_at = _stamp(), now
    db.flush()
    _tell(db, "password-changed", person_id, now)
    return account


def lock(db: Session, person_id: str, now: datetime) -> None:
    """Stop a person from signing in, and end their sessions. Nothing happens if it is locked. Raises NotFound."""
    account = _existing(db, person_id)
    if account.locked_at is None:
        account.locked_at, account.stamp = now, _stamp()
        db.flush()
        _tell(db, "account-locked", person_id, now)


def unlock(db: Session, person_id: str, now: datetime) -> None:
    """Let them sign in again with the password they had. Raises NotFound."""
    account = _existing(db, person_id)
    if account.locked_at is not None:
        account.locked_at = None
        db.flush()
        _tell(db, "account-unlocked", person_id, now)


def checked(password: str, email: str) -> str:
    """The password as it is hashed. Raises Invalid if it is too short, too long, or the e-mail address."""
    normal = _normal(password)
    said = normal.casefold()
    wrong = None
    if len(normal) < SHORTEST:
        wrong = _("Passordet må ha minst %(number)s tegn. Bruk gjerne flere ord.", number=SHORTEST)
    elif len(normal) > LONGEST:
        wrong = _("Passordet kan ha høyst %(number)s tegn.", number=LONGEST)
    elif said in {email.casefold(), email.casefold().partition("@")[0]}:
        wrong = _("Passordet kan ikke være e-postadressen. Velg et annet.")
    elif len(set(said)) < 4:
        wrong = _("Passordet er for lett å gjette. Bruk gjerne flere ord.")
    if wrong:
        raise Invalid(_("Passordet er ikke lagret."), [FieldError("password", wrong)])
    return normal


# Signing in.


def verify(db: Session, login: str, password: str, now: datetime) -> Verdict:
    """Try a password. Never raises, so that the caller's transaction keeps the count of failures.

    Takes as long for a login that nobody has. After five failures in a row each costs a wait that doubles, up to
    15 minutes; a wait is never longer, and is forgotten after a day. Locks the login's row: guesses come one by one.
    """
    tries = _tries(db, login, now)
    if (retry_at := _waits_until(tries, now)) is not None:
        return Verdict(None, _("Det har vært for mange forsøk. Vent litt, og prøv igjen."), retry_at)
    account = _by_login(db, login)
    right = _matches(account.password_hash if account else None, password)
    if account is None or not right or not _employed(db, account.person_id, now):
        tries.failures, tries.last_at = tries.failures + 1, now
        db.flush()
        return Verdict(None, _("E-postadressen eller passordet er feil. Prøv igjen."))
    db.delete(tries)
    if hasher.check_needs_rehash(account.password_hash or ""):
        account.password_hash = hasher.hash(_normal(password))
    db.flush()
    if account.locked_at is not None:
        return Verdict(None, _("Kontoen er stengt. Snakk med den som administrerer komp-flow hos dere."))
    return Verdict(account)


# With every page: the session that holds, and what the organisation is known by, which each page goes by too.
_HELD: Final = Prepared(
    select(Account.stamp, Account.locked_at, organisation.STAMP.label("organisation")).where(
        Account.person_id == bindparam("person")
    )
)


def signed_in(db: Session, person_id: str, stamp: str | None, now: datetime) -> str | None:
    """Whose session it is that still holds: not locked, not reset since, and the person works here."""
    account = _HELD.first(db, {"person": person_id})
    if account is None or account.locked_at is not None:
        return None
    if stamp is None or not hmac.compare_digest(stamp.encode(), account.stamp.encode()):
        return None
    organisation.learn(db, account.organisation)
    return person_id if _employed(db, person_id, now) else None


def _tries(db: Session, login: str, now: datetime) -> SignInFailure:
    """The login's row, locked: two guesses at once would else both count as the first."""
    old = select(SignInFailure.login_key).where(SignInFailure.last_at < now - FORGET_AFTER)
    forgotten = old.limit(1000).with_for_update(skip_locked=True)
    db.execute(
        delete(SignInFailure).where(SignInFailure.login_key.in_(forgotten)),
        execution_options={"synchronize_session": False},
    )
    insert = postgresql_insert if db.get_bind().dialect.name == "postgresql" else sqlite_insert
    key = _login_key(login)
    db.execute(insert(SignInFailure).values(login_key=key, failures=0, last_at=now).on_conflict_do_nothing())
    mine = select(SignInFailure).where(SignInFailure.login_key == key)
    return db.scalars(mine.with_for_update().execution_options(populate_existing=True)).one()


def _waits_until(tries: SignInFailure, now: datetime) -> datetime | None:
    if tries.failures < FREE_TRIES:
        return None
    doublings = min(tries.failures - FREE_TRIES, 10)
    until = tries.last_at + min(FIRST_WAIT * 2**doublings, LONGEST_WAIT)
    return until if now < until else None


def _by_login(db: Session, login: str) -> Account | None:
    key = login.strip().casefold()
    if len(key) > EMAIL * 2 or not key.isprintable():
        return None
    found = select(Account).join(Person, Person.id == Account.person_id)
    return db.scalars(found.where(Person.email_key == key, Person.left_at.is_(None))).first()


def _matches(hashed: str | None, password: str) -> bool:
    normal = _normal(password[: LONGEST * 4])
    try:
        return hasher.verify(hashed or _nobodys_hash(), normal) and hashed is not None
    except (Argon2Error, InvalidHashError):
        return False


def _normal(password: str) -> str:
    """The same letters, however the keyboard put them together; what is no character at all becomes a mark."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace").decode()


@cache
def _nobodys_hash() -> str:
    return hasher.hash(secrets.token_urlsafe(24))


def _login_key(login: str) -> str:
    return sha256(login.strip().casefold().encode("utf-8", "replace")).hexdigest()


def _employed(db: Session, person_id: str, now: datetime) -> bool:
    person = organisation.directory(db, now).person(person_id)
    return person is not None and person.employed


def _email(db: Session, person_id: str) -> str:
    person = db.get(Person, person_id)
    if person is None:
        raise NotFound(_("Det finnes ingen med ansattnummer %(person)s.", person=person_id[:40]))
    if person.left_at is not None:
        raise Conflict(_("%(person)s har sluttet. Ingenting er endret.", person=person_id))
    return person.email


def _existing(db: Session, person_id: str) -> Account:
    account = db.get(Account, person_id, with_for_update=True)
    if account is None:
        raise NotFound(_("%(person)s har ingen konto. Lag en først.", person=person_id[:40]))
    return account


def _stamp() -> str:
    return secrets.token_hex(16)


def _tell(db: Session, what: str, person_id: str, now: datetime) -> None:
    audit.record(db, STREAM, [audit.Entry(what=what, detail={"person": person_id})], now)
