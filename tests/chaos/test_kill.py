"""The server is killed again and again while eight clients complete tasks: nothing is lost, nothing happens twice."""

from __future__ import annotations

import http.client
import itertools
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

KILLS = int(os.environ.get("KOMP_FLOW_KILLS", "4"))
CLIENTS = 8
STEPS = 6
COMMAND = str(Path(sys.executable).with_name("komp-flow"))


def diagram(steps: int) -> bytes:
    """A chain of user tasks, any of which the administrator may do."""
    ids = ["s", *(f"u{n}" for n in range(steps)), "e"]
    tasks = "".join(
        f'<bpmn:userTask id="u{n}" name="Steg {n}"><bpmn:extensionElements><zeebe:userTask/>'
        '<zeebe:assignmentDefinition candidateGroups="administrator"/></bpmn:extensionElements></bpmn:userTask>'
        for n in range(steps)
    )
    flows = "".join(
        f'<bpmn:sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in itertools.pairwise(ids)
    )
    return (
        '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
        'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="urn:komp-flow:test">'
        f'<bpmn:process id="chain" isExecutable="true"><bpmn:startEvent id="s"/>{tasks}<bpmn:endEvent id="e"/>{flows}'
        "</bpmn:process></bpmn:definitions>"
    ).encode()


@dataclass
class Server:
    """One komp-flow on one home folder, ended as a power cut would and begun again."""

    home: Path
    port: int
    token: str = ""
    process: subprocess.Popen[bytes] | None = None
    kills: int = 0

    def environment(self) -> dict[str, str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith("KOMP_FLOW_")}
        return clean | {"KOMP_FLOW_HOME": str(self.home), "PYTHONWARNINGS": "ignore"}

    def start(self) -> None:
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [COMMAND, "serve", "--port", str(self.port)], env=self.environment(), stdout=log, stderr=log
            )
        for _ in range(600):
            assert self.process.poll() is None, (self.home / "log").read_text()[-3000:]
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError("the server did not begin to answer")

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.kills += 1

    def command(self, *words: str) -> str:
        done = subprocess.run(
            [COMMAND, *words], env=self.environment(), capture_output=True, text=True, check=True, cwd=self.home
        )
        return done.stdout.strip()

    def call(self, method: str, path: str, body: Any = None, key: str = "") -> tuple[int, Any]:
        """Status and JSON; raises OSError where no answer came."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/api/v1{path}", method=method)
        request.add_header("Authorization", f"Bearer {self.token}")
        if key:
            request.add_header("Idempotency-Key", key)
        data = None
        if body is not None:
            request.add_header("Content-Type", "application/json")
            data = json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, data, timeout=20) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")

    def insist(self, method: str, path: str, body: Any = None, key: str = "") -> tuple[int, Any]:
        """As `call`, again and again with the same key until there is an answer."""
        for _ in range(400):
            try:
                status, answer = self.call(method, path, body, key)
            except (OSError, http.client.HTTPException, json.JSONDecodeError):
                time.sleep(0.05)
                continue
            if status != 503:
                return status, answer
            time.sleep(0.05)
        raise RuntimeError(f"no answer to {method} {path}")


@dataclass
class Told:
    """What the server has acknowledged."""

    completed: list[tuple[str, str]] = field(default_factory=list)  # instance, element
    odd: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def client(server: Server, instances: list[str], told: Told) -> None:
    for instance in instances:
        for _ in range(STEPS):
            status, shown = server.insist("GET", f"/instances/{instance}")
            tasks = shown["tasks"] if status == 200 else []
            if len(tasks) != 1:
                with told.lock:
                    told.odd.append(f"{instance}: {status} {tasks}")
                break
            status, answer = server.insist(
                "POST", f"/tasks/{tasks[0]['id']}/complete", {"values": {}}, key=uuid.uuid4().hex
            )
            with told.lock:
                if status == 200 and answer["task"] == tasks[0]["id"]:
                    told.completed.append((instance, tasks[0]["element"]))
                else:
                    told.odd.append(f"{instance}: {status} {answer}")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    running = Server(tmp_path, port)
    (tmp_path / "units.csv").write_text("unit_id;parent_id;name;org_number;manager_id;deputy_id\n1;;Etaten;;7;\n")
    (tmp_path / "people.csv").write_text(
        "employee_id;name;email;unit_id;manager_id;position;percent;start;end;absence_from;absence_to;language;roles\n"
        "7;Kari Sjef;kari@etaten.example;1;;Direktør;100;;;;;nb;administrator,process_owner\n"
    )
    running.command("import-organisation", "--units", "units.csv", "--people", "people.csv")
    (tmp_path / "chain.bpmn").write_bytes(diagram(STEPS))
    running.command("publish", "chain.bpmn", "--why", "En kjede å fullføre")
    running.token = running.command("token", "create", "--person", "7", "--scope", "tasks,instances").splitlines()[-1]
    running.start()
    yield running
    running.kill()


def test_what_was_acknowledged_happened_once_however_often_the_server_is_killed(server: Server) -> None:
    seed = int(os.environ.get("KOMP_FLOW_SEED", "0")) or random.SystemRandom().randrange(1 << 30)
    chance = random.Random(seed)
    per_client = max(2, KILLS)
    started = [
        server.insist("POST", "/instances", {"process": "chain", "subject": {}}, key=uuid.uuid4().hex)[1]["id"]
        for _ in range(CLIENTS * per_client)
    ]
    told = Told()
    shares = [started[n::CLIENTS] for n in range(CLIENTS)]
    threads = [threading.Thread(target=client, args=(server, share, told), daemon=True) for share in shares]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads) and server.kills < KILLS:
        time.sleep(chance.uniform(0.05, 1.0))
        server.kill()
        server.start()
    for thread in threads:
        thread.join(timeout=240)
    assert not any(thread.is_alive() for thread in threads), f"seed {seed}"

    done: Counter[tuple[str, str]] = Counter()
    states = Counter()
    for instance in started:
        _, shown = server.insist("GET", f"/instances/{instance}")
        states[shown["state"]] += 1
        done.update(
            (instance, event["element"])
            for event in shown["trail"]
            if event["what"] == "completed" and str(event["element"]).startswith("u")
        )
    lost = [each for each in told.completed if done[each] == 0]
    doubled = [each for each, times in done.items() if times > 1]
    print(
        f"seed {seed}, kills {server.kills}, acknowledged {len(told.completed)}, lost {len(lost)}, twice {len(doubled)}"
    )
    assert (lost, doubled, told.odd) == ([], [], []), f"seed {seed}"
    assert states == {"completed": len(started)}, f"seed {seed}"
    assert len(told.completed) == len(started) * STEPS
    assert server.kills >= 1
    assert "trail" not in server.command("database", "check")
