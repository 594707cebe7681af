"""Small parts of sentences: names in quotes, things in a row, numbers and lengths of time in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final

from babel.dates import format_date

from komp_flow.feel import CalendarDuration
from komp_flow.i18n import _, _l, language

LONGEST_NAME: Final = 160
MOST_LISTED: Final = 12

NUMBERS: Final = (
    _l("null"), _l("én"), _l("to"), _l("tre"), _l("fire"), _l("fem"), _l("seks"), _l("sju"), _l("åtte"), _l("ni"),
    _l("ti"), _l("elleve"), _l("tolv"), _l("tretten"), _l("fjorten"), _l("femten"),
)  # fmt: skip
ORDINALS: Final = (
    _l("første"), _l("andre"), _l("tredje"), _l("fjerde"), _l("femte"), _l("sjette"), _l("sjuende"), _l("åttende"),
)  # fmt: skip
ONE: Final[Mapping[str, str]] = {
    "year": _l("ett år"), "month": _l("én måned"), "week": _l("én uke"), "day": _l("én dag"), "hour": _l("én time"),
    "minute": _l("ett minutt"), "second": _l("ett sekund"), "working day": _l("én virkedag"),
}  # fmt: skip


def tidy(text: object) -> str:
    """A name on one line, cut where it is too long to be one."""
    said = " ".join(str(text or "").split())
    return said if len(said) <= LONGEST_NAME else said[: LONGEST_NAME - 1] + "…"


def quoted(name: object) -> str:
    """«Navn»"""
    return _("«%(name)s»", name=tidy(name))


def capital(text: str) -> str:
    """With a capital first, also inside a quotation mark's reach: «x» stays."""
    return text[:1].upper() + text[1:]


def both(items: Iterable[str]) -> str:
    """«A, B og C»"""
    return _row(items, "og")


def either(items: Iterable[str]) -> str:
    """«A, B eller C»"""
    return _row(items, "eller")


def _row(items: Iterable[str], word: str) -> str:
    found = list(dict.fromkeys(items))
    if len(found) > MOST_LISTED:
        found = [*found[:MOST_LISTED], _("flere")]
    if len(found) < 2:
        return found[0] if found else ""
    first, last = ", ".join(found[:-1]), found[-1]
    if word == "og":
        return _("%(first)s og %(last)s", first=first, last=last)
    return _("%(first)s eller %(last)s", first=first, last=last)


def number(count: int) -> str:
    """Small numbers in words, larger in digits."""
    return str(NUMBERS[count]) if 0 <= count < len(NUMBERS) else str(count)


def ordinal(place: int) -> str:
    """«første» of 1."""
    return str(ORDINALS[place - 1]) if 1 <= place <= len(ORDINALS) else _("%(place)s.", place=place)


def counted(count: int, unit: str) -> str:
    """«fem virkedager»"""
    return str(ONE[unit]) if count == 1 else _many(unit, number(count))


def _many(unit: str, count: str) -> str:
    match unit:
        case "year":
            return _("%(count)s år", count=count)
        case "month":
            return _("%(count)s måneder", count=count)
        case "week":
            return _("%(count)s uker", count=count)
        case "day":
            return _("%(count)s dager", count=count)
        case "hour":
            return _("%(count)s timer", count=count)
        case "minute":
            return _("%(count)s minutter", count=count)
        case "second":
            return _("%(count)s sekunder", count=count)
    return _("%(count)s virkedager", count=count)


def length(duration: CalendarDuration) -> str:
    """«to år, én måned og fjorten dager»; the sign is left out."""
    months, seconds = abs(duration.months), abs(duration.total_seconds)
    days, rest = divmod(int(seconds), 86400)
    weeks, days = (days // 7, 0) if days >= 14 and days % 7 == 0 and days <= 70 else (0, days)
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    parts = (
        (months // 12, "year"), (months % 12, "month"), (weeks, "week"), (days, "day"), (hours, "hour"),
        (minutes, "minute"), (rest, "second"),
    )  # fmt: skip
    return both(counted(count, unit) for count, unit in parts if count) or counted(0, "day")


def day(value: date) -> str:
    """«1. mars 2027», in the language that is spoken."""
    spoken = language()
    return format_date(value, "d MMMM y" if spoken == "en" else "d. MMMM y", locale=spoken)


def clock(value: time) -> str:
    """«10.30»"""
    return f"{value:%H:%M}" if language() == "en" else f"{value:%H.%M}"


def moment(value: date) -> str:
    """A date, or a date with the time of day."""
    if isinstance(value, datetime):
        return _("%(day)s kl. %(clock)s", day=day(value), clock=clock(value.time()))
    return day(value)


def figure(value: object) -> str:
    """A number as it is written here."""
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if language() == "en" else text.replace(".", ",")
