"""What an instance is about: a unit, a person, a measure, in a cycle."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subject:
    """The ids that roles are resolved against. Where both are set, `person` says more than `unit`."""

    unit: str | None = None
    person: str | None = None
    measure: str | None = None
    cycle: str | None = None
