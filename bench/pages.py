"""Pages among a million task rows: the inbox and HR's board beside a page with nothing in it, through the whole app."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from flask import render_template_string

from bench.counting import Statements
from bench.crowd import NOW, Crowd
from bench.places import Place
from bench.racing import FEWEST
from bench.series import Series, timed
from komp_flow.app import create_app
from komp_flow.auth.guards import requires
from komp_flow.db import Database
from komp_flow.settings import Settings
from komp_flow.warmth import settled
from komp_flow.work.policy import Permission

ENOUGH = 40.0  # seconds
EMPTY = '{% extends "base.html" %}{% block title %}-{% endblock %}{% block main %}<h1>-</h1>{% endblock %}'


@dataclass(frozen=True)
class Page:
    """A page, who opens it, and how many times an empty page it may take."""

    name: str
    address: str
    person: str
    goal: float


@dataclass
class Shown:
    """What the pages took on one kind of database. `sent`: bytes of HTML, `statements`: what it asked the database."""

    kind: str
    series: Mapping[str, Series]
    pages: Mapping[str, Page]

    def base(self, key: str) -> str:
        """The empty page of the same reader, or of one with as short a menu."""
        return "empty, HR" if self.pages[key].person == self.pages["empty, HR"].person else "empty"


def of(crowd: Crowd) -> dict[str, Page]:
    """The pages that are measured: by the top's manager, who has all roles, and by a manager of ten people."""
    leader = f"p{-(-(crowd.units // 2) * crowd.people // crowd.units)}"
    return {
        "empty, HR": Page("an empty page, to HR", "/bench-empty", "p0", 1.0),
        "empty": Page("an empty page, to a manager", "/bench-empty", leader, 1.0),
        "inbox": Page("a manager's inbox", "/", leader, 3.0),
        "inbox, HR": Page("HR's inbox", "/", "p0", 3.0),
        "inbox, employee": Page("an employee's inbox", "/", f"p{crowd.people // 2 + 1}", 3.0),
        "board": Page("HR's board", "/board", "p0", 10.0),
        "late": Page("HR's board, those that lag", "/board?late=1", "p0", 10.0),
        "unit": Page("a manager's unit", "/unit", leader, 0.0),
        "talks": Page("a manager's talks", "/talks", leader, 0.0),
        "cycle": Page("the cycle", "/cycle", leader, 0.0),
        "instances": Page("all instances, to HR", "/instances", "p0", 0.0),
    }


def application(database: Database, folder: Path) -> Any:
    """The product's own, with one page more that has nothing in it."""
    clock = folder / "clock"
    clock.write_text(NOW.isoformat())
    settings = Settings(home=folder, database=str(database.url), secret_key="for the bench only",
                        clock=f"file:{clock}", demo=True)  # fmt: skip
    app = create_app(settings, database)
    app.config["WTF_CSRF_ENABLED"] = False

    @app.get("/bench-empty")
    @requires(Permission.WORK)
    def empty() -> str:
        return render_template_string(EMPTY)

    return app


def measure(
    place: Place, kind: str, database: Database, crowd: Crowd, repetitions: int, rounds: int, say: Callable[[str], None]
) -> Shown:
    """Open each in turn, in an order drawn anew each time."""
    say(f"pages on {kind}, {crowd.tasks:,} task rows")
    count = Statements(database)
    with (place.folder / "log").open("w") as lines:  # what it logs is written, but not here
        structlog.configure(logger_factory=structlog.WriteLoggerFactory(lines))
        try:
            return _measured(place, kind, database, crowd, repetitions, rounds, count)
        finally:
            structlog.reset_defaults()


def _measured(
    place: Place, kind: str, database: Database, crowd: Crowd, repetitions: int, rounds: int, count: Statements
) -> Shown:
    app = application(database, place.folder)
    pages = of(crowd)
    clients = {person: _signed_in(app, person) for person in {page.person for page in pages.values()}}
    series = {key: Series(page.name) for key, page in pages.items()}
    for key, page in pages.items():
        for _warm in range(3):
            with count:
                answer = clients[page.person].get(page.address)
        if answer.status_code != 200:
            raise RuntimeError(f"{page.name}: {answer.status_code}")
        series[key].facts = {"sent": len(answer.data), "statements": count.number}
    count.stop()
    began = time.monotonic()
    with settled():
        for repetition in range(repetitions):
            if repetition >= FEWEST and time.monotonic() - began > ENOUGH:
                break
            for each in series.values():
                each.begin()
            for _round in range(rounds):
                for key in random.sample(sorted(pages), len(pages)):
                    with timed() as measured:
                        clients[pages[key].person].get(pages[key].address)
                    series[key].add(measured)
    return Shown(kind, series, pages)


def _signed_in(app: Any, person: str) -> Any:
    client = app.test_client()
    answer = client.post("/sign-in/persona", data={"person": person})
    if answer.status_code != 303:
        raise RuntimeError(answer.text)
    return client
