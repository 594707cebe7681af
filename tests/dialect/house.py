"""A served komp-flow as an outsider has it: files in, REST calls, a clock that is moved, and restarts in between."""

from __future__ import annotations

import importlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask

from komp_flow import background, organisation, schema
from komp_flow.app import create_app, open_database
from komp_flow.auth import tokens
from komp_flow.clock import clock
from komp_flow.engine.errors import BpmnError
from komp_flow.engine.stored import shelf
from komp_flow.organisation import SCOPES
from komp_flow.settings import Settings

V1 = "/api/v1"
MONDAY = datetime(2027, 1, 4, 8, tzinfo=UTC)

UNITS = """unit_id;parent_id;name;org_number;manager_id;deputy_id
1;;Etaten;;10;11
2;1;Avdeling Øst;;20;
"""
PEOPLE = """employee_id;name;email;unit_id;manager_id;position;percent;start;end;absence_from;absence_to;language;roles
7;Åse Ødegård;ase@etaten.example;1;;Rådgiver;100;;;;;nb;administrator,process_owner
10;Kari Sjef;kari@etaten.example;1;;Direktør;100;;;;;nb;
11;Nils Stedfortreder;nils@etaten.example;1;;Nestleder;100;;;;;nb;
20;Ola Leder;ola@etaten.example;2;;Avdelingsleder;100;;;;;nb;
21;Eva Ansatt;eva@etaten.example;2;;Konsulent;100;;;;;nb;
30;Hanne HR;hanne@etaten.example;1;;HR-sjef;100;;;;;nb;hr
31;Tom Tillitsvalgt;tom@etaten.example;1;;Konsulent;100;;;;;nb;union_rep
"""


def prepare(home: Path) -> Path:
    """A database with the organisation, made once: every test gets a copy."""
    settings = Settings(home=home, database=f"sqlite:///{home / 'komp-flow.sqlite'}", secret_key="only for tests")
    database = open_database(settings)
    schema.upgrade(database)
    with database.transaction() as db:
        report = organisation.import_files(db, UNITS.encode(), PEOPLE.encode(), MONDAY)
        assert not report.errors
    database.close()  # the last connection writes the log into the file
    return home / "komp-flow.sqlite"


@cache
def _application() -> Flask:
    """Making it costs more than all that a test does with it."""
    folder = Path(tempfile.mkdtemp(prefix="komp-flow-dialect-"))
    settings = Settings(home=folder, database=f"sqlite:///{folder}/x", secret_key="only for tests")
    made = create_app(settings)
    made.extensions["database"].close()
    return made


def served(settings: Settings) -> Flask:
    """The application, on these settings."""
    made = _application()
    made.extensions["komp_flow"] = settings
    return made


class Refused(AssertionError):
    """A publication was refused; what check said is in `problems`."""

    def __init__(self, problems: list[dict[str, Any]]) -> None:
        super().__init__(json.dumps(problems, ensure_ascii=False, indent=1))
        self.problems = problems


@dataclass
class House:
    """One installation. `restarts`: the server is begun anew before every call."""

    home: Path
    restarts: bool = True

    def __post_init__(self) -> None:
        self.now = MONDAY
        self.database: Any = None
        self._secrets: dict[str, tuple[str, datetime]] = {}
        self.at(MONDAY)
        self.app = served(self.settings)
        self.app.extensions["clock"] = clock(self.settings.clock)
        self.begin()

    @property
    def settings(self) -> Settings:
        return Settings(
            home=self.home,
            database=f"sqlite:///{self.home / 'komp-flow.sqlite'}",
            secret_key="only for tests",
            clock=f"file:{self.home / 'clock'}",
        )

    def begin(self) -> None:
        """A server that begins: nothing of what the last one knew is in memory."""
        shelf._runnables._kept.clear()
        shelf._forms._kept.clear()
        if self.database is not None:
            self.database.close()  # its connections; that it knows how to write its SQL makes no difference
            return
        self.database = open_database(self.settings)
        self.app.extensions["database"] = self.database  # the application holds nothing else that is remembered

    def close(self) -> None:
        self.database.close()

    def _step(self) -> None:
        if self.restarts:
            self.begin()

    # time

    def at(self, when: str | datetime) -> None:
        """The clock says this; nothing runs."""
        self.now = when if isinstance(when, datetime) else datetime.fromisoformat(when)
        (self.home / "clock").write_text(self.now.isoformat())

    def tick(self, when: str | datetime | None = None, **later: float) -> None:
        """The clock says this (or so much later), and the background does what is due."""
        if when is not None or later:
            self.at(when if when is not None else self.now + timedelta(**later))
        self._step()
        background.run_until_nothing_is_due(self.database, self.app.extensions["clock"])

    # calls

    def secret(self, person: str) -> str:
        secret, until = self._secrets.get(person, ("", self.now))
        if until <= self.now:
            with self.database.transaction() as db:
                secret = tokens.create(db, person, SCOPES, self.now, days=300)
            self._secrets[person] = secret, self.now + timedelta(days=299)
        return secret

    def call(self, method: str, path: str, body: Any = None, *, by: str = "7", **more: Any) -> tuple[int, Any]:
        if method != "GET":
            self._step()
        headers = {"Authorization": f"Bearer {self.secret(by)}"} | more.pop("headers", {})
        if body is not None:
            more["json"] = body
        answer = self.app.test_client().open(V1 + path, method=method, headers=headers, **more)
        told = answer.get_json(silent=True) if answer.data else None
        if answer.content_type == "application/problem+json":
            told = json.loads(answer.data)
        assert answer.status_code < 500, (method, path, told)
        return answer.status_code, told

    def ok(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        status, told = self.call(method, path, body, **more)
        assert status < 300, (method, path, status, told)
        return told

    def publish(self, *files: bytes, why: str = "Prøve") -> Any:
        """Diagrams and forms; raises Refused."""
        named = {f"f{n}.{'json' if data.lstrip()[:1] == b'{' else 'bpmn'}": data for n, data in enumerate(files)}
        status, told = self.send("/processes", named, why=why)
        if status == 422:
            raise Refused(told["problems"])
        assert status < 300, told
        return told

    def send(self, path: str, files: dict[str, bytes], **fields: str) -> tuple[int, Any]:
        """A multipart body, written by hand: files under `files`."""
        line = b"--a-boundary-of-ours\r\nContent-Disposition: form-data; name="
        body = b"".join(
            line
            + f'"files"; filename="{name}"\r\nContent-Type: application/octet-stream\r\n\r\n'.encode()
            + data
            + b"\r\n"
            for name, data in files.items()
        )
        body += b"".join(line + f'"{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items())
        body += b"--a-boundary-of-ours--\r\n"
        return self.call("POST", path, data=body, content_type="multipart/form-data; boundary=a-boundary-of-ours")

    def start(
        self, process: str = "p", *, subject: dict[str, str] | None = None, by: str = "7", **variables: Any
    ) -> Case:
        body = {"process": process, "subject": subject or {"unit": "2"}, "variables": variables}
        told = self.ok("POST", "/instances", body, by=by)
        self.tick()
        return Case(self, told["id"])

    def message(self, name: str, key: Any = None, message_id: str | None = None, **payload: Any) -> Any:
        body: dict[str, Any] = {"name": name, "key": key, "payload": payload}
        if message_id:
            body["message_id"] = message_id
        told = self.ok("POST", "/messages", body)
        self.tick()
        return told

    def cases(self, process: str = "p") -> list[Case]:
        """All instances of a process, the oldest first."""
        found = self.ok("GET", f"/instances?process={process}&page_size=100")["items"]
        return [Case(self, line["id"]) for line in reversed(found)]


@dataclass
class Case:
    """One instance, looked at through the API alone."""

    house: House
    id: str

    @property
    def sheet(self) -> dict[str, Any]:
        return dict(self.house.ok("GET", f"/instances/{self.id}"))

    @property
    def state(self) -> str:
        return str(self.sheet["state"])

    @property
    def variables(self) -> dict[str, Any]:
        return dict(self.sheet["variables"])

    @property
    def open(self) -> list[str]:
        """The elements of the open tasks, sorted."""
        return sorted(task["element"] for task in self.sheet["tasks"])

    @property
    def timers(self) -> dict[str, str | None]:
        return {timer["element"]: timer["due"] for timer in self.sheet["timers"]}

    def trail(self, *what: str) -> list[str]:
        wanted = what or ("completed",)
        return [event["element"] for event in self.sheet["trail"] if event["what"] in wanted and event["element"]]

    def task(self, element: str, which: int = 0) -> dict[str, Any]:
        return [task for task in self.sheet["tasks"] if task["element"] == element][which]

    def do(self, element: str, which: int = 0, *, by: str = "7", **values: Any) -> Any:
        """Complete an open task."""
        told = self.house.ok("POST", f"/tasks/{self.task(element, which)['id']}/complete", {"values": values}, by=by)
        self.house.tick()
        return told

    def try_(self, element: str, *, by: str = "7", **values: Any) -> tuple[int, Any]:
        return self.house.call("POST", f"/tasks/{self.task(element)['id']}/complete", {"values": values}, by=by)

    def retry(self) -> None:
        self.house.ok("POST", f"/instances/{self.id}/retry")
        self.house.tick()

    def ended(self, *completed: str) -> None:
        """It is over, and went this way, each passage once and in this order."""
        sheet = self.sheet
        assert sheet["state"] == "completed", (sheet["state"], sheet["incidents"], sheet["tasks"], self.trail())
        assert sheet["tasks"] == []
        assert sheet["timers"] == []
        assert [e["element"] for e in sheet["trail"] if e["what"] == "completed"] == list(completed)


class Switch:
    """An operation for tests, which fails, throws an error of the diagram, or answers, as it is told."""

    def __init__(self) -> None:
        self.fails = False
        self.throws: str | None = None
        self.ran: list[dict[str, object]] = []


switch = Switch()


def operation_for_tests() -> Iterator[Switch]:
    """`prove` is registered while a test runs."""
    registry = importlib.import_module("komp_flow.operations.registry")  # the package has a function of this name

    def prove(_db: Any, call: Any) -> dict[str, object]:
        if switch.fails:
            raise RuntimeError("as told")
        if switch.throws:
            raise BpmnError(switch.throws)
        switch.ran.append(dict(call.inputs))
        return {"result": len(switch.ran), "echo": call.inputs.get("x")}

    switch.__init__()  # type: ignore[misc]
    registry.operation(
        "prove", says="Prøve", optional={"x": "x"}, outputs={"result": "r", "echo": "e"}, errors={"E1": "e"}
    )(prove)
    yield switch
    del registry._registered["prove"]


def copied(template: Path, home: Path) -> Path:
    shutil.copy(template, home / "komp-flow.sqlite")
    return home
