"""Files are put, read, kept with a draft, sent, and taken away."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, Final
from uuid import UUID, uuid4

from sqlalchemy import and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from komp_flow import vault
from komp_flow.engine.tables import OPEN, Submission, Task
from komp_flow.errors import Invalid, NotFound, TooLarge
from komp_flow.files import kinds, names, store
from komp_flow.files.models import DRAFTED, LOOSE, SENT, GoneFile, StoredFile
from komp_flow.forms.attachments import LARGEST, size
from komp_flow.i18n import _
from komp_flow.organisation.subjects import Subject

PIECE: Final = 256 * 1024  # bytes
MOST_OF_A_TASK: Final = 50  # files
LARGEST_OF_A_TASK: Final = 100 * 1024 * 1024  # bytes
KEPT_LOOSE: Final = timedelta(days=7)
ERASED_NAME: Final = "—"


@dataclass(frozen=True)
class Home:
    """Where a file belongs: the task whose form it was put in, and what that task is about."""

    task_id: UUID
    instance_id: UUID
    element: str
    subject: Subject
    owner: str = ""  # whose draft it is put in; "": the one that goes with the task


def put(  # noqa: PLR0917
    db: Session, content: IO[bytes], name: str, home: Home, by: str | None, now: datetime
) -> StoredFile:
    """Keep a file. It is loose until a draft or a submission has its id; a private instance's is sealed.

    TooLarge: it, or all of the task's together; Invalid: it is empty, of a kind we do not take, or not what it says.
    """
    called = names.clean(name)
    content.seek(0, 2)
    length = content.tell()
    if length > LARGEST:
        raise TooLarge(
            _("«%(name)s» er større enn %(most)s. Gjør den mindre eller del den opp, og prøv igjen.",
              name=called, most=size(LARGEST))
        )  # fmt: skip
    _require_room(db, home.task_id, length)
    kind = kinds.of(content, called)
    file_id, person = uuid4(), home.subject.person
    count = max(1, math.ceil(length / PIECE))
    digest = hashlib.sha256()
    pieces = _pieces(content, digest)
    if person is not None:
        pieces = (
            vault.seal_bytes(db, person, piece, _context(file_id, number, count)) for number, piece in enumerate(pieces)
        )
    chosen = store.chosen(db)
    found = StoredFile(
        id=file_id,
        task_id=home.task_id,
        instance_id=home.instance_id,
        element=home.element,
        unit_id=home.subject.unit,
        person_id=person,
        cycle_id=home.subject.cycle,
        name=None if person else called,
        sealed_name=vault.seal(db, person, called, _name_context(file_id)) if person else None,
        kind=kind,
        size=length,
        pieces=count,
        place=chosen.name,
        owner=home.owner,
        by=by,
        created_at=now,
        touched_at=now,
    )
    db.add(found)
    db.flush()
    if chosen.keep(db, file_id, pieces) != count:
        raise Invalid(_("«%(name)s» kom ikke helt fram. Prøv igjen.", name=called))
    found.sha256 = None if person else digest.hexdigest()
    db.flush()
    return found


def _pieces(content: IO[bytes], digest: hashlib._Hash) -> Iterator[bytes]:
    content.seek(0)
    while piece := content.read(PIECE):
        digest.update(piece)
        yield piece


def _context(file_id: UUID, number: int, count: int) -> str:
    return f"file/{file_id.hex}/{number}/{count}"


def _name_context(file_id: UUID) -> str:
    return f"file-name/{file_id.hex}"


def _require_room(db: Session, task_id: UUID, more: int) -> None:
    sums = select(func.count(), func.coalesce(func.sum(StoredFile.size), 0)).where(StoredFile.task_id == task_id)
    count, length = db.execute(sums).one()
    if count >= MOST_OF_A_TASK or length + more > LARGEST_OF_A_TASK:
        raise TooLarge(
            _("Oppgaven har plass til %(files)s filer og %(most)s til sammen. Fjern noe før du legger til mer.",
              files=MOST_OF_A_TASK, most=size(LARGEST_OF_A_TASK))
        )  # fmt: skip


def file(db: Session, file_id: UUID) -> StoredFile:
    """The file's row. Raises NotFound. Whether somebody may have it is for the caller to say."""
    found = db.get(StoredFile, file_id)
    if found is None:
        raise NotFound(_("Fila finnes ikke. Den kan være fjernet."))
    return found


def piece(db: Session, file_id: UUID, number: int) -> bytes:
    """One piece of the file's bytes, opened. NotFound, store.Missing; vault.Erased when its person's key is gone."""
    row = file(db, file_id)
    found = store.holding(db, row.place).piece(db, row.id, number)
    if row.person_id is None:
        return found
    return vault.open_bytes(db, row.person_id, found, _context(row.id, number, row.pieces))


def name_of(db: Session, row: StoredFile) -> str:
    """What the file is called; a dash where its person is erased."""
    if row.person_id is None:
        return row.name or ERASED_NAME
    return str(vault.opened_or(db, row.person_id, row.sealed_name, _name_context(row.id), ERASED_NAME))


def of_step(db: Session, task_id: UUID, instance_id: UUID, element: str) -> Sequence[StoredFile]:
    """The files of a task, and those sent from the same step before: what its answers may name."""
    before = and_(StoredFile.instance_id == instance_id, StoredFile.element == element, StoredFile.state == SENT)
    query = select(StoredFile).where(or_(StoredFile.task_id == task_id, before))
    return db.scalars(query.order_by(StoredFile.created_at, StoredFile.id)).all()


def known(db: Session, ids: Collection[UUID]) -> dict[UUID, StoredFile]:
    """The rows with these ids, those that there are."""
    if not ids:
        return {}
    return {row.id: row for row in db.scalars(select(StoredFile).where(StoredFile.id.in_(sorted(ids, key=str))))}


def drafted(db: Session, task_id: UUID, owner: str, ids: Collection[UUID], now: datetime) -> None:
    """This owner's draft of the task names these, and of its files no others."""
    own = (StoredFile.task_id == task_id, StoredFile.owner == owner, StoredFile.state != SENT)
    connection = db.connection()
    connection.execute(
        update(StoredFile).where(*own, StoredFile.state == DRAFTED, StoredFile.id.not_in(ids))
        .values(state=LOOSE, touched_at=now)
    )  # fmt: skip
    if ids:
        connection.execute(update(StoredFile).where(*own, StoredFile.id.in_(ids)).values(state=DRAFTED, touched_at=now))


def sent(db: Session, task_id: UUID, readers: Mapping[UUID, str], now: datetime) -> None:
    """The task's submission names these: file → who else may read it, "" for nobody."""
    connection = db.connection()
    for file_id, who in readers.items():
        own = (StoredFile.id == file_id, StoredFile.task_id == task_id)
        connection.execute(update(StoredFile).where(*own).values(state=SENT, readers=who, touched_at=now))
    db.expire_all()


def remove(db: Session, rows: Iterable[StoredFile]) -> int:
    """Take these files away, rows and bytes; answers how many."""
    by_place: dict[str, list[UUID]] = {}
    for row in rows:
        by_place.setdefault(row.place, []).append(row.id)
    for place, ids in by_place.items():
        store.holding(db, place).drop(db, ids)
        db.execute(delete(StoredFile).where(StoredFile.id.in_(ids)))
    return sum(map(len, by_place.values()))


def erase_person(db: Session, person_id: str) -> int:
    """Take away every file of this person's private instances; answers how many."""
    return remove(db, db.scalars(select(StoredFile).where(StoredFile.person_id == person_id)).all())


def erase_task(db: Session, task_id: UUID) -> int:
    """Take away every file of a task, sent or not: its answers are gone. Answers how many."""
    return remove(db, db.scalars(select(StoredFile).where(StoredFile.task_id == task_id)).all())


def due(db: Session, now: datetime, limit: int) -> list[UUID]:
    """Files that nobody keeps, and bytes whose row is gone.

    Loose ones after seven days, and drafted ones seven days after their task ended. Of what is about a person at once
    when the task ended, and when what was sent has been deleted: notes that were never shared.
    """
    old = now - KEPT_LOOSE
    ended = Task.state != OPEN
    left = and_(StoredFile.state != SENT, StoredFile.touched_at <= old)
    given_up = and_(left, or_(StoredFile.state == LOOSE, Task.id.is_(None), and_(ended, Task.closed_at <= old)))
    forgotten = and_(StoredFile.state == SENT, ~exists().where(Submission.task_id == StoredFile.task_id))
    private = and_(StoredFile.person_id.is_not(None), or_(and_(StoredFile.state != SENT, ended), forgotten))
    query = select(StoredFile.id).outerjoin(Task, Task.id == StoredFile.task_id).order_by(StoredFile.touched_at)
    gone = db.scalars(select(GoneFile.id).limit(limit)).all()
    orphans = [db.scalars(query.where(which).limit(limit)).all() for which in (given_up, private)]
    return [*dict.fromkeys([*gone, *orphans[0], *orphans[1]])]


def tidy(db: Session, file_id: UUID) -> bool:
    """Take away one that is `due`; whether there was anything to do."""
    row = db.get(StoredFile, file_id)
    if row is not None:
        return remove(db, [row]) > 0
    noted = db.get(GoneFile, file_id)
    if noted is None:
        return False
    if (place := store.directory(db)) is not None:
        place.take_away(file_id)
    db.delete(noted)
    return True


def flaws(db: Session) -> list[str]:
    """What is wrong with where the files lie, in sentences."""
    return list(store.chosen(db).flaws(db))
