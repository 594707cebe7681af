"""Substitutes over the API."""

from __future__ import annotations

from collections.abc import Callable

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
