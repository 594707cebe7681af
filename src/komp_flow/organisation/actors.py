"""Who is calling: the person behind a page, a token, a command, or the system itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Via = Literal["web", "token", "cli", "system"]

SCOPES = frozenset({"tasks", "instances", "processes", "registers", "admin"})


@dataclass(frozen=True, slots=True)
class Actor:
    """One caller. `person_id` is empty for the command line and the system: an id that nobody has.

    `scopes` bounds what a token may do; None, for one who is signed in on the web, is no bound.
    """

    person_id: str
    language: str = "nb"
    scopes: frozenset[str] | None = None
    via: Via = "web"

    @property
    def by(self) -> str | None:
        """As the trail writes it: the person, or None for the system itself."""
        return self.person_id or None
