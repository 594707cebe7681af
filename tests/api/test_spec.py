"""The OpenAPI document says what is there, a page shows it, and what it says holds against calls made from it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from api.conftest import Office, Program


@pytest.fixture
def document(office: Office) -> dict[str, Any]:
    answer = office.app.test_client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return dict(answer.get_json())


# interface.md, the table of «REST».
TABLE = """
get /me
get /me/readings
get /me/export
get /tasks
get /tasks/{task_id}
put /tasks/{task_id}/draft
post /tasks/{task_id}/complete
post /tasks/{task_id}/claim
post /tasks/{task_id}/release
post /tasks/{task_id}/delegate
post /tasks/{task_id}/share
get /tasks/{task_id}/files
post /tasks/{task_id}/files
get /files/{file_id}
delete /files/{file_id}
post /processes/check
post /processes
get /processes
get /processes/{process}/versions
get /processes/{process}/versions/{number}
post /instances
get /instances
get /instances/{instance_id}
post /instances/{instance_id}/suspend
post /instances/{instance_id}/resume
post /instances/{instance_id}/cancel
post /instances/{instance_id}/retry
post /messages
get /units
get /people
get /cycles
delete /substitutions/{substitution_id}
get /erasures
get /me/plan-transfers
get /substitutions
post /me/plan-transfers/{talk_id}
post /organisation
post /people/{person_id}/erase
post /substitutions
post /talks
post /talks/{talk_id}/begin
post /talks/{talk_id}/decline
post /talks/{talk_id}/hand-over
post /talks/{talk_id}/move
post /talks/{talk_id}/postpone
post /talks/{talk_id}/resume
post /talks/{talk_id}/withdraw-decline
post /tasks/{task_id}/look
post /units/{unit}/mapping
get /talks
get /talk-counts
get /readings
get /plans
get /documents
get /documents/{row_id}
get /unit-goals
get /unit-goals/{row_id}
get /glossary
get /glossary/{row_id}
get /areas
get /areas/{row_id}
get /measures
get /measures/{row_id}
get /actions
get /actions/{row_id}
get /goals
get /goals/{row_id}
get /decisions
get /decisions/{row_id}
get /implementations
get /implementations/{row_id}
get /effects
get /effects/{row_id}
get /discussions
get /discussions/{row_id}
get /conclusions
get /conclusions/{row_id}
get /input
get /input/{row_id}
"""


def test_the_document_has_every_row_of_the_interface_and_no_other(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    described = {
        f"{method} {path.removeprefix('/api/v1')}"
        for path, methods in document["paths"].items()
        for method in methods
        if method != "parameters"
    }
    assert described == set(TABLE.strip().splitlines())


def test_every_served_route_is_described(document: dict[str, Any], office: Office) -> None:
    served = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for rule in office.app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and rule.endpoint.split(".")[0] != "api-docs"
    }
    assert served == set(document["paths"])


def test_errors_are_described_as_problems(document: dict[str, Any]) -> None:
    for methods in document["paths"].values():
        for method, operation in methods.items():
            if method != "parameters":
                assert operation["responses"]["default"] == {"$ref": "#/components/responses/DEFAULT_ERROR"}
    (kind,) = document["components"]["responses"]["DEFAULT_ERROR"]["content"]
    assert kind == "application/problem+json"


def test_every_reference_is_there(document: dict[str, Any]) -> None:
    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if "$ref" in value:
                found: Any = document
                for step in value["$ref"].removeprefix("#/").split("/"):
                    found = found[step]
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    walk(document)


def test_a_page_shows_it_without_any_script_of_others(office: Office, document: dict[str, Any]) -> None:
    answer = office.app.test_client().get("/api/v1/docs")
    assert answer.status_code == 200
    for path in document["paths"]:
        assert path in answer.text
    assert "Idempotency-Key" in answer.text
    assert not re.search(r"(src|href)=\"https?://", answer.text)
    assert "style=" not in answer.text
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_lists_cost_the_same_however_long_they_are(office: Office, owner: Program, kari: Program) -> None:
    from sqlalchemy import event

    counted: list[str] = []
    event.listen(office.database.engine, "before_cursor_execute", lambda *seen: counted.append(seen[2]))

    def cost(reader: Program, address: str) -> int:
        reader.get(address)  # what is read once a process is read now
        counted.clear()
        assert reader.get(address).status_code == 200
        return len(counted)

    def costs() -> dict[str, int]:
        lists = ("/tasks?state=open", "/instances", "/processes", "/units", "/people", "/areas", "/cycles")
        return {address: cost(owner, address) for address in lists} | {"mine": cost(kari, "/tasks")}

    start = {"process": "p", "subject": {"unit": "it"}}
    owner.post("/instances", start)
    before = costs()
    for _number in range(7):
        owner.post("/instances", start)
    assert kari.get("/tasks").get_json()["total"] == 8
    assert costs() == before


def test_the_application_can_be_made_more_than_once(office: Office) -> None:
    from komp_flow.app import create_app

    again = create_app(office.app.extensions["komp_flow"], office.database)
    assert isinstance(again, Flask)
    assert again.test_client().get("/api/v1/openapi.json").status_code == 200
