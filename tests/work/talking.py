"""A small talk with Nils, in which every field has the canary: an invitation, notes of each, a plan, a follow-up."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from engine.drawing import doc, end, flows, start
from engine.storing import fill, job
from komp_flow.engine import SourceFile
from komp_flow.organisation import Actor, Subject
from komp_flow.registers import set_up
from work.conftest import Office
from work.staff import KARI, NILS, field, form

SYSTEM = Actor("", via="system")
CANARY = "Kanarifugl-4711"
ROW = "1" * 32
NILS_IN_IT = Subject(unit="it", person="nils", cycle="2027")

SHARE = field("share", "checkbox", properties={"shares": "true"})
GOALS = {
    "type": "dynamiclist",
    "path": "goals",
    "label": "Mål",
    "properties": {"register": "goals"},
    "components": [
        {"id": f"goals-{key}", **field(key, kind, properties={"column": column}, **more)}
        for key, kind, column, more in (
            ("goal", "textarea", "goal", {}),
            ("area", "textfield", "area", {}),
            ("due", "datetime", "due", {"subtype": "date", "dateLabel": "Dato"}),
            ("nickname", "textfield", "nickname", {}),
        )
    ],
}
TALK = doc(
    start(),
    job("invite", roles="manager", ext=fill("invitation")),
    job("mine", roles="employee", ext=fill("notes")),
    job("theirs", roles="manager", ext=fill("notes")),
    job("plan", roles="manager", ext=fill("plan")),
    job("follow", roles="manager,employee", ext=fill("follow")),
    end(),
    flows("s>invite>mine>theirs>plan>follow>e"),
    pid="talk",
)
FOLLOW = {
    "type": "text",
    "text": '=string join([context.goals[1].goal, context.answers.mine.note, context.answers.theirs.note], "|")',
}


@pytest.fixture
def talk(office: Office) -> Office:
    """A small talk with Nils: an invitation, notes of each, a plan, a follow-up."""
    office.publish(
        SourceFile("talk.bpmn", TALK),
        form(
            "invitation",
            field("place"),
            field("at", "datetime", subtype="date", dateLabel="Dag"),
            **{"stand-in": "true"},
        ),
        form("notes", field("note", "textarea"), SHARE, notes="true"),
        form("plan", field("wish", "textarea"), field("grade", "number"), GOALS),
        form("follow", FOLLOW, field("comment", "textarea")),
    )
    with office.database.transaction() as db:
        set_up(db, {"name": "2027", "start": "2027-01-04"}, cycle_id=None, instance_id=None, now=office.now)
    office.start("talk", NILS_IN_IT)
    return office


def through(office: Office, *, shared: bool = False, upto: str = "follow") -> dict[str, UUID]:
    """The tasks, done up to this one."""
    done: dict[str, UUID] = {}
    steps: list[tuple[str, Actor, dict[str, Any]]] = [
        ("invite", KARI, {"place": CANARY}),
        ("mine", NILS, {"note": f"{CANARY} Nils", "share": shared}),
        ("theirs", KARI, {"note": f"{CANARY} Kari", "share": shared}),
        ("plan", KARI, {"wish": CANARY, "grade": 4, "goals": [{"goal": CANARY, "area": CANARY, "nickname": CANARY}]}),
        ("follow", NILS, {"comment": CANARY}),
    ]
    for element, who, values in steps:
        if element == upto:
            break
        done[element] = office.task(who, element)
        office.complete(who, element, values)
    return done
