"""Statements of the hot path: written with SQLAlchemy, compiled once for each database, sent straight to the driver.

What SQLAlchemy Core does around each execution (cache keys, contexts, results) costs ten times what SQLite takes to run
a small statement. Here only the conversions of its types are kept. The transaction, the connection and its errors stay
SQLAlchemy's, and so do those who listen for statements on the engine.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from sqlalchemy import Connection, Dialect, Insert, Table, UpdateBase
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler

from komp_flow.db import alike, conversions

if TYPE_CHECKING:
    from komp_flow.db.post import Post, Query

Values = Mapping[str, Any]
Check = Callable[[int], None]
NONE: Final[Values] = {}
CONNECTION: Final = "connection"  # in a session's `info`
_NAMED: Final[Any] = namedtuple  # whose fields are known when a statement is compiled


class Alike(NamedTuple):
    """Rows that are as one but for what is each one's own, by name, as the driver takes it (an id in hex)."""

    like: Values
    own: Mapping[str, Sequence[Any]]


class Prepared:
    """One Core statement. Its values are those of its `bindparam`s; an insert takes the columns of its first row too.

    Raises what SQLAlchemy raises. Rows are named tuples. Not for `in_` with a list, whose text varies.

    `planned_once`: PostgreSQL works out for any values how to run it. For statements whose way is the same whatever the
    values are: to work it out anew each time, as it does where it expects to gain, takes longer than to run them.
    """

    def __init__(self, statement: Any, *, planned_once: bool = False) -> None:
        self._statement, self._planned_once = statement, planned_once
        self.table = str(cast("Table", statement.table).name) if isinstance(statement, UpdateBase) else ""  # written to
        self.is_insert = isinstance(statement, Insert)
        self._columns = frozenset(statement.table.c.keys()) if self.is_insert else frozenset()
        self._compiled: dict[tuple[type[Dialect], tuple[str, ...]], _Compiled] = {}

    def all(self, db: Session | Connection, values: Values = NONE) -> list[Any]:
        """Every row."""
        made, found = self._fetched(db, values)
        return [made.row(row) for row in found]

    def first(self, db: Session | Connection, values: Values = NONE) -> Any | None:
        """The first row, if there is one."""
        made, found = self._fetched(db, values)
        return made.row(found[0]) if found else None

    def promise(self, db: Session | Connection, values: Values = NONE) -> Callable[[], Any | None]:
        """As `first`, where something else is read before the answer is wanted: both are then sent together, this
        first. What is answered gives the row.
        """
        found = self.promise_all(db, values)

        def kept() -> Any | None:
            rows = found()
            return rows[0] if rows else None

        return kept

    def promise_all(self, db: Session | Connection, values: Values = NONE) -> Callable[[], list[Any]]:
        """As `promise`, of `all`."""
        connection = _connection(db)
        made = self._for(connection, values)
        found = _promised(connection, made, made.converted(values))
        return lambda: [made.row(row) for row in found()]

    def scalar(self, db: Session | Connection, values: Values = NONE) -> Any | None:
        """The first column of the first row, if there is one."""
        row = self.first(db, values)
        return row[0] if row is not None else None

    def run(self, db: Session | Connection, values: Values = NONE) -> int:
        """Do it; answers how many rows it changed."""
        return self.run_each(db, [values])

    def run_each(self, db: Session | Connection, rows: Sequence[Values]) -> int:
        """Do it once for each of these; all have the same names. Answers how many rows it changed in all."""
        if not rows:
            return 0
        connection = _connection(db)
        made = self._for(connection, rows[0])
        return _sent(connection, made, [made.converted(row) for row in rows])[1]

    def write(self, db: Session | Connection, rows: Sequence[Values], check: Check | None = None) -> None:
        """As `run_each`, where the answer can wait: it is done before anything else that is sent, and before a commit.

        `check` is told how many rows it changed in all, and raises if it must; so do errors, as late.
        """
        if not rows:
            return
        connection = _connection(db)
        made = self._for(connection, rows[0])
        _sent(connection, made, [made.converted(row) for row in rows], later=True, check=check)

    def write_alike(
        self, db: Session | Connection, patterns: Sequence[Alike], exactly: Callable[[int], Check] | None = None
    ) -> None:
        """As `write`, of rows that are alike. No two change the same row; `exactly` makes the check for so many."""
        connection = _connection(db)
        made = self._for(connection, patterns[0].like)
        if made.query is None:
            rows = list(chain.from_iterable(zip(*map(made.rows, patterns), strict=True)))
            _sent(connection, made, rows, check=exactly and exactly(len(rows)))
            return
        for like, own in patterns:
            values = [
                alike.array(own[name]) if name in own else value
                for name, value in zip(made.names, made.converted(like), strict=True)
            ]
            check = exactly and exactly(len(next(iter(own.values()))))
            _sent(connection, made.alike(tuple(own)), [values], later=True, check=check)

    def _fetched(self, db: Session | Connection, values: Values) -> tuple[_Compiled, list[Any]]:
        connection = _connection(db)
        made = self._for(connection, values)
        return made, _sent(connection, made, [made.converted(values)])[0]

    def _for(self, connection: Connection, values: Values) -> _Compiled:
        columns = tuple(values) if self.is_insert else ()
        key = (type(connection.dialect), columns)  # for every database of the kind: tests open thousands
        made = self._compiled.get(key)
        if made is None:
            columns = tuple(name for name in columns if name in self._columns)
            made = self._compiled[key] = _Compiled(self._statement, connection.dialect, columns, self._planned_once)
        return made


class _Compiled:
    """A statement as one database has it: its text, and what happens to values on their way in and out."""

    def __init__(self, statement: Any, dialect: Dialect, columns: tuple[str, ...], planned_once: bool) -> None:
        compiled: SQLCompiler = statement.compile(dialect=dialect, column_keys=list(columns) or None)
        if any(bind.required for bind in compiled.post_compile_params):
            raise TypeError("a statement whose text changes with its values cannot be prepared")
        asked = {name for name, bind in compiled.binds.items() if bind.required}
        written = compiled.construct_expanded_state(dict.fromkeys(asked))
        self.text = written.statement
        converts: Mapping[str, Any] = {**compiled._bind_processors, **written.processors}
        values = {**written.parameters, **_defaults(compiled)}
        self._fixed = {name: value for name, value in values.items() if name not in asked}
        self.names = tuple(written.positiontup or values)
        self.query = _query(self.text, self.names, planned_once) if dialect.name == "postgresql" else None
        self.answers = bool(compiled._result_columns)
        self._types = {name: _type(bind.type, dialect) for name, bind in compiled.binds.items()}
        self._alike: dict[tuple[str, ...], _Many] = {}
        kinds = {name: bind.type for name, bind in compiled.binds.items()}
        self._converts = [
            (place, convert)
            for place, name in enumerate(self.names)
            if (convert := conversions.binds(kinds.get(name), dialect, converts.get(name))) is not None
        ]
        self._results = [
            (place, convert)
            for place, column in enumerate(compiled._result_columns)
            if (convert := conversions.results(column.type, dialect)) is not None
        ]
        names = [column.keyname for column in compiled._result_columns]
        self._make: Callable[[Iterable[Any]], Any] = _NAMED("Row", names, rename=True)._make

    def converted(self, values: Values) -> list[Any]:
        """The values converted, in the order of the names."""
        known = {**self._fixed, **values} if self._fixed else values
        found = [known[name] for name in self.names]
        for place, convert in self._converts:
            found[place] = convert(found[place])
        return found

    def rows(self, pattern: Alike) -> Iterable[tuple[Any, ...]]:
        """All of them, converted."""
        own = pattern.own
        values = zip(self.names, self.converted(pattern.like), strict=True)
        return zip(*(own[name] if name in own else repeat(value) for name, value in values), strict=False)

    def alike(self, own: tuple[str, ...]) -> _Many:
        """The same for many rows at once, whose own values are in arrays."""
        if own not in self._alike:
            self._alike[own] = _Many(alike.text(self.text, {name: self._types[name] for name in own}), self.names)
        return self._alike[own]

    def row(self, found: Sequence[Any]) -> Any:
        """What the driver has found, as Python has it."""
        if not self._results:
            return self._make(found)
        values = list(found)
        for place, convert in self._results:
            values[place] = convert(values[place])
        return self._make(values)


class _Many:
    """A statement for many rows that have much in common, as PostgreSQL has it."""

    def __init__(self, statement: str, names: Sequence[str]) -> None:
        self.text, self.query, self.answers = statement, _query(statement, names), False


def _type(type_: Any, dialect: Dialect) -> str:
    """As in a cast. Without a length, to which a cast would cut."""
    return str(dialect.type_compiler_instance.process(type_)).partition("(")[0]


def _defaults(compiled: SQLCompiler) -> dict[str, Any]:
    """The plain defaults of columns that an insert is not given."""
    found = {}
    for column in compiled.insert_prefetch:
        default: Any = column.default
        if not default.is_scalar:
            raise TypeError(f"give a value for {column}: its default is worked out each time")
        found[column.key] = default.arg
    return found


def flush(db: Session) -> None:
    """As the session's own `execute` does before anything is sent; it takes many calls to see that nothing is new."""
    if db._new or db._deleted or db.identity_map._modified:
        db._autoflush()


def _connection(db: Session | Connection) -> Connection:
    """That of the session's transaction. It is asked for once: the session's way to it is longer than a statement.

    In a savepoint the session is asked each time, for it makes the savepoint when it is asked first.
    """
    if isinstance(db, Connection):
        return db
    flush(db)
    known: Connection | None = db.info.get(CONNECTION)
    if known is None or known._dbapi_connection is None or db._nested_transaction is not None:
        known = db.info[CONNECTION] = db.connection()
    return known


def settle(db: Session | Connection) -> None:
    """What was to be done before the next that is sent is done now, and its errors come now."""
    connection = _connection(db)
    if connection.dialect.name != "postgresql":
        return
    try:
        _post(connection).settle()
    except BaseException as error:
        _tell(connection, error, "", ())
        raise


def _query(text: str, names: Sequence[str], planned_once: bool = False) -> Query:
    from komp_flow.db import post  # noqa: PLC0415 (its driver takes a while, and SQLite needs none of it)

    return post.Query(text, names, planned_once=planned_once)


def _sent(
    connection: Connection,
    made: _Compiled | _Many,
    rows: Sequence[Sequence[Any]],
    *,
    later: bool = False,
    check: Check | None = None,
) -> tuple[list[Any], int]:
    """The rows that the statement finds, and how many it changed. Errors are told, and connections that broke are
    dropped, as SQLAlchemy's own `execute` does it.
    """
    try:
        _heard(connection, "before_cursor_execute", made, rows)
        if made.query is None:
            found, changed = _by_cursor(connection, made, rows)
            if check is not None:
                check(changed)
        elif later:
            _post(connection).later(made.query, rows, check)
            found, changed = [], 0
        else:
            found, changed = _post(connection).ask(made.query, rows)
        _heard(connection, "after_cursor_execute", made, rows)
    except BaseException as error:
        _tell(connection, error, made.text, rows)
        raise
    return found, changed


def _promised(connection: Connection, made: _Compiled, values: list[Any]) -> Callable[[], list[Any]]:
    """What gives the rows that the statement finds. Errors come when they are asked for, or with what is sent first."""
    if made.query is None:
        found = _sent(connection, made, [values])[0]
        return lambda: found
    _heard(connection, "before_cursor_execute", made, [values])
    promised = _post(connection).promise(made.query, values)

    def kept() -> list[Any]:
        try:
            return promised()
        except BaseException as error:
            _tell(connection, error, made.text, [values])
            raise

    return kept


def _heard(connection: Connection, when: str, made: _Compiled | _Many, rows: Sequence[Sequence[Any]]) -> None:
    if connection._has_events or connection.engine._has_events:
        for hear in getattr(connection.dispatch, when):
            hear(connection, None, made.text, rows, None, len(rows) > 1)


def _tell(connection: Connection, error: BaseException, text: str, rows: Sequence[Sequence[Any]]) -> None:
    """Raise what SQLAlchemy makes of it if it is an error of the driver's, or ends the process."""
    if not isinstance(error, Exception) or isinstance(error, connection.dialect.loaded_dbapi.Error):
        connection._handle_dbapi_exception(error, text, rows, None, None)


def _by_cursor(connection: Connection, made: _Compiled | _Many, rows: Sequence[Sequence[Any]]) -> tuple[list[Any], int]:
    cursor = connection.connection.cursor()
    if len(rows) == 1:
        cursor.execute(made.text, rows[0])
    else:
        cursor.executemany(made.text, rows)
    found: list[Any] = cursor.fetchall() if made.answers else []  # type: ignore[assignment]
    return found, cursor.rowcount


def _post(connection: Connection) -> Post:
    driven: Any = connection.connection.dbapi_connection
    return driven.post  # type: ignore[no-any-return]
