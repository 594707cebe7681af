"""Years of work that is already there: units' and employees' instances with their tasks, written as rows in bulk.

None of these instances is ever stepped: their state is of the right size and says nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select, text

from bench import organisation as made_up
from komp_flow import engine, shipped, work
from komp_flow.db import Database, driver
from komp_flow.engine import ProcessVersion, SourceFile
from komp_flow.registers import Cycle

PHASES = ("preparation", "discussion", "talks", "implementation")
A_UNIT, A_TALK = 12, 4  # tasks of one instance
NOW = datetime(2027, 1, 4, 8, tzinfo=UTC)
INSTANCE = ("id", "process", "version_id", "state", "unit_id", "person_id", "cycle_id", "state_blob", "row_version",
            "phase", "escalation", "started_at", "ended_at")  # fmt: skip
TASK = ("id", "instance_id", "process", "element", "name", "state", "unit_id", "person_id", "cycle_id", "due_at",
        "phase", "created_at", "closed_at", "closed_by")  # fmt: skip
ROLE = ("task_id", "role")


@dataclass(frozen=True)
class Crowd:
    """How many there are, and of how many years. The last year is under way: of it, tasks are open."""

    people: int
    units: int
    years: int

    @property
    def tasks(self) -> int:
        """Rows of `task`, about: of this year's instances each has come to one of its tasks."""
        this_year = self.units * A_UNIT // 2 + self.people
        return (self.years - 1) * (self.units * A_UNIT + self.people * A_TALK) + this_year


def fill(database: Database, crowd: Crowd) -> None:
    """The shipped diagrams, the people, and the crowd's work, in a fresh database."""
    made_up.settle(database, crowd.people, crowd.units)
    with database.transaction() as db:
        engine.publish(db, _shipped(), why="Til målingen", by="p0", now=NOW, world=work.WORLD)  # checked by the tests
        for year in _years(crowd):
            db.add(Cycle(id=str(year), name=f"Syklus {year}", state="active" if year == NOW.year else "closed",
                         starts_on=date(year, 1, 1), ends_on=date(year, 12, 31), created_at=NOW))  # fmt: skip
        found = dict(db.execute(select(ProcessVersion.process, ProcessVersion.id)).all())
    versions = {process: found[process].hex for process in ("unit", "talk")}
    rows = _Rows(crowd, versions)
    write = _into_sqlite if database.is_sqlite else _into_postgresql
    write(database, "instance", INSTANCE, rows.instances())
    write(database, "task", TASK, rows.tasks())
    write(database, "task_role", ROLE, rows.roles())
    if not database.is_sqlite:  # its own autovacuum would, a minute later
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _shipped() -> list[SourceFile]:
    folder = shipped.folder()
    paths = [*sorted((folder / "processes").glob("*.bpmn")), *sorted((folder / "forms").glob("*.json"))]
    return [SourceFile(path.name, path.read_bytes()) for path in paths]


def _years(crowd: Crowd) -> range:
    return range(NOW.year - crowd.years + 1, NOW.year + 1)


class _Rows:
    """Everything in the order of its keys, drawn by counting, so that the same crowd is made each time."""

    def __init__(self, crowd: Crowd, versions: dict[str, str]) -> None:
        self._crowd, self._versions = crowd, versions

    def _each(self) -> Iterator[tuple[str, int, str, int]]:
        """Each instance's id, year, process and place in its year."""
        count = 0
        for year in _years(self._crowd):
            for process, many in (("unit", self._crowd.units), ("talk", self._crowd.people)):
                for number in range(many):
                    count += 1
                    yield _id(1, count), year, process, number

    def _unit(self, process: str, number: int) -> str:
        return made_up.unit_id(number if process == "unit" else number * self._crowd.units // self._crowd.people)

    def instances(self) -> Iterator[tuple[Any, ...]]:
        """One a unit and one an employee, each year."""
        blob = os.urandom(260)
        for instance, year, process, number in self._each():
            over, is_unit = year < NOW.year, process == "unit"
            begun = datetime(year, 1, 3, 8, tzinfo=UTC)
            yield (
                instance, process, self._versions[process], "completed" if over else "active",
                self._unit(process, number), None if is_unit else f"p{number}", str(year), blob, 9,
                PHASES[number % 4] if is_unit else None, 1 if number % 50 == 7 and is_unit else 0,
                _at(begun), _at(begun + timedelta(days=200)) if over else None,
            )  # fmt: skip

    def _tasks(self) -> Iterator[tuple[str, str, int, str, int, int, bool]]:
        count = 0
        for instance, year, process, number in self._each():
            many = A_UNIT if process == "unit" else A_TALK
            # How far each has come this year: a unit to the phase that its instance is in, a talk to its first task.
            last = (number % 4) * 3 + 1 if process == "unit" else 0
            for at in range(many if year < NOW.year else last + 1):
                count += 1
                yield _id(2, count), instance, year, process, number, at, year == NOW.year and at == last

    def tasks(self) -> Iterator[tuple[Any, ...]]:
        """Those that are done, and of this year's the one that is open."""
        dues = [_at(NOW + timedelta(days=days - 3)) for days in range(20)]
        starts = {year: _at(datetime(year, 1, 3, 8, tzinfo=UTC)) for year in _years(self._crowd)}
        for task, instance, year, process, number, at, is_open in self._tasks():
            is_unit, begun = process == "unit", starts[year]
            yield (
                task, instance, process, f"u{at}", f"Vurder kompetansebehovet {at}",
                "open" if is_open else "completed", self._unit(process, number), None if is_unit else f"p{number}",
                str(year), dues[number % 20] if is_open else None, PHASES[at // 3] if is_unit else "talks", begun,
                None if is_open else begun, None if is_open else "p1",
            )  # fmt: skip

    def roles(self) -> Iterator[tuple[Any, ...]]:
        """Units' tasks are their manager's; of the talks, every other is the employee's own."""
        for task, _instance, _year, process, number, _at, _open in self._tasks():
            yield task, "employee" if process == "talk" and number % 2 else "manager"


def _id(kind: int, number: int) -> str:
    """An id that is told by counting: rows come in its order, which keeps the filling short."""
    return f"{kind:02x}{number:030x}"


def _at(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")[:26] + "Z"


def _into_sqlite(database: Database, table: str, columns: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
    connection = driver().connect(database.url.database, isolation_level=None)
    connection.execute("PRAGMA synchronous=off")
    connection.execute("BEGIN")
    marks = ", ".join("?" * len(columns))
    connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _into_postgresql(database: Database, table: str, columns: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
    import psycopg

    address = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    into = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with psycopg.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # what refers to what is known to be there
        with cursor.copy(into) as copy:
            for row in rows:
                copy.write_row(row)
