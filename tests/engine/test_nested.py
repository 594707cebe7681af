"""Constructs inside one another: what each does alone, it does in the other too."""

from __future__ import annotations

import pytest

from engine.drawing import (
    ERROR,
    ESCALATION,
    TERMINATE,
    boundary,
    call,
    catch,
    doc,
    end,
    event_sub,
    flows,
    gw,
    message,
    mi,
    ref,
    service,
    start,
    sub,
    throw,
    timer,
    user,
)
from engine.harness import Run, at

BOTH = pytest.mark.parametrize("interrupts", [True, False])


@BOTH
def test_a_message_boundary_on_a_multi_instance_sub_process_with_a_call_inside(interrupts: bool) -> None:
    child = doc(start(), user("k", ins=[("=n", "n")]), end(), flows("s>k>e"), pid="child")
    inside = sub(
        "sp", start("s1"), call("c", "child", ins=[("=i", "n")], outs=[("=ok", "ok")]), end("e1"), flows("s1>c>e1"),
        pre=mi("=[1,2]", "i", "svar", "=ok"),
    )  # fmt: skip
    x = doc(
        start(), inside, boundary("b", "sp", ref("message", "m"), interrupts), user("late"),
        user("after", ins=[("=svar", "svar")]), end(), end("e2"), flows("s>sp>after>e", "b>late>e2"),
        top=message("m", "stopp", "=1"),
    )  # fmt: skip
    r = Run(x, more=(child,)).complete("k", {"n": 2}, ok="to").deliver("stopp", "1")
    if interrupts:
        assert r.open() == ["late"]
        assert r.scopes == 0
    else:
        assert r.open() == ["k", "late"]
        r.complete("k", ok="en")
        assert r.inputs("after") == {"svar": ["en", "to"]}
        r.complete("after")
    assert r.complete("late").done


def test_an_event_sub_process_in_a_sub_process_in_a_called_process() -> None:
    inner = sub(
        "sp", start("s1"), user("u"), end("e1"), flows("s1>u>e1"),
        event_sub("es", timer("R2/P1D", "timeCycle"), user("h", ins=[("=occurrence", "n")]), end("e2"),
                  flows("es_s>h>e2"), interrupts=False),
    )  # fmt: skip
    child = doc(start(), inner, user("v"), end(), flows("s>sp>v>e"), pid="child")
    r = Run(doc(start(), call("c", "child"), user("w"), end(), flows("s>c>w>e")), more=(child,))
    r.tick(at(1))
    assert r.open() == ["h", "u"]
    assert r.task("h").path == ("c", "sp", "es")
    r.complete("u")
    assert r.open() == ["h"]
    assert not r.view.timers or r.view.timers[0].element == "es_s"
    r.complete("h")
    assert r.open() == ["v"]
    assert r.complete("v").complete("w").done


def test_an_event_sub_process_catches_an_escalation_from_a_call_and_the_call_goes_on() -> None:
    child = doc(
        start(), throw("t", ref("escalation", "es")), user("k"), end(), flows("s>t>k>e"), pid="child", top=ESCALATION
    )
    handler = event_sub(
        "h", ref("escalation", "es"), user("hu"), end("he"), flows("h_s>hu>he"), interrupts=False
    )  # fmt: skip
    x = doc(start(), call("c", "child"), end(), handler, flows("s>c>e"), top=ESCALATION)
    r = Run(x, more=(child,))
    assert r.open() == ["hu", "k"]
    assert r.complete("k").open() == ["hu"]
    assert r.complete("hu").done


def test_terminate_inside_an_item_ends_that_item_only() -> None:
    inside = sub(
        "sp", start("s1"), gw("parallel", "f"), user("u"), user("v"), end("t", TERMINATE), end("e1"),
        flows("s1>f", "f>u>t", "f>v>e1"), pre=mi("=[1,2]", "i"),
    )  # fmt: skip
    r = Run(doc(start(), inside, user("w"), end(), flows("s>sp>w>e"))).complete("u")
    assert r.open() == ["u", "v"]
    assert r.complete("u").open() == ["w"]


def test_terminate_in_a_called_process_ends_that_process_only() -> None:
    child = doc(
        start(),
        gw("parallel", "f"),
        user("u"),
        user("v"),
        end("t", TERMINATE),
        flows("s>f", "f>u>t", "f>v"),
        pid="child",
    )
    r = Run(doc(start(), call("c", "child"), user("w"), end(), flows("s>c>w>e")), more=(child,)).complete("u")
    assert r.open() == ["w"]


def test_an_interrupting_boundary_around_an_interrupting_boundary() -> None:
    inner = sub(
        "b", start("s2"), user("u"), end("e2"), flows("s2>u>e2")
    )  # fmt: skip
    outer = sub(
        "a", start("s1"), inner, boundary("bi", "b", timer("P1D")), user("x"), end("e1"), flows("s1>b>e1", "bi>x>e1")
    )
    x = doc(start(), outer, boundary("bo", "a", timer("P2D")), user("y"), end(), flows("s>a>e", "bo>y>e"))
    r = Run(x)
    r.tick(at(1))
    assert r.open() == ["x"]
    r.tick(at(2))
    assert r.open() == ["y"]
    assert r.complete("y").done
    r = Run(x)
    r.tick(at(30))
    assert r.open() == ["y"], "both were missed: the inner first, then the outer"
    assert [h.element for h in r.happened if h.what == "fired"] == ["bi", "bo"]


def test_an_error_in_the_branch_of_a_boundary_event_goes_outwards_from_there() -> None:
    inside = sub(
        "sp", start("s1"), user("u"), boundary("b", "u", timer("P1D"), False), end("e1"),
        end("eb", ref("error", "er")), flows("s1>u>e1", "b>eb"),
    )  # fmt: skip
    x = doc(
        start(), inside, boundary("x", "sp", ref("error", "er")), user("h"), end(), flows("s>sp>e", "x>h>e"), top=ERROR
    )
    r = Run(x)
    r.tick(at(2))
    assert r.open() == ["h"]
    assert r.scopes == 0


def test_a_loop_through_a_sub_process_with_a_timer_and_items() -> None:
    inside = sub(
        "sp", start("s1"), user("u", mi("=[1,2]", "i", "o", "=ok")), catch("c", timer("PT1H")), end("e1"),
        flows("s1>u>c>e1"), outs=[("=o", "svar")],
    )  # fmt: skip
    x = doc(
        start(), gw("exclusive", "m"), inside, boundary("b", "sp", timer("P1D"), False), user("late"), end("e2"),
        gw("exclusive", "g", default="g_m"), end(),
        flows("s>m>sp>g", "g>m", "g>e:=every x in svar satisfies x", "b>late>e2"),
    )  # fmt: skip
    r = Run(x).complete("u", ok=True).complete("u", ok=False)
    r.tick(at(hours=1))
    assert r.open() == ["u", "u"]
    assert len(r.view.timers) == 1
    r.complete("u", ok=True).complete("u", ok=True)
    r.tick(at(hours=2))
    assert r.done


def test_a_failing_operation_inside_items_of_a_called_process_is_found_and_retried() -> None:
    child = doc(start(), service("w", "flaky", ins=[("=3", "until")]), end(), flows("s>w>e"), pid="child")
    x = doc(start(), call("c", "child", mi("=[1,2]", "i")), user("v"), end(), flows("s>c>v>e"))
    r = Run(x, more=(child,))
    assert r.failed() == ["w", "w"]
    assert {incident.program for incident in r.view.incidents} == {"child@1"}
    r.world.now = at(4)
    assert r.retry("w").failed() == ["w"]
    assert r.retry("w").open() == ["v"]


def test_a_range_as_an_input_is_an_incident_and_not_an_instance_that_cannot_be_kept() -> None:
    x = doc(start(), user("u", ins=[("=[1..5]", "r")]), end(), flows("s>u>e"))
    assert Run(x).failed() == ["u"]
