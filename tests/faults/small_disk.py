"""A process whose database lies on a disk that runs full: what it answers then, and when there is room again.

Run as `python small_disk.py HOW FOLDER`. HOW: `tmpfs`, a small file system that only this process sees, or `limit`, the
kernel's bound on a file's size. Writes JSON to stdout.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from console import plain_tracebacks
from faults.serving import Served, problem, serve, settle
from faults.whole import halves
from komp_flow import background, schema
from komp_flow.db import Database
from komp_flow.engine import tables
from komp_flow.vault import Vault

NOW = datetime(2027, 1, 4, 8, tzinfo=UTC)
SIZE = 16 * 1024 * 1024  # bytes of the file system
MANY = 24  # more completions than there is room for when it is full


class Tmpfs:
    """A file system of a few megabytes."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._filler = folder, folder / "filler"
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)], check=True)

    def fill(self) -> None:
        """Until not one byte more is taken."""
        with self._filler.open("wb", buffering=0) as file:
            for piece in (65536, 4096, 512, 1):
                try:
                    while file.write(b"x" * piece) == piece:
                        pass
                except OSError:
                    continue

    def clear(self) -> None:
        self._filler.unlink()


class Limit:
    """No file may be larger than the largest is now."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self) -> None:
        largest = max(path.stat().st_size for path in self.folder.iterdir())
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))

    def clear(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def main() -> None:
    plain_tracebacks()
    disk: Any = {"tmpfs": Tmpfs, "limit": Limit}[sys.argv[1]](Path(sys.argv[2]))
    vault = Vault(f"sqlite:///{disk.folder / 'keys.sqlite'}", [b"w"])
    info = {"trail_key": b"a key for tests only", "zone": ZoneInfo("Europe/Oslo"), "vault": vault}
    database = Database(f"sqlite:///{disk.folder / 'test.sqlite'}", info=info)
    schema.upgrade(database)
    served = serve(database, disk.folder, NOW, settle(database, NOW))
    json.dump(run(served, disk.fill, disk.clear), sys.stdout)
    database.close()


def run(served: Served, fill: Callable[[], None], clear: Callable[[], None]) -> dict[str, Any]:
    """What is seen while it runs full, is full, and has room again."""
    tasks = [served.task(served.start()) for _ in range(MANY)]
    for _one in range(3):
        served.start("waits")
    page = served.app.test_client()
    page.post("/sign-in/persona", data={"person": "kari"})
    served.database.checkpoint()  # what is to be written needs room of its own
    fill()
    answers = []
    for task in tasks:
        answers.append(served.complete(task, task.hex))
        if answers[-1].status_code != 200:
            break
    kept = [answer.status_code for answer in answers].count(200)
    refused = tasks[len(answers) - 1]
    seen: dict[str, Any] = {
        "kept": kept,
        "done": served.done(),
        "told": problem(answers[-1]),
        "again": served.complete(refused, refused.hex).status_code,
        "list": served.call("GET", "/tasks").status_code,
        "page": page.get("/").status_code,
        "typed": "Dette skrev jeg" in page.post(
            f"/tasks/{refused}", data={"title": "Dette skrev jeg", "_key": "another"}).text,
        "ready": page.get("/readyz").status_code,
    }  # fmt: skip
    later = NOW + timedelta(hours=2)
    ran = background.tick(served.database, lambda: later)
    seen["failed"] = ran.failed
    clear()
    seen["failures"] = served.count(tables.TIMER) - served.count(tables.TIMER, failures=0)
    seen["then"] = served.complete(refused, refused.hex).status_code
    seen["rest"] = {served.complete(task, task.hex).status_code for task in tasks} == {200}
    background.run_until_nothing_is_due(served.database, lambda: later + timedelta(minutes=1))
    seen["fired"] = served.count(tables.TASK, process="waits")
    seen["incidents"] = served.count(tables.INCIDENT_TABLE)
    seen["all"] = served.done() - MANY
    seen["halves"] = halves(served.database, later)
    return seen


if __name__ == "__main__":
    main()
