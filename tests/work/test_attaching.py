"""Who may put a file beside the answers of a task, who may have it, and that nobody else learns of it."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from engine.drawing import doc, end, flows, gw, start
from engine.storing import fill, job
from files import samples
from komp_flow import files, registers, vault, work
from komp_flow.engine import SourceFile
from komp_flow.errors import Conflict, Invalid, NotAllowed, NotFound
from komp_flow.files.models import FilePiece, StoredFile
from komp_flow.organisation import Actor, Subject
from komp_flow.registers import sealing
from work import staff
from work.conftest import Office
from work.staff import field, form

DRAWN = doc(start(), job("u1", ext=fill("f")), job("u2", roles="superior", ext=fill("g")), end(), flows("s>u1>u2>e"))
PICKERS = (
    field("note", "textarea"),
    field("one", "filepicker", accept=".pdf"),
    field("many", "filepicker", multiple=True, properties={"readers": "unit"}),
    field("all", "filepicker", properties={"readers": "everyone"}),
)
NOBODY = Actor(None, scopes=None, via="web")


@pytest.fixture
def task(office: Office) -> UUID:
    """Kari's, with places for files; then Dag's, which shows nothing of it."""
    office.publish(SourceFile("p.bpmn", DRAWN), form("f", *PICKERS), form("g", field("said")))
    office.start()
    return office.task(staff.KARI)


def attach(office: Office, task: UUID, who: Actor = staff.KARI, name: str = "plan.pdf", **more: Any) -> str:
    data = samples.SOUND.get(name, samples.PDF)
    with office.database.transaction() as db:
        return work.attach(db, task, who, name, io.BytesIO(data), office.now, **more).id


def may_have(office: Office, file_id: str, *people: str) -> set[str]:
    found = set()
    for person in people:
        try:
            office.look(work.file, staff.actor(person), UUID(file_id))
        except NotFound:
            continue
        found.add(person)
    return found


EVERYBODY = ("dag", "hanne", "eier", "adm", "kari", "ola", "nils", "per", "pia")


def test_a_file_goes_with_the_draft_and_with_what_is_sent(office: Office, task: UUID) -> None:
    file_id = attach(office, task, field="one")
    office.act(work.save_draft, task, staff.KARI, {"one": [file_id]}, None)
    (kept,) = office.look(work.attached, task, staff.KARI).values()
    assert (kept.id, kept.name, kept.kind, kept.href) == (file_id, "plan.pdf", "pdf", f"/files/{file_id}")
    office.complete(staff.KARI, values={"note": "x", "one": [file_id], "many": [], "all": None})
    assert office.look(work.task, task, staff.KARI).answers["one"] == [file_id]
    assert office.look(work.file, staff.DAG, UUID(file_id)).sent


def test_only_those_who_do_the_task_put_files_there(office: Office, task: UUID) -> None:
    for who, error in ((staff.PIA, NotFound), (staff.HANNE, NotAllowed)):
        with pytest.raises(error):
            attach(office, task, who)
    with pytest.raises(NotFound):
        attach(office, uuid4())
    for wrong in ("note", "nothing", "one-0"):
        with pytest.raises(Invalid, match="ikke noe felt for filer"):
            attach(office, task, field=wrong)
    with pytest.raises(Invalid, match="passer ikke her"):
        attach(office, task, name="bilde.png", field="one")
    office.complete(staff.KARI, values={"note": "x"})
    with pytest.raises(Conflict):
        attach(office, task)
    with office.database.reading() as db:
        assert db.scalars(select(StoredFile.id)).all() == []


def test_an_unsent_file_is_theirs_who_go_on_with_the_draft(office: Office, task: UUID) -> None:
    file_id = attach(office, task)
    assert may_have(office, file_id, *EVERYBODY) == {"kari"}
    office.act(work.detach, staff.KARI, UUID(file_id))
    assert may_have(office, file_id, *EVERYBODY) == set()


def test_a_sent_file_is_had_by_those_who_read_the_task(office: Office, task: UUID) -> None:
    one, many, everyones = (attach(office, task) for _each in range(3))
    office.complete(staff.KARI, values={"note": "x", "one": [one], "many": [many], "all": [everyones]})
    readers = may_have(office, one, *EVERYBODY)
    assert {"kari", "dag", "hanne"} <= readers
    assert not readers & {"nils", "per", "pia"}
    assert may_have(office, many, *EVERYBODY) == readers | {"nils", "ola"}  # readers: unit
    assert may_have(office, everyones, *EVERYBODY) == set(EVERYBODY)
    with pytest.raises(NotFound):
        office.look(work.file, NOBODY, UUID(everyones))


def test_a_sent_file_stays(office: Office, task: UUID) -> None:
    file_id = attach(office, task)
    office.complete(staff.KARI, values={"note": "x", "one": [file_id]})
    with pytest.raises(Conflict):
        office.act(work.detach, staff.KARI, UUID(file_id))


def test_the_id_of_another_tasks_file_opens_nothing(office: Office, task: UUID) -> None:
    theirs = attach(office, task)
    office.complete(staff.KARI, values={"note": "x", "one": [theirs]})
    office.start(subject=Subject(unit="law"))
    mine = office.task(staff.PER)
    for values in ({"one": [theirs]}, {"many": [theirs]}, {"all": theirs}, {"one": [str(uuid4())]}):
        with pytest.raises(Invalid) as refused:
            office.act(work.complete, mine, staff.PER, {"note": "x", **values})
        assert "finnes ikke i denne oppgaven" in refused.value.fields[0].message
    office.act(work.save_draft, mine, staff.PER, {"many": [theirs]}, None)  # a draft may hold anything
    assert office.look(work.attached, mine, staff.PER) == {}
    assert may_have(office, theirs, "per", "pia") == set()
    with pytest.raises(NotFound):
        office.act(work.detach, staff.PER, UUID(theirs))


def test_a_file_that_no_one_kept_is_taken_away(office: Office, task: UUID) -> None:
    loose, kept = attach(office, task), attach(office, task)
    office.act(work.save_draft, task, staff.KARI, {"one": [kept]}, None)
    office.pass_time(days=8)
    work.run_all(office.database, office.now)
    assert may_have(office, loose, "kari") == set()
    assert may_have(office, kept, "kari") == {"kari"}
    with office.database.reading() as db:
        assert set(db.scalars(select(FilePiece.file_id))) == {UUID(kept)}


PRIVATE = doc(start(), job("u1", roles="employee", ext=fill("n")), job("u2", ext=fill("f")), end(), flows("s>u1>u2>e"))
NILS_TALK = Subject(unit="it", person="nils")


@pytest.fixture
def talk(office: Office) -> UUID:
    """Nils's notes, then a plan of Kari's, in an instance about Nils."""
    share = field("share", "checkbox", properties={"shares": "true"})
    notes = form("n", field("mine", "filepicker"), share, notes="true")
    office.publish(SourceFile("p.bpmn", PRIVATE), notes, form("f", *PICKERS))
    office.start(subject=NILS_TALK)
    return office.task(staff.NILS)


def test_what_is_about_a_person_is_sealed_and_read_by_the_two(office: Office, talk: UUID) -> None:
    office.complete(staff.NILS, values={"mine": None, "share": True})
    plan = office.task(staff.KARI, "u2")
    file_id = attach(office, plan)
    office.complete(staff.KARI, "u2", {"note": "x", "many": [file_id], "one": None, "all": None})
    assert may_have(office, file_id, *EVERYBODY) == {"kari", "nils"}  # whatever the form says of readers
    with office.database.reading() as db:
        row = files.file(db, UUID(file_id))
        assert (row.name, row.sha256) == (None, None)
        assert not any(b"%PDF" in bytes(piece) for piece in db.scalars(select(FilePiece.data)))
    with office.database.transaction() as db:
        vault.erase(db, "nils")
    with office.database.reading() as db, pytest.raises(vault.Erased):
        files.piece(db, UUID(file_id), 0)


def test_a_file_in_notes_is_its_authors_until_shared(office: Office, talk: UUID) -> None:
    file_id = attach(office, talk, staff.NILS)
    assert may_have(office, file_id, *EVERYBODY) == {"nils"}
    office.complete(staff.NILS, values={"mine": [file_id], "share": False})
    assert may_have(office, file_id, *EVERYBODY) == {"nils"}
    office.act(work.share, talk, staff.NILS)
    assert may_have(office, file_id, *EVERYBODY) == {"nils", "kari"}
    with office.database.reading() as db:
        work.file(db, staff.KARI, UUID(file_id), office.now)
        assert sealing.Opened("nils", talk, "nils") in sealing.opened_in(db)  # whom Nils sees that it was read by


def test_a_file_that_never_was_sent_goes_with_the_task_it_was_private_to(office: Office, talk: UUID) -> None:
    file_id = attach(office, talk, staff.NILS)
    office.act(work.save_draft, talk, staff.NILS, {"mine": [file_id]}, None)
    office.complete(staff.NILS, values={"mine": None, "share": False})
    office.pass_time(minutes=1)
    work.run_all(office.database, office.now)
    with office.database.reading() as db:
        assert db.scalars(select(StoredFile.id)).all() == []


DOCUMENTS = doc(start(), job("u1", roles="hr", ext=fill("d")), job("u2", ext=fill("s")), end(), flows("s>u1>u2>e"))


def test_a_document_of_the_strategy_is_everybodys_and_is_shown_with_name_and_link(office: Office) -> None:
    listed = {
        "type": "dynamiclist", "path": "documents", "label": "Dokumenter", "properties": {"register": "documents"},
        "components": [
            {"id": "t", **field("title", properties={"column": "title"})},
            {"id": "f", **field("file", "filepicker", properties={"column": "file"})},
            {"id": "l", **field("link", properties={"column": "link"})},
        ],
    }  # fmt: skip
    shows = {
        "type": "text",
        "text": '=string join(for d in context.documents return d.title + d.link + d.file[1].name, "\\n")',
    }
    office.publish(SourceFile("p.bpmn", DOCUMENTS), form("d", listed), form("s", shows, field("said")))
    with office.database.transaction() as db:
        made, _moved = registers.set_up(
            db, {"name": "2027", "start": office.now.date()}, cycle_id=None, instance_id=None, now=office.now
        )
        cycle = made.id
    office.start(subject=Subject(unit="it", cycle=cycle))
    task = office.task(staff.HANNE)
    file_id, unsent = attach(office, task, staff.HANNE), attach(office, task, staff.HANNE)
    office.complete(staff.HANNE, values={"documents": [{"title": "Strategi", "file": [file_id], "link": None}]})
    assert may_have(office, file_id, *EVERYBODY) == set(EVERYBODY)
    assert "pia" not in may_have(office, unsent, *EVERYBODY)
    (row,) = office.look(lambda db, now: work.register(db, staff.PIA, "documents", now=now).items)
    sheet = office.look(work.row, staff.PIA, "documents", row["id"])
    assert row["file"][0]["name"] == sheet.row["file"][0]["name"] == "plan.pdf"
    (document,) = office.look(work.task, office.task(staff.KARI, "u2"), staff.KARI).context["documents"]
    assert document["link"] == f"/files/{file_id}"
    assert {name: document["file"][0][name] for name in ("id", "name", "type", "size")} == {
        "id": file_id, "name": "plan.pdf", "type": "pdf", "size": len(samples.PDF),
    }  # fmt: skip


def test_a_step_that_is_taken_again_begins_with_the_files_it_sent(office: Office) -> None:
    drawn = doc(
        start(),
        gw("exclusive", "m"),
        job("u", ext=fill("f")),
        gw("exclusive", "g", default="g_e"),
        end(),
        flows("s>m>u>g", 'g>m:=note = "again"', "g>e"),
    )
    office.publish(SourceFile("p.bpmn", drawn), form("f", *PICKERS))
    office.start()
    first = office.task(staff.KARI, "u")
    file_id = attach(office, first)
    office.complete(staff.KARI, "u", {"note": "again", "one": [file_id]})
    second = office.task(staff.KARI, "u")
    assert second != first
    assert office.look(work.task, second, staff.KARI).draft.values["one"] == [file_id]
    assert set(office.look(work.attached, second, staff.KARI)) == {file_id}
    office.complete(staff.KARI, "u", {"note": "fine", "one": [file_id]})
    assert office.look(work.file, staff.KARI, UUID(file_id)).task == first


def test_seven_days_are_counted_from_when_it_was_last_held(office: Office, task: UUID) -> None:
    file_id = attach(office, task)
    office.act(work.save_draft, task, staff.KARI, {"one": [file_id]}, None)
    office.now += timedelta(days=20)
    office.act(work.save_draft, task, staff.KARI, {"one": None}, None)
    work.run_all(office.database, office.now)
    assert may_have(office, file_id, "kari") == {"kari"}
