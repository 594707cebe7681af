"""How many statements are sent to a database, whoever sends them: counted by the driver, not by SQLAlchemy."""

from __future__ import annotations

from typing import Any

from sqlalchemy import event

from komp_flow.db import Database


class Statements:
    """Counts within `with`: `number` is how many were sent, BEGIN and COMMIT too; `sent` what they were."""

    def __init__(self, database: Database, keep: bool = False) -> None:
        self.number = 0
        self.sent: list[str] = []
        self._keep = keep
        self._counts = False
        self._engine = database.engine
        self._listener = self._traced if database.is_sqlite else self._replaced
        event.listen(self._engine, "connect", self._listener)
        self._engine.dispose()  # those that are open already know nothing of this

    def stop(self) -> None:
        """Listen no more: what is sent from now on costs nothing beside itself."""
        event.remove(self._engine, "connect", self._listener)
        self._engine.dispose()

    def __enter__(self) -> Statements:
        self.number, self.sent, self._counts = 0, [], True
        return self

    def __exit__(self, *_error: object) -> None:
        self._counts = False

    def _note(self, statement: str) -> None:
        if self._counts:
            self.number += 1
            if self._keep:
                self.sent.append(statement)

    def _traced(self, connection: Any, _record: object) -> None:
        connection.set_trace_callback(lambda sent: None if sent.startswith("--") else self._note(sent))

    def _replaced(self, connection: Any, _record: object) -> None:
        import psycopg

        note = self._note

        class Counting(psycopg.Cursor[Any]):
            def execute(self, query: Any, *more: Any, **options: Any) -> Any:
                note(str(query))
                return super().execute(query, *more, **options)

            def executemany(self, query: Any, *more: Any, **options: Any) -> Any:
                note(str(query))
                return super().executemany(query, *more, **options)

        connection.cursor_factory = Counting
        exchanged = connection.post._exchanged

        def counting(letters: Any) -> Any:
            for letter in letters:
                note(letter.query.text.decode())
            return exchanged(letters)

        connection.post._exchanged = counting
