"""A warm helper process that does jobs on files from outside and can be killed: bounded in time and memory.

Jobs and answers are JSON over pipes, so nothing that a broken helper says can run here. The helper imports once and
does many jobs; when one is killed, the next job gets a new helper. It has none of our environment and no secrets.

A job's time is the processor's, which the helper has the system count (`bound`): so a busy machine does not make a good
file a bad one. The clock on the wall is only for a helper that sleeps.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final, Literal

Reason = Literal["time", "memory", "crash"]

START_SECONDS: Final = 60.0  # to import, on a busy machine; not a part of any job
TELL_SECONDS: Final = 30.0  # for what a helper is told before its jobs
MAX_JOBS: Final = 2_000  # then a fresh one, so that what libraries keep cannot grow without end
MAX_ANSWER: Final = 64_000_000
PATIENCE: Final = 4  # seconds on the wall for each of the processor
_HEAD: Final = struct.Struct(">I")
_OUT_OF_TIME: Final = {-getattr(signal, name) for name in ("SIGPROF", "SIGXCPU") if hasattr(signal, name)}


class Killed(Exception):
    """The helper did not finish the job: it took too long, too much memory, or fell. It is gone."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason} {detail}".strip())
        self.reason = reason
        self.detail = detail


class Sandbox:
    """One helper running `script`, started when it is first needed. Not for two threads at once."""

    def __init__(self, script: Path) -> None:
        self.script = script
        self.starts = 0  # how many helpers there have been: what a job left in one is gone with it
        self._process: subprocess.Popen[bytes] | None = None
        self._jobs = 0
        self._told: dict[str, Any] | None = None
        self._is_heard = False

    def tell(self, job: dict[str, Any]) -> None:
        """What a helper must have heard before the jobs that follow, and so must every new one that is started."""
        self._told, self._is_heard = job, False

    def call(self, job: dict[str, Any], seconds: float) -> Any:
        """The answer to the job. Raises Killed; the next call starts a new helper."""
        process = self._running()
        if self._told is not None and not self._is_heard:
            try:
                self._ask(process, self._told, TELL_SECONDS)
            except Killed as killed:
                raise Killed("crash", f"told: {killed}") from None
            self._is_heard = True
        return self._ask(process, job, seconds)

    def _ask(self, process: subprocess.Popen[bytes], job: dict[str, Any], seconds: float) -> Any:
        self._jobs += 1
        try:
            _write(process, {**job, "seconds": seconds})
            answer = _read(process, time.monotonic() + seconds * PATIENCE + 1)
        except TimeoutError:
            self.close()
            raise Killed("time") from None
        except (OSError, EOFError, ValueError) as error:
            status = self.close()
            if status in _OUT_OF_TIME:
                raise Killed("time") from None
            raise Killed("crash", f"{status}" if status else str(error)) from None
        if isinstance(answer, dict) and answer.get("died"):
            self.close()
            raise Killed("memory")
        return answer

    def close(self) -> int | None:
        """End the helper; → its exit status if it had ended by itself."""
        process, self._process = self._process, None
        if process is None:
            return None
        status = _status(process)
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue
        process.wait()
        return status

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and (self._jobs >= MAX_JOBS or self._process.poll() is not None):
            self.close()
        if self._process is None:
            self._process = _start(self.script)
            self._jobs, self._is_heard = 0, False
            self.starts += 1
            try:
                _read(self._process, time.monotonic() + START_SECONDS)
            except (OSError, EOFError, ValueError, TimeoutError) as error:
                status = self.close()
                raise Killed("crash", f"start {status}: {error}") from None
        return self._process


def bound(seconds: float | None) -> None:
    """In the helper: the system ends this process after so much of the processor's time; None: no more."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds or 0)


def _status(process: subprocess.Popen[bytes]) -> int | None:
    """How it ended; None if it has not. One whose pipe is closed is about to end."""
    assert process.stdout is not None  # noqa: S101
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        if selector.select(0):
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.wait(1)
    return process.poll()


def _start(script: Path) -> subprocess.Popen[bytes]:
    source = str(Path(__file__).resolve().parents[2])
    environment = {
        "PATH": os.defpath,
        "PYTHONPATH": os.pathsep.join([source, *(entry for entry in sys.path if entry and entry != source)]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "LANG": "C.UTF-8",
    }
    return subprocess.Popen(  # noqa: S603 - our own module, no shell
        [sys.executable, "-P", str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        bufsize=0,
        start_new_session=True,  # a Ctrl-C in the terminal is for us; we end the helper
    )


def _write(process: subprocess.Popen[bytes], job: dict[str, Any]) -> None:
    assert process.stdin is not None  # noqa: S101 - it was opened with a pipe
    packed = json.dumps(job).encode()
    view = memoryview(_HEAD.pack(len(packed)) + packed)
    while view:
        view = view[process.stdin.write(view) or 0 :]


def _read(process: subprocess.Popen[bytes], deadline: float) -> Any:
    """One answer. TimeoutError, EOFError, or ValueError for an answer that is none."""
    assert process.stdout is not None  # noqa: S101
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        head = _exactly(process.stdout.fileno(), selector, _HEAD.size, deadline)
        (size,) = _HEAD.unpack(head)
        if size > MAX_ANSWER:
            raise ValueError(size)
        return json.loads(_exactly(process.stdout.fileno(), selector, size, deadline))


def _exactly(file: int, selector: selectors.BaseSelector, size: int, deadline: float) -> bytes:
    found = bytearray()
    while len(found) < size:
        if not selector.select(max(0.0, deadline - time.monotonic())):
            raise TimeoutError
        piece = os.read(file, min(size - len(found), 1 << 20))
        if not piece:
            raise EOFError
        found += piece
    return bytes(found)
