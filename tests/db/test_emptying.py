"""The tests' own PostgreSQL: what one test leaves behind, no other finds."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from datetime import datetime

import psycopg
import pytest

from komp_flow.vault import Vault

Lent = Callable[[], AbstractContextManager[str]]
MESSAGE = (
    "INSERT INTO message (kind, name, key, payload, created_at, kept) VALUES ('m', 'n', '', '', now(), false)"
    " RETURNING id"
)


def test_rows_numbers_connections_and_keys_are_gone(empty_postgresql: Lent, now: datetime) -> None:
    with empty_postgresql() as first:
        left_open = psycopg.connect(first)
        assert left_open.execute(MESSAGE).fetchone() == (1,)
        left_open.commit()
        left_open.execute("LOCK TABLE person")
        with closing(Vault(first, [b"wraps"])) as vault, vault.writing():
            pass
    with pytest.raises(psycopg.OperationalError):
        left_open.execute("SELECT 1")
    with empty_postgresql() as second, psycopg.connect(second) as connection:
        assert second == first
        assert connection.execute("SELECT count(*) FROM message").fetchone() == (0,)
        assert connection.execute(MESSAGE).fetchone() == (1,)
        assert connection.execute("SELECT to_regnamespace('komp_flow_keys')").fetchone() == (None,)


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE another (id integer)",
        "ALTER TABLE task ADD COLUMN another text",
        "ALTER TABLE task ALTER COLUMN name DROP NOT NULL",
        "DROP INDEX ix_task_instance",
        "CREATE FUNCTION another() RETURNS integer AS 'SELECT 1' LANGUAGE sql",
        "CREATE SCHEMA another",
        "ALTER TABLE task DROP CONSTRAINT fk_task_instance_id",
    ],
)
def test_a_database_that_is_made_otherwise_now_is_not_used_again(empty_postgresql: Lent, change: str) -> None:
    with empty_postgresql() as first, psycopg.connect(first) as connection:
        connection.execute(change)
    with empty_postgresql() as second:
        assert second != first
