"""Messages and signals between stored instances: each once, never lost, kept where nobody waits."""

from __future__ import annotations

import threading
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from engine.drawing import SIGNAL, boundary, catch, doc, el, end, flows, gw, io, message, properties, ref, start, throw
from engine.harness import T0, at
from engine.storing import Store, job, together
from komp_flow import engine
from komp_flow.db import Database
from komp_flow.engine import tables
from komp_flow.engine.stored import messages
from komp_flow.errors import Invalid, TooLarge
from komp_flow.organisation.subjects import Subject

pytestmark = pytest.mark.databases

KEYED = message("m1", "svar", "=nr")


def waits(pid: str = "q", before: str = "") -> bytes:
    """Waits for «svar» with the key `nr`, then shows what came."""
    first = [job(before)] if before else []
    path = ">".join(["s", *([before] if before else []), "c", "g"])
    return doc(
        start(), *first, catch("c", ref("message", "m1")), gw("exclusive", "g", default="g_no"), job("yes"), job("no"),
        end(), end("e2"), flows(path, "g>yes:=ok", "g>no", "yes>e", "no>e2"), pid=pid, top=KEYED,
    )  # fmt: skip


def sends(keep: str | None = None, pid: str = "p") -> bytes:
    kept = properties(keep=keep) if keep else ""
    mapped = io([("=k", "nr"), ("=true", "ok")])
    return doc(
        start(), job("a"), throw("t", ref("message", "m1"), kept + mapped), job("z"), end(), flows("s>a>t>z>e"),
        pid=pid, top=KEYED,
    )  # fmt: skip


def begin(store: Store, key: object, process: str = "q") -> Any:
    return store.start(process, variables={"nr": key}).instance_id


def test_a_message_reaches_every_instance_that_waits_for_it_after_the_step(database: Database) -> None:
    store = Store(database, waits(), sends())
    mine, other, twin = begin(store, 7), begin(store, 8), begin(store, Decimal("7.0"))
    store.start(variables={"k": "7"})
    store.complete("a")
    assert store.open() == ["z"]
    store.tick()
    assert (store.open(mine), store.open(other), store.open(twin)) == (["yes"], [], ["yes"])
    assert {row.outcome for row in store.rows(tables.Delivery)} == {"applied"}
    assert store.tick() == []


def test_what_nobody_waits_for_is_kept_thirty_days_and_given_once_to_each(database: Database) -> None:
    store = Store(database, waits())
    store.message("svar", "7", {"ok": True})
    store.now = at(days=29)
    first, second = begin(store, 7), begin(store, 7)
    assert store.open() == []
    store.tick()
    assert (store.open(first), store.open(second)) == (["yes"], ["yes"])
    store.now = at(days=30)
    third = begin(store, 7)
    store.tick()
    assert store.open(third) == []


def test_what_somebody_waited_for_is_not_kept(database: Database) -> None:
    store = Store(database, waits())
    begin(store, 7)
    store.message("svar", "7", {"ok": True})
    store.tick()
    late = begin(store, 7)
    store.tick()
    assert store.open(late) == []


def test_keep_gives_it_also_to_those_who_come_late(database: Database) -> None:
    store = Store(database, waits(), sends("P90D"))
    begin(store, 7)
    store.start(variables={"k": 7})
    store.complete("a")
    store.tick()
    store.now = at(days=60)
    late = begin(store, 7)
    store.tick()
    assert store.open(late) == ["yes"]
    store.now = at(days=91)
    too_late = begin(store, 7)
    store.tick()
    assert store.open(too_late) == []


def test_keep_until_the_cycle_closes(database: Database) -> None:
    store = Store(database, waits(), sends("cycle"))
    store.start(variables={"k": 7})
    store.complete("a")
    store.tick(at(days=400))
    late = begin(store, 7)
    store.tick()
    assert store.open(late) == ["yes"]
    with database.transaction() as db:
        assert engine.end_keep(db, "2028", store.now) == 0
        assert engine.end_keep(db, "2027", store.now) == 1
    too_late = begin(store, 7)
    store.tick()
    assert store.open(too_late) == []


def test_a_message_from_outside_is_applied_once_however_often_it_is_sent(database: Database) -> None:
    store = Store(database, waits())
    mine = begin(store, "æøå")
    first = store.message("svar", "æøå", {"ok": True}, external_id="x-1")
    assert store.message("svar", "æøå", {"ok": False}, external_id="x-1") == first
    store.tick()
    assert store.message("svar", "æøå", {"ok": True}, external_id="x-1") == first
    assert store.message("svar", "æøå", {"ok": True}, external_id="x-2") != first
    assert (store.open(mine), len(store.rows(tables.Delivery))) == (["yes"], 1)


def test_the_same_external_id_from_many_at_once_is_one_message(database: Database) -> None:
    store = Store(database, waits())
    mine = begin(store, 7)
    answers = together(lambda n: store.message("svar", 7, {"ok": True}, external_id="x"), range(6))
    assert len(set(answers)) == 1
    store.tick()
    assert (store.open(mine), len(store.rows(tables.Message))) == (["yes"], 1)


def test_one_message_ends_one_wait_of_an_instance(database: Database) -> None:
    both = doc(
        start(), gw("parallel", "g"), catch("c", ref("message", "m1")), catch("d", ref("message", "m1")), job("x"),
        job("y"), end(), end("e2"), flows("s>g>c>x>e", "g>d>y>e2"), pid="q", top=message("m1", "svar", '="7"'),
    )  # fmt: skip
    store = Store(database, both)
    begin(store, 7)
    store.message("svar", 7)
    store.tick()
    assert store.open() == ["x"]
    store.message("svar", 7)
    store.tick()
    assert store.open() == ["x", "y"]


def test_two_kept_messages_are_given_one_after_the_other(database: Database) -> None:
    """The second is not lost although nothing waits when its turn comes: it waits for the instance to wait again."""
    twice = doc(
        start(), catch("c", ref("message", "m1")), job("x"), catch("d", ref("message", "m1")), job("y"), end(),
        flows("s>c>x>d>y>e"), pid="q", top=message("m1", "svar", '="7"'),
    )  # fmt: skip
    store = Store(database, twice)
    store.message("svar", 7)
    store.message("svar", 7)
    begin(store, 7)
    store.tick()
    assert store.open() == ["x"]
    store.complete("x")
    store.tick()
    assert store.open() == ["y"]


def test_a_message_whose_receiver_has_gone_is_kept_for_the_next(database: Database) -> None:
    store = Store(database, waits())
    gone = begin(store, 7)
    store.message("svar", 7, {"ok": True})
    came_between = begin(store, 7)
    store.act(engine.cancel_instance, gone, "feil", by="hr")
    store.tick()
    late = begin(store, 7)
    store.tick()
    assert (store.open(came_between), store.open(late)) == (["yes"], ["yes"])


def test_payload_values_keep_their_kinds(database: Database) -> None:
    store = Store(database)
    store.message("svar", 7, {"dag": date(2027, 1, 4), "tall": Decimal("0.10"), "liste": [1, {"æ": None}]})
    kept = messages.unpack(store.rows(tables.Message)[0].payload)
    assert kept == {"dag": date(2027, 1, 4), "tall": Decimal("0.10"), "liste": [1, {"æ": None}]}


@pytest.mark.parametrize(
    ("message_", "error"),
    [
        ({"name": ""}, Invalid),
        ({"name": "n" * 201}, Invalid),
        ({"key": "k" * 201}, Invalid),
        ({"key": "a\0b"}, Invalid),
        ({"external_id": ""}, Invalid),
        ({"payload": {"x": "y" * 300_000}}, (Invalid, TooLarge)),
        ({"payload": {"x": {"\0": "d2027-01-01"}}}, Invalid),
        ({"payload": {"x": object()}}, Invalid),
    ],
)
def test_what_is_out_of_bounds_is_refused(database: Database, message_: dict[str, Any], error: Any) -> None:
    store = Store(database)
    with pytest.raises(error):
        store.message(**{"name": "svar", "key": "7", **message_})
    assert store.rows(tables.Message) == []


@pytest.mark.parametrize("key", ["n" * 5000, "a\0b"])
def test_keys_that_no_index_can_hold_still_match(database: Database, key: str) -> None:
    store = Store(database, waits(), sends())
    mine = begin(store, key)
    store.start(variables={"k": key})
    store.complete("a")
    store.tick()
    assert store.open(mine) == ["yes"]


# ---- starts
def started_by_message(key: str | None) -> bytes:
    return doc(
        start(inner=ref("message", "m1")), job("a"), end(), flows("s>a>e"), top=message("m1", "ny", key)
    )  # fmt: skip


def test_a_message_starts_an_instance_with_its_payload_and_subject(database: Database) -> None:
    drawn = doc(
        start(inner=ref("message", "m1")), gw("exclusive", "g", default="g_b"), job("a"), job("b"), end(), end("e2"),
        flows("s>g", "g>a:=x = 1", "g>b", "a>e", "b>e2"), top=message("m1", "ny"),
    )  # fmt: skip
    store = Store(database, drawn)
    store.message("ny", "", {"x": 1, "unit": "u9", "cycle": "2028"})
    store.tick()
    row = store.instance()
    assert (store.open(), row.unit_id, row.person_id, row.cycle_id, row.started_by) == (
        ["a"],
        "u9",
        None,
        "2028",
        "ann",
    )


def test_without_a_key_every_message_starts_one(database: Database) -> None:
    store = Store(database, started_by_message(None))
    for _ in range(3):
        store.message("ny", "7")
    store.tick()
    assert store.states() == ["active"] * 3


def test_with_a_key_no_second_instance_starts_while_one_is_active(database: Database) -> None:
    store = Store(database, started_by_message("=nr"))
    for key in ("7", "7", "8", 7):
        store.message("ny", key)
    store.tick()
    assert sorted(row.start_key for row in store.rows(tables.Instance)) == ["7", "8"]
    seven = store.rows(tables.Instance, start_key="7")[0].id
    store.complete("a", seven)
    store.message("ny", "7")
    store.tick()
    assert store.states() == ["active", "active", "completed"]


def test_an_instance_started_by_another_has_its_subject_or_that_of_the_payload(database: Database) -> None:
    sender = doc(
        start(), throw("t", ref("message", "m1"), io([("=hvem", "person")])), throw("t2", ref("message", "m1")), end(),
        flows("s>t>t2>e"), pid="q", top=message("m1", "ny"),
    )  # fmt: skip
    store = Store(database, started_by_message(None), sender)
    store.start("q", Subject(unit="u1", cycle="2027"), {"hvem": "e17"})
    store.tick()
    got = {(row.unit_id, row.person_id, row.cycle_id) for row in store.rows(tables.Instance, process="p")}
    assert got == {("u1", "e17", "2027"), ("u1", None, "2027")}


# ---- signals
def test_a_signal_reaches_all_who_wait_now_and_every_signal_start(database: Database) -> None:
    hears = doc(
        start(), job("a"), boundary("b", "a", ref("signal", "g")), job("stopped"), end(), end("e2"),
        flows("s>a>e", "b>stopped>e2"), pid="q", top=SIGNAL,
    )  # fmt: skip
    starts = doc(start(inner=ref("signal", "g")), job("began"), end(), flows("s>began>e"), pid="r", top=SIGNAL)
    sender = doc(start(), throw("t", ref("signal", "g")), end(), flows("s>t>e"), top=SIGNAL)
    store = Store(database, hears, starts, sender)
    store.start("q")
    store.start("q")
    store.start()
    store.tick()
    assert store.open() == ["began", "stopped", "stopped"]
    late = store.start("q").instance_id
    store.tick()
    assert store.open(late) == ["a"]


def test_the_sender_of_a_signal_hears_it_once(database: Database) -> None:
    drawn = doc(
        start(), gw("parallel", "g1"), job("a"),
        boundary("b", "a", ref("signal", "g"), interrupts=False), job("heard"), throw("t", ref("signal", "g")),
        end(), end("e2"), end("e3"), flows("s>g1>a>e", "g1>t>e3", "b>heard>e2"), top=SIGNAL,
    )  # fmt: skip
    store = Store(database, drawn)
    store.start()
    store.tick()
    assert store.open() == ["a", "heard"]


# ---- at once
@pytest.mark.parametrize("first", ["sender", "receiver"])
def test_a_sender_and_one_who_begins_to_wait_at_the_same_moment_find_each_other(database: Database, first: str) -> None:
    """Each has read before the other commits: without the lock on name and key, the message would lie there."""
    store = Store(database, waits(before="first"))
    instance = begin(store, 7)
    done, release = threading.Event(), threading.Event()

    def send(wait: bool) -> None:
        with database.transaction() as db:
            engine.correlate(db, "svar", 7, {"ok": True}, by=None, now=T0)
            if wait:
                done.set()
                release.wait(timeout=2)

    def receive(wait: bool) -> None:
        task = store.task("first", instance).id
        with database.transaction() as db:
            engine.complete(db, store.world, engine.locked(db, task), {}, by="ann", now=T0)
            if wait:
                done.set()
                release.wait(timeout=2)

    slow, quick = (send, receive) if first == "sender" else (receive, send)
    one = threading.Thread(target=slow, args=(True,))
    two = threading.Thread(target=quick, args=(False,))
    one.start()
    assert done.wait(timeout=20)
    two.start()
    two.join(timeout=0.5)
    assert two.is_alive(), "the second must wait for the first to commit"
    release.set()
    one.join(timeout=20)
    two.join(timeout=20)
    store.tick()
    assert store.open() == ["yes"]


def test_those_who_wait_for_the_same_message_do_not_wait_for_each_other(database: Database) -> None:
    if database.is_sqlite:
        return  # one writer at a time: there is nothing to wait for
    with database.transaction() as db, database.transaction() as other:
        for session in (db, other):
            messages.catch_up(session, uuid.uuid4(), [("svar", "7")], T0)


def test_a_sender_does_not_wait_for_a_receiver_that_somebody_is_working_on(database: Database) -> None:
    """Else the two could wait for each other: the receiver for the message's name, the sender for the receiver."""
    if database.is_sqlite:
        return
    both = doc(
        start(), gw("parallel", "g"), job("first"), catch("c", ref("message", "m1")), job("yes"), end(), end("e2"),
        flows("s>g>first>e", "g>c>yes>e2"), pid="q", top=message("m1", "svar", '="7"'),
    )  # fmt: skip
    store = Store(database, both)
    begin(store, 7)
    task = store.task("first").id
    with database.transaction() as db:
        engine.locked(db, task)
        sender = threading.Thread(target=store.message, args=("svar", "7"))
        sender.start()
        sender.join(timeout=10)
        assert not sender.is_alive()
    store.tick()
    assert store.open() == ["first", "yes"]


def test_unrelated_instances_are_left_alone(database: Database) -> None:
    store = Store(database, waits(), doc(start(), el("receiveTask", "c", messageRef="m1"), end(), flows("s>c>e"),
                                         pid="r", top=message("m1", "annet", '="7"')))  # fmt: skip
    other = begin(store, 7, "r")
    store.message("svar", 7, keep_until=datetime(2028, 1, 1, tzinfo=UTC))
    store.tick()
    assert (store.open(), store.instance(other).state) == ([], "active")


# ---- forgotten when nobody can get them any more
def test_messages_past_keeping_are_forgotten_with_their_deliveries(database: Database) -> None:
    store = Store(
        database,
        doc(
            start(),
            catch("c", ref("message", "m1")),
            job("a"),
            end(),
            flows("s>c>a>e"),
            top=message("m1", "nytt", "=navn"),
        ),
    )
    store.start(variables={"navn": "kari"})
    store.message("nytt", "kari", external_id="x-1")
    store.message("nytt", "per", external_id="x-2")
    store.message("nytt", "ola", keep_until=store.later(days=90))
    store.tick()

    def forgotten(days: int) -> int:
        with database.transaction() as db:
            return engine.purge(db, engine.forgettable(db, store.later(days=days)))

    assert forgotten(29) == 0, "one that is sent again with its id is still known"
    assert [forgotten(31), forgotten(31)] == [2, 0]
    assert ([row.key for row in store.rows(tables.Message)], store.rows(tables.Delivery)) == (["ola"], [])
    assert forgotten(91) == 1


def test_a_message_on_its_way_is_not_forgotten(database: Database) -> None:
    store = Store(
        database,
        doc(
            start(),
            catch("c", ref("message", "m1")),
            job("a"),
            end(),
            flows("s>c>a>e"),
            top=message("m1", "nytt", '="k"'),
        ),
    )
    instance = store.start().instance_id
    store.message("nytt", "k")
    store.act(engine.suspend, instance, "hviler", by="hr")
    with database.reading() as db:
        assert engine.forgettable(db, store.later(days=400)) == []
    store.act(engine.resume, instance, "videre", by="hr")
    store.tick()
    assert store.open() == ["a"]
    with database.reading() as db:
        assert len(engine.forgettable(db, store.later(days=400))) == 1
