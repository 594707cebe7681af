"""A process that is killed at a commit: each act in a child of its own, which dies just before or just after it.

Run as `python dying.py DATABASE HOME NOW SECRET`; reads acts as JSON lines from stdin, writes how each child ended.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from faults.serving import Served, serve
from komp_flow import engine, work
from komp_flow.db import Database
from komp_flow.vault import Vault


def main() -> None:
    url, home, now, secret = sys.argv[1:]
    info = {"trail_key": b"a key for tests only", "zone": ZoneInfo("Europe/Oslo"), "vault": Vault(url, [b"w"])}
    database = Database(url, info=info)  # which connects to nothing yet
    served = serve(database, Path(home), datetime.fromisoformat(now), secret)
    for line in sys.stdin:
        act = json.loads(line)
        child = os.fork()
        if child == 0:
            die_at(database, act["edge"], act["commit"])
            do(served, act)
            os._exit(0)
        _pid, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def die_at(database: Database, edge: str, number: int) -> None:
    """Be killed just before, or just after, the commit of that number."""
    dialect: Any = database.engine.dialect
    commit, seen = dialect.do_commit, [0]

    def do_commit(connection: Any) -> None:
        seen[0] += 1
        if (edge, seen[0]) == ("before", number):
            os.kill(os.getpid(), signal.SIGKILL)
        commit(connection)
        if (edge, seen[0]) == ("after", number):
            os.kill(os.getpid(), signal.SIGKILL)

    dialect.do_commit = do_commit


def do(served: Served, act: dict[str, Any]) -> int:
    """One act, as it is done the first time and as it is done again; the status of an answer, or 0."""
    what = act["what"]
    if what == "complete":
        return int(served.complete(act["task"], act["key"]).status_code)
    if what == "draft":
        body = {"values": {"title": act["key"]}}
        return int(served.call("PUT", f"/tasks/{act['task']}/draft", body, act["key"]).status_code)
    if what == "message":
        with served.database.transaction() as db:
            said = {"said": act["key"]}
            engine.correlate(db, "svar", act["key"], said, external_id=act["key"], by="kari", now=served.now)
    work.run_all(served.database, served.now + (timedelta(hours=1) if what == "tick" else timedelta(0)))
    return 0


if __name__ == "__main__":
    main()
