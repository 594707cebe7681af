"""The oracle sees: each planted mistake turns it red, and what must do no harm leaves it green.

On PostgreSQL, with either queue: `make chaos MISTAKES=1 DATABASE=postgresql`.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chaos import mistakes
from chaos.oracle import Plan, run, tried
from chaos.topology import Town

QUICK = Plan(7, kills=0, completions=12, poisoned=0)


@pytest.mark.parametrize("mistake", [name for name in mistakes.MISTAKES if name not in mistakes.ON_POSTGRESQL])
def test_a_planted_mistake_turns_the_oracle_red(mistake: str, alone: Callable[..., Town]) -> None:
    verdict = run(alone(mistake, mail=mistake in mistakes.MAILING), tried(mistake))
    print(verdict.report())
    assert mistakes.SHOWS[mistake] & verdict.counts.keys(), verdict.report()


def test_without_a_mistake_the_same_run_is_green(alone: Callable[..., Town]) -> None:
    verdict = run(alone(mail=True), tried(""))
    assert not verdict.is_red, verdict.report()


@pytest.mark.parametrize("change", mistakes.HARMLESS)
def test_a_bell_that_is_lost_or_rings_thrice_does_no_harm(change: str, alone: Callable[..., Town]) -> None:
    verdict = run(alone(change), QUICK)
    assert not verdict.is_red, verdict.report()
