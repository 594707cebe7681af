"""What really happens in an organisation: every row of the table in process.md section 6, on the shipped diagrams."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow import notifications, organisation, registers, work
from komp_flow.db import Database
from komp_flow.engine import Instance, Task
from komp_flow.engine.tables import ENDED
from komp_flow.errors import Conflict, Invalid, NotAllowed, NotFound
from komp_flow.organisation import Actor, Subject
from komp_flow.organisation.models import Person, Position, Unit
from komp_flow.organisation.staffing.models import PlanTransfer, StaffingStep
from komp_flow.registers.models import CompetenceArea, Cycle, DevelopmentGoal, Measure
from komp_flow.registers.talks import Talk
from processes.walking import SETUP, Walk
from work import staff
from work.staff import DAG, HANNE, KARI, NILS, OLA, PER, PIA

UP_TO_B7 = ("B1", "B2", "B3", "B4", "B5", "B6", "B7")


class Year(Walk):
    """A cycle that runs, its units' courses, and the organisation that changes meanwhile."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        with database.transaction() as db:
            registers.set_up(
                db, {"name": "2027", "start": date(2027, 1, 4)}, cycle_id=None, instance_id=None, now=self.now
            )

    def begin(self, unit: str = "it") -> UUID:
        return self.start("unit", Subject(unit=unit, cycle="2027"))

    def up_to_talks(self, unit: str = "it") -> UUID:
        """The unit has proposed, and its talks have begun."""
        course = self.begin(unit)
        for step in UP_TO_B7:
            self.do(course, step)
        self.tick()
        return course

    def talk(self, person: str, *, ended: bool = False) -> UUID:
        """The person's newest talk."""
        with self.database.reading() as db:
            mine = select(Instance.id).where(Instance.process == "talk", Instance.person_id == person)
            mine = mine.where(Instance.state.in_(ENDED) if ended else Instance.state.not_in(ENDED))
            return db.scalars(mine.order_by(Instance.started_at.desc())).first()  # type: ignore[return-value]

    def state(self, instance: UUID) -> str:
        """Read past policy: what is about a person is seen by the two alone."""
        with self.database.reading() as db:
            return str(db.scalar(select(Instance.state).where(Instance.id == instance)))

    def talks(self, person: str) -> dict[str | None, str]:
        """The unit of each of the person's talks, and how far it is."""
        with self.database.reading() as db:
            found = db.scalars(select(Talk).where(Talk.person_id == person).order_by(Talk.started_at))
            return {talk.unit_id: talk.status for talk in found}

    def planned(self, person: str) -> UUID:
        """A talk whose plan is confirmed."""
        talk = self.talk(person)
        self.do(talk, "C1")
        self.tick(self.now + timedelta(days=30))
        self.do(talk, "C4")
        self.do(talk, "C5")
        self.tick()
        return talk

    def change(self, change: Callable[[Session], object]) -> None:
        """The organisation changes, and the tick sees it."""
        with self.database.transaction() as db:
            change(db)
            db.flush()
            organisation.bump(db)
        self.tick()

    def act(self, function: Callable[..., object], *arguments: object) -> object:
        with self.database.transaction() as db:
            return function(db, *arguments, self.now)

    def told(self, person: str) -> list[str]:
        with self.database.reading() as db:
            return [notice.kind for notice in notifications.about(db, person)]

    def waiting(self) -> int:
        with self.database.reading() as db:
            return len(db.scalars(select(StaffingStep)).all())


@pytest.fixture
def year(database: Database) -> Year:
    return Year(database)


def leave(person: str, now: datetime) -> Callable[[Session], None]:
    def change(db: Session) -> None:
        db.get_one(Person, person).left_at = now

    return change


def away(person: str, first: date, last: date | None) -> Callable[[Session], None]:
    def change(db: Session) -> None:
        row = db.get_one(Person, person)
        row.absence_from, row.absence_to = first, last

    return change


def present(person: str) -> Callable[[Session], None]:
    def change(db: Session) -> None:
        row = db.get_one(Person, person)
        row.absence_from = row.absence_to = None

    return change


def to_unit(person: str, unit: str) -> Callable[[Session], None]:
    def change(db: Session) -> None:
        db.get_one(Person, person).unit_id = unit
        db.get_one(Position, (person, 1)).unit_id = unit

    return change


def hired(person: str, unit: str) -> Callable[[Session], None]:
    def change(db: Session) -> None:
        mail = f"{person}@example.org"
        db.add(Person(id=person, name=person.title(), email=mail, email_key=mail, unit_id=unit, sort_key=person))
        db.add(Position(person_id=person, number=1, unit_id=unit, percent=100.0, main=True))

    return change


def closed(unit: str, now: datetime, *, people_to: str | None = None) -> Callable[[Session], None]:
    def change(db: Session) -> None:
        db.get_one(Unit, unit).closed_at = now
        if people_to:
            for person in db.scalars(select(Person).where(Person.unit_id == unit)):
                to_unit(person.id, people_to)(db)

    return change


# Manager leaves, is absent, vacancy.


def test_manager_leaves_and_the_task_goes_to_deputy_then_superior_then_hr_and_hr_is_told(year: Year) -> None:
    course = year.begin()
    year.change(leave("kari", year.now))
    assert _holders(year, course) == ["ola"]
    assert year.told("hanne").count("vacancy") == 1
    year.change(leave("ola", year.now))
    assert _holders(year, course) == ["dag"]
    year.change(leave("dag", year.now))
    assert _holders(year, course) == ["hanne"]
    year.do(course, "B1", HANNE)
    assert year.told("hanne").count("vacancy") == 1


def test_a_vacancy_that_is_filled_is_forgotten_and_told_again_when_it_comes_back(year: Year) -> None:
    year.begin()
    year.change(leave("kari", year.now))
    with year.database.reading() as db:
        (line,) = work.mapping.vacancies(db, HANNE, year.now)
    assert (line.unit_name, line.cause, line.acting) == ("IT", "left", ("Ola Nordmann",))
    year.change(lambda db: setattr(db.get_one(Unit, "it"), "manager_id", "nils"))
    with year.database.reading() as db:
        assert work.mapping.vacancies(db, HANNE, year.now) == []
    year.tick(year.now + timedelta(days=1))
    year.change(leave("nils", year.now))
    assert year.told("hanne").count("vacancy") == 2


def test_manager_is_absent_and_the_deputy_acts_on_their_behalf(year: Year) -> None:
    course = year.begin()
    year.change(away("kari", date(2027, 1, 1), date(2027, 2, 1)))
    assert _holders(year, course) == ["kari", "ola"]
    year.do(course, "B1", OLA)
    said = next(line.sentence for line in year.sheet(course).trail if line.what == "completed" and line.by == "ola")
    assert "(på vegne av Kari Nordmann)" in said
    assert "vacancy" in year.told("hanne")


def _holders(year: Year, course: UUID) -> list[str]:
    (line,) = year.open(course)
    with year.database.reading() as db:
        found = organisation.directory(db, year.now).holders("manager", Subject(unit=line.unit))
    return [holder.person_id for holder in found]


def test_a_new_manager_gets_the_units_data_and_its_tasks(year: Year) -> None:
    course = year.begin()
    year.do(course, "B1")
    year.do(course, "B2")
    year.do(course, "B3")
    year.do(course, "B4")
    year.change(lambda db: setattr(db.get_one(Unit, "it"), "manager_id", "nils"))
    (line,) = year.open(course)
    with year.database.transaction() as db:
        sheet = work.task(db, line.id, NILS, year.now)
    assert sheet.line.why == "Du er leder for IT."
    assert any(row.get("unit_name") == "IT" for rows in sheet.context.values() for row in rows)


# Someone steps in.


def test_someone_steps_in_with_dates_and_the_trail_says_on_whose_behalf(year: Year) -> None:
    course = year.begin()
    year.act(work.substitute, KARI, "kari", "nils", date(2027, 1, 5), date(2027, 1, 6))
    with pytest.raises((NotAllowed, NotFound)):
        year.do(course, "B1", NILS)
    year.tick(year.now + timedelta(days=1))
    year.do(course, "B1", NILS)
    said = next(line.sentence for line in year.sheet(course).trail if line.what == "completed" and line.by == "nils")
    assert "(på vegne av Kari Nordmann)" in said
    year.tick(year.now + timedelta(days=2))
    with pytest.raises((NotAllowed, NotFound)):
        year.do(course, "B2", NILS)


# Employee on leave.


def test_employee_on_leave_has_their_talk_postponed_and_taken_up_within_twenty_working_days(year: Year) -> None:
    year.up_to_talks()
    talk = year.talk("nils")
    year.do(talk, "C1")
    assert {"C2", "C3"} <= set(year.here(talk))
    year.change(away("nils", year.now.date(), year.now.date() + timedelta(days=40)))
    assert year.talks("nils")["it"] == "postponed"
    assert year.here(talk) == []
    last = year.now.date() + timedelta(days=40)
    year.days(40)
    assert year.here(talk) == []
    year.days(1)
    assert year.talks("nils")["it"] == "started"
    line = year.line(talk, "C1")
    assert line.due_at is not None
    first = last + timedelta(days=1)
    with year.database.reading() as db:
        works = organisation.working_calendar(db, year.now).is_working_day
    between = [d for n in range(1, 60) if works(d := first + timedelta(days=n)) and d <= line.due_at.date()]
    assert len(between) == 20
    assert year.waiting() == 0


def test_a_postponed_talk_does_not_count_in_the_units_round(year: Year) -> None:
    course = year.up_to_talks()
    year.change(away("nils", year.now.date(), None))
    assert "B8" in year.here(course)
    year.planned("ola")
    year.tick()
    assert "B8" not in year.here(course)


def test_a_short_absence_postpones_nothing(year: Year) -> None:
    year.up_to_talks()
    year.change(away("nils", year.now.date(), year.now.date() + timedelta(days=5)))
    assert year.talks("nils")["it"] == "started"


def test_a_leave_that_becomes_longer_rests_longer(year: Year) -> None:
    year.up_to_talks()
    first = year.now.date()
    year.change(away("nils", first, first + timedelta(days=20)))
    year.days(10)
    year.change(away("nils", first, first + timedelta(days=40)))
    year.days(20)
    assert year.talks("nils")["it"] == "postponed"
    year.days(11)
    assert year.talks("nils")["it"] == "started"


def test_a_talk_that_begins_while_its_employee_is_on_leave_rests_from_the_first_moment(year: Year) -> None:
    year.change(away("nils", year.now.date(), year.now.date() + timedelta(days=90)))
    year.up_to_talks()
    assert year.talks("nils")["it"] == "postponed"
    assert year.talks("ola")["it"] == "started"


@pytest.mark.databases
def test_hr_and_the_manager_postpone_and_take_up_by_hand(year: Year) -> None:
    year.up_to_talks()
    talk = year.talk("nils")
    line = year.act(work.talks.postpone, HANNE, talk, year.now.date() + timedelta(days=10))
    assert (line.state, line.rests_until) == ("resting", year.now.date() + timedelta(days=10))  # type: ignore[attr-defined]
    year.days(10)
    assert year.talks("nils")["it"] == "postponed"
    year.days(1)
    assert year.talks("nils")["it"] == "started"
    year.act(work.talks.postpone, KARI, talk, None)
    year.days(5)
    assert year.talks("nils")["it"] == "postponed"
    year.act(work.talks.take_up, KARI, talk)
    assert year.talks("nils")["it"] == "started"
    with pytest.raises(Conflict):
        year.act(work.talks.take_up, KARI, talk)
    with pytest.raises(NotFound):
        year.act(work.talks.postpone, PER, talk, None)
    with pytest.raises(NotAllowed):
        year.act(work.talks.postpone, NILS, talk, None)
    with pytest.raises(Invalid):
        year.act(work.talks.postpone, KARI, talk, year.now.date() - timedelta(days=1))


def test_what_is_taken_up_by_hand_stays_so_although_the_file_says_absent(year: Year) -> None:
    year.up_to_talks()
    year.change(away("nils", year.now.date(), None))
    year.act(work.talks.take_up, KARI, year.talk("nils"))
    year.days(3)
    assert year.talks("nils")["it"] == "started"


def test_a_talk_that_was_held_is_not_postponed(year: Year) -> None:
    year.up_to_talks()
    talk = year.planned("nils")
    year.change(away("nils", year.now.date(), None))
    assert year.talks("nils")["it"] == "closed"
    with pytest.raises(Conflict):
        year.act(work.talks.postpone, HANNE, talk, None)


# Employee leaves.


@pytest.mark.databases
def test_employee_leaves_and_the_talk_is_cancelled_and_the_round_can_end(year: Year) -> None:
    course = year.up_to_talks()
    year.planned("ola")
    talk = year.talk("nils")
    assert "B8" in year.here(course)
    year.change(leave("nils", year.now))
    assert year.state(talk) == "completed"
    assert year.talks("nils")["it"] == "cancelled"
    assert "B8" not in year.here(course)
    year.change(leave("nils", year.now))
    assert year.waiting() == 0


def test_employee_leaves_and_the_needs_that_are_counted_stay(year: Year) -> None:
    year.up_to_talks()
    year.planned("nils")
    with year.database.reading() as db:
        before = db.scalars(select(DevelopmentGoal.area).where(DevelopmentGoal.person_id == "nils")).all()
    year.change(leave("nils", year.now))
    with year.database.reading() as db:
        assert db.scalars(select(DevelopmentGoal.area).where(DevelopmentGoal.person_id == "nils")).all() == before
        assert db.get_one(Person, "nils").left_at is not None


# Employee joins or moves unit.


@pytest.mark.databases
def test_employee_joins_a_unit_whose_round_is_open_and_gets_a_talk(year: Year) -> None:
    course = year.up_to_talks()
    year.change(hired("nina", "it"))
    year.tick()
    assert year.talks("nina") == {"it": "started"}
    year.change(hired("petra", "law"))
    year.tick()
    assert year.talks("petra") == {}
    assert "B8" in year.here(course)


def test_employee_moves_unit_and_gets_a_new_talk_there(year: Year) -> None:
    course = year.up_to_talks()
    year.up_to_talks("law")
    year.planned("ola")
    year.change(to_unit("nils", "law"))
    year.tick()
    assert year.talks("nils") == {"it": "cancelled", "law": "started"}
    assert "B8" not in year.here(course)
    assert year.told("nils") == [kind for kind in year.told("nils") if kind != "plan-transfer"]
    year.change(lambda db: None)
    assert year.talks("nils") == {"it": "cancelled", "law": "started"}


def test_employee_moves_unit_and_comes_back(year: Year) -> None:
    year.up_to_talks()
    year.change(to_unit("nils", "law"))
    year.change(to_unit("nils", "it"))
    year.tick()
    with year.database.reading() as db:
        found = db.execute(select(Talk.unit_id, Talk.status).where(Talk.person_id == "nils")).all()
    assert sorted(tuple(row) for row in found) == [("it", "cancelled"), ("it", "started")]


def test_the_plan_follows_when_the_employee_agrees(year: Year) -> None:
    year.up_to_talks()
    talk = year.planned("nils")
    year.change(to_unit("nils", "law"))
    assert "plan-transfer" in year.told("nils")
    assert year.state(talk) == "suspended"
    (asked,) = year.act(work.talks.transfers, NILS)  # type: ignore[misc]
    assert (asked.from_unit, asked.to_unit, asked.follows) == ("IT", "Juss", None)
    for other in (PER, KARI, HANNE):
        with pytest.raises(NotFound):
            year.act(work.talks.answer_transfer, other, talk, True)
    year.act(work.talks.answer_transfer, NILS, talk, True)
    with year.database.reading() as db:
        assert db.get_one(Instance, talk).unit_id == "law"
        assert set(db.scalars(select(DevelopmentGoal.unit_id).where(DevelopmentGoal.person_id == "nils"))) == {"law"}
    assert year.state(talk) == "active"
    with pytest.raises(Conflict):
        year.act(work.talks.answer_transfer, NILS, talk, False)


def test_the_plan_stays_with_the_employee_who_says_no(year: Year) -> None:
    year.up_to_talks()
    talk = year.planned("nils")
    year.change(to_unit("nils", "law"))
    year.act(work.talks.answer_transfer, NILS, talk, False)
    assert year.state(talk) == "cancelled"
    with year.database.reading() as db:
        assert set(db.scalars(select(DevelopmentGoal.unit_id).where(DevelopmentGoal.person_id == "nils"))) == {"it"}
        assert db.get_one(PlanTransfer, talk).follows is False
    year.days(2)
    assert year.talks("nils")["it"] == "closed"


@pytest.mark.databases
def test_the_new_manager_reads_no_plan_before_the_employee_has_agreed(year: Year) -> None:
    year.up_to_talks()
    year.up_to_talks("law")
    talk = year.planned("nils")
    year.change(to_unit("nils", "law"))
    year.tick()
    assert _plan_read(year, PER, talk) == (0, 0)
    assert _plan_read(year, KARI, talk) == (0, 0)
    rows, sent = _plan_read(year, NILS, talk)
    assert rows > 0
    assert sent > 0
    new = year.talk("nils")
    with year.database.transaction() as db:
        sheet = work.task(db, year.line(new, "C1").id, PER, year.now)
        assert not sheet.context.get("goals")
    year.act(work.talks.answer_transfer, NILS, talk, True)
    assert _plan_read(year, PER, talk) == (rows, sent)
    assert _plan_read(year, KARI, talk) == (0, 0)


def _plan_read(year: Year, who: Actor, talk: UUID) -> tuple[int, int]:
    """How many goals of this talk they read, and how many of its completed tasks' answers."""
    with year.database.reading() as db:
        goals = work.register(db, who, "goals", now=year.now).items
        ids = db.scalars(select(Task.id).where(Task.instance_id == talk, Task.element.in_(("C4", "C5")))).all()
        sent = 0
        for task in ids:
            try:
                sent += work.task(db, task, who, year.now).answers is not None
            except (NotFound, NotAllowed):
                continue
    return sum(1 for row in goals if row["person"] == "nils"), sent


# Unit merged, split, closed.


@pytest.mark.databases
def test_unit_merged_into_one_that_has_its_own_course(year: Year) -> None:
    it, law = year.up_to_talks(), year.begin("law")
    year.change(closed("it", year.now, people_to="law"))
    assert "unit-closed" in year.told("hanne")
    with year.database.reading() as db:
        (line,) = work.mapping.closed_units(db, HANNE, year.now)
    assert (line.name, line.courses, line.talks) == ("IT", 1, 2)
    talk = year.talk("nils")
    assert year.act(work.mapping.map_unit, HANNE, "it", ["law"], "Slått sammen") == ["Juss"]
    year.tick()
    assert (year.state(it), year.state(law)) == ("cancelled", "active")
    assert year.talks("nils") == {"law": "started"}
    assert {task.unit for task in year.open(talk)} == {"law"}
    with year.database.reading() as db:
        rows = db.scalars(select(CompetenceArea).where(CompetenceArea.withdrawn_at.is_(None))).all()
        assert {row.unit_id for row in rows} == {"law"}
        assert all(row.sources == [row.extra["copied_from"]] for row in rows)
        originals = db.scalars(select(CompetenceArea).where(CompetenceArea.unit_id == "it")).all()
        assert {row.id for row in originals} == {row.extra["copied_from"] for row in rows}
        assert work.mapping.closed_units(db, HANNE, year.now) == []
    with pytest.raises(Conflict):
        year.act(work.mapping.map_unit, HANNE, "it", ["law"], "Slått sammen")


def test_unit_renumbered_keeps_its_course_its_tasks_and_what_it_wrote(year: Year) -> None:
    it = year.begin()
    for step in UP_TO_B7[:4]:
        year.do(it, step)

    def renumber(db: Session) -> None:
        db.add(Unit(id="it2", parent_id="dir", name="IT og data", manager_id="kari", sort_key="it2"))
        db.flush()
        closed("it", year.now, people_to="it2")(db)

    year.change(renumber)
    year.act(work.mapping.map_unit, HANNE, "it", ["it2"], "Nytt nummer")
    (task,) = year.open(it)
    assert (task.element, task.unit) == ("B5", "it2")
    for step in UP_TO_B7[4:]:
        year.do(it, step)
    year.tick()
    assert "B8" in year.here(it)
    with year.database.reading() as db:
        units = set(db.scalars(select(CompetenceArea.unit_id).where(CompetenceArea.withdrawn_at.is_(None))))
    assert units == {"it2"}
    assert set(year.talks("nils")) == {"it2"}


def test_unit_split_in_two_gives_both_what_it_proposed(year: Year) -> None:
    it = year.begin()
    for step in UP_TO_B7[:5]:
        year.do(it, step)

    def split(db: Session) -> None:
        for unit, manager in (("drift", "ola"), ("utvikling", "kari")):
            db.add(Unit(id=unit, parent_id="dir", name=unit, manager_id=manager, sort_key=unit))
        db.flush()
        closed("it", year.now, people_to="utvikling")(db)
        to_unit("ola", "drift")(db)

    year.change(split)
    with pytest.raises(Invalid):
        year.act(work.mapping.map_unit, HANNE, "it", ["it"], "Delt")
    with pytest.raises(Invalid):
        year.act(work.mapping.map_unit, HANNE, "it", ["drift"], " ")
    with pytest.raises(NotAllowed):
        year.act(work.mapping.map_unit, KARI, "it", ["drift"], "Delt")
    year.act(work.mapping.map_unit, HANNE, "it", ["utvikling", "drift"], "Delt")
    assert (year.unit("utvikling"), year.here(year.unit("drift"))) == (it, ["B1"])
    with year.database.reading() as db:
        rows = db.scalars(select(CompetenceArea).where(CompetenceArea.withdrawn_at.is_(None))).all()
        by_unit = {unit: {row.area for row in rows if row.unit_id == unit} for unit in ("utvikling", "drift", "it")}
    assert by_unit["utvikling"] == by_unit["drift"] != set()
    assert by_unit["it"] == set()


def test_a_unit_that_is_not_closed_is_not_mapped(year: Year) -> None:
    with pytest.raises(Conflict):
        year.act(work.mapping.map_unit, HANNE, "it", ["law"], "Feil")
    with pytest.raises(NotFound):
        year.act(work.mapping.map_unit, HANNE, "nowhere", ["law"], "Feil")


# Employee declines.


def test_employee_declines_and_the_talk_is_closed_after_the_date_that_hr_sets(year: Year) -> None:
    course = year.up_to_talks()
    year.planned("ola")
    talk = year.talk("nils")
    after = year.now.date() + timedelta(days=3)
    with pytest.raises(Invalid):
        year.act(work.talks.decline, KARI, talk, after)
    year.act(work.talks.decline, HANNE, talk, after)
    year.days(3)
    assert year.talks("nils")["it"] == "started"
    year.days(1)
    assert year.talks("nils")["it"] == "declined"
    assert "B8" not in year.here(course)


def test_a_manager_notes_that_the_employee_declines_and_the_rounds_last_day_counts(year: Year) -> None:
    year.up_to_talks()
    line = year.act(work.talks.decline, KARI, year.talk("nils"), None)
    assert line.declined_from == date(2027, 4, 26)  # type: ignore[attr-defined]
    year.act(work.talks.withdraw_decline, KARI, year.talk("nils"))
    with pytest.raises(Conflict):
        year.act(work.talks.withdraw_decline, KARI, year.talk("nils"))


# Unit without employees.


def test_unit_without_employees_skips_talks_and_readings(year: Year) -> None:
    year.change(lambda db: db.add(Unit(id="stab", parent_id="dir", name="Stab", manager_id="dag", sort_key="stab")))
    course = year.up_to_talks("stab")
    assert year.here(course) == []
    with year.database.reading() as db:
        assert db.scalars(select(Instance).where(Instance.process.in_(("talk", "reading")))).all() == []


# Decision is late.


def test_decision_is_late_and_hr_moves_it_and_talks_go_on(year: Year) -> None:
    year.up_to_talks()
    with year.database.transaction() as db:
        before = registers.dates(registers.cycle(db, "2027"), lambda _day: True)
        moved = work.move_date(db, HANNE, "2027", "decision", date(2027, 9, 1), year.now)
    assert moved.date == date(2027, 9, 1)
    with year.database.reading() as db:
        after = registers.dates(registers.cycle(db, "2027"), lambda _day: True)
    assert after["decision"] != before["decision"]
    year.planned("nils")
    assert year.talks("nils")["it"] == "closed"


def test_never_decided_and_the_last_strategy_goes_on(year: Year) -> None:
    kept = {"cycle_id": "2026", "origin": "before", "created_at": year.now, "updated_at": year.now}
    with year.database.transaction() as db:
        db.add(
            Cycle(id="2026", name="2026", state="closed", starts_on=date(2026, 1, 5), ends_on=date(2027, 1, 1),
                  decided_on=date(2026, 6, 1), created_at=year.now)
        )  # fmt: skip
        db.add(CompetenceArea(id="a1", row_id="a1", area="Data", stage="recommended", **kept))
        for number, (outcome, stage) in enumerate(
            [("decided", "recommended"), ("rejected", "recommended"), ("decided", "local")]
        ):
            db.add(Measure(id=f"m{number}", row_id=f"m{number}", name=f"Tiltak {number}", area="a1", stage=stage,
                           outcome=outcome, scope="central", **kept))  # fmt: skip
    cycle = year.start("cycle")
    year.do(cycle, "A1", values={**SETUP, "name": "2028", "start": "2028-01-04", "end": "2029-01-10",
                                 "consultation": "no", "date_merge": "2028-02-01"})  # fmt: skip
    year.do(cycle, "A2")
    year.tick()
    for step in UP_TO_B7:
        year.do(year.unit("it"), step)
    year.tick(datetime(2028, 2, 2, 12, tzinfo=UTC))
    year.do(cycle, "A4")
    year.do(cycle, "A5")
    given = {"outcome": "continue", "reasons": "Valgår", "decided_on": "2028-03-01"}
    year.do(cycle, "A7", values=given)
    assert year.here(cycle) == ["A8"]
    with year.database.reading() as db:
        found = db.execute(select(Measure.name, Measure.sources, Measure.outcome, Measure.area).where(
            Measure.cycle_id == "2028", Measure.outcome.is_not(None))).all()  # fmt: skip
        area = db.execute(select(CompetenceArea.id, CompetenceArea.sources).where(
            CompetenceArea.cycle_id == "2028", CompetenceArea.origin.startswith("continued"))).one()  # fmt: skip
    assert [tuple(row) for row in found] == [("Tiltak 0", ["m0"], "decided", area.id)]
    assert area.sources == ["a1"]


# Extraordinary talk.


def test_an_extraordinary_talk_begins_by_itself_and_is_flagged(year: Year) -> None:
    course = year.up_to_talks()
    line = year.act(work.talks.begin_extraordinary, KARI, "nils", None)
    assert line.extraordinary  # type: ignore[attr-defined]
    with year.database.reading() as db:
        talk = db.scalars(select(Talk).where(Talk.person_id == "nils", Talk.extraordinary.is_(True))).one()
        assert (talk.unit_id, talk.cycle_id, talk.status) == ("it", "2027", "started")
        own = talk.instance_id
    with pytest.raises(Conflict):
        year.act(work.talks.begin_extraordinary, HANNE, "nils", None)
    with pytest.raises(NotAllowed):
        year.act(work.talks.begin_extraordinary, PER, "nils", None)
    year.planned("ola")
    year.act(work.talks.decline, HANNE, next(i for i in _running(year, "nils") if i != own),
             year.now.date() - timedelta(days=1))  # fmt: skip
    year.tick()
    assert "B8" not in year.here(course)  # the round does not wait for it


def _running(year: Year, person: str) -> list[UUID]:
    with year.database.reading() as db:
        mine = select(Instance.id).where(Instance.process == "talk", Instance.person_id == person)
        return list(db.scalars(mine.where(Instance.state.not_in(ENDED))))


# Manager of managers.


def test_a_manager_of_managers_is_an_employee_above_and_manager_in_their_own_unit(year: Year) -> None:
    year.up_to_talks("dir")
    assert year.talks("kari") == {"dir": "started"}
    assert year.talks("nils") == {}
    line = year.line(year.talk("kari"), "C1")
    with year.database.reading() as db:
        found = organisation.directory(db, year.now).holders("manager", Subject(line.unit, line.person))
        assert [holder.person_id for holder in found] == ["dag"]
        assert "it" in organisation.directory(db, year.now).holdings("kari").units["manager"]


# Conflict.


def test_hr_gives_the_talk_to_another_manager(year: Year) -> None:
    year.up_to_talks()
    talk = year.talk("nils")
    with year.database.transaction() as db:
        work.hand_over(db, "nils", "per", HANNE, "Konflikt", year.now)
    year.do(talk, "C1", PER)
    with pytest.raises((NotAllowed, NotFound)):
        year.do(talk, "C3", KARI)
    year.do(talk, "C3", PER)


# Several positions.


def test_several_positions_give_one_talk_for_the_main_one(year: Year) -> None:
    year.change(lambda db: db.add(Position(person_id="nils", number=2, unit_id="law", percent=20.0, main=False)))
    year.up_to_talks()
    year.up_to_talks("law")
    assert year.talks("nils") == {"it": "started"}


# HR closes a unit without a submission.


def test_hr_closes_a_unit_without_a_submission_with_a_reason_on_the_trail(year: Year) -> None:
    course = year.begin()
    with pytest.raises(Invalid):
        year.act(work.cancel, HANNE, course, " ")
    year.act(work.cancel, HANNE, course, "Enheten legges ned")
    assert year.state(course) == "cancelled"
    trail = year.sheet(course).trail
    assert [line.by for line in trail if line.what == "cancel"] == ["hanne"]


# All of it, again and again.


@pytest.mark.databases
def test_comparing_again_changes_nothing(year: Year) -> None:
    year.up_to_talks()
    year.change(away("nils", year.now.date(), None))
    year.change(hired("nina", "it"))
    year.tick()
    before = {person: year.talks(person) for person in ("nils", "ola", "nina")}
    for _again in range(3):
        year.change(lambda db: None)
    assert {person: year.talks(person) for person in before} == before
    assert year.waiting() == 0


def test_readings_of_one_who_leaves_fall_away(year: Year) -> None:
    course = year.begin()
    for step in UP_TO_B7[:2]:
        year.do(course, step)
    year.tick()
    year.change(leave("nils", year.now))
    with year.database.reading() as db:
        found = db.execute(select(Instance.person_id, Instance.state).where(Instance.process == "reading")).all()
    assert {row.person_id: row.state for row in found} == {"nils": "cancelled", "ola": "active"}


__all__ = ["DAG", "PIA", "staff"]
