"""Alive, ready, and how it is doing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert

from komp_flow import schema
from komp_flow.db import Database
from komp_flow.engine.stored import messages
from komp_flow.engine.tables import INCIDENT_TABLE
from komp_flow.operations.models import Request


def told(client: Any) -> Mapping[tuple[str, str], float]:
    """Sample name and label's value → value."""
    text = client.get("/metrics").text
    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if not sample.name.startswith(("python_", "process_"))
    }


@pytest.mark.databases
def test_what_waits_is_counted_with_the_age_of_the_oldest(client: Any, database: Database, now: datetime) -> None:
    with database.transaction() as db:
        for number, ago in enumerate((90, 30, -60)):
            db.execute(
                insert(Request).values(
                    key=str(number),
                    kind="start",
                    state="waiting",
                    process="talk",
                    variables=messages.pack({}),
                    asked_at=now,
                    failures=0,
                    next_try_at=now - timedelta(seconds=ago),
                )
            )
        for kind in ("due", "due", "diagram"):
            row = {"id": uuid4(), "process": "talk", "kind": kind, "text": "", "opened_at": now}
            db.execute(insert(INCIDENT_TABLE).values(**row))
    found = told(client)
    assert found["komp_flow_queue_due", "request"] == 2
    assert found["komp_flow_queue_oldest_seconds", "request"] == 90
    assert found["komp_flow_queue_later", "request"] == 1
    assert found["komp_flow_queue_due", "timer"] == 0
    assert (found["komp_flow_incidents_open", "due"], found["komp_flow_incidents_open", "diagram"]) == (2, 1)
    assert found["komp_flow_tasks_open", ""] == 0
    assert (found["komp_flow_mails", "waiting"], found["komp_flow_mails", "failed"]) == (0, 0)


def test_requests_are_timed_by_the_pattern_of_their_address(client: Any) -> None:
    client.get("/sign-in")
    assert 'route="/sign-in"' in client.get("/metrics").text


def test_a_node_that_is_about_to_end_is_not_ready(client: Any, app: Any, database: Database) -> None:
    app.extensions["ending"] = lambda: True
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["checks"]["process"]) == (503, "ending")
    assert client.get("/healthz").status_code == 200


def test_a_database_without_its_migrations_is_not_ready(client: Any, database: Database) -> None:
    assert schema.behind(database)  # the tests' database was made without them
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["checks"]["migrations"]) == (503, "behind")
