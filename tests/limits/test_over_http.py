"""Each bound of what comes over HTTP, tried at it and one over it. docs/limits.md lists them all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from api.conftest import Office, Program, instance, kari, office, owner, task
from engine.drawing import doc, end, flows, start
from engine.storing import job
from komp_flow import app as application
from komp_flow import requests
from komp_flow.api import bodies, processes
from komp_flow.api.schemas import registers as register_schemas
from komp_flow.engine.stored import messages
from komp_flow.forms import attachments
from komp_flow.organisation import csv_files
from komp_flow.work.doing import holding
from komp_flow.work.doing.inbox import LARGEST_PAGE
from komp_flow.work.once import LONGEST as LONGEST_KEY
from komp_flow.work.people import substitutes
from komp_flow.work.running import publishing, steering

__all__ = ["instance", "kari", "office", "owner", "task"]
JSON = "application/json"


def raw(program: Program, body: bytes, address: str = "/messages") -> int:
    return int(program("POST", address, data=body, content_type=JSON).status_code)


def message(program: Program, payload: str = "{}", **more: str) -> int:
    """A message whose payload is written as it is."""
    head = json.dumps({"name": "n", "key": "k", **more})[:-1]
    return raw(program, f'{head}, "payload": {payload}}}'.encode())


def padded(program: Program, size: int) -> int:
    body = b'{"name": "n", "key": "k"}'
    return raw(program, body + b" " * (size - len(body)))


def nested(program: Program, levels: int) -> int:
    """`levels` below the body itself: the payload, its value, and lists inside each other."""
    lists = levels - 2
    return message(program, '{"x": [' + "[" * lists + "]" * lists + "]}")


def values(program: Program, count: int) -> int:
    """The body, its name, key and payload, a list and what is in it."""
    return message(program, '{"x": [' + ",".join("1" for _one in range(count - 5)) + "]}")


def variables(program: Program, count: int) -> int:
    return started(program, {f"v{n}": n for n in range(count)})


def started(program: Program, given: dict[str, object]) -> int:
    return int(program.post("/instances", {"process": "p", "variables": given}).status_code)


def large(program: Program, size: int) -> int:
    return started(program, {"v": "x" * (size - len('{"v":""}'))})


def suspended(program: Program, length: int) -> int:
    return int(program.post(f"/instances/{running(program)}/suspend", {"reason": "x" * length}).status_code)


def running(program: Program) -> str:
    return str(program.get("/instances").get_json()["items"][0]["id"])


def handed_on(program: Program, length: int) -> int:
    (line,) = program.get("/tasks?unit=it").get_json()["items"]
    return int(program.post(f"/tasks/{line['id']}/delegate", {"to": "nils", "reason": "x" * length}).status_code)


def keyed(program: Program, length: int) -> int:
    sent = {"name": "n", "key": "k"}
    return int(program.post("/messages", sent, headers={"Idempotency-Key": "k" * length}).status_code)


def payload(program: Program, size: int) -> int:
    return message(program, json.dumps({"x": "y" * (size - len('{"x":""}'))}))


def published(program: Program, length: int) -> int:
    drawn = doc(start(), job("u"), end(), flows("s>u>e"), pid="ny")
    return int(program.send("/processes", ("ny.bpmn", drawn), why="x" * length).status_code)


EDGES: dict[str, tuple[int, Callable[[Program, int], int], int]] = {
    "api.bodies.LARGEST": (bodies.LARGEST, padded, 413),
    "api.bodies.DEEPEST": (bodies.DEEPEST, nested, 422),
    "api.bodies.MOST_VALUES": (bodies.MOST_VALUES, values, 413),
    "api.bodies.LONGEST_NUMBER": (
        bodies.LONGEST_NUMBER, lambda program, n: message(program, f'{{"x": 1.{"0" * (n - 2)}}}'), 422,
    ),
    "api.bodies.LARGEST_EXPONENT": (
        bodies.LARGEST_EXPONENT, lambda program, n: message(program, f'{{"x": 1e{n}}}'), 422,
    ),
    "api.fields.LONGEST": (messages.LONGEST, lambda program, n: message(program, name="n" * n), 422),
    "engine.stored.messages.LONGEST": (messages.LONGEST, lambda program, n: message(program, message_id="n" * n), 422),
    "engine.stored.messages.PAYLOAD_LIMIT": (messages.PAYLOAD_LIMIT, payload, 413),
    "api.schemas.registers.LONGEST_SEARCH": (
        register_schemas.LONGEST_SEARCH, lambda program, n: program.get(f"/areas?text={'x' * n}").status_code, 422,
    ),
    "work.doing.inbox.LARGEST_PAGE": (
        LARGEST_PAGE, lambda program, n: program.get(f"/tasks?page_size={n}").status_code, 422,
    ),
    "work.once.LONGEST": (LONGEST_KEY, keyed, 422),
    "work.running.steering.MOST_VARIABLES": (steering.MOST_VARIABLES, variables, 413),
    "work.running.steering.LARGEST": (steering.LARGEST, large, 413),
    "work.running.steering.LONGEST_REASON": (steering.LONGEST_REASON, suspended, 422),
    "work.doing.holding.LONGEST_REASON": (holding.LONGEST_REASON, handed_on, 422),
    "work.running.publishing.LONGEST_WHY": (publishing.LONGEST_WHY, published, 422),
    "api.schemas.inputs.LONGEST_TEXT": (publishing.LONGEST_WHY, published, 422),
}  # fmt: skip


@pytest.mark.parametrize("name", EDGES)
def test_at_the_bound_it_is_taken_and_over_it_refused(owner: Program, instance: str, name: str) -> None:
    bound, ask, refused = EDGES[name]
    assert ask(owner, bound + 1) == refused
    assert ask(owner, bound) < 300


def test_ids_that_no_column_holds_are_not_found(owner: Program, office: Office) -> None:
    assert owner.get(f"/processes/p/versions/{processes.LARGEST_NUMBER + 1}").status_code == 404
    assert owner.get(f"/processes/p/versions/{10**40}").status_code == 404
    hanne = office.program("hanne")
    for number in (substitutes.LARGEST_ID, substitutes.LARGEST_ID + 1, 10**40):
        assert hanne("DELETE", f"/substitutions/{number}").status_code == 404


def test_a_reason_may_be_written_in_any_letters(owner: Program, instance: str) -> None:
    """Its bound is in characters, that of the trail in bytes."""
    for act in ("suspend", "resume", "cancel"):
        reason = "\U0001f642" * steering.LONGEST_REASON
        assert owner.post(f"/instances/{instance}/{act}", {"reason": reason}).status_code == 200


def drawn(count: int) -> list[tuple[str, bytes]]:
    return [
        (f"p{n}.bpmn", doc(start(), job("u"), end(), flows("s>u>e"), pid=f"p{n}x")) for n in range(count)
    ]  # fmt: skip


def test_so_many_diagrams_at_once_are_read_whole_and_no_more(owner: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than a page may carry: none of them is cut."""
    many = requests.MOST_FILES + 2
    assert owner.send("/processes/check", *drawn(many)).get_json()["problems"] == []
    monkeypatch.setattr(bodies, "MOST_SOURCES", many)
    assert owner.send("/processes/check", *drawn(many)).status_code == 200
    answer = owner.send("/processes/check", *drawn(many + 1))
    assert (answer.status_code, answer.get_json()["type"]) == (413, "/problems/too-large")
    assert owner.send("/processes", *drawn(many + 1), why="Mange").status_code == 413


# ---- pages


def encoded(fields: Iterable[tuple[str, str, bytes]]) -> bytes:
    """Fields as name, file name (or nothing) and content, in one body."""
    head = '--b\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n'
    parts = (
        head.format(name, f'; filename="{file}"' if file else "").encode() + content + b"\r\n"
        for name, file, content in fields
    )
    return b"".join(parts) + b"--b--\r\n"


def posted(client: Any, address: str, fields: Iterable[tuple[str, str, bytes]]) -> Any:
    return client.post(address, data=encoded(fields), content_type="multipart/form-data; boundary=b")


def test_a_page_takes_so_many_fields_and_so_much(client: Any) -> None:
    def fields(count: int, size: int = 1) -> int:
        sent = posted(client, "/sign-in", ((f"f{n}", "", b"x" * size) for n in range(count)))
        return int(sent.status_code)

    assert fields(application.MAX_PARTS - 1) != 413
    assert fields(application.MAX_PARTS + 1) == 413
    assert fields(1, application.MAX_TYPED - 1_000) != 413
    assert fields(1, application.MAX_TYPED + 1) == 413
    assert client.post("/sign-in", data=b"x" * (application.MAX_BODY + 1)).status_code == 413


UNITS = b"unit_id;parent_id;name;org_number;manager_id;deputy_id\n"
PEOPLE = (
    b"employee_id;name;email;unit_id;manager_id;position;percent;start;end;absence_from;absence_to;language;roles\n"
)


def test_the_organisations_files_are_read_whole_or_refused(login: Any, office: Office, client: Any) -> None:
    """A file that is larger than one beside a task may be is not cut: what it does not name would seem to be gone."""
    login("hanne")
    last = b"99;Siste Person;siste@example.org;1;;;;;;;;nb;\n"

    def looked_at(people: bytes) -> Any:
        files = (("units", "u.csv", UNITS + b"1;;Etaten;;;\n"), ("people", "p.csv", people))
        return posted(client, "/people/import", files)

    def empty(size: int) -> bytes:
        return (b" " * 100_000 + b"\n") * (size // 100_001 + 1)

    assert "Siste Person" in looked_at(PEOPLE + empty(attachments.LARGEST) + last).text
    too_long = looked_at(PEOPLE + empty(csv_files.MAX_BYTES) + last)
    assert (too_long.status_code, "50 MB" in too_long.text) == (422, True)
    too_many = looked_at(PEOPLE + b"\n" * csv_files.MAX_LINES + last)
    assert (too_many.status_code, "linjer" in too_many.text) == (422, True)


def test_a_request_brings_so_many_files(app: Any) -> None:
    """Those that come after are let go, so that their size says it."""
    sent = (("units", f"{n}.csv", b"abc") for n in range(requests.MOST_FILES + 2))
    body = encoded(sent)
    kind = "multipart/form-data; boundary=b"
    with app.test_request_context("/people/import", method="POST", data=body, content_type=kind) as context:
        context.session["person"] = "hanne"
        came = [len(file.stream.read()) for file in context.request.files.getlist("units")]
        context.request.close()
    assert came == [3] * requests.MOST_FILES + [1] * 2


NAMED = (
    "page", "cycle", "process", "state", "unit", "area", "stage", "text", "q", "person", "queue", "then", "first",
    "element", "next", "late", "late_only", "name", "format",
)  # fmt: skip


@pytest.mark.databases
def test_no_page_breaks_on_what_is_no_text(app: Any, office: Office, login: Any, client: Any) -> None:
    login("eier")
    assert broken(app, client, "%00") == []


@pytest.mark.databases
def test_what_is_no_text_is_told_and_changes_nothing(
    app: Any, office: Office, login: Any, client: Any, task: str, kari: Program
) -> None:
    """NUL in a page's field: PostgreSQL has no place for it."""
    login("kari")
    answer = client.post(f"/tasks/{task}/delegate", data={"to": "nils", "reason": "Fordi\0at"})
    assert answer.status_code in {303, 400}
    assert (answer.status_code == 303) == (kari.get("/tasks").get_json()["total"] == 0)
    login("hanne")
    assert client.post("/privacy/erase", data={"person": "a\0b", "reason": "a\0b", "sure": "yes"}).status_code < 500


def test_no_page_breaks_on_a_number_past_all(app: Any, office: Office, login: Any, client: Any) -> None:
    login("eier")
    assert broken(app, client, "9" * 5_000) == []


def broken(app: Any, client: Any, hostile: str) -> list[str]:
    """The pages that fail on what stands in the address, or as an id in it."""
    wrong = "&".join(f"{name}={hostile}" for name in NAMED)
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" not in rule.methods or rule.rule.startswith(("/api", "/static", "/readyz")):
            continue
        given = {name: _value(rule, name, hostile) for name in rule.arguments}
        path = rule.rule
        for name, value in given.items():
            for kind in ("uuid:", "int:", "string:", ""):
                path = path.replace(f"<{kind}{name}>", value)
        if client.get(f"{path}?{wrong}").status_code >= 500:
            found.append(path)
    return found


def _value(rule: Any, name: str, hostile: str) -> str:
    kind = type(rule._converters[name]).__name__
    if kind == "UUIDConverter":
        return "0b0f2c5e-6c1c-4f4c-9e5a-0d6a2a1f9c11"
    return "9" * 40 if kind == "IntegerConverter" else hostile
