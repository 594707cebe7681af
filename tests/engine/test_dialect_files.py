"""Whole files: foreign, hostile, broken by chance. A listing or one clear refusal each, and never a traceback."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from engine.checking import FORM, KNOWN, OPERATIONS, asked, script, task
from engine.drawing import (
    HEAD,
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
    ref,
    start,
    sub,
    timer,
)
from komp_flow import engine
from komp_flow.engine import Known, SourceFile, sandbox
from komp_flow.engine.checks import batch, whole
from komp_flow.engine.checks.around import Around
from komp_flow.engine.checks.findings import LIMIT
from komp_flow.engine.checks.rules import RULES
from komp_flow.engine.checks.words import words
from komp_flow.i18n import speaking

SAMPLES = Path(__file__).parent / "dialect"
GOOD = doc(start(), task("x"), end(), flows("s>x>e"))
FIVE_SECONDS = 5.0


@pytest.fixture(scope="module", autouse=True)
def _helpers_end() -> Iterator[None]:
    assert checked(("a.bpmn", GOOD)) == []
    yield
    batch.close()


def checked(*files: tuple[str, bytes], known: Known = KNOWN) -> list[tuple[str, str, str]]:
    problems = engine.check([SourceFile(name, data) for name, data in files], known)
    return [(problem.file, problem.rule, problem.element) for problem in problems]


# ---- foreign ------------------------------------------------------------------------------------------------------

FOREIGN = {
    "signavio.bpmn": {
        ("not-executable", "sid-proc"),
        ("condition-missing", "sid-f3"),
        ("condition-missing", "sid-f4"),
    },
    "camunda7.bpmn": {
        ("foreign-extension", ""),
        ("foreign-platform", ""),
        ("not-zeebe-user-task", "soknad"),
        ("who-missing", "soknad"),
        ("operation-missing", "bestill"),
        ("script-task", "regn"),
        ("feel-expected", "f5"),
    },
    "trisotech.bpmn": {
        ("not-executable", "_p1"),
        ("message-name", "_m"),
        ("standard-loop", "_sub"),
        ("conditional-event", "_b"),
        ("compensation", "_e3"),
    },
    "bizagi.bpmn": {
        ("not-executable", "Id_1"),
        ("several-outgoing", "Id_a"),
        ("call-missing", "Id_b"),
        ("no-way-out", "Id_c"),
        ("flow-broken", "Id_f5"),
        ("no-way-in", "Id_l"),
        ("link-no-target", "Id_l"),
    },
    "choreography.bpmn": {("no-process", "")},
    "flowable.bpmn20.xml": {
        ("foreign-extension", ""),
        ("not-zeebe-user-task", "approve"),
        ("who-missing", "approve"),
        ("loop-cardinality", "approve"),
        ("mi-collection", "approve"),
        ("operation-missing", "mail"),
        ("timer-invalid", "wait"),
    },
    "minimal.bpmn": {("not-executable", ""), ("id-missing", ""), ("flow-broken", "")},
}


@pytest.mark.parametrize("name", sorted(FOREIGN))
def test_a_diagram_from_another_tool_gets_every_problem_located(name: str) -> None:
    found = checked((name, (SAMPLES / name).read_bytes()))
    assert {(rule, element) for _file, rule, element in found} == FOREIGN[name]


# ---- hostile ------------------------------------------------------------------------------------------------------

BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]><x>&d;</x>'
)
OUTSIDE = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + GOOD.replace(b'id="x"', b'id="x" name="&e;"')
OPEN, CLOSE = HEAD.encode(), b"</bpmn:definitions>"
PROCESS = OPEN + b'<bpmn:process id="p" isExecutable="true">'

HOSTILE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "empty-file"),
    "white space": (b" \n\t ", "empty-file"),
    "nul bytes": (b"\0" * 5000, "empty-file"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "encoding"),
    "noise": (random.Random(1).randbytes(50_000), "encoding"),
    "words": (b"dette er ikke XML", "not-xml"),
    "cut off": (GOOD[: len(GOOD) // 2], "not-xml"),
    "a nul inside": (GOOD.replace(b'id="x"', b'id="x\0"'), "not-xml"),
    "billion laughs": (BOMB, "doctype"),
    "an outside entity": (OUTSIDE, "doctype"),
    "a document type after a comment": (b"<!-- a --><?b c?>\n<!DOCTYPE x>" + GOOD, "doctype"),
    "a document type in UTF-16": (("<!DOCTYPE x>" + GOOD.decode()).encode("utf-16"), "doctype"),
    "a document type in UTF-7": (b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE x+AD4-' + GOOD, "encoding"),
    "an encoding that is none": (b'<?xml version="1.0" encoding="klingon"?>' + GOOD, "encoding"),
    "not the encoding it says": (GOOD.replace(b'id="x"', b'id="x" name="\xe5\xff"'), "encoding"),
    "an undefined entity": (GOOD.replace(b'id="x"', b'id="x" name="&nix;"'), "not-xml"),
    "an undeclared prefix": (GOOD.replace(b'id="x"', b'id="x" flowable:async="true"'), "not-xml"),
    "the same attribute twice": (GOOD.replace(b'id="x"', b'id="x" id="y"'), "not-xml"),
    "nested 100,000 deep": (OPEN + b"<a>" * 100_000, "too-deep"),
    "250,000 elements": (OPEN + b"<a/>" * 240_000 + CLOSE, "too-many-nodes"),
    "100,000 attributes": (
        OPEN + b"<a " + b" ".join(b'a%d=""' % i for i in range(90_000)) + b"/>" + CLOSE,
        "no-process",
    ),
    "an attribute of a megabyte": (OPEN + b'<a b="' + b"c" * 990_000 + b'"/>' + CLOSE, "no-process"),
    "10,000 name spaces": (
        OPEN + b"".join(b'<a xmlns:n%d="urn:%d"/>' % (i, i) for i in range(10_000)) + CLOSE,
        "no-process",
    ),
    "two megabytes": (GOOD + b" " * 2_000_000, "too-large"),
    "BPMN 1": (b'<definitions xmlns="http://schema.omg.org/spec/BPMN/2.0"/>', "not-bpmn"),
    "an SVG": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "not-bpmn"),
    "25,000 tasks": (PROCESS + b"<bpmn:task/>" * 25_000 + b"</bpmn:process>" + CLOSE, "too-many-elements"),
    "2,500 scripts": (doc(start(), *(script(f"t{i}") for i in range(2500)), end()), "too-many-problems"),
    "5,000 tasks in a row": (
        doc(start(), *(task(f"t{i}")[:60].partition(">")[0] + "/>" for i in range(5000)), end()),
        "too-many-elements",
    ),
    "2,900 boundary events": (
        doc(start(), task("x"), *(boundary(f"b{i}", "x", timer("P1D")) for i in range(2900)), end(), flows("s>x>e")),
        "too-many-elements",
    ),
    "a formula of a megabyte": (
        doc(start(), gw("exclusive", "g"), end(), end("f"), flows("s>g", "g>e:=true", "g>f:=" + "1+" * 400_000)),
        "feel-invalid",
    ),
    "a formula of 400 brackets": (
        doc(start(), gw("exclusive", "g", default="g_e"), end(), end("f"), flows("s>g", "g>e", "g>f:=" + "(" * 400)),
        "feel-invalid",
    ),
    "a power of a power": (
        doc(start(), task("x", mi("=for i in 1..99999999 return 9**9**9**9", "p")), end(), flows("s>x>e")),
        "",
    ),
    "ten thousand years": (doc(start(), catch("c", timer("P9999999Y")), end(), flows("s>c>e")), "timer-invalid"),
    "again and again at once": (
        doc(start(), catch("c", timer("R/PT0S", "timeCycle")), end(), flows("s>c>e")),
        "timer-invalid",
    ),
    "a call of itself": (doc(start(), call("c", "p"), end(), flows("s>c>e")), "call-recursive"),
    "an id of a megabyte": (GOOD.replace(b'"x"', b'"' + b"x" * 200_000 + b'"'), "id-too-long"),
    "an id that a terminal would obey": (GOOD.replace(b'"x"', '"\u202e\u009b31m"'.encode()), "id-reserved"),
    "half a character in a form": (b'{"type": "default", "id": "\\ud800", "components": [{"key": "\\ud800"}]}', ""),
    "include": (
        GOOD.replace(
            b"</bpmn:definitions>",
            b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/></bpmn:definitions>',
        ),
        "",
    ),
    "a form that nests": (b'{"components":' * 15_000, "not-json"),
    "a number of a megabyte": (b'{"id": ' + b"9" * 200_000 + b"}", "not-json"),
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_hostile_file_is_answered_within_five_seconds(name: str) -> None:
    data, rule = HOSTILE[name]
    file = "form.json" if data.startswith(b"{") else "diagram.bpmn"
    began = time.monotonic()
    found = [found for _file, found, _element in checked((file, data))]
    assert time.monotonic() - began < FIVE_SECONDS
    assert rule in found if rule else not {"check-failed", "too-slow", "too-much-memory"} & set(found)
    assert "check-failed" not in found


def test_what_is_no_diagram_and_no_form_is_said_to_be_neither() -> None:
    assert checked(("notes.txt", b"hei")) == [("notes.txt", "unknown-file", "")]
    assert checked(("diagram", GOOD)) == []


def test_good_files_pass_in_every_encoding_that_tools_write() -> None:
    text = '<?xml version="1.0" encoding="%s"?>' + GOOD.decode().replace('id="x"', 'id="x" name="Målnedbryting"')
    for encoding in ("utf-8", "utf-16", "iso-8859-1", "windows-1252", "ISO-8859-15", "UTF-16"):
        assert checked(("a.bpmn", (text % encoding).encode(encoding))) == []
    assert checked(("a.bpmn", b"\xef\xbb\xbf" + GOOD)) == []


def test_a_comment_inside_an_expression_does_not_cut_it() -> None:
    gate = flows("s>g", "g>e:=unit.id <!-- ja --> = 1", "g>f").replace("&lt;", "<")
    data = doc(start(), gw("exclusive", "g", default="g_f"), end(), end("f"), gate)
    assert checked(("a.bpmn", data)) == []


def test_the_listing_of_a_file_with_very_many_problems_ends() -> None:
    problems = engine.check([SourceFile("a.bpmn", HOSTILE["2,500 scripts"][0])], KNOWN)
    assert len(problems) == LIMIT + 1
    assert problems[-1].rule == "too-many-problems"


# ---- by chance ----------------------------------------------------------------------------------------------------

WHOLE = doc(
    start(),
    asked("x"),
    boundary("b", "x", timer("R3/P1D", "timeCycle"), False),
    gw("exclusive", "g", default="g_e"),
    sub("sp", start("s1"), asked("i", mi("=[1, 2]", "p", "ut", "=godkjent")), end("e1"), flows("s1>i>e1")),
    gw("eventBased", "v"),
    catch("c", ref("message", "m")),
    catch("d", timer("P1D")),
    gw("parallel", "f"),
    gw("inclusive", "j"),
    end(),
    end("e2"),
    end("e3", ref("error", "er")),
    flows("s>x>g", "g>e", "g>f:=godkjent = true", "f>sp>j", "f>v", "v>c>j", "v>d>j", "j>e2", "b>e3"),
    event_sub("es", ref("error", "er"), task("h"), end("he"), flows("es_s>h>he")),
    top=message("m", "svar", "=unit.id") + '<bpmn:error id="er" errorCode="NEI"/>',
)
TAGS = sorted(
    words(
        """
        task userTask scriptTask subProcess callActivity boundaryEvent startEvent endEvent lane sequenceFlow
        exclusiveGateway complexGateway eventBasedGateway timerEventDefinition process message
        multiInstanceLoopCharacteristics transaction adHocSubProcess receiveTask linkEventDefinition
        nonsense
        """
    )
)
WORDS = [
    "",
    "x",
    "p",
    "true",
    "false",
    "=",
    "=1 +",
    "=godkjent",
    "P1D",
    "R/PT0S",
    "a.b",
    "Start",
    "æ" * 300,
    "=deadline.x",
    "es",
]
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"


def shaken(seed: int) -> bytes:
    """The whole diagram with a few things changed by chance."""
    chance = random.Random(seed)
    root = etree.fromstring(WHOLE)
    for _change in range(chance.randint(1, 5)):
        everything = list(root.iter("*"))[1:]
        one, other = chance.choice(everything), chance.choice(everything)
        parent = one.getparent()
        match chance.randrange(7):
            case 0 if parent is not None:
                parent.remove(one)
            case 1:
                one.tag = BPMN + chance.choice(TAGS)
            case 2 if one.attrib:
                one.set(chance.choice(list(one.attrib)), chance.choice(WORDS))
            case 3 if one.attrib:
                del one.attrib[chance.choice(list(one.attrib))]
            case 4 if one not in other.iterancestors() and one is not other:
                other.append(one)
            case 5:
                other.append(etree.fromstring(etree.tostring(one)))
            case _:
                one.text = chance.choice(WORDS)
    return etree.tostring(root)


def test_the_whole_diagram_itself_holds() -> None:
    assert [p for p in whole.check_file(SourceFile("a.bpmn", WHOLE), Around(KNOWN)) if p.severity == "error"] == []


@pytest.mark.parametrize("block", range(10))
def test_a_diagram_changed_by_chance_is_answered_with_located_problems(block: int) -> None:
    for seed in range(block * 40, block * 40 + 40):
        data = shaken(seed)
        ids = {"", *(element.get("id", "") for element in etree.fromstring(data).iter("*"))}
        for problem in whole.check_file(SourceFile("a.bpmn", data), Around(KNOWN)):
            assert problem.rule in RULES
            assert problem.element in ids or len(problem.element) == 200
            assert problem.message
            assert problem.fix
            assert "%(" not in problem.message + problem.fix


def test_bytes_changed_by_chance_are_answered() -> None:
    chance = random.Random(7)
    for _seed in range(150):
        data = bytearray(WHOLE)
        for _change in range(chance.randint(1, 4)):
            at = chance.randrange(len(data))
            match chance.randrange(3):
                case 0:
                    data[at] = chance.randrange(256)
                case 1:
                    del data[at : at + chance.randrange(40)]
                case _:
                    data[at:at] = data[at : at + chance.randrange(200)]
        for problem in whole.check_file(SourceFile("a.bpmn", bytes(data)), Around(KNOWN)):
            assert problem.rule in RULES


# ---- many files ---------------------------------------------------------------------------------------------------

ANSWER = json.dumps(
    {
        "type": "default",
        "id": "svar",
        "schemaVersion": 19,
        "components": [{"type": "checkbox", "key": "ok", "id": "f1", "label": "Greit"}],
    }
).encode()
WITH_FORM = FORM.replace("answer", "svar")


def test_a_form_beside_a_diagram_is_found_and_its_fields_are_known() -> None:
    gate = gw("exclusive", "g", default="g_f")
    data = doc(start(), task("x", ext=WITH_FORM), gate, end(), end("f"), flows("s>x>g", "g>e:=ok", "g>f"))
    assert checked(("a.bpmn", data)) == [("a.bpmn", "form-unknown", "x")]
    assert checked(("a.bpmn", data), ("svar.json", ANSWER)) == []
    broken = ANSWER.replace(b'"schemaVersion": 19', b'"schemaVersion": 1')
    assert {
        (file, rule) for file, rule, _at in checked(("a.bpmn", data), ("svar.json", broken)) if file == "a.bpmn"
    } == set()


def test_called_processes_are_found_among_the_files_and_rings_over_several_are_refused() -> None:
    one = doc(start(), call("c", "two"), end(), flows("s>c>e"), pid="one")
    two = doc(start(), task("x"), end(), flows("s>x>e"), pid="two")
    assert checked(("one.bpmn", one)) == [("one.bpmn", "call-unknown", "c")]
    assert checked(("one.bpmn", one), ("two.bpmn", two)) == []
    back = doc(start(), call("d", "one"), end(), flows("s>d>e"), pid="two")
    assert checked(("one.bpmn", one), ("two.bpmn", back)) == [
        ("one.bpmn", "call-recursive", "c"),
        ("two.bpmn", "call-recursive", "d"),
    ]
    reads = doc(start(), task("x", ext='<zeebe:taskSchedule dueDate="=frist"/>'), end(), flows("s>x>e"), pid="two")
    assert checked(("one.bpmn", one), ("two.bpmn", reads)) == [
        ("one.bpmn", "call-gives-nothing", "c"),
        ("two.bpmn", "name-never-written", "x"),
    ]


def test_the_same_process_or_form_in_two_files_is_refused() -> None:
    assert checked(("a.bpmn", GOOD), ("b.bpmn", GOOD)) == [("b.bpmn", "process-twice", "p")]
    assert checked(("a.json", ANSWER), ("b.json", ANSWER)) == [("b.json", "form-twice", "")]


def test_a_bad_file_does_not_hide_the_problems_of_the_others() -> None:
    bad = doc(start(), script("x"), end(), flows("s>x>e"))
    found = checked(("a.bpmn", b""), ("b.bpmn", bad), ("c.bpmn", BOMB), ("d.json", b"{"))
    assert [(file, rule) for file, rule, _at in found] == [
        ("a.bpmn", "empty-file"), ("b.bpmn", "script-task"), ("c.bpmn", "doctype"), ("d.json", "not-json")
    ]  # fmt: skip


def test_two_hundred_files_share_one_helper() -> None:
    batch.close()
    files = [(f"{n}.bpmn", GOOD.replace(b'"p"', b'"p%d"' % n)) for n in range(200)]
    assert checked(*files) == []
    assert [helper.starts for helper in batch._idle] == [1]


@pytest.mark.parametrize("most", range(1, 9))
def test_a_helper_that_is_replaced_leaves_the_next_one_the_surroundings(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """Wherever in a batch the replacement falls, the form beside the diagram is known."""
    batch.close()
    monkeypatch.setattr(sandbox, "MAX_JOBS", most)
    diagram = doc(start(), task("u", "", WITH_FORM), end(), flows("s>u>e"))
    for _again in range(4):
        assert checked(("p.bpmn", diagram), ("svar.json", ANSWER)) == []


# ---- a helper that has to be killed -------------------------------------------------------------------------------


@pytest.fixture
def stubborn(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Files whose name says so bring the helper to its knees."""
    batch.close()
    monkeypatch.setattr(batch, "_HELPER", Path(__file__).parent / "stubborn.py")
    monkeypatch.setattr(batch, "SECONDS", 1.0)
    yield
    batch.close()


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("hangs.bpmn", "too-slow"),
        ("eats.bpmn", "too-much-memory"),
        ("dies.bpmn", "check-failed"),
        ("digs.bpmn", "cannot-compile"),
        ("fails.bpmn", "check-failed"),
    ],
)
@pytest.mark.usefixtures("stubborn")
def test_a_file_that_kills_the_helper_gets_one_clear_problem_and_the_others_are_listed(name: str, rule: str) -> None:
    bad = doc(start(), script("x"), end(), flows("s>x>e"), pid="q")
    found = checked(("a.bpmn", bad), (name, GOOD), ("b.bpmn", bad.replace(b'"q"', b'"r"')))
    assert found == [("a.bpmn", "script-task", "x"), (name, rule, ""), ("b.bpmn", "script-task", "x")]


@pytest.mark.usefixtures("stubborn")
def test_the_helper_that_comes_after_a_killed_one_knows_the_other_files() -> None:
    one = doc(start(), call("c", "two"), end(), flows("s>c>e"), pid="one")
    two = doc(start(), task("x", ext=WITH_FORM), end(), flows("s>x>e"), pid="two")
    files = (("dies.bpmn", GOOD), ("one.bpmn", one), ("two.bpmn", two), ("svar.json", ANSWER))
    assert checked(*files) == [("dies.bpmn", "check-failed", "")]


def test_what_the_engine_itself_cannot_read_is_a_problem_and_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def cannot(_xml: bytes, _key: str) -> None:
        raise KeyError("x")

    monkeypatch.setattr(whole.program, "compile", cannot)
    (problem,) = whole.check_file(SourceFile("a.bpmn", GOOD), Around(KNOWN))
    assert (problem.rule, problem.severity) == ("cannot-compile", "error")


# ---- how it is shown ----------------------------------------------------------------------------------------------


def test_what_a_file_says_can_always_be_printed() -> None:
    strange = GOOD.replace(b'"x"', '"\u202e\u009b31m"'.encode())
    form = b'{"type": "default", "id": "\\ud800", "components": [{"type": "textfield", "key": "\\ud800"}]}'
    problems = engine.check([SourceFile("a.bpmn", strange), SourceFile("b.json", form)], KNOWN)
    assert {problem.file for problem in problems} == {"a.bpmn", "b.json"}
    for problem in problems:
        assert (problem.element + problem.message + problem.fix).isprintable()


def test_the_helper_speaks_the_language_of_the_reader() -> None:
    bad = SourceFile("a.bpmn", doc(start(), script("x"), end(), flows("s>x>e")))
    with speaking("nb"):
        assert engine.check([bad], KNOWN)[0].message == "Skriptoppgaver kjøres ikke."


@pytest.mark.parametrize("process", ["unit", "cycle"])
def test_the_shipped_diagrams_and_forms_pass_without_an_error(process: str) -> None:
    from komp_flow import operations

    home = Path(__file__).parents[2]
    files = [home / "processes" / f"{process}.bpmn", *sorted((home / "forms").glob("*.json"))]
    known = Known(operations=operations.registry(), processes=frozenset({"talk", "reading", "measure"}))
    found = engine.check([SourceFile(file.name, file.read_bytes()) for file in files], known)
    assert [problem for problem in found if problem.severity == "error"] == []


def test_operations_of_the_tests_are_known_by_their_types() -> None:
    assert all(type_ == spec.type for type_, spec in OPERATIONS.items())
