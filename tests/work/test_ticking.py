"""The tick."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from engine.drawing import boundary, catch, doc, end, flows, gw, message, ref, service, start, timer
from engine.storing import counted, job, schedule, together
from komp_flow import audit, engine, operations, registers, work
from komp_flow.engine import Delivery, Instance, OperationCall, SourceFile, Task, Timer
from komp_flow.errors import Busy
from komp_flow.operations import requests
from komp_flow.operations.models import Request
from komp_flow.organisation import Subject
from work.conftest import Office
from work.staff import EIER, HANNE, KARI, NILS, actor

WAITS = doc(start(), catch("t", timer("PT1H")), job("a"), end(), flows("s>t>a>e"), pid="q")
HEARS = doc(
    start(),
    catch("m", ref("message", "hello")),
    job("a"),
    end(),
    flows("s>m>a>e"),
    pid="h",
    top=message("hello", "hello", "=unit.id"),
)


@pytest.mark.databases
def test_a_timer_fires_when_it_is_due_and_only_then(office: Office) -> None:
    office.publish(SourceFile("q.bpmn", WAITS))
    office.start("q")
    assert work.run_all(office.database, office.now + timedelta(minutes=59)) == work.Ran()
    assert work.run_all(office.database, office.now + timedelta(hours=1)).done == 1
    assert office.inbox(KARI) == ["a"]
    assert work.run_all(office.database, office.now + timedelta(hours=2)) == work.Ran()


def test_a_message_from_outside_is_delivered_once(office: Office) -> None:
    office.publish(SourceFile("h.bpmn", HEARS))
    office.start("h")
    token = actor("nils", "instances")
    first = office.act(work.message, token, "hello", "it", {}, "m-1")
    again = office.act(work.message, token, "hello", "it", {}, "m-1")
    assert (first["id"], first["repeated"], again["repeated"]) == (again["id"], False, True)
    assert office.inbox(KARI) == []
    assert work.run_all(office.database, office.now).done == 1
    assert office.inbox(KARI) == ["a"]


def test_one_bad_instance_hurts_only_itself(office: Office) -> None:
    office.publish(SourceFile("q.bpmn", WAITS))
    bad, good = office.start("q"), office.start("q")
    with office.database.transaction() as db:
        db.get_one(Instance, bad).state_blob = b"nonsense"
    office.pass_time(hours=1)
    ran = work.run_all(office.database, office.now)
    assert (ran.done, ran.failed) == (1, 1)
    assert [line.instance for line in office.look(work.inbox, KARI)] == [good]
    for _time in range(5):
        office.pass_time(hours=3)
        work.run_all(office.database, office.now)
    with office.database.reading() as db:
        assert db.scalars(select(Timer.failures).where(Timer.instance_id == bad)).one() == 5
        assert db.get_one(Instance, bad).state == "incident"


def test_who_talk_to_each_other_for_ever_do_not_stop_the_tick(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("komp_flow.work.recurring.ticking.MOST_ROUNDS", 25)
    echo = doc(
        start(inner=ref("message", "ping")),
        '<bpmn:endEvent id="e"><bpmn:extensionElements><zeebe:taskDefinition type="send-message"/>'
        f"</bpmn:extensionElements>{ref('message', 'ping')}</bpmn:endEvent>",
        flows("s>e"),
        pid="echo",
        top=message("ping", "ping"),
    )
    office.publish(SourceFile("echo.bpmn", echo))
    office.act(work.message, EIER, "ping", None, {}, None)
    assert work.run_all(office.database, office.now).done >= 20
    assert office.inbox(HANNE) == office.inbox(NILS) == []


# ---- one row, as a bell that was rung names it
@pytest.mark.databases
def test_one_row_is_run_when_it_is_due_and_once(office: Office) -> None:
    office.publish(SourceFile("q.bpmn", WAITS), SourceFile("h.bpmn", HEARS))
    office.start("q")
    with office.database.reading() as db:
        timer = db.scalars(select(Timer)).one()
        key = [timer.task_id.hex, timer.element]
    run_one = partial(work.run_one, office.database)
    assert not run_one("timer", key, office.now)
    later = office.now + timedelta(hours=1)
    assert [run_one("timer", key, later) for _ in range(2)] == [True, False]
    assert office.inbox(KARI) == ["a"]
    office.start("h")
    office.act(work.message, EIER, "hello", "it", {}, None)
    with office.database.reading() as db:
        delivery = db.scalars(select(Delivery.id)).one()
    assert [run_one("delivery", (delivery,), office.now) for _ in range(2)] == [True, False]
    assert office.inbox(KARI) == ["a", "a"]
    assert not run_one("request", 17, office.now)
    assert not run_one("any", "resumed", office.now)


def test_one_row_that_fails_is_tried_again_later(office: Office) -> None:
    office.publish(SourceFile("q.bpmn", WAITS))
    bad = office.start("q")
    with office.database.transaction() as db:
        db.get_one(Instance, bad).state_blob = b"nonsense"
        timer = db.scalars(select(Timer)).one()
        key = (timer.task_id, timer.element)
    office.pass_time(hours=1)
    assert [work.run_one(office.database, "timer", key, office.now) for _ in range(2)] == [False, False]
    with office.database.reading() as db:
        assert db.scalars(select(Timer.failures)).one() == 1


# ---- many rows in one transaction
@pytest.mark.databases
def test_what_is_due_at_once_is_done_in_few_statements(office: Office) -> None:
    office.publish(SourceFile("q.bpmn", WAITS), SourceFile("h.bpmn", HEARS))
    timers, hearers = [office.start("q") for _ in range(30)], [office.start("h") for _ in range(30)]
    office.act(work.message, EIER, "hello", "it", {}, None)
    office.pass_time(hours=1)
    with counted(office.database) as seen:
        ran = work.run_all(office.database, office.now)
    assert (ran.done, ran.failed) == (60, 0)
    assert len(seen) < 300, "one row at a time they are 600"
    assert sorted(line.instance for line in office.look(work.inbox, KARI)) == sorted(timers + hearers)
    assert work.run_all(office.database, office.now) == work.Ran()
    with office.database.reading() as db:
        assert audit.verify(db, engine.streams(db)) == []


@pytest.mark.databases
def test_a_bad_row_among_many_hurts_only_itself(office: Office) -> None:
    office.publish(SourceFile("q.bpmn", WAITS))
    started = [office.start("q") for _ in range(9)]
    with office.database.transaction() as db:
        for bad in (2, 5):
            db.get_one(Instance, started[bad]).state_blob = b"nonsense"
    office.pass_time(hours=1)
    ran = work.run_all(office.database, office.now)
    assert (ran.done, ran.failed) == (7, 2)
    good = [one for place, one in enumerate(started) if place not in {2, 5}]
    assert sorted(line.instance for line in office.look(work.inbox, KARI)) == sorted(good)


@pytest.mark.databases
def test_an_operation_that_fails_in_a_batch_undoes_its_own_step_alone(office: Office, monkeypatch: Any) -> None:
    """What the operation wrote by itself is undone with the step; the steps before and after stand."""
    late = doc(
        start(), catch("t", timer("PT1H")), service("op", "escalate"), job("a"), end(), flows("s>t>op>a>e"), pid="q"
    )  # fmt: skip
    office.publish(SourceFile("q.bpmn", late))
    started = [office.start("q") for _ in range(5)]
    run, times = operations.run, []

    def breaks(db: Session, call: OperationCall) -> Any:
        made = run(db, call)
        times.append(call.instance_id)
        if call.instance_id == started[2]:
            raise Busy("opptatt")
        return made

    monkeypatch.setattr("komp_flow.operations.run", breaks)
    office.pass_time(hours=1)
    ran = work.run_all(office.database, office.now)
    assert (ran.failed, times.count(started[2])) == (1, 2)
    with office.database.reading() as db:
        raised = {row.id: row.escalation for row in db.execute(select(Instance.id, Instance.escalation))}
        assert raised == {one: int(one != started[2]) for one in started}
        assert audit.verify(db, engine.streams(db)) == []
    monkeypatch.undo()
    office.pass_time(minutes=1)
    assert work.run_all(office.database, office.now).done == 1
    assert len(office.inbox(KARI)) == 5


@pytest.mark.databases
def test_several_due_rows_of_one_instance_are_done_in_their_order(office: Office) -> None:
    both = doc(
        start(), gw("eventBased", "g"), catch("m", ref("message", "hello")), catch("t", timer("PT1H")), job("a"),
        job("b"), end(), end("e2"), flows("s>g", "g>m>a>e", "g>t>b>e2"), pid="h",
        top=message("hello", "hello", "=unit.id"),
    )  # fmt: skip
    office.publish(SourceFile("h.bpmn", both))
    for _ in range(3):
        office.start("h")
    office.pass_time(minutes=30)
    office.act(work.message, EIER, "hello", "it", {}, None)
    office.pass_time(minutes=60)
    work.run_all(office.database, office.now)
    assert office.inbox(KARI) == ["a", "a", "a"]


@pytest.mark.databases
def test_workers_at_the_same_rows_do_each_once(office: Office) -> None:
    office.publish(SourceFile("q.bpmn", WAITS))
    for _ in range(120):
        office.start("q")
    office.pass_time(hours=1)
    ran = together(lambda _worker: work.run_all(office.database, office.now), range(4))
    assert sum(one.done for one in ran) == 120, ran
    assert len(office.inbox(KARI)) == 120


# ---- a moved date, followed some instances at a time
DEADLINE = doc(
    start(), job("a", ext=schedule("=deadline.discussion")),
    boundary("t", "a", timer("=escalation.discussion", "timeDate"), False), end("e1"), end(),
    flows("s>a>e", "t>e1"), pid="d",
)  # fmt: skip


def a_cycle_with(office: Office, count: int) -> None:
    office.publish(SourceFile("d.bpmn", DEADLINE), SourceFile("q.bpmn", WAITS))
    with office.database.transaction() as db:
        day = office.now.date()
        cycle = {"id": "2027", "name": "2027", "state": "active", "created_at": office.now}
        db.add(registers.Cycle(**cycle, starts_on=day, ends_on=day.replace(month=12)))
    subject = Subject(unit="it", cycle="2027")
    assert len(office.act(work.start_many, EIER, "d", [subject] * count, {})) == count


@pytest.mark.databases
def test_many_instances_follow_a_moved_date_some_at_a_time(office: Office) -> None:
    a_cycle_with(office, 230)
    office.start("q", Subject(unit="it", cycle="2027"))  # nothing in it depends on the date
    with counted(office.database) as seen:
        moved = office.act(work.move_date, EIER, "2027", "discussion", date(2027, 5, 3))
    assert (moved.tasks, moved.timers, moved.left) == (100, 100, 130)
    assert len(seen) < 60
    with office.database.reading() as db:
        assert len(set(db.scalars(select(Task.due_at).where(Task.process == "d")))) == 2
    assert work.run_all(office.database, office.now).failed == 0
    with office.database.reading() as db:
        due = {moment.date() for moment in db.scalars(select(Task.due_at).where(Task.process == "d"))}
        timers = set(db.scalars(select(Timer.due_at).join(Instance).where(Instance.process == "d")))
        assert (due, len(timers)) == ({date(2027, 5, 3)}, 1)
        assert db.get_one(registers.Cycle, "2027").recalculate_at is None
        assert audit.verify(db, engine.streams(db)) == []


def test_a_date_moved_again_under_way_is_followed_from_the_first_instance(office: Office) -> None:
    a_cycle_with(office, 150)
    office.act(work.move_date, EIER, "2027", "discussion", date(2027, 5, 3))
    office.act(work.move_date, EIER, "2027", "discussion", date(2027, 6, 1))
    work.run_all(office.database, office.now)
    with office.database.reading() as db:
        assert {moment.date() for moment in db.scalars(select(Task.due_at))} == {date(2027, 6, 1)}


@pytest.mark.databases
def test_one_that_cannot_follow_a_moved_date_stops_no_other(office: Office) -> None:
    a_cycle_with(office, 5)
    with office.database.transaction() as db:
        bad = db.scalars(select(Instance).order_by(Instance.id).offset(2)).first()
        assert bad is not None
        bad.state_blob = b"nonsense"
        bad_id = bad.id
    moved = office.act(work.move_date, EIER, "2027", "discussion", date(2027, 5, 3))
    assert (moved.tasks, moved.left) == (4, 0)
    with office.database.reading() as db:
        assert list(db.scalars(select(Instance.id).where(Instance.state == "incident"))) == [bad_id]


# ---- what was asked for together
@pytest.mark.databases
def test_what_was_asked_for_together_begins_together(office: Office) -> None:
    a_cycle_with(office, 1)
    call = OperationCall(
        "start-talks", uuid4(), "p", Subject(), "x", "X", uuid4(), {}, {}, office.now, None
    )  # fmt: skip
    subjects = [Subject(unit="it", person=person, cycle="2027") for person in ("kari", "ola", "nils") for _ in range(2)]
    with office.database.transaction() as db:
        requests.start(db, call, "d", subjects)
        requests.start(db, call, "d", subjects[:2], occasion="igjen")
    with office.database.transaction() as db:
        db.execute(insert(Request), {**_asked(db), "key": "bad", "process": "nope"})
    ran = work.run_all(office.database, office.now)
    assert (ran.started, ran.failed) == (4, 1), "each is asked for once; the bad one is tried again later"
    with office.database.reading() as db:
        found = db.execute(select(Request.state, Request.instance_id, Request.person_id).where(Request.process == "d"))
        rows = [tuple(row) for row in found]
        assert {row[0] for row in rows} == {"done"}
        for _state, instance, person in rows:
            assert db.get_one(Instance, instance).person_id == person


def _asked(db: Session) -> dict[str, Any]:
    """The columns of a request that waits."""
    row = db.execute(select(Request.__table__).limit(1)).one()._asdict()
    return {name: value for name, value in row.items() if name != "id"} | {"state": "waiting"}
