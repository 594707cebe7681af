"""A served komp-flow with people in it, on a database that something is done to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import func, select

from api.conftest import TWO_STEPS
from engine.drawing import catch, doc, end, flows, start, timer
from engine.storing import job
from komp_flow import organisation, work
from komp_flow.app import create_app
from komp_flow.auth import tokens
from komp_flow.db import Database
from komp_flow.engine import SourceFile, tables
from komp_flow.organisation import Subject
from komp_flow.settings import Settings
from work import staff
from work.staff import field, form, required

IT = Subject(unit="it")
WAITS = doc(start(), catch("c", timer("PT1H")), job("u"), end(), flows("s>c>u>e"), pid="waits")


@dataclass
class Served:
    """The application, its database, and a program that calls it as Kari, who leads IT."""

    app: Flask
    database: Database
    now: datetime
    secret: str

    def call(self, method: str, path: str, body: Any = None, key: str = "") -> Any:
        headers = {"Authorization": f"Bearer {self.secret}"} | ({"Idempotency-Key": key} if key else {})
        return self.app.test_client().open(f"/api/v1{path}", method=method, json=body, headers=headers)

    def start(self, process: str = "p") -> UUID:
        with self.database.transaction() as db:
            return work.start(db, staff.EIER, process, IT, {}, self.now).id

    def task(self, instance: UUID) -> UUID:
        with self.database.reading() as db:
            wanted = select(tables.TASK.c.id).where(
                tables.TASK.c.instance_id == instance, tables.TASK.c.state == "open"
            )
            return db.execute(wanted).scalar_one()

    def complete(self, task: UUID, key: str = "", title: str = "Ja") -> Any:
        return self.call("POST", f"/tasks/{task}/complete", {"values": {"title": title}}, key)

    def done(self) -> int:
        """How many completions there are."""
        with self.database.reading() as db:
            return db.scalar(select(func.count()).select_from(tables.SUBMISSION)) or 0

    def count(self, table: Any, **where: Any) -> int:
        wanted = select(func.count()).select_from(table)
        for name, value in where.items():
            wanted = wanted.where(table.c[name] == value)
        with self.database.reading() as db:
            return db.scalar(wanted) or 0


def settle(database: Database, now: datetime) -> str:
    """Everyone in their place, two processes published; the secret of Kari's token."""
    with database.transaction() as db:
        staff.settle(db)
        files = SourceFile("p.bpmn", TWO_STEPS), SourceFile("waits.bpmn", WAITS)
        staff.publish(db, now, *files, form("f", required("title"), field("note", "textarea")))
        return tokens.create(db, "kari", organisation.SCOPES, now, days=365)


def serve(database: Database, home: Path, now: datetime, secret: str) -> Served:
    """The application on that database, at that moment."""
    clock = home / "clock"
    clock.write_text(now.isoformat())
    settings = Settings(home=home, database="", secret_key="a key for tests only", clock=f"file:{clock}", demo=True)
    app = create_app(settings, database)
    app.config.update(TESTING=False, WTF_CSRF_ENABLED=False)
    return Served(app, database, now, secret)


def problem(answer: Any) -> tuple[int, str, str]:
    """Status, what is told, and when to come again."""
    said = json.loads(answer.text)["detail"]
    return answer.status_code, said, answer.headers.get("Retry-After", "")
