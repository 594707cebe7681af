"""A whole story through the API alone: diagrams and forms drawn here are published, started and worked to the end."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from api.conftest import Office, Program
from engine.drawing import catch, doc, end, flows, gw, message, ref, start, timer, user
from engine.storing import assigned, fill, schedule

FORM = json.dumps(
    {
        "type": "default",
        "id": "request-form",
        "schemaVersion": 19,
        "properties": {"title": "Søknad"},
        "components": [
            {"type": "textfield", "id": "c1", "key": "course", "label": "Kurs", "validate": {"required": True}},
            {"type": "number", "id": "c2", "key": "price", "label": "Pris", "validate": {"required": True, "min": 0}},
        ],
    }
).encode()

# Written by the manager; dear ones wait for an invoice, then for three days, then the superior says yes.
DIAGRAM = doc(
    start(),
    user("apply", ext=assigned("manager") + fill("request-form") + schedule("=now() + duration(&quot;P2D&quot;)")),
    gw("exclusive", "dear", default="dear_e"),
    catch("invoice", ref("message", "m"), ext=""),
    catch("pause", timer("P3D")),
    user("approve", ext=assigned("superior"), name="Godkjenn"),
    end(),
    flows("s>apply>dear", "dear>invoice:=price > 1000.5", "dear>e", "invoice>pause>approve>e"),
    pid="course-request",
    top=message("m", "invoice", "=course"),
)


@pytest.mark.databases
def test_a_course_is_asked_for_invoiced_waited_for_and_approved(
    office: Office, owner: Program, kari: Program, program: Callable[..., Program]
) -> None:
    published = owner.send(
        "/processes", ("course.bpmn", DIAGRAM), ("request-form.json", FORM), why="Kurs skal søkes om"
    )
    assert published.status_code == 201, published.text
    versions = {line["process"]: line for line in published.get_json()["versions"]}
    assert (versions["course-request"]["version"], versions["course-request"]["kind"]) == (1, "process")
    assert versions["request-form"]["kind"] == "form"

    started = owner.post("/instances", {"process": "course-request", "subject": {"unit": "it"}})
    assert started.status_code == 201
    assert started.get_json()["state"] == "active"
    instance = started.get_json()["id"]
    assert started.headers["Location"] == f"/api/v1/instances/{instance}"

    (line,) = kari.get("/tasks").get_json()["items"]
    assert (line["element"], line["instance"]) == ("apply", instance)
    done = kari.post(f"/tasks/{line['id']}/complete", {"values": {"course": "Sveising", "price": 1000.51}})
    assert done.get_json()["next"] == []

    sheet = owner.get(f"/instances/{instance}").get_json()
    assert sheet["tasks"] == []
    assert sheet["variables"] == {"course": "Sveising", "price": 1000.51}

    for payload in ({}, {"paid": True}):  # sent twice under one id: applied once
        told = owner.post(
            "/messages", {"name": "invoice", "key": "Sveising", "payload": payload, "message_id": "invoice-1"}
        )
        assert told.status_code == 202
    assert told.get_json()["repeated"] is True
    office.run_due()
    sheet = owner.get(f"/instances/{instance}").get_json()
    assert [(timer["element"], timer["due"]) for timer in sheet["timers"]] == [("pause", "2027-01-07T08:00:00+00:00")]

    office.pass_time(days=3)
    office.run_due()
    dag = program("dag")  # leads the unit above
    (line,) = dag.get("/tasks").get_json()["items"]
    assert (line["element"], line["name"], line["role"]) == ("approve", "Godkjenn", "superior")
    assert dag.post(f"/tasks/{line['id']}/complete").status_code == 200

    sheet = owner.get(f"/instances/{instance}").get_json()
    assert (sheet["state"], sheet["tasks"], sheet["timers"]) == ("completed", [], [])
    by = [(event["element"], event["by"]) for event in sheet["trail"] if event["what"] == "completed" and event["by"]]
    assert by == [("apply", "kari"), ("approve", "dag")]
    assert sheet["trail"][0]["what"] == "started"
    assert sheet["trail"][-1]["what"] == "ended"
    assert [event["at"] for event in sheet["trail"]] == sorted(event["at"] for event in sheet["trail"])


def test_a_cheap_course_needs_no_invoice(office: Office, owner: Program, kari: Program) -> None:
    owner.send("/processes", ("course.bpmn", DIAGRAM), ("request-form.json", FORM), why="Kurs")
    instance = owner.post("/instances", {"process": "course-request", "subject": {"unit": "it"}}).get_json()["id"]
    (line,) = kari.get("/tasks").get_json()["items"]
    kari.post(f"/tasks/{line['id']}/complete", {"values": {"course": "Sveising", "price": 1000.5}})
    assert owner.get(f"/instances/{instance}").get_json()["state"] == "completed"
