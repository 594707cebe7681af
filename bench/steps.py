"""One durable completion: komp-flow, a bare commit, and SpiffWorkflow by itself, taking turns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bench import plain
from bench.contenders import Contender
from bench.contenders.bare import Bare
from bench.contenders.naive import Naive
from bench.contenders.ours import Ours, published
from bench.contenders.peers import BpmnEngine, Viewflow
from bench.drawing import Process
from bench.places import Place
from bench.racing import Race, race
from bench.saying import table
from bench.series import Series, spread


@dataclass(frozen=True)
class Effort:
    """How many instances in each repetition, at most how many steps of each, and about how many seconds in all."""

    instances: int
    repetitions: int
    most_steps: int
    seconds: float


EFFORT = {"quick": Effort(2, 3, 40, 10), "ordinary": Effort(8, 7, 60, 45), "long": Effort(40, 9, 400, 600)}


@dataclass
class Measured:
    """What one process took on one kind of database."""

    kind: str
    process: str
    race: Race
    refused: dict[str, str]


def measure(
    place: Place, kind: str, process: Process, effort: Effort, say: Callable[[str], None], peers: bool = False
) -> Measured:
    """Race them on this process."""
    say(f"{process.name} on {kind}")
    contenders: dict[str, Contender] = {
        "bare": Bare(place, kind),
        "ours": Ours(published(place, kind, [process]), process),
    }
    others: dict[str, Callable[[Place, str, Process], Contender]] = {"naive": Naive}
    if peers:
        others |= {"viewflow": Viewflow, "bpmn-engine": BpmnEngine}
    refused: dict[str, str] = {}
    for key, made in others.items():
        try:
            contenders[key] = made(place, kind, process)
        except plain.Refused as error:
            refused[key] = str(error)
    try:
        found = race(contenders, effort.instances, effort.repetitions, effort.most_steps, say, seconds=effort.seconds)
        for key, contender in contenders.items():
            found.steps[key].facts = contender.facts()
    finally:
        for contender in contenders.values():
            contender.close()
    return Measured(kind, process.name, found, refused)


def told(measured: Measured) -> str:
    """For the screen."""
    return f"\n{measured.process} on {measured.kind}\n{rows(measured)}"


def rows(measured: Measured) -> str:
    """As a table, and below it who could not run the process."""
    base = measured.race.steps["bare"]
    listed = [_row(series, base, measured.race.starts[key]) for key, series in measured.race.steps.items()]
    head = ["step", "p50 ms", "p95 ms", "CPU ms", "× bare", "spread", "start ms", "n", "state B", "statements"]
    refused = "".join(f"\n\n{name} cannot run it: {why}." for name, why in measured.refused.items())
    return table(head, listed) + refused


def _row(series: Series, base: Series, starts: Series) -> list[str]:
    facts = series.facts
    return [
        series.name, f"{series.wall:.3f}", f"{series.p95:.3f}", f"{series.cpu:.3f}", f"{series.ratio(base):.1f}",
        spread(series.ratios(base)), f"{starts.wall:.3f}", str(series.count),
        str(facts.get("state") or ""), str(facts.get("statements") or ""),
    ]  # fmt: skip
