"""What a client gets wrong is told as a problem, and never as a fault of ours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from api.conftest import Office, Program
from komp_flow.auth import accounts, tokens

JSON = "application/json"


def test_without_a_token(office: Office) -> None:
    for secret in (None, "", "kf_wrong", "x" * 5000, "kf_" + "æ" * 10):
        answer = Program(office.app.test_client(), secret).get("/me")
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.get_json()["type"] == "/problems/not-allowed"


@pytest.mark.parametrize("header", ["Basic a2FyaTp4", "Bearer", "Token kf_x", "Bearer  ", "kf_x"])
def test_other_ways_to_say_who_one_is_do_not_count(office: Office, header: str) -> None:
    assert Program(office.app.test_client(), None).get("/me", headers={"Authorization": header}).status_code == 401


def test_the_word_bearer_may_be_written_in_any_case(office: Office, kari: Program) -> None:
    for word in ("bearer", "BEARER"):
        assert kari.get("/me", headers={"Authorization": f"{word} {kari.secret}"}).status_code == 200


def test_a_token_that_is_spent_or_whose_person_is_locked_is_none(office: Office, kari: Program) -> None:
    with office.database.transaction() as db:
        accounts.create(db, "kari", "et langt passord her", office.now)
        short = tokens.create(db, "kari", ["tasks"], office.now, days=1)
    program = Program(office.app.test_client(), short)
    assert program.get("/me").status_code == 200
    office.pass_time(days=1)
    assert program.get("/me").status_code == 401
    assert kari.get("/me").status_code == 200
    with office.database.transaction() as db:
        accounts.lock(db, "kari", office.now)
    assert kari.get("/me").status_code == 401


def test_the_cookie_of_the_pages_is_no_way_in(office: Office) -> None:
    client = office.app.test_client()
    with client.session_transaction() as session:
        session["person"], session["stamp"] = "kari", "x"
    assert Program(client, None).get("/me").status_code == 401


def test_programs_need_no_mark_against_forgery_and_pages_do(office: Office, kari: Program, task: str) -> None:
    assert office.app.test_client().post("/sign-in", data={"login": "x", "password": "y"}).status_code in {400, 401}
    assert kari.post(f"/tasks/{task}/claim").status_code == 200


def test_a_token_reaches_no_further_than_its_scopes(program: Callable[..., Program]) -> None:
    registers, tasks = program("eier", "registers"), program("eier", "tasks")
    assert registers.get("/tasks").status_code == 403
    assert registers.get("/units").status_code == 200
    assert tasks.get("/tasks").status_code == 200
    for address in ("/units", "/people", "/cycles", "/areas", "/instances", "/processes"):
        assert tasks.get(address).status_code == 403
    assert registers.get("/me").get_json()["scopes"] == ["registers"]


BODIES: list[tuple[str, bytes, str, int]] = [
    ("no JSON", b"{", JSON, 400),
    ("text after", b"{} {}", JSON, 400),
    ("single quotes", b"{'values': 1}", JSON, 400),
    ("NaN", b'{"values": {"x": NaN}}', JSON, 400),
    ("infinity", b'{"values": {"x": -Infinity}}', JSON, 400),
    ("no UTF-8", b'{"values": {"x": "\xff"}}', JSON, 400),
    ("UTF-16", '{"values": {}}'.encode("utf-16"), JSON, 400),
    ("a byte order mark", b'\xef\xbb\xbf{"values": {}}', JSON, 400),
    ("a list", b"[]", JSON, 422),
    ("a text", b'"x"', JSON, 422),
    ("null", b"null", JSON, 422),
    ("a number", b"7", JSON, 422),
    ("a name twice", b'{"values": {}, "values": {}}', JSON, 422),
    ("a name twice inside", b'{"values": {"a": 1, "a": 2}}', JSON, 422),
    ("deep lists", b'{"values": {"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}", JSON, 422),
    ("deep objects", b'{"values": ' + b'{"a":' * 5_000 + b"1" + b"}" * 5_000 + b"}", JSON, 422),
    ("rather deep", b'{"values": {"x": ' + b"[" * 70 + b"]" * 70 + b"}}", JSON, 422),
    ("a huge number", b'{"values": {"x": 1' + b"0" * 5_000 + b"}}", JSON, 422),
    ("a huge exponent", b'{"values": {"x": 1e400}}', JSON, 422),
    ("a vast exponent", b'{"values": {"x": 1e-999999999}}', JSON, 422),
    ("an exponent past all", b'{"values": {"x": 1e99999999999999999999}}', JSON, 422),
    ("NUL", b'{"values": {"title": "a\\u0000b"}}', JSON, 422),
    ("NUL in a name", b'{"values": {"a\\u0000b": 1}}', JSON, 422),
    ("NUL in a top name", b'{"a\\u0000b": 1}', JSON, 422),
    ("half a pair in a name", b'{"values": {"\\ud800": 1}}', JSON, 422),
    ("half a pair in a name that is twice", b'{"\\ud800": 1, "\\ud800": 2}', JSON, 422),
    ("half a pair in a top name", b'{"\\udfff": 1}', JSON, 422),
    ("half a pair", b'{"values": {"title": "\\ud800"}}', JSON, 422),
    ("a million numbers", b'{"values": {"x": [' + b"1," * 999_999 + b"1]}}", JSON, 413),
    ("a hundred thousand numbers", b'{"values": {"x": [' + b"1," * 99_999 + b"1]}}", JSON, 413),
    ("four megabytes", b'{"values": {"title": "' + b"x" * 4_000_000 + b'"}}', JSON, 413),
    ("one megabyte of text", b'{"values": {"title": "' + b"x" * 1_000_000 + b'"}}', JSON, 422),
    ("plain text", b"values=1", "text/plain", 415),
    ("no type", b'{"values": {}}', "", 415),
    ("a form", b"values=1", "application/x-www-form-urlencoded", 415),
    ("XML", b"<a/>", "application/xml", 415),
    ("an unknown field", b'{"values": {"title": "x"}, "value": {}}', JSON, 422),
    ("no object", b'{"values": []}', JSON, 422),
    ("null for an object", b'{"values": null}', JSON, 422),
]


def test_a_body_that_cannot_be_read(kari: Program, task: str) -> None:
    answered = {}
    for name, raw, kind, _status in BODIES:
        for method, address in (("POST", f"/tasks/{task}/complete"), ("PUT", f"/tasks/{task}/draft")):
            answered[name, method] = kari(method, address, data=raw, content_type=kind or None).status_code
    assert answered == {(name, method): status for name, _raw, _kind, status in BODIES for method in ("POST", "PUT")}
    sheet = kari.get(f"/tasks/{task}").get_json()
    assert (sheet["state"], sheet["draft"]["version"]) == ("open", 0)


def test_strange_texts_that_can_be_kept_are_kept(kari: Program, task: str) -> None:
    strange = "\u202eabc \U0001f469\u200d\U0001f469 \\u0000 '; DROP TABLE task; -- <script> {{7*7}} %s"
    kari.put(f"/tasks/{task}/draft", {"values": {"title": strange}})
    assert kari.get(f"/tasks/{task}").get_json()["draft"]["values"]["title"] == strange


QUESTIONS = [
    ("page=0", "page"),
    ("page=-1", "page"),
    ("page=x", "page"),
    ("page=1.5", "page"),
    ("page=99999999999999999999999", "page"),
    ("page_size=0", "page_size"),
    ("page_size=201", "page_size"),
    ("page=1&page=2", "page"),
    ("state=done", "state"),
    ("instance=17", "instance"),
    ("due_before=tomorrow", "due_before"),
    ("due_before=2027-01-04", "due_before"),
    ("due_before=2027-01-04T08:00:00", "due_before"),
    ("due_before=9999-12-31T23:59:59-12:00", "due_before"),
    ("due_before=0001-01-01T00:00:00%2B12:00", "due_before"),
    ("due_before=2027-02-30T08:00:00Z", "due_before"),
    ("unit=%00", "unit"),
    ("unit=" + "x" * 300, "unit"),
    ("status=open", "status"),
    ("%00=1", ""),
]


def test_a_question_that_cannot_be_asked(owner: Program) -> None:
    told = {}
    for query, _field in QUESTIONS:
        answer = owner.get(f"/tasks?{query}")
        told[query] = (answer.status_code, [error["field"] for error in answer.get_json()["errors"]])
    assert told == {query: (422, [field]) for query, field in QUESTIONS}


def test_every_wrong_parameter_is_told_at_once(owner: Program) -> None:
    answer = owner.get("/instances?page=0&page_size=x&state=y&z=1")
    assert {error["field"] for error in answer.get_json()["errors"]} == {"page", "page_size", "state", "z"}


@pytest.mark.parametrize(
    "address", ["/tasks/17", "/tasks/not-a-uuid", f"/tasks/{'0' * 400}", "/nothing", "/", "", "/tasks/"]
)
def test_an_address_that_is_not_there(kari: Program, address: str) -> None:
    assert kari.get(address).status_code == 404
    assert kari.post(address).status_code in {404, 405}


@pytest.mark.parametrize(
    ("method", "address"),
    [("DELETE", "/tasks"), ("POST", "/tasks"), ("GET", "/messages"), ("PATCH", "/instances"), ("PUT", "/me")],
)
def test_a_method_that_is_not_there(kari: Program, method: str, address: str) -> None:
    answer = kari(method, address)
    assert answer.status_code == 405
    assert answer.headers["Allow"]


def test_errors_speak_the_language_of_the_token(office: Office, kari: Program) -> None:
    norwegian = kari.get("/tasks?page=x").get_json()["errors"][0]["message"]
    assert norwegian == "Skriv et helt tall."


def test_what_policy_refuses_is_403_and_changes_nothing(
    program: Callable[..., Program], kari: Program, task: str
) -> None:
    dag = program("dag")  # sees the task, as superior, and does not have it
    answer = dag.post(f"/tasks/{task}/complete", {"values": {"title": "x"}})
    assert (answer.status_code, answer.get_json()["type"]) == (403, "/problems/not-allowed")
    assert kari.get(f"/tasks/{task}").get_json()["state"] == "open"


def test_an_unknown_task_is_404_whatever_is_done(kari: Program) -> None:
    for act, body in (
        ("complete", {"values": {}}),
        ("claim", {}),
        ("release", {}),
        ("delegate", {"to": "a", "reason": "b"}),
    ):
        answer = kari.post(f"/tasks/{uuid4()}/{act}", body)
        assert (answer.status_code, answer.get_json()["type"]) == (404, "/problems/not-found")


def test_nothing_is_cached_and_nothing_is_sniffed(kari: Program) -> None:
    headers = kari.get("/me").headers
    assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("no-store", "nosniff")


def test_a_busy_database_says_when_to_come_again(
    office: Office, kari: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    from komp_flow import work

    def busy(*_arguments: Any, **_more: Any) -> None:
        raise OperationalError("SELECT 1", {}, Exception("database is locked"))

    monkeypatch.setattr(work, "tasks", busy)
    answer = kari.client.get("/api/v1/tasks", headers={"Authorization": f"Bearer {kari.secret}"})
    assert (answer.status_code, answer.get_json()["type"]) == (503, "/problems/busy")
    assert answer.headers["Retry-After"]


def test_a_clock_of_tomorrow_ends_no_token_too_early(office: Office, kari: Program) -> None:
    office.pass_time(days=89)
    assert kari.get("/me").status_code == 200
    office.pass_time(days=timedelta(days=1).days)
    assert kari.get("/me").status_code == 401
