"""A copy that is taken while people work and processes die, and put back elsewhere: every instance goes on."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from chaos import checker, ends
from chaos.checker import LOST, Finding
from chaos.client import Client, Unanswered
from chaos.history import OK, Attempt, History, Operation
from chaos.rest import come_to_rest
from chaos.topology import PEOPLE, Node, Town

LONGEST: Final = 600.0  # seconds for a copy, or to put one back


@dataclass
class Copy:
    """What was taken, and when that began by the clock of the history."""

    file: Path
    began: float
    took: float


@dataclass
class GoneOn:
    """What came of it where it was put back."""

    findings: list[Finding] = field(default_factory=list)
    report: str = ""


def take(town: Town) -> Copy:
    """By the command that operators use, beside everything that runs."""
    file, began = town.home / "copy", time.monotonic()
    _command(town.nodes[0], "backup", file)
    return Copy(file, began, time.monotonic() - began)


def go_on(copy: Copy, history: History, elsewhere: Callable[[], Town], chance: random.Random, rest: float) -> GoneOn:
    """Put it back there, send what was sent since once more, do all that is left, and compare with what was told."""
    town, known = elsewhere(), _known(history, copy.began)
    began = time.monotonic()
    _command(town.nodes[0], "restore", copy.file)
    put_back = time.monotonic() - began
    database = town.open()
    try:
        before = ends.read(database)
        town.start()
        client = Client(town, known, PEOPLE[0], chance)
        for message in [one for one in known.of("message") if one.outcome != OK]:
            client.ask(message, "POST", "/messages", message.about["said"])
        wrong = come_to_rest(town, known, chance, rest)
        wrong += town.stop()
        after = ends.read(database)
    except Unanswered as error:
        return GoneOn([Finding(LOST, f"in the copy nobody answered: {error}")])
    finally:
        town.kill()
        database.close()
    for text in wrong:
        known.note(text)
    found = [Finding(one.kind, f"in the copy: {one.text}") for one in checker.check(known, after)]
    active = sum(not one.view.completed for one in before.instances.values())
    return GoneOn(
        found,
        f"copy taken in {copy.took:.1f} s and put back elsewhere in {put_back:.1f} s: {len(before.instances)} "
        f"instances, of them {active} under way; when all had gone on {len(after.instances)}, {len(found)} findings",
    )


def _known(history: History, moment: float) -> History:
    """What was acknowledged before the copy must be in it; of all else nobody can say whether it is."""
    known = History()
    for one in list(history.operations):
        answered = [attempt for attempt in one.attempts if attempt.ended < moment]
        if Operation(one.number, one.kind, one.person, one.key, one.about, answered).outcome != OK:
            answered = [Attempt(attempt.node, attempt.began, attempt.ended) for attempt in one.attempts[:1]]
        made = known.begin(one.kind, one.person, one.key, one.about)
        made.number, made.attempts = one.number, answered
    known.operations = [one for one in known.operations if one.attempts and one.kind != "reuse"]
    return known


def _command(node: Node, what: str, file: Path) -> None:
    """RuntimeError: it did not do it."""
    words = [sys.executable, "-m", "chaos.node", "database", what, str(file)]
    done = subprocess.run(
        words, env=node.environment, cwd=node.home, capture_output=True, text=True, timeout=LONGEST, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{what} ended with {done.returncode}: {done.stdout[-1000:]} {done.stderr[-1000:]}")
