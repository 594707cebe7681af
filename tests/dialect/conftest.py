"""A house for every test, run twice: with one server all the way, and with a restart before every call."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dialect.house import House, Switch, copied, operation_for_tests, prepare


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare(tmp_path_factory.mktemp("template"))


@pytest.fixture(params=[True], ids=["restarted"])
def house(request: pytest.FixtureRequest, template: Path, tmp_path: Path) -> Iterator[House]:
    made = House(copied(template, tmp_path), restarts=request.param)
    yield made
    made.close()


@pytest.fixture
def operation() -> Iterator[Switch]:
    yield from operation_for_tests()
