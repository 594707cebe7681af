"""The plain elements that no other test is about: starts of every kind, tasks that do nothing, lanes, none events."""

from __future__ import annotations

import pytest

from engine.drawing import HEAD, SIGNAL, doc, el, end, flows, message, ref, service, start, throw, timer, user
from engine.harness import Run
from komp_flow.errors import NotFound


@pytest.mark.parametrize(("first", "task"), [("s1", "a"), ("s2", "b"), ("s3", "c"), (None, "d"), ("s0", "d")])
def test_each_of_several_starts_begins_its_own_path(first: str | None, task: str) -> None:
    x = doc(
        start("s1", timer("R2/P1D", "timeCycle")), start("s2", ref("message", "m")), start("s3", ref("signal", "g")),
        start("s0"), user("a"), user("b"), user("c"), user("d"), end(), flows("s1>a>e", "s2>b>e", "s3>c>e", "s0>d>e"),
        top=message("m", "go", "=k") + SIGNAL,
    )  # fmt: skip
    r = Run(x, first, {"k": 1})
    assert r.open() == [task]
    assert r.complete(task).done


def test_a_start_that_is_not_there_is_not_found() -> None:
    x = doc(start("s", timer("P1D")), user("u"), flows("s>u"))
    for first in (None, "u", "nix"):
        with pytest.raises(NotFound):
            Run(x, first)


@pytest.mark.parametrize("kind", ["task", "manualTask"])
def test_plain_and_manual_tasks_are_passed(kind: str) -> None:
    r = Run(doc(start(), el(kind, "t"), throw("n"), user("u"), end(), flows("s>t>n>u>e")))
    assert r.open() == ["u"]
    assert r.passed() == ["s", "t", "n"]


@pytest.mark.parametrize("kind", ["serviceTask", "sendTask", "businessRuleTask"])
def test_every_step_with_a_task_definition_runs_its_operation(kind: str) -> None:
    headers = '<zeebe:taskHeaders><zeebe:header key="til" value="alle"/></zeebe:taskHeaders>'
    r = Run(doc(start(), el(kind, "w", ext='<zeebe:taskDefinition type="echo"/>' + headers), end(), flows("s>w>e")))
    assert r.done
    call = r.world.calls[0]
    assert (call.type, call.element, dict(call.headers), call.names["cycle"]) == (
        "echo", "w", {"til": "alle"}, {"id": 2027},
    )  # fmt: skip


def test_a_service_task_without_a_type_is_an_incident() -> None:
    assert Run(doc(start(), el("serviceTask", "w"), end(), flows("s>w>e"))).failed() == ["w"]


def test_lanes_pools_colours_and_unknown_properties_change_nothing() -> None:
    lane = '<bpmn:lane id="l" name="HR"><bpmn:flowNodeRef>u</bpmn:flowNodeRef></bpmn:lane>'
    lanes = f'<bpmn:laneSet id="ls">{lane}</bpmn:laneSet>'
    pool = '<bpmn:collaboration id="k"><bpmn:participant id="x" processRef="p"/></bpmn:collaboration>'
    unknown = (
        '<zeebe:properties><zeebe:property name="farge" value="rød"/></zeebe:properties><zeebe:versionTag value="1"/>'
    )
    x = doc(lanes, start(), user("u", ext=unknown), service("w", "echo"), end(), flows("s>u>w>e"))
    r = Run(x.replace(HEAD.encode(), (HEAD + pool).encode()))
    assert r.complete("u").done
