"""Answers of a form as the kinds of the columns: a date may come as a date or as text, a number as text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from komp_flow.i18n import _

TRUE = frozenset({"true", "yes", "ja", "1"})
FALSE = frozenset({"false", "no", "nei", "0"})


def day(value: object) -> date | None:
    """A date, from a date, a date-time or ISO text; None from nothing. Raises ValueError."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError as error:
        raise ValueError(_("Skriv datoen som år-måned-dag, for eksempel 2027-03-01.")) from error


def integer(value: object) -> int | None:
    """A whole number; None from nothing. Raises ValueError."""
    number = decimal(value)
    if number is None:
        return None
    if number != int(number) or abs(number) > 2**31 - 1:
        raise ValueError(_("Skriv et helt tall."))
    return int(number)


def decimal(value: object) -> Decimal | None:
    """A number; None from nothing. Raises ValueError."""
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError(_("Skriv et tall.")) from error
    if not number.is_finite():
        raise ValueError(_("Skriv et tall."))
    return number


def truth(value: object) -> bool:
    """Yes or no. Raises ValueError."""
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text in TRUE:
        return True
    if text in FALSE:
        return False
    raise ValueError(_("Svar ja eller nei."))


def plain(value: object) -> Any:
    """The value as JSON holds it: dates as text, numbers as they are where that loses nothing."""
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else str(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)
