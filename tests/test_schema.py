"""The migrations make the very tables that the code knows, on either database."""

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


@pytest.mark.databases
def test_a_restarted_old_node_goes_on_beside_a_later_version_that_only_added(bare: Database) -> None:
    schema.upgrade(bare)
    with bare.transaction() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert not schema.behind(bare)
    schema.upgrade(bare)
    assert schema.current(bare) == "9999"


@pytest.mark.parametrize("change", ["UPDATE schema_floor SET revision = '9998'", "DROP TABLE schema_floor"])
def test_a_later_version_that_ours_would_stumble_over_is_left_alone(bare: Database, change: str) -> None:
    schema.upgrade(bare)
    with bare.transaction() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        db.execute(text(change))
    with pytest.raises(Invalid, match="nyere versjon"):
        schema.upgrade(bare)
