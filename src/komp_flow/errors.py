"""What can go wrong, told without HTTP: the edges turn each into a status, a page or an exit code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class FieldError:
    """One field that must be mended. `field` is the path of the answer, as in `areas-0-name`; empty for the whole."""

    field: str
    message: str


class KompFlowError(Exception):
    """The root. `str(error)` is a sentence for a person: what happened, what was kept, what to do next."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(KompFlowError):
    """There is no such thing, or the caller may not know that there is. 404."""


class NotSignedIn(KompFlowError):
    """Nobody knows who is calling. 401."""


class NotAllowed(KompFlowError):
    """The caller is known and may not do this. 403."""


class Conflict(KompFlowError):
    """Somebody was first, or the thing is in another state than the caller believes. 409."""


class Stale(Conflict):
    """A draft or row has a newer version than the one that was edited. 412. `current` is what is kept now."""

    def __init__(self, message: str, current: object = None) -> None:
        super().__init__(message)
        self.current = current


class Invalid(KompFlowError):
    """The input does not hold. 422. `fields` says where, all of it at once."""

    def __init__(self, message: str, fields: Sequence[FieldError] = ()) -> None:
        super().__init__(message)
        self.fields = tuple(fields)


class KeyReused(Invalid):
    """The same idempotency key came with another body. 422 `idempotency`."""


class TooLarge(KompFlowError):
    """A bound on size or count was passed. 413."""


class Busy(KompFlowError):
    """Too much is going on just now; the same call may succeed later. 503."""


class ProcessFault(KompFlowError):
    """An instance could not go on; it stands as before the step and an incident was written. 500."""

    def __init__(self, message: str, instance_id: object = None) -> None:
        super().__init__(message)
        self.instance_id = instance_id
