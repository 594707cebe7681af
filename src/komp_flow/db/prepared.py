"""Statements of the hot path: written with SQLAlchemy, compiled once for each database, sent straight to the driver.

What SQLAlchemy Core does around each execution (cache keys, contexts, results) costs ten times what SQLite takes to run
a small statement. Here only the conversions of its types are kept. The transaction, the connection and its errors stay
SQLAlchemy's, and so do those who listen for statements on the engine.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter, methodcaller
from typing import Any, Final, cast

from sqlalchemy import Connection, Dialect, Insert, Table, UpdateBase
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler

Values = Mapping[str, Any]
NONE: Final[Values] = {}
CONNECTION: Final = "connection"  # in a session's `info`
_NAMED: Final[Any] = namedtuple  # whose fields are known when a statement is compiled
_ALL, _COUNT = methodcaller("fetchall"), attrgetter("rowcount")


class Prepared:
    """One Core statement. Its values are those of its `bindparam`s; an insert takes the columns of its first row.

    Raises what SQLAlchemy raises. Rows are named tuples. Not for `in_` with a list, whose text varies.
    """

    def __init__(self, statement: Any) -> None:
        self._statement = statement
        self.table = str(cast("Table", statement.table).name) if isinstance(statement, UpdateBase) else ""  # written to
        self.is_insert = isinstance(statement, Insert)
        self._compiled: dict[tuple[type[Dialect], tuple[str, ...]], _Compiled] = {}

    def all(self, db: Session | Connection, values: Values = NONE) -> list[Any]:
        """Every row."""
        made, found = self._fetched(db, values)
        return [made.row(row) for row in found]

    def first(self, db: Session | Connection, values: Values = NONE) -> Any | None:
        """The first row, if there is one."""
        made, found = self._fetched(db, values)
        return made.row(found[0]) if found else None

    def scalar(self, db: Session | Connection, values: Values = NONE) -> Any | None:
        """The first column of the first row, if there is one."""
        row = self.first(db, values)
        return row[0] if row is not None else None

    def run(self, db: Session | Connection, values: Values = NONE) -> int:
        """Do it; answers how many rows it changed."""
        connection = _connection(db)
        made = self._for(connection, values)
        return int(_sent(connection, made.text, made.bound(values), _COUNT))

    def run_each(self, db: Session | Connection, rows: Sequence[Values]) -> int:
        """Do it once for each of these; all have the same names. Answers how many rows it changed in all."""
        connection = _connection(db)
        if len(rows) == 1:
            return self.run(connection, rows[0])
        if not rows:
            return 0
        made = self._for(connection, rows[0])
        return int(_sent(connection, made.text, [made.bound(row) for row in rows], _COUNT, many=True))

    def filled(self, db: Session | Connection, values: Values) -> tuple[Sequence[str], list[Any]]:
        """The names of an insert's columns, and this row's values as the driver takes them: for `run_filled`."""
        made = self._for(_connection(db), values)
        return made.names, made.converted(values)

    def run_filled(self, db: Session | Connection, like: Values, rows: Sequence[list[Any]]) -> None:
        """Insert rows that were made from what `filled` answered for the row `like`."""
        connection = _connection(db)
        made = self._for(connection, like)
        _sent(connection, made.text, [made.shaped(row) for row in rows], _COUNT, many=True)

    def _fetched(self, db: Session | Connection, values: Values) -> tuple[_Compiled, list[Any]]:
        connection = _connection(db)
        made = self._for(connection, values)
        return made, _sent(connection, made.text, made.bound(values), _ALL)

    def _for(self, connection: Connection, values: Values) -> _Compiled:
        columns = tuple(values) if self.is_insert else ()
        key = (type(connection.dialect), columns)  # for every database of the kind: tests open thousands
        made = self._compiled.get(key)
        if made is None:
            made = self._compiled[key] = _Compiled(self._statement, connection.dialect, columns)
        return made


class _Compiled:
    """A statement as one database has it: its text, and what happens to values on their way in and out."""

    def __init__(self, statement: Any, dialect: Dialect, columns: tuple[str, ...]) -> None:
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
        self._is_positional = written.positiontup is not None
        self._converts = [(place, converts[name]) for place, name in enumerate(self.names) if name in converts]
        self._results = [
            (place, convert)
            for place, column in enumerate(compiled._result_columns)
            if (convert := column.type.dialect_impl(dialect).result_processor(dialect, None)) is not None
        ]
        names = [column.keyname for column in compiled._result_columns]
        self._make: Callable[[Iterable[Any]], Any] = _NAMED("Row", names, rename=True)._make

    def bound(self, values: Values) -> Any:
        """The values as the driver takes them."""
        return self.shaped(self.converted(values))

    def converted(self, values: Values) -> list[Any]:
        """The values converted, in the order of the names."""
        known = {**self._fixed, **values} if self._fixed else values
        found = [known[name] for name in self.names]
        for place, convert in self._converts:
            found[place] = convert(found[place])
        return found

    def shaped(self, converted: list[Any]) -> Any:
        """A list where the driver counts places, else by name."""
        return converted if self._is_positional else dict(zip(self.names, converted, strict=True))

    def row(self, found: Sequence[Any]) -> Any:
        """What the driver has found, as Python has it."""
        if not self._results:
            return self._make(found)
        values = list(found)
        for place, convert in self._results:
            values[place] = convert(values[place])
        return self._make(values)


def _defaults(compiled: SQLCompiler) -> dict[str, Any]:
    """The plain defaults of columns that an insert is not given."""
    found = {}
    for column in compiled.insert_prefetch:
        default: Any = column.default
        if not default.is_scalar:
            raise TypeError(f"give a value for {column}: its default is worked out each time")
        found[column.key] = default.arg
    return found


def _connection(db: Session | Connection) -> Connection:
    """That of the session's transaction. It is asked for once: the session's way to it is longer than a statement.

    In a savepoint the session is asked each time, for it makes the savepoint when it is asked first.
    """
    if isinstance(db, Connection):
        return db
    db._autoflush()  # as its own `execute` does
    known: Connection | None = db.info.get(CONNECTION)
    if known is None or known.closed or db.in_nested_transaction():
        known = db.info[CONNECTION] = db.connection()
    return known


def _sent(connection: Connection, text: str, values: Any, take: Callable[[Any], Any], *, many: bool = False) -> Any:
    """What is taken from the cursor after the statement. Errors are told, and connections that broke are dropped, as
    SQLAlchemy's own `execute` does it.
    """
    cursor = connection.connection.cursor()
    listened = connection._has_events or connection.engine._has_events
    try:
        if listened:
            for hear in connection.dispatch.before_cursor_execute:
                hear(connection, cursor, text, values, None, many)
        (cursor.executemany if many else cursor.execute)(text, values)
        if listened:
            for hear in connection.dispatch.after_cursor_execute:
                hear(connection, cursor, text, values, None, many)
        return take(cursor)
    except BaseException as error:
        if isinstance(error, Exception) and not isinstance(error, connection.dialect.loaded_dbapi.Error):
            raise
        connection._handle_dbapi_exception(error, text, values, cursor, None)
