"""Many at once: N started, one message to N who wait, N timers that are due; each as the tick does it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import median

from bench.contenders.ours import NOW, PEOPLE, published
from bench.drawing import Process, document, end, flow, start, task, w1
from bench.organisation import unit_id
from bench.places import Place
from bench.racing import FEWEST
from komp_flow import engine, work
from komp_flow.db import Database
from komp_flow.organisation import Subject
from komp_flow.warmth import settled

ENOUGH = 30.0  # seconds
A_TIME = 200  # started in one transaction, as requests are done


@dataclass
class Rate:
    """How many a second, of each repetition."""

    kind: str
    what: str
    goal: float
    found: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """The median."""
        return median(self.found)


def waiting(name: str, event: str, top: str = "") -> Process:
    """Waits for something, then has one task."""
    caught = f'<bpmn:intermediateCatchEvent id="c">{event}</bpmn:intermediateCatchEvent>'
    parts = [start("s"), caught, task("u"), end("e"), flow("s", "c"), flow("c", "u"), flow("u", "e")]
    return Process(name, name, document(name, parts, top), w1().forms)


MESSAGE = (
    '<bpmn:message id="m" name="besked"><bpmn:extensionElements>'
    '<zeebe:subscription correlationKey="=&quot;alle&quot;"/>'
    "</bpmn:extensionElements></bpmn:message>"
)
TIMER = (
    '<bpmn:timerEventDefinition><bpmn:timeDuration xsi:type="bpmn:tFormalExpression">PT1H</bpmn:timeDuration>'
    "</bpmn:timerEventDefinition>"
)


def measure(place: Place, kind: str, count: int, repetitions: int, say: Callable[[str], None]) -> list[Rate]:
    """Each in turn, so many times, in one database that fills."""
    say(f"{count:,} at once on {kind}")
    process = w1()
    hears = waiting("hears", '<bpmn:messageEventDefinition messageRef="m"/>', MESSAGE)
    sleeps = waiting("sleeps", TIMER)
    database = published(place, kind, [process, hears, sleeps])
    units = max(2, PEOPLE // 10)
    subjects = [Subject(unit=unit_id(number % units)) for number in range(count)]
    rates = [Rate(kind, f"{count:,} started (W1)", 10_000), Rate(kind, f"a message to {count:,} who wait", 3_000),
             Rate(kind, f"{count:,} timers due", 3_000)]  # fmt: skip
    _started(database, process.id, subjects[:A_TIME])
    began = time.monotonic()
    with settled():
        for repetition in range(repetitions):
            if repetition >= FEWEST and time.monotonic() - began > ENOUGH:
                break
            rates[0].found.append(count / _started(database, process.id, subjects))
            _started(database, hears.id, subjects)
            rates[1].found.append(count / _broadcast(database))
            _started(database, sleeps.id, subjects)
            rates[2].found.append(count / _passed(database))
            say(f"repetition {repetition + 1} of {repetitions}")
    return rates


def _started(database: Database, process: str, subjects: Sequence[Subject]) -> float:
    began = time.perf_counter()
    for at in range(0, len(subjects), A_TIME):
        with database.transaction() as db:
            some = subjects[at : at + A_TIME]
            engine.start_many(db, work.WORLD, process, some, {}, by="p0", now=NOW)
    return time.perf_counter() - began


def _broadcast(database: Database) -> float:
    with database.transaction() as db:
        engine.correlate(db, "besked", "alle", {"hva": "Møte mandag"}, by="p0", now=NOW)
    return _run(database, NOW)


def _passed(database: Database) -> float:
    return _run(database, NOW + timedelta(hours=2))


def _run(database: Database, now: object) -> float:
    began = time.perf_counter()
    work.run_all(database, now)  # type: ignore[arg-type]
    return time.perf_counter() - began
