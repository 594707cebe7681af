"""Lists of tasks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event

from engine.drawing import doc, end, flows, start
from engine.storing import job, schedule
from komp_flow import work
from komp_flow.db import Database
from komp_flow.engine import SourceFile
from komp_flow.errors import Invalid, NotAllowed
from komp_flow.organisation import Subject
from work.conftest import Office
from work.staff import DAG, EIER, HANNE, KARI, NILS, PER, actor


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that are sent."""
    sent: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield sent
    event.remove(database.engine, "before_cursor_execute", note)


def test_what_is_overdue_comes_first_then_what_is_due_soonest(office: Office) -> None:
    for name, due in (("late", "P1D"), ("none", None), ("soon", "P3D"), ("far", "P9D")):
        ext = schedule(f"=now() + duration(&quot;{due}&quot;)") if due else ""
        office.publish(
            SourceFile(f"{name}.bpmn", doc(start(), job(name, ext=ext), end(), flows(f"s>{name}>e"), pid=name))
        )
        office.start(name)
    office.pass_time(days=2)
    assert office.inbox(KARI) == ["late", "soon", "far", "none"]
    assert [line.overdue for line in office.look(work.inbox, KARI)] == [True, False, False, False]


def test_a_task_is_not_shown_before_its_follow_up_date(office: Office) -> None:
    later = schedule(follow_up="=now() + duration(&quot;P5D&quot;)")
    office.publish(SourceFile("q.bpmn", doc(start(), job("a", ext=later), end(), flows("s>a>e"), pid="q")))
    office.start("q")
    assert office.inbox(KARI) == []
    assert office.listed(KARI, work.TaskFilters(mine=True)).total == 0
    assert office.listed(KARI, work.TaskFilters(process="q")).total == 1
    office.pass_time(days=5)
    assert office.inbox(KARI) == ["a"]


def test_the_reader_is_told_why(office: Office) -> None:
    office.start()
    (line,) = office.look(work.inbox, KARI)
    assert (line.why, line.role, line.unit_name) == ("Du er leder for IT.", "manager", "IT")


def test_the_inbox_costs_the_same_for_many_tasks_as_for_one(office: Office) -> None:
    office.start()
    office.look(work.inbox, KARI)  # the organisation of the day is read once
    with counted(office.database) as for_one:
        office.look(work.inbox, KARI)
    for _number in range(20):
        office.start()
    with counted(office.database) as for_many:
        assert len(office.look(work.inbox, KARI)) == 21
    assert len(for_many) == len(for_one)


def test_a_suspended_instance_rests_in_the_inbox_too(office: Office) -> None:
    instance = office.start()
    office.act(work.suspend, EIER, instance, "Vi venter på avklaring")
    assert office.inbox(KARI) == []


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (work.TaskFilters(), 2),
        (work.TaskFilters(unit="it"), 1),
        (work.TaskFilters(unit="nowhere"), 0),
        (work.TaskFilters(role="manager"), 2),
        (work.TaskFilters(role="hr"), 0),
        (work.TaskFilters(process="p"), 2),
        (work.TaskFilters(state="open"), 2),
        (work.TaskFilters(state="completed"), 0),
        (work.TaskFilters(assignee="nils"), 0),
        (work.TaskFilters(cycle="2027"), 0),
    ],
)
def test_lists_are_narrowed(office: Office, filters: work.TaskFilters, found: int) -> None:
    office.start(subject=Subject(unit="it"))
    office.start(subject=Subject(unit="law"))
    assert office.listed(HANNE, filters).total == found


def test_due_before_narrows(office: Office) -> None:
    office.start()
    soon, far = (work.TaskFilters(due_before=office.now + timedelta(days=days)) for days in (2, 4))
    assert office.listed(HANNE, soon).total == 0
    assert office.listed(HANNE, far).total == 1


def test_lists_come_in_pages(office: Office) -> None:
    for _number in range(5):
        office.start()
    pages = [office.listed(HANNE, page=number, page_size=2) for number in (1, 2, 3)]
    assert [len(page.items) for page in pages] == [2, 2, 1]
    assert {page.total for page in pages} == {5}
    assert len({line.id for page in pages for line in page.items}) == 5
    with pytest.raises(Invalid):
        office.listed(HANNE, page=0)
    with pytest.raises(Invalid):
        office.listed(HANNE, work.TaskFilters(state="finished"))


def test_everyone_sees_their_part(office: Office) -> None:
    office.start(subject=Subject(unit="it"))
    office.start(subject=Subject(unit="law"))
    seen = {who.person_id: office.listed(who).total for who in (KARI, PER, DAG, HANNE, NILS)}
    assert seen == {"kari": 1, "per": 1, "dag": 2, "hanne": 2, "nils": 0}


def test_a_token_reaches_only_what_its_scopes_name(office: Office) -> None:
    office.start()
    assert office.inbox(actor("kari", "tasks")) == ["u1"]
    with pytest.raises(NotAllowed):
        office.look(work.inbox, actor("kari", "instances"))
