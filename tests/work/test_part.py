"""What a cycle asks of somebody, who does what in it, and its strategy once it is out."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from engine.drawing import doc, end, flows, start
from engine.storing import fill as form
from engine.storing import job
from komp_flow import registers, work
from komp_flow.engine import SourceFile
from komp_flow.organisation import Actor, Subject
from komp_flow.registers.models import GlossaryTerm, Measure, StrategyDocument, UnitGoal
from work import staff
from work.conftest import Office
from work.staff import DAG, EIER, KARI, NILS, PIA
from work.test_inbox import counted
from work.test_unit import cycle, did, hire, reading, set_up, talk

__all__ = ["cycle"]


def mine(office: Office, who: Actor = NILS, of: str | None = None) -> work.MyPart:
    with office.database.reading() as db:
        return work.my_part(db, who, of, office.now)


def states(found: work.MyPart) -> dict[str, str]:
    return {part.id: part.state for part in found.parts}


def changed(office: Office, **values: Any) -> None:
    with office.database.transaction() as db:
        db.execute(update(registers.Cycle).where(registers.Cycle.id == "2027").values(**values))


def test_at_first_everything_is_still_to_come(cycle: Office) -> None:
    found = mine(cycle)
    assert list(states(found)) == ["material", "discussion", "talk", "strategy", "follow-up"]
    assert set(states(found).values()) == {"ahead"}
    assert found.parts[2].by == date(2027, 4, 26)
    assert (found.unit_name, found.led, found.did) == ("IT", (), ())


def test_what_is_to_be_read_leads_to_its_task_and_is_done_when_read(cycle: Office) -> None:
    reading(cycle, "nils")
    part = mine(cycle).parts[0]
    assert (part.state, part.task) == ("now", cycle.task(NILS, "r"))
    did(cycle, NILS, "r")
    part = mine(cycle).parts[0]
    assert (part.state, part.at, part.task) == ("done", cycle.now, None)
    assert [each.name for each in mine(cycle).did] == ["Les og bekreft"]


def test_the_discussion_is_done_when_the_unit_has_gone_through_it(cycle: Office) -> None:
    for element, state in (("a", "ahead"), ("b", "ahead"), ("c", "now")):
        assert states(mine(cycle))["discussion"] == state
        did(cycle, KARI, element)
    found = mine(cycle)
    assert states(found)["discussion"] == "done"
    assert "material" not in states(found)  # nothing more comes to be read before a discussion that is over


def test_a_talk_goes_its_way(cycle: Office) -> None:
    at = cycle.now + timedelta(days=20)
    talk(cycle, "nils", "invited", talk_at=at)
    part = mine(cycle).parts[2]
    assert (part.state, part.by) == ("now", at)
    talk(cycle, "pia", "closed", unit="law", closed_at=cycle.now)
    part = next(part for part in mine(cycle, PIA).parts if part.id == "talk")
    assert (part.state, part.at) == ("done", cycle.now)


def test_ones_own_tasks_of_the_talk_and_of_the_plan_are_told_apart(cycle: Office) -> None:
    plan = staff.form("plan-follow-up", staff.field("note"))
    both = doc(
        start(),
        job("prepare", roles="employee", name="Forbered deg"),
        job("follow", roles="employee", ext=form("plan-follow-up"), name="Se på planen"),
        end(),
        flows("s>prepare>follow>e"),
        pid="talk",
    )
    cycle.publish(SourceFile("talk.bpmn", both), plan)
    cycle.start("talk", Subject(unit="it", person="nils", cycle="2027"))
    found = {part.id: part for part in mine(cycle).parts}
    assert (found["talk"].task_name, found["talk"].state) == ("Forbered deg", "now")
    assert found["follow-up"].state == "ahead"
    did(cycle, NILS, "prepare")
    found = {part.id: part for part in mine(cycle).parts}
    assert found["talk"].task is None
    assert (found["follow-up"].task_name, found["follow-up"].state) == ("Se på planen", "now")


@pytest.mark.parametrize("status", ["declined", "cancelled"])
def test_one_who_has_no_talk_has_no_plan_to_follow_up(cycle: Office, status: str) -> None:
    talk(cycle, "nils", status)
    assert states(mine(cycle))["talk"] == "dropped"
    assert "follow-up" not in states(mine(cycle))


def test_what_is_given_to_read_once_the_strategy_is_out_is_the_strategy(cycle: Office) -> None:
    changed(cycle, distributed_at=cycle.now)
    cycle.pass_time(hours=1)
    reading(cycle, "nils", read=True)
    assert states(mine(cycle))["strategy"] == "done"


def test_a_cycle_without_readings_asks_nobody_to_read(cycle: Office) -> None:
    changed(cycle, reading_wanted=False)
    assert not {"material", "strategy"} & states(mine(cycle)).keys()


def test_a_unit_that_is_not_in_the_cycle_is_asked_for_nothing(cycle: Office) -> None:
    changed(cycle, units=["it"])
    assert mine(cycle).takes_part
    assert (mine(cycle, PIA).takes_part, mine(cycle, PIA).parts) == (False, ())


def test_those_who_lead_see_their_units_and_are_employees_in_the_one_above(cycle: Office) -> None:
    found = mine(cycle, KARI)
    assert [(unit.name, unit.phase, unit.status) for unit in found.led] == [("IT", "Fase 1 · Forarbeid", "under-way")]
    assert found.unit_name == "Direktoratet"
    (own,) = mine(cycle, DAG).led
    assert (own.phase, own.status) == (None, "not-started")


def test_without_a_cycle_nothing_is_asked(office: Office) -> None:
    assert mine(office) == work.MyPart(None, ())


def test_one_who_is_not_here_any_more_is_asked_for_nothing(cycle: Office) -> None:
    assert mine(cycle, Actor("nobody")).parts == ()


def test_my_part_costs_as_much_in_a_large_unit(cycle: Office) -> None:
    def cost(who: Actor) -> int:
        mine(cycle, who)
        with counted(cycle.database) as sent:
            mine(cycle, who)
        return len(sent)

    before = [cost(NILS), cost(KARI)]
    hire(cycle, 200, "it")
    for each in range(200):
        talk(cycle, f"ny-{each}", "invited")
    assert [cost(NILS), cost(KARI)] == before
    assert max(before) <= 15


# The strategy.


def kept(office: Office, table: type[Any], **columns: Any) -> None:
    facts = {"cycle_id": "2027", "row_id": columns.get("id", "1"), "created_at": office.now, "updated_at": office.now}
    row = {"id": "1", "origin": f"{table.__tablename__}", **facts, **columns}
    with office.database.transaction() as db:
        db.add(table(**row))


def strategy(office: Office, who: Actor = NILS) -> work.StrategySheet:
    with office.database.reading() as db:
        return work.strategy(db, who, None, office.now)


def test_everyone_reads_the_documents_the_words_and_the_goals_of_their_unit(cycle: Office) -> None:
    kept(cycle, StrategyDocument, kind="vision", title="Visjonen", link="https://example.org/v")
    kept(cycle, GlossaryTerm, term="Bidrag", definition="Det enheten gir.")
    kept(cycle, UnitGoal, unit_id="it", goal="Kortere ventetid")
    found = strategy(cycle)
    assert [row["title"] for row in found.documents] == ["Visjonen"]
    assert [row["term"] for row in found.glossary] == ["Bidrag"]
    assert [row["goal"] for row in found.goals] == ["Kortere ventetid"]
    assert strategy(cycle, PIA).goals == []


def test_the_decision_is_shown_when_it_has_been_distributed_and_not_before(cycle: Office) -> None:
    decided = {"stage": "recommended", "outcome": "decided", "decided_on": date(2027, 3, 1)}
    kept(cycle, Measure, id="1", name="Opplæring for alle", scope="central", **decided)
    kept(cycle, Measure, id="2", name="Skyggedager", scope="local", **decided)
    kept(cycle, Measure, id="3", name="Falt", **(decided | {"outcome": "rejected"}))
    plan = {"stage": "local", "scope": "local", "outcome": "decided"}
    kept(cycle, Measure, id="4", name="Fagtime", unit_id="it", **plan)
    kept(cycle, Measure, id="5", name="Lesesirkel", unit_id="law", **plan)
    for who in (NILS, DAG, EIER):  # not for those either who know it from elsewhere
        assert "Opplæring" not in repr(strategy(cycle, who))
    changed(cycle, distributed_at=cycle.now)
    found = strategy(cycle)
    assert found.is_out
    assert [row["name"] for row in found.central] == ["Opplæring for alle"]
    assert [row["name"] for row in found.local] == ["Skyggedager", "Fagtime"]
    assert [row["name"] for row in strategy(cycle, PIA).local] == ["Skyggedager", "Lesesirkel"]


# Who does what.


def duties(office: Office) -> work.DutySheet:
    with office.database.reading() as db:
        return work.duties(db, NILS, None, office.now)


def test_who_does_what_is_read_from_the_diagrams_that_are_published(office: Office) -> None:
    names = [path.name for path in sorted((staff.ROOT / "processes").glob("*.bpmn"))]
    forms = [path.name for path in sorted((staff.ROOT / "forms").glob("*.json"))]
    with office.database.transaction() as db:
        staff.publish(db, office.now, *staff.shipped(*names, *forms))
    found = duties(office)
    assert [phase.id for phase in found.phases] == ["preparation", "discussion", "talks", "implementation"]
    by_phase = {phase.id: {(duty.name, duty.roles) for duty in phase.duties} for phase in found.phases}
    read = ("Les og bekreft", ("employee",))
    assert read in by_phase["preparation"] & by_phase["implementation"]
    assert ("Kvalitetssjekk", ("superior",)) in by_phase["discussion"]
    assert ("Forbered deg til samtalen", ("employee",)) in by_phase["talks"]
    assert ("Rapporter fremdrift og effekt", ("measure_owner",)) in by_phase["implementation"]
    assert ("Beslutt kompetansestrategi", ("top_management",)) in {(duty.name, duty.roles) for duty in found.whole}
    assert all(duty.guidance for phase in found.phases for duty in phase.duties)
    assert all(phase.duties for phase in found.phases)


def test_the_dates_of_the_phases_are_the_cycles(cycle: Office) -> None:
    found = duties(cycle)
    assert [(phase.id, phase.due) for phase in found.phases] == [
        ("preparation", date(2027, 1, 25)),
        ("discussion", date(2027, 3, 8)),
    ]


def test_what_is_drawn_anew_is_told_anew(cycle: Office) -> None:
    again = doc(start(), job("r", roles="employee", name="Bla gjennom"), end(), flows("s>r>e"), pid="reading")
    cycle.publish(SourceFile("reading.bpmn", again))
    assert any(duty.name == "Bla gjennom" for duty in duties(cycle).phases[0].duties)


def test_another_cycle_may_be_asked_for(cycle: Office) -> None:
    set_up(cycle, "2028", date(2028, 1, 3))
    assert mine(cycle, of="2028").cycle.id == "2028"  # type: ignore[union-attr]
    cycle.start("unit", Subject(unit="law", cycle="2028"))
    assert mine(cycle, PIA, "2028").parts
