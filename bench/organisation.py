"""An organisation of any size, made in bulk: units of ten under departments of ten, each with its manager."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert

from komp_flow import organisation
from komp_flow.db import Database
from komp_flow.organisation.models import Person, PersonRole, Position, Unit
from komp_flow.organisation.sorting import sort_key

A_UNIT = 10  # people
AT_ONCE = 5_000
TOP = "u0"


def unit_id(number: int) -> str:
    """The id of a unit; 0 is the top."""
    return f"u{number}"


def manager_id(number: int, people: int, units: int) -> str:
    """Who leads that unit: the first who is in it."""
    return f"p{-(-number * people // units)}"


def settle(database: Database, people: int, units: int | None = None) -> int:
    """Fill the database with so many people; answers how many units they are in. The top's manager holds HR too."""
    units = units or max(2, people // A_UNIT)
    with database.transaction() as db:
        connection = db.connection()
        _in_bulk(connection, Unit, ({"id": unit_id(n), "parent_id": None if n == 0 else unit_id((n - 1) // 10),
                                     "name": f"Enhet {n}", "manager_id": manager_id(n, people, units),
                                     "sort_key": sort_key(f"Enhet {n}")} for n in range(units)))  # fmt: skip
        _in_bulk(connection, Person, (_person(n, unit_id(n * units // people)) for n in range(people)))
        _in_bulk(connection, Position, ({"person_id": f"p{n}", "number": 1, "unit_id": unit_id(n * units // people),
                                         "percent": 100.0, "main": True} for n in range(people)))  # fmt: skip
        held = ("hr", "process_owner", "top_management", "administrator")
        _in_bulk(connection, PersonRole, ({"person_id": "p0", "role": role, "source": "file"} for role in held))
        organisation.bump(db)
    return units


def _person(number: int, unit: str) -> dict[str, Any]:
    name, mail = f"Person {number}", f"p{number}@example.org"
    return {"id": f"p{number}", "name": name, "email": mail, "email_key": mail, "unit_id": unit, "language": "nb",
            "title": "", "sort_key": sort_key(name)}  # fmt: skip


def _in_bulk(connection: Any, model: Any, rows: Any) -> None:
    chunk: list[dict[str, Any]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == AT_ONCE:
            connection.execute(insert(model), chunk)
            chunk = []
    if chunk:
        connection.execute(insert(model), chunk)
