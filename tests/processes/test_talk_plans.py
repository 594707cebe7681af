"""Walks what comes after a talk: the plan is followed up, set against the decision, and ends with the cycle."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from engine.drawing import doc, end, flows, service
from engine.drawing import start as begin
from komp_flow import engine, notifications, registers, work
from komp_flow.db import Database
from komp_flow.organisation import Actor, Subject
from komp_flow.registers import Group, Measure, Provenance
from komp_flow.registers.models import Effect
from processes.test_talk import NILS, THE_TALK, closed, goals, held, invited, register
from processes.walking import Walk
from work import staff

HALF_A_YEAR = datetime(2027, 8, 2, 6, tzinfo=UTC)  # 182 days after Monday 18 January are in the July pause


@pytest.fixture
def walk(database: Database) -> Walk:
    walk = Walk(database)
    with database.transaction() as db:
        registers.set_up(db, {"name": "2027", "start": date(2027, 1, 4)}, cycle_id=None, instance_id=None, now=walk.now)
    return walk


@pytest.fixture
def nils(walk: Walk) -> UUID:
    return walk.start("talk", NILS)


def keep(walk: Walk, register_: str, subject: Subject, *rows: Mapping[str, object]) -> list[str]:
    """Rows as a form would have left them."""
    with walk.database.transaction() as db:
        where = Provenance("q", "q", uuid4(), uuid4(), "hanne")
        return registers.keep(db, Group(register_, "rows", [(None, row) for row in rows]), subject, where, walk.now)


def proposal(walk: Walk, name: str = "Skriveverksted") -> str:
    """A measure that the unit has proposed."""
    return keep(walk, "measures", Subject(unit="it", cycle="2027"), {"name": name})[0]


def recommended(walk: Walk, name: str, *sources: str) -> str:
    given = {"name": name, "sources": list(sources)}
    return keep(walk, "measures", Subject(cycle="2027"), given)[0]


def decided(walk: Walk, measure: str, outcome: str, reasons: str = "") -> None:
    """The top management decides about one recommended measure."""
    given = {"measure": measure, "outcome": outcome, "scope": "central", "reasons": reasons}
    keep(walk, "decisions", Subject(cycle="2027"), given)


def distributed(walk: Walk) -> None:
    """The strategy is out; every talk that has closed hears of it, and those that close later."""
    with walk.database.transaction() as db:
        registers.cycle(db, "2027").distributed_at = walk.now
        keep_until = walk.now + timedelta(days=300)
        engine.correlate(db, "strategy.decided", "2027", {}, keep_until=keep_until, by=None, now=walk.now)
    assert walk.tick().failed == 0


def opened(walk: Walk, talk: UUID, element: str, by: Actor = staff.KARI) -> work.TaskSheet:
    with walk.database.reading() as db:
        return work.task(db, walk.line(talk, element).id, by, walk.now)


@pytest.mark.parametrize("outcome", ["changed", "rejected"])
@pytest.mark.parametrize("talk_first", [True, False], ids=["talk-first", "decision-first"])
def test_a_plan_is_reconciled_when_its_measure_was_changed_or_rejected(
    walk: Walk, nils: UUID, outcome: str, talk_first: bool
) -> None:
    measure = recommended(walk, "Skriveverksted for alle", proposal(walk))
    if talk_first:
        closed(walk, nils)
    decided(walk, measure, outcome, "For dyrt i år.")
    distributed(walk)
    if not talk_first:
        closed(walk, nils)
        walk.tick()
    assert walk.here(nils) == ["C6"]
    sheet = opened(walk, nils, "C6")
    (row,) = sheet.context["reconciliation"]
    now = "Skriveverksted for alle" if outcome == "changed" else None
    assert (row["measure"], row["outcome"], row["now"], row["reasons"]) == (
        "Skriveverksted", outcome, now, "For dyrt i år.",
    )  # fmt: skip


def test_a_reconciled_plan_is_the_same_plan_changed(walk: Walk, nils: UUID) -> None:
    decided(walk, recommended(walk, "Skriveverksted", proposal(walk)), "rejected")
    closed(walk, nils)
    distributed(walk)
    (before,) = goals(walk)
    row = {
        "row-id": before["id"],
        "goal": "Lese hverandres brev",
        "area": "annet",
        "measure": None,
        "activity": "Hver uke",
    }
    walk.do(nils, "C6", values={"held_on": "2027-01-18", "goals": [{**row, "due": "2027-06-01"}]})
    (after,) = goals(walk)
    assert (after["id"], after["goal"], after["measure"]) == (before["id"], "Lese hverandres brev", None)
    assert "C6" in walk.completed(nils)
    with walk.database.reading() as db:
        told = select(notifications.Notification.person_id).where(notifications.Notification.kind == "notice")
        assert list(db.scalars(told)) == ["nils"]


def test_a_reconciled_plan_opens_as_it_stands(walk: Walk, nils: UUID) -> None:
    decided(walk, recommended(walk, "Skriveverksted", proposal(walk)), "changed")
    closed(walk, nils)
    distributed(walk)
    walk.do(nils, "C6")  # as the form opens
    assert len(goals(walk)) == 1


def test_a_plan_tied_to_what_was_decided_stands(walk: Walk, nils: UUID) -> None:
    decided(walk, recommended(walk, "Skriveverksted", proposal(walk)), "decided")
    closed(walk, nils)
    distributed(walk)
    assert walk.here(nils) == []


def test_a_plan_tied_to_no_measure_stands(walk: Walk, nils: UUID) -> None:
    closed(walk, nils)
    decided(walk, recommended(walk, "Skriveverksted", proposal(walk)), "rejected")
    distributed(walk)
    assert walk.here(nils) == []


def test_a_plan_is_reconciled_when_its_measure_was_left_out_of_the_recommendation(walk: Walk, nils: UUID) -> None:
    proposal(walk)
    closed(walk, nils)
    other = keep(walk, "measures", Subject(unit="law", cycle="2027"), {"name": "Et annet"})[0]
    decided(walk, recommended(walk, "Et annet", other), "decided")
    distributed(walk)
    assert walk.here(nils) == ["C6"]
    assert opened(walk, nils, "C6").context["reconciliation"][0]["outcome"] == "left_out"


def test_nothing_is_known_of_the_decision_before_it_is_distributed(walk: Walk, nils: UUID) -> None:
    measure = recommended(walk, "Skriveverksted", proposal(walk))
    held(walk, nils)
    decided(walk, measure, "rejected", "Hemmelig til det er sendt ut.")
    walk.do(nils, "C5", values={"agreement": "disagree", "comment": "Fristen er feil."})
    assert opened(walk, nils, "C4").context["reconciliation"] == []


@pytest.mark.databases
def test_a_plan_is_followed_up_every_half_year(walk: Walk, nils: UUID) -> None:
    measure = proposal(walk)
    closed(walk, nils)
    walk.tick(HALF_A_YEAR - timedelta(minutes=1))
    assert walk.here(nils) == []
    walk.tick(HALF_A_YEAR)
    assert (walk.here(nils), walk.line(nils, "C7").roles) == (["C7"], ("employee", "manager"))
    walk.do(nils, "C7", by=staff.NILS)
    walk.tick(datetime(2028, 1, 31, 7, tzinfo=UTC))
    walk.do(nils, "C7", by=staff.KARI)
    assert walk.completed(nils).count("C7") == 2
    with walk.database.reading() as db:
        found = db.scalars(select(Effect).where(Effect.withdrawn_at.is_(None)).order_by(Effect.created_at)).all()
        assert [(row.person_id, row.measure, row.status, row.by) for row in found] == [
            ("nils", measure, "under_way", "nils"),
            ("nils", measure, "under_way", "kari"),
        ]
        assert {row.goal_id for row in found} == {str(goals(walk)[0]["id"])}


def test_follow_up_ends_when_the_cycle_is_over(walk: Walk, nils: UUID) -> None:
    closed(walk, nils)
    distributed(walk)
    walk.tick(datetime(2028, 2, 1, 8, tzinfo=UTC))  # after the evaluation
    walk.do(nils, "C7")
    assert walk.state(nils) == "completed"


def test_a_talk_closes_with_its_cycle(walk: Walk, nils: UUID) -> None:
    invited(walk, nils)
    close(walk)
    assert (walk.state(nils), register(walk, nils).status) == ("cancelled", "cancelled")


def close(walk: Walk) -> None:
    """The cycle closes, as its diagram does it."""
    drawn = doc(begin(), service("x", "close-cycle"), end(), flows("s>x>e"), pid="closing")
    with walk.database.transaction() as db:
        staff.publish(db, walk.now, engine.SourceFile("closing.bpmn", drawn))
    walk.start("closing", Subject(cycle="2027"))
    walk.tick()


def test_a_closed_talk_stays_closed_when_its_cycle_closes(walk: Walk, nils: UUID) -> None:
    closed(walk, nils)
    close(walk)
    assert (walk.state(nils), register(walk, nils).status) == ("cancelled", "closed")
    assert walk.now >= THE_TALK


def test_what_is_said_in_a_talk_is_nowhere_in_its_variables(walk: Walk, nils: UUID) -> None:
    held(walk, nils)
    walk.do(nils, "C5", values={"agreement": "disagree", "comment": "KANARI"})
    walk.do(nils, "C4")
    walk.do(nils, "C5", values={"agreement": "agree", "comment": "KANARI"})
    names = set(walk.variables(nils))
    assert names <= {
        "agreement", "begin_now", "extraordinary", "held_on", "measures_touched", "postponed_until", "started_on",
        "taken_up_on", "talk_at", "talk_id",
    }  # fmt: skip
    assert "KANARI" not in str(walk.variables(nils))


def test_notes_that_are_shared_are_before_the_two_when_they_write_the_plan(walk: Walk, nils: UUID) -> None:
    invited(walk, nils)
    own: dict[str, Any] = {"own_needs": "Øve på å skrive", "measures": [], "goals": [], "share": True}
    walk.do(nils, "C2", values=own)
    walk.do(nils, "C3", values={"feedback": "Godt jobbet", "measures": [], "goals": [], "share": False})
    walk.tick(THE_TALK)
    answers = opened(walk, nils, "C4").context["answers"]
    assert answers["C2"]["own_needs"] == "Øve på å skrive"
    walk.do(nils, "C4")
    with walk.database.reading() as db:
        count = select(func.count()).select_from(Measure)
        assert db.scalar(count) == 0
