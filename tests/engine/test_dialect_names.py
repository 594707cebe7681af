"""Names: what can exist where, what is refused, what is only doubted, and what must never be refused."""

from __future__ import annotations

import pytest

from engine.checking import SEND, asked, errors, found, mapped, task
from engine.drawing import (
    boundary,
    call,
    catch,
    doc,
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

M = message("m", "svar", "=unit.id")
GATE = gw("exclusive", "g", default="g_e2")


def asks(name: str, *before: str, path: str, top: str = "") -> bytes:
    """Something, then a gateway that reads a name."""
    return doc(start(), *before, GATE, end(), end("e2"), flows(f"s>{path}>g", f"g>e:={name} = 1", "g>e2"), top=top)


SHADOWING = [
    ("an input's local", "g_e", asks("lokal", mapped("x", "=1", "lokal"), path="x")),
    (
        "a sub-process's input",
        "g_e",
        asks("lokal", sub("x", start("s1"), end("e1"), flows("s1>e1"), ins=[("=1", "lokal")]), path="x"),
    ),
    (
        "an input's local in the boundary event",
        "b",
        doc(
            start(),
            mapped("x", "=deadline.talks", "frist"),
            boundary("b", "x", timer("=frist", "timeDate")),
            end(),
            flows("s>x>e", "b>e"),
        ),
    ),
]


@pytest.mark.parametrize(("element", "data"), [case[1:] for case in SHADOWING], ids=[c[0] for c in SHADOWING])
def test_an_input_may_shadow_what_the_instance_was_started_with(element: str, data: bytes) -> None:
    assert found(data) == [("name-elsewhere", element)]
    assert errors(data) == []


IMPOSSIBLE = [
    ("an item", "name-impossible", "g_e", asks("person_nr", task("x", mi("=[1]", "person_nr")), path="x")),
    ("an item's answer", "name-impossible", "g_e", asks("godkjent", asked("x", mi("=[1]", "p")), path="x")),
    (
        "an answer inside an item that is a sub-process",
        "name-impossible",
        "g_e",
        asks(
            "godkjent",
            sub("x", start("s1"), asked("i"), end("e1"), flows("s1>i>e1"), pre=mi("=[1]", "p")),
            path="x",
        ),
    ),
    ("the counter outside", "name-impossible", "g_e", asks("loopCounter", task("x", mi("=[1]", "p")), path="x")),
    (
        "a firing's number without a timer that repeats",
        "name-impossible",
        "g_e",
        asks("occurrence", task("x"), path="x"),
    ),
    (
        "a field that the mapping leaves out",
        "name-not-mapped",
        "g_e",
        asks("godkjent", asked("x", outs=[("=utfall", "resultat")]), path="x"),
    ),
    ("a letter too few", "name-misspelt", "g_e", asks("godkjnt", asked("x"), path="x")),
    ("two letters that changed places", "name-misspelt", "g_e", asks("gokdjent", asked("x"), path="x")),
    (
        "the key of a message without it in its payload",
        "name-unknown",
        "x",
        doc(start(), throw("x", ref("message", "m"), SEND), end(), flows("s>x>e"), top=message("m", "a", "=sak")),
    ),
    (
        "a timer start",
        "name-unknown",
        "s",
        doc(start("s", timer("=frist", "timeDate")), end(), flows("s>e")),
    ),
    (
        "a process that only a timer starts",
        "name-unknown",
        "g_e",
        doc(
            start("s", timer("R/P1D", "timeCycle")),
            GATE,
            end(),
            end("e2"),
            flows("s>g", "g>e:=tall = 1", "g>e2"),
        ),
    ),
]


@pytest.mark.parametrize(("rule", "element", "data"), [case[1:] for case in IMPOSSIBLE], ids=[c[0] for c in IMPOSSIBLE])
def test_a_name_that_cannot_exist_at_its_point_is_an_error(rule: str, element: str, data: bytes) -> None:
    assert errors(data) == [(rule, element)]


POSSIBLE = [
    ("an answer", asks("godkjent", asked("x"), path="x")),
    (
        "an answer of a task inside a sub-process",
        asks("godkjent", sub("x", start("s1"), asked("i"), end("e1"), flows("s1>i>e1")), path="x"),
    ),
    ("a mapping's target", asks("resultat", asked("x", outs=[("=utfall", "resultat")]), path="x")),
    ("an operation's output", asks("count", service("x", "start-units"), path="x")),
    ("the results of all items", asks("svar[1]", asked("x", mi("=[1]", "p", "svar", "=godkjent")), path="x")),
    ("an item in the item", asks("unit.id", task("x", mi("=[1]", "p"), ins=[("=p + loopCounter", "q")]), path="x")),
    (
        "an item inside a sub-process",
        asks(
            "unit.id",
            sub("x", start("s1"), mapped("i", "=p", "q"), end("e1"), flows("s1>i>e1"), pre=mi("=[1]", "p")),
            path="x",
        ),
    ),
    ("an input in what comes after it", asks("unit.id", task("x", ins=[("=1", "a"), ("=a + 1", "b")]), path="x")),
    (
        "an input inside a sub-process",
        asks(
            "unit.id",
            sub("x", start("s1"), mapped("i", "=lokal", "q"), end("e1"), flows("s1>i>e1"), ins=[("=1", "lokal")]),
            path="x",
        ),
    ),
    ("what a message may bring", asks("hva_som_helst", receive("x", "m"), path="x", top=M)),
    ("what a message may bring to a local name", asks("lokal", mapped("x", "=1", "lokal", "output"), path="x")),
    (
        "what is asked for",
        asks("is defined(noe)", task("x"), path="x").replace(b"is defined(noe) = 1", b"is defined(noe)"),
    ),
    ("an item's field in a filter", asks("count(liste[alder > 3])", mapped("x", "=[]", "liste", "output"), path="x")),
    ("a bound name", asks("sum(for x in [1, 2] return x)", task("x"), path="x")),
    ("what the host knows", asks("escalation.preparation[1]", task("x"), path="x")),
    ("a field in its own output", asks("b", asked("x", outs=[("=utfall", "a"), ("=a", "b")]), path="x")),
    (
        "completion counters",
        asks("unit.id", task("x", mi("=[1]", "p", until="=numberOfCompletedInstances > 1")), path="x"),
    ),
    (
        "payload for the key",
        doc(
            start(),
            throw(
                "x",
                ref("message", "m"),
                SEND + '<zeebe:ioMapping><zeebe:input source="=unit.id" target="sak"/></zeebe:ioMapping>',
            ),
            end(),
            flows("s>x>e"),
            top=message("m", "a", "=sak"),
        ),
    ),
    (
        "a firing's number",
        doc(
            start(),
            task("x"),
            boundary("b", "x", timer("R3/P1D", "timeCycle"), False),
            mapped("y", "=occurrence", "n"),
            end(),
            end("e2"),
            flows("s>x>e", "b>y>e2"),
        ),
    ),
    (
        "a firing's number of an event sub-process",
        doc(
            start(),
            task("x"),
            end(),
            flows("s>x>e"),
            event_sub(
                "es",
                timer("R3/P1D", "timeCycle"),
                mapped("y", "=occurrence", "n"),
                end("ee"),
                flows("es_s>y>ee"),
                interrupts=False,
            ),
        ),
    ),
    ("all that a called process gives", asks("noe", call("x", "child", up="true"), path="x")),
]


@pytest.mark.parametrize("data", [case[1] for case in POSSIBLE], ids=[case[0] for case in POSSIBLE])
def test_a_name_that_something_writes_is_accepted_without_a_word(data: bytes) -> None:
    assert found(data) == []


GIVEN = [
    (
        "read at once",
        asks("belop", path="")
        .replace(b'"s" targetRef=""', b'"s" targetRef="g"')
        .replace(b'<bpmn:sequenceFlow id="_g" sourceRef="" targetRef="g"></bpmn:sequenceFlow>', b""),
    ),
    ("a list to go through", doc(start(), task("x", mi("=personer", "p")), end(), flows("s>x>e"))),
    (
        "a start variable under the name of an input, passed on",
        doc(start(), mapped("x", "=sak", "sak"), mapped("y", "=sak", "sak"), end(), flows("s>x>y>e")),
    ),
    (
        "read before it is hidden by an input",
        doc(start(), mapped("x", "=sak", "nr"), mapped("y", '="fast"', "sak"), end(), flows("s>x>y>e")),
    ),
    (
        "read before and after it is hidden, in a loop",
        doc(
            start(),
            gw("exclusive", "m"),
            mapped("x", "=sak", "nr"),
            mapped("y", '="fast"', "sak"),
            gw("exclusive", "g", default="g_e"),
            end(),
            flows("s>m>x>y>g", "g>m:=unit.id = 1", "g>e"),
        ),
    ),
    ("one of two that look alike", asks("goal2", mapped("x", "=1", "goal1", "output"), path="x")),
    ("the plural of an item", doc(start(), task("x", mi("=items", "item")), end(), flows("s>x>e"))),
    (
        "alike, but read before it is written",
        doc(start(), mapped("x", "=godkjnt", "nr"), asked("y"), end(), flows("s>x>y>e")),
    ),
]


@pytest.mark.parametrize("data", [case[1] for case in GIVEN], ids=[case[0] for case in GIVEN])
def test_a_name_that_whoever_starts_the_process_may_bring_is_only_a_warning(data: bytes) -> None:
    assert errors(data) == []
    assert {rule for rule, _at in found(data)} == {"name-never-written"}


def test_where_a_message_may_bring_any_name_a_local_one_is_doubted_but_not_refused() -> None:
    data = asks("lokal", receive("r", "m"), mapped("x", "=1", "lokal"), path="r>x", top=M)
    assert found(data) == [("name-elsewhere", "g_e")]


def test_a_form_that_cannot_be_read_brings_no_doubt_about_its_fields() -> None:
    data = asks(
        "hva",
        user("x", ext='<zeebe:assignmentDefinition assignee="=person.id"/><zeebe:formDefinition formId="loose"/>'),
        path="x",
    )
    assert found(data) == []


def test_names_of_the_calendar_are_known() -> None:
    good = task("x", ext='<zeebe:taskSchedule dueDate="=deadline.action_plan"/>' + properties(phase="p"))
    assert found(doc(start(), good, catch("c", timer("=deadline.talks", "timeDate")), end(), flows("s>x>c>e"))) == []
