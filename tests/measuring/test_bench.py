"""The bench itself: what it says is what was measured, and the peers get the same process."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bench import charts, crowd, drawing, growth, many, page, pages, plain, steps, whole
from bench.contenders.bare import Bare
from bench.contenders.naive import Naive
from bench.contenders.ours import Ours, published
from bench.places import Place
from bench.racing import Race, race
from bench.series import Series, Timing


class Steady:
    """Takes so many milliseconds, and has so many steps in each instance."""

    def __init__(self, name: str, wall: float, steps: int | None = None) -> None:
        self.name, self._wall, self._steps, self.endless = name, wall, steps, steps is None
        self.done = self._left = 0

    def begin(self) -> Timing:
        self._left = self._steps or 0
        return Timing(self._wall / 1e3, self._wall / 1e3)

    def step(self) -> Timing | None:
        if not self.endless:
            if not self._left:
                return None
            self._left -= 1
        self.done += 1
        return Timing(self._wall / 1e3, self._wall / 2e3)

    def facts(self) -> dict[str, object]:
        return {}

    def close(self) -> None:
        """Nothing."""


def test_a_ratio_is_how_many_times_as_long_it_takes() -> None:
    found = race({"bare": Steady("bare", 0.5), "ours": Steady("ours", 2.0, 3)}, 2, 4, warm=1).steps
    assert (found["ours"].count, found["ours"].ratio(found["bare"]), found["ours"].cpu) == (24, 4.0, 1.0)
    assert found["ours"].ratios(found["bare"]) == [4.0] * 4


def test_the_bare_commit_stops_when_the_others_have_done_their_instance() -> None:
    bare, short, long = Steady("bare", 1), Steady("short", 1, 2), Steady("long", 1, 5)
    race({"bare": bare, "short": short, "long": long}, 1, 1, warm=0)
    assert (short.done, long.done) == (2, 5)
    assert bare.done in {5, 6}


@pytest.mark.parametrize(
    ("feel", "python", "javascript"),
    [
        ("=go = true", "go == True", "go == true"),
        ('= a > 3 and not(b = "x and y")', 'a > 3 and not ( b == "x and y" )', 'a > 3 && ! ( b == "x and y" )'),
    ],
)
def test_a_condition_is_said_in_the_peers_languages(feel: str, python: str, javascript: str) -> None:
    assert plain.translated(feel, "python") == python
    assert plain.translated(feel, "javascript") == javascript


def test_what_a_peer_cannot_run_is_refused() -> None:
    with pytest.raises(plain.Refused):
        plain.translated("=some x in xs satisfies x > 1 ? 2", "python")
    service = drawing.document("p", ['<bpmn:serviceTask id="t"/>'])
    for dialect in (plain.for_spiff, plain.for_bpmn_engine, plain.for_viewflow):
        with pytest.raises(plain.Refused):
            dialect(drawing.Process("p", "p", service))


def test_viewflow_gets_every_node_and_a_multi_instance_drawn_out() -> None:
    nodes = plain.for_viewflow(drawing.w1())
    assert [name for name, node in nodes.items() if node["kind"] == "task"] == [f"u{n}" for n in range(1, 13)]
    assert nodes["g"]["next"] == [{"to": "r"}, {"to": "u7", "if": "go == True"}]
    assert nodes["u3"]["timers"] == [{"seconds": 259_200, "to": "l3", "interrupts": False}]
    many = plain.for_viewflow(drawing.w2(2))
    assert [each["to"] for each in many["m"]["next"]] == ["m_0_m1", "m_1_m1"]
    assert many["m_1_m3"]["next"] == [{"to": "m_join"}]
    assert many["m_join"]["next"] == [{"to": "u2"}]


def test_all_contenders_do_the_same_number_of_steps(tmp_path: Path) -> None:
    place = Place(tmp_path)
    process = drawing.w2(2)
    ours = Ours(published(place, "sqlite", [process]), process)
    found = race({"bare": Bare(place, "sqlite"), "ours": ours, "naive": Naive(place, "sqlite", process)}, 1, 1, warm=0)
    assert (found.steps["ours"].count, found.steps["naive"].count) == (8, 8)
    assert ours.facts()["statements"]
    place.close()


def test_the_crowd_has_as_many_rows_as_it_says_and_its_pages_open(tmp_path: Path) -> None:
    place, small = Place(tmp_path), crowd.Crowd(200, 20, 3)
    database = place.database("sqlite")
    crowd.fill(database, small)
    shown = pages.measure(place, "sqlite", database, small, 1, 1, lambda _text: None)
    with database.reading() as db:
        rows = db.connection().exec_driver_sql("SELECT count(*) FROM task").scalar()
        open_ = db.connection().exec_driver_sql("SELECT count(*) FROM task WHERE state = 'open'").scalar()
    assert rows == pytest.approx(small.tasks, rel=0.05)
    assert open_ == 220
    assert all(each.count == 1 for each in shown.series.values())
    place.close()


def _results() -> whole.Results:
    def series(name: str, wall: float) -> Series:
        facts: dict[str, object] = {"state": 300, "statements": 14, "sent": 3_000}
        return Series(name, [[Timing(wall / 1e3, wall / 1e3)], [Timing(wall / 1e3, wall / 1e3)]], facts)

    raced = {
        "bare": series("bare commit", 1),
        "ours": series("komp-flow", 7),
        "viewflow": series("django-viewflow", 21),
    }
    found = whole.Results(whole.EFFORT["quick"], ["a machine"], date(2027, 1, 4), 1_000)
    found.steps.append(steps.Measured("sqlite", "W1", Race(raced, raced), {"bpmn-engine": "it has no such event"}))
    found.grown.append(growth.Grown("sqlite", "history", series("young", 4), series("old", 8), 1.1))
    found.rates.append(many.Rate("sqlite", "100 started", 10_000, [12_000.0, 14_000.0]))
    listed = pages.of(crowd.Crowd(200, 20, 3))
    found.shown.append(pages.Shown("sqlite", {key: series(p.name, 1 + p.goal) for key, p in listed.items()}, listed))
    return found


def test_a_goal_that_is_not_reached_is_said_so() -> None:
    told = {goal.what: goal for goal in page.goals(_results())}
    assert told["a durable completion of W1, SQLite"].reached == "**no**"
    assert told["a durable completion of W1, SQLite"].found.startswith("7.0×")
    assert told["beside django-viewflow, SQLite"].reached == "yes"
    assert told["a step, history, SQLite"].reached == "**no**"
    assert told["100 started, SQLite"].reached == "yes"
    assert told["HR's board, SQLite, 1,000 task rows"].reached == "yes"


def test_the_page_and_its_charts_are_written(tmp_path: Path) -> None:
    text = page.write(_results(), tmp_path).read_text()
    assert "bpmn-engine cannot run it: it has no such event." in text
    for picture in ("steps-sqlite", "growth-sqlite", "pages-sqlite"):
        assert f"performance/{picture}.svg" in text
        assert (tmp_path / "performance" / f"{picture}.svg").read_text().startswith("<svg")


def test_the_longest_bar_is_as_wide_as_there_is_room() -> None:
    drawn = charts.bars("x < y", [charts.Bar("a", 1.0, "1"), charts.Bar("b", 2.0, "2", ours=True)], 2.0)
    assert 'width="195.0"' in drawn
    assert 'width="390.0"' in drawn
    assert "x &lt; y" in drawn
