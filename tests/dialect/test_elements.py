"""Every row of «Elements» that runs, drawn from the page and run through the API."""

from __future__ import annotations

import pytest

from dialect.house import House, Switch
from dialect.pen import (
    after,
    boundary,
    call,
    each,
    el,
    end,
    field,
    flow,
    flows,
    form,
    process,
    ref,
    root,
    service,
    start,
    sub,
    timer,
    user,
)


def test_a_task_between_start_and_end(house: House) -> None:
    house.publish(process(start(), user("a"), end(), flows("s>a>e")))
    case = house.start()
    assert case.state == "active"
    assert case.open == ["a"]
    case.do("a")
    case.ended("s", "a", "e")


def test_a_collaboration_with_one_executable_pool_and_lanes(house: House) -> None:
    text = process(
        '<bpmn:laneSet id="lanes"><bpmn:lane id="l1" name="HR"><bpmn:flowNodeRef>a</bpmn:flowNodeRef></bpmn:lane>'
        '<bpmn:lane id="l2" name="Øvrige"><bpmn:flowNodeRef>b</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>',
        start(),
        user("a"),
        user("b"),
        end(),
        flows("s>a>b>e"),
        before='<bpmn:collaboration id="c"><bpmn:participant id="pool" processRef="p"/>'
        '<bpmn:participant id="black_box" name="Omverdenen"/></bpmn:collaboration>',
    )
    told = house.publish(text)
    assert any("lane" in p["rule"] or "bane" in p["message"].lower() for p in told["problems"])
    case = house.start()
    case.do("a")
    case.do("b")
    case.ended("s", "a", "b", "e")


def test_several_starts_of_every_kind(house: House) -> None:
    house.publish(
        process(
            start(),
            start("sm", ref("message", "go")),
            start("ss", ref("signal", "all")),
            start("st", timer("timeDate", "2027-02-01T10:00:00+01:00")),
            user("a"),
            user("b"),
            user("c"),
            user("d"),
            end(),
            flows("s>a>e", "sm>b>e", "ss>c>e", "st>d>e"),
            roots=root("message", "go") + root("signal", "all"),
        ),
        process(
            start(), el("endEvent", "e", ref("signal", "all")), flows("s>e"), id_="shout", roots=root("signal", "all")
        ),
    )
    assert house.start().open == ["a"]
    house.message("go")
    house.start("shout").ended("s", "e")
    house.tick("2027-02-01T09:59:00+01:00")
    assert len(house.cases()) == 3
    house.tick("2027-02-01T10:00:00+01:00")
    assert sorted(case.open for case in house.cases()) == [["a"], ["b"], ["c"], ["d"]]
    (case,) = [case for case in house.cases() if case.open == ["b"]]
    case.do("b")
    case.ended("sm", "b", "e")


def test_service_send_and_business_steps_run_an_operation(house: House, operation: Switch) -> None:
    house.publish(
        process(
            start(),
            service("a", "prove", ins={"x": "1 + 1"}, outs={"ekko": "echo"}),
            service("b", "prove", tag="sendTask"),
            user("u", ext="", ins={"vis": "ekko"}),
            end(),
            flows("s>a>b>u>e"),
        )
    )
    case = house.start()
    assert operation.ran == [{"x": 2}, {}]
    assert case.variables["ekko"] == 2
    case.do("u")
    case.ended("s", "a", "b", "u", "e")


def test_manual_and_plain_tasks_pass_through(house: House) -> None:
    house.publish(
        process(
            start(),
            el("manualTask", "m"),
            el("task", "t"),
            el("intermediateThrowEvent", "n"),
            end(),
            flows("s>m>t>n>e"),
        )
    )
    house.start().ended("s", "m", "t", "n", "e")


def test_a_receive_task_and_a_message_catch(house: House) -> None:
    house.publish(
        process(
            start(),
            el("receiveTask", "r", messageRef="message_m"),
            el("intermediateCatchEvent", "c", ref("message", "n")),
            end(),
            flows("s>r>c>e"),
            roots=root("message", "m", "nr") + root("message", "n", '"fast"'),
        )
    )
    case = house.start(nr=5)
    house.message("m", 6)
    assert case.trail() == ["s"]
    house.message("m", "5")  # keys compare as text
    assert case.trail() == ["s", "r"]
    house.message("n", "fast")
    case.ended("s", "r", "c", "e")


def test_exclusive_takes_the_first_that_holds_else_the_default(house: House) -> None:
    drawn = process(
        start(),
        user("u", form="f"),
        el("exclusiveGateway", "x", default="x_d"),
        user("a"),
        user("b"),
        user("d"),
        end(),
        flows("s>u>x"),
        flow("x", "a", "svar = 1"),
        flow("x", "b", "svar >= 1"),
        flow("x", "d"),
        flows("a>e", "b>e", "d>e"),
    )
    house.publish(drawn, form("f", field("svar", "number")))
    for svar, way in ((1, "a"), (2, "b"), (0, "d"), (None, "d")):
        case = house.start()
        case.do("u", svar=svar)
        assert case.open == [way], svar
    case = house.start()
    case.do("u")  # no answer: null
    assert case.open == ["d"]


def test_nothing_matches_is_an_incident_that_is_retried(house: House) -> None:
    told = house.publish(
        process(
            start(),
            el("exclusiveGateway", "x"),
            user("a"),
            user("b"),
            end(),
            flows("s>x"),
            flow("x", "a", "svar = 1"),
            flow("x", "b", "svar = 2"),
            flows("a>e", "b>e"),
        )
    )
    assert next(p["element"] for p in told["problems"] if p["severity"] == "warning") == "x"
    case = house.start(svar=3)
    sheet = case.sheet
    assert (sheet["state"], sheet["incidents"][0]["element"]) == ("incident", "x")
    case.retry()
    assert case.state == "incident"


def test_parallel_and_inclusive(house: House) -> None:
    house.publish(
        process(
            start(),
            el("parallelGateway", "f"),
            user("a"),
            user("b"),
            el("parallelGateway", "j"),
            el("inclusiveGateway", "o", default="o_z"),
            user("x"),
            user("y"),
            user("z"),
            el("inclusiveGateway", "k"),
            user("w"),
            end(),
            flows("s>f>a>j", "f>b>j>o"),
            flow("o", "x", "antall > 0"),
            flow("o", "y", "antall > 1"),
            flow("o", "z"),
            flows("x>k", "y>k", "z>k>w>e"),
        )
    )
    for antall, ways in ((2, ["x", "y"]), (1, ["x"]), (0, ["z"]), (None, ["z"])):
        case = house.start(antall=antall)
        assert case.open == ["a", "b"]
        case.do("b")
        assert case.open == ["a"]
        case.do("a")
        assert case.open == ways
        for way in ways:
            assert "w" not in case.open
            case.do(way)
        case.do("w")
        assert case.trail() == ["s", "f", "b", "a", "j", "o", *ways, "k", "w", "e"]
        assert case.state == "completed"


def test_an_inclusive_join_waits_for_what_may_still_come_through_a_loop(house: House) -> None:
    house.publish(
        process(
            start(),
            el("inclusiveGateway", "o"),
            user("a"),
            user("b", form="f"),
            el("exclusiveGateway", "again", default="again_k"),
            el("inclusiveGateway", "k"),
            end(),
            el("exclusiveGateway", "m"),
            flows("s>o", "m>b>again"),
            flow("o", "a", "true"),
            flow("o", "m", "true"),
            flow("again", "m", "mer"),
            flow("again", "k"),
            flows("a>k>e"),
        ),
        form("f", field("mer", "checkbox")),
    )
    case = house.start()
    case.do("a")
    case.do("b", mer=True)
    assert case.open == ["b"]
    assert case.state == "active"
    case.do("b", mer=False)
    assert case.state == "completed"
    assert case.trail().count("k") == 1


@pytest.mark.parametrize("winner", ["message", "timer", "signal"])
def test_an_event_based_gateway_takes_the_first_that_comes(house: House, winner: str) -> None:
    house.publish(
        process(
            start(),
            el("eventBasedGateway", "g"),
            el("intermediateCatchEvent", "cm", ref("message", "m")),
            el("intermediateCatchEvent", "ct", after("P1D")),
            el("intermediateCatchEvent", "cs", ref("signal", "w")),
            end("em"),
            end("et"),
            end("es"),
            flows("s>g>cm>em", "g>ct>et", "g>cs>es"),
            roots=root("message", "m", "nr") + root("signal", "w"),
        ),
        process(
            start(),
            el("intermediateThrowEvent", "t", ref("signal", "w")),
            end(),
            flows("s>t>e"),
            id_="shout",
            roots=root("signal", "w"),
        ),
    )
    case = house.start(nr="å1")
    assert list(case.timers) == ["ct"]
    if winner == "message":
        house.message("m", "å1")
        case.ended("s", "g", "cm", "em")
    elif winner == "timer":
        house.tick(days=1)
        case.ended("s", "g", "ct", "et")
    else:
        house.start("shout")
        case.ended("s", "g", "cs", "es")
    house.message("m", "å1")
    house.tick(days=2)
    assert case.state == "completed"


def test_sub_processes_inside_each_other(house: House) -> None:
    inner = sub("inner", start("s2") + user("b") + end("e2") + flows("s2>b>e2"))
    house.publish(
        process(
            start(),
            sub("outer", start("s1") + user("a") + inner + end("e1") + flows("s1>a>inner>e1")),
            end(),
            flows("s>outer>e"),
        )
    )
    case = house.start()
    case.do("a")
    case.do("b")
    case.ended("s", "s1", "a", "s2", "b", "e2", "inner", "e1", "outer", "e")


def test_terminate_ends_its_scope_and_nothing_else(house: House) -> None:
    inner = (
        start("s1")
        + el("parallelGateway", "f")
        + user("a")
        + user("b")
        + end("t", "<bpmn:terminateEventDefinition/>")
        + end("e1")
        + flows("s1>f>a>t", "f>b>e1")
    )
    house.publish(process(start(), sub("sp", inner), user("u"), end(), flows("s>sp>u>e")))
    case = house.start()
    case.do("a")
    assert case.open == ["u"]
    assert case.trail("cancelled") == ["b"]
    case.do("u")
    case.ended("s", "s1", "f", "a", "t", "sp", "u", "e")


def test_link_events_are_a_flow(house: House) -> None:
    link = '<bpmn:linkEventDefinition name="videre"/>'
    house.publish(
        process(
            start(),
            el("intermediateThrowEvent", "l1", link),
            el("intermediateCatchEvent", "l2", link),
            user("u"),
            end(),
            flows("s>l1", "l2>u>e"),
        )
    )
    case = house.start()
    case.do("u")
    case.ended("s", "l1", "l2", "u", "e")


def test_ignored_elements_are_kept_in_the_file(house: House) -> None:
    drawn = process(
        '<bpmn:extensionElements><zeebe:versionTag value="v1"/>'
        '<zeebe:properties><zeebe:property name="eier" value="HR"/></zeebe:properties></bpmn:extensionElements>',
        start(),
        user("a", "<bpmn:documentation>Les «dette»</bpmn:documentation>", ext=""),
        end(),
        flows("s>a>e"),
        '<bpmn:textAnnotation id="n1"><bpmn:text>Merk</bpmn:text></bpmn:textAnnotation>'
        '<bpmn:association id="as1" sourceRef="a" targetRef="n1"/>',
        '<bpmn:dataObjectReference id="do1" dataObjectRef="d1"/><bpmn:dataObject id="d1"/>'
        '<bpmn:dataStoreReference id="ds1"/>',
        '<bpmn:group id="g1"/>',
    )
    house.publish(drawn)
    xml = house.ok("GET", "/processes/p/versions/1")["xml"]
    for part in ("textAnnotation", "dataStoreReference", 'value="v1"', "eier", "bpmn:group"):
        assert part in xml
    case = house.start()
    case.do("a")
    case.ended("s", "a", "e")


HOSTS = {
    "user": user("h"),
    "receive": el("receiveTask", "h", messageRef="message_never"),
    "sub": sub("h", start("s1") + user("i") + end("e1") + flows("s1>i>e1")),
    "call": call("h", "child"),
    "many": user("h", each("[1, 2]")),
    "one by one": sub("h", start("s1") + user("i") + end("e1") + flows("s1>i>e1") + each("[1, 2]", sequential=True)),
    "calls": call("h", "child", each("[1, 2]")),
}
CHILD = process(start(), user("i"), end(), flows("s>i>e"), id_="child")
SHOUT = process(
    start(),
    el("intermediateThrowEvent", "t", ref("signal", "w")),
    end(),
    flows("s>t>e"),
    id_="shout",
    roots=root("signal", "w"),
)
KINDS = {"timer": after("P1D"), "message": ref("message", "m"), "signal": ref("signal", "w")}


@pytest.mark.parametrize("interrupting", [True, False], ids=["interrupting", "beside"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("host", HOSTS)
def test_a_boundary_event(house: House, host: str, kind: str, interrupting: bool) -> None:
    house.publish(
        process(
            start(),
            HOSTS[host],
            boundary("b", "h", KINDS[kind], interrupting=interrupting),
            user("after"),
            user("late"),
            end(),
            end("e2"),
            flows("s>h>after>e", "b>late>e2"),
            roots=root("message", "m", "nr") + root("message", "never", '"x"') + root("signal", "w"),
        ),
        CHILD,
        SHOUT,
    )
    case = house.start(nr=7)
    inside = case.open
    assert inside or host == "receive"
    if kind == "timer":
        house.tick(days=1)
    elif kind == "message":
        house.message("m", 7)
    else:
        house.start("shout")
    assert case.open == (["late"] if interrupting else sorted([*inside, "late"]))
    assert "b" in case.trail()
    if interrupting:
        case.do("late")
        case.ended("s", "b", "late", "e2") if host in ("user", "receive", "many") else None
        assert case.state == "completed"
        assert "h" in case.trail("cancelled")
        return
    if kind == "message":  # it waits on, and comes again
        house.message("m", 7)
        assert case.open.count("late") == 2
        case.do("late")
    case.do("late")
    for _ in range(2):
        for element in inside[:1]:
            while element in case.open:
                case.do(element)
    if host == "receive":
        house.message("never", "x")
    case.do("after")
    assert case.state == "completed"


@pytest.mark.parametrize("kind", ["error", "escalation"])
@pytest.mark.parametrize("catch", ["K1", None, "K2"])
@pytest.mark.parametrize("where", ["sub", "call", "nested"])
def test_errors_and_escalations_go_outwards_to_equal_codes_or_a_catch_all(
    house: House, kind: str, catch: str | None, where: str
) -> None:
    roots = root(kind, "K1") + root(kind, "K2")
    thrown = start("s1") + el("endEvent", "x", ref(kind, "K1")) + flows("s1>x")
    host = {
        "sub": sub("h", thrown),
        "call": call("h", "child"),
        "nested": sub("h", start("s0") + sub("deep", thrown) + end("e0") + flows("s0>deep>e0")),
    }[where]
    child = process(thrown, id_="child", roots=roots)
    main = process(
        start(),
        host,
        boundary("b", "h", ref(kind, catch), interrupting=True),
        user("caught"),
        user("after"),
        end(),
        end("e2"),
        flows("s>h>after>e", "b>caught>e2"),
        roots=roots,
    )
    house.publish(main, *([child] if where == "call" else []))
    case = house.start()
    if catch == "K2":
        if kind == "error":
            assert (case.state, case.open) == ("incident", [])
            assert [i["element"] for i in case.sheet["incidents"]] == ["x"]
        else:
            assert (case.state, case.open) == ("active", ["after"])
        return
    assert case.open == ["caught"]
    case.do("caught")
    assert case.state == "completed"


def test_the_equal_code_wins_over_the_catch_all(house: House) -> None:
    house.publish(
        process(
            start(),
            sub("h", start("s1") + el("endEvent", "x", ref("error", "K1")) + flows("s1>x")),
            boundary("all", "h", ref("error")),
            boundary("k1", "h", ref("error", "K1")),
            user("a"),
            user("b"),
            end(),
            flows("s>h>e", "all>a>e", "k1>b>e"),
            roots=root("error", "K1"),
        )
    )
    assert house.start().open == ["b"]


def test_an_escalation_thrown_beside_goes_on_where_it_was_thrown(house: House) -> None:
    roots = root("escalation", "opp")
    house.publish(
        process(
            start(),
            sub(
                "h",
                start("s1")
                + el("intermediateThrowEvent", "t", ref("escalation", "opp"))
                + user("u")
                + end("e1")
                + flows("s1>t>u>e1"),
            ),
            boundary("b", "h", ref("escalation", "opp"), interrupting=False),
            user("n"),
            end(),
            flows("s>h>e", "b>n>e"),
            roots=roots,
        )
    )
    case = house.start()
    assert case.open == ["n", "u"]
    case.do("u")
    case.do("n")
    assert case.state == "completed"


def test_an_uncaught_escalation_passes_and_an_uncaught_error_stands(house: House) -> None:
    house.publish(
        process(
            start(),
            el("intermediateThrowEvent", "t", ref("escalation", "K")),
            end(),
            flows("s>t>e"),
            roots=root("escalation", "K"),
        )
    )
    house.start().ended("s", "t", "e")
    house.publish(
        process(start(), el("endEvent", "e", ref("error", "K")), flows("s>e"), id_="q", roots=root("error", "K"))
    )
    case = house.start("q")
    assert case.state == "incident"


def test_an_operation_that_fails_is_an_incident_and_is_retried(house: House, operation: Switch) -> None:
    operation.fails = True
    house.publish(
        process(
            start(), user("u", form="f"), service("o", "prove", ins={"x": "svar"}), user("v"), end(), flows("s>u>o>v>e")
        ),
        form("f", field("svar")),
    )
    case = house.start()
    case.do("u", svar="hei")
    sheet = case.sheet
    assert (sheet["state"], sheet["tasks"], [i["element"] for i in sheet["incidents"]]) == ("incident", [], ["o"])
    case.retry()
    assert case.state == "incident"
    operation.fails = False
    case.retry()
    assert (case.state, case.open, operation.ran) == ("active", ["v"], [{"x": "hei"}])
    case.do("v")
    case.ended("s", "u", "o", "v", "e")


@pytest.mark.parametrize("host", ["task", "many"])
def test_an_operation_s_error_is_caught_on_its_boundary(house: House, operation: Switch, host: str) -> None:
    operation.throws = "E1"
    house.publish(
        process(
            start(),
            service("o", "prove", each("[1, 2, 3]") if host == "many" else ""),
            boundary("b", "o", ref("error", "E1")),
            user("fix"),
            end(),
            flows("s>o>e", "b>fix>e"),
            roots=root("error", "E1"),
        )
    )
    case = house.start()
    assert case.open == ["fix"]
    operation.throws = "E9"
    case = house.start()
    assert case.state == "incident"


def test_a_timer_on_a_service_task_that_stands_still(house: House, operation: Switch) -> None:
    operation.fails = True
    house.publish(
        process(
            start(),
            service("o", "prove"),
            boundary("b", "o", after("PT1H")),
            user("fix"),
            end(),
            flows("s>o>e", "b>fix>e"),
        )
    )
    case = house.start()
    assert case.state == "incident"
    house.tick(hours=1)
    assert (case.state, case.open) == ("active", ["fix"])


EVENTS = {
    "timer": after("P1D"),
    "message": ref("message", "m"),
    "signal": ref("signal", "w"),
    "error": ref("error", "K"),
    "escalation": ref("escalation", "K"),
}


@pytest.mark.parametrize("interrupting", [True, False], ids=["interrupting", "beside"])
@pytest.mark.parametrize("kind", EVENTS)
@pytest.mark.parametrize("nested", [False, True], ids=["in the process", "in a sub-process"])
def test_an_event_sub_process(house: House, kind: str, interrupting: bool, nested: bool) -> None:
    if kind == "error" and not interrupting:
        interrupting = True
    begins = el("startEvent", "es", EVENTS[kind], isInterrupting=str(interrupting).lower())
    event = sub("ev", begins + user("n") + end("ee") + flows("es>n>ee"), event=True)
    roots = root("message", "m", "nr") + root("signal", "w") + root("error", "K") + root("escalation", "K")
    if kind in ("error", "escalation"):
        throw = el("endEvent", "x", ref(kind, "K"))
        scope = (
            start("s1")
            + el("parallelGateway", "f")
            + user("u")
            + user("go")
            + throw
            + end("e1")
            + flows("s1>f>u>e1", "f>go>x")
            + event
        )
    else:
        scope = start("s1") + user("u") + end("e1") + flows("s1>u>e1") + event
    drawn = (
        process(start(), sub("sp", scope), user("after"), end(), flows("s>sp>after>e"), roots=roots)
        if nested
        else process(scope, roots=roots)
    )
    house.publish(drawn, SHOUT)
    case = house.start(nr=1)
    if kind == "timer":
        house.tick(days=1)
    elif kind == "message":
        house.message("m", 1)
    elif kind == "signal":
        house.start("shout")
    else:
        case.do("go")
    assert case.open == (["n"] if interrupting else ["n", "u"])
    if not interrupting:
        case.do("u")
        assert case.open == ["n"]
    case.do("n")
    if nested:
        case.do("after")
    assert case.state == "completed"
    assert case.trail().count("n") == 1
    assert "es" in case.trail()
