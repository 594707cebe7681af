"""Jobs of procrastinate: there exactly if the row's transaction was kept, harmless when lost or doubled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from background.conftest import real, until
from komp_flow import bell, work
from komp_flow.background import queue, working
from komp_flow.db import Database
from komp_flow.engine import tables
from work.conftest import Office
from work.staff import KARI, actor

TOKEN = actor("nils", "instances")
Begin = Callable[[], Any]


def jobs(database: Database) -> list[Any]:
    with database.reading() as db:
        return list(db.execute(text("SELECT * FROM komp_flow_queue.procrastinate_jobs ORDER BY id")))


def keys(database: Database) -> list[tuple[str, list[Any]]]:
    return [(job.args["kind"], job.args["key"]) for job in jobs(database)]


def count(database: Database, table: str) -> int:
    with database.reading() as db:
        return int(db.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_a_row_that_is_kept_has_its_job_and_one_that_is_not_has_none(office: Office) -> None:
    office.start("h")
    assert keys(office.database) == []
    with office.database.engine.connect() as connection, Session(connection, info=office.database.info) as db:
        work.message(db, TOKEN, "hello", "it", {}, "m-1", office.now)
        db.rollback()
    assert keys(office.database) == []
    office.act(work.message, TOKEN, "hello", "it", {}, "m-1")
    with office.database.reading() as db:
        (delivery,) = db.scalars(text("SELECT id FROM delivery"))
    assert keys(office.database) == [("delivery", [delivery])]


def test_a_savepoint_that_ends_does_not_ring_yet(queued: Database) -> None:
    with queued.transaction() as db:
        with db.begin_nested():
            bell.ring(db, "delivery", (1,), real())
        bell.ring(db, "delivery", (1,), real())
        bell.ring(db, "delivery", (2,), real())
        assert "rung" in db.info
    assert keys(queued) == [("delivery", [1]), ("delivery", [2])]


def test_a_time_to_come_is_waited_for_in_the_queue_and_one_far_off_is_not(queued: Database) -> None:
    now = real()
    with queued.transaction() as db:
        bell.ring(db, "timer", ("soon", "t"), now + timedelta(minutes=5))
        bell.ring(db, "timer", ("later", "t"), now + timedelta(minutes=15))
        bell.ring(db, "timer", ("now", "t"), now)
    assert {(job.args["key"][0], job.scheduled_at) for job in jobs(queued)} == {
        ("soon", now + timedelta(minutes=5)), ("now", None),
    }  # fmt: skip


def test_a_clock_of_its_own_rings_only_for_what_is_due(queued: Database) -> None:
    now = real()
    queued.info["bell"] = queue.Bell(lambda: now + timedelta(days=100), exact=False)
    with queued.transaction() as db:
        bell.ring(db, "timer", ("past", "t"), now + timedelta(days=99))
        bell.ring(db, "timer", ("soon", "t"), now + timedelta(days=100, minutes=1))
    assert [(job.args["key"][0], job.scheduled_at) for job in jobs(queued)] == [("past", None)]


def test_many_rows_are_a_few_jobs(queued: Database) -> None:
    for most, rings in ((1, 60), (4, 1000)):
        with queued.transaction() as db:
            db.execute(text("DELETE FROM komp_flow_queue.procrastinate_jobs"))
            for number in range(rings):
                bell.ring(db, "delivery", (number,), real())
        assert [kind for kind, _key in keys(queued)] == [bell.ANY] * most


def test_jobs_do_what_is_due_without_a_sweep_and_leave_nothing(office: Office, at_work: Begin) -> None:
    office.start("h")
    at_work()
    until(lambda: count(office.database, "komp_flow_queue.procrastinate_workers") == 1)
    office.act(work.message, TOKEN, "hello", "it", {}, "m-1")
    until(lambda: office.inbox(KARI) == ["a"])
    office.now = real()
    office.start("q")
    until(lambda: office.inbox(KARI) == ["a", "a"])
    until(lambda: count(office.database, "komp_flow_queue.procrastinate_jobs") == 0)
    assert count(office.database, "komp_flow_queue.procrastinate_events") == 0


def test_a_job_that_was_lost_is_made_good_by_a_sweep(office: Office, at_work: Begin) -> None:
    office.start("h")
    office.act(work.message, TOKEN, "hello", "it", {}, "m-1")
    with office.database.transaction() as db:
        db.execute(text("DELETE FROM komp_flow_queue.procrastinate_jobs"))
    at_work()
    until(lambda: office.inbox(KARI) == ["a"])


def test_a_job_that_comes_many_times_does_its_row_once(office: Office, at_work: Begin) -> None:
    office.start("h")
    office.act(work.message, TOKEN, "hello", "it", {}, "m-1")
    columns = "queue_name, task_name, args"
    with office.database.transaction() as db:
        db.execute(
            text(
                f"INSERT INTO komp_flow_queue.procrastinate_jobs ({columns})"
                f" SELECT {columns} FROM komp_flow_queue.procrastinate_jobs, generate_series(1, 20)"
            )
        )
    at_work()
    at_work()
    until(lambda: count(office.database, "komp_flow_queue.procrastinate_jobs") == 0)
    assert office.inbox(KARI) == ["a"]
    with office.database.reading() as db:
        assert list(db.scalars(text("SELECT outcome FROM delivery"))) == ["applied"]


def test_a_job_of_a_row_that_fails_ends_and_the_row_waits(office: Office, at_work: Begin) -> None:
    instance = office.start("h")
    with office.database.transaction() as db:
        db.get_one(tables.Instance, instance).state_blob = b"nonsense"
    office.act(work.message, TOKEN, "hello", "it", {}, "m-1")
    at_work()
    until(lambda: count(office.database, "komp_flow_queue.procrastinate_jobs") == 0)
    with office.database.reading() as db:
        (delivery,) = db.execute(text("SELECT failures, done_at FROM delivery"))
    assert delivery.failures  # the tick may have tried it too
    assert delivery.done_at is None


def test_what_a_dead_worker_left_is_removed(queued: Database) -> None:
    with queued.transaction() as db:
        db.execute(
            text(
                "INSERT INTO komp_flow_queue.procrastinate_workers (last_heartbeat)"
                " VALUES (now()), (now() - interval '2 minutes')"
            )
        )
        for number in range(3):
            bell.ring(db, "delivery", (number,), real())
    begun = "UPDATE komp_flow_queue.procrastinate_jobs SET status = 'doing', worker_id = :worker WHERE id = :job"
    with queued.transaction() as db:
        alive, dead = db.scalars(text("SELECT id FROM komp_flow_queue.procrastinate_workers ORDER BY id"))
        mine, theirs, _waiting = (job.id for job in jobs(queued))
        db.execute(text(begun), [{"worker": alive, "job": mine}, {"worker": dead, "job": theirs}])
    working.tidy(queued)
    assert [(job.args["key"], job.status) for job in jobs(queued)] == [([0], "doing"), ([2], "todo")]
    assert count(queued, "komp_flow_queue.procrastinate_workers") == 1


def test_a_worker_outlives_its_connections(office: Office, at_work: Begin) -> None:
    office.start("h")
    at_work()
    until(lambda: count(office.database, "komp_flow_queue.procrastinate_workers") == 1)
    away(office.database)
    office.act(work.message, TOKEN, "hello", "it", {}, "m-1")
    until(lambda: office.inbox(KARI) == ["a"])


def away(database: Database) -> None:
    """All connections but one are cut, as when the server is begun anew."""
    with database.engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )


def test_the_queue_needs_nothing_on_the_default_path(queued: Database, office: Office) -> None:
    """Backups leave the schema out; nothing of it may lie among our own tables."""
    with queued.reading() as db:
        found = db.execute(
            text("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'procrastinate%' AND schemaname = 'public'")
        ).scalar_one()
    assert found == 0
