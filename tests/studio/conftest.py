"""The same people at work as behind the use cases, and the process owner's browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from journeys.conftest import BEGINS, Served, free_port
from work.conftest import office

__all__ = ["office"]


@pytest.fixture
def owner(office: Any, login: Any) -> Any:
    """The browser of the one who owns the processes."""
    return login("eier")


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """komp-flow with its demo organisation; one for all that draws, for each drawing is a test's own."""
    running = Served(tmp_path_factory.mktemp("studio"), free_port())
    running.at(BEGINS)
    running.start()
    yield running
    running.kill()


def begun(desk: Any, **sent: Any) -> str:
    """Begin a drawing; answers its address."""
    answer = desk.post("/studio/drawings", data=sent)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def data_of(page: str) -> dict[str, Any]:
    """What the page tells its editor."""
    found = re.search(r'<script type="application/json" id="studio-data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return dict(json.loads(found[1]))
