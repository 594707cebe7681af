"""django-viewflow and bpmn-engine: each in a child process of its own environment, which measures itself."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from bench import plain
from bench.drawing import Process
from bench.places import Place
from bench.series import Timing

PEERS = Path(__file__).parents[1] / "peers"
HOME = Path(__file__).parents[1] / ".venv"  # made by `make bench`
PYTHON = HOME / "bin" / "python"
NODE = HOME / "bin" / "node"


def installed() -> bool:
    """Whether `make bench` has fetched them."""
    return PYTHON.exists() and NODE.exists() and (PEERS / "bpmn-engine" / "node_modules").exists()


class Child:
    """A contender behind a pipe: it says how long it took, so that the pipe is not measured."""

    name = ""

    def __init__(self, command: list[str], told: dict[str, Any]) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._state: object = None
        self._ask(json.dumps(told))

    def _ask(self, line: str) -> dict[str, Any]:
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("no pipe")
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self.name} has ended; what it said is above")
        found: dict[str, Any] = json.loads(answer)
        self._state = found.get("state") or self._state
        return found

    def begin(self) -> Timing:
        """A new instance."""
        found = self._ask("begin")
        return Timing(found["wall"], found["cpu"])

    def step(self) -> Timing | None:
        """Its next task."""
        found = self._ask("step")
        return None if found.get("done") else Timing(found["wall"], found["cpu"])

    def facts(self) -> dict[str, object]:
        """The largest state, where it keeps one."""
        return {"state": self._state} if self._state else {}

    def close(self) -> None:
        """End the child."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()


class Viewflow(Child):
    """django-viewflow, its nodes built from the diagram."""

    name = "django-viewflow"

    def __init__(self, place: Place, kind: str, process: Process) -> None:
        nodes = plain.for_viewflow(process)
        url = make_url(place.address(kind))
        if kind == "sqlite":
            durable = "PRAGMA journal_mode=wal; PRAGMA synchronous=full"
            options = {"transaction_mode": "IMMEDIATE", "init_command": durable}
            database = {"ENGINE": "django.db.backends.sqlite3", "NAME": url.database, "OPTIONS": options}
        else:
            database = {"ENGINE": "django.db.backends.postgresql", "NAME": url.database, "USER": url.username or "",
                        "PASSWORD": url.password or "", "HOST": url.query.get("host") or url.host or "",
                        "PORT": str(url.port or ""), "CONN_MAX_AGE": None}  # fmt: skip
        told = {"database": database, "nodes": nodes, "postgresql": kind == "postgresql",
                "variables": dict(process.variables), "answers": dict(process.answers)}  # fmt: skip
        super().__init__([str(PYTHON), str(PEERS / "viewflow" / "contender.py")], told)


class BpmnEngine(Child):
    """bpmn-engine with recovery: its state kept after every step, and taken up again before the next."""

    name = "bpmn-engine"

    def __init__(self, place: Place, kind: str, process: Process) -> None:
        source, conditions = plain.for_bpmn_engine(process)
        told: dict[str, Any] = {"source": source, "conditions": conditions, "variables": dict(process.variables),
                                "answers": dict(process.answers)}  # fmt: skip
        url = make_url(place.address(kind))
        if kind == "sqlite":
            told["sqlite"] = url.database
        else:
            told["postgresql"] = {"host": url.query.get("host") or url.host, "user": url.username,
                                  "password": url.password, "database": url.database, "port": url.port}  # fmt: skip
        super().__init__([str(NODE), "--no-warnings", str(PEERS / "bpmn-engine" / "contender.mjs")], told)
