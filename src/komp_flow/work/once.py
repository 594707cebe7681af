"""The same request sent twice gets the same answer: an idempotency key, kept with what was answered (interface.md)."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from komp_flow.errors import FieldError, Invalid, KeyReused
from komp_flow.i18n import _
from komp_flow.organisation import Actor
from komp_flow.work.lines import Answer
from komp_flow.work.models import AnsweredKey

KEPT: Final = timedelta(hours=24)
LONGEST: Final = 200
_SORTED: Final = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
Action = Callable[[], Answer | tuple[int, Any]]


def fingerprint(*parts: object) -> bytes:
    """What tells one request from another, of parts that are bytes, text or plain JSON."""
    return b"\0".join(part if isinstance(part, bytes) else orjson.dumps(part, option=_SORTED) for part in parts)


def once(db: Session, actor: Actor, key: str | None, body: bytes, now: datetime, action: Action) -> Answer:  # noqa: PLR0917
    """Do `action`, which answers a status and a body of plain JSON, unless this key was answered: then that answer.

    `body` is what tells one request from another: its address and its bytes. The key is taken in the same transaction
    as the action, so of two that come at once one waits and then repeats. What raises leaves the key free, and
    nothing that the action has written. KeyReused: the key came with another body. Without a key the action is done.
    """
    if key is None:
        return _answer(action())
    if not 0 < len(key) <= LONGEST or not key.isprintable():
        raise Invalid(
            _("Nøkkelen «Idempotency-Key» må ha mellom 1 og %(most)s vanlige tegn. Ingenting er endret.", most=LONGEST),
            [FieldError("Idempotency-Key", _("Lag en ny nøkkel."))],
        )
    # Keyed: a bare hash of a short answer in a talk could be guessed by whoever has the database.
    person, digest = actor.person_id or "", hmac.digest(db.info["trail_key"], body, "sha256").hex()
    with db.begin_nested():
        taken = _take(db, person, key, digest, now)
        known = db.get_one(AnsweredKey, (person, key), populate_existing=True)
        if taken:
            answer = _answer(action())
            known.status, known.body, known.headers = answer.status, answer.body, dict(answer.headers)
            db.flush()
            return answer
    if known.body_hash != digest:
        raise KeyReused(
            _("Nøkkelen «Idempotency-Key» er brukt før, til noe annet. Ingenting er endret. Lag en ny nøkkel.")
        )
    return Answer(known.status, known.body, repeated=True, headers=known.headers)


def _answer(found: Answer | tuple[int, Any]) -> Answer:
    return found if isinstance(found, Answer) else Answer(*found)


def _take(db: Session, person: str, key: str, digest: str, now: datetime) -> bool:
    """Whether the key was free. Waits, on PostgreSQL, for one who is at it; on SQLite there is one writer anyway."""
    old = AnsweredKey.created_at <= now - KEPT
    db.execute(delete(AnsweredKey).where(AnsweredKey.person_id == person, old))
    make = postgresql_insert if db.get_bind().dialect.name == "postgresql" else sqlite_insert
    row = {"person_id": person, "key": key, "body_hash": digest, "status": 0, "body": None, "created_at": now}
    taken = db.connection().execute(
        make(AnsweredKey).on_conflict_do_nothing().returning(AnsweredKey.key), [row | {"headers": {}}]
    )
    return taken.first() is not None
