"""What is logged while tests run, as it stands in a terminal."""

from __future__ import annotations

import structlog


def plain_tracebacks() -> None:
    """As Python has them. structlog's own, with colours and the values of all variables, take seconds each to draw."""
    structlog.dev.ConsoleRenderer.get_active().exception_formatter = structlog.dev.plain_traceback
