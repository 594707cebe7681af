"""Mistakes that one could make in the product, planted on purpose: the oracle must turn red at each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final


def plant(name: str) -> None:
    """Make this mistake in the running process. KeyError: there is none of this name."""
    MISTAKES[name]()


MISTAKES: Final[dict[str, Callable[[], None]]] = {}
