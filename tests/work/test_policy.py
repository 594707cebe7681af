"""Who may do what: the table, and that the queries say the same as the rules for one row."""

from __future__ import annotations

from itertools import product

import pytest
from sqlalchemy import select

from engine.drawing import doc, end, flows, start
from engine.storing import assigned, job
from komp_flow import organisation, work
from komp_flow.engine import Instance, SourceFile, Submission, Task
from komp_flow.errors import NotAllowed
from komp_flow.organisation import Actor, Subject
from komp_flow.registers import Measure
from komp_flow.work import Permission, policy, rows
from komp_flow.work.doing import holding
from komp_flow.work.texts import written
from work.conftest import Office
from work.staff import ADM, DAG, EIER, HANNE, KARI, NILS, PEOPLE, PER, actor

# Of everyone: who may do it with something that is unit IT's.
MAY = {
    Permission.WORK: {"dag", "hanne", "eier", "adm", "kari", "ola", "nils", "per", "pia"},
    Permission.DELEGATE: {"dag", "hanne", "eier", "adm"},
    Permission.SEE_TASK: {"dag", "hanne", "eier", "adm", "kari"},
    Permission.SEE_INSTANCES: {"dag", "hanne", "eier", "adm", "kari", "ola", "nils", "per", "pia"},
    Permission.START: {"dag", "hanne", "eier", "adm", "kari"},
    Permission.STEER: {"eier", "adm"},
    Permission.CANCEL: {"hanne", "eier", "adm"},
    Permission.SEND_MESSAGE: {"hanne", "eier", "adm"},
    Permission.SEE_PROCESSES: {"dag", "hanne", "eier", "adm", "kari", "ola", "nils", "per", "pia"},
    Permission.PUBLISH: {"eier", "adm"},
    Permission.DRAW: {"eier", "adm"},
    Permission.MOVE_RUNNING: {"eier", "adm"},
    Permission.SEE_BOARD: {"dag", "hanne", "eier", "adm"},
    Permission.MOVE_DATES: {"hanne", "eier", "adm"},
    Permission.SEE_REGISTERS: {"dag", "hanne", "eier", "adm", "kari", "ola", "nils", "per", "pia"},
    Permission.SEE_ALL_ROWS: {"hanne", "eier"},
    Permission.SEE_RECOMMENDATION: {"dag", "hanne", "eier"},
    Permission.SEE_ORGANISATION: {"dag", "hanne", "eier", "adm", "kari", "ola", "nils", "per", "pia"},
    Permission.SEE_UNIT: {"dag", "hanne", "eier", "adm", "kari", "ola", "nils", "per", "pia"},
    Permission.SUBSTITUTE: {"dag", "hanne", "eier", "adm", "kari", "ola", "nils", "per", "pia"},
    Permission.STEER_TALKS: {"dag", "hanne", "kari"},
    Permission.SEE_STAFF: {"hanne", "adm"},
    Permission.SEE_MAIL: {"adm"},
    Permission.ERASE: {"hanne", "adm"},
    Permission.CHANGE_ORGANISATION: {"hanne", "adm"},
    Permission.CHANGE_ACCOUNTS: {"adm"},
}


def test_the_table_is_what_was_agreed(office: Office) -> None:
    with office.database.reading() as db:
        directory = organisation.directory(db, office.now)
        found = {
            permission: {
                name
                for name, *_rest in PEOPLE
                if policy.can(directory.holdings(name), permission, Subject(unit="it"), actor(name))
            }
            for permission in Permission
        }
    assert found == MAY


@pytest.mark.parametrize("permission", list(Permission))
def test_a_token_without_the_scope_may_nothing(office: Office, permission: Permission) -> None:
    other = {"tasks", "instances", "processes", "registers", "admin"} - {policy.TABLE[permission].scope}
    with office.database.reading() as db, pytest.raises(NotAllowed):
        policy.require(db, actor("adm", *other), permission, office.now)


def test_a_token_for_instances_sends_messages_whoever_it_acts_as(office: Office) -> None:
    with office.database.reading() as db:
        policy.require(db, actor("nils", "instances"), Permission.SEND_MESSAGE, office.now)
        with pytest.raises(NotAllowed):
            policy.require(db, NILS, Permission.SEND_MESSAGE, office.now)


def test_nobody_who_has_left_may_do_anything(office: Office) -> None:
    with office.database.reading() as db:
        who = organisation.directory(db, office.now).holdings("somebody else")
    assert not [p for p in Permission if policy.can(who, p, Subject(unit="it")) and not policy.TABLE[p].anyone]


ROLES = ("manager", "superior", "deputy", "employee", "hr", "process_owner", "top_management", "measure_owner")
SUBJECTS = (
    Subject(),
    Subject(unit="it"),
    Subject(unit="law"),
    Subject(unit="dir"),
    Subject(unit="it", person="nils"),
    Subject(unit="dir", person="kari"),
    Subject(person="pia"),
)


@pytest.fixture
def busy(office: Office) -> Office:
    """A task of every role, about every subject; two are escalated."""
    for role in ROLES:
        drawn = doc(start(), job("a", roles=role), end(), flows("s>a>e"), pid=role)
        office.publish(SourceFile(f"{role}.bpmn", drawn))
        for subject in SUBJECTS:
            office.start(role, subject)
    with office.database.transaction() as db:
        for instance in db.scalars(select(Instance).where(Instance.process == "employee")):
            instance.escalation = 1
    return office


def test_the_inboxes_query_finds_what_the_rules_for_one_task_say(busy: Office) -> None:
    with busy.database.reading() as db:
        directory = organisation.directory(db, busy.now)
        everything = db.execute(rows.tasks()).all()
        assert len(everything) == len(ROLES) * len(SUBJECTS)
        for name, *_rest in PEOPLE:
            found = set(db.scalars(select(Task.id).where(policy.mine(directory.holdings(name)))))
            held = {row.id for row in everything if rows.held_as(directory, row, name)[2]}
            assert found == held, name
            assert held == {row.id for row in everything if name in rows.holders(directory, row)}, name


@pytest.mark.databases
def test_the_inbox_holds_all_that_the_rules_give_and_nothing_else(busy: Office) -> None:
    kept = {"origin": "test", "created_at": busy.now, "updated_at": busy.now}
    with busy.database.transaction() as db:
        for name, owner, responsible in (("m1", "nils", None), ("m2", None, "pia"), ("m3", None, "Firmaet AS")):
            db.add(
                Measure(id=name, row_id=name, name=name, unit_id="it", owner_id=owner, responsible=responsible, **kept)
            )
    for measure in ("m1", "m2", "m3"):
        busy.start("measure_owner", Subject(unit="it", measure=measure))
    for name in ("ola", "borte"):
        named = job("a", roles="").replace(assigned(""), assigned(None, name))
        busy.publish(SourceFile(f"{name}.bpmn", doc(start(), named, end(), flows("s>a>e"), pid=name)))
        busy.start(name, Subject(unit="law"))
    lines = [line for line in busy.look(work.inbox, KARI) if line.role == "manager" and line.person is None]
    busy.act(work.delegate, lines[0].id, KARI, "per", "Du kan dette")
    busy.act(work.claim, busy.look(work.inbox, KARI)[0].id, KARI)
    with busy.database.reading() as db:
        directory, everything = organisation.directory(db, busy.now), db.execute(rows.tasks()).all()
    seen = set()
    for name, *_rest in PEOPLE:
        mine = {row.id for row in everything if rows.held_as(directory, row, name)[2]}
        taken = {row.id for row in everything if set(rows.claim(directory, row)) - {None, name}}
        assert {line.id for line in busy.look(work.inbox, actor(name))} == mine - taken, name
        seen |= mine - taken
    assert seen == {row.id for row in everything if rows.holders(directory, row)}


def test_lists_hold_exactly_what_may_be_opened(busy: Office) -> None:
    with busy.database.reading() as db:
        instances = db.execute(rows.instances()).all()
        tasks = db.execute(rows.tasks()).all()
        for who in (ADM, DAG, EIER, HANNE, KARI, NILS, PER):
            holdings = policy.holdings(db, who, busy.now)
            listed = set(db.scalars(select(Instance.id).where(policy.visible_instances(holdings, who))))
            assert listed == {row.id for row in instances if policy.sees_instance(holdings, row, who)}, who
            query = select(Task.id).join(Instance).where(policy.visible_tasks(holdings, who))
            held = (holding.held(db, row.id, who, busy.now) for row in tasks)
            assert set(db.scalars(query)) == {one.row.id for one in held if one.sees}, who


@pytest.fixture
def told(busy: Office) -> Office:
    """Of every subject a text of every kind, by the person, their manager and HR; Pia's talks were given to Kari."""
    busy.act(work.hand_over, "pia", "kari", HANNE, "En konflikt")
    return busy


@pytest.mark.parametrize("author", ["nils", "kari", "hanne", "pia"])
def test_the_query_for_texts_says_the_same_as_the_rule_for_one(told: Office, author: str) -> None:
    kinds = list(product((False, True), repeat=3))
    with told.database.transaction() as db:
        for number, task in enumerate(db.scalars(select(Task).order_by(Task.unit_id, Task.person_id, Task.process))):
            own, aside, shared = kinds[number % len(kinds)]
            at = told.now if shared else None
            about = {"task_id": task.id, "instance_id": task.instance_id, "by": author, "at": told.now}
            db.add(Submission(**about, values={}, own=own, aside=aside, shared_at=at))
    with told.database.reading() as db:
        directory = organisation.directory(db, told.now)
        texts = [written.submission(db, task) for task in db.scalars(select(Task.id))]
        for name, *_rest in (*PEOPLE, ("", "")):
            who = directory.holdings(name)
            query = select(Submission.task_id).join(Task, Task.id == Submission.task_id)
            found = set(db.scalars(query.where(policy.readable_texts(who))))
            assert found == {text.id for text in texts if policy.reads_text(who, text)}, name
            private = {(text.person_id, text.own) for text in texts if text.id in found and text.person_id}
            assert {person for person, _own in private if name != author} <= TWO.get(name, set()), name


# Of everyone: whose words they may read, by right, when they are not the author. Kari is also an employee; her manager
# is Dag, and Ola, her deputy, does not act while she is there.
TWO = {"nils": {"nils"}, "kari": {"kari", "nils", "pia"}, "dag": {"kari"}, "pia": {"pia"}}


def test_hr_sees_a_persons_instance_only_once_it_is_escalated(busy: Office) -> None:
    with busy.database.reading() as db:
        holdings = policy.holdings(db, HANNE, busy.now)
        visible = policy.visible_instances(holdings, HANNE)
        found = db.execute(select(Instance.person_id, Instance.process).where(visible)).all()
        about_people = [row for row in found if row.person_id is not None]
    assert about_people
    assert {row.process for row in about_people} == {"employee"}


def test_the_command_line_may_everything(busy: Office) -> None:
    system = Actor("", via="system")
    count = len(ROLES) * len(SUBJECTS)
    assert busy.listed(system).total == count
    for permission, subject in product(Permission, SUBJECTS):
        with busy.database.reading() as db:
            policy.require(db, system, permission, busy.now, subject)
