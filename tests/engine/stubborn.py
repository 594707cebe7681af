"""A checking process that misbehaves when a file's name says so: what a file that breaks a library would do to ours."""

from __future__ import annotations

import os
from typing import Any

from komp_flow.engine.checks import child


class Stubborn(child.Child):
    def check(self, job: dict[str, Any]) -> Any:
        name = job["name"]
        if name.startswith("hangs"):
            while True:
                pass
        if name.startswith("eats"):
            eaten = []
            while True:
                eaten.append(bytearray(1_000_000_000))
        if name.startswith("dies"):
            os._exit(7)
        if name.startswith("digs"):
            return self.check(job)
        if name.startswith("fails"):
            raise ValueError("noe helt uventet")
        return super().check(job)


if __name__ == "__main__":
    child.main(Stubborn)
