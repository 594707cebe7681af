"""The log: one line of JSON a time on stderr, with ids of requests and instances, never with what anybody wrote.

Of an exception only its kind and its place are told: its own words may hold what somebody typed.
"""

from __future__ import annotations

import logging
import re
import sys
import uuid
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import structlog

QUIET: Final = {"alembic": logging.WARNING, "waitress.queue": logging.WARNING, "spiff": logging.CRITICAL}
FRAMES: Final = 6
REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")

Line = MutableMapping[str, Any]


class _Stderr(logging.StreamHandler[Any]):
    """Whatever stderr is when a line is written: whoever runs us in a process of their own may put another there."""

    @property
    def stream(self) -> Any:
        return sys.stderr

    @stream.setter
    def stream(self, _given: object) -> None:
        return


def to_stderr() -> None:
    """Everything that is logged, by us and by the libraries, goes to stderr as JSON from now on."""
    ours: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_words,
    ]
    json = structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    line = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=ours, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, json]
    )
    handler = _Stderr()
    handler.setFormatter(line)
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    for name, level in QUIET.items():
        logging.getLogger(name).setLevel(level)
    structlog.configure(
        processors=[*ours, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


@contextmanager
def about(**ids: object) -> Iterator[None]:
    """What is logged in the block says so: `request`, `instance`, `task` …: ids that name no person."""
    with structlog.contextvars.bound_contextvars(**{name: str(value) for name, value in ids.items()}):
        yield


def request_id(given: str | None) -> str:
    """The id that a request came with, from a proxy in front of us, where it is one; else a new one."""
    return given if given and REQUEST_ID.fullmatch(given) else uuid.uuid4().hex[:16]


def where(error: BaseException) -> list[str]:
    """The last places that an exception passed: `file.py:line`."""
    frames, trace = [], error.__traceback__
    while trace is not None:
        frames.append(_place(trace))
        trace = trace.tb_next
    return frames[-FRAMES:]


def _place(trace: TracebackType) -> str:
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"


def _without_words(_logger: object, _method: str, line: Line) -> Line:
    """An exception in a line becomes its kind and its place; so does one of a library's own line."""
    record: logging.LogRecord | None = line.get("_record")
    raised = line.pop("exc_info", None) or (record.exc_info if record is not None else None)
    error = sys.exc_info()[1] if raised is True else raised[1] if isinstance(raised, tuple) else raised
    if isinstance(error, BaseException):
        line["error"], line["where"] = type(error).__name__, where(error)
    if record is not None:
        record.exc_info = record.exc_text = None
        line["logger"] = record.name
    return line
