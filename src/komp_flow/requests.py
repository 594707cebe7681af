"""One request's transaction, opened when it is first needed: `db()` is the session of the request being served."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from types import TracebackType
from typing import Any, TypeVar

from flask import current_app, g, request
from sqlalchemy.orm import Session

from komp_flow.db import Database

V = TypeVar("V", bound=Callable[..., Any])


class Transactions:
    """Opens at the first `session()`; ends once, by `commit` or `roll_back`; a later call opens a reading one."""

    def __init__(self, database: Database, *, writing: bool) -> None:
        self._database = database
        self._writing = writing
        self._block: AbstractContextManager[Session, bool | None] | None = None
        self._session: Session | None = None

    def session(self) -> Session:
        """The open session: a writing one for what changes things, a reading one for GET and HEAD."""
        if self._session is None:
            self._block = self._database.transaction() if self._writing else self._database.reading()
            self._session = self._block.__enter__()
        return self._session

    def commit(self) -> bool:
        """Keep it; answers whether there was anything that could be kept. Raises what the database raises."""
        wrote = self._writing and self._block is not None
        self._end(None)
        return wrote

    def roll_back(self) -> None:
        """Forget it."""
        self._end(_RolledBack())

    def close(self) -> None:
        """At the request's end, whatever happened: an open transaction is rolled back."""
        self.roll_back()

    def _end(self, error: BaseException | None) -> None:
        block, self._block, self._session, self._writing = self._block, None, None, False
        if block is None:
            return
        trace: TracebackType | None = None
        with suppress(_RolledBack):
            block.__exit__(type(error) if error else None, error, trace)


class _RolledBack(Exception):
    """Not an error: the way to leave a transaction without keeping it."""


def db() -> Session:
    """The session of the request that is being served."""
    transactions: Transactions = g.transactions
    return transactions.session()


def reads(view: V) -> V:
    """Marks a view that only reads, although its method is not GET: it makes no writer wait."""
    view.reads = True  # type: ignore[attr-defined]
    return view


def writing() -> bool:
    """Whether the request that is being served may change something."""
    view = current_app.view_functions.get(request.endpoint or "")
    return request.method not in {"GET", "HEAD", "OPTIONS"} and not getattr(view, "reads", False)
