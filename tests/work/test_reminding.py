"""Reminders before a task is due."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select

from engine.drawing import doc, end, flows, properties, start
from engine.storing import job, schedule
from komp_flow import notifications, work
from komp_flow.engine import SourceFile, Task
from komp_flow.work.recurring import reminding
from work.conftest import Office
from work.staff import KARI, PER, away

DUE = "2027-02-01T15:00:00Z"  # a Monday


def begin(office: Office, **said: str) -> None:
    drawn = job("a", ext=schedule(DUE) + (properties(**said) if said else ""), name="Gjør det")
    office.publish(SourceFile("q.bpmn", doc(start(), drawn, end(), flows("s>a>e"), pid="q")))
    office.start("q")


def told(office: Office, person: str = "kari") -> list[tuple[str, datetime]]:
    with office.database.reading() as db:
        return [(n.kind, n.created_at) for n in reversed(notifications.about(db, person)) if n.kind == "reminder"]


def run(office: Office, days: int) -> None:
    """A tick each morning at nine in Oslo."""
    for _day in range(days):
        office.pass_time(days=1)
        work.run_all(office.database, office.now)


@pytest.mark.databases
def test_a_reminder_comes_seven_days_before_and_on_the_day(office: Office) -> None:
    begin(office)
    run(office, 35)
    assert told(office) == [
        ("reminder", datetime(2027, 1, 25, 8, tzinfo=UTC)),
        ("reminder", datetime(2027, 2, 1, 8, tzinfo=UTC)),
    ]
    with office.database.reading() as db:
        notice = notifications.about(db, "kari")[0]
        assert (notice.text, notice.unit_id) == ("Gjør det", "it")
        assert notice.task_id == db.scalar(select(Task.id))


def test_a_reminder_on_a_free_day_comes_on_the_next_working_day(office: Office) -> None:
    begin(office, reminders="P2D")  # Saturday 30 January
    run(office, 35)
    assert told(office) == [("reminder", datetime(2027, 2, 1, 8, tzinfo=UTC))]


def test_a_task_may_have_none(office: Office) -> None:
    begin(office, reminders="none")
    run(office, 35)
    assert told(office) == []


def test_nothing_is_told_twice_or_before_eight(office: Office) -> None:
    begin(office)
    office.now = datetime(2027, 1, 25, 6, 59, tzinfo=UTC)
    work.run_all(office.database, office.now)
    assert told(office) == []
    for minutes in (1, 2, 600):
        work.run_all(office.database, office.now + timedelta(minutes=minutes))
    assert len(told(office)) == 1


def test_what_was_missed_while_down_is_told_once(office: Office) -> None:
    begin(office)
    run(office, 1)
    office.now = datetime(2027, 2, 1, 8, tzinfo=UTC)
    work.run_all(office.database, office.now)
    assert told(office) == [("reminder", office.now)]


def test_those_who_are_done_or_have_handed_it_on_are_not_told(office: Office) -> None:
    begin(office)
    with office.database.transaction() as db:
        away(db, "kari", "nils", office.now)
    task = office.task(KARI, "a")
    office.act(work.delegate, task, KARI, "per", "Jeg er bortreist")
    run(office, 22)
    assert (told(office), len(told(office, "per"))) == ([], 1)
    office.act(work.complete, task, PER, {})
    run(office, 10)
    assert len(told(office, "per")) == 1


@pytest.mark.databases
def test_many_are_told_in_parts_each_once_and_another_day_begins_anew(office: Office) -> None:
    begin(office)
    for _more in range(6):
        office.start("q")
    run(office, 1)  # Tuesday 5 January: nothing yet
    office.now = datetime(2027, 1, 25, 8, tzinfo=UTC)  # seven days before
    assert office.act(partial(reminding.remind, limit=3))
    assert len(told(office)) == 3
    office.now = datetime(2027, 2, 1, 8, tzinfo=UTC)  # and then it was down: all of them on the day, from the first
    while office.act(partial(reminding.remind, limit=3)):
        pass
    assert Counter(told(office)) == {
        ("reminder", datetime(2027, 1, 25, 8, tzinfo=UTC)): 3,
        ("reminder", datetime(2027, 2, 1, 8, tzinfo=UTC)): 7,
    }
    run(office, 1)
    assert len(told(office)) == 10
