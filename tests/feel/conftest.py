from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from komp_flow import feel

OSLO = ZoneInfo("Europe/Oslo")


@pytest.fixture
def moment() -> feel.Moment:
    """Friday 8 January 2027, ten past ten in Oslo; weekends and all days until 5 January are days off."""
    return feel.Moment(
        datetime(2027, 1, 8, 9, 10, tzinfo=UTC), OSLO, lambda day: day.weekday() < 5 and day > date(2027, 1, 5)
    )


@pytest.fixture
def answer(moment: feel.Moment) -> Callable[..., object]:
    """The value of an expression over the names that are given."""

    def evaluated(expression: str, **names: object) -> object:
        return feel.evaluate(expression, names, moment)

    return evaluated
