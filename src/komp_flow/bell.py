"""The doorbell: tells whoever listens that a due row was written. Rows are the truth: a lost ring harms none.

Who listens is `db.info["bell"]`, given by the process that opened the database; where there is none, nothing happens.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

ANY: Final = "any"  # a kind: look at all that is due, for rows that are many, or that have no key yet

Key = tuple[Any, ...] | int | str
Bell = Callable[[Session, str, Key, datetime], None]


def ring(db: Session, kind: str, key: Key, at: datetime) -> None:
    """A row of this kind and key, due at `at`, was written in this transaction. Kinds are those of `work.run_one`."""
    bell = db.info.get("bell")
    if callable(bell):
        bell(db, kind, key, at)


def hangs(db: Session) -> bool:
    """Whether anybody listens: keys that cost a statement to know are asked for only then."""
    return callable(db.info.get("bell"))
