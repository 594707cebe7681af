"""A unit with two people, one of whom may sign in."""

from __future__ import annotations

from datetime import datetime

import pytest
from argon2 import PasswordHasher

from komp_flow.auth import accounts
from komp_flow.db import Database
from komp_flow.organisation.models import Person, Position, Unit

PASSWORD = "fire gamle sko på hylla"


@pytest.fixture(autouse=True)
def cheap_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same algorithm with small parameters: what is tested here is not its cost."""
    monkeypatch.setattr(accounts, "hasher", PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1))


@pytest.fixture
def two(database: Database, now: datetime) -> Database:
    with database.transaction() as db:
        db.add(Unit(id="a", name="A", sort_key="a"))
        for person_id, email in (("eva", "Eva.Næss@fjord.example"), ("ole", "ole@fjord.example")):
            db.add(
                Person(
                    id=person_id,
                    name=person_id,
                    email=email,
                    email_key=email.casefold(),
                    unit_id="a",
                    sort_key=person_id,
                )
            )
            db.add(Position(person_id=person_id, number=1, unit_id="a", percent=100.0))
        db.flush()
        accounts.create(db, "eva", PASSWORD, now)
    return database
