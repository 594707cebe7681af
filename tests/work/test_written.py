"""What is written in a task about a person is between two: sealed, out of the variables, read by them alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from engine.drawing import doc, end, flows, start
from engine.storing import fill, job
from komp_flow import engine, organisation, vault, work
from komp_flow.db import Base, Database
from komp_flow.engine import SourceFile
from komp_flow.errors import Invalid, NotAllowed, NotFound, Stale
from komp_flow.organisation import Actor, Subject
from komp_flow.organisation.models import Unit
from komp_flow.organisation.staffing.models import PlanTransfer
from komp_flow.registers import REGISTERS, opened_row
from komp_flow.work.doing import before
from komp_flow.work.models import TaskDraft
from work.conftest import Office
from work.staff import ADM, DAG, EIER, HANNE, KARI, NILS, OLA, PER, away, field, form
from work.talking import CANARY, NILS_IN_IT, ROW, SYSTEM, talk, through

__all__ = ["talk"]


def variables(office: Office, instance: UUID) -> Mapping[str, Any]:
    return office.look(lambda db, now: work.instance(db, SYSTEM, instance, now)).variables


def everything(database: Database) -> str:
    """All that the database holds, as one text."""
    found = []
    with database.reading() as db:
        for table in Base.metadata.tables.values():
            found += [repr(tuple(row)) for row in db.execute(table.select())]
    return "\n".join(found)


@pytest.mark.databases
def test_nothing_that_is_written_in_a_talk_lies_plain_in_the_database(talk: Office) -> None:
    through(talk)
    draft = talk.task(NILS, "follow")
    talk.act(work.save_draft, draft, NILS, {"comment": CANARY}, None)
    held = everything(talk.database)
    assert "nils" in held
    assert CANARY not in held
    assert CANARY not in str(variables(talk, talk.look(work.task, draft, NILS).line.instance))


def test_numbers_and_dates_become_variables_and_words_are_null(office: Office) -> None:
    asks = job("b", roles="manager", ext=fill("ask"))
    drawn = doc(start(), job("a", roles="manager", ext=fill("f2")), asks, end(), flows("s>a>b>e"), pid="t2")
    reads = {"type": "text", "text": "=grade + goal + rows[1].word + string(rows[1].mark) + inner.said"}
    rows = {"type": "dynamiclist", "path": "rows", "components": [
        {"id": "r1", **field("word")}, {"id": "r2", **field("mark", "number")}]}  # fmt: skip
    inner = {"type": "group", "path": "inner", "components": [{"id": "i1", **field("said")}]}
    office.publish(
        SourceFile("t2.bpmn", drawn),
        form("f2", field("grade", "number"), field("goal"), rows, inner),
        form("ask", reads),
    )
    values = {"grade": 4, "goal": CANARY, "rows": [{"word": CANARY, "mark": 2}], "inner": {"said": CANARY}}
    private = office.start("t2", Subject(unit="it", person="nils"))
    office.complete(KARI, "a", values)
    (row,) = (found := variables(office, private))["rows"]
    assert (found["grade"], found["goal"], found["inner"]) == (4, None, {"said": None})
    assert (row["word"], row["mark"]) == (None, 2)
    assert "row-id" in row
    plain = office.start("t2", Subject(unit="it"))
    office.act(work.complete, next(t.id for t in office.look(work.inbox, KARI) if t.element == "a"), KARI, values)
    assert variables(office, plain)["goal"] == CANARY


def test_the_two_read_what_was_sent_and_nobody_else_does(talk: Office) -> None:
    tasks = through(talk)
    for who in (NILS, KARI):
        assert talk.look(work.task, tasks["plan"], who).answers["wish"] == CANARY
    for stranger in (PER, DAG, HANNE, EIER, ADM, OLA):
        with pytest.raises(NotFound):
            talk.look(work.task, tasks["plan"], stranger)
    system = talk.look(work.task, tasks["plan"], SYSTEM)
    assert (system.answers, system.context, system.draft) == (None, {}, work.Draft({}))


def test_hr_sees_an_escalated_talk_and_no_text_of_it(talk: Office) -> None:
    tasks = through(talk)
    with talk.database.transaction() as db:
        for instance in db.scalars(select(engine.Instance).where(engine.Instance.process == "talk")):
            instance.escalation = 2
    for staff in (HANNE, EIER, ADM):
        sheet = talk.look(work.task, tasks["plan"], staff)
        assert (sheet.answers, sheet.context, sheet.names, sheet.draft) == (None, {}, {}, work.Draft({}))
        assert sheet.privacy is not None
        assert not sheet.privacy.reads


def test_what_was_answered_is_no_variable_for_others_than_the_two(office: Office) -> None:
    drawn = doc(start(), job("a", ext=fill("f3")), job("b", ext=fill("g3")), end(), flows("s>a>b>e"), pid="t3")
    reads = {"type": "text", "text": "=choice + given"}
    office.publish(SourceFile("t3.bpmn", drawn), form("f3", field("choice", "number")), form("g3", reads))
    started = office.start("t3", Subject(unit="it", person="nils"), given=7)
    office.complete(KARI, "a", {"choice": 4})

    def seen(who: Actor) -> Mapping[str, Any]:
        return office.look(lambda db, now: work.instance(db, who, started, now)).variables

    for who in (NILS, KARI, SYSTEM):
        assert dict(seen(who)) == {"choice": 4, "given": 7}
    assert dict(seen(EIER)) == {"given": 7}  # who started it
    with pytest.raises(NotFound):
        seen(ADM)
    with office.database.transaction() as db:
        db.get_one(engine.Instance, started).escalation = 1
    for who in (ADM, HANNE):
        assert dict(seen(who)) == {}


def test_a_deputy_and_a_substitute_read_while_they_act(talk: Office) -> None:
    tasks = through(talk)
    with talk.database.transaction() as db:
        away(db, "kari", "per", talk.now)
    assert talk.look(work.task, tasks["plan"], PER).answers["wish"] == CANARY
    talk.pass_time(days=7)
    with pytest.raises(NotFound):
        talk.look(work.task, tasks["plan"], PER)


def vacant(office: Office) -> None:
    """IT has neither manager nor deputy any more: all falls to Dag, the superior."""
    with office.database.transaction() as db:
        db.get_one(Unit, "it").manager_id = db.get_one(Unit, "it").deputy_id = None


def test_a_superior_to_whom_a_talk_falls_sees_no_text_and_may_only_reschedule(talk: Office) -> None:
    invitation = talk.task(KARI, "invite")
    talk.act(work.save_draft, invitation, KARI, {"place": CANARY}, None)
    vacant(talk)
    sheet = talk.look(work.task, invitation, DAG)
    assert (sheet.draft, sheet.may.complete, sheet.may.hand_over) == (work.Draft({}), True, True)
    assert sheet.privacy is not None
    assert sheet.privacy.stands_in
    talk.complete(DAG, "invite", {"place": "Møterom 2"})
    assert talk.look(work.task, invitation, DAG).answers == {"place": "Møterom 2", "at": None}
    talk.complete(NILS, "mine", {"note": CANARY, "share": True})
    notes = talk.task(DAG, "theirs")
    assert not talk.look(work.task, notes, DAG).may.complete
    for refused in (
        lambda: talk.act(work.complete, notes, DAG, {"note": "x"}),
        lambda: talk.act(work.save_draft, notes, DAG, {"note": "x"}, None),
        lambda: talk.act(work.claim, notes, DAG),
    ):
        with pytest.raises(NotAllowed):
            refused()


def test_a_plan_that_is_begun_follows_to_the_next_manager_and_notes_do_not(talk: Office) -> None:
    done = through(talk, upto="plan")
    plan = talk.task(KARI, "plan")
    talk.act(work.save_draft, plan, KARI, {"wish": CANARY}, 0)
    talk.act(work.hand_over, "nils", "per", HANNE, "En konflikt")
    sheet = talk.look(work.task, plan, PER)
    assert (sheet.draft.values, sheet.draft.edited_by, sheet.may.complete) == ({"wish": CANARY}, "kari", True)
    assert sheet.why == "Samtalen med Nils Nilsen er gitt til deg."
    assert talk.look(work.task, done["theirs"], PER).answers is None
    assert talk.look(work.task, done["theirs"], KARI).answers["note"] == f"{CANARY} Kari"
    with pytest.raises(NotFound):
        talk.look(work.task, plan, KARI)
    talk.act(work.take_back, "nils", HANNE)
    assert talk.look(work.task, plan, KARI).draft.values == {"wish": CANARY}


def test_what_one_types_in_a_task_about_oneself_is_ones_own_until_it_is_sent(talk: Office) -> None:
    through(talk)
    task = talk.task(NILS, "follow")
    talk.act(work.save_draft, task, NILS, {"comment": "Nils sitt"}, 0)
    assert talk.look(work.task, task, KARI).draft == work.Draft({})
    assert next(line for line in talk.look(work.inbox, KARI) if line.id == task).draft_at is None
    talk.act(work.save_draft, task, KARI, {"comment": "Karis"}, 0)
    with pytest.raises(Stale):
        talk.act(work.save_draft, task, KARI, {"comment": "Igjen"}, 0)
    assert talk.look(work.task, task, NILS).draft.values == {"comment": "Nils sitt"}
    talk.act(work.complete, task, KARI, {"comment": "Karis"})
    assert talk.look(work.task, task, NILS).draft.values == {"comment": "Nils sitt"}
    assert talk.look(work.task, task, NILS).answers == {"comment": "Karis"}


def test_notes_are_read_by_their_author_alone_until_they_are_shared(talk: Office) -> None:
    done = through(talk)
    assert talk.look(work.task, done["mine"], KARI).answers is None
    assert talk.look(work.task, done["theirs"], NILS).answers is None
    assert talk.look(work.task, done["mine"], NILS).may.share
    for other in (KARI, PER, HANNE):
        with pytest.raises(NotFound):
            talk.act(work.share, done["mine"], other)
    talk.act(work.share, done["mine"], NILS)
    talk.act(work.share, done["mine"], NILS)
    assert talk.look(work.task, done["mine"], KARI).answers["note"] == f"{CANARY} Nils"
    assert not talk.look(work.task, done["mine"], NILS).may.share
    assert talk.look(work.task, done["theirs"], NILS).answers is None
    assert [e.what for e in talk.look(work.instance, NILS, talk.look(work.task, done["mine"], NILS).line.instance).trail
            ].count("shared") == 1  # fmt: skip


def test_notes_may_be_shared_as_they_are_sent(talk: Office) -> None:
    done = through(talk, shared=True)
    assert talk.look(work.task, done["theirs"], NILS).answers["note"] == f"{CANARY} Kari"
    assert talk.look(work.task, done["mine"], KARI).answers["note"] == f"{CANARY} Nils"


def test_what_a_manager_has_shared_is_never_a_successors(talk: Office) -> None:
    done = through(talk, shared=True)
    talk.act(work.hand_over, "nils", "per", HANNE, "En konflikt")
    assert talk.look(work.task, done["theirs"], PER).answers is None
    assert talk.look(work.task, done["mine"], PER).answers["note"] == f"{CANARY} Nils"


def test_only_notes_are_shared(talk: Office) -> None:
    done = through(talk)
    with pytest.raises(NotAllowed):
        talk.act(work.share, done["plan"], KARI)


def test_a_form_shows_from_before_what_its_reader_may_read(talk: Office) -> None:
    through(talk)
    follow = talk.task(NILS, "follow")
    assert talk.look(work.task, follow, NILS).context["answers"]["mine"]["note"] == f"{CANARY} Nils"
    assert "theirs" not in talk.look(work.task, follow, NILS).context["answers"]
    assert set(talk.look(work.task, follow, KARI).context["answers"]) == {"theirs"}
    (goal,) = talk.look(work.task, follow, KARI).context["goals"]
    assert (goal["goal"], goal["label"], goal["area"], goal["nickname"]) == (CANARY,) * 4
    vacant(talk)
    stood_in = talk.look(work.task, follow, DAG)
    assert (stood_in.context["goals"], stood_in.context["answers"]) == ([], {})


def test_a_plan_from_another_unit_is_shown_in_the_next_talk_when_it_follows(talk: Office) -> None:
    through(talk)
    follow = talk.task(NILS, "follow")
    instance = talk.look(work.task, follow, NILS).line.instance
    again = talk.start("talk", NILS_IN_IT)
    with talk.database.transaction() as db:
        moved = {"from_unit": "law", "to_unit": "it", "asked_at": talk.now, "cycle_id": "2027"}
        db.add(PlanTransfer(instance_id=instance, person_id="nils", **moved))
        form_version = db.get_one(engine.Task, follow).form_version_id
        shown = engine.form(db, form_version)
        directory = organisation.directory(db, talk.now)

        def goals(who: str) -> Any:
            return before.context(db, shown, again, NILS_IN_IT, directory, directory.holdings(who))["goals"]

        assert (goals("nils"), goals("kari")) == ([], [])  # what is written in the new talk is for both
        db.get_one(PlanTransfer, instance).follows = True
        db.flush()
        assert [row["goal"] for row in goals("kari")] == [CANARY]


def test_a_register_keeps_in_the_open_only_what_can_be_counted(talk: Office) -> None:
    through(talk, upto="plan")
    area = "11111111-1111-1111-1111-111111111111"
    rows = [{"goal": CANARY, "area": "annet", "due": "2027-09-01"}, {"goal": CANARY, "area": area}]
    talk.complete(KARI, "plan", {"goals": rows})
    register = REGISTERS["goals"]
    with talk.database.reading() as db:
        first, second = db.scalars(select(register.table).order_by(register.table.position)).all()
        assert (first.area, first.goal, first.extra, str(first.due)) == ("annet", None, {}, "2027-09-01")
        assert second.area is None  # no area of the catalogue has this id
        assert opened_row(db, register, second)["area"] == area
        vault.erase(db, "nils")
        assert opened_row(db, register, first)["goal"] is None
        assert opened_row(db, register, first)["area"] == "annet"


def test_a_plan_that_is_sent_again_changes_its_rows(talk: Office) -> None:
    through(talk, upto="plan")
    plan = talk.task(KARI, "plan")
    talk.complete(KARI, "plan", {"goals": [{"goal": "Et", "nickname": "N", "row-id": ROW}]})
    with talk.database.transaction() as db:
        register, about = REGISTERS["goals"], Subject(unit="it", person="nils", cycle="2027")
        row = db.scalars(select(register.table)).one()
        source = work_provenance(row)
        from komp_flow import registers

        again = registers.Group("goals", "goals", [(ROW, {"goal": "To"})])
        registers.keep(db, again, about, source, talk.now)
        shown = opened_row(db, register, row)
        assert (shown["goal"], shown["nickname"], row.task_id) == ("To", "N", plan)


def work_provenance(row: Any) -> Any:
    from komp_flow.registers import Provenance

    return Provenance(row.process, row.element, row.instance_id, row.task_id, row.by)


def test_erased_texts_are_gone_and_all_the_rest_works(talk: Office) -> None:
    done = through(talk)
    with talk.database.transaction() as db:
        vault.erase(db, "nils")
    for who in (NILS, KARI):
        sheet = talk.look(work.task, done["plan"], who)
        assert (sheet.line.state, sheet.answers) == ("completed", None)
    follow = talk.task(NILS, "follow")
    assert talk.look(work.task, follow, NILS).context["answers"] == {}
    talk.complete(NILS, "follow", {"comment": "Et nytt ord"})
    assert talk.look(work.task, follow, KARI).answers == {"comment": "Et nytt ord"}


def test_unshared_notes_and_drafts_are_deleted_when_the_talk_closes(talk: Office) -> None:
    invitation = talk.task(KARI, "invite")
    talk.act(work.keep_unsent, invitation, NILS, {"place": CANARY})
    done = through(talk)
    talk.act(work.share, done["mine"], NILS)
    follow = talk.task(NILS, "follow")
    talk.act(work.save_draft, follow, NILS, {"comment": "Halvveis"}, None)
    instance = talk.look(work.task, follow, NILS).line.instance
    with talk.database.transaction() as db:
        assert work.forget_unshared(db, [instance]) == 2
        assert work.forget_unshared(db, [instance]) == 0
        assert work.forget_unshared(db, []) == 0
        assert db.scalar(select(func.count()).select_from(TaskDraft)) == 1
    assert talk.look(work.task, done["theirs"], KARI).answers is None
    assert talk.look(work.task, done["mine"], KARI).answers["note"] == f"{CANARY} Nils"
    with pytest.raises(NotFound):
        talk.act(work.share, done["theirs"], KARI)


@pytest.mark.databases
def test_who_has_read_is_noted_once_a_day_and_told_to_the_person_alone(talk: Office) -> None:
    done = through(talk)

    def read(task: UUID, who: Actor) -> int:
        with talk.database.reading() as db:
            work.task(db, task, who, talk.now)
            opened = set(db.info["opened"]) if "opened" in db.info else set()
        with talk.database.transaction() as db:
            return work.note_readings(db, opened, who.person_id, talk.now)

    assert read(done["plan"], NILS) == 0  # what is about oneself
    assert read(done["plan"], KARI) == 0  # what one wrote oneself
    with talk.database.transaction() as db:
        away(db, "kari", "per", talk.now)
    assert read(done["plan"], PER) == 1
    first = talk.now
    talk.pass_time(hours=2)
    read(done["plan"], PER)
    talk.pass_time(days=1)
    read(done["plan"], PER)
    told = talk.look(lambda db, now: work.readings(db, "nils", NILS, now))
    assert [(line.reader_name, line.task_name) for line in told] == [("Per Hansen", "plan")] * 2
    assert told[-1].first_at == first
    assert talk.look(work.task, done["plan"], NILS).privacy.readings == told
    assert talk.look(work.task, done["plan"], PER).privacy.readings == ()
    for other in (KARI, HANNE, ADM, SYSTEM):
        with pytest.raises(NotFound):
            talk.look(lambda db, now, other=other: work.readings(db, "nils", other, now))


def test_checking_answers_is_not_reading(talk: Office) -> None:
    through(talk)
    with talk.database.transaction() as db:
        work.complete(db, talk.task(KARI, "follow"), KARI, {"comment": "x"}, talk.now)
        assert work.to_note(db.info.get("opened", set()), "kari") == []


@pytest.mark.parametrize(("by", "allowed"), [(HANNE, True), (DAG, True), (KARI, True), (PER, False), (NILS, False)])
def test_hr_the_superior_and_the_manager_may_hand_over(talk: Office, by: Actor, allowed: bool) -> None:
    if allowed:
        talk.act(work.hand_over, "nils", "per", by, "En konflikt")
        assert talk.look(lambda db, now: work.handed_over(db, "nils")) == "per"
    else:
        with pytest.raises(NotAllowed):
            talk.act(work.hand_over, "nils", "per", by, "En konflikt")


def test_a_talk_is_handed_to_a_leader_with_a_reason_that_is_sealed(talk: Office) -> None:
    for to, reason in (("nils", "x"), ("pia", "x"), ("nobody", "x"), ("per", "  ")):
        with pytest.raises(Invalid):
            talk.act(work.hand_over, "nils", to, HANNE, reason)
    with pytest.raises(NotFound):
        talk.act(work.hand_over, "nobody", "per", HANNE, "x")
    talk.act(work.hand_over, "nils", "per", HANNE, CANARY)
    assert CANARY not in everything(talk.database)
    with talk.database.reading() as db:
        row = organisation.handed(db, "nils")
        assert row is not None
        assert organisation.handing.reason(db, row) == CANARY
    talk.act(work.take_back, "nils", DAG)
    with pytest.raises(NotFound):
        talk.act(work.take_back, "nils", HANNE)


def test_a_task_with_words_is_not_handed_on_alone(talk: Office) -> None:
    through(talk, upto="plan")
    plan = talk.task(KARI, "plan")
    assert not talk.look(work.task, plan, KARI).may.delegate
    with pytest.raises(NotAllowed):
        talk.act(work.delegate, plan, KARI, "per", "Jeg rekker det ikke")


def test_an_invitation_may_be_handed_on_and_whoever_gets_it_sees_no_text(talk: Office) -> None:
    invitation = talk.task(KARI, "invite")
    talk.act(work.save_draft, invitation, KARI, {"place": CANARY}, None)
    talk.act(work.delegate, invitation, KARI, "per", "Finn en tid")
    assert talk.look(work.task, invitation, PER).draft == work.Draft({})
    talk.complete(PER, "invite", {"place": "Møterom 3"})
    assert talk.look(work.task, invitation, NILS).answers["place"] == "Møterom 3"


def test_a_draft_sealed_for_one_task_opens_nowhere_else(talk: Office) -> None:
    task = talk.task(KARI, "invite")
    talk.act(work.save_draft, task, KARI, {"place": CANARY}, None)
    other = talk.start("talk", Subject(unit="it", person="ola", cycle="2027"))
    with talk.database.transaction() as db:
        theirs = db.scalars(select(engine.Task.id).where(engine.Task.instance_id == other)).one()
        db.execute(text("UPDATE draft SET task_id = :new").bindparams(new=theirs.hex))
    with pytest.raises(vault.Damaged):
        talk.look(work.task, theirs, KARI)
