"""Who may do a task and when it is due, evaluated when the task is made and again when the calendar moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final

from komp_flow import feel
from komp_flow.engine.errors import Fault
from komp_flow.engine.memory import timers
from komp_flow.engine.memory.program import UserTask
from komp_flow.errors import KompFlowError
from komp_flow.i18n import _, _l

EVENING: Final = time(23, 59, 59)  # a due date without a time (process.md section 3)
MIDNIGHT: Final = time(0)  # a follow-up date without one: shown from the morning on
_DATE: Final = len("2027-01-04")
_ROLE, _ASSIGNEE, _DUE, _FOLLOW_UP = _l("Rollen"), _l("Den ansvarlige"), _l("Fristen"), _l("Oppfølgingsdatoen")


@dataclass(frozen=True, slots=True)
class Assignment:
    """What was found; `faults` are sentences for an incident, what they are about is left empty."""

    roles: tuple[str, ...]
    assignee: str | None
    due_at: datetime | None
    follow_up_at: datetime | None
    faults: tuple[str, ...] = ()


def assign(task: UserTask, names: Mapping[str, object], moment: feel.Moment, since: datetime) -> Assignment:
    """Evaluate all four; one that fails does not stop the others. `since`: when the task was made."""
    faults: list[str] = []

    def ask(what: str, text: str | None) -> object:
        if text is None:
            return None
        try:
            return feel.value(text, names, moment)
        except KompFlowError as error:
            faults.append(_("%(what)s kan ikke regnes ut: %(reason)s", what=what, reason=error))
            return None

    def when(what: str, text: str | None, clock: time) -> datetime | None:
        if text is None:
            return None
        try:
            return instant(ask(what, text), since, moment, clock)
        except KompFlowError as error:
            faults.append(_("%(what)s er ikke en dato: %(reason)s", what=what, reason=error))
            return None

    roles = _names(ask(_ROLE, task.roles))
    assignee = _names(ask(_ASSIGNEE, task.assignee))
    if not roles and not assignee and not faults:
        faults.append(_("Ingen rolle eller person er satt for oppgaven."))
    return Assignment(
        roles=roles,
        assignee=assignee[0] if assignee else None,
        due_at=when(_DUE, task.due_date, EVENING),
        follow_up_at=when(_FOLLOW_UP, task.follow_up_date, MIDNIGHT),
        faults=tuple(faults),
    )


def depends(task: UserTask, changed: frozenset[str]) -> bool:
    """True if one of its dates is computed from one of these names."""
    return any(feel.names_of(text) & changed for text in (task.due_date, task.follow_up_date))


def instant(value: object, since: datetime, moment: feel.Moment, clock: time) -> datetime | None:
    """The moment that a date, a date-time, a duration from `since` or their text stands for; None while unknown."""
    if isinstance(value, str) and len(value.strip()) == _DATE:
        try:
            value = date.fromisoformat(value.strip())
        except ValueError as error:
            raise Fault(_("«%(text)s» er ikke en dato, som 2027-01-31.", text=value)) from error
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, clock, moment.zone).astimezone(UTC)
    found = timers.instants(value, since, moment.now, moment.zone)
    return found[0] if found else None


def _names(value: object) -> tuple[str, ...]:
    """A comma list or a list of texts; each once, in order."""
    items = value if isinstance(value, list | tuple) else str(value).split(",") if isinstance(value, str) else []
    return tuple(dict.fromkeys(item.strip() for item in items if isinstance(item, str) and item.strip()))
