"""The host of one step: what the in-memory engine may ask for, answered from the database and the world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from komp_flow import feel
from komp_flow.engine.memory import host
from komp_flow.engine.memory.program import Program
from komp_flow.engine.stored import shelf
from komp_flow.engine.stored.world import Names, OperationCall, World
from komp_flow.engine.tables import SUBMISSION
from komp_flow.errors import Busy, NotFound
from komp_flow.i18n import _
from komp_flow.organisation.subjects import Subject


class _MayBeBusy:
    """A deadlock or a lost connection is no fault of the diagram: the whole step fails, and is tried again."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: type[BaseException] | None, error: BaseException | None, _where: object) -> None:
        if isinstance(error, OperationalError):
            raise Busy(_("Databasen er opptatt. Ingenting er endret. Prøv igjen om litt.")) from error


_BUSY: Final = _MayBeBusy()  # it keeps nothing, so that one is enough


class Surroundings:
    """Implements `host.Host` for one instance, whose row is `row`."""

    def __init__(  # noqa: PLR0917
        self,
        db: Session,
        world: World,
        row: Any,
        now: datetime,
        by: str | None,
        settle: Callable[[], None] = lambda: None,
    ) -> None:
        self._db, self._world, self._row, self._now, self._by = db, world, row, now, by
        self._settle = settle
        self.subject = Subject(row.unit_id, row.person_id, row.measure_id, row.cycle_id)
        self.names = Names(self._ask_names)

    def _ask_names(self) -> Mapping[str, object]:
        with _BUSY:
            return self._world.names(self._db, self.subject, self._now)

    @cached_property
    def moment(self) -> feel.Moment:
        """Now, the organisation's zone and its working days."""
        with _BUSY:
            return self._world.moment(self._db, self._now)

    def program(self, key: str) -> Program:
        """The compiled version."""
        with _BUSY:
            return shelf.runnable(self._db, key).program

    def called(self, program_key: str, process_id: str) -> str:
        """The version that this one was bound to when it was published."""
        with _BUSY:
            return shelf.runnable(self._db, program_key).calls[process_id].hex

    def operation(self, type: str, task: host.OperationCall) -> Mapping[str, object]:  # noqa: A002 (the protocol's)
        """In a savepoint: what a failed operation has written is undone, the step goes on with an incident."""
        call = OperationCall(
            type=type,
            instance_id=self._row.id,
            process=self._row.process,
            subject=self.subject,
            element=task.element,
            name=task.name,
            task_id=task.task_id,
            inputs=task.inputs,
            headers=task.headers,
            now=self._now,
            by=self._by,
            properties=task.properties,
            names=task.names,
        )
        self._settle()  # an operation writes by itself, and may read what this step has written
        with _BUSY, self._db.begin_nested():
            return self._world.operation(self._db, call)

    def answers(self, submission_id: UUID) -> Mapping[str, object]:
        """What a person sent with a task."""
        wanted = select(SUBMISSION.c["values"]).where(SUBMISSION.c.task_id == submission_id)
        with _BUSY:
            found = self._db.connection().execute(wanted).first()
        if found is None:
            raise NotFound(_("Innsendingen finnes ikke."))
        return dict(found[0] or {})  # what is sealed is never the diagram's
