"""Bytes lie in the database or in a directory, and come back as they went in."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from files import samples
from komp_flow import files, vault
from komp_flow.db import Database
from komp_flow.errors import Invalid, NotFound, TooLarge
from komp_flow.files import keeping
from komp_flow.files.models import FilePiece, GoneFile, StoredFile
from komp_flow.forms.attachments import LARGEST
from komp_flow.organisation.subjects import Subject

pytestmark = pytest.mark.databases
UNIT = Subject(unit="it", cycle="2027")
PERSON = Subject(unit="it", person="nils", cycle="2027")
Put = Callable[..., UUID]


@pytest.fixture(params=["database", "directory"])
def place(request: pytest.FixtureRequest, database: Database, tmp_path: Path) -> str:
    if request.param == "directory":
        database.info["files"] = tmp_path / "files"
    return str(request.param)


@pytest.fixture
def put(database: Database, now: datetime) -> Put:
    def made(
        data: bytes = samples.PDF,
        name: str = "plan.pdf",
        subject: Subject = UNIT,
        task: UUID | None = None,
        owner: str = "",
    ) -> UUID:
        with database.transaction() as db:
            home = files.Home(task or uuid4(), uuid4(), "u1", subject, owner)
            return files.put(db, io.BytesIO(data), name, home, "kari", now).id

    return made


def whole(db: Session, file_id: UUID) -> bytes:
    return b"".join(files.piece(db, file_id, number) for number in range(files.file(db, file_id).pieces))


def long_text(size: int) -> bytes:
    return os.urandom(size // 2).hex().encode()


@pytest.mark.parametrize("size", [1, keeping.PIECE - 1, keeping.PIECE, keeping.PIECE + 1, 3 * keeping.PIECE])
def test_a_file_comes_back_as_it_went_in(database: Database, place: str, put: Put, size: int) -> None:
    data = long_text(size + 1)[:size]
    file_id = put(data, "notat.txt")
    with database.reading() as db:
        row = files.file(db, file_id)
        assert (row.place, row.size, row.kind, files.name_of(db, row)) == (place, size, "txt", "notat.txt")
        assert whole(db, file_id) == data


def test_no_piece_is_larger_than_what_fits_in_memory(database: Database, put: Put) -> None:
    put(long_text(1_000_000), "notat.txt")
    with database.reading() as db:
        sizes = [len(data) for data in db.scalars(select(FilePiece.data))]
    assert len(sizes) == 4
    assert max(sizes) <= keeping.PIECE


def test_what_is_about_a_person_is_sealed_name_and_bytes(
    database: Database, place: str, put: Put, tmp_path: Path
) -> None:
    data = b"Nils trenger ro. " * 40_000
    file_id = put(data, "samtalen med Nils.txt", PERSON)
    with database.reading() as db:
        row = files.file(db, file_id)
        assert (row.name, row.sha256, files.name_of(db, row)) == (None, None, "samtalen med Nils.txt")
        assert whole(db, file_id) == data
        stored = [bytes(piece) for piece in db.scalars(select(FilePiece.data))]
    stored += [path.read_bytes() for path in (tmp_path / "files").rglob("*.bytes")]
    assert stored
    assert all(b"trenger ro" not in piece for piece in stored)


def test_pieces_of_a_sealed_file_cannot_change_places(database: Database, put: Put) -> None:
    file_id = put(long_text(2 * keeping.PIECE), "notat.txt", PERSON)
    with database.transaction() as db:
        first, second = db.scalars(select(FilePiece).where(FilePiece.file_id == file_id).order_by(FilePiece.number))
        first.data, second.data = second.data, first.data
    with database.reading() as db, pytest.raises(vault.Damaged):
        files.piece(db, file_id, 0)


def test_an_erased_persons_file_cannot_be_read_even_from_a_copy(database: Database, place: str, put: Put) -> None:
    file_id = put(samples.PDF, "plan.pdf", PERSON)
    with database.transaction() as db:
        vault.erase(db, "nils")
    with database.reading() as db:
        assert files.name_of(db, files.file(db, file_id)) == keeping.ERASED_NAME
        with pytest.raises(vault.Erased):
            files.piece(db, file_id, 0)


def test_erasing_takes_a_persons_files_and_nobody_elses(
    database: Database, place: str, put: Put, now: datetime, tmp_path: Path
) -> None:
    theirs, other = put(subject=PERSON), put(subject=Subject(person="pia"))
    plain = put()
    with database.transaction() as db:
        assert files.erase_person(db, "nils") == 1
    with database.transaction() as db:
        for gone in files.due(db, now, 50):
            files.tidy(db, gone)
    with database.reading() as db:
        assert set(db.scalars(select(StoredFile.id))) == {other, plain}
        assert set(db.scalars(select(FilePiece.file_id))) <= {other, plain}
        with pytest.raises(NotFound):
            files.piece(db, theirs, 0)
    assert not list((tmp_path / "files").rglob(f"{theirs.hex}*"))


def test_bytes_in_the_directory_go_only_when_the_transaction_is_kept(
    database: Database, put: Put, now: datetime, tmp_path: Path
) -> None:
    database.info["files"] = tmp_path / "files"
    file_id = put()
    with suppress(RuntimeError), database.transaction() as db:
        files.remove(db, [files.file(db, file_id)])
        raise RuntimeError
    with database.reading() as db:
        assert whole(db, file_id) == samples.PDF
    with database.transaction() as db:
        files.remove(db, [files.file(db, file_id)])
    with database.transaction() as db:
        assert files.due(db, now, 50) == [file_id]
        assert files.tidy(db, file_id)
        assert not files.tidy(db, file_id)
    assert not list((tmp_path / "files").rglob("*.bytes"))
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(GoneFile)) == 0


def test_the_doctor_finds_what_is_missing_and_what_is_left_over(database: Database, put: Put, tmp_path: Path) -> None:
    database.info["files"] = tmp_path / "files"
    missing = put()
    with database.reading() as db:
        assert files.flaws(db) == []
    next((tmp_path / "files").rglob("*.bytes")).unlink()
    left = tmp_path / "files" / "ab" / f"ab{'0' * 30}.bytes"
    left.parent.mkdir(exist_ok=True)
    left.write_bytes(b"x")
    with database.reading() as db:
        first, second = files.flaws(db)
        assert str(missing) in first
        assert str(left) in second
        with pytest.raises(files.Missing):
            files.piece(db, missing, 0)


def test_a_file_is_found_where_it_was_put_when_the_setting_has_changed(
    database: Database, put: Put, tmp_path: Path
) -> None:
    before = put()
    database.info["files"] = tmp_path / "files"
    after = put()
    with database.reading() as db:
        assert whole(db, before) == whole(db, after) == samples.PDF


def test_what_is_too_large_or_empty_leaves_nothing(database: Database, put: Put) -> None:
    with pytest.raises(TooLarge, match=r"20.MB"):
        put(samples.PDF + b"\0" * LARGEST)
    with pytest.raises(Invalid, match="tom"):
        put(b"")
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(StoredFile)) == 0


def test_a_task_has_room_for_so_much(database: Database, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST_OF_A_TASK", 2)
    task = uuid4()
    put(task=task)
    put(task=task)
    with pytest.raises(TooLarge, match="plass"):
        put(task=task)
    put()
    monkeypatch.setattr(keeping, "MOST_OF_A_TASK", 50)
    monkeypatch.setattr(keeping, "LARGEST_OF_A_TASK", 3 * len(samples.PDF) - 1)
    with pytest.raises(TooLarge, match="plass"):
        put(task=task)


def test_files_that_nobody_keeps_go_after_seven_days(database: Database, place: str, put: Put, now: datetime) -> None:
    task = uuid4()
    loose, drafted, sent = put(task=task), put(task=task), put(task=task)
    with database.transaction() as db:
        files.drafted(db, task, "", [drafted], now)
        files.sent(db, task, {sent: ""}, now)
        assert files.due(db, now + timedelta(days=6, hours=23), 50) == []
        # The draft's task is not there any more, so its file goes too.
        assert set(files.due(db, now + timedelta(days=7), 50)) == {loose, drafted}


def test_what_is_taken_out_of_a_draft_is_loose_again(database: Database, put: Put, now: datetime) -> None:
    task = uuid4()
    kept, taken_out, others = put(task=task), put(task=task), put(task=task, owner="ola")
    with database.transaction() as db:
        files.drafted(db, task, "", [kept, taken_out], now)
        files.drafted(db, task, "ola", [others], now)
        files.drafted(db, task, "", [kept], now)
        db.expire_all()
        states = {row.id: row.state for row in db.scalars(select(StoredFile))}
    assert states == {kept: files.DRAFTED, taken_out: files.LOOSE, others: files.DRAFTED}
