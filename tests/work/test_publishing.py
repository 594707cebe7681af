"""Publishing through the check."""

from __future__ import annotations

from datetime import datetime

import pytest

from engine.drawing import doc, end, flows, start
from engine.storing import fill, job
from komp_flow import work
from komp_flow.db import Database
from komp_flow.engine import SourceFile
from komp_flow.errors import Invalid, NotAllowed, NotFound
from work.conftest import Office
from work.staff import EIER, KARI, ROOT, form, required

GOOD = SourceFile("q.bpmn", doc(start(), job("a", ext=fill("g"), name="A"), end(), flows("s>a>e"), pid="q"))
FORM = form("g", required("title"))


def test_a_diagram_and_its_form_are_published_together(office: Office) -> None:
    done = office.act(work.publish, EIER, [GOOD, FORM], "Ny prosess")
    assert not done.refused
    assert [(version.kind, version.process, version.number) for version in done.versions] == [
        ("process", "q", 1),
        ("form", "g", 1),
    ]
    line = office.look(work.version, KARI, "q", 1)
    assert (line.why, line.published_by, line.forms) == ("Ny prosess", "eier", {"g": 1})
    assert "<bpmn:definitions" in (line.xml or "")


def test_with_an_error_nothing_is_published_and_all_are_told(office: Office) -> None:
    done = office.act(work.publish, EIER, [GOOD], "Uten skjemaet")
    assert done.refused
    assert done.versions == ()
    assert "a" in {problem.element for problem in done.problems}
    with pytest.raises(NotFound):
        office.look(work.versions, KARI, "q")


def test_publishing_wants_the_right_a_reason_and_a_file(office: Office) -> None:
    with pytest.raises(NotAllowed):
        office.act(work.publish, KARI, [GOOD, FORM], "Prøve")
    with pytest.raises(Invalid) as caught:
        office.act(work.publish, EIER, [], " ")
    assert {error.field for error in caught.value.fields} == {"files", "why"}


def test_what_is_published_counts_when_more_is_checked(office: Office) -> None:
    office.act(work.publish, EIER, [GOOD, FORM], "Ny prosess")
    with office.database.reading() as db:
        assert [p for p in work.check(db, [GOOD]) if p.severity == "error"] == []


def test_the_shipped_diagrams_are_published_without_an_error(database: Database, now: datetime) -> None:
    with database.transaction() as db:
        done = work.publish_shipped(db, ROOT, now)
        again = work.publish_shipped(db, ROOT, now)
        found = {line.process: line.number for line in work.processes(db)}
        files = dict(work.published_files(db))
    assert not done.refused
    assert [line.id for line in again.versions] == [line.id for line in done.versions]
    assert found["unit"] == found["cycle"] == 1
    assert files["processes/unit.bpmn"] == (ROOT / "processes/unit.bpmn").read_bytes()
