"""Which days are worked."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from komp_flow import feel, organisation
from komp_flow.errors import Invalid, NotFound
from komp_flow.organisation.working_days import WorkingCalendar


@pytest.mark.parametrize(
    "day",
    ["2027-01-01", "2027-03-25", "2027-03-26", "2027-03-29", "2026-05-01", "2027-05-06", "2027-05-17",
     "2026-05-25", "2026-12-25", "2028-04-13", "2027-01-09", "2027-01-10", "2027-07-01", "2027-07-30"],
)  # fmt: skip
def test_holidays_weekends_and_july_are_free(day: str):
    assert not WorkingCalendar().is_working_day(date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2027-01-04", "2027-03-24", "2027-03-30", "2027-12-24", "2027-06-30", "2027-08-02"])
def test_other_days_are_worked(day: str):
    assert WorkingCalendar().is_working_day(date.fromisoformat(day))


def test_without_the_pause_july_is_worked():
    assert WorkingCalendar(july_pause=False).is_working_day(date(2027, 7, 1))


def test_a_day_moves_to_the_next_one_that_is_worked():
    assert WorkingCalendar().on_or_after(date(2027, 3, 25)) == date(2027, 3, 30)
    assert WorkingCalendar().on_or_after(date(2027, 7, 1)) == date(2027, 8, 2)
    assert WorkingCalendar().on_or_after(date(2027, 1, 4)) == date(2027, 1, 4)


def test_expressions_count_by_the_organisations_calendar(db: Session, now: datetime):
    organisation.close_day(db, date(2027, 1, 5), "Planleggingsdag", now)
    moment = organisation.moment(db, now)
    assert moment.zone == ZoneInfo("Europe/Oslo")
    assert feel.evaluate('add working days(date("2027-01-04"), 1)', {}, moment) == date(2027, 1, 6)


def test_a_change_of_the_calendar_is_seen_at_once(db: Session, now: datetime):
    day = date(2027, 7, 1)
    assert not organisation.working_calendar(db, now).is_working_day(day)
    organisation.set_july_pause(db, False, now)
    assert organisation.working_calendar(db, now).is_working_day(day)
    organisation.close_day(db, day, "Sommerfest", now)
    assert not organisation.working_calendar(db, now).is_working_day(day)
    organisation.open_day(db, day, now)
    assert organisation.working_calendar(db, now).is_working_day(day)


def test_a_free_day_needs_a_name_and_must_be_there_to_be_taken_away(db: Session, now: datetime):
    with pytest.raises(Invalid):
        organisation.close_day(db, date(2027, 1, 5), "  ", now)
    with pytest.raises(NotFound):
        organisation.open_day(db, date(2027, 1, 5), now)
