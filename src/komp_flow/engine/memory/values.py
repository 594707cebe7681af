"""Values that variables may hold, as JSON: what JSON lacks (dates, durations, …) is tagged and comes back typed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import orjson

from komp_flow.engine.errors import Fault
from komp_flow.feel import CalendarDuration
from komp_flow.i18n import _

MAX_VALUE = 256_000  # bytes of one variable as JSON
TAG = "\0"  # never a key of what comes from outside: `require_keepable` sees to it
_SAFE = 2**53
_ESCAPED = b"\\u0000"
_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS | orjson.OPT_PASSTHROUGH_DATACLASS

_WRITE: dict[type, tuple[str, Callable[[Any], str]]] = {
    datetime: ("t", datetime.isoformat),
    date: ("d", date.isoformat),
    time: ("h", time.isoformat),
    Decimal: ("n", str),
    CalendarDuration: ("p", lambda value: f"{value.months},{value.days},{value.seconds}"),
}
_READ: dict[str, Callable[[str], Any]] = {
    "t": datetime.fromisoformat,
    "d": date.fromisoformat,
    "h": time.fromisoformat,
    "n": Decimal,
    "p": lambda text: _duration(*text.split(",")),
}


def to_json(value: object) -> bytes:
    """JSON with tags. TypeError: a value of a kind that cannot be kept, a set or a function."""
    return orjson.dumps(value, default=_plain, option=_OPTIONS)


def from_json(raw: bytes) -> Any:
    """What `to_json` wrote, typed again."""
    value = orjson.loads(raw)
    return _rich(value) if _ESCAPED in raw else value


def require_keepable(name: str, value: object) -> None:
    """Fault, told with the variable's name: too big, or of a kind that cannot be kept."""
    if value is None or isinstance(value, bool | Decimal | date):
        return
    try:
        raw = to_json(value)
    except (TypeError, ValueError) as error:
        raise Fault(_("Verdien av «%(name)s» kan ikke lagres: %(reason)s", name=name, reason=error)) from error
    if len(raw) > MAX_VALUE:
        raise Fault(_("Verdien av «%(name)s» er for stor. Legg teksten i et skjema, ikke i prosessen.", name=name))
    if _ESCAPED in raw and _is_tagged(value):
        raise Fault(_("Verdien av «%(name)s» har et feltnavn som ikke er tillatt.", name=name))


def as_text(value: object) -> str:
    """A correlation key as text; null is the empty text, 1 and 1.0 are the same key."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        number = Decimal(str(value))
        whole = number.to_integral_value()
        return str(int(whole)) if number == whole else format(number.normalize(), "f")
    if isinstance(value, date | time):
        return value.isoformat()
    return to_json(value).decode()


def _duration(months: str, days: str, seconds: str) -> CalendarDuration:
    return CalendarDuration(int(months), int(days), Decimal(seconds))


def _plain(value: object) -> object:
    if isinstance(value, Decimal) and value.as_tuple().exponent == 0 and abs(value) < _SAFE:
        return int(value)  # FEEL reads it back as the same number
    for kind, (tag, write) in _WRITE.items():
        if isinstance(value, kind):
            return {TAG: tag + write(value)}
    raise TypeError(type(value).__name__)


def _rich(value: Any) -> Any:
    if isinstance(value, dict):
        tagged = value.get(TAG)
        return _READ[tagged[0]](tagged[1:]) if tagged is not None else {k: _rich(v) for k, v in value.items()}
    return [_rich(item) for item in value] if isinstance(value, list) else value


def _is_tagged(value: Any) -> bool:
    if isinstance(value, dict):
        return TAG in value or any(_is_tagged(item) for item in value.values())
    return isinstance(value, list) and any(_is_tagged(item) for item in value)
