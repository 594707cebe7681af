"""The migrations make the very tables that the code knows, on either database, and a copy can be put back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text

from komp_flow import schema
from komp_flow.db import Base, Database
from komp_flow.errors import Invalid


@pytest.fixture
def bare(database_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database without a table."""
    url = f"sqlite:///{tmp_path / 'bare.sqlite'}"
    if database_kind == "postgresql":
        url = request.getfixturevalue("bare_postgresql")
    made = Database(url)
    yield made
    made.close()


@pytest.mark.databases
@pytest.mark.filterwarnings("ignore:Cannot correctly sort tables")
def test_the_migrations_make_the_tables_that_the_code_knows(bare: Database) -> None:
    assert schema.behind(bare)
    schema.upgrade(bare)
    schema.upgrade(bare)
    assert not schema.behind(bare)
    with bare.engine.connect() as connection:
        different = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    assert different == []


def test_a_database_of_a_later_version_is_left_alone(bare: Database) -> None:
    schema.upgrade(bare)
    with bare.transaction() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Invalid, match="nyere versjon"):
        schema.upgrade(bare)


def test_a_copy_taken_while_somebody_writes_can_be_put_back(bare: Database, tmp_path: Path) -> None:
    schema.upgrade(bare)
    with bare.transaction() as db:
        db.execute(text("INSERT INTO closing_day (day, name) VALUES ('2027-12-27', 'kept')"))
    with bare.transaction() as db:
        db.execute(text("INSERT INTO closing_day (day, name) VALUES ('2027-12-28', 'not committed yet')"))
        schema.backup(bare, tmp_path / "copy.sqlite")
        db.rollback()
    with bare.transaction() as db:
        db.execute(text("DELETE FROM closing_day"))
    schema.restore(bare, tmp_path / "copy.sqlite")
    again = Database(bare.url)
    with again.reading() as db:
        assert db.execute(text("SELECT name FROM closing_day")).scalars().all() == ["kept"]
    assert schema.check(again) == []
    again.close()


def test_what_is_no_copy_is_refused_and_nothing_changes(bare: Database, tmp_path: Path) -> None:
    schema.upgrade(bare)
    (tmp_path / "not-a-database").write_text("hello" * 1000)
    with pytest.raises(Invalid):
        schema.restore(bare, tmp_path / "not-a-database")
    assert not schema.behind(bare)


def test_a_copy_never_overwrites(bare: Database, tmp_path: Path) -> None:
    schema.upgrade(bare)
    (tmp_path / "there").write_text("mine")
    with pytest.raises(Invalid):
        schema.backup(bare, tmp_path / "there")
    assert (tmp_path / "there").read_text() == "mine"
