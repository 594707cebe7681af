"""One run: put it up, let people work while things break, let it come to rest, and compare."""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from sqlalchemy import func, select

from chaos import checker, copying, ends, mistakes
from chaos.checker import KINDS, Finding
from chaos.client import Client, Unanswered
from chaos.history import History
from chaos.load import Load
from chaos.nemesis import Nemesis
from chaos.post import Clock
from chaos.rest import come_to_rest
from chaos.scenes import SCENES
from chaos.topology import PEOPLE, Town
from komp_flow.notifications import mails
from komp_flow.notifications.models import Mail, Notification

DEAD: Final = 3.0  # seconds without a letter, after which whoever has leases is gone
ENOUGH: Final = 20  # findings of the clients, after which nothing is learnt by going on


@dataclass(frozen=True)
class Plan:
    """How much, how long, how hard. It ends when all are reached, or the time is over."""

    seed: int
    kills: int = 3
    completions: int = 100
    clients: int = 6
    every: tuple[float, float] = (0.2, 1.5)  # seconds between kills
    seconds: float = 120.0
    rest: float = 90.0  # seconds to come to rest in
    poisoned: int = 2
    pairs: bool = False  # kill one web node and one worker at once, every so many seconds


def tried(mistake: str) -> Plan:
    """The run that shows whether a planted mistake is seen: what every run begins with, and nothing else."""
    rest = 2.0 if mistake in mistakes.NEVER_RESTS else 60.0
    return Plan(7, kills=0, completions=0, clients=0, rest=rest, poisoned=0)


@dataclass
class Verdict:
    """What came of it."""

    seed: int
    kills: int
    history: History
    findings: list[Finding]
    mails: tuple[int, int]  # taken by the mail server, and of those the ones that came again
    recoveries: list[float]
    seconds: float
    town: str = ""
    copied: str = ""  # what came of a copy that was put back elsewhere
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.counts = Counter(finding.kind for finding in self.findings)

    @property
    def is_red(self) -> bool:
        """Whether a promise was broken."""
        return bool(self.findings)

    def report(self) -> str:
        """A few lines for people."""
        answers = [
            attempt.ended - attempt.began
            for operation in self.history.operations
            for attempt in operation.answers
        ]  # fmt: skip
        whole = [operation.seconds for operation in self.history.operations]
        retried = sum(len(operation.attempts) > 1 for operation in self.history.operations)
        lines = [
            f"{self.town} seed {self.seed}, {self.seconds:.0f} s",
            f"operations {len(self.history.operations)}, completions {self.history.completions()}, kills {self.kills}",
            ", ".join(f"{kind} {self.counts[kind]}" for kind in KINDS),
            _saw(self.history),
            f"an answer: p50 {_at(answers, 50)}, p99 {_at(answers, 99)}",
            f"with retries ({retried} of them): p50 {_at(whole, 50)}, p99 {_at(whole, 99)}, longest {_at(whole, 100)}",
            f"recovery: p50 {_at(self.recoveries, 50)}, longest {_at(self.recoveries, 100)}",
        ]
        if self.mails[0]:
            lines.append(f"mails {self.mails[0]}, duplicate mails {self.mails[1]}")
        if self.copied:
            lines.append(self.copied)
        return "\n".join([*lines, *(f"  {finding.kind}: {finding.text}" for finding in self.findings[:40])])


def run(town: Town, plan: Plan, *, elsewhere: Callable[[], Town] | None = None, say: bool = False) -> Verdict:
    """Run the plan on the town, whose nodes are not begun yet; afterwards none of them runs. `elsewhere`: where a copy
    of it is put back, which is taken midway.
    """
    chance = random.Random(plan.seed)
    history, began = History(), time.monotonic()
    copy: copying.Copy | None = None
    nemesis = Nemesis(town, random.Random(chance.random()), plan.kills, plan.every, pairs=plan.pairs)
    wrong: list[str] = []
    try:
        town.start()
        wrong += _opened(Client(town, history, PEOPLE[0], random.Random(chance.random())))
        load = Load(town, history, chance, plan.clients, plan.poisoned)
        load.start()
        nemesis.start()
        if town.clock is not None:
            town.clock.start()
            _wait(
                replace(plan, kills=plan.kills // 3, completions=plan.completions // 3), history, nemesis, load, say=say
            )
            town.clock.next_morning()  # digests go out while people work and processes die
        if elsewhere is not None:
            _wait(replace(plan, kills=0, completions=plan.completions // 2), history, nemesis, load, say=say)
            copy = copying.take(town)
        _wait(plan, history, nemesis, load, say=say)
        nemesis.stop()
        load.stop()
        wrong += come_to_rest(town, history, chance, plan.rest)
        if town.clock is not None:
            town.clock.next_morning()
            wrong += _posted(town, town.clock, plan.rest)
        wrong += [f"nemesis: {nemesis.failed}"] if nemesis.failed else []
        wrong += town.stop()
    finally:
        town.kill()
        if town.clock is not None:
            town.clock.stop()
        if town.mailbox is not None:
            town.mailbox.stop()
        history.write(town.home / "history.jsonl")
    for text in wrong:
        history.note(text)
    database = town.open()
    try:
        end = ends.read(database)
    finally:
        database.close()
    history.kills = nemesis.kills
    posted = (0, 0)
    if town.mailbox is not None:
        end.letters = town.mailbox.letters
        posted = (len(end.letters), town.mailbox.doubles())
    found = checker.check(history, end)
    gone_on = copying.GoneOn()
    if copy is not None and elsewhere is not None:
        gone_on = copying.go_on(copy, history, elsewhere, chance, plan.rest)
    found += gone_on.findings
    seconds = time.monotonic() - began
    return Verdict(
        plan.seed, nemesis.kills, history, found, posted, nemesis.recoveries, seconds, copied=gone_on.report
    )  # fmt: skip


def _opened(client: Client) -> list[str]:
    """Each scene is played; answers those that could not be."""
    wrong = []
    for scene in SCENES:
        try:
            scene(client)
        except (Unanswered, LookupError, ValueError) as error:
            wrong.append(f"scene {scene.__name__}: {type(error).__name__}: {error}")
    return wrong


def _wait(plan: Plan, history: History, nemesis: Nemesis, load: Load, *, say: bool) -> None:
    until = time.monotonic() + plan.seconds
    while time.monotonic() < until and load.is_alive:
        if len(history.odd) >= ENOUGH:
            return  # it is red already
        enough = nemesis.kills >= plan.kills or not nemesis.is_alive
        if enough and history.completions() >= plan.completions:
            return
        if say:
            sys.stderr.write(f"\r{history.completions()} completions, {nemesis.kills} kills ")
        time.sleep(0.1)


def _posted(town: Town, clock: Clock, seconds: float) -> list[str]:
    """All that is to be mailed is mailed; what a dead process had begun, when its lease has run out."""
    database, until = town.open(), time.monotonic() + seconds
    before, since = 0, time.monotonic()
    try:
        while time.monotonic() < until:
            with database.reading() as db:
                unsaid = db.scalar(select(func.count()).where(Notification.mail_id.is_(None)))
                waiting = db.scalar(select(func.count()).where(Mail.state == mails.WAITING))
                leased = db.scalar(select(func.count()).where(Mail.state == mails.WAITING, Mail.lease.is_not(None)))
            if not unsaid and not waiting:
                return []
            if leased != waiting or unsaid or leased != before:
                before, since = leased, time.monotonic()
            elif time.monotonic() - since > DEAD:  # nobody is at them any more: their leases may run out
                clock.put_forward(mails.LEASE)
                since = time.monotonic()
            time.sleep(0.2)
    finally:
        database.close()
    return [f"{unsaid} notifications and {waiting} mails never went out"]


def _saw(history: History) -> str:
    """What clients were answered, and how often they had to ask."""
    asked = [attempt.status for operation in history.operations for attempt in operation.attempts]
    answers = Counter("cut off" if status is None else str(status) for status in asked)
    most = max((len(operation.attempts) for operation in history.operations), default=0)
    told = ", ".join(f"{what}: {count}" for what, count in sorted(answers.items()))
    return f"answers {told}; nobody there {history.absent}; asked at most {most} times"


def _at(figures: Sequence[float], percent: int) -> str:
    if not figures:
        return "–"
    ordered = sorted(figures)
    found = ordered[-1] if percent == 100 else statistics.quantiles([*ordered, ordered[-1]], n=100)[percent - 1]
    return f"{found * 1000:.0f} ms"
