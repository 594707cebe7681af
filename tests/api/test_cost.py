"""What a request costs in statements: of all that a person does, the same however much there is."""

from __future__ import annotations

from api.conftest import Office, Program
from engine.storing import counted

WHO = 2  # whose token it is, and the organisation's stamp: read apart, so that a stranger makes no writer wait


def test_completing_a_task_costs_few_statements(office: Office, kari: Program, task: str) -> None:
    kari.get("/tasks")
    with counted(office.database) as seen:
        answer = kari.post(f"/tasks/{task}/complete", {"values": {"title": "Ja"}}, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 200
    assert len(seen) <= WHO + 12 + 3


def test_a_list_costs_the_same_however_many_tasks_there_are(office: Office, kari: Program, owner: Program) -> None:
    def cost() -> int:
        with counted(office.database) as seen:
            assert kari.get("/tasks").status_code == 200
        return len(seen)

    assert owner.post("/instances", {"process": "p", "subject": {"unit": "it"}}).status_code == 201
    cost()
    with_one = cost()
    for _number in range(5):
        assert owner.post("/instances", {"process": "p", "subject": {"unit": "it"}}).status_code == 201
    assert cost() == with_one <= WHO + 3


def test_opening_a_task_costs_few_statements(office: Office, kari: Program, task: str) -> None:
    kari.get(f"/tasks/{task}")
    with counted(office.database) as seen:
        assert kari.get(f"/tasks/{task}").status_code == 200
    assert len(seen) <= WHO + 5
