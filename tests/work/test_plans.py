"""Talks, readings and plans as lists: who sees whose, who reads what, and what only numbers may tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from engine.drawing import doc, end, flows, start
from engine.storing import fill, job
from komp_flow import vault, work
from komp_flow.engine import Instance, SourceFile
from komp_flow.errors import NotFound
from komp_flow.organisation import Actor, Subject
from komp_flow.registers import sealing, talks
from komp_flow.registers.models import DevelopmentGoal
from komp_flow.work.talks.plans import Among
from registers.seeding import add, cycle
from work import staff
from work.conftest import Office
from work.staff import ADM, DAG, EIER, HANNE, KARI, NILS, OLA, PER, actor, field, form

TALK = doc(start(), job("C4", ext=fill("plan-reference")), end(), flows("s>C4>e"), pid="talk")
READING = doc(start(), job("r", roles="employee"), end(), flows("s>r>e"), pid="reading")
TOVE, RUNE = actor("tove"), actor("rune")


@pytest.fixture
def talked(office: Office) -> Office:
    """Nils, Ola and Pia have a talk each and something to read; Nils' plan is written, Pia's talk is escalated."""
    office.publish(
        SourceFile("talk.bpmn", TALK),
        SourceFile("reading.bpmn", READING),
        form("plan-reference", field("reference"), field("agreed", "checkbox")),
    )
    with office.database.transaction() as db:
        staff.employ(db, ("tove", "Tove Topp", "dir", "top_management"), ("rune", "Rune Rep", "dir", "union_rep"))
        cycle(db, office.now)
    for person, unit in (("nils", "it"), ("ola", "it"), ("pia", "law")):
        about = Subject(unit=unit, person=person, cycle="2027")
        office.start("reading", about)
        begin(office, about)
    with office.database.transaction() as db:
        goal = add(db, office.now, DevelopmentGoal, "goal", unit_id="it", person_id="nils", due=date(2027, 6, 1))
        goal.sealed = vault.seal(db, "nils", {"goal": "Lære å sveise"}, sealing.context(goal))
    of_nils = next(line.id for line in office.look(work.inbox, KARI) if (line.element, line.person) == ("C4", "nils"))
    office.act(work.complete, of_nils, KARI, {"reference": "HR-portalen, sak 4711", "agreed": True})
    office.act(work.complete, office.task(NILS, "r"), NILS, {})
    return office


def begin(office: Office, about: Subject, **columns: Any) -> UUID:
    started = office.start("talk", about)
    with office.database.transaction() as db:
        talk = talks.made(db, started, about, office.now)
        for name, value in columns.items():
            setattr(talk, name, value)
        if about.person == "pia":
            db.get_one(Instance, started).escalation = 2
    return started


def listed(office: Office, listing: Any, who: Actor, among: Among = Among()) -> dict[object, dict[str, object]]:  # noqa: B008
    with office.database.reading() as db:
        found = listing(db, who, among, office.now)
        assert found.total == len(found.items)
        return {row["person"]: row for row in found.items}


SEEN = {
    NILS: {"nils"}, OLA: {"ola"}, KARI: {"nils", "ola"}, PER: {"pia"}, HANNE: {"pia"}, EIER: {"pia"}, DAG: set(),
    TOVE: set(), RUNE: set(), ADM: set(),
}  # fmt: skip


@pytest.mark.parametrize("listing", [work.talk_list, work.reading_list, work.plan_list])
def test_a_status_is_the_persons_and_the_managers_and_hrs_only_once_escalated(talked: Office, listing: Any) -> None:
    if listing is work.reading_list:
        with talked.database.transaction() as db:
            for instance in db.query(Instance).filter(Instance.person_id == "pia"):
                instance.escalation = 1
    assert {who.person_id: set(listed(talked, listing, who)) for who in SEEN} == {
        who.person_id: people for who, people in SEEN.items()
    }


def test_a_talk_is_told_by_status_and_dates_alone(talked: Office) -> None:
    row = listed(talked, work.talk_list, HANNE)["pia"]
    assert (row["status"], row["stage"], row["escalation"]) == ("started", "not_started", 2)
    assert row.keys() == {
        "id", "person", "person_name", "unit", "unit_name", "cycle", "status", "stage", "talk_at", "invited_at",
        "held_on", "closed_at", "postponed_until", "extraordinary", "escalation",
    }  # fmt: skip


def test_a_reading_is_read_unread_or_lapsed(talked: Office) -> None:
    found = listed(talked, work.reading_list, KARI)
    assert (found["nils"]["status"], found["nils"]["confirmed_at"]) == ("read", talked.now)
    assert (found["ola"]["status"], found["ola"]["confirmed_at"], found["ola"]["what"]) == ("unread", None, "material")
    talked.act(work.cancel, HANNE, listed_instance(talked, "reading", "ola"), "Slutt")
    assert listed(talked, work.reading_list, KARI)["ola"]["status"] == "lapsed"


def listed_instance(office: Office, process: str, person: str) -> Any:
    """Its id, as `work.cancel` wants it, for one whom HR may see."""
    with office.database.transaction() as db:
        found = db.query(Instance).filter(Instance.process == process, Instance.person_id == person).one()
        found.escalation = 1
        return found.id


def test_what_a_plan_says_is_read_by_the_person_and_the_manager(talked: Office) -> None:
    for who in (NILS, KARI):
        row = listed(talked, work.plan_list, who)["nils"]
        assert row["readable"]
        assert (row["reference"], row["agreed"]) == ("HR-portalen, sak 4711", True)
        assert [goal["goal"] for goal in row["goals"]] == ["Lære å sveise"]  # type: ignore[attr-defined]
    with talked.database.transaction() as db:
        db.get_one(Instance, listed(talked, work.talk_list, KARI)["nils"]["id"]).escalation = 1
    row = listed(talked, work.plan_list, HANNE)["nils"]
    assert (row["readable"], row["reference"], row["agreed"], row["goals"]) == (False, None, None, [])
    assert row["status"] == "started"


def test_one_who_has_a_talk_only_because_nobody_else_is_there_reads_nothing(talked: Office) -> None:
    with talked.database.transaction() as db:
        from komp_flow.organisation.models import Unit

        db.get_one(Unit, "it").manager_id = db.get_one(Unit, "it").deputy_id = None
    row = listed(talked, work.plan_list, DAG)["nils"]  # the leader above
    assert (row["readable"], row["reference"], row["goals"]) == (False, None, [])


def test_a_list_is_narrowed_paged_and_had_whole(talked: Office) -> None:
    assert listed(talked, work.talk_list, KARI, Among(cycle="2026")) == {}
    assert listed(talked, work.talk_list, KARI, Among(unit="law")) == {}
    assert set(listed(talked, work.talk_list, KARI, Among(page_size=None))) == {"nils", "ola"}
    with talked.database.reading() as db:
        page = work.talk_list(db, KARI, Among(page=2, page_size=1), talked.now)
    assert ([row["person"] for row in page.items], page.total) == (["ola"], 2)


def test_an_extraordinary_or_cancelled_talk_is_no_plan_of_its_own(talked: Office) -> None:
    about = Subject(unit="it", person="kari", cycle="2027")
    begin(talked, about, extraordinary=True)
    begin(talked, replace(about), status="cancelled")
    assert listed(talked, work.plan_list, KARI).keys() == {"nils", "ola"}


def counted(office: Office, who: Actor) -> dict[object, tuple[object, ...]]:
    rows = office.look(work.talk_counts, who, "2027")
    return {row["unit"]: tuple(row[name] for name in ("talks", "not_started", "under_way", "closed")) for row in rows}


def test_talks_are_counted_for_those_above_where_the_group_hides_everyone(talked: Office) -> None:
    assert counted(talked, KARI) == {"it": (2, 2, 0, 0)}  # their manager sees them by name
    assert counted(talked, DAG) == {"it": (None,) * 4, "law": (None,) * 4}
    assert counted(talked, HANNE) == {None: (3, 3, 0, 0), "it": (None,) * 4, "law": (None,) * 4}
    assert counted(talked, NILS) == counted(talked, RUNE) == counted(talked, TOVE) == {}
    for person in ("kari", "dag", "per"):
        begin(talked, Subject(unit="it", person=person, cycle="2027"), status="invited")
    for person in ("eier", "adm"):
        begin(talked, Subject(unit="law", person=person, cycle="2027"), status="closed")
    assert counted(talked, DAG) == {"it": (5, 2, 3, 0), "law": (3, 1, 0, 2)}
    assert counted(talked, HANNE)[None] == (8, 3, 3, 2)


def test_what_is_shown_does_not_tell_what_is_hidden(talked: Office) -> None:
    """Law has one talk and is hidden; from all less IT one would know it, so IT is hidden too."""
    for person in ("kari", "dag", "per"):
        begin(talked, Subject(unit="it", person=person, cycle="2027"))
    found = counted(talked, HANNE)
    assert found == {None: (6, 6, 0, 0), "it": (None,) * 4, "law": (None,) * 4}


def test_a_cycle_that_is_not_there_is_not_found(talked: Office) -> None:
    with pytest.raises(NotFound):
        talked.look(work.talk_counts, HANNE, "1999")


def test_lists_cost_the_same_however_many_people_there_are(talked: Office) -> None:
    from sqlalchemy import event

    counted_: list[str] = []
    event.listen(talked.database.engine, "before_cursor_execute", lambda *seen: counted_.append(seen[2]))

    def cost() -> int:
        listed(talked, work.plan_list, KARI)
        counted_.clear()
        listed(talked, work.plan_list, KARI)
        return len([each for each in counted_ if "vault" not in each and "key" not in each.lower()])

    before = cost()
    talked.now += timedelta(hours=1)
    for person in ("hilde", "hans", "heidi"):
        with talked.database.transaction() as db:
            staff.employ(db, (person, person.title(), "it", ""))
        begin(talked, Subject(unit="it", person=person, cycle="2027"))
    assert cost() <= before
