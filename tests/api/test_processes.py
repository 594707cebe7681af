"""Diagrams and forms through the API: checked, published together, listed with their versions."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from xml.etree.ElementTree import canonicalize

import pytest

from api.conftest import TWO_STEPS, Program
from engine.drawing import doc, end, flows, gw, start, user
from engine.storing import job
from komp_flow.engine import SourceFile
from work.staff import form, required

FORM = form("g", required("title"))
GOOD = doc(start(), job("a"), end(), flows("s>a>e"), pid="good")
BAD = doc(start(), user("a"), end(), flows("s>a>e"), pid="bad")  # nobody to do it
DOUBTFUL = doc(
    start(),
    job("a", ins=[("=s", "x")]),
    gw("exclusive", "g1"),
    end(),
    end("e2"),
    flows("s>a>g1", "g1>e:=x = 1", "g1>e2:=x = 2"),
    pid="doubtful",
)


def test_check_lists_every_problem_of_every_file_and_keeps_nothing(owner: Program) -> None:
    answer = owner.send("/processes/check", ("bad.bpmn", BAD), ("no.bpmn", b"no diagram"), ("good.bpmn", GOOD))
    assert answer.status_code == 200
    problems = answer.get_json()["problems"]
    assert {problem["file"] for problem in problems if problem["severity"] == "error"} == {"bad.bpmn", "no.bpmn"}
    for problem in problems:
        assert set(problem) == {"file", "element", "severity", "rule", "message", "fix"}
    assert [line["id"] for line in owner.get("/processes").get_json()["items"]] == ["p"]


def test_publishing_with_an_error_publishes_nothing_and_lists_all(owner: Program) -> None:
    answer = owner.send("/processes", ("bad.bpmn", BAD), ("good.bpmn", GOOD), FORM, why="Prøve")
    assert answer.status_code == 422
    body = answer.get_json()
    assert body["type"] == "/problems/invalid"
    assert {problem["element"] for problem in body["problems"] if problem["severity"] == "error"} == {"a"}
    assert owner.get("/processes/good/versions").status_code == 404


def test_versions_are_counted_from_one_and_the_same_again_is_none(owner: Program) -> None:
    first = owner.send("/processes", ("good.bpmn", GOOD), why="Først")
    assert first.status_code == 201, first.text
    assert [(line["process"], line["version"]) for line in first.get_json()["versions"]] == [("good", 1)]
    owner.send("/processes", ("good.bpmn", GOOD), why="Det samme")
    changed = GOOD.replace(b'id="a"', b'id="a" name="Skriv"')
    owner.send("/processes", ("good.bpmn", changed), why="Navn")
    body = owner.get("/processes/good/versions").get_json()
    assert [(line["version"], line["why"], line["published_by"]) for line in body["items"]] == [
        (2, "Navn", "eier"),
        (1, "Først", "eier"),
    ]
    one = owner.get("/processes/good/versions/1").get_json()
    assert canonicalize(one["xml"]) == canonicalize(GOOD.decode())
    (line,) = (line for line in owner.get("/processes").get_json()["items"] if line["id"] == "good")
    assert (line["version"], line["active"]) == (2, 0)


def test_the_forms_of_a_version_are_told(owner: Program) -> None:
    (line,) = owner.get("/processes/p/versions").get_json()["items"]
    assert line["forms"] == {"f": 1}


@pytest.mark.parametrize(
    "address", ["q/versions", "p/versions/9", "p/versions/0", f"p/versions/{10**30}", "%00/versions"]
)
def test_what_is_not_published(owner: Program, address: str) -> None:
    assert owner.get(f"/processes/{address}").status_code == 404


def test_a_reason_and_files_are_required(owner: Program) -> None:
    assert _fields(owner.send("/processes", ("good.bpmn", GOOD))) == {"why"}
    assert _fields(owner.send("/processes", ("good.bpmn", GOOD), why="  ")) == {"why"}
    assert _fields(owner.send("/processes", why="x")) == {"files"}
    assert _fields(owner.send("/processes/check")) == {"files"}
    assert _fields(owner("POST", "/processes/check", data={"files": "text"}, content_type="multipart/form-data")) == {
        "files"
    }
    answer = owner.send("/processes", ("good.bpmn", GOOD), why="x", query_string={"why": "y"})
    assert answer.status_code == 201


def test_files_must_come_in_parts(owner: Program) -> None:
    assert owner.post("/processes", {"files": [], "why": "x"}).status_code == 415
    assert owner("POST", "/processes/check", data=GOOD, content_type="application/xml").status_code == 415
    assert owner("POST", "/processes/check", data=b"x", content_type="multipart/form-data").status_code in {400, 422}
    strange = {"files": (BytesIO(GOOD), "good.bpmn"), "extra": "x"}
    assert _fields(owner("POST", "/processes/check", data=strange, content_type="multipart/form-data")) == {"extra"}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("../../etc/passwd.bpmn", "passwd.bpmn"),
        ("C:/temp/a.bpmn", "a.bpmn"),
        ("/a/b.bpmn", "b.bpmn"),
        ("x" * 500 + ".bpmn", "x" * 195 + ".bpmn"),
        ("..", "fil-1"),
        ("æøå 🙂.bpmn", "æøå 🙂.bpmn"),
    ],
)
def test_a_files_name_is_only_a_name(owner: Program, name: str, told: str) -> None:
    problems = owner.send("/processes/check", (name, BAD)).get_json()["problems"]
    assert {problem["file"] for problem in problems} == {told}


def test_two_files_of_one_name_are_both_looked_at(owner: Program) -> None:
    other = BAD.replace(b'"bad"', b'"worse"').replace(b'id="a"', b'id="b"').replace(b'Ref="a"', b'Ref="b"')
    problems = owner.send("/processes/check", ("same.bpmn", BAD), ("same.bpmn", other)).get_json()["problems"]
    assert {"a", "b"} <= {problem["element"] for problem in problems}


def test_who_may_publish_and_look(program: Callable[..., Program]) -> None:
    nils = program("nils")
    assert nils.send("/processes", ("good.bpmn", GOOD), why="x").status_code == 403
    assert canonicalize(nils.get("/processes/p/versions/1").get_json()["xml"]) == canonicalize(TWO_STEPS.decode())
    assert program("eier", "tasks").get("/processes").status_code == 403


def test_too_much_at_once(owner: Program) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="files"; filename="big.bpmn"\r\n\r\n'
    body = head + b" " * (17 * 1024 * 1024) + b"\r\n--b--\r\n"
    answer = owner("POST", "/processes/check", data=body, content_type="multipart/form-data; boundary=b")
    assert answer.status_code == 413
    assert answer.get_json()["type"] == "/problems/too-large"


def test_warnings_do_not_stop_a_publication(owner: Program) -> None:
    answer = owner.send("/processes", SourceFile("d.bpmn", DOUBTFUL), why="Med varsel")
    assert answer.status_code in {201, 422}
    body = answer.get_json()
    severities = {problem["severity"] for problem in body["problems"]}
    assert ("error" in severities) == (answer.status_code == 422)
    assert "warning" in severities


def _fields(answer: object) -> set[str]:
    assert answer.status_code == 422, answer.text  # type: ignore[attr-defined]
    return {error["field"] for error in answer.get_json()["errors"]}  # type: ignore[attr-defined]
