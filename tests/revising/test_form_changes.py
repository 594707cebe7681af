"""A form that changes under those who read its answers: refused at the place, with who reads it, and a way out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from engine.drawing import call, doc, end, flows, gw, start, user
from engine.storing import assigned, fill, job, schedule
from komp_flow import work
from komp_flow.engine import Problem, SourceFile
from komp_flow.revising import checking, drawings
from revising.conftest import OTHER, Studio
from work import staff
from work.conftest import Office, office
from work.staff import EIER, field, required

__all__ = ["office"]

WAYS = {"values": [{"value": "on", "label": "Gå videre"}, {"value": "back", "label": "Gå tilbake"}]}
ASKED = staff.form(
    "svar", required("title"), field("wanted", "checkbox"), field("way", "radio", **WAYS), field("who"),
    field("day", "datetime", subtype="date", dateLabel="Dag"), field("kinds", "checklist", **WAYS),
    {"type": "dynamiclist", "path": "rows", "components": [{**field("cost", "number"), "id": "c"}]},
)  # fmt: skip
LATER = staff.form("siden", field("more", conditional={"hide": "=not(wanted)"}), field("noted"))
READS = SourceFile(
    "leser.bpmn",
    doc(
        start(),
        job("a", ext=fill("svar"), name="Svar"),
        gw("exclusive", "g", default="g_on"),
        job("back", name="Rett opp"),
        job("on", ext=schedule("=day") + fill("siden"), name="Godkjenn", ins=[("=sum(rows.cost)", "total")]),
        user("own", ext=assigned(None, "=who"), name="Eget"),
        end(),
        flows("s>a>g", 'g>back:=way = "back" or list contains(kinds, "back")', "back>own", "g>on", "on>own", "own>e"),
        pid="leser",
    ),
)
CALLER = SourceFile(
    "kaller.bpmn",
    doc(start(), call("c", "leser", outs=[("=wanted", "ville")]), job("k"), end(), flows("s>c>k>e"), pid="kaller"),
)


@pytest.fixture
def read(office: Office) -> Studio:
    done = office.act(work.publish, EIER, [ASKED, LATER, READS], "Til å begynne med")
    assert not done.refused, done.problems
    done = office.act(work.publish, EIER, [CALLER], "Og en som kaller")
    assert not done.refused, done.problems
    return Studio(office)


Parts = list[dict[str, Any]]


def drawn(studio: Studio, change: Callable[[Parts], object]) -> UUID:
    """A drawing of the form with its parts changed."""
    one = studio.draw("svar", "form")
    document = json.loads(studio.text(one))
    change(document["components"])
    studio.office.act(drawings.save, EIER, one, 1, json.dumps(document))
    return one


def without(key: str) -> Callable[[Parts], object]:
    def change(parts: Parts) -> None:
        parts[:] = [part for part in parts if part.get("key") != key]

    return change


def into(key: str, **now: Any) -> Callable[[Parts], object]:
    """Another field under the same key."""

    def change(parts: Parts) -> None:
        at = next(at for at, part in enumerate(parts) if part.get("key") == key)
        parts[at] = {"id": parts[at]["id"], "key": key, "label": key, **now}

    return change


def shorter(key: str) -> Callable[[Parts], object]:
    def change(parts: Parts) -> None:
        next(part for part in parts if part.get("key") == key)["values"] = WAYS["values"][:1]

    return change


def renamed(parts: Parts) -> None:
    parts[-1]["components"][0]["key"] = "price"


def errors(problems: Any) -> list[Problem]:
    return [problem for problem in problems if problem.severity == "error"]


@pytest.mark.parametrize(
    ("change", "places"),
    [
        (without("way"), {("processes/leser.bpmn", "g_back")}),
        (without("day"), {("processes/leser.bpmn", "on")}),
        (without("who"), {("processes/leser.bpmn", "own")}),
        (without("wanted"), {("processes/kaller.bpmn", "c"), ("forms/siden.json", "siden-0")}),
        (renamed, {("processes/leser.bpmn", "on")}),
        (shorter("way"), {("processes/leser.bpmn", "g_back")}),
        (shorter("kinds"), {("processes/leser.bpmn", "g_back")}),
        (into("day", type="textfield"), {("processes/leser.bpmn", "on")}),
        (into("way", type="checkbox"), {("processes/leser.bpmn", "g_back")}),
        (into("wanted", type="number"), {("processes/kaller.bpmn", "c"), ("forms/siden.json", "siden-0")}),
    ],
    ids=["condition", "due-date", "assignee", "call-and-form", "column", "option", "options", "date", "tick", "number"],
)
def test_what_is_read_elsewhere_is_refused_at_the_place(
    read: Studio, change: Callable[[Parts], object], places: set[tuple[str, str]]
) -> None:
    one = drawn(read, change)
    outcome = read.publish(one)
    assert outcome.versions == ()
    found = errors(outcome.problems)
    assert {(problem.file, problem.element) for problem in found} == places
    for problem in found:
        assert "«svar»" in problem.message
        assert problem.fix


@pytest.mark.parametrize(
    "change",
    [
        without("title"),
        into("title", type="textarea"),
        into("way", type="select", **WAYS),
        lambda parts: parts.append({"id": "ny", **field("new")}),
        lambda parts: parts.reverse(),
    ],
    ids=["unread", "longer", "select", "new", "order"],
)
def test_what_nobody_counts_on_may_change(read: Studio, change: Callable[[Parts], object]) -> None:
    assert read.publish(drawn(read, change)).versions


def test_a_form_takes_the_process_along_that_was_changed_with_it(read: Studio) -> None:
    form = drawn(read, shorter("way"))
    one = read.draw("leser")
    page = read.proposal(form)
    assert page.along == ()
    assert [name for _key, name in page.undrawn] == ["leser"]
    read.change(one, "=way = &quot;back&quot; or ", "=")
    page = read.proposal(form)
    assert [(line.key, line.chosen) for line in page.along] == [("leser", False)]
    assert page.undrawn == ()
    assert errors(read.publish(form).problems)
    done = read.publish(form, one)
    assert {(version.kind, version.key) for version in done.versions} == {("form", "svar"), ("diagram", "leser")}


def test_two_processes_that_read_the_field_are_changed_and_published_with_it(read: Studio) -> None:
    second = SourceFile("to.bpmn", READS.data.replace(b'id="leser"', b'id="to"'))
    assert not read.office.act(work.publish, EIER, [second], "En til").refused
    form = drawn(read, without("way"))
    ones = [read.draw("leser"), read.draw("to")]
    for one in ones:
        read.change(one, "=way = &quot;back&quot; or ", "=")
    assert errors(read.publish(form, ones[0]).problems)
    assert len(read.publish(form, *ones).versions) == 3


def test_the_other_who_confirms_sees_the_process_that_goes_along(read: Studio) -> None:
    read.second_eyes()
    form, one = drawn(read, without("way")), read.draw("leser")
    read.change(one, "=way = &quot;back&quot; or ", "=")
    asked = read.publish(form, one).asked
    assert asked is not None
    assert len(read.confirm(asked.id, who=OTHER).versions) == 2


def test_a_diagram_that_is_drawn_is_checked_with_the_form_that_is_drawn_and_only_says_its_own(read: Studio) -> None:
    drawn(read, without("way"))
    one = read.draw("leser")
    found = errors(read.office.look(checking.problems, EIER, one, read.text(one)))
    assert [problem.element for problem in found] == ["g_back"]
    assert "«leser»" in found[0].message
    other = read.draw("kaller")
    assert not errors(read.office.look(checking.problems, EIER, other, read.text(other)))


def test_the_form_s_own_check_names_the_process_and_the_step_but_marks_no_field_of_the_same_id(read: Studio) -> None:
    one = drawn(read, without("day"))
    found = errors(read.office.look(checking.problems, EIER, one, read.text(one)))
    assert [problem.element for problem in found] == [""]
    assert "«leser»" in found[0].message
    assert "«Godkjenn»" in found[0].message
