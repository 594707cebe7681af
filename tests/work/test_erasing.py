"""Erasing: at once when somebody asks for it, by the clock otherwise; what can be counted and the trail stay."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, text, update

from komp_flow import audit, registers, vault, work
from komp_flow.auth import accounts, tokens
from komp_flow.db import Base, Database
from komp_flow.engine.tables import SUBMISSION
from komp_flow.errors import Invalid, NotAllowed, NotFound
from komp_flow.notifications.models import Mail, Notification
from komp_flow.organisation import Actor, Subject
from komp_flow.organisation.models import Person
from komp_flow.registers import Cycle, opened_row, talks
from komp_flow.registers.models import DevelopmentGoal, DiscussionInput
from komp_flow.vault import copies
from komp_flow.work.models import TaskDraft
from komp_flow.work.texts import erasing
from processes.walking import Walk
from work.staff import ADM, DAG, EIER, HANNE, KARI, NILS, PER, actor

CLI = Actor("", via="cli")
NILS_IN_IT = Subject(unit="it", person="nils", cycle="2027")
OLA_IN_IT = Subject(unit="it", person="ola", cycle="2027")
CANARY = "Kanarifugl"
FORTNIGHT = timedelta(days=14)
PLAN = {
    "held_on": "2027-01-18",
    "goals": [{"goal": CANARY, "area": "annet", "activity": CANARY, "due": "2027-06-01"}],
    "career_wish": CANARY,
}


@pytest.fixture
def walk(database: Database) -> Walk:
    walk = Walk(database)
    with database.transaction() as db:
        registers.set_up(db, {"name": "2027", "start": date(2027, 1, 4)}, cycle_id=None, instance_id=None, now=walk.now)
    return walk


def invited(walk: Walk, about: Subject = NILS_IN_IT) -> UUID:
    talk = walk.start("talk", about)
    walk.do(talk, "C1", talk_at=(walk.now + FORTNIGHT).isoformat(), topics=CANARY)
    return talk


def planned(walk: Walk, about: Subject = NILS_IN_IT) -> UUID:
    """A talk with notes of both, one of them shared, a plan, and a draft of the answer to it."""
    talk = invited(walk, about)
    walk.do(talk, "C2", look_back=CANARY, share=True)
    walk.do(talk, "C3", feedback=CANARY, share=False)
    walk.tick(walk.now + FORTNIGHT)
    walk.do(talk, "C4", values=PLAN)
    type_in(walk, talk, "C5", about.person or "", comment=CANARY)
    return talk


def type_in(walk: Walk, talk: UUID, element: str, person: str, **values: object) -> None:
    with walk.database.transaction() as db:
        work.save_draft(db, walk.line(talk, element).id, actor(person), values, None, walk.now)


def erase(walk: Walk, person: str = "nils", by: Actor = HANNE, reason: str = "bedt om det") -> work.ErasureLine:
    with walk.database.transaction() as db:
        return work.erase(db, by, person, reason, walk.now)


def count(walk: Walk, table: type[Base], *where: object) -> int:
    with walk.database.reading() as db:
        return db.scalar(select(func.count()).select_from(table).where(*where)) or 0  # type: ignore[arg-type]


def sealed_left(walk: Walk, person: str) -> int:
    """Everything sealed with the person's key that is still in any table."""
    with walk.database.reading() as db:
        rows = db.execute(select(SUBMISSION.c.sealed).where(SUBMISSION.c.sealed.is_not(None))).scalars().all()
        rows += db.execute(select(TaskDraft.sealed).where(TaskDraft.sealed.is_not(None))).scalars().all()
        rows += db.execute(select(DevelopmentGoal.sealed).where(DevelopmentGoal.sealed.is_not(None))).scalars().all()
        keys = walk.database.info["vault"]
        whose = [found[0] for row in rows if row and (found := keys.key(bytes(row)[1:17]))]
    return whose.count(person)


def leave(walk: Walk, person: str) -> None:
    with walk.database.transaction() as db:
        found = db.get_one(Person, person)
        found.left_at = walk.now


@pytest.mark.databases
def test_erasing_takes_all_that_is_written_and_leaves_what_can_be_counted(walk: Walk) -> None:
    talk, other = planned(walk), planned(walk, OLA_IN_IT)
    assert sealed_left(walk, "nils") >= 5
    before = sealed_left(walk, "ola")

    line = erase(walk)

    assert (line.person_id, line.cause, line.by, line.reason) == ("nils", "asked", "hanne", "bedt om det")
    assert sealed_left(walk, "nils") == 0
    assert sealed_left(walk, "ola") == before
    with walk.database.reading() as db:
        goal = db.scalars(select(DevelopmentGoal).where(DevelopmentGoal.person_id == "nils")).one()
        assert (goal.area, goal.due, goal.sealed) == ("annet", date(2027, 6, 1), None)
        assert not opened_row(db, registers.REGISTERS["goals"], goal).get("goal")
        assert talks.talk(db, talk) is not None
        assert [line.what for line in audit.trail(db, erasing.STREAM)] == ["erased"]
        assert audit.verify(db) == []
        assert db.get_one(Person, "nils").name == "Nils Nilsen"  # still works here
    assert walk.here(talk) == walk.here(other) == ["C5"]  # the work goes on
    walk.do(talk, "C5", comment="Nytt fra nå av")
    assert walk.state(talk) == "active"


@pytest.mark.databases
def test_a_person_who_is_erased_can_be_written_about_again_and_erased_again(walk: Walk) -> None:
    planned(walk)
    erase(walk)
    talk = walk.start("talk", Subject(unit="it", person="nils"))
    walk.do(talk, "C1", talk_at="2027-02-01T10:00:00+01:00", topics=CANARY)
    assert sealed_left(walk, "nils") == 1
    erase(walk)
    assert sealed_left(walk, "nils") == 0
    with walk.database.reading() as db:
        assert [line.person_id for line in work.erasures(db, ADM, walk.now)] == ["nils", "nils"]


def named(by: Actor) -> str:
    return " ".join([by.person_id, by.via, *sorted(by.scopes or ())])


@pytest.mark.parametrize("by", [NILS, KARI, PER, DAG, EIER, actor("hanne", "tasks", "registers")], ids=named)
def test_only_hr_and_the_administrator_erase(walk: Walk, by: Actor) -> None:
    planned(walk)
    before = sealed_left(walk, "nils")
    with pytest.raises(NotAllowed):
        erase(walk, by=by)
    with pytest.raises(NotAllowed), walk.database.reading() as db:
        work.erasures(db, by, walk.now)
    assert sealed_left(walk, "nils") == before


@pytest.mark.parametrize("by", [HANNE, ADM, CLI, actor("hanne", "admin")], ids=named)
def test_hr_the_administrator_and_the_command_line_may(walk: Walk, by: Actor) -> None:
    planned(walk)
    assert erase(walk, by=by).by == (by.person_id or None)
    assert sealed_left(walk, "nils") == 0


@pytest.mark.parametrize("reason", ["", "   ", "a" * 301])
def test_a_reason_is_asked_for_and_bounded(walk: Walk, reason: str) -> None:
    planned(walk)
    with pytest.raises(Invalid) as refused:
        erase(walk, reason=reason)
    assert [field.field for field in refused.value.fields] == ["reason"]
    assert sealed_left(walk, "nils") > 0


def test_one_who_is_not_known_is_not_found(walk: Walk) -> None:
    with pytest.raises(NotFound):
        erase(walk, "nobody")


def test_input_to_the_discussion_is_deleted_with_the_person(walk: Walk) -> None:
    with walk.database.transaction() as db:
        row = {"origin": "o", "cycle_id": "2027", "unit_id": "it", "text": CANARY, "extra": {}}
        moments = {"created_at": walk.now, "updated_at": walk.now}
        db.execute(
            insert(DiscussionInput),
            [{"id": who, "row_id": who, "person_id": who, **row, **moments} for who in ("nils", "ola")],
        )
    erase(walk)
    with walk.database.reading() as db:
        assert db.scalars(select(DiscussionInput.person_id)).all() == ["ola"]


def test_of_one_who_has_left_name_address_account_and_notices_go_too(walk: Walk) -> None:
    with walk.database.transaction() as db:
        accounts.create(db, "nils", "et langt nok passord 1", walk.now)
        tokens.create(db, "nils", frozenset({"tasks"}), walk.now, days=30, name="x")
        db.add(Notification(occasion="x", person_id="nils", kind="notice", text=CANARY, created_at=walk.now))
        db.add(Mail(id=UUID(int=1), person_id="nils", state="failed", made_at=walk.now, error="550 nils@example.org"))
    leave(walk, "nils")
    erase(walk)
    with walk.database.reading() as db:
        person = db.get_one(Person, "nils")
        assert (person.name, person.email, person.email_key, person.title) == ("Slettet person", "", None, "")
        for table in ("account", "token", "notification", "mail"):
            assert db.scalar(text(f"SELECT count(*) FROM {table} WHERE person_id = 'nils'")) == 0
    with walk.database.reading() as db:
        assert work.erasures(db, HANNE, walk.now)[0].person_id == "nils"


def test_one_who_works_here_keeps_name_and_account(walk: Walk) -> None:
    with walk.database.transaction() as db:
        accounts.create(db, "nils", "et langt nok passord 1", walk.now)
    erase(walk)
    with walk.database.reading() as db:
        assert db.get_one(Person, "nils").name == "Nils Nilsen"
        assert db.scalar(text("SELECT count(*) FROM account WHERE person_id = 'nils'")) == 1


def test_what_was_never_shared_is_deleted_when_the_talk_closes(walk: Walk) -> None:
    talk = invited(walk)
    type_in(walk, talk, "C2", "nils", look_back=CANARY)
    walk.do(talk, "C3", feedback=CANARY, share=False)
    walk.tick(walk.now + FORTNIGHT)
    assert count(walk, TaskDraft) == 1
    walk.do(talk, "C4", values=PLAN)
    walk.tick()
    assert count(walk, TaskDraft) == 1  # the talk is not closed yet
    walk.do(talk, "C5")
    assert walk.tick().failed == 0
    assert count(walk, TaskDraft) == 0
    with walk.database.reading() as db:
        unshared = select(func.count()).where(SUBMISSION.c.own.is_(True), SUBMISSION.c.shared_at.is_(None))
        assert db.scalar(unshared) == 0
    assert walk.state(talk) == "active"  # the plan is followed up, and stands
    assert sealed_left(walk, "nils") >= 2


def test_what_was_shared_stays_after_the_talk(walk: Walk) -> None:
    talk = planned(walk)
    walk.do(talk, "C5")
    walk.tick()
    with walk.database.reading() as db:
        assert db.scalar(select(func.count()).where(SUBMISSION.c.own.is_(True), SUBMISSION.c.sealed.is_not(None))) == 1


def test_a_tick_with_nothing_to_erase_writes_nothing(walk: Walk) -> None:
    planned(walk)
    walk.tick()
    with walk.database.reading() as db:
        assert erasing.due(db, walk.now, 50) == []
        assert erasing.due(db, walk.now + timedelta(minutes=20), 50) == [(erasing.LOOKED, "")]


@pytest.mark.databases
def test_half_a_year_after_somebody_left_all_about_them_is_erased(walk: Walk) -> None:
    planned(walk)
    planned(walk, OLA_IN_IT)
    leave(walk, "nils")
    left = walk.now
    assert walk.tick(left + timedelta(days=175)).failed == 0
    assert sealed_left(walk, "nils") > 0
    assert walk.tick(left + timedelta(days=183)).failed == 0
    assert sealed_left(walk, "nils") == 0
    assert sealed_left(walk, "ola") > 0
    with walk.database.reading() as db:
        assert db.get_one(Person, "nils").name == "Slettet person"
        assert [(line.cause, line.by) for line in work.erasures(db, HANNE, walk.now)] == [("left", None)]
    walk.tick(left + timedelta(days=190))
    with walk.database.reading() as db:
        assert len(work.erasures(db, HANNE, walk.now)) == 1  # once


@pytest.mark.databases
def test_two_years_after_the_cycle_closed_its_texts_are_erased(walk: Walk) -> None:
    planned(walk)
    closed = walk.now
    with walk.database.transaction() as db:
        db.execute(update(Cycle).values(state="closed", closed_at=closed))
    later = walk.start("talk", Subject(unit="it", person="nils"))
    walk.do(later, "C1", talk_at="2027-02-01T10:00:00+01:00", topics=CANARY)
    with walk.database.reading() as db:
        assert erasing._old_cycles(db, closed).compile() is not None
        assert db.scalars(erasing._old_cycles(db, datetime(2029, 1, 17, tzinfo=UTC))).all() == []
    with walk.database.transaction() as db:
        assert erasing.run(db, erasing.CYCLE, "2027", datetime(2029, 1, 19, tzinfo=UTC))
        assert not erasing.run(db, erasing.CYCLE, "2027", datetime(2029, 1, 19, tzinfo=UTC))
    assert sealed_left(walk, "nils") == 1  # of the talk that is no part of it
    with walk.database.reading() as db:
        assert [(line.cause, line.cycle_id) for line in work.erasures(db, HANNE, walk.now)] == [("age", "2027")]


def test_a_talk_outside_a_cycle_is_erased_two_years_after_it_ended(walk: Walk) -> None:
    talk = walk.start("talk", Subject(unit="it", person="nils"))
    walk.do(talk, "C1", talk_at="2027-01-18T10:00:00+01:00", topics=CANARY)
    with walk.database.transaction() as db:
        work.cancel(db, CLI, talk, "slutt", walk.now)
    much_later = walk.now + timedelta(days=760)
    with walk.database.transaction() as db:
        assert (erasing.TALK, talk.hex) in erasing.due(db, much_later, 50)
        assert erasing.run(db, erasing.TALK, talk.hex, much_later)
        assert (erasing.TALK, talk.hex) not in erasing.due(db, much_later, 50)
    assert sealed_left(walk, "nils") == 0


@pytest.mark.databases
def test_an_erasure_that_an_older_database_has_not_seen_is_done_again(walk: Walk) -> None:
    planned(walk)
    erase(walk)
    with walk.database.transaction() as db:  # as a copy from before would have it
        db.execute(text("DELETE FROM erasure"))
        db.execute(
            insert(DiscussionInput).values(
                id="1", row_id="1", person_id="nils", origin="o", text=CANARY, extra={},
                created_at=walk.now, updated_at=walk.now,
            )
        )  # fmt: skip
    with walk.database.transaction() as db:
        assert work.erase_again(db, walk.now) == 1
        assert work.erase_again(db, walk.now) == 0
    assert count(walk, DiscussionInput) == 0
    assert len(copies.erasures(walk.database.info["vault"])) == 1


def test_a_lost_key_store_stops_the_erasing_with_words_and_nothing_is_half_done(walk: Walk) -> None:
    planned(walk)
    keys = walk.database.info["vault"]
    with keys.writing() as store:
        store.execute(text("UPDATE store SET name = 'another'"))
    with pytest.raises(vault.LostKeys):
        erase(walk)
    assert count(walk, TaskDraft) == 1
    with walk.database.reading() as db:
        assert work.erasures(db, HANNE, walk.now) == []


@given(
    now=st.datetimes(timezones=st.just(UTC)).filter(lambda moment: moment.year > 1900),
    months=st.integers(1, 120),
)
def test_months_are_counted_back_on_the_calendar(now: datetime, months: int) -> None:
    before = erasing.months_before(now, months)
    assert (now.year * 12 + now.month) - (before.year * 12 + before.month) == months
    assert before.day == now.day or (before + timedelta(days=1)).day == 1
    assert before.timetz() == now.timetz()
