"""Processes are killed while people work: nothing is lost, nothing happens twice. `make chaos`: longer."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from chaos.oracle import Plan, Verdict, run
from chaos.topology import Layout, Town, settled, town

SEED = int(os.environ.get("KOMP_FLOW_SEED", "0")) or random.SystemRandom().randrange(1 << 30)


def told(verdict: Verdict, kills: int) -> None:
    """The report is printed, and read when the run is red."""
    print(verdict.report())
    assert not verdict.findings, verdict.report()
    assert verdict.kills >= kills, verdict.report()


def test_one_process_that_is_killed_again_and_again_loses_and_doubles_nothing(alone: Callable[..., Town]) -> None:
    told(run(alone(mail=True), Plan(SEED, kills=3, completions=50)), 3)


def test_a_copy_taken_meanwhile_goes_on_elsewhere(alone: Callable[..., Town]) -> None:
    told(run(alone(), Plan(SEED, kills=1, completions=40), elsewhere=alone), 1)


@pytest.mark.parametrize("queue", ["local", "procrastinate"])
def test_web_nodes_and_workers_that_are_killed_lose_and_double_nothing(
    queue: str, bare_postgresql: str, tmp_path: Path
) -> None:
    secrets = settled(tmp_path, bare_postgresql)
    put_up = town(tmp_path, Layout("postgresql", queue, web=2, workers=2), secrets, bare_postgresql)
    told(run(put_up, Plan(SEED, kills=2, completions=40, every=(0.2, 1.0))), 2)
