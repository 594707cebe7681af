"""The command itself: an organisation, a token, a server that is ended between the steps, and a clock in a file."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dialect.house import PEOPLE, UNITS
from dialect.pen import boundary, call, el, end, field, flows, form, process, root, start, timer, user

COMMAND = str(Path(sys.executable).with_name("komp-flow"))


class Served:
    """A server on a home of its own, driven from outside."""

    def __init__(self, home: Path) -> None:
        self.home = home
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.process: subprocess.Popen[bytes] | None = None
        self.clock("2027-03-26T12:00:00+01:00")
        (home / "units.csv").write_text(UNITS)
        (home / "people.csv").write_text(PEOPLE)
        self.command("import-organisation", "--units", "units.csv", "--people", "people.csv")
        self.token = self.command("token", "create", "--person", "7", "--scope", "tasks,instances,processes").split()[
            -1
        ]

    @property
    def environment(self) -> dict[str, str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith("KOMP_FLOW_")}
        ours = {"KOMP_FLOW_HOME": str(self.home), "KOMP_FLOW_CLOCK": f"file:{self.home / 'clock'}"}
        return clean | ours | {"PYTHONWARNINGS": "ignore"}

    def clock(self, instant: str) -> None:
        written = self.home / "clock.new"
        written.write_text(instant)
        written.replace(self.home / "clock")  # at once: the server reads it at any moment

    def command(self, *words: str) -> str:
        done = subprocess.run(
            [COMMAND, *words], env=self.environment, capture_output=True, text=True, check=False, cwd=self.home
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def begin(self) -> None:
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [COMMAND, "serve", "--port", str(self.port)], env=self.environment, stdout=log, stderr=log
            )
        self.until(self._answers)

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.home / "log").read_text()[-3000:]
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5).close()
        except OSError:
            return False
        return True

    def end(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def restart(self) -> None:
        self.end()
        self.begin()

    def until(self, holds: Callable[[], bool]) -> None:
        for _ in range(300):
            if holds():
                return
            time.sleep(0.1)
        raise AssertionError("it did not come to be so within half a minute")

    def ok(
        self, method: str, path: str, body: Any = None, data: bytes | None = None, kind: str = "application/json"
    ) -> Any:
        sent = json.dumps(body).encode() if body is not None else data
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/api/v1{path}", sent, method=method)
        request.add_header("Authorization", f"Bearer {self.token}")
        if sent is not None:
            request.add_header("Content-Type", kind)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise AssertionError((method, path, error.code, error.read().decode())) from error

    def publish(self, **files: bytes) -> None:
        parts = [
            f'--b\r\nContent-Disposition: form-data; name="files"; filename="{name.replace("_", ".")}"\r\n\r\n'.encode()
            + data
            + b"\r\n"
            for name, data in files.items()
        ]
        parts.append('--b\r\nContent-Disposition: form-data; name="why"\r\n\r\nPrøve\r\n--b--\r\n'.encode())
        self.ok("POST", "/processes", data=b"".join(parts), kind="multipart/form-data; boundary=b")

    def open(self, instance: str) -> list[str]:
        return sorted(task["element"] for task in self.ok("GET", f"/instances/{instance}")["tasks"])

    def do(self, instance: str, element: str, **values: Any) -> None:
        tasks = self.ok("GET", f"/instances/{instance}")["tasks"]
        task = next(t["id"] for t in tasks if t["element"] == element)
        self.ok("POST", f"/tasks/{task}/complete", {"values": values})


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path)
    made.begin()
    yield made
    made.end()


def test_a_process_with_a_form_a_call_a_message_and_timers_over_restarts_and_both_nights(served: Served) -> None:
    served.publish(
        p_bpmn=process(
            start(),
            user("u", form="f"),
            boundary("b", "u", timer("timeCycle", "R/P1D"), interrupting=False),
            user("n"),
            call("k", "child", ins={"nr": "navn"}, outs={"ut": "svar"}),
            el("intermediateCatchEvent", "c", timer("timeDuration", "P1D")),
            end(),
            end("e2"),
            flows("s>u>k>c>e", "b>n>e2"),
        ),
        child_bpmn=process(
            start(),
            el("receiveTask", "w", messageRef="message_m"),
            end(),
            flows("s>w>e"),
            id_="child",
            roots=root("message", "m", "nr"),
        ),
        f_json=form("f", field("navn", validate={"required": True})),
    )
    instance = served.ok("POST", "/instances", {"process": "p", "subject": {"unit": "2"}})["id"]
    served.restart()
    assert served.open(instance) == ["u"]
    served.clock("2027-03-27T12:00:00+01:00")
    served.until(lambda: served.open(instance) == ["n", "u"])
    served.end()
    served.clock("2027-03-28T12:00:00+02:00")  # 23 hours later
    assert "1" in served.command("worker", "--once")
    served.begin()
    assert served.open(instance) == ["n", "n", "u"]
    served.clock("2027-10-30T12:00:00+02:00")  # a summer of down time: once
    served.until(lambda: served.open(instance) == ["n", "n", "n", "u"])
    served.do(instance, "u", navn="Åse")
    assert (
        served.ok("POST", "/messages", {"name": "m", "key": "Åse", "payload": {"svar": 42}, "message_id": "1"})[
            "repeated"
        ]
        is False
    )
    served.restart()
    served.until(lambda: [t["element"] for t in served.ok("GET", f"/instances/{instance}")["timers"]] == ["c"])
    assert served.ok("GET", f"/instances/{instance}")["timers"][0]["due"] in (
        "2027-10-31T11:00:00Z",
        "2027-10-31T12:00:00+01:00",
        "2027-10-31T11:00:00+00:00",
    )
    served.clock("2027-10-31T12:00:00+01:00")
    for _ in range(3):
        served.do(instance, "n")
    served.restart()
    served.until(lambda: bool(served.ok("GET", f"/instances/{instance}")["state"] == "completed"))
    sheet = served.ok("GET", f"/instances/{instance}")
    completed = [event["element"] for event in sheet["trail"] if event["what"] == "completed"]
    assert [e for e in completed if e not in ("n", "e2")] == ["s", "b", "b", "b", "u", "s", "w", "e", "k", "c", "e"]
    assert sheet["variables"]["ut"] == 42
