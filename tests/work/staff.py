"""A small organisation in the database, and the people in it who do things."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from komp_flow import engine, organisation
from komp_flow.engine import SourceFile
from komp_flow.organisation import Actor
from komp_flow.organisation.models import Person, PersonRole, Position, Unit
from komp_flow.organisation.sorting import sort_key
from komp_flow.work import WORLD

ROOT = Path(__file__).parents[2]

# The directorate, led by Dag; two units below it, led by Kari (deputy Ola) and Per.
UNITS = (
    ("dir", None, "Direktoratet", "dag", None),
    ("it", "dir", "IT", "kari", "ola"),
    ("law", "dir", "Juss", "per", None),
)
PEOPLE = (
    ("dag", "Dag Dahl", "dir", "top_management"),
    ("hanne", "Hanne Hr", "dir", "hr"),
    ("eier", "Eva Eier", "dir", "process_owner"),
    ("adm", "Arne Administrator", "dir", "administrator"),
    ("kari", "Kari Nordmann", "it", ""),
    ("ola", "Ola Nordmann", "it", ""),
    ("nils", "Nils Nilsen", "it", ""),
    ("per", "Per Hansen", "law", ""),
    ("pia", "Pia Hansen", "law", ""),
)


def actor(person: str, *scopes: str) -> Actor:
    return Actor(person, scopes=frozenset(scopes) or None, via="token" if scopes else "web")


HANNE, KARI, OLA, NILS, PER, PIA, DAG, EIER, ADM = (
    actor(name) for name in ("hanne", "kari", "ola", "nils", "per", "pia", "dag", "eier", "adm")
)


def settle(db: Session) -> None:
    """Everyone in their place."""
    db.add_all(
        Unit(id=i, parent_id=parent, name=name, manager_id=manager, deputy_id=deputy, sort_key=sort_key(name))
        for i, parent, name, manager, deputy in UNITS
    )
    employ(db, *PEOPLE)


def employ(db: Session, *people: tuple[str, str, str, str]) -> None:
    """More people, as in PEOPLE."""
    for i, name, unit, roles in people:
        mail = f"{i}@example.org"
        db.add(Person(id=i, name=name, email=mail, email_key=mail, unit_id=unit, sort_key=sort_key(name)))
        db.add(Position(person_id=i, number=1, unit_id=unit, percent=100.0, main=True))
        db.add_all(PersonRole(person_id=i, role=role, source="file") for role in roles.split())
    db.flush()
    organisation.bump(db)


def publish(db: Session, now: datetime, *files: SourceFile) -> None:
    """Without the check, which has its own tests and takes its time."""
    engine.publish(db, files, why="Til en test", by="eier", now=now, world=WORLD)


def shipped(*names: str) -> list[SourceFile]:
    """Diagrams and forms that come with the product."""
    folders = {".bpmn": "processes", ".json": "forms"}
    return [SourceFile(name, (ROOT / folders[Path(name).suffix] / name).read_bytes()) for name in names]


def form(form_id: str, *components: dict[str, Any], **properties: str) -> SourceFile:
    document = {
        "type": "default",
        "id": form_id,
        "schemaVersion": 19,
        "properties": {"title": form_id, **properties},
        "components": [{"id": f"{form_id}-{index}", **part} for index, part in enumerate(components)],
    }
    return SourceFile(f"{form_id}.json", json.dumps(document).encode())


def field(key: str, kind: str = "textfield", **more: Any) -> dict[str, Any]:
    return {"type": kind, "key": key, "label": key, **more}


def required(key: str, kind: str = "textfield", **more: Any) -> dict[str, Any]:
    return field(key, kind, validate={"required": True}, **more)


def ids(lines: Iterable[Any]) -> list[str]:
    return [line.element for line in lines]


def away(db: Session, person: str, substitute: str, now: datetime) -> None:
    """`substitute` acts for `person` this week."""
    first = now.date()
    organisation.substitute(db, person, substitute, start=first, end=first + timedelta(days=4), now=now)
