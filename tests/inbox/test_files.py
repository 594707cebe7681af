"""Files in a form, as a browser without scripts sends them; and as somebody sends them who wants no good."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from lxml import html

from engine.drawing import doc, end, flows, start
from engine.storing import fill, job
from files import samples
from komp_flow import work
from komp_flow.engine import SourceFile
from komp_flow.forms.attachments import LARGEST
from work import staff
from work.conftest import Office
from work.staff import field, form, required

ROWS = {
    "type": "dynamiclist", "path": "rows", "label": "Rader", "defaultRepetitions": 1,
    "components": [{"id": "rt", **field("title")}, {"id": "rf", **field("file", "filepicker")}],
}  # fmt: skip


@pytest.fixture
def task(office: Office) -> UUID:
    drawn = doc(start(), job("u1", ext=fill("f")), end(), flows("s>u1>e"))
    many = field("many", "filepicker", multiple=True, accept=".pdf,.odt")
    office.publish(SourceFile("p.bpmn", drawn), form("f", required("title"), field("one", "filepicker"), many, ROWS))
    office.start()
    return office.task(staff.KARI)


def send(client: Any, task: UUID, *files: tuple[str, str, bytes], **fields: Any) -> Any:
    """Post the form: files are (path of the field, name, bytes)."""
    texts = [(name, each) for name, value in fields.items() for each in ([value] if isinstance(value, str) else value)]
    carried = [(f"_file-{path}", (name, content)) for path, name, content in files]
    return client.post(f"/tasks/{task}", **samples.multipart(*texts, *carried))


def ids(answer: Any, name: str) -> list[str]:
    return [str(each.get("value")) for each in html.fromstring(answer.text).xpath("//input[@name=$n]", n=name)]


def typed(answer: Any, name: str) -> str:
    (found,) = html.fromstring(answer.text).xpath("//*[@name=$n]", n=name)
    return str(found.get("value"))


def test_a_form_with_a_place_for_files_is_sent_as_one(login: Any, task: UUID) -> None:
    (found,) = html.fromstring(login("kari").get(f"/tasks/{task}").text).xpath("//form[@enctype]")
    assert found.get("enctype") == "multipart/form-data"
    (chosen,) = found.xpath(".//input[@name='_file-many']")
    assert (chosen.get("accept"), chosen.get("multiple") is not None) == (".pdf,.odt", True)
    label = found.xpath("//label[@for=$id]", id=chosen.get("id"))
    assert label


def test_a_file_is_uploaded_kept_removed_and_sent(login: Any, office: Office, task: UUID) -> None:
    kari = login("kari")
    page = send(kari, task, ("many", "plan.pdf", samples.PDF), ("many", "notat.odt", samples.SOUND["notat.odt"]),
                title="Halvveis", _upload="many", _version="0")  # fmt: skip
    assert page.status_code == 200
    first, second = ids(page, "many")
    assert typed(page, "title") == "Halvveis"
    assert "plan.pdf" in page.text
    assert ids(kari.get(f"/tasks/{task}"), "many") == [first, second]  # the draft has them
    page = send(
        kari, task, title="Halvveis", many=[first, second], _drop=f"many/{first}", _version=typed(page, "_version")
    )
    assert ids(page, "many") == [second]
    assert kari.get(f"/files/{first}").status_code == 404
    sent = send(kari, task, title="Ferdig", many=[second], _shown=["one", "many"])
    assert sent.status_code == 303
    assert office.look(work.task, task, staff.KARI).answers["many"] == [second]
    shown = kari.get(f"/tasks/{task}").text
    assert "notat.odt" in shown
    assert f'href="/files/{second}"' in shown


def test_a_chosen_file_goes_with_whatever_button_is_pressed(login: Any, office: Office, task: UUID) -> None:
    kari = login("kari")
    page = send(kari, task, ("one", "plan.pdf", samples.PDF), title="", _add="rows")
    (kept,) = ids(page, "one")
    page = send(kari, task, ("one", "ny.pdf", samples.PDF), title="x", one=kept, _save="1")
    (other,) = ids(kari.get(f"/tasks/{task}"), "one")
    assert other != kept  # a field for one file has the last
    page = send(kari, task, ("rows-0-file", "rad.pdf", samples.PDF), title="Ja", one=other, **{"rows-0-title": "Rad"})
    assert page.status_code == 303
    answers = office.look(work.task, task, staff.KARI).answers
    assert answers["one"] == [other]
    assert len(answers["rows"][0]["file"]) == 1


@pytest.mark.parametrize("button", ["_upload", "_save", "_add", "_key"])
@pytest.mark.parametrize("name", ["side.pdf", "tegning.svg", "faktura.pdf.exe", "makro.docx", "tom.pdf"])
def test_a_file_that_is_not_taken_costs_nothing_that_was_typed(
    login: Any, office: Office, task: UUID, name: str, button: str
) -> None:
    data, why = samples.HOSTILE[name]
    page = send(login("kari"), task, ("one", name, data), title="Alt jeg skrev", **{button: "1"})
    assert page.status_code == 422
    assert typed(page, "title") == "Alt jeg skrev"
    assert why in page.text
    assert office.look(work.task, task, staff.KARI).draft.values["title"] == "Alt jeg skrev"
    assert office.look(work.attached, task, staff.KARI) == {}


def test_what_is_typed_survives_a_file_that_is_far_too_large(login: Any, office: Office, task: UUID) -> None:
    large = samples.PDF + b"\0" * (LARGEST + 1024 * 1024)
    page = send(
        login("kari"), task, ("one", "stor.pdf", large), ("many", "plan.pdf", samples.PDF), title="Alt", _save="1"
    )
    assert page.status_code == 422
    assert "større enn 20" in page.text
    assert typed(page, "title") == "Alt"
    assert len(ids(page, "many")) == 1  # the other one came in
    assert ids(page, "one") == []


def test_a_request_that_is_larger_than_any_form_is_refused(client: Any, login: Any, task: UUID) -> None:
    large = samples.PDF + b"\0" * (17 * 1024 * 1024)
    assert send(client, task, ("one", "stor.pdf", large), title="x").status_code in {401, 413}  # nobody is signed in
    larger = b"\0" * (65 * 1024 * 1024)
    assert send(login("kari"), task, ("one", "stor.pdf", larger), title="x").status_code == 413


def test_autosave_brings_no_files(login: Any, office: Office, task: UUID) -> None:
    kari = login("kari")
    answer = send(kari, task, ("one", "plan.pdf", samples.PDF), title="x", _save="1", _auto="1", _version="0")
    assert answer.get_json()["version"] == 1
    assert office.look(work.attached, task, staff.KARI) == {}


def test_a_file_is_to_be_kept_and_never_shown_in_the_browser(login: Any, task: UUID) -> None:
    kari = login("kari")
    page = send(kari, task, ("one", "Årsplan – «ny».pdf", samples.PDF), title="x", _upload="one")
    (kept,) = ids(page, "one")
    answer = kari.get(f"/files/{kept}")
    assert answer.data == samples.PDF
    told = answer.headers
    assert told["Content-Type"] == "application/pdf"
    assert told["Content-Length"] == str(len(samples.PDF))
    assert told["Content-Disposition"].startswith(
        "attachment; filename=\"Arsplan  ny.pdf\"; filename*=UTF-8''%C3%85rsplan"
    )
    assert told["X-Content-Type-Options"] == "nosniff"
    assert told["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert told["Cache-Control"] == "no-store"
    assert kari.head(f"/files/{kept}").status_code == 200


def test_a_file_of_others_is_not_there(login: Any, client: Any, app: Flask, task: UUID) -> None:
    page = send(login("kari"), task, ("one", "plan.pdf", samples.PDF), title="x", _upload="one")
    (kept,) = ids(page, "one")
    client.post("/sign-out")
    assert app.test_client().get(f"/files/{kept}").status_code in {302, 303, 401}
    for person in ("pia", "per", "nils"):
        assert login(person).get(f"/files/{kept}").status_code == 404
    assert login("pia").get(f"/files/{uuid4()}").status_code == 404


def test_a_field_that_does_not_exist_takes_no_file(login: Any, office: Office, task: UUID) -> None:
    for path in ("title", "nothing", "rows-file", "../one"):
        page = send(login("kari"), task, (path, "plan.pdf", samples.PDF), title="x", _upload=path)
        assert page.status_code == 422
    assert office.look(work.attached, task, staff.KARI) == {}


def test_someone_who_may_not_do_the_task_uploads_nothing(login: Any, office: Office, task: UUID) -> None:
    assert send(login("pia"), task, ("one", "plan.pdf", samples.PDF), title="x").status_code == 404
    assert send(login("hanne"), task, ("one", "plan.pdf", samples.PDF), title="x").status_code == 403


def test_a_file_for_a_task_that_is_done_is_told_of_with_what_was_typed(login: Any, office: Office, task: UUID) -> None:
    kari = login("kari")
    office.complete(staff.KARI, values={"title": "Ja", "rows": []})
    page = send(kari, task, ("one", "plan.pdf", samples.PDF), title="Min tekst", _upload="one")
    assert page.status_code == 409
    assert "Min tekst" in page.text
