"""When the database does not do its work: what has happened, in words for the one who waits for an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from komp_flow.i18n import _

OUTAGES: Final = (DBAPIError, NoConnectionFree)  # what may be one; `outage` tells
_NO_ROOM: Final = {"53100"}  # PostgreSQL's state for a full disk
_STANDBY: Final = {"25006", "25P03"}  # the server only reads now; it let go of a transaction that stood still
_FULL: Final = "database or disk is full"  # SQLite's words; not every driver gives its number


@dataclass(frozen=True)
class Outage:
    """An answer that is no fault of the request: status, problem type, words, and seconds until it may be better."""

    status: int
    kind: str
    detail: str
    again_in: int


def outage(error: BaseException, *, keeping: bool) -> Outage | None:
    """What the error means for the one who waits; None: it is no outage but a fault of ours.

    `keeping`: it came while the transaction was being committed, so that it may be kept all the same.
    """
    if is_full(error):
        said = _(
            "Det er ikke plass til mer der opplysningene lagres. Det du sendte, er ikke lagret, men alt fra før er "
            "der. Si fra til administrator, og prøv igjen når det er ryddet."
        )
        return Outage(507, "full", said, 60)
    if not is_away(error):
        return None
    if keeping and isinstance(error, DBAPIError) and error.connection_invalidated:
        said = _(
            "Databasen ble borte akkurat da det skulle lagres, så vi vet ikke om det kom med. "
            "Last siden og se etter før du sender det på nytt."
        )
    else:
        said = _("Databasen svarer ikke akkurat nå. Det du sendte, er ikke lagret. Vent litt og prøv igjen.")
    return Outage(503, "busy", said, 2)


def is_full(error: BaseException) -> bool:
    """Whether there is no more room for what is to be kept."""
    cause = getattr(error, "orig", None)
    return getattr(cause, "sqlstate", None) in _NO_ROOM or _FULL in str(cause)


def is_away(error: BaseException) -> bool:
    """Whether the database is busy or away: what was wanted may go well later, unchanged."""
    if isinstance(error, NoConnectionFree | OperationalError | InterfaceError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or getattr(error.orig, "sqlstate", None) in _STANDBY
