"""Where komp-flow runs for the oracle: one process on SQLite, or web nodes and workers on one PostgreSQL."""

from __future__ import annotations

import base64
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import komp_flow
from chaos import drawings
from chaos.drawings import READERS
from chaos.post import MONDAY, Clock, Mailbox
from komp_flow import organisation, schema, work
from komp_flow.auth import tokens
from komp_flow.db import Database
from komp_flow.engine import SourceFile
from komp_flow.organisation import SCOPES, Actor
from komp_flow.settings import Settings

PEOPLE = ("1", "2", "3")
UNITS = b"unit_id;parent_id;name;org_number;manager_id;deputy_id\n1;;Etaten;;1;\n"
NAMES = (
    "employee_id;name;email;unit_id;manager_id;position;percent;start;end;absence_from;absence_to;language;roles\n"
    + "".join(
        f"{number};Person {number};p{number}@etaten.example;1;;R\u00e5dgiver;100;;;;;nb;administrator,process_owner\n"
        for number in READERS.split(",")
    )
).encode()
SECRET = "a key of the oracle only"
TESTS = Path(__file__).parent.parent
SOURCE = Path(komp_flow.__file__).parent.parent
START_UP = 120.0  # seconds, on a machine that does other things too
WORKS: Final = "Arbeider"  # what a worker says when it has begun


@dataclass
class Node:
    """One process that may be ended at any moment, and begun again."""

    name: str
    kind: str  # web | worker
    home: Path
    environment: dict[str, str]
    port: int = 0
    mistake: str = ""
    process: subprocess.Popen[bytes] | None = None
    began_at: float = 0.0
    killed_at: float = -1.0
    kills: int = 0
    said: int = 0  # bytes of its log before it was begun

    @property
    def is_up(self) -> bool:
        """Whether the process is there; it may not answer yet."""
        return self.process is not None and self.process.poll() is None

    def start(self, dies: str = "") -> None:
        """Begin it, and do not wait. `dies`: at which edge of a commit it is to end (see `node.die_at`)."""
        words = [sys.executable, "-m", "chaos.node"]
        words += ["--mistake", self.mistake] if self.mistake else []
        words += ["--dies", dies] if dies else []
        words += ["serve", "--port", str(self.port)] if self.kind == "web" else ["worker"]
        self.began_at = time.monotonic()
        with (self.home / "log").open("ab") as log:
            self.said = log.tell()
            self.process = subprocess.Popen(words, env=self.environment, stdout=log, stderr=log, cwd=self.home)

    def wait_until_it_answers(self) -> None:
        """A worker answers nobody, but says that it works."""
        until = time.monotonic() + START_UP
        while not (self.answers() if self.kind == "web" else self.works()):
            if time.monotonic() > until or not self.is_up:
                raise RuntimeError(f"{self.name} does not answer: {self.log()}")
            time.sleep(0.05)

    def answers(self) -> bool:
        """Whether it says that it is alive."""
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=10).close()
        except OSError:
            return False
        return True

    def works(self) -> bool:
        """Whether it has said so since it was begun."""
        with (self.home / "log").open("rb") as log:
            log.seek(self.said)
            return WORKS.encode() in log.read()

    def kill(self) -> None:
        """A power cut."""
        assert self.process is not None
        self.process.kill()
        self.note_death()

    def note_death(self) -> None:
        """It is gone, by whosever hand."""
        assert self.process is not None
        self.process.wait()
        self.killed_at = time.monotonic()
        self.kills += 1

    def stop(self) -> int:
        """Ask it to end, as an upgrade does; answers its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return -1

    def log(self) -> str:
        """The end of what it has said."""
        return (self.home / "log").read_text(errors="replace")[-3000:]


@dataclass
class Town:
    """All nodes on one database, and the people who may call them."""

    home: Path
    settings: Settings
    nodes: list[Node]
    secrets: dict[str, str]
    mailbox: Mailbox | None = None
    clock: Clock | None = None

    @property
    def web(self) -> list[Node]:
        """Those that answer requests."""
        return [node for node in self.nodes if node.kind == "web"]

    def open(self) -> Database:
        """The database itself, for the checker."""
        return schema.open_database(self.settings)

    def start(self) -> None:
        """Begin them all at once, and wait until all answer."""
        for node in self.nodes:
            node.start()
        for node in self.nodes:
            node.wait_until_it_answers()

    def stop(self) -> list[str]:
        """Ask all to end; answers what was wrong with that."""
        codes = [(node, node.stop()) for node in self.nodes if node.is_up]
        return [f"{node.name} ended with {code}: {node.log()[-500:]}" for node, code in codes if code != 0]

    def kill(self) -> None:
        """Whatever still runs."""
        for node in self.nodes:
            if node.is_up:
                node.kill()


@dataclass(frozen=True)
class Layout:
    """What is put up: how many of each, with which queue and clock."""

    database: str = "sqlite"
    queue: str = "local"
    web: int = 1
    workers: int = 0
    mistake: str = ""
    mail: bool = False  # with a mail server, and a clock that is put forward from morning to morning


def settled(home: Path, address: str | None = None) -> dict[str, str]:
    """Make a database with the organisation and the processes, in this process; answers each person's token."""
    settings = _settings(home, address)
    database = schema.open_database(settings)
    schema.upgrade(database)
    now = min(datetime.now(UTC), MONDAY)  # before any clock that a run may have
    with database.transaction() as db:
        report = organisation.import_files(db, UNITS, NAMES, now)
        assert not report.errors, report.errors
        found = [SourceFile(name, data) for name, data in drawings.files().items()]
        done = work.publish(db, Actor("", via="cli"), found, "Det som skal t\u00e5le alt", now)
        assert not done.refused, [problem for problem in done.problems if problem.severity == "error"]
        made = {person: tokens.create(db, person, SCOPES, now, days=3_000) for person in PEOPLE}
    database.close()
    return made


def town(home: Path, layout: Layout, secrets_: dict[str, str], address: str | None = None) -> Town:
    """The nodes, not begun yet, on a database that `settled` has made in `home` or at the address."""
    settings = _settings(home, address, layout.queue)
    mailbox = clock = None
    extra: dict[str, str] = {}
    if layout.mail:
        mailbox, clock = Mailbox(random.Random(), _ports(1)[0]), Clock(home / "clock")
        mailbox.start()
        extra = {"MAIL": mailbox.address, "MAIL_FROM": "komp-flow@etaten.example", "CLOCK": f"file:{clock.path}"}
    kinds = ["web"] * layout.web + ["worker"] * layout.workers
    ports = _ports(len(kinds))
    nodes = []
    for number, (kind, port) in enumerate(zip(kinds, ports, strict=True)):
        own = home if address is None else home / f"{kind}{number}"
        own.mkdir(exist_ok=True)
        nodes.append(Node(f"{kind}{number}", kind, own, _environment(own, settings, extra), port, layout.mistake))
    return Town(home, settings, nodes, secrets_, mailbox, clock)


def _settings(home: Path, address: str | None, queue: str = "local") -> Settings:
    return Settings(
        home=home,
        database=address or f"sqlite:///{home / 'komp-flow.sqlite'}",
        secret_key=SECRET,
        queue=queue,
        key_encryption_key=base64.b64encode(SECRET.encode().ljust(32)[:32]).decode(),
    )


def _environment(home: Path, settings: Settings, extra: dict[str, str]) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("KOMP_FLOW_")}
    ours = {
        "HOME": str(home),
        "DATABASE": settings.database,
        "QUEUE": settings.queue,
        "SECRET_KEY": settings.secret_key,
        "KEY_ENCRYPTION_KEY": settings.key_encryption_key or "",
        **extra,
    }
    named = {f"KOMP_FLOW_{name}": value for name, value in ours.items()}
    return clean | named | {"PYTHONPATH": os.pathsep.join((str(TESTS), str(SOURCE))), "PYTHONWARNINGS": "ignore"}


def _ports(count: int) -> list[int]:
    """Free ones, all taken at once so that no two are the same."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()
