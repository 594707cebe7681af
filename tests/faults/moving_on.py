"""Workers that move running instances, and that may be killed at a commit: each line of stdin is so many lives.

A line is JSON: `url`, `now`, `many` that begin at once, and `edge` with `commit` for those that are to be killed there.
Writes how each ended. Batches are small, so that there are many commits.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from faults.dying import die_at
from komp_flow import work
from komp_flow.db import Database
from komp_flow.revising import move_batches
from komp_flow.vault import Vault

SIZE = 4  # instances in one transaction


def main() -> None:
    move_batches.SIZE = SIZE  # type: ignore[misc]
    say("ready")
    for line in sys.stdin:
        told = json.loads(line)
        children = [os.fork() or live(told) for _worker in range(told["many"])]
        say(" ".join(str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])) for child in children))


def live(told: dict[str, Any]) -> NoReturn:
    """The whole life of one worker."""
    url = told["url"]
    info = {"trail_key": b"a key for tests only", "zone": ZoneInfo("Europe/Oslo"), "vault": Vault(url, [b"w"])}
    database = Database(url, info=info)
    if told["edge"]:
        die_at(database, told["edge"], told["commit"])
    go_on(database, datetime.fromisoformat(told["now"]))
    os._exit(0)


def go_on(database: Database, now: datetime) -> None:
    """Tick until nothing is due, as long as a worker lives."""
    while work.run_due(database, now, mail=False, also=(move_batches.due,)).more:
        pass


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
