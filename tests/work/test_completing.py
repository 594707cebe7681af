"""Completing a task."""

from __future__ import annotations

import threading

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import select

from engine.drawing import doc, end, flows, gw, start
from engine.storing import assigned, fill, job
from komp_flow import audit, engine, organisation, work
from komp_flow.engine import SourceFile, Submission
from komp_flow.errors import Conflict, Invalid, NotAllowed, NotFound
from komp_flow.organisation import Subject
from work.conftest import Office
from work.staff import ADM, DAG, EIER, HANNE, KARI, NILS, OLA, PER, away, field, form, required


def test_completing_gives_what_the_same_person_has_next(office: Office) -> None:
    office.publish(SourceFile("q.bpmn", doc(start(), job("a"), job("b"), end(), flows("s>a>b>e"), pid="q")))
    office.start("q")
    done = office.act(work.complete, office.task(KARI, "a"), KARI, {})
    assert [line.element for line in done.next] == ["b"]
    assert done.next[0].why == "Du er leder for IT."


def test_what_was_sent_is_kept_with_who_sent_it(office: Office) -> None:
    office.start()
    done = office.complete(KARI, values={"title": "Ja", "note": "Merk"})
    with office.database.reading() as db:
        sent = db.scalars(select(Submission)).one()
        assert (sent.task_id, sent.values, sent.by) == (done.task_id, {"title": "Ja", "note": "Merk"}, "kari")
    assert done.next == ()
    assert office.inbox(DAG) == ["u2"]


def test_completing_twice_conflicts(office: Office) -> None:
    office.start()
    done = office.complete(KARI)
    with pytest.raises(Conflict):
        office.act(work.complete, done.task_id, KARI, {"title": "Igjen"})


@pytest.mark.parametrize("somebody", [NILS, PER])
def test_a_task_of_others_does_not_exist(office: Office, somebody: organisation.Actor) -> None:
    office.start()
    task = office.task(KARI)
    with pytest.raises(NotFound):
        office.act(work.complete, task, somebody, {"title": "Ja"})
    office.complete(KARI)
    with pytest.raises(NotFound):
        office.act(work.complete, task, somebody, {"title": "Ja"})


@pytest.mark.parametrize("somebody", [HANNE, DAG, EIER, ADM])
def test_those_who_may_see_a_task_may_not_therefore_do_it(office: Office, somebody: organisation.Actor) -> None:
    office.start()
    with pytest.raises(NotAllowed):
        office.act(work.complete, office.task(KARI), somebody, {"title": "Ja"})


def test_every_field_that_does_not_hold_is_named(office: Office) -> None:
    office.start()
    with pytest.raises(Invalid) as caught:
        office.act(work.complete, office.task(KARI), KARI, {"note": 3, "typename": "x"})
    assert {error.field for error in caught.value.fields} == {"title", "note", "typename"}
    assert office.inbox(KARI) == ["u1"]


def test_a_task_without_a_form_takes_no_answers(office: Office) -> None:
    office.start()
    office.complete(KARI)
    with pytest.raises(Invalid) as caught:
        office.act(work.complete, office.task(DAG, "u2"), DAG, {"x": 1})
    assert [error.field for error in caught.value.fields] == ["x"]
    office.act(work.complete, office.task(DAG, "u2"), DAG, {})


def test_a_substitute_acts_on_behalf_of_the_one_who_is_away(office: Office) -> None:
    with office.database.transaction() as db:
        away(db, "kari", "nils", office.now)
    instance = office.start()
    office.complete(NILS)
    with office.database.reading() as db:
        (event,) = [e for e in audit.trail(db, engine.stream(instance)) if e.what == "completed" and e.element == "u1"]
        assert (event.by, event.on_behalf_of) == ("nils", "kari")


def test_what_the_diagram_gave_to_somebody_by_name_is_theirs(office: Office) -> None:
    named = job("a", roles="", ext="").replace(assigned(""), assigned(None, "nils"))
    office.publish(SourceFile("q.bpmn", doc(start(), named, end(), flows("s>a>e"), pid="q")))
    office.start("q")
    assert office.look(work.inbox, NILS)[0].why == "Oppgaven er gitt til deg ved navn."
    assert office.inbox(KARI) == []


def test_what_was_given_to_one_who_is_gone_lies_with_hr(office: Office) -> None:
    named = job("a", roles="").replace(assigned(""), assigned(None, "ingen"))
    office.publish(SourceFile("q.bpmn", doc(start(), named, end(), flows("s>a>e"), pid="q")))
    office.start("q")
    assert office.inbox(HANNE) == ["a"]
    office.act(work.complete, office.task(HANNE, "a"), HANNE, {})


def test_an_employees_task_is_seen_by_the_two_it_concerns(office: Office) -> None:
    office.publish(
        SourceFile("q.bpmn", doc(start(), job("a", roles="employee"), job("b"), end(), flows("s>a>b>e"), pid="q"))
    )
    office.start("q", Subject(unit="it", person="nils"))
    assert office.inbox(NILS) == ["a"]
    for stranger in (OLA, PER, HANNE, DAG):
        with pytest.raises(NotFound):
            office.look(work.task, office.task(NILS, "a"), stranger)
    assert office.look(work.task, office.task(NILS, "a"), KARI).may == work.May()
    office.act(work.complete, office.task(NILS, "a"), NILS, {})
    assert office.inbox(KARI) == ["b"]


@pytest.mark.databases
def test_of_two_who_send_at_once_one_is_first_and_the_other_keeps_their_text(office: Office) -> None:
    office.start()
    task = office.task(KARI)
    with office.database.transaction() as db:
        away(db, "kari", "nils", office.now)
    ready, ends = threading.Barrier(2), {}

    def send(who: organisation.Actor) -> None:
        ready.wait(10)
        try:
            ends[who.person_id] = office.act(work.complete, task, who, {"title": who.person_id})
        except Conflict as conflict:
            ends[who.person_id] = conflict
            office.act(work.keep_unsent, task, who, {"title": who.person_id})

    both = [threading.Thread(target=send, args=(who,)) for who in (KARI, NILS)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join(30)
    (first,) = [person for person, end_ in ends.items() if isinstance(end_, work.Done)]
    (second,) = [who for who in (KARI, NILS) if who.person_id != first]
    with office.database.reading() as db:
        assert db.scalars(select(Submission.by)).all() == [first]
    assert office.look(work.task, task, second).draft.values == {"title": second.person_id}


def test_a_field_that_is_hidden_this_time_forgets_what_an_earlier_round_wrote(office: Office) -> None:
    drawn = doc(
        start(),
        gw("exclusive", "m"),
        job("u", ext=fill("f")),
        gw("exclusive", "g", default="g_h"),
        gw("exclusive", "h", default="h_e"),
        end(),
        end("urgent"),
        flows("s>m>u>g", 'g>m:=verdict = "again"', "g>h", 'h>urgent:=reason = "haster"', "h>e"),
        pid="q",
    )
    reason = {**field("reason"), "conditional": {"hide": '=verdict != "again"'}}
    office.publish(SourceFile("q.bpmn", drawn), form("f", required("verdict"), reason))
    started = office.start("q")
    office.complete(KARI, "u", {"verdict": "again", "reason": "haster"})
    office.complete(KARI, "u", {"verdict": "fine"})
    trail = [event.element for event in office.look(work.instance, EIER, started).trail if event.what == "completed"]
    assert trail[-1] == "e"
    with office.database.reading() as db:
        sent = [each.values for each in db.scalars(select(Submission))]
    assert {"verdict": "fine"} in sent


def test_each_step_is_timed_by_its_process(office: Office) -> None:
    def timed() -> float:
        return REGISTRY.get_sample_value("komp_flow_step_seconds_count", {"process": "p"}) or 0

    before = timed()
    office.start()
    office.complete(KARI)
    assert timed() == before + 2
