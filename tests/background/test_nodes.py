"""Web nodes and workers on one PostgreSQL: begun at once, ended in good order, each doing its own part."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from background.conftest import HEARS, until
from background.nodes import Node, Site
from conftest import INFO, _command, _named
from komp_flow.auth import tokens
from komp_flow.db import Database
from komp_flow.engine import SourceFile
from work import staff

SCOPES = ["tasks", "instances"]


@pytest.fixture(scope="module")
def site(postgresql: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    _command(postgresql, "CREATE DATABASE nodes")
    made = Site(_named(postgresql, "nodes"), tmp_path_factory.mktemp("nodes"))
    yield made
    made.end()
    _command(postgresql, "DROP DATABASE nodes WITH (FORCE)")


@pytest.fixture(scope="module")
def webs(site: Site) -> list[Node]:
    """Two web nodes and a worker, begun at once on a database without a table."""
    begun = [site.begin("serve"), site.begin("worker"), site.begin("serve", "--drain", "2")]
    for node in begun:
        node.ready()
    return [node for node in begun if node.port]


@pytest.fixture(scope="module")
def database(site: Site, webs: list[Node]) -> Iterator[Database]:
    made = Database(site.url, info={**INFO, "trail_key": b"of all nodes"})
    now = datetime.now(UTC)
    with made.transaction() as db:
        staff.settle(db)
        staff.publish(db, now, SourceFile("h.bpmn", HEARS))
    yield made
    made.close()


@pytest.fixture(scope="module")
def token(database: Database) -> str:
    with database.transaction() as db:
        return tokens.create(db, "eier", SCOPES, datetime.now(UTC))


def tasks(database: Database, instance: str) -> list[str]:
    with database.reading() as db:
        return list(db.scalars(text("SELECT element FROM task WHERE instance_id = :one"), {"one": UUID(instance)}))


def started(web: Node, token: str) -> str:
    status, answer = web.call("POST", "/api/v1/instances", {"process": "h", "subject": {"unit": "it"}}, token)
    assert status == 201, answer
    return str(answer["id"])


def told(web: Node, token: str) -> None:
    status, answer = web.call("POST", "/api/v1/messages", {"name": "hello", "key": "it"}, token)
    assert status < 300, answer


@contextmanager
def held(database: Database, instance: str) -> Iterator[None]:
    """Somebody is at the instance, and takes their time."""
    with database.engine.begin() as connection:
        connection.execute(text("SELECT 1 FROM instance WHERE id = :one FOR NO KEY UPDATE"), {"one": UUID(instance)})
        yield


def test_nodes_that_begin_at_once_make_the_tables_and_publish_once(database: Database) -> None:
    with database.reading() as db:
        published = list(db.scalars(text("SELECT process FROM process_version WHERE process <> 'h' ORDER BY process")))
    assert published == sorted(set(published))
    assert {"cycle", "talk", "unit"} <= set(published)


def test_a_worker_does_what_web_nodes_have_rung_for(
    site: Site, webs: list[Node], database: Database, token: str
) -> None:
    first, second = webs
    instance = started(first, token)
    told(second, token)
    until(lambda: tasks(database, instance) == ["a"])


def test_a_worker_that_is_told_to_stop_ends_the_job_that_is_under_way(
    site: Site, webs: list[Node], database: Database, token: str
) -> None:
    worker = next(node for node in site.begun if not node.port)
    instance = started(webs[0], token)
    with held(database, instance):
        told(webs[0], token)
        until(lambda: waiting(database))
        worker.process.send_signal(signal.SIGTERM)
        told(webs[0], token)  # nobody takes this one any more
    assert worker.process.wait(30) == 0
    assert tasks(database, instance) == ["a"]
    with database.reading() as db:
        left = db.execute(text("SELECT status, count(*) FROM komp_flow_queue.procrastinate_jobs GROUP BY 1")).all()
    assert all(status == "todo" for status, _count in left)


def waiting(database: Database) -> bool:
    """Whether a job waits for the instance that somebody is at."""
    with database.reading() as db:
        return bool(db.execute(text("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")).first())


def test_web_nodes_leave_background_work_to_workers(
    site: Site, webs: list[Node], database: Database, token: str
) -> None:
    instance = started(webs[0], token)
    told(webs[1], token)
    assert not threading.Event().wait(3)  # longer than a tick, if there were one
    assert tasks(database, instance) == []
    site.begin("worker").ready()
    until(lambda: tasks(database, instance) == ["a"])


def test_a_node_that_drains_answers_but_is_not_ready(webs: list[Node]) -> None:
    draining = webs[1]
    draining.process.send_signal(signal.SIGTERM)
    draining.until(lambda: draining.get("/readyz") == 503)
    assert draining.get("/healthz") == 200
    assert draining.process.wait(30) == 0


def test_the_database_gone_for_a_while_ends_no_node(
    site: Site, webs: list[Node], database: Database, token: str, postgresql: str
) -> None:
    worker = next(node for node in reversed(site.begun) if not node.port)
    _command(postgresql, "ALTER DATABASE nodes ALLOW_CONNECTIONS false")
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'nodes'"
    _command(postgresql, cut)
    assert webs[0].call("GET", "/api/v1/me", token=token)[0] == 503
    spent = processor_seconds(worker)
    worker.until(lambda: worker.log.read_text().count('"event": "queue"') >= 1)
    _command(postgresql, "ALTER DATABASE nodes ALLOW_CONNECTIONS true")
    instance = started(webs[0], token)
    told(webs[0], token)
    until(lambda: tasks(database, instance) == ["a"])
    assert worker.process.poll() is None
    assert processor_seconds(worker) - spent < 2  # it does not spin
    assert worker.stop() == 0


def processor_seconds(node: Node) -> float:
    """What the process has used of the processors."""
    parts = Path(f"/proc/{node.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / 100
