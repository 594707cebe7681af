"""Running instances moved to the newest version: counted by doing it, done in batches, paused, taken back."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from engine.drawing import boundary, doc, end, flows, gw, mi, start, sub, timer, user
from engine.storing import fill, job, schedule
from komp_flow import audit, work
from komp_flow.engine import SourceFile, tables
from komp_flow.errors import Conflict, Invalid, NotAllowed
from komp_flow.organisation import Subject
from komp_flow.revising import move_batches, moves, moving
from komp_flow.revising.models import Move, MovedInstance
from komp_flow.work.models import TaskDraft
from komp_flow.work.recurring.ticking import Job
from work import staff
from work.conftest import Office
from work.staff import EIER, HANNE, KARI

pytestmark = pytest.mark.databases

UNITS = int(os.environ.get("KOMP_FLOW_UNITS", "120"))  # more than two batches
DUE = "=now() + duration(&quot;P{}D&quot;)"
FORM = staff.form("f", staff.required("title"), staff.field("note", "textarea"))
NEW_FORM = staff.form("f", staff.required("title"), staff.field("other", "textarea"))
OLD = doc(
    start(),
    job("a", ext=fill("f") + schedule(DUE.format(3)), name="Skriv"),
    job("b", name="Les"),
    end(),
    flows("s>a>b>e"),
)
# `a` has another id, name, due date and form, and a timer; `n` comes before it, `m` and a gateway after.
NEW = doc(
    start(),
    job("n", name="Forbered"),
    job("x", ext=fill("f") + schedule(DUE.format(5)), name="Skriv ned"),
    boundary("late", "x", timer("PT200H"), interrupts=False),
    job("m", name="Se over"),
    gw("exclusive", "g", default="g_b"),
    job("c", name="Kort"),
    job("b", name="Les"),
    end(),
    flows("s>n>x>m>g", "g>c:=false", "g>b>e", "c>e", "late>e"),
)


@dataclass
class Desk:
    """A process owner who moves what runs, and the tick."""

    office: Office
    here: list[UUID] = field(default_factory=list)

    def units(self, number: int) -> None:
        self.here += [self.office.start("p", Subject(unit="it" if one % 2 else "law")) for one in range(number)]

    def publish(self, new: bytes = NEW, *more: SourceFile) -> None:
        self.office.pass_time(hours=1)
        self.office.publish(SourceFile("p.bpmn", new), *more)

    def begin(self, choices: dict[str, str] | None = None) -> UUID:
        sheet = self.office.look(moving.asked, EIER, "p", {})
        said = {question.element: question.chosen for question in sheet.questions} | (choices or {"a": "same:x"})
        return self.office.act(moving.begin, EIER, "p", said, "Ny utgave")  # type: ignore[no-any-return]

    def tick(self, rounds: int = 50) -> None:
        for _round in range(rounds):
            if not work.run_due(self.office.database, self.office.now, mail=False, also=(move_batches.due,)).more:
                return
        raise AssertionError("it never ends")

    def batch(self) -> bool:
        with self.office.database.reading() as db:
            due = list(move_batches.due(db, self.office.now))[:1]
        with self.office.database.transaction() as db:
            return due[0].run(db) if due else False

    def sheet(self, move: UUID, who: Any = EIER) -> Any:
        return self.office.look(moves.sheet, who, move)

    def all(self) -> dict[str, list[str]]:
        """Everything that undo restores, of every instance."""
        found = {}
        with self.office.database.reading() as db:
            for table in (tables.INSTANCE, tables.TASK, tables.TASK_ROLE, tables.TIMER, tables.SUBSCRIPTION):
                rows = [row._asdict() for row in db.connection().execute(select(table))]
                rows = [row for row in rows if row.get("state") != "cancelled"]
                for row in rows:
                    row.pop("row_version", None)
                found[table.name] = sorted(str(row) for row in rows)
            drafts = db.connection().execute(select(TaskDraft.__table__)).all()
            found["drafts"] = sorted(str((row.task_id, row.owner)) for row in drafts if not row.owner.startswith("~"))
        return found

    def rows(self, move: UUID) -> list[MovedInstance]:
        with self.office.database.reading() as db:
            found = list(db.scalars(select(MovedInstance).where(MovedInstance.move_id == move)))
            db.expunge_all()
        return found

    def move_row(self, move: UUID) -> Move:
        with self.office.database.reading() as db:
            found = db.get_one(Move, move)
            db.expunge_all()
        return found


@pytest.fixture
def desk(office: Office) -> Desk:
    office.publish(SourceFile("p.bpmn", OLD), FORM)
    return Desk(office)


def test_hundreds_of_units_are_counted_moved_and_taken_back(desk: Desk) -> None:
    desk.units(UNITS)
    typed = next(task for task in desk.office.look(work.inbox, KARI) if task.element == "a").id
    desk.office.act(work.save_draft, typed, KARI, {"title": "Halv", "note": "Mer"}, None)
    for task in [line.id for line in desk.office.look(work.inbox, KARI) if line.id != typed][:40]:
        desk.office.act(work.complete, task, KARI, {"title": "Ja"})
    desk.publish(NEW, NEW_FORM)
    before = desk.all()
    move = desk.begin()
    desk.tick()
    assert desk.all() == before
    seen = desk.sheet(move)
    assert (seen.line.state, seen.line.total, seen.numbers) == ("counted", UNITS, {"moved": UNITS})
    desk.office.act(moving.run, EIER, move)
    desk.tick()
    done, row = desk.sheet(move), desk.move_row(move)
    assert done.line.state == "done"
    assert row.result == row.expected
    assert row.result is not None
    assert row.result["counts"]["dates_moved"] == UNITS - 40
    assert row.result["counts"]["timers_new"] == UNITS - 40
    assert row.result["counts"]["drafts_losing"] == 1
    assert done.otherwise == ()
    assert any(line.startswith(f"2 ledere: {UNITS - 40} frister flyttes") for line in done.result), done.result
    assert [(one.element, one.names, one.count) for one in done.losing] == [("Skriv", ("IT",), 1)]
    assert desk.all() != before
    desk.office.act(moving.undo, EIER, move)
    desk.tick()
    assert desk.all() == before
    assert desk.sheet(move).progress == {"undone": UNITS}
    draft = desk.office.look(work.task, typed, KARI)
    assert "Mer" in str(draft)
    with desk.office.database.reading() as db:
        assert audit.verify(db) == []


def test_a_removed_task_is_listed_or_left_or_sent_as_one_says(desk: Desk) -> None:
    desk.units(3)
    desk.publish(doc(start(), user("z", name="Noe annet"), job("b", name="Les"), end(), flows("s>z>b>e")))
    move = desk.begin({"a": "stay"})
    desk.tick()
    assert desk.sheet(move).numbers == {"stays": 3}
    assert [(one.element, one.count) for one in desk.sheet(move).left] == [("Skriv", 3)]
    desk.office.act(moving.choose, EIER, move, {"a": "send:b"})
    desk.tick()
    assert desk.sheet(move).numbers == {"moved": 3}
    desk.office.act(moving.run, EIER, move)
    desk.tick()
    with desk.office.database.reading() as db:
        found = db.scalars(select(tables.Task.element).where(tables.Task.state == "open")).all()
    assert sorted(found) == ["b", "b", "b"]


def test_what_cannot_move_is_named_with_its_reason_and_the_others_move(desk: Desk) -> None:
    desk.units(2)
    done = next(line.id for line in desk.office.look(work.inbox, KARI) if line.element == "a")
    desk.office.act(work.complete, done, KARI, {"title": "Ja"})
    desk.publish(doc(start(), user("z", name="Annet"), gw("parallel", "q"), end(), job("b"), flows("s>z>q>b>e")))
    move = desk.begin({"a": "send:nowhere"})
    with desk.office.database.transaction() as db:
        db.execute(update(Move).values(choices={}))
    desk.tick()
    desk.office.act(moving.run, EIER, move)
    desk.tick()
    sheet = desk.sheet(move)
    assert sheet.numbers == {"moved": 1, "cannot": 1}
    assert [(one.element, one.names) for one in sheet.obstacles] == [("Skriv", ("Juss",))]
    assert "finnes ikke i den nye versjonen" in sheet.obstacles[0].text


def test_a_step_that_is_within_another_now_is_asked_about_and_sent_there(desk: Desk) -> None:
    desk.units(2)
    inside = sub("w", start("ws"), job("a", ext=fill("f"), name="Skriv"), end("we"), flows("ws>a>we"), name="Samlet")
    desk.publish(doc(start(), inside, job("b", name="Les"), end(), flows("s>w>b>e")))
    (asked,) = desk.office.look(moving.asked, EIER, "p", {}).questions
    assert (asked.element, asked.running, asked.chosen) == ("a", 2, "stay")
    assert {option.value for option in asked.options} >= {"send:w", "send:b", "drop", "stay"}
    move = desk.begin({"a": "stay"})
    desk.tick()
    assert desk.sheet(move).numbers == {"stays": 2}
    desk.office.act(moving.choose, EIER, move, {"a": "send:w"})
    desk.tick()
    desk.office.act(moving.run, EIER, move)
    desk.tick()
    assert desk.sheet(move).numbers == {"moved": 2}
    with desk.office.database.reading() as db:
        found = db.scalars(select(tables.Task.element).where(tables.Task.state == "open")).all()
    assert list(found) == ["a", "a"]


def test_items_that_are_to_go_one_by_one_are_told_why_they_wait_and_what_may_be_done(desk: Desk) -> None:
    def each(*, sequential: bool) -> bytes:
        loop = mi("=[1,2,3]", "i", seq=sequential)
        return doc(start(), job("a", loop, name="Hver"), job("b", name="Les"), end(), flows("s>a>b>e"))

    desk.publish(each(sequential=False))
    desk.units(2)
    for _item in range(2):
        task = next(line.id for line in desk.office.look(work.inbox, KARI) if line.element == "a")
        desk.office.act(work.complete, task, KARI, {})
    desk.publish(each(sequential=True))
    move = desk.begin({})
    desk.tick()
    sheet = desk.sheet(move)
    assert sheet.numbers == {"moved": 1, "cannot": 1}
    (one,) = sheet.obstacles
    assert (one.element, one.names) == ("Hver", ("Juss",))
    assert "samtidig nå" in one.text


def test_what_comes_goes_or_steps_after_the_preview_is_told(desk: Desk) -> None:
    desk.units(3)
    desk.publish()
    move = desk.begin()
    desk.tick()
    task = next(line.id for line in desk.office.look(work.inbox, KARI) if line.element == "a")
    desk.office.act(work.complete, task, KARI, {"title": "Ja"})
    desk.office.act(work.cancel, HANNE, desk.here[0], "Feil enhet")
    desk.office.act(moving.run, EIER, move)
    desk.tick()
    sheet = desk.sheet(move)
    assert sheet.numbers == {"moved": 2, "ended": 1}
    assert sorted((one.text.split(",")[0], one.names) for one in sheet.otherwise) == [
        ("Ble avsluttet etter forhåndsvisningen.", ("Juss",)), ("Gikk videre etter forhåndsvisningen", ("IT",)),
    ]  # fmt: skip


def test_it_pauses_between_batches_goes_on_and_one_that_has_stepped_is_not_taken_back(desk: Desk) -> None:
    desk.units(60)
    desk.publish()
    move = desk.begin()
    desk.tick()
    desk.office.act(moving.run, EIER, move)
    assert desk.batch()
    desk.office.act(moving.pause, EIER, move)
    assert not desk.batch()
    assert desk.sheet(move).progress == {"moved": 50, "waiting": 10}
    desk.office.act(moving.resume, EIER, move)
    desk.tick()
    assert desk.sheet(move).progress == {"moved": 60}
    task = next(line for line in desk.office.look(work.inbox, KARI) if line.element == "x")
    desk.office.act(work.complete, task.id, KARI, {"title": "Ja"})
    one = desk.sheet(move).undoable[0].id
    with desk.office.database.reading() as db:
        stepped = db.get_one(tables.Task, task.id).instance_id
    if one == stepped:
        one = desk.sheet(move).undoable[1].id
    assert desk.office.act(moving.undo_one, EIER, move, one) is True
    desk.office.act(moving.undo, EIER, move)
    desk.tick()
    assert desk.sheet(move).progress == {"undone": 59, "stepped": 1}


def test_a_batch_that_never_commits_is_done_again_by_the_next(desk: Desk) -> None:
    """As when the process is killed: the row is due still, and nothing of the batch is there."""
    desk.units(4)
    desk.publish()
    move = desk.begin()
    desk.tick()
    desk.office.act(moving.run, EIER, move)
    with desk.office.database.reading() as db:
        one: Job = next(iter(move_batches.due(db, desk.office.now)))
    ran = []

    def killed() -> None:
        with desk.office.database.transaction() as db:
            ran.append(one.run(db))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        killed()
    assert ran == [True]
    assert desk.sheet(move).progress == {"waiting": 4}
    desk.tick()
    assert desk.sheet(move).progress == {"moved": 4}


def test_any_number_of_old_versions_go_to_the_newest(desk: Desk) -> None:
    desk.units(2)
    desk.publish(OLD.replace(b"Les", b"Les godt"))
    desk.units(2)
    desk.publish()
    sheet = desk.office.look(moving.asked, EIER, "p", {})
    assert [row.running for row in sheet.running] == [2, 2]
    move = desk.begin()
    desk.tick()
    desk.office.act(moving.run, EIER, move)
    desk.tick()
    assert desk.sheet(move).numbers == {"moved": 4}
    assert desk.office.look(moving.processes, EIER) == []


def test_of_a_talk_only_the_element_is_named_and_erasing_takes_its_row(desk: Desk) -> None:
    desk.office.start("p", Subject(person="nils", unit="it"))
    desk.publish(doc(start(), user("z", name="Annet"), end(), flows("s>z>e")))
    move = desk.begin({"a": "stay"})
    with desk.office.database.transaction() as db:
        db.execute(update(Move).values(choices={}))
    desk.tick()
    (one,) = desk.sheet(move).obstacles
    assert (one.element, one.names, one.others) == ("Skriv", (), 1) or one.names == ("Nils Nilsen",)
    desk.office.act(work.erase, HANNE, "nils", "Bedt om det")
    assert desk.rows(move) == []


def test_only_process_owners_move_and_nothing_is_moved_without_a_reason(desk: Desk) -> None:
    desk.units(1)
    with pytest.raises(Invalid):
        desk.office.act(moving.begin, EIER, "p", {}, "Ingenting å flytte")
    desk.publish()
    for who in (HANNE, KARI):
        with pytest.raises(NotAllowed):
            desk.office.act(moving.begin, who, "p", {}, "Ny utgave")
    for why in (" ", "x" * (moving.LONGEST_REASON + 1)):
        with pytest.raises(Invalid):
            desk.office.act(moving.begin, EIER, "p", {}, why)
    move = desk.begin()
    with pytest.raises(Conflict):
        desk.office.act(moving.run, EIER, move)
