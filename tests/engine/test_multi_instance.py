"""Multi-instance: parallel and sequential, on tasks, sub-processes and calls."""

from __future__ import annotations

import pytest

from engine.drawing import boundary, call, doc, end, flows, gw, message, mi, receive, service, start, sub, timer, user
from engine.harness import Run, at

BOTH = pytest.mark.parametrize("seq", [False, True])


def test_results_come_in_the_order_of_the_items() -> None:
    x = doc(
        start(), user("u", mi("=folk", "p", "svar", "={hvem: p.id, ok: ok, nr: loopCounter}"), ins=[("=p.id", "id")]),
        user("v", ins=[("=svar", "svar"), ("=p", "p"), ("=ok", "ok")]), end(), flows("s>u>v>e"),
    )  # fmt: skip
    r = Run(x, data={"folk": [{"id": "a"}, {"id": "b"}, {"id": "c"}]})
    assert [task.inputs["id"] for task in r.view.tasks] == ["a", "b", "c"]
    assert [task.inputs["loopCounter"] for task in r.view.tasks] == [1, 2, 3]
    for who in "cab":
        r.complete("u", {"id": who}, ok=who.upper())
    assert r.inputs("v") == {
        "svar": [
            {"hvem": "a", "ok": "A", "nr": 1},
            {"hvem": "b", "ok": "B", "nr": 2},
            {"hvem": "c", "ok": "C", "nr": 3},
        ],
        "p": None,
        "ok": None,
    }


@BOTH
def test_the_completion_condition_ends_the_rest(seq: bool) -> None:
    x = doc(
        start(), user("u", mi("=folk", "p", "svar", "=ok", seq=seq, until="=ok = false")),
        user("v", ins=[("=svar", "svar")]), end(), flows("s>u>v>e"),
    )  # fmt: skip
    r = Run(x, data={"folk": [1, 2, 3]})
    assert len(r.view.tasks) == (1 if seq else 3)
    r.complete("u", {"p": 1}, ok=True).complete("u", {"p": 2}, ok=False)
    assert r.open() == ["v"]
    assert r.inputs("v") == {"svar": [True, False, None]}
    assert r.complete("v").done


def test_the_completion_condition_may_count() -> None:
    until = "=numberOfCompletedInstances / numberOfInstances >= 0.5"
    x = doc(start(), user("u", mi("=folk", "p", until=until)), user("v"), end(), flows("s>u>v>e"))
    r = Run(x, data={"folk": [1, 2, 3, 4]}).complete("u")
    assert r.open() == ["u"] * 3
    assert r.complete("u").open() == ["v"]


@pytest.mark.parametrize("inside", ["service", "sub"])
def test_items_that_are_over_in_one_step_are_counted_one_by_one(inside: str) -> None:
    loop = mi("=[1, 2, 3]", "n", until="=numberOfCompletedInstances >= 2")
    automatic = {
        "service": service("m", "echo", loop),
        "sub": sub("m", start("s1"), gw("exclusive", "g", default="g_e1"), user("p"), end("e1"), end("e3"),
                   flows("s1>g", "g>p:=n = 3", "g>e1", "p>e3"), pre=loop),
    }  # fmt: skip
    r = Run(doc(start(), automatic[inside], user("v"), end(), flows("s>m>v>e")))
    assert r.open() == ["v"], "two items are enough, although both were over before either was counted"
    assert r.complete("v").done


def listed() -> bytes:
    return doc(
        start(), user("u", mi("=folk", "p", "svar", "=p")), user("v", ins=[("=svar", "svar")]), end(), flows("s>u>v>e")
    )


def test_an_empty_list_passes_through() -> None:
    r = Run(listed(), data={"folk": []})
    assert r.open() == ["v"]
    assert r.inputs("v") == {"svar": []}


@pytest.mark.parametrize("folk", ["nei", None, 3, list(range(201))])
def test_what_is_no_list_or_too_long_is_an_incident(folk: object) -> None:
    assert Run(listed(), data={"folk": folk}).failed() == ["u"]


def test_200_items() -> None:
    assert len(Run(listed(), data={"folk": list(range(200))}).view.tasks) == 200


def test_multi_instance_inside_multi_instance() -> None:
    inner = user("u", mi("=en.folk", "p", "ut", "=p * 10"))
    x = doc(
        start(), sub("sp", start("s1"), inner, end("e1"), flows("s1>u>e1"), pre=mi("=enheter", "en", "alle", "=ut")),
        user("v", ins=[("=alle", "alle")]), end(), flows("s>sp>v>e"),
    )  # fmt: skip
    r = Run(x, data={"enheter": [{"folk": [1, 2]}, {"folk": [3]}]})
    assert r.open() == ["u"] * 3
    for p in (3, 1, 2):
        r.complete("u", {"p": p})
    assert r.inputs("v") == {"alle": [[10, 20], [30]]}


@BOTH
@pytest.mark.parametrize("mapped", [False, True])
def test_on_a_service_task(seq: bool, mapped: bool) -> None:
    outs, expr = ([("=result", "y")], "=y") if mapped else ([], "=result")
    x = doc(
        start(), service("w", "double", mi("=[1,2,3]", "n", "ut", expr, seq=seq), ins=[("=n", "x")], outs=outs),
        user("v", ins=[("=ut", "ut")]), end(), flows("s>w>v>e"),
    )  # fmt: skip
    assert Run(x).inputs("v") == {"ut": [2, 4, 6]}


@BOTH
def test_on_a_call_activity(seq: bool) -> None:
    child = doc(start(), user("k", ins=[("=n", "n")]), end(), flows("s>k>e"), pid="child")
    x = doc(
        start(), call("c", "child", mi("=[1,2]", "i", "ut", "=svar", seq=seq), ins=[("=i", "n")]),
        user("v", ins=[("=ut", "ut")]), end(), flows("s>c>v>e"),
    )  # fmt: skip
    r = Run(x, more=(child,))
    for n in (1, 2) if seq else (2, 1):
        r.complete("k", {"n": n}, svar="xab"[n])
    assert r.inputs("v") == {"ut": ["a", "b"]}


def test_on_a_receive_task_each_item_waits_for_its_own_key() -> None:
    x = doc(
        start(), receive("r", "m", mi("=folk", "hvem")), user("v"), end(), flows("s>r>v>e"),
        top=message("m", "svar", "=hvem"),
    )  # fmt: skip
    r = Run(x, data={"folk": ["ola", "kari"]})
    assert [s.key for s in r.view.subscriptions] == ["ola", "kari"]
    assert r.deliver("svar", "kari").open() == []
    assert r.deliver("svar", "ola").open() == ["v"]


def test_on_a_plain_task_passes_through() -> None:
    from engine.drawing import el

    x = doc(
        start(), el("task", "t", mi("=[1,2]", "n", "ut", "=n")), user("v", ins=[("=ut", "ut")]), end(), flows("s>t>v>e")
    )
    assert Run(x).inputs("v") == {"ut": [1, 2]}


def test_a_failing_item_holds_only_itself() -> None:
    x = doc(
        start(), service("w", "flaky", mi("=[0,5,0]", "n"), ins=[("=n", "until")]), user("v"), end(), flows("s>w>v>e")
    )
    r = Run(x)
    assert r.failed() == ["w"]
    assert len(r.ops) == 3
    r.world.now = at(9)
    assert r.retry("w").open() == ["v"]
    assert len(r.ops) == 4


@BOTH
@pytest.mark.parametrize("interrupts", [True, False])
@pytest.mark.parametrize("kind", ["user", "sub"])
def test_boundary_timer_on_a_multi_instance(kind: str, interrupts: bool, seq: bool) -> None:
    loop = mi("=folk", "hvem", "svar", "=godkjent", seq=seq)
    inside = sub("u", start("s1"), user("v"), end("e1"), flows("s1>v>e1"), pre=loop)
    body, name = (user("u", loop), "u") if kind == "user" else (inside, "v")
    x = doc(
        start(), body, boundary("b", "u", timer("P1D"), interrupts), user("late"),
        user("after", ins=[("=svar", "svar")]), end(), end("e2"), flows("s>u>after>e", "b>late>e2"),
    )  # fmt: skip
    r = Run(x, data={"folk": [1, 2, 3]})
    assert r.open() == [name] * (1 if seq else 3)
    r.complete(name, {"hvem": 1} if kind == "user" else None, godkjent=True)
    r.tick(at(2))
    if interrupts:
        assert r.open() == ["late"]
        assert r.scopes == 0
    else:
        assert r.open() == ["late", *[name] * (1 if seq else 2)]
        r.complete(name, godkjent=False).complete(name, godkjent=None)
        assert r.open() == ["after", "late"]
        assert r.inputs("after")["svar"].count(True) == 1
        r.complete("after")
    assert r.complete("late").done


def test_the_task_after_a_multi_instance_is_no_item() -> None:
    x = doc(
        start(), user("u", mi("=[1]", "i")), user("v"), user("w", ins=[("=svar", "svar")]), end(), flows("s>u>v>w>e")
    )
    assert Run(x).complete("u").complete("v", svar=1).inputs("w") == {"svar": 1}


def test_sequential_in_a_loop_starts_afresh() -> None:
    x = doc(
        start(), gw("exclusive", "m"), user("u", mi("=[1,2]", "i", "o", "=svar", seq=True)), user("q"),
        gw("exclusive", "g", default="g_e"), end(), flows("s>m>u>q>g", "g>e", "g>m:=om = true"),
    )  # fmt: skip
    r = Run(x)
    for again in (True, False):
        r.complete("u", svar=1).complete("u", svar=2)
        assert r.open() == ["q"]
        r.complete("q", om=again)
    assert r.done
