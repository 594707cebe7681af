"""Each rule of the dialect: a diagram that breaks it gets that rule, at that element, and no other error."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.checking import SEND, errors, found, mapped, problems, script, task
from engine.drawing import (
    ERROR,
    HEAD,
    TERMINATE,
    boundary,
    call,
    catch,
    doc,
    el,
    end,
    event_sub,
    flows,
    gw,
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
)
from komp_flow.engine.checks.around import Outline
from komp_flow.engine.checks.page import page
from komp_flow.engine.checks.rules import RULES

LINK = '<bpmn:linkEventDefinition name="L"/>'
SIGNAL = '<bpmn:signal id="sg" name="nytt"/>'
ESC = '<bpmn:escalation id="up" name="Opp" escalationCode="UP"/>'
M = message("m", "svar", "=unit.id")


def line(*inner: str, top: str = "", path: str = "s>x>e") -> bytes:
    """start → what is drawn → end."""
    return doc(start(), *inner, end(), flows(path), top=top)


def ext(inner: str) -> str:
    return f"<bpmn:extensionElements>{inner}</bpmn:extensionElements>"


def choice(*drawn: str, gateway: str = "exclusive", **attributes: object) -> bytes:
    """A gateway g to a and b."""
    return doc(start(), gw(gateway, "g", **attributes), task("a"), task("b"), end(), flows("s>g", *drawn, "a>e", "b>e"))


def looped(inner: str) -> bytes:
    return line(task("x", inner))


def with_loop(attributes: str) -> bytes:
    loop = f"<bpmn:multiInstanceLoopCharacteristics>{ext(f'<zeebe:loopCharacteristics {attributes}/>')}"
    return looped(loop + "</bpmn:multiInstanceLoopCharacteristics>")


def scheduled(attribute: str, text: str) -> bytes:
    return line(task("x", ext=f'<zeebe:taskSchedule {attribute}="{text}"/>'))


def timed(inner: str) -> bytes:
    return line(catch("x", f"<bpmn:timerEventDefinition>{inner}</bpmn:timerEventDefinition>"))


def for_(text: str, what: str = "timeDuration") -> bytes:
    return line(catch("x", timer(text, what)))


def thrown(inner: str, ext_: str = "", top: str = "") -> bytes:
    return line(throw("x", inner, ext_), top=top)


def ended(inner: str, ext_: str = "", top: str = "") -> bytes:
    return doc(start(), end("x", inner, ext_), flows("s>x"), top=top)


def caught(inner: str, top: str = "") -> bytes:
    return line(catch("x", inner), top=top)


def on(host: str, inner: str, top: str = "", interrupts: bool = True) -> bytes:
    return doc(start(), host, boundary("b", "x", inner, interrupts), end(), end("e2"), flows("s>x>e", "b>e2"), top=top)


def in_scope(*around: str, inside: str = "", **more: object) -> bytes:
    """An event sub-process beside a line."""
    body = inside or task("h") + end("he") + flows("es_s>h>he")
    return doc(*around, event_sub("es", timer("P1D"), body, **more))  # type: ignore[arg-type]


LINE = (start(), task("u"), end(), flows("s>u>e"))
BROKEN: list[tuple[str, str, bytes]] = [
    # the file
    ("empty-file", "", b""),
    ("too-large", "", b"<a>" + b" " * 1_000_000),
    ("encoding", "", b'<?xml version="1.0" encoding="utf-7"?>' + line(task("x"))),
    ("not-xml", "", line(task("x"))[:-5]),
    ("doctype", "", b"<!DOCTYPE x>" + line(task("x"))),
    ("too-deep", "", HEAD.encode() + b"<bpmn:group>" * 200),
    ("too-many-nodes", "", HEAD.encode() + b"<a/>" * 60_000),
    ("not-bpmn", "", b"<html><body/></html>"),
    ("no-process", "", HEAD.encode() + b"</bpmn:definitions>"),
    ("not-executable", "p", line(task("x")).replace(b' isExecutable="true"', b"")),
    (
        "several-executable",
        "q",
        line(task("x")).replace(
            b"</bpmn:definitions>",
            b'<bpmn:process id="q" isExecutable="true"><bpmn:startEvent id="s2"/><bpmn:endEvent id="e2"/>'
            b'<bpmn:sequenceFlow id="f2" sourceRef="s2" targetRef="e2"/></bpmn:process></bpmn:definitions>',
        ),
    ),
    # ids and elements
    ("id-missing", "p", line(task("x"), el("dataObject", "d"), task("y").replace(' id="y"', ""), path="s>x>e")),
    ("id-twice", "x", line(task("x"), el("textAnnotation", "x"))),
    ("id-reserved", "End", line(task("End"), path="s>End>e")),
    ("id-reserved", "a.b", line(task("a.b"), path="s>a.b>e")),
    ("id-reserved", "a[1]", line(task("a[1]"), path="s>a[1]>e")),
    ("id-too-long", "x" * 101, line(task("x" * 101), path=f"s>{'x' * 101}>e")),
    ("script-task", "x", line(script("x"))),
    ("business-rule-task", "x", line(el("businessRuleTask", "x"))),
    ("complex-gateway", "x", line(gw("complex", "x"))),
    ("transaction", "x", line(el("transaction", "x", start("t") + end("u") + flows("t>u")))),
    ("ad-hoc", "x", line(el("adHocSubProcess", "x", task("t")))),
    ("choreography", "x", line(el("choreographyTask", "x"))),
    (
        "conditional-event",
        "x",
        caught(
            "<bpmn:conditionalEventDefinition><bpmn:condition>=a</bpmn:condition></bpmn:conditionalEventDefinition>"
        ),
    ),
    ("compensation", "x", thrown("<bpmn:compensateEventDefinition/>")),
    ("compensation", "x", line(task("x", isForCompensation="true"))),
    ("cancel-event", "x", ended("<bpmn:cancelEventDefinition/>")),
    ("standard-loop", "x", looped("<bpmn:standardLoopCharacteristics/>")),
    (
        "loop-cardinality",
        "x",
        looped(
            mi("=[1]", "i").replace(
                "</bpmn:multiInstance", "<bpmn:loopCardinality>3</bpmn:loopCardinality></bpmn:multiInstance"
            )
        ),
    ),
    ("listener", "x", line(task("x", ext="<zeebe:executionListeners/>"))),
    ("listener", "x", line(task("x", ext="<zeebe:taskListeners/>"))),
    ("instantiate", "x", line(receive("x", "m").replace("messageRef", 'instantiate="true" messageRef'), top=M)),
    ("token-quantity", "x", line(task("x", startQuantity="2"))),
    ("definition-reference", "x", caught("<bpmn:eventDefinitionRef>t</bpmn:eventDefinitionRef>")),
    ("several-definitions", "x", caught(timer("P1D") + timer("P2D"))),
    ("boolean-invalid", "b", on(task("x"), timer("P1D")).replace(b'cancelActivity="true"', b'cancelActivity="1"')),
    ("element-unknown", "p", line(task("x"), el("robotTask", "y"))),
    ("element-unknown", "x", line(el("implicitThrowEvent", "x"))),
    (
        "element-misplaced",
        "y",
        line(task("x")).replace(b"</bpmn:definitions>", task("y").encode() + b"</bpmn:definitions>"),
    ),
    (
        "too-many-elements",
        "p",
        line(*(task(f"t{i}") for i in range(299)), path=f"s>{'>'.join(f't{i}' for i in range(299))}>e"),
    ),
    ("element-misplaced", "x", line(task("x", timer("P1D")))),
    # how it hangs together
    ("no-start", "p", doc(task("x"), end(), flows("x>e"))),
    ("two-plain-starts", "s2", doc(start(), start("s2"), task("x"), end(), flows("s>x>e", "s2>x"))),
    (
        "start-has-incoming",
        "s",
        doc(start(), gw("exclusive", "g", default="g_e"), task("x"), end(), flows("s>x>g", "g>e", "g>s:=unit.id = 1")),
    ),
    ("end-has-outgoing", "e", doc(start(), end(), task("x"), end("e2"), flows("s>e>x>e2"))),
    ("no-way-in", "y", doc(*LINE, task("y"), end("e2"), flows("y>e2"))),
    ("no-way-out", "x", doc(start(), task("x"), flows("s>x"))),
    ("unreachable", "y", doc(*LINE, task("y"), flows("y>y"))),
    ("flow-broken", "x_z", doc(start(), gw("parallel", "x"), end(), flows("s>x>e", "x>z"))),
    (
        "flow-across",
        "x_i",
        doc(
            start(),
            gw("parallel", "x"),
            end(),
            flows("s>x>e", "x>i"),
            sub("sp", start("s1"), task("i"), end("e1"), flows("s1>i>e1")),
            flows("x>sp", "sp>e"),
        ),
    ),
    ("several-outgoing", "x", doc(start(), task("x"), end(), end("e2"), flows("s>x>e", "x>e2"))),
    ("condition-misplaced", "x_e", doc(start(), task("x"), end(), flows("s>x", "x>e:=unit.id = 1"))),
    ("condition-missing", "g_b", choice("g>a:=unit.id = 1", "g>b")),
    ("default-elsewhere", "g", choice("g>a:=unit.id = 1", "g>b:=unit.id = 2", default="a_e")),
    (
        "two-flows-one-join",
        "j",
        doc(
            start(),
            gw("exclusive", "g", default="g_j"),
            gw("parallel", "j"),
            end(),
            flows("s>g", "g>j", "j>e"),
            flows("g>j:=unit.id = 1").replace("g_j", "g_j2"),
        ),
    ),
    (
        "event-gateway-target",
        "a",
        choice("g>a", "g>c", gateway="eventBased")
        .replace(
            b'<bpmn:userTask id="b"',
            catch("c", timer("P1D")).encode() + flows("c>e").encode() + b'<bpmn:userTask id="b"',
        )
        .replace(flows("b>e").encode(), b"")
        .replace(task("b").encode(), b""),
    ),
    ("boundary-not-attached", "b", on(task("x"), timer("P1D")).replace(b'attachedToRef="x"', b'attachedToRef="y"')),
    ("boundary-host", "b", on(el("manualTask", "x"), timer("P1D"))),
    (
        "boundary-has-incoming",
        "b",
        doc(
            start(),
            gw("parallel", "g"),
            task("x"),
            boundary("b", "x", timer("P1D")),
            end(),
            flows("s>g", "g>x>e", "g>b>e"),
        ),
    ),
    ("error-not-interrupting", "b", on(task("x"), ref("error", "er"), ERROR, interrupts=False)),
    ("event-kind", "x", caught("<bpmn:errorEventDefinition/>")),
    ("event-kind", "x", thrown("<bpmn:terminateEventDefinition/>")),
    ("event-kind", "s", doc(start("s", "<bpmn:errorEventDefinition/>"), end(), flows("s>e"))),
    ("definition-missing", "x", caught("")),
    ("definition-missing", "b", on(task("x"), "")),
    ("subprocess-start", "x", line(sub("x", start("s1", timer("P1D")), end("e1"), flows("s1>e1")))),
    (
        "subprocess-start",
        "x",
        line(
            sub("x", task("i"), end("e1"), flows("i>e1"), gw("exclusive", "g"), flows("g>i")),
        )
        .replace(flows("i>e1").encode() + el("endEvent", "e1").encode(), b"")
        .replace(gw("exclusive", "g").encode() + flows("g>i").encode(), b"")
        .replace(task("i").encode() + end("e1").encode() + flows("i>e1").encode(), b""),
    ),
    (
        "event-subprocess-start",
        "es",
        doc(*LINE, el("subProcess", "es", start("q") + end("r") + flows("q>r"), triggeredByEvent="true")),
    ),
    (
        "event-subprocess-scope",
        "es",
        in_scope(start(), start("s2", ref("signal", "sg")), task("u"), end(), flows("s>u>e", "s2>u")).replace(
            b"<bpmn:process", SIGNAL.encode() + b"<bpmn:process"
        ),
    ),
    ("event-subprocess-terminate", "e", in_scope(start(), task("u"), end("e", TERMINATE), flows("s>u>e"))),
    ("event-subprocess-terminate", "he", in_scope(*LINE, inside=end("he", TERMINATE) + flows("es_s>he"))),
    (
        "event-subprocess-flow",
        "es",
        in_scope(start(), task("u"), end(), gw("parallel", "g"), flows("s>u>g", "g>e", "g>es")),
    ),
    (
        "error-not-interrupting",
        "es_s",
        doc(*LINE, event_sub("es", ref("error", "er"), end("r"), flows("es_s>r"), interrupts=False), top=ERROR),
    ),
    ("link-no-name", "x", doc(start(), throw("x", "<bpmn:linkEventDefinition/>"), flows("s>x"))),
    ("link-no-target", "x", doc(start(), throw("x", LINK), flows("s>x"))),
    (
        "link-two-targets",
        "d",
        doc(start(), throw("x", LINK), catch("c", LINK), catch("d", LINK), end(), flows("s>x", "c>e", "d>e")),
    ),
    (
        "loop-without-wait",
        "g",
        doc(
            start(),
            gw("exclusive", "g", default="g_h"),
            gw("exclusive", "h", default="h_g"),
            end(),
            flows("s>g", "g>h", "h>g", "h>e:=unit.id = 1", "g>e:=unit.id = 2"),
        ),
    ),
    # who
    ("not-zeebe-user-task", "x", line(task("x").replace("<zeebe:userTask/>", ""))),
    ("who-missing", "x", line(user("x"))),
    ("role-unknown", "x", line(task("x").replace("manager", "sjefen"))),
    ("role-unknown", "x", line(task("x").replace("manager", "=[&quot;manager&quot;, &quot;sjefen&quot;]"))),
    ("form-unknown", "x", line(task("x", ext='<zeebe:formDefinition formId="nix"/>'))),
    ("form-unsupported", "x", line(task("x", ext='<zeebe:formDefinition formKey="camunda-forms:x"/>'))),
    ("due-date-invalid", "x", scheduled("dueDate", "i morgen")),
    ("due-date-invalid", "x", scheduled("followUpDate", "2027-13-01")),
    ("reminders-invalid", "x", line(task("x", ext=properties(reminders="P7D, snart")))),
    ("guidance-invalid", "x", line(task("x", ext=properties(guidance="se her!")))),
    # what elements refer to
    ("operation-missing", "x", line(el("serviceTask", "x"))),
    (
        "operation-missing",
        "x",
        line(
            el("serviceTask", "x").replace(
                "<bpmn:serviceTask", '<bpmn:serviceTask xmlns:c="http://camunda.org/schema/1.0/bpmn" c:class="no.Kjor"'
            )
        ),
    ),
    ("operation-unknown", "x", line(service("x", "brew-coffee"))),
    ("operation-dynamic", "x", line(service("x", "=what"))),
    ("operation-input-missing", "x", line(service("x", "notify"))),
    ("message-missing", "x", caught(ref("message", "nix"))),
    ("message-missing", "x", line(el("receiveTask", "x"))),
    ("message-name", "m", caught(ref("message", "m"), top=message("m", "=navn", "=unit.id"))),
    ("correlation-missing", "x", caught(ref("message", "m"), top=message("m", "svar"))),
    ("correlation-missing", "x", line(receive("x", "m"), top=message("m", "svar"))),
    ("throw-operation", "x", thrown(ref("message", "m"), top=M)),
    ("throw-operation", "x", line(el("sendTask", "x", messageRef="m"), top=M)),
    ("signal-missing", "x", caught(ref("signal", "nix"))),
    ("signal-name", "sg", caught(ref("signal", "sg"), top='<bpmn:signal id="sg"/>')),
    ("error-missing", "x", ended("<bpmn:errorEventDefinition/>")),
    ("error-missing", "b", on(task("x"), ref("error", "nix"))),
    ("error-code", "er", ended(ref("error", "er"), top='<bpmn:error id="er" name="Nei"/>')),
    ("escalation-missing", "x", thrown("<bpmn:escalationEventDefinition/>")),
    ("escalation-code", "up", thrown(ref("escalation", "up"), top='<bpmn:escalation id="up" escalationCode="=a"/>')),
    ("keep-invalid", "x", thrown(ref("message", "m"), SEND + properties(keep="lenge"), top=M)),
    ("timer-kind", "x", timed("")),
    ("timer-kind", "x", timed("<bpmn:timeDate>2027-01-01</bpmn:timeDate><bpmn:timeDuration>P1D</bpmn:timeDuration>")),
    *[
        ("timer-invalid", "x", data)
        for data in (
            for_("P9999999Y"),
            for_("R/PT0S", "timeCycle"),
            for_("R101/P1D", "timeCycle"),
            for_("R5/PT30S", "timeCycle"),
            for_("P6Y"),
            for_("0 0 9 * * ?", "timeCycle"),
            for_("P"),
            for_("2027-02-30", "timeDate"),
            for_("2199-01-01", "timeDate"),
            for_('="R/PT0S"', "timeCycle"),
            for_('=@"P6Y"'),
            for_("=[1, 2]", "timeDate"),
            for_("-P1D"),
            for_("=true"),
        )
    ],
    ("call-missing", "x", line(el("callActivity", "x", calledElement="child"))),
    ("call-dynamic", "x", line(call("x", "=hvilken"))),
    ("call-unknown", "x", line(call("x", "nix"))),
    ("call-recursive", "x", line(call("x", "p"))),
    ("call-recursive", "x", line(call("x", "ring"))),
    # data
    ("mi-collection", "x", looped("<bpmn:multiInstanceLoopCharacteristics/>")),
    ("mi-collection", "x", looped(mi("=3", "i"))),
    ("feel-expected", "x", looped(mi("folk", "i"))),
    ("mi-too-many", "x", looped(mi("=for i in 1..201 return i", "i"))),
    ("mi-output", "x", with_loop('inputCollection="=[1]" outputCollection="ut"')),
    ("mi-misplaced", "x", line(el("intermediateThrowEvent", "x", mi("=[1]", "i")))),
    ("mi-behavior", "x", looped(mi("=[1]", "i").replace("isSequential", 'behavior="One" isSequential'))),
    ("feel-invalid", "x", line(mapped("x", "=1 +", "a"))),
    ("feel-invalid", "x", line(mapped("x", "=" + "a" * 501, "a"))),
    ("feel-invalid", "x", scheduled("dueDate", "=date(")),
    ("feel-invalid", "m", caught(ref("message", "m"), top=message("m", "svar", "=unit."))),
    ("feel-invalid", "g_a", choice("g>a:=unit.id =", "g>b", default="g_b")),
    ("feel-expected", "g_a", choice("g>a:unit.id = 1", "g>b", default="g_b")),
    ("name-reserved", "x", line(mapped("x", "=1", "cycle"))),
    ("name-reserved", "x", line(mapped("x", "=1", "__x"))),
    ("name-reserved", "x", line(mapped("x", "=1", "typename", "output"))),
    ("name-reserved", "x", looped(mi("=[1]", "unit"))),
    ("name-invalid", "x", line(mapped("x", "=1", "a.b"))),
    ("name-invalid", "x", line(mapped("x", "=1", "to ord"))),
    ("name-invalid", "x", line(mapped("x", "=1", "if"))),
    ("mapping-incomplete", "x", line(mapped("x", "", "a"))),
    (
        "mapping-misplaced",
        "g",
        doc(
            start(),
            el(
                "exclusiveGateway",
                "g",
                ext=('<zeebe:ioMapping><zeebe:input source="=1" target="a"/></zeebe:ioMapping>'),
            ),
            end(),
            flows("s>g>e"),
        ),
    ),
]


@pytest.mark.parametrize(
    ("rule", "element", "data"), BROKEN, ids=[f"{n} {rule} {at[:9]}" for n, (rule, at, _) in enumerate(BROKEN)]
)
def test_what_breaks_a_rule_is_refused_where_it_stands(rule: str, element: str, data: bytes) -> None:
    assert errors(data) == [(rule, element)]


DOUBTFUL: list[tuple[str, str, bytes]] = [
    ("name-too-long", "x", line(task("x", name="n" * 201))),
    (
        "foreign-extension",
        "",
        line(task("x")).replace(
            b"targetNamespace", b'xmlns:c="http://camunda.org/schema/1.0/bpmn" c:x="1" targetNamespace'
        ),
    ),
    (
        "foreign-platform",
        "",
        line(task("x")).replace(
            b"targetNamespace",
            b'xmlns:m="http://camunda.org/schema/modeler/1.0" m:executionPlatform="Camunda Platform" targetNamespace',
        ),
    ),
    ("extension-unknown", "x", line(task("x", ext="<zeebe:adHoc/>"))),
    ("default-missing", "g", choice("g>a:=unit.id = 1", "g>b:=unit.id = 2")),
    ("default-has-condition", "g_b", choice("g>a:=unit.id = 1", "g>b:=unit.id = 2", default="g_b")),
    ("never-ends", "s", doc(start(), gw("exclusive", "g"), task("x"), flows("s>g>x>g"))),
    (
        "caught-twice",
        "b2",
        doc(
            start(),
            task("x"),
            boundary("b", "x", ref("signal", "sg")),
            boundary("b2", "x", ref("signal", "sg")),
            end(),
            flows("s>x>e", "b>e", "b2>e"),
            top=SIGNAL,
        ),
    ),
    ("candidate-users", "x", line(task("x").replace("candidateGroups", 'candidateUsers="u1" candidateGroups'))),
    (
        "lane-contradicts",
        "x",
        line(
            '<bpmn:laneSet id="ls"><bpmn:lane id="l" name="HR"><bpmn:flowNodeRef>x</bpmn:flowNodeRef>'
            "</bpmn:lane></bpmn:laneSet>" + task("x")
        ),
    ),
    ("reminders-without-due", "x", line(task("x", ext=properties(reminders="P7D")))),
    ("operation-input-unknown", "x", line(service("x", "notify", ins=[("=1", "to"), ("=1", "farge")]))),
    ("error-never-thrown", "b", on(service("x", "start-units"), ref("error", "er"), ERROR)),
    ("timer-kind-differs", "x", for_("R2/P1D")),
    ("timer-kind-differs", "x", for_("P14D", "timeDate")),
    (
        "start-twice",
        "s2",
        doc(start("s", ref("signal", "sg")), start("s2", ref("signal", "sg")), end(), flows("s>e", "s2>e"), top=SIGNAL),
    ),
    ("deadline-unknown", "x", scheduled("dueDate", "=deadline.diskusjon")),
    ("name-never-written", "g_a", choice("g>a:=belop > 3", "g>b", default="g_b")),
]


@pytest.mark.parametrize(("rule", "element", "data"), DOUBTFUL, ids=[rule for rule, _, _ in DOUBTFUL])
def test_what_is_doubtful_is_a_warning_where_it_stands_and_can_be_published(
    rule: str, element: str, data: bytes
) -> None:
    assert errors(data) == []
    assert found(data) == [(rule, element)]


def test_all_problems_of_a_file_are_listed_at_once() -> None:
    data = line(script("a"), service("b", "brew-coffee"), user("c"), path="s>a>b>c>e")
    assert errors(data) == [("operation-unknown", "b"), ("script-task", "a"), ("who-missing", "c")]


def test_a_file_without_an_executable_process_is_checked_as_if_it_were_one() -> None:
    data = line(script("x")).replace(b' isExecutable="true"', b"")
    assert errors(data) == [("not-executable", "p"), ("script-task", "x")]


def test_a_pool_that_is_not_executable_is_not_checked() -> None:
    other = f'<bpmn:process id="q">{script("q1")}</bpmn:process></bpmn:definitions>'
    assert found(line(task("x")).replace(b"</bpmn:definitions>", other.encode())) == []


def test_sub_processes_may_not_be_nested_endlessly() -> None:
    inner = start("s0") + task("x") + end("e0") + flows("s0>x>e0")
    for n in range(1, 23):
        inner = start(f"s{n}") + sub(f"n{n}", inner) + end(f"e{n}") + flows(f"s{n}>n{n}>e{n}")
    assert errors(doc(inner)) == [("nested-too-deep", "n2")]


def test_a_call_to_a_process_beside_it_knows_its_starts_its_wants_and_its_calls() -> None:
    data = line(call("x", "beside", ins=[("=1", "a")]))
    beside = {"beside": Outline(process="beside", wants=frozenset({"a", "b"}))}
    assert found(data, others=beside) == [("call-gives-nothing", "x")]
    beside = {"beside": Outline(process="beside", has_plain_start=False)}
    assert errors(data, others=beside) == [("call-no-plain-start", "x")]
    beside = {"beside": Outline(process="beside", calls=frozenset({"third"})), "third": Outline(calls=frozenset({"p"}))}
    assert errors(data, others=beside) == [("call-recursive", "x")]
    assert "p → beside → third → p" in problems(data, others=beside)[0].message


def test_a_loop_over_a_call_that_never_waits_is_a_loop_without_wait() -> None:
    data = doc(
        start(),
        gw("exclusive", "m"),
        call("x", "beside"),
        gw("exclusive", "g", default="g_e"),
        end(),
        flows("s>m>x>g", "g>e", "g>m:=unit.id = 1"),
    )
    assert errors(data, others={"beside": Outline(process="beside", waits=False)}) == [("loop-without-wait", "m")]
    assert errors(data, others={"beside": Outline(process="beside", waits=True)}) == []


def test_a_loop_through_a_join_that_needs_a_token_from_outside_is_not_endless() -> None:
    data = doc(
        start(),
        gw("parallel", "f"),
        task("u"),
        gw("parallel", "j"),
        gw("exclusive", "m"),
        gw("exclusive", "g", default="g_e"),
        end(),
        flows("s>f", "f>u>j", "f>m>j", "j>g", "g>e", "g>m:=unit.id = 1"),
    )
    assert errors(data) == []


def test_messages_are_said_in_the_language_of_the_reader_and_name_what_is_wrong() -> None:
    (problem,) = problems(line(service("x", "brew-coffee")))
    assert "brew-coffee" in problem.message
    assert "start-units" in problem.fix


def test_every_rule_has_a_diagram_that_breaks_it() -> None:
    here = {rule for rule, _at, _data in (*BROKEN, *DOUBTFUL)}
    elsewhere = {
        "nested-too-deep", "call-gives-nothing", "call-no-plain-start",  # above
        "name-impossible", "name-not-mapped", "name-misspelt", "name-unknown", "name-elsewhere",  # test_dialect_names
        "unknown-file", "unreadable", "process-twice", "form-twice", "too-slow", "too-much-memory", "check-failed",
        "too-many-problems", "cannot-compile",  # test_dialect_files
    }  # fmt: skip
    assert here | elsewhere == set(RULES)
    assert not here & elsewhere


def test_the_page_of_rules_is_the_code_s() -> None:
    text = (Path(__file__).parents[2] / "docs" / "dialect.md").read_text(encoding="utf-8")
    assert text.endswith("\n" + page()), "run python -m komp_flow.engine.checks docs/dialect.md"
