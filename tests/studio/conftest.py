"""The same people at work as behind the use cases, and the process owner's browser."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from journeys.conftest import Served, become, copied, loaded
from work.conftest import office

__all__ = ["loaded", "office"]

PATIENCE = 20_000  # milliseconds


@pytest.fixture
def owner(office: Any, login: Any) -> Any:
    """The browser of the one who owns the processes."""
    return login("eier")


@pytest.fixture(scope="session")
def served(loaded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """komp-flow with its demo organisation; one for all that draws, for each drawing is a test's own."""
    with copied(loaded, tmp_path_factory.mktemp("studio")) as running:
        yield running


@pytest.fixture(scope="package", autouse=True)
def patience() -> Iterator[None]:
    """How long one waits for what the editor shows: a busy machine is not what is tried."""
    expect.set_options(timeout=PATIENCE)
    yield
    expect.set_options(timeout=5_000)


@pytest.fixture(scope="session")
def signed_in() -> dict[tuple[str, str], Any]:
    """The cookies of those who have signed in, by server and name."""
    return {}


@pytest.fixture
def be(page: Page, served: Served, signed_in: dict[tuple[str, str], Any]) -> Callable[[str], Page]:
    """The browser of that persona of the demo, who signs in once."""

    def sign_in(name: str) -> Page:
        who = (served.url, name)
        if who in signed_in:
            page.context.add_cookies(signed_in[who])
        else:
            become(page, served, name)
            signed_in[who] = page.context.cookies()
        return page

    return sign_in


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
