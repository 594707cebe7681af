"""What the organisation itself knows of one who has left: nothing any more but the id, which the trail speaks of."""

from __future__ import annotations

from typing import Final

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from komp_flow.organisation.models import Person, PersonRole, Position, Substitution, TalkHolder
from komp_flow.organisation.snapshots import bump
from komp_flow.organisation.sorting import sort_key

NOBODY: Final = "Slettet person"  # in their place wherever a name stands


def forget(db: Session, person_id: str) -> None:
    """Take away the name, the address and the roles of one who has left. May be repeated."""
    blank = {"name": NOBODY, "email": "", "email_key": None, "title": "", "sort_key": sort_key(NOBODY)}
    db.execute(update(Person).where(Person.id == person_id).values(blank))
    db.execute(update(Position).where(Position.person_id == person_id).values(title=""))
    for table in (PersonRole, Substitution, TalkHolder):
        db.execute(delete(table).where(table.person_id == person_id))
    bump(db)
    db.expire_all()
