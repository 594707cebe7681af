"""What the words of a diagram may know of what is around it: forms, roles, operations, processes, the calendar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from komp_flow.forms import documents
from komp_flow.forms.problems import Findings
from komp_flow.i18n import _l

DEPTH: Final = 20  # groups and lists in each other
MOST_FIELDS: Final = 1000

# A role with its article, as it stands inside a sentence.
ROLES: Final[Mapping[str, str]] = {
    "manager": _l("lederen"),
    "superior": _l("overordnet leder"),
    "deputy": _l("stedfortrederen"),
    "employee": _l("medarbeideren"),
    "hr": _l("HR"),
    "process_owner": _l("prosesseieren"),
    "top_management": _l("toppledelsen"),
    "union_rep": _l("den tillitsvalgte"),
    "measure_owner": _l("den tiltaksansvarlige"),
    "administrator": _l("administratoren"),
}
# The dates of the cycle's calendar (process.md section 3).
DATES: Final[Mapping[str, str]] = {
    "preparation": _l("datoen for forarbeidet"),
    "discussion": _l("datoen for kompetansedrøftingen"),
    "talks": _l("datoen for samtalene"),
    "merge": _l("datoen for sammenstillingen"),
    "recommendation": _l("datoen for innstillingen"),
    "decision": _l("datoen for vedtaket"),
    "distribution": _l("datoen for distribusjonen"),
    "implementation": _l("datoen for iverksettelsen"),
    "action_plan": _l("datoen for handlingsplanen"),
    "evaluation": _l("datoen for evalueringen"),
}
# What the host and the operations call something, said as a thing that has a value.
THINGS: Final[Mapping[str, str]] = {
    "cycle.start": _l("startdatoen for syklusen"),
    "cycle.end": _l("sluttdatoen for syklusen"),
    "cycle.name": _l("navnet på syklusen"),
    "cycle.smallest_group": _l("den minste gruppen i oversikter"),
    "unit.name": _l("navnet på enheten"),
    "unit.employees": _l("antallet medarbeidere i enheten"),
    "person.name": _l("navnet på medarbeideren"),
    "measure.name": _l("navnet på tiltaket"),
    "units_started": _l("antallet enheter i syklusen"),
    "units_proposed": _l("antallet innsendinger fra enhetene"),
    "talks_started": _l("antallet igangsatte samtaler"),
    "talks_left": _l("antallet gjenstående samtaler"),
    "measures_started": _l("antallet tiltak under oppfølging"),
    "measures_touched": _l("antallet endrede eller avviste tiltak i planen"),
    "measures_continued": _l("antallet videreførte tiltak"),
    "lapse_on": _l("datoen fra starten av løpet"),
    "postponed_until": _l("den utsatte datoen for samtalen"),
    "escalation_level": _l("varslingsnivået"),
    "occurrence": _l("antallet ganger det har skjedd"),
    "loopCounter": _l("nummeret i rekken"),
    "numberOfInstances": _l("antallet i alt"),
    "numberOfCompletedInstances": _l("antallet ferdige"),
    "numberOfActiveInstances": _l("antallet i gang"),
}
# Settings of the cycle that are on or off: what it means that they are on, and off.
SETTINGS: Final[Mapping[str, tuple[str, str]]] = {
    "cycle.quality_check": (
        _l("syklusen er satt opp med kvalitetssjekk"),
        _l("syklusen er satt opp uten kvalitetssjekk"),
    ),
    "cycle.consultation": (
        _l("syklusen er satt opp med drøfting med tillitsvalgte"),
        _l("syklusen er satt opp uten drøfting med tillitsvalgte"),
    ),
    "cycle.reading_wanted": (
        _l("syklusen er satt opp med lesebekreftelser"),
        _l("syklusen er satt opp uten lesebekreftelser"),
    ),
    "cycle.plan_elsewhere": (
        _l("utviklingsplanene står i en annen løsning"),
        _l("utviklingsplanene ikke står i en annen løsning"),
    ),
}


@dataclass(frozen=True)
class Offset:
    """Where a calendar's date lies to begin with: so many days after the cycle's start, or after the decision."""

    days: int
    of_decision: bool = False


@dataclass(frozen=True)
class FieldWords:
    """One field of a form; `type` is form-js's, or date, time or datetime.

    `options` go from the value's text to its label; `fields` are those of a list's rows.
    """

    key: str
    label: str
    type: str
    options: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, FieldWords] = field(default_factory=dict)

    @property
    def is_time(self) -> bool:
        """Its answer is a date or a moment."""
        return self.type in ("date", "datetime")


@dataclass(frozen=True)
class FormWords:
    """A form's title and its fields by key."""

    title: str
    fields: Mapping[str, FieldWords] = field(default_factory=dict)

    @classmethod
    def of(cls, data: bytes | str) -> FormWords:
        """Out of a form's document, as far as it can be read; a form with mistakes has words too. Never raises."""
        document = documents.load(data.encode() if isinstance(data, str) else data, Findings()) or {}
        properties = document.get("properties")
        more = properties if isinstance(properties, dict) else {}
        title = document.get("title") or more.get("title") or document.get("id") or ""
        return cls(str(title), _fields(document.get("components")))


@dataclass(frozen=True)
class Words:
    """Everything around one diagram that has a name for people. All of it may be empty.

    `operations` go from a type to its sentence, `forms`, `processes` and `guidance` from an id to a title; `ladder` are
    the working days after a date at which an escalation is told, `told` the roles in turn; `reminders` are those of a
    task that says nothing about it, ISO durations before the due date.
    """

    forms: Mapping[str, FormWords] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=lambda: ROLES)
    operations: Mapping[str, str] = field(default_factory=dict)
    processes: Mapping[str, str] = field(default_factory=dict)
    guidance: Mapping[str, str] = field(default_factory=dict)
    offsets: Mapping[str, Offset] = field(default_factory=dict)
    dates: Mapping[str, str] = field(default_factory=lambda: DATES)
    ladder: tuple[int, ...] = (5, 10, 15)
    told: tuple[str, ...] = ("superior", "hr", "process_owner")
    reminders: tuple[str, ...] = ("P7D", "P0D")


def _fields(components: object, depth: int = 0) -> dict[str, FieldWords]:
    found: dict[str, FieldWords] = {}
    for part in _parts(components, depth):
        key = str(part.get("key") or part.get("path"))
        if key and len(found) < MOST_FIELDS:
            found.setdefault(key, _field(part, key, depth))
    return found


def _parts(components: object, depth: int) -> Iterator[dict[str, Any]]:
    """The components that have an answer beside each other: groups without a path are looked through."""
    if not isinstance(components, list) or depth > DEPTH:
        return
    for part in components:
        if not isinstance(part, dict) or not isinstance(part.get("type"), str):
            continue
        if part["type"] == "group" and not part.get("path"):
            yield from _parts(part.get("components"), depth + 1)
        elif part.get("key") or part.get("path"):
            yield part


def _field(part: dict[str, Any], key: str, depth: int) -> FieldWords:
    label = next((said for name in ("label", "dateLabel", "timeLabel") if (said := part.get(name))), None)
    options = part.get("values")
    choices = [each for each in options if isinstance(each, dict)] if isinstance(options, list) else []
    return FieldWords(
        key=key,
        label=label if isinstance(label, str) and label and not label.startswith("=") else key,
        type=str(part.get("subtype") or "date") if part["type"] == "datetime" else part["type"],
        options={_text(each.get("value")): str(each.get("label") or each.get("value")) for each in choices},
        fields=_fields(part.get("components"), depth + 1) if part["type"] in ("group", "dynamiclist") else {},
    )


def _text(value: object) -> str:
    """An option's value as a condition would write it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
