"""What goes out with `export` goes in again with `publish` and is nothing new, also what was made in the studio."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cli.commands import Run
from cli.test_diagrams import SHIPPED
from komp_flow.organisation import Actor
from komp_flow.revising import bundle, drawings, publication
from komp_flow.schema import open_database
from komp_flow.settings import Settings

NOW = datetime(2027, 1, 4, 8, tzinfo=UTC)
OWNER = Actor(person_id="e3", via="session")
Act = Callable[..., Any]


@pytest.fixture
def act(run: Run, home: Path) -> Act:
    """A use case of the studio's by its owner, in a transaction of its own on the same home as the commands."""
    assert run("role", "grant", "e3", "process_owner").exit_code == 0
    settings = Settings.from_env({"KOMP_FLOW_HOME": str(home)})

    def call(function: Act, *arguments: Any) -> Any:
        database = open_database(settings)
        try:
            with database.transaction() as db:
                return function(db, OWNER, *arguments, NOW)
        finally:
            database.close()

    return call


def exported(run: Run, folder: Path) -> dict[str, bytes]:
    assert run("export", str(folder)).exit_code == 0
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def published_again(run: Run, folder: Path) -> list[str]:
    """The lines that say something else than that it is as before."""
    files = [str(path) for path in sorted(folder.rglob("*")) if path.is_file()]
    done = run("publish", *files, "--why", "Fra git")
    assert done.exit_code == 0, done.output
    return [line for line in done.stdout.splitlines() if "er som før" not in line]


def publish(act: Act, drawing: Any) -> Any:
    found = act(bundle.checked, drawing, [])
    return act(publication.publish, found, "Endret i studioet", ())


def test_what_was_made_in_the_studio_goes_out_and_in_and_is_the_same(run: Run, act: Act, tmp_path: Path) -> None:
    assert run("publish", *SHIPPED, "--why", "Alt").exit_code == 0
    diagram = act(drawings.draw_published, "diagram", "unit", None)
    text = act(drawings.drawing, diagram).text.replace('name="Gjennomgå grunnlaget', 'name="Se på grunnlaget')
    act(drawings.save, diagram, 1, text)
    form = act(drawings.draw_published, "form", "measures", None)
    document = json.loads(act(drawings.drawing, form).text)
    document["components"].append({"id": "x1", "type": "textarea", "key": "ettertanke", "label": "Ettertanke"})
    changed = json.dumps(document, ensure_ascii=False, indent=4)
    act(drawings.save, form, 1, changed)
    blank = act(drawings.draw_new, "diagram", "Ærlig talt")
    for one in (diagram, form, blank):
        assert publish(act, one).versions
    first = exported(run, tmp_path / "first")
    assert first["processes/unit.bpmn"] == text.encode()
    assert first["forms/measures.json"] == changed.encode()
    assert "processes/aerlig-talt.bpmn" in first
    assert published_again(run, tmp_path / "first") == []
    assert exported(run, tmp_path / "second") == first


def test_what_came_from_a_file_in_another_encoding_keeps_its_bytes_through_the_studio(
    run: Run, act: Act, tmp_path: Path
) -> None:
    assert run("publish", *SHIPPED, "--why", "Alt").exit_code == 0
    file = tmp_path / "reading.bpmn"
    text = (Path(SHIPPED[0]).parent / "reading.bpmn").read_text()
    text = text.replace('encoding="UTF-8"', 'encoding="ISO-8859-1"').replace("–", "-").replace("…", "...")
    file.write_bytes(text.encode("latin-1", "xmlcharrefreplace"))
    assert "reading versjon 2" in run("publish", str(file), "--why", "Annet tegnsett").stdout
    drawn = act(drawings.draw_published, "diagram", "reading", None)
    assert publish(act, drawn).unchanged
    assert exported(run, tmp_path / "out")["processes/reading.bpmn"] == file.read_bytes()
    assert published_again(run, tmp_path / "out") == []


def test_what_was_exported_is_opened_in_the_studio_and_exported_again_unchanged(
    run: Run, act: Act, tmp_path: Path
) -> None:
    assert run("publish", *SHIPPED, "--why", "Alt").exit_code == 0
    first = exported(run, tmp_path / "first")
    for name, data in first.items():
        drawn = act(drawings.draw_file, name, data)
        assert act(drawings.drawing, drawn).text.encode() == data
        assert publish(act, drawn).unchanged
    assert exported(run, tmp_path / "second") == first
