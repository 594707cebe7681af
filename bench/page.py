"""The page `docs/performance.md` and its charts: what was measured, what the goals are, which of them are reached."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bench import charts, steps
from bench.charts import Bar
from bench.pages import Shown
from bench.saying import table
from bench.series import spread
from bench.steps import Measured
from bench.whole import Results

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
FIRST = {"sqlite": (6.0, 4.0), "postgresql": (8.0, 6.0)}  # of W1: the first goal, and then


@dataclass(frozen=True)
class Goal:
    """One promise, what was found, and whether it is kept."""

    what: str
    goal: str
    found: str
    reached: str


def write(results: Results, folder: Path) -> Path:
    """The page and its charts in `folder`; answers where the page is."""
    drawn = folder / "performance"
    drawn.mkdir(parents=True, exist_ok=True)
    for name, chart in _charts(results).items():
        (drawn / f"{name}.svg").write_text(chart)
    page = folder / "performance.md"
    page.write_text("\n\n".join(_parts(results)) + "\n")
    return page


def _parts(results: Results) -> Iterable[str]:
    yield "# Performance"
    yield (
        "Written by `make bench`: do not edit it by hand. Everything was measured in one run, side by side: contenders "
        "take turns, in an order drawn anew at every step. Trust the ratios more than the milliseconds. A figure is a "
        "median; the spread beside it is the least and the most of the repetitions' own medians."
    )
    yield f"The {results.effort.name} form, {results.on.isoformat()}:\n\n" + "\n".join(
        f"- {m}" for m in results.machine
    )
    yield "## Goals"
    goals = [[goal.what, goal.goal, goal.found, goal.reached] for goal in _goals(results)]
    yield table(["what", "goal", "measured", "reached"], goals)
    yield from _steps(results)
    yield from _many(results)
    yield from _growth(results)
    yield from _pages(results)
    yield _again()


def goals(results: Results) -> list[Goal]:
    """All of them, for those who only want to know."""
    return list(_goals(results))


def _verdict(kept: bool) -> str:
    return "yes" if kept else "**no**"


def _goals(results: Results) -> Iterable[Goal]:
    for measured in results.steps:
        if measured.process == "W1":
            yield from _goals_of_w1(measured)
    for grown in results.grown:
        if grown.goal:
            found = f"{grown.ratio:.2f}× ({spread(grown.after.ratios(grown.before))})"
            yield Goal(
                f"a step, {grown.what}, {NAMES[grown.kind]}",
                f"≤ {grown.goal}×",
                found,
                _verdict(grown.ratio <= grown.goal),
            )
    for rate in results.rates:
        found = f"{rate.rate:,.0f} a second"
        goal = f"≥ {rate.goal:,.0f} a second"
        yield Goal(f"{rate.what}, {NAMES[rate.kind]}", goal, found, _verdict(rate.rate >= rate.goal))
    for shown in results.shown:
        for key, page in shown.pages.items():
            if page.goal > 1:
                what = f"{page.name}, {NAMES[shown.kind]}, {results.tasks:,} task rows"
                ratio = _times(shown, key)
                goal = f"≤ {page.goal:.0f}× an empty page"
                yield Goal(what, goal, f"{ratio:.1f}×", _verdict(ratio <= page.goal))


def _goals_of_w1(measured: Measured) -> Iterable[Goal]:
    found, database = measured.race.steps, NAMES[measured.kind]
    ours, bare = found["ours"], found["bare"]
    ratio = ours.ratio(bare)
    first, then = FIRST[measured.kind]
    yield Goal(
        f"a durable completion of W1, {database}",
        f"≤ {first:.0f}×, then ≤ {then:.0f}× a bare commit",
        f"{ratio:.1f}× ({spread(ours.ratios(bare))})",
        "yes, both" if ratio <= then else "the first" if ratio <= first else _verdict(False),
    )
    for key, times in (("viewflow", 2.0), ("bpmn-engine", 8.0)):
        if key in found:
            faster = found[key].ratio(ours)
            said = f"{faster:.1f}× ({spread(found[key].ratios(ours))})"
            yield Goal(
                f"beside {found[key].name}, {database}", f"≥ {times:.0f}× faster", said, _verdict(faster >= times)
            )
    size = int(str(ours.facts.get("state") or 0))
    yield Goal(f"stored state of a small instance (W1), {database}", "≤ 1 kB", f"{size} B", _verdict(size <= 1024))


def _times(shown: Shown, key: str) -> float:
    return shown.series[key].ratio(shown.series[shown.base(key)])


def _steps(results: Results) -> Iterable[str]:
    yield "## One durable completion"
    yield (
        "W1: twelve tasks after each other, a gateway in the middle, a non-interrupting timer on each. W2/N: one task, "
        "a parallel sub-process of three tasks for each of N items, one task. A form of two fields with every task. "
        "*Bare commit*: one row of 600 bytes written anew. *SpiffWorkflow*: as its documentation shows it, the whole "
        "workflow with its specification as JSON, and task and timer tables beside. *django-viewflow*: what its view "
        "does when a form is sent; it has no multi-instance, so W2 is drawn out. *bpmn-engine*: recovered from its "
        "kept state before each step and kept again after it, SQLite by Node's own driver. komp-flow does besides what "
        "the others do not: who may, the checked form, the idempotent answer, the chained trail. CPU is the "
        "contender's own process, without the database server's."
    )
    for measured in results.steps:
        yield f"**{measured.process}, {NAMES[measured.kind]}**\n\n{steps.rows(measured)}"
    yield _pictures("steps", results)


def _many(results: Results) -> Iterable[str]:
    yield "## Many at once"
    rows = [[rate.what, NAMES[rate.kind], f"{rate.rate:,.0f}", f"{min(rate.found):,.0f}–{max(rate.found):,.0f}"]
            for rate in results.rates]  # fmt: skip
    yield table(["what", "database", "a second", "spread"], rows)


def _growth(results: Results) -> Iterable[str]:
    yield "## As things grow"
    yield "A step before and after, taking turns. *History*: an instance that is sent back to its one task again."
    rows = [
        [grown.what, NAMES[grown.kind], f"{grown.before.wall:.2f}", f"{grown.after.wall:.2f}", f"{grown.ratio:.2f}×",
         spread(grown.after.ratios(grown.before)), str(grown.after.facts.get("state") or "")]
        for grown in results.grown
    ]  # fmt: skip
    yield table(["what grew", "database", "before, ms", "after, ms", "ratio", "spread", "state, B"], rows)
    yield _pictures("growth", results)


def _pages(results: Results) -> Iterable[str]:
    yield "## Pages"
    yield (
        f"Through the whole application, without a network, among {results.tasks:,} rows of tasks over four years. The "
        "empty page has the frame, the menu and who is signed in, and nothing else."
    )
    for shown in results.shown:
        rows = []
        for key, page in shown.pages.items():
            each = shown.series[key]
            rows.append([page.name, f"{each.wall:.1f}", f"{each.p95:.1f}", f"{_times(shown, key):.1f}×",
                         str(each.facts["statements"]), f"{int(str(each.facts['sent'])) / 1000:.0f}"])  # fmt: skip
        yield f"**{NAMES[shown.kind]}**\n\n" + table(
            ["page", "p50 ms", "p95 ms", "× empty", "statements", "kB of HTML"], rows
        )
    yield _pictures("pages", results)


def _again() -> str:
    return (
        "## Measure again\n\n"
        "`make bench` takes about ten minutes and wants a quiet machine; `make bench HOW=--quick` shows in two that it "
        "works, `HOW=--long` measures more. `make bench DIAGRAMS=folder` measures a completion of other diagrams "
        "(`*.bpmn`, their forms as `*.json`, `variables.json` with what they start with), beside the same peers where "
        "these can run them, and writes nothing. While working on the engine: `python -m bench step --quick`."
    )


def _pictures(name: str, results: Results) -> str:
    kinds = dict.fromkeys(measured.kind for measured in results.steps)
    return "\n".join(f"![{name}, {NAMES[kind]}](performance/{name}-{kind}.svg)" for kind in kinds)


def _charts(results: Results) -> dict[str, str]:
    found = {}
    for measured in results.steps:
        if measured.process == "W1":
            base = measured.race.steps["bare"]
            listed = [Bar(s.name, s.wall, f"{s.wall:.2f} ms · {s.ratio(base):.1f}×", key == "ours")
                      for key, s in measured.race.steps.items()]  # fmt: skip
            name = f"One durable completion of W1, {NAMES[measured.kind]}"
            found[f"steps-{measured.kind}"] = charts.bars(name, listed, FIRST[measured.kind][0] * base.wall)
    for kind in dict.fromkeys(grown.kind for grown in results.grown):
        listed = [Bar(grown.what, grown.ratio, f"{grown.ratio:.2f}×", ours=True)
                  for grown in results.grown if grown.kind == kind]  # fmt: skip
        found[f"growth-{kind}"] = charts.bars(f"A step as things grow, {NAMES[kind]} (1× is flat)", listed, 1.0)
    for shown in results.shown:
        listed = [Bar(page.name, _times(shown, key), f"{_times(shown, key):.1f}×", page.goal != 1.0)
                  for key, page in shown.pages.items()]  # fmt: skip
        found[f"pages-{shown.kind}"] = charts.bars(f"Pages beside an empty one, {NAMES[shown.kind]}", listed)
    return found
