"""One of several processes that write to one SQLite database as fast as they can: says how many turns it had.

Run as `python writing.py DATABASE SECONDS`; begins when a line comes on stdin.
"""

from __future__ import annotations

import sys
import time

from sqlalchemy import text

from komp_flow.db import Database


def main() -> None:
    url, seconds = sys.argv[1], float(sys.argv[2])
    database = Database(url)
    with database.reading() as db:
        db.execute(text("SELECT 1"))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    end = time.monotonic() + seconds
    done, longest = 0, 0.0
    while (began := time.monotonic()) < end:
        with database.transaction() as db:
            db.execute(text("UPDATE task SET name = 'mine'"))
            longest = max(longest, time.monotonic() - began)
            done += 1
    sys.stdout.write(f"{done} {longest}\n")


if __name__ == "__main__":
    main()
