"""The process that checks: takes jobs on standard input, is bounded in memory and time, and can be killed."""

from __future__ import annotations

import contextlib
import json
import os
import struct
import sys
import time
from base64 import b64decode
from collections.abc import Callable
from typing import Any, BinaryIO

from komp_flow.engine.checks import whole
from komp_flow.engine.checks.around import Around, Outline
from komp_flow.engine.problems import SourceFile
from komp_flow.engine.sandbox import bound
from komp_flow.i18n import speaking

MEMORY = 512 * 1024 * 1024  # beyond what is taken when everything is imported
_HEAD = struct.Struct(">I")


class Child:
    """What is kept between jobs: the surroundings of the files of one batch."""

    def __init__(self) -> None:
        self.around = Around()

    def do(self, job: dict[str, Any]) -> Any:
        """One job. Whatever a file brings about becomes a word in the answer."""
        jobs: dict[str, Callable[[dict[str, Any]], Any]] = {
            "around": self.surround,
            "outline": self.outline,
            "wants": self.wants,
            "check": self.check,
        }
        began = time.process_time()
        with speaking(job.get("language")):
            try:
                answer = jobs[job["do"]](job)
                return {"answer": answer, "spent": time.process_time() - began}
            except MemoryError:
                return {"died": "memory"}
            except RecursionError:
                return {"failed": "depth"}
            except Exception as error:  # noqa: BLE001 - it is told to the one who gave the file, never a traceback
                return {"failed": f"{type(error).__name__}: {error}"[:300]}

    def surround(self, job: dict[str, Any]) -> None:
        """Take the surroundings for the jobs that follow."""
        self.around = Around.from_json(job["around"])

    def outline(self, job: dict[str, Any]) -> Any:
        """What other files must know of this one."""
        return whole.outline(_file(job)).to_json()

    def wants(self, job: dict[str, Any]) -> Any:
        """The same, with what a called process wants to be given."""
        return whole.with_wants(_file(job), Outline.from_json(job["outline"]), self.around).to_json()

    def check(self, job: dict[str, Any]) -> Any:
        """The problems of a file, as rows."""
        return [[p.element, p.severity, p.rule, p.message, p.fix] for p in whole.check_file(_file(job), self.around)]


def _file(job: dict[str, Any]) -> SourceFile:
    return SourceFile(job["name"], b64decode(job["data"]))


def _bound_once() -> None:
    """Memory for good, no files, no core. Where the system has no such limits, the parent's clock remains."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - not on every system

        with open("/proc/self/statm") as statm:
            taken = int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, taken + MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def serve(child: Child, given: BinaryIO, taken: BinaryIO) -> None:
    """Do jobs until there are no more."""
    _send(taken, "ready")
    while len(head := given.read(_HEAD.size)) == _HEAD.size:
        (size,) = _HEAD.unpack(head)
        job = json.loads(given.read(size))
        bound(job["seconds"])
        answer = child.do(job)
        bound(None)
        _send(taken, answer)


def _send(taken: BinaryIO, answer: Any) -> None:
    packed = json.dumps(answer).encode()
    taken.write(_HEAD.pack(len(packed)) + packed)
    taken.flush()


def main(make: Callable[[], Child] = Child) -> None:
    """Standard output is the channel; whatever is printed goes elsewhere."""
    given, taken = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _bound_once()
    serve(make(), given, taken)
