"""Walks measure.bpmn: a decided measure is followed up until it is done or stopped, into the next cycle if need be."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from komp_flow import registers, work
from komp_flow.db import Database
from komp_flow.errors import Invalid, NotFound
from komp_flow.organisation import Actor, Subject
from komp_flow.registers.models import CompetenceArea, Effect, Measure
from processes.walking import MONDAY, SYSTEM, Walk
from work import staff

FIRST = datetime(2027, 4, 5, 6, tzinfo=UTC)  # 90 days after 4 January is Sunday: Monday at eight in Oslo, summer time
COURSES, LOCAL = str(UUID(int=1)), str(UUID(int=2))
CENTRAL = {"stage": "recommended", "outcome": "decided", "scope": "central"}
GOING = {"status": "under_way", "progress": 40, "effect": 2}
DONE = {"status": "done", "progress": 100, "effect": 4, "before": "35 prosent", "after": "60 prosent"}


@pytest.fixture
def walk(database: Database) -> Walk:
    walk = Walk(database)
    with database.transaction() as db:
        registers.set_up(db, {"name": "2027", "start": date(2027, 1, 4)}, cycle_id=None, instance_id=None, now=walk.now)
        add(db, Measure, COURSES, name="Opplæring", responsible="nils", **CENTRAL)
    return walk


@pytest.fixture
def followed(walk: Walk) -> UUID:
    return walk.start("measure", Subject(measure=COURSES, cycle="2027"))


def add(db: Any, table: Any, row_id: str, **columns: Any) -> None:
    origin = {"origin": "a test", "row_id": row_id, "created_at": MONDAY, "updated_at": MONDAY, "extra": {}}
    db.add(table(id=row_id, cycle_id=columns.pop("cycle_id", "2027"), **origin, **columns))
    db.flush()


def report(walk: Walk, measure: UUID, by: Actor = staff.NILS, **answers: Any) -> None:
    line = walk.line(measure, "report-measure")
    with walk.database.transaction() as db:
        work.complete(db, line.id, by, {"reports": [{"row-id": line.measure, **answers}]}, walk.now)
    assert walk.tick().failed == 0


def effects(walk: Walk) -> list[tuple[str | None, str | None, int | None, int | None, str | None]]:
    with walk.database.reading() as db:
        found = db.scalars(select(Effect).where(Effect.withdrawn_at.is_(None)).order_by(Effect.created_at, Effect.id))
        return [(row.measure, row.status, row.progress, row.effect, row.cycle_id) for row in found]


@pytest.mark.databases
def test_the_owner_is_asked_after_ninety_days_on_a_working_day(walk: Walk, followed: UUID) -> None:
    assert walk.here(followed) == []
    walk.tick(FIRST - timedelta(seconds=1))
    assert walk.here(followed) == []
    walk.tick(FIRST)

    assert walk.here(followed) == ["report-measure"]
    with walk.database.reading() as db:
        sheet = work.task(db, walk.line(followed, "report-measure").id, staff.NILS, walk.now)
    assert sheet.may.complete
    assert sheet.context["measure"]["name"] == "Opplæring"
    with walk.database.reading() as db, pytest.raises(NotFound):
        work.task(db, walk.line(followed, "report-measure").id, staff.PIA, walk.now)


@pytest.mark.databases
def test_it_is_followed_up_until_it_is_done(walk: Walk, followed: UUID) -> None:
    walk.tick(FIRST)
    report(walk, followed, **GOING)
    assert walk.here(followed) == []

    walk.tick(datetime(2027, 7, 5, 5, 59, 59, tzinfo=UTC))  # 90 days on is Sunday 4 July, in the pause
    assert walk.here(followed) == []
    walk.tick(datetime(2027, 8, 2, 6, tzinfo=UTC))
    report(walk, followed, **DONE)

    assert walk.state(followed) == "completed"
    assert effects(walk) == [(COURSES, "under_way", 40, 2, "2027"), (COURSES, "done", 100, 4, "2027")]


def test_what_was_reported_before_is_there_to_read(walk: Walk, followed: UUID) -> None:
    walk.tick(FIRST)
    report(walk, followed, **GOING, comment="I rute.")
    walk.tick(datetime(2027, 8, 2, 6, tzinfo=UTC))

    with walk.database.reading() as db:
        sheet = work.task(db, walk.line(followed, "report-measure").id, staff.NILS, walk.now)

    assert [(one["on"], one["status_name"], one["comment"]) for one in sheet.context["reports"]] == [
        (date(2027, 4, 5), "I gang", "I rute.")
    ]


def test_a_measure_that_is_stopped_says_why(walk: Walk, followed: UUID) -> None:
    walk.tick(FIRST)

    with pytest.raises(Invalid):
        report(walk, followed, status="stopped", progress=10)
    report(walk, followed, status="stopped", progress=10, comment="Pengene gikk til noe annet.")

    assert walk.state(followed) == "completed"


@pytest.mark.parametrize("missing", ["effect", "before", "after"])
def test_a_measure_that_is_done_has_its_effect_and_the_indicator_before_and_after(
    walk: Walk, followed: UUID, missing: str
) -> None:
    walk.tick(FIRST)

    with pytest.raises(Invalid) as refused:
        report(walk, followed, **{name: value for name, value in DONE.items() if name != missing})

    assert [error.field for error in refused.value.fields] == [f"reports-0-{missing}"]
    assert walk.here(followed) == ["report-measure"]


def test_a_done_measure_is_all_done(walk: Walk, followed: UUID) -> None:
    walk.tick(FIRST)

    with pytest.raises(Invalid):
        report(walk, followed, **{**DONE, "progress": 90})


def test_a_measure_that_has_not_begun_has_no_effect_yet(walk: Walk, followed: UUID) -> None:
    walk.tick(FIRST)
    report(walk, followed, status="not_started", progress=0)

    assert effects(walk) == [(COURSES, "not_started", 0, None, "2027")]
    assert walk.state(followed) == "active"


def test_a_measure_whose_owner_is_unknown_goes_to_the_manager_of_the_unit(walk: Walk) -> None:
    with walk.database.transaction() as db:
        add(db, Measure, LOCAL, name="Vaktordning", unit_id="it", responsible="Den som kan", scope="local")
    local = walk.start("measure", Subject(unit="it", measure=LOCAL, cycle="2027"))

    walk.tick(FIRST)
    report(walk, local, by=staff.KARI, **GOING)

    assert walk.here(local) == []


@pytest.mark.parametrize("named", ["nils", "Nils  Nilsen", "NILS@example.org"])
def test_the_owner_is_known_by_id_name_or_address(walk: Walk, named: str) -> None:
    plan = {"plan_relevant": "yes", "actions": [action("Vaktordning", named)]}
    local = planned(walk, plan)

    walk.tick(FIRST)
    report(walk, local, by=staff.NILS, **GOING)

    assert walk.here(local) == []


def test_a_name_that_two_have_is_nobodys(walk: Walk) -> None:
    with walk.database.transaction() as db:
        db.get_one(staff.Person, "ola").name = "Nils Nilsen"
    local = planned(walk, {"plan_relevant": "yes", "actions": [action("Vaktordning", "Nils Nilsen")]})

    walk.tick(FIRST)

    with walk.database.reading() as db:
        assert work.task(db, walk.line(local, "report-measure").id, staff.KARI, walk.now).may.complete


def test_an_open_measure_goes_on_in_the_next_cycle(walk: Walk, followed: UUID) -> None:
    walk.tick(FIRST)
    report(walk, followed, **GOING)
    with walk.database.transaction() as db:
        registers.cycle(db, "2027").state = "closed"
    next_cycle = walk.start("cycle")
    begin = {"name": "2028", "start": "2027-04-05", "end": "2028-04-10", "which_units": "some", "units": ["law"]}
    settings = {"quality_check": "yes", "reading_wanted": "yes", "consultation": "no", "smallest_group": 5}
    walk.do(next_cycle, "A1", values=begin | settings)
    walk.do(next_cycle, "A2")
    assert walk.tick().failed == 0

    assert walk.sheet(followed).line.cycle == "2028"
    assert any("ny syklus" in line.sentence for line in walk.sheet(followed).trail)
    walk.tick(datetime(2027, 8, 2, 6, tzinfo=UTC))
    report(walk, followed, **DONE)

    assert effects(walk) == [(COURSES, "under_way", 40, 2, "2027"), (COURSES, "done", 100, 4, "2028")]
    with walk.database.reading() as db:
        assert [row["name"] for row in registers.numbers(db, ["measure_reports"], "2028")["measure_reports"]] == [
            "Opplæring"
        ]


def test_a_measure_of_a_cycle_that_is_open_stays_in_it(walk: Walk, followed: UUID) -> None:
    other = walk.start("cycle")
    begin = {"name": "2028", "start": "2027-01-04", "end": "2028-04-10", "which_units": "some", "units": ["law"]}
    settings = {"quality_check": "yes", "reading_wanted": "yes", "consultation": "no", "smallest_group": 5}
    walk.do(other, "A1", values=begin | settings)
    walk.do(other, "A2")
    walk.tick()

    assert walk.sheet(followed).line.cycle == "2027"


def test_what_is_reported_never_becomes_the_state_of_an_instance(walk: Walk, followed: UUID) -> None:
    walk.tick(FIRST)
    report(walk, followed, **GOING, comment="I rute.")

    assert walk.variables(followed) == {"reported_on": date(2027, 4, 5), "status": "under_way"}


def test_the_effect_of_an_area_is_the_mean_of_its_measures_newest_reports(walk: Walk, followed: UUID) -> None:
    with walk.database.transaction() as db:
        add(db, CompetenceArea, "merged", area="Data", stage="merged", sources=["p1"])
        add(db, CompetenceArea, "wanted", area="Data", stage="recommended", sources=["merged"], priority=1)
        db.get_one(Measure, COURSES).area = "merged"
        add(db, Measure, LOCAL, area=None, sources=[COURSES], unit_id="it", outcome="decided", scope="local")
    local = walk.start("measure", Subject(unit="it", measure=LOCAL, cycle="2027"))
    walk.tick(FIRST)
    report(walk, followed, **GOING)
    report(walk, local, by=staff.KARI, **{**GOING, "effect": 5})
    walk.tick(datetime(2027, 8, 2, 6, tzinfo=UTC))
    report(walk, followed, **DONE)

    with walk.database.reading() as db:
        (row,) = registers.numbers(db, ["area_effects"], "2027")["area_effects"]

    assert row == {
        "id": "wanted",
        "area": "Data",
        "measures": 2,
        "reported": 2,
        "done": 1,
        "effect": Decimal("4.5"),
        "suggested": 5,
    }


def action(name: str, responsible: str) -> dict[str, Any]:
    return {"name": name, "responsible": responsible, "due": "2027-12-01", "indicator": "Antall vakter"}


def planned(walk: Walk, plan: dict[str, Any]) -> UUID:
    """The follow-up of the one measure of the local plan that the manager of IT makes."""
    unit = walk.start("unit", Subject(unit="it", cycle="2027"))
    for step in ("B1", "B2", "B3", "B4", "B5", "B6", "B7"):
        walk.do(unit, step)
    walk.message("strategy.decided", "2027")
    walk.do(unit, "B9")
    walk.do(unit, "B10", values={**plan, "actions": [{**plan["actions"][0], "decided_measure": COURSES}]})
    assert walk.tick().failed == 0
    with walk.database.reading() as db:
        (found,) = work.instances(db, SYSTEM, process="measure", unit="it", now=walk.now).items
    return found.id
