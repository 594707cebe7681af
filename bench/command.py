"""What `python -m bench` takes: which measures, how thoroughly, on which databases."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from bench import folder, page, steps, whole
from bench.drawing import w1, w2
from bench.places import KINDS, Place, place
from bench.saying import Progress, table


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what was asked for and say it."""
    asked = _parser().parse_args(arguments)
    kinds = KINDS if asked.database == "both" else (asked.database,)
    progress = Progress()
    with place(asked.folder) as where:
        if asked.measure == "all":
            _all(where, kinds, asked, progress)
            return 0
        processes = folder.processes(asked.diagrams) if asked.diagrams else [w1(), w2(10)]
        effort = steps.EFFORT[asked.effort]
        for kind in kinds:
            for process in processes:
                found = steps.measure(where, kind, process, effort, progress, asked.peers)
                print(steps.told(found), flush=True)
    return 0


def _all(where: Place, kinds: Sequence[str], asked: argparse.Namespace, progress: Progress) -> None:
    results = whole.measure(where, kinds, whole.EFFORT[asked.effort], progress)
    listed = [[goal.what, goal.goal, goal.found, goal.reached] for goal in page.goals(results)]
    print(table(["what", "goal", "measured", "reached"], listed))
    progress(f"written: {page.write(results, asked.write)}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="How fast komp-flow is, side by side.")
    parser.add_argument(
        "measure", choices=["step", "all"], help="all: everything, and write the page; step: a durable completion only"
    )
    parser.add_argument("--write", type=Path, default=Path("docs"), help="where `all` writes performance.md")
    parser.add_argument("--database", choices=[*KINDS, "both"], default="both")
    parser.add_argument("--diagrams", type=Path, help="a folder of diagrams (and their forms) instead of W1 and W2")
    parser.add_argument("--folder", type=Path, help="where the databases lie meanwhile; default: for temporary files")
    parser.add_argument(
        "--peers", action="store_true", help="django-viewflow and bpmn-engine too (`make bench` has them)"
    )
    effort = parser.add_mutually_exclusive_group()
    effort.add_argument("--quick", dest="effort", action="store_const", const="quick", default="ordinary")
    effort.add_argument("--long", dest="effort", action="store_const", const="long")
    return parser
