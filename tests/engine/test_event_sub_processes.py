"""Event sub-processes: every kind of start, interrupting and not, in processes and sub-processes, and beside calls."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.drawing import (
    ERROR,
    ESCALATION,
    SIGNAL,
    TERMINATE,
    call,
    doc,
    end,
    event_sub,
    flows,
    gw,
    io,
    message,
    mi,
    ref,
    start,
    sub,
    throw,
    timer,
    user,
)  # fmt: skip
from engine.harness import Run, at

BOTH = pytest.mark.parametrize("interrupts", [True, False])
TOP = message("m", "stopp", "=id") + ERROR + ESCALATION + SIGNAL.replace("stopp", "sirene")
Go = Callable[[Run], object]
KINDS: list[tuple[str, Go]] = [
    (timer("P1D"), lambda r: r.tick(at(2))),
    (ref("message", "m"), lambda r: r.deliver("stopp", "1")),
    (ref("signal", "g"), lambda r: r.deliver("sirene")),
]
WITH_KINDS = pytest.mark.parametrize(("definition", "go"), KINDS, ids=["timer", "message", "signal"])


def handler(definition: str, interrupts: bool, id_: str = "es", ext: str = "") -> str:
    inside = (user(f"{id_}_h", ins=[("=x", "x")]), end(f"{id_}_e"), flows(f"{id_}_s>{id_}_h>{id_}_e"))
    return event_sub(id_, definition, *inside, interrupts=interrupts, ext=ext)


@BOTH
@WITH_KINDS
def test_in_a_process(interrupts: bool, definition: str, go: Go) -> None:
    body = [user("u"), sub("in", start("s2"), user("v"), end("e2"), flows("s2>v>e2")), end(), flows("s>u>in>e")]
    x = doc(start(), *body, handler(definition, interrupts), top=TOP)
    r = Run(x, data={"id": 1}).complete("u", x=7)
    go(r)
    assert r.open() == (["es_h"] if interrupts else ["es_h", "v"])
    assert r.inputs("es_h") == {"x": 7}
    r.complete("es_h")
    if not interrupts:
        r.complete("v")
    assert r.done
    assert [h.element for h in r.trail if h.what == "fired"] == ["es_s"]
    assert r.passed().count("es_s") == r.passed().count("es") == r.passed().count("es_h") == 1


@WITH_KINDS
def test_nothing_waits_when_the_process_is_over(definition: str, go: Go) -> None:
    x = doc(start(), user("u"), end(), flows("s>u>e"), handler(definition, True), top=TOP)
    r = Run(x, data={"id": 1})
    assert [w.element for w in (*r.view.timers, *r.view.subscriptions)] == ["es_s"]
    r.complete("u")
    assert r.done
    assert not r.view.timers
    assert not r.view.subscriptions
    assert go is not None


@BOTH
@WITH_KINDS
def test_in_a_sub_process(interrupts: bool, definition: str, go: Go) -> None:
    nested = sub("sp", start("s1"), user("u"), end("e1"), handler(definition, interrupts), flows("s1>u>e1"))
    r = Run(doc(start(), nested, user("w"), end(), flows("s>sp>w>e"), top=TOP), data={"id": 1})
    go(r)
    assert r.open() == (["es_h"] if interrupts else ["es_h", "u"])
    r.complete("es_h")
    if not interrupts:
        assert r.open() == ["u"]
        r.complete("u")
    assert r.open() == ["w"]
    assert r.complete("w").done


def test_a_non_interrupting_one_starts_again_and_again() -> None:
    x = doc(
        start(), user("u"), end(), flows("s>u>e"), handler(ref("message", "m"), False, "a"),
        handler(timer("R2/P1D", "timeCycle"), False, "b"), top=TOP,
    )  # fmt: skip
    r = Run(x, data={"id": 1}).deliver("stopp", "1").deliver("stopp", "1")
    assert r.open() == ["a_h", "a_h", "u"]
    r.tick(at(1))
    r.tick(at(2))
    assert r.open() == ["a_h", "a_h", "b_h", "b_h", "u"]
    r.complete("u")
    assert not r.done, "what has begun is done first"
    assert r.open() == ["a_h", "a_h", "b_h", "b_h"]
    assert r.view.subscriptions
    for name in ("a_h", "a_h", "b_h", "b_h"):
        r.complete(name)
    assert r.done


@BOTH
def test_an_escalation_and_an_error_thrown_in_the_scope(interrupts: bool) -> None:
    x = doc(
        start(), user("u"), throw("t", ref("escalation", "es")), user("v"), end("e", ref("error", "er")),
        flows("s>u>t>v>e"), handler(ref("escalation", "es"), interrupts, "a"), handler(ref("error", "er"), True, "b"),
        top=TOP,
    )  # fmt: skip
    r = Run(x).complete("u")
    assert r.open() == (["a_h"] if interrupts else ["a_h", "v"])
    if interrupts:
        assert r.complete("a_h").done
    else:
        r.complete("v")
        assert r.open() == ["b_h"], "an error takes everything in the scope"
        assert r.complete("b_h").done


def test_an_error_end_reaches_the_event_sub_process_from_deep_inside_and_through_a_call() -> None:
    child = doc(start(), user("k"), end("e", ref("error", "er")), flows("s>k>e"), pid="child", top=ERROR)
    x = doc(
        start(), sub("sp", start("s1"), call("c", "child"), end("e1"), flows("s1>c>e1")), end(), flows("s>sp>e"),
        handler(ref("error", "er"), True), top=TOP,
    )  # fmt: skip
    r = Run(x, more=(child,))
    assert r.complete("k").open() == ["es_h"]
    assert r.scopes == 1
    assert r.complete("es_h").done


def test_a_boundary_event_between_is_nearer_than_the_event_sub_process_outside() -> None:
    from engine.drawing import boundary

    x = doc(
        start(), sub("sp", start("s1"), user("u"), end("e1", ref("error", "er")), flows("s1>u>e1")),
        boundary("b", "sp", "<bpmn:errorEventDefinition/>"), user("h"), end(), flows("s>sp>e", "b>h>e"),
        handler(ref("error", "er"), True), top=TOP,
    )  # fmt: skip
    assert Run(x).complete("u").open() == ["h"]


def test_a_call_activity_and_an_event_sub_process_in_both() -> None:
    child = doc(start(), user("k"), end(), flows("s>k>e"), handler(timer("P1D"), False, "in"), pid="child", top=TOP)
    x = doc(start(), call("c", "child"), end(), flows("s>c>e"), handler(timer("P3D"), True, "out"), top=TOP)
    r = Run(x, more=(child,))
    r.tick(at(1))
    assert r.open() == ["in_h", "k"]
    r.tick(at(3))
    assert r.open() == ["out_h"]
    assert r.complete("out_h").done


def test_in_each_item_of_a_multi_instance() -> None:
    inside = sub(
        "sp", start("s1"), user("u"), end("e1"), handler(ref("message", "m"), True), flows("s1>u>e1"),
        pre=mi("=[1,2]", "id"),
    )  # fmt: skip
    r = Run(doc(start(), inside, end(), flows("s>sp>e"), top=TOP))
    assert sorted(s.key for s in r.view.subscriptions) == ["1", "2"]
    r.deliver("stopp", "2")
    assert r.open() == ["es_h", "u"]
    assert r.complete("es_h").complete("u").done


def test_the_start_events_mapping_writes_what_came() -> None:
    ext = io(outs=[("=grunn", "x")])
    x = doc(start(), user("u"), end(), flows("s>u>e"), handler(ref("message", "m"), True, ext=ext), top=TOP)
    r = Run(x, data={"id": 1}).deliver("stopp", "1", {"grunn": "syk"})
    assert r.inputs("es_h") == {"x": "syk"}


def test_a_key_over_what_the_instance_was_started_with() -> None:
    x = doc(start(), user("u"), end(), flows("s>u>e"), handler(ref("message", "m"), True), top=TOP)
    assert [s.key for s in Run(x, data={"id": "A7"}).view.subscriptions] == ["A7"]


def test_terminate_in_the_scope_and_in_the_event_sub_process() -> None:
    x = doc(
        start(), gw("parallel", "f"), user("u"), user("v"), end("t", TERMINATE), end(), flows("s>f", "f>u>t", "f>v>e"),
        event_sub("es", timer("P1D"), gw("parallel", "g"), user("h"), user("i"), end("et", TERMINATE), end("ee"),
                  flows("es_s>g", "g>h>et", "g>i>ee"), interrupts=False),
    )  # fmt: skip
    r = Run(x)
    r.tick(at(1))
    assert r.open() == ["h", "i", "u", "v"]
    assert r.complete("h").open() == ["u", "v"]
    assert r.complete("u").done


def test_an_interrupting_one_ends_a_running_non_interrupting_one() -> None:
    x = doc(
        start(), user("u"), end(), flows("s>u>e"), handler(ref("message", "m"), False, "a"),
        handler(timer("P1D"), True, "b"), top=TOP,
    )  # fmt: skip
    r = Run(x, data={"id": 1}).deliver("stopp", "1")
    assert r.open() == ["a_h", "u"]
    r.tick(at(2))
    assert r.open() == ["b_h"]
    assert not r.view.subscriptions
    assert r.complete("b_h").done


@pytest.mark.parametrize("interrupts", [True, False])
def test_an_escalation_end_that_is_the_last_token_is_still_handled(interrupts: bool) -> None:
    x = doc(
        start(), user("u"), end("e", ref("escalation", "es")), flows("s>u>e"),
        handler(ref("escalation", "es"), interrupts, "a"), top=TOP,
    )  # fmt: skip
    r = Run(x).complete("u")
    assert (r.open(), r.done) == (["a_h"], False)
    assert r.complete("a_h").done


def test_occurrence_is_seen_inside() -> None:
    x = doc(
        start(), user("u"), end(), flows("s>u>e"),
        event_sub("es", timer("R2/P1D", "timeCycle"), user("h", ins=[("=occurrence", "n")]), end("e2"),
        flows("es_s>h>e2"),
                  interrupts=False),
    )  # fmt: skip
    r = Run(x)
    r.tick(at(1))
    r.tick(at(2))
    assert sorted(t.inputs["n"] for t in r.view.tasks if t.element == "h") == [1, 2]


def test_several_starts_share_the_event_sub_process() -> None:
    x = doc(
        start("s1", ref("message", "m")), start("s0"), user("u"), user("v"), end(), flows("s1>u>e", "s0>v>e"),
        handler(timer("P1D"), True), top=TOP,
    )  # fmt: skip
    for first, name in (("s1", "u"), (None, "v")):
        r = Run(x, first)
        assert r.open() == [name]
        r.tick(at(2))
        assert r.open() == ["es_h"]
