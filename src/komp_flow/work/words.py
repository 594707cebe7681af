"""The trail in words: one sentence for each event, in the reader's language; empty for what says nothing to people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

from komp_flow.audit import Event
from komp_flow.i18n import _, language
from komp_flow.organisation import Directory
from komp_flow.organisation.reasons import NAMES

SAID_WHEN_DONE: Final = frozenset({"userTask", "subProcess", "callActivity", "intermediateThrowEvent", "receiveTask"})


def sentence(event: Event, directory: Directory, zone: ZoneInfo) -> str:
    """What happened, who did it, when. Nothing for gateways and unnamed events, which only mean something drawn."""
    say = _SAID.get(event.what)
    said = say(event, directory) if say else ""
    if not said:
        return ""
    return _("%(said)s %(when)s%(behalf)s.", said=said, when=when(event.at, zone), behalf=_behalf(event, directory))


def when(at: datetime, zone: ZoneInfo) -> str:
    """«3. mars 2027 kl. 09.12», in the reader's language."""
    local = at.astimezone(zone)
    spoken = language()
    day = format_date(local, "d MMMM y" if spoken == "en" else "d. MMMM y", locale=spoken)
    clock = format_time(local, "HH:mm" if spoken == "en" else "HH.mm", locale=spoken)
    return _("%(day)s kl. %(clock)s", day=day, clock=clock)


def _who(event: Event, directory: Directory) -> str:
    person = directory.person(event.by)
    return person.name if person else (event.by or _("Systemet"))


def _behalf(event: Event, directory: Directory) -> str:
    if not event.on_behalf_of:
        return ""
    person = directory.person(event.on_behalf_of)
    return _(" (på vegne av %(name)s)", name=person.name if person else event.on_behalf_of)


def _name(event: Event) -> str:
    return " ".join((event.name or event.element or "").split())


def _kind(event: Event) -> str:
    return str(event.detail.get("kind") or "")


def _entered(event: Event, _directory: Directory) -> str:
    kind, name = _kind(event), _name(event)
    if kind == "userTask":
        return _("Oppgaven «%(name)s» ble klar", name=name)
    if kind in {"subProcess", "callActivity"}:
        return _("«%(name)s» begynte", name=name)
    if kind in {"intermediateCatchEvent", "receiveTask"} and event.name:
        return _("Løpet venter på «%(name)s» fra", name=name)
    return ""


def _completed(event: Event, directory: Directory) -> str:
    kind, name = _kind(event), _name(event)
    if kind == "userTask" and event.by:
        return _("%(who)s leverte «%(name)s»", who=_who(event, directory), name=name)
    if not event.name:
        return ""
    if kind in {"serviceTask", "sendTask", "businessRuleTask"}:
        return _("«%(name)s» ble utført", name=name)
    if kind == "endEvent":
        return _("Løpet kom til «%(name)s»", name=name)
    # Starts and caught events have been told already, and gateways only mean something drawn.
    return _("«%(name)s» ble ferdig", name=name) if kind in SAID_WHEN_DONE else ""


def _cancelled(event: Event, _directory: Directory) -> str:
    if _kind(event) == "userTask":
        return _("Oppgaven «%(name)s» falt bort", name=_name(event))
    if _kind(event) in {"subProcess", "callActivity"}:
        return _("«%(name)s» ble avbrutt", name=_name(event))
    return ""


def _fired(event: Event, _directory: Directory) -> str:
    return _("«%(name)s» inntraff", name=_name(event)) if event.name else ""


def _failed(event: Event, _directory: Directory) -> str:
    if event.element:
        return _("«%(name)s» stanset og må ses på", name=_name(event))
    return _("Løpet stanset og må ses på")


def _ended(event: Event, _directory: Directory) -> str:
    return _("Løpet ble avbrutt") if event.detail.get("state") == "cancelled" else _("Løpet ble ferdig")


def _delegated(event: Event, directory: Directory) -> str:
    to = directory.person(event.detail.get("to"))
    name = to.name if to else str(event.detail.get("to"))
    return _("%(who)s ga «%(name)s» til %(to)s", who=_who(event, directory), name=_name(event), to=name)


def _escalated(event: Event, _directory: Directory) -> str:
    role = str(event.detail.get("role") or "")
    return _(
        "Fristen er passert. Varsel på trinn %(step)s gikk til %(role)s",
        step=event.detail.get("step"),
        role=NAMES.get(role, role),
    )


def _asked_for(event: Event, _directory: Directory) -> str:
    count, process = event.detail.get("count"), event.detail.get("process")
    return _("Det ble bedt om %(count)s nye løp av «%(process)s»", count=count, process=process)


def _not_started(event: Event, _directory: Directory) -> str:
    if event.detail.get("reason") == "not-wanted":
        return _("Lesebekreftelser er slått av i syklusen, så ingen ble sendt")
    return _(
        "Ingen prosess «%(process)s» er publisert ennå, så ingenting ble startet", process=event.detail.get("process")
    )


def _unit_changed(event: Event, directory: Directory) -> str:
    to = directory.unit(event.detail.get("to"))
    return _("Arbeidet gikk over til %(unit)s", unit=to.name if to else event.detail.get("to"))


def _moved(event: Event, directory: Directory) -> str:
    who, version = _who(event, directory), event.detail.get("to")
    return _("%(who)s flyttet løpet til versjon %(version)s av prosessen", who=who, version=version)


def _moved_back(event: Event, directory: Directory) -> str:
    who, version = _who(event, directory), event.detail.get("to")
    return _("%(who)s angret flyttingen, så løpet følger versjon %(version)s igjen", who=who, version=version)


def _by_somebody(text: Callable[[str], str]) -> Callable[[Event, Directory], str]:
    return lambda event, directory: text(_who(event, directory))


_SAID: Final[Mapping[str, Callable[[Event, Directory], str]]] = {
    "entered": _entered,
    "completed": _completed,
    "cancelled": _cancelled,
    "fired": _fired,
    "failed": _failed,
    "ended": _ended,
    "started": _by_somebody(lambda who: _("%(who)s startet løpet", who=who)),
    "suspended": _by_somebody(lambda who: _("%(who)s satte løpet på pause", who=who)),
    "resumed": _by_somebody(lambda who: _("%(who)s satte løpet i gang igjen", who=who)),
    "cancel": _by_somebody(lambda who: _("%(who)s avbrøt løpet", who=who)),
    "retried": _by_somebody(lambda who: _("%(who)s prøvde på nytt", who=who)),
    "rescheduled": lambda _event, _directory: _("Frister ble flyttet"),
    "claimed": lambda e, d: _("%(who)s tok oppgaven «%(name)s»", who=_who(e, d), name=_name(e)),
    "released": lambda e, d: _("%(who)s slapp oppgaven «%(name)s»", who=_who(e, d), name=_name(e)),
    "delegated": _delegated,
    "shared": lambda e, d: _("%(who)s delte notatene i «%(name)s»", who=_who(e, d), name=_name(e)),
    "escalated": _escalated,
    "asked-for": _asked_for,
    "not-started": _not_started,
    "notified": lambda e, _d: _("Varsel gikk til %(count)s", count=e.detail.get("count")),
    "distributed": lambda e, _d: _("Strategien ble sendt til %(count)s", count=e.detail.get("count")),
    "strategy-continued": lambda e, _d: _("Strategien går videre, med %(count)s tiltak", count=e.detail.get("count")),
    "cycle-closed": lambda _e, _d: _("Syklusen ble lukket"),
    "unit-changed": _unit_changed,
    "talk-moved": _by_somebody(lambda who: _("%(who)s flyttet samtalen", who=who)),
    "talk-begun": _by_somebody(lambda who: _("%(who)s begynte samtalen", who=who)),
    "talk-postponed": _by_somebody(lambda who: _("%(who)s utsatte samtalen", who=who)),
    "talk-taken-up": _by_somebody(lambda who: _("%(who)s tok opp samtalen igjen", who=who)),
    "talk-declined": lambda _event, _directory: _("Samtalen ble lukket fordi medarbeideren takket nei"),
    "talk-cancelled": lambda _event, _directory: _("Samtalen falt bort"),
    "moved": _moved,
    "moved-back": _moved_back,
    "carried-over": lambda _e, _d: _("Oppfølgingen går videre i en ny syklus"),
    "cycle-set": _by_somebody(lambda who: _("%(who)s satte opp syklusen", who=who)),
}
