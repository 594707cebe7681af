"""Variables: mappings, scopes, what is kept, call activities."""

from __future__ import annotations

from decimal import Decimal

from engine.drawing import call, doc, end, flows, gw, mi, service, start, sub, user
from engine.harness import Run, World
from komp_flow.engine.memory import actions


def test_inputs_and_outputs_of_user_and_service_tasks() -> None:
    x = doc(
        start(),
        user("u", ins=[("=cycle.id", "aar"), ("=aar + 1", "neste")], outs=[("=svar", "utfall"), ("=aar", "ar")]),
        service("d", "double", ins=[("=ar", "x")], outs=[("=result", "dobbelt")]),
        service("d2", "double", ins=[("=1", "x")]), gw("exclusive", "g", default="g_e2"), end(), end("e2"),
        flows("s>u>d>d2>g", 'g>e:=result = 2 and dobbelt = 4054 and utfall = "ja"', "g>e2"),
    )  # fmt: skip
    r = Run(x)
    assert r.inputs("u") == {"aar": 2027, "neste": 2028}
    r.complete("u", svar="ja", fritekst="hemmelig")
    assert r.view.ended_by == "e"
    assert r.data == {"utfall": "ja", "ar": 2027, "dobbelt": 4054, "result": 2}


def test_an_answer_hides_an_input_in_the_output_mapping() -> None:
    x = doc(
        start(), user("u", ins=[('="før"', "a")], outs=[("=a", "b")]), user("v", ins=[("=b", "b")]), end(),
        flows("s>u>v>e"),
    )  # fmt: skip
    assert Run(x).complete("u", a="etter").data == {"b": "etter"}
    assert Run(x).complete("u").data == {"b": "før"}


def test_an_answer_under_the_name_of_an_own_input_stays_in_the_task() -> None:
    x = doc(start(), user("u", ins=[("=x", "x")]), user("v", ins=[("=x", "x")]), end(), flows("s>u>v>e"))
    assert Run(x, data={"x": 1}).complete("u", x=2).inputs("v") == {"x": 1}


def test_only_names_that_are_read_are_kept() -> None:
    x = doc(
        start(), user("u"), gw("exclusive", "g", default="g_e"), end(), end("e2"), flows("s>u>g", "g>e", "g>e2:=ok")
    )
    r = Run(x, data={"ok": False, "annet": "x"})
    assert r.data == {"ok": False}
    r.complete("u", ok=True, fritekst="hemmelig")
    assert r.data == {"ok": True}


def test_names_of_the_forms_expressions_are_kept_too() -> None:
    from komp_flow.engine.memory import program

    world = World()
    x = doc(start(), user("u"), user("v"), end(), flows("s>u>v>e"))
    world.programs["p@1"] = program.compile(x, "p@1", extra_names=frozenset({"nivaa"}))
    r = Run(x, world=world).complete("u", nivaa=3, annet=4)
    assert r.data == {"nivaa": 3}


def test_host_names_and_reserved_names_are_never_variables() -> None:
    x = doc(
        start(), user("u"), user("v", ins=[("=cycle.id", "a"), ("=typename", "b"), ("=ok", "c")]), end(),
        flows("s>u>v>e"),
    )  # fmt: skip
    r = Run(x, data={"cycle": {"id": 1}, "ok": 1})
    r.complete("u", cycle={"id": 2}, typename="X", __x=1, ok=2)
    assert r.inputs("v") == {"a": 2027, "b": None, "c": 2}


def test_a_sub_process_has_a_scope_of_its_own() -> None:
    inner = [
        start("s1"), user("u", ins=[("=lokal", "l")]), gw("exclusive", "g", default="g_e1"), end("e1"), end("e3"),
        flows("s1>u>g", "g>e1", "g>e3:=felles = lokal"),
    ]  # fmt: skip
    after = user("v", ins=[("=lokal", "l"), ("=ut", "ut"), ("=felles", "g")])
    mapped = doc(
        start(), sub("sp", *inner, ins=[("=1", "lokal")], outs=[("=lokal", "ut")]), after, end(), flows("s>sp>v>e")
    )
    assert Run(mapped).complete("u", lokal=2, felles=5).inputs("v") == {"l": None, "ut": 2, "g": 5}
    unmapped = doc(start(), sub("sp", *inner, ins=[("=1", "lokal")]), after, end(), flows("s>sp>v>e"))
    assert Run(unmapped).complete("u", lokal=2, felles=5).inputs("v") == {"l": None, "ut": None, "g": 5}


def test_assigned_in_the_nearest_scope_that_has_the_name() -> None:
    inside = sub("b", start("s2"), user("u"), end("e2"), flows("s2>u>e2"), ins=[("=2", "y")])
    x = doc(
        start(), sub("a", start("s1"), inside, user("v", ins=[("=x", "x"), ("=y", "y"), ("=z", "z")]), end("e1"),
                     flows("s1>b>v>e1"), ins=[("=1", "x")]),
        user("w", ins=[("=x", "x"), ("=y", "y"), ("=z", "z")]), end(), flows("s>a>w>e"),
    )  # fmt: skip
    r = Run(x, data={"x": 0})
    r.complete("u", x=10, y=20, z=30)
    assert r.inputs("v") == {"x": 10, "y": None, "z": 30}
    r.complete("v")
    assert r.inputs("w") == {"x": 0, "y": None, "z": 30}


CHILD = doc(
    start(), user("k", ins=[("=a", "a"), ("=b", "b")]), gw("exclusive", "g", default="g_e"), end(), end("e2"),
    flows("s>k>g", "g>e", 'g>e2:=svar = "x"'), pid="child",
)  # fmt: skip


def caller(up: str | None = None, ins: object = (), outs: object = ()) -> bytes:
    return doc(
        start(), call("c", "child", up=up, ins=ins, outs=outs), user("v", ins=[("=svar", "svar"), ("=ut", "ut")]),
        # type: ignore[arg-type]
        gw("exclusive", "h", default="h_e"), end(), end("e2"), flows("s>c>v>h", "h>e", "h>e2:=a = 1"),
    )  # fmt: skip


def test_only_mappings_cross_a_call() -> None:
    r = Run(caller(), data={"a": 1}, more=(CHILD,))
    assert r.inputs("k") == {"a": None, "b": None}
    assert r.complete("k", svar="ja").inputs("v") == {"svar": None, "ut": None}
    r = Run(caller(ins=[("=a + 1", "b")], outs=[("=svar", "ut")]), data={"a": 1}, more=(CHILD,))
    assert r.inputs("k") == {"a": None, "b": 2}
    r.complete("k", svar="ja")
    assert r.inputs("v") == {"svar": None, "ut": "ja"}
    assert r.data == {"a": 1, "ut": "ja"}


def test_all_of_the_childs_variables_come_out_when_the_call_says_so() -> None:
    r = Run(caller(up="true"), data={"a": 1}, more=(CHILD,)).complete("k", svar="ja")
    assert r.inputs("v") == {"svar": "ja", "ut": None}
    r = Run(caller(up="false"), more=(CHILD,)).complete("k", svar="ja")
    assert r.inputs("v") == {"svar": None, "ut": None}


def test_the_host_names_are_seen_inside_a_call() -> None:
    child = doc(start(), user("k", ins=[("=cycle.id", "aar")]), end(), flows("s>k>e"), pid="child")
    r = Run(doc(start(), call("c", "child"), end(), flows("s>c>e")), more=(child,))
    assert r.inputs("k") == {"aar": 2027}


def test_what_only_the_callers_mapping_reads_is_kept_in_the_child() -> None:
    child = doc(start(), user("k"), end(), flows("s>k>e"), pid="child")
    x = doc(
        start(), call("c", "child", outs=[("=svar", "ut")]), user("v", ins=[("=ut", "ut")]), end(), flows("s>c>v>e")
    )
    assert Run(x, more=(child,)).complete("k", svar="ja").inputs("v") == {"ut": "ja"}


def test_a_call_inside_a_call_passes_what_is_read_all_the_way_out() -> None:
    inner = doc(start(), user("k"), end(), flows("s>k>e"), pid="inner")
    middle = doc(start(), call("c2", "inner", up="true"), end(), flows("s>c2>e"), pid="middle")
    x = doc(
        start(), call("c", "middle", outs=[("=svar", "ut")]), user("v", ins=[("=ut", "ut")]), end(), flows("s>c>v>e")
    )
    assert Run(x, more=(middle, inner)).complete("k", svar="ja").inputs("v") == {"ut": "ja"}


def test_a_running_call_keeps_its_version_and_tasks_name_it() -> None:
    one = doc(start(), user("k1"), user("k1b"), end(), flows("s>k1>k1b>e"), pid="child")
    two = doc(start(), user("k2"), end(), flows("s>k2>e"), pid="child")
    x = doc(start(), user("u"), call("c", "child"), call("d", "child"), end(), flows("s>u>c>d>e"))
    r = Run(x, more=(one,)).complete("u")
    assert r.open() == ["k1"]
    assert r.task("k1").program == "child@1"
    assert r.task("k1").path == ("c",)
    r.world.publish(two)
    assert r.complete("k1").open() == ["k1b"]
    r.complete("k1b")
    assert r.open() == ["k2"]
    assert r.task("k2").program == "child@2"
    assert r.complete("k2").done


def test_a_call_that_goes_too_deep_is_an_incident() -> None:
    r = Run(doc(start(), call("c", "p"), end(), flows("s>c>e")))
    assert r.failed() == ["c"]
    assert "8 ledd" in r.view.incidents[0].text


def test_a_call_of_an_unknown_process_is_an_incident() -> None:
    r = Run(doc(start(), call("c", "nix"), end(), flows("s>c>e")))
    assert r.failed() == ["c"]


def test_names_at_shows_all_that_an_expression_of_the_task_sees() -> None:
    x = doc(
        start(), sub("sp", start("s1"), user("u", ins=[("=a", "b")]), end("e1"), flows("s1>u>e1"), ins=[("=1", "a")]),
        end(), flows("s>sp>e"),
    )  # fmt: skip
    r = Run(x)
    names = r.step(lambda instance: dict(actions.names_at(instance, r.task("u").id)))
    assert names["a"] == names["b"] == 1
    assert names["cycle"] == {"id": 2027}


def test_a_too_big_value_is_an_incident_and_the_person_is_done() -> None:
    x = doc(start(), user("u"), user("v", ins=[("=a", "a")]), end(), flows("s>u>v>e"))
    r = Run(x).complete("u", a="x" * 300_000)
    assert r.failed() == ["u"]
    assert "for stor" in r.view.incidents[0].text
    assert r.open() == []


def test_numbers_stay_exact() -> None:
    x = doc(start(), user("u"), user("v", ins=[("=a + 0.2", "sum")]), end(), flows("s>u>v>e"))
    assert Run(x).complete("u", a=Decimal("0.1")).inputs("v") == {"sum": Decimal("0.3")}


def test_items_do_not_write_over_each_other() -> None:
    x = doc(
        start(), sub("sp", start("s1"), user("a"), user("b"), gw("exclusive", "g", default="g_e1"), user("c"),
                     end("e1"), flows("s1>a>b>g", "g>e1", "g>c:=ok = true", "c>e1"), pre=mi("=[1,2]", "n", "ut",
                     "=ok")),
        user("v", ins=[("=ok", "ok"), ("=ut", "ut")]), end(), flows("s>sp>v>e"),
    )  # fmt: skip
    r = Run(x)
    first, second = (task.id for task in r.view.tasks)
    r.step(lambda i: actions.complete(i, first, {"ok": True}))
    r.step(lambda i: actions.complete(i, second, {"ok": False}))
    r.complete("b").complete("b")
    assert r.open() == ["c"]
    assert r.complete("c").inputs("v") == {"ok": None, "ut": [True, False]}
