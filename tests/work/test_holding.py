"""Taking a task and handing it on."""

from __future__ import annotations

import pytest

from engine.drawing import doc, end, flows, start
from engine.storing import job
from komp_flow import audit, engine, work
from komp_flow.engine import SourceFile
from komp_flow.errors import Conflict, Invalid, NotAllowed, NotFound
from komp_flow.organisation import Subject
from work.conftest import Office
from work.staff import DAG, HANNE, KARI, NILS, PER, away


@pytest.fixture
def shared(office: Office) -> Office:
    """Kari is away and Nils stands in: both have her tasks."""
    with office.database.transaction() as db:
        away(db, "kari", "nils", office.now)
    office.start()
    return office


def test_a_claimed_task_leaves_the_others_inbox(shared: Office) -> None:
    task = shared.task(KARI)
    line = shared.act(work.claim, task, NILS)
    assert (line.claimed_by, line.claimed_by_name) == ("nils", "Nils Nilsen")
    assert (shared.inbox(KARI), shared.inbox(NILS)) == ([], ["u1"])
    with pytest.raises(Conflict):
        shared.act(work.complete, task, KARI, {"title": "Ja"})
    with pytest.raises(Conflict):
        shared.act(work.claim, task, KARI)
    shared.act(work.release, task, NILS)
    assert shared.inbox(KARI) == ["u1"]


def test_claiming_twice_is_claiming_once(shared: Office) -> None:
    task = shared.task(KARI)
    shared.act(work.claim, task, NILS)
    line = shared.act(work.claim, task, NILS)
    assert line.claimed_by == "nils"
    with shared.database.reading() as db:
        said = [event.what for event in audit.trail(db, engine.stream(line.instance))]
    assert said.count("claimed") == 1


def test_only_the_one_who_took_it_or_who_leads_lets_it_go(shared: Office) -> None:
    task = shared.task(KARI)
    shared.act(work.claim, task, NILS)
    with pytest.raises(NotAllowed):
        shared.act(work.release, task, KARI)
    with pytest.raises(NotFound):
        shared.act(work.release, task, PER)
    assert shared.act(work.release, task, HANNE).claimed_by is None


def test_a_task_is_handed_on_with_a_reason(office: Office) -> None:
    instance = office.start()
    task = office.task(KARI)
    line = office.act(work.delegate, task, KARI, "per", "Du kan dette")
    assert line.assignee == "per"
    assert (office.inbox(KARI), office.inbox(PER)) == ([], ["u1"])
    assert office.look(work.inbox, PER)[0].why == "Kari Nordmann har gitt deg oppgaven."
    office.complete(PER)
    with office.database.reading() as db:
        (done,) = [e for e in audit.trail(db, engine.stream(instance)) if e.what == "completed" and e.element == "u1"]
        assert (done.by, done.on_behalf_of) == ("per", "kari")


@pytest.mark.parametrize(("to", "reason", "field"), [("ingen", "x", "to"), ("kari", "x", "to"), ("per", " ", "reason")])
def test_handing_on_wants_somebody_else_and_a_reason(office: Office, to: str, reason: str, field: str) -> None:
    office.start()
    with pytest.raises(Invalid) as caught:
        office.act(work.delegate, office.task(KARI), KARI, to, reason)
    assert [error.field for error in caught.value.fields] == [field]


def test_those_who_lead_the_work_hand_on_what_others_have(office: Office) -> None:
    office.start()
    task = office.task(KARI)
    office.act(work.delegate, task, DAG, "nils", "Kari er overbelastet")
    assert office.inbox(NILS) == ["u1"]
    with pytest.raises(NotFound):
        office.act(work.delegate, task, PER, "per", "Gi meg den")


def test_nobody_takes_over_another_persons_own_task(office: Office) -> None:
    office.publish(SourceFile("q.bpmn", doc(start(), job("a", roles="employee"), end(), flows("s>a>e"), pid="q")))
    office.start("q", Subject(unit="it", person="nils"))
    with pytest.raises(NotAllowed):
        office.act(work.delegate, office.task(NILS, "a"), NILS, "per", "Du kan snakke for meg")
