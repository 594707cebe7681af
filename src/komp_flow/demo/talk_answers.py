"""What the people of the demo write about their talks: plausible answers to the talks' forms, the same each time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from komp_flow.demo.answers import Desk

Answers = dict[str, Any]
OTHER_AREA: Final = "annet"
PLAN: Final = ("goal", "area", "measure", "activity", "support", "due", "indicator")  # what a goal says


class Wish(NamedTuple):
    """What somebody wants to get better at, and how."""

    goal: str
    activity: str
    support: str
    indicator: str
    need: str


WISHES: Final = (
    Wish(
        "Bli trygg på å bruke nye verktøy i egne saker",
        "Ta opplæringen i vår, og prøve verktøyene i tre saker sammen med en kollega.",
        "Setter av to timer i uka og spør hvordan det går.",
        "Tre saker er løst med verktøyene innen sommeren",
        "Jeg henger litt etter på det digitale, og vil gjerne komme foran.",
    ),
    Wish(
        "Skrive brev som mottakerne forstår",
        "Gå på skriveverksted og skrive om de fem brevene vi sender oftest.",
        "Leser utkastene og sørger for at de blir tatt i bruk.",
        "Færre spør om hva brevet betyr",
        "Jeg vil øve på å skrive kortere.",
    ),
    Wish(
        "Lede et lite prosjekt på tvers av seksjonene",
        "Være prosjektleder for én utprøving, med veiledning fra en som har gjort det før.",
        "Gir mandat og tid, og er sparringspartner underveis.",
        "Prosjektet er evaluert sammen med deltakerne",
        "Jeg vil ha mer ansvar, og trenger å øve på å lede uten å være sjef.",
    ),
    Wish(
        "Lære bort det jeg kan om arkiv",
        "Skrive ned rutinene og lære opp to kolleger før jeg slutter.",
        "Fritar for annet arbeid en dag i uka.",
        "To kolleger gjør oppgavene alene",
        "Jeg trenger tid til å dele det jeg kan.",
    ),
)


def _wish(desk: Desk) -> Wish:
    return WISHES[desk.place % len(WISHES)]


def _first(desk: Desk, name: str, otherwise: str | None) -> str | None:
    ids = desk.ids(name)
    return ids[desk.place % len(ids)] if ids else otherwise


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _talk_invitation(desk: Desk) -> Answers:
    near_the_pause = desk.now.month in {6, 7}  # days in July do not count as days ahead
    day = desk.after((45 if near_the_pause else 17) + desk.place % 5)
    at = datetime.fromisoformat(f"{day}T{9 + desk.place % 6:02}:00:00").replace(tzinfo=desk.zone)
    return {
        "talk_at": at.isoformat(),
        "place": "Møterom Utsikten",
        "topics": "1. Siden sist\n2. Det enheten trenger framover\n3. Det du trenger og ønsker\n4. Mål og tiltak",
    }


def _preparation_employee(desk: Desk) -> Answers:
    wish = _wish(desk)
    measure = _first(desk, "proposals", None)
    return {
        "look_back": "Jeg er mest fornøyd med at vi fikk unna de eldste sakene.",
        "likes": "Kollegene, og at jeg får styre dagen min selv.",
        "wants_changed": "Færre møter uten saksliste.",
        "own_needs": wish.need,
        "measures": [measure] if measure else [],
        "participation": "Jeg blir gjerne med på opplæringen, og kan hjelpe andre etterpå.",
        "goals": [{"goal": wish.goal, "area": _first(desk, "proposed_areas", OTHER_AREA), "measure": measure}],
        "career_wish": "Om et par år vil jeg gjerne lede et fagområde." if desk.place % 3 == 0 else None,
        "share": desk.place % 2 == 0,
    }


def _preparation_manager(desk: Desk) -> Answers:
    measure = _first(desk, "proposals", None)
    return {
        "feedback": "Du har holdt motet oppe i gruppa i en travel høst, og det har smittet.",
        "measures": [measure] if measure else [],
        "goals": [{"goal": _wish(desk).goal, "area": _first(desk, "proposed_areas", OTHER_AREA), "measure": measure}],
        "share": desk.place % 2 == 1,
        "begin_now": False,
    }


def _development_plan(desk: Desk) -> Answers:
    """As it stands where there is a plan already, else a new one."""
    before = [
        {name: _plain(row.get(name)) for name in PLAN} | {"row-id": row["id"]}
        for row in desk.context.get("goals") or ()
    ]
    wish = _wish(desk)
    goal = {
        "goal": wish.goal,
        "area": _first(desk, "proposed_areas", OTHER_AREA),
        "measure": _first(desk, "proposals", None),
        "activity": wish.activity,
        "support": wish.support,
        "due": desk.after(180),
        "indicator": wish.indicator,
    }
    return {"held_on": desk.today, "goals": before or [goal]}


def _plan_reference(desk: Desk) -> Answers:
    return {"held_on": desk.today, "agreed": True, "reference": f"Personalsystemet, plan {1000 + desk.place}"}


def _plan_confirmation(_desk: Desk) -> Answers:
    return {"agreement": "agree"}


def _plan_follow_up(desk: Desk) -> Answers:
    goals = [
        {
            "row-id": row["id"],
            "goal_id": row["id"],
            "area": row.get("area"),
            "measure": row.get("measure"),
            "status": "under_way",
            "effect": 2 + desk.place % 4,
            "comment": "Det går framover, litt saktere enn planlagt.",
        }
        for row in desk.context.get("goals") or ()
    ]
    return {"goals": goals} if goals else {"followed_up": True}


ANSWERS: Final[Mapping[str, Callable[[Desk], Answers]]] = {
    "talk-invitation": _talk_invitation,
    "talk-preparation-employee": _preparation_employee,
    "talk-preparation-manager": _preparation_manager,
    "development-plan": _development_plan,
    "plan-reference": _plan_reference,
    "plan-confirmation": _plan_confirmation,
    "plan-follow-up": _plan_follow_up,
}
