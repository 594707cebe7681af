"""Tasks through the API: lists, one with its form, drafts, completing, claiming, handing on."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest

from api.conftest import Office, Program


def test_my_tasks_are_listed_with_all_that_the_interface_names(kari: Program, task: str, instance: str) -> None:
    body = kari.get("/tasks").get_json()
    assert (body["total"], body["page"], body["page_size"]) == (1, 1, 50)
    (line,) = body["items"]
    assert (line["id"], line["element"], line["name"], line["process"]) == (task, "u1", "Skriv", "p")
    assert (line["instance"], line["role"], line["state"]) == (instance, "manager", "open")
    assert line["due"] == "2027-01-07T08:00:00+00:00"
    assert "IT" in line["why"]


def test_one_task_has_its_form_its_context_and_its_draft(kari: Program, task: str) -> None:
    answer = kari.get(f"/tasks/{task}")
    body = answer.get_json()
    assert body["form"]["id"] == "f"
    assert [part["key"] for part in body["form"]["components"]] == ["title", "note"]
    assert body["context"] == {}
    assert body["draft"] == {"values": {}, "version": 0, "edited_by": None, "edited_at": None}
    assert answer.headers["ETag"] == '"0"'
    assert body["may"]["complete"] is True


def test_completing_answers_the_task_the_instance_and_what_is_next(kari: Program, task: str, instance: str) -> None:
    answer = kari.post(f"/tasks/{task}/complete", {"values": {"title": "Ja"}})
    assert answer.status_code == 200
    assert answer.get_json() == {"task": task, "instance": instance, "next": []}
    again = kari.post(f"/tasks/{task}/complete", {"values": {"title": "Ja"}})
    assert again.status_code == 409
    assert again.get_json()["type"] == "/problems/conflict"
    shown = kari.get(f"/tasks/{task}").get_json()
    assert (shown["state"], shown["answers"]["title"], shown["closed_by"]) == ("completed", "Ja", "kari")


def test_every_field_that_is_wrong_is_told_at_once(kari: Program, task: str) -> None:
    answer = kari.post(f"/tasks/{task}/complete", {"values": {"note": 7, "strange": 1}})
    assert answer.status_code == 422
    body = answer.get_json()
    assert body["type"] == "/problems/invalid"
    assert {error["field"] for error in body["errors"]} == {"title", "note", "strange"}
    assert kari.get(f"/tasks/{task}").get_json()["state"] == "open"


def test_a_draft_is_kept_and_the_second_who_saves_gets_the_first_ones(kari: Program, task: str) -> None:
    first = kari.put(f"/tasks/{task}/draft", {"values": {"title": "En"}}, headers={"If-Match": '"0"'})
    assert first.status_code == 200
    assert first.headers["ETag"] == '"1"'
    assert first.get_json()["values"] == {"title": "En"}
    late = kari.put(f"/tasks/{task}/draft", {"values": {"title": "To"}}, headers={"If-Match": '"0"'})
    assert late.status_code == 412
    body = late.get_json()
    assert body["type"] == "/problems/stale"
    assert (body["current"]["values"], body["current"]["version"]) == ({"title": "En"}, 1)
    assert kari.get(f"/tasks/{task}").get_json()["draft"]["values"] == {"title": "En"}


@pytest.mark.parametrize("tag", ["*", 'W/"1"', '"1"', '"0", "1"'])
def test_a_draft_goes_with_every_way_to_name_its_version(kari: Program, task: str, tag: str) -> None:
    kari.put(f"/tasks/{task}/draft", {"values": {"title": "En"}})
    assert kari.put(f"/tasks/{task}/draft", {"values": {"title": "To"}}, headers={"If-Match": tag}).status_code == 200


@pytest.mark.parametrize("tag", ['"7"', '"x"', "garbage", '"-1"', '"٣"', '""'])
def test_a_version_that_is_not_there_is_stale(kari: Program, task: str, tag: str) -> None:
    answer = kari.put(f"/tasks/{task}/draft", {"values": {}}, headers={"If-Match": tag.encode().decode("latin-1")})
    assert answer.status_code == 412


def test_claiming_releasing_and_handing_on(kari: Program, program: Callable[..., Program], task: str) -> None:
    assert kari.post(f"/tasks/{task}/claim").get_json()["claimed_by"] == "kari"
    assert kari.post(f"/tasks/{task}/release", {}).get_json()["claimed_by"] is None
    handed = kari.post(f"/tasks/{task}/delegate", {"to": "nils", "reason": "Ferie"})
    assert handed.get_json()["assignee"] == "nils"
    nils = program("nils")
    assert [line["id"] for line in nils.get("/tasks").get_json()["items"]] == [task]
    wrong = nils.post(f"/tasks/{task}/delegate", {"to": "nobody", "reason": " "})
    assert {error["field"] for error in wrong.get_json()["errors"]} == {"to", "reason"}


def test_a_stranger_does_not_learn_that_a_task_exists(program: Callable[..., Program], task: str) -> None:
    per = program("per")  # leads another unit
    unknown = str(uuid4())
    for method, address, body in (
        ("GET", "/tasks/{}", None),
        ("PUT", "/tasks/{}/draft", {"values": {}}),
        ("POST", "/tasks/{}/complete", {"values": {"title": "x"}}),
        ("POST", "/tasks/{}/claim", None),
        ("POST", "/tasks/{}/release", None),
        ("POST", "/tasks/{}/delegate", {"to": "pia", "reason": "x"}),
    ):
        theirs = per(method, address.format(task), **({"json": body} if body else {}))
        nobodys = per(method, address.format(unknown), **({"json": body} if body else {}))
        assert theirs.status_code == nobodys.status_code == 404
        assert theirs.get_json() == nobodys.get_json()
    assert per.get("/tasks?state=open").get_json()["items"] == []


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ("state=open", 1),
        ("state=completed", 0),
        ("role=manager", 1),
        ("role=superior", 0),
        ("unit=it", 1),
        ("unit=law", 0),
        ("process=p", 1),
        ("process=q", 0),
        ("due_before=2027-01-08T00:00:00Z", 1),
        ("due_before=2027-01-07T09:00:00%2B01:00", 0),
        ("assignee=kari", 0),
        ("cycle=2027", 0),
        ("state=&unit=&process=&page=1&page_size=200", 1),
        ("page=2", 0),
    ],
)
def test_tasks_are_filtered(owner: Program, kari: Program, task: str, filters: str, found: int) -> None:
    reader = kari if filters.startswith(("state=&", "page=")) else owner
    assert len(reader.get(f"/tasks?{filters}").get_json()["items"]) == found


def test_tasks_of_one_instance(owner: Program, instance: str, task: str) -> None:
    assert owner.get(f"/tasks?instance={instance}").get_json()["total"] == 1
    assert owner.get(f"/tasks?instance={uuid4()}").get_json()["total"] == 0


def test_what_a_draft_and_a_form_hold_comes_back_as_it_was(kari: Program, office: Office, task: str) -> None:
    typed = "«Æ ø å» 🙂\n\t" + "x" * 300
    kari.put(f"/tasks/{task}/draft", {"values": {"title": "t", "note": typed}})
    assert kari.get(f"/tasks/{task}").get_json()["draft"]["values"]["note"] == typed


def test_a_task_without_a_form_is_only_ticked_off(
    office: Office, kari: Program, program: Callable[..., Program], task: str
) -> None:
    kari.post(f"/tasks/{task}/complete", {"values": {"title": "Ja"}})
    dag = program("dag")
    (line,) = dag.get("/tasks").get_json()["items"]
    sheet = dag.get(f"/tasks/{line['id']}").get_json()
    assert (sheet["form"], sheet["context"], sheet["answers"]) == (None, {}, None)
    wrong = dag.post(f"/tasks/{line['id']}/complete", {"values": {"title": "x"}})
    assert [error["field"] for error in wrong.get_json()["errors"]] == ["title"]
    assert dag("POST", f"/tasks/{line['id']}/complete").status_code == 200


def test_the_tick_is_rung_for_what_was_kept_and_for_nothing_else(office: Office, kari: Program, task: str) -> None:
    rings: list[bool] = []
    office.app.extensions["ring"] = lambda: rings.append(True)
    kari.get("/tasks")
    kari.post(f"/tasks/{task}/complete", {"values": {}})
    kari.send("/processes/check", ("a.bpmn", b"x"))
    assert rings == []
    kari.post(f"/tasks/{task}/complete", {"values": {"title": "Ja"}})
    assert rings == [True]


def test_a_program_is_told_which_fields_are_open_and_what_they_take(kari: Program, task: str) -> None:
    look = kari.get(f"/tasks/{task}").get_json()["look"]
    title, note = look["fields"]
    assert (title["field"], title["type"], title["required"], title["value"]) == ("title", "textfield", True, None)
    assert (note["key"], note["required"]) == ("note", False)
    assert look["values"] == {"title": None, "note": None}
    seen = kari.post(f"/tasks/{task}/look", {"values": {"title": "Ja"}}).get_json()
    assert seen["values"] == {"title": "Ja", "note": None}
    assert kari.get(f"/tasks/{task}").get_json()["draft"]["version"] == 0  # looking keeps nothing
    assert kari.post(f"/tasks/{task}/complete", {"values": seen["values"]}).status_code == 200
    assert kari.get(f"/tasks/{task}").get_json()["look"] is None
