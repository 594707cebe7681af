"""The answers of the reference and ours in one form: JSON, with `{"@kind": …}` for the kinds that JSON lacks."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from komp_flow import feel

GOLDEN = Path(__file__).parent / "golden"

# The reference was asked with UTC as its local zone.
MOMENT = feel.Moment(datetime(2027, 1, 4, 8, tzinfo=UTC), ZoneInfo("UTC"))


def entries(file: str) -> list[dict[str, Any]]:
    return json.loads((GOLDEN / file).read_text("utf-8"))


def taken(value: Any) -> Any:
    """`{"@": "2027-01-31"}` in a context stands for what the literal `@"2027-01-31"` gives."""
    if isinstance(value, list):
        return [taken(item) for item in value]
    if isinstance(value, dict):
        if "@" in value:
            return feel.evaluate(f'@"{value["@"]}"', {}, MOMENT)
        return {key: taken(item) for key, item in value.items()}
    return value


def told(value: object) -> Any:
    match value:
        case Decimal():
            return float(value)
        case list():
            return [told(item) for item in value]
        case dict():
            return {key: told(item) for key, item in value.items()}
        case feel.CalendarDuration():
            return {"@duration": [value.months, float(value.total_seconds)]}
        case feel.Range():
            return {"@range": [told(value.start), told(value.end), value.start_included, value.end_included]}
        case datetime():
            return {"@date and time": feel.shown(value, MOMENT)}
        case date():
            return {"@date": feel.shown(value, MOMENT)}
        case time():
            return {"@time": feel.shown(value, MOMENT)}
    return value


def answer(entry: dict[str, Any]) -> Any:
    try:
        return told(feel.evaluate(entry["expression"], taken(entry.get("context", {})), MOMENT))
    except feel.FeelSyntaxError:
        return {"@error": "syntax"}
    except feel.FeelError:
        return {"@error": "evaluation"}
