"""A cycle's calendar: named dates with their defaults, and the escalation ladder from each (process.md section 3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

IsWorkingDay = Callable[[date], bool]

# Days after the cycle's start, D0.
FROM_START: Final[Mapping[str, int]] = {
    "preparation": 21,
    "discussion": 63,
    "talks": 112,
    "merge": 84,
    "recommendation": 126,
    "decision": 147,
    "evaluation": 365,
}
# Days after the decision, V. Null until it is made.
FROM_DECISION: Final[Mapping[str, int]] = {"distribution": 7, "implementation": 28, "action_plan": 56}

# In the order of the cycle, as a calendar shows them.
NAMES: Final = (
    "preparation",
    "discussion",
    "merge",
    "talks",
    "recommendation",
    "decision",
    "distribution",
    "implementation",
    "action_plan",
    "evaluation",
)
LADDER: Final = (5, 10, 15)
FURTHEST: Final = 400  # days looked ahead for the next working day; more would mean that none exists
ESCALATION_TIME: Final = time(8)


def next_working_day(day: date, is_working_day: IsWorkingDay) -> date:
    """`day` itself when it is one, else the first that comes. `day` again where none comes in more than a year."""
    moved = day
    for _ in range(FURTHEST):
        if is_working_day(moved):
            return moved
        moved += timedelta(days=1)
    return day


def dates(
    start: date, decided_on: date | None, moved: Mapping[str, date], is_working_day: IsWorkingDay
) -> dict[str, date | None]:
    """Every named date, null where it is not known yet. `moved` holds those that somebody has set by hand."""
    known: dict[str, date | None] = dict.fromkeys(NAMES)
    for first, offsets in ((start, FROM_START), (decided_on, FROM_DECISION)):
        if first is not None:
            for name, days in offsets.items():
                known[name] = next_working_day(first + timedelta(days=days), is_working_day)
    return {name: moved.get(name, known[name]) for name in NAMES}


def ladder(
    deadline: date | None, steps: Iterable[int], zone: ZoneInfo, is_working_day: IsWorkingDay
) -> list[datetime] | None:
    """The instants when a phase with this deadline is escalated: `steps` working days after it, at 08:00 local."""
    if deadline is None:
        return None
    instants = []
    for step in sorted(set(steps)):
        day = add_working_days(deadline, step, is_working_day)
        instants.append(datetime.combine(day, ESCALATION_TIME, zone).astimezone(UTC))
    return instants


def add_working_days(day: date, days: int, is_working_day: IsWorkingDay) -> date:
    """The working day that is `days` working days after `day`."""
    left, looked = days, 0
    while left > 0 and looked < FURTHEST + days * 3:
        day += timedelta(days=1)
        looked += 1
        if is_working_day(day):
            left -= 1
    return day
