"""Walks talk.bpmn: one employee's talk, from the time that is agreed on to the confirmed plan."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from komp_flow import engine, registers, work
from komp_flow.db import Database
from komp_flow.errors import Conflict, Invalid, NotAllowed, NotFound
from komp_flow.organisation import Subject
from komp_flow.registers import talks
from processes.walking import Walk
from work import staff

NILS = Subject(unit="it", person="nils", cycle="2027")
TALK_AT = "2027-01-18T10:00:00+01:00"  # ten working days after the clock of the walk
THE_TALK = datetime(2027, 1, 18, 9, tzinfo=UTC)


@pytest.fixture
def walk(database: Database) -> Walk:
    walk = Walk(database)
    with database.transaction() as db:
        registers.set_up(db, {"name": "2027", "start": date(2027, 1, 4)}, cycle_id=None, instance_id=None, now=walk.now)
    return walk


@pytest.fixture
def nils(walk: Walk) -> UUID:
    """A talk that has begun."""
    return walk.start("talk", NILS)


def register(walk: Walk, talk: UUID) -> talks.Talk:
    with walk.database.reading() as db:
        found = talks.talk(db, talk)
        assert found is not None
        db.expunge(found)
    return found


def say(walk: Walk, talk: UUID, message: str, **payload: object) -> None:
    """Something happens to one talk from outside."""
    with walk.database.transaction() as db:
        engine.correlate(db, message, talks.key(talk), payload, by=None, now=walk.now)
    assert walk.tick().failed == 0


def invited(walk: Walk, talk: UUID) -> None:
    walk.do(talk, "C1", talk_at=TALK_AT)


def held(walk: Walk, talk: UUID) -> None:
    """The talk has been, and the plan is written."""
    invited(walk, talk)
    walk.tick(THE_TALK)
    walk.do(talk, "C4")


def closed(walk: Walk, talk: UUID) -> None:
    held(walk, talk)
    walk.do(talk, "C5")


@pytest.mark.databases
def test_a_talk_goes_from_the_invitation_to_a_confirmed_plan(walk: Walk, nils: UUID) -> None:
    assert (walk.here(nils), register(walk, nils).status) == (["C1"], "started")
    invited(walk, nils)
    assert (walk.here(nils), register(walk, nils).status) == (["C2", "C3"], "invited")
    walk.do(nils, "C2")
    walk.do(nils, "C3")
    assert walk.here(nils) == ["C4"]
    walk.tick(THE_TALK)
    walk.do(nils, "C4")
    assert (walk.here(nils), register(walk, nils).status) == (["C5"], "held")
    walk.do(nils, "C5")

    assert walk.here(nils) == []
    assert walk.completed(nils) == ["C1", "C2", "C3", "C4", "C5"]
    talk = register(walk, nils)
    assert (talk.status, talk.stage, talk.confirmation) == ("closed", "closed", "agree")
    assert (talk.talk_at, talk.held_on, talk.closed_at) == (THE_TALK, THE_TALK.date(), THE_TALK)
    assert walk.state(nils) == "active"  # its plan is followed up


def test_the_two_prepare_until_one_working_day_before(walk: Walk, nils: UUID) -> None:
    invited(walk, nils)
    friday = datetime(2027, 1, 15, 22, 59, 59, tzinfo=UTC)
    assert {line.element: (line.due_at, line.roles) for line in walk.open(nils)} == {
        "C2": (friday, ("employee",)),
        "C3": (friday, ("manager",)),
    }


def test_what_is_not_prepared_when_the_talk_begins_falls_away(walk: Walk, nils: UUID) -> None:
    invited(walk, nils)
    walk.do(nils, "C2")
    walk.tick(THE_TALK - timedelta(minutes=1))
    assert walk.here(nils) == ["C3"]
    walk.tick(THE_TALK)
    assert walk.here(nils) == ["C4"]


def test_a_plan_is_not_asked_for_before_the_talk(walk: Walk, nils: UUID) -> None:
    invited(walk, nils)
    walk.do(nils, "C2")
    walk.do(nils, "C3")
    assert walk.line(nils, "C4").follow_up_at == THE_TALK


def test_a_manager_may_say_that_the_talk_begins_now(walk: Walk, nils: UUID) -> None:
    invited(walk, nils)
    walk.do(nils, "C3", values={"begin_now": True, "measures": [], "goals": [], "share": False})
    assert walk.here(nils) == ["C4"]
    assert walk.line(nils, "C4").follow_up_at is None


def test_a_talk_may_begin_before_anybody_has_prepared(walk: Walk, nils: UUID) -> None:
    invited(walk, nils)
    say(walk, nils, talks.BEGIN_NOW)
    assert walk.here(nils) == ["C4"]


def test_two_who_have_prepared_may_talk_before_the_time(walk: Walk, nils: UUID) -> None:
    invited(walk, nils)
    walk.do(nils, "C2")
    walk.do(nils, "C3")
    say(walk, nils, talks.BEGIN_NOW)
    assert (walk.here(nils), walk.line(nils, "C4").follow_up_at) == (["C4"], walk.now)
    walk.do(nils, "C4")
    assert walk.here(nils) == ["C5"]


def test_an_employee_who_does_not_agree_sends_the_plan_back(walk: Walk, nils: UUID) -> None:
    held(walk, nils)
    walk.do(nils, "C5", values={"agreement": "disagree", "comment": "Vi snakket om mars, ikke mai."})
    assert walk.here(nils) == ["C4"]
    walk.do(nils, "C4")
    assert walk.here(nils) == ["C5"]
    walk.do(nils, "C5")
    assert register(walk, nils).status == "closed"
    assert len(goals(walk)) == 1


def test_a_plan_that_is_not_commented_on_stands_after_ten_working_days(walk: Walk, nils: UUID) -> None:
    held(walk, nils)
    due = datetime(2027, 2, 1, 22, 59, 59, tzinfo=UTC)  # ten working days after Monday 18 January
    assert walk.line(nils, "C5").due_at == due
    walk.tick(due - timedelta(seconds=1))
    assert walk.here(nils) == ["C5"]
    walk.tick(due)
    assert walk.here(nils) == []
    assert (register(walk, nils).status, register(walk, nils).confirmation) == ("closed", "not_commented")


def test_a_talk_that_is_moved_takes_its_dates_along(walk: Walk, nils: UUID) -> None:
    invited(walk, nils)
    later = datetime(2027, 1, 27, 12, tzinfo=UTC)
    say(walk, nils, talks.MOVE, talk_at="2027-01-27T13:00:00+01:00")
    assert {line.due_at for line in walk.open(nils)} == {datetime(2027, 1, 26, 22, 59, 59, tzinfo=UTC)}
    assert register(walk, nils).talk_at == later
    walk.tick(THE_TALK)
    assert walk.here(nils) == ["C2", "C3"]
    walk.tick(later)
    assert walk.here(nils) == ["C4"]


def test_a_talk_may_be_moved_twice(walk: Walk, nils: UUID) -> None:
    invited(walk, nils)
    say(walk, nils, talks.MOVE, talk_at="2027-01-27T13:00:00+01:00")
    say(walk, nils, talks.MOVE, talk_at="2027-01-20T13:00:00+01:00")
    assert {line.due_at for line in walk.open(nils)} == {datetime(2027, 1, 19, 22, 59, 59, tzinfo=UTC)}
    walk.tick(datetime(2027, 1, 20, 12, tzinfo=UTC))
    assert walk.here(nils) == ["C4"]


def test_a_talk_that_was_not_held_is_prepared_for_anew_with_what_was_sent(walk: Walk, nils: UUID) -> None:
    invited(walk, nils)
    walk.do(nils, "C2")
    walk.tick(THE_TALK)
    say(walk, nils, talks.MOVE, talk_at="2027-01-27T13:00:00+01:00")
    assert walk.here(nils) == ["C2", "C3"]
    with walk.database.reading() as db:
        sheet = work.task(db, walk.line(nils, "C2").id, staff.NILS, walk.now)
    assert sheet.draft.values["likes"].startswith("Kollegene")


def test_the_manager_moves_the_talk_and_begins_it(walk: Walk, nils: UUID) -> None:
    later = THE_TALK + timedelta(days=2)
    with walk.database.transaction() as db, pytest.raises(Conflict):
        work.talks.move(db, staff.KARI, nils, later, walk.now)  # no time has been agreed on
    invited(walk, nils)
    with walk.database.transaction() as db, pytest.raises(Invalid):
        work.talks.move(db, staff.KARI, nils, walk.now, walk.now)
    with walk.database.transaction() as db:
        work.talks.move(db, staff.KARI, nils, later, walk.now)
    walk.tick()
    assert register(walk, nils).talk_at == later
    assert {line.due_at for line in walk.open(nils)} == {datetime(2027, 1, 19, 22, 59, 59, tzinfo=UTC)}
    with walk.database.transaction() as db:
        work.talks.begin(db, staff.KARI, nils, walk.now)
    assert walk.here(nils) == ["C4"]
    assert walk.line(nils, "C4").follow_up_at is None
    walk.do(nils, "C4")
    with walk.database.transaction() as db, pytest.raises(Conflict):
        work.talks.begin(db, staff.KARI, nils, walk.now)


def test_nobody_else_moves_a_talk(walk: Walk, nils: UUID) -> None:
    invited(walk, nils)
    for stranger in (staff.PER, staff.PIA, staff.OLA):
        with walk.database.transaction() as db, pytest.raises((NotFound, NotAllowed)):
            work.talks.move(db, stranger, nils, THE_TALK + timedelta(days=2), walk.now)
    assert register(walk, nils).talk_at == THE_TALK


def test_an_employee_declines(walk: Walk, nils: UUID) -> None:
    invited(walk, nils)
    say(walk, nils, talks.DECLINE)
    assert (walk.state(nils), register(walk, nils).status) == ("completed", "declined")


def test_a_talk_falls_away_when_its_employee_leaves(walk: Walk, nils: UUID) -> None:
    say(walk, nils, talks.CANCEL)
    assert (walk.state(nils), register(walk, nils).status) == ("completed", "cancelled")


def test_a_talk_that_is_postponed_rests_with_all_its_dates(walk: Walk, nils: UUID) -> None:
    invited(walk, nils)
    with walk.database.transaction() as db:
        work.talks.postpone(db, staff.HANNE, nils, None, walk.now)
    talk = register(walk, nils)
    assert (walk.here(nils), talk.status, talk.stage) == ([], "postponed", "not_started")
    walk.tick(THE_TALK + timedelta(days=150))
    assert (walk.here(nils), walk.sheet(nils).line.escalation) == ([], 0)


def test_a_postponed_talk_is_taken_up_by_itself_and_agreed_on_within_twenty_working_days(
    walk: Walk, nils: UUID
) -> None:
    invited(walk, nils)
    say(walk, nils, talks.POSTPONE, postponed_until="2027-09-01")
    assert register(walk, nils).postponed_until == date(2027, 9, 1)
    walk.tick(datetime(2027, 9, 1, 6, tzinfo=UTC))
    assert (walk.here(nils), register(walk, nils).status) == (["C1"], "started")
    assert walk.line(nils, "C1").due_at == datetime(2027, 9, 29, 21, 59, 59, tzinfo=UTC)
    assert register(walk, nils).talk_at is None
    walk.tick(datetime(2027, 10, 20, 6, tzinfo=UTC))
    assert walk.sheet(nils).line.escalation == 0  # the deadline of the round is not theirs any more


def test_a_postponed_talk_is_taken_up_when_its_employee_is_back_early(walk: Walk, nils: UUID) -> None:
    say(walk, nils, talks.POSTPONE, postponed_until="2027-09-01")
    say(walk, nils, talks.RESUME)
    assert walk.here(nils) == ["C1"]
    walk.tick(datetime(2027, 9, 1, 6, tzinfo=UTC))
    assert walk.here(nils) == ["C1"]


def test_a_talk_that_rests_may_fall_away(walk: Walk, nils: UUID) -> None:
    say(walk, nils, talks.POSTPONE)
    say(walk, nils, talks.CANCEL)
    assert (walk.state(nils), register(walk, nils).status) == ("completed", "cancelled")


def test_a_talk_that_is_late_climbs_the_ladder(walk: Walk, nils: UUID) -> None:
    deadline = date(2027, 4, 26)  # 112 days after Monday 4 January
    assert walk.sheet(nils).line.escalation == 0
    walk.tick(datetime(2027, 5, 4, 6, tzinfo=UTC))
    assert walk.sheet(nils).line.escalation == 1
    assert walk.now.date() > deadline


def goals(walk: Walk) -> list[dict[str, object]]:
    """What stands in Nils's plan now."""
    with walk.database.reading() as db:
        return registers.context(db, ["goals"], NILS, str)["goals"]


def test_the_plan_stands_in_the_register_of_goals(walk: Walk, nils: UUID) -> None:
    held(walk, nils)
    (goal,) = goals(walk)
    assert (goal["area"], goal["person"], goal["element"]) == ("annet", "nils", "C4")
    assert str(goal["goal"]).startswith("Bli trygg")


def test_plans_may_lie_in_a_solution_of_the_organisation(walk: Walk) -> None:
    with walk.database.transaction() as db:
        registers.cycle(db, "2027").plan_elsewhere = True
    nils = walk.start("talk", NILS)
    invited(walk, nils)
    walk.tick(THE_TALK)
    assert walk.here(nils) == ["C4_reference"]
    walk.do(nils, "C4_reference")
    with walk.database.reading() as db:
        sheet = work.task(db, walk.line(nils, "C5").id, staff.NILS, walk.now)
    assert sheet.context["answers"]["C4_reference"]["reference"] == "Personalsystemet, plan 1000"
    walk.do(nils, "C5", values={"agreement": "disagree", "comment": "Fristen er feil."})
    assert walk.here(nils) == ["C4_reference"]
    walk.do(nils, "C4_reference")
    walk.do(nils, "C5")
    assert (register(walk, nils).status, goals(walk)) == ("closed", [])
    walk.tick(walk.now + timedelta(days=200))
    walk.do(nils, "C7")
    assert "C7" in walk.completed(nils)
