"""Random runs by hypothesis: how many, of which kinds of blocks, and where what they find is kept."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, assume, settings
from hypothesis import strategies as st

from engine.graphs import Graph
from engine.random_diagrams import KINDS, Builder, Pick
from engine.random_drawing import draw
from engine.random_walks import Walk
from engine.token_game import Tied

FAMILIES = {
    "loops": ["user", "seq", "xor", "and", "loop", "sub", "link", "passing"],
    "tokens": ["user", "seq", "multi", "xor", "ends", "and", "loop", "sub", "passing"],
    "inclusive": ["user", "seq", "xor", "or", "and", "loop", "sub", "ends"],
    "items": ["user", "seq", "xor", "sub", "mi", "misub", "and", "terminate", "guarded", "service", "call"],
    "time": ["user", "seq", "xor", "and", "guarded", "chased", "wait", "race", "handled", "sub", "calendar"],
    "events": ["user", "seq", "sub", "guarded", "chased", "handled", "throwing", "message", "signal", "call", "misub"],
    "data": ["user", "seq", "mapped", "call", "mi", "misub", "xor", "service", "message", "handled", "sub"],
    "all": KINDS,
}
MANY = int(os.environ.get("KOMP_FLOW_RANDOM", "0"))  # diagrams of each family: a long run with a new seed
FOUND = Path(".hypothesis/found")  # diagrams on which they differ, the smallest that was found


def random_settings(few: int) -> settings:
    """A few that are always the same, or as many as one asks for."""
    return settings(
        max_examples=MANY or few,
        derandomize=not MANY,
        database=None,
        deadline=None,
        print_blob=True,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )


def picking(data: st.DataObject) -> Pick:
    """Hypothesis chooses, and so can make it smaller."""
    return lambda options: options[0] if len(options) == 1 else data.draw(st.sampled_from(options))


def walked(pick: Pick, kinds: list[str], make: Callable[[Graph], Walk], name: str) -> Walk:
    """A walk to the end; where they differ, the diagram and the way there are kept."""
    builder = Builder(pick, kinds)
    graph = builder.build(pick([2, 3, 4, 5]))
    try:
        walk = make(graph)
        walk.go(pick)
    except Tied:
        assume(False)
    except Exception as error:
        keep(name, graph, error)
        raise
    return walk


def keep(name: str, graph: Graph, error: Exception) -> None:
    folder = FOUND / name
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for number, document in enumerate(draw(graph)):
        (folder / f"{number}.bpmn").write_bytes(document)
    (folder / "difference.txt").write_text(f"{type(error).__name__}: {error}\n")
