"""What the bench ran on, in words."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import text

from bench.places import Place
from komp_flow.db import Database, driver


def told(place: Place) -> list[str]:
    """One line for each thing that a reader needs to judge the figures."""
    server = Database(place.server())
    with server.engine.connect() as connection:
        postgresql = str(connection.execute(text("SHOW server_version")).scalar())
        fsync = str(connection.execute(text("SHOW fsync")).scalar())
    server.close()
    load = os.getloadavg()[1] if hasattr(os, "getloadavg") else 0.0
    return [
        f"{_processor()}, {os.cpu_count()} cores, {_memory()} of memory; {platform.system()} {platform.release()}",
        f"load over five minutes when it began: {load:.1f}",
        f"Python {platform.python_version()}, SQLAlchemy {version('sqlalchemy')}",
        f"SQLite {driver().sqlite_version} (WAL, synchronous FULL)",
        f"PostgreSQL {postgresql} over a socket (fsync {fsync}), read committed",
    ]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def _memory() -> str:
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return "an unknown amount"
    return f"{size / 2**30:.0f} GiB"
