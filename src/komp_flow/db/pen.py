"""What a step writes: sent at once, or kept until the rows of many steps are sent together, a kind in one statement."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Final

from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.orm import Session

from komp_flow.db.prepared import Alike, Check, Prepared, settle
from komp_flow.errors import Conflict
from komp_flow.i18n import _

Rows = Sequence[Mapping[str, Any]]
Kept = dict[Prepared, list[Mapping[str, Any]]]
Copies = dict[Prepared, list[Alike]]  # of each statement as many rows of each pattern
_FIRST: Final = {"instance": 0, "message": 0, "task": 1}  # tables that the others refer to; all others are equal


class Pen:
    """Writes at once: the pen of a step alone in its transaction.

    `heads` is what is known of the ends of trails (`audit.heads`).
    """

    keeps = False

    def __init__(self, db: Session) -> None:
        self.db = db
        self.heads: dict[str, Any] = {}
        self.settled = False  # something may have written by itself

    def write(self, statement: Prepared, rows: Rows, *, exactly: bool = False) -> None:
        """These rows are to be written; `exactly`: each changes one row. What is read later in the transaction sees
        them only after `settle`.
        """
        statement.write(self.db, rows, _each_of(len(rows)) if exactly else None)

    def settle(self) -> None:
        """Something is about to read what was written, or to write by itself: all rows stand in the database now."""
        self.heads.clear()
        self.settled = True


class KeepingPen(Pen):
    """Keeps the rows of many steps, each inside `step()`, and sends them when it must, or with `send`.

    What a failed step wrote is not sent. Where some of it was sent, or something wrote by itself, a savepoint undoes
    it, which other steps do not pay for.
    """

    keeps = True

    def __init__(self, db: Session, *, undoes: bool = True) -> None:
        """`undoes` is false where a step that fails takes the whole transaction with it anyway."""
        super().__init__(db)
        self._undoes = undoes
        self.undid = False  # whether the step that failed last had a savepoint
        self._done: Kept = {}
        self._copies: list[Callable[[], Copies]] = []
        self._mine: Kept = {}
        self._exact: set[Prepared] = set()
        self._undo: ExitStack | None = None  # of the step: a savepoint goes in it
        self._is_undoable = False

    @property
    def mine(self) -> Kept | None:
        """All that this step has written, as long as none of it was sent and nothing wrote by itself; else None."""
        return None if self._is_undoable else self._mine

    def write(self, statement: Prepared, rows: Rows, *, exactly: bool = False) -> None:
        """Kept until they are sent."""
        if rows:
            self._mine.setdefault(statement, []).extend(rows)
        if exactly:
            self._exact.add(statement)

    def add(self, copies: Callable[[], Copies]) -> None:
        """Kept too, beside what is done: rows that are made when they are sent. No two of them change the same row."""
        self._copies.append(copies)

    def settle(self) -> None:
        """All rows are sent; those of this step, and what comes, can be undone."""
        if self._undo is not None and not self._is_undoable:
            self._sent(self._done, self._copies)
            if self._undoes:
                self._undo.enter_context(self.db.begin_nested())
            self._is_undoable = True
        self._sent(self._mine)
        self.heads.clear()

    @contextmanager
    def step(self) -> Iterator[None]:
        """One step writes; if it raises, nothing of it is left."""
        self._mine, self._is_undoable = {}, False
        try:
            with ExitStack() as self._undo:
                yield
                if self._is_undoable:
                    self._sent(self._mine)
        except BaseException:
            self.undid = self._is_undoable
            raise
        else:
            for statement, rows in self._mine.items():
                self._done.setdefault(statement, []).extend(rows)
        finally:
            self._undo, self._mine, self._is_undoable = None, {}, False

    def send(self) -> None:
        """All that is kept is written. Conflict: somebody else was there first."""
        self._sent(self._done, self._copies)

    def _sent(self, kept: Kept, copies: list[Callable[[], Copies]] | None = None) -> None:
        rows, many = dict(kept), [made() for made in copies or ()]
        kept.clear()
        if copies:
            copies.clear()
        for statement in in_turn({*rows, *(statement for made in many for statement in made)}):
            exactly, mine = _each_of if statement in self._exact else None, rows.get(statement, ())
            statement.write(self.db, mine, exactly and exactly(len(mine)))
            for made in many:
                if statement in made:
                    statement.write_alike(self.db, made[statement], exactly)
        if rows or many:
            settle(self.db)


def in_turn(statements: Iterable[Prepared]) -> list[Prepared]:
    """What is changed and removed comes before what is new (an element may wait again under its key), and tables that
    others refer to come first.
    """
    return sorted(statements, key=lambda it: (it.is_insert, _FIRST.get(it.table, len(_FIRST))))


class _Meanwhile(Conflict, DontWrapMixin):
    """Found out when SQLAlchemy was about to send something else, which then has not failed."""


def _each_of(number: int) -> Check:
    """Conflict: so many did not change one row each."""

    def check(changed: int) -> None:
        if changed != number:
            raise _Meanwhile(_("Noen andre endret saken samtidig. Ingenting er endret. Prøv på nytt."))

    return check
