"""What every page has at hand: assets, dates and times in words, the reader and where they may go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from flask import Flask, current_app, g, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge

from komp_flow import i18n
from komp_flow.i18n import _, _l, ngettext
from komp_flow.organisation.reasons import NAMES as ROLES
from komp_flow.work.policy import Permission

LANGUAGES = {"nb": "Bokmål", "nn": "Nynorsk", "en": "English"}  # each in its own words
LONGEST_CODE = 36  # ids and choices are no longer than this; what people write is, or has spaces
MOST_TYPED = 200
CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'self'; frame-ancestors 'none'; form-action 'self'"
)
DATES_KEPT = 2_000  # in words


def install(app: Flask, assets: dict[str, str]) -> None:
    """Give the templates their filters and names."""

    def asset(name: str) -> str:
        return url_for("static", filename=f"dist/{assets[name]}")

    app.jinja_env.globals["asset"] = asset
    app.jinja_env.globals["built"] = assets.__contains__
    app.jinja_env.filters.update(short=short, day=day, moment=moment, due=due, role=role)

    @app.context_processor
    def reader() -> dict[str, object]:
        who = g.get("actor")
        return {
            "language": i18n.language(),
            "languages": LANGUAGES,
            "actor": who,
            "demo": app.extensions["komp_flow"].demo,
            "reader_name": g.get("reader_name", ""),
            "navigation": _navigation() if who else None,
        }


class Talk(Protocol):
    """What is said of a talk: its status and its dates."""

    status: str
    talk_at: datetime | None
    held_on: date | None
    closed_at: datetime | None
    postponed_until: date | None


@dataclass(frozen=True)
class Item:
    """One entry of the main menu."""

    name: str
    url: str
    current: bool


@dataclass(frozen=True)
class Navigation:
    """The main menu: what the reader uses often, and the rest under «Mer»."""

    first: tuple[Item, ...]
    more: tuple[Item, ...]


@dataclass(frozen=True)
class Place:
    """Where one may go: for those with the permission `needs`, with `leaders` for those who lead somebody.

    `beside`: other pages of the same place.
    """

    name: str
    endpoint: str
    needs: Permission | None = None
    leaders: bool = False
    beside: tuple[str, ...] = ()


RESULTS: Final = ("registers.register", "registers.row")
# Few, and the same on a phone: what somebody comes for. Everything else is under «Mer».
FIRST: Final = (
    Place(_l("Mine oppgaver"), "inbox.front", beside=("inbox.open_task", "inbox.receipt")),
    Place(_l("Min enhet"), "unit.mine", leaders=True, beside=("unit.one",)),
    Place(_l("Samtaler"), "talks.sheet", leaders=True, beside=("talks.invite", "talks.invite_all")),
    Place(_l("Min utviklingsplan"), "plan.mine", beside=("plan.of_person", "plan.comment")),
    Place(_l("Oversikt"), "monitor.board", Permission.SEE_BOARD),
    Place(_l("Syklusen"), "cycle.now", beside=("cycle.strategy", "cycle.process", "cycle.glossary")),
    Place(_l("Resultater"), "registers.overview", Permission.SEE_BOARD, beside=RESULTS),
)
STUDIO: Final = (
    "studio.begin", "studio.drawing", "studio.proposal", "studio.publish", "studio.process_versions",
    "studio.form_versions", "studio.process_beside", "studio.form_beside", "studio.process_again", "studio.form_again",
)  # fmt: skip
MORE: Final = (
    Place(_l("Resultater"), "registers.overview", beside=RESULTS),
    Place(_l("Varsler"), "monitor.notices"),
    Place(_l("Årsløp"), "monitor.instances", Permission.SEE_INSTANCES, beside=("monitor.instance",)),
    Place(_l("Kalender"), "monitor.calendar", Permission.MOVE_DATES),
    Place(
        _l("Folk og enheter"),
        "people.overview",
        Permission.SEE_STAFF,
        beside=("people.person", "people.import_page", "people.closed_unit"),
    ),
    Place(_l("Vikarer"), "own.substitutes", Permission.SUBSTITUTE),
    Place(_l("Prosesser"), "monitor.processes", Permission.PUBLISH),
    Place(_l("Studio"), "studio.home", Permission.DRAW, beside=STUDIO),
    Place(_l("E-post"), "mail.overview", Permission.SEE_MAIL),
)


def _navigation() -> Navigation:
    """Where the reader may go. `g.permissions` and `g.leads` were set when the reader was known."""
    first = _items(FIRST)
    return Navigation(first, tuple(item for item in _items(MORE) if item not in first))


def _items(places: Iterable[Place]) -> tuple[Item, ...]:
    given = g.get("permissions", frozenset())
    return tuple(
        Item(str(place.name), url_for(place.endpoint), request.endpoint in {place.endpoint, *place.beside})
        for place in places
        if (place.needs is None or place.needs in given) and (not place.leaders or g.get("leads", False))
    )


def zone() -> ZoneInfo:
    """The organisation's time zone."""
    found: ZoneInfo = current_app.extensions["komp_flow"].zone
    return found


def day(value: date | datetime | None) -> str:
    """«4. januar 2027»."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(zone()).date()
    return _day(value, _locale())


def moment(value: datetime | None) -> str:
    """«4. januar 2027 kl. 09.00»."""
    if value is None:
        return ""
    local = value.astimezone(zone())
    return _moment(local.replace(second=0, microsecond=0, tzinfo=None), _locale())


# A list says the same few days again and again, and Babel takes each one's pattern apart anew.
@lru_cache(maxsize=DATES_KEPT)
def _day(value: date, locale: str) -> str:
    return format_date(value, "long", locale=locale)


@lru_cache(maxsize=DATES_KEPT)
def _moment(local: datetime, locale: str) -> str:
    return format_datetime(local, "d. MMMM y 'kl.' HH.mm", locale=locale)


def short(name: str) -> str:
    """«Fase 1» of «Fase 1 · Leders forarbeid»."""
    return name.split(" · ", 1)[0]


def talk(line: Talk | None) -> str:
    """How far a talk is, with its dates and nothing else."""
    if line is None:
        return "–"
    match line.status:
        case "invited" if line.talk_at:
            return _("Avtalt til %(when)s", when=moment(line.talk_at))
        case "held":
            return _("Holdt %(day)s", day=day(line.held_on or line.talk_at))
        case "closed":
            return _("Ferdig %(day)s", day=day(line.closed_at))
        case "declined":
            return _("Takket nei")
        case "postponed":
            until = line.postponed_until
            return _("Utsatt til %(day)s", day=day(until)) if until else _("Utsatt")
        case "cancelled":
            return _("Bortfalt")
    return _("Ikke avtalt ennå")


def role(name: str) -> str:
    """A role as people call it."""
    return str(ROLES.get(name, name))


def due(value: datetime | None) -> str:
    """How far off a due date is, in days as people count them: «i dag», «om 3 dager», «2 dager over fristen»."""
    if value is None:
        return ""
    days = (value.astimezone(zone()).date() - g.now.astimezone(zone()).date()) // timedelta(days=1)
    if days == 0:
        return _("i dag") if value >= g.now else _("gikk ut i dag")
    if days == 1:
        return _("i morgen")
    if days < 0:
        return ngettext("%(num)s dag over fristen", "%(num)s dager over fristen", -days)
    return ngettext("om %(num)s dag", "om %(num)s dager", days)


def _locale() -> str:
    return {"nb": "nb_NO", "nn": "nn_NO", "en": "en_GB"}[i18n.language()]


def signed_out() -> str:
    """What to tell one who sends something after their session ended. What they typed is on the same page."""
    return _(
        "Økten din er over, så det du sendte, er ikke tatt imot. Det som ble lagret som utkast mens du skrev, ligger i "
        "oppgaven. Logg inn igjen, så kommer du rett tilbake til den."
    )


def typed() -> list[str]:
    """The free text of a task's form that could not be taken, so that the page can give it back to be copied."""
    if not request.path.startswith("/tasks/"):
        return []  # never a password
    sent = (
        value.strip()
        for key, values in _sent().lists()
        if not key.startswith("_") and key != "csrf_token"
        for value in values
    )
    return [value for value in sent if " " in value or "\n" in value or len(value) > LONGEST_CODE][:MOST_TYPED]


def again() -> list[tuple[str, str]]:
    """What a task's form sent with a token that is too old, for one who is signed in to send once more."""
    if not request.path.startswith("/tasks/"):
        return []
    return [(key, value) for key, value in _sent().items(multi=True) if key != "csrf_token"]


def _sent() -> MultiDict[str, str]:
    """The posted form; nothing where it was too large to be read."""
    try:
        return request.form
    except RequestEntityTooLarge:
        return MultiDict()


def error_title(status: int) -> str:
    """A status in plain words."""
    titles = {
        400: _("Forespørselen kunne ikke forstås"),
        401: _("Du er logget ut"),
        403: _("Du har ikke tilgang"),
        404: _("Fant ikke siden"),
        405: _("Dette går ikke her"),
        409: _("Noen kom deg i forkjøpet"),
        412: _("Noen har endret dette i mellomtiden"),
        413: _("Det ble for stort"),
        415: _("Formatet er ukjent"),
        422: _("Noe må rettes"),
        429: _("For mange forsøk"),
        503: _("Opptatt akkurat nå"),
        507: _("Det er ikke plass til mer"),
    }
    return titles.get(status, _("Noe gikk galt"))
