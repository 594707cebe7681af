"""What the watching pages put together from the use cases: sums, the calendar, notices in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from komp_flow.i18n import _, _l, ngettext
from komp_flow.notifications import Notification
from komp_flow.notifications.words import sentence
from komp_flow.organisation import Directory
from komp_flow.pages import day, short
from komp_flow.work import Board, CycleLine, Moved, Permission

LATE, UNDER_WAY, DONE = "late", "under-way", "done"

DATES = {
    "preparation": _l("Fase 1: lederens forarbeid er ferdig"),
    "discussion": _l("Fase 2: kompetansedrøftingen er ferdig og sendt inn"),
    "merge": _l("HR sammenstiller enhetenes forslag"),
    "talks": _l("Fase 3: mål- og utviklingssamtalene er gjennomført"),
    "recommendation": _l("HR har innstillingen klar"),
    "decision": _l("Toppledelsen beslutter strategien"),
    "distribution": _l("Strategien er publisert og sendt ut"),
    "implementation": _l("Fase 4: enhetene har satt strategien ut i livet"),
    "action_plan": _l("Fase 4: de lokale handlingsplanene er oppdatert"),
    "evaluation": _l("Syklusen er evaluert"),
}
AFTER_DECISION = frozenset({"distribution", "implementation", "action_plan"})


@dataclass(frozen=True)
class Sum:
    """One phase of the board in words: who is done, under way, late."""

    phase: str
    short: str
    done: int
    under_way: int
    late: int
    units: int


def sums(board: Board) -> list[Sum]:
    """How many units have done each phase."""
    return [
        Sum(
            phase.name.split(" · ", 1)[-1],
            short(phase.name),
            board.totals[phase.id].get(DONE, 0),
            board.totals[phase.id].get(UNDER_WAY, 0),
            board.totals[phase.id].get(LATE, 0),
            board.units,
        )
        for phase in board.phases
    ]


@dataclass(frozen=True)
class Entry:
    """One date of the calendar. `day` is None until it is known."""

    id: str
    name: str
    day: date | None
    past: bool
    note: str


def calendar(cycle: CycleLine, today: date) -> list[Entry]:
    """The cycle's dates as they come; those that are not known yet stay in their place."""
    found = []
    for name, when in cycle.dates.items():
        known = when if isinstance(when, date) else None
        waits = known is None and name in AFTER_DECISION
        note = _("Blir kjent når strategien er vedtatt.") if waits else ""
        found.append(Entry(name, str(DATES.get(name, name)), known, known is not None and known < today, note))
    return found


def moved_sentence(name: str, moved: Moved) -> str:
    """What moving a date did, in numbers."""
    kept = moved.date if isinstance(moved.date, date) else None
    tasks = ngettext("%(num)s oppgave fikk ny frist", "%(num)s oppgaver fikk ny frist", moved.tasks)
    timers = ngettext("%(num)s påminnelse eller varsel ble flyttet", "%(num)s påminnelser og varsler ble flyttet",
                      moved.timers)  # fmt: skip
    said = _(
        "«%(name)s» er flyttet til %(day)s. %(tasks)s, og %(timers)s.",
        name=str(DATES.get(name, name)), day=day(kept), tasks=tasks, timers=timers,
    )  # fmt: skip
    if not moved.left:
        return said
    left = ngettext(
        "%(num)s forløp til blir flyttet i løpet av noen minutter.",
        "%(num)s forløp til blir flyttet i løpet av noen minutter.",
        moved.left,
    )
    return f"{said} {left}"


@dataclass(frozen=True)
class Said:
    """One notice as a sentence, and what it is about."""

    at: datetime
    sentence: str
    instance: UUID | None
    place: str = ""  # the page where something can be done about it


PLACES = {"vacancy": "people.overview", "unit-closed": "people.overview", "plan-transfer": "own.transfers"}


def notices(directory: Directory, told: Iterable[Notification]) -> list[Said]:
    """Each in words, the newest first."""
    return [
        Said(each.created_at, sentence(directory, each), each.instance_id, PLACES.get(each.kind, "")) for each in told
    ]


def may_start(permissions: Iterable[Permission]) -> bool:
    """Whether to show the way to begin a new cycle: to those who also publish or follow all units."""
    given = set(permissions)
    return Permission.START in given and Permission.SEE_BOARD in given
