"""Nodes of one installation on PostgreSQL, as processes: begun, asked, and told to stop."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

COMMAND = Path(sys.executable).with_name("komp-flow")
PATIENCE = 60.0  # seconds


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Site:
    """What all nodes are told; `home` holds their logs."""

    url: str
    home: Path
    queue: str = "procrastinate"
    begun: list[Node] = field(default_factory=list)

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("KOMP_FLOW_")}
        ours = {"HOME": str(self.home), "DATABASE": self.url, "QUEUE": self.queue, "SECRET_KEY": "of all nodes"}
        return kept | {f"KOMP_FLOW_{name}": value for name, value in ours.items()} | {"PYTHONWARNINGS": "ignore"}

    def begin(self, *words: str) -> Node:
        """A process of the command; a web node with a port of its own."""
        port = free_port() if words[0] == "serve" else None
        more = ["--port", str(port)] if port else []
        log = self.home / f"{len(self.begun)}-{words[0]}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [COMMAND, *words, *more], env=self.environment(), stdout=output, stderr=subprocess.STDOUT
            )
        self.begun.append(Node(process, port, log))
        return self.begun[-1]

    def end(self) -> None:
        for node in self.begun:
            node.process.kill()
            node.process.wait()


@dataclass
class Node:
    """One process."""

    process: subprocess.Popen[bytes]
    port: int | None
    log: Path

    def ready(self) -> Node:
        """Wait until it answers that it is ready, or says that it works."""
        self.until(lambda: self.get("/readyz") == 200 if self.port else "Arbeider" in self.log.read_text())
        return self

    def until(self, holds: Any) -> None:
        end = time.monotonic() + PATIENCE
        while not holds():
            assert self.process.poll() is None, self.log.read_text()[-3000:]
            assert time.monotonic() < end, self.log.read_text()[-3000:]
            time.sleep(0.05)

    def get(self, path: str) -> int:
        """The status, 0 where nobody answers."""
        return self.call("GET", path)[0]

    def call(self, method: str, path: str, body: Any = None, token: str = "") -> tuple[int, Any]:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method)
        request.add_header("Authorization", f"Bearer {token}")
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, json.dumps(body).encode() if body else None, timeout=20) as answer:
                return int(answer.status), json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            with contextlib.closing(error):
                return error.code, json.loads(error.read() or b"null")
        except OSError:
            return 0, None

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Tell it to stop; the code that it ended with."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)
