"""Messages, signals, errors and escalations, as one instance sees them."""

from __future__ import annotations

import pytest

from engine.drawing import (
    ERROR,
    ESCALATION,
    SIGNAL,
    boundary,
    call,
    catch,
    doc,
    el,
    end,
    event_sub,
    flows,
    gw,
    io,
    message,
    mi,
    properties,
    receive,
    ref,
    service,
    start,
    sub,
    throw,
    timer,
    user,
)  # fmt: skip
from engine.harness import Run, at
from komp_flow.engine.errors import NotOpen
from komp_flow.engine.memory import actions

BOTH = pytest.mark.parametrize("interrupts", [True, False])


def test_receivers_of_one_message_wait_each_with_its_own_key() -> None:
    inside = sub(
        "sp", start("s1"), receive("r", "m", outs=[("=godkjent", "ok"), ("=hvem", "navn")]),
        user("u", ins=[("=ok", "ok"), ("=navn", "navn")]), end("e1"), flows("s1>r>u>e1"), pre=mi("=folk", "hvem"),
    )  # fmt: skip
    r = Run(
        doc(start(), inside, end(), flows("s>sp>e"), top=message("m", "svar", "=hvem")), data={"folk": ["ola", "kari"]}
    )
    assert sorted(s.key for s in r.view.subscriptions) == ["kari", "ola"]
    r.deliver("svar", "kari", {"godkjent": True, "hvem": "x"})
    assert r.inputs("u") == {"ok": True, "navn": "x"}
    assert len(r.view.subscriptions) == 1
    r.deliver("svar", "ola", {"godkjent": False})
    assert r.complete("u").complete("u").done


def test_equal_keys_of_two_catches_are_delivered_one_at_a_time() -> None:
    x = doc(
        start(), gw("parallel", "f"), gw("parallel", "j"), catch("c1", ref("message", "m")),
        catch("c2", ref("message", "n")), end(), flows("s>f", "f>c1>j", "f>c2>j", "j>e"),
        top=message("m", "svar", "=a") + message("n", "svar", "=b"),
    )  # fmt: skip
    r = Run(x, data={"a": 1, "b": 2}).deliver("svar", "2")
    assert [s.element for s in r.view.subscriptions] == ["c1"]
    assert r.deliver("svar", "1").done
    r = Run(x, data={"a": 1, "b": 1})
    one = r.view.subscriptions[0]
    r.step(lambda i: actions.deliver(i, one.task_id, one.element, {}))
    assert len(r.view.subscriptions) == 1


def test_a_payload_without_mapping_keeps_only_names_that_are_read() -> None:
    x = doc(
        start(), catch("c", ref("message", "m")), gw("exclusive", "g", default="g_b"), user("a"), user("b"), end(),
        flows("s>c>g", "g>a:=ja = true", "g>b", "a>e", "b>e"), top=message("m", "svar", "=id"),
    )  # fmt: skip
    r = Run(x, data={"id": 1, "x": 9})
    r.deliver("svar", "1", {"ja": True, "fritekst": "hemmelig", "cycle": 3})
    assert r.open() == ["a"]
    assert r.data == {"id": 1, "ja": True}


@pytest.mark.parametrize(
    ("value", "key"),
    [(1, "1"), (1.0, "1"), (1.5, "1.5"), ("1", "1"), (True, "true"), (None, ""), ("Å", "Å"), (1e20, "1" + "0" * 20)],
)
def test_keys_are_compared_as_text(value: object, key: str) -> None:
    x = doc(start(), catch("c", ref("message", "m")), end(), flows("s>c>e"), top=message("m", "svar", "=id"))
    assert [s.key for s in Run(x, data={"id": value}).view.subscriptions] == [key]


def test_a_delivery_to_what_does_not_wait_is_refused_and_changes_nothing() -> None:
    x = doc(start(), catch("c", ref("message", "m")), end(), flows("s>c>e"), top=message("m", "svar", "=1"))
    r = Run(x)
    wait = r.view.subscriptions[0]
    with pytest.raises(NotOpen):
        r.step(lambda i: actions.deliver(i, wait.task_id, "annet", {}))
    r.deliver("svar", "1")
    with pytest.raises(NotOpen):
        r.step(lambda i: actions.deliver(i, wait.task_id, "c", {}))


@BOTH
def test_boundary_message(interrupts: bool) -> None:
    x = doc(
        start(), user("u"), boundary("b", "u", ref("message", "m"), interrupts, io(outs=[("=grunn", "grunn")])),
        user("late", ins=[("=grunn", "g")]), end(), end("e2"), flows("s>u>e", "b>late>e2"),
        top=message("m", "avlyst", "=id"),
    )  # fmt: skip
    r = Run(x, data={"id": 1}).deliver("avlyst", "1", {"grunn": "syk"})
    assert r.open() == (["late"] if interrupts else ["late", "u"])
    assert r.inputs("late") == {"g": "syk"}
    if not interrupts:
        r.deliver("avlyst", "1", {"grunn": "ferie"})
        assert r.open() == ["late", "late", "u"]
        r.complete("u")
        assert not r.view.subscriptions
        r.complete("late")
    assert r.complete("late").done


def test_throw_send_task_and_end_event_send_their_inputs_under_a_key_over_them() -> None:
    send = '<zeebe:taskDefinition type="send-message"/>'
    x = doc(
        start(), throw("t", ref("message", "m"), send + io([("=cycle.id", "aar"), ("=x + 1", "tall"), ("=id", "id")])),
        el("sendTask", "send", ext=send + io([("=id", "id")]) + properties(keep="P3D"), messageRef="m"),
        throw("bare", ref("message", "m"), send),
        end("e", ref("message", "m"), send + io([('="slutt"', "id")])), flows("s>t>send>bare>e"),
        top=message("m", "gaa", "=id"),
    )  # fmt: skip
    r = Run(x, data={"x": 1, "id": "A"})
    assert r.done
    assert [(o.element, o.name, o.key, o.payload) for o in r.out] == [
        ("t", "gaa", "A", {"aar": 2027, "tall": 2, "id": "A"}),
        ("send", "gaa", "A", {"id": "A"}),
        ("bare", "gaa", "", {}),
        ("e", "gaa", "slutt", {"id": "slutt"}),
    ]
    assert [o.keep for o in r.out] == [None, "P3D", None, None]
    assert r.passed() == ["s", "t", "send", "bare", "e"]


def test_a_message_keyed_by_what_the_host_knows() -> None:
    x = doc(start(), end("e", ref("message", "m")), flows("s>e"), top=message("m", "strategi", "=cycle.id"))
    assert [o.key for o in Run(x).out] == ["2027"]


def test_a_throw_or_end_event_with_another_operation_runs_that() -> None:
    x = doc(
        start(), throw("t", ref("message", "m"), '<zeebe:taskDefinition type="notify"/>' + io([("=1", "a")])),
        el("sendTask", "w", ext='<zeebe:taskDefinition type="echo"/>'), end(), flows("s>t>w>e"),
        top=message("m", "gaa"),
    )  # fmt: skip
    r = Run(x)
    assert r.ops == [("t", {"a": 1}), ("w", {})]
    assert r.out == []


def test_a_start_message_writes_its_payload_through_the_mapping() -> None:
    x = doc(
        start("s", ref("message", "m"), io(outs=[("=enheten.id", "enhet")])), user("u", ins=[("=enhet", "enhet")]),
        end(), flows("s>u>e"), top=message("m", "start"),
    )  # fmt: skip
    r = Run(x, "s", {"enheten": {"id": 5}, "annet": 1})
    assert r.data == {"enhet": 5}
    assert r.inputs("u") == {"enhet": 5}


def test_a_thrown_signal_goes_to_others_through_the_outbox() -> None:
    x = doc(
        start(),
        throw("t", ref("signal", "g"), io([("=1", "n")])),
        end("e", ref("signal", "g")),
        flows("s>t>e"),
        top=SIGNAL,
    )
    r = Run(x)
    assert r.done
    assert [(o.kind, o.name, o.payload) for o in r.out] == [("signal", "stopp", {"n": 1}), ("signal", "stopp", {})]


@BOTH
def test_signal_reaches_a_catch_and_a_boundary_event(interrupts: bool) -> None:
    x = doc(
        start(), sub("sp", start("s1"), user("u"), catch("c", ref("signal", "g")), end("e1"), flows("s1>u>c>e1")),
        boundary("b", "sp", ref("signal", "g"), interrupts), user("stoppet"), end(), end("e2"),
        flows("s>sp>e", "b>stoppet>e2"), top=SIGNAL,
    )  # fmt: skip
    r = Run(x).deliver("stopp")
    assert r.open() == (["stoppet"] if interrupts else ["stoppet", "u"])
    if not interrupts:
        r.complete("u")
        assert len(r.view.subscriptions) == 2
        waiting_before = r.view.subscriptions
        assert {s.element for s in waiting_before} == {"b", "c"}
        r.deliver("stopp", element="b").deliver("stopp", element="c")
        assert r.open() == ["stoppet", "stoppet"]
        r.complete("stoppet")
    assert r.complete("stoppet").done


@BOTH
def test_a_signal_is_heard_at_once_in_the_instance_that_throws_it(interrupts: bool) -> None:
    x = doc(
        start(), gw("parallel", "f"), gw("parallel", "j"), catch("c", ref("signal", "g")), user("k"),
        sub("sp", start("s1"), user("u"), throw("t", ref("signal", "g")), user("v"), end("e1"), flows("s1>u>t>v>e1")),
        boundary("b", "sp", ref("signal", "g"), interrupts), user("h"), end(), end("e2"),
        flows("s>f", "f>sp>j", "f>c>k>j", "j>e", "b>h>e2"), top=SIGNAL,
    )  # fmt: skip
    r = Run(x).complete("u")
    assert r.open() == (["h", "k"] if interrupts else ["h", "k", "v"])
    assert len(r.out) == 1
    assert r.passed().count("t") == 1, "it has thrown, even where that took its own token away"


def test_signal_start() -> None:
    x = doc(start("s", ref("signal", "g")), user("u"), end(), flows("s>u>e"), top=SIGNAL)
    assert Run(x, "s").open() == ["u"]


ERRORS = ERROR + '<bpmn:error id="er2" name="X" errorCode="X"/>'


@pytest.mark.parametrize(("code", "caught"), [("NO", "no"), ("Y", "any")])
def test_an_operations_error_is_caught_by_its_code_else_by_a_catch_all(code: str, caught: str) -> None:
    x = doc(
        start(), service("w", "bpmn-error", ins=[(f'="{code}"', "code")]),
        boundary("b2", "w", "<bpmn:errorEventDefinition/>"), boundary("b", "w", ref("error", "er"),
        ext=io(outs=[("=why", "hvorfor")])),
        user("no", ins=[("=hvorfor", "hvorfor")]), user("any"), end(), flows("s>w>e", "b>no>e", "b2>any>e"), top=ERRORS,
    )  # fmt: skip
    r = Run(x)
    assert r.open() == [caught]
    if caught == "no":
        assert r.inputs("no") == {"hvorfor": "said no"}
    assert r.complete(caught).done


def test_an_error_goes_outwards_and_cancels_the_scope() -> None:
    inside = sub(
        "sp", start("s1"), gw("parallel", "f"), user("u"), service("w", "bpmn-error", ins=[('="NO"', "code")]),
        gw("parallel", "j"), end("e1"), flows("s1>f", "f>w>j", "f>u>j", "j>e1"),
    )  # fmt: skip
    x = doc(
        start(),
        inside,
        boundary("b", "sp", ref("error", "er")),
        user("no"),
        end(),
        flows("s>sp>e", "b>no>e"),
        top=ERRORS,
    )
    r = Run(x)
    assert r.open() == ["no"]
    assert r.scopes == 0
    assert r.complete("no").done


def test_an_uncaught_error_is_an_incident() -> None:
    x = doc(start(), service("w", "bpmn-error", ins=[('="Z"', "code")]), end(), flows("s>w>e"))
    r = Run(x)
    assert r.failed() == ["w"]
    assert "Z" in r.view.incidents[0].text
    x = doc(start(), end("e", ref("error", "er")), flows("s>e"), top=ERRORS)
    assert Run(x).failed() == ["e"]


def test_a_catch_with_another_code_does_not_catch() -> None:
    x = doc(
        start(), service("w", "bpmn-error", ins=[('="Z"', "code")]), boundary("b", "w", ref("error", "er")), user("no"),
        end(), flows("s>w>e", "b>no>e"), top=ERRORS,
    )  # fmt: skip
    assert Run(x).failed() == ["w"]


def test_an_error_end_fires_the_boundary_of_its_own_sub_process_only() -> None:
    def part(n: int, definition: str) -> str:
        inside = (start(f"s{n}"), user(f"u{n}"), end(f"e{n}", definition), flows(f"s{n}>u{n}>e{n}"))
        return sub(f"sp{n}", *inside)

    x = doc(
        start(), gw("parallel", "f"), part(1, ref("error", "er")), part(2, ""), boundary("b1", "sp1", ref("error",
        "er")),
        boundary("b2", "sp2", ref("error", "er")), user("h1"), user("h2"), user("n1"), gw("parallel", "j"), end("e8"),
        end("e9"), end(), flows("s>f", "f>sp1>n1>j", "f>sp2>j", "j>e", "b1>h1>e8", "b2>h2>e9"), top=ERRORS,
    )  # fmt: skip
    r = Run(x).complete("u1")
    assert r.open() == ["h1", "u2"]
    assert "e1" in r.passed(), "an error end that is caught has been reached"


def test_an_error_goes_through_nested_scopes_and_a_call() -> None:
    inside = sub("in", start("s1"), user("u"), end("e1", ref("error", "er")), flows("s1>u>e1"))
    child = doc(start(), inside, end(), flows("s>in>e"), pid="child", top=ERROR)
    x = doc(
        start(), call("c", "child"), boundary("b", "c", ref("error", "er")), user("h"), end(), flows("s>c>e", "b>h>e"),
        top=ERROR,
    )  # fmt: skip
    r = Run(x, more=(child,)).complete("u")
    assert r.open() == ["h"]
    assert r.scopes == 0
    assert r.complete("h").done


def test_an_error_from_one_item_ends_the_multi_instance() -> None:
    inside = sub(
        "sp", start("s1"), user("u"), gw("exclusive", "g", default="g_e1"), end("e1"), end("e2", ref("error", "er")),
        flows("s1>u>g", "g>e1", "g>e2:=nei = true"), pre=mi("=[1,2,3]", "n"),
    )  # fmt: skip
    x = doc(
        start(), inside, boundary("b", "sp", ref("error", "er")), user("h"), end(), flows("s>sp>e", "b>h>e"), top=ERROR
    )
    r = Run(x).complete("u", nei=False).complete("u", nei=True)
    assert r.open() == ["h"]
    assert r.scopes == 0
    assert r.complete("h").done


@BOTH
@pytest.mark.parametrize("last", [True, False])
def test_escalation_from_a_sub_process(interrupts: bool, last: bool) -> None:
    if last:
        inside = sub("sp", start("s1"), user("u"), end("e1", ref("escalation", "es")), flows("s1>u>e1"))
    else:
        inside = sub(
            "sp",
            start("s1"),
            user("u"),
            throw("t", ref("escalation", "es")),
            user("v"),
            end("e1"),
            flows("s1>u>t>v>e1"),
        )
    x = doc(
        start(), inside, boundary("b", "sp", ref("escalation", "es"), interrupts), user("h"), user("n"), end(),
        end("e2"),
        flows("s>sp>n>e", "b>h>e2"), top=ESCALATION,
    )  # fmt: skip
    r = Run(x).complete("u")
    if interrupts:
        assert r.open() == ["h"]
    else:
        assert r.open() == (["h", "n"] if last else ["h", "v"])
        if not last:
            r.complete("v")
        r.complete("n")
    assert r.complete("h").done


@BOTH
def test_escalation_goes_through_a_call_again_and_again(interrupts: bool) -> None:
    child = doc(
        start(), user("a"), throw("t", ref("escalation", "es")), user("b"), throw("t2", ref("escalation", "es")),
        user("c"),
        end(), flows("s>a>t>b>t2>c>e"), pid="child", top=ESCALATION,
    )  # fmt: skip
    x = doc(
        start(), sub("sp", start("s1"), call("k", "child"), end("e1"), flows("s1>k>e1")),
        boundary("x", "sp", "<bpmn:escalationEventDefinition/>", interrupts), user("h"), end(), end("e2"),
        flows("s>sp>e", "x>h>e2"), top=ESCALATION,
    )  # fmt: skip
    r = Run(x, more=(child,)).complete("a")
    if interrupts:
        assert r.open() == ["h"]
    else:
        assert r.open() == ["b", "h"]
        assert r.complete("b").open() == ["c", "h", "h"]


def test_an_escalation_that_nobody_catches_passes() -> None:
    x = doc(
        start(), throw("t", ref("escalation", "es")), end("e", ref("escalation", "es")), flows("s>t>e"), top=ESCALATION
    )
    assert Run(x).done


def test_an_outside_error_is_caught_or_an_incident() -> None:
    x = doc(
        start(), sub("sp", start("s1"), service("w", "broken"), end("e1"), flows("s1>w>e1")),
        boundary("b", "sp", ref("error", "er")), user("h"), end(), flows("s>sp>e", "b>h>e"), top=ERROR,
    )  # fmt: skip
    world_run = Run(doc(start(), user("q"), end(), flows("s>q>e")))
    task = world_run.task("q").id
    world_run.step(lambda i: actions.throw_error(i, task, "NO", {}))
    assert world_run.failed() == ["q"]
    from engine.harness import World

    world = World(x)
    world.broken = True
    r = Run(x, world=world)
    incident = r.view.incidents[0]
    r.step(lambda i: actions.throw_error(i, incident.task_id, "NO", {}))
    assert r.open() == ["h"]
    assert r.failed() == []


def test_a_timer_and_a_message_boundary_on_one_receive_task() -> None:
    x = doc(
        start(), receive("r", "m"), boundary("t", "r", timer("P1D")), boundary("n", "r", ref("message", "m2"), False),
        user("late"), user("nudge"), user("ok"), end(), end("e2"), flows("s>r>ok>e", "t>late>e2", "n>nudge>e2"),
        top=message("m", "svar", "=1") + message("m2", "purr", "=1"),
    )  # fmt: skip
    r = Run(x).deliver("purr", "1").deliver("purr", "1")
    assert r.open() == ["nudge", "nudge"]
    assert r.deliver("svar", "1").open() == ["nudge", "nudge", "ok"]
    assert not r.view.timers
    r = Run(x).deliver("purr", "1")
    r.tick(at(2))
    assert r.open() == ["late", "nudge"]
    assert not r.view.subscriptions


def test_link_events_are_passed_like_a_flow() -> None:
    link = '<bpmn:linkEventDefinition name="L"/>'
    x = doc(
        start(), user("u"), throw("t", link), throw("t2", link), gw("exclusive", "g", default="g_t"),
        catch("c", link), user("v"), end(), flows("s>u>g", "g>t", "g>t2:=x = 1", "c>v>e"),
    )  # fmt: skip
    r = Run(x).complete("u")
    assert r.open() == ["v"]
    assert r.complete("v").done
    assert r.passed() == ["s", "u", "g", "t", "c", "v", "e"]
    assert Run(x).complete("u", x=1).passed() == ["s", "u", "g", "t2", "c"]


def test_an_event_sub_process_catches_what_no_boundary_event_does() -> None:
    x = doc(
        start(), service("w", "bpmn-error", ins=[('="NO"', "code")]), user("after"),
        event_sub("es", ref("error", "er"), user("h"), end("e2"), flows("es_s>h>e2")), end(), flows("s>w>after>e"),
        top=ERROR,
    )  # fmt: skip
    r = Run(x)
    assert r.open() == ["h"]
    assert r.complete("h").done
