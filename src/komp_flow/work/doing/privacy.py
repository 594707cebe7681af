"""What the page of a task about a person says of who reads it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from komp_flow.organisation import roles
from komp_flow.work import rows
from komp_flow.work.doing.holding import Held
from komp_flow.work.lines import Privacy
from komp_flow.work.texts import readings, written


def of(db: Session, mine: Held, now: datetime) -> Privacy:
    """Who may read what is sent here, and who has."""
    person = str(mine.about)
    own = written.is_notes(mine.form)
    found = written.submission(db, mine.row.id) if own else None
    by_employee = found.by == person if found is not None else mine.person_id == person
    return Privacy(
        own=own,
        reads=mine.close,
        stands_in=mine.stands_in,
        readers=_readers(mine, person) if mine.close else (),
        shared_at=found.shared_at if found is not None else None,
        other=None if by_employee else rows.person_name(mine.directory, person),
        to_discussion=mine.form is not None and written.writes_openly(mine.form),
        readings=readings.of_task(db, person, mine.row.id, now) if mine.person_id == person else (),
    )


def _readers(mine: Held, person: str) -> tuple[str, ...]:
    """The employee and those who act as their manager today."""
    holders = mine.directory.holders(roles.MANAGER, rows.subject(mine.row))
    ids = [person, *(h.person_id for h in holders if mine.directory.trusted(h.person_id, person))]
    return tuple(name for each in dict.fromkeys(ids) if (name := rows.person_name(mine.directory, each)))
