"""The tick."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from engine.drawing import catch, doc, end, flows, message, ref, start, timer
from engine.storing import job
from komp_flow import work
from komp_flow.engine import Delivery, Instance, SourceFile, Timer
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
    monkeypatch.setattr("komp_flow.work.ticking.MOST_ROUNDS", 25)
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
