"""Answers as they are kept, as expressions see them, and as people write them in Norwegian."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import TypeVar
from zoneinfo import ZoneInfo

from komp_flow.forms import limits
from komp_flow.forms.components import When
from komp_flow.i18n import _

Number = int | Decimal
Day = TypeVar("Day", date, datetime)

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DATE_IN_TEXT = re.compile(r"(?<![\w-])(\d{4})-(\d\d)-(\d\d)(?![\w-])", re.ASCII)
_TIME = re.compile(r"\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?", re.ASCII)
_DATETIME = re.compile(rf"({_DATE.pattern})T({_TIME.pattern})", re.ASCII)
_NORWEGIAN_DATE = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})", re.ASCII)
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009]")
_PLAIN_NUMBER = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?", re.ASCII)
# Controls but for tab and line ends, and halves of characters: Unicode's categories Cc and Cs, which are settled.
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# «1.000» is a thousand; «1.5», «0.125» and «1.0000» can only be decimals.
_NORWEGIAN_NUMBER = re.compile(r"[+-]?(\d{1,30}|[1-9]\d{0,2}(\.\d{3}){1,5})(,\d{1,30})?", re.ASCII)


def shortest(number: Decimal) -> Number:
    """An int where the number is whole, else a Decimal without trailing zeros."""
    if number == number.to_integral_value():
        return int(number)
    return number.normalize()


def number(value: object) -> Number | None:
    """A JSON number, or the text of one with a decimal point, within the bounds; None where it is neither."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    if isinstance(value, str) and not _PLAIN_NUMBER.fullmatch(value):
        return None
    if isinstance(value, int) and abs(value) > limits.NUMBER:
        return None
    try:
        exact = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    except InvalidOperation:
        return None
    if not exact.is_finite() or abs(exact) > limits.NUMBER:
        return None
    return shortest(exact)


def written_number(text: str) -> Number | None:
    """A number as Norwegians write it: «1 000,5», «1.000,5», «−3», and also «1000.5». None where it is none."""
    bare = _SPACES.sub("", text).replace("−", "-").replace("–", "-")
    if _NORWEGIAN_NUMBER.fullmatch(bare):
        return number(bare.replace(".", "").replace(",", "."))
    return number(bare)


def decimals(value: Number) -> int:
    """How many digits stand after the decimal point."""
    exponent = Decimal(value).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def number_text(value: Number) -> str:
    """A number as form-js's `serializeToString` keeps it: with a point, without an exponent."""
    return format(Decimal(value), "f")


def norwegian_number(value: object, *, grouped: bool = False) -> str:
    """A number with a decimal comma; `grouped` sets a hard space between thousands."""
    found = number(value)
    if found is None:
        return str(value)
    whole, _point, rest = number_text(abs(Decimal(found))).partition(".")
    if grouped and len(whole) > 4:
        whole = f"{int(whole):,}".replace(",", "\u00a0")
    sign = "−" if grouped and found < 0 else "-" if found < 0 else ""
    return f"{sign}{whole}{',' + rest if rest else ''}"


def when(part: When, value: object, zone: ZoneInfo, now: datetime) -> date | time | datetime | None:
    """A date, a local time of day, or an aware instant in `zone`; None where `value` is not one."""
    if not isinstance(value, str):
        return _already(part, value, zone)
    try:
        if part.part == "date":
            return _within(date.fromisoformat(value)) if _DATE.fullmatch(value) else None
        if part.part == "time":
            return _clock(value, zone, now) if _TIME.fullmatch(value) else None
        if _DATETIME.fullmatch(value):
            found = datetime.fromisoformat(value)
            return _within(_local(found, zone))
    except (ValueError, OverflowError):
        return None
    return None


def _already(part: When, value: object, zone: ZoneInfo) -> date | time | datetime | None:
    """A value that an expression made: kept where it is of the field's kind."""
    if isinstance(value, datetime):
        return _local(value, zone) if part.part == "datetime" else value.date() if part.part == "date" else None
    if isinstance(value, date):
        return value if part.part == "date" else None
    return value.replace(tzinfo=None) if isinstance(value, time) and part.part == "time" else None


def _local(found: datetime, zone: ZoneInfo) -> datetime:
    aware = found if found.tzinfo else found.replace(tzinfo=zone)
    # By way of UTC, so that a time that does not exist moves forward (dialect.md Time).
    return aware.astimezone(UTC).astimezone(zone).replace(second=0, microsecond=0)


def _clock(value: str, zone: ZoneInfo, now: datetime) -> time:
    found = time.fromisoformat(value)
    if found.tzinfo:
        today = now.astimezone(zone).date()
        found = datetime.combine(today, found).astimezone(zone).time()
    return found.replace(second=0, microsecond=0)


def _within(found: Day) -> Day | None:
    return found if limits.YEARS[0] <= found.year <= limits.YEARS[1] else None


def iso(part: When, found: date | time | datetime, zone: ZoneInfo, now: datetime) -> str:
    """The answer as it is kept, as form-js writes it."""
    if isinstance(found, date) and not isinstance(found, datetime):
        return found.isoformat()
    at = found if isinstance(found, datetime) else datetime.combine(now.astimezone(zone).date(), found, zone)
    if part.offset == "no_timezone":
        text = at.astimezone(zone).replace(tzinfo=None).isoformat(timespec="minutes")
    elif part.offset == "utc_offset":
        text = at.isoformat(timespec="minutes")
    else:
        text = at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="minutes") + "Z"
    return text if isinstance(found, datetime) else text.partition("T")[2]


def local_text(part: When, value: object, zone: ZoneInfo, now: datetime) -> str:
    """What stands in the browser's date or time field: local, without an offset. Unreadable text stays as typed."""
    found = when(part, value, zone, now)
    if isinstance(found, datetime):
        return found.replace(tzinfo=None).isoformat(timespec="minutes")
    if isinstance(found, time):
        return found.isoformat(timespec="minutes")
    if isinstance(found, date):
        return found.isoformat()
    return value if isinstance(value, str) else ""


def written_date(text: str) -> str:
    """A date that was typed by hand as «31.12.2027» in ISO; anything else as it is."""
    found = _NORWEGIAN_DATE.fullmatch(text)
    return f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}" if found else text


def norwegian_dates(text: str) -> str:
    """A sentence that an expression put together, with its ISO dates as people write them."""
    return _DATE_IN_TEXT.sub(lambda found: f"{found[3]}.{found[2]}.{found[1]}", text)


def clean_text(text: str) -> str:
    """Text from a browser: lines end with a newline, and control characters that nobody can see are gone."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNSTORABLE.sub("", text)


def storable(text: str) -> bool:
    """Whether a text has only characters that every database and mail can hold."""
    return _UNSTORABLE.search(text) is None


def shown(value: object, zone: ZoneInfo | None = None) -> str:
    """Any value of an expression or a register as a person reads it; empty for null."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Ja") if value else _("Nei")
    if isinstance(value, int | float | Decimal):
        return norwegian_number(value, grouped=True)
    if isinstance(value, str):
        return _shown_text(value, zone)
    if isinstance(value, datetime):
        local = value.astimezone(zone) if zone and value.tzinfo else value
        return local.strftime("%d.%m.%Y kl. %H.%M")
    if isinstance(value, date):
        return value.strftime("%d.%m.%Y")
    if isinstance(value, time):
        return value.strftime("%H.%M")
    if isinstance(value, list | tuple):
        return ", ".join(filter(None, (shown(each, zone) for each in value)))
    if isinstance(value, Mapping):
        return shown(value.get("label", value.get("name", value.get("id"))), zone)
    return str(value)


def _shown_text(text: str, zone: ZoneInfo | None) -> str:
    try:
        if _DATE.fullmatch(text):
            return shown(date.fromisoformat(text))
        if _DATETIME.fullmatch(text):
            return shown(datetime.fromisoformat(text), zone)
    except ValueError:
        pass
    return text
