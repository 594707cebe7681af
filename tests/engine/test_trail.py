"""The trail names every passage of every element, once, with the ids that are drawn."""

from __future__ import annotations

from engine.drawing import (
    SIGNAL,
    boundary,
    call,
    catch,
    doc,
    end,
    flows,
    gw,
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


def test_each_element_once_for_each_passage() -> None:
    x = doc(
        start(), gw("exclusive", "m"), gw("parallel", "f"), user("a"), service("w", "echo"), gw("parallel", "j"),
        sub("sp", start("s1"), user("q"), end("e1"), flows("s1>q>e1")), gw("exclusive", "g", default="g_e"), end(),
        flows("s>m>f", "f>a>j", "f>w>j", "j>sp>g", "g>e", "g>m:=om = true"),
    )  # fmt: skip
    r = Run(x).complete("a").complete("q", om=True).complete("a").complete("q", om=False)
    once = ["m", "f", "w", "a", "j", "s1", "q", "e1", "sp", "g"]
    assert r.passed() == ["s", *once, *once, "e"]


def test_a_multi_instance_tells_its_items_and_the_whole() -> None:
    x = doc(start(), user("u", mi("=[7,8]", "n")), end(), flows("s>u>e"))
    r = Run(x).complete("u", {"n": 8}).complete("u", {"n": 7})
    told = [(h.what, h.element, h.item) for h in r.trail if h.element == "u"]
    assert told == [
        ("entered", "u", None), ("entered", "u", 1), ("entered", "u", 2),
        ("completed", "u", 2), ("completed", "u", 1), ("completed", "u", None),
    ]  # fmt: skip
    assert r.passed(items=False) == ["s", "u", "e"]


def test_what_is_interrupted_is_cancelled_and_the_event_is_passed() -> None:
    x = doc(
        start(), sub("sp", start("s1"), user("u"), end("e1"), flows("s1>u>e1")), boundary("b", "sp", timer("P1D")),
        boundary("n", "sp", timer("P9D"), False), end(), flows("s>sp>e", "b>e", "n>e"),
    )  # fmt: skip
    r = Run(x)
    r.tick(at(2))
    assert [(h.what, h.element) for h in r.happened] == [
        ("cancelled", "u"), ("cancelled", "sp"), ("fired", "b"), ("completed", "b"), ("completed", "e"),
    ]  # fmt: skip
    assert r.happened[2].occurrence == 1


def test_the_called_process_is_told_with_its_own_version() -> None:
    child = doc(start("cs"), user("k"), end("ce"), flows("cs>k>ce"), pid="child")
    r = Run(doc(start(), call("c", "child"), end(), flows("s>c>e")), more=(child,)).complete("k")
    assert r.passed() == ["s", "cs", "k", "ce", "c", "e"]
    assert {h.program for h in r.trail if h.element in ("cs", "k", "ce")} == {"child@1"}
    assert {h.program for h in r.trail if h.element in ("s", "c", "e")} == {"p@1"}


def test_kinds_names_and_failures() -> None:
    x = doc(start(), service("w", "flaky", name="Regn ut"), end(), flows("s>w>e"))
    r = Run(x)
    failed = r.trail[-1]
    assert (failed.what, failed.element, failed.kind, failed.name) == ("failed", "w", "serviceTask", "Regn ut")
    assert "down" in failed.text


def test_waits_are_entered_and_events_of_a_gateway_are_passed() -> None:
    x = doc(
        start(), gw("eventBased", "g"), catch("c", ref("signal", "g1")), catch("t", timer("P1D")), throw("n"), end(),
        flows("s>g", "g>c>n", "g>t>e", "n>e"), top=SIGNAL.replace('"g"', '"g1"'),
    )  # fmt: skip
    r = Run(x)
    assert [(h.what, h.element) for h in r.happened] == [("completed", "s"), ("entered", "g")]
    r.deliver("stopp")
    assert r.passed() == ["s", "g", "c", "n", "e"]
