"""All that can be the matter with running instances, moved at once: counted right, nothing lost, and taken back.

`KOMP_FLOW_UNITS=600` moves so many; else each case is there a few times.
"""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Table, select, update

from engine.drawing import boundary, call, catch, doc, end, flows, gw, message, mi, ref, service, start, timer
from engine.storing import fill, job, schedule
from files import samples
from komp_flow import audit, engine, work
from komp_flow.db import Base, Database
from komp_flow.engine import SourceFile, tables
from komp_flow.organisation import Actor, Subject
from komp_flow.revising import moving
from komp_flow.work.models import TaskDraft
from revising.test_moving import Desk
from work import staff
from work.conftest import Office
from work.staff import DAG, EIER, HANNE, KARI, PER, required
from work.staff import field as asks

pytestmark = pytest.mark.databases

UNITS = int(os.environ.get("KOMP_FLOW_UNITS", "0"))
TOP = message("m1", "svar", "=nr")
INNER = doc(start(), job("deep", name="Dypt"), end(), flows("s>deep>e"), pid="inner")
PLACES = ("prepare", "each", "write", "gone", "stays", "waits", "books", "calls", "check", "last")
IN_DAYS = "=now() + duration(&quot;P{}D&quot;)"
PICKER = asks("paper", "filepicker", multiple=True)
FORMS = (
    staff.form("f", required("title"), asks("note", "textarea", label="Notat"), asks("wanted", "checkbox"), PICKER),
    staff.form("g", asks("said"), asks("long", "textarea")),
)
NEW_FORMS = (staff.form("f", required("title"), asks("wanted", "checkbox"), PICKER, asks("more")),)


def line(*middle: str, first: str, paths: Iterable[str]) -> bytes:
    """Each instance begins where its variable says."""
    begins = [f'g>{first if place == "prepare" else place}:=place = "{place}"' for place in PLACES]
    return doc(start(), gw("exclusive", "g", default="g_last"), *middle, end(), flows("s>g", *begins, *paths), top=TOP)


def old() -> bytes:
    paths = ("prepare>each>write>gone>stays>waits>calls>check>last>e", "books>check", "nag>chase>e", "slow>e", "soon>e")
    return line(
        job("prepare", name="Forbered", ext=fill("f") + schedule(IN_DAYS.format(30))),
        boundary("nag", "prepare", timer("PT24H"), interrupts=False), job("chase", name="Mas"),
        job("each", mi("=people", "who", "told", "=said"), name="Hver", ext=fill("g")),
        job("write", name="Skriv", ext=fill("f")),
        boundary("slow", "write", timer("P10D"), interrupts=False),
        boundary("soon", "write", timer("P5D"), interrupts=False),
        job("gone", name="Borte"), job("stays", name="Blir"), catch("waits", ref("message", "m1")),
        service("books", "komp:nothing"), call("calls", "inner"), job("check", roles="superior", name="Sjekk"),
        job("last", name="Avslutt"), first="prepare", paths=paths,
    )  # fmt: skip


def new() -> bytes:
    """Tasks put in before, at and after each; some under new ids, some gone; a timer, a gateway and dates anew."""
    paths = (
        "first>prepare>each2>at>compose>after>waits>calls>h", "books>check", "h>extra:=wanted = true",
        "h>check", "extra>check>last>e", "nag>chase>e", "slow>e", "soon>e", "fresh>e",
    )  # fmt: skip
    drawn = line(
        job("first", name="Først"),
        job("prepare", name="Forbered deg", ext=fill("f") + schedule(IN_DAYS.format(40))),
        boundary("nag", "prepare", timer("PT24H"), interrupts=False), job("chase", name="Mas"),
        boundary("fresh", "prepare", timer("PT500H"), interrupts=False),
        job("each2", mi("=people", "who", "told", "=said"), name="Hver", ext=fill("g")),
        job("at", name="Akkurat her"), job("compose", name="Skriv ned", ext=fill("f")),
        boundary("slow", "compose", timer("P10D"), interrupts=False),
        boundary("soon", "compose", timer("P6D"), interrupts=False),
        job("after", name="Rett etter"), catch("waits", ref("message", "m1")), service("books", "komp:nothing"),
        call("calls", "inner"), gw("exclusive", "h", default="h_check"), job("extra", name="Ekstra"),
        job("check", roles="superior", name="Sjekk"), job("last", name="Avslutt"), first="first", paths=paths,
    )  # fmt: skip
    for was, now in (("each", "each2"), ("write", "compose")):
        drawn = drawn.replace(f'id="g_{was}" sourceRef="g" targetRef="{was}"'.encode(),
                              f'id="g_{was}" sourceRef="g" targetRef="{now}"'.encode())  # fmt: skip
    for place in ("gone", "stays"):
        begin = drawn.index(f'<bpmn:sequenceFlow id="g_{place}"'.encode())
        stop = drawn.index(b"</bpmn:sequenceFlow>", begin) + len(b"</bpmn:sequenceFlow>")
        drawn = drawn[:begin] + drawn[stop:]
    return drawn


RENAMED = {"each": "each2", "write": "compose"}


@dataclass
class Case:
    """One thing that may be the matter with an instance: where it stands, and what has been done to it."""

    place: str
    do: Callable[[Crowd, UUID], object] = lambda _crowd, _instance: None
    subject: Callable[[str], Subject] = lambda unit: Subject(unit=unit)


@dataclass
class Crowd:
    """Instances of every case."""

    desk: Desk
    of: dict[UUID, str] = field(default_factory=dict)  # instance → case
    unit: dict[UUID, str] = field(default_factory=dict)

    @property
    def office(self) -> Office:
        return self.desk.office

    def begin(self, name: str, case: Case) -> None:
        unit = ("it", "law")[len(self.of) % 2]
        if case.subject("it").person:
            unit = "it"
        given = {"place": case.place, "people": ["a", "b", "c"], "nr": str(len(self.of))}
        instance = self.office.start("p", case.subject(unit), **given)
        self.of[instance], self.unit[instance] = name, unit
        case.do(self, instance)

    def mine(self, *names: str) -> list[UUID]:
        return [instance for instance, name in self.of.items() if name in names]

    def who(self, instance: UUID) -> Actor:
        return KARI if self.unit[instance] == "it" else PER

    def task(self, instance: UUID, element: str = "") -> UUID:
        with self.office.database.reading() as db:
            query = select(tables.Task.id).where(tables.Task.instance_id == instance, tables.Task.state == "open")
            query = query.where(tables.Task.element == element) if element else query
            return db.scalars(query.order_by(tables.Task.id)).first()  # type: ignore[return-value]

    def act(self, function: Any, instance: UUID, *more: Any) -> Any:
        """By the manager, on the open task."""
        return self.office.act(function, self.task(instance), self.who(instance), *more)

    def typed(self, instance: UUID) -> None:
        text = f"Halvt skrevet – «æøå» \n{instance.hex}\n" * 3
        self.act(work.save_draft, instance, {"title": "Halv", "note": text, "wanted": True}, None)

    def said(self, instance: UUID) -> None:
        self.act(work.complete, instance, {"said": "én", "long": "x" * 200})
        self.act(work.save_draft, instance, {"said": "to, halvt", "long": "y\n" * 50}, None)

    def attach(self, instance: UUID) -> None:
        task, who = self.task(instance), self.who(instance)
        with self.office.database.transaction() as db:
            file = work.attach(db, task, who, "plan.pdf", io.BytesIO(samples.PDF), self.office.now, field="paper").id
        self.office.act(work.save_draft, task, who, {"title": "Med fil", "paper": [file]}, None)

    def answer(self, instance: UUID) -> None:
        """Forbered and Hver are done: their answers are there when the gateway is."""
        self.act(work.complete, instance, {"title": "Ja", "wanted": True})
        for _item in range(3):
            self.act(work.complete, instance, {"said": "ja"})

    def set_row(self, instance: UUID, **values: Any) -> None:
        with self.office.database.transaction() as db:
            db.execute(update(tables.INSTANCE).where(tables.INSTANCE.c.id == instance).values(**values))


def delegated(crowd: Crowd, instance: UUID) -> None:
    crowd.act(work.delegate, instance, "nils" if crowd.unit[instance] == "it" else "pia", "Kan mer om det")


CASES = {
    "plain": Case("prepare"),
    "typed": Case("prepare", Crowd.typed),
    "claimed": Case("prepare", lambda crowd, one: crowd.act(work.claim, one)),
    "delegated": Case("prepare", delegated),
    "suspended": Case("prepare", lambda crowd, one: crowd.office.act(work.suspend, EIER, one, "Venter")),
    "file": Case("prepare", Crowd.attach),
    "private": Case("prepare", Crowd.typed, lambda _unit: Subject(person="nils")),
    "half": Case("each", Crowd.said),
    "renamed": Case("write", Crowd.typed),
    "answered": Case("prepare", Crowd.answer),
    "escalated": Case("write", lambda crowd, one: crowd.set_row(one, escalation=2)),
    "sent": Case("gone"),
    "stays": Case("stays"),
    "waits": Case("waits"),
    "stuck": Case("books"),
    "called": Case("calls"),
    "check": Case("check"),
    "last": Case("last"),
    "ended": Case("last", lambda crowd, one: crowd.act(work.complete, one, {})),
    "poison": Case("check", lambda crowd, one: crowd.set_row(one, state_blob=b"nothing that can be read")),
}
MOVES = {
    "plain", "typed", "claimed", "delegated", "suspended", "file", "private", "half", "renamed", "answered",
    "escalated", "sent", "waits", "stuck", "called", "check", "last",
}  # fmt: skip


@pytest.fixture
def crowd(office: Office) -> Crowd:
    """Of each case a few; half of them have been chased, and reminders have been sent."""
    office.publish(SourceFile("inner.bpmn", INNER), SourceFile("p.bpmn", old()), *FORMS)
    made = Crowd(Desk(office))
    each = max(2, UNITS // len(CASES))
    for _one in range(each // 2):
        for name, case in CASES.items():
            made.begin(name, case)
    for _day in range(3):
        office.pass_time(days=1)
        made.desk.tick()
    for _one in range(each - each // 2):
        for name, case in CASES.items():
            made.begin(name, case)
    made.desk.publish(new(), *NEW_FORMS)
    made.desk.tick()
    return made


SAID = ("event", "event_head", "move", "moved_instance")  # what tells of moves


def everything(database: Database, *but: str) -> dict[str, list[str]]:
    """Every row of every table."""
    with database.reading() as db:
        read = db.connection().execute
        return {
            table.name: sorted(str(_plain(table, row._asdict())) for row in read(select(table)))
            for table in Base.metadata.tables.values()
            if table.name not in but
        }


def _plain(table: Table, row: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(name, sorted(value.items()) if isinstance(value, dict) else value) for name, value in row.items()]


def restored(office: Office, known: set[UUID]) -> dict[str, Any]:
    """Every row, but for what undo says: tasks that the move opened are closed, and an instance's row has changed."""
    rows: dict[str, Any] = everything(office.database, *SAID, "instance", "task", "task_role", "draft")
    with office.database.reading() as db:
        for table in (tables.INSTANCE, tables.TASK, tables.TASK_ROLE):
            found = [row._asdict() for row in db.connection().execute(select(table))]
            if table is tables.TASK:
                assert all(row["state"] == "cancelled" for row in found if row["id"] not in known)
            found = [row for row in found if row.get("task_id", row.get("id")) in known or table is tables.INSTANCE]
            rows[table.name] = sorted(str({**row, "row_version": 0}) for row in found)
        drafts = db.connection().execute(select(TaskDraft.__table__)).all()
    rows["draft"] = sorted(str(_plain(TaskDraft.__table__, {**d._asdict(), "sealed": bool(d.sealed)})) for d in drafts)
    return rows


def opened(crowd: Crowd, *names: str) -> dict[UUID, Any]:
    """Drafts as their writers read them, sealed or not."""
    found = {}
    for instance in crowd.mine(*names):
        draft = crowd.office.look(work.task, crowd.task(instance), crowd.who(instance)).draft
        found[instance] = (draft.values, draft.edited_at)
    return found


@dataclass(frozen=True)
class Rows:
    """What a move is counted by, read without it."""

    tasks: dict[UUID, Any]
    roles: dict[UUID, set[str]]
    timers: dict[tuple[UUID, str], Any]
    waits: set[tuple[UUID, str]]


def rows(database: Database, instances: Iterable[UUID]) -> Rows:
    wanted = set(instances)
    with database.reading() as db:
        read = db.connection().execute
        tasks = {t.id: t for t in read(select(tables.TASK)) if t.state == "open" and t.instance_id in wanted}
        roles: dict[UUID, set[str]] = {}
        for row in read(select(tables.TASK_ROLE)):
            roles.setdefault(row.task_id, set()).add(row.role)
        timers = {(t.task_id, t.element): t for t in read(select(tables.TIMER)) if t.instance_id in wanted}
        waits = {(s.task_id, s.element) for s in read(select(tables.SUBSCRIPTION)) if s.instance_id in wanted}
    return Rows(tasks, roles, timers, waits)


def counted(before: Rows, after: Rows) -> tuple[dict[str, int], dict[str, Counter[str]]]:
    """What became otherwise: in all, and by role."""
    both = before.tasks.keys() & after.tasks.keys()
    kinds: dict[UUID, set[str]] = {task: {"gone"} for task in before.tasks.keys() - both}
    kinds |= {task: {"opened"} for task in after.tasks.keys() - both}
    for task in both:
        was, now = before.tasks[task], after.tasks[task]
        said = {
            "dates_moved": was.due_at != now.due_at,
            "tasks_renamed": (was.element, was.name) != (now.element, now.name),
            "renamed": was.name != now.name,
            "forms_changed": was.form_version_id != now.form_version_id,
        }
        kinds[task] = {kind for kind, holds in said.items() if holds}
    total = Counter(kind for some in kinds.values() for kind in some)
    by_role: dict[str, Counter[str]] = {}
    for task, some in kinds.items():
        for role in (before if "gone" in some else after).roles.get(task, ()):
            by_role.setdefault(role, Counter()).update(some)
    timers = {(task, RENAMED.get(element, element)): row for (task, element), row in before.timers.items()}
    same = timers.keys() & after.timers.keys()
    kept = sum(timers[key].due_at == after.timers[key].due_at for key in same)
    return {
        "tasks_kept": len(both), "tasks_gone": total["gone"], "tasks_opened": total["opened"],
        "dates_moved": total["dates_moved"], "tasks_renamed": total["tasks_renamed"],
        "forms_changed": total["forms_changed"], "timers_kept": kept, "timers_moved": len(same) - kept,
        "timers_new": len(after.timers.keys() - same), "timers_gone": len(timers.keys() - same),
        "waits_kept": len(before.waits & after.waits),
    }, by_role  # fmt: skip


def test_all_that_may_be_the_matter_is_counted_right_moved_and_taken_back_wholly(crowd: Crowd) -> None:
    desk, office, known = crowd.desk, crowd.office, set[UUID]()
    with office.database.reading() as db:
        known |= set(db.scalars(select(tables.Task.id)))
    asked = office.look(moving.asked, EIER, "p", {})
    proposed = {q.element: q.chosen for q in asked.questions}
    assert proposed == {"each": "same:each2", "write": "same:compose", "gone": "stay", "stays": "stay"}

    # counted, and nothing is changed by it
    before, drafts, stood = everything(office.database, *SAID), opened(crowd, "typed", "private", "renamed"), None
    move = desk.begin({"gone": "send:check"})
    desk.tick()
    assert everything(office.database, *SAID) == before
    seen = desk.sheet(move)
    many = {name: len(crowd.mine(name)) for name in CASES}
    moves = crowd.mine(*MOVES)
    assert seen.numbers == {"moved": len(moves), "stays": many["stays"], "cannot": many["poison"]}
    assert [(one.element, one.count) for one in seen.left] == [("Blir", many["stays"])]
    assert [(one.element, one.count) for one in seen.obstacles] == [("", many["poison"])]
    assert all(one.text for one in (*seen.left, *seen.obstacles))

    # moved: what the preview said, line by line, and what the rows say that it was
    whole, stood = restored(office, known), rows(office.database, moves)
    office.act(moving.run, EIER, move)
    desk.tick()
    done, row = desk.sheet(move), desk.move_row(move)
    assert (done.numbers, done.result, done.otherwise) == (seen.numbers, seen.expected, ())
    assert row.result == row.expected
    assert row.result is not None
    total, by_role = counted(stood, rows(office.database, moves))
    assert {name: row.result["counts"].get(name, 0) for name in total} == total
    for role, kinds in by_role.items():
        told = {kind: number for kind, number in kinds.items() if kind != "tasks_renamed"}
        assert {kind: row.result["roles"][role]["kinds"].get(kind, 0) for kind in told} == told
    losing = many["typed"] + many["private"] + many["renamed"]
    assert row.result["counts"]["drafts_losing"] == losing
    assert sum(one.count for one in done.losing) == losing
    assert {text for one in done.losing for text in (one.text,)} == {"Mister Notat."}
    after = opened(crowd, "typed", "private", "renamed")
    assert all(dict(after[one][0]).get("title") == "Halv" for one in after)

    # and back
    office.act(moving.undo, EIER, move)
    desk.tick()
    assert desk.sheet(move).progress == {
        "undone": len(moves), "stays": many["stays"], "cannot": many["poison"],
    }  # fmt: skip
    assert restored(office, known) == whole
    assert opened(crowd, "typed", "private", "renamed") == drafts
    desk.tick()
    with office.database.reading() as db:
        assert audit.verify(db) == []


def test_what_happens_between_preview_and_move_is_told_and_all_go_on_to_their_end(crowd: Crowd) -> None:
    desk, office = crowd.desk, crowd.office
    move = desk.begin({"gone": "send:check"})
    desk.tick()
    typed, half, plain = crowd.mine("typed")[0], crowd.mine("half")[0], crowd.mine("plain")
    office.act(work.cancel, HANNE, plain[0], "Feil enhet")
    crowd.act(work.complete, plain[1], {"title": "Ja"})
    crowd.act(work.complete, crowd.mine("last")[0], {})
    fresh = office.start("p", place="prepare", people=[], nr="x")
    office.act(moving.run, EIER, move)
    desk.tick()
    sheet = desk.sheet(move)
    assert Counter(one.text.split(" etter")[0] for one in sheet.otherwise for _each in range(one.count)) == {
        "Ble avsluttet": 2, "Gikk videre": 1,
    }  # fmt: skip
    assert sheet.numbers["ended"] == 2
    assert fresh not in {one.instance_id for one in desk.rows(move)}
    assert {one.state for one in desk.rows(move)} == {"moved", "stays", "cannot", "ended"}

    # the reminders of the days that were are not sent again
    told = everything(office.database)["notification"]
    desk.tick()
    assert everything(office.database)["notification"] == told

    # all that was moved goes on: what stood half done is done, and what lies behind is not asked for
    assert dict(office.look(work.task, crowd.task(typed), crowd.who(typed)).draft.values)["title"] == "Halv"
    assert done_by(crowd, typed) == ["Forbered deg", "Hver", "Hver", "Hver", "Akkurat her", "Skriv ned", "Rett etter",
                                     "Dypt", "Ekstra", "Sjekk", "Avslutt"]  # fmt: skip
    assert done_by(crowd, half)[:4] == ["Hver", "Hver", "Akkurat her", "Skriv ned"]
    assert done_by(crowd, crowd.mine("sent")[0]) == ["Sjekk", "Avslutt"]
    assert done_by(crowd, crowd.mine("called")[0]) == ["Dypt", "Sjekk", "Avslutt"]
    assert done_by(crowd, crowd.mine("waits")[0]) == ["Dypt", "Sjekk", "Avslutt"]
    assert done_by(crowd, crowd.mine("answered")[0]) == [
        "Skriv ned",
        "Rett etter",
        "Dypt",
        "Ekstra",
        "Sjekk",
        "Avslutt",
    ]
    with office.database.reading() as db:
        assert audit.verify(db) == []


def done_by(crowd: Crowd, instance: UUID) -> list[str]:
    """The names of the tasks that are done one after the other until it ends, without those that chase."""
    office, found = crowd.office, []
    for _step in range(30):
        with office.database.reading() as db:
            state = db.get_one(tables.Instance, instance).state
            query = select(tables.Task).where(tables.Task.instance_id == instance, tables.Task.state == "open")
            open_ = db.scalars(query.order_by(tables.Task.element == "chase", tables.Task.created_at)).all()
            task = (open_[0].id, open_[0].name, open_[0].element) if open_ else None
        if state == "completed":
            return found
        if task is None:
            tell(crowd, instance)
            continue
        who = DAG if task[2] == "check" else crowd.who(instance)
        values = {"title": "Ja", "wanted": True} if task[2] in {"prepare", "compose"} else {}
        office.act(work.complete, task[0], who, values)
        if task[2] != "chase":
            found.append(task[1])
    raise AssertionError(f"it never ends: {found}")


def tell(crowd: Crowd, instance: UUID) -> None:
    """The message that it waits for."""
    with crowd.office.database.transaction() as db:
        key = db.scalars(select(tables.Subscription.key).where(tables.Subscription.instance_id == instance)).one()
        engine.correlate(db, "svar", key, {}, by="kari", now=crowd.office.now)
    crowd.desk.tick()
