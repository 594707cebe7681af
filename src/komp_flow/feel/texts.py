"""The functions on texts, and how every value looks as a text."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import re2

from komp_flow.feel.durations import CalendarDuration
from komp_flow.feel.errors import FeelError
from komp_flow.feel.registry import function
from komp_flow.feel.values import DEEPEST, NUMBERS, Run, finite, span, too_long
from komp_flow.i18n import _

LONGEST_PATTERN = 500

_PLAIN_KEY = re.compile(r"[A-Za-z0-9_]*")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,6})?")


def text(value: object, run: Run) -> str:
    """A value as FEEL's `string` shows it; null is `null` here, inside lists and contexts too."""
    return value if isinstance(value, str) else too_long(_shown(value, run, 0))


def _shown(value: object, run: Run, depth: int) -> str:
    run.spend(1)
    if depth > DEEPEST:
        raise FeelError(_("Dataene er for store eller for dypt nøstet til å brukes i et uttrykk."))
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, str):
        run.spend(len(value) // 100)
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list):
        return "[" + ", ".join(_shown(item, run, depth + 1) for item in value) + "]"
    if isinstance(value, dict):
        entries = (f"{_key(key, run)}: {_shown(item, run, depth + 1)}" for key, item in value.items())
        return "{" + ", ".join(entries) + "}"
    return _shown_time(value)


def _shown_time(value: object) -> str:
    if isinstance(value, CalendarDuration):
        return str(value)
    if isinstance(value, datetime | time):
        return f"{_naive(value)}{_offset(value)}"
    return value.isoformat() if isinstance(value, date) else "<range>"


def _key(key: str, run: Run) -> str:
    return key if _PLAIN_KEY.fullmatch(key) else _shown(key, run, 0)


def _naive(value: datetime | time) -> str:
    spoken = value.replace(tzinfo=None)
    if value.microsecond % 1000 == 0:
        return spoken.isoformat(timespec="milliseconds" if value.microsecond else "seconds")
    return spoken.isoformat(timespec="microseconds").rstrip("0")


def _offset(value: datetime | time) -> str:
    if value.tzinfo is None:
        return ""
    if isinstance(value.tzinfo, ZoneInfo):
        return f"@{value.tzinfo.key}"
    shown = value.isoformat()[len(value.replace(tzinfo=None).isoformat()) :]
    return "Z" if shown == "+00:00" else shown


def number_text(number: Decimal) -> str:
    """Without trailing zeros, and without an exponent as far as 34 digits reach."""
    if not number:
        return "0"
    plain = number.normalize(NUMBERS)
    if not -34 <= plain.adjusted() < 34:
        return str(plain)
    return f"{plain:f}"


@function("string", "from: any")
def _string(run: Run, value: object) -> str | None:
    return None if value is None else text(value, run)


@function("number", "from: string", "grouping separator: string?", "decimal separator: string?")
def _number(run: Run, value: str, grouping: str | None, point: str | None) -> Decimal | None:
    if grouping and grouping == point:
        return None
    run.spend(len(value) // 100)
    if grouping:
        value = value.replace(grouping, "")
    if point and point != ".":
        value = value.replace(".", "#").replace(point, ".")
    value = value.strip()
    if len(value) > 1000 or not _NUMBER.fullmatch(value):
        return None
    return finite(NUMBERS.create_decimal(value))


@function("substring", "string: string", "start position: number", "length: number=")
def _substring(run: Run, string: str, start: Decimal, length: Decimal | None) -> str | None:
    """By code points, from 1, or from the end if negative. Null before the first character."""
    part = span(len(string), start, length)
    if part is None:
        return None
    run.spend((part.stop - part.start) // 100)
    return string[part]


@function("string length", "string: string")
def _string_length(_run: Run, string: str) -> Decimal:
    return Decimal(len(string))


@function("upper case", "string: string")
def _upper_case(run: Run, string: str) -> str:
    run.spend(len(string) // 100)
    return too_long(string.upper())


@function("lower case", "string: string")
def _lower_case(run: Run, string: str) -> str:
    run.spend(len(string) // 100)
    return too_long(string.lower())


@function("contains", "string: string", "match: string")
def _contains(run: Run, string: str, match: str) -> bool:
    run.spend(len(string) // 100)
    return match in string


@function("starts with", "string: string", "match: string")
def _starts_with(_run: Run, string: str, match: str) -> bool:
    return string.startswith(match)


@function("ends with", "string: string", "match: string")
def _ends_with(_run: Run, string: str, match: str) -> bool:
    return string.endswith(match)


@function("matches", "input: string", "pattern: string", "flags: string?")
def _matches(run: Run, string: str, pattern: str, flags: str | None) -> bool | None:
    """Whether the pattern is found anywhere. Null for a pattern or flag that RE2 does not know."""
    found = _compiled(pattern, flags or "")
    run.spend(5 + len(string) // 20)
    if found is None or not _plain(string):
        return None
    return found.search(string) is not None


@function("split", "string: string", "delimiter: string")
def _split(run: Run, string: str, delimiter: str) -> list[object] | None:
    found = _compiled(delimiter, "")
    run.spend(5 + len(string) // 20)
    if found is None or not _plain(string):
        return None
    return _parts(string, found.finditer, run)


def _parts(string: str, matches: Callable[[str], Any], run: Run) -> list[object]:
    """As JavaScript splits: an empty match cuts between characters, never at the ends."""
    parts: list[object] = []
    begin = 0
    for match in matches(string):
        run.spend(1)
        if match.end() > begin and match.start() < len(string):
            parts.append(string[begin : match.start()])
            begin = match.end()
    return [*parts, string[begin:]] if string or parts or not _matches_empty(matches) else []


def _matches_empty(matches: Callable[[str], Any]) -> bool:
    return any(True for _match in matches(""))


@lru_cache(256)
def _compiled(pattern: str, flags: str) -> Any:
    """A pattern in RE2, which needs time in proportion to the text whatever the pattern; None for a bad one."""
    if len(pattern) > LONGEST_PATTERN or not set(flags) <= set("smi") or not _plain(pattern):
        return None
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    inline = "".join(sorted(set(flags)))
    try:
        return re2.compile(f"(?{inline}){pattern}" if inline else pattern, options)
    except re2.error:
        return None


def _plain(string: str) -> bool:
    """Whether the text can be written as UTF-8: halves of a surrogate pair cannot."""
    return string.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in string)


@function("string join", "list: list", "delimiter: string?")
def _string_join(run: Run, items: list[object], delimiter: str | None) -> str | None:
    run.spend(len(items))
    texts = [item for item in items if item is not None]
    if not all(isinstance(item, str) for item in texts):
        return None
    length = sum(len(item) for item in texts) + len(delimiter or "") * len(texts)  # type: ignore[arg-type, misc]
    run.spend(length // 100)
    return too_long((delimiter or "").join(texts))  # type: ignore[arg-type]
