"""A drawing from any tool is asked what it does not say; answered, it runs, and all else stands as it was written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from lxml import etree

from diagrams.surroundings import PROCESSES, shipped_words
from komp_flow import engine, operations
from komp_flow.diagrams.answers import answered
from komp_flow.diagrams.keeping import kept
from komp_flow.diagrams.naming import names_at
from komp_flow.diagrams.questions import Choices, Question, questions
from komp_flow.diagrams.words import FieldWords, FormWords, Words
from komp_flow.engine import Known, Problem, SourceFile
from komp_flow.engine.memory import program
from komp_flow.errors import Invalid

HELP = FormWords("Hjelp", {"help": FieldWords("help", "Trenger enheten hjelp?", "radio", {"yes": "Ja", "no": "Nei"})})
AROUND = Words(forms={"help": HELP}, processes={"talk": "Samtalen"})
KNOWN = Known(
    processes=frozenset({"talk"}),
    forms=frozenset({"help"}),
    form_keys={"help": frozenset({"help"})},
    operations=operations.registry(),
)
CHOICES = Choices(AROUND, dict(operations.registry()))

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!-- drawn elsewhere -->\n'
    '<b:definitions xmlns:b="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:acme="http://acme.example/x" id="d" '
    'targetNamespace="http://t" exporter="Acme" acme:v="1">'
)
CONCEPTUAL = (
    HEAD
    + """
  <b:collaboration id="c"><b:participant id="pool" name="Enheten" processRef="p"/>
    <b:participant id="out" name="Verden"/>
    <b:messageFlow id="mf" sourceRef="out" targetRef="wait"/></b:collaboration>
  <b:process id="p" isExecutable="false">
    <b:laneSet id="ls"><b:lane id="l" name="Leder"><b:flowNodeRef>look</b:flowNodeRef></b:lane></b:laneSet>
    <b:startEvent id="s"/>
    <b:task id="look" name="Se på behovet"><b:extensionElements><acme:cost v="3"/></b:extensionElements></b:task>
    <b:userTask id="ask" name="Spør om hjelp"/>
    <b:exclusiveGateway id="gw" name="Trengs hjelp?"/>
    <b:serviceTask id="tell" name="Si fra" implementation="##WebService"/>
    <b:intermediateCatchEvent id="wait" name="Svar kommer">
      <b:messageEventDefinition id="md"/></b:intermediateCatchEvent>
    <b:boundaryEvent id="late" name="For sent" attachedToRef="ask" cancelActivity="false">
      <b:timerEventDefinition id="td"/></b:boundaryEvent>
    <b:scriptTask id="sc" name="Regn" scriptFormat="groovy"><b:script>a = 1</b:script></b:scriptTask>
    <b:callActivity id="call" name="Ta samtalen"/>
    <b:endEvent id="e"/><b:endEvent id="e2"/>
    <b:sequenceFlow id="f1" sourceRef="s" targetRef="look"/>
    <b:sequenceFlow id="f2" sourceRef="look" targetRef="ask"/>
    <b:sequenceFlow id="f3" sourceRef="ask" targetRef="gw"/>
    <b:sequenceFlow id="yes" name="ja" sourceRef="gw" targetRef="tell">
      <b:conditionExpression xsi:type="b:tFormalExpression" language="java"
      >${help == 'yes'}</b:conditionExpression></b:sequenceFlow>
    <b:sequenceFlow id="no" name="nei" sourceRef="gw" targetRef="e"/>
    <b:sequenceFlow id="f4" sourceRef="tell" targetRef="wait"/>
    <b:sequenceFlow id="f5" sourceRef="wait" targetRef="sc"/>
    <b:sequenceFlow id="f6" sourceRef="sc" targetRef="call"/>
    <b:sequenceFlow id="f7" sourceRef="call" targetRef="e2"/>
    <b:sequenceFlow id="f8" sourceRef="late" targetRef="e2"/>
  </b:process>
</b:definitions>
"""
).encode()

TRANSACTION = (
    '<b:transaction id="x"><b:startEvent id="s1"/><b:endEvent id="e1"/>'
    '<b:sequenceFlow id="g" sourceRef="s1" targetRef="e1"/></b:transaction>'
)


def errors(data: bytes) -> list[Problem]:
    return [one for one in engine.check([SourceFile("p.bpmn", data)], KNOWN) if one.severity == "error"]


def asked(data: bytes) -> list[Question]:
    return questions(data, engine.check([SourceFile("p.bpmn", data)], KNOWN), CHOICES)


def by_kind(question: Question) -> list[str]:
    """What somebody would answer who knows the process."""
    given: dict[str, list[str]] = {
        "process": ["p"],
        "who": ["role:manager"],
        "form": ["help"],
        "when": ["10"],
        "which": ["otherwise"] if question.element == "no" else ['=help = "yes"'],
        "operation": ["operation:notify"],
        "time": ["5"],
        "message": ["svar"],
        "key": ["=unit.id"],
        "call": ["talk"],
        "input": ["manager"],
    }
    return given[question.kind]


def answered_through(data: bytes, give: Callable[[Question], list[str]] = by_kind) -> tuple[bytes, int]:
    """All answered, round after round, until nothing is asked."""
    for number in range(6):
        open_ = asked(data)
        if not open_:
            return data, number
        data = answered(data, open_, {question.id: give(question) for question in open_})
    raise AssertionError([question.id for question in asked(data)])


@pytest.mark.parametrize("path", PROCESSES, ids=lambda path: path.stem)
def test_a_diagram_that_runs_is_asked_nothing(path) -> None:  # type: ignore[no-untyped-def]
    known = Choices(shipped_words(), dict(operations.registry()))
    files = [SourceFile(one.name, one.read_bytes()) for one in PROCESSES]
    problems = [one for one in engine.check(files, Known(operations=operations.registry())) if one.file == path.name]
    assert [one for one in questions(path.read_bytes(), problems, known) if one.kind not in ("form", "call")] == []


def test_a_conceptual_drawing_is_asked_who_when_which_and_runs_when_it_is_answered() -> None:
    first = {question.kind for question in asked(CONCEPTUAL)}
    assert {"process", "who", "when", "form", "which", "operation", "time", "message", "call"} <= first
    done, rounds = answered_through(CONCEPTUAL)
    assert errors(done) == []
    assert rounds <= 4
    assert set(program.compile(done, "x").user_tasks) == {"look", "ask", "sc"}


def test_a_question_says_where_on_the_drawing_it_lies_and_shows_what_another_tool_wrote() -> None:
    found = {question.id: question for question in asked(CONCEPTUAL)}
    assert "«Leder»" in found["who:look"].why
    assert "a = 1" in found["who:sc"].why
    assert "${help == 'yes'}" in found["which:yes"].why


def test_the_answers_of_the_forms_before_a_gateway_are_offered_for_each_way() -> None:
    data = answered(CONCEPTUAL, asked(CONCEPTUAL), {"form:ask": ["help"], "process": ["p"]})
    which = next(question for question in asked(data) if question.id == "which:yes")
    assert [option.label for option in which.options] == [
        "«Trenger enheten hjelp?» er «Ja»", "«Trenger enheten hjelp?» er «Nei»", "i alle andre tilfeller",
    ]  # fmt: skip


def test_answers_change_only_what_they_say() -> None:
    def lines(data: bytes) -> Counter[str]:
        return Counter(
            f"{one.tag} {sorted((str(k), str(v)) for k, v in one.attrib.items())} {(one.text or '').strip()}"
            for one in etree.fromstring(data).iter()
        )

    done = answered(CONCEPTUAL, asked(CONCEPTUAL), {"when:ask": ["3"]})
    assert not lines(CONCEPTUAL) - lines(done)
    assert len(list((lines(done) - lines(CONCEPTUAL)).elements())) == 2  # the extensions, and the schedule in them
    assert b"<!-- drawn elsewhere -->" in done


def test_a_script_that_no_longer_runs_is_kept_as_documentation() -> None:
    done = answered(CONCEPTUAL, asked(CONCEPTUAL), {"who:sc": ["role:hr"]})
    task = etree.fromstring(done).find(".//{*}userTask[@id='sc']")
    assert task is not None
    assert task.findtext("{*}documentation") == "a = 1"
    assert task.find("{*}script") is None


def test_a_task_that_passes_by_itself_is_not_asked_about_again() -> None:
    done = answered(CONCEPTUAL, asked(CONCEPTUAL), {"who:look": ["nobody"]})
    assert "who:look" not in {question.id for question in asked(done)}


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ({"when:ask": ["mange"]}, "when:ask"),
        ({"when:ask": ["-1"]}, "when:ask"),
        ({"when:ask": ["1001"]}, "when:ask"),
        ({"when:ask": ["2,5"]}, "when:ask"),
        ({"who:look": ["role:manager", "nobody"]}, "who:look"),
        ({"who:look": ["kongen"]}, "who:look"),
        ({"which:yes": ["=help = "]}, "which:yes"),
        ({"message:wait": ["=x"]}, "message:wait"),
        ({"nothing:here": ["x"]}, "nothing:here"),
        ({"which:yes": ["otherwise"], "which:no": ["otherwise"]}, "which:no"),
        ({"message:wait": ["x" * 501]}, "message:wait"),
    ],
)
def test_an_answer_that_cannot_be_is_named_and_nothing_is_put_in(answers: dict[str, list[str]], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        answered(CONCEPTUAL, asked(CONCEPTUAL), answers)
    assert [error.field for error in refused.value.fields] == [field]


@pytest.mark.parametrize(
    ("inside", "answer"),
    [
        ('<b:complexGateway id="x"/>', "parallelGateway"),
        (TRANSACTION, "yes"),
        ('<b:businessRuleTask id="x" name="Regel"/>', "role:hr"),
        ('<b:sendTask id="x" name="Send"/>', "operation:notify"),
        ('<b:receiveTask id="x" name="Motta"/>', "svar"),
        ('<b:intermediateThrowEvent id="x"><b:signalEventDefinition id="d1"/></b:intermediateThrowEvent>', "varsel"),
        ('<b:intermediateCatchEvent id="x"/>', "timer"),
        ('<b:manualTask id="x"><b:standardLoopCharacteristics id="l1"/></b:manualTask>', "3"),
    ],
)  # fmt: skip
def test_what_is_not_run_as_it_is_drawn_is_asked_about_until_it_runs(inside: str, answer: str) -> None:
    flows = '<b:sequenceFlow id="f1" sourceRef="s" targetRef="x"/><b:sequenceFlow id="f2" sourceRef="x" targetRef="e"/>'
    nodes = f'<b:startEvent id="s"/>{inside}<b:endEvent id="e"/>'
    text = f'{HEAD}<b:process id="p" isExecutable="true">{nodes}{flows}</b:process></b:definitions>'

    def give(question: Question) -> list[str]:
        if question.kind in ("when", "time"):
            return ["4"]
        if question.kind == "form":
            return ["none"]
        if question.kind == "key":
            return ["=unit.id"]
        if question.kind == "input":
            return ["manager"]
        return [answer]

    done, _rounds = answered_through(text.encode(), give)
    assert errors(done) == []


def test_the_names_at_a_point_are_those_that_are_written_where_it_can_see() -> None:
    data, _rounds = answered_through(CONCEPTUAL)
    found = {name.name: name for name in names_at(data, "gw", KNOWN, AROUND)}
    assert found["help"].type == "radio"
    assert "Trenger enheten hjelp?" in found["help"].sentence
    assert names_at(data, "nowhere", KNOWN, AROUND) == []


def test_what_an_editor_cannot_hold_is_put_back_and_what_was_removed_stays_removed() -> None:
    odd = CONCEPTUAL.replace(
        b'<b:startEvent id="s"/>',
        b'<!-- here --><acme:note t="1"/><b:startEvent id="s"><b:outgoing>gone</b:outgoing></b:startEvent>',
    )
    root = etree.fromstring(odd, etree.XMLParser(remove_comments=True))
    for tag in ("{http://acme.example/x}note", "{*}outgoing"):
        lost = root.find(f".//{tag}")
        assert lost is not None
        lost.getparent().remove(lost)  # type: ignore[union-attr]
    script = root.find(".//{*}scriptTask")
    assert script is not None
    script.getparent().remove(script)  # type: ignore[union-attr]
    whole = kept(odd, etree.tostring(root))
    for part in (
        b"<!-- here -->",
        b'<acme:note t="1"/>',
        b"<b:outgoing>gone</b:outgoing>",
        b"<!-- drawn elsewhere -->",
    ):
        assert part in whole
    assert b"scriptTask" not in whole
    assert kept(whole, whole) == whole
