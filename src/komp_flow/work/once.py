"""The same request sent twice gets the same answer: an idempotency key, kept with what was answered (interface.md)."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any, Final, cast

import orjson
from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from komp_flow.db.prepared import Prepared
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


def once(  # noqa: PLR0917
    db: Session, actor: Actor, key: str | None, body: bytes, now: datetime, action: Action, *, goes_on: bool = True
) -> Answer:
    """Do `action`, which answers a status and a body of plain JSON, unless this key was answered: then that answer.

    `body` is what tells one request from another: its address and its bytes. The key is taken in the same transaction
    as the action, so of two that come at once one waits and then repeats. What raises leaves the key free, and
    nothing that the action has written; `goes_on` false: the caller's transaction ends with it anyway, and needs no
    savepoint. KeyReused: the key came with another body. Without a key the action is done.
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
    taken = {"person": person, "key": key, "digest": digest, "now": now}
    with db.begin_nested() if goes_on else nullcontext():
        if _take(db, taken):
            answer = _answer(action())
            kept = {"status": answer.status, "body": answer.body, "headers": dict(answer.headers)}
            _KEEP.write(db, [{"person": person, "of": key, **kept}])
            return answer
    known: Any = _KNOWN.first(db, {"person": person, "of": key})
    if known.body_hash != digest:
        raise KeyReused(
            _("Nøkkelen «Idempotency-Key» er brukt før, til noe annet. Ingenting er endret. Lag en ny nøkkel.")
        )
    return Answer(known.status, known.body, repeated=True, headers=known.headers)


def _answer(found: Answer | tuple[int, Any]) -> Answer:
    return found if isinstance(found, Answer) else Answer(*found)


def _take(db: Session, taken: Mapping[str, Any]) -> bool:
    """Whether the key was free, or has been known too long. Waits, on PostgreSQL, for one who is at it; on SQLite
    there is one writer anyway.
    """
    row = {"person_id": taken["person"], "key": taken["key"], "body_hash": taken["digest"], "status": 0, "body": None}
    row |= {"headers": {}, "created_at": taken["now"], "old": taken["now"] - KEPT}
    return bool(_TAKE[db.get_bind().dialect.name].run(db, row))


def _taking(insert: Any) -> Prepared:
    found, old = insert.excluded, _ROW.c.created_at <= bindparam("old")
    written = {name: found[name] for name in ("body_hash", "status", "body", "headers", "created_at")}
    return Prepared(
        insert.on_conflict_do_update(index_elements=[_ROW.c.person_id, _ROW.c.key], set_=written, where=old)
    )


_ROW: Final = cast("Table", AnsweredKey.__table__)
_MINE: Final = (_ROW.c.person_id == bindparam("person"), _ROW.c.key == bindparam("of"))
_TAKE: Final = {
    "postgresql": _taking(postgresql_insert(_ROW)),
    "sqlite": _taking(sqlite_insert(_ROW)),
}
_KNOWN: Final = Prepared(select(_ROW).where(*_MINE))
_KEEP: Final = Prepared(
    update(_ROW).where(*_MINE).values(status=bindparam("status"), body=bindparam("body"), headers=bindparam("headers"))
)
