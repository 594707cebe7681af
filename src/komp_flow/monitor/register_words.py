"""The registers in words: what they are called, which columns a list shows, what the codes mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from babel.numbers import format_decimal

from komp_flow import i18n
from komp_flow.forms.attachments import Attached
from komp_flow.i18n import _, _l
from komp_flow.pages import day

Words = Mapping[str, object]


@dataclass(frozen=True)
class About:
    """A register on the pages: its name, one sentence, the columns of its list beside the row's own name."""

    name: object
    said: object
    columns: tuple[str, ...]
    label: object  # the heading over the rows' own names


ABOUT: Final[Mapping[str, About]] = {
    "documents": About(
        _l("Strategidokumenter"), _l("Det syklusen bygger på."), ("kind", "valid_from", "link"), _l("Dokument")
    ),
    "unit-goals": About(
        _l("Enhetenes mål"), _l("Mål fra målnedbrytingen og fra lederne."), ("unit", "indicator", "contribution"),
        _l("Mål"),
    ),
    "glossary": About(_l("Begreper"), _l("Ord som alle skal forstå likt."), ("definition",), _l("Begrep")),
    "areas": About(
        _l("Kompetanseområder"), _l("Kritiske områder, fra enhetenes forslag til vedtatt strategi."),
        ("stage", "unit", "level", "criticality"), _l("Område"),
    ),
    "measures": About(
        _l("Kompetansetiltak"), _l("Tiltak som er foreslått, innstilt, vedtatt eller lokale."),
        ("stage", "unit", "area", "cost", "outcome"), _l("Tiltak"),
    ),
    "discussions": About(
        _l("Kompetansedrøftinger"), _l("Referatene fra drøftingene i enhetene, uten navn."),
        ("unit", "held_on", "number_present"), _l("Referat"),
    ),
    "conclusions": About(
        _l("Konklusjoner"), _l("Det enhetene kom fram til. Tillitsvalgte leser dem også."),
        ("unit", "shared_understanding"), _l("Konklusjon"),
    ),
    "input": About(
        _l("Innspill til drøftingen"), _l("Det medarbeiderne vil ha med i enhetens drøfting."), ("unit", "person"),
        _l("Innspill"),
    ),
    "decisions": About(
        _l("Vedtak"), _l("Hva toppledelsen har besluttet om hvert tiltak."), ("outcome", "scope", "decided_on"),
        _l("Tiltak"),
    ),
    "implementations": About(
        _l("Slik berører tiltakene enhetene"), _l("Hva hvert vedtatt tiltak betyr i enhetene."),
        ("unit", "touched", "how"), _l("Tiltak"),
    ),
    "actions": About(
        _l("Lokale handlingsplaner"), _l("Tiltakene som enhetene selv gjennomfører."),
        ("unit", "responsible", "due", "cost"), _l("Tiltak"),
    ),
    "goals": About(
        _l("Utviklingsmål"), _l("Målene i utviklingsplanene. Bare medarbeideren selv og lederen leser dem."),
        ("person", "area", "due", "status"), _l("Mål"),
    ),
    "effects": About(
        _l("Effekt"), _l("Det som er rapportert om hvordan tiltakene går og virker."),
        ("unit", "person", "status", "progress", "effect"), _l("Gjelder"),
    ),
}  # fmt: skip

# In the order of the cycle; each group with a heading.
GROUPS: Final = (
    (_l("Grunnlaget"), ("documents", "glossary", "unit-goals")),
    (_l("Forslag og innstilling"), ("input", "discussions", "conclusions", "areas", "measures")),
    (_l("Vedtak og gjennomføring"), ("decisions", "implementations", "actions")),
    (_l("Utvikling og effekt"), ("goals", "effects")),
)

NAMES: Final[Words] = {
    "cycle": _l("Syklus"),
    "unit": _l("Enhet"),
    "person": _l("Medarbeider"),
    "kind": _l("Type dokument"),
    "title": _l("Tittel"),
    "link": _l("Lenke"),
    "file": _l("Fil"),
    "valid_from": _l("Gjelder fra"),
    "note": _l("Merknad"),
    "goal": _l("Mål"),
    "goal_id": _l("Mål i planen"),
    "indicator": _l("Slik ser vi det"),
    "contribution": _l("Bidrag"),
    "term": _l("Begrep"),
    "definition": _l("Det betyr"),
    "area": _l("Område"),
    "level": _l("Kritisk for"),
    "why": _l("Hvorfor"),
    "level_today": _l("Nivå i dag"),
    "level_wanted": _l("Ønsket nivå"),
    "need": _l("Hva trengs"),
    "horizon": _l("Når trengs det"),
    "criticality": _l("Hvor kritisk, 1–5"),
    "priority": _l("Plass i rangeringen"),
    "rank": _l("Enhetens rekkefølge"),
    "reasons": _l("Begrunnelse"),
    "alternative": _l("Alternativer som er vurdert"),
    "equality": _l("Vurdering av likestilling"),
    "stage": _l("Stadium"),
    "name": _l("Tiltak"),
    "applies_to": _l("Gjelder for"),
    "category": _l("Type tiltak"),
    "form": _l("Form"),
    "target": _l("Målgruppe"),
    "arena": _l("Læringsarena"),
    "responsible": _l("Ansvarlig"),
    "due": _l("Frist"),
    "cost": _l("Kostnad"),
    "description": _l("Slik gjør vi det"),
    "outcome": _l("Vedtak"),
    "scope": _l("Drives"),
    "decided_on": _l("Vedtatt"),
    "measure": _l("Tiltak"),
    "activity": _l("Aktivitet"),
    "support": _l("Støtte fra lederen"),
    "career_wish": _l("Ønsker for karrieren"),
    "status": _l("Status"),
    "touched": _l("Berører enheten"),
    "how": _l("Hvordan"),
    "expectation_manager": _l("Ventes av lederen"),
    "expectation_employee": _l("Ventes av medarbeiderne"),
    "effect": _l("Effekt, 1–5"),
    "progress": _l("Fremdrift"),
    "before": _l("Før"),
    "after": _l("Etter"),
    "comment": _l("Kommentar"),
    "text": _l("Innspill"),
    "held_on": _l("Holdt"),
    "talk_at": _l("Avtalt tid"),
    "agreed": _l("Enige"),
    "reference": _l("Hvor planen er"),
    "goals": _l("Utviklingsmål"),
    "number_present": _l("Hvor mange var med"),
    "minutes": _l("Referat"),
    "disagreement": _l("Ulikt syn"),
    "conclusion": _l("Konklusjon"),
    "shared_understanding": _l("Felles forståelse"),
    "understanding_missing": _l("Det som gjenstår"),
}
STAGES: Final[Words] = {
    "proposed": _l("Foreslått av enhet"),
    "merged": _l("Sammenstilt av HR"),
    "recommended": _l("Innstilt"),
    "local": _l("Lokalt tiltak"),
}
_OUTCOMES: Final[Words] = {
    "decided": _l("Vedtatt"), "changed": _l("Vedtatt med endringer"), "rejected": _l("Ikke vedtatt"),
}  # fmt: skip
_WHO: Final[Words] = {"organisation": _l("Virksomheten"), "unit": _l("Enheten")}
VALUES: Final[Mapping[str, Words]] = {
    "stage": STAGES,
    "level": _WHO,
    "applies_to": _WHO,
    "outcome": _OUTCOMES,
    "scope": {"central": _l("Sentralt"), "local": _l("I enhetene")},
    "kind": {
        "vision": _l("Visjon"), "main_goals": _l("Hovedmål"), "strategic_goals": _l("Strategiske mål"),
        "indicators": _l("Indikatorer"), "core_values": _l("Kjerneverdier"), "culture": _l("Ønsket kultur"),
        "behaviour": _l("Atferd"), "leadership": _l("Lederprinsipper"), "guide": _l("Veileder eller metodikk"),
    },
    "need": {"mobilisere": _l("Mobilisere"), "lære": _l("Lære"), "anskaffe": _l("Anskaffe")},
    "horizon": {"now": _l("Nå"), "1-2": _l("Om 1–2 år"), "3-5": _l("Om 3–5 år")},
    "category": {
        "mobilisere": _l("Mobilisere"), "utvikle": _l("Utvikle"), "rekruttere": _l("Rekruttere"),
        "avvikle": _l("Avvikle"),
    },
    "form": {"individual": _l("Individuelt"), "collective": _l("Felles")},
    "target": {"employees": _l("Medarbeidere"), "managers": _l("Ledere")},
    "touched": {"yes": _l("Ja"), "no": _l("Nei")},
    "shared_understanding": {"yes": _l("Ja"), "partly": _l("Delvis"), "no": _l("Nei")},
    "status": {
        "not_started": _l("Ikke startet"), "under_way": _l("I gang"), "done": _l("Ferdig"), "stopped": _l("Stoppet"),
    },
}  # fmt: skip
TALKS: Final[Words] = {
    "started": _l("Ikke avtalt"),
    "invited": _l("Avtalt"),
    "held": _l("Holdt"),
    "closed": _l("Avsluttet"),
    "declined": _l("Takket nei"),
    "postponed": _l("Utsatt"),
    "cancelled": _l("Avlyst"),
}
STEPS: Final[Mapping[tuple[str, str | None], object]] = {
    ("areas", "proposed"): _l("Områder som enheter har foreslått"),
    ("areas", "merged"): _l("Områder som HR har sammenstilt"),
    ("areas", "recommended"): _l("Områder i innstillingen"),
    ("measures", "proposed"): _l("Tiltak som enheter har foreslått"),
    ("measures", "recommended"): _l("Tiltak i innstillingen"),
    ("measures", "local"): _l("Tiltak i lokale handlingsplaner"),
    ("decisions", None): _l("Vedtak"),
    ("implementations", None): _l("Betydning for enhetene"),
    ("goals", None): _l("Mål i utviklingsplaner"),
    ("effects", None): _l("Rapportert effekt"),
}
# What the trail and the page's other parts tell, or nobody reads.
ASIDE: Final = frozenset(
    {"id", "value", "label", "task", "element", "sources", "measures", "goal_id", "unit", "person", "cycle"}
)


def heading(column: str) -> str:
    """The column as people call it; a form's own column by its name."""
    return str(NAMES.get(column, column.replace("_", " ").capitalize()))


def step(register: str, stage: str | None) -> str:
    """A step of the trail."""
    return str(STEPS.get((register, stage), ABOUT[register].name))


def shown(row: Mapping[str, object], column: str) -> str:
    """The value of a column as one reads it."""
    value = row.get(column)
    if column in {"area", "measure", "unit", "person"}:
        value = row.get(f"{column}_name") or (_("Annet") if value == "annet" else None)
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return yes_no(value)
    if isinstance(value, date | datetime):
        return day(value)
    if column == "cost" and isinstance(value, Decimal | int | float):
        return _("%(amount)s kr", amount=number(value)).replace(" ", "\u00a0")
    if column == "progress":
        return _("%(number)s prosent", number=value)
    if isinstance(value, Decimal | int | float):
        return number(value)
    if isinstance(value, list):
        return ", ".join(str(each.get("name", "") if isinstance(each, Mapping) else each) for each in value)
    return str(VALUES.get(column, {}).get(str(value), value))


def about_file(file: Mapping[str, object]) -> str:
    """«PDF, 1,2 MB», of a file as rows have it."""
    return Attached(str(file["id"]), str(file["name"]), str(file["type"]), int(str(file["size"]))).said


def yes_no(value: object) -> str:
    """Yes or no."""
    return _("Ja") if value else _("Nei")


def number(value: Decimal | float) -> str:
    """A number as it is written in the reader's language."""
    return str(format_decimal(value, locale={"nb": "nb_NO", "nn": "nn_NO", "en": "en_GB"}[i18n.language()]))


def facts(row: Mapping[str, object]) -> list[tuple[str, str, str]]:
    """Each column of a row that says something and is not its name: the column, its heading, its value."""
    name = row.get("label")
    found = []
    for column in row:
        if column in ASIDE or column.endswith("_name"):
            continue
        value = shown(row, column)
        if value and not (value == name and column in {"title", "goal", "term", "area", "name", "text", "measure"}):
            found.append((column, heading(column), value))
    return found
