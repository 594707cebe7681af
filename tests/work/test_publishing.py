"""Publishing through the check."""

from __future__ import annotations

from datetime import datetime

import pytest

from engine.drawing import boundary, doc, end, flows, gw, ref, start
from engine.storing import fill, job
from komp_flow import work
from komp_flow.db import Database
from komp_flow.engine import SourceFile
from komp_flow.errors import Invalid, NotAllowed, NotFound
from work.conftest import Office
from work.staff import EIER, KARI, ROOT, field, form, required

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


def asking(process: str, condition: str, *more: str, top: str = "") -> SourceFile:
    """A task with the form `asked`, and a gateway that reads an answer."""
    return SourceFile(
        f"{process}.bpmn",
        doc(
            start(),
            job("a", ext=fill("asked"), name="Svar"),
            gw("exclusive", "g", default="g_no"),
            job("yes", name="Ja"),
            job("no", name="Nei"),
            end(),
            flows("s>a>g", f"g>yes:{condition}", "yes>e", "g>no>e"),
            *more,
            pid=process,
            top=top,
        ),
    )


BOTH = form("asked", required("title"), field("wanted", "checkbox"))
ONE = form("asked", required("title"))


def errors(problems: object) -> list[tuple[str, str]]:
    return [(problem.file, problem.element) for problem in problems if problem.severity == "error"]  # type: ignore[attr-defined]


def test_a_form_that_loses_what_a_published_diagram_reads_is_refused_with_the_place(office: Office) -> None:
    office.act(work.publish, EIER, [asking("asks", "=wanted"), BOTH], "Ny prosess")
    refused = office.act(work.publish, EIER, [ONE], "Kortere skjema")
    assert refused.refused
    assert errors(refused.problems) == [("processes/asks.bpmn", "g_yes")]
    assert "«wanted»" in next(p.message for p in refused.problems if p.severity == "error")
    with office.database.reading() as db:
        assert work.processes(db)[0].number == 1


def test_a_form_may_lose_what_no_diagram_reads(office: Office) -> None:
    office.act(work.publish, EIER, [asking("asks", '=title = "ja"'), BOTH], "Ny prosess")
    assert not office.act(work.publish, EIER, [ONE], "Kortere skjema").refused


def test_the_diagram_at_hand_counts_and_not_the_published_one(office: Office) -> None:
    office.act(work.publish, EIER, [asking("asks", "=wanted"), BOTH], "Ny prosess")
    both = office.act(work.publish, EIER, [asking("asks", '=title = "ja"'), ONE], "Begge")
    assert not both.refused
    assert [line.number for line in both.versions] == [2, 2]


def test_a_diagram_that_goes_along_and_still_reads_the_field_is_refused(office: Office) -> None:
    office.act(work.publish, EIER, [asking("asks", "=wanted"), BOTH], "Ny prosess")
    refused = office.act(work.publish, EIER, [asking("asks", "=wanted = true"), ONE], "Begge")
    assert errors(refused.problems) == [("asks.bpmn", "g_yes")]
    assert [p.element for p in refused.problems].count("g_yes") == 1


def test_a_field_is_missed_though_a_message_could_bring_any_name(office: Office) -> None:
    beside = (boundary("b", "a", ref("signal", "sig"), interrupts=False), end("e2"), flows("b>e2"))
    waits = asking("asks", "=wanted", *beside, top='<bpmn:signal id="sig" name="x"/>')
    done = office.act(work.publish, EIER, [waits, BOTH], "Ny prosess")
    assert not done.refused, done.problems
    assert errors(office.act(work.publish, EIER, [ONE], "Kortere skjema").problems) == [
        ("processes/asks.bpmn", "g_yes")
    ]
