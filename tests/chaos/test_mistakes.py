"""The oracle sees: each planted mistake turns it red, and what must do no harm leaves it green."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from chaos.mistakes import HARMLESS, MAILING, MISTAKES
from chaos.oracle import Plan, run
from chaos.topology import Town

SHOWS = {
    "stale-read": {"doubled", "half", "stuck", "odd"},
    "early-answer": {"stale", "lost"},
    "missing-key": {"doubled", "answers"},
    "double-claim": {"doubled"},
    "half-written": {"half"},
    "forgotten-draft": {"lost"},
    "polite-answer": {"lost", "doubled"},
    "sent-twice": {"doubled"},
}
QUICK = Plan(7, kills=0, completions=12, rest=3, poisoned=0)
TRIES = 3  # a short run may pass without the rivals that a mistake needs; a sound product is never red


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_planted_mistake_turns_the_oracle_red(mistake: str, alone: Callable[..., Town]) -> None:
    reports = []
    for turn in range(TRIES):
        verdict = run(alone(mistake, mail=mistake in MAILING), replace(QUICK, seed=QUICK.seed + turn))
        print(verdict.report())
        if SHOWS[mistake] & verdict.counts.keys():
            return
        reports.append(verdict.report())
    pytest.fail("\n".join(reports))


@pytest.mark.parametrize("change", HARMLESS)
def test_a_bell_that_is_lost_or_rings_thrice_does_no_harm(change: str, alone: Callable[..., Town]) -> None:
    verdict = run(alone(change), QUICK)
    assert not verdict.is_red, verdict.report()
