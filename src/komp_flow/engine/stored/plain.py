"""Values from outside: refused where they cannot be stored, and told as JSON has them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from komp_flow.engine.memory import values
from komp_flow.errors import Invalid
from komp_flow.i18n import _


def require_storable(given: Mapping[str, object]) -> None:
    """Invalid: values from outside that cannot be written as JSON, such as half a character."""
    try:
        values.to_json(dict(given))
    except (TypeError, ValueError) as error:
        said = _(
            "Ingenting er endret: noe av det som ble sendt, er ikke gyldig tekst eller tall. Rett det og send igjen."
        )
        raise Invalid(said) from error


def plain(value: Any) -> Any:
    """As JSON has it: dates as ISO texts, decimals as numbers (as texts where a number would round them)."""
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, Decimal):
        number = int(value) if value == value.to_integral_value() else float(value)
        return number if Decimal(str(number)) == value else str(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)
