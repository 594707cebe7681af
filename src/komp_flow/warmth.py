"""What a process that serves has made once and keeps: put aside, so that looking for garbage does not go through it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# Allocations before the youngest are looked at, and how often the older: pages make many small objects and drop them.
THRESHOLDS: Final = (50_000, 20, 50)


def settle() -> None:
    """Call it when everything is loaded: what lives now is expected to live as long as the process."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)


@contextmanager
def settled() -> Iterator[None]:
    """The same for the length of a block, as for a measurement."""
    before = gc.get_threshold()
    settle()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
