"""Instances: starting, looking, steering."""

from __future__ import annotations

import uuid

import pytest

from engine.drawing import doc, end, flows, service, start
from engine.storing import job
from komp_flow import work
from komp_flow.engine import SourceFile
from komp_flow.errors import Conflict, Invalid, NotAllowed, NotFound
from komp_flow.organisation import Subject
from work.conftest import Office
from work.staff import ADM, EIER, HANNE, KARI, NILS, PER


def test_an_instance_is_seen_with_its_tasks_and_its_trail(office: Office) -> None:
    instance = office.start(amount=3)
    sheet = office.look(work.instance, EIER, instance)
    assert (sheet.line.state, sheet.line.version, sheet.subject) == ("active", 1, {"unit": "it"})
    assert [(task.element, task.role) for task in sheet.tasks] == [("u1", "manager")]
    assert sheet.marks == work.Marks(done=("s",), here=("u1",))
    assert sheet.trail[0].sentence == "Eva Eier startet løpet 4. januar 2027 kl. 09.00."
    office.complete(KARI)
    office.pass_time(days=10)
    sheet = office.look(work.instance, EIER, instance)
    assert "Kari Nordmann leverte «Skriv» 4. januar 2027 kl. 09.00." in [line.sentence for line in sheet.trail]
    assert (sheet.marks.done, sheet.marks.here) == (("s", "u1"), ("u2",))
    assert sheet.xml.startswith("<?xml")


def test_what_is_late_is_marked(office: Office) -> None:
    instance = office.start()
    office.pass_time(days=4)
    assert office.look(work.instance, EIER, instance).marks.late == ("u1",)


@pytest.mark.parametrize(
    ("subject", "field"),
    [
        (Subject(unit="nowhere"), "subject-unit"),
        (Subject(person="nobody"), "subject-person"),
        (Subject(cycle="never"), "subject-cycle"),
        (Subject(measure=str(uuid.uuid4())), "subject-measure"),
    ],
)
def test_a_subject_must_exist(office: Office, subject: Subject, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        office.start(subject=subject)
    assert [error.field for error in caught.value.fields] == [field]


@pytest.mark.parametrize("name", ["cycle", "deadline", "typename", "__x"])
def test_a_variable_may_not_take_a_name_that_is_taken(office: Office, name: str) -> None:
    with pytest.raises(Invalid) as caught:
        office.start(**{name: 1})
    assert [error.field for error in caught.value.fields] == [f"variables-{name}"]


def test_a_process_that_is_not_published_is_not_found(office: Office) -> None:
    with pytest.raises(NotFound):
        office.start("nothing")


def test_a_manager_starts_for_their_own_unit_only(office: Office) -> None:
    office.start(subject=Subject(unit="it"), by=KARI)
    with pytest.raises(NotAllowed):
        office.start(subject=Subject(unit="it"), by=PER)
    with pytest.raises(NotAllowed):
        office.start(subject=Subject(), by=KARI)


def test_an_instance_rests_and_goes_on(office: Office) -> None:
    instance = office.start()
    task = office.task(KARI)
    assert office.act(work.suspend, EIER, instance, "Avklares").state == "suspended"
    assert office.look(work.instance, EIER, instance).may == work.InstanceActions(resume=True, cancel=True)
    with pytest.raises(Conflict):
        office.act(work.complete, task, KARI, {"title": "Ja"})
    assert office.act(work.resume, EIER, instance, "").state == "active"
    office.complete(KARI)


def test_steering_wants_a_reason_and_the_right(office: Office) -> None:
    instance = office.start()
    with pytest.raises(Invalid):
        office.act(work.suspend, EIER, instance, "  ")
    with pytest.raises(NotAllowed):
        office.act(work.suspend, HANNE, instance, "x")
    with pytest.raises(NotFound):
        office.act(work.cancel, NILS, instance, "x")
    assert office.act(work.cancel, HANNE, instance, "Enheten er lagt ned").state == "cancelled"
    with pytest.raises(Conflict):
        office.act(work.cancel, ADM, instance, "En gang til")


def test_what_has_stopped_is_tried_again(office: Office) -> None:
    drawn = doc(start(), service("x", "close-cycle"), job("a"), end(), flows("s>x>a>e"), pid="q")
    office.publish(SourceFile("q.bpmn", drawn))
    instance = office.start("q")
    sheet = office.look(work.instance, EIER, instance)
    assert (sheet.line.state, len(sheet.incidents), sheet.may.retry) == ("incident", 1, True)
    assert "Sett opp syklusen først" in sheet.incidents[0].text
    assert office.act(work.retry, EIER, instance).state == "incident"  # nothing has been mended
    assert "«x» stanset og må ses på 4. januar 2027 kl. 09.00." in [line.sentence for line in sheet.trail]


def test_lists_are_narrowed_and_come_in_pages(office: Office) -> None:
    for unit in ("it", "law", "it"):
        office.start(subject=Subject(unit=unit))
    with office.database.reading() as db:
        listed = work.instances(db, HANNE, unit="it", now=office.now, page_size=1)
        mine = work.instances(db, KARI, now=office.now)
        none = work.instances(db, NILS, now=office.now)
        with pytest.raises(Invalid):
            work.instances(db, HANNE, state="running", now=office.now)
    assert (listed.total, len(listed.items), listed.pages) == (2, 1, 2)
    assert (mine.total, none.total) == (2, 0)
