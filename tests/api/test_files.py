"""Files over the API: sent first, named by their id in the answers, fetched by those who may have them."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from api.conftest import Office, Program
from engine.drawing import doc, end, flows, start
from engine.storing import fill, job
from files import samples
from komp_flow.engine import SourceFile
from komp_flow.forms.attachments import LARGEST
from work.staff import field, form, required

Programs = Callable[..., Program]


@pytest.fixture
def office(office: Office) -> Office:
    drawn = doc(start(), job("u1", ext=fill("f")), end(), flows("s>u1>e"))
    pickers = (field("one", "filepicker", accept=".pdf"), field("many", "filepicker", multiple=True))
    office.publish(SourceFile("p.bpmn", drawn), form("f", required("title"), *pickers))
    return office


def upload(program: Program, task: str, data: bytes = samples.PDF, name: str = "plan.pdf", **more: Any) -> Any:
    headers = more.pop("headers", None)
    body = samples.multipart(("file", (name, data)), *more.items())
    return program("POST", f"/tasks/{task}/files", headers=headers, **body)


def test_a_file_is_sent_named_and_fetched(
    kari: Program, owner: Program, program: Callable[..., Program], task: str
) -> None:
    answer = upload(kari, task, name="../Årsplan.pdf", field="one")
    assert answer.status_code == 201
    told = answer.get_json()
    assert (told["name"], told["type"], told["media_type"], told["size"], told["sent"]) == (
        "Årsplan.pdf", "pdf", "application/pdf", len(samples.PDF), False,
    )  # fmt: skip
    assert answer.headers["Location"] == f"/api/v1/files/{told['id']}"
    assert kari.get(f"/tasks/{task}/files").get_json()["items"] == [told]
    assert owner.get(f"/files/{told['id']}").status_code == 404  # not sent: only those who go on with the draft
    done = kari.post(f"/tasks/{task}/complete", {"values": {"title": "x", "one": [told["id"]]}})
    assert done.status_code == 200, done.text
    fetched = owner.get(f"/files/{told['id']}")
    assert (fetched.data, fetched.content_type) == (samples.PDF, "application/pdf")
    assert fetched.headers["Content-Disposition"].startswith("attachment;")
    about = owner.get(f"/files/{told['id']}", headers={"Accept": "application/json"}).get_json()
    assert about == {**told, "sent": True}
    assert program("pia").get(f"/files/{told['id']}").status_code == 404
    assert program("kari", "registers").get(f"/files/{told['id']}").status_code == 404  # a token without tasks
    assert program(None).get(f"/files/{told['id']}").status_code == 401


def test_an_unsent_file_is_deleted_and_a_sent_one_is_not(
    kari: Program, program: Callable[..., Program], task: str
) -> None:
    gone, kept = (upload(kari, task).get_json()["id"] for _each in range(2))
    assert program("pia")("DELETE", f"/files/{gone}").status_code == 404
    answer = kari("DELETE", f"/files/{gone}")
    assert (answer.status_code, answer.data) == (204, b"")
    assert kari("DELETE", f"/files/{gone}").status_code == 404
    assert kari.post(f"/tasks/{task}/complete", {"values": {"title": "x", "many": [kept, gone]}}).status_code == 422
    assert kari.post(f"/tasks/{task}/complete", {"values": {"title": "x", "many": [kept]}}).status_code == 200
    assert kari("DELETE", f"/files/{kept}").status_code == 409


@pytest.mark.parametrize("name", samples.HOSTILE)
def test_what_is_not_taken_is_422_with_the_reason(kari: Program, task: str, name: str) -> None:
    data, why = samples.HOSTILE[name]
    answer = upload(kari, task, data, name)
    assert answer.status_code == 422
    (error,) = answer.get_json()["errors"]
    assert error["field"] == "file"
    assert why in error["message"]
    assert kari.get(f"/tasks/{task}/files").get_json()["total"] == 0


def test_what_is_too_large_is_413(kari: Program, task: str) -> None:
    answer = upload(kari, task, samples.PDF + b"\0" * (LARGEST + 1), "stor.pdf")
    assert (answer.status_code, answer.get_json()["type"]) == (413, "/problems/too-large")
    assert upload(kari, task, b"\0" * (65 * 1024 * 1024), "større.pdf").status_code == 413


def test_a_body_that_is_no_file_is_told(kari: Program, task: str) -> None:
    for data in ({}, {"file": "tekst"}, {"file": (io.BytesIO(b"x"), "a.pdf"), "more": "x"}):
        sent = kari("POST", f"/tasks/{task}/files", data=data, content_type="multipart/form-data")
        assert sent.status_code == 422, sent.text
    two = {"file": [(io.BytesIO(samples.PDF), "a.pdf"), (io.BytesIO(samples.PDF), "b.pdf")]}
    assert kari("POST", f"/tasks/{task}/files", data=two, content_type="multipart/form-data").status_code == 422
    assert kari.post(f"/tasks/{task}/files", {"file": "x"}).status_code == 415
    assert upload(kari, str(uuid4())).status_code == 404
    assert upload(kari, task, field="title").status_code == 422


def test_a_file_sent_twice_under_one_key_is_one(kari: Program, task: str) -> None:
    key = {"Idempotency-Key": "k1"}
    first, second = (upload(kari, task, headers=key) for _each in range(2))
    assert first.get_json() == second.get_json()
    assert kari.get(f"/tasks/{task}/files").get_json()["total"] == 1
    other = upload(kari, task, samples.SOUND["notat.odt"], "notat.odt", headers=key)
    assert (other.status_code, other.get_json()["type"]) == (422, "/problems/idempotency")


def test_another_tasks_file_is_refused_in_the_answers(
    kari: Program, owner: Program, task: str, program: Callable[..., Program]
) -> None:
    theirs = upload(kari, task).get_json()["id"]
    owner.post("/instances", {"process": "p", "subject": {"unit": "law"}})
    per = program("per")
    (mine,) = per.get("/tasks").get_json()["items"]
    answer = per.post(f"/tasks/{mine['id']}/complete", {"values": {"title": "x", "many": [theirs]}})
    assert answer.status_code == 422
    assert per.get(f"/files/{theirs}").status_code == 404
