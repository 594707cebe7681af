"""The studio's pages and what its editors ask, as a browser without JavaScript sees them."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from komp_flow import work
from komp_flow.engine import SourceFile
from revising.conftest import ASKED, ROUND
from revising.test_drawings import POISON
from studio.conftest import begun, data_of
from work.conftest import Office
from work.staff import EIER


@pytest.fixture
def desk(office: Office, owner: Any) -> Any:
    office.act(work.publish, EIER, [ROUND, ASKED], "Til å begynne med")
    return owner


def saved(desk: Any, url: str, old: str, new: str) -> Any:
    """Save the drawing with a text replaced; answers what came back."""
    drawing = data_of(desk.get(url).text)["drawing"]
    assert old in drawing["text"]
    return desk.put(url, json={"revision": drawing["revision"], "text": drawing["text"].replace(old, new)})


def test_the_front_page_lists_what_is_published_and_what_is_drawn(desk: Any) -> None:
    url = begun(desk, process="round")
    saved(desk, url, 'name="Svar"', 'name="Svar raskt"')
    page = desk.get("/studio").text
    for text in ("round", "asked", "Bygger på", "versjon 1", "Eva Eier", url):
        assert text in page


def test_the_page_tells_its_editor_all_that_it_must_know(desk: Any) -> None:
    url = begun(desk, process="round")
    page = desk.get(url)
    data = data_of(page.text)
    assert data["drawing"]["text"].encode() == ROUND.data
    assert (data["drawing"]["key"], data["drawing"]["revision"]) == ("round", 1)
    asked = next(form for form in data["forms"] if form["id"] == "asked")
    assert [field["key"] for field in asked["fields"]] == ["title", "wanted"]
    assert {"id": "manager", "label": "leder"} in data["roles"]
    assert {operation["type"] for operation in data["operations"]} >= {"escalate", "start-units"}
    assert {register["id"] for register in data["registers"]} >= {"areas", "measures"}
    assert "deadline.discussion" in {name["name"] for name in data["names"]}
    assert data["urls"]["save"] == url
    assert 'name="csrf-token"' in page.text
    assert "style-src-attr 'unsafe-inline'" in page.headers["Content-Security-Policy"]
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]


def test_a_form_that_is_only_drawn_can_be_chosen_too(desk: Any) -> None:
    form = begun(desk, blank="form", name="Kvittering")
    assert "style-src 'self' 'unsafe-inline'" in desk.get(form).headers["Content-Security-Policy"]
    data = data_of(desk.get(begun(desk, process="round")).text)
    assert "kvittering" in {one["id"] for one in data["forms"]}


def test_a_page_s_text_cannot_end_the_data_early(desk: Any) -> None:
    url = begun(desk, process="round")
    saved(desk, url, 'name="Svar"', 'name="&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;"')
    page = desk.get(url).text
    assert "<script>alert" not in page
    assert "alert(1)" in data_of(page)["drawing"]["text"]


def test_saving_answers_the_next_revision_and_a_later_one_is_told_who_was_first(desk: Any) -> None:
    url = begun(desk, process="round")
    text = data_of(desk.get(url).text)["drawing"]["text"]
    first = desk.put(url, json={"revision": 1, "text": text.replace('name="Svar"', 'name="Svar raskt"')})
    assert (first.status_code, first.json["revision"]) == (200, 2)
    late = desk.put(url, json={"revision": 1, "text": text.replace('name="Ja"', 'name="Javel"')})
    assert late.status_code == 412
    assert late.json["who"] == "Eva Eier"
    assert late.json["revision"] == 2
    assert "Svar raskt" in late.json["text"]
    assert any("Svar raskt" in change for change in late.json["changes"])
    copy = desk.post(f"{url}/copy", json={"text": text.replace('name="Ja"', 'name="Javel"')})
    assert copy.status_code == 201
    assert "Javel" in desk.get(copy.json["url"]).text


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"text": 1, "revision": 1}', b'{"text": "<a/>", "revision": true}', b"[" * 100_000]
)
def test_what_is_no_request_of_an_editor_is_refused_in_json(desk: Any, body: bytes) -> None:
    url = begun(desk, process="round")
    answer = desk.put(url, data=body, content_type="application/json")
    assert answer.status_code == 422
    assert answer.json["detail"]


def test_a_text_that_is_too_large_is_refused_and_the_drawing_stands(desk: Any) -> None:
    url = begun(desk, process="round")
    for size in (1_500_000, 5_000_000):
        assert desk.put(url, json={"revision": 1, "text": "x" * size}).status_code == 413
    assert data_of(desk.get(url).text)["drawing"]["revision"] == 1


def test_check_is_the_rules_of_the_command_line_on_the_element(desk: Any) -> None:
    url = begun(desk, process="round")
    text = data_of(desk.get(url).text)["drawing"]["text"]
    assert desk.post(f"{url}/check", json={"text": text}).json["problems"] == []
    found = desk.post(f"{url}/check", json={"text": text.replace('"manager"', '"nobody"', 1)}).json["problems"]
    assert [(problem["element"], problem["severity"]) for problem in found] == [("a", "error")]
    assert found[0]["message"]
    assert found[0]["fix"]


def test_check_says_what_is_wrong_with_a_text_that_nobody_can_open(desk: Any) -> None:
    url = begun(desk, process="round")
    for text in ("", "<a/>", "<!DOCTYPE a><a/>", "x"):
        found = desk.post(f"{url}/check", json={"text": text}).json["problems"]
        assert any(problem["severity"] == "error" for problem in found)


def test_a_form_that_is_drawn_counts_when_the_diagram_is_checked(desk: Any) -> None:
    begun(desk, blank="form", name="Kvittering")
    url = begun(desk, process="round")
    text = data_of(desk.get(url).text)["drawing"]["text"]
    text = text.replace('formId="asked"', 'formId="kvittering"').replace("=wanted", '=answer = "ja"')
    found = desk.post(f"{url}/check", json={"text": text}).json["problems"]
    assert [problem for problem in found if problem["severity"] == "error"] == []


def test_a_drawing_is_said_in_words(desk: Any) -> None:
    url = begun(desk, process="round")
    text = data_of(desk.get(url).text)["drawing"]["text"]
    sections = desk.post(f"{url}/words", json={"text": text}).json["sections"]
    lines = [line for section in sections for line in section["lines"]]
    assert any(line["element"] == "a" and "«Svar»" in line["text"] for line in lines)


@pytest.mark.parametrize("name", POISON)
def test_a_poisoned_file_gets_a_clear_page_and_the_studio_lives(desk: Any, name: str) -> None:
    boundary, body = encode_multipart({"file": FileStorage(io.BytesIO(POISON[name]), name)})
    answer = desk.post("/studio/drawings", data=body, content_type=f"multipart/form-data; boundary={boundary}")
    assert answer.status_code in {413, 422}
    assert 'id="file-wrong"' in answer.text
    assert desk.get("/studio").status_code == 200


def test_a_file_from_another_tool_is_opened(desk: Any) -> None:
    plain = (
        b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="p"><task id="t" name="Gjor"/>'
        b"</process></definitions>"
    )
    url = begun(desk, file=(io.BytesIO(plain), "plain.bpmn"))
    assert data_of(desk.get(url).text)["drawing"]["text"].encode() == plain
    assert desk.post(f"{url}/words", json={"text": plain.decode()}).status_code == 200


def test_a_file_without_a_choice_says_so(desk: Any) -> None:
    answer = desk.post("/studio/drawings", data={"file": (io.BytesIO(b""), "")})
    assert answer.status_code == 422


def test_the_file_of_a_drawing_is_the_drawing(desk: Any) -> None:
    answer = desk.get(begun(desk, process="round") + "/file")
    assert answer.data == ROUND.data
    assert "round.bpmn" in answer.headers["Content-Disposition"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_the_publish_page_tells_the_difference_and_publishes_what_was_on_it(desk: Any, office: Office) -> None:
    office.start("round")
    url = begun(desk, process="round")
    saved(desk, url, 'name="Svar"', 'name="Svar raskt"')
    page = desk.get(f"{url}/publish").text
    for text in ("Svar raskt", 'data-changed="a"', 'data-renamed="a"', "1 løp er i gang", "Ingen feil"):
        assert text in page or text.startswith("data-")
    assert 'data-renamed="a"' in page or 'data-changed="a"' in page
    answer = desk.post(f"{url}/publish", data={"revision": "2", "why": "Det haster"})
    assert answer.status_code == 303, answer.text
    assert answer.headers["Location"] == "/studio/processes/round"
    versions = desk.get("/studio/processes/round").text
    for text in ("Det haster", "Eva Eier", "Til å begynne med", "moves/new?process=round"):
        assert text in versions
    beside = desk.get("/studio/processes/round/beside/1/2").text
    assert "Svar raskt" in beside
    assert beside.count("data-beside=") == 2
    assert desk.get(url).status_code == 409


def test_the_page_is_shown_again_with_what_is_missing_and_what_was_typed(desk: Any) -> None:
    url = begun(desk, process="round")
    saved(desk, url, 'name="Svar"', 'name="Svar raskt"')
    empty = desk.post(f"{url}/publish", data={"revision": "2", "why": " "})
    assert empty.status_code == 422
    assert 'id="why-wrong"' in empty.text
    old = desk.post(f"{url}/publish", data={"revision": "1", "why": "Min grunn"})
    assert old.status_code == 412
    assert "Min grunn" in old.text
    same = begun(desk, form="asked")
    assert desk.post(f"{same}/publish", data={"revision": "1", "why": "Ingenting"}).status_code == 422


def test_a_form_that_breaks_a_published_diagram_gets_a_clear_answer(desk: Any) -> None:
    url = begun(desk, form="asked")
    document = json.loads(data_of(desk.get(url).text)["drawing"]["text"])
    document["components"] = [part for part in document["components"] if part["key"] != "wanted"]
    assert desk.put(url, json={"revision": 1, "text": json.dumps(document)}).status_code == 200
    page = desk.get(f"{url}/publish").text
    for text in ("«wanted»", "processes/round.bpmn", "g_yes", "Rett feilene først"):
        assert text in page
    refused = desk.post(f"{url}/publish", data={"revision": "2", "why": "Kortere"})
    assert refused.status_code == 422
    assert "Ingenting er publisert" in refused.text


def test_what_was_published_meanwhile_must_be_decided_about(desk: Any, office: Office) -> None:
    url = begun(desk, process="round")
    saved(desk, url, 'name="Ja"', 'name="Javel"')
    office.act(work.publish, EIER, [SourceFile("r.bpmn", ROUND.data.replace(b"Svar", b"Svar da"))], "Imellom")
    page = desk.get(f"{url}/publish").text
    assert "Noen har publisert i mellomtiden" in page
    assert "Imellom" in page
    refused = desk.post(f"{url}/publish", data={"revision": "2", "why": "Bedre"})
    assert refused.status_code == 422
    assert 'id="over-wrong"' in refused.text
    over = page.split('id="over" name="over" value="')[1].split('"')[0]
    assert desk.post(f"{url}/publish", data={"revision": "2", "why": "Bedre", "over": over}).status_code == 303


def test_going_back_shows_what_changes_and_wants_a_reason(desk: Any, office: Office) -> None:
    office.act(work.publish, EIER, [SourceFile("r.bpmn", ROUND.data.replace(b"Svar", b"Svar da"))], "Imellom")
    assert "/again/1" in desk.get("/studio/processes/round").text
    assert "Svar da" in desk.get("/studio/processes/round/again/1").text
    assert desk.post("/studio/processes/round/again/1", data={"why": ""}).status_code == 422
    done = desk.post("/studio/processes/round/again/1", data={"why": "Det nye gikk ikke"})
    assert done.status_code == 303
    assert desk.get("/studio/processes/round/versions/3").data == ROUND.data


def test_with_second_eyes_one_asks_and_another_confirms(desk: Any, office: Office, app: Any) -> None:
    office.database.info["settings"] = SimpleNamespace(second_eyes=True, files_home=None)
    url = begun(desk, process="round")
    saved(desk, url, 'name="Svar"', 'name="Svar raskt"')
    assert desk.post(f"{url}/publish", data={"revision": "2", "why": "Det haster"}).status_code == 303
    own = desk.get(f"{url}/publish").text
    assert "Bekreft og publiser" not in own
    assert "Trekk forespørselen" in own
    other = app.test_client()
    other.post("/sign-in/persona", data={"person": "adm"})
    assert "Det haster" in other.get("/studio").text
    page = other.get(f"{url}/publish").text
    action = page.split('action="/studio/publications/')[1].split('"')[0]
    assert action.endswith("/confirm")
    assert desk.post(f"/studio/publications/{action}").status_code == 403
    no = other.post(f"/studio/publications/{action.replace('confirm', 'decline')}", data={"answer": ""})
    assert no.status_code == 422
    assert 'id="answer-wrong"' in no.text
    assert other.post(f"/studio/publications/{action}").status_code == 303
    assert "etter ønske fra Eva Eier" in other.get("/studio/processes/round").text


def test_a_drawing_is_thrown_away_and_taken_back(desk: Any) -> None:
    url = begun(desk, process="round")
    assert desk.post(f"{url}/discard").status_code == 303
    page = desk.get("/studio").text
    assert "Forkastede utkast" in page
    assert desk.post(f"{url}/take-back").headers["Location"] == url
    assert desk.get(url).status_code == 200


def test_what_nobody_has_published_is_not_found(desk: Any) -> None:
    for address in (
        "/studio/processes/nothing", "/studio/processes/a%00b", "/studio/forms/nothing",
        "/studio/processes/round/beside/1/99999999999", "/studio/processes/round/beside/1/7",
        "/studio/processes/round/again/9", "/studio/processes/round/versions/9",
        "/studio/drawings/00000000-0000-0000-0000-000000000000",
    ):  # fmt: skip
        assert desk.get(address).status_code == 404, address


def test_only_owners_and_administrators_see_the_studio(office: Office, login: Any) -> None:
    for person, status in (("kari", 403), ("hanne", 403), ("ola", 403), ("eier", 200), ("adm", 200)):
        desk = login(person)
        assert desk.get("/studio").status_code == status, person
        assert ('href="/studio"' in desk.get("/notices").text) == (status == 200), person


def test_the_names_of_a_form_that_is_only_drawn_exist_after_its_task(desk: Any) -> None:
    begun(desk, blank="form", name="Kvittering")
    url = begun(desk, process="round")
    text = data_of(desk.get(url).text)["drawing"]["text"].replace('formId="asked"', 'formId="kvittering"')
    found = desk.post(f"{url}/names", json={"text": text, "element": "g_yes"}).json["names"]
    assert "answer" in {name["name"] for name in found}


def test_a_form_has_no_words_names_or_questions(desk: Any) -> None:
    url = begun(desk, form="asked")
    assert desk.post(f"{url}/words", json={"text": "{}"}).json == {"sections": []}
    assert desk.post(f"{url}/names", json={"text": "{}", "element": "a"}).json == {"names": []}
    assert desk.post(f"{url}/questions", json={"text": "{}"}).json == {"questions": []}
    assert desk.post(f"{url}/answers", json={"text": "{}", "answers": {}}).json == {"text": "{}"}
