"""Steps that are written after another's pattern: what comes of them is what comes of one that is run."""

from __future__ import annotations

import random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.drawing import boundary, catch, doc, end, flows, gw, io, message, mi, ref, start, sub, timer
from engine.random_diagrams import CALENDAR, Builder
from engine.random_drawing import ANSWER, draw, named
from engine.storing import UNIT, Store, counted, job, schedule
from engine.twins import Copies, Twins, told
from komp_flow import engine
from komp_flow.db import Database
from komp_flow.engine import tables
from komp_flow.engine.errors import BpmnError
from komp_flow.engine.many import batch
from komp_flow.engine.memory import codec
from komp_flow.organisation.subjects import Subject

pytestmark = pytest.mark.databases

KINDS = ["user", "seq", "passing", "xor", "or", "and", "loop", "sub", "call", "mi", "misub", "service", "wait",
         "message", "race", "guarded", "chased", "handled", "throwing", "terminate", "mapped", "calendar"]  # fmt: skip
DIAGRAMS = {"sqlite": 25, "postgresql": 8}
MOVES = 9

# A user task that is there all the time, with a timer that fires again and again; waits; a branch by who it is about.
CROWDED = doc(
    start(), gw("parallel", "g"), job("a", ext=schedule("P30D")),
    boundary("again", "a", timer("R5/P2D", "timeCycle"), interrupts=False), job("chase"), end("e1"),
    catch("c", ref("message", "m1")), gw("exclusive", "x", default="x_f"), job("f"), job("k"), end("e2"), end("e3"),
    catch("t", timer("P3D")), sub("sp", start("ss"), job("y"), end("se"), flows("ss>y>se"), pre=mi("=[1, 2]", "item")),
    catch("c2", ref("message", "m2")), end("e4"), end("e5"),
    flows("s>g>a>e5", "again>chase>e1", "g>c>x", 'x>k:=person.id = "p1"', "x>f", "k>e2", "f>e3", "g>t>sp>c2>e4"),
    top=message("m1", "nytt", "=navn") + message("m2", "mer", '="alle"'),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many are done at once is counted here, however slow the machine is just now."""
    monkeypatch.setattr(batch, "SPELL", 60.0)


def crowd(store: Store, count: int = 6) -> Twins:
    """Pairs about a few people, begun at different moments."""
    twins = Twins(store, "p")
    for number in range(count):
        twins.begin(Subject(unit="u1", person=f"p{number % 3}"), {"navn": "kari"})
        if number % 2:
            store.now = store.later(minutes=7)
    return twins


def test_a_message_to_many_does_to_each_what_it_does_to_one(database: Database, monkeypatch: Any) -> None:
    copies = Copies(monkeypatch)
    twins = crowd(Store(database, CROWDED))
    twins.store.message("nytt", "kari", {"navn": "ola"})
    twins.run_due()
    twins.compare()
    assert copies.count == 3, "of six, one for each of three people is run"
    assert {element for _place, element in twins.open()} == {"a", "f", "k"}


def test_timers_of_many_that_began_at_different_moments_fire_for_each_as_for_one(
    database: Database, monkeypatch: Any
) -> None:
    copies = Copies(monkeypatch)
    twins = crowd(Store(database, CROWDED))
    for _day in range(5):
        twins.pass_time(days=1)
        twins.compare()
    assert copies.count > 0
    twins.complete("y", range(6))
    twins.complete("y", range(3))
    twins.store.message("mer", "alle")
    twins.pass_time(days=5)
    twins.compare()


def test_a_message_that_is_kept_comes_to_each_who_begins_to_wait_by_a_pattern(database: Database) -> None:
    late = doc(start(), catch("t", timer("P1D")), catch("c", ref("message", "m")), job("a"), end(),
               flows("s>t>c>a>e"), top=message("m", "nytt", '="x"'))  # fmt: skip
    twins = crowd(Store(database, late))
    twins.store.message("nytt", "x")
    twins.pass_time(days=2)
    twins.compare()
    assert len(twins.open()) == 6


def test_who_has_had_a_kept_message_is_no_pattern_for_who_has_not(database: Database) -> None:
    again = doc(start(), catch("c", ref("message", "m")), catch("t", timer("P1D")), catch("c2", ref("message", "m")),
                job("a"), end(), flows("s>c>t>c2>a>e"), top=message("m", "nytt", '="x"'))  # fmt: skip
    store = Store(database, again)
    one = store.start().instance_id
    store.message("nytt", "x")
    store.tick()
    other = store.start().instance_id
    store.message("nytt", "x", keep_until=store.later(days=9))  # the other has it; the one will begin to wait for it
    store.tick()
    store.now = store.later(days=2)
    with database.reading() as db:
        rows = {row.instance_id: row for row in engine.due(db, store.now)}
    with database.transaction() as db:
        assert engine.run_batch(db, store.world, [rows[other], rows[one]], store.now).done == 2
    store.tick()
    assert (store.open(one), store.open(other)) == (["a"], [])


def test_two_timers_fire_in_the_order_of_their_times_for_each(database: Database) -> None:
    two = doc(start(), gw("parallel", "g"), catch("t1", timer("P10D")), job("a"), end("e1"),
              catch("c", ref("message", "m")), catch("t2", timer("P9D")), job("b"), end(),
              flows("s>g>t1>a>e1", "g>c>t2>b>e"), top=message("m", "nytt", '="x"'))  # fmt: skip
    twins = Twins(Store(database, two), "p")
    for hours in (1, 30):
        twins.begin(UNIT)
        twins.store.now = twins.store.later(hours=hours)
        twins.store.message("nytt", "x")
        twins.run_due()
    twins.pass_time(days=11)
    twins.compare()
    rows = [told(twins.store, one)["event"] for one, _other in twins.pairs]
    order = [[row["element"] for row in its if row["what"] == "fired" and row["element"] != "c"] for its in rows]
    assert order == [["t2", "t1"], ["t1", "t2"]]


def test_what_a_variable_says_of_another_is_not_taken_for_ones_own(database: Database, monkeypatch: Any) -> None:
    """Each has got the id of the first one's open token as a value: it stays what it is."""
    copies = Copies(monkeypatch)
    twice = doc(start(), gw("parallel", "g"), job("a"), catch("c", ref("message", "m")), catch("t", timer("P1D")),
                job("b", ext=io([("=hvem", "hvem")])), end("e1"), end(), flows("s>g>a>e1", "g>c>t>b>e"),
                top=message("m", "nytt", '="x"'))  # fmt: skip
    store = Store(database, twice)
    many = [store.start().instance_id for _ in range(3)]
    first = store.task("a", many[0]).id.hex
    store.message("nytt", "x", {"hvem": first})
    twins = Twins(store, "p")
    twins.pairs = [(one, one) for one in many]
    twins.run_due()
    twins.pass_time(days=2)
    assert copies.count == 4
    with database.reading() as db:
        for row in db.execute(select(tables.INSTANCE.c.id, tables.INSTANCE.c.state_blob)):
            state = codec.unpacked(row.state_blob).decode()
            assert f'"hvem":"{first}"' in state
            assert (f'["{first}"' in state) is (row.id == many[0])


def test_a_batch_that_has_had_its_time_leaves_the_rest_due(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "SPELL", 0.0)
    store = Store(database, doc(start(), catch("t", timer("P1D")), job("a"), end(), flows("s>t>a>e")))
    many = store.act(engine.start_many, "p", [Subject(unit=f"u{n}") for n in range(4)], {}, by="ann")
    twins = Twins(store, "p")
    twins.pairs = [(one, one) for one in many]
    copies = Copies(monkeypatch)
    twins.pass_time(days=2)
    assert copies.count == 0, "one at a time"
    assert [store.open(one) for one in many] == [["a"]] * 4


def test_many_alike_cost_hardly_a_statement_each(database: Database) -> None:
    waits = doc(start(), catch("c", ref("message", "m")), job("a"), end(), flows("s>c>a>e"),
                top=message("m", "nytt", '="x"'))  # fmt: skip
    store = Store(database, waits)
    many: list[UUID] = store.act(engine.start_many, "p", [Subject(unit=f"u{n}") for n in range(50)], {}, by="ann")
    store.message("nytt", "x")
    with database.reading() as db:
        (rows,) = engine.batches(engine.due(db, store.now))
    with counted(database) as seen, database.transaction() as db:
        assert engine.run_batch(db, store.world, rows, store.now).done == 50
    assert len(seen) < 35
    assert store.open() == ["a"] * 50
    assert {row.instance_id for row in store.rows(tables.Task)} == set(many)


def test_of_random_diagrams_what_is_done_at_once_is_what_is_done_alone(
    database: Database, database_kind: str, monkeypatch: Any
) -> None:
    copies = Copies(monkeypatch)
    store = Store(database)
    for seed in range(DIAGRAMS[database_kind]):
        walk(store, seed)
    assert copies.count > DIAGRAMS[database_kind]


def walk(store: Store, seed: int) -> None:
    """A few random moves of a few pairs."""
    draws = random.Random(seed)
    graph, process = Builder(draws.choice, KINDS, 20).build(3), f"p{seed}"
    plan = {node.id: node for node in graph.walk()}

    def operation(_db: Any, call: engine.OperationCall) -> dict[str, object]:
        node = plan[call.element]
        if node.fails:
            raise BpmnError(node.fails)
        return {ANSWER: node.value} if node.asks else {}

    store.world.operations = {"ask": operation}
    store.world.deadline = {CALENDAR: None}
    store.publish(*draw(graph, process))
    twins = Twins(store, process)
    for number in range(6):
        twins.begin(Subject(unit=f"u{number % 2}"))
        store.now = store.later(minutes=draws.choice([0, 0, 3]))
    heard = [node.event for node in plan.values() if node.event is not None and node.event.kind == "message"]
    for _move in range(MOVES):
        if heard and draws.random() < 0.4:
            event = draws.choice(heard)
            store.message(named(event.name, process), draws.choice(["", "k", 1, 2]), {ANSWER: draws.choice([0, 1])})
        elif (open_ := sorted({element for _place, element in twins.open()})) and draws.random() < 0.7:
            element = draws.choice(open_)
            places = range(6) if draws.random() < 0.7 else [draws.randrange(6)]
            twins.complete(element, places, **{f"{element}_x": draws.choice([0, 1, 2])})
        twins.pass_time(minutes=draws.choice([0, 10, 1500, 5000]))
    twins.compare()
