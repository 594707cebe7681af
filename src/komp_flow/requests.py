"""What a request works with: its transaction, `db()`; the files that it carries, bounded; the file that it asks for."""

from __future__ import annotations

import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from types import TracebackType
from typing import IO, Any, Final, TypeVar, cast
from urllib.parse import quote
from uuid import UUID

import flask
from flask import current_app, g, request
from sqlalchemy.orm import Session

from komp_flow import files, work
from komp_flow.db import Database
from komp_flow.forms.attachments import LARGEST
from komp_flow.registers import sealing

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

    def note_readings(self) -> None:
        """Write down whose sealed texts this request opens, before they are shown: what cannot be noted is not shown.

        In the same transaction where it writes; else in one of its own, when the one that only reads has ended.
        """
        if self._session is None or not work.to_note(sealing.opened_in(self._session), _reader()):
            return
        if self._writing:
            work.note_readings(self._session, sealing.opened_in(self._session), _reader(), g.now)
            return
        opened = set(sealing.opened_in(self._session))
        self._end(None)
        self._note_apart(opened)

    def roll_back_shown(self) -> None:
        """Forget what was to be written, but not that what was opened is shown all the same."""
        opened = set(sealing.opened_in(self._session)) if self._session is not None else set()
        self.roll_back()
        self._note_apart(opened)

    def _note_apart(self, opened: set[sealing.Opened]) -> None:
        if work.to_note(opened, _reader()):
            with self._database.transaction() as session:
                work.note_readings(session, opened, _reader(), g.now)

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


def _reader() -> str | None:
    """Who is calling, as a reading is noted."""
    actor = g.get("actor")
    return actor.person_id if actor is not None else None


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


MOST_CARRIED: Final = 64 * 1024 * 1024  # bytes of a request: what is typed beside a file that is too large gets in
MOST_FILES: Final = 20  # of one request
IN_MEMORY: Final = 64 * 1024  # bytes of a file before it goes to the disk
SEALED_OFF: Final = "default-src 'none'; sandbox"


def carries_files(view: V, *, each: int = LARGEST) -> V:
    """Marks a view that takes files of at most so many bytes, and looks at their size: its requests may be larger."""
    view.carries_files = each  # type: ignore[attr-defined]
    return view


class Carried(tempfile.SpooledTemporaryFile[bytes]):
    """A file on its way in: what is over the bound is let go, so that its size says that it was too large."""

    def __init__(self, most: int) -> None:
        super().__init__(max_size=IN_MEMORY)
        self._room = most + 1

    def write(self, data: Any) -> int:
        """As much as there is room for; the rest counts as written."""
        kept = memoryview(data)[: self._room]
        self._room -= len(kept)
        if kept:
            super().write(bytes(kept))
        return len(data)


class Request(flask.Request):
    """Flask's, whose files are bounded one by one: one that is too large does not cost what was typed beside it."""

    _carried: tuple[Carried, ...] = ()

    @property
    def max_content_length(self) -> int | None:
        """More where the view takes files, from those who are signed in or whom the view itself asks who they are."""
        if (
            self._max_content_length is None
            and self._each() is not None
            and (self._by_token() or "person" in flask.session)
        ):
            return MOST_CARRIED
        return super().max_content_length

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        self._max_content_length = value

    def _by_token(self) -> bool:
        """The API goes by tokens, which are looked at before the body is."""
        return self.path.startswith("/api/")

    def _each(self) -> int | None:
        """How large a file may be where files are looked at one by one; elsewhere the request as a whole is bounded."""
        return getattr(current_app.view_functions.get(self.endpoint or ""), "carries_files", None)

    def _get_file_stream(self, *_about: Any, **_more: Any) -> IO[bytes]:
        each = self._each()
        made = Carried(MOST_CARRIED if each is None else each if len(self._carried) < MOST_FILES else 0)
        self._carried = (*self._carried, made)
        return cast("IO[bytes]", made)

    def close(self) -> None:
        """Let go of the files that came, also of those of a request that was not read to its end."""
        for file in self._carried:
            file.close()


def sent_file(line: work.FileLine) -> flask.Response:
    """The file to be kept by who asked for it: never shown in the browser, piece by piece from the database."""
    answer = flask.Response(_pieces(current_app.extensions["database"], UUID(line.id), line.pieces))
    answer.headers["Content-Type"] = line.media
    answer.headers["Content-Length"] = str(line.size)
    answer.headers.set("Content-Disposition", "attachment", **_named(line.name))
    answer.headers["Content-Security-Policy"] = SEALED_OFF
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


def _named(name: str) -> dict[str, str]:
    """The name for old programs in ASCII, and as it is (RFC 6266 section 4.3)."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode() or "fil"
    whole = {"filename*": f"UTF-8''{quote(name, safe='')}"} if plain != name else {}
    return {"filename": plain, **whole}


def _pieces(database: Database, file_id: UUID, count: int) -> Iterator[bytes]:
    """Each in a transaction of its own: a slow reader holds none open."""
    for number in range(count):
        with database.reading() as session:
            found = files.piece(session, file_id, number)
        yield found
