"""The editor's questions over HTTP: asked, answered, and the names at a point; nothing is kept by asking."""

from __future__ import annotations

import io
from typing import Any

from diagrams.test_questions import CONCEPTUAL
from komp_flow.studio.questions import MOST_ANSWERS, MOST_VALUES
from studio.conftest import begun, data_of


def drawn(owner: Any) -> dict[str, Any]:
    file = CONCEPTUAL.replace(b"b:callActivity", b"b:manualTask")
    at = begun(owner, file=(io.BytesIO(file), "fra-et-annet-verktoy.bpmn"))
    return data_of(owner.get(at).text)


def test_a_file_from_another_tool_is_asked_about_and_answered_until_check_is_content(owner: Any) -> None:
    data = drawn(owner)
    text, urls = data["drawing"]["text"], data["urls"]
    given = {
        "process": "p", "who": "role:manager", "form": "none", "when": "10", "operation": "operation:notify",
        "time": "5", "message": "svar", "key": "=unit.id", "input": "manager",
    }  # fmt: skip
    for _round in range(5):
        asked = owner.post(urls["questions"], json={"text": text}).get_json()["questions"]
        if not asked:
            break
        answers = {}
        for one in asked:
            answer = (
                ("otherwise" if one["element"] == "no" else "=unit.employees > 5") if one["kind"] == "which" else ""
            )
            answers[one["id"]] = [answer or given[one["kind"]]]
        answered = owner.post(urls["answers"], json={"text": text, "answers": answers})
        assert answered.status_code == 200, answered.text
        text = answered.get_json()["text"]
    problems = owner.post(urls["check"], json={"text": text}).get_json()["problems"]
    assert [one for one in problems if one["severity"] == "error"] == []
    assert data_of(owner.get(urls["save"]).text)["drawing"]["revision"] == 1


def test_wrong_answers_are_told_in_words(owner: Any) -> None:
    data = drawn(owner)
    sent = {"text": data["drawing"]["text"], "answers": {"when:ask": ["mange"]}}
    answer = owner.post(data["urls"]["answers"], json=sent)
    assert answer.status_code == 422
    many = {"answers": {str(number): ["1"] for number in range(MOST_ANSWERS + 1)}}
    wide = {"answers": {"who:look": ["role:manager"] * (MOST_VALUES + 1)}}
    for odd in ({"answers": []}, {"answers": {"when:ask": "3"}}, {}, many, wide):
        assert owner.post(data["urls"]["answers"], json={"text": sent["text"], **odd}).status_code == 422


def test_names_at_a_point(owner: Any) -> None:
    data = drawn(owner)
    sent = {"text": data["drawing"]["text"], "element": "gw"}
    assert owner.post(data["urls"]["names"], json=sent).status_code == 200
    assert owner.post(data["urls"]["names"], json={"text": sent["text"]}).status_code == 422
