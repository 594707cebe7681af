"""What the dialect says runs, or is ignored, is never refused: a diagram for each, drawn as one would from the page."""

from __future__ import annotations

import pytest

from engine.checking import FORM, SEND, WHO, asked, errors, found, mapped, task
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
)

M = message("m", "svar", "=unit.id")
SIGNAL = '<bpmn:signal id="sg" name="nytt"/>'
UP = '<bpmn:escalation id="up" name="Opp" escalationCode="UP"/>'
TOP = M + SIGNAL + ERROR + UP
ANY_ERROR, ANY_ESCALATION = "<bpmn:errorEventDefinition/>", "<bpmn:escalationEventDefinition/>"
SENDS = '<zeebe:taskDefinition type="send-message"/>'
INSIDE = start("s1") + task("i") + end("e1") + flows("s1>i>e1")
HANDLED = task("h") + end("he") + flows("es_s>h>he")

HOSTS = {
    "user task": task("x"),
    "service task": service("x", "start-units"),
    "receive task": receive("x", "m"),
    "sub-process": sub("x", INSIDE),
    "call activity": call("x", "child"),
    "user task for each": task("x", mi("=[1]", "p")),
    "sub-process for each": sub("x", INSIDE, pre=mi("=[1]", "p", seq=True)),
}
TRIGGERS = {
    "timer": timer("P1D"),
    "message": ref("message", "m"),
    "signal": ref("signal", "sg"),
    "error": ref("error", "er"),
    "any error": ANY_ERROR,
    "escalation": ref("escalation", "up"),
    "any escalation": ANY_ESCALATION,
}


def line(*inner: str, path: str = "s>x>e", top: str = TOP) -> bytes:
    return doc(start(), *inner, end(), flows(path), top=top)


def on(host: str, trigger: str, interrupts: bool) -> bytes:
    event = boundary("b", "x", TRIGGERS[trigger], interrupts)
    return doc(start(), HOSTS[host], event, end(), end("e2"), flows("s>x>e", "b>e2"), top=TOP)


def ignored(extra: str, before: str = "") -> bytes:
    return doc(before, start(), task("x"), end(), flows("s>x>e"), extra, top=TOP)


RUNS: dict[str, bytes] = {
    "plain start": line(task("x")),
    "message start": doc(start("s", ref("message", "m")), end(), flows("s>e"), top=M),
    "message start without a key": doc(start("s", ref("message", "m")), end(), flows("s>e"), top=message("m", "svar")),
    "timer start": doc(start("s", timer("R/P1D", "timeCycle")), end(), flows("s>e")),
    "timer start with a start": doc(
        start("s", timer("R5/2027-01-01T08:00:00+01:00/P7D", "timeCycle")), end(), flows("s>e")
    ),
    "signal start": doc(start("s", ref("signal", "sg")), end(), flows("s>e"), top=SIGNAL),
    "several starts": doc(
        start(),
        start("s2", ref("message", "m")),
        start("s3", timer("2027-02-01", "timeDate")),
        task("x"),
        end(),
        flows("s>x>e", "s2>x", "s3>x"),
        top=M,
    ),
    "user task with a form and all dates": line(
        asked(
            "x",
            ext='<zeebe:taskSchedule dueDate="=deadline.talks" followUpDate="2027-02-01T08:00:00+01:00"/>'
            + properties(reminders="P7D, P1D, P0D", guidance="preparation", egen="noe"),
        )
    ),
    "due date on a day": line(task("x", ext='<zeebe:taskSchedule dueDate="2027-02-01"/>')),
    "due date from words": line(task("x", ext='<zeebe:taskSchedule dueDate="=add working days(today(), 5)"/>')),
    "no reminders": line(task("x", ext=properties(reminders="none"))),
    "several roles": line(task("x").replace("manager", "manager, hr,superior")),
    "roles from FEEL": line(task("x").replace('"manager"', '\'=if unit.id = "1" then ["hr"] else ["manager"]\'')),
    "assignee": line(user("x", ext='<zeebe:assignmentDefinition assignee="=person.id"/>')),
    "fixed assignee": line(user("x", ext='<zeebe:assignmentDefinition assignee="1001"/>')),
    "user task without a form": line(task("x")),
    "service task": line(service("x", "start-units", outs=[("=count", "antall")])),
    "service task with its input and headers": line(
        service(
            "x",
            "notify",
            ins=[("=unit.id", "to")],
            ext='<zeebe:taskHeaders><zeebe:header key="a" value="b"/></zeebe:taskHeaders>',
        )
    ),
    "business step": line(el("businessRuleTask", "x", ext='<zeebe:taskDefinition type="start-units"/>')),
    "send task that sends": line(el("sendTask", "x", ext=SENDS, messageRef="m")),
    "send task that names the message itself": line(el("sendTask", "x", ext=SENDS + io(ins=[('="nytt"', "name")]))),
    "send task that does something else": line(el("sendTask", "x", ext='<zeebe:taskDefinition type="start-units"/>')),
    "receive task": line(receive("x", "m", outs=[("=noe", "noe")])),
    "manual task": line(el("manualTask", "x")),
    "plain task": line(el("task", "x")),
    "exclusive gateway": doc(
        start(),
        gw("exclusive", "g", default="g_b"),
        task("a"),
        task("b"),
        gw("exclusive", "m"),
        end(),
        flows("s>g", "g>a:=unit.id = 1", "g>b", "a>m", "b>m", "m>e"),
    ),
    "exclusive gateway with one way": line(gw("exclusive", "x")),
    "two flows of a choice to the same task": doc(
        start(),
        gw("exclusive", "g", default="g_a"),
        task("a"),
        end(),
        flows("s>g", "g>a", "a>e") + flows("g>a:=unit.id = 1").replace("g_a", "other"),
    ),
    "parallel gateway": doc(
        start(),
        gw("parallel", "g"),
        task("a"),
        task("b"),
        gw("parallel", "j"),
        end(),
        flows("s>g", "g>a>j", "g>b>j", "j>e"),
    ),
    "inclusive gateway": doc(
        start(),
        gw("inclusive", "g", default="g_b"),
        task("a"),
        task("b"),
        gw("inclusive", "j"),
        end(),
        flows("s>g", "g>a:=unit.id = 1", "g>b", "a>j", "b>j", "j>e"),
    ),
    "event-based gateway": doc(
        start(),
        gw("eventBased", "g"),
        catch("a", ref("message", "m")),
        catch("b", timer("P1D")),
        catch("c", ref("signal", "sg")),
        end(),
        flows("s>g", "g>a>e", "g>b>e", "g>c>e"),
        top=TOP,
    ),
    "joins without a gateway and several ends": doc(
        start(),
        gw("parallel", "g"),
        task("a"),
        task("b"),
        task("c"),
        end(),
        end("e2"),
        flows("s>g", "g>a>c", "g>b>c", "c>e"),
    ).replace(b'<bpmn:endEvent id="e2"></bpmn:endEvent>', b""),
    "a loop with a task in it": doc(
        start(),
        gw("exclusive", "m"),
        asked("x"),
        gw("exclusive", "g", default="g_e"),
        end(),
        flows("s>m>x>g", "g>e", "g>m:=godkjent = false"),
    ),
    "a task that goes back to itself over a gateway": doc(
        start(), asked("x"), gw("exclusive", "g", default="g_x"), end(), flows("s>x>g", "g>x", "g>e:=godkjent = true")
    ),
    "a loop with a wait inside a sub-process": doc(
        start(),
        gw("exclusive", "m"),
        sub("x", INSIDE),
        gw("exclusive", "g", default="g_e"),
        end(),
        flows("s>m>x>g", "g>e", "g>m:=unit.id = 1"),
    ),
    "a loop with a timer in it": doc(
        start(),
        gw("exclusive", "m"),
        catch("x", timer("P1D")),
        gw("exclusive", "g", default="g_e"),
        end(),
        flows("s>m>x>g", "g>e", "g>m:=unit.id = 1"),
    ),
    "sub-process with mappings": line(sub("x", INSIDE, ins=[("=unit.id", "u")], outs=[("=u", "ut")])),
    "sub-processes inside each other": line(sub("x", start("s2"), sub("y", INSIDE), end("e2"), flows("s2>y>e2"))),
    "sub-process with a phase": line(sub("x", INSIDE, ext=properties(phase="preparation"))),
    "call activity": line(call("x", "child", ins=[("=unit.id", "u")], outs=[("=u", "ut")])),
    "throw: message": line(throw("x", ref("message", "m"), SEND + properties(keep="P60D"))),
    "throw: message kept with the cycle": line(throw("x", ref("message", "m"), SEND + properties(keep="cycle"))),
    "throw: a message that says for which unit": line(
        throw("x", ref("message", "m"), SEND + io(ins=[("=unit.id", "unit")]))
    ),
    "throw: signal": line(throw("x", ref("signal", "sg"))),
    "throw: escalation": line(throw("x", ref("escalation", "up"))),
    "throw: none": line(throw("x")),
    "catch: message": line(catch("x", ref("message", "m"), io(outs=[("=noe", "noe")]))),
    "catch: message with a fixed key": line(catch("x", ref("message", "m")), top=message("m", "svar", "alle")),
    "catch: timer": line(catch("x", timer("PT2H"))),
    "catch: signal": line(catch("x", ref("signal", "sg"))),
    "link": doc(
        start(),
        throw("x", '<bpmn:linkEventDefinition name="L"/>'),
        catch("c", '<bpmn:linkEventDefinition name="L"/>'),
        task("u"),
        end(),
        flows("s>x", "c>u>e"),
    ),
    "several links to one place": doc(
        start(),
        gw("parallel", "g"),
        throw("x", '<bpmn:linkEventDefinition name="L"/>'),
        throw("y", '<bpmn:linkEventDefinition name="L"/>'),
        catch("c", '<bpmn:linkEventDefinition name="L"/>'),
        end(),
        flows("s>g", "g>x", "g>y", "c>e"),
    ),
    "end: message": doc(start(), end("e", ref("message", "m"), SENDS), flows("s>e"), top=TOP),
    "end: signal": doc(start(), end("e", ref("signal", "sg")), flows("s>e"), top=TOP),
    "end: error": doc(start(), end("e", ref("error", "er")), flows("s>e"), top=TOP),
    "end: escalation": doc(start(), end("e", ref("escalation", "up")), flows("s>e"), top=TOP),
    "end: terminate": doc(start(), end("e", TERMINATE), flows("s>e")),
    "terminate in a sub-process beside an event sub-process": doc(
        start(),
        sub("x", start("s1"), end("t", TERMINATE), flows("s1>t")),
        end(),
        flows("s>x>e"),
        event_sub("es", timer("P1D"), HANDLED),
    ),
    "timer: date": line(catch("x", timer("2027-02-01", "timeDate"))),
    "timer: instant": line(catch("x", timer("2027-02-01T12:00:00+01:00", "timeDate"))),
    "timer: list": line(catch("x", timer('=[date("2027-02-01"), date("2027-03-01")]', "timeDate"))),
    "timer: ladder of the cycle": doc(
        start(),
        task("x"),
        boundary("b", "x", timer("=escalation.talks", "timeDate"), False),
        end(),
        end("e2"),
        flows("s>x>e", "b>e2"),
    ),
    "timer: FEEL": line(catch("x", timer('=now() + duration("P1D")', "timeDate"))),
    "timer: five years": line(catch("x", timer("P5Y"))),
    "timer: a hundred times": line(catch("x", timer("R100/PT1M", "timeCycle"))),
    "timer: without end": line(catch("x", timer("R/P1M", "timeCycle"))),
    "timer: months and hours": line(catch("x", timer("P1Y2M3DT4H5M6S"))),
    "timer: weeks": line(catch("x", timer("P2W"))),
    "for each: user task": line(task("x", mi("=[1, 2]", "p", "ut", "=p", until="=numberOfCompletedInstances = 1"))),
    "for each: in turn": line(service("x", "start-units", mi("=[1, 2]", "p", seq=True))),
    "for each: call": line(call("x", "child", mi("=[1, 2]", "p"), ins=[("=p", "u")])),
    "for each: receive": line(receive("x", "m", mi("=[1, 2]", "p")), top=message("m", "svar", "=p")),
    "for each: plain task": line(el("task", "x", mi("=[]", "p"))),
    "for each: 200": line(task("x", mi("=for i in 1..200 return i", "p"))),
    "mappings on everything": line(
        mapped("x", "=unit.id", "a"),
        throw("t", "", io(ins=[("=1", "q")])),
        catch("c", timer("P1D"), io(outs=[("=2", "r")])),
        path="s>x>t>c>e",
    ),
    "Norwegian names": line(task("x", ins=[("=1", "målnedbryting"), ("=målnedbryting + 1", "ønske_2")])),
    "300 elements": line(*(task(f"t{i}") for i in range(298)), path=f"s>{'>'.join(f't{i}' for i in range(298))}>e"),
    "lanes": ignored(
        "",
        '<bpmn:laneSet id="ls"><bpmn:lane id="l" name="Leder"><bpmn:flowNodeRef>x</bpmn:flowNodeRef>'
        '</bpmn:lane><bpmn:lane id="l2" name="Kantina"/></bpmn:laneSet>',
    ),
    "annotations, groups and associations": ignored(
        '<bpmn:textAnnotation id="ta"><bpmn:text>hei</bpmn:text></bpmn:textAnnotation><bpmn:group id="gr"/>'
        '<bpmn:association id="as" sourceRef="x" targetRef="ta"/>'
    ),
    "data": ignored(
        '<bpmn:dataObject id="do"/><bpmn:dataObjectReference id="dr" dataObjectRef="do"/>'
        '<bpmn:dataStoreReference id="ds"/>'
    ),
    "documentation and properties": ignored(
        "",
        "<bpmn:documentation>Om prosessen</bpmn:documentation><bpmn:extensionElements>"
        + properties(covers="P1.H")
        + '<zeebe:versionTag value="1.0"/></bpmn:extensionElements>',
    ),
    "a pool and its partner": (
        f'{HEAD}<bpmn:collaboration id="c"><bpmn:participant id="a" name="Vi" processRef="p"/><bpmn:participant id="b" '
        'name="De"/><bpmn:messageFlow id="mf" sourceRef="b" targetRef="x"/></bpmn:collaboration>'
    ).encode()
    + line(task("x"))[len(HEAD) :],
    "colours and shapes": line(task("x")).replace(
        b"</bpmn:definitions>",
        b'<d:BPMNDiagram xmlns:d="http://www.omg.org/spec/BPMN/20100524/DI" id="di">'
        b'<d:BPMNPlane id="pl" bpmnElement="p">'
        b'<d:BPMNShape id="sh" bpmnElement="borte" xmlns:c="http://www.omg.org/spec/BPMN/non-normative/color/1.0" '
        b'c:background-color="#fff"/></d:BPMNPlane></d:BPMNDiagram></bpmn:definitions>',
    ),
}


@pytest.mark.parametrize("name", sorted(RUNS))
def test_what_runs_or_is_ignored_passes_without_a_word(name: str) -> None:
    assert found(RUNS[name]) == []


@pytest.mark.parametrize("interrupts", [True, False])
@pytest.mark.parametrize("trigger", sorted(TRIGGERS))
@pytest.mark.parametrize("host", sorted(HOSTS))
def test_each_boundary_event_passes_on_each_host(host: str, trigger: str, interrupts: bool) -> None:
    refused = [("error-not-interrupting", "b")] if "error" in trigger and not interrupts else []
    assert errors(on(host, trigger, interrupts)) == refused


@pytest.mark.parametrize("interrupts", [True, False])
@pytest.mark.parametrize("trigger", sorted(TRIGGERS))
def test_each_event_sub_process_passes_in_a_process_and_in_a_sub_process(trigger: str, interrupts: bool) -> None:
    event = event_sub("es", TRIGGERS[trigger], HANDLED, interrupts=interrupts)
    refused = [("error-not-interrupting", "es_s")] if "error" in trigger and not interrupts else []
    assert errors(doc(start(), task("x"), end(), flows("s>x>e"), event, top=TOP)) == refused
    assert errors(line(sub("x", INSIDE, event))) == refused


def test_the_page_s_own_roles_are_all_known() -> None:
    roles = "manager superior deputy employee hr process_owner top_management union_rep measure_owner administrator"
    assert found(line(task("x").replace("manager", ",".join(roles.split())))) == []
    assert WHO
    assert FORM
