"""A whole cycle over `/api/v1`: started, walked by everybody, decided, followed up and closed; nothing is left over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from komp_flow import audit, engine
from komp_flow.engine.tables import Incident, Task, Timer
from whole import robot
from whole.people import organisation
from whole.site import Site
from whole.year import Year

PEOPLE = 24
STEPS = {
    *(f"cycle.A{n}" for n in range(1, 10)),
    *(f"unit.B{n}" for n in range(1, 11)),
    *(f"talk.C{n}" for n in range(1, 8)),
    "reading.read-and-confirm",
    "measure.report-measure",
}


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    site = Site(tmp_path_factory.mktemp("year"), organisation(PEOPLE))
    walked = Year(site)
    walked.walk()
    yield walked
    site.close()


def items(year: Year, address: str, by: str) -> list[dict[str, Any]]:
    return list(robot.pages(year.site.call, address, by))


def sent(year: Year, element: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [(task, values) for task, _by, values in year.sent if task["element"] == element]


def test_every_step_of_the_four_phases_was_done_by_somebody(year: Year) -> None:
    assert STEPS - year.done.keys() == set()
    assert year.done["cycle.A7"] == 2, "sent back once"
    assert year.declined
    assert year.postponed


def test_the_registers_hold_what_was_sent(year: Year) -> None:
    hr = year.site.people.roles["hr"]
    for register, element, column, key, path in (
        ("areas?stage=proposed", "B4", "area", "area", "areas"),
        ("measures?stage=proposed", "B5", "name", "name", "measures"),
        ("actions", "B10", "name", "name", "actions"),
        ("documents", "A2", "title", "title", "documents"),
        ("glossary", "A2", "term", "term", "glossary"),
        ("decisions", "A7", "outcome", "outcome", "decisions"),
    ):
        newest = {task["unit"]: values for task, values in sent(year, element)}  # a step done again replaces
        wanted = sorted(str(row[key]) for values in newest.values() for row in values.get(path, ()))
        found = sorted(str(row[column]) for row in items(year, f"/{register}", hr))
        assert found == wanted, register
        assert found, register
    assert {row["unit"] for row in items(year, "/conclusions", hr)} == {task["unit"] for task, _v in sent(year, "B6")}


def test_each_person_finds_their_own_goals_and_hr_finds_none(year: Year) -> None:
    newest: dict[str, list[str]] = {}
    for task, values in [*sent(year, "C4"), *sent(year, "C6")]:
        newest[task["person"]] = sorted(goal["goal"] for goal in values["goals"])
    assert newest
    for person, goals in newest.items():
        mine = [row for row in items(year, "/goals", person) if row["person"] == person]
        assert sorted(row["goal"] for row in mine) == goals, person
    assert items(year, "/goals", year.site.people.roles["union_rep"]) == [
        row for row in items(year, "/goals", year.site.people.roles["union_rep"])
        if row["person"] == year.site.people.roles["union_rep"]
    ]  # fmt: skip


def test_every_talk_is_closed_or_accounted_for(year: Year) -> None:
    status = {person: [talk["status"] for talk in items(year, "/talks", person) if talk["person"] == person]
              for person in year.site.people.employees}  # fmt: skip
    with_talk = {task["person"] for task, _values in sent(year, "C4")}
    for person, found in status.items():
        if person in year.declined:
            assert found == ["declined"], person
        elif person in with_talk:
            assert found == ["closed"], person
        else:
            assert found == [], person  # the one who has nobody above them
    assert len(with_talk | year.declined) >= PEOPLE - 1


def test_nothing_is_left_over(year: Year) -> None:
    owner = year.site.people.roles["process_owner"]
    for state in ("incident", "suspended", "active"):
        assert items(year, f"/instances?state={state}", owner) == [], state
    for person in year.site.people.employees:
        assert items(year, "/tasks", person) == [], person
        assert items(year, "/instances?state=active", person) == [], person
    with year.site.database.reading() as db:
        assert db.scalar(select(func.count()).select_from(Timer)) == 0
        assert db.scalar(select(func.count()).select_from(Incident)) == 0
        assert db.scalar(select(func.count()).select_from(Task).where(Task.state == "open")) == 0
        completed = db.scalar(select(func.count()).select_from(Task).where(Task.state == "completed"))
        assert completed == sum(year.done.values())
        assert audit.verify(db, engine.streams(db)) == []
