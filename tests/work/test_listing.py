"""The list of instances holds what the rules let one see, in its order, whoever asks and however it is narrowed."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.drawing import doc, end, flows, start
from engine.storing import job
from komp_flow import work
from komp_flow.engine import Instance, SourceFile
from komp_flow.organisation import Actor, Subject
from komp_flow.work import policy
from work.conftest import Office
from work.staff import ADM, DAG, EIER, HANNE, KARI, NILS, OLA, PER

SUBJECTS = (
    Subject(), Subject(unit="it"), Subject(unit="dir"), Subject(unit="law", person="pia"),
    Subject(unit="it", person="nils"), Subject(unit="it", person="ola"),
)  # fmt: skip
READERS = (ADM, DAG, EIER, HANNE, KARI, NILS, OLA, PER, Actor("", via="system"))
STATES = ("active", "suspended", "completed", "incident", "cancelled")
A_PAGE = 7
COLUMNS = {"unit": "unit_id", "cycle": "cycle_id"}


@pytest.fixture
def many(office: Office) -> Office:
    """Instances of everyone, at four times, in every state, some escalated, some begun by somebody."""
    for name in ("p", "q"):
        drawn = doc(start(), job("u1", roles="manager"), end(), flows("s>u1>e"), pid=name)
        office.publish(SourceFile(f"{name}.bpmn", drawn))
    for number, (name, subject) in enumerate(product(("p", "q"), SUBJECTS * 5)):
        office.start(name, subject)
        if number % 15 == 14:
            office.now += timedelta(hours=1)
    with office.database.transaction() as db:
        for number, one in enumerate(db.scalars(select(Instance.id).order_by(Instance.id)).all()):
            changed: dict[str, Any] = {
                "state": STATES[number % 5],
                "escalation": int(number % 7 == 3),
                "started_by": (None, "nils", "hanne", "per")[number % 4],
            }
            db.execute(update(Instance).where(Instance.id == one).values(**changed))
    return office


NARROWED: tuple[dict[str, str], ...] = (
    {}, {"process": "p"}, {"state": "incident"}, {"unit": "it", "state": "active"}, {"cycle": "2027"},
)  # fmt: skip


@pytest.mark.databases
def test_the_list_holds_all_that_one_may_see_and_nothing_else(many: Office) -> None:
    seen = set()
    with many.database.reading() as db:
        for who, narrowed in product(READERS, NARROWED):
            visible = policy.visible_instances(policy.holdings(db, who, many.now), who)
            asked = [getattr(Instance, COLUMNS.get(name, name)) == value for name, value in narrowed.items()]
            newest = select(Instance.id).order_by(Instance.started_at.desc(), Instance.id.desc())
            expected = list(db.scalars(newest.where(visible, *asked)))
            assert paged(db, who, many.now, narrowed) == (expected, {len(expected)}), (who, narrowed)
            seen.add(len(expected))
    assert len(seen) > len(NARROWED), "everybody sees the same"


def paged(db: Session, who: Actor, now: datetime, narrowed: dict[str, str]) -> tuple[list[object], set[int]]:
    """All the list's pages put together, and what each said of how many there are."""
    found, totals, page = list[object](), set(), 1
    while True:
        shown = work.instances(db, who, page=page, page_size=A_PAGE, now=now, **narrowed)  # type: ignore[arg-type]
        found += [line.id for line in shown.items]
        totals.add(shown.total)
        if page >= shown.pages:
            return found, totals
        page += 1
