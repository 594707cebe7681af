"""One of several workers: does all that is due in a database until nothing is, and says how many rows it did.

Run as `python ticking.py DATABASE NOW`; begins when a line comes on stdin.
"""

from __future__ import annotations

import sys
from datetime import datetime
from zoneinfo import ZoneInfo

from komp_flow import work
from komp_flow.db import Database


def main() -> None:
    database = Database(sys.argv[1], info={"trail_key": b"a key for tests only", "zone": ZoneInfo("Europe/Oslo")})
    with database.reading() as db:
        db.connection()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    ran = work.run_all(database, datetime.fromisoformat(sys.argv[2]))
    sys.stdout.write(f"{ran.done + ran.started} {ran.failed}\n")


if __name__ == "__main__":
    main()
