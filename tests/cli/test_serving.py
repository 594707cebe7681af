"""`serve` and `worker` as processes: one at a time, told at once what is in the way, ended in good order."""

from __future__ import annotations

import contextlib
import http.client
import json
import signal
import socket
import subprocess
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cli.commands import COMMAND, clean_environment, one_line, process

Start = Callable[..., "subprocess.Popen[str]"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start(home: Path) -> Iterator[Start]:
    """`start("serve", "--port", …)` begins a process and waits until it says `until`."""
    begun: list[subprocess.Popen[str]] = []

    def begin(*arguments: str, until: str) -> subprocess.Popen[str]:
        made = subprocess.Popen(
            [str(COMMAND), *arguments], env=clean_environment(home), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        begun.append(made)
        assert made.stdout is not None
        for line in made.stdout:
            if until in line:
                return made
        raise AssertionError(made.communicate()[1])

    yield begin
    for one in begun:
        one.kill()
        one.communicate()


def get(port: int, path: str) -> int:
    with contextlib.closing(urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20)) as answer:
        return int(answer.status)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_good_order(start: Start, number: signal.Signals) -> None:
    port = free_port()
    served = start("serve", "--port", str(port), until=f"http://127.0.0.1:{port}")
    assert get(port, "/healthz") == 200
    assert get(port, "/readyz") == 200
    served.send_signal(number)
    _out, said = served.communicate(timeout=30)
    assert (served.returncode, "Traceback" in said) == (0, False)
    with pytest.raises(OSError, match="refused"):
        get(port, "/healthz")


def test_a_request_under_way_is_answered_before_the_end(start: Start) -> None:
    """Many are asked for when the signal comes: each is answered whole, or was never let in."""
    port = free_port()
    served = start("serve", "--port", str(port), "--threads", "1", until=f"http://127.0.0.1:{port}")
    connections = [http.client.HTTPConnection("127.0.0.1", port, timeout=30) for _ in range(8)]
    for connection in connections:
        connection.connect()
    assert get(port, "/healthz") == 200  # so all those before it have been let in
    for connection in connections:
        connection.request("GET", "/metrics")
    threading.Timer(0, served.send_signal, [signal.SIGTERM]).start()
    answered = 0
    for connection in connections:
        with contextlib.suppress(http.client.RemoteDisconnected, ConnectionResetError):
            answer = connection.getresponse()
            assert (answer.status, b"komp_flow_tasks_open" in answer.read()) == (200, True)
            answered += 1
        connection.close()
    assert answered
    served.communicate(timeout=30)
    assert served.returncode == 0


def test_what_is_being_sent_when_the_signal_comes_is_taken_in_and_answered(start: Start) -> None:
    port = free_port()
    served = start("serve", "--port", str(port), until=f"http://127.0.0.1:{port}")
    body = json.dumps({"name": "hello", "key": "1", "payload": {"text": "x" * 200_000}}).encode()
    head = f"POST /api/v1/messages HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    with socket.create_connection(("127.0.0.1", port), timeout=30) as sending:
        sending.sendall(head.encode() + b"\r\n\r\n" + body[:70_000])
        assert get(port, "/healthz") == 200  # so what came before has been read
        served.send_signal(signal.SIGTERM)
        while True:
            try:
                get(port, "/healthz")
            except OSError:
                break  # nobody more is let in
        sending.sendall(body[70_000:])
        assert sending.recv(12) == b"HTTP/1.1 401"  # it has no token, and is told so
        while sending.recv(65_536):
            pass
    served.communicate(timeout=30)
    assert served.returncode == 0


def test_what_is_in_the_way_is_told_in_a_line(start: Start, home: Path, tmp_path: Path) -> None:
    port = free_port()
    start("serve", "--port", str(port), until=f"http://127.0.0.1:{port}")
    second = process(home, "serve", "--port", str(free_port()))
    assert (second.returncode, second.stdout, one_line(second.stderr)) == (1, "", True)
    assert "KOMP_FLOW_HOME" in second.stderr
    taken = process(tmp_path / "another", "serve", "--port", str(port))
    assert (taken.returncode, taken.stdout, one_line(taken.stderr)) == (1, "", True)
    assert "--port" in taken.stderr
    nowhere = process(tmp_path / "another", "serve", "--host", "no.such.host.invalid")
    assert (nowhere.returncode, one_line(nowhere.stderr)) == (1, True)
    refused = process(home, "database", "restore", str(home / "komp-flow.sqlite"))
    assert (refused.returncode, one_line(refused.stderr)) == (1, True)
    copied = process(home, "database", "backup", str(tmp_path / "copy"))
    assert (copied.returncode, copied.stderr) == (0, "")


def test_a_worker_stays_until_it_is_told_to_stop(home: Path) -> None:
    with subprocess.Popen(
        [str(COMMAND), "worker"], env=clean_environment(home), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "Arbeider. Stopp med Ctrl-C.\n"
        worker.send_signal(signal.SIGTERM)
        _out, said = worker.communicate(timeout=30)
        assert (worker.returncode, said) == (0, "")


def test_a_demo_that_was_interrupted_is_loaded_anew(tmp_path: Path) -> None:
    port, environment = free_port(), clean_environment(tmp_path / "home")
    command = [str(COMMAND), "serve", "--demo", "--port", str(port)]
    with subprocess.Popen(command, env=environment, text=True, stderr=subprocess.PIPE) as first:
        assert first.stderr is not None
        assert first.stderr.readline() == "Laster demovirksomheten …\n"
        while not (tmp_path / "home" / "komp-flow.sqlite.demo-wal").exists():
            assert first.poll() is None
        first.kill()
    with subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE) as second:
        assert second.stdout is not None
        assert any(f":{port}" in line for line in second.stdout)
        with contextlib.closing(urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20)) as answer:
            (told,) = [line for line in answer.read().decode().splitlines() if line.startswith("komp_flow_tasks_open ")]
        assert float(told.split()[1]) > 5
        second.terminate()
        second.communicate(timeout=30)
    assert sorted(path.name for path in (tmp_path / "home").iterdir()) == [
        "key-encryption-key",
        "keys.sqlite",
        "komp-flow.sqlite",
        "komp-flow.sqlite.lock",
        "secret-key",
    ]
