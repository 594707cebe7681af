"""Instances through the API: started, listed, looked at, steered; and messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from api.conftest import Office, Program
from engine.drawing import catch, doc, end, flows, message, ref, service, start
from engine.storing import job
from komp_flow.engine import SourceFile

RECEIVER = doc(
    start(),
    catch("wait", ref("message", "m")),
    job("after"),
    end(),
    flows("s>wait>after>e"),
    pid="receiver",
    top=message("m", "hello", "=key"),
)
FAILING = doc(start(), service("x", "no-such-thing"), end(), flows("s>x>e"), pid="failing")


def test_an_instance_has_all_that_the_interface_names(owner: Program, instance: str) -> None:
    body = owner.get(f"/instances/{instance}").get_json()
    assert (body["id"], body["process"], body["version"], body["state"]) == (instance, "p", 1, "active")
    assert body["subject"] == {"unit": "it", "person": None, "measure": None, "cycle": None}
    assert body["variables"] == {}
    (task,) = body["tasks"]
    assert {"id", "element", "name", "role", "due"} <= task.keys()
    assert (task["element"], task["role"]) == ("u1", "manager")
    assert body["timers"] == []
    assert body["incidents"] == []
    for event in body["trail"]:
        assert {"at", "what", "element", "by"} <= event.keys()
    assert (body["trail"][0]["what"], body["trail"][0]["by"]) == ("started", "eier")


def test_variables_are_kept_as_they_were_sent(owner: Program, office: Office) -> None:
    names = ("key", "n", "big", "list", "yes")
    reading = doc(
        start(), job("a", ins=[(f"={name}", f"{name}2") for name in names]), end(), flows("s>a>e"), pid="reads"
    )
    office.publish(SourceFile("reads.bpmn", reading))
    variables = {"key": "«Ærlig» 1", "n": 0.1, "big": 10**15, "list": [1, {"a": None}], "yes": True}
    made = owner.post("/instances", {"process": "reads", "subject": {"unit": "it"}, "variables": variables})
    assert made.status_code == 201
    assert owner.get(made.headers["Location"].removeprefix("/api/v1")).get_json()["variables"] == variables


WRONG_STARTS: list[tuple[dict[str, Any], set[str]]] = [
    ({}, {"process"}),
    ({"process": None}, {"process"}),
    ({"process": 7}, {"process"}),
    ({"process": "x" * 300}, {"process"}),
    ({"process": "p", "strange": 1}, {"strange"}),
    ({"process": "p", "subject": {"strange": 1}}, {"subject-strange"}),
    ({"process": "p", "subject": "it"}, {"subject"}),
    ({"process": "p", "subject": ["it"]}, {"subject"}),
    ({"process": "p", "subject": {"unit": 7}}, {"subject-unit"}),
    ({"process": "p", "subject": {"unit": "nowhere"}}, {"subject-unit"}),
    ({"process": "p", "subject": {"person": "nobody"}}, {"subject-person"}),
    ({"process": "p", "subject": {"measure": "none"}}, {"subject-measure"}),
    ({"process": "p", "subject": {"cycle": "2099"}}, {"subject-cycle"}),
    ({"process": "p", "variables": []}, {"variables"}),
    ({"process": "p", "variables": {"unit": 1}}, {"variables-unit"}),
    ({"process": "p", "variables": {"n": 10**60}}, {"variables-n"}),
]


def test_what_is_wrong_with_a_start_is_told(owner: Program) -> None:
    for body, fields in WRONG_STARTS:
        answer = owner.post("/instances", body)
        assert answer.status_code == 422
        assert {error["field"] for error in answer.get_json()["errors"]} == fields, body


def test_an_unknown_process_cannot_be_started(owner: Program) -> None:
    assert owner.post("/instances", {"process": "q", "subject": {"unit": "it"}}).status_code == 404


def test_who_may_start_and_see(owner: Program, program: Callable[..., Program], instance: str) -> None:
    assert program("nils").post("/instances", {"process": "p", "subject": {"unit": "it"}}).status_code == 403
    assert program("per").post("/instances", {"process": "p", "subject": {"unit": "it"}}).status_code == 403
    assert program("per").post("/instances", {"process": "p", "subject": {"unit": "law"}}).status_code == 201
    per = program("per")
    assert per.get(f"/instances/{instance}").status_code == 404
    assert per.get("/instances?unit=it").get_json()["items"] == []
    assert program("eier", "tasks").get("/instances").status_code == 403


@pytest.mark.parametrize(
    ("filters", "found"),
    [("", 1), ("process=p", 1), ("process=q", 0), ("state=active", 1), ("state=completed", 0), ("unit=it", 1),
     ("unit=law", 0), ("cycle=2027", 0), ("process=&state=&unit=&cycle=", 1), ("page=2&page_size=1", 0)],
)  # fmt: skip
def test_instances_are_filtered(owner: Program, instance: str, filters: str, found: int) -> None:
    body = owner.get(f"/instances?{filters}").get_json()
    assert len(body["items"]) == found
    assert body["total"] == (1 if "page=2" in filters else found)


def test_an_instance_rests_goes_on_and_is_ended(owner: Program, kari: Program, instance: str, task: str) -> None:
    assert owner.post(f"/instances/{instance}/suspend", {"reason": ""}).status_code == 422
    rests = owner.post(f"/instances/{instance}/suspend", {"reason": "Ferie"})
    assert (rests.status_code, rests.get_json()["state"]) == (200, "suspended")
    assert kari.post(f"/tasks/{task}/complete", {"values": {"title": "Ja"}}).status_code == 409
    assert owner.post(f"/instances/{instance}/resume", {"reason": "Ferien er over"}).get_json()["state"] == "active"
    assert owner.post(f"/instances/{instance}/resume").status_code == 409
    assert owner.post(f"/instances/{instance}/retry").status_code == 409
    ended = owner.post(f"/instances/{instance}/cancel", {"reason": "Enheten er lagt ned"})
    assert ended.get_json()["state"] == "cancelled"
    assert owner.post(f"/instances/{instance}/cancel", {"reason": "igjen"}).status_code == 409
    assert kari.post(f"/tasks/{task}/complete", {"values": {"title": "Ja"}}).status_code == 409


def test_what_has_stopped_is_seen_and_tried_again(owner: Program, office: Office) -> None:
    office.publish(SourceFile("failing.bpmn", FAILING))
    made = owner.post("/instances", {"process": "failing", "subject": {"unit": "it"}}).get_json()
    assert made["state"] == "incident"
    (incident,) = owner.get(f"/instances/{made['id']}").get_json()["incidents"]
    assert incident["element"] == "x"
    again = owner.post(f"/instances/{made['id']}/retry")
    assert (again.status_code, again.get_json()["state"]) == (200, "incident")


def test_only_some_may_steer(kari: Program, instance: str) -> None:
    for act in ("suspend", "resume", "cancel", "retry"):
        body = {} if act == "retry" else {"reason": "x"}
        assert kari.post(f"/instances/{instance}/{act}", body).status_code == 403
        assert kari.post(f"/instances/{uuid4()}/{act}", body).status_code == 403


def test_an_instance_that_is_not_there(owner: Program) -> None:
    assert owner.get(f"/instances/{uuid4()}").status_code == 404
    assert owner.post(f"/instances/{uuid4()}/suspend", {"reason": "x"}).status_code == 404
    assert owner.get("/instances/17").status_code == 404


@pytest.mark.parametrize(
    ("sent", "waited"), [("k1", "k1"), (7, "7"), (7.0, 7), (0.5, 0.5), (True, True), (None, ""), ("1e2", "1e2")]
)
def test_a_message_reaches_who_waits_for_its_name_and_key(
    owner: Program, office: Office, sent: Any, waited: Any
) -> None:
    office.publish(SourceFile("receiver.bpmn", RECEIVER))
    body = {"process": "receiver", "subject": {"unit": "it"}, "variables": {"key": waited}}
    instance = owner.post("/instances", body).get_json()["id"]
    for key in ("other", sent):
        answer = owner.post("/messages", {"name": "hello", "key": key, "payload": {"a": [1, "æ"]}, "message_id": None})
        assert answer.status_code == 202
    office.run_due()
    tasks = owner.get(f"/instances/{instance}").get_json()["tasks"]
    assert [task["element"] for task in tasks] == ["after"]


def test_a_known_message_is_answered_and_not_applied_again(owner: Program, office: Office) -> None:
    office.publish(SourceFile("receiver.bpmn", RECEIVER))
    body = {"name": "hello", "key": "k", "message_id": "m-1"}
    first, second = owner.post("/messages", body), owner.post("/messages", body)
    assert (first.status_code, second.status_code) == (202, 202)
    assert (first.get_json()["repeated"], second.get_json()["repeated"]) == (False, True)
    assert first.get_json()["id"] == second.get_json()["id"]


WRONG_MESSAGES: list[tuple[dict[str, Any], set[str]]] = [
    ({}, {"name"}),
    ({"name": ""}, {"name"}),
    ({"name": "x" * 201}, {"name"}),
    ({"name": "x", "key": {}}, {"key"}),
    ({"name": "x", "key": []}, {"key"}),
    ({"name": "x", "key": "k" * 201}, {"key"}),
    ({"name": "x", "payload": 7}, {"payload"}),
    ({"name": "x", "message_id": ""}, {"message_id"}),
    ({"name": "x", "message_id": 7}, {"message_id"}),
    ({"name": "x", "correlation": 7}, {"correlation"}),
    ({"name": "x", "payload": {"n": 10**50}}, {"payload"}),
]


def test_what_is_wrong_with_a_message_is_told(owner: Program) -> None:
    for body, fields in WRONG_MESSAGES:
        answer = owner.post("/messages", body)
        assert answer.status_code == 422
        assert {error["field"] for error in answer.get_json()["errors"]} == fields, body


def test_a_payload_of_a_megabyte_is_too_large(owner: Program) -> None:
    answer = owner.post("/messages", {"name": "x", "payload": {"text": "x" * 300_000, "more": "y" * 900_000}})
    assert answer.status_code == 413


def test_a_stranger_sends_no_messages_but_a_program_with_the_scope_does(program: Callable[..., Program]) -> None:
    assert program("nils", "tasks").post("/messages", {"name": "x"}).status_code == 403
    assert program("nils", "instances").post("/messages", {"name": "x"}).status_code == 202


def test_a_step_that_cannot_be_taken_leaves_the_instance_and_stands_on_it(
    owner: Program, kari: Program, task: str, instance: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from komp_flow.engine.memory import codec

    def broken(*_arguments: object) -> bytes:
        raise LookupError

    monkeypatch.setattr(codec, "dump", broken)
    headers = {"Authorization": f"Bearer {kari.secret}"}
    body = {"values": {"title": "Ja"}}
    answer = kari.client.post(f"/api/v1/tasks/{task}/complete", json=body, headers=headers)
    assert (answer.status_code, answer.get_json()["type"]) == (500, "/problems/process-fault")
    sheet = owner.get(f"/instances/{instance}").get_json()
    assert (sheet["state"], [line["id"] for line in sheet["tasks"]]) == ("incident", [task])
    assert len(sheet["incidents"]) == 1
    monkeypatch.undo()
    assert kari.post(f"/tasks/{task}/complete", body).status_code == 200
