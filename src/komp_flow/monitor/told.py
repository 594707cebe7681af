"""A unit's and a person's standing in plain words: what the templates of my unit and of the cycle say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from flask import g

from komp_flow.i18n import _, ngettext
from komp_flow.organisation.reasons import NAMES as ROLES
from komp_flow.pages import day, due, short, talk, zone  # noqa: F401 (the templates say `talk` with the others)
from komp_flow.work.people.standing import LAPSED, MATERIAL, READ, STRATEGY, Crowd, ReadLine, Tally, Wait
from komp_flow.work.watching.board import label
from komp_flow.work.watching.part import Led
from komp_flow.work.watching.unit import StepLine


def phase(name: str) -> str:
    """«kompetansedrøfting i egen enhet» of «Fase 2 · Kompetansedrøfting i egen enhet»."""
    return name.split(" · ", 1)[-1]


def reading(line: ReadLine | None) -> str:
    """Whether it is read, and when."""
    if line is None:
        return "–"
    if line.state == READ:
        return _("Lest %(day)s", day=day(line.at))
    if line.state == LAPSED:
        return _("Ikke lest i tide")
    return _("Ikke lest ennå")


def tally(line: Tally) -> str:
    """«6 av 10 har lest (60 %)»."""
    return _("%(done)s av %(of)s har lest (%(percent)s %%)", done=line.done, of=line.of, percent=line.percent)


def whose(wait: Wait) -> str:
    """Who has it: by name where few do, by role and number where it is the same task of many."""
    if wait.mine:
        return _("deg")
    if wait.number > 1 and not wait.holders:
        return ngettext("%(num)s medarbeider", "%(num)s medarbeidere", wait.number)
    if wait.holders and len(wait.holders) <= 3:
        return _listed(wait.holders)
    return _listed([str(ROLES.get(role, role)) for role in wait.roles])


def _listed(names: Iterable[str]) -> str:
    *first, last = list(names) or [""]
    return _("%(first)s eller %(last)s", first=", ".join(first), last=last) if first else last


def when(value: object) -> str:
    """«2. desember 2026 (om 9 dager)», or that it is not known."""
    if value is None:
        return _("ikke fastsatt ennå")
    if isinstance(value, datetime):
        return _("%(day)s (%(far)s)", day=day(value), far=due(value))
    return when_day(value)


def what(wait: Wait) -> str:
    """The task; with how many, where it is the same one about several people."""
    return f"{wait.name} ({wait.number})" if wait.number > 1 else wait.name


def late(wait: Wait) -> str:
    """That it is over its due date, or how many of them are."""
    if wait.number == 1:
        return due(wait.due_at)
    return _("%(late)s av %(of)s er over fristen", late=wait.overdue, of=wait.number)


def step(line: StepLine) -> str:
    """How a step stands: by whom and when it was done, or that it is still to come."""
    if line.state == "done":
        by = line.by or _("Systemet")
        return _("gjort %(day)s av %(name)s", day=day(line.at), name=by)
    if line.state == "now":
        return _("her nå, siden %(day)s", day=day(line.at))
    return _("trengtes ikke") if line.state == "dropped" else _("kommer")


def escalated(level: int) -> str:
    """Who has been told that the phase is late."""
    if level == 1:
        return _("overordnet leder")
    return _("overordnet leder og HR") if level == 2 else _("overordnet leder, HR og prosesseier")


def read_short(crowd: Crowd) -> str:
    """How many have read what was given last."""
    tally_ = crowd.readings.get(STRATEGY) or crowd.readings.get(MATERIAL)
    if crowd.too_few:
        return _("for få til å vise")
    return _("%(done)s av %(of)s", done=tally_.done, of=tally_.of) if tally_ else "–"


def talks_short(crowd: Crowd) -> str:
    """How many talks are closed."""
    if crowd.too_few:
        return _("for få til å vise")
    if not crowd.talks:
        return "–"
    return _("%(done)s av %(of)s ferdig", done=crowd.talks.get("closed", 0), of=sum(crowd.talks.values()))


def talks(counts: Mapping[str, int]) -> str:
    """«3 er ferdig, 4 er i gang, 2 er ikke i gang»."""
    said = (
        ("closed", _("%(num)s ferdig", num=counts.get("closed", 0))),
        ("under_way", _("%(num)s i gang", num=counts.get("under_way", 0))),
        ("not_started", _("%(num)s ikke i gang", num=counts.get("not_started", 0))),
    )
    return ", ".join(text for key, text in said if counts.get(key))


def lower(name: str) -> str:
    """A sentence's beginning inside another sentence: «HR har …» keeps its capitals."""
    return name if name[:2].isupper() else name[:1].lower() + name[1:]


def when_day(value: object) -> str:
    """A calendar's date and how far off it is: «2. desember 2026, om 9 dager»."""
    if not isinstance(value, date):
        return ""
    days = (value - g.now.astimezone(zone()).date()).days
    if days < 0:
        return day(value)
    if days == 0:
        return _("i dag")
    if days == 1:
        return _("i morgen, %(day)s", day=day(value))
    return _("%(day)s, %(far)s", day=day(value), far=ngettext("om %(num)s dag", "om %(num)s dager", days))


def who(roles: Iterable[str]) -> str:
    """«Leder eller medarbeider»."""
    said = _listed([str(ROLES.get(role, role)) for role in roles]) or _("Den det gjelder")
    return said[:1].upper() + said[1:]


def led_state(line: Led) -> str:
    """How the unit's phase stands."""
    return label(line.status)


def led(line: Led) -> str:
    """Where a unit is that the reader leads."""
    if line.phase is None:
        return _("Alt er gjort.") if line.status == "done" else _("Syklusen har ikke begynt i enheten.")
    said = f"{short(line.phase)}: {phase(line.phase)}."
    return f"{said} " + _("Frist %(day)s.", day=when(line.due)) if line.due else said


def responsible(row: Mapping[str, object]) -> str:
    """Who a measure is with: a person by name, else as it was written."""
    return str(row.get("responsible_name") or row.get("responsible") or "–")
