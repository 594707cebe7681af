"""«Time»: both nights when the clock is moved, a leap day, a month of down time, lists, cycles, null and bounds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dialect.house import House, Refused
from dialect.pen import after, boundary, el, end, field, flow, flows, form, process, ref, root, start, sub, timer, user


def same(told: str | None, expected: str) -> bool:
    return told is not None and datetime.fromisoformat(told) == datetime.fromisoformat(expected)


def waits(kind: str, value: str) -> bytes:
    return process(start(), el("intermediateCatchEvent", "c", timer(kind, value)), end(), flows("s>c>e"))


@pytest.mark.parametrize(
    ("begun", "kind", "value", "due"),
    [
        ("2027-03-27T12:00:00+01:00", "timeDuration", "P1D", "2027-03-28T12:00:00+02:00"),
        ("2027-03-27T12:00:00+01:00", "timeDuration", "PT24H", "2027-03-28T13:00:00+02:00"),
        ("2027-10-30T12:00:00+02:00", "timeDuration", "P1D", "2027-10-31T12:00:00+01:00"),
        ("2027-10-30T12:00:00+02:00", "timeDuration", "PT24H", "2027-10-31T11:00:00+01:00"),
        ("2027-03-27T02:30:00+01:00", "timeDuration", "P1D", "2027-03-28T03:30:00+02:00"),  # does not exist
        ("2027-10-30T02:30:00+02:00", "timeDuration", "P1D", "2027-10-31T02:30:00+02:00"),  # exists twice: the first
        ("2027-03-27T12:00:00+01:00", "timeDuration", "P1DT2H", "2027-03-28T14:00:00+02:00"),
        ("2027-03-21T12:00:00+01:00", "timeDuration", "P1W", "2027-03-28T12:00:00+02:00"),
        ("2028-01-31T12:00:00+01:00", "timeDuration", "P1M", "2028-02-29T12:00:00+01:00"),
        ("2027-01-31T12:00:00+01:00", "timeDuration", "P1M", "2027-02-28T12:00:00+01:00"),
        ("2028-02-28T12:00:00+01:00", "timeDuration", "P1D", "2028-02-29T12:00:00+01:00"),
        ("2028-02-29T12:00:00+01:00", "timeDuration", "P1Y", "2029-02-28T12:00:00+01:00"),
        ("2027-02-01T12:00:00+01:00", "timeDate", "2028-02-29", "2028-02-29T08:00:00+01:00"),
        ("2027-02-01T12:00:00+01:00", "timeDate", "2027-07-01", "2027-07-01T08:00:00+02:00"),
        ("2027-02-01T12:00:00+01:00", "timeDate", "2027-07-01T09:30:00+02:00", "2027-07-01T07:30:00Z"),
        ("2027-02-01T12:00:00+01:00", "timeDate", "2027-07-01T09:30:00Z", "2027-07-01T09:30:00Z"),
        ("2027-02-01T12:00:00+01:00", "timeDate", '=date("2027-07-01")', "2027-07-01T08:00:00+02:00"),
        ("2027-02-01T12:00:00+01:00", "timeDate", '=date and time("2027-03-28T02:30:00")', "2027-03-28T03:30:00+02:00"),
        (
            "2027-02-01T12:00:00+01:00",
            "timeDate",
            '=[date("2027-07-01"), date("2027-06-01")]',
            "2027-06-01T08:00:00+02:00",
        ),
        ("2027-02-01T12:00:00+01:00", "timeDate", '=now() + duration("P2D")', "2027-02-03T12:00:00+01:00"),
        ("2027-03-26T16:00:00+01:00", "timeDate", '=today() + duration("P2D")', "2027-03-28T08:00:00+02:00"),
        ("2027-03-27T12:00:00+01:00", "timeDuration", '=duration("P1D")', "2027-03-28T12:00:00+02:00"),
        ("2027-03-27T12:00:00+01:00", "timeDuration", '="PT90M"', "2027-03-27T13:30:00+01:00"),
        ("2027-03-27T12:00:00+01:00", "timeCycle", "R1/P1D", "2027-03-28T12:00:00+02:00"),
    ],
)
def test_a_wait_ends_at_its_instant_and_not_before(house: House, begun: str, kind: str, value: str, due: str) -> None:
    house.at(begun)
    house.publish(waits(kind, value))
    case = house.start()
    assert same(case.timers["c"], due), case.timers
    instant = datetime.fromisoformat(due).astimezone(UTC)
    house.tick(instant - timedelta(seconds=1))
    assert case.state == "active"
    house.tick(instant)
    case.ended("s", "c", "e")


def beside(kind: str, value: str) -> bytes:
    """A task with a timer beside it; its branch shows what it saw."""
    return process(
        start(),
        user("u"),
        boundary("b", "u", timer(kind, value), interrupting=False),
        user("n", ins={"nr": "occurrence"}),
        end(),
        end("e2"),
        flows("s>u>e", "b>n>e2"),
    )


def test_a_cycle_beside_a_task_keeps_its_hour_over_both_nights(house: House) -> None:
    house.at("2027-03-26T12:00:00+01:00")
    house.publish(beside("timeCycle", "R3/P1D"))
    case = house.start()
    for day, hour in (("27", "12:00:00+01:00"), ("28", "12:00:00+02:00"), ("29", "12:00:00+02:00")):
        assert same(case.timers["b"], f"2027-03-{day}T{hour}")
        house.tick(f"2027-03-{day}T{hour}")
    assert case.open == ["n", "n", "n", "u"]
    assert case.timers == {}
    case.do("u")
    for _ in range(3):
        case.do("n")
    assert case.state == "completed"
    house.at("2027-10-30T02:30:00+02:00")
    case = house.start()
    assert same(case.timers["b"], "2027-10-31T02:30:00+02:00")
    house.tick("2027-10-31T02:30:00+02:00")
    assert same(case.timers["b"], "2027-11-01T02:30:00+01:00")


def test_occurrence_counts_and_what_was_missed_fires_once_as_the_latest(house: House) -> None:
    house.publish(
        process(
            start(),
            user("u"),
            boundary("b", "u", timer("timeCycle", "R/PT1H"), interrupting=False),
            el("exclusiveGateway", "x", default="x_n"),
            user("n"),
            user("m"),
            end(),
            end("e2"),
            end("e3"),
            flows("s>u>e", "b>x>n>e2", "m>e3"),
            flow("x", "m", "occurrence in (2, 3, 4, 5)"),
        )
    )
    case = house.start()
    house.tick(hours=1)
    assert case.open == ["n", "u"]
    house.tick(hours=5)  # five are due: the last of them, the sixth, fires alone
    assert case.open == ["n", "n", "u"]
    house.tick(hours=1)
    assert case.open == ["n", "n", "n", "u"]
    fired = [e for e in case.sheet["trail"] if e["what"] == "fired" and e["element"] == "b"]
    assert len(fired) == 3


def test_after_a_month_of_down_time_a_list_fires_once_as_the_latest_and_goes_on(house: House) -> None:
    days = ", ".join(f'date("2027-0{month}-15")' for month in range(1, 7))
    house.publish(
        process(
            start(),
            user("u"),
            boundary("b", "u", timer("timeDate", f"=[{days}]"), interrupting=False),
            user("n", form="f", ins={"nr": "occurrence"}),
            end(),
            end("e2"),
            flows("s>u>e", "b>n>e2"),
        ),
        form("f", {"type": "text", "id": "t1", "text": "=string(nr)"}),
    )
    case = house.start()
    house.tick("2027-04-20T12:00:00+02:00")
    assert case.open == ["n", "u"]
    shown = house.ok("GET", f"/tasks/{case.task('n')['id']}")
    assert shown["names"]["nr"] == 4, shown["names"]
    assert same(case.timers["b"], "2027-05-15T08:00:00+02:00")
    house.tick("2027-05-15T08:00:00+02:00")
    assert case.open == ["n", "n", "u"]


def test_an_interrupting_cycle_or_list_fires_once(house: House) -> None:
    for n, (kind, value) in enumerate(
        (("timeCycle", "R3/P1D"), ("timeDate", '=[date("2027-01-05"), date("2027-01-06")]'))
    ):
        house.at("2027-01-04T08:00:00Z")
        house.publish(
            process(
                start(),
                user("u"),
                boundary("b", "u", timer(kind, value)),
                user("n"),
                end(),
                flows("s>u>e", "b>n>e"),
                id_=f"p{n}",
            )
        )
        case = house.start(f"p{n}")
        house.tick(days=10)
        assert (case.open, case.timers) == (["n"], {})
        house.tick(days=10)
        case.do("n")
        case.ended("s", "b", "n", "e")


def test_a_timer_that_was_due_while_the_house_was_down_fires_once(house: House) -> None:
    house.publish(
        process(
            start(),
            user("u"),
            boundary("b", "u", after("P3D"), interrupting=False),
            user("n"),
            end(),
            end("e2"),
            flows("s>u>e", "b>n>e2"),
        )
    )
    case = house.start()
    house.at("2027-02-10T08:00:00Z")
    house.begin()
    house.tick()
    house.tick()
    assert case.open == ["n", "u"]


def test_null_waits_until_it_is_known(house: House) -> None:
    house.publish(
        process(
            start(),
            el("parallelGateway", "f"),
            user("u", form="f"),
            el("intermediateCatchEvent", "c", timer("timeDate", "=frist")),
            el("parallelGateway", "j"),
            end(),
            flows("s>f>u>j", "f>c>j>e"),
        ),
        form("f", field("frist", "datetime", subtype="date", dateLabel="Frist")),
    )
    case = house.start()
    assert case.timers == {"c": None}
    house.tick(days=40)
    case.do("u", frist="2027-03-01")
    assert same(case.timers["c"], "2027-03-01T08:00:00+01:00"), case.timers
    house.tick("2027-03-01T08:00:00+01:00")
    assert case.state == "completed"


def test_null_in_a_duration_and_in_a_cycle_waits_until_it_is_known(house: House) -> None:
    house.publish(
        process(
            start(),
            user("u"),
            boundary("b", "u", timer("timeDuration", "=lengde")),
            sub(
                "v",
                el("startEvent", "es", ref("message", "m"), isInterrupting="false") + end("ee") + flows("es>ee"),
                event=True,
            ),
            user("n"),
            end(),
            flows("s>u>e", "b>n>e"),
            roots=root("message", "m", '"k"'),
        )
    )
    case = house.start()
    assert case.timers == {"b": None}
    house.message("m", "k", lengde="P1D")
    assert case.timers["b"] is not None
    house.tick(days=1)
    assert case.open == ["n"]


def test_a_timer_start_in_a_cycle(house: House) -> None:
    house.publish(process(start("s", timer("timeCycle", "R3/P1D")), user("u"), end(), flows("s>u>e")))
    assert house.cases() == []
    house.tick(hours=23)
    assert house.cases() == []
    house.tick(hours=1)
    assert [case.open for case in house.cases()] == [["u"]]
    house.tick(days=1)
    assert len(house.cases()) == 2
    house.tick(days=10)  # the last; nothing is left
    house.tick(days=10)
    assert len(house.cases()) == 3
    case = house.cases()[0]
    case.do("u")
    case.ended("s", "u", "e")


def test_a_timer_start_that_repeats_for_ever_fires_once_for_a_month_of_down_time(house: House) -> None:
    house.publish(process(start("s", timer("timeCycle", "R/P1D")), end(), flows("s>e")))
    house.tick(days=31)
    assert len(house.cases()) == 1
    house.tick(days=1)
    assert len(house.cases()) == 2


def test_publishing_again_replaces_the_timer_start(house: House) -> None:
    house.publish(process(start("s", timer("timeDate", "2027-02-01")), end(), flows("s>e")))
    house.publish(process(start("s", timer("timeDate", "2027-03-01")), user("u"), end(), flows("s>u>e")))
    house.tick("2027-02-02T00:00:00Z")
    assert house.cases() == []
    house.tick("2027-03-02T00:00:00Z")
    assert [case.open for case in house.cases()] == [["u"]]


def test_a_date_that_has_passed_fires_at_once(house: House) -> None:
    house.publish(waits("timeDate", "2026-01-01"))
    house.start().ended("s", "c", "e")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("timeDuration", "P9999999Y"),
        ("timeDuration", "P6Y"),
        ("timeCycle", "R/PT0S"),
        ("timeCycle", "R/PT1S"),
        ("timeCycle", "R101/P1D"),
        ("timeDuration", "en dag"),
        ("timeDate", "i morgen"),
        ("timeCycle", "0 0 9 * * *"),
        ("timeDuration", "=1 +"),
        ("timeDate", "2027-02-30"),
        ("timeDuration", "-P1D"),
        ("timeDuration", ""),
    ],
)
def test_a_time_out_of_bounds_is_refused_where_it_stands(house: House, kind: str, value: str) -> None:
    with pytest.raises(Refused) as refused:
        house.publish(waits(kind, value))
    assert "c" in {p["element"] for p in refused.value.problems if p["severity"] == "error"}


def test_a_time_out_of_bounds_that_only_the_data_shows_is_an_incident(house: House) -> None:
    house.publish(waits("timeDuration", "=lengde"))
    case = house.start(lengde="P60Y")
    assert case.state == "incident"
    assert house.start(lengde="PT2H").timers["c"]


def test_due_and_follow_up_dates(house: House) -> None:
    house.publish(
        process(
            start(),
            user("a", due="2027-02-01T12:00:00+01:00", follow="2027-01-20"),
            user("b", due='=now() + duration("P1D")', follow='=now() + duration("PT1H")'),
            user("c", due="=frist", groups="administrator"),
            end(),
            flows("s>a>b>c>e"),
        )
    )
    case = house.start(frist="2027-03-10")
    assert same(case.task("a")["due"], "2027-02-01T12:00:00+01:00")
    case.do("a")
    assert same(case.task("b")["due"], "2027-01-05T08:00:00Z")
    case.do("b")
    assert case.task("c")["due"] is not None
