"""Cycles, made and changed by their form."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from komp_flow import registers
from komp_flow.errors import Invalid, NotFound
from komp_flow.registers import Cycle

OSLO = ZoneInfo("Europe/Oslo")


def weekday(day: date) -> bool:
    return day.weekday() < 5


def make(db: Session, now: datetime, **row: object) -> Cycle:
    made, _moved = registers.set_up(
        db, {"name": "2027", "start": "2027-01-04", **row}, cycle_id=None, instance_id=None, now=now
    )
    return made


def change(db: Session, now: datetime, **row: object) -> bool:
    return registers.set_up(db, row, cycle_id="2027", instance_id=None, now=now)[1]


@pytest.mark.parametrize(
    ("name", "cycle_id"),
    [
        ("2027", "2027"),
        ("Kompetansesyklus 2027", "kompetansesyklus-2027"),
        ("Åpen høring & læring", "apen-horing-laering"),
        ("…", "syklus"),
        ("x" * 200, "x" * 34),
    ],
)
def test_a_cycles_id_may_stand_in_an_address(db: Session, now: datetime, name: str, cycle_id: str) -> None:
    assert make(db, now, name=name).id == cycle_id


def test_two_cycles_of_one_name_have_two_ids(db: Session, now: datetime) -> None:
    assert [make(db, now).id for _time in range(3)] == ["2027", "2027-2", "2027-3"]


def test_settings_are_read_as_a_form_sends_them(db: Session, now: datetime) -> None:
    made = make(
        db, now, quality_check="no", consultation=False, smallest_group="7", ladder="3, 6", units=["it", "law"],
        note="Beholdes",
    )  # fmt: skip
    assert (made.quality_check, made.consultation, made.reading_wanted) == (False, False, True)
    assert (made.smallest_group, made.ladder, made.units) == (7, [3, 6], ["it", "law"])
    assert made.extra == {"note": "Beholdes"}


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"smallest_group": 2}, "smallest_group"),
        ({"ladder": "5, x"}, "ladder"),
        ({"ladder": "0"}, "ladder"),
        ({"end": "2027-01-04"}, "end"),
        ({"start": "i går"}, "start"),
        ({"name": ""}, "name"),
        ({"quality_check": "kanskje"}, "quality_check"),
    ],
)
def test_what_does_not_hold_is_named(db: Session, now: datetime, row: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        make(db, now, **row)
    assert [error.field for error in caught.value.fields] == [field]


def test_a_form_changes_only_what_it_has(db: Session, now: datetime) -> None:
    make(db, now, smallest_group=7)
    assert not change(db, now, quality_check="no")
    assert change(db, now, decided_on=date(2027, 6, 7))
    assert not change(db, now, decided_on="2027-06-07")
    found = registers.cycle(db, "2027")
    assert (found.smallest_group, found.quality_check, found.decided_on) == (7, False, date(2027, 6, 7))


def test_a_date_is_moved_to_a_working_day(db: Session, now: datetime) -> None:
    one = make(db, now)
    assert registers.set_date(db, one, "talks", date(2027, 5, 1), weekday, by="hanne", now=now) == date(2027, 5, 3)
    assert registers.dates(one, weekday)["talks"] == date(2027, 5, 3)


def test_moving_the_decision_moves_what_counts_from_it_once_it_is_made(db: Session, now: datetime) -> None:
    one = make(db, now)
    registers.set_date(db, one, "decision", date(2027, 6, 1), weekday, by=None, now=now)
    assert registers.dates(one, weekday)["implementation"] is None
    change(db, now, decided_on="2027-06-01")
    registers.set_date(db, one, "decision", date(2027, 6, 7), weekday, by=None, now=now)
    assert registers.dates(one, weekday)["implementation"] == date(2027, 7, 5)


@pytest.mark.parametrize(("name", "to"), [("birthday", date(2027, 5, 3)), ("talks", date(2040, 1, 2))])
def test_a_date_that_cannot_be_moved_so(db: Session, now: datetime, name: str, to: date) -> None:
    one = make(db, now)
    with pytest.raises(Invalid):
        registers.set_date(db, one, name, to, weekday, by=None, now=now)


def test_diagrams_read_dates_and_ladders_and_null_for_what_is_not_known(db: Session, now: datetime) -> None:
    names = registers.names(make(db, now), weekday, OSLO)
    assert names["deadline"]["preparation"] == date(2027, 1, 25)  # type: ignore[index]
    assert len(names["escalation"]["preparation"]) == 3  # type: ignore[index]
    assert names["escalation"]["implementation"] is None  # type: ignore[index]
    assert names["cycle"]["quality_check"] is True  # type: ignore[index]


def test_a_cycle_that_is_not_there(db: Session) -> None:
    with pytest.raises(NotFound):
        registers.cycle(db, "1999")
