"""The state as bytes: what comes back, how small it is, what is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time
from decimal import Decimal

import orjson
import pytest
import zstandard

from engine.drawing import boundary, doc, end, flows, start, sub, timer, user
from engine.harness import Run, World, at
from komp_flow import feel
from komp_flow.engine.errors import Fault
from komp_flow.engine.memory import actions, codec
from komp_flow.engine.memory.values import from_json, require_keepable, to_json
from komp_flow.errors import ProcessFault


def shows() -> bytes:
    return doc(start(), user("u", ins=[("=v", "v")]), end(), flows("s>u>e"))


@pytest.mark.parametrize(
    "value",
    [
        Decimal("1.10"), Decimal(7), date(2027, 1, 1), datetime(2027, 1, 1, 8, tzinfo=UTC), time(8, 30),
        {"typename": "X"},
        [Decimal("0.1"), {"a": date(2027, 1, 1)}], "æøå\u2028\0", {"z": 1, "a": 2}, True, None,
        feel.duration("P1M2DT3.5S"), {}, [], "",
    ],
)  # fmt: skip
def test_values_come_back_as_they_were(value: object) -> None:
    r = Run(shows(), data={"v": value})
    r.step(lambda i: None)
    assert r.inputs("u")["v"] == value


@pytest.mark.parametrize("value", [{1, 2}, object(), len, {"\0": "tull"}, [{"a": {"\0": "n1"}}], "x" * 300_000, {1: 2}])
def test_what_cannot_be_kept_is_refused(value: object) -> None:
    with pytest.raises(Fault):
        require_keepable("v", value)


def test_a_big_whole_number_is_kept() -> None:
    for number in (2**53, 2**63 - 1, Decimal(10) ** 30, -(2**60)):
        require_keepable("v", number)
        assert from_json(to_json({"v": number}))["v"] == number


def test_the_order_of_keys_does_not_matter() -> None:
    x = doc(start(), user("u"), boundary("b", "u", timer("P1D"), False), end(), end("e2"), flows("s>u>e", "b>e2"))
    r = Run(x)
    document = orjson.loads(zstandard.decompress(r.blob))
    r.blob = zstandard.compress(orjson.dumps(document, option=orjson.OPT_SORT_KEYS))
    assert r.complete("u").done


def test_loading_and_dumping_changes_nothing() -> None:
    x = doc(
        start(), sub("sp", start("s1"), user("u"), end("e1"), flows("s1>u>e1"), ins=[("=1", "a")]),
        boundary("b", "sp", timer("R3/P1D", "timeCycle"), False), user("h"), end(), flows("s>sp>e", "b>h>e"),
    )  # fmt: skip
    r = Run(x)
    r.tick(at(1))
    assert codec.dump(codec.load(r.blob, r.world)) == r.blob


def test_finished_tasks_are_forgotten_and_a_small_instance_is_small() -> None:
    path = ">".join(f"u{n}" for n in range(12))
    r = Run(doc(start(), *(user(f"u{n}") for n in range(12)), end(), flows(f"s>{path}>e")))
    for n in range(11):
        assert r.size == 2
        assert len(r.blob) < 200
        r.complete(f"u{n}")
    assert r.complete("u11").done


def test_another_format_is_refused() -> None:
    r = Run(shows())
    document = orjson.loads(zstandard.decompress(r.blob))
    document[0] = 99
    with pytest.raises(ProcessFault):
        codec.load(zstandard.compress(orjson.dumps(document)), r.world)


def test_many_threads_load_run_and_dump_with_one_program() -> None:
    x = doc(
        start(), sub("sp", start("s1"), user("u"), end("e1"), flows("s1>u>e1")),
        boundary("b", "sp", timer("P1D"), False), user("v"), end(), end("e2"), flows("s>sp>v>e", "b>e2"),
    )  # fmt: skip
    world = World(x)

    def walk(_n: int) -> bool:
        blob = codec.dump(actions.start(world.program("p@1"), world))
        for _step in range(2):
            instance = codec.load(blob, world)
            actions.complete(instance, actions.view(instance).tasks[0].id, {})
            blob = codec.dump(instance)
        return actions.view(codec.load(blob, world)).completed

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(walk, range(200)))
