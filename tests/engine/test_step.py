"""One step is one transaction: what it writes, what it refuses, what it costs."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select, text, update

from engine.drawing import (
    boundary,
    catch,
    doc,
    el,
    end,
    flows,
    gw,
    message,
    mi,
    properties,
    ref,
    service,
    start,
    sub,
    throw,
    timer,
    user,
)
from engine.harness import T0, at
from engine.storing import UNIT, Store, assigned, counted, fill, form, job, schedule
from komp_flow import audit, engine
from komp_flow.db import Database
from komp_flow.engine import tables
from komp_flow.errors import Conflict, Invalid, NotFound, ProcessFault
from komp_flow.organisation.subjects import Subject

pytestmark = pytest.mark.databases

TWO = doc(start(), job("a", name="Først"), job("b", roles="hr, superior"), end(), flows("s>a>b>e"))


def test_an_instance_starts_at_its_first_task(database: Database) -> None:
    store = Store(database, TWO)
    changes = store.start(subject=Subject(unit="u1", person="p1", measure="m1", cycle="2027"))
    row, task = store.instance(), store.task("a")
    assert (changes.instance_id, changes.process, changes.state, changes.opened) == (row.id, "p", "active", (task.id,))
    assert (row.state, row.unit_id, row.person_id, row.measure_id, row.cycle_id) == (
        "active", "u1", "p1", "m1", "2027",
    )  # fmt: skip
    assert (task.name, task.process, task.unit_id, task.person_id, task.measure_id, task.cycle_id) == (
        "Først", "p", "u1", "p1", "m1", "2027",
    )  # fmt: skip
    assert (task.state, task.created_at, task.closed_at, row.started_by) == ("open", T0, None, "ann")


def test_completing_goes_on_to_the_next_task_and_to_the_end(database: Database) -> None:
    store = Store(database, TWO)
    first = store.start()
    changes = store.complete("a", by="bob")
    assert changes.closed == first.opened
    assert [t.element for t in store.rows(tables.Task, id=changes.opened[0])] == ["b"]
    assert sorted(r.role for r in store.rows(tables.TaskRole, task_id=changes.opened[0])) == ["hr", "superior"]
    closed = store.rows(tables.Task, element="a")[0]
    assert (closed.state, closed.closed_by, closed.closed_at) == ("completed", "bob", T0)
    assert store.complete("b").state == "completed"
    assert (store.instance().state, store.instance().ended_at, store.open()) == ("completed", T0, [])


def test_completing_twice_conflicts_and_says_what_to_do(database: Database) -> None:
    store = Store(database, TWO)
    task = store.start().opened[0]
    store.complete_task(task, by="ann")
    with pytest.raises(engine.TaskDone) as refused:
        store.complete_task(task, by="bob")
    assert (refused.value.state, refused.value.closed_by) == ("completed", "ann")
    assert "kladden" in str(refused.value)
    with pytest.raises(NotFound):
        store.complete_task(uuid.uuid4())


def test_a_submission_is_kept_with_each_completion(database: Database) -> None:
    store = Store(database, form("f", "svar"), doc(start(), job("a", ext=fill("f")), end(), flows("s>a>e")))
    task = store.start().opened[0]
    answers = {"svar": "ja", "dato": datetime(2027, 1, 1, tzinfo=UTC).date(), "tall": Decimal("1.5")}
    with database.transaction() as db:
        engine.complete(db, store.world, engine.locked(db, task), answers, by="bob", on_behalf_of="ann", now=store.now)
    kept = store.rows(tables.Submission)[0]
    assert (kept.task_id, kept.by, kept.on_behalf_of, kept.at) == (task, "bob", "ann", T0)
    assert kept.values == {"svar": "ja", "dato": "2027-01-01", "tall": 1.5}
    assert kept.form_version_id == store.rows(tables.FormVersion)[0].id


def test_only_what_the_diagram_reads_stays_in_the_instance(database: Database) -> None:
    store = Store(
        database,
        doc(
            start(), job("a"), gw("exclusive", "g", default="g_e"), job("b"), end(),
            flows("s>a>g", "g>b:=ja", "g>e", "b>e"),
        ),
    )  # fmt: skip
    store.start()
    store.complete("a", ja=True, hemmelig="det jeg skrev " * 50)
    assert store.open() == ["b"]
    with database.reading() as db:
        blob = db.execute(select(tables.INSTANCE.c.state_blob)).scalar_one()
    assert len(blob) < 400


def test_a_failing_step_leaves_nothing_behind(database: Database) -> None:
    store = Store(database, TWO)
    task = store.start().opened[0]
    huge = {f"n{number}": "x" for number in range(3)}

    def fail_at_the_edge() -> None:
        with database.transaction() as db:
            engine.complete(db, store.world, engine.locked(db, task), huge, by="ann", now=store.now)
            raise RuntimeError("the edge fails")

    with pytest.raises(RuntimeError):
        fail_at_the_edge()
    assert (store.open(), store.rows(tables.Submission), store.instance().row_version) == (["a"], [], 2)


def test_what_the_engine_cannot_bear_is_a_process_fault_with_the_instance(database: Database) -> None:
    """A diagram that goes round and multiplies is stopped; the task stays open, and an incident can be written."""
    ring = doc(
        start(), job("a"), gw("exclusive", "m"), gw("parallel", "p"), el("task", "x"), el("task", "y"), end(),
        flows("s>a>m>p", "p>x>m", "p>y>m", "p>e"),
    )  # fmt: skip
    store = Store(database, ring)
    changes = store.start()
    with pytest.raises(ProcessFault) as fault:
        store.complete("a")
    assert fault.value.instance_id == changes.instance_id
    assert store.open() == ["a"]
    with database.transaction() as db:
        engine.fault(db, changes.instance_id, str(fault.value), store.now)
    assert (store.instance().state, store.incidents()) == ("incident", [("step", None)])
    store.act(engine.retry, changes.instance_id, by="hr")
    assert (store.instance().state, store.incidents()) == ("active", [])


@pytest.mark.parametrize("bad", ["\ud800", object(), {"x": ["\udfff"]}])
def test_what_is_no_text_is_refused_before_anything_happens(database: Database, bad: object) -> None:
    store = Store(database, TWO)
    with pytest.raises(Invalid):
        store.start(variables={"x": bad})
    store.start()
    with pytest.raises(Invalid):
        store.complete("a", x=bad)
    assert store.open() == ["a"]


def test_an_older_copy_of_the_row_is_refused(database: Database) -> None:
    store = Store(database, TWO)
    task = store.start().opened[0]
    with database.transaction() as db:
        locked = engine.locked(db, task)
        db.execute(update(tables.INSTANCE).values(row_version=7))
        with pytest.raises(Conflict):
            engine.complete(db, store.world, locked, {}, by="ann", now=store.now)


def test_what_the_session_has_read_is_read_again_after_a_step(database: Database) -> None:
    store = Store(database, TWO)
    task = store.start().opened[0]
    with database.transaction() as db:
        row = db.get_one(engine.Task, task)
        assert row.state == "open"
        engine.complete(db, store.world, engine.locked(db, task), {}, by="ann", now=store.now)
        assert row.state == "completed"


def test_locked_tells_all_that_policy_asks(database: Database) -> None:
    store = Store(
        database,
        form("f", "x"),
        doc(
            start(),
            sub(
                "P1",
                start("s1"),
                user(
                    "a",
                    ext=assigned("manager, hr", "=&quot;e&quot; + &quot;17&quot;")
                    + fill("f")
                    + schedule("2027-02-01", "2027-01-20")
                    + properties(guidance="G1", reminders="P7D, PT0S"),
                ),
                end("e1"),
                flows("s1>a>e1"),
                ext=properties(phase="P1"),
            ),
            end(),
            flows("s>P1>e"),
        ),
    )
    task = store.start().opened[0]
    with database.transaction() as db:
        found = engine.locked(db, task)
    assert (found.roles, found.assignee, found.subject) == (frozenset({"manager", "hr"}), "e17", UNIT)
    assert (found.form, found.phase, found.guidance) == ("f", "P1", "G1")
    assert found.due_at == datetime(2027, 2, 1, 22, 59, 59, tzinfo=UTC)
    assert found.follow_up_at == datetime(2027, 1, 19, 23, tzinfo=UTC)
    assert store.task("a").reminders == "P7D, PT0S"
    assert store.instance().phase == "P1"


@pytest.mark.parametrize(
    ("due", "wanted"),
    [
        ("2027-07-01", "2027-07-01T21:59:59"),
        ("2027-07-01T12:00:00+02:00", "2027-07-01T10:00:00"),
        ("=date(&quot;2027-07-01&quot;)", "2027-07-01T21:59:59"),
        ("=deadline.discussion", "2027-03-01T22:59:59"),
        ("=date and time(&quot;2027-07-01T12:00:00Z&quot;)", "2027-07-01T12:00:00"),
        ("P14D", "2027-01-18T08:00:00"),
        ("=now() + duration(&quot;P1D&quot;)", "2027-01-05T08:00:00"),
        ("=deadline.decision", None),
    ],
)
def test_due_dates(database: Database, due: str, wanted: str | None) -> None:
    store = Store(database, doc(start(), job("a", ext=schedule(due)), end(), flows("s>a>e")))
    store.start()
    found = store.task("a").due_at
    assert (f"{found:%Y-%m-%dT%H:%M:%S}" if found else None) == wanted
    assert store.incidents() == []


def test_a_due_date_that_fails_is_an_incident_and_the_task_opens(database: Database) -> None:
    drawn = doc(start(), job("a", ext=schedule("=&quot;i morgen&quot;")), job("b"), end(), flows("s>a>b>e"))
    store = Store(database, drawn)
    changes = store.start()
    assert (changes.state, store.open(), store.task("a").due_at) == ("incident", ["a"], None)
    assert store.incidents() == [("task", "a")]
    store.act(engine.retry, changes.instance_id, by="hr")
    assert store.incidents() == [("task", "a")]
    assert (store.complete("a").state, store.incidents()) == ("active", [])


def test_a_task_without_a_role_is_an_incident_that_retry_mends(database: Database) -> None:
    store = Store(database, doc(start(), user("a", ext=assigned("=deadline.who")), end(), flows("s>a>e")))
    changes = store.start()
    assert (changes.state, store.incidents()) == ("incident", [("task", "a")])
    store.world.deadline["who"] = ["hr", "manager"]
    assert store.act(engine.retry, changes.instance_id, by="hr").state == "active"
    assert store.incidents() == []
    assert sorted(row.role for row in store.rows(tables.TaskRole)) == ["hr", "manager"]


def test_a_task_that_is_interrupted_is_cancelled(database: Database) -> None:
    store = Store(
        database,
        doc(
            start(), job("a"), boundary("t", "a", timer("P1D")), job("late"), end(), end("e2"),
            flows("s>a>e", "t>late>e2"),
        ),
    )  # fmt: skip
    store.start()
    assert store.timers() == [("t", "2027-01-05T08:00")]
    store.tick(at(days=1))
    assert (store.open(), store.rows(tables.Task, element="a")[0].state, store.timers()) == (["late"], "cancelled", [])
    assert store.rows(tables.Task, element="a")[0].closed_by is None


def test_an_operation_is_told_what_it_needs_and_is_undone_when_it_fails(database: Database) -> None:
    drawn = doc(
        start(), job("a"), service("op", "keep", ins=[("=unit.id", "enhet")]), job("b"), end(),
        flows("s>a>op>b>e"),
    )  # fmt: skip
    store = Store(database, drawn)

    def keep(db: object, call: engine.OperationCall) -> dict[str, object]:
        db.execute(text("UPDATE task SET name = 'changed'"))  # type: ignore[attr-defined]
        if len(store.world.calls) == 1:
            raise ConnectionError("the other system is down")
        return {}

    store.world.operations["keep"] = keep
    started = store.start()
    changes = store.complete("a", by="bob")
    assert (changes.state, store.incidents(), store.open()) == ("incident", [("diagram", "op")], [])
    assert {task.name for task in store.rows(tables.Task)} == {""}
    call = store.world.calls[0]
    assert (call.type, call.instance_id, call.process, call.subject, call.element) == (
        "keep", started.instance_id, "p", UNIT, "op",
    )  # fmt: skip
    assert (call.inputs, call.by, call.now) == ({"enhet": "u1"}, "bob", T0)
    assert store.act(engine.retry, started.instance_id, by="hr").state == "active"
    assert (store.open(), store.incidents()) == (["b"], [])
    assert store.world.calls[1].task_id == call.task_id
    assert {task.name for task in store.rows(tables.Task, element="a")} == {"changed"}


def test_an_operation_may_start_other_instances_and_raise_the_escalation(database: Database) -> None:
    drawn = doc(start(), service("op", "many"), job("b"), end(), flows("s>op>b>e"), pid="q")
    store = Store(database, TWO, drawn)

    def many(db: object, call: engine.OperationCall) -> dict[str, object]:
        assert engine.raise_escalation(db, call.instance_id) == 1  # type: ignore[arg-type]
        for unit in ("u1", "u2"):
            engine.start(db, store.world, "p", Subject(unit=unit), {}, by=call.by, now=call.now)  # type: ignore[arg-type]
        return {}

    store.world.operations["many"] = many
    changes = store.start("q")
    assert (changes.state, store.open()) == ("active", ["a", "a", "b"])
    assert store.rows(tables.Instance, id=changes.instance_id)[0].escalation == 1


def test_escalation_falls_when_the_next_phase_begins(database: Database) -> None:
    def phase(name: str, task: str) -> str:
        inside = [start(f"s{name}"), job(task), end(f"e{name}"), flows(f"s{name}>{task}>e{name}")]
        return sub(name, *inside, ext=properties(phase=name))

    store = Store(database, doc(start(), phase("P1", "a"), phase("P2", "b"), end(), flows("s>P1>P2>e")))
    changes = store.start()
    with database.transaction() as db:
        assert [engine.raise_escalation(db, changes.instance_id) for _ in range(2)] == [1, 2]
    assert (store.instance().phase, store.instance().escalation) == ("P1", 2)
    store.complete("a")
    assert (store.instance().phase, store.instance().escalation) == ("P2", 0)


def test_suspended_nothing_happens_until_it_is_resumed(database: Database) -> None:
    drawn = doc(
        start(), job("a"), boundary("t", "a", timer("R3/P1D", "timeCycle"), interrupts=False), job("chase"),
        boundary("m", "a", ref("message", "m1"), interrupts=False), job("told"), end(), end("e2"), end("e3"),
        flows("s>a>e", "t>chase>e2", "m>told>e3"), top=message("m1", "nytt", '="k"'),
    )  # fmt: skip
    store = Store(database, drawn)
    changes = store.start()
    store.act(engine.suspend, changes.instance_id, "venter på svar", by="hr")
    assert store.instance().state == "suspended"
    with pytest.raises(engine.NotRunning):
        store.complete("a")
    store.message("nytt", "k")
    assert store.tick(at(days=2)) == []
    assert store.open() == ["a"]
    store.act(engine.resume, changes.instance_id, "videre", by="hr")
    store.tick()
    assert store.open() == ["a", "chase", "told"]
    with pytest.raises(Conflict):
        store.act(engine.resume, changes.instance_id, "", by="hr")


def test_a_date_that_becomes_known_while_suspended_waits_too(database: Database) -> None:
    drawn = doc(start(), catch("c", timer("=deadline.decision")), job("a"), end(), flows("s>c>a>e"))
    store = Store(database, drawn)
    changes = store.start()
    store.act(engine.suspend, changes.instance_id, "", by="hr")
    store.world.deadline["decision"] = at(days=1)
    assert store.act(engine.reschedule) == 1
    assert store.tick(at(days=2)) == []
    store.act(engine.resume, changes.instance_id, "", by="hr")
    store.tick()
    assert store.open() == ["a"]


def test_cancelling_closes_everything(database: Database) -> None:
    drawn = doc(
        start(), gw("parallel", "g"), job("a"), boundary("t", "a", timer("P1D")),
        catch("c", ref("message", "m1")), user("b", ext=assigned("=nei")), end(), end("e2"), end("e3"), end("e4"),
        flows("s>g>a>e", "g>c>e2", "g>b>e3", "t>e4"), top=message("m1", "nytt", '="k"'),
    )  # fmt: skip
    store = Store(database, drawn)
    changes = store.start()
    assert (changes.state, len(store.rows(tables.Subscription)), len(store.timers())) == ("incident", 1, 1)
    assert store.act(engine.cancel_instance, changes.instance_id, "startet ved en feil", by="hr").state == "cancelled"
    assert {task.state for task in store.rows(tables.Task)} == {"cancelled"}
    assert (store.rows(tables.Subscription), store.timers(), store.incidents()) == ([], [], [])
    assert store.instance().ended_at == T0
    with pytest.raises(engine.NotRunning):
        store.act(engine.cancel_instance, changes.instance_id, "", by="hr")
    with database.reading() as db:
        said = audit.trail(db, engine.stream(changes.instance_id))
    assert next(e.detail for e in said if e.what == "cancel") == {"reason": "startet ved en feil"}


def test_moving_a_date_moves_due_dates_and_timers_and_counts_them(database: Database) -> None:
    drawn = doc(
        start(), gw("parallel", "g"),
        job("a", ext=schedule("=deadline.discussion", "=deadline.discussion - duration(&quot;P7D&quot;)")),
        boundary("t", "a", timer("=deadline.discussion"), interrupts=False),
        job("b", ext=schedule("P14D")), boundary("t2", "b", timer("=deadline.decision")),
        end(), end("e2"), end("e3"), end("e4"), flows("s>g>a>e", "g>b>e2", "t>e3", "t2>e4"),
    )  # fmt: skip
    store = Store(database, drawn)
    first, second = store.start(), store.start(subject=Subject(unit="u2", cycle="2028"))
    assert store.timers() == [("t", "2027-03-01T07:00")] * 2
    store.world.deadline["discussion"] = datetime(2027, 3, 8, 12, tzinfo=UTC)
    assert store.act(engine.reschedule, instances=[first.instance_id]) == 2
    assert store.timers() == [("t", "2027-03-01T07:00"), ("t", "2027-03-08T12:00")]
    assert store.task("a", first.instance_id).due_at == datetime(2027, 3, 8, 12, tzinfo=UTC)
    assert store.task("a", first.instance_id).follow_up_at == datetime(2027, 3, 1, 12, tzinfo=UTC)
    store.world.deadline["decision"] = datetime(2027, 2, 1, 12, tzinfo=UTC)
    assert store.act(engine.reschedule, cycle="2027") == 1
    assert store.act(engine.reschedule) == 3
    assert store.act(engine.reschedule) == 0
    assert [name for name, _ in store.timers()] == ["t", "t", "t2", "t2"]
    store.tick(datetime(2027, 2, 1, 12, tzinfo=UTC))
    assert store.open(second.instance_id) == ["a"]


def test_the_trail_tells_what_happened_and_who_did_it(database: Database) -> None:
    store = Store(database, TWO)
    changes = store.start()
    store.complete("a", by="bob")
    store.complete("b", by="cy")
    with database.reading() as db:
        said = [(e.what, e.element, e.by) for e in audit.trail(db, engine.stream(changes.instance_id))]
        assert audit.verify(db, [engine.stream(changes.instance_id)]) == []
    assert said[0] == ("started", None, "ann")
    assert [line for line in said if line[1] in ("a", "b")] == [
        ("entered", "a", None), ("completed", "a", "bob"), ("entered", "b", None), ("completed", "b", "cy"),
    ]  # fmt: skip
    assert said[-1] == ("ended", None, None)


def test_a_trail_that_is_gone_altogether_is_missed(database: Database) -> None:
    store = Store(database, TWO)
    changes = store.start()
    gone = engine.stream(changes.instance_id)
    with database.transaction() as db:
        assert audit.verify(db, engine.streams(db)) == []
        for table in (audit.EVENT, audit.HEAD):
            db.execute(table.delete().where(table.c.stream == gone))
        assert audit.verify(db, engine.streams(db)) == [audit.Broken(gone, 0, "missing")]


def test_items_of_a_multi_instance_have_a_task_each(database: Database) -> None:
    drawn = doc(start(), job("a", inner=mi("=liste", "ting")), end(), flows("s>a>e"))
    store = Store(database, drawn)
    changes = store.start(variables={"liste": [1, 2, 3]})
    assert len(changes.opened) == 3
    for task in changes.opened[:-1]:
        assert store.complete_task(task).state == "active"
    assert store.complete_task(changes.opened[-1]).state == "completed"


def linear(tasks: int) -> bytes:
    names = [f"u{number}" for number in range(tasks)]
    around = [job(name) + boundary(f"t{name}", name, timer("P1D"), interrupts=False) for name in names]
    ends = [end(f"et{name}") + flows(f"t{name}>et{name}") for name in names]
    return doc(start(), *around, *ends, end(), flows(">".join(["s", *names, "e"])))


def test_the_number_of_statements_of_a_step_is_small_and_constant(database: Database) -> None:
    store = Store(database, linear(6))
    store.start()
    counts = []
    for number in range(4):
        task = store.task(f"u{number}").id
        with counted(database) as seen:
            store.complete_task(task)
        counts.append(len(seen))
    assert len(set(counts)) == 1, counts
    assert counts[0] <= 14, seen


def test_a_thrown_message_costs_a_constant_number_of_statements(database: Database) -> None:
    thrower = doc(
        start(), job("a"), throw("m", ref("message", "m1"), ext=""), job("b"), end(), flows("s>a>m>b>e"),
        top=message("m1", "nytt", '="k"'),
    )  # fmt: skip
    waiter = doc(
        start(), catch("c", ref("message", "m1")), end(), flows("s>c>e"), pid="q", top=message("m1", "nytt", '="k"')
    )
    store = Store(database, thrower, waiter)
    counts = []
    for _waiting in range(3):
        instance = store.start().instance_id
        task = store.task("a", instance).id
        with counted(database) as seen:
            store.complete_task(task)
        counts.append(len(seen))
        store.start("q")
        store.start("q")
    assert counts[1] == counts[2], counts
    assert counts[2] <= 19, seen
