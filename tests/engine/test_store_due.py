"""Due rows: timers fire once, failures are tried again and given up, nothing is lost when many act at once."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from engine.drawing import boundary, catch, doc, end, flows, gw, message, ref, service, start, timer
from engine.harness import T0, at
from engine.storing import UNIT, Store, job, together
from komp_flow import audit, engine
from komp_flow.db import Database
from komp_flow.engine import tables
from komp_flow.errors import Busy, Conflict, KompFlowError

pytestmark = pytest.mark.databases

CHASED = doc(
    start(), job("a"), boundary("t", "a", timer("R5/P1D", "timeCycle"), interrupts=False), job("chase"), end(),
    end("e2"), flows("s>a>e", "t>chase>e2"),
)  # fmt: skip
WAITS = doc(start(), catch("c", timer("P1D")), job("a"), end(), flows("s>c>a>e"))


def test_a_timer_fires_when_it_is_due_and_not_before(database: Database) -> None:
    store = Store(database, WAITS)
    store.start()
    assert store.timers() == [("c", "2027-01-05T08:00")]
    assert store.tick(at(hours=23)) == []
    assert [changes.state for changes in store.tick(at(days=1))] == ["active"]
    assert (store.open(), store.timers(), store.tick()) == (["a"], [], [])


def test_a_repeated_timer_moves_on_and_what_was_missed_fires_once(database: Database) -> None:
    store = Store(database, CHASED)
    store.start()
    store.tick(at(days=1))
    assert (store.open(), store.timers()) == (["a", "chase"], [("t", "2027-01-06T08:00")])
    store.tick(at(days=4, hours=1))
    assert (store.open(), store.timers()) == (["a", "chase", "chase"], [("t", "2027-01-09T08:00")])


def test_a_timer_on_null_waits_until_a_later_task_tells_its_time(database: Database) -> None:
    drawn = doc(
        start(), gw("parallel", "g"), job("a"), catch("c", timer("=dato", "timeDate")), job("b"), end(), end("e2"),
        flows("s>g>a>e", "g>c>b>e2"),
    )  # fmt: skip
    store = Store(database, drawn)
    store.start()
    assert (store.timers(), store.tick(at(days=300)), store.incidents()) == ([], [], [])
    store.complete("a", dato="2028-01-10")
    assert store.timers() == [("c", "2028-01-10T07:00")]
    store.tick(datetime(2028, 1, 10, 7, tzinfo=UTC))
    assert store.open() == ["b"]


def test_running_a_row_twice_does_nothing_the_second_time(database: Database) -> None:
    store = Store(database, WAITS)
    store.start()
    store.now = at(days=1)
    with database.reading() as db:
        rows = engine.due(db, store.now)
    assert [(row.kind, row.instance_id) for row in rows] == [("timer", store.instance().id)]
    for expected in (True, False):
        with database.transaction() as db:
            assert bool(engine.run_due(db, store.world, rows[0], store.now)) is expected


def test_due_rows_are_listed_the_earliest_first_and_bounded(database: Database) -> None:
    store = Store(database, WAITS)
    for hour in range(5):
        store.now = at(hours=4 - hour)
        store.start()
    with database.reading() as db:
        rows = engine.due(db, at(days=2), limit=3)
        assert [row.at for row in rows] == [at(days=1), at(days=1, hours=1), at(days=1, hours=2)]
        assert engine.due(db, T0) == []


def test_a_timer_row_that_stands_for_nothing_is_removed(database: Database) -> None:
    store = Store(database, WAITS)
    changes = store.start()
    ghost = {"instance_id": changes.instance_id, "task_id": uuid.uuid4(), "element": "x", "due_at": T0, "held": False}
    with database.transaction() as db:
        db.execute(insert(tables.TIMER), {**ghost, "failures": 0, "next_try_at": T0})
    store.tick()
    assert store.timers() == [("c", "2027-01-05T08:00")]


def test_a_failing_row_is_tried_again_later_and_after_five_times_is_an_incident(database: Database) -> None:
    store = Store(database, WAITS)
    changes = store.start()
    store.world.moment = broken  # type: ignore[method-assign,assignment]
    store.now = at(days=1)
    tried = []
    for wait in (0, 1, 5, 15, 60, 600):
        store.now = store.later(minutes=wait)
        with database.reading() as db:
            rows = engine.due(db, store.now)
        tried.append(len(rows))
        store.tick()
    assert tried == [1, 1, 1, 1, 1, 0]
    assert (store.incidents(), store.instance().state) == ([("due", None)], "incident")
    assert "directory" in store.rows(tables.Incident)[0].text
    del store.world.moment
    store.act(engine.retry, changes.instance_id, by="hr")
    assert (store.incidents(), store.instance().state) == ([], "active")
    store.tick()
    assert store.open() == ["a"]


def broken(*_: Any) -> Any:
    raise RuntimeError("the directory is gone")


def test_one_bad_instance_hurts_only_itself(database: Database) -> None:
    store = Store(database, WAITS)
    bad, good = store.start().instance_id, store.start().instance_id
    with database.transaction() as db:
        db.execute(tables.INSTANCE.update().where(tables.INSTANCE.c.id == bad).values(state_blob=b"nonsense"))
    store.tick(at(days=1))
    assert (store.open(good), store.open(bad)) == (["a"], [])


def test_a_busy_database_is_no_failure(database: Database) -> None:
    store = Store(database, WAITS)
    store.start()
    store.now = at(days=1)
    with database.transaction() as db:
        row = engine.due(db, store.now)[0]
        engine.fail_due(db, row, Busy("opptatt"), store.now)
    assert store.tick() == []
    assert store.rows(tables.Timer)[0].failures == 0
    store.tick(store.later(seconds=10))
    assert store.open() == ["a"]


def test_a_delivery_that_fails_is_tried_again_and_then_given(database: Database) -> None:
    store = Store(
        database,
        doc(start(), catch("c", ref("message", "m1")), job("a"), end(), flows("s>c>a>e"),
            top=message("m1", "nytt", '="k"')),
    )  # fmt: skip
    changes = store.start()
    store.message("nytt", "k")
    with database.transaction() as db:
        row = engine.due(db, store.now)[0]
    for _ in range(5):
        with database.transaction() as db:
            engine.fail_due(db, row, KompFlowError("nei"), store.now)
    assert (store.tick(store.later(days=1)), store.incidents()) == ([], [("due", None)])
    store.act(engine.retry, changes.instance_id, by="hr")
    store.tick()
    assert store.open() == ["a"]


def test_a_start_that_fails_is_tried_on_and_its_incident_closes(database: Database) -> None:
    store = Store(database, doc(start(inner=timer("PT1H")), job("a"), end(), flows("s>a>e")))
    store.world.moment = broken  # type: ignore[method-assign,assignment]
    drawn = doc(start(inner=timer("PT1H")), job("b", ext='<zeebe:taskSchedule dueDate="=today()"/>'), end(),
                flows("s>b>e"))  # fmt: skip
    del store.world.moment
    store.publish(drawn)
    store.world.moment = broken  # type: ignore[method-assign,assignment]
    for _ in range(7):
        store.tick(store.later(hours=2))
    assert store.incidents() == [("due", "s")]
    del store.world.moment
    store.tick(store.later(hours=2))
    assert (store.open(), store.incidents()) == (["b"], [])


# ---- many at once
def test_one_of_two_who_complete_the_same_task_wins(database: Database) -> None:
    store = Store(database, doc(start(), job("a"), job("b"), end(), flows("s>a>b>e")))
    for _round in range(5):
        instance = store.start().instance_id
        task = store.task("a", instance).id
        answers = together(lambda by, task=task: store.complete_task(task, by=str(by)), range(4))
        won = [answer for answer in answers if isinstance(answer, engine.Changes)]
        lost = [answer for answer in answers if isinstance(answer, Conflict)]
        assert (len(won), len(lost)) == (1, 3), answers
        assert (store.open(instance), len(store.rows(tables.Submission, task_id=task))) == (["b"], 1)


def test_a_timer_that_many_run_at_once_fires_once(database: Database) -> None:
    store = Store(database, CHASED)
    for _round in range(4):
        store.start()
    store.now = at(days=1)
    with database.reading() as db:
        rows = engine.due(db, store.now)

    def run(_: int) -> None:
        for row in rows:
            with database.transaction() as db:
                engine.run_due(db, store.world, row, store.now)

    assert together(run, range(4)) == [None] * 4
    store.tick()
    assert store.open().count("chase") == 4


def test_a_message_that_many_deliver_at_once_arrives_once(database: Database) -> None:
    repeated = doc(
        start(), job("a"), boundary("m", "a", ref("message", "m1"), interrupts=False), job("told"), end(), end("e2"),
        flows("s>a>e", "m>told>e2"), top=message("m1", "nytt", '="k"'),
    )  # fmt: skip
    store = Store(database, repeated)
    for _ in range(4):
        store.start()
    for _ in range(3):
        store.message("nytt", "k")
    assert together(lambda _: store_tick(store), range(4)) == [None] * 4
    store.tick()
    assert store.open().count("told") == 12


def store_tick(store: Store) -> None:
    for _ in range(3):
        with store.database.reading() as db:
            rows = engine.due(db, store.now)
        for row in rows:
            with store.database.transaction() as db:
                engine.run_due(db, store.world, row, store.now)


def test_a_timer_and_a_completion_at_once_leave_one_consistent_end(database: Database) -> None:
    drawn = doc(
        start(), job("a"), boundary("t", "a", timer("P1D")), job("late"), job("done"), end(), end("e2"),
        flows("s>a>done>e", "t>late>e2"),
    )  # fmt: skip
    store = Store(database, drawn)
    for _round in range(6):
        instance = store.start().instance_id
        task = store.task("a", instance).id
        store.now = store.later(days=1)
        with database.reading() as db:
            rows = [row for row in engine.due(db, store.now) if row.instance_id == instance]

        def act(what: str, task: uuid.UUID = task, rows: list[engine.Due] = rows) -> object:
            if what == "complete":
                return store.complete_task(task)
            with database.transaction() as db:
                return engine.run_due(db, store.world, rows[0], store.now)

        answers = together(act, ["complete", "fire"])
        assert all(isinstance(a, engine.Changes | Conflict | None) for a in answers), answers
        store.tick()
        assert store.open(instance) in (["done"], ["late"])
    assert not store.rows(tables.Timer)


def test_nothing_is_lost_when_four_people_complete_fifty_tasks_each(database: Database) -> None:
    store = Store(database, doc(start(), job("a"), job("b"), end(), flows("s>a>b>e")))
    with database.transaction() as db:
        tasks = [
            engine.start(db, store.world, "p", UNIT, {}, by="ann", now=T0).opened[0] for _ in range(4 * 50)
        ]  # fmt: skip

    def work(person: int) -> int:
        mine = tasks[person * 50 : (person + 1) * 50]
        return len([store.complete_task(task, by=str(person)) for task in mine])

    assert together(work, range(4)) == [50] * 4
    with database.reading() as db:
        by = dict(db.execute(select(tables.SUBMISSION.c.by, func.count()).group_by(tables.SUBMISSION.c.by)).all())
        assert by == {str(person): 50 for person in range(4)}
        open_ = db.execute(select(func.count()).where(tables.TASK.c.state == "open", tables.TASK.c.element == "b"))
        assert open_.scalar() == 200
        assert audit.verify(db) == []


def test_projections_always_equal_the_stored_state(database: Database) -> None:
    """After many steps of every kind, the rows are those that a fresh view of the state gives."""
    drawn = doc(
        start(), gw("parallel", "g"), job("a"),
        boundary("t", "a", timer("R/P1D", "timeCycle"), interrupts=False), job("chase"),
        boundary("m", "a", ref("message", "m1"), interrupts=False), job("told"),
        service("op", "echo"), catch("c", timer("=deadline.decision")), end(), end("e2"), end("e3"), end("e4"),
        flows("s>g>a>e", "t>chase>e2", "m>told>e3", "g>op>c>e4"), top=message("m1", "nytt", '="k"'),
    )  # fmt: skip
    store = Store(database, drawn)
    store.world.operations["echo"] = lambda db, call: {}
    store.start()
    for day in range(1, 6):
        store.message("nytt", "k")
        store.tick(at(days=day))
        same(store)
        store.complete("chase" if day % 2 else "told")
        same(store)
    store.world.deadline["decision"] = datetime(2027, 1, 20, tzinfo=UTC)
    assert store.act(engine.reschedule) == 1
    same(store)
    store.tick(datetime(2027, 1, 20, tzinfo=UTC))
    same(store)
    store.complete("a")
    same(store)


def same(store: Store) -> None:
    from komp_flow.engine.memory import actions, codec
    from komp_flow.engine.stored.surroundings import Surroundings

    with store.database.reading() as db:
        row = db.execute(select(tables.INSTANCE)).one()
        view = actions.view(codec.load(row.state_blob, Surroundings(db, store.world, row, store.now, None)))
        tasks = db.execute(select(tables.TASK.c.id).where(tables.TASK.c.state == "open")).scalars()
        timers = db.execute(select(tables.TIMER.c.task_id, tables.TIMER.c.element, tables.TIMER.c.due_at))
        waits = db.execute(select(tables.SUBSCRIPTION.c.task_id, tables.SUBSCRIPTION.c.element))
        assert set(tasks) == {task.id for task in view.tasks}
        assert {tuple(t) for t in timers} == {(t.task_id, t.element, t.due[0]) for t in view.timers if t.due}
        assert {tuple(w) for w in waits} == {(w.task_id, w.element) for w in view.subscriptions}
