"""What is compiled of a diagram: elements, user tasks, starts, names; and what cannot be compiled."""

from __future__ import annotations

import pytest

from engine.drawing import (
    HEAD,
    call,
    catch,
    doc,
    el,
    end,
    flows,
    gw,
    io,
    message,
    mi,
    properties,
    ref,
    service,
    start,
    sub,
    timer,
    user,
)  # fmt: skip
from komp_flow.engine.errors import Refused
from komp_flow.engine.memory.program import StartEvent, UserTask
from komp_flow.engine.memory.program import compile as compiled


def test_user_tasks_tell_who_when_and_which_form() -> None:
    ext = (
        '<zeebe:assignmentDefinition candidateGroups="manager, hr" assignee="=unit.manager"/>'
        '<zeebe:formDefinition formId="areas"/>'
        '<zeebe:taskSchedule dueDate="=deadline.discussion" followUpDate="2027-01-01"/>'
        + properties(reminders="P7D,P0D", guidance="p2-s3")
    )
    p = compiled(doc(start(), user("u", ext=ext, name="Kartlegg"), end(), flows("s>u>e")), "v1")
    assert p.user_tasks == {
        "u": UserTask(
            element="u", name="Kartlegg", roles="manager, hr", assignee="=unit.manager", form_id="areas",
            due_date="=deadline.discussion", follow_up_date="2027-01-01", reminders="P7D,P0D", guidance="p2-s3",
        )
    }  # fmt: skip
    assert p.forms == {"areas"}
    assert (p.key, p.process_id, p.name) == ("v1", "p", "p")


def test_elements_know_their_scope_phase_and_documentation() -> None:
    inside = sub(
        "b", start("s2"), user("u", "<bpmn:documentation> Tekst </bpmn:documentation>"), end("e2"), flows("s2>u>e2")
    )
    x = doc(
        start(),
        sub("a", start("s1"), inside, end("e1"), flows("s1>b>e1"), ext=properties(phase="P2")),
        end(),
        flows("s>a>e"),
    )
    p = compiled(x, "v1")
    u = p.elements["u"]
    assert (u.kind, u.scope, u.phase, u.documentation) == ("userTask", ("a", "b"), "P2", "Tekst")
    assert p.elements["a"].phase == "P2"
    assert p.elements["s"].phase is None
    assert set(p.elements) == {"s", "a", "s1", "b", "s2", "u", "e2", "e1", "e"}


def test_starts_operations_and_calls() -> None:
    x = doc(
        start("s1", timer("R2/P1D", "timeCycle")), start("s2", ref("message", "m"), name="Ny"), start("s0"),
        start("s3", ref("signal", "g")), service("w", "notify"), call("c", "child"), end(),
        flows("s1>w", "s2>w", "s0>w", "s3>w", "w>c>e"), top=message("m", "go",
        "=k") + '<bpmn:signal id="g" name="sig"/>',
    )  # fmt: skip
    p = compiled(x, "v1")
    assert p.starts == (
        StartEvent("s1", "timer", timer="R2/P1D"), StartEvent("s2", "message", "Ny", "go", "=k"), StartEvent("s0",
        "none"),
        StartEvent("s3", "signal", name="sig"),
    )  # fmt: skip
    assert p.operations == {"notify"}
    assert p.calls == {"child"}


def test_names_are_all_that_expressions_read_and_mappings_write() -> None:
    x = doc(
        start(), user("u", mi("=folk", "hvem", "svar", "=ok"), ins=[("=a.b", "c")], outs=[("=d + 1", "f")]),
        gw("exclusive", "g", default="g_e"), catch("t", timer("=frist")), end(), end("e2"),
        flows("s>u>g", "g>e", "g>t:=x > 1 and some y in liste satisfies y = z", "t>e2"), top=message("m", "n",
        "=nokkel"),
    )  # fmt: skip
    p = compiled(x, "v1", extra_names=frozenset({"fra_skjema"}))
    assert p.names == {
        "folk", "hvem", "svar", "ok", "a", "c", "d", "f", "x", "liste", "z", "frist", "nokkel", "fra_skjema",
    }  # fmt: skip


def test_comments_processing_instructions_data_objects_lanes_and_colours_do_no_harm() -> None:
    x = doc(
        '<!-- c --><?pi x?><bpmn:laneSet><bpmn:lane id="l"><bpmn:flowNodeRef>u</bpmn:flowNodeRef></bpmn:lane>'
        "</bpmn:laneSet>",
        start(), user("u",
        '<!-- c --><bpmn:dataInputAssociation id="d"><bpmn:sourceRef>nix</bpmn:sourceRef></bpmn:dataInputAssociation>'),
        '<bpmn:dataObject id="do"/><bpmn:dataObjectReference id="dr" dataObjectRef="do"/>'
        '<bpmn:dataStoreReference id="ds"/>'
        '<bpmn:textAnnotation id="ta"><bpmn:text>=ikke kode</bpmn:text></bpmn:textAnnotation><bpmn:group id="gr"/>',
        end(), flows("s>u>e"),
    )  # fmt: skip
    assert set(compiled(x, "v1").elements) == {"s", "u", "e"}


def test_one_executable_pool_of_a_collaboration() -> None:
    text = doc(start(), user("u"), end(), flows("s>u>e")).decode()
    other = '<bpmn:process id="q"><bpmn:task id="t"/></bpmn:process>'
    pools = '<bpmn:collaboration id="k"><bpmn:participant id="x" processRef="p"/></bpmn:collaboration>'
    p = compiled(text.replace(HEAD, HEAD + pools + other).encode(), "v1")
    assert p.process_id == "p"
    assert "t" not in p.elements


@pytest.mark.parametrize(
    "xml",
    [
        b"", b"not xml", b"<a/>", b"<!DOCTYPE x><a/>", b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", b"\0\0",
        b"<a>" + b" " * 1_000_001 + b"</a>", doc(start(), pid="").replace(b' isExecutable="true"', b""),
        doc(start(), el("scriptTask", "x"), end(), flows("s>x>e")),
        doc(start(), el("complexGateway", "x"), end(), flows("s>x>e")),
        doc(start(), user("u"), end(), end("e2"), flows("s>u>e", "u>e2")),
        doc(start(), user("u"), flows("s>u>nix")),
        doc(start(), catch("c", '<bpmn:messageEventDefinition messageRef="nix"/>'), flows("s>c")),
        doc(start(), user("u", "<bpmn:multiInstanceLoopCharacteristics/>"), flows("s>u")),
        doc(start(), el("callActivity", "c"), flows("s>c")),
        doc(start(), el("intermediateThrowEvent", "t", '<bpmn:linkEventDefinition name="L"/>'), flows("s>t")),
        doc(start(), gw("exclusive", "g"), user("a"), user("b"), flows("s>g", "g>a", "g>b")),
    ],
)  # fmt: skip
def test_what_cannot_be_compiled_is_refused_with_a_reason(xml: bytes) -> None:
    with pytest.raises(Refused) as refused:
        compiled(xml, "v1")
    assert str(refused.value)


def test_a_chain_of_300_compiles() -> None:
    path = ">".join(f"w{n}" for n in range(300))
    p = compiled(
        doc(start(), *(service(f"w{n}", "x", ins=[("=1", "a")]) for n in range(300)), flows(f"s>{path}")), "v1"
    )
    assert len(p.elements) == 301


def test_expressions_that_are_no_feel_do_not_stop_the_compile() -> None:
    assert compiled(doc(start(), user("u", ins=[("=1 +", "a")]), end(ext=io()), flows("s>u>e")), "v1").names == {"a"}
