"""HR's board."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

import pytest
from sqlalchemy.orm import Session

from engine.drawing import doc, end, flows, properties, start, sub
from engine.storing import job, schedule
from komp_flow import engine, registers, work
from komp_flow.db import Database
from komp_flow.engine import SourceFile
from komp_flow.errors import NotAllowed, NotFound
from komp_flow.organisation import Subject
from work.conftest import Office
from work.staff import DAG, EIER, HANNE, KARI, PER
from work.test_inbox import counted

UNIT = doc(
    start(),
    sub(
        "one",
        start("s1"),
        job("a", ext=schedule("=deadline.preparation")),
        end("e1"),
        flows("s1>a>e1"),
        ext=properties(phase="preparation"),
        name="Første",
    ),
    sub("two", start("s2"), job("b"), end("e2"), flows("s2>b>e2"), ext=properties(phase="talks"), name="Andre"),
    end(),
    flows("s>one>two>e"),
    pid="unit",
)


@pytest.fixture
def board(office: Office) -> Office:
    office.publish(SourceFile("unit.bpmn", UNIT))
    with office.database.transaction() as db:
        registers.set_up(
            db, {"name": "2027", "start": date(2027, 1, 4)}, cycle_id=None, instance_id=None, now=office.now
        )
    for unit in ("it", "law"):
        office.start("unit", Subject(unit=unit, cycle="2027"))
    return office


def statuses(office: Office) -> dict[str, list[str]]:
    found = office.look(work.board, HANNE, "2027")
    return {row.unit: [cell.status for cell in row.cells] for row in found.rows}


def test_every_unit_stands_in_the_order_of_the_tree_with_its_phases(board: Office) -> None:
    found = board.look(work.board, HANNE, "2027")
    assert [(row.unit, row.depth) for row in found.rows] == [("dir", 0), ("it", 1), ("law", 1)]
    assert [(phase.id, phase.name) for phase in found.phases] == [("preparation", "Første"), ("talks", "Andre")]
    assert statuses(board) == {
        "dir": ["not-started", "not-started"],
        "it": ["under-way", "not-started"],
        "law": ["under-way", "not-started"],
    }
    assert found.totals["preparation"] == {"not-started": 1, "under-way": 2}


def test_phases_are_done_and_late_as_they_are(board: Office) -> None:
    board.act(work.complete, board.task(KARI, "a"), KARI, {})
    board.pass_time(days=30)
    assert statuses(board) == {
        "dir": ["not-started", "not-started"],
        "it": ["done", "under-way"],
        "law": ["late", "not-started"],
    }
    found = board.look(work.board, HANNE, "2027")
    assert (found.overdue, found.escalated) == (1, 0)
    board.act(work.complete, board.task(KARI, "b"), KARI, {})
    assert statuses(board)["it"] == ["done", "done"]
    assert board.look(work.board, DAG, "2027").rows[1].state == "completed"


def test_the_board_costs_the_same_for_many_units_as_for_few(board: Office) -> None:
    board.look(work.board, HANNE, "2027")
    with counted(board.database) as unchanged:
        board.look(work.board, HANNE, "2027")
    board.start("unit", Subject(unit="dir", cycle="2027"))
    with counted(board.database) as for_one:
        board.look(work.board, HANNE, "2027")
    for unit in ("dir", "it", "law"):
        board.start("unit", Subject(unit=unit, cycle="2027"))
    with counted(board.database) as for_three:
        board.look(work.board, HANNE, "2027")
    assert len(for_three) == len(for_one)
    assert len(unchanged) == len(for_one) - 2


@pytest.mark.databases
def test_what_has_changed_since_the_last_look_is_seen(board: Office) -> None:
    def row(unit: str) -> work.BoardRow:
        return next(row for row in board.look(work.board, HANNE, "2027").rows if row.unit == unit)

    instance = row("it").instance
    assert instance is not None
    board.act(work.suspend, EIER, instance, "Venter på noe")
    assert row("it").state == "suspended"
    board.act(work.resume, EIER, instance, "Går videre")
    assert row("it").state == "active"
    with board.database.transaction() as db:
        engine.raise_escalation(db, instance)
    assert (row("it").escalation, row("law").escalation) == (1, 0)
    board.act(work.move_date, EIER, "2027", "preparation", date(2027, 1, 20))
    assert row("it").cells[0].due_at == row("law").cells[0].due_at
    due = row("it").cells[0].due_at
    assert due is not None
    assert due.date() == date(2027, 1, 20)
    board.act(work.cancel, EIER, instance, "Ikke i år")
    assert row("it").state == "cancelled"


def test_what_is_rolled_back_was_never_on_the_board(board: Office) -> None:
    def state(db: Session) -> str | None:
        return next(row.state for row in work.board(db, HANNE, "2027", board.now).rows if row.unit == "it")

    def fail(db: Session) -> None:
        found = next(row for row in work.board(db, HANNE, "2027", board.now).rows if row.unit == "it")
        work.cancel(db, EIER, found.instance, "Nei", board.now)
        assert state(db) == "cancelled"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), board.database.transaction() as db:
        fail(db)
    with board.database.reading() as db:
        assert state(db) == "active"


def test_what_falls_due_is_late_though_nothing_has_changed(board: Office) -> None:
    assert statuses(board)["law"] == ["under-way", "not-started"]
    board.pass_time(days=60)
    assert statuses(board)["law"] == ["late", "not-started"]
    board.pass_time(days=-60)
    assert statuses(board)["law"] == ["under-way", "not-started"]


def test_the_board_is_shown_page_by_page_with_sums_of_all(board: Office) -> None:
    board.pass_time(days=60)

    def page(**asked: Any) -> work.Board:
        return board.look(partial(work.board, asked=work.Asked(page_size=2, **asked)), HANNE, "2027")

    first, last, beyond, late = page(), page(page=2), page(page=9), page(only_late=True)
    assert [row.unit for row in (*first.rows, *last.rows)] == ["dir", "it", "law"]
    assert (first.pages, first.units, beyond.page) == (2, 3, 2)
    assert first.totals == last.totals == {"preparation": {"not-started": 1, "late": 2}, "talks": {"not-started": 3}}
    assert ([row.unit for row in late.rows], late.pages) == (["it", "law"], 1)


def test_the_board_is_for_those_who_lead_the_work(board: Office) -> None:
    with pytest.raises(NotAllowed):
        board.look(work.board, PER, "2027")
    with pytest.raises(NotFound):
        board.look(work.board, HANNE, "1999")


def test_an_empty_installation_has_an_empty_board(database: Database, office: Office) -> None:
    with database.transaction() as db:
        registers.set_up(
            db, {"name": "2027", "start": date(2027, 1, 4)}, cycle_id=None, instance_id=None, now=office.now
        )
    assert office.look(work.board, HANNE, "2027").phases == ()
