"""`Idempotency-Key`: what is sent twice is done once, and answered alike."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from api.conftest import Office, Program
from engine.drawing import doc, end, flows, start
from engine.storing import job

KEY = {"Idempotency-Key": "k-1"}
START = {"process": "p", "subject": {"unit": "it"}}
GOOD = doc(start(), job("a"), end(), flows("s>a>e"), pid="good")


def test_a_repeat_gets_the_same_answer_and_does_nothing(owner: Program) -> None:
    first, second = owner.post("/instances", START, headers=KEY), owner.post("/instances", START, headers=KEY)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.data == second.data
    assert first.headers["Location"] == second.headers["Location"]
    assert second.content_type == first.content_type
    assert owner.get("/instances").get_json()["total"] == 1


def test_completing_twice_with_a_key_is_no_conflict(kari: Program, task: str) -> None:
    body = {"values": {"title": "Ja"}}
    first = kari.post(f"/tasks/{task}/complete", body, headers=KEY)
    again = kari.post(f"/tasks/{task}/complete", body, headers=KEY)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.get_json() == again.get_json()
    assert kari.post(f"/tasks/{task}/complete", body).status_code == 409


@pytest.mark.parametrize(
    "other", [{"process": "p", "subject": {"unit": "law"}}, {"process": "q"}, {**START, "variables": {"a": 1}}]
)
def test_another_body_under_the_key_is_refused(owner: Program, other: dict[str, Any]) -> None:
    owner.post("/instances", START, headers=KEY)
    answer = owner.post("/instances", other, headers=KEY)
    assert (answer.status_code, answer.get_json()["type"]) == (422, "/problems/idempotency")
    assert owner.get("/instances").get_json()["total"] == 1


def test_another_address_under_the_key_is_refused(owner: Program) -> None:
    owner.post("/messages", {"name": "x"}, headers=KEY)
    assert owner.post("/instances", START, headers=KEY).get_json()["type"] == "/problems/idempotency"


def test_an_error_does_not_use_the_key_up(kari: Program, task: str) -> None:
    wrong = kari.post(f"/tasks/{task}/complete", {"values": {}}, headers=KEY)
    assert wrong.status_code == 422
    right = kari.post(f"/tasks/{task}/complete", {"values": {"title": "Ja"}}, headers=KEY)
    assert right.status_code == 200


def test_a_key_is_a_persons_own(owner: Program, program: Callable[..., Program]) -> None:
    first = owner.post("/instances", START, headers=KEY)
    second = program("hanne").post("/instances", START, headers=KEY)
    assert first.get_json()["id"] != second.get_json()["id"]


def test_a_key_is_kept_for_a_day(owner: Program, office: Office) -> None:
    first = owner.post("/instances", START, headers=KEY).get_json()
    office.pass_time(hours=23, minutes=59)
    assert owner.post("/instances", START, headers=KEY).get_json() == first
    office.pass_time(minutes=2)
    assert owner.post("/instances", START, headers=KEY).get_json()["id"] != first["id"]


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb"])
def test_a_key_that_is_none(owner: Program, key: str) -> None:
    answer = owner.post("/instances", START, headers={"Idempotency-Key": key})
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["field"] == "Idempotency-Key"


def test_files_sent_again_are_known_though_their_boundary_is_new(owner: Program) -> None:
    first = owner.send("/processes", ("good.bpmn", GOOD), why="x", headers=KEY)
    assert first.status_code == 201
    assert owner.send("/processes", ("good.bpmn", GOOD), why="x", headers=KEY).data == first.data
    other = owner.send("/processes", ("good.bpmn", GOOD), why="y", headers=KEY)
    assert other.get_json()["type"] == "/problems/idempotency"
    other = owner.send("/processes", ("good.bpmn", GOOD + b" "), why="x", headers=KEY)
    assert other.get_json()["type"] == "/problems/idempotency"


def test_files_that_were_refused_leave_the_key_free(owner: Program) -> None:
    assert owner.send("/processes", ("good.bpmn", b"x"), why="x", headers=KEY).status_code == 422
    assert owner.send("/processes", ("good.bpmn", GOOD), why="x", headers=KEY).status_code == 201


def test_claiming_releasing_delegating_and_steering_take_a_key(
    owner: Program, kari: Program, task: str, instance: str
) -> None:
    for number, (who, address, body) in enumerate(
        (
            (kari, f"/tasks/{task}/claim", {}),
            (kari, f"/tasks/{task}/release", {}),
            (kari, f"/tasks/{task}/delegate", {"to": "nils", "reason": "Ferie"}),
            (owner, f"/instances/{instance}/suspend", {"reason": "x"}),
            (owner, f"/instances/{instance}/resume", {"reason": "x"}),
            (owner, f"/instances/{instance}/cancel", {"reason": "x"}),
        )
    ):
        key = {"Idempotency-Key": str(number)}
        first, again = who.post(address, body, headers=key), who.post(address, body, headers=key)
        assert (first.status_code, again.status_code) == (200, 200), address
        assert first.data == again.data


@pytest.mark.databases
def test_the_same_key_at_the_same_time_is_done_once(office: Office, owner: Program) -> None:
    callers = 6
    together = Barrier(callers)

    def call(_number: int) -> Any:
        mine = Program(office.app.test_client(), owner.secret)
        together.wait()
        return mine.post("/instances", START, headers=KEY)

    with ThreadPoolExecutor(callers) as pool:
        answers = list(pool.map(call, range(callers)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert owner.get("/instances").get_json()["total"] == 1


@pytest.mark.databases
def test_a_task_completed_at_the_same_time_is_completed_once(office: Office, kari: Program, task: str) -> None:
    callers = 6
    together = Barrier(callers)

    def call(number: int) -> int:
        mine = Program(office.app.test_client(), kari.secret)
        together.wait()
        return int(mine.post(f"/tasks/{task}/complete", {"values": {"title": str(number)}}).status_code)

    with ThreadPoolExecutor(callers) as pool:
        statuses = sorted(pool.map(call, range(callers)))
    assert statuses == [200] + [409] * (callers - 1)
