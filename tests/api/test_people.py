"""Substitutes over the API."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from api.conftest import Office, Program

WEEK = {"start": "2027-01-04", "end": "2027-01-08"}


def test_one_sets_ones_own_substitute_and_takes_it_away(
    office: Office, program: Callable[..., Program], kari: Program, instance: str
) -> None:
    nils = program("nils")
    assert nils.get("/tasks").get_json()["total"] == 0
    made = kari.post("/substitutions", {"substitute": "nils", **WEEK})
    assert made.status_code == 201, made.text
    assert made.get_json() == {"id": 1, "person": "kari", "substitute": "nils", "runs": True, **WEEK}
    (task,) = nils.get("/tasks").get_json()["items"]
    assert "Kari Nordmann" in task["why"]
    assert [one["id"] for one in nils.get("/substitutions").get_json()["items"]] == [1]
    assert kari("DELETE", "/substitutions/1").status_code == 200
    assert nils.get("/tasks").get_json()["total"] == 0
    assert kari("DELETE", "/substitutions/1").status_code == 404


def test_the_trail_says_on_whose_behalf(office: Office, program: Callable[..., Program], kari: Program, instance: str):
    kari.post("/substitutions", {"substitute": "nils", **WEEK})
    nils = program("nils")
    (task,) = nils.get("/tasks").get_json()["items"]
    assert nils.post(f"/tasks/{task['id']}/complete", {"values": {"title": "Ja"}}).status_code == 200
    trail = kari.get(f"/instances/{instance}").get_json()["trail"]
    done = next(event for event in trail if event["what"] == "completed" and event["element"] == "u1")
    assert (done["by"], done["on_behalf_of"]) == ("nils", "kari")
    assert "(på vegne av Kari Nordmann)" in done["sentence"]


def test_hr_sets_anybodys_and_others_only_their_own(program: Callable[..., Program], kari: Program) -> None:
    assert kari.post("/substitutions", {"person": "per", "substitute": "nils", **WEEK}).status_code == 403
    hanne = program("hanne")
    assert hanne.post("/substitutions", {"person": "per", "substitute": "pia", **WEEK}).status_code == 201
    assert hanne.get("/substitutions?person=pia").get_json()["total"] == 1
    assert kari.get("/substitutions").get_json()["total"] == 0
    assert kari("DELETE", "/substitutions/1").status_code == 404
    assert program("pia")("DELETE", "/substitutions/1").status_code == 403


def test_a_substitute_who_cannot_be_is_refused_by_field(kari: Program) -> None:
    answer = kari.post("/substitutions", {"substitute": "kari", **WEEK})
    assert [error["field"] for error in answer.get_json()["errors"]] == ["substitute"]
    answer = kari.post("/substitutions", {"substitute": "nils", "start": "2027-01-08", "end": "2027-01-04"})
    assert [error["field"] for error in answer.get_json()["errors"]] == ["end"]
    answer = kari.post("/substitutions", {"substitute": "nils", "start": "i morgen", "end": "2027-01-04"})
    assert [error["field"] for error in answer.get_json()["errors"]] == ["start"]
    assert kari.post("/substitutions", {"substitute": "nobody", **WEEK}).status_code == 404


UNITS = "unit_id;parent_id;name;org_number;manager_id;deputy_id\ndir;;Direktoratet;;dag;\nit;dir;IT;;kari;ola\n"
PEOPLE = "employee_id;name;email;unit_id;manager_id;position;percent;start;end;absence_from;absence_to;language;roles\n"
STAFF = (("dag", "dir", "top_management"), ("hanne", "dir", "hr"), ("eier", "dir", "process_owner"),
         ("adm", "dir", "administrator"), ("kari", "it", ""), ("ola", "it", ""), ("nina", "it", ""))  # fmt: skip
FILES = PEOPLE + "".join(f"{i};{i.title()};{i}@example.org;{unit};;;100;;;;;nb;{role}\n" for i, unit, role in STAFF)


def send(caller: Program, units: str = UNITS, people: str = FILES, **more: str) -> Any:
    data: dict[str, Any] = {"units": (BytesIO(units.encode()), "u.csv"), "people": (BytesIO(people.encode()), "p.csv")}
    return caller("POST", "/organisation", data=data | more, content_type="multipart/form-data")


def test_an_organisation_is_looked_at_and_then_imported(
    office: Office, program: Callable[..., Program], instance: str
) -> None:
    hanne = program("hanne")
    looked = send(hanne, dry_run="true").get_json()
    assert (looked["dry_run"], looked["written"]) == (True, False)
    assert looked["counts"]["person-new"] == 1
    assert {"what": "person", "kind": "left", "id": "nils", "name": "Nils Nilsen", "fields": {}} in looked["changes"]
    assert hanne.get("/people?unit=it").get_json()["total"] == 3
    done = send(hanne).get_json()
    assert (done["dry_run"], done["written"], done["counts"]) == (False, True, looked["counts"])
    assert [person["id"] for person in hanne.get("/people?unit=it").get_json()["items"]] == ["kari", "nina", "ola"]
    again = send(hanne).get_json()
    assert (again["written"], again["changes"], again["consequences"]) == (False, [], [])


def test_a_dry_run_says_what_follows_for_running_work(program: Callable[..., Program], instance: str) -> None:
    vacant = UNITS.replace("kari;ola", ";ola")
    said = send(program("hanne"), units=vacant, dry_run="true").get_json()["consequences"]
    assert said == ["Én enhet er uten leder. Oppgavene går til stedfortreder, overordnet leder eller HR."]


def test_files_with_mistakes_change_nothing_and_list_every_row(program: Callable[..., Program]) -> None:
    answer = send(program("hanne"), people=FILES.replace(";it;", ";nowhere;"))
    assert answer.status_code == 422
    fields = [error["field"] for error in answer.get_json()["errors"]]
    assert fields == ["people-6-unit_id", "people-7-unit_id", "people-8-unit_id"]
    assert program("hanne").get("/people?unit=it").get_json()["total"] == 3


def test_only_hr_and_administrators_import(program: Callable[..., Program], kari: Program) -> None:
    assert send(kari).status_code == 403
    assert send(program("hanne", "registers")).status_code == 403
    assert send(program("adm"), dry_run="true").status_code == 200


def test_a_file_that_is_missing_or_empty_is_named(program: Callable[..., Program]) -> None:
    hanne = program("hanne")
    answer = hanne(
        "POST", "/organisation", data={"units": (BytesIO(b"x"), "u.csv")}, content_type="multipart/form-data"
    )
    assert [error["field"] for error in answer.get_json()["errors"]] == ["people"]
    answer = send(hanne, people="")
    assert [error["field"] for error in answer.get_json()["errors"]] == ["people"]


def test_a_talk_that_is_not_there_is_not_found(kari: Program, instance: str) -> None:
    for act in ("postpone", "resume", "decline", "withdraw-decline"):
        assert kari.post(f"/talks/{instance}/{act}", {}).status_code == 404
    assert kari.post(f"/talks/{instance}/begin", {}).status_code == 404
    assert kari.post(f"/talks/{instance}/move", {"talk_at": "2027-02-01T10:00:00+01:00"}).status_code == 404
    assert kari.post(f"/talks/{instance}/hand-over", {"to": "per", "reason": "x"}).status_code == 404
    assert kari.post(f"/me/plan-transfers/{instance}", {"follows": True}).status_code == 404
    assert kari.get("/me/plan-transfers").get_json()["total"] == 0
    assert kari.post("/talks", {"person": "nobody"}).status_code == 404


def test_a_unit_that_is_open_is_not_mapped(program: Callable[..., Program]) -> None:
    answer = program("hanne").post("/units/it/mapping", {"to": ["law"], "reason": "Slått sammen"})
    assert answer.status_code == 409
    assert program("kari").post("/units/it/mapping", {"to": ["law"], "reason": "x"}).status_code == 403
