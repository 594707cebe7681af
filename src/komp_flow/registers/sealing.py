"""What a register holds of a person's own words: sealed with the person's key, opened for the one who may read it.

A row with a person keeps in the open only what can be counted: ids, dates, numbers, choices. Its texts, and all that a
form has and the register has no column for, lie together in `sealed`. The register `input` is meant for the unit's
discussion and is not sealed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from komp_flow import vault
from komp_flow.registers.models import CompetenceArea

OPEN: Final = frozenset({"input"})  # registers whose rows are plain, whoever they are about
OTHER_AREA: Final = "annet"
_AN_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Opened(NamedTuple):
    """Something sealed that was opened in this session: whose words, in which task, and who wrote them."""

    person_id: str
    task_id: UUID
    by: str | None


def opened_in(db: Session) -> set[Opened]:
    """What has been opened in this session to be shown. Whoever shows it notes who has read (`work.note_readings`)."""
    found: set[Opened] = db.info.setdefault("opened", set())
    return found


def note(db: Session, person_id: str, task_id: UUID | None, by: str | None) -> None:
    """Something of this person's was opened, to be shown."""
    if task_id is not None and not db.info.get("quiet"):
        opened_in(db).add(Opened(person_id, task_id, by))


@contextmanager
def unseen(db: Session) -> Iterator[None]:
    """Within, what is opened is shown to nobody: answers that are checked, rows that are counted."""
    before, db.info["quiet"] = db.info.get("quiet", False), True
    try:
        yield
    finally:
        db.info["quiet"] = before


def is_private(name: str, person_id: str | None) -> bool:
    """Whether a row of this register about this person is sealed."""
    return person_id is not None and name not in OPEN


def context(row: Any) -> str:
    """Where the sealed part of a row belongs; it opens nowhere else."""
    return f"{row.__tablename__}/{row.id}"


def opened(db: Session, row: Any) -> dict[str, Any]:
    """The sealed columns of a row, for one who may read them; empty where there are none or they are erased."""
    if row.sealed is None or row.person_id is None:
        return {}
    found: Mapping[str, Any] = vault.opened_or(db, row.person_id, row.sealed, context(row), {})
    note(db, row.person_id, row.task_id, row.by)
    return dict(found)


def is_id(value: object) -> bool:
    """Whether it is the id of a row, as all of them are written."""
    return isinstance(value, str) and _AN_ID.fullmatch(value) is not None


def areas(db: Session, values: set[str]) -> frozenset[str]:
    """Of these, those that name an area of the catalogue, or say that it is another: not somebody's own words."""
    ids = sorted(value for value in values if _AN_ID.fullmatch(value))
    known = db.scalars(select(CompetenceArea.id).where(CompetenceArea.id.in_(ids))).all() if ids else []
    return frozenset(known) | ({OTHER_AREA} & values)
