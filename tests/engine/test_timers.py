"""Timers in a running instance: what fires when, what was missed, what is moved, paused and mended."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.drawing import boundary, call, catch, doc, end, flows, gw, service, start, sub, timer, user
from engine.harness import Run, at
from komp_flow.engine.memory import actions


def test_a_catch_waits_for_a_duration() -> None:
    r = Run(doc(start(), catch("c", timer("P14D")), user("u"), end(), flows("s>c>u>e")))
    assert r.due() == [("c", ["2027-01-18T08:00"])]
    assert r.tick(at(13)) == 0
    assert r.tick(at(14)) == 1
    assert r.open() == ["u"]
    assert r.complete("u").done


def test_a_catch_waits_for_a_date_from_feel() -> None:
    x = doc(start(), catch("c", timer("=date and time(frist)", "timeDate")), end(), flows("s>c>e"))
    r = Run(x, data={"frist": "2027-07-01T08:00:00"})
    assert r.due() == [("c", ["2027-07-01T06:00"])]
    r.tick(datetime(2027, 7, 1, 6, tzinfo=UTC))
    assert r.done


def guarded() -> bytes:
    return doc(
        start(),
        user("u"),
        boundary("b", "u", timer("P1D")),
        user("late"),
        end(),
        end("e2"),
        flows("s>u>e", "b>late>e2"),
    )


def test_an_interrupting_timer_takes_the_task_away() -> None:
    r = Run(guarded())
    r.tick(at(2))
    assert r.open() == ["late"]
    assert not r.view.timers
    assert r.complete("late").done


def test_a_completed_task_takes_its_timer_along() -> None:
    r = Run(guarded()).complete("u")
    assert r.done
    assert not r.view.timers


def chased(text: str = "R3/P7D", what: str = "timeCycle") -> bytes:
    return doc(
        start(), user("u"), boundary("b", "u", timer(text, what), False),
        service("esc", "echo", ins=[("=occurrence", "level")]), user("chase", ins=[("=occurrence", "level")]), end(),
        end("e2"), flows("s>u>e", "b>esc>chase>e2"),
    )  # fmt: skip


def test_a_non_interrupting_cycle_fires_at_each_and_numbers_them() -> None:
    r = Run(chased())
    assert len(r.view.timers[0].due) == 3
    for n in (1, 2, 3):
        r.tick(at(7 * n, 1))
        assert r.ops[-1] == ("esc", {"level": n})
        assert r.open() == ["chase"] * n + ["u"]
    assert not r.view.timers
    assert sorted(task.inputs["level"] for task in r.view.tasks if task.element == "chase") == [1, 2, 3]
    r.complete("chase", {"level": 2})
    r.complete("u")
    assert r.open() == ["chase", "chase"]
    assert not r.done
    assert r.complete("chase").complete("chase").done


def test_the_task_may_be_done_while_a_branch_is_open_and_times_are_left() -> None:
    r = Run(chased())
    r.tick(at(8))
    r.complete("u")
    assert r.open() == ["chase"]
    assert not r.view.timers
    assert r.complete("chase").done
    assert len(r.ops) == 1


def test_a_list_from_feel_is_taken_in_order() -> None:
    r = Run(chased('=[date and time("2027-02-01T09:00:00"), duration("P2D"), null]'))
    assert r.due() == [("b", ["2027-01-06T08:00", "2027-02-01T08:00"])]
    r.tick(at(40))
    assert r.ops == [("esc", {"level": 2})]
    assert not r.view.timers


def test_what_was_missed_fires_once_as_the_latest() -> None:
    r = Run(chased("R5/P7D"))
    assert r.tick(at(36)) == 1
    assert r.ops == [("esc", {"level": 5})]
    r = Run(chased("R5/P7D"))
    r.tick(at(22))
    assert r.ops == [("esc", {"level": 3})]
    r.tick(at(28, 1))
    assert r.ops[1:] == [("esc", {"level": 4})]


def test_an_interrupting_cycle_fires_once() -> None:
    x = doc(
        start(),
        user("u"),
        boundary("b", "u", timer("R3/P1D", "timeCycle")),
        user("late"),
        end(),
        flows("s>u>e", "b>late>e"),
    )
    r = Run(x)
    r.tick(at(1))
    assert r.open() == ["late"]
    assert not r.view.timers


def test_an_endless_cycle_fires_a_hundred_times() -> None:
    r = Run(chased("R/P1D"))
    assert len(r.view.timers[0].due) == 100


def test_firing_one_wait_only() -> None:
    x = doc(
        start(), gw("parallel", "f"), catch("a", timer("P1D")), catch("b", timer("P1D")), user("ua"), user("ub"), end(),
        flows("s>f", "f>a>ua>e", "f>b>ub>e"),
    )  # fmt: skip
    r = Run(x)
    one = next(t for t in r.view.timers if t.element == "b")
    fire = lambda now: r.step(lambda i: actions.fire_due(i, now, (one.task_id, "b")))  # noqa: E731
    assert fire(at(0.5)) == 0
    assert fire(at(2)) == 1
    assert r.open() == ["ub"]
    assert fire(at(2)) == 0


def test_the_earliest_of_all_timers_goes_first() -> None:
    x = doc(
        start(), user("u"), boundary("b", "u", timer("P5D")), boundary("c", "u", timer("P2D"), False), user("late"),
        user("note"), end(), flows("s>u>e", "b>late>e", "c>note>e"),
    )  # fmt: skip
    r = Run(x)
    assert r.tick(at(30)) == 2
    assert [h.element for h in r.happened if h.what == "fired"] == ["c", "b"]
    assert r.open() == ["late", "note"]


@pytest.mark.parametrize("interrupts", [True, False])
def test_boundary_timer_on_a_sub_process(interrupts: bool) -> None:
    inside = sub(
        "sp", start("s1"), user("x"), user("y"), gw("parallel", "f"), gw("parallel", "j"), user("z"), end("e1"),
        flows("s1>f", "f>x>j", "f>y>j", "j>z>e1"),
    )  # fmt: skip
    x = doc(
        start(), inside, boundary("b", "sp", timer("P1D"), interrupts), user("after"), user("late"), end(), end("e2"),
        flows("s>sp>after>e", "b>late>e2"),
    )  # fmt: skip
    r = Run(x).complete("x")
    r.tick(at(2))
    if interrupts:
        assert r.open() == ["late"]
        assert r.scopes == 0
    else:
        assert r.open() == ["late", "y"]
        r.complete("y").complete("z")
        assert r.open() == ["after", "late"]
        r.complete("after")
    assert r.complete("late").done
    r = Run(x).complete("x").complete("y").complete("z")
    assert r.open() == ["after"]
    assert not r.view.timers


@pytest.mark.parametrize("interrupts", [True, False])
def test_boundary_timer_on_a_call(interrupts: bool) -> None:
    child = doc(start(), user("k"), end(), flows("s>k>e"), pid="child")
    x = doc(
        start(), call("c", "child"), boundary("b", "c", timer("P1D"), interrupts), user("late"), end(), end("e2"),
        flows("s>c>e", "b>late>e2"),
    )  # fmt: skip
    r = Run(x, more=(child,))
    r.tick(at(2))
    assert r.open() == (["late"] if interrupts else ["k", "late"])
    r.complete("late")
    assert r.done if interrupts else r.complete("k").done


def test_boundary_timer_on_a_service_task_that_failed() -> None:
    x = doc(
        start(), service("w", "flaky", ins=[("=99", "until")]), boundary("b", "w", timer("P1D")), user("late"), end(),
        flows("s>w>e", "b>late>e"),
    )  # fmt: skip
    r = Run(x)
    assert r.failed() == ["w"]
    r.tick(at(2))
    assert r.open() == ["late"]
    assert r.failed() == []


def test_null_waits_until_it_is_known() -> None:
    x = doc(start(), catch("c", timer("=deadline.decision", "timeDate")), end(), flows("s>c>e"))
    r = Run(x)
    assert r.due() == [("c", [])]
    assert r.view.timers[0].reads == {"deadline"}
    assert r.tick(at(999)) == 0
    r.world.names["deadline"] = {"decision": "2027-05-01"}
    assert r.step(lambda i: actions.reschedule(i, frozenset({"deadline"}))) == 1
    assert r.due() == [("c", ["2027-05-01T06:00"])], "a date is 08:00 in Oslo"


def test_moving_a_date_moves_what_depends_on_it_and_says_how_many() -> None:
    x = doc(
        start(), gw("parallel", "f"), catch("a", timer("=deadline.discussion", "timeDate")), catch("b", timer("P14D")),
        user("u"), boundary("c", "u", timer('=[deadline.discussion, deadline.discussion + duration("P7D")]',
        "timeDate"), False),
        user("late"), end(), flows("s>f", "f>a>e", "f>b>e", "f>u>e", "c>late>e"),
    )  # fmt: skip
    r = Run(x)
    r.world.names["deadline"] = {"discussion": datetime(2027, 3, 8, 11, tzinfo=UTC)}
    assert r.step(lambda i: actions.reschedule(i, frozenset({"escalation"}))) == 0
    assert r.step(lambda i: actions.reschedule(i, frozenset({"deadline"}))) == 2
    assert r.due() == [
        ("a", ["2027-03-08T11:00"]), ("b", ["2027-01-18T08:00"]), ("c", ["2027-03-08T11:00", "2027-03-15T11:00"]),
    ]  # fmt: skip
    assert r.step(actions.reschedule) == 0


def test_a_cycle_without_end_keeps_its_times_when_all_is_counted_anew() -> None:
    r = Run(chased("R/P1D"))
    assert r.tick(at(days=3, hours=1)) == 1
    before = r.view.timers[0]
    assert (before.fired, before.due[0], len(before.due)) == (3, at(days=4), 97)
    assert r.step(actions.reschedule) == 0
    r.world.now = at(days=50)  # down for long: what was missed is not lost either
    assert r.step(actions.reschedule) == 0
    assert r.view.timers[0] == before
    assert r.tick(at(days=50)) == 1
    assert (r.view.timers[0].fired, r.view.timers[0].due[0]) == (50, at(days=51))


def test_what_has_fired_stays_fired_when_the_date_is_moved() -> None:
    ladder = '=[deadline.discussion, deadline.discussion + duration("P7D"), deadline.discussion + duration("P14D")]'
    r = Run(chased(ladder, "timeDate"))
    r.tick(datetime(2027, 3, 2, tzinfo=UTC))
    assert r.ops == [("esc", {"level": 1})]
    r.world.names["deadline"] = {"discussion": datetime(2027, 4, 1, 10, tzinfo=UTC)}
    assert r.step(lambda i: actions.reschedule(i, frozenset({"deadline"}))) == 1
    assert r.due() == [("b", ["2027-04-08T10:00", "2027-04-15T10:00"])]
    r.tick(datetime(2027, 4, 9, tzinfo=UTC))
    assert r.ops[1:] == [("esc", {"level": 2})]


def test_a_duration_counts_from_when_it_was_reached_also_when_evaluated_again() -> None:
    x = doc(start(), catch("c", timer("=venting")), end(), flows("s>c>e"))
    r = Run(x)
    assert r.due() == [("c", [])]
    r.world.now = at(3)
    r.step(lambda i: i.data.update(venting="P10D"))
    assert r.step(actions.reschedule) == 1
    assert r.due() == [("c", ["2027-01-14T08:00"])]


def test_paused_timers_stand_still_and_go_on_with_what_was_left() -> None:
    r = Run(chased("R2/P7D"))
    r.step(lambda i: actions.pause(i, at(2)))
    assert r.view.timers[0].paused
    assert r.tick(at(10)) == 0
    r.step(lambda i: actions.resume(i, at(12)))
    assert r.tick(at(16)) == 0
    assert r.tick(at(17, 1)) == 1
    assert r.open() == ["chase", "u"]


def test_a_bad_timer_is_an_incident_and_can_be_retried() -> None:
    x = doc(start(), catch("c", timer("=frist", "timeDate")), end(), flows("s>c>e"))
    r = Run(x, data={"frist": 12})
    assert r.failed() == ["c"]
    r.step(lambda i: i.data.update(frist="2027-01-10T00:00:00"))
    r.retry("c")
    assert r.due() == [("c", ["2027-01-09T23:00"])]
    r.tick(at(30))
    assert r.done


@pytest.mark.parametrize(
    "text",
    ["P9999999Y", "R/PT0S", "R5/PT0S", "R9999/P1D", "R0/P1D", "tull", "P", "P0D", "=1", "-P1D", "P6Y", "R3/PT30S"],
)
def test_poison_is_an_incident_on_the_event_and_the_task_stays_open(text: str) -> None:
    x = doc(start(), user("u"), boundary("b", "u", timer(text)), end(), end("e2"), flows("s>u>e", "b>e2"))
    r = Run(x)
    assert r.failed() == ["b"]
    assert r.open() == ["u"]
    assert r.complete("u").done


def test_occurrence_is_seen_in_the_branch_also_inside_a_sub_process_and_nowhere_else() -> None:
    x = doc(
        start(), user("u", ins=[("=occurrence", "o")]), boundary("b", "u", timer("R2/P1D", "timeCycle"), False),
        sub("sp", start("s1"), user("h", ins=[("=occurrence", "o")]), end("e1"), flows("s1>h>e1")), end("e2"),
        user("v", ins=[("=occurrence", "o")]), end(), flows("s>u>v>e", "b>sp>e2"),
    )  # fmt: skip
    r = Run(x)
    r.tick(at(1))
    r.tick(at(2))
    assert sorted(task.inputs["o"] for task in r.view.tasks if task.element == "h") == [1, 2]
    r.complete("u")
    assert r.inputs("v") == {"o": None}


def test_a_loop_through_a_time_that_has_passed_goes_on_at_the_next_tick() -> None:
    x = doc(
        start(),
        gw("exclusive", "m"),
        catch("c", timer("2027-01-01", "timeDate")),
        gw("exclusive", "g", default="g_m"),
        end(),
        flows("s>m>c>g", "g>m", "g>e:=ferdig"),
    )
    r = Run(x)
    assert r.tick(at(0)) == 1000
    assert not r.done
