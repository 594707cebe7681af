"""Who reads which rows: the table of process.md section 5, row by row."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from komp_flow import registers
from komp_flow.registers import REGISTERS, Narrowed, Reader
from komp_flow.registers.models import CompetenceArea, Cycle, DevelopmentGoal, UnitGoal
from registers.seeding import add, chain, cycle, others

NILS = Reader(units=frozenset({"it"}), people=frozenset({"nils"}), person="nils")
KARI = Reader(units=frozenset({"it"}), people=frozenset({"kari", "nils"}), person="kari", led=frozenset({"it"}))
PIA = Reader(units=frozenset({"law"}), people=frozenset({"pia"}), person="pia")
HR = Reader(all_units=True, recommendation=True, person="hanne")
TOP = Reader(after=True, recommendation=True, person="dag")
UNION = Reader(recommendation=True, conclusions=True, person="tone")
READERS = {"nils": NILS, "kari": KARI, "pia": PIA, "hr": HR, "top": TOP, "union": UNION}

OF_IT = {"area-it", "measure-it", "touched", "local", "aim-it", "minutes-it", "conclusion-it"}
OF_LAW = {"area-law", "measure-law", "aim-law"}
RECOMMENDATION = {"merged", "recommended", "central", "decision", "reported"}
STRATEGY = {"vision", "word"}
PLAN = {"goal-nils", "felt"}


def read(db: Session, reader: Reader) -> set[str]:
    """The ids of all rows that this reader reads."""
    return {str(row["id"]) for name in REGISTERS for row in registers.rows(db, name, reader)[0]}


BEFORE = {  # there is a proposal, and nothing from HR
    "nils": STRATEGY | OF_IT | PLAN | {"said"},
    "kari": STRATEGY | OF_IT | PLAN | {"said"},
    "pia": STRATEGY | OF_LAW,
    "hr": STRATEGY | OF_IT | OF_LAW | {"said", "merged"},
    "top": STRATEGY | {"merged"},
    "union": STRATEGY | {"merged", "conclusion-it"},
}
UNDER = BEFORE | {
    "hr": STRATEGY | OF_IT | OF_LAW | RECOMMENDATION | {"said"},
    "top": STRATEGY | OF_IT | OF_LAW | RECOMMENDATION,
    "union": STRATEGY | RECOMMENDATION | {"conclusion-it"},
}
DECIDED = UNDER | {name: UNDER[name] | RECOMMENDATION for name in UNDER}


@pytest.mark.databases
@pytest.mark.parametrize("name", READERS)
def test_each_reads_what_the_table_says_before_and_after(db: Session, now: datetime, name: str) -> None:
    one = cycle(db, now)
    chain(db, now)
    others(db, now)
    later = [db.get_one(REGISTERS[register].table, row) for register, row in (
        ("areas", "recommended"), ("measures", "central"), ("decisions", "decision"), ("effects", "reported"),
    )]  # fmt: skip
    for row in later:
        row.withdrawn_at = now
    assert read(db, READERS[name]) == BEFORE[name]
    for row in later:
        row.withdrawn_at = None
    assert read(db, READERS[name]) == UNDER[name]
    one.decided_on = now.date()
    assert read(db, READERS[name]) == DECIDED[name]


def test_a_persons_row_is_theirs_whatever_register_it_is_kept_in(db: Session, now: datetime) -> None:
    cycle(db, now, decided_on=now.date())
    for name, register in REGISTERS.items():
        if register.table.__tablename__ not in {"document", "glossary_term", "discussion_input"}:
            add(db, now, register.table, f"p-{name}", unit_id="it", person_id="nils", **register.given)
    everything = Reader(everything=True, all_units=True, recommendation=True, after=True, units=frozenset({"it"}))
    assert read(db, everything) == set()
    assert len(read(db, NILS)) == len(REGISTERS) - 3


def test_who_has_the_database_reads_all_but_plans(db: Session, now: datetime) -> None:
    cycle(db, now)
    chain(db, now)
    others(db, now)
    system = read(db, Reader(everything=True))
    assert system == STRATEGY | OF_IT | OF_LAW | RECOMMENDATION | {"said"}


def test_action_plans_are_the_local_measures(db: Session, now: datetime) -> None:
    cycle(db, now)
    chain(db, now)
    found, total = registers.rows(db, "actions", HR)
    assert ([row["id"] for row in found], total) == (["local"], 1)
    assert registers.rows(db, "measures", HR)[1] == 4


def test_a_list_is_narrowed(db: Session, now: datetime) -> None:
    cycle(db, now)
    cycle(db, now, "2026")
    chain(db, now)
    add(db, now, CompetenceArea, "last-year", cycle_id="2026", unit_id="it", stage="proposed", area="Økonomistyring")

    def listed(name: str, **narrowed: str) -> list[object]:
        return [row["id"] for row in registers.rows(db, name, HR, Narrowed(**narrowed))[0]]

    assert listed("areas", cycle="2026") == ["last-year"]
    assert listed("areas", cycle="2027", unit="law") == ["area-law"]
    assert listed("areas", stage="merged") == ["merged"]
    assert listed("measures", area="merged") == ["central"]
    assert listed("areas", text="økonomi") == ["last-year"]
    assert listed("areas", text="ØKONOMI styring") == ["last-year"]
    assert listed("areas", text="område law") == ["area-law"]
    assert listed("areas", text="100%") == []
    assert listed("decisions", area="merged") == []


def test_nobody_searches_in_what_people_wrote_in_their_plans(db: Session, now: datetime) -> None:
    cycle(db, now)
    add(db, now, DevelopmentGoal, "g", unit_id="it", person_id="nils")
    assert registers.rows(db, "goals", NILS, Narrowed(text="sveise")) == ([], 0)


def test_rows_come_cycle_by_cycle_and_units_as_norwegian_sorts_them(db: Session, now: datetime) -> None:
    from komp_flow.organisation.models import Person, Unit
    from komp_flow.organisation.sorting import sort_key

    db.add(Person(id="p", name="P", email="p@example.org", email_key="p", unit_id="u0", sort_key="p"))
    for number, name in enumerate(("Økonomi", "Arkiv", "Ågot", "Ærlighet", "Zoologi")):
        db.add(Unit(id=f"u{number}", name=name, sort_key=sort_key(name)))
        add(db, now, UnitGoal, f"g{number}", unit_id=f"u{number}", goal=name)
    add(db, now, UnitGoal, "all", goal="Alle")
    add(db, now, UnitGoal, "new", cycle_id="2028", unit_id="u0", goal="Nytt år")
    names = [row["goal"] for row in registers.rows(db, "unit-goals", HR)[0]]
    assert names == ["Nytt år", "Alle", "Arkiv", "Zoologi", "Ærlighet", "Økonomi", "Ågot"]


def test_a_row_is_there_only_for_those_who_may_read_it(db: Session, now: datetime) -> None:
    cycle(db, now)
    chain(db, now)
    assert registers.row(db, "areas", NILS, "area-it") is not None
    assert registers.row(db, "areas", NILS, "area-law") is None
    assert registers.row(db, "areas", NILS, "merged") is None
    assert registers.row(db, "goals", HR, "goal-nils") is None
    assert registers.row(db, "actions", HR, "central") is None
    assert db.get(Cycle, "2027") is not None
