"""What stands on the page and is easily forgotten: odd combinations of what the rows say."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError

from dialect.house import House, Refused, Switch
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
    mapped,
    process,
    ref,
    root,
    service,
    start,
    sub,
    timer,
    user,
)
from komp_flow.work.running.world import WORLD


def test_a_business_step_with_a_task_definition_runs_its_operation(house: House, operation: Switch) -> None:
    house.publish(
        process(start(), service("o", "prove", tag="businessRuleTask", ins={"x": "1"}), end(), flows("s>o>e"))
    )
    house.start().ended("s", "o", "e")
    assert operation.ran == [{"x": 1}]


def test_what_sends_a_message_has_no_other_operation(house: House) -> None:
    thrown = el("intermediateThrowEvent", "t", ref("message", "m"), '<zeebe:taskDefinition type="notify"/>')
    with pytest.raises(Refused) as refused:
        house.publish(process(start(), thrown, end(), flows("s>t>e"), roots=root("message", "m", '"k"')))
    assert [p["element"] for p in refused.value.problems if p["severity"] == "error"] == ["t"]


def test_mappings_on_boundary_and_timer_events(house: House) -> None:
    house.publish(
        process(
            start(),
            user("u"),
            boundary(
                "b", "u", timer("timeCycle", "R2/P1D"), interrupting=False, ext=mapped(outs={"gang": "occurrence"})
            ),
            user("n"),
            el("intermediateCatchEvent", "c", after("PT1H"), mapped(outs={"etter": '"ja"'})),
            end(),
            end("e2"),
            flows("s>u>c>e", "b>n>e2"),
        )
    )
    case = house.start()
    house.tick(days=1)
    assert case.variables == {"gang": 1}
    house.tick(days=1)
    assert case.variables == {"gang": 2}
    case.do("u")
    house.tick(hours=1)
    case.do("n")
    case.do("n")
    assert (case.state, case.variables) == ("completed", {"gang": 2, "etter": "ja"})


def test_an_escalation_beside_a_call_goes_on_in_the_called_process(house: House) -> None:
    roots = root("escalation", "K")
    house.publish(
        process(
            start(),
            call("k", "child"),
            boundary("b", "k", ref("escalation", "K"), interrupting=False),
            user("n"),
            end(),
            end("e2"),
            flows("s>k>e", "b>n>e2"),
            roots=roots,
        ),
        process(
            start(),
            el("intermediateThrowEvent", "t", ref("escalation", "K")),
            user("u"),
            end(),
            flows("s>t>u>e"),
            id_="child",
            roots=roots,
        ),
    )
    case = house.start()
    assert case.open == ["n", "u"]
    case.do("u")
    case.do("n")
    assert case.state == "completed"


def test_an_event_sub_process_of_the_called_process_catches_before_the_caller(house: House) -> None:
    roots = root("error", "K")
    event = sub(
        "ev", el("startEvent", "es", ref("error", "K")) + user("fix") + end("ee") + flows("es>fix>ee"), event=True
    )
    house.publish(
        process(
            start(),
            call("k", "child"),
            boundary("b", "k", ref("error", "K")),
            user("n"),
            end(),
            flows("s>k>e", "b>n>e"),
            roots=roots,
        ),
        process(start(), end("x", ref("error", "K")), flows("s>x"), event, id_="child", roots=roots),
    )
    case = house.start()
    assert case.open == ["fix"]
    case.do("fix")
    assert case.state == "completed"
    assert "b" not in case.trail()


def test_an_error_of_one_item_takes_the_others_with_it(house: House) -> None:
    inner = (
        start("s1")
        + user("u", form="f")
        + el("exclusiveGateway", "x", default="x_e1")
        + end("fail", ref("error", "K"))
        + end("e1")
        + flows("s1>u>x")
        + flow("x", "fail", "svikter")
        + flow("x", "e1")
    )
    house.publish(
        process(
            start(),
            sub("sp", inner + each("[1, 2, 3]", "t")),
            boundary("b", "sp", ref("error", "K")),
            user("fix"),
            end(),
            flows("s>sp>e", "b>fix>e"),
            roots=root("error", "K"),
        ),
        form("f", field("svikter", "checkbox")),
    )
    case = house.start()
    case.do("u", svikter=False)
    assert case.open == ["u", "u"]
    case.do("u", svikter=True)
    assert case.open == ["fix"]


def test_a_message_both_starts_and_continues(house: House) -> None:
    house.publish(
        process(
            start("s", ref("message", "m")),
            el("receiveTask", "w", messageRef="message_m"),
            user("u"),
            end(),
            flows("s>w>u>e"),
            roots=root("message", "m", "nr"),
        )
    )
    house.message("m", 1, nr=1)
    assert [case.open for case in house.cases()] in ([[]], [["u"]])
    house.message("m", 1, nr=1)
    assert [case.open for case in house.cases()] == [["u"]]


def test_a_signal_thrown_in_a_process_that_it_also_starts(house: House) -> None:
    house.publish(
        process(
            start(),
            user("u"),
            el("intermediateThrowEvent", "t", ref("signal", "w")),
            end(),
            start("ss", ref("signal", "w")),
            user("v"),
            end("e2"),
            flows("s>u>t>e", "ss>v>e2"),
            roots=root("signal", "w"),
        )
    )
    case = house.start()
    case.do("u")
    case.ended("s", "u", "t", "e")
    assert sorted(c.open for c in house.cases()) == [[], ["v"]]


def test_a_non_interrupting_event_sub_process_in_a_cycle_sees_its_occurrence(house: House) -> None:
    event = sub(
        "ev",
        el("startEvent", "es", timer("timeCycle", "R3/P1D"), isInterrupting="false")
        + user("n", form="f", ins={"nr": "occurrence"})
        + end("ee")
        + flows("es>n>ee"),
        event=True,
    )
    house.publish(
        process(start(), user("u"), end(), flows("s>u>e"), event),
        form("f", {"type": "text", "id": "t", "text": "=string(nr)"}),
    )
    case = house.start()
    for _ in range(2):
        house.tick(days=1)
    names = {house.ok("GET", f"/tasks/{t['id']}")["names"]["nr"] for t in case.sheet["tasks"] if t["element"] == "n"}
    assert names == {1, 2}
    case.do("u")
    assert case.state == "active"
    case.do("n")
    case.do("n")
    assert case.state == "completed"


def test_the_scope_of_an_event_sub_process_has_a_plain_start(house: House) -> None:
    inner = sub("ev2", el("startEvent", "es2", ref("message", "m2")) + end("ee2") + flows("es2>ee2"), event=True)
    outer = sub(
        "ev",
        el("startEvent", "es", ref("message", "m1")) + user("n") + end("ee") + flows("es>n>ee") + inner,
        event=True,
    )
    with pytest.raises(Refused) as refused:
        house.publish(
            process(
                start(),
                user("u"),
                end(),
                flows("s>u>e"),
                outer,
                roots=root("message", "m1", '"k"') + root("message", "m2", '"k"'),
            )
        )
    assert [p["element"] for p in refused.value.problems if p["severity"] == "error"] == ["ev2"]


def test_a_loop_back_opens_the_task_again(house: House) -> None:
    house.publish(
        process(
            start(),
            el("exclusiveGateway", "m"),
            user("u", form="f"),
            boundary("b", "u", after("P1D"), interrupting=False),
            user("n"),
            el("exclusiveGateway", "x", default="x_e"),
            end(),
            end("e2"),
            flows("s>m>u>x", "b>n>e2"),
            flow("x", "m", "mer = true"),
            flow("x", "e"),
        ),
        form("f", field("mer", "checkbox")),
    )
    case = house.start()
    house.tick(hours=20)
    for _ in range(3):
        first = case.task("u")["id"]
        case.do("u", mer=True)
        assert case.task("u")["id"] != first
        house.tick(hours=20)
    assert case.open == ["u"]  # each passage counts its day anew
    case.do("u", mer=False)
    case.ended("s", "m", *["u", "x", "m"] * 3, "u", "x", "e")


def test_parallel_branches_write_in_the_order_they_are_completed(house: House) -> None:
    house.publish(
        process(
            start(),
            el("parallelGateway", "f"),
            user("a", form="f"),
            user("b", form="f"),
            el("parallelGateway", "j"),
            user("c", ins={"x": "svar"}),
            end(),
            flows("s>f>a>j", "f>b>j>c>e"),
        ),
        form("f", field("svar")),
    )
    case = house.start()
    case.do("b", svar="b")
    case.do("a", svar="a")
    assert case.variables == {"svar": "a"}


def test_a_call_in_a_call_with_items(house: House) -> None:
    house.publish(
        process(
            start(),
            call("k", "mid", each("[1, 2]", "t", into="alle", out="sum2"), ins={"a": "t"}, outs={"sum2": "b"}),
            user("u", ins={"x": "alle"}),
            end(),
            flows("s>k>u>e"),
        ),
        process(start(), call("k", "deep", ins={"c": "a * 10"}, outs={"b": "d + 1"}), end(), flows("s>k>e"), id_="mid"),
        process(
            start(),
            user("v"),
            el("intermediateThrowEvent", "n", "", mapped(outs={"d": "c * 2"})),
            end(),
            flows("s>v>n>e"),
            id_="deep",
        ),
    )
    case = house.start()
    case.do("v")
    case.do("v")
    assert case.open == ["u"]
    assert case.variables == {"alle": [21, 41]}


def test_a_terminate_in_a_called_process_ends_that_alone(house: House) -> None:
    house.publish(
        process(start(), call("k", "child"), user("u"), end(), flows("s>k>u>e")),
        process(
            start(),
            el("parallelGateway", "f"),
            user("v"),
            user("w"),
            end("t", "<bpmn:terminateEventDefinition/>"),
            end(),
            flows("s>f>v>t", "f>w>e"),
            id_="child",
        ),
    )
    case = house.start()
    case.do("v")
    assert case.open == ["u"]


def test_a_terminate_end_ends_the_instance(house: House) -> None:
    house.publish(
        process(
            start(),
            el("parallelGateway", "f"),
            user("v"),
            user("w"),
            end("t", "<bpmn:terminateEventDefinition/>"),
            end(),
            flows("s>f>v>t", "f>w>e"),
        )
    )
    case = house.start()
    case.do("v")
    assert (case.state, case.open) == ("completed", [])
    assert case.trail("cancelled") == ["w"]


@pytest.mark.parametrize("where", ["u", "c"])
def test_an_incident_in_one_branch_leaves_the_other(house: House, operation: Switch, where: str) -> None:
    operation.fails = True
    house.publish(
        process(
            start(),
            el("parallelGateway", "f"),
            user("u"),
            service("o", "prove"),
            el("parallelGateway", "j"),
            end(),
            flows("s>f>u>j", "f>o>j>e"),
        )
    )
    case = house.start()
    assert (case.state, case.open) == ("incident", ["u"])
    if where == "u":
        case.do("u")
        assert case.state == "incident"
        operation.fails = False
        case.retry()
    else:
        operation.fails = False
        case.retry()
        assert (case.state, case.open) == ("active", ["u"])
        case.do("u")
    assert case.state == "completed"


def test_a_task_that_is_nobody_s_is_an_incident(house: House) -> None:
    house.publish(process(start(), user("u", groups=None, assignee="=hvem"), end(), flows("s>u>e")))
    assert house.start().state == "incident"
    assert house.start(hvem="21").state == "active"


@pytest.mark.parametrize("what", ["names", "moment", "operation"])
def test_a_database_that_is_busy_fails_the_step_and_makes_no_incident(
    house: House, operation: Switch, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    house.restarts = False
    house.publish(
        process(
            start(),
            user("u", outs={"navn": "unit.name", "dag": "string(today())"}),
            service("o", "prove"),
            user("v", ins={"x": "navn", "y": "dag"}),
            end(),
            flows("s>u>o>v>e"),
        )
    )
    case = house.start()
    task = case.task("u")["id"]

    def away(*_given: object, **_named: object) -> None:
        raise OperationalError("select 1", {}, Exception("database is locked"))

    with monkeypatch.context() as patch:
        patch.setattr(type(WORLD), what, away)
        answer = house.app.test_client().post(
            f"/api/v1/tasks/{task}/complete",
            json={"values": {}},
            headers={"Authorization": f"Bearer {house.secret('7')}"},
        )
        assert answer.status_code == 503
    assert (case.state, case.open) == ("active", ["u"])
    case.do("u")
    assert case.open == ["v"]
