"""Where the bytes of files lie: in the database, or in a directory beside it; kept and given piece by piece."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, Protocol
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from komp_flow.errors import KompFlowError
from komp_flow.files.models import FilePiece, GoneFile, StoredFile
from komp_flow.i18n import _

DATABASE: Final = "database"
DIRECTORY: Final = "directory"
LENGTH: Final = 4  # bytes, at the head of a file in the directory: how long all its pieces but the last are


class Missing(KompFlowError):
    """The bytes of a file are not where they should be."""

    def __init__(self) -> None:
        super().__init__(
            _("Fila er registrert, men innholdet finnes ikke. Si fra til administrator, som kan legge tilbake en kopi.")
        )


class Store(Protocol):
    """What keeps bytes. `name` is what a file's row says of where it lies."""

    name: str

    def keep(self, db: Session, file_id: UUID, pieces: Iterable[bytes]) -> int:
        """Keep the pieces, all but the last of one length; answers how many."""

    def piece(self, db: Session, file_id: UUID, number: int) -> bytes:
        """One piece, counted from 0. Raises Missing."""

    def drop(self, db: Session, file_ids: Iterable[UUID]) -> None:
        """Forget these files' bytes, when the transaction is kept."""

    def flaws(self, db: Session) -> Iterator[str]:
        """What is not as it should be, in sentences."""


class InDatabase:
    """Pieces are rows: one transaction, one backup."""

    name = DATABASE

    def keep(self, db: Session, file_id: UUID, pieces: Iterable[bytes]) -> int:
        """See Store."""
        connection, number = db.connection(), -1
        for number, data in enumerate(pieces):
            connection.execute(insert(FilePiece).values(file_id=file_id, number=number, data=data))
        return number + 1

    def piece(self, db: Session, file_id: UUID, number: int) -> bytes:
        """See Store."""
        query = select(FilePiece.data).where(FilePiece.file_id == file_id, FilePiece.number == number)
        found = db.connection().execute(query).scalar()
        if found is None:
            raise Missing
        return bytes(found)

    def drop(self, db: Session, file_ids: Iterable[UUID]) -> None:
        """See Store."""
        db.connection().execute(delete(FilePiece).where(FilePiece.file_id.in_(list(file_ids))))

    def flaws(self, db: Session) -> Iterator[str]:
        """Nothing: the database's own check finds what is wrong with its rows."""
        return iter(())


class InDirectory:
    """Each file is one in the directory, under its id; nothing in its path comes from outside."""

    name = DIRECTORY

    def __init__(self, home: Path) -> None:
        self.home = home

    def keep(self, db: Session, file_id: UUID, pieces: Iterable[bytes]) -> int:
        """See Store. Whole on the disk before it has its name; what a transaction forgets is left for `flaws`."""
        target = self._path(file_id)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(".partial")
        count = 0
        try:
            with partial.open("xb") as written:
                partial.chmod(0o600)
                for data in pieces:
                    if count == 0:
                        written.write(len(data).to_bytes(LENGTH, "big"))
                    written.write(data)
                    count += 1
                written.flush()
                os.fsync(written.fileno())
            os.replace(partial, target)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        _settle(target.parent)
        return count

    def piece(self, db: Session, file_id: UUID, number: int) -> bytes:
        """See Store."""
        try:
            with self._path(file_id).open("rb") as reading:
                length = int.from_bytes(reading.read(LENGTH), "big")
                reading.seek(LENGTH + number * length)
                found = reading.read(length)
        except OSError as error:
            raise Missing from error
        if not found:
            raise Missing
        return found

    def drop(self, db: Session, file_ids: Iterable[UUID]) -> None:
        """See Store. Only noted: a transaction that is not kept must not have taken anything away."""
        for file_id in file_ids:
            db.connection().execute(insert(GoneFile).values(id=file_id))

    def take_away(self, file_id: UUID) -> None:
        """Now: the transaction that dropped it is kept."""
        self._path(file_id).unlink(missing_ok=True)

    def flaws(self, db: Session) -> Iterator[str]:
        """Files that have no bytes, and bytes that no file has."""
        known = set(db.scalars(select(StoredFile.id).where(StoredFile.place == self.name)))
        lying = (
            {path.stem for path in self.home.glob("*/*") if path.suffix == ".bytes"} if self.home.is_dir() else set()
        )
        for file_id in sorted(known, key=str):
            if file_id.hex not in lying:
                yield _("Fila %(id)s mangler i %(home)s. Legg den tilbake fra en kopi.", id=file_id, home=self.home)
        going = set(db.scalars(select(GoneFile.id)))
        for name in sorted(lying - {each.hex for each in known | going}):
            yield _("%(path)s hører ikke til noen fil og kan slettes.", path=self.home / name[:2] / f"{name}.bytes")

    def _path(self, file_id: UUID) -> Path:
        return self.home / file_id.hex[:2] / f"{file_id.hex}.bytes"


def _settle(directory: Path) -> None:
    """A new name outlives a power cut when its directory has been written too."""
    if hasattr(os, "O_DIRECTORY"):
        opened = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def directory(db: Session) -> InDirectory | None:
    """The directory that the settings name, if they name one."""
    settings = db.info.get("settings")
    home = settings.files_home if settings is not None else db.info.get("files")
    return InDirectory(home) if home is not None else None


def chosen(db: Session) -> Store:
    """Where new files go."""
    return directory(db) or InDatabase()


def holding(db: Session, place: str) -> Store:
    """Where a file lies that was kept in `place`: the setting may have been another then. Raises Missing."""
    if place == DATABASE:
        return InDatabase()
    found = directory(db)
    if found is None:
        raise Missing
    return found
