"""HR's board."""

from __future__ import annotations

from datetime import date

import pytest

from engine.drawing import doc, end, flows, properties, start, sub
from engine.storing import job, schedule
from komp_flow import registers, work
from komp_flow.db import Database
from komp_flow.engine import SourceFile
from komp_flow.errors import NotAllowed, NotFound
from komp_flow.organisation import Subject
from work.conftest import Office
from work.staff import DAG, HANNE, KARI, PER
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
    with counted(board.database) as for_two:
        board.look(work.board, HANNE, "2027")
    board.start("unit", Subject(unit="dir", cycle="2027"))
    with counted(board.database) as for_three:
        board.look(work.board, HANNE, "2027")
    assert len(for_three) == len(for_two)


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
