"""The versions that can run, compiled once a process and shared by all its instances; forms likewise."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from komp_flow import forms
from komp_flow.engine.memory import program
from komp_flow.engine.tables import FORM_VERSION, PROCESS_VERSION
from komp_flow.errors import NotFound
from komp_flow.i18n import _

T = TypeVar("T")
SIZE: Final = 256


@dataclass(frozen=True, slots=True)
class Runnable:
    """A process version, compiled, with what it was bound to when it was published."""

    id: UUID
    process: str
    number: int
    program: program.Program
    forms: Mapping[str, UUID]
    calls: Mapping[str, UUID]


class Kept(Generic[T]):
    """What was last made, by the digits of its id. Versions never change, so nothing here grows stale."""

    def __init__(self, size: int = SIZE) -> None:
        self._size = size
        self._kept: dict[str, T] = {}
        self._guard = threading.Lock()

    def get(self, db: Session, key: str, make: Callable[[Session, UUID], T]) -> T:
        """The one with this id; made, outside the lock, when it is not there."""
        found = self._kept.get(key)  # without the lock: several times in every step
        return found if found is not None else self._add(key, make(db, UUID(key)))

    def _add(self, key: str, made: T) -> T:
        with self._guard:
            made = self._kept.setdefault(key, made)  # two threads may have made it: all use the first
            while len(self._kept) > self._size:
                del self._kept[next(iter(self._kept))]
        return made


_runnables: Final[Kept[Runnable]] = Kept()
_forms: Final[Kept[forms.Form]] = Kept()
_PROCESS = select(PROCESS_VERSION).where(PROCESS_VERSION.c.id == bindparam("id"))
_FORM = select(FORM_VERSION.c.document).where(FORM_VERSION.c.id == bindparam("id"))


def runnable(db: Session, version: UUID | str) -> Runnable:
    """The compiled version with this id, or whose program has this key. NotFound: there is none."""
    return _runnables.get(db, version if isinstance(version, str) else version.hex, _compile)


def form(db: Session, version_id: UUID) -> forms.Form:
    """The parsed form version. NotFound: there is none with this id."""
    return _forms.get(db, version_id.hex, _parse)


def _parse(db: Session, version_id: UUID) -> forms.Form:
    document = db.connection().execute(_FORM, {"id": version_id}).scalar()
    if document is None:
        raise NotFound(_("Skjemaversjonen finnes ikke. Hent listen på nytt."))
    return forms.parse(str(document).encode())


def _compile(db: Session, version_id: UUID) -> Runnable:
    row = db.connection().execute(_PROCESS, {"id": version_id}).first()
    if row is None:
        raise NotFound(_("Prosessversjonen finnes ikke. Hent listen på nytt."))
    return compiled(db, row)


def compiled(db: Session, row: Row[tuple[object, ...]]) -> Runnable:
    """Compile a row of `process_version`. What its forms read from the instance is kept in the instances too."""
    bound = {name: UUID(version) for name, version in row.forms.items()}
    names: frozenset[str] = frozenset().union(*(form(db, version).outside for version in bound.values()))
    return Runnable(
        id=row.id,
        process=row.process,
        number=row.number,
        program=program.compile(row.source, row.id.hex, process_id=row.process, extra_names=names),
        forms=bound,
        calls={name: UUID(version) for name, version in row.calls.items()},
    )
