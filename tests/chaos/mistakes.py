"""Mistakes that one could make in the product, planted on purpose: the oracle must turn red at each.

And a few that must do no harm, because the rows are the truth and the bell only says when to look.
"""

from __future__ import annotations

import dataclasses
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, Final

import psycopg
from sqlalchemy import bindparam, case, delete, null, update

from komp_flow import app, bell, requests, work
from komp_flow.db import postgresql, prepared
from komp_flow.engine.many import alike
from komp_flow.engine.memory import codec
from komp_flow.engine.stored import projection
from komp_flow.engine.tables import DELIVERY
from komp_flow.errors import Conflict
from komp_flow.notifications import mails
from komp_flow.notifications.models import Mail
from komp_flow.work.models import TaskDraft

LATE: Final = 5.0  # seconds between an answer that came too early and its commit, where nobody reads meanwhile
KEPT: Final = 60.0  # seconds that a cache believes what it knows


def plant(name: str) -> None:
    """Make this mistake in the process that is about to begin. KeyError: there is none of this name."""
    (MISTAKES | HARMLESS)[name]()


def stale_read() -> None:
    """A cache of states that nobody tells of changes: a step begins from what another has left behind."""
    load, known = codec.load, {}

    def cached(blob: bytes, host: Any) -> Any:
        instance, now = host._row.id, time.monotonic()
        found, at = known.get(instance, (blob, -KEPT))
        if now - at < KEPT:
            return load(found, host)
        known[instance] = (blob, now)
        return load(blob, host)

    codec.load = cached


def early_answer() -> None:
    """The client is told before it is kept, which is done when the next has read, or wants to write."""
    commit, close, session = (getattr(requests.Transactions, name) for name in ("commit", "close", "session"))
    waiting: list[threading.Event] = []

    def later(self: requests.Transactions) -> bool:
        if not self._writing or self._block is None:
            return commit(self)
        mine = requests.Transactions(self._database, writing=True)
        mine._block, mine._session = self._block, self._session
        self._block = self._session = None
        self._writing = False
        read = threading.Event()
        waiting.append(read)
        threading.Thread(target=lambda: (read.wait(LATE), commit(mine)), daemon=True).start()
        return True

    def closed(self: requests.Transactions) -> None:
        close(self)
        if not requests.writing():
            let_go()

    def opened(self: requests.Transactions) -> Any:
        if self._writing and self._session is None:
            let_go()
        return session(self)

    def let_go() -> None:
        while waiting:
            waiting.pop().set()

    requests.Transactions.session = opened  # type: ignore[method-assign]
    requests.Transactions.commit = later  # type: ignore[method-assign]
    requests.Transactions.close = closed  # type: ignore[method-assign]


def missing_key() -> None:
    """The idempotency key is read, and nothing is done with it."""
    once = work.once

    def unkeyed(db: Any, actor: Any, _key: Any, *rest: Any, **more: Any) -> Any:
        return once(db, actor, None, *rest, **more)

    work.once = unkeyed


def double_claim() -> None:
    """Two workers take the same row: the first to do it does not mark it as done for the other."""
    seen = case((DELIVERY.c.outcome.is_(None), null()), else_=bindparam("at", type_=DELIVERY.c.done_at.type))
    statement = update(DELIVERY).where(DELIVERY.c.id == bindparam("delivery"))
    module: Any = sys.modules["komp_flow.engine.many.due"]  # the package has a function of that name
    assert hasattr(module, "_DELIVERED")
    module._DELIVERED = prepared.Prepared(statement.values(done_at=seen, outcome=bindparam("how")))


def half_written() -> None:
    """What an instance has stopped waiting for stays in the list of what it waits for."""
    write = projection.write_subscriptions

    def half(place: Any, before: Any, after: Any) -> Any:
        new = tuple(wait for wait in after.subscriptions if wait not in before.subscriptions)
        return write(
            place, dataclasses.replace(before, subscriptions=()), dataclasses.replace(after, subscriptions=new)
        )

    projection.write_subscriptions = half


def forgotten_draft() -> None:
    """Who comes second loses what they had written."""
    complete = work.complete

    def forgetful(db: Any, task_id: Any, *rest: Any, **more: Any) -> Any:
        done = complete(db, task_id, *rest, **more)
        db.execute(delete(TaskDraft).where(TaskDraft.task_id == task_id))
        return done

    work.complete = forgetful


def polite_answer() -> None:
    """Who comes second is told that all is well."""
    complete = work.complete

    def polite(db: Any, task_id: Any, *rest: Any, **more: Any) -> Any:
        try:
            return complete(db, task_id, *rest, **more)
        except Conflict:
            return work.Done(task_id, task_id, ())

    work.complete = polite


def sent_twice() -> None:
    """A mail that was sent is not noted as sent the first time: two workers each send it."""
    sent, seen = mails.sent, set()

    def forgotten(db: Any, mail_id: Any, now: Any) -> None:
        if mail_id in seen:
            sent(db, mail_id, now)
            return
        seen.add(mail_id)
        mail = db.get(Mail, mail_id)
        mail.lease, mail.next_try_at = None, now

    mails.sent = forgotten


def too_alike() -> None:
    """Steps of a batch are taken for equal where instances know different things: all get what the first knows."""
    form = alike.form

    def careless(blob: bytes, until: Any) -> Any:
        found = form(blob, until)
        return found and found._replace(key=b"")

    alike.form = careless


def unsent_letter() -> None:
    """What nobody waited for is forgotten at the commit, where it should go before it."""

    def careless(self: postgresql.Patient) -> None:
        self.post.forget()
        psycopg.Connection.commit(self)

    postgresql.Patient.commit = careless  # type: ignore[method-assign]


def lost_bell() -> None:
    """Nobody is told of what is due: it is found by looking."""
    bell.ring = lambda *_about: None
    _hang(lambda ring: lambda: None)


def doubled_bell() -> None:
    """Everybody is told three times."""
    ring = bell.ring
    bell.ring = lambda *about: [ring(*about) for _ in range(3)] and None
    _hang(lambda ring: lambda: [ring() for _ in range(3)] and None)


def _hang(change: Callable[[Callable[[], None]], Callable[[], None]]) -> None:
    """Put something between a request that has written and the tick."""
    dispatch = app.Application.dispatch_request

    def dispatched(self: app.Application) -> Any:
        ring = self.extensions["ring"]
        if not hasattr(ring, "changed"):
            self.extensions["ring"] = changed = change(ring)
            changed.changed = True  # type: ignore[attr-defined]
        return dispatch(self)

    app.Application.dispatch_request = dispatched  # type: ignore[method-assign]


Plant = Callable[[], None]
MISTAKES: Final[dict[str, Plant]] = {
    "stale-read": stale_read,
    "early-answer": early_answer,
    "missing-key": missing_key,
    "double-claim": double_claim,
    "half-written": half_written,
    "forgotten-draft": forgotten_draft,
    "polite-answer": polite_answer,
    "sent-twice": sent_twice,
    "too-alike": too_alike,
    "unsent-letter": unsent_letter,
}
# What the oracle must find, of these kinds at least one. Something else beside it is no wonder.
SHOWS: Final = {
    "stale-read": {"half"},
    "early-answer": {"stale"},
    "missing-key": {"doubled", "answers"},
    "double-claim": {"doubled"},
    "half-written": {"half"},
    "forgotten-draft": {"lost"},
    "polite-answer": {"lost", "doubled"},
    "sent-twice": {"doubled"},
    "too-alike": {"lost"},
    "unsent-letter": {"lost"},
}
MAILING: Final = {"sent-twice"}  # seen only where mail is sent
ON_POSTGRESQL: Final = {"unsent-letter"}  # only there is anything sent together
IN_BATCHES: Final = {"too-alike"}  # only where many rows are done together, not where each is a job
NEVER_RESTS: Final = {"stale-read", "half-written", "unsent-letter"}  # nothing to be learnt from waiting for it
HARMLESS: Final[dict[str, Plant]] = {"lost-bell": lost_bell, "doubled-bell": doubled_bell}
