"""Every refused row: the publication answers 422, with the problem at its element, and nothing is published."""

from __future__ import annotations

import pytest

from dialect.house import House, Refused
from dialect.pen import (
    after,
    boundary,
    call,
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
    user,
)

CONDITION = "<bpmn:conditionalEventDefinition><bpmn:condition>=true</bpmn:condition></bpmn:conditionalEventDefinition>"


def through(node: str, *more: str, roots: str = "", id_: str = "p") -> bytes:
    """start → x → end."""
    return process(start(), node, end(), flows("s>x>e"), *more, roots=roots, id_=id_)


LOOP = "<bpmn:standardLoopCharacteristics/>"
CARDINALITY = (
    "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>3</bpmn:loopCardinality>"
    "</bpmn:multiInstanceLoopCharacteristics>"
)
TASK_LISTENER = '<zeebe:taskListeners><zeebe:taskListener eventType="creating" type="t"/></zeebe:taskListeners>'
EXECUTION_LISTENER = (
    '<zeebe:executionListeners><zeebe:executionListener eventType="start" type="t"/></zeebe:executionListeners>'
)

REFUSED: dict[str, tuple[str, bytes]] = {
    "script task": ("x", through(el("scriptTask", "x", "<bpmn:script>1</bpmn:script>"))),
    "business rule task": (
        "x",
        through(el("businessRuleTask", "x", "", '<zeebe:calledDecision decisionId="d" resultVariable="r"/>')),
    ),
    "complex gateway": ("x", through(el("complexGateway", "x"))),
    "conditional catch": ("x", through(el("intermediateCatchEvent", "x", CONDITION))),
    "conditional boundary": ("b", through(user("x"), boundary("b", "x", CONDITION), flows("b>e"))),
    "compensation": ("x", through(el("intermediateThrowEvent", "x", "<bpmn:compensateEventDefinition/>"))),
    "cancel": ("x", process(start(), end("x", "<bpmn:cancelEventDefinition/>"), flows("s>x"))),
    "transaction": ("x", through(el("transaction", "x", start("s1") + end("e1") + flows("s1>e1")))),
    "ad-hoc": ("x", through(el("adHocSubProcess", "x", user("i")))),
    "standard loop": ("x", through(user("x", LOOP))),
    "loopCardinality": ("x", through(user("x", CARDINALITY))),
    "condition after a task": ("x_e", process(start(), user("x"), end(), flows("s>x"), flow("x", "e", "1 = 1"))),
    "gateway without condition or default": (
        "x_b",
        process(
            start(),
            el("exclusiveGateway", "x"),
            user("a"),
            user("b"),
            end(),
            flows("s>x"),
            flow("x", "a", "k = 1"),
            flow("x", "b"),
            flows("a>e", "b>e"),
        ),
    ),
    "two flows out of a task": ("x", process(start(), user("x"), user("a"), end(), flows("s>x>e", "x>a>e"))),
    "two flows into one join": (
        "j",
        process(
            start(),
            el("exclusiveGateway", "f", default="f_j"),
            el("parallelGateway", "j"),
            end(),
            flows("s>f>j>e"),
            '<bpmn:sequenceFlow id="f_j2" sourceRef="f" targetRef="j">'
            "<bpmn:conditionExpression>=k = 1</bpmn:conditionExpression></bpmn:sequenceFlow>",
        ),
    ),
    "execution listener": ("x", through(user("x", ext=EXECUTION_LISTENER))),
    "task listener": ("x", through(user("x", ext=TASK_LISTENER))),
    "error that does not interrupt": (
        "b",
        through(
            sub("x", start("s1") + user("i") + end("e1") + flows("s1>i>e1")),
            boundary("b", "x", ref("error", "K"), interrupting=False),
            flows("b>e"),
            roots=root("error", "K"),
        ),
    ),
    "several definitions": (
        "x",
        through(el("intermediateCatchEvent", "x", after("PT1H") + ref("signal", "w")), roots=root("signal", "w")),
    ),
    "duplicate ids": ("x", process(start(), user("x"), user("x"), end(), flows("s>x>e"))),
    "id Start": ("Start", process(start("Start"), user("x"), end(), flows("Start>x>e"))),
    "id End": ("End", process(start(), user("x"), end("End"), flows("s>x>End"))),
    "id Root": ("Root", process(start(), user("Root"), end(), flows("s>Root>e"))),
    "id with a dot": ("x.y", process(start(), user("x.y"), end(), flows("s>x.y>e"))),
    "flow to nowhere": ("x_nowhere", process(start(), user("x"), end(), flows("s>x>e", "x>nowhere"))),
    "flow across a scope": (
        "s_i",
        process(
            start(), sub("x", start("s1") + user("i") + end("e1") + flows("s1>i>e1")), end(), flows("s>i", "x>e", "s>x")
        ),
    ),
    "not reached": ("y", through(user("x"), user("y"), flows("y>e"))),
    "calls itself": ("x", through(call("x", "p"))),
    "loop without a wait": (
        "g",
        process(
            start(),
            el("exclusiveGateway", "g", default="g_t"),
            el("task", "t"),
            end(),
            flows("s>g>t>g"),
            flow("g", "e", "k = 1"),
        ),
    ),
    "event gateway to a task": (
        "a",
        process(
            start(),
            el("eventBasedGateway", "x"),
            user("a"),
            el("intermediateCatchEvent", "c", after("PT1H")),
            end(),
            flows("s>x>a>e", "x>c>e"),
        ),
    ),
    "unknown operation": ("x", through(service("x", "no-such-operation"))),
    "user task without zeebe:userTask": (
        "x",
        through(el("userTask", "x", "", '<zeebe:assignmentDefinition candidateGroups="hr"/>')),
    ),
    "nobody's task": ("x", through(user("x", groups=None))),
    "unknown role": ("x", through(user("x", groups="direktør"))),
    "unknown form": ("x", through(user("x", form="no-such-form"))),
    "unknown process": ("x", through(call("x", "no-such-process"))),
    "input takes a host name": ("x", through(user("x", ins={"unit": "1"}))),
    "typename": ("x", through(user("x", ins={"typename": "1"}))),
    "two underscores": ("x", through(user("x", ins={"__a": "1"}))),
    "bad FEEL": ("x", through(user("x", ins={"a": "1 +"}))),
    "long FEEL": ("x", through(user("x", ins={"a": " + ".join(["1"] * 300)}))),
    "unknown function": ("x", through(user("x", ins={"a": "open(1)"}))),
    "boundary on a manual task": ("b", through(el("manualTask", "x"), boundary("b", "x", after("PT1H")), flows("b>e"))),
    "message without a key": ("x", through(el("receiveTask", "x", messageRef="message_m"), roots=root("message", "m"))),
    "two plain starts in an event sub-process' scope": (
        "sp",
        process(
            start(),
            sub(
                "sp",
                start("s1")
                + start("s2")
                + user("i")
                + end("e1")
                + flows("s1>i>e1", "s2>i")
                + sub("ev", el("startEvent", "es", after("PT1H")) + end("ee") + flows("es>ee"), event=True),
            ),
            end(),
            flows("s>sp>e"),
        ),
    ),
    "link to nowhere": (
        "x",
        process(start(), el("intermediateThrowEvent", "x", '<bpmn:linkEventDefinition name="borte"/>'), flows("s>x")),
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused_where_it_stands(house: House, what: str) -> None:
    element, drawn = REFUSED[what]
    with pytest.raises(Refused) as refused:
        house.publish(drawn)
    errors = [p for p in refused.value.problems if p["severity"] == "error"]
    assert element in {p["element"] for p in errors}, errors
    assert all(p["message"] and p["fix"] and p["rule"] and p["file"] for p in errors)
    status, _told = house.call("GET", "/processes/p/versions")
    assert status == 404 or not _told["items"]


def test_all_problems_of_all_files_come_at_once_and_nothing_is_published(house: House) -> None:
    with pytest.raises(Refused) as refused:
        house.publish(
            through(el("scriptTask", "x")), through(user("x", groups=None), id_="q"), through(user("x"), id_="fine")
        )
    assert {p["file"] for p in refused.value.problems if p["severity"] == "error"} == {"f0.bpmn", "f1.bpmn"}
    assert house.call("POST", "/instances", {"process": "fine", "subject": {}})[0] == 404


def test_more_than_three_hundred_elements_or_a_megabyte(house: House) -> None:
    ids = ["s", *(f"t{n}" for n in range(310)), "e"]
    with pytest.raises(Refused):
        house.publish(process(start(), *(el("task", i) for i in ids[1:-1]), end(), flows(">".join(ids))))
    with pytest.raises(Refused):
        house.publish(through(user("x", f"<bpmn:documentation>{'a' * 1_050_000}</bpmn:documentation>")))


def test_check_answers_the_same_listing_and_publishes_nothing(house: House) -> None:
    status, told = house.send("/processes/check", {"a.bpmn": through(el("scriptTask", "x"))})
    assert status == 200
    assert {p["element"] for p in told["problems"] if p["severity"] == "error"} == {"x"}


def test_a_form_that_says_what_no_form_may(house: House) -> None:
    for wrong in (
        form("f", field("unit navn")),
        form("f", field("a", "iframe")),
        form("f", field("a"), field("a")),
        b"{}",
        b"{",
    ):
        with pytest.raises(Refused):
            house.publish(wrong)
