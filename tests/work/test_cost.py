"""What one completion costs in statements: the same for every step, instance and size of the organisation."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import insert, select

from engine.drawing import boundary, doc, end, flows, gw, start, timer
from engine.storing import counted, fill, job
from komp_flow import organisation, work
from komp_flow.engine import Instance, SourceFile
from komp_flow.organisation.models import Person, Position, Unit
from work.conftest import Office
from work.staff import KARI, field, form, required

# Lock, read, keep, close one, open one with its role, end one timer and begin one, save, the trail (2), the draft.
MOST = 12


def chase(task: str) -> tuple[str, ...]:
    """A non-interrupting timer on the task."""
    return boundary(f"late-{task}", task, timer("PT72H"), False), end(f"end-{task}"), flows(f"late-{task}>end-{task}")


LOOP = doc(
    start(),
    job("u1"),
    *chase("u1"),
    job("u2", ext=fill("f")),
    *chase("u2"),
    gw("exclusive", "g", default="g_u1"),
    end(),
    flows("s>u1>u2>g", "g>u1", "g>e:=done = true"),
    pid="loop",
)


@pytest.fixture
def looping(office: Office) -> Office:
    """A process `loop` in which Kari sends the same two tasks to herself for ever; u2 has a form."""
    office.publish(SourceFile("loop.bpmn", LOOP), form("f", required("title"), field("note", "textarea")))
    return office


def begin(office: Office) -> UUID:
    """A new instance, gone round once so that all that is read once in a process has been read."""
    instance = office.start("loop")
    task = next(line.id for line in office.look(work.inbox, KARI) if line.instance == instance)
    return next_of(office, next_of(office, task))


def next_of(office: Office, task: UUID) -> UUID:
    """Complete it as Kari; the task that comes next."""
    values = {"title": "Ja"} if office.look(work.task, task, KARI).form else {}
    done: work.Done = office.act(work.complete, task, KARI, values)
    return done.next[0].id


def cost(office: Office, task: UUID) -> tuple[int, UUID]:
    """The statements of one completion, without a form, and the task after it."""
    with counted(office.database) as seen:
        done: work.Done = office.act(work.complete, task, KARI, {})
    return len(seen), done.next[0].id


@pytest.mark.databases
def test_a_completion_costs_few_statements(looping: Office) -> None:
    assert cost(looping, begin(looping))[0] <= MOST


@pytest.mark.databases
def test_a_form_costs_none(looping: Office) -> None:
    _without, task = cost(looping, begin(looping))
    with counted(looping.database) as seen:
        looping.act(work.complete, task, KARI, {"title": "Ja", "note": "kort"})
    assert len(seen) <= MOST


def test_a_step_costs_the_same_and_the_state_stays_small_however_long_an_instance_lasts(looping: Office) -> None:
    task = begin(looping)
    early, task = cost(looping, task)
    size = state_size(looping)
    for _round in range(60):
        task = next_of(looping, task)
    task = task if looping.look(work.task, task, KARI).form is None else next_of(looping, task)
    assert cost(looping, task)[0] == early
    assert state_size(looping) <= size * 1.1 < 1_000


def state_size(office: Office) -> int:
    with office.database.reading() as db:
        return max(len(blob) for blob in db.scalars(select(Instance.state_blob)))


def test_a_step_costs_the_same_in_a_large_organisation_and_among_many_instances(looping: Office) -> None:
    task = begin(looping)
    alone, task = cost(looping, task)
    hire(looping, 500)
    for _number in range(20):
        looping.start("loop")
    task = next_of(looping, task)
    assert cost(looping, task)[0] == alone


def hire(office: Office, number: int) -> None:
    """So many more people, ten in each unit."""
    home = {f"x{each}": f"y{each // 10}" for each in range(number)}
    units = [{"id": i, "parent_id": "dir", "name": i, "sort_key": i} for i in sorted(set(home.values()))]
    people = [
        {"id": i, "name": i, "email": f"{i}@x.no", "email_key": f"{i}@x.no", "unit_id": unit, "sort_key": i}
        for i, unit in home.items()
    ]
    seats = [{"person_id": i, "number": 1, "unit_id": u, "percent": 100.0, "main": True} for i, u in home.items()]
    with office.database.transaction() as db:
        for model, rows in ((Unit, units), (Person, people), (Position, seats)):
            db.execute(insert(model), rows)
        organisation.bump(db)
    office.look(work.inbox, KARI)  # the directory is read anew, once
