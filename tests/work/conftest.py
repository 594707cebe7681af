"""A database with people in it."""

from __future__ import annotations

from datetime import datetime

import pytest

from komp_flow.db import Database
from work.staff import settle


@pytest.fixture
def staffed(database: Database) -> Database:
    with database.transaction() as db:
        settle(db)
    return database


@pytest.fixture
def later(now: datetime) -> datetime:
    """The day after."""
    return now.replace(day=now.day + 1)
