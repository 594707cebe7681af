"""Prepared statements as PostgreSQL gets them: many in one round trip, each parsed by the server once a connection.

With a cursor of psycopg every statement is a round trip of its own and more Python than all else that is done with it.
Here what nobody waits for (`later`) goes with the next statement that somebody does wait for, in libpq's pipeline, and
a transaction's BEGIN goes with its first. The order stays, and so does what an error does: nothing after it is done.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from psycopg import errors, pq
from psycopg.abc import PQGen
from psycopg.adapt import PyFormat, Transformer
from psycopg.generators import fetch_many, send

if TYPE_CHECKING:
    import psycopg
    from psycopg.pq.abc import PGconn, PGresult

    from komp_flow.db.postgresql import Patient

Check = Callable[[int], None]  # is told how many rows a statement changed, and raises if it must
_IDLE: Final = pq.TransactionStatus.IDLE
_GONE_WELL: Final = {pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK, pq.ExecStatus.PIPELINE_SYNC}
_MARKED: Final = re.compile(r"%\((.*?)\)s|%%")


class Query:
    """One statement's text as the server has it. `planned_once`: how to run it is worked out for any values."""

    __slots__ = ("planned_once", "text")

    def __init__(self, text: str, names: Sequence[str], *, planned_once: bool = False) -> None:
        """`text` is in psycopg's way: `%(name)s`, and `%%` for a percent sign. `names`: in what order values come."""
        self.planned_once = planned_once
        places = {name: f"${place}" for place, name in enumerate(names, 1)}
        self.text = _MARKED.sub(lambda mark: places[mark[1]] if mark[1] else "%", text).encode()


# By whether what follows is planned once. It is the transaction's own: psycopg's statements are planned as ever.
_PLANNING: Final = {
    True: Query("SET LOCAL plan_cache_mode = force_generic_plan", ()),
    False: Query("SET LOCAL plan_cache_mode = DEFAULT", ()),
}


class _Letter:
    """A statement, and all rows of values that it is sent with; who is told what came of them, if anybody is."""

    __slots__ = ("query", "rows", "told")

    def __init__(
        self, query: Query, rows: list[tuple[Any, Any]], told: Callable[[list[PGresult]], None] | None = None
    ) -> None:
        self.query, self.rows, self.told = query, rows, told


class Post:
    """What one connection sends. Its transactions are the connection's own."""

    def __init__(self, connection: Patient) -> None:
        self._connection, self._line = connection, connection.pgconn
        self._converts = Transformer(connection)
        self._waits: list[_Letter] = []
        self._known: dict[bytes, bytes] = {}  # what the server has parsed, and the name that it has there
        self._numbers = count()

    def later(self, query: Query, rows: Sequence[Sequence[Any]], check: Check | None = None) -> None:
        """It is sent with the next that is waited for."""
        told = (lambda results: check(_changed(results))) if check is not None else None
        self._waits.append(_Letter(query, self._converted(rows), told))

    def promise(self, query: Query, values: Sequence[Any]) -> Callable[[], list[Any]]:
        """It is sent with the next that is waited for; what is answered gives the rows that it found."""
        found: list[list[Any]] = []
        self._waits.append(_Letter(query, self._converted([values]), lambda results: found.append(self._rows(results))))

        def kept() -> list[Any]:
            self.settle()
            return found[0]

        return kept

    def ask(self, query: Query, rows: Sequence[Sequence[Any]]) -> tuple[list[Any], int]:
        """Send it now, after all that waits. Answers the rows that it found, and how many it changed."""
        (results,) = self._sent([_Letter(query, self._converted(rows))])
        return self._rows(results), _changed(results)

    def settle(self) -> None:
        """All that waits is sent."""
        if self._waits:
            self._sent([])

    def forget(self) -> None:
        """What waits is never sent: it is taken back with its transaction or savepoint."""
        self._waits.clear()

    def _converted(self, rows: Sequence[Sequence[Any]]) -> list[tuple[Any, Any]]:
        """Values go as text, all but bytes, and the server sees from the statement of which types they are."""
        converts, converted = self._converts, []
        for values in rows:
            ways = [PyFormat.BINARY if isinstance(value, bytes) else PyFormat.TEXT for value in values]
            converted.append((converts.dump_sequence(values, ways), converts.formats))
        return converted

    def _rows(self, results: Sequence[PGresult]) -> list[Any]:
        self._converts.set_pgresult(results[-1])
        return self._converts.load_rows(0, results[-1].ntuples, tuple)

    def _sent(self, asked: list[_Letter]) -> list[list[PGresult]]:
        """Send all that waits, and then this; answers the results of what is asked."""
        waited, self._waits = self._waits, []
        results = iter(self._exchanged([*waited, *asked]))
        for letter in waited:
            mine = [next(results) for _row in letter.rows]
            if letter.told is not None:
                letter.told(mine)
        return [[next(results) for _row in letter.rows] for letter in asked]

    def _exchanged(self, letters: Sequence[_Letter]) -> list[PGresult]:
        """One round trip. Answers a result for each row of each letter. Raises the first error, as psycopg would."""
        line = self._line
        line.enter_pipeline_mode()
        try:
            sent = self._put(letters)
            line.pipeline_sync()
            results = self._connection.wait(_received(line, len(sent) + 1))
        except BaseException:
            line.finish()  # nobody knows what the server has done of it
            raise
        line.exit_pipeline_mode()
        wrong = [place for place, result in enumerate(results) if result.status not in _GONE_WELL]
        for place in wrong:
            self._known.pop(sent[place] or b"", None)  # it may be that the server did not come so far as to parse it
        if wrong:
            raise errors.error_from_result(results[wrong[0]], encoding=self._connection.info.encoding)
        return [result for result, parsed in zip(results, sent, strict=False) if parsed is None]

    def _put(self, letters: Sequence[_Letter]) -> list[bytes | None]:
        """Into the line. Answers for each result that will come: None of a row, else the text that was parsed."""
        line = self._line
        sent: list[bytes | None] = []
        if line.transaction_status == _IDLE and not self._connection.autocommit:
            line.send_query_params(_beginning(self._connection), None)
            sent.append(b"")
        once = False
        for letter in letters:
            if letter.query.planned_once is not once:
                once = not once
                self._plan(once, sent)
            name = self._named(letter.query, sent)
            for values, formats in letter.rows:
                line.send_query_prepared(name, values, param_formats=formats)
            sent += [None] * len(letter.rows)
        if once:
            self._plan(False, sent)
        return sent

    def _named(self, query: Query, sent: list[bytes | None]) -> bytes:
        """The name that the server has for it; it is told now if it has none."""
        name = self._known.get(query.text)
        if name is None:
            name = self._known[query.text] = f"komp_flow_{next(self._numbers)}".encode()
            self._line.send_prepare(name, query.text)
            sent.append(query.text)
        return name

    def _plan(self, once: bool, sent: list[bytes | None]) -> None:
        """Say whether what is sent from here on is planned once."""
        self._line.send_query_prepared(self._named(_PLANNING[once], sent), ())
        sent.append(b"")


def _received(line: PGconn, number: int) -> PQGen[list[PGresult]]:
    yield from send(line)
    results: list[PGresult] = []
    for _result in range(number):
        results += yield from fetch_many(line)
    return results


def _changed(results: Sequence[PGresult]) -> int:
    return sum(result.command_tuples or 0 for result in results)


def _beginning(connection: psycopg.Connection[Any]) -> bytes:
    """How the connection begins a transaction when it does so itself."""
    level, reads = connection.isolation_level, connection.read_only
    text = "BEGIN"
    if level is not None:
        text += f" ISOLATION LEVEL {level.name.replace('_', ' ')}"
    if reads is not None:
        text += " READ ONLY" if reads else " READ WRITE"
    return text.encode()
