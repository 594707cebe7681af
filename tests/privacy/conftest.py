"""A served house where one talk is walked through over HTTP, with a canary in everything that is written."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from applications import application
from komp_flow import background, registers
from komp_flow.auth import tokens
from komp_flow.db import Database
from komp_flow.demo.answers import Desk, answers
from komp_flow.registers.models import DevelopmentGoal, Effect
from komp_flow.settings import Settings
from privacy.canaries import sing, songs
from work import staff

MONDAY = datetime(2027, 1, 4, 8, tzinfo=UTC)
OSLO = ZoneInfo("Europe/Oslo")
SCOPES = ("tasks", "instances", "processes", "registers", "admin")
EVERYONE = [person[0] for person in staff.PEOPLE]


@dataclass
class House:
    """The served application, its database and its clock, and every canary that was let out."""

    app: Flask
    database: Database
    clock_file: Path
    now: datetime = MONDAY
    sung: dict[str, set[str]] = field(default_factory=dict)
    instances: dict[str, UUID] = field(default_factory=dict)
    tasks: dict[str, str] = field(default_factory=dict)
    _secrets: dict[str, str] = field(default_factory=dict)

    def at(self, now: datetime) -> None:
        self.now = now
        self.clock_file.write_text(now.isoformat())
        background.run_until_nothing_is_due(self.database, lambda: self.now)

    def api(self, person: str, method: str, address: str, body: Any = None, **more: Any) -> Any:
        if person not in self._secrets:
            with self.database.transaction() as db:
                self._secrets[person] = tokens.create(db, person, SCOPES, self.now, days=3000)
        headers = {"Authorization": f"Bearer {self._secrets[person]}", **more.pop("headers", {})}
        sent = {"json": body} if body is not None else {}
        return self.app.test_client().open(f"/api/v1{address}", method=method, headers=headers, **sent, **more)

    def browser(self, person: str) -> Any:
        client = self.app.test_client()
        assert client.post("/sign-in/persona", data={"person": person}).status_code == 303
        return client

    def start(self, process: str, person: str, unit: str = "it", cycle: str | None = "2027") -> UUID:
        subject = {"unit": unit, "person": person, "cycle": cycle}
        started = self.api("hanne", "POST", "/instances", {"process": process, "subject": subject})
        assert started.status_code == 201, started.text
        self.instances[f"{process}-{person}"] = UUID(started.json["id"])
        return self.instances[f"{process}-{person}"]

    def task(self, who: str, instance: UUID, element: str) -> dict[str, Any]:
        listed = self.api(who, "GET", f"/tasks?instance={instance}&state=open&page_size=200")
        line = next(line for line in listed.json["items"] if line["element"] == element)
        self.tasks[element] = line["id"]
        return dict(self.api(who, "GET", f"/tasks/{line['id']}").json)

    def write(self, who: str, instance: UUID, element: str, *, send: bool = True, **more: Any) -> str:
        """Type and send answers full of canaries; a draft first. Answers the task's id."""
        task = self.task(who, instance, element)
        context = task["context"] or {}
        usual = answers(task["form"]["id"], Desk(0, context, self.now, OSLO)) | more
        values = sing(task["form"], json.loads(json.dumps(usual, default=str)), element)
        self.sung.setdefault(element, set()).update(songs(values))
        address = f"/tasks/{task['id']}"
        kept = self.api(who, "PUT", f"{address}/draft", {"values": values})
        assert kept.status_code == 200, kept.text
        if send:
            headers = {"Idempotency-Key": f"{who}-{task['id']}"}
            for _again in range(2):
                done = self.api(who, "POST", f"{address}/complete", {"values": values}, headers=headers)
                assert done.status_code == 200, done.text
        return str(task["id"])

    @property
    def canaries(self) -> set[str]:
        return set().union(*self.sung.values())


@pytest.fixture
def log(capfd: pytest.CaptureFixture[str]) -> Iterator[Any]:
    """Everything that is logged, the statements sent to the databases too. `log()` gives what it was."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    loggers = [logging.getLogger(), logging.getLogger("sqlalchemy")]
    before = [logger.level for logger in loggers]
    keep = Keep()
    loggers[0].addHandler(keep)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)

    def so_far() -> str:
        out, err = capfd.readouterr()
        lines.extend((out, err))
        return "\n".join(lines)

    yield so_far
    loggers[0].removeHandler(keep)
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


@pytest.fixture
def house(database: Database, tmp_path: Path, clock_file: Path) -> House:
    """People, the shipped processes, a cycle; nobody has written anything yet."""
    settings = Settings(
        home=tmp_path,
        database=str(database.url),
        secret_key="a key for tests only",
        clock=f"file:{clock_file}",
        demo=True,
    )
    names = [path.name for folder in ("processes", "forms") for path in sorted((staff.ROOT / folder).iterdir())]
    with database.transaction() as db:
        staff.settle(db)
        staff.publish(db, MONDAY, *staff.shipped(*names))
        registers.set_up(db, {"name": "2027", "start": date(2027, 1, 4)}, cycle_id=None, instance_id=None, now=MONDAY)
    app = application(settings, database)
    app.config.update(WTF_CSRF_ENABLED=False)
    return House(app, database, clock_file)


@pytest.fixture
def talk(house: House) -> House:
    """Nils' talk with Kari, from the invitation to the follow-up; the notes shared, the plan sent back once."""
    talk = house.start("talk", "nils")
    at = house.now + timedelta(days=14)
    house.write("kari", talk, "C1", talk_at=at.isoformat())
    house.write("nils", talk, "C2", share=True)
    house.write("kari", talk, "C3", share=True)
    house.at(at + timedelta(hours=3))
    house.write("kari", talk, "C4")
    house.write("nils", talk, "C5", agreement="disagree")
    house.write("kari", talk, "C4")
    house.write("nils", talk, "C5", agreement="agree")
    house.at(house.now + timedelta(days=200))
    house.write("nils", talk, "C7", send=False)
    return house


def rows(house: House, person: str) -> Mapping[str, list[str]]:
    """The ids of the rows about a person, by register."""
    with house.database.reading() as db:
        found = {}
        for name, table in (("goals", DevelopmentGoal), ("effects", Effect)):
            found[name] = [row.id for row in db.query(table).filter(table.person_id == person)]
        return found
