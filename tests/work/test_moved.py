"""What people have typed, sent and put under a step, when its instance goes on by another version."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.drawing import doc, end, flows, gw, start
from engine.storing import fill, job
from komp_flow import engine, work
from komp_flow.db import Database
from komp_flow.engine import SourceFile
from komp_flow.organisation import Subject
from komp_flow.registers.models import Measure
from komp_flow.work.models import TaskDraft
from komp_flow.work.running.world import WORLD
from work.conftest import Office
from work.staff import EIER, KARI, field, form, required

pytestmark = pytest.mark.databases


def line(first: str = "u1", *, name: str = "Skriv", ahead: bool = False) -> SourceFile:
    gate = [gw("exclusive", "g", default="g_u2"), job("u3", ext=fill("f"))] if ahead else []
    paths = [f"{first}>m>g", "g>u2>e", "g>u3:=stort = true", "u3>e"] if ahead else [f"{first}>m>u2>e"]
    drawn = doc(
        start(), job(first, ext=fill("f"), name=name), job("m"), job("u2", roles="superior"), *gate, end(),
        flows(f"s>{first}", *paths),
    )  # fmt: skip
    return SourceFile("p.bpmn", drawn)


FULL = (required("title"), field("note", "textarea", label="Notat"), field("stort", "checkbox"))


def version(office: Office) -> UUID:
    with office.database.reading() as db:
        return engine.newest(db, "p").id


def move(office: Office, instance: UUID, **renamed: str) -> engine.InstanceMoved:
    to = version(office)
    with office.database.transaction() as db:
        return engine.migrate_instance(db, WORLD, instance, to, engine.Plan(renamed), by="eier", now=office.now)


def undo(office: Office, moved: engine.InstanceMoved) -> None:
    with office.database.transaction() as db:
        engine.undo_migration(db, WORLD, moved.instance_id, moved.kept, by="eier", now=office.now)


def drafts(office: Office) -> dict[str, Any]:
    with office.database.reading() as db:
        return {row.owner: row.values for row in db.scalars(select(TaskDraft))}


def test_what_was_typed_in_a_field_that_is_gone_is_set_aside_and_put_back(office: Office) -> None:
    office.publish(line(), form("f", *FULL))
    id_ = office.start()
    task = office.task(KARI)
    typed = {"title": "Tittel", "note": "Tre linjer"}
    before = office.act(work.save_draft, task, KARI, typed, None)
    office.publish(line(name="Ny"), form("f", required("title")))
    moved = move(office, id_)
    assert (moved.counts["forms_changed"], moved.counts["drafts_losing"]) == (1, 1)
    assert moved.tasks[0].lost == (("Notat",),)
    now = office.look(work.task, task, KARI).draft
    assert (now.values, now.version, now.edited_at) == ({"title": "Tittel"}, before.version, before.edited_at)
    assert [values for _version, values in now.aside] == [{"note": "Tre linjer"}]
    office.act(work.save_draft, task, KARI, {"title": "Tittel to"}, now.version)
    assert len(office.look(work.task, task, KARI).draft.aside) == 1
    undo(office, moved)
    again = office.look(work.task, task, KARI).draft
    assert (again.values, again.aside) == ({"title": "Tittel to", "note": "Tre linjer"}, ())


def test_a_draft_that_nobody_has_touched_is_as_it_was_after_undo(office: Office) -> None:
    office.publish(line(), form("f", *FULL))
    id_ = office.start()
    office.act(work.save_draft, office.task(KARI), KARI, {"title": "A", "note": "B"}, None)
    was = drafts(office)
    office.publish(line(name="Ny"), form("f", required("title")))
    undo(office, move(office, id_))
    assert drafts(office) == was


def test_what_was_set_aside_goes_when_the_task_is_sent(office: Office) -> None:
    office.publish(line(), form("f", *FULL))
    id_ = office.start()
    office.act(work.save_draft, office.task(KARI), KARI, {"title": "A", "note": "B"}, None)
    office.publish(line(name="Ny"), form("f", required("title")))
    move(office, id_)
    office.complete(KARI)
    assert drafts(office) == {}


def test_a_private_draft_is_set_aside_sealed_and_names_are_told_by_what_was_sealed(
    database: Database, office: Office
) -> None:
    office.publish(line(), form("f", *FULL))
    one = office.start(subject=Subject(person="nils"))
    office.act(work.save_draft, office.task(KARI), KARI, {"title": "A", "note": "Hemmelig"}, None)
    office.publish(line(name="Ny"), form("f", required("title"), field("stort", "checkbox")))
    move(office, one)
    with database.reading() as db:
        rows = db.scalars(select(TaskDraft)).all()
        assert len(rows) == 2
        assert all(row.values is None and row.sealed for row in rows)
    draft = office.look(work.task, office.task(KARI), KARI).draft
    assert [values for _version, values in draft.aside] == [{"note": "Hemmelig"}]
    office.complete(KARI, values={"title": "Ja", "stort": True})
    office.publish(line(name="Ny", ahead=True), form("f", required("title"), field("stort", "checkbox")))
    assert move(office, one).filled == ("stort",)
    office.act(work.complete, office.task(KARI, "m"), KARI, {})
    assert office.inbox(KARI) == ["u3"]


def test_rows_of_a_step_that_is_taken_again_under_its_new_id_are_not_doubled(
    database: Database, office: Office
) -> None:
    rows = {
        "type": "dynamiclist", "key": "tiltak", "id": "tiltak", "path": "tiltak", "label": "Tiltak",
        "properties": {"register": "measures"},
        "components": [{**field("name"), "properties": {"column": "name"}}],
    }  # fmt: skip

    def loop(first: str) -> SourceFile:
        drawn = doc(
            start(), gw("exclusive", "i"), job(first, ext=fill("t")), job("m"), job("b", ext=fill("o")),
            gw("exclusive", "g", default="g_e"), end(),
            flows(f"s>i>{first}>m>b>g", "g>e", "g>i:=om = true"),
        )  # fmt: skip
        return SourceFile("p.bpmn", drawn)

    files = (form("t", rows), form("o", field("om", "checkbox")))
    office.publish(loop("u1"), *files)
    id_ = office.start()
    row = {"row-id": "a" * 32, "name": "Kurs"}
    office.complete(KARI, values={"tiltak": [row]})
    office.publish(loop("x"), *files)
    moved = move(office, id_, u1="x")
    undo(office, moved)
    move(office, id_, u1="x")
    office.act(work.complete, office.task(KARI, "m"), KARI, {})
    office.complete(KARI, "b", {"om": True})
    assert office.look(work.task, office.task(KARI, "x"), KARI).draft.values == {"tiltak": [row]}
    office.complete(KARI, "x", {"tiltak": [row | {"name": "Kurs 2"}]})
    with database.reading() as db:
        assert [(each.name, each.withdrawn_at) for each in db.scalars(select(Measure))] == [("Kurs 2", None)]


def test_the_diagram_marks_what_was_done_under_its_new_id(office: Office) -> None:
    office.publish(line(), form("f", *FULL))
    id_ = office.start()
    office.complete(KARI)
    office.publish(line("x"), form("f", *FULL))
    move(office, id_, u1="x")
    sheet = office.look(work.instance, EIER, id_)
    assert "x" in sheet.marks.done
    assert any(line.what == "moved" and "versjon" in line.sentence for line in sheet.trail)
