"""The disk runs full under SQLite: who sends something is told so and loses nothing; it goes on when there is room."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parents[1]
# A file that may not grow looks like a disk that fails; only the other is known to be full.
TOLD = {"limit": (503, "2", "svarer ikke akkurat nå"), "tmpfs": (507, "60", "ikke plass til mer")}


def on_a_small_disk(how: str, folder: Path) -> dict[str, Any]:
    command = [sys.executable, str(Path(__file__).with_name("small_disk.py")), how, str(folder)]
    if how == "tmpfs":
        command = ["unshare", "--mount", *(() if os.geteuid() == 0 else ("--user", "--map-root-user")), *command]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def has_small_disks() -> bool:
    """Whether a file system may be mounted here: not in every container."""
    as_root = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    tried = ["unshare", "--mount", *as_root, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(tried, capture_output=True, timeout=20, check=False).returncode == 0


@pytest.mark.parametrize("how", ["limit", *(["tmpfs"] if has_small_disks() else [])])
def test_a_full_disk_is_told_and_loses_nothing(tmp_path: Path, how: str) -> None:
    seen = on_a_small_disk(how, tmp_path)
    status, said, again_in = seen.pop("told")
    assert (status, again_in) == TOLD[how][:2]
    assert TOLD[how][2] in said
    assert "ikke lagret" in said
    assert seen.pop("failed") > 0
    assert seen.pop("kept") == seen.pop("done"), "what was answered with 200 is there, and nothing else"
    assert seen == {
        "again": status,
        "list": 200,  # reading goes on
        "page": 200,
        "typed": True,  # what they had written stands on the page that says so
        "ready": 200,
        # and when there is room again:
        "failures": 0,  # no row is blamed
        "then": 200,
        "rest": True,
        "fired": 3,
        "incidents": 0,
        "all": 0,
        "halves": [],
    }
