"""Gateways: which paths a token takes, and when tokens are joined."""

from __future__ import annotations

import pytest

from engine.drawing import TERMINATE, catch, doc, end, flows, gw, io, message, ref, service, start, sub, timer, user
from engine.harness import Run, at
from komp_flow.engine.memory import actions
from komp_flow.errors import ProcessFault


def two_ways(default: str | None = "g_b") -> bytes:
    gateway = gw("exclusive", "g", default=default) if default else gw("exclusive", "g")
    other = "g>b" if default else "g>b:=x < 0"
    return doc(start(), gateway, user("a"), user("b"), end(), flows("s>g", "g>a:=x > 3", other, "a>e", "b>e"))


@pytest.mark.parametrize(("x", "way"), [(4, "a"), (3, "b"), (None, "b"), ("tull", "b")])
def test_exclusive_takes_the_default_unless_a_condition_is_exactly_true(x: object, way: str) -> None:
    assert Run(two_ways(), data={"x": x}).open() == [way]


def test_exclusive_without_the_variable_takes_the_default() -> None:
    assert Run(two_ways()).open() == ["b"]


def test_exclusive_takes_the_first_of_several_that_hold_in_the_order_drawn() -> None:
    x = doc(
        start(), gw("exclusive", "g", default="g_c"), user("a"), user("b"), user("c"), end(),
        flows("s>g", "g>c", "g>b:=x > 1", "g>a:=x > 0", "a>e", "b>e", "c>e"),
    )  # fmt: skip
    assert Run(x, data={"x": 2}).open() == ["b"]


def test_exclusive_without_match_and_default_is_an_incident_that_can_be_retried() -> None:
    r = Run(two_ways(default=None), data={"x": 1})
    assert r.failed() == ["g"]
    assert r.open() == []
    r.step(lambda instance: instance.data.update(x=5))
    r.retry("g")
    assert r.open() == ["a"]
    r.complete("a")
    assert r.done


def test_exclusive_with_one_way_out_needs_no_condition() -> None:
    x = doc(start(), gw("exclusive", "g"), user("a"), end(), flows("s>g>a>e"))
    assert Run(x).open() == ["a"]


def inclusive() -> bytes:
    return doc(
        start(), gw("inclusive", "g", default="g_c"), user("a"), user("b"), user("c"), gw("inclusive", "j"), user("z"),
        end(), flows("s>g", "g>a:=x > 1", "g>b:=x > 2", "g>c", "a>j", "b>j", "c>j", "j>z>e"),
    )  # fmt: skip


@pytest.mark.parametrize(("x", "ways"), [(0, ["c"]), (2, ["a"]), (3, ["a", "b"])])
def test_inclusive_splits_to_all_that_hold_and_joins_those(x: int, ways: list[str]) -> None:
    r = Run(inclusive(), data={"x": x})
    assert r.open() == ways
    for way in reversed(ways):
        assert "z" not in r.open()
        r.complete(way)
    assert r.open() == ["z"]
    r.complete("z")
    assert r.done


def test_inclusive_without_match_and_default_is_an_incident() -> None:
    x = doc(
        start(), gw("inclusive", "g"), user("a"), user("b"), end(),
        flows("s>g", "g>a:=x = 1", "g>b:=x = 2", "a>e", "b>e"),
    )  # fmt: skip
    assert Run(x).failed() == ["g"]


def test_inclusive_join_waits_for_a_longer_path_with_a_loop() -> None:
    x = doc(
        start(), gw("inclusive", "g", default="g_d"), user("a"), user("a2"), gw("exclusive", "l", default="l_a"),
        user("b"), user("d"), gw("inclusive", "j"), user("z"), end(),
        flows("s>g", "g>a:=x = 1", "g>b:=x > 0", "g>d", "a>a2>l", "l>a", "l>j:=ok = true", "b>j", "d>j", "j>z>e"),
    )  # fmt: skip
    r = Run(x, data={"x": 1})
    r.complete("b")
    assert r.open() == ["a"]
    r.complete("a").complete("a2", ok=False)
    assert r.open() == ["a"]
    r.complete("a").complete("a2", ok=True)
    assert r.open() == ["z"]
    r.complete("z")
    assert r.done


def test_inclusive_join_with_a_direct_flow() -> None:
    x = doc(
        start(), gw("inclusive", "g", default="g_j"), user("a"), user("b"), gw("inclusive", "j"), user("z"), end(),
        flows("s>g", "g>a:=x > 0", "g>b:=x > 1", "g>j", "a>j", "b>j", "j>z>e"),
    )  # fmt: skip
    assert Run(x, data={"x": 0}).open() == ["z"]
    assert Run(x, data={"x": 2}).complete("b").complete("a").open() == ["z"]


def test_inclusive_split_and_join_again_and_again_in_a_loop() -> None:
    x = doc(
        start(), gw("exclusive", "m"), gw("inclusive", "g", default="g_c"), user("a"), user("b"), user("c"),
        gw("inclusive", "j"), user("q"), gw("exclusive", "h", default="h_e"), end(),
        flows("s>m>g", "g>a:=x > 0", "g>b:=x > 1", "g>c", "a>j", "b>j", "c>j", "j>q>h", "h>e", "h>m:=om = true"),
    )  # fmt: skip
    r = Run(x, data={"x": 2})
    for again in (True, True, False):
        assert r.open() == ["a", "b"]
        r.complete("a")
        assert r.open() == ["b"]
        r.complete("b")
        assert r.open() == ["q"]
        r.complete("q", om=again)
    assert r.done


def test_inclusive_join_does_not_wait_for_an_event_sub_process_that_may_still_come() -> None:
    from engine.drawing import event_sub

    x = doc(
        start(), gw("inclusive", "g", default="g_a"), user("a"), user("b"), gw("inclusive", "j"), user("z"), end(),
        event_sub("es", timer("P9D"), user("h"), end("e2"), flows("es_s>h>e2"), interrupts=False),
        flows("s>g", "g>a", "g>b:=true", "a>j", "b>j", "j>z>e"),
    )  # fmt: skip
    assert Run(x).complete("b").open() == ["z"]


def test_parallel_joins_every_round_of_a_loop() -> None:
    x = doc(
        start(), gw("exclusive", "m"), gw("parallel", "f"), user("a"), user("b"), gw("parallel", "j"), user("c"),
        gw("exclusive", "g", default="g_e"), end(),
        flows("s>m>f", "f>a>j", "f>b>j", "j>c>g", "g>e", "g>m:=om = true"),
    )  # fmt: skip
    r = Run(x)
    for round_ in range(5):
        assert r.open() == ["a", "b"]
        r.complete("b")
        assert r.open() == ["a"]
        r.complete("a")
        assert r.open() == ["c"]
        r.complete("c", om=round_ < 4)
    assert r.done


def test_parallel_join_keeps_a_second_token_of_one_flow_for_the_next_round() -> None:
    x = doc(
        start(), gw("parallel", "f"), user("a1"), user("a2"), user("b"), user("b2"), gw("exclusive", "m"),
        gw("exclusive", "n"), gw("parallel", "j"), user("z"), end(),
        flows("s>f", "f>a1>m", "f>a2>m", "m>j", "f>b>n", "f>b2>n", "n>j", "j>z>e"),
    )  # fmt: skip
    r = Run(x).complete("a1").complete("a2")
    assert "z" not in r.open()
    r.complete("b")
    assert r.open() == ["b2", "z"]
    r.complete("b2")
    assert r.open() == ["z", "z"]
    r.complete("z").complete("z")
    assert r.done


def test_parallel_joins_many_and_splits_to_many() -> None:
    x = doc(
        start(), gw("parallel", "f"), user("a"), user("b"), user("c"), gw("parallel", "j"), user("d"), user("d2"),
        end(), end("e2"), flows("s>f", "f>a>j", "f>b>j", "f>c>j", "j>d>e", "j>d2>e2"),
    )  # fmt: skip
    r = Run(x)
    for way in "cab":
        r.complete(way)
    assert r.open() == ["d", "d2"]
    r.complete("d")
    assert not r.done
    r.complete("d2")
    assert r.done


def test_two_tokens_through_one_activity_are_two_tasks() -> None:
    x = doc(start(), gw("parallel", "f"), user("a"), user("b"), user("c"), end(), flows("s>f", "f>a>c", "f>b>c", "c>e"))
    r = Run(x).complete("a").complete("b")
    assert r.open() == ["c", "c"]
    r.complete("c")
    assert not r.done
    r.complete("c")
    assert r.done


def test_two_tokens_through_one_activity_into_a_split_lose_no_task() -> None:
    x = doc(
        start(), gw("parallel", "f"), user("a"), user("b"), gw("exclusive", "m"), gw("parallel", "g"), user("c"),
        user("d"), end(), flows("s>f", "f>a>m", "f>b>m", "m>g", "g>c>e", "g>d>e"),
    )  # fmt: skip
    r = Run(x).complete("a")
    assert r.open() == ["b", "c", "d"]
    r.complete("b")
    assert r.open() == ["c", "c", "d", "d"]


def test_event_gateway_takes_the_first_event_only() -> None:
    x = doc(
        start(), gw("eventBased", "g"), catch("t1", timer("P2D")), catch("t2", timer("P14D")),
        catch("m1", ref("message", "m"), io(outs=[("=svar", "svar2")])), user("a"), user("b"),
        user("c", ins=[("=svar2", "x")]), end(),
        flows("s>g", "g>t1", "g>t2", "g>m1", "t1>a>e", "t2>b>e", "m1>c>e"), top=message("m", "svar", "=id"),
    )  # fmt: skip
    r = Run(x, data={"id": 7})
    assert r.due() == [("t1", ["2027-01-06T08:00"]), ("t2", ["2027-01-18T08:00"])]
    assert r.tick(at(3)) == 1
    assert r.open() == ["a"]
    assert not r.view.timers
    assert not r.view.subscriptions
    assert r.complete("a").done

    r = Run(x, data={"id": 7}).deliver("svar", "7", {"svar": "ja", "x": 1})
    assert r.open() == ["c"]
    assert r.inputs("c") == {"x": "ja"}
    assert not r.view.timers
    assert r.complete("c").done

    r = Run(x, data={"id": 7})
    assert r.tick(at(30)) == 1
    assert r.open() == ["a"], "both are due: the earlier one"


def test_event_gateway_hears_a_signal_and_may_lead_to_a_receive_task() -> None:
    from engine.drawing import SIGNAL, receive

    x = doc(
        start(), gw("eventBased", "g"), catch("c", ref("signal", "g1")), receive("r", "m"), user("a"), user("b"), end(),
        flows("s>g", "g>c>a>e", "g>r>b>e"), top=SIGNAL.replace('"g"', '"g1"') + message("m", "svar", "=1"),
    )  # fmt: skip
    assert Run(x).deliver("stopp").open() == ["a"]
    assert Run(x).deliver("svar", "1").open() == ["b"]


def test_terminate_ends_the_whole_process() -> None:
    x = doc(
        start(), gw("parallel", "f"), user("u"), service("w", "echo"), end("t", TERMINATE), user("v"),
        sub("sp", start("s1"), user("i"), end("e1"), flows("s1>i>e1")), end(),
        flows("s>f", "f>u>t", "f>v>e", "f>sp", "sp>w>e"),
    )  # fmt: skip
    r = Run(x)
    assert r.open() == ["i", "u", "v"]
    r.complete("u")
    assert r.done
    assert r.open() == []
    assert r.scopes == 0
    assert r.view.ended_by == "t"


def test_terminate_inside_a_sub_process_ends_only_that() -> None:
    inner = sub(
        "sp", start("s1"), gw("parallel", "f"), user("u"), user("v"), end("t", TERMINATE), end("e1"),
        flows("s1>f", "f>u>t", "f>v>e1"),
    )  # fmt: skip
    r = Run(doc(start(), inner, user("w"), end(), flows("s>sp>w>e"))).complete("u")
    assert r.open() == ["w"]
    assert r.complete("w").done


def test_terminate_stops_work_of_the_same_pass() -> None:
    x = doc(
        start(), gw("parallel", "f"), end("t", TERMINATE), service("w", "echo"), end(), flows("s>f", "f>t", "f>w>e")
    )
    r = Run(x)
    assert r.done
    assert r.ops == []


def test_several_ends_and_paths_without_an_end_event() -> None:
    x = doc(start(), gw("parallel", "f"), user("a"), user("b"), end("e1"), flows("s>f", "f>a>e1", "f>b"))
    r = Run(x).complete("a")
    assert not r.done
    assert r.complete("b").done
    assert r.view.ended_by == "b"


def test_a_loop_of_1200_send_backs_stays_small() -> None:
    from engine.drawing import boundary

    x = doc(
        start(), user("u"), boundary("b", "u", timer("P1D"), False), gw("exclusive", "g", default="g_u"), user("z"),
        end(), end("e2"), flows("s>u>g", "g>u", "g>z:=ok = true", "z>e", "b>e2"),
    )  # fmt: skip
    r = Run(x)
    for _ in range(1200):
        task = r.view.tasks[0]
        instance = r.step(lambda i, task=task: actions.complete(i, task.id, {"ok": False}))
        r.trail.clear()
        assert instance is None
        assert r.size <= 6
        assert len(r.blob) < 400
    r.complete("u", ok=True)
    assert r.open() == ["z"]
    assert r.complete("z").done


def test_a_chain_of_250_automatic_tasks() -> None:
    n = 250
    path = ">".join(f"w{i}" for i in range(n))
    r = Run(doc(start(), *(service(f"w{i}", "echo") for i in range(n)), end(), flows(f"s>{path}>e")))
    assert r.done
    assert len(r.ops) == n


def test_going_round_without_waiting_is_an_incident() -> None:
    x = doc(
        start(), gw("exclusive", "g", default="g_h"), gw("exclusive", "h", default="h_g"), end(),
        flows("s>g", "g>h", "h>g", "h>e:=false"),
    )  # fmt: skip
    r = Run(x)
    assert len(r.view.incidents) == 1
    assert "ring" in r.view.incidents[0].text


def test_what_multiplies_without_waiting_fails_the_step_in_time() -> None:
    x = doc(
        start(), gw("exclusive", "m"), gw("parallel", "f"), gw("exclusive", "k"), gw("exclusive", "l"),
        flows("s>m>f", "f>k>m", "f>l>m"),
    )  # fmt: skip
    with pytest.raises(ProcessFault):
        Run(x)


@pytest.mark.parametrize("kind", ["parallel", "inclusive"])
def test_going_round_through_joins_is_an_incident_too(kind: str) -> None:
    x = doc(
        start(), gw("exclusive", "m"), gw(kind, "f", default="f_k"), gw("exclusive", "k"), gw("exclusive", "l"),
        gw(kind, "j"), flows("s>m>f", "f>k>j", "f>l" + (":=true" if kind == "inclusive" else ""), "l>j", "j>m"),
    )  # fmt: skip
    assert len(Run(x).view.incidents) == 1
