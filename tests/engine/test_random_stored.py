"""Random diagrams through the database: projections always equal the state, and both are where the token game is."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from engine.random_diagrams import Builder
from engine.random_runs import FAMILIES, picking, random_settings, walked
from engine.random_stored import StoredWalk
from engine.random_walks import Different
from engine.storing import Store
from komp_flow import audit
from komp_flow.db import Database

FEW = {"sqlite": 30, "postgresql": 10}


@pytest.mark.databases
def test_projections_equal_the_state_after_every_move(database: Database, database_kind: str) -> None:
    store = Store(database)

    @random_settings(FEW[database_kind])
    @given(st.data())
    def agree(data: st.DataObject) -> None:
        pick = picking(data)
        family = FAMILIES[pick(["all", "events", "items", "data", "time"])]
        walked(pick, family, lambda graph: StoredWalk(graph, store=store), f"stored-{database_kind}")

    agree()
    with database.reading() as db:
        assert audit.verify(db) == []


@pytest.mark.parametrize("table", ["subscription", "timer"])
def test_rows_that_are_left_behind_are_found(database: Database, table: str) -> None:
    store = Store(database)
    with database.transaction() as db:
        db.execute(text(f"CREATE TRIGGER forgets BEFORE DELETE ON {table} BEGIN SELECT RAISE(IGNORE); END"))

    def walk() -> None:
        for seed in range(40):
            pick = random.Random(seed).choice
            StoredWalk(Builder(pick, FAMILIES["events"]).build(3), store=store).go(pick)

    with pytest.raises(Different, match=f"rows of {table}"):
        walk()
