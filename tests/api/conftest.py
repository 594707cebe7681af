"""An organisation behind the API, and programs that call it for its people."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from applications import application
from engine.drawing import doc, end, flows, start
from engine.storing import fill, job, schedule
from komp_flow import background
from komp_flow.auth import tokens
from komp_flow.db import Database
from komp_flow.engine import SourceFile
from komp_flow.organisation import SCOPES
from komp_flow.settings import Settings
from work import staff
from work.staff import field, form, required

V1 = "/api/v1"
ENGLISH = re.compile(r"\b(valid|missing|field|request|must|the|not a)\b", re.IGNORECASE)

TWO_STEPS = doc(
    start(),
    job("u1", ext=fill("f") + schedule("=now() + duration(&quot;P3D&quot;)"), name="Skriv"),
    job("u2", roles="superior", name="Les"),
    end(),
    flows("s>u1>u2>e"),
)


@dataclass
class Program:
    """A program that calls with somebody's token; addresses are below /api/v1."""

    client: Any
    secret: str | None

    def __call__(self, method: str, address: str, *, headers: dict[str, str] | None = None, **more: Any) -> Any:
        sent = dict(headers or {})
        if self.secret is not None:
            sent.setdefault("Authorization", f"Bearer {self.secret}")
        answer: TestResponse = self.client.open(V1 + address, method=method, headers=sent, **more)
        assert answer.status_code < 500, answer.text
        if answer.status_code >= 400:
            assert answer.content_type == "application/problem+json", answer.text
            body = answer.get_json()
            assert body["status"] == answer.status_code
            assert body["type"].startswith("/problems/")
            assert body["title"]
            said = [body["detail"], *(error["message"] for error in body.get("errors", ()))]
            assert all(said)
            assert not [text for text in said if ENGLISH.search(text)]
        return answer

    def get(self, address: str, **more: Any) -> Any:
        return self("GET", address, **more)

    def post(self, address: str, json: Any = None, **more: Any) -> Any:
        return self("POST", address, **({"json": json} if json is not None else {}), **more)

    def put(self, address: str, json: Any, **more: Any) -> Any:
        return self("PUT", address, json=json, **more)

    def send(self, address: str, *files: SourceFile | tuple[str, bytes], why: str | None = None, **more: Any) -> Any:
        """Files under `files`, in a multipart body."""
        named = [(file.name, file.data) if isinstance(file, SourceFile) else file for file in files]
        data: dict[str, Any] = {"files": [(BytesIO(content), name) for name, content in named]}
        if why is not None:
            data["why"] = why
        return self("POST", address, data=data, content_type="multipart/form-data", **more)


@dataclass
class Office:
    """The served application, its database and its clock."""

    app: Flask
    database: Database
    clock_file: Path
    now: datetime

    def program(self, person: str | None, *scopes: str) -> Program:
        if person is None:
            return Program(self.app.test_client(), None)
        with self.database.transaction() as db:
            secret = tokens.create(db, person, scopes or SCOPES, self.now)
        return Program(self.app.test_client(), secret)

    def publish(self, *files: SourceFile) -> None:
        with self.database.transaction() as db:
            staff.publish(db, self.now, *files)

    def pass_time(self, **parts: float) -> None:
        self.now += timedelta(**parts)
        self.clock_file.write_text(self.now.isoformat())

    def run_due(self) -> None:
        """What the background tick does when the bell rings."""
        background.run_until_nothing_is_due(self.database, lambda: self.now)


@pytest.fixture
def office(database: Database, tmp_path: Path, clock_file: Path, now: datetime) -> Office:
    """A process `p`: u1 for the manager, with the form `f`, due in three days; then u2 for the superior.

    Served as it is in earnest: no demo, and pages guard against forgery.
    """
    settings = Settings(
        home=tmp_path, database=str(database.url), secret_key="a key for tests only", clock=f"file:{clock_file}"
    )
    with database.transaction() as db:
        staff.settle(db)
    office = Office(application(settings, database), database, clock_file, now)
    office.publish(SourceFile("p.bpmn", TWO_STEPS), form("f", required("title"), field("note", "textarea")))
    return office


@pytest.fixture
def program(office: Office) -> Callable[..., Program]:
    """`program("kari", "tasks")` calls with a token of Kari's; without scopes, with all of them; None: without any."""
    return office.program


@pytest.fixture
def kari(office: Office) -> Program:
    """Leads the unit IT."""
    return office.program("kari")


@pytest.fixture
def owner(office: Office) -> Program:
    """The process owner."""
    return office.program("eier")


@pytest.fixture
def instance(owner: Program) -> str:
    """An instance of `p` about IT; Kari has its first task."""
    answer = owner.post("/instances", {"process": "p", "subject": {"unit": "it"}})
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["id"])


@pytest.fixture
def task(kari: Program, instance: str) -> str:
    """Kari's open task."""
    (line,) = kari.get("/tasks").get_json()["items"]
    assert UUID(line["id"])
    return str(line["id"])
