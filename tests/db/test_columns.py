"""What columns hold stands as SQLAlchemy itself would have put it there, and comes out as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import JSON, Uuid, bindparam, select, type_coerce
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.orm import Session

from komp_flow.db import Instant, conversions

SQLITE = SQLiteDialect_pysqlite()
SUMMER = datetime(2027, 7, 1, 10, 30, tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize(
    ("kind", "values"),
    [(Uuid(), [uuid4(), None]), (Instant(), [datetime(2027, 1, 4, 8, 0, 0, 5, tzinfo=UTC), SUMMER, None])],
)
def test_the_short_way_says_what_sqlalchemys_own_says(kind: Any, values: list[Any]) -> None:
    inwards, outwards = (getattr(kind.dialect_impl(SQLITE), way) for way in ("bind_processor", "result_processor"))
    stock_in, stock_out = inwards(SQLITE), outwards(SQLITE, None)
    quick_in, quick_out = conversions.binds(kind, SQLITE, stock_in), conversions.results(kind, SQLITE)
    assert quick_in is not stock_in
    assert quick_in is not None
    assert quick_out is not None
    for value in values:
        kept = quick_in(value)
        assert kept == stock_in(value)
        assert quick_out(kept) == stock_out(kept) == value


def test_a_moment_without_an_offset_is_somebodys_guess() -> None:
    with pytest.raises(ValueError, match="without an offset"):
        conversions.binds(Instant(), SQLITE, None)(datetime(2027, 1, 4, 8))  # type: ignore[misc]  # noqa: DTZ001


@pytest.mark.databases
@pytest.mark.parametrize(
    "value", [{"æ": [1, 2.5, None, True, "ø\u2028"]}, [], "tekst", 10**30, {"dyp": {"er": [{"den": 1}]}}]
)
def test_json_comes_out_as_it_went_in(db: Session, value: Any) -> None:
    ask = select(type_coerce(bindparam("value", type_=JSON()), JSON()).label("found"))
    assert db.connection().execute(ask, {"value": value}).scalar_one() == value


@pytest.mark.databases
def test_json_knows_no_dates(db: Session) -> None:
    """A date among a column's values is a mistake, which is told where it is made."""
    ask = select(type_coerce(bindparam("value", type_=JSON()), JSON()))
    with pytest.raises(Exception, match="not JSON serializable"):
        db.connection().execute(ask, {"value": {"at": SUMMER}})
