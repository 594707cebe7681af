"""«Data»: scopes, mappings on every kind of element, multi-instance, call activities, and what is kept."""

from __future__ import annotations

from typing import Any

import pytest

from dialect.house import Case, House, Refused, Switch
from dialect.pen import (
    boundary,
    call,
    each,
    el,
    end,
    field,
    flow,
    flows,
    form,
    mapped,
    process,
    ref,
    root,
    service,
    start,
    sub,
    user,
)

KEEP = {"v1": "a", "v2": "b", "v3": "c", "v4": "svar", "v5": "ut", "v6": "sum1", "v7": "resultat"}


def last(*names: str) -> str:
    """A task that reads some names, so that they are kept."""
    return user("last", ins={key: name for key, name in KEEP.items() if not names or name in names})


def written(**values: Any) -> str:
    """An event that passes and gives these variables."""
    return el("intermediateThrowEvent", "n", "", mapped(outs={name: str(value) for name, value in values.items()}))


def holds(case: Case, **expected: Any) -> None:
    found = case.variables
    assert {name: found.get(name) for name in expected} == expected, found


def test_only_what_an_expression_reads_is_kept(house: House) -> None:
    house.publish(
        process(start(), user("u", form="f"), user("v", ins={"x": "lest"}), end(), flows("s>u>v>e")),
        form("f", field("lest"), field("ulest")),
    )
    case = house.start(lest="1", ulest="2", også_ulest=3)
    assert case.variables == {"lest": "1"}
    case.do("u", lest="ny", ulest="borte")
    assert case.variables == {"lest": "ny"}


def test_with_output_mappings_only_those_are_assigned(house: House) -> None:
    house.publish(
        process(
            start(),
            written(svar=1),
            user("u", form="f", outs={"ut": "svar + 1"}),
            last("ut", "svar"),
            end(),
            flows("s>n>u>last>e"),
        ),
        form("f", field("svar", "number"), field("a")),
    )
    case = house.start()
    case.do("u", svar=41, a="x")
    holds(case, svar=1, ut=42, a=None)


def test_a_name_is_assigned_in_the_nearest_scope_that_has_it(house: House) -> None:
    inner = (
        start("s1")
        + user("u", form="f")
        + user("i", form="g", ins={"x": "a", "y": "b"})
        + end("e1")
        + flows("s1>u>i>e1")
    )
    house.publish(
        process(
            start(), written(a=1), sub("sp", inner, ext=mapped(ins={"a": "10"})), last(), end(), flows("s>n>sp>last>e")
        ),
        form("f", field("a", "number"), field("b", "number")),
        form("g", {"type": "text", "id": "t", "text": "=string(a) + string(b)"}),
    )
    case = house.start(a=1, b=2)
    case.do("u", a=11, b=22)
    names = house.ok("GET", f"/tasks/{case.task('i')['id']}")["names"]
    assert (names["a"], names["b"]) == (11, 22)
    case.do("i")
    holds(case, a=1, b=22)  # a stood in the sub-process; b only in the process


def test_what_a_mapping_gives_is_kept_though_nothing_reads_it(house: House) -> None:
    house.publish(
        process(
            start(),
            written(a=1),
            user("u", each("[1, 2]", "t", into="resultat", out="t * 2")),
            user("v"),
            end(),
            flows("s>n>u>v>e"),
        )
    )
    case = house.start()
    case.do("u")
    case.do("u")
    assert case.variables == {"a": 1, "resultat": [2, 4]}


def test_an_input_shadows_and_does_not_leak(house: House) -> None:
    house.publish(
        process(start(), user("u", form="f", ins={"a": "a + 1"}), last(), end(), flows("s>u>last>e")),
        form("f", {"type": "text", "id": "t", "text": "=string(a)"}, field("svar", "number")),
    )
    case = house.start(a=1)
    assert house.ok("GET", f"/tasks/{case.task('u')['id']}")["names"]["a"] == 2
    case.do("u", svar=5)
    holds(case, a=1, svar=5)


def test_mappings_on_every_kind_of_element(house: House, operation: Switch) -> None:
    child = process(start(), user("cu", ins={"x": "inn"}), end(), flows("s>cu>e"), id_="child")
    house.publish(
        process(
            start(),
            service("o", "prove", ins={"x": "a"}, outs={"b": "echo * 2"}),
            sub(
                "sp",
                start("s1") + user("u", form="f") + end("e1") + flows("s1>u>e1"),
                ext=mapped(ins={"lokal": "b"}, outs={"c": "lokal + 1"}),
            ),
            call("k", "child", ins={"inn": "c"}, outs={"ut": "inn * 10"}),
            el("intermediateCatchEvent", "m", ref("message", "m"), mapped(outs={"svar": "hilsen"})),
            el("receiveTask", "r", "", mapped(outs={"sum1": "tall + 1"}), messageRef="message_n"),
            last(),
            end(),
            flows("s>o>sp>k>m>r>last>e"),
            roots=root("message", "m", '"k"') + root("message", "n", '"k"'),
        ),
        child,
        form("f", field("lokal", "number")),
    )
    case = house.start(a=3)
    case.do("u", lokal=20)
    case.do("cu")
    house.message("m", "k", hilsen="hei", annet="borte")
    house.message("n", "k", tall=1)
    holds(case, a=3, b=6, c=21, ut=210, svar="hei", sum1=2)


def test_a_payload_without_mappings_is_assigned_under_its_names(house: House) -> None:
    house.publish(
        process(
            start(),
            el("receiveTask", "r", messageRef="message_m"),
            last(),
            end(),
            flows("s>r>last>e"),
            roots=root("message", "m", '"k"'),
        )
    )
    case = house.start(a=1)
    house.message("m", "k", a=2, svar={"navn": "Åse"}, unit="x")
    holds(case, a=2, svar={"navn": "Åse"})
    assert "unit" not in case.variables


@pytest.mark.parametrize("sequential", [False, True], ids=["at once", "one by one"])
@pytest.mark.parametrize("host", ["user", "sub", "call", "service"])
def test_results_come_in_the_order_of_the_input(house: House, operation: Switch, host: str, sequential: bool) -> None:
    loop = each("a", "ting", into="resultat", out="ny", sequential=sequential)
    inside = user("u", form="f", ins={"nr": "loopCounter", "hva": "ting"})
    drawn = {
        "user": user("u", loop, form="f", ins={"nr": "loopCounter", "hva": "ting"}),
        "sub": sub("sp", start("s1") + inside + end("e1") + flows("s1>u>e1") + loop),
        "call": call("k", "child", loop, ins={"hva": "ting", "nr": "loopCounter"}, outs={"ny": "svar"}),
        "service": service(
            "o",
            "prove",
            each("a", "ting", into="resultat", out='ting + "-" + string(loopCounter)', sequential=sequential),
            ins={"x": "ting"},
        ),
    }[host]
    first = {"user": "u", "sub": "sp", "call": "k", "service": "o"}[host]
    child = process(start(), user("u", form="g"), user("v", ins={"x": "svar"}), end(), flows("s>u>v>e"), id_="child")
    text = {"type": "text", "id": "t", "text": '=hva + "-" + string(nr)'}
    house.publish(
        process(start(), drawn, last(), end(), flows(f"s>{first}>last>e")),
        child,
        form("f", text, field("ny")),
        form("g", {**text, "text": '=hva + "-" + string(nr)'}, field("svar")),
    )
    case = house.start(a=["x", "y", "å"])
    if host == "service":
        holds(case, resultat=["x-1", "y-2", "å-3"])
        return
    key = "svar" if host == "call" else "ny"
    while "u" in case.open:
        assert sequential is (len(case.open) == 1) or "v" in case.open or case.open == ["u"]
        task = case.sheet["tasks"][-1 if case.sheet["tasks"][-1]["element"] == "u" else 0]
        if task["element"] != "u":
            task = case.task("u")
        names = house.ok("GET", f"/tasks/{task['id']}")["names"]
        house.ok("POST", f"/tasks/{task['id']}/complete", {"values": {key: f"{names['hva']}{names['nr']}"}})
        if "v" in case.open:
            case.do("v")
    assert case.open == ["last"]
    holds(case, resultat=["x1", "y2", "å3"])
    assert "ny" not in case.variables  # an item never writes outside itself


def test_an_empty_list_passes_through_and_null_is_an_incident_or_passes(house: House) -> None:
    house.publish(
        process(start(), user("u", each("a", "t", into="resultat", out="t")), last(), end(), flows("s>u>last>e"))
    )
    case = house.start(a=[])
    assert case.open == ["last"]
    holds(case, resultat=[])
    assert house.start(a="ikke en liste").state == "incident"
    assert house.start(a=list(range(200))).state == "active"
    assert house.start(a=list(range(201))).state == "incident"


def test_a_completion_condition_ends_the_rest(house: House) -> None:
    house.publish(
        process(
            start(),
            user("u", each("[1, 2, 3]", "t", into="resultat", out="svar", until='svar = "ja"'), form="f"),
            last("resultat"),
            end(),
            flows("s>u>last>e"),
        ),
        form("f", field("svar")),
    )
    case = house.start()
    case.do("u", svar="nei")
    assert case.open == ["u", "u"]
    case.do("u", svar="ja")
    assert case.open == ["last"]
    assert sorted(map(str, case.variables["resultat"])) == ["None", "ja", "nei"]
    assert len(case.trail("cancelled")) >= 1


def test_an_inner_multi_instance_in_an_outer(house: House) -> None:
    inner = user("u", each("gruppe", "en", into="liste", out="en * 10"))
    house.publish(
        process(
            start(),
            sub(
                "sp",
                start("s1") + inner + end("e1") + flows("s1>u>e1") + each("a", "gruppe", into="resultat", out="liste"),
            ),
            last(),
            end(),
            flows("s>sp>last>e"),
        )
    )
    case = house.start(a=[[1, 2], [], [3]])
    assert case.open == ["u"] * 3
    for _ in range(3):
        case.do("u")
    holds(case, resultat=[[10, 20], [], [30]])
    assert "liste" not in case.variables


def test_a_call_is_bound_to_the_version_of_its_publication(house: House) -> None:
    def child(name: str) -> bytes:
        return process(start(), user(name), end(), flows(f"s>{name}>e"), id_="child")

    house.publish(process(start(), user("u"), call("k", "child"), end(), flows("s>u>k>e")), child("one"))
    case = house.start()
    house.publish(child("two"))
    case.do("u")
    assert case.open == ["one"]
    other = house.start()
    other.do("u")
    assert other.open == ["one"]
    house.publish(process(start(), user("u"), call("k", "child"), el("task", "t"), end(), flows("s>u>k>t>e")))
    third = house.start()
    third.do("u")
    assert third.open == ["two"]
    case.do("one")
    assert case.state == "completed"
    assert house.start("child").open == ["two"]


def test_names_that_cannot_exist_where_they_are_read_are_refused(house: House) -> None:
    with pytest.raises(Refused) as refused:
        house.publish(
            process(start(), user("u", each("[1]", "ting")), user("v", ins={"x": "ting"}), end(), flows("s>u>v>e"))
        )
    assert [p["element"] for p in refused.value.problems if p["severity"] == "error"] == ["v"]


def test_an_input_may_shadow_a_variable_that_the_instance_was_started_with(house: House) -> None:
    house.publish(
        process(
            start(),
            user("u", ins={"ting": "2"}),
            user("v", outs={"more": "ting + 1"}),
            last(),
            end(),
            flows("s>u>v>last>e"),
        )
    )
    case = house.start(ting=10)
    case.do("u")
    case.do("v")
    holds(case, ting=10, more=11)


@pytest.mark.parametrize("all_", [None, False, True])
def test_only_mappings_cross_unless_all_child_variables_do(house: House, all_: bool | None) -> None:
    child = process(
        start(), user("cu", form="f", ins={"x": "a", "y": "b", "z": "svar"}), end(), flows("s>cu>e"), id_="child"
    )
    house.publish(
        process(
            start(),
            written(b=1),
            call("k", "child", all_=all_, ins={"b": "a + 1"}),
            last(),
            end(),
            flows("s>n>k>last>e"),
        ),
        child,
        form(
            "f",
            field("svar"),
            {"type": "text", "id": "t", "text": '=if a = null then "ingen" else "noen"'},
            {"type": "text", "id": "t2", "text": "=string(b)"},
        ),
    )
    case = house.start(a=1)
    names = house.ok("GET", f"/tasks/{case.task('cu')['id']}")["names"]
    assert (names.get("a"), names.get("b")) == (None, 2)
    case.do("cu", svar="fra barnet")
    holds(case, a=1, svar="fra barnet" if all_ else None)


def test_the_child_has_the_parents_subject(house: House) -> None:
    house.publish(
        process(start(), call("k", "child"), end(), flows("s>k>e")),
        process(start(), user("u", groups="manager"), end(), flows("s>u>e"), id_="child"),
    )
    case = house.start(subject={"unit": "2"})
    task = case.task("u")
    assert [line["id"] for line in house.ok("GET", "/tasks", by="20")["items"]] == [task["id"]]
    case.do("u", by="20")
    assert case.state == "completed"


def test_host_names_at_every_point(house: House) -> None:
    house.publish(
        process(
            start(),
            el("exclusiveGateway", "x", default="x_n"),
            user("j", ins={"d": "string(today())", "n": "now()"}),
            user("n"),
            end(),
            flows("s>x"),
            flow(
                "x",
                "j",
                'unit.id = "2" and today() = date("2027-01-04") and person = null and cycle = null '
                'and now() > date and time("2026-01-01T00:00:00Z")',
            ),
            flow("x", "n"),
            flows("j>e", "n>e"),
        )
    )
    assert house.start(subject={"unit": "2"}).open == ["j"]


def test_norwegian_names_and_decimals(house: House) -> None:
    house.publish(
        process(
            start(),
            user("u", form="f", outs={"årsverk": "behov_på_sikt + 0.2", "ønske": "upper case(ønske)"}),
            el("exclusiveGateway", "x", default="x_n"),
            user("j", ins={"æ": "ønske"}),
            user("n"),
            end(),
            flows("s>u>x"),
            flow("x", "j", 'årsverk = 0.3 and ønske = "BLÅBÆR"'),
            flow("x", "n"),
            flows("j>e", "n>e"),
        ),
        form("f", field("behov_på_sikt", "number", decimalDigits=1), field("ønske")),
    )
    case = house.start()
    case.do("u", behov_på_sikt=0.1, ønske="blåbær")
    assert case.open == ["j"]
    assert case.variables["årsverk"] == 0.3


def test_a_failing_output_keeps_the_answers_and_goes_on_when_retried(house: House) -> None:
    """The person is done; the diagram is not. Retried with all that was answered."""
    house.publish(
        process(
            start(),
            el("parallelGateway", "f"),
            user("u", form="f", outs={"ut": "sublist(liste, 1, antall)", "a": "svar"}),
            user("w", form="g"),
            last(),
            el("parallelGateway", "j"),
            end(),
            flows("s>f>u>j", "f>w>j>last>e"),
        ),
        form("f", field("svar")),
        form("g", field("liste"), field("antall", "number")),
    )
    case = house.start()
    case.do("u", svar="bevart")
    if case.state == "incident":
        case.do("w", liste="x", antall=1)
        case.retry()
    else:
        case.do("w")
    holds(case, a="bevart")


def test_a_boundary_s_payload_and_an_error_s(house: House) -> None:
    house.publish(
        process(
            start(),
            user("u"),
            boundary("b", "u", ref("message", "m"), interrupting=False, ext=mapped(outs={"a": "tall"})),
            last(),
            end(),
            end("e2"),
            flows("s>u>last>e", "b>e2"),
            roots=root("message", "m", '"k"'),
        )
    )
    case = house.start()
    house.message("m", "k", tall=9)
    holds(case, a=9)
