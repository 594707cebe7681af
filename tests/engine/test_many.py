"""Many instances started at once: what is alike is copied, and each copy stands and goes on as if it had been run."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.drawing import (
    TERMINATE,
    boundary,
    catch,
    doc,
    end,
    flows,
    gw,
    message,
    mi,
    ref,
    service,
    start,
    sub,
    throw,
    timer,
)  # fmt: skip
from engine.harness import at
from engine.storing import Store, counted, job, schedule
from komp_flow import audit, engine
from komp_flow.db import Database
from komp_flow.engine import tables
from komp_flow.engine.memory import actions, codec
from komp_flow.engine.stored.surroundings import Surroundings
from komp_flow.errors import NotFound
from komp_flow.organisation.subjects import Subject

pytestmark = pytest.mark.databases

# Every kind of wait that a start may come to, with variables, scopes and an item's own data.
RICH = doc(
    start(), gw("parallel", "g"), job("a", ext=schedule("P3D")),
    boundary("t", "a", timer("R/P1D", "timeCycle"), interrupts=False), end("e1"), catch("c", ref("message", "m1")),
    catch("sig", ref("signal", "s1")),
    sub("sp", start("ss"), job("x"), job("y"), end("se"), flows("ss>x>y>se"), pre=mi("=[1, 2]", "item")),
    end("e2"), end("e3"), end("e4"), end("e5"),
    flows("s>g>a>e2", "g>c>e3", "g>sig>e5", "g>sp>e4", "t>e1"),
    top=message("m1", "nytt", "=navn") + '<bpmn:signal id="s1" name="stopp"/>',
)  # fmt: skip


def people(count: int) -> list[Subject]:
    return [Subject(unit="u1", person=f"p{number}", cycle="2027") for number in range(count)]


def start_many(store: Store, subjects: list[Subject], **variables: Any) -> list[UUID]:
    started: list[UUID] = store.act(engine.start_many, "p", subjects, variables, by="ann")
    return started


def shape(store: Store, instance: UUID) -> list[Any]:
    """All that the tables hold of an instance, without what is its own: ids, hashes and the person."""
    own = {"id", "instance_id", "task_id", "stream", "hash", "seal", "state_blob", "person_id"}
    found: list[Any] = []
    with store.database.reading() as db:
        for table in (tables.INSTANCE, tables.TASK, tables.TIMER, tables.SUBSCRIPTION, audit.EVENT, tables.TASK_ROLE):
            query = select(table).where(table.c.id == instance) if table is tables.INSTANCE else select(table)
            if table is tables.TASK_ROLE:
                query = query.where(
                    table.c.task_id.in_(select(tables.TASK.c.id).where(tables.TASK.c.instance_id == instance))
                )
            elif table is not tables.INSTANCE:
                query = query.where(table.c.instance_id == instance)
            rows = [
                {name: value for name, value in row._asdict().items() if name not in own} for row in db.execute(query)
            ]
            found.append((table.name, sorted(rows, key=repr)))
    return found


def same(store: Store, instance: UUID) -> None:
    """The projections are those that a fresh view of the state gives."""
    with store.database.reading() as db:
        row = db.execute(select(tables.INSTANCE).where(tables.INSTANCE.c.id == instance)).one()
        view = actions.view(codec.load(row.state_blob, Surroundings(db, store.world, row, store.now, None)))
        of = lambda table: table.c.instance_id == instance  # noqa: E731
        open_ = db.execute(select(tables.TASK.c.id).where(of(tables.TASK), tables.TASK.c.state == "open")).scalars()
        timers = db.execute(select(tables.TIMER.c.task_id, tables.TIMER.c.due_at).where(of(tables.TIMER)))
        waits = db.execute(select(tables.SUBSCRIPTION.c.task_id).where(of(tables.SUBSCRIPTION))).scalars()
        assert set(open_) == {task.id for task in view.tasks}
        assert {tuple(row) for row in timers} == {(timer.task_id, timer.due[0]) for timer in view.timers}
        assert sorted(waits) == sorted(wait.task_id for wait in view.subscriptions)


def sound(store: Store) -> None:
    with store.database.reading() as db:
        assert audit.verify(db, engine.streams(db)) == []


def test_a_copy_is_all_that_a_start_of_its_own_would_be(database: Database) -> None:
    store = Store(database, RICH)
    alone = store.start(subject=people(1)[0], variables={"navn": "kari", "tall": 7}).instance_id
    many = start_many(store, people(5), navn="kari", tall=7)
    assert len(set(many)) == 5
    for instance in many:
        assert shape(store, instance) == shape(store, alone)
        same(store, instance)
    rows = {row.id: row.person_id for row in store.rows(tables.Instance)}
    assert [rows[instance] for instance in many] == [f"p{number}" for number in range(5)]
    assert {task.person_id for task in store.rows(tables.Task, instance_id=many[3])} == {"p3"}
    ids = [row.id for row in store.rows(tables.Task)]
    assert len(set(ids)) == len(ids)
    sound(store)


def test_copies_lie_together_in_the_tables(database: Database) -> None:
    store = Store(database, RICH)
    many = start_many(store, people(300), navn="kari")[1:]  # the first was run
    assert many == sorted(many)
    assert {instance.version for instance in many} == {7}
    tasks = sorted((row for row in store.rows(tables.Task) if row.id.version == 7), key=lambda row: row.id)
    assert [row.instance_id for row in tasks] == sorted(row.instance_id for row in tasks), "tasks lie as instances do"


def test_copies_go_on_each_for_itself(database: Database) -> None:
    store = Store(database, RICH)
    many = start_many(store, people(4), navn="kari")
    store.message("nytt", "kari")
    assert len(store.tick(at(days=1))) == 8, "a message and a timer each"
    store.complete("a", many[1])
    for element in ("x", "x", "y", "y"):
        store.complete(element, many[1])
    for instance in many:
        same(store, instance)
    assert (store.open(many[0]), store.open(many[1])) == (["a", "x", "x"], [])
    sound(store)


def test_what_reads_the_subject_is_run_for_each_that_differs(database: Database) -> None:
    store = Store(
        database,
        doc(start(), gw("exclusive", "g", default="g_b"), job("a"), job("b"), end(), end("e2"),
            flows("s>g", 'g>a:=person.id = "p1"', "g>b", "a>e", "b>e2")),
    )  # fmt: skip
    many = start_many(store, people(3))
    assert [store.open(instance) for instance in many] == [["b"], ["a"], ["b"]]


def test_what_reads_the_calendar_alone_is_copied_within_a_cycle(database: Database) -> None:
    store = Store(database, doc(start(), job("a", ext=schedule("=deadline.discussion")), end(), flows("s>a>e")))
    asked: list[Subject] = []
    names = store.world.names

    def noted(db: Any, subject: Subject, now: Any) -> Any:
        asked.append(subject)
        return {**names(db, subject, now), "deadline": {"discussion": f"{subject.cycle}-03-01"}}

    store.world.names = noted  # type: ignore[method-assign]
    subjects = [Subject(unit=f"u{number}", cycle=str(2027 + number % 2)) for number in range(6)]
    many = start_many(store, subjects)
    assert len(asked) == 2
    due = [store.task("a", instance).due_at.year for instance in many]
    assert due == [2027, 2028] * 3


def test_an_operation_or_a_message_is_done_for_each(database: Database) -> None:
    send = throw("m", ref("message", "m1"), ext='<zeebe:taskDefinition type="send-message"/>')
    store = Store(
        database,
        doc(
            start(),
            service("op", "echo"),
            send,
            job("a"),
            end(),
            flows("s>op>m>a>e"),
            top=message("m1", "nytt", '="k"'),
        ),
    )
    store.world.operations["echo"] = lambda db, call: {}
    many = start_many(store, people(3))
    assert [call.subject.person for call in store.world.calls] == ["p0", "p1", "p2"]
    assert sorted(row.sender_instance_id for row in store.rows(tables.Message)) == sorted(many)
    for instance in many:
        same(store, instance)
    sound(store)


def test_one_that_ends_at_once_or_stops_is_right_for_each(database: Database) -> None:
    store = Store(
        database,
        doc(start(), end(inner=TERMINATE), flows("s>e")),
        doc(start(), job("a", roles="=1 + tull"), end(), flows("s>a>e"), pid="q"),
    )
    start_many(store, people(3))
    assert store.states() == ["completed"] * 3
    store.act(engine.start_many, "q", people(3), {}, by="ann")
    assert (store.states("q"), len(store.incidents())) == (["incident"] * 3, 3)
    sound(store)


def test_a_message_that_was_kept_comes_to_each(database: Database) -> None:
    store = Store(database, RICH)
    store.message("nytt", "kari")
    many = start_many(store, people(3), navn="kari")
    store.tick()
    assert {row.instance_id for row in store.rows(tables.Delivery, outcome="applied")} == set(many)


def test_copies_cost_no_statement_each(database: Database) -> None:
    store = Store(database, RICH)
    start_many(store, people(2), navn="kari")
    with counted(database) as seen:
        start_many(store, people(300), navn="kari")
    assert len(seen) < 40, "one for each kind of row in the pattern, at most"


def test_nothing_is_started_where_one_cannot_be(database: Database) -> None:
    store = Store(database, RICH)
    with pytest.raises(NotFound, match="ukjent"):
        store.act(engine.start_many, "ukjent", people(2), {}, by="ann")
    assert store.rows(tables.Instance) == []
