"""Workers that move running instances, and that may be killed at a commit: each line of stdin is one worker's life.

Run as `python moving_on.py DATABASE NOW`; a line is `EDGE COMMIT` (`before 3`), or `on` for one that is not killed.
Writes how each ended. Batches are small, so that there are many commits.
"""

from __future__ import annotations

import os
import sys
from datetime import datetime
from zoneinfo import ZoneInfo

from faults.dying import die_at
from komp_flow import work
from komp_flow.db import Database
from komp_flow.revising import move_batches
from komp_flow.vault import Vault

SIZE = 4  # instances in one transaction


def main() -> None:
    url, now = sys.argv[1], datetime.fromisoformat(sys.argv[2])
    move_batches.SIZE = SIZE  # type: ignore[misc]
    info = {"trail_key": b"a key for tests only", "zone": ZoneInfo("Europe/Oslo"), "vault": Vault(url, [b"w"])}
    database = Database(url, info=info)  # which connects to nothing yet
    say("ready")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            if line.strip() != "on":
                edge, commit = line.split()
                die_at(database, edge, int(commit))
            go_on(database, now)
            os._exit(0)
        _pid, status = os.waitpid(child, 0)
        say(str(os.waitstatus_to_exitcode(status)))


def go_on(database: Database, now: datetime) -> None:
    """Tick until nothing is due, as long as a worker lives."""
    while work.run_due(database, now, mail=False, also=(move_batches.due,)).more:
        pass


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
