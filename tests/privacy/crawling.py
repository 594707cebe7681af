"""Asks for everything that can be asked for: each address of the application, with every id that there is."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask
from sqlalchemy import select

from komp_flow.engine import Task
from komp_flow.files import StoredFile
from komp_flow.registers import REGISTERS
from komp_flow.revising.models import Drawing, Move
from privacy.canaries import heard
from privacy.conftest import House

API = "/api/v1"
SKIPPED = {"static", "health.ready"}  # the tests' tables are made without migrations


def every_address(app: Flask, ids: Mapping[str, list[str]], method: str = "GET") -> Iterator[str]:
    """Each address of the application that answers the method. KeyError: one has a part that `ids` does not know."""
    for rule in app.url_map.iter_rules():
        if method not in (rule.methods or ()) or rule.endpoint in SKIPPED:
            continue
        names = sorted(rule.arguments)
        for values in itertools.product(*(ids[name] for name in names)):
            with app.test_request_context():
                yield str(rule.build(dict(zip(names, values, strict=True)), append_unknown=False)[1])  # type: ignore[index]


def ids_of(house: House) -> dict[str, list[str]]:
    """Every id that an address may hold."""
    with house.database.reading() as db:
        rows = [str(row) for register in REGISTERS.values() for row in db.scalars(select(register.table.id))]
        files = [str(row) for row in db.scalars(select(StoredFile.id))]
        texts = [str(row) for row in db.scalars(select(Task.id))]
        drawn = [str(row) for row in db.scalars(select(Drawing.id))]
        moves = [str(row) for row in db.scalars(select(Move.id))]
    instances = [str(instance) for instance in house.instances.values()]
    nothing = ["00000000-0000-0000-0000-000000000000"]
    return {
        "task_id": texts,
        "instance_id": instances,
        "talk_id": instances,
        "file_id": files or nothing,
        "row_id": rows or nothing,
        "register": [*REGISTERS, "talks", "readings", "plans"],
        "person_id": ["nils", "kari"],
        "person": ["nils", "kari"],
        "unit_id": ["it", "law"],
        "unit": ["it"],
        "cycle_id": ["2027"],
        "cycle": ["2027"],
        "process": ["talk"],
        "number": ["1"],
        "language": ["nn"],
        "substitution_id": ["1"],
        "what": ["postpone"],
        "name": ["talks"],
        "element": ["C4"],
        "staged": nothing,
        "mail_id": nothing,
        "drawing_id": drawn or nothing,
        "publication_id": nothing,
        "move_id": moves or nothing,
        "form": ["development-plan"],
        "a": ["1"],
        "b": ["1"],
    }


def what_one_hears(house: House, person: str) -> dict[str, set[str]]:
    """The canaries that somebody gets from any page, list, file or program's answer, by address. Nothing may fail."""
    found: dict[str, set[str]] = {}
    browser, ids = house.browser(person), ids_of(house)
    for address in every_address(house.app, ids):
        listed = address.startswith((API, "/registers"))
        for asked in (address, f"{address}?format=csv") if listed else (address,):
            answer = _asked(house, browser, person, asked)
            assert answer.status_code < 500, f"{person} {asked}: {answer.status_code}"
            if here := heard(answer.data) | heard(str(answer.headers)):
                found[asked] = here
    return found


def what_one_hears_by_acting(house: House, person: str) -> dict[str, set[str]]:
    """The same, from the answers to everything that can be sent; what is sent is empty or makes no sense."""
    found: dict[str, set[str]] = {}
    ids = ids_of(house) | {"process": ["nothing"], "person_id": ["nils"], "cycle_id": ["2026"]}
    browser = house.browser(person)
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for address in every_address(house.app, ids, method):
            if address.startswith("/sign-"):
                continue
            for body in ({}, {"values": {"nothing": "?"}, "reason": "", "to": "nobody"}):
                answer = _acted(house, browser, person, method, address, body)
                assert answer.status_code < 500, (
                    f"{person} {method} {address}: {answer.status_code} {answer.text[:300]}"
                )
                if here := heard(answer.data) | heard(str(answer.headers)):
                    found[f"{method} {address}"] = here
    return found


def _asked(house: House, browser: Any, person: str, address: str) -> Any:
    if not address.startswith(API):
        return browser.get(address)
    path = address.removeprefix(API)
    return house.api(person, "GET", path, headers={"Accept": "text/csv"} if "csv" in path else {})


def _acted(house: House, browser: Any, person: str, method: str, address: str, body: dict[str, Any]) -> Any:
    if address.startswith(API):
        return house.api(person, method, address.removeprefix(API), body)
    return browser.open(address, method=method, data=body)
