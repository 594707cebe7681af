"""Who holds which role: every rule of process.md §6, and the other way round."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from komp_flow.organisation import Directory, Holder, PersonFacts, Subject, UnitFacts, roles
from organisation.organisations import TODAY, directory, person, unit

LATER = date(2027, 3, 3)


def house(**anna: object) -> Directory:
    """A top, a department and a section, each with a leader; the section has a deputy; two in HR."""
    return directory(
        unit("top", manager="tore"),
        unit("dep", "top", manager="dina", deputy_id="dan"),
        unit("sec", "dep", manager="anna", deputy_id="per"),
        person("tore", "top"),
        person("dina", "dep"),
        person("dan", "dep"),
        person("anna", "sec", **anna),
        person("per", "sec"),
        person("eli", "sec"),
        person("hanne", "top", roles="hr"),
        person("hugo", "top", roles="hr"),
    )


def house_with(*facts: UnitFacts | PersonFacts) -> Directory:
    """The house with these in place of those of the same id."""
    found = house()
    instead = {fact.id for fact in facts}
    kept = (fact for fact in (*found.units.values(), *found.people.values()) if fact.id not in instead)
    return directory(*kept, *facts)


def who(found: Directory, role: str, **subject: str) -> list[str]:
    return [holder.person_id for holder in found.holders(role, Subject(**subject))]


def test_the_manager_of_a_unit_is_the_one_the_file_names():
    assert house().holders("manager", Subject(unit="sec")) == (Holder("anna", "manager", seat="sec"),)


def test_an_absent_manager_and_the_deputy_both_hold_the_role():
    found = house(away=LATER).holders("manager", Subject(unit="sec"))
    assert found == (Holder("anna", "manager", seat="sec"), Holder("per", "deputy", "anna", "sec"))


def test_a_manager_who_has_left_leaves_a_vacancy_and_nobody_acts_on_their_behalf():
    found = house(employed=False).holders("manager", Subject(unit="sec"))
    assert found == (Holder("per", "deputy", None, "sec"),)


def test_without_manager_and_deputy_the_superior_steps_in():
    found = directory(
        unit("top", manager="tore"), unit("sec", "top"), person("tore", "top"), person("hr", "top", roles="hr")
    )
    assert found.holders("manager", Subject(unit="sec")) == (Holder("tore", "superior", None, "top"),)


def test_an_absent_superior_is_passed_by_their_deputy():
    found = directory(
        unit("top", manager="tore", deputy_id="dag"),
        unit("sec", "top", manager="anna"),
        person("tore", "top", away=True),
        person("dag", "top"),
        person("anna", "sec", away=True),
    )
    expected = (Holder("anna", "manager", seat="sec"), Holder("dag", "superior", "anna", "top"))
    assert found.holders("manager", Subject(unit="sec")) == expected


def test_a_whole_line_of_vacancies_ends_with_everyone_in_hr():
    found = directory(unit("top"), unit("sec", "top"), person("h1", "top", roles="hr"), person("h2", "top", roles="hr"))
    assert found.holders("manager", Subject(unit="sec")) == (Holder("h1", "hr"), Holder("h2", "hr"))


def test_absent_hr_gets_what_falls_to_hr_only_when_all_of_hr_is_away():
    away, here = person("h1", "top", roles="hr", away=True), person("h2", "top", roles="hr")
    assert who(directory(unit("top"), away, here), "manager", unit="top") == ["h2"]
    assert who(directory(unit("top"), away), "manager", unit="top") == ["h1"]


def test_a_substitute_acts_on_behalf_of_the_one_they_stand_in_for():
    found = house(away=True, substitutes=(("eli", LATER),)).holders("manager", Subject(unit="sec"))
    assert found == (Holder("anna", "manager", seat="sec"), Holder("eli", "substitute", "anna", "sec"))


def test_a_substitute_who_is_away_too_does_not_count():
    found = directory(
        unit("sec", manager="anna", deputy_id="per"),
        person("anna", "sec", away=True, substitutes=(("eli", LATER),)),
        person("per", "sec"),
        person("eli", "sec", away=True),
    )
    assert who(found, "manager", unit="sec") == ["anna", "per"]


def test_the_manager_of_an_employee_is_their_units():
    assert who(house(), "manager", person="eli") == ["anna"]


def test_a_manager_of_ones_own_comes_before_the_units():
    found = directory(
        unit("sec", manager="anna"), person("anna", "sec"), person("eli", "sec", "petra"), person("petra", "sec")
    )
    assert who(found, "manager", person="eli") == ["petra"]


def test_a_manager_of_ones_own_who_has_left_gives_way_to_the_units():
    found = directory(
        unit("sec", manager="anna"),
        person("anna", "sec"),
        person("eli", "sec", "petra"),
        person("petra", "sec", employed=False),
    )
    assert who(found, "manager", person="eli") == ["anna"]


def test_an_absent_manager_of_ones_own_is_stood_in_for_in_the_unit_they_lead():
    found = directory(
        unit("other", manager="petra", deputy_id="odd"),
        unit("sec", manager="anna"),
        person("anna", "sec"),
        person("eli", "sec", "petra"),
        person("petra", "other", away=True),
        person("odd", "other"),
    )
    assert who(found, "manager", person="eli") == ["petra", "odd"]


def test_an_absent_manager_of_ones_own_without_a_unit_is_stood_in_for_by_the_units_leader():
    found = directory(
        unit("sec", manager="anna"),
        person("anna", "sec"),
        person("eli", "sec", "petra"),
        person("petra", "sec", away=True),
    )
    assert who(found, "manager", person="eli") == ["petra", "anna"]


def test_the_manager_of_the_one_who_leads_is_the_parent_units():
    assert who(house(), "manager", person="anna") == ["dina"]


def test_the_manager_of_one_who_leads_two_levels_is_above_both():
    found = directory(
        unit("top", manager="tore"), unit("dep", "top", manager="anna"), unit("sec", "dep", manager="anna"),
        person("tore", "top"), person("anna", "sec"),
    )  # fmt: skip
    assert who(found, "manager", person="anna") == ["tore"]
    assert who(found, "superior", unit="sec") == ["tore"]


def test_the_manager_of_the_top_leader_is_hr():
    assert who(house(), "manager", person="tore") == ["hanne", "hugo"]


def test_nobody_is_their_own_manager_by_stepping_in():
    found = directory(
        unit("top", manager="tore"),
        unit("sec", "top", manager="anna", deputy_id="per"),
        person("tore", "top"),
        person("anna", "sec", away=True),
        person("per", "sec"),
    )
    assert who(found, "manager", person="per") == ["anna", "tore"]


def test_the_superior_of_a_unit_is_the_manager_of_the_parent_with_the_same_fallback():
    assert house().holders("superior", Subject(unit="sec")) == (Holder("dina", "superior", seat="dep"),)
    vacant = directory(
        unit("top", manager="tore"), unit("dep", "top", deputy_id="dan"), unit("sec", "dep", manager="anna"),
        person("tore", "top"), person("dan", "dep"), person("anna", "sec"),
    )  # fmt: skip
    assert who(vacant, "superior", unit="sec") == ["dan"]


def test_the_superior_of_a_unit_without_a_parent_is_hr():
    assert who(house(), "superior", unit="top") == ["hanne", "hugo"]


def test_the_superior_of_a_person_is_above_their_manager():
    assert who(house(), "superior", person="eli") == ["dina"]
    assert who(house(), "superior", person="anna") == ["tore"]


def test_the_deputys_task_falls_to_the_manager_where_there_is_no_deputy():
    assert who(house(), "deputy", unit="sec") == ["per"]
    assert who(house(), "deputy", unit="top") == ["tore"]


def test_the_employee_is_the_person_or_on_a_unit_its_members():
    assert who(house(), "employee", person="eli") == ["eli"]
    assert who(house(), "employee", unit="sec") == ["anna", "eli", "per"]


def test_one_who_has_left_has_no_employee_tasks_and_nobody_takes_them_over():
    found = directory(unit("sec"), person("eli", "sec", employed=False), person("hr", "sec", roles="hr"))
    assert who(found, "employee", person="eli") == []
    assert found.members("sec") == ("hr",)


def test_the_measures_owner_is_the_person_named_and_their_manager_where_they_are_away():
    found = house(away=True)
    assert found.holders("measure_owner", Subject(unit="top"), "eli") == (Holder("eli", "own"),)
    assert found.holders("measure_owner", Subject(unit="top"), "anna") == (
        Holder("anna", "own"),
        Holder("dina", "manager", "anna", "dep"),
    )
    assert [h.person_id for h in found.holders("measure_owner", Subject(unit="dep"))] == ["dina"]


def test_a_closed_units_tasks_go_to_the_one_above():
    found = directory(
        unit("top", manager="tore"), unit("old", "top", manager="anna", closed=True),
        person("tore", "top"), person("anna", "top"),
    )  # fmt: skip
    assert who(found, "manager", unit="old") == ["tore"]
    assert found.subtree("top") == ("top",)


def test_a_subject_without_unit_and_person_falls_to_hr():
    assert who(house(), "manager", cycle="2027") == ["hanne", "hugo"]
    assert house().holdings("hanne").unplaced == roles.LOCAL
    assert house().holdings("eli").unplaced == frozenset()


def test_process_owner_and_top_management_fall_to_hr_where_nobody_has_the_role_but_administrator_does_not():
    assert who(house(), "process_owner") == ["hanne", "hugo"]
    assert who(house(), "top_management") == ["hanne", "hugo"]
    assert who(house(), "administrator") == who(house(), "union_rep") == []


def test_standing_in_for_an_administrator_makes_nobody_one():
    found = directory(
        unit("top"),
        person("ada", "top", roles="administrator hr", away=True, substitutes=(("bo", LATER),)),
        person("bo", "top"),
    )
    assert who(found, "administrator") == ["ada"]
    assert who(found, "hr") == ["ada", "bo"]
    assert found.holdings("bo").roles == {"hr", "process_owner", "top_management"}


def test_one_who_was_given_the_talks_has_them_and_the_manager_by_right_has_them_no_longer():
    found = house_with(person("eli", "sec", talks_with="dan"))
    assert found.holders("manager", Subject(person="eli")) == (Holder("dan", "handed"),)
    assert who(found, "superior", person="eli") == ["dina"]
    assert (found.trusted("dan", "eli"), found.trusted("anna", "eli")) == (True, False)
    assert found.why("manager", Holder("dan", "handed"), Subject(person="eli")) == "Samtalen med Eli er gitt til deg."


def test_what_was_given_away_does_not_come_back_while_the_one_who_has_it_is_away():
    found = house_with(person("eli", "sec", talks_with="dan"), person("dan", "dep", away=LATER))
    held = found.holders("manager", Subject(person="eli"))
    assert held == (Holder("dan", "handed"), Holder("per", "superior", "dan", "sec"))
    assert [p for p in found.people if found.trusted(p, "eli")] == ["dan"]


def test_what_was_given_to_one_who_has_left_goes_to_the_manager_by_right():
    found = house_with(person("eli", "sec", talks_with="dan"), person("dan", "dep", employed=False))
    assert who(found, "manager", person="eli") == ["anna"]


def test_one_to_whom_the_role_only_falls_is_not_trusted_with_talks():
    found = house_with(person("anna", "sec", employed=False), unit("sec", "dep", manager="anna"))
    assert found.holders("manager", Subject(person="eli")) == (Holder("dina", "superior", None, "dep"),)
    assert not found.trusted("dina", "eli")
    assert "eli" in found.holdings("dina").people["manager"]
    assert "eli" not in found.holdings("dina").trusted_with


def test_a_leader_is_an_employee_in_the_parent_units_round():
    found = house()
    assert found.reports("sec") == ("eli", "per")
    assert found.reports("dep") == ("anna", "dan")
    assert found.reports("top") == ("dina", "hanne", "hugo")


def test_the_leader_of_all_has_a_round_only_with_a_manager_of_their_own():
    found = house_with(person("tore", "top", manager="hanne"))
    assert "tore" in found.reports("top")


def test_the_tree_is_walked_both_ways():
    found = house()
    assert found.tops() == ("top",)
    assert found.subtree("top") == ("top", "dep", "sec")
    assert found.ancestors("sec") == ("dep", "top")
    assert [found.level(u) for u in ("top", "dep", "sec")] == [1, 2, 3]


@pytest.mark.parametrize(
    ("role", "holder", "subject", "sentence"),
    [
        ("manager", "anna", Subject(unit="sec"), "Du er leder for SEC."),
        ("manager", "anna", Subject(person="eli"), "Du er lederen til Eli."),
        ("manager", "per", Subject(unit="sec"), "Du er stedfortreder for Anna, som er borte til og med 3. mars."),
        ("superior", "dina", Subject(unit="sec"), "Du er overordnet leder for SEC."),
        ("employee", "eli", Subject(person="eli"), "Dette gjelder deg selv."),
        ("hr", "hugo", Subject(), "Du har rollen HR."),
        ("manager", "hugo", Subject(person="tore"), "Ingen har rollen leder her nå. Da ligger oppgaven hos HR."),
    ],
)
def test_the_reason_is_said_in_a_sentence(role: str, holder: str, subject: Subject, sentence: str):
    found = house(away=LATER)
    held = found.holder(role, holder, subject)
    assert held is not None
    assert found.why(role, held, subject) == sentence


def test_the_reasons_of_a_substitute_and_of_a_superior_who_steps_in():
    found = directory(
        unit("top", manager="tore", name="Ledelsen"),
        unit("a", "top", manager="anna", name="Seksjon A"),
        unit("b", "top", name="Seksjon B"),
        unit("c", "top", manager="carl", name="Seksjon C"),
        person("tore", "top"),
        person("anna", "a", away=True, substitutes=(("eli", LATER),)),
        person("carl", "c", away=True),
        person("eli", "a"),
    )

    def why(person_id: str, unit_id: str) -> str:
        subject = Subject(unit=unit_id)
        held = found.holder("manager", person_id, subject)
        assert held is not None
        return found.why("manager", held, subject)

    assert why("eli", "a") == "Du er vikar for Anna til og med 3. mars."
    assert why("tore", "b") == "Seksjon B har ingen leder nå. Du er leder for Ledelsen, som er nivået over."
    assert why("tore", "c") == "Du trer inn for Carl, som er borte inntil videre, fordi du har ansvaret i Ledelsen."


# The other way round, on organisations that nobody would draw.

IDS = [f"p{n}" for n in range(9)]


@st.composite
def organisations(draw: st.DrawFn) -> Directory:
    count = draw(st.integers(1, 5))
    someone = st.sampled_from([None, *IDS])
    facts: list[UnitFacts | PersonFacts] = []
    for n in range(count):
        parent = draw(st.sampled_from([None, *(f"u{m}" for m in range(n))])) if n else None
        facts.append(unit(f"u{n}", parent, draw(someone), deputy_id=draw(someone), closed=draw(st.integers(0, 5)) == 0))
    for person_id in IDS:
        home = f"u{draw(st.integers(0, count - 1))}"
        stand_in = draw(st.sampled_from([None, None, *IDS]))
        facts.append(
            person(
                person_id,
                home,
                draw(st.sampled_from([None, None, *IDS])),
                away=draw(st.integers(0, 3)) == 0,
                employed=draw(st.integers(0, 4)) > 0,
                roles=draw(st.sampled_from(["", "", "hr", "process_owner hr", "administrator", "top_management"])),
                substitutes=((stand_in, LATER),) if stand_in not in (None, person_id) else (),
                talks_with=draw(st.sampled_from([None, None, None, *IDS])),
            )
        )
    return directory(*facts)


@settings(max_examples=150, deadline=None)
@given(organisations())
def test_what_a_person_holds_is_what_the_roles_say_of_them(found: Directory):
    for person_id in IDS:
        held = found.holdings(person_id)
        for role in roles.GLOBAL:
            assert (role in held.roles) == (person_id in who(found, role))
        for role in roles.LOCAL:
            assert (role in held.unplaced) == (person_id in who(found, role))
            for other in IDS:
                owner = other if role == roles.MEASURE_OWNER else None
                holder = found.holder(role, person_id, Subject(person=other), owner)
                assert (other in held.people.get(role, ())) == (holder is not None)
        for other in IDS:
            assert (other in held.trusted_with) == found.trusted(person_id, other)
        for role in roles.LOCAL - {roles.MEASURE_OWNER}:
            for unit_id in found.units:
                assert (unit_id in held.units.get(role, ())) == (person_id in who(found, role, unit=unit_id))


@settings(max_examples=150, deadline=None)
@given(organisations())
def test_every_task_has_somebody_present_as_long_as_hr_has(found: Directory):
    """And nobody is their own manager or superior, nobody who has left holds anything, each is told why."""
    hr_is_there = any(found.people[person_id].present for person_id in who(found, "hr"))
    for subject in [*(Subject(unit=u) for u in found.units), *(Subject(person=p) for p in IDS)]:
        for role in ("manager", "superior", "deputy"):
            held = found.holders(role, subject)
            ids = [holder.person_id for holder in held]
            assert len(ids) == len(set(ids))
            assert subject.person not in ids
            assert all(found.people[person_id].employed for person_id in ids)
            assert all(found.why(role, holder, subject).endswith(".") for holder in held)
            others = [p for p in who(found, "hr") if p != subject.person and found.people[p].present]
            excluded = found.units[subject.unit].manager_id if subject.unit else None
            if hr_is_there and [p for p in others if p != excluded] and not subject.person:
                assert any(found.people[person_id].present for person_id in ids)


def test_an_organisation_without_anyone_answers_all_the_same():
    found = directory()
    assert found.holders("manager", Subject(unit="x", person="y")) == ()
    assert found.holdings("nobody").roles == frozenset()
    assert found.holders("no such role", Subject()) == ()
    assert found.today == TODAY
