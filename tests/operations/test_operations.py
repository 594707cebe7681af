"""The operations that a service task may name, each run by a diagram."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from engine.drawing import Pairs, catch, doc, end, flows, message, ref, service, start
from engine.storing import job
from komp_flow import engine, notifications, operations, registers, work
from komp_flow.db import Database
from komp_flow.engine import Instance, SourceFile
from komp_flow.operations.models import Request
from komp_flow.organisation import Subject
from komp_flow.registers import Group, Provenance
from work import staff
from work.conftest import Office
from work.staff import EIER, KARI

CYCLE = Subject(cycle="2027")
IT = Subject(unit="it", cycle="2027")
CHILD = doc(start(), job("c", roles="hr"), end(), flows("s>c>e"), pid="child")


@pytest.fixture
def office(database: Database, now: datetime) -> Office:
    with database.transaction() as db:
        staff.settle(db)
        registers.set_up(db, {"name": "2027", "start": date(2027, 1, 4)}, cycle_id=None, instance_id=None, now=now)
    return Office(database, now)


@pytest.fixture
def run(office: Office) -> Callable[..., work.InstanceSheet]:
    """Runs one operation in a process of its own, ticks, and shows the instance."""

    def run(type_: str, about: Subject = IT, ins: Pairs = (), times: int = 1, **variables: Any) -> work.InstanceSheet:
        names = [f"x{number}" for number in range(times)]
        outs = [(f"={name}", name) for name in operations.operations()[type_].outputs]
        steps = [service(name, type_, ins=ins, outs=outs) for name in names]
        path = ">".join(["s", *names, "after", "e"])
        office.publish(
            SourceFile("q.bpmn", doc(start(), *steps, job("after", roles="hr"), end(), flows(path), pid="q"))
        )
        instance = office.start("q", about, **variables)
        work.run_all(office.database, office.now)
        return office.look(work.instance, EIER, instance)

    return run


def publish(office: Office, *names: str) -> None:
    for name in names:
        office.publish(SourceFile(f"{name}.bpmn", CHILD.replace(b'id="child"', f'id="{name}"'.encode())))


def begun(office: Office, process: str) -> list[tuple[str | None, str | None]]:
    with office.database.reading() as db:
        query = select(Instance.unit_id, Instance.person_id).where(Instance.process == process)
        return sorted((row.unit_id, row.person_id) for row in db.execute(query))


def told(office: Office, kind: str) -> list[str]:
    with office.database.reading() as db:
        kinds = notifications.Notification.kind == kind
        return sorted(db.scalars(select(notifications.Notification.person_id).where(kinds)))


def test_every_employee_of_the_unit_has_one_talk(office: Office, run: Callable[..., work.InstanceSheet]) -> None:
    publish(office, "talk")
    assert run("start-talks", times=2).variables["talks_started"] == 2
    assert begun(office, "talk") == [("it", "nils"), ("it", "ola")]
    run("start-talks")
    assert len(begun(office, "talk")) == 2


def test_a_manager_has_their_talk_in_the_unit_above(office: Office, run: Callable[..., work.InstanceSheet]) -> None:
    publish(office, "talk")
    run("start-talks", Subject(unit="dir", cycle="2027"))
    assert {("dir", "kari"), ("dir", "per")} <= set(begun(office, "talk"))


def test_readings_are_one_for_each_occasion(office: Office, run: Callable[..., work.InstanceSheet]) -> None:
    publish(office, "reading")
    given = [("=kind", "kind"), ("=when", "lapse_on")]
    assert run("start-readings", ins=given, times=2, kind="strategy", when="2027-03-01").line.state == "active"
    assert begun(office, "reading") == [("it", "nils"), ("it", "nils"), ("it", "ola"), ("it", "ola")]


def test_without_a_unit_everyone_gets_a_reading(office: Office, run: Callable[..., work.InstanceSheet]) -> None:
    publish(office, "reading")
    run("start-readings", CYCLE)
    assert {person for _unit, person in begun(office, "reading")} == {name for name, *_rest in staff.PEOPLE}


def test_a_cycle_may_do_without_readings(office: Office, run: Callable[..., work.InstanceSheet]) -> None:
    publish(office, "reading")
    with office.database.transaction() as db:
        registers.cycle(db, "2027").reading_wanted = False
    sheet = run("start-readings")
    assert begun(office, "reading") == []
    assert [line.sentence[:30] for line in sheet.trail if line.what == "not-started"] == [
        "Lesebekreftelser er slått av i"
    ]


def test_what_is_not_published_is_not_started_and_the_trail_says_so(
    office: Office, run: Callable[..., work.InstanceSheet]
) -> None:
    sheet = run("start-talks")
    assert sheet.variables["talks_started"] == 0
    assert sheet.line.state == "active"
    assert any("«talk» er publisert ennå" in line.sentence for line in sheet.trail)
    publish(office, "talk")
    work.run_all(office.database, office.now)
    assert begun(office, "talk") == []  # nothing was left waiting


def decided(office: Office) -> None:
    rows = [
        ("measures", CYCLE, {"name": "Sentralt", "outcome": "decided", "scope": "central"}),
        ("measures", CYCLE, {"name": "Avslått", "outcome": "rejected", "scope": "central"}),
        ("measures", CYCLE, {"name": "Bare foreslått"}),
        ("actions", IT, {"name": "Lokalt"}),
        ("actions", Subject(unit="law", cycle="2027"), {"name": "Et annet sted"}),
    ]
    with office.database.transaction() as db:
        for number, (register, about, row) in enumerate(rows):
            source = Provenance("q", f"at{number}", uuid.uuid4(), uuid.uuid4())
            registers.keep(db, Group(register, "rows", [(None, row)]), about, source, office.now)


@pytest.mark.parametrize(("scope", "about", "name"), [("central", CYCLE, "Sentralt"), ("local", IT, "Lokalt")])
def test_decided_measures_are_followed_up_once(
    office: Office, run: Callable[..., work.InstanceSheet], scope: str, about: Subject, name: str
) -> None:
    publish(office, "measure")
    decided(office)
    assert run("start-measures", about, [("=scope", "scope")], times=2, scope=scope).variables["measures_started"] == 1
    with office.database.reading() as db:
        (measure,) = db.scalars(select(Instance.measure_id).where(Instance.process == "measure"))
        assert registers.measure(db, measure).name == name  # type: ignore[union-attr]


def test_every_escalation_raises_the_level_and_tells_the_next(
    office: Office, run: Callable[..., work.InstanceSheet]
) -> None:
    sheet = run("escalate", ins=[("=level", "level"), ('="talks"', "phase")], times=2, level=2)
    assert sheet.line.escalation == 2
    assert told(office, "escalation") == ["hanne", "hanne"]
    with office.database.reading() as db:
        assert {(n.level, n.phase, n.unit_id) for n in notifications.about(db, "hanne")} == {(2, "talks", "it")}


@pytest.mark.parametrize(("level", "who"), [(1, "dag"), (2, "hanne"), (3, "eier"), (9, "eier"), (None, "dag")])
def test_the_ladder_has_three_steps(
    office: Office, run: Callable[..., work.InstanceSheet], level: int | None, who: str
) -> None:
    run("escalate", ins=[("=level", "level")], level=level)
    assert told(office, "escalation") == [who]


def test_people_are_told_by_role_and_by_name(office: Office, run: Callable[..., work.InstanceSheet]) -> None:
    given = [('="manager, superior"', "role"), ('=["nils", "nobody"]', "people"), ('="Husk dette"', "text")]
    assert run("notify", ins=given).variables["notified"] == 3
    assert told(office, "notice") == ["dag", "kari", "nils"]
    with office.database.reading() as db:
        assert notifications.about(db, "nils")[0].text == "Husk dette"


def test_a_message_is_sent_by_name(office: Office, run: Callable[..., work.InstanceSheet]) -> None:
    hears = doc(
        start(), catch("m", ref("message", "hi")), job("a"), end(), flows("s>m>a>e"), pid="h",
        top=message("hi", "hi", "=unit.id"),
    )  # fmt: skip
    office.publish(SourceFile("h.bpmn", hears))
    office.start("h")
    run("send-message", ins=[('="hi"', "name"), ("=unit.id", "key")])
    assert office.inbox(KARI) == ["a"]


def test_distributing_opens_the_decision_and_sets_its_day(
    office: Office, run: Callable[..., work.InstanceSheet]
) -> None:
    run("distribute", CYCLE, [('="managers"', "audience")])
    assert told(office, "strategy") == ["dag", "kari", "per"]
    with office.database.reading() as db:
        cycle = registers.cycle(db, "2027")
        assert (cycle.decided_on, cycle.distributed_at) == (date(2027, 1, 4), office.now)
        assert cycle.recalculate_at is None  # the tick has done it


def test_closing_the_cycle_ends_its_talks_and_what_was_kept_for_it(
    office: Office, run: Callable[..., work.InstanceSheet]
) -> None:
    publish(office, "talk", "measure")
    for process in ("talk", "measure"):
        office.start(process, Subject(unit="it", person="nils", cycle="2027"))
    other = office.start("talk", Subject(unit="it", person="ola"))
    with office.database.transaction() as db:
        kept = engine.correlate(db, "strategy.decided", "2027", {}, keep_until=None, by=None, now=office.now)
        kept.keep_until, kept.keep_cycle = None, "2027"
    run("close-cycle", CYCLE)
    with office.database.reading() as db:
        states = {(row.process, row.state) for row in db.execute(select(Instance.process, Instance.state))}
        assert {("talk", "cancelled"), ("measure", "active")} <= states
        assert db.get_one(Instance, other).state == "active"
        assert db.scalars(select(engine.Message.keep_cycle)).all() == [None]
        assert registers.cycle(db, "2027").state == "closed"
    assert told(office, "next-cycle") == ["eier"]


def test_a_start_that_fails_is_tried_again_and_given_up_after_five_times(office: Office) -> None:
    broken = doc(start("m", ref("message", "x")), job("c"), end(), flows("m>c>e"), pid="talk", top=message("x", "x"))
    office.publish(SourceFile("talk.bpmn", broken))  # there is no plain way to begin it
    asks = doc(start(), service("x", "start-talks"), job("after", roles="hr"), end(), flows("s>x>after>e"), pid="q")
    office.publish(SourceFile("q.bpmn", asks))
    asker = office.start("q", IT)
    for _time in range(8):
        work.run_all(office.database, office.now)
        office.pass_time(hours=2)
    with office.database.reading() as db:
        found = db.execute(select(Request.state, Request.failures)).all()
    assert found == [("failed", 5), ("failed", 5)]
    publish(office, "talk")
    assert len(office.look(work.instance, EIER, asker).incidents) == 2
    assert office.act(work.retry, EIER, asker).state == "active"
    assert work.run_all(office.database, office.now).started == 2


def test_the_page_of_operations_is_of_today() -> None:
    page = (staff.ROOT / "docs/operations.md").read_text()
    assert page == operations.documentation(), "run: python -m komp_flow.operations > docs/operations.md"


def test_every_operation_is_documented() -> None:
    for type_, found in operations.operations().items():
        assert found.function.__doc__, type_
        assert found.says, type_
        assert found.spec.type == type_


def test_two_operations_cannot_have_one_name() -> None:
    with pytest.raises(ValueError, match="escalate"):
        operations.operation("escalate", says="x")(lambda _db, _call: {})
