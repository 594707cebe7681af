"""A PostgreSQL database whose queue is procrastinate, with people at work in it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog

from conftest import INFO, WRAPPING
from engine.drawing import catch, doc, end, flows, message, ref, start, timer
from engine.storing import job
from komp_flow import background
from komp_flow.background import working
from komp_flow.db import Base, Database
from komp_flow.engine import SourceFile
from komp_flow.schema import load_tables
from komp_flow.settings import Settings
from komp_flow.vault import Vault
from work import staff
from work.conftest import Office

WAITS = doc(start(), catch("t", timer("PT1S")), job("a"), end(), flows("s>t>a>e"), pid="q")
HEARS = doc(
    start(),
    catch("m", ref("message", "hello")),
    job("a"),
    end(),
    flows("s>m>a>e"),
    pid="h",
    top=message("hello", "hello", "=unit.id"),
)
PATIENCE = 30.0  # seconds


def real() -> datetime:
    return datetime.now(UTC)


def until(holds: Callable[[], object]) -> None:
    """Look again and again until it holds: what is waited for happens in other threads and processes."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)


@pytest.fixture(autouse=True)
def short_lines() -> Iterator[None]:
    """What is logged in threads is a line, as in production: drawn tracebacks take seconds."""
    structlog.configure(processors=[structlog.processors.JSONRenderer(default=str)])
    yield
    structlog.reset_defaults()


@pytest.fixture
def settings(bare_postgresql: str, tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, database=bare_postgresql, secret_key="a key for tests only", queue="procrastinate")


@pytest.fixture
def queued(settings: Settings) -> Iterator[Database]:
    """A database with every table and the queue's, whose bell defers jobs."""
    made = Database(settings.database, info={**INFO, "vault": Vault(settings.database, WRAPPING)})
    load_tables()
    Base.metadata.create_all(made.engine)
    background.hang(made, settings, real)
    yield made
    made.close()


@pytest.fixture
def office(queued: Database) -> Office:
    """People, and two processes: `q` waits for a second, `h` for a message."""
    with queued.transaction() as db:
        staff.settle(db)
    made = Office(queued, real())
    made.publish(SourceFile("q.bpmn", WAITS), SourceFile("h.bpmn", HEARS))
    return made


@pytest.fixture
def at_work(queued: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], object]]:
    """`at_work()` begins a worker that never sweeps by itself but when it begins: what is done then, jobs have done."""
    monkeypatch.setattr(working, "SWEEP", working.timedelta(hours=1))
    begun: list[background.Stays] = []

    def begin() -> background.Stays:
        begun.append(background.begin(queued, settings, real, threads=2))
        return begun[-1]

    yield begin
    for one in begun:
        one.stop()
