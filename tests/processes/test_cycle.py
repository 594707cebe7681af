"""Walks cycle.bpmn: from the calendar to the evaluation, with the units that it starts."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest

from komp_flow import notifications, work
from komp_flow.db import Database
from processes.walking import SETUP, SYSTEM, Walk
from work import staff

PROPOSAL = ("B1", "B2", "B3", "B4", "B5", "B6", "B7")
UNITS = ("dir", "it", "law")


@pytest.fixture
def walk(database: Database) -> Walk:
    return Walk(database)


def begun(walk: Walk, **settings: object) -> UUID:
    """A cycle whose units have begun."""
    cycle = walk.start("cycle")
    do(walk, cycle, "A1", values={**SETUP, "consultation": "no", **settings})
    do(walk, cycle, "A2")
    return cycle


def do(walk: Walk, instance: UUID, *steps: str, **given: object) -> None:
    for step in steps:
        walk.do(instance, step, **given)  # type: ignore[arg-type]
        assert walk.tick().failed == 0


def recommended(walk: Walk) -> UUID:
    """A cycle that the top management is to decide on."""
    cycle = begun(walk)
    for unit in UNITS:
        do(walk, walk.unit(unit), *PROPOSAL)
    do(walk, cycle, "A4", "A5")
    return cycle


def test_a_cycle_goes_from_its_calendar_to_its_evaluation(walk: Walk) -> None:
    cycle = recommended(walk)

    do(walk, cycle, "A7", "A8")
    assert all("B9" in walk.here(walk.unit(unit)) for unit in UNITS)
    do(walk, cycle, "A9")

    assert walk.state(cycle) == "completed"
    assert walk.completed(cycle) == ["A1", "A2", "A4", "A5", "A7", "A8", "A9"]


def test_the_union_is_consulted_twice_where_the_cycle_says_so(walk: Walk) -> None:
    cycle = begun(walk, consultation="yes")
    assert walk.here(cycle) == ["A3"]
    do(walk, cycle, "A3")
    for unit in UNITS:
        do(walk, walk.unit(unit), *PROPOSAL)
    do(walk, cycle, "A4", "A5")

    assert walk.here(cycle) == ["A6"]


def test_hr_merges_when_all_have_proposed(walk: Walk) -> None:
    cycle = begun(walk)
    for number, unit in enumerate(UNITS):
        assert (walk.here(cycle), walk.variables(cycle)["units_proposed"]) == ([], number)
        do(walk, walk.unit(unit), *PROPOSAL)

    assert walk.here(cycle) == ["A4"]


def test_hr_merges_on_the_date_with_those_that_have_proposed(walk: Walk) -> None:
    cycle = begun(walk, date_merge="2027-03-01")
    do(walk, walk.unit("it"), *PROPOSAL)

    walk.tick(datetime(2027, 3, 1, 6, 59, tzinfo=UTC))
    assert walk.here(cycle) == []
    walk.tick(datetime(2027, 3, 1, 7, tzinfo=UTC))

    assert walk.here(cycle) == ["A4"]
    assert {row["unit"] for row in opened(walk, cycle, "A4", staff.HANNE).context["proposed_areas"]} == {"it"}


def test_a_unit_that_proposes_after_the_date_disturbs_nothing(walk: Walk) -> None:
    cycle = begun(walk, date_merge="2027-03-01")
    walk.tick(datetime(2027, 3, 1, 7, tzinfo=UTC))

    do(walk, walk.unit("it"), *PROPOSAL)

    assert walk.here(cycle) == ["A4"]


def test_hr_need_not_wait_for_a_unit_that_is_taken_out(walk: Walk) -> None:
    cycle = begun(walk)
    for unit in ("dir", "it"):
        do(walk, walk.unit(unit), *PROPOSAL)
    assert walk.here(cycle) == []

    end(walk, walk.unit("law"), "Enheten legges ned.")

    assert walk.here(cycle) == ["A4"]
    assert walk.variables(cycle)["units_proposed"] == len(UNITS)


def test_a_unit_that_has_proposed_is_not_counted_again_when_it_is_taken_out(walk: Walk) -> None:
    cycle = begun(walk)
    do(walk, walk.unit("it"), *PROPOSAL)

    end(walk, walk.unit("it"), "Enheten slås sammen med en annen.")

    assert (walk.here(cycle), walk.variables(cycle)["units_proposed"]) == ([], 1)


def test_what_is_sent_back_to_hr_opens_with_what_was_written_and_why_it_came(walk: Walk) -> None:
    cycle = recommended(walk)

    do(walk, cycle, "A7", values={"outcome": "return", "reasons": "Regn på et billigere alternativ."})

    assert walk.here(cycle) == ["A5"]
    sheet = opened(walk, cycle, "A5", staff.HANNE)
    assert sheet.draft.values["summary"]
    assert sheet.context["answers"]["A7"]["reasons"] == "Regn på et billigere alternativ."
    do(walk, cycle, "A5", "A7")
    assert walk.here(cycle) == ["A8"]


def test_the_dates_after_the_decision_count_from_it(walk: Walk) -> None:
    cycle = recommended(walk)

    do(walk, cycle, "A7", decided_on="2027-01-04")

    assert walk.line(cycle, "A8").due_at == datetime(2027, 1, 11, 22, 59, 59, tzinfo=UTC)


def test_only_the_chosen_units_are_started(walk: Walk) -> None:
    cycle = begun(walk, which_units="some", units=["law"])

    assert walk.variables(cycle)["units_started"] == 1
    assert walk.here(walk.unit("law")) == ["B1"]


def test_what_people_write_never_becomes_the_state_of_an_instance(walk: Walk) -> None:
    cycle = recommended(walk)
    do(walk, cycle, "A7", "A8")

    counts = {"units_started", "units_proposed", "measures_started"}
    assert walk.variables(cycle).keys() == counts | {"outcome", "channel", "audience"}
    ids_and_choices = {"cycle_id", "review", "return_to", "talks_started", "send_reading"}
    assert walk.variables(walk.unit("it")).keys() <= ids_and_choices


@pytest.mark.databases
def test_everyone_is_given_the_decided_strategy_with_the_words_of_hr_in_their_own_language(walk: Walk) -> None:
    cycle = recommended(walk)
    do(walk, cycle, "A7")
    do(walk, cycle, "A8", message_nb="Les strategien.", message_nn="Les strategien, du òg.")

    given = {
        line.person: line
        for line in listed(walk, "reading")
        if walk.sheet(line.id, by=SYSTEM).variables["kind"] == "strategy"
    }
    assert given.keys() == {person[0] for person in staff.PEOPLE}
    sheet = opened(walk, given["pia"].id, "read-and-confirm", staff.PIA)
    assert sheet.context["asked_by"]["A8"]["message_nn"] == "Les strategien, du òg."
    assert sheet.context["decided_areas"]
    assert sheet.context["decided_measures"]
    assert sheet.names["person"]["language"] == "nb"
    assert sheet.line.due_at == datetime(2027, 1, 18, 22, 59, 59, tzinfo=UTC)


def test_each_decided_measure_is_followed_up_and_the_evaluation_shows_what_they_came_to(walk: Walk) -> None:
    cycle = recommended(walk)
    do(walk, cycle, "A7", "A8")
    central = listed(walk, "measure")
    assert len(central) == walk.variables(cycle)["measures_started"]
    walk.tick(datetime(2027, 4, 5, 6, tzinfo=UTC))
    for line in central:
        walk.do(line.id, "report-measure")

    shown = opened(walk, cycle, "A9", staff.HANNE).context

    assert {row["status"] for row in shown["measure_reports"] if row["scope"] == "central"} == {"under_way"}
    assert any(row["effect"] is not None for row in shown["area_effects"])
    assert shown["measure_effects"] == []


def test_a_closed_cycle_leaves_readings_behind_and_offers_the_next(walk: Walk) -> None:
    cycle = recommended(walk)
    do(walk, cycle, "A7", "A8")
    do(walk, cycle, "A9", lessons="Del ut tidligere.", advice="Begynn i januar.")

    assert walk.state(cycle) == "completed"
    assert {line.state for line in listed(walk, "reading")} <= {"cancelled", "completed"}
    assert {line.state for line in listed(walk, "measure")} == {"active"}
    with walk.database.reading() as db:
        assert notifications.about(db, "eier")[0].kind == "next-cycle"
    following = walk.start("cycle")
    assert opened(walk, following, "A1", staff.EIER).context["previous"]["advice"] == "Begynn i januar."


def end(walk: Walk, instance: UUID, reason: str) -> None:
    with walk.database.transaction() as db:
        work.cancel(db, staff.HANNE, instance, reason, walk.now)
    assert walk.tick().failed == 0


def listed(walk: Walk, process: str) -> list[work.InstanceLine]:
    with walk.database.reading() as db:
        return list(work.instances(db, SYSTEM, process=process, page_size=200, now=walk.now).items)


def opened(walk: Walk, instance: UUID, element: str, by: staff.Actor) -> work.TaskSheet:
    with walk.database.reading() as db:
        return work.task(db, walk.line(instance, element).id, by, walk.now)
