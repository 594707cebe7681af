"""What the people of the demo write: plausible answers to every shipped form, the same each time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from komp_flow.demo import talk_answers
from komp_flow.demo.areas import AREAS, Area

Answers = dict[str, Any]


DOCUMENTS: Final = (
    ("vision", "Visjon mot 2032", "https://intranett.example.org/visjon"),
    ("main_goals", "Hovedmål i tildelingsbrevet", "https://intranett.example.org/hovedmal"),
    ("strategic_goals", "Virksomhetsstrategi", "https://intranett.example.org/strategi"),
    ("indicators", "Indikatorer for målene", "https://intranett.example.org/indikatorer"),
    ("core_values", "Kjerneverdiene våre", "https://intranett.example.org/verdier"),
    ("culture", "Kulturen vi vil ha", "https://intranett.example.org/kultur"),
    ("behaviour", "Slik er vi mot hverandre", "https://intranett.example.org/atferd"),
    ("leadership", "Prinsipper for god ledelse", "https://intranett.example.org/ledelse"),
    ("guide", "Veileder for kompetansedrøfting", "https://intranett.example.org/veileder"),
)
GLOSSARY: Final = (
    ("Kompetanse", "Kunnskap, ferdigheter og holdninger som gjør at vi får utført oppgavene våre."),
    ("Kritisk kompetanseområde", "Et område der vi ikke når målene våre hvis vi ikke gjør noe med kompetansen."),
    ("Målnedbryting", "Å gjøre virksomhetens mål om til mål og bidrag for hver enhet."),
    ("Kompetansetiltak", "Noe vi gjør for å bruke, utvikle, skaffe eller avvikle kompetanse."),
)

INPUT: Final = (  # most have nothing to bring up
    None,
    "Jeg tror vi undervurderer hvor mye tid opplæringen tar. Kan vi snakke om hva vi skal la være å gjøre?",
    None,
    None,
    "Avdelingen ved siden av har løst dette. Kan vi be dem komme og fortelle?",
    None,
)


@dataclass(frozen=True)
class Desk:
    """What the one who fills in a form has before them: who they are in the row of units, what the form shows, when."""

    place: int
    context: Mapping[str, Any]
    now: datetime
    zone: ZoneInfo

    @property
    def today(self) -> str:
        """The local date."""
        return self.now.astimezone(self.zone).date().isoformat()

    def ids(self, name: str) -> list[str]:
        """The ids of the rows that the form shows under this name."""
        return [row["id"] for row in self.context.get(name) or ()]

    def after(self, days: int) -> str:
        """The local date so many days on."""
        return (self.now.astimezone(self.zone).date() + timedelta(days=days)).isoformat()

    def own(self) -> tuple[Area, Area]:
        """The two areas that this unit points out."""
        return AREAS[self.place % len(AREAS)], AREAS[(self.place * 3 + 2) % len(AREAS)]


def answers(form: str, desk: Desk) -> Answers:
    """Answers that hold, for one of the shipped forms. KeyError: there are none for it."""
    return _ANSWERS[form](desk)


def _cycle_setup(desk: Desk) -> Answers:
    start = desk.now.astimezone(desk.zone).date()
    return {
        "name": f"Kompetansesyklus {start.year + 1 if start.month > 6 else start.year}",
        "start": start.isoformat(),
        "end": desk.after(370),
        "which_units": "all",
        "quality_check": "yes",
        "reading_wanted": "yes",
        "consultation": "yes",
        "plan_elsewhere": "no",
        "smallest_group": 5,
    }


def _strategy_basis(desk: Desk) -> Answers:
    return {
        "documents": [
            {"kind": kind, "title": title, "link": link, "valid_from": desk.today} for kind, title, link in DOCUMENTS
        ],
        "goals_from": "managers",
        "glossary": [{"term": term, "definition": definition} for term, definition in GLOSSARY],
    }


def _consultation(desk: Desk) -> Answers:
    return {
        "held_on": desk.today,
        "participants": "HR, prosesseier, tillitsvalgte fra NTL og Akademikerne",
        "minutes": "Opplegget ble gått gjennom. Partene er enige om tidsplanen, og at ingen skal kunne kjennes igjen.",
        "agreement": "yes",
    }


def _preparation(desk: Desk) -> Answers:
    first, second = desk.own()
    return {
        "documents_read": desk.ids("documents"),
        "likely_goals": [
            {
                "goal": "Kortere ventetid for brukerne våre",
                "indicator": "Saksbehandlingstid i dager",
                "contribution": "Vi tar unna de enkle sakene raskere, så de vanskelige får tid.",
            }
        ],
        "competence_organisation": f"Hele etaten vil trenge mer på området {first.area.lower()}.",
        "competence_unit": f"Hos oss haster det mest med {second.area.lower()}.",
    }


def _discussion_invitation(desk: Desk) -> Answers:
    near_the_pause = desk.now.month in {6, 7}  # days in July do not count as days ahead
    day = desk.after(45 if near_the_pause else 17)
    at = datetime.fromisoformat(f"{day}T09:00:00").replace(tzinfo=desk.zone)
    return {
        "starts_at": at.isoformat(),
        "place": "Møterom Fjellheim",
        "agenda": "1. Hvorfor og hvordan\n2. Strategien og målene\n3. Kritiske områder\n4. Tiltak\n5. Oppsummering",
        "message": "Les gjennom materialet på forhånd. Ta gjerne med eksempler fra egen hverdag.",
        "ready_to_lead": True,
    }


def _discussion_minutes(desk: Desk) -> Answers:
    first, _second = desk.own()
    return {
        "held_on": desk.today,
        "number_present": 6 + desk.place % 4,
        "minutes": f"Vi gikk gjennom strategien og egne mål. Mest tid gikk til {first.area.lower()}: {first.why}",
    }


def _critical_areas(desk: Desk) -> Answers:
    return {
        "areas": [
            {
                "area": area.area,
                "level": "organisation" if number == 0 else "unit",
                "why": area.why,
                "goal": "Kortere ventetid for brukerne våre",
                "contribution": "Flere saker avgjort innen fristen",
                "level_today": 1 + (desk.place + number) % 2,
                "level_wanted": 3 + (desk.place + number) % 2,
                "need": area.need,
                "horizon": "now" if number == 0 else "1-2",
                "criticality": 5 - number,
            }
            for number, area in enumerate(desk.own())
        ]
    }


def _measures(desk: Desk) -> Answers:
    return {
        "measures": [
            {
                "name": area.measure,
                "area": area_id,
                "applies_to": "organisation" if number == 0 else "unit",
                "category": area.category,
                "form": "collective",
                "target": "employees",
                "arena": "Samlinger og øving i egne saker",
                "due": desk.after(240),
                "cost": area.cost,
                "indicator": area.indicator,
            }
            for number, (area, area_id) in enumerate(zip(desk.own(), desk.ids("areas"), strict=False))
        ]
    }


def _conclusion(desk: Desk) -> Answers:
    first, second = desk.own()
    return {
        "conclusion": f"Enheten peker på {first.area.lower()} og {second.area.lower()}, i den rekkefølgen.",
        "shared_understanding": "yes",
        "ranking": [{"row-id": area, "area": area, "rank": rank} for rank, area in enumerate(desk.ids("areas"), 1)],
    }


def _proposal_review(_desk: Desk) -> Answers:
    return {"review": "accept"}


def _talks_closed(_desk: Desk) -> Answers:
    return {"deviations": []}


def _merge_proposals(desk: Desk) -> Answers:
    by_area: dict[str, list[str]] = {}
    for row in desk.context.get("proposed_areas") or ():
        by_area.setdefault(str(row["area"]), []).append(row["id"])
    merged = sorted(by_area.items(), key=lambda item: (-len(item[1]), item[0]))[:5]
    return {
        "areas": [
            {"area": area, "sources": sources, "priority": priority, "why": "Flere enheter peker på det samme."}
            for priority, (area, sources) in enumerate(merged, 1)
        ]
    }


def _recommendation(desk: Desk) -> Answers:
    merged = list(desk.context.get("merged_areas") or ())
    known = {area.area: area for area in AREAS}
    return {
        "areas": [
            {
                "area": row["area"],
                "sources": [row["id"]],
                "priority": priority,
                "reasons": "Området er pekt på av flere enheter og haster for målene.",
                "equality": "Tiltakene er åpne for alle stillingsgrupper og tilbys i arbeidstiden.",
            }
            for priority, row in enumerate(merged, 1)
        ],
        "measures": [
            {
                "name": known.get(row["area"], AREAS[0]).measure,
                "area": row["id"],
                "applies_to": "organisation" if (number + desk.place) % 3 else "unit",
                "category": known.get(row["area"], AREAS[0]).category,
                "form": "collective",
                "target": "employees",
                "responsible": "HR",
                "due": desk.after(200),
                "cost": known.get(row["area"], AREAS[0]).cost,
                "indicator": known.get(row["area"], AREAS[0]).indicator,
            }
            for number, row in enumerate(merged)
        ],
        "summary": "Innstillingen samler det enhetene er enige om, og sprer kostnaden over to år.",
    }


def _decision(desk: Desk) -> Answers:
    return {
        "outcome": "as_recommended",
        "decided_on": desk.today,
        "decisions": [
            {
                "row-id": row["id"],
                "measure": row["id"],
                "outcome": "decided",
                "scope": "local" if row.get("applies_to") == "unit" else "central",
            }
            for row in desk.context.get("recommended_measures") or ()
        ],
    }


def _distribution(_desk: Desk) -> Answers:
    return {
        "channel": "intranet",
        "audience": "everyone",
        "message_nb": "Kompetansestrategien er vedtatt. Her er hva den betyr for deg og enheten din.",
        "message_nn": "Kompetansestrategien er vedteken. Her er kva han har å seie for deg og eininga di.",
    }


def _unit_implementation(desk: Desk) -> Answers:
    return {
        "implementations": [
            {
                "row-id": measure,
                "measure": measure,
                "touched": "yes",
                "how": "Vi setter av tid i hver seksjon og følger opp i avdelingsmøtet.",
                "expectation_manager": "Legge til rette og spørre etter effekten",
                "expectation_employee": "Delta og ta det i bruk i egne saker",
            }
            for measure in desk.ids("decided_measures")
        ],
        "meeting_on": desk.today,
        "gone_through": "yes",
        "send_reading": False,
    }


def _action_plan(desk: Desk) -> Answers:
    measures = desk.ids("decided_measures")
    first, _second = desk.own()
    action = {
        "name": f"{first.measure}, hos oss",
        "responsible": "Enhetens leder",
        "due": desk.after(180),
        "cost": 20_000,
        "indicator": first.indicator,
    }
    return {
        "plan_relevant": "yes",
        "actions": [action | ({"decided_measure": measures[0]} if measures else {})],
        "budget": 50_000,
    }


def _reading_confirmation(desk: Desk) -> Answers:
    said = INPUT[desk.place // 2 % len(INPUT)]
    return {"read": True, "input": [{"text": said}] if said else []}


def _measure_report(desk: Desk) -> Answers:
    progress = 20 + 15 * (desk.place % 5)
    return {
        "reports": [
            {
                "row-id": desk.context["measure"]["id"],
                "status": "under_way",
                "progress": progress,
                "effect": 2 + desk.place % 3,
                "before": f"{30 + desk.place} prosent",
                "after": f"{30 + desk.place + progress // 5} prosent",
                "comment": "Vi er i rute. De som har vært med, sier at de bruker det de har lært.",
            }
        ]
    }


def _cycle_evaluation(_desk: Desk) -> Answers:
    return {
        "worked": "Drøftingene i enhetene ga klare forslag, og få tiltak ble stående uten eier.",
        "effects": [{"area": AREAS[0].area, "effect": 4, "comment": "Merkbart kortere saksbehandlingstid."}],
        "lessons": "Materialet må ut tidligere, så de ansatte rekker å lese det.",
        "advice": "Behold kalenderen, men legg drøftingen utenom ferien.",
    }


_ANSWERS: Final[Mapping[str, Callable[[Desk], Answers]]] = {
    "cycle-setup": _cycle_setup,
    "strategy-basis": _strategy_basis,
    "consultation": _consultation,
    "preparation": _preparation,
    "discussion-invitation": _discussion_invitation,
    "discussion-minutes": _discussion_minutes,
    "critical-areas": _critical_areas,
    "measures": _measures,
    "conclusion": _conclusion,
    "proposal-review": _proposal_review,
    "talks-closed": _talks_closed,
    **talk_answers.ANSWERS,
    "merge-proposals": _merge_proposals,
    "recommendation": _recommendation,
    "decision": _decision,
    "distribution": _distribution,
    "unit-implementation": _unit_implementation,
    "action-plan": _action_plan,
    "reading-confirmation": _reading_confirmation,
    "measure-report": _measure_report,
    "cycle-evaluation": _cycle_evaluation,
}
