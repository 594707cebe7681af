"""What fails is held where it stands, the rest goes on, and a retry takes it up again."""

from __future__ import annotations

from uuid import uuid4

import pytest

from engine.drawing import boundary, doc, end, flows, gw, mi, service, start, sub, timer, user
from engine.harness import Run, World, at
from komp_flow.engine.errors import NotOpen
from komp_flow.engine.memory import actions
from komp_flow.errors import Busy


def test_a_failing_operation_holds_its_branch_and_is_retried() -> None:
    x = doc(
        start(), gw("parallel", "f"), gw("parallel", "j"), service("w", "flaky", ins=[("=3", "until")]), user("u"),
        user("v"), end(), flows("s>f", "f>w>j", "f>u>j", "j>v>e"),
    )  # fmt: skip
    r = Run(x)
    assert r.failed() == ["w"]
    assert "the other system is down" in r.view.incidents[0].text
    assert r.open() == ["u"]
    r.complete("u")
    assert r.open() == []
    assert r.failed() == ["w"], "the other branch went on"
    assert r.retry("w").failed() == ["w"]
    r.world.now = at(4)
    assert r.retry("w").open() == ["v"]
    assert r.failed() == []
    assert r.complete("v").done
    assert len({call.task_id for call in r.world.calls}) == 1, "a retry is the same task"


def test_a_person_is_done_although_what_comes_after_fails() -> None:
    r = Run(doc(start(), user("u"), service("w", "flaky"), end(), flows("s>u>w>e"))).complete("u")
    assert r.open() == []
    assert r.failed() == ["w"]
    r.world.now = at(9)
    assert r.retry("w").done


def test_retry_reads_the_inputs_of_an_operation_again() -> None:
    x = doc(start(), service("w", "flaky", ins=[("=dager", "until")]), end(), flows("s>w>e"))
    r = Run(x, data={"dager": 99})
    r.step(lambda i: i.data.update(dager=0))
    assert r.retry("w").done


def test_an_operation_that_went_well_is_not_run_again_when_its_mapping_fails() -> None:
    outs = [("=for i in 1..400 return a[1]", "c")]
    x = doc(start(), service("w", "echo", ins=[("=stor", "a")], outs=outs), end(), flows("s>w>e"))
    r = Run(x, data={"stor": ["x" * 1000]})
    assert r.failed() == ["w"]
    assert r.retry("w").failed() == ["w"]
    assert len(r.ops) == 1


def too_big(name: str = "a") -> list[tuple[str, str]]:
    return [(f"=for i in 1..400 return {name}", "b")]


def test_a_failing_output_mapping_of_a_user_task_hides_it_and_keeps_what_the_diagram_reads() -> None:
    x = doc(start(), user("u", outs=too_big()), user("v", ins=[("=count(b)", "n")]), end(), flows("s>u>v>e"))
    r = Run(x).complete("u", a="x" * 1000, hemmelig="y" * 1000)
    assert r.open() == []
    assert r.failed() == ["u"]
    assert len(r.blob) < 500, "the answers that nothing reads are not in the state"
    assert r.retry("u").failed() == ["u"]


def test_a_retry_reads_the_answers_again_from_the_submission() -> None:
    x = doc(start(), user("u", outs=too_big()), user("v", ins=[("=count(b)", "n")]), end(), flows("s>u>v>e"))
    r = Run(x)
    submission, task = uuid4(), r.task("u").id
    r.step(lambda i: actions.complete(i, task, {"a": "x" * 1000}, submission))
    assert r.failed() == ["u"]
    assert b"xxx" not in r.blob
    r.world.submissions[submission] = {"a": "x" * 10}
    assert r.retry("u").inputs("v") == {"n": 400}


def test_a_failing_mapping_out_of_a_sub_process_is_retried_without_doing_it_again() -> None:
    x = doc(
        start(), sub("sp", start("s1"), user("u"), end("e1"), flows("s1>u>e1"), outs=too_big()),
        user("v", ins=[("=count(b)", "n")]), end(), flows("s>sp>v>e"),
    )  # fmt: skip
    r = Run(x).complete("u", a="x" * 1000)
    assert r.open() == []
    assert r.failed() == ["sp"]
    assert r.retry("sp").failed() == ["sp"]
    r.step(lambda i: i.data.update(a="kort"))
    assert r.retry("sp").inputs("v") == {"n": 400}


def test_a_failing_result_of_an_item_holds_that_item() -> None:
    x = doc(
        start(), user("u", mi("=[1,2]", "i", "o", "=for k in 1..n return tekst")), user("v", ins=[("=count(o)", "n")]),
        end(), flows("s>u>v>e"),
    )  # fmt: skip
    r = Run(x, data={"n": 400, "tekst": "x" * 1000}).complete("u")
    assert r.open() == ["u"]
    assert r.failed() == ["u"]
    r.step(lambda i: i.data.update(n=2))
    assert r.complete("u").retry("u").inputs("v") == {"n": 2}


def test_a_failing_input_mapping_holds_the_task_before_anybody_sees_it() -> None:
    x = doc(
        start(), user("u", ins=[("=for i in 1..999999 return i", "a")]), boundary("b", "u", timer("P1D")), user("late"),
        end(), flows("s>u>e", "b>late>e"),
    )  # fmt: skip
    r = Run(x)
    assert r.open() == []
    assert r.failed() == ["u"]
    assert r.retry("u").failed() == ["u"]
    r.tick(at(2))
    assert r.open() == ["late"]


def test_acts_on_what_is_not_open_are_refused() -> None:
    r = Run(doc(start(), user("u"), end(), flows("s>u>e")))
    task = r.task("u").id
    for act in (
        lambda i: actions.complete(i, uuid4(), {}),
        lambda i: actions.retry(i, task),
        lambda i: actions.retry(i, uuid4()),
        lambda i: actions.names_at(i, uuid4()),
        lambda i: actions.throw_error(i, uuid4(), "X"),
    ):
        with pytest.raises(NotOpen):
            r.step(act)
    r.complete("u")
    with pytest.raises(NotOpen):
        r.step(lambda i: actions.complete(i, task, {}))
    assert r.done


def test_busy_fails_the_whole_step() -> None:
    class Full(World):
        def operation(self, type_: str, call: object) -> dict[str, object]:
            raise Busy("later")

    x = doc(start(), service("w", "echo"), end(), flows("s>w>e"))
    with pytest.raises(Busy):
        Run(x, world=Full(x))


def test_cancel_takes_everything_away() -> None:
    x = doc(
        start(), gw("parallel", "f"), user("u"), sub("sp", start("s1"), user("v"), end("e1"), flows("s1>v>e1")), end(),
        boundary("b", "sp", timer("P1D")), flows("s>f", "f>u>e", "f>sp>e", "b>e"),
    )  # fmt: skip
    r = Run(x)
    r.step(actions.cancel)
    assert r.done
    assert r.view.cancelled
    assert (r.open(), r.due(), r.scopes) == ([], [], 0)
    assert sorted(h.element for h in r.happened if h.what == "cancelled") == ["sp", "u", "v"]
