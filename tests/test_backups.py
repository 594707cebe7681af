"""A copy taken while people work, and put back here or elsewhere, on either database."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from komp_flow import backups, schema
from komp_flow.db import Database
from komp_flow.errors import Busy, Invalid

Bare = Callable[[], Database]


@pytest.fixture
def bare(database_kind: str, tmp_path: Path, request: pytest.FixtureRequest, postgresql_tools: None) -> Iterator[Bare]:
    """Makes databases with today's tables and nothing in them."""
    made: list[Database] = []

    def make() -> Database:
        url = f"sqlite:///{tmp_path / uuid.uuid4().hex}"
        if database_kind == "postgresql":
            url = request.getfixturevalue("another_postgresql")()
        made.append(Database(url))
        schema.upgrade(made[-1])
        return made[-1]

    yield make
    for database in made:
        database.close()


@pytest.fixture
def server(another_postgresql: Callable[[], str], postgresql_tools: None) -> Iterator[Database]:
    """A database with today's tables on a PostgreSQL."""
    made = Database(another_postgresql())
    schema.upgrade(made)
    yield made
    made.close()


def days(database: Database) -> list[str]:
    with database.reading() as db:
        return list(db.execute(text("SELECT name FROM closing_day ORDER BY day")).scalars())


def close(database: Database, day: str, name: str) -> None:
    with database.transaction() as db:
        db.execute(text("INSERT INTO closing_day (day, name) VALUES (:day, :name)"), {"day": day, "name": name})


@pytest.mark.databases
def test_a_copy_holds_what_was_committed_and_is_put_back(bare: Bare, tmp_path: Path) -> None:
    database = bare()
    close(database, "2027-12-27", "kept")
    with database.transaction() as db:
        db.execute(text("INSERT INTO closing_day (day, name) VALUES ('2027-12-28', 'not committed yet')"))
        backups.backup(database, tmp_path / "copy")
        db.rollback()
    with database.transaction() as db:
        db.execute(text("DELETE FROM closing_day"))
    backups.restore(database, tmp_path / "copy")
    assert days(database) == ["kept"]
    assert schema.check(database) == []
    assert not schema.behind(database)


@pytest.mark.databases
def test_a_copy_is_put_back_elsewhere_over_what_was_there_and_counts_on(bare: Bare, tmp_path: Path) -> None:
    here, there = bare(), bare()
    told = "INSERT INTO daily_run (name, on_date) VALUES (:name, '2027-01-04')"
    asked = text(
        "INSERT INTO message (kind, name, key, payload, created_at, kept) "
        "VALUES ('message', 'm', :key, 'p', '2027-01-04T08:00:00.000000Z', :kept)"
    )
    with here.transaction() as db:
        db.execute(text(told), {"name": "ours"})
        db.execute(asked, {"key": "1", "kept": False})
        db.execute(asked, {"key": "2", "kept": False})
    with there.transaction() as db:
        db.execute(text(told), {"name": "theirs"})
    backups.backup(here, tmp_path / "copy")
    backups.restore(there, tmp_path / "copy")
    with there.transaction() as db:
        assert db.execute(text("SELECT name FROM daily_run")).scalars().all() == ["ours"]
        db.execute(asked, {"key": "3", "kept": False})
        keys = db.execute(text("SELECT key FROM message ORDER BY id")).scalars().all()
    assert keys == ["1", "2", "3"]


@pytest.mark.databases
@pytest.mark.parametrize("damage", ["another file", "half of it", "empty"])
def test_what_is_no_whole_copy_is_refused_and_nothing_changes(bare: Bare, tmp_path: Path, damage: str) -> None:
    database, copy = bare(), tmp_path / "copy"
    backups.backup(database, copy)
    whole = copy.read_bytes()
    copy.write_bytes({"another file": b"hello" * 1000, "half of it": whole[: len(whole) // 2], "empty": b""}[damage])
    close(database, "2027-12-27", "kept")
    with pytest.raises(Invalid):
        backups.restore(database, copy)
    assert days(database) == ["kept"]


@pytest.mark.databases
def test_a_copy_never_overwrites_and_a_place_that_cannot_be_written_is_told(bare: Bare, tmp_path: Path) -> None:
    database = bare()
    (tmp_path / "there").write_text("mine")
    with pytest.raises(Invalid, match="finnes fra før"):
        backups.backup(database, tmp_path / "there")
    assert (tmp_path / "there").read_text() == "mine"
    with pytest.raises(Invalid, match="Kan ikke skrive"):
        backups.backup(database, tmp_path / "no-such-folder" / "copy")
    assert sorted(path.name for path in tmp_path.glob("*.partial")) == []


def test_a_database_that_somebody_uses_is_not_replaced(server: Database, tmp_path: Path) -> None:
    close(server, "2027-12-27", "kept")
    backups.backup(server, tmp_path / "copy")
    serving = Database(server.url)
    with serving.reading() as db:
        db.execute(text("SELECT 1"))
        with pytest.raises(Busy, match="Stopp «serve»"):
            backups.restore(server, tmp_path / "copy")
    serving.close()
    assert days(server) == ["kept"]


def test_a_machine_without_the_programs_is_told_what_to_install(
    server: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Invalid, match="postgresql-client"):
        backups.backup(server, tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_a_server_that_does_not_answer_is_told_without_the_password(postgresql_tools: None, tmp_path: Path) -> None:
    away = Database("postgresql://u:hemmelig@127.0.0.1:1/base")
    with pytest.raises(Invalid) as refused:
        backups.backup(away, tmp_path / "copy")
    assert "pg_dump" in refused.value.message
    assert "hemmelig" not in refused.value.message
    assert list(tmp_path.iterdir()) == []
